//! WAV files: the chunks of a RIFF file, checked against its length, and the samples of its audio.

use std::io::Cursor;
use std::ops::Range;
use std::path::Path;

use hound::{SampleFormat, WavReader, WavSpec};
use neurobench_core::data::DataError;

use crate::recordings::damaged;

/// Smallest length that programs write when they do not know the length in advance, as in a pipe: `sox` writes this one,
/// and `ffmpeg` the largest number of 32 bits. Files of this length are not written otherwise.
const UNKNOWN_LENGTH: u32 = 0x7fff_f000;

/// Commands that write a file again with a header that fits its length.
const REWRITE: &str =
    "rewrite the file with `sox --ignore-length OLD.wav NEW.wav` or `ffmpeg -ignore_length 1 -i OLD.wav NEW.wav`";

/// A WAV file in memory.
pub(super) struct Wav<'a> {
    file: &'a Path,
    pub(super) spec: WavSpec,
    reader: WavReader<Cursor<Vec<u8>>>,
}

impl<'a> Wav<'a> {
    /// Reads the header, and checks that every byte of the file belongs to a chunk.
    ///
    /// # Errors
    ///
    /// A file that is not in the WAV format, that announces more or fewer bytes than it has, or whose audio is empty or of a
    /// kind that is not read.
    pub(super) fn new(file: &'a Path, bytes: &[u8]) -> Result<Self, DataError> {
        let chunks = Chunks::find(bytes).map_err(|problem| damaged(file, problem))?;
        let (format, audio) = (&bytes[chunks.format], &bytes[chunks.audio]);
        // The other chunks are left out: the decoder does not skip the pad byte of those in front of the audio.
        let length = |part: &[u8]| (part.len() as u32).to_le_bytes();
        let all = 4 + 8 + format.len() + 8 + audio.len();
        let rebuilt = [
            b"RIFF",
            &(all as u32).to_le_bytes()[..],
            b"WAVEfmt ",
            &length(format),
            format,
            b"data",
            &length(audio),
            audio,
        ];
        let reader = WavReader::new(Cursor::new(rebuilt.concat()))
            .map_err(|error| damaged(file, header_problem(&error, format)))?;
        let spec = reader.spec();
        let supported = match spec.sample_format {
            SampleFormat::Int => matches!(spec.bits_per_sample, 8 | 16 | 24 | 32),
            SampleFormat::Float => spec.bits_per_sample == 32,
        };
        if !supported {
            return Err(damaged(file, unsupported(&described(spec))));
        }
        if reader.duration() == 0 {
            return Err(damaged(file, "the file has a header, but no audio"));
        }
        Ok(Self { file, spec, reader })
    }

    /// Number of samples of every channel.
    pub(super) fn duration(&self) -> u32 {
        self.reader.duration()
    }

    /// Reads `samples` samples of every channel from `start` on, `[channel, sample]`; those beyond the end are zero.
    pub(super) fn clip(&mut self, start: u32, samples: usize) -> Result<Vec<f32>, DataError> {
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
                            failed = Some(error.to_string());
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
                            failed = Some(error.to_string());
                            break;
                        }
                    }
                }
            }
        }
        failed.map_or(Ok(clip), |problem| Err(damaged(self.file, problem)))
    }
}

/// Positions of the parts of a file that are read.
#[derive(Debug, PartialEq)]
struct Chunks {
    /// Contents of the chunk `fmt `.
    format: Range<usize>,
    /// Contents of the chunk `data`.
    audio: Range<usize>,
}

impl Chunks {
    /// Walks through the chunks of a file, to its end.
    ///
    /// Chunks begin at even positions: a byte that no length counts follows contents of an odd length. Some programs leave
    /// it out at the end of the file, and some do not count it in the length of the file; both are read.
    fn find(bytes: &[u8]) -> Result<Self, String> {
        check_form(bytes)?;
        let end = bytes.len();
        let (mut format, mut audio): (_, Option<Range<usize>>) = (None, None);
        let (mut at, mut odd) = (12, false);
        while at < end {
            let chunk = Chunk::at(bytes, at);
            match (chunk, &audio) {
                (Some(Chunk { id: b"data", contents }), None) => {
                    check_audio(bytes, at + 4, &contents)?;
                    (at, odd) = after(&contents);
                    audio = Some(contents);
                }
                (Some(Chunk { id: b"data", .. }), Some(_)) => {
                    return Err(format!("byte {at}: a second `data` chunk; files with one are read"));
                }
                (Some(Chunk { id, contents }), _) if contents.end <= end => {
                    (at, odd) = after(&contents);
                    if id == b"fmt " && format.is_none() {
                        format = Some(contents);
                    }
                }
                (_, Some(audio)) => return Err(surplus(audio, at, end)),
                (Some(Chunk { id, contents }), None) => {
                    let (begin, announced, rest) = (contents.start, contents.len(), end - contents.start);
                    return Err(format!(
                        "byte {begin}: the chunk `{}` announces {announced} bytes, but {rest} follow: the file ends within \
                         its header",
                        id.escape_ascii()
                    ));
                }
                (None, None) if end - at < 8 => return Err(format!("byte {end}: the file ends within its header")),
                (None, None) => return Err(format!("byte {at}: no RIFF chunk begins here")),
            }
        }
        let audio =
            audio.ok_or_else(|| format!("byte {end}: the file ends within its header: it has no `data` chunk"))?;
        check_length(bytes, odd)?;
        match format {
            Some(format) => Ok(Self { format, audio }),
            None => Err("byte 12: the file has no chunk `fmt `, which describes its audio".to_owned()),
        }
    }
}

