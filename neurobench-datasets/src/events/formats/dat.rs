//! DAT files of Prophesee, version 2.
//!
//! Source: <https://docs.prophesee.ai/stable/data/file_formats/dat.html>.

use neurobench_core::data::events::Event;

use super::{Decoder, EventError, header, problem, records};

/// Number of bytes of an event.
const SIZE: usize = 8;

#[derive(Clone, Default)]
pub(super) struct Dat {
    header_read: bool,
}

impl Decoder for Dat {
    fn boxed(&self) -> Box<dyn Decoder> {
        Box::new(self.clone())
    }

    fn decode(&mut self, bytes: &[u8], last: bool, events: &mut Vec<Event>) -> Result<usize, EventError> {
        let mut header = 0;
        if !self.header_read {
            match read_header(bytes, last)? {
                Some(length) => header = length,
                None => return Ok(0),
            }
            self.header_read = true;
        }
        let records = records::<SIZE>(&bytes[header..], last).map_err(|mut error| {
            error.byte += header as u64;
            error
        })?;
        // All are tested first, so that they are appended without a test of each.
        if records.iter().fold(0, |bits, record| bits | record[7]) >> 5 != 0 {
            let index = records.iter().position(|record| record[7] >> 5 != 0).unwrap_or_default();
            let polarity = records[index][7] >> 4;
            return problem(header + index * SIZE, format!("the polarity {polarity} is neither 0 nor 1"));
        }
        events.extend(records.iter().map(|record| {
            let record = u64::from_le_bytes(*record);
            Event {
                time: i64::from(record as u32),
                x: (record >> 32 & 0x3fff) as u16,
                y: (record >> 46 & 0x3fff) as u16,
                polarity: (record >> 60) as u8,
            }
        }));
        Ok(header + records.len() * SIZE)
    }
}

/// Returns the length of the header with the two bytes behind it; `None` if more bytes are needed.
fn read_header(bytes: &[u8], last: bool) -> Result<Option<usize>, EventError> {
    let Some(length) = header::length(bytes, last, b"% ", |_| false)? else { return Ok(None) };
    if let Some(version) = header::value(&bytes[..length], "% Version ").filter(|version| *version != "2") {
        return problem(0, format!("DAT version {} is not supported; version 2 is", version.escape_debug()));
    }
    match bytes[length..] {
        // 0 and 12 are the types of events with x, y and polarity.
        [0 | 12, 8, ..] => Ok(Some(length + 2)),
        [0 | 12, size, ..] => problem(length + 1, format!("events of {size} bytes, expected 8")),
        [kind, _, ..] => problem(length, format!("events of type {kind}, expected 0 or 12: x, y and polarity")),
        _ if last => problem(length, "the file ends before the type and size of its events"),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::EventFormat;
    use super::*;

    #[test]
    fn bits_are_where_the_format_has_them() {
        let word = 1 << 28 | 719 << 14 | 1279_u32;
        let bytes = [b"% Version 2\n\x0c\x08", &0xffff_ffff_u32.to_le_bytes()[..], &word.to_le_bytes()].concat();
        let events = EventFormat::Dat.decode(&bytes).unwrap();
        assert_eq!(events, [Event { time: 0xffff_ffff, x: 1279, y: 719, polarity: 1 }]);
    }

    #[test]
    fn errors_name_the_byte_and_the_problem() {
        let error = |bytes: &[u8]| EventFormat::Dat.decode(bytes).unwrap_err().to_string();
        assert_eq!(error(b"% Version 1\n\0\x08"), "byte 0: DAT version 1 is not supported; version 2 is");
        assert_eq!(error(b"% a\n\x0e\x08"), "byte 4: events of type 14, expected 0 or 12: x, y and polarity");
        assert_eq!(error(b"% a\n\x0c\x07"), "byte 5: events of 7 bytes, expected 8");
        assert_eq!(error(b"% a\n\x0c"), "byte 4: the file ends before the type and size of its events");
        assert_eq!(error(b"% a\n\x0c\x08\x01\x02"), "byte 6: the file ends within an event: 2 of 8 bytes");
        assert_eq!(error(b"% a\n\x0c\x08\0\0\0\0\0\0\0\x20"), "byte 6: the polarity 2 is neither 0 nor 1");
    }
}
