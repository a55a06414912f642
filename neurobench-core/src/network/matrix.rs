//! Weighted sums over rows of inputs: what linear layers and recurrent connections are made of.
//!
//! To each output, products are added one input after the other in ascending order. Where few inputs are not zero, the others
//! are left out; where many are, several rows go through the weights together. Both give the same bits: a product with zero is
//! zero, since all weights are finite, and adding a zero of either sign changes no sum but -0, which no sum here is as long as
//! it does not start as such.

use crate::model::{CallOperations, FanOut};
use crate::network::instructions::Instructions;
use crate::network::real::Real;

/// So many rows go through the weights together if they are dense.
const TOGETHER: usize = 4;

/// Weights between all inputs and all outputs.
pub(crate) struct Matrix<R> {
    /// The weights of each input, one input after the other.
    columns: Vec<R>,
    inputs: usize,
    outputs: usize,
    fan_out: FanOut,
    /// Whether no weight is zero.
    full: bool,
}

/// Which inputs are not zero: memory that is used again and again.
pub(crate) struct Places {
    found: Vec<u32>,
    /// Whether more sums than 64 at once fit the registers.
    wide: bool,
}

impl Places {
    pub(crate) fn new(instructions: Instructions) -> Self {
        Self { found: Vec::new(), wide: instructions.are_wide() }
    }

    /// Finds the inputs of a row that are not zero; their places ascend.
    #[inline(always)]
    pub(crate) fn find<R: Real>(&mut self, row: &[R]) -> &[u32] {
        if self.found.len() < row.len() {
            self.found.resize(row.len(), 0);
        }
        let mut found = 0;
        for (stretch, inputs) in row.chunks(64).enumerate() {
            let mut bits = R::nonzero_bits(inputs);
            while bits != 0 {
                // There are as many entries as inputs, and no layer has 2³² inputs: `MOST_ELEMENTS`.
                self.found[found] = (stretch * 64) as u32 + bits.trailing_zeros();
                found += 1;
                bits &= bits - 1;
            }
        }
        &self.found[..found]
    }
}

impl<R: Real> Matrix<R> {
    /// From weights `[outputs, inputs]` in memory order, neither of which is 0.
    pub(crate) fn new(weights: &[R], inputs: usize, outputs: usize) -> Self {
        let mut columns = vec![R::zero(); weights.len()];
        let mut fan_out = vec![0_u64; inputs];
        for (output, row) in weights.chunks_exact(inputs).enumerate() {
            for (input, weight) in row.iter().enumerate() {
                columns[input * outputs + output] = *weight;
                fan_out[input] += u64::from(!weight.is_zero());
            }
        }
        let full = fan_out.iter().all(|meets| *meets == outputs as u64);
        Self { columns, inputs, outputs, fan_out: FanOut::new(fan_out, weights.len() as u64), full }
    }

    /// The operations of one row.
    pub(crate) fn fan_out(&self) -> &FanOut {
        &self.fan_out
    }

    /// Adds the weighted sums of each row of inputs to a row of outputs, none of which may be -0. If they are to be counted,
    /// tells the operations of each row.
    #[inline(always)]
    pub(crate) fn add_products<const COUNT: bool>(
        &self,
        inputs: &[R],
        outputs: &mut [R],
        places: &mut Places,
        mut count: impl FnMut(CallOperations),
    ) {
        let wide = places.wide;
        let groups = inputs.chunks(TOGETHER * self.inputs).zip(outputs.chunks_mut(TOGETHER * self.outputs));
        for (inputs, outputs) in groups {
            let rows = || inputs.chunks_exact(self.inputs);
            if inputs.len() == TOGETHER * self.inputs && rows().all(is_dense) {
                if COUNT {
                    rows().for_each(|row| count(self.operations(row, places.find(row))));
                }
                self.add_dense(inputs, outputs);
            } else {
                for (row, outputs) in rows().zip(outputs.chunks_exact_mut(self.outputs)) {
                    let places = places.find(row);
                    if COUNT {
                        count(self.operations(row, places));
                    }
                    self.add_sparse(row, places, outputs, wide);
                }
            }
        }
    }

    /// Marks the outputs that an input of a row reaches: one that is not zero, by a weight that is not.
    #[inline(always)]
    pub(crate) fn mark_reached(&self, row: &[R], places: &mut Places, marks: &mut [bool]) {
        let places = places.find(row);
        if self.full {
            marks.iter_mut().for_each(|mark| *mark |= !places.is_empty());
            return;
        }
        for place in places {
            let weights = &self.columns[*place as usize * self.outputs..][..self.outputs];
            marks.iter_mut().zip(weights).for_each(|(mark, weight)| *mark |= !weight.is_zero());
        }
    }

    /// The operations of a row, of which these inputs are not zero.
    #[inline(always)]
    fn operations(&self, row: &[R], places: &[u32]) -> CallOperations {
        let ternary = places.iter().all(|place| row[*place as usize].abs() == R::one());
        let per_input = self.fan_out.per_input();
        let operations = if self.full {
            places.len() as u64 * self.outputs as u64
        } else {
            places.iter().map(|place| per_input[*place as usize]).sum()
        };
        CallOperations { operations, ternary }
    }

