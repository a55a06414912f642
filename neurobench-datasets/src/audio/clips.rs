//! Clips of a fixed length, decoded from WAV files.

use std::ffi::OsStr;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavReader, WavSpec};
use ndarray::Array3;
use neurobench_core::data::DataError;
use neurobench_core::model::Tensor;

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
        let different = |what: &str, expected: u32, found: u32| {
            Err(damaged(file, format!("expected {expected} {what}, found {found}")))
        };
        if spec.sample_rate != *sample_rate {
            return different("samples in a second", *sample_rate, spec.sample_rate);
        }
        if spec.channels != *channels {
            let what = if *channels == 1 { "channel" } else { "channels" };
            return different(what, u32::from(*channels), u32::from(spec.channels));
        }
        match bits {
            Some(bits) if spec.bits_per_sample != *bits || spec.sample_format != SampleFormat::Int => {
                let format = if spec.sample_format == SampleFormat::Int { "integers" } else { "floats" };
                let found = spec.bits_per_sample;
                Err(damaged(file, format!("expected integers of {bits} bits, found {format} of {found} bits")))
            }
            _ => Ok(()),
        }
    }
}

/// A WAV file in memory.
struct Wav<'a> {
    file: &'a Path,
    spec: WavSpec,
    reader: WavReader<Cursor<&'a [u8]>>,
}

impl<'a> Wav<'a> {
    /// Reads the header, and checks that the file is as long as it announces.
    fn new(file: &'a Path, bytes: &'a [u8]) -> Result<Self, DataError> {
        // A first reader on a borrowed cursor, whose position remains known after an error.
        let mut header = Cursor::new(bytes);
        let announced = match WavReader::new(&mut header) {
            Ok(reader) => u64::from(reader.len()) * u64::from(reader.spec().bits_per_sample.div_ceil(8)),
            Err(error) => {
                let position = header.position();
                return Err(damaged(file, format!("byte {position}: {}", problem(&error))));
            }
        };
        let position = header.position();
        let rest = (bytes.len() as u64).saturating_sub(position);
        if announced > rest {
            let problem =
                format!("byte {position}: the header announces {announced} bytes of audio, but {rest} follow");
            return Err(damaged(file, problem));
        }
        let reader = WavReader::new(Cursor::new(bytes)).map_err(|error| damaged(file, problem(&error)))?;
        Ok(Self { file, spec: reader.spec(), reader })
    }

    /// Reads `samples` samples of every channel from `start` on, `[channel, sample]`; those beyond the end are zero.
    fn clip(&mut self, start: u32, samples: usize) -> Result<Vec<f32>, DataError> {
        let channels = usize::from(self.spec.channels);
        let mut clip = vec![0.0; channels * samples];
        if start >= self.reader.duration() {
            return Ok(clip);
        }
        self.reader.seek(start).map_err(|problem| DataError::Read { file: self.file.to_owned(), problem })?;
        let mut store = |index: usize, sample: f32| clip[index % channels * samples + index / channels] = sample;
        let wanted = channels * samples;
        let mut failed = None;
        match self.spec.sample_format {
            SampleFormat::Float => {
                for (index, sample) in self.reader.samples::<f32>().take(wanted).enumerate() {
                    match sample {
                        Ok(sample) if sample.is_finite() => store(index, sample),
                        Ok(sample) => {
                            failed = Some(format!("sample {} is {sample}", start as usize + index / channels));
                            break;
                        }
                        Err(error) => {
                            failed = Some(problem(&error));
                            break;
                        }
                    }
                }
            }
            SampleFormat::Int => {
                let bits = self.spec.bits_per_sample.clamp(1, 32);
                // Exact: a power of two.
                let scale = 1.0 / (1_u64 << (bits - 1)) as f32;
                for (index, sample) in self.reader.samples::<i32>().take(wanted).enumerate() {
                    match sample {
                        Ok(sample) => store(index, sample as f32 * scale),
                        Err(error) => {
                            failed = Some(problem(&error));
                            break;
                        }
                    }
                }
            }
        }
        failed.map_or(Ok(clip), |problem| Err(damaged(self.file, problem)))
    }
}

fn problem(error: &hound::Error) -> String {
    match error {
        hound::Error::IoError(_) => "the file ends within its header".to_owned(),
        hound::Error::FormatError(problem) => format!("not a WAV file: {problem}"),
        hound::Error::Unsupported => "only uncompressed integers and floats are read".to_owned(),
        other => other.to_string(),
    }
}

/// Number of samples of every channel of a WAV file.
pub(super) fn duration(file: &Path) -> Result<u32, DataError> {
    let bytes = read(file)?;
    Ok(Wav::new(file, &bytes)?.reader.duration())
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
    use hound::WavWriter;
    use proptest::prelude::*;

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
        Clips { sample_rate: 16_000, channels: 1, bits: Some(16), samples: 4 }
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
        assert_eq!(other, "FOLDER/clip.wav: expected integers of 16 bits, found floats of 32 bits");
    }

    #[test]
    fn damaged_files_are_errors_with_their_place() {
        let file = short(&[1, 2, 3]);
        let problem = |bytes: &[u8]| decode(&clips(), bytes, 0).unwrap_err();
        let cut = "FOLDER/clip.wav: byte 44: the header announces 6 bytes of audio, but 3 follow";
        assert_eq!(problem(&file[..47]), cut);
        assert_eq!(problem(&file[..30]), "FOLDER/clip.wav: byte 30: the file ends within its header");
        assert_eq!(problem(b""), "FOLDER/clip.wav: byte 0: the file ends within its header");
        assert!(problem(b"OggS, not a wav").contains("not a WAV file"));
        let mut huge = file.clone();
        huge[40..44].copy_from_slice(&[0xfe, 0xff, 0xff, 0xff]);
        assert_eq!(
            problem(&huge),
            "FOLDER/clip.wav: byte 44: the header announces 4294967294 bytes of audio, but 6 follow"
        );
        let slow = Clips { sample_rate: 8000, ..clips() };
        let rate = "FOLDER/clip.wav: expected 8000 samples in a second, found 16000";
        assert_eq!(decode(&slow, &file, 0).unwrap_err(), rate);
        let stereo = Clips { channels: 2, ..clips() };
        assert_eq!(decode(&stereo, &file, 0).unwrap_err(), "FOLDER/clip.wav: expected 2 channels, found 1");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            mut file in Just(short(&[1, -2, 3, -4])),
            changes in prop::collection::vec((0_usize..52, any::<u8>()), 1..6),
            length in 0_usize..53,
            start in any::<u32>(),
        ) {
            for (place, byte) in changes {
                file[place] = byte;
            }
            let any = Clips { bits: None, ..clips() };
            let wav = Wav::new(Path::new("clip.wav"), &file[..length.min(file.len())]);
            if let Ok(mut wav) = wav && any.check(wav.file, wav.spec).is_ok() {
                prop_assert!(wav.clip(start, 4).map_or(true, |clip| clip.len() == 4));
            }
        }
    }
}
