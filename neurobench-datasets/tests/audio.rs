//! WAV files that libsndfile wrote (`tests/data/audio/record_wav.py`).
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::path::Path;

use neurobench::data::{DataError, Dataset as _};
use neurobench::datasets::OnError;
use neurobench::datasets::audio::wav_folders;
use neurobench::model::Tensor;

/// Samples of a file, read from a folder of a class.
fn samples(name: &str) -> Result<Vec<f32>, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let class = folder.path().join("class");
    std::fs::create_dir(&class).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/audio").join(name);
    std::fs::copy(file, class.join(name)).unwrap();
    let data = wav_folders(folder.path().into(), 16_000, Some(7), 1, OnError::Fail)?;
    let (Tensor::F32(inputs), _) = data.batch(0..1)? else { unreachable!("clips are floats") };
    Ok(inputs.into_iter().collect())
}

#[test]
fn samples_are_those_that_libsndfile_wrote() {
    let written = [0, 16, -16, 64, -128, 127, 1].map(|sample| sample as f32 / 128.0);
    for name in ["pcm8.wav", "pcm8_list.wav", "pcm16.wav", "pcm24.wav", "pcm32_extensible.wav", "float.wav"] {
        assert_eq!(samples(name).unwrap(), written, "{name}");
    }
}

#[test]
fn kinds_of_samples_that_are_not_read_are_named() {
    for (name, found) in
        [("double.wav", "floats of 64 bits"), ("alaw.wav", "A-law of 8 bits"), ("ima_adpcm.wav", "IMA ADPCM of 4 bits")]
    {
        let message = samples(name).unwrap_err().to_string();
        let expected = format!(
            "{name}: found {found}; integers of 8, 16, 24 and 32 bits and floats of 32 bits are read: convert the file, for \
             example with `sox OLD.wav -e signed-integer -b 16 NEW.wav`"
        );
        assert!(message.ends_with(&expected), "{message}");
    }
}
