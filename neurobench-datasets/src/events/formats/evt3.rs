//! EVT 3.0 of Prophesee.
//!
//! Source: <https://docs.prophesee.ai/stable/data/encoding_formats/evt3.html>.
//!
//! The crate `evt3` reads whole files and returns triggers with the events; these lines read in pieces, with the byte of
//! an error, and depend on nothing.

use neurobench_core::data::events::Event;

use super::{Decoder, EventError, header, problem};

/// Number of values of the upper 12 bits of the time, which then start again.
const TURN: u16 = 1 << 12;

#[derive(Clone, Copy, Default)]
pub(super) struct Evt3 {
    header_read: bool,
    y: u16,
    /// x of the first event of the next vector.
    base: u16,
    /// Polarity of the next vector.
    polarity: u8,
    /// Upper 12 bits of the time; `None` before the first word that has them.
    high: Option<u16>,
    /// Lower 12 bits of the time.
    low: u16,
    /// Number of times that the lower bits have started again since the last word of the upper ones.
    carries: i64,
    /// Number of times that the time has started again.
    turns: i64,
}

impl Decoder for Evt3 {
    fn boxed(&self) -> Box<dyn Decoder> {
        Box::new(*self)
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
        let (words, rest) = bytes[header..].as_chunks::<2>();
        if last && !rest.is_empty() {
            return problem(bytes.len() - 1, "the file ends within a word: 1 of 2 bytes");
        }
        events.reserve(words.len());
        // A copy stays in registers.
        let mut state = *self;
        let mut time = state.time();
        for (index, word) in words.iter().enumerate() {
            let word = u16::from_le_bytes(*word);
            let bits = word & 0x0fff;
            match word >> 12 {
                0x0 => state.y = bits & 0x7ff,
                0x2 => {
                    // The time of events before the first words of time is unknown.
                    if let Some(time) = time {
                        events.push(Event { time, x: bits & 0x7ff, y: state.y, polarity: (bits >> 11) as u8 });
                    }
                }
                0x3 => (state.base, state.polarity) = (bits & 0x7ff, (bits >> 11) as u8),
                0x4 => state.vector(time, bits, 12, events),
                0x5 => state.vector(time, bits & 0xff, 8, events),
                0x6 => {
                    // A camera sends the upper bits whenever the lower ones start again; expelliarmus does not write them.
                    state.carries += i64::from(bits < state.low);
                    state.low = bits;
                    time = state.time();
                }
                0x8 => {
                    state.set_high(bits);
                    time = state.time();
                }
                // A trigger, a word of the maker, and continuations of one.
                0x7 | 0xa | 0xe | 0xf => {}
                kind => return problem(header + index * 2, format!("no word of EVT 3.0 has type {kind:#x}")),
            }
        }
        *self = state;
        Ok(header + words.len() * 2)
    }
}

impl Evt3 {
    /// Appends an event for each bit, and moves on by the length of the vector.
    #[inline]
    fn vector(&mut self, time: Option<i64>, mut bits: u16, length: u16, events: &mut Vec<Event>) {
        if let Some(time) = time {
            while bits != 0 {
                let x = self.base.wrapping_add(bits.trailing_zeros() as u16);
                events.push(Event { time, x, y: self.y, polarity: self.polarity });
                bits &= bits - 1;
            }
        }
        self.base = self.base.wrapping_add(length);
    }

    fn set_high(&mut self, high: u16) {
        // A small step back is a disorder of the sensor, a large one the end of a turn.
        if self.high.is_some_and(|before| before > high && before - high > TURN / 2) {
            self.turns += 1;
        }
        // The word of the lower bits follows; until then, those of the time before would be far ahead.
        if self.high != Some(high) {
            self.low = 0;
        }
        self.high = Some(high);
        self.carries = 0;
    }

    /// Time in µs.
    fn time(&self) -> Option<i64> {
        let high = i64::from(self.high?);
        Some((self.turns * i64::from(TURN) + high + self.carries) << 12 | i64::from(self.low))
    }
}

#[cfg(test)]
mod tests {
    use super::super::EventFormat;
    use super::*;

    fn file(words: &[u16]) -> Vec<u8> {
        let words = words.iter().flat_map(|word| word.to_le_bytes());
        b"% evt 3.0\n% end\n".iter().copied().chain(words).collect()
    }

    #[test]
    fn single_events_and_vectors_share_row_and_time() {
        let words = [
            0x2005, // before any time: not an event
            0x8001,
            0x6002, // time 0x1002
            719,
            0x2800 | 1279, // an event that is ON
            0x3000 | 100,
            0x4000 | 0x801,
            0x5000 | 0x81, // vectors of 12 and 8 that are OFF
            0x8fff,
            0x6fff,
            0x2001,
            0x8000,
            0x2003, // the time starts again
        ];
        let event = |time, x, polarity| Event { time, x, y: 719, polarity };
        let expected = [
            event(0x1002, 1279, 1),
            event(0x1002, 100, 0),
            event(0x1002, 111, 0),
            event(0x1002, 112, 0),
            event(0x1002, 119, 0),
            event(0xff_ffff, 1, 0),
            event(0x100_0000, 3, 0),
        ];
        assert_eq!(EventFormat::Evt3.decode(&file(&words)).unwrap(), expected);
    }

    #[test]
    fn errors_name_the_byte_and_the_problem() {
        let error = |bytes: &[u8]| EventFormat::Evt3.decode(bytes).unwrap_err().to_string();
        assert_eq!(error(&file(&[0x8000, 0x1000])), "byte 18: no word of EVT 3.0 has type 0x1");
        assert_eq!(error(&file(&[0x8000])[..17]), "byte 16: the file ends within a word: 1 of 2 bytes");
    }
}
