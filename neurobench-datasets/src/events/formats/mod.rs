//! File formats of event cameras, and their decoders.
//!
//! A decoder takes a file piece by piece, so memory is bounded by the events that are kept, not by the file. Errors name
//! the byte at which the problem begins. A file that ends within an event is an error, never a shorter recording.

mod aedat2;
mod aedat3;
#[cfg(feature = "aedat4")]
mod aedat4;
mod dat;
mod evt2;
mod evt3;
mod header;
mod npy;
mod records40;
#[cfg(test)]
mod samples;
mod stream;

use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use neurobench_core::data::DataError;
use neurobench_core::data::events::Event;
use neurobench_core::files;
use serde::{Deserialize, Serialize};

pub(super) use npy::structured::Structured;
pub use npy::{NpyEvents, TimeUnit};
pub(super) use stream::Index;

use crate::recordings::damaged;

/// Number of bytes of a file by which its format is detected.
const BEGINNING: u64 = 1 << 12;

/// Problem of a file without a byte.
const EMPTY: &str = "the file is empty; copy it again or remove it";

/// Format of a file of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventFormat {
    /// Records of 40 bits, the format of N-MNIST and N-Caltech101 (`.bin`, `.bs2`): x (8 bits), y (8), polarity (1) and
    /// time in µs (23), big-endian. A record whose y is 240 is not an event: it adds 2^13 µs to all later times.
    Records40,
    /// AEDAT 2.0 of jAER (`.aedat`): big-endian pairs of an address and a time in µs, 32 bits each. Reads the addresses of
    /// DVS128 and of the DAVIS family. x counts from the left and y from the top here, and polarity 1 is ON; addresses
    /// count y from the bottom and x from the right, and those of DVS128 have bit 0 set for OFF, as in jAER.
    Aedat2,
    /// AEDAT 3.1 of cAER (`.aedat`), the format of DVS128 Gesture: packets of typed events. Reads the valid events of
    /// packets of polarity events and skips packets of other types.
    Aedat3,
    /// AEDAT 4 of DV (`.aedat4`): packets in FlatBuffers, plain or compressed by LZ4 or Zstandard. Reads the event stream
    /// with the lowest number. Needs the feature `aedat4`.
    Aedat4,
    /// DAT of Prophesee (`.dat`), version 2: 8 bytes an event, little-endian: time in µs (32 bits), x (14), y (14) and
    /// polarity (4).
    Dat,
    /// EVT 2.0 of Prophesee (`.raw`): words of 32 bits.
    Evt2,
    /// EVT 3.0 of Prophesee (`.raw`): words of 16 bits, which may hold a vector of events.
    Evt3,
    /// Array of NumPy (`.npy`): structured, with fields for time, x, y and polarity, or plain, `[event, 4]`.
    Npy,
}

/// Problem of a file of events.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {byte}: {problem}")]
pub struct EventError {
    /// Zero-based position in the file.
    pub byte: u64,
    /// Problem at this position.
    pub problem: String,
}

impl EventFormat {
    /// Detects the format of a file by its first bytes, or else by its extension.
    ///
    /// # Errors
    ///
    /// A file that cannot be read or is of no known format.
    pub fn detect(file: impl AsRef<Path>) -> Result<Self, DataError> {
        let file = file.as_ref();
        let extension = file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        // Records of 40 bits have no header, and could begin like any other file.
        if matches!(extension.as_str(), "bin" | "bs2") {
            return Ok(Self::Records40);
        }
        let mut beginning = Vec::new();
        files::open(file)
            .and_then(|open| open.take(BEGINNING).read_to_end(&mut beginning))
            .map_err(|problem| DataError::Read { file: file.to_owned(), problem })?;
        Self::from_beginning(&beginning, &extension).map_err(|problem| damaged(file, problem))
    }

