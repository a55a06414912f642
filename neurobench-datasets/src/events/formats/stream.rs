//! Decoding of files in pieces.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;

use neurobench_core::data::DataError;
use neurobench_core::data::events::Event;
use neurobench_core::files;

use super::{Decoder, EMPTY, EventError};
use crate::recordings::damaged;

/// Number of bytes that are read at once. A record that is longer is collected from several pieces.
const PIECE: usize = 1 << 18;

/// Reads the events of a file, or of a span of time in µs.
pub(super) fn read(file: &Path, decoder: Box<dyn Decoder>, span: Option<&Range<i64>>) -> Result<Vec<Event>, DataError> {
    let mut pieces = Pieces::open(file, decoder, 0)?;
    let mut events = Vec::new();
    loop {
        let (begin, position) = (events.len(), pieces.position);
        let last = pieces.next(&mut events)?;
        if let Some(span) = span {
            retain_from(&mut events, begin, span);
        } else if begin > 0 && events.capacity() - events.len() < events.len() - begin {
            pieces.reserve(&mut events, begin, position);
        }
        if last {
            return Ok(events);
        }
    }
}

/// A file that is decoded piece by piece.
struct Pieces<'a> {
    path: &'a Path,
    file: File,
    /// Length of the file when it was opened.
    length: u64,
    decoder: Box<dyn Decoder>,
    /// Number of bytes that are read at once.
    piece: usize,
    /// Bytes that were read and not used yet, then room for more.
    bytes: Vec<u8>,
    /// Number of bytes that were read and not used yet.
    unused: usize,
    /// Position of the first of `bytes` in the file.
    position: u64,
}

impl<'a> Pieces<'a> {
    /// Opens a file at a position to which the decoder has read.
    fn open(path: &'a Path, decoder: Box<dyn Decoder>, position: u64) -> Result<Self, DataError> {
        let unreadable = |problem| DataError::Read { file: path.to_owned(), problem };
        let mut file = files::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        if length == 0 {
            return Err(damaged(path, EMPTY));
        }
        file.seek(SeekFrom::Start(position)).map_err(unreadable)?;
        // One byte more shows that the file has ended.
        let piece = usize::try_from(length).unwrap_or(PIECE).saturating_add(1).min(PIECE);
        Ok(Self { path, file, length, decoder, piece, bytes: Vec::new(), unused: 0, position })
    }

    /// Appends the events of the next piece and returns true if it was the last one.
    fn next(&mut self, events: &mut Vec<Event>) -> Result<bool, DataError> {
        let last = self.fill().map_err(|problem| DataError::Read { file: self.path.to_owned(), problem })?;
        let used = self.decoder.decode(&self.bytes[..self.unused], last, events).map_err(|error| {
            damaged(self.path, EventError { byte: self.position + error.byte, problem: error.problem })
        })?;
        self.position += used as u64;
        self.bytes.copy_within(used..self.unused, 0);
        self.unused -= used;
        Ok(last)
    }

