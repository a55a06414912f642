//! EVT 2.0 of Prophesee.
//!
//! Source: <https://docs.prophesee.ai/stable/data/encoding_formats/evt2.html>.

use neurobench_core::data::events::Event;

use super::{Decoder, EventError, header, problem};

/// Number of values of the upper 28 bits of the time, which then start again.
const TURN: u32 = 1 << 28;

#[derive(Clone, Default)]
pub(super) struct Evt2 {
    header_read: bool,
    /// Upper 28 bits of the time, as the last word of time has them; `None` before the first one.
    high: Option<u32>,
    /// Number of times that the time has started again.
    turns: i64,
}

impl Decoder for Evt2 {
    fn boxed(&self) -> Box<dyn Decoder> {
        Box::new(self.clone())
    }

    fn decode(&mut self, bytes: &[u8], last: bool, events: &mut Vec<Event>) -> Result<usize, EventError> {
        let mut header = 0;
        if !self.header_read {
            match header::length(bytes, last, b"% ", |line| line == b"% end")? {
                Some(length) => header = length,
                None => return Ok(0),
            }
            self.header_read = true;
        }
        let (words, rest) = bytes[header..].as_chunks::<4>();
        if last && !rest.is_empty() {
            return problem(
                bytes.len() - rest.len(),
                format!("the file ends within a word: {} of 4 bytes", rest.len()),
            );
        }
        let mut base = self.base();
        events.reserve(words.len());
        for (index, word) in words.iter().enumerate() {
            let word = u32::from_le_bytes(*word);
            match word >> 28 {
                polarity @ (0 | 1) => {
                    // The time of events before the first word of time is unknown.
                    if let Some(base) = base {
                        events.push(Event {
                            time: base | i64::from(word >> 22 & 0x3f),
                            x: (word >> 11 & 0x7ff) as u16,
                            y: (word & 0x7ff) as u16,
                            polarity: polarity as u8,
                        });
                    }
                }
                8 => {
                    self.set_high(word & 0x0fff_ffff);
                    base = self.base();
                }
                // A trigger, a word of the maker, and a continuation of one.
                0xa | 0xe | 0xf => {}
                kind => return problem(header + index * 4, format!("no word of EVT 2.0 has type {kind:#x}")),
            }
        }
        Ok(header + words.len() * 4)
    }
}

impl Evt2 {
    fn set_high(&mut self, high: u32) {
        // A small step back is a disorder of the sensor, a large one the end of a turn.
        if self.high.is_some_and(|before| before > high && before - high > TURN / 2) {
            self.turns += 1;
        }
        self.high = Some(high);
    }

    /// Time in µs of which the lower 6 bits are missing.
    fn base(&self) -> Option<i64> {
        self.high.map(|high| (self.turns * i64::from(TURN) + i64::from(high)) << 6)
    }
}

#[cfg(test)]
mod tests {
    use super::super::EventFormat;
    use super::*;

    fn file(words: &[u32]) -> Vec<u8> {
        let words = words.iter().flat_map(|word| word.to_le_bytes());
        b"% evt 2.0\n% end\n".iter().copied().chain(words).collect()
    }

    #[test]
    fn times_come_from_two_words_and_start_again_after_their_last_value() {
        let event = 1 << 28 | 63 << 22 | 1279 << 11 | 719;
        let bytes = file(&[event, 8 << 28 | 0x0fff_ffff, event, 0xa000_0000, 0xe000_0000, 8 << 28 | 2, 5]);
        let events = EventFormat::Evt2.decode(&bytes).unwrap();
        let expected = [
            Event { time: (1 << 34) - 1, x: 1279, y: 719, polarity: 1 },
            Event { time: (1 << 34) + 128, x: 0, y: 5, polarity: 0 },
        ];
        assert_eq!(events, expected);
    }

    #[test]
    fn errors_name_the_byte_and_the_problem() {
        let error = |bytes: &[u8]| EventFormat::Evt2.decode(bytes).unwrap_err().to_string();
        assert_eq!(error(&file(&[8 << 28, 2 << 28])), "byte 20: no word of EVT 2.0 has type 0x2");
        assert_eq!(error(&file(&[8 << 28])[..18]), "byte 16: the file ends within a word: 2 of 4 bytes");
    }
}