    fn from_beginning(bytes: &[u8], extension: &str) -> Result<Self, String> {
        match bytes {
            [] => Err(EMPTY.to_owned()),
            [b'#', b'!', b'A', b'E', b'R', b'-', b'D', b'A', b'T', version, ..] => match version {
                b'2' => Ok(Self::Aedat2),
                b'3' => Ok(Self::Aedat3),
                b'4' => Ok(Self::Aedat4),
                other => Err(format!("AEDAT {} is not supported; versions 2.0, 3.1 and 4 are", other.escape_ascii())),
            },
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Ok(Self::Npy),
            [b'%', b' ', ..] => header::prophesee(bytes, extension),
            _ => Err("no known format of events: expected 40-bit records (.bin, .bs2), AEDAT (.aedat, .aedat4), \
                      Prophesee DAT (.dat), EVT2 or EVT3 (.raw), or a NumPy array (.npy)"
                .to_owned()),
        }
    }

    /// Returns true if files with this extension, in lower case, may hold events.
    pub(super) fn has_extension(extension: &str) -> bool {
        matches!(extension, "bin" | "bs2" | "aedat" | "aedat4" | "dat" | "raw" | "npy")
    }

    /// Decodes the contents of a file. The columns of a NumPy array are in the [default order](NpyEvents).
    ///
    /// ```
    /// use neurobench::data::events::Event;
    /// use neurobench::datasets::events::formats::EventFormat;
    /// // x 7, y 15, polarity 1, time 0x00028e.
    /// let events = EventFormat::Records40.decode(&[7, 15, 0x80, 0x02, 0x8e])?;
    /// assert_eq!(events, [Event { time: 654, x: 7, y: 15, polarity: 1 }]);
    /// let error = EventFormat::Records40.decode(&[7, 15, 0x80]).unwrap_err();
    /// assert_eq!(error.to_string(), "byte 0: the file ends within an event: 3 of 5 bytes");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Bytes that are not of this format, or that end within an event.
    pub fn decode(self, bytes: &[u8]) -> Result<Vec<Event>, EventError> {
        let mut events = Vec::new();
        let mut decoder = self.decoder(&NpyEvents::default())?;
        stream::decode_all(bytes, &mut *decoder, &mut events)?;
        Ok(events)
    }

    /// Reads the events of a file, or of a span of time in µs.
    pub(super) fn read(self, file: &Path, npy: &NpyEvents, span: Option<&Range<i64>>) -> Result<Vec<Event>, DataError> {
        let decoder = self.decoder(npy).map_err(|error| damaged(file, error))?;
        stream::read(file, decoder, span)
    }

    /// Scans a file so that spans of time in it can be read.
    pub(super) fn index(self, file: &Path) -> Result<Index, DataError> {
        let decoder = self.decoder(&NpyEvents::default()).map_err(|error| damaged(file, error))?;
        Index::scan(file, decoder)
    }

    fn decoder(self, npy: &NpyEvents) -> Result<Box<dyn Decoder>, EventError> {
        Ok(match self {
            Self::Records40 => Box::new(records40::Records40::default()),
            Self::Aedat2 => Box::new(aedat2::Aedat2::default()),
            Self::Aedat3 => Box::new(aedat3::Aedat3::default()),
            #[cfg(feature = "aedat4")]
            Self::Aedat4 => Box::new(aedat4::Aedat4::default()),
            #[cfg(not(feature = "aedat4"))]
            Self::Aedat4 => {
                let problem = "AEDAT 4 is not supported by this program: it was built without the feature `aedat4`";
                return Err(EventError { byte: 0, problem: problem.to_owned() });
            }
            Self::Dat => Box::new(dat::Dat::default()),
            Self::Evt2 => Box::new(evt2::Evt2::default()),
            Self::Evt3 => Box::new(evt3::Evt3::default()),
            Self::Npy => Box::new(npy::NpyDecoder::new(npy.clone())),
        })
    }
}

/// Reads the events of a file in any known format.
///
/// # Errors
///
/// A file that cannot be read, is of no known format or is damaged.
pub fn read_events(file: impl AsRef<Path>) -> Result<Vec<Event>, DataError> {
    let file = file.as_ref();
    EventFormat::detect(file)?.read(file, &NpyEvents::default(), None)
}

