//! WAV files in a folder for each class.

use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset};
use neurobench_core::dataset;

use super::clips::{self, Clips};
use crate::recordings::{OnError, Recording, Recordings};

/// Your own audio: `FOLDER/CLASS/NAME.wav`, as inputs `f32` `[batch, channel, sample]` and classes `i64` `[batch]`.
///
/// Classes are numbered from 0 in the order of the names of their folders, and clips are ordered by class, then by name
/// (both by their bytes). Folders and files whose names begin with `.` or `_`, other files and deeper folders are skipped.
/// Clips that are shorter than `samples` end with zeros, longer ones are cut.
///
/// A file with another sample rate or number of channels, or one that is damaged, is an error that names it.
///
/// Clips of half a second in `sounds/dog/1.wav` and the like, at 8 kHz:
///
/// ```toml
/// [data]
/// dataset = "wav_folders"
/// folder = "sounds"
/// sample_rate = 8000
/// samples = 4000
/// ```
#[dataset]
pub fn wav_folders(
    /// Folder of the folders of classes.
    #[param]
    folder: InputPath,
    /// Sample rate of all files in Hz.
    #[param(default = 16_000, range = 1..=10_000_000)]
    sample_rate: u32,
    /// Number of samples of every clip; by default one second.
    #[param(default = None)]
    samples: Option<usize>,
    /// Number of channels of all files.
    #[param(default = 1, range = 1..=256)]
    channels: u16,
    /// Reaction to damaged files: `fail`, or `skip`, which decodes all files once and leaves out the damaged ones; a missing
    /// file is always an error.
    #[param(default = OnError::Fail)]
    on_error: OnError,
) -> Result<impl Dataset, DataError> {
    let folder = folder.as_ref();
    let samples = samples.unwrap_or(sample_rate as usize);
    // Enough for an hour at 44.1 kHz; a clip must fit into memory.
    const MOST_SAMPLES: usize = 1 << 28;
    if samples == 0 || samples > MOST_SAMPLES {
        return Err(DataError::Other(format!("`samples` must be between 1 and {MOST_SAMPLES}, not {samples}")));
    }
    let mut recordings = Vec::new();
    for (class, folder) in (0..).zip(clips::sorted(folder, true)?) {
        recordings.extend(clips::sorted(&folder, false)?.into_iter().map(|file| Recording { file, part: 0, class }));
    }
    if recordings.is_empty() {
        let folder = folder.display();
        return Err(DataError::Other(format!("{folder}: no WAV files; expected {folder}/CLASS/NAME.wav")));
    }
    let settings = &["sample_rate", "channels"];
    Recordings::new(folder, recordings, Clips { sample_rate, channels, bits: None, samples, settings }, on_error)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::clips::tests::write_wav;
    use super::*;

    fn open(folder: &Path, on_error: OnError) -> Result<impl Dataset, DataError> {
        wav_folders(folder.into(), 8000, Some(3), 1, on_error)
    }

    #[test]
    fn classes_are_numbered_by_the_names_of_their_folders() {
        let folder = tempfile::tempdir().unwrap();
        for (name, sample) in
            [("b/2.wav", 8192), ("b/1.WAV", 4096), ("a/9.wav", -28_672), ("c/deep/0.wav", 0), ("_noise/0.wav", 0)]
        {
            write_wav(&folder.path().join(name), 8000, &[sample]);
        }
        std::fs::write(folder.path().join("a/read.me"), "text").unwrap();
        let data = open(folder.path(), OnError::Fail).unwrap();
        let (inputs, classes) = data.batch(0..3).unwrap();
        let expected = ndarray::array![[[-0.875_f32, 0.0, 0.0]], [[0.125, 0.0, 0.0]], [[0.25, 0.0, 0.0]]];
        assert_eq!((inputs, classes), (expected.into(), ndarray::array![0_i64, 1, 1].into()));
        assert_eq!(data.files().len(), 3);
    }

    #[test]
    fn damaged_files_fail_or_are_counted_and_no_files_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let place = |message: String| message.replace(folder.path().to_str().unwrap(), "FOLDER");
        let error = open(folder.path(), OnError::Fail).err().unwrap().to_string();
        assert_eq!(place(error), "FOLDER: no WAV files; expected FOLDER/CLASS/NAME.wav");
        write_wav(&folder.path().join("a/1.wav"), 8000, &[1]);
        write_wav(&folder.path().join("a/2.wav"), 16_000, &[1]);
        let error = open(folder.path(), OnError::Fail).unwrap().batch(0..2).unwrap_err().to_string();
        assert!(place(error).starts_with("FOLDER/a/2.wav: the sample rate is 16000 Hz, but the setting"));
        let data = open(folder.path(), OnError::Skip).unwrap();
        assert_eq!(data.samples(), 1);
        assert!(data.notes()[0].starts_with("1 of 2 recordings could not be decoded and were left out"));
    }
}
