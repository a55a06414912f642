//! Counts of non-zero outputs of each neuron of a layer.

use crate::instructions::{Instructions, Work};
use crate::model::Element;

/// Counts of the neurons of one layer that are not yet added up.
///
/// A layer may have tens of thousands of neurons and report one sample at a time: counting then mostly reads and writes
/// counts, and narrow counts take a quarter of the time. They are added up before they could overflow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    counts: Vec<u16>,
    /// Number of values of each neuron, an upper bound of the counts.
    rows: usize,
}

/// Maximum number of values per neuron between additions.
const MOST_ROWS: usize = u16::MAX as usize;

impl Tally {
    /// Counts non-zero values, one of each neuron in turn, repeatedly; adds up first if there is no room for more.
    pub(crate) fn add<E: Element>(&mut self, values: &[E], totals: &mut [u64], instructions: Instructions) {
        let neurons = totals.len();
        self.counts.resize(neurons, 0);
        for values in values.chunks(neurons * MOST_ROWS) {
            let rows = values.len() / neurons;
            if self.rows + rows > MOST_ROWS {
                self.settle(totals);
            }
            instructions.run(Count { counts: &mut self.counts, values });
            self.rows += rows;
        }
    }

    /// Adds the counts up, and resets them.
    pub(crate) fn settle(&mut self, totals: &mut [u64]) {
        if self.rows > 0 {
            totals.iter_mut().zip(&self.counts).for_each(|(total, count)| *total += u64::from(*count));
            self.clear();
        }
    }

    /// Discards the counts.
    pub(crate) fn clear(&mut self) {
        self.counts.fill(0);
        self.rows = 0;
    }
}

/// Adds the number of non-zero values to each count.
struct Count<'a, E> {
    counts: &'a mut [u16],
    values: &'a [E],
}

impl<E: Element> Work for Count<'_, E> {
    #[inline(always)]
    fn run(self) {
        const LANES: usize = 64;
        let Self { counts, values } = self;
        let neurons = counts.len();
        let count_row = |counts: &mut [u16], row: &[E]| {
            counts.iter_mut().zip(row).for_each(|(count, value)| *count += u16::from(!value.is_zero()));
        };
        if values.len() == neurons {
            count_row(counts, values);
            return;
        }
        let (parts, rest) = counts.as_chunks_mut::<LANES>();
        let whole = parts.len() * LANES;
        for (part, counts) in parts.iter_mut().enumerate() {
            // The sums stay in registers through all rows.
            let mut sums = [0_u32; LANES];
            for row in values.chunks_exact(neurons) {
                let Some(row) = row[part * LANES..].first_chunk::<LANES>() else {
                    unreachable!("a row has a value for every count")
                };
                for (sum, value) in sums.iter_mut().zip(row) {
                    *sum += u32::from(!value.is_zero());
                }
            }
            // No sum exceeds the number of rows.
            counts.iter_mut().zip(sums).for_each(|(count, sum)| *count += sum as u16);
        }
        if !rest.is_empty() {
            values.chunks_exact(neurons).for_each(|row| count_row(rest, &row[whole..]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(tally: &mut Tally, values: &[f32], totals: &mut [u64]) {
        tally.add(values, totals, Instructions::fastest());
    }

    /// Covers numbers of neurons below, equal to and above the number of lanes, and any number of rows.
    #[test]
    fn each_neuron_is_counted_separately() {
        for neurons in 1..140 {
            for rows in [1, 2, 3, 9] {
                let values: Vec<f32> = (0..neurons * rows).map(|place| (place * place % 3) as f32 - 1.0).collect();
                let (mut counted, mut totals) = (Tally::default(), vec![5; neurons]);
                tally(&mut counted, &values, &mut totals);
                tally(&mut counted, &values, &mut totals);
                counted.settle(&mut totals);
                let neuron_values = |neuron: usize| values.iter().skip(neuron).step_by(neurons);
                let spikes = |neuron: usize| neuron_values(neuron).filter(|value| **value != 0.0).count() as u64;
                assert_eq!(totals, (0..neurons).map(|neuron| 5 + 2 * spikes(neuron)).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn more_values_than_a_count_holds_are_added_up_on_the_way() {
        for (calls, rows) in [(3, 30_000), (1, 200_000), (MOST_ROWS + 2, 1)] {
            let values = [1.0, 0.0].repeat(rows);
            let (mut counted, mut totals) = (Tally::default(), vec![0; 2]);
            (0..calls).for_each(|_| tally(&mut counted, &values, &mut totals));
            counted.settle(&mut totals);
            assert_eq!(totals, [(calls * rows) as u64, 0]);
            counted.settle(&mut totals);
            assert_eq!(totals, [(calls * rows) as u64, 0], "settled twice");
        }
    }
}