/// Incremental decoder of one file.
trait Decoder: Send + Sync {
    /// Returns a copy of the decoder in its present state.
    fn boxed(&self) -> Box<dyn Decoder>;

    /// Appends the events at the beginning of `bytes` and returns the number of bytes that were used. The other bytes are
    /// passed again, with more behind them. If `last`, no more follow: all must be used.
    ///
    /// # Errors
    ///
    /// The position of an error is relative to `bytes`.
    fn decode(&mut self, bytes: &[u8], last: bool, events: &mut Vec<Event>) -> Result<usize, EventError>;
}

/// Returns an error at a position of a slice.
fn problem<T>(at: usize, problem: impl Into<String>) -> Result<T, EventError> {
    Err(EventError { byte: at as u64, problem: problem.into() })
}

/// Splits bytes into records of `N` bytes, and checks that the last one is complete.
fn records<const N: usize>(bytes: &[u8], last: bool) -> Result<&[[u8; N]], EventError> {
    let (records, rest) = bytes.as_chunks::<N>();
    match rest {
        [] => Ok(records),
        rest if last => {
            problem(records.len() * N, format!("the file ends within an event: {} of {N} bytes", rest.len()))
        }
        _ => Ok(records),
    }
}

/// Appends the events of records. `marks` returns 0 for every ordinary event; `is_event` decides about all other records. An
/// error has the index of its record.
fn append<const N: usize, E>(
    records: &[[u8; N]],
    marks: impl Fn(&[u8; N]) -> u32,
    is_event: impl Fn(&[u8; N]) -> Result<bool, E>,
    event: impl Fn(&[u8; N]) -> Event,
    events: &mut Vec<Event>,
) -> Result<(), (usize, E)> {
    // A block without marks, as nearly all blocks are, is appended in one pass without branches.
    const BLOCK: usize = 256;
    for (number, block) in records.chunks(BLOCK).enumerate() {
        let (begin, mut marked) = (events.len(), 0);
        events.extend(block.iter().map(|record| {
            marked |= marks(record);
            event(record)
        }));
        if marked == 0 {
            continue;
        }
        events.truncate(begin);
        for (index, record) in block.iter().enumerate() {
            if is_event(record).map_err(|error| (number * BLOCK + index, error))? {
                events.push(event(record));
            }
        }
    }
    Ok(())
}

/// Returns the 32 bits at a position, little-endian.
fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_detected_by_first_bytes_then_by_extension() {
        let detect = |bytes: &[u8], extension: &str| EventFormat::from_beginning(bytes, extension);
        assert_eq!(EventFormat::detect("no file.bin").unwrap(), EventFormat::Records40);
        assert_eq!(detect(b"#!AER-DAT2.0\r\n", ""), Ok(EventFormat::Aedat2));
        assert_eq!(detect(b"#!AER-DAT3.1\r\n", "aedat"), Ok(EventFormat::Aedat3));
        assert_eq!(detect(b"#!AER-DAT4.0\r\n", "aedat"), Ok(EventFormat::Aedat4));
        assert_eq!(detect(b"\x93NUMPY\x01\0", "x"), Ok(EventFormat::Npy));
        assert_eq!(detect(b"% Version 2\n\0\x08", "dat"), Ok(EventFormat::Dat));
        assert_eq!(detect(b"% evt 2.0\n% end\n", "raw"), Ok(EventFormat::Evt2));
        assert_eq!(detect(b"% format EVT3;height=720;width=1280\n% end\n", ""), Ok(EventFormat::Evt3));
        let error = detect(b"#!AER-DAT1.0\r\n", "aedat").unwrap_err();
        assert_eq!(error, "AEDAT 1 is not supported; versions 2.0, 3.1 and 4 are");
        let error = detect(b"% format EVT21;height=720\n", "raw").unwrap_err();
        assert_eq!(error, "EVT 2.1 is not supported; convert the file to EVT 2.0, EVT 3.0 or DAT");
        assert!(detect(b"RIFF", "wav").unwrap_err().starts_with("no known format of events"));
    }
}