/// A chunk of a RIFF file, whose contents may reach beyond its end.
struct Chunk<'a> {
    id: &'a [u8; 4],
    contents: Range<usize>,
}

impl<'a> Chunk<'a> {
    /// Chunk at a position, if its name is one: four printable characters.
    fn at(bytes: &'a [u8], at: usize) -> Option<Self> {
        let id = bytes.get(at..)?.first_chunk()?;
        let begin = at + 8;
        let length = u32_at(bytes, at + 4)? as usize;
        id.iter()
            .all(|byte| (b' '..=b'~').contains(byte))
            .then(|| Self { id, contents: begin..begin.saturating_add(length) })
    }
}

/// Position behind the contents of a chunk and their pad byte, and true if there is one.
fn after(contents: &Range<usize>) -> (usize, bool) {
    let odd = contents.len() % 2 == 1;
    (contents.end + usize::from(odd), odd)
}

/// Checks the first 12 bytes.
fn check_form(bytes: &[u8]) -> Result<(), String> {
    match (bytes.get(..4), bytes.get(8..12)) {
        (Some(b"RIFF"), Some(b"WAVE")) => Ok(()),
        (Some(b"RIFF") | None, None) => Err(format!("byte {}: the file ends within its header", bytes.len())),
        (Some(long @ (b"RF64" | b"BW64" | b"RIFX")), _) => Err(format!(
            "byte 0: files with the mark `{}` are not read; convert the file to a WAV file with the mark `RIFF`",
            long.escape_ascii()
        )),
        (Some(b"RIFF"), Some(kind)) => {
            Err(format!("byte 8: not a WAV file: a RIFF file of the kind `{}`, not `WAVE`", kind.escape_ascii()))
        }
        (found, _) => Err(format!(
            "byte 0: not a WAV file: it begins with `{}`, not with `RIFF`",
            found.unwrap_or_default().escape_ascii()
        )),
    }
}

/// Checks the length of the audio, which stands at a position.
fn check_audio(bytes: &[u8], position: usize, audio: &Range<usize>) -> Result<(), String> {
    let (begin, announced, rest) = (audio.start, audio.len(), bytes.len() - audio.start);
    if announced >= UNKNOWN_LENGTH as usize && announced > rest {
        return Err(unknown_length(position, announced, rest));
    }
    if announced > rest {
        return Err(format!(
            "byte {begin}: the header announces {announced} bytes of audio, but {rest} follow: the file is cut, or its \
             header is wrong; copy it again, or {REWRITE}"
        ));
    }
    // Older versions of `ffmpeg` leave zeros where they do not know a length.
    let is_chunk = |at| Chunk::at(bytes, at).is_some_and(|chunk| chunk.contents.end <= bytes.len());
    match announced == 0 && rest > 0 && !is_chunk(begin) {
        true => Err(unknown_length(position, announced, rest)),
        false => Ok(()),
    }
}

/// Message about a header that was written before the length of the audio was known.
fn unknown_length(position: usize, announced: usize, rest: usize) -> String {
    format!(
        "byte {position}: the header announces {announced} bytes of audio, and {rest} follow: it was written before the \
         length was known, as into a pipe; {REWRITE}"
    )
}

/// Message about bytes behind the audio that are no chunk.
fn surplus(audio: &Range<usize>, at: usize, end: usize) -> String {
    format!(
        "byte {}: the header announces {} bytes of audio, but {} follow, and no RIFF chunk begins at byte {at}; if all of \
         them are audio, {REWRITE}",
        audio.start,
        audio.len(),
        end - audio.start
    )
}

/// Checks the length of the file in its header, where the chunks fill the file. `odd` if a pad byte may end it.
fn check_length(bytes: &[u8], odd: bool) -> Result<(), String> {
    let (announced, rest) = (u32_at(bytes, 4).unwrap_or_default(), bytes.len().saturating_sub(8));
    match rest.abs_diff(announced as usize) > usize::from(odd) {
        true => {
            Err(format!("byte 4: the header announces {announced} bytes of the file, but {rest} follow; {REWRITE}"))
        }
        false => Ok(()),
    }
}

