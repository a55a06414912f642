//! Clips of a fixed length, decoded from WAV files.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavSpec};
use ndarray::Array3;
use neurobench_core::data::DataError;
use neurobench_core::model::Tensor;

use super::wav::{Wav, described};
use crate::recordings::{Decode, Recording, damaged, read};

/// Decoder of clips.
#[derive(Clone, Debug)]
pub(super) struct Clips {
    /// Sample rate that all files must have.
    pub(super) sample_rate: u32,
    /// Number of channels that all files must have.
    pub(super) channels: u16,
    /// Number of bits that all files must have; `None` for any.
    pub(super) bits: Option<u16>,
    /// Number of samples of a clip.
    pub(super) samples: usize,
    /// Fields that are settings of the data set, so that users can change them.
    pub(super) settings: &'static [&'static str],
}

impl Decode for Clips {
    /// First sample of the clip in the file.
    type Part = u32;
    /// `[channel, sample]`
    type Sample = Vec<f32>;

    fn decode(&self, recording: &Recording<u32>) -> Result<Vec<f32>, DataError> {
        let file = &recording.file;
        let bytes = read(file)?;
        let mut wav = Wav::new(file, &bytes)?;
        self.check(file, wav.spec)?;
        wav.clip(recording.part, self.samples)
    }

    fn stack(&self, samples: Vec<Vec<f32>>) -> Result<Tensor, DataError> {
        let shape = (samples.len(), usize::from(self.channels), self.samples);
        let numbers = samples.concat();
        // Every clip has this length, so the shape fits.
        Array3::from_shape_vec(shape, numbers).map(Tensor::from).map_err(|error| DataError::Other(error.to_string()))
    }
}

impl Clips {
    fn check(&self, file: &Path, spec: WavSpec) -> Result<(), DataError> {
        let Self { sample_rate, channels, bits, .. } = self;
        let (found, is_setting) = (spec.sample_rate, |name| self.settings.contains(&name));
        if found != *sample_rate {
            let problem = match is_setting("sample_rate") {
                true => format!(
                    "the sample rate is {found} Hz, but the setting `sample_rate` is {sample_rate} Hz: with `sample_rate = \
                     {found}`, the preprocessor `resample(from={found}, to={sample_rate})` converts the clips; all files need \
                     the same rate, and `sox OLD.wav -r {sample_rate} NEW.wav` converts a file"
                ),
                false => format!(
                    "the sample rate is {found} Hz, but that of this data set is {sample_rate} Hz: convert the file with \
                     `sox OLD.wav -r {sample_rate} NEW.wav`"
                ),
            };
            return Err(damaged(file, problem));
        }
        if spec.channels != *channels {
            let (plural, found) = (if *channels == 1 { "" } else { "s" }, spec.channels);
            let advice = match is_setting("channels") {
                true => format!("set `channels = {found}`, or "),
                false => String::new(),
            };
            return Err(damaged(
                file,
                format!(
                    "expected {channels} channel{plural}, found {found}: {advice}convert the file with `sox OLD.wav -c \
                     {channels} NEW.wav`"
                ),
            ));
        }
        match bits {
            Some(bits) if spec.bits_per_sample != *bits || spec.sample_format != SampleFormat::Int => Err(damaged(
                file,
                format!(
                    "expected integers of {bits} bits, found {}: convert the file with `sox OLD.wav -e signed-integer -b \
                     {bits} NEW.wav`",
                    described(spec)
                ),
            )),
            _ => Ok(()),
        }
    }
}

/// Number of samples of every channel of a WAV file.
pub(super) fn duration(file: &Path) -> Result<u32, DataError> {
    let bytes = read(file)?;
    Ok(Wav::new(file, &bytes)?.duration())
}