    /// One row, of which these inputs are not zero.
    #[inline(always)]
    fn add_sparse(&self, row: &[R], places: &[u32], outputs: &mut [R], wide: bool) {
        let mut from = if wide { self.sparse_lanes::<128>(row, places, outputs, 0) } else { 0 };
        from += self.sparse_lanes::<64>(row, places, outputs, from);
        from += self.sparse_lanes::<16>(row, places, outputs, from);
        from += self.sparse_lanes::<4>(row, places, outputs, from);
        self.sparse_lanes::<1>(row, places, outputs, from);
    }

    /// The outputs from here on, so many at once as long as there are so many; gives how many were done. Their sums stay in
    /// registers while all inputs go by.
    #[inline(always)]
    fn sparse_lanes<const LANES: usize>(&self, row: &[R], places: &[u32], outputs: &mut [R], from: usize) -> usize {
        let (tiles, _) = outputs[from..].as_chunks_mut::<LANES>();
        for (tile, outputs) in tiles.iter_mut().enumerate() {
            let start = from + tile * LANES;
            let mut sums = *outputs;
            for place in places {
                let input = row[*place as usize];
                let weights = lanes_at::<R, LANES>(&self.columns, *place as usize * self.outputs + start);
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += input * *weight;
                }
            }
            *outputs = sums;
        }
        tiles.len() * LANES
    }

    /// [`TOGETHER`] rows, with all their inputs.
    #[inline(always)]
    fn add_dense(&self, inputs: &[R], outputs: &mut [R]) {
        let mut from = 0;
        from += self.dense_lanes::<16>(inputs, outputs, from);
        from += self.dense_lanes::<4>(inputs, outputs, from);
        self.dense_lanes::<1>(inputs, outputs, from);
    }

    #[inline(always)]
    fn dense_lanes<const LANES: usize>(&self, inputs: &[R], outputs: &mut [R], from: usize) -> usize {
        let tiles = (self.outputs - from) / LANES;
        for tile in 0..tiles {
            let start = from + tile * LANES;
            let mut sums: [[R; LANES]; TOGETHER] =
                std::array::from_fn(|row| *lanes_at(outputs, row * self.outputs + start));
            for (place, column) in self.columns.chunks_exact(self.outputs).enumerate() {
                let weights = lanes_at::<R, LANES>(column, start);
                for (row, sums) in sums.iter_mut().enumerate() {
                    let input = inputs[row * self.inputs + place];
                    for (sum, weight) in sums.iter_mut().zip(weights) {
                        *sum += input * *weight;
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate() {
                outputs[row * self.outputs + start..][..LANES].copy_from_slice(sums);
            }
        }
        tiles * LANES
    }
}

/// Whether more than half of the inputs are not zero.
#[inline(always)]
fn is_dense<R: Real>(row: &[R]) -> bool {
    let active: u32 = row.chunks(64).map(|inputs| R::nonzero_bits(inputs).count_ones()).sum();
    active as usize * 2 > row.len()
}

/// So many numbers from a place on, which must be there.
#[inline(always)]
fn lanes_at<R, const LANES: usize>(numbers: &[R], start: usize) -> &[R; LANES] {
    match numbers[start..].first_chunk() {
        Some(lanes) => lanes,
        None => unreachable!("{LANES} numbers from {start} on, of {}", numbers.len()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Rows of inputs, weights and starting sums, with zeros in all of them.
    fn cases() -> impl Strategy<Value = (usize, usize, Vec<f32>, Vec<f32>)> {
        let number = prop_oneof![Just(0.0_f32), Just(1.0), Just(-1.0), -3.0_f32..3.0];
        (1_usize..80, 1_usize..100, 0_usize..9, 0_u32..=10).prop_flat_map(move |(inputs, outputs, rows, density)| {
            let input =
                (number.clone(), 0_u32..10).prop_map(move |(number, draw)| if draw < density { number } else { 0.0 });
            let rows = proptest::collection::vec(input, rows * inputs);
            (Just(inputs), Just(outputs), rows, proptest::collection::vec(number.clone(), inputs * outputs))
        })
    }

    proptest! {
        #[test]
        fn both_ways_add_one_input_after_the_other((inputs, outputs, rows, weights) in cases()) {
            let matrix = Matrix::new(&weights, inputs, outputs);
            let starts: Vec<f32> = (0..outputs).map(|output| output as f32 * 0.37).collect();
            let mut sums: Vec<f32> = rows.chunks_exact(inputs).flat_map(|_| starts.clone()).collect();
            let mut counts = Vec::new();
            let mut places = Places::new(Instructions::fastest());
            matrix.add_products::<true>(&rows, &mut sums, &mut places, |count| counts.push(count));
            for ((row, sums), count) in rows.chunks_exact(inputs).zip(sums.chunks_exact(outputs)).zip(&counts) {
                let mut operations = 0;
                for ((output, sum), start) in sums.iter().enumerate().zip(&starts) {
                    let mut expected = *start;
                    for (input, weight) in row.iter().zip(&weights[output * inputs..]) {
                        expected += input * weight;
                        operations += u64::from(*input != 0.0 && *weight != 0.0);
                    }
                    prop_assert_eq!(sum.to_bits(), expected.to_bits());
                }
                prop_assert_eq!(count.operations, operations);
                prop_assert_eq!(count.ternary, row.iter().all(|input| [0.0, 1.0, -1.0].contains(input)));
            }
            prop_assert_eq!(counts.len(), rows.len() / inputs);
        }
    }
}
