//! Records of 40 bits: N-MNIST and N-Caltech101.
//!
//! Source: Orchard et al. 2015, doi 10.3389/fnins.2015.00437.

use neurobench_core::data::events::Event;

use super::{Decoder, EventError, records};

/// Value of y that marks an overflow of the time.
const OVERFLOW: u8 = 240;
/// Number of µs that an overflow adds.
const OVERFLOW_TIME: i64 = 1 << 13;

#[derive(Clone, Default)]
pub(super) struct Records40 {
    /// Sum of the overflows in µs.
    elapsed: i64,
}

impl Decoder for Records40 {
    fn boxed(&self) -> Box<dyn Decoder> {
        Box::new(self.clone())
    }

    fn decode(&mut self, bytes: &[u8], last: bool, events: &mut Vec<Event>) -> Result<usize, EventError> {
        let records = records::<5>(bytes, last)?;
        events.reserve(records.len());
        // Overflows are rare: between them, events are appended without a test of each.
        for run in records.split_inclusive(|[_, y, ..]| *y == OVERFLOW) {
            let (run, overflow) = match run {
                [run @ .., [_, OVERFLOW, ..]] => (run, true),
                run => (run, false),
            };
            let elapsed = self.elapsed;
            events.extend(run.iter().map(|[x, y, high, middle, low]| Event {
                time: i64::from(u32::from_be_bytes([0, high & 0x7f, *middle, *low])) + elapsed,
                x: u16::from(*x),
                y: u16::from(*y),
                polarity: high >> 7,
            }));
            self.elapsed += OVERFLOW_TIME * i64::from(overflow);
        }
        Ok(records.len() * 5)
    }
}

#[cfg(test)]
mod tests {
    use super::super::EventFormat;
    use super::*;

    #[test]
    fn an_overflow_adds_to_all_later_times() {
        // x, y, polarity and time in 23 bits.
        let bytes =
            [[33, 1, 0xff, 0xff, 0xff], [9, 240, 0, 0, 1], [2, 239, 0, 1, 2], [0, 240, 0, 0, 0], [0, 0, 0, 0, 0]];
        let events = EventFormat::Records40.decode(bytes.as_flattened()).unwrap();
        let expected = [
            Event { time: 0x7f_ffff, x: 33, y: 1, polarity: 1 },
            Event { time: 8192 + 258, x: 2, y: 239, polarity: 0 },
            Event { time: 2 * 8192, x: 0, y: 0, polarity: 0 },
        ];
        assert_eq!(events, expected);
    }
}