/// Subfolders of a folder, or the WAV files in it, sorted by name. Names that begin with `.` or `_` are skipped.
pub(super) fn sorted(folder: &Path, folders: bool) -> Result<Vec<PathBuf>, DataError> {
    let problem = |problem| DataError::Read { file: folder.to_owned(), problem };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(problem)? {
        let path = entry.map_err(problem)?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b".") || name.as_encoded_bytes().starts_with(b"_"));
        let wav = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("wav"));
        if !hidden && if folders { path.is_dir() } else { wav && path.is_file() } {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Last part of a path, as text.
pub(super) fn name(path: &Path) -> String {
    path.file_name().map(OsStr::to_string_lossy).unwrap_or_default().into_owned()
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Cursor;

    use hound::WavWriter;

    use super::*;

    /// Writes a mono WAV file of 16 bits.
    pub(crate) fn write_wav(file: &Path, sample_rate: u32, samples: &[i16]) {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let spec = WavSpec { channels: 1, sample_rate, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut writer = WavWriter::create(file, spec).unwrap();
        samples.iter().for_each(|sample| writer.write_sample(*sample).unwrap());
        writer.finalize().unwrap();
    }

    fn clips() -> Clips {
        Clips { sample_rate: 16_000, channels: 1, bits: Some(16), samples: 4, settings: &["sample_rate", "channels"] }
    }

    fn decode(clips: &Clips, bytes: &[u8], start: u32) -> Result<Vec<f32>, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clip.wav");
        std::fs::write(&file, bytes).unwrap();
        let recording = Recording { file, part: start, class: 0 };
        let folder = folder.path().display().to_string();
        clips.decode(&recording).map_err(|error| error.to_string().replace(&folder, "FOLDER"))
    }

    fn bytes(spec: WavSpec, write: impl FnOnce(&mut WavWriter<&mut Cursor<Vec<u8>>>)) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
        write(&mut writer);
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    fn spec(bits_per_sample: u16, sample_format: SampleFormat) -> WavSpec {
        WavSpec { channels: 1, sample_rate: 16_000, bits_per_sample, sample_format }
    }

    fn short(samples: &[i16]) -> Vec<u8> {
        bytes(spec(16, SampleFormat::Int), |writer| {
            samples.iter().for_each(|sample| writer.write_sample(*sample).unwrap());
        })
    }

    #[test]
    fn clips_are_cut_or_end_with_zeros() {
        assert_eq!(decode(&clips(), &short(&[16_384, -32_768]), 0).unwrap(), [0.5, -1.0, 0.0, 0.0]);
        let long = short(&[1, 2, 3, 4, 5, 6]);
        assert_eq!(decode(&clips(), &long, 0).unwrap(), [1.0, 2.0, 3.0, 4.0].map(|sample| sample / 32768.0));
        assert_eq!(decode(&clips(), &long, 4).unwrap(), [5.0, 6.0, 0.0, 0.0].map(|sample| sample / 32768.0));
    }

    /// A file byte by byte, as the format describes it: two channels of 8 bits without sign.
    #[test]
    fn channels_are_separated() {
        let mut file =
            b"RIFF\x2a\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x08\0data\x06\0\0\0".to_vec();
        file.extend([0x80, 0x00, 0xc0, 0xff, 0x40, 0x80]);
        let stereo = Clips { channels: 2, bits: None, ..clips() };
        let expected = [0.0, 0.5, -0.5, 0.0, -1.0, 127.0 / 128.0, 0.0, 0.0];
        assert_eq!(decode(&stereo, &file, 0).unwrap(), expected);
    }

    #[test]
    fn integers_of_other_widths_and_floats_are_read_where_any_format_is() {
        let any = Clips { bits: None, ..clips() };
        for bits in [8, 16, 24, 32] {
            let quarter = 1_i64 << (bits - 3);
            let file = bytes(spec(bits, SampleFormat::Int), |writer| writer.write_sample(-quarter as i32).unwrap());
            assert_eq!(decode(&any, &file, 0).unwrap(), [-0.25, 0.0, 0.0, 0.0], "{bits} bits");
        }
        let floats = bytes(spec(32, SampleFormat::Float), |writer| {
            [0.125_f32, f32::NAN].into_iter().for_each(|sample| writer.write_sample(sample).unwrap());
        });
        assert_eq!(decode(&any, &floats, 0).unwrap_err(), "FOLDER/clip.wav: sample 1 is NaN");
        let other = decode(&clips(), &floats, 0).unwrap_err();
        let expected = "FOLDER/clip.wav: expected integers of 16 bits, found floats of 32 bits: convert the file with `sox \
                        OLD.wav -e signed-integer -b 16 NEW.wav`";
        assert_eq!(other, expected);
    }

    #[test]
    fn other_rates_and_channels_are_errors_with_the_way_out() {
        let file = short(&[1, 2, 3]);
        let slow = Clips { sample_rate: 8000, ..clips() };
        let rate = "FOLDER/clip.wav: the sample rate is 16000 Hz, but the setting `sample_rate` is 8000 Hz: with `sample_rate \
                    = 16000`, the preprocessor `resample(from=16000, to=8000)` converts the clips; all files need the same \
                    rate, and `sox OLD.wav -r 8000 NEW.wav` converts a file";
        assert_eq!(decode(&slow, &file, 0).unwrap_err(), rate);
        let published = Clips { settings: &[], ..slow };
        let rate = "FOLDER/clip.wav: the sample rate is 16000 Hz, but that of this data set is 8000 Hz: convert the file with \
                    `sox OLD.wav -r 8000 NEW.wav`";
        assert_eq!(decode(&published, &file, 0).unwrap_err(), rate);
        let stereo = Clips { channels: 2, ..clips() };
        let channels = "FOLDER/clip.wav: expected 2 channels, found 1: set `channels = 1`, or convert the file with `sox \
                        OLD.wav -c 2 NEW.wav`";
        assert_eq!(decode(&stereo, &file, 0).unwrap_err(), channels);
        assert!(
            decode(&clips(), &file[..47], 0).unwrap_err().starts_with("FOLDER/clip.wav: byte 44: the header announces")
        );
    }
}