    /// Reads a piece and returns true if the file has ended.
    fn fill(&mut self) -> io::Result<bool> {
        let end = self.unused + self.piece;
        // The bytes of earlier pieces are overwritten, so only a buffer that grows is filled with zeros.
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        while self.unused < end {
            match self.file.read(&mut self.bytes[self.unused..end]) {
                Ok(0) => return Ok(true),
                Ok(count) => self.unused += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Reserves memory for the events that follow, if they are as dense as those from `begin` on, whose bytes start at
    /// `position`, with room for as many more.
    ///
    /// Without it, the list doubles several times, and its events are copied each time.
    fn reserve(&self, events: &mut Vec<Event>, begin: usize, position: u64) {
        let (added, used) = ((events.len() - begin) as u64, self.position - position);
        let rest = self.length.saturating_sub(self.position);
        let expected = u128::from(added) * u128::from(rest) / u128::from(used.max(1)) + u128::from(added);
        // A compressed packet may have many more events than bytes. The rest of the file need not be like it.
        let expected = expected.min(u128::from(rest));
        // Without this memory the list grows as it must.
        let _ = events.try_reserve(usize::try_from(expected).unwrap_or(usize::MAX));
    }
}

/// Places of a file from which it can be decoded, by time.
pub(in crate::events) struct Index {
    marks: Vec<Mark>,
}

struct Mark {
    /// Position in the file.
    position: u64,
    /// Time of the last event before it; −1 at the beginning.
    time: i64,
    /// Decoder that has read the file up to it.
    decoder: Box<dyn Decoder>,
}

impl Index {
    /// Reads a file once.
    pub(super) fn scan(file: &Path, decoder: Box<dyn Decoder>) -> Result<Self, DataError> {
        let mut pieces = Pieces::open(file, decoder, 0)?;
        let (mut marks, mut events, mut time): (Vec<Mark>, Vec<Event>, i64) = (Vec::new(), Vec::new(), -1);
        loop {
            let position = pieces.position;
            if marks.last().is_none_or(|mark| mark.position < position) {
                marks.push(Mark { position, time, decoder: pieces.decoder.boxed() });
            }
            events.clear();
            let last = pieces.next(&mut events)?;
            for event in &events {
                if event.time < time {
                    let problem = format!(
                        "the time decreases from {time} to {} µs, in the bytes from here to {}; spans of time need \
                         events in their order",
                        event.time, pieces.position
                    );
                    return Err(damaged(file, EventError { byte: position, problem }));
                }
                time = event.time;
            }
            if last {
                return Ok(Self { marks });
            }
        }
    }

    /// Reads the events of a span of time in µs.
    pub(in crate::events) fn read(&self, file: &Path, span: Range<i64>) -> Result<Vec<Event>, DataError> {
        let after = self.marks.partition_point(|mark| mark.time < span.start);
        let mut events = Vec::new();
        let Some(mark) = self.marks.get(after.saturating_sub(1)) else { return Ok(events) };
        let mut pieces = Pieces::open(file, mark.decoder.boxed(), mark.position)?;
        loop {
            let begin = events.len();
            let last = pieces.next(&mut events)?;
            let ended = last || events.last().is_some_and(|event| event.time >= span.end);
            retain_from(&mut events, begin, &span);
            if ended {
                return Ok(events);
            }
        }
    }
}

/// Removes the events from `begin` on that are outside of a span of time.
fn retain_from(events: &mut Vec<Event>, begin: usize, span: &Range<i64>) {
    let mut length = begin;
    for index in begin..events.len() {
        let event = events[index];
        events[length] = event;
        length += usize::from(span.contains(&event.time));
    }
    events.truncate(length);
}

/// Decodes bytes that are all there.
pub(super) fn decode_all(bytes: &[u8], decoder: &mut dyn Decoder, events: &mut Vec<Event>) -> Result<(), EventError> {
    decoder.decode(bytes, true, events).map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::super::{EventFormat, NpyEvents, samples};
    use super::*;

    /// Decodes a file in pieces of a few bytes.
    fn in_pieces(format: EventFormat, bytes: &[u8], piece: usize) -> Result<Vec<Event>, EventError> {
        let (mut decoder, mut events, mut used, mut end) =
            (format.decoder(&NpyEvents::default())?, Vec::new(), 0_usize, 0);
        loop {
            end = bytes.len().min(end + piece);
            let last = end == bytes.len();
            let step = decoder.decode(&bytes[used..end], last, &mut events);
            used += step.map_err(|error| EventError { byte: used as u64 + error.byte, problem: error.problem })?;
            if last {
                return Ok(events);
            }
        }
    }

    #[test]
    fn pieces_of_any_size_give_the_same_events_and_errors() {
        for format in samples::ALL {
            let (file, _) = samples::file(format);
            let events = format.decode(&file).unwrap();
            assert!(events.len() >= 3, "{format:?}");
            for piece in 1..file.len() {
                assert_eq!(in_pieces(format, &file, piece).unwrap(), events, "{format:?} in pieces of {piece}");
                let cut = &file[..file.len() - 1];
                assert_eq!(in_pieces(format, cut, piece).is_err(), format.decode(cut).is_err(), "{format:?}");
            }
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_an_error_or_has_fewer_events() {
        for format in samples::ALL {
            let (file, header) = samples::file(format);
            let events = format.decode(&file).unwrap();
            // The table of packets of AEDAT 4 is not needed.
            let whole = file.len() - if format == EventFormat::Aedat4 { b"the table".len() } else { 0 };
            for length in 0..whole {
                match format.decode(&file[..length]) {
                    Ok(fewer) => {
                        // Formats with a count of their events, or a table behind them, show every cut.
                        assert_ne!(header, usize::MAX, "{format:?} cut to {length} bytes");
                        // A header that ends with any line is whole.
                        assert!(length >= header || fewer.is_empty(), "{format:?} cut to {length} bytes");
                        assert_eq!(fewer, events[..fewer.len()], "{format:?} cut to {length} bytes");
                    }
                    Err(error) => assert!(error.byte <= length as u64, "{format:?} cut to {length} bytes: {error}"),
                }
            }
        }
    }

    #[test]
    fn files_are_read_in_pieces_and_events_that_are_not_kept_take_no_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.bin");
        // Several pieces; no piece is a whole number of records.
        let records = 2 * PIECE / 5 + 17;
        let mut file = File::create(&path).unwrap();
        for index in 0..records as u32 {
            let [_, high, middle, low] = index.to_be_bytes();
            file.write_all(&[1, 2, high, middle, low]).unwrap();
        }
        let times = |span: Option<Range<i64>>| -> Vec<i64> {
            let events = EventFormat::Records40.read(&path, &NpyEvents::default(), span.as_ref()).unwrap();
            events.iter().map(|event| event.time).collect()
        };
        assert_eq!(times(None), (0..records as i64).collect::<Vec<_>>());
        assert_eq!(times(Some(60_000..60_003)), [60_000, 60_001, 60_002]);
        file.write_all(&[9]).unwrap();
        let error = EventFormat::Records40.read(&path, &NpyEvents::default(), None).unwrap_err().to_string();
        assert!(
            error.ends_with(&format!("long.bin: byte {}: the file ends within an event: 1 of 5 bytes", 5 * records))
        );
    }

    #[test]
    fn an_index_reads_spans_of_time_and_refuses_times_that_decrease() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.raw");
        // Events of EVT 2.0, one in every 64 µs: a word of time before each.
        let events = PIECE as u32 / 3;
        let words = (0..events).flat_map(|time| [8 << 28 | time, 5]).flat_map(u32::to_le_bytes);
        std::fs::write(&path, b"% evt 2.0\n".iter().copied().chain(words).collect::<Vec<u8>>()).unwrap();
        let index = EventFormat::Evt2.index(&path).unwrap();
        assert!(index.marks.len() > 2);
        let all = EventFormat::Evt2.read(&path, &NpyEvents::default(), None).unwrap();
        let end = i64::from(events) * 64;
        for begin in (0..end).step_by(199_999).chain([end - 64, end, end + 1]) {
            let span = begin..begin + 100_000;
            let expected: Vec<Event> = all.iter().filter(|event| span.contains(&event.time)).copied().collect();
            assert_eq!(index.read(&path, span).unwrap(), expected);
        }
        let bytes = [&b"% evt 2.0\n"[..], &[5, 0, 0, 0x80, 0, 0, 0, 0, 4, 0, 0, 0x80, 0, 0, 0, 0]].concat();
        std::fs::write(&path, bytes).unwrap();
        let error = EventFormat::Evt2.index(&path).err().unwrap().to_string();
        let expected = "long.raw: byte 0: the time decreases from 320 to 256 µs, in the bytes from here to 26; spans of time \
                        need events in their order";
        assert!(error.ends_with(expected), "{error}");
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(
            format in prop::sample::select(samples::ALL.as_slice()),
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            header in any::<bool>(),
            piece in 1..64_usize,
        ) {
            let (file, start) = samples::file(format);
            let bytes = if header { [&file[..start.min(file.len() / 2)], &bytes].concat() } else { bytes };
            let whole = format.decode(&bytes);
            prop_assert_eq!(in_pieces(format, &bytes, piece).is_ok(), whole.is_ok());
        }

        #[test]
        fn damaged_files_never_panic(
            format in prop::sample::select(samples::ALL.as_slice()),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let (mut file, _) = samples::file(format);
            for (place, byte) in changes {
                let at = place.index(file.len());
                file[at] = byte;
            }
            let limit = file.len();
            if let Ok(events) = format.decode(&file) {
                prop_assert!(events.len() <= limit * 8);
            }
        }
    }
}
