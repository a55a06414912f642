//! AEDAT 3.1 of cAER.
//!
//! Source: <https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-3.1.html>.

use std::convert::Infallible;

use neurobench_core::data::events::Event;

use super::{Decoder, EventError, append, header, problem, u32_at};

/// Number of bytes of the header of a packet.
const HEADER: usize = 28;
/// Type of packets of polarity events.
const POLARITY: u16 = 1;
/// Number of bytes of a polarity event.
const SIZE: usize = 8;

#[derive(Clone, Default)]
pub(super) struct Aedat3 {
    header_read: bool,
    packet: Packet,
}

/// Rest of the packet that is being read.
#[derive(Clone, Default)]
struct Packet {
    /// True if its events are polarity events.
    polarity: bool,
    /// Number of bytes that are not read yet.
    left: u64,
    /// Upper bits of the times in µs.
    base: i64,
}

impl Decoder for Aedat3 {
    fn boxed(&self) -> Box<dyn Decoder> {
        Box::new(self.clone())
    }

    fn decode(&mut self, bytes: &[u8], last: bool, events: &mut Vec<Event>) -> Result<usize, EventError> {
        let mut at = 0;
        if !self.header_read {
            match header::length(bytes, last, b"#", |line| line == b"#!END-HEADER")? {
                Some(_) if !bytes.starts_with(b"#!AER-DAT3.1") => {
                    return problem(0, "not AEDAT 3.1: the first line is not `#!AER-DAT3.1`");
                }
                Some(length) => at = length,
                None => return Ok(0),
            }
            self.header_read = true;
        }
        loop {
            at += self.packet.read(&bytes[at..], events);
            let rest = &bytes[at..];
            if self.packet.left > 0 {
                return match last {
                    true => problem(
                        at,
                        format!(
                            "the file ends within a packet: {} bytes are missing",
                            self.packet.left - rest.len() as u64
                        ),
                    ),
                    false => Ok(at),
                };
            }
            match rest.first_chunk::<HEADER>() {
                Some(header) => self.packet = Packet::from_header(header, at)?,
                None if last && !rest.is_empty() => {
                    return problem(
                        at,
                        format!("the file ends within the header of a packet: {} of {HEADER} bytes", rest.len()),
                    );
                }
                None => return Ok(at),
            }
            at += HEADER;
        }
    }
}

impl Packet {
    fn from_header(header: &[u8; HEADER], at: usize) -> Result<Self, EventError> {
        let kind = u16::from_le_bytes([header[0], header[1]]);
        // The source is not needed; size, offset of the time, overflows of the time, capacity and number of events.
        let [size, offset, overflow, _, number] = [4, 8, 12, 16, 20].map(|at| u32_at(header, at).unwrap_or_default());
        for (name, value) in [("size", size), ("time overflow", overflow), ("number of events", number)] {
            if i32::try_from(value).is_err() {
                return problem(at, format!("the {name} of a packet is negative: {}", value as i32));
            }
        }
        let polarity = kind == POLARITY;
        if polarity && (size != SIZE as u32 || offset != 4) {
            return problem(
                at,
                format!("polarity events of {size} bytes with the time at {offset}, expected {SIZE} bytes and 4"),
            );
        }
        Ok(Self { polarity, left: u64::from(size) * u64::from(number), base: i64::from(overflow) << 31 })
    }

    /// Appends complete events and returns the number of bytes that were read or skipped.
    fn read(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> usize {
        let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        let used = if self.polarity {
            let (records, rest) = bytes[..length].as_chunks::<SIZE>();
            let base = self.base;
            let event = |record: &[u8; SIZE]| {
                let record = u64::from_le_bytes(*record);
                Event {
                    time: base | (record >> 32 & 0x7fff_ffff) as i64,
                    x: (record >> 17 & 0x7fff) as u16,
                    y: (record >> 2 & 0x7fff) as u16,
                    polarity: (record >> 1 & 1) as u8,
                }
            };
            // Bit 0 marks a valid event.
            let marks = |record: &[u8; SIZE]| u32::from(!record[0] & 1);
            let is_event = |record: &[u8; SIZE]| Ok::<_, Infallible>(marks(record) == 0);
            let Ok(()) = append(records, marks, is_event, event, events);
            length - rest.len()
        } else {
            length
        };
        self.left -= used as u64;
        used
    }
}

#[cfg(test)]
mod tests {
    use super::super::EventFormat;
    use super::*;

    const START: &[u8] = b"#!AER-DAT3.1\r\n#Format: RAW\r\n#!END-HEADER\r\n";

    fn packet(kind: u16, size: u32, overflow: u32, events: &[[u32; 2]]) -> Vec<u8> {
        let number = events.len() as u32;
        let words = [size, 4, overflow, number + 5, number, number].into_iter().chain(events.iter().flatten().copied());
        let kind = [kind.to_le_bytes(), [1, 0]].concat();
        kind.into_iter().chain(words.flat_map(u32::to_le_bytes)).collect()
    }

    #[test]
    fn valid_events_of_polarity_packets_are_read_with_the_overflow_of_the_time() {
        let event = |x: u32, y: u32, polarity: u32, valid: u32| x << 17 | y << 2 | polarity << 1 | valid;
        let polarity = packet(1, 8, 2, &[[event(127, 3, 1, 1), 7], [event(1, 1, 1, 0), 8], [event(0, 32767, 0, 1), 9]]);
        // The special packet holds a byte like the start of a header line.
        let file = [START, &packet(0, 8, 0, &[[0x2323_2323, 1]]), &polarity].concat();
        let expected = [
            Event { time: (2 << 31) + 7, x: 127, y: 3, polarity: 1 },
            Event { time: (2 << 31) + 9, x: 0, y: 32767, polarity: 0 },
        ];
        assert_eq!(EventFormat::Aedat3.decode(&file).unwrap(), expected);
    }

    #[test]
    fn errors_name_the_byte_and_the_problem() {
        let error = |bytes: &[u8]| EventFormat::Aedat3.decode(&[START, bytes].concat()).unwrap_err().to_string();
        let one = packet(1, 8, 0, &[[1, 2]]);
        assert_eq!(error(&one[..35]), "byte 70: the file ends within a packet: 1 bytes are missing");
        assert_eq!(error(&one[..20]), "byte 42: the file ends within the header of a packet: 20 of 28 bytes");
        let sizes = packet(1, 16, 0, &[[1, 2]]);
        assert_eq!(error(&sizes), "byte 42: polarity events of 16 bytes with the time at 4, expected 8 bytes and 4");
        let negative = packet(7, u32::MAX, 0, &[]);
        assert_eq!(error(&negative), "byte 42: the size of a packet is negative: -1");
        let error = EventFormat::Aedat3.decode(b"#!AER-DAT2.0\r\n").unwrap_err();
        assert_eq!(error.to_string(), "byte 0: not AEDAT 3.1: the first line is not `#!AER-DAT3.1`");
    }
}