/// Message about a chunk `fmt ` that the decoder does not read.
fn header_problem(error: &hound::Error, format: &[u8]) -> String {
    let short = |at: usize| Some(u16::from_le_bytes(*format.get(at..)?.first_chunk()?));
    // The kind of an extensible format is the beginning of its GUID.
    let tag = short(0).filter(|tag| *tag != 0xfffe).or_else(|| short(24));
    let bits = short(14);
    match (error, tag, bits) {
        (hound::Error::IoError(_), ..) => "the chunk `fmt ` is too short".to_owned(),
        (hound::Error::FormatError(problem), Some(1), Some(8 | 16 | 24 | 32)) => format!("the header: {problem}"),
        (hound::Error::FormatError(problem), Some(3), Some(32)) => format!("the header: {problem}"),
        _ => unsupported(&kind(tag, bits)),
    }
}

fn unsupported(found: &str) -> String {
    format!(
        "found {found}; integers of 8, 16, 24 and 32 bits and floats of 32 bits are read: convert the file, for example \
         with `sox OLD.wav -e signed-integer -b 16 NEW.wav`"
    )
}

/// Kind of samples with this tag of the format, from the registry of Microsoft (`mmreg.h`).
fn kind(tag: Option<u16>, bits: Option<u16>) -> String {
    let name = match tag {
        Some(1) => "integers",
        Some(3) => "floats",
        Some(2) => "Microsoft ADPCM",
        Some(6) => "A-law",
        Some(7) => "µ-law",
        Some(0x11) => "IMA ADPCM",
        Some(0x31) => "GSM 6.10",
        Some(0x50) => "MPEG audio",
        Some(0x55) => "MP3",
        Some(other) => return format!("audio with the format tag {other:#06x}"),
        None => return "audio without a format tag".to_owned(),
    };
    match bits {
        Some(bits) => format!("{name} of {bits} bits"),
        None => name.to_owned(),
    }
}

