//! Decoding of files in pieces.

use std::io::Read;
use std::path::Path;

use neurobench_core::data::DataError;
use neurobench_core::data::events::Event;
use neurobench_core::files;

use super::{Decoder, EventError};
use crate::recordings::damaged;

/// Number of bytes that are read at once. A record that is longer is collected from several pieces.
const PIECE: usize = 1 << 18;

/// Reads the events of a file that `kept` accepts.
pub(super) fn read(
    file: &Path,
    decoder: &mut dyn Decoder,
    mut kept: impl FnMut(&Event) -> bool,
) -> Result<Vec<Event>, DataError> {
    let unreadable = |problem| DataError::Read { file: file.to_owned(), problem };
    let mut source = files::open(file).map_err(unreadable)?;
    let length = source.metadata().map_err(unreadable)?.len();
    // One byte more shows that the file has ended.
    let piece = usize::try_from(length).unwrap_or(PIECE).saturating_add(1).min(PIECE);
    let mut bytes = Vec::with_capacity(piece);
    let mut events = Vec::new();
    // Position of the first of `bytes` in the file.
    let mut position = 0;
    loop {
        let read = source.by_ref().take(piece as u64).read_to_end(&mut bytes).map_err(unreadable)?;
        let last = read < piece;
        let begin = events.len();
        let used = decoder
            .decode(&bytes, last, &mut events)
            .map_err(|error| damaged(file, EventError { byte: position + error.byte, problem: error.problem }))?;
        retain_from(&mut events, begin, &mut kept);
        if last {
            return Ok(events);
        }
        position += used as u64;
        bytes.drain(..used);
    }
}

/// Removes the events from `begin` on that are not kept.
fn retain_from(events: &mut Vec<Event>, begin: usize, kept: &mut impl FnMut(&Event) -> bool) {
    let mut length = begin;
    for index in begin..events.len() {
        let event = events[index];
        events[length] = event;
        length += usize::from(kept(&event));
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
        let mut file = std::fs::File::create(&path).unwrap();
        for index in 0..records as u32 {
            let [_, high, middle, low] = index.to_be_bytes();
            file.write_all(&[1, 2, high, middle, low]).unwrap();
        }
        let times = |kept: fn(&Event) -> bool| -> Vec<i64> {
            let events = EventFormat::Records40.read(&path, &NpyEvents::default(), kept).unwrap();
            events.iter().map(|event| event.time).collect()
        };
        assert_eq!(times(|_| true), (0..records as i64).collect::<Vec<_>>());
        assert_eq!(times(|event| (60_000..60_003).contains(&event.time)), [60_000, 60_001, 60_002]);
        file.write_all(&[9]).unwrap();
        let error = EventFormat::Records40.read(&path, &NpyEvents::default(), |_| true).unwrap_err().to_string();
        assert!(
            error.ends_with(&format!("long.bin: byte {}: the file ends within an event: 1 of 5 bytes", 5 * records))
        );
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