/// Kind of samples for messages.
pub(super) fn described(spec: WavSpec) -> String {
    let tag = if spec.sample_format == SampleFormat::Int { 1 } else { 3 };
    kind(Some(tag), Some(spec.bits_per_sample))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A file with this audio of 16 bits and these chunks behind it, and the lengths in its header.
    fn file(audio: &[u8], behind: &[u8]) -> Vec<u8> {
        let header = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data";
        let mut file = [&header[..], &(audio.len() as u32).to_le_bytes(), audio, behind].concat();
        let length = (file.len() - 8) as u32;
        set(&mut file, 4, length);
        file
    }

    fn set(file: &mut [u8], at: usize, length: u32) {
        file[at..at + 4].copy_from_slice(&length.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Result<Vec<f32>, String> {
        let mut wav = Wav::new(Path::new("clip.wav"), bytes).map_err(|error| error.to_string())?;
        let samples = wav.duration() as usize;
        Ok(wav.clip(0, samples).unwrap())
    }

    fn problem(bytes: &[u8]) -> String {
        read(bytes).unwrap_err().strip_prefix("clip.wav: ").unwrap().to_owned()
    }

    /// Four samples whose bytes are no names of chunks.
    const AUDIO: [u8; 8] = [1, 0, 2, 0, 3, 0, 4, 0];
    const NUMBERS: [f32; 4] = [1.0 / 32768.0, 2.0 / 32768.0, 3.0 / 32768.0, 4.0 / 32768.0];

    #[test]
    fn chunks_behind_the_audio_are_skipped() {
        assert_eq!(read(&file(&AUDIO, b"")).unwrap(), NUMBERS);
        assert_eq!(read(&file(&AUDIO, b"LIST\x04\0\0\0INFO")).unwrap(), NUMBERS);
        assert_eq!(read(&file(&AUDIO, b"bext\x03\0\0\0abc\0id3 \0\0\0\0")).unwrap(), NUMBERS);
        // The pad byte of the last chunk may be absent, or not counted in the length of the file.
        assert_eq!(read(&file(&AUDIO, b"bext\x03\0\0\0abc")).unwrap(), NUMBERS);
        let mut uncounted = file(&AUDIO, b"bext\x03\0\0\0abc\0");
        let length = (uncounted.len() - 9) as u32;
        set(&mut uncounted, 4, length);
        assert_eq!(read(&uncounted).unwrap(), NUMBERS);
    }

    #[test]
    fn chunks_before_the_audio_are_skipped_with_their_pad_bytes() {
        let mut bytes = file(&AUDIO, b"");
        bytes.splice(12..12, *b"bext\x03\0\0\0abc\0");
        let length = (bytes.len() - 8) as u32;
        set(&mut bytes, 4, length);
        assert_eq!(read(&bytes).unwrap(), NUMBERS);
    }

    #[test]
    fn a_header_that_announces_too_little_audio_is_an_error() {
        let mut bytes = file(&AUDIO, b"");
        set(&mut bytes, 40, 4);
        let message = format!(
            "byte 44: the header announces 4 bytes of audio, but 8 follow, and no RIFF chunk begins at byte 48; if all of \
             them are audio, {REWRITE}"
        );
        assert_eq!(problem(&bytes), message);
        let trailing = [&file(&AUDIO, b"")[..], b"\0\0\0\0\0"].concat();
        assert!(
            problem(&trailing)
                .contains("announces 8 bytes of audio, but 13 follow, and no RIFF chunk begins at byte 52")
        );
        // A chunk that reaches beyond the end is none.
        let cut = file(&AUDIO, b"LIST\x05\0\0\0INFO");
        assert!(
            problem(&cut).contains("announces 8 bytes of audio, but 20 follow, and no RIFF chunk begins at byte 52")
        );
        let twice = file(&AUDIO, b"data\x02\0\0\0\x05\0");
        assert_eq!(problem(&twice), "byte 52: a second `data` chunk; files with one are read");
    }

    #[test]
    fn the_length_of_the_file_is_checked() {
        for (announced, file) in [(40, file(&AUDIO, b"")), (46, file(&AUDIO, b"")), (44, file(&AUDIO, b"LIST\0\0\0\0"))]
        {
            let mut bytes = file;
            set(&mut bytes, 4, announced);
            let follow = bytes.len() - 8;
            let message =
                format!("byte 4: the header announces {announced} bytes of the file, but {follow} follow; {REWRITE}");
            assert_eq!(problem(&bytes), message);
        }
    }

    #[test]
    fn headers_of_streams_are_named_with_the_way_out() {
        // ffmpeg, its older versions, and sox.
        for length in [0xffff_ffff, 0, 0x7fff_f000] {
            let mut bytes = file(&AUDIO, b"");
            set(&mut bytes, 4, length);
            set(&mut bytes, 40, length);
            let message = format!(
                "byte 40: the header announces {length} bytes of audio, and 8 follow: it was written before the length was \
                 known, as into a pipe; {REWRITE}"
            );
            assert_eq!(problem(&bytes), message);
        }
        assert_eq!(problem(&file(b"", b"")), "the file has a header, but no audio");
        assert_eq!(problem(&file(b"", b"LIST\0\0\0\0")), "the file has a header, but no audio");
    }

    #[test]
    fn files_that_are_cut_or_of_another_kind_are_errors() {
        let bytes = file(&AUDIO, b"");
        let cut = format!(
            "byte 44: the header announces 8 bytes of audio, but 3 follow: the file is cut, or its header is wrong; copy it \
             again, or {REWRITE}"
        );
        assert_eq!(problem(&bytes[..47]), cut);
        let chunk =
            "byte 20: the chunk `fmt ` announces 16 bytes, but 10 follow: the file ends within its header".to_owned();
        assert_eq!(problem(&bytes[..30]), chunk);
        for length in [0, 3, 11, 15, 39] {
            assert_eq!(problem(&bytes[..length]), format!("byte {length}: the file ends within its header"));
        }
        let none = "byte 36: the file ends within its header: it has no `data` chunk";
        assert_eq!(problem(&bytes[..36]), none);
        let ogg = "byte 0: not a WAV file: it begins with `OggS`, not with `RIFF`";
        assert_eq!(problem(b"OggS, not a wav"), ogg);
        assert_eq!(
            problem(b"RIFF\0\0\0\0AVI LIST"),
            "byte 8: not a WAV file: a RIFF file of the kind `AVI `, not `WAVE`"
        );
        let long =
            "byte 0: files with the mark `RF64` are not read; convert the file to a WAV file with the mark `RIFF`";
        assert_eq!(problem(b"RF64\xff\xff\xff\xffWAVE"), long);
        let mut unnamed = bytes.clone();
        unnamed[12] = 0;
        assert_eq!(problem(&unnamed), "byte 12: no RIFF chunk begins here");
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            mut file in Just(file(&AUDIO, b"LIST\x04\0\0\0INFO")),
            changes in prop::collection::vec((0_usize..64, any::<u8>()), 1..6),
            length in 0_usize..65,
            start in any::<u32>(),
        ) {
            for (place, byte) in changes {
                file[place] = byte;
            }
            if let Ok(mut wav) = Wav::new(Path::new("clip.wav"), &file[..length]) {
                let samples = 4 * usize::from(wav.spec.channels);
                prop_assert!(wav.clip(start, 4).map_or(true, |clip| clip.len() == samples));
            }
        }
    }
}
