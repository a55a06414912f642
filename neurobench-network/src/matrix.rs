//! Weighted sums over rows of inputs: what linear layers and recurrent connections are made of.
//!
//! To each output, products are added one input after the other in ascending order. Where few inputs are not zero, the others
//! are left out; where many are, several rows go through the weights together. Both give the same bits: a product with zero is
//! zero, since all weights are finite, and adding a zero of either sign changes no sum but -0, which no sum here is as long as
//! it does not start as such.
//!
//! Weights lie in panels of some outputs each, small enough that all rows go through a panel while it is in the first cache.

use crate::aligned::Aligned;
use crate::real::Real;
use neurobench_core::instructions::{Found, Instructions, ROOM, Work};
use neurobench_core::model::{CallOperations, FanOut};

/// So many rows go through the weights together if they are dense.
const TOGETHER: usize = 4;
/// The outputs of a panel; the last ones have fewer.
const PANEL: usize = 64;
/// So many sums of each of [`TOGETHER`] rows fit the registers.
const DENSE: usize = 16;

/// Weights between all inputs and all outputs.
pub(crate) struct Matrix<R> {
    panels: Vec<Panel<R>>,
    inputs: usize,
    /// For each output; none is -0.
    bias: Vec<R>,
    fan_out: FanOut,
    /// Whether no weight is zero.
    full: bool,
}

/// The weights of some outputs that follow each other.
struct Panel<R> {
    first: usize,
    outputs: usize,
    /// [`PANEL`], 16 or 4; the last panel may have fewer outputs than lanes.
    lanes: usize,
    /// For each lane; zeros in those without an output.
    bias: Aligned<R>,
    /// For each input so many weights as there are lanes; zeros in those without an output.
    weights: Aligned<R>,
}

/// Which inputs of some rows are not zero: memory that is used again and again.
pub(crate) struct Places {
    instructions: Instructions,
    /// The places of all rows, one row after the other, and room for vectors.
    found: Vec<u32>,
    rows: Vec<Row>,
}

/// The inputs of a row that are not zero.
#[derive(Clone, Copy)]
struct Row {
    /// Where their places begin.
    first: usize,
    found: Found,
    /// Whether it goes through the weights with its neighbours.
    dense: bool,
}

impl Places {
    pub(crate) fn new(instructions: Instructions) -> Self {
        Self { instructions, found: Vec::new(), rows: Vec::new() }
    }

    /// Finds the inputs of a row that are not zero; their places ascend.
    pub(crate) fn find<R: Real>(&mut self, row: &[R]) -> &[u32] {
        self.find_in_rows(row, row.len());
        self.of_rows().next().map_or(&[], |(_, places)| places)
    }

    /// Finds them in rows of so many inputs.
    fn find_in_rows<R: Real>(&mut self, inputs: &[R], width: usize) {
        let room = inputs.len() + ROOM;
        if self.found.len() < room {
            self.found.resize(room, 0);
        }
        self.rows.clear();
        let mut first = 0;
        for row in inputs.chunks_exact(width) {
            let found = R::nonzero_places(row, &mut self.found[first..], self.instructions);
            self.rows.push(Row { first, found, dense: false });
            first += found.count;
        }
        for group in self.rows.chunks_exact_mut(TOGETHER) {
            if group.iter().all(|row| row.found.count * 2 > width) {
                group.iter_mut().for_each(|row| row.dense = true);
            }
        }
    }

    fn of_rows(&self) -> impl Iterator<Item = (&Row, &[u32])> {
        self.rows.iter().map(|row| (row, &self.found[row.first..][..row.found.count]))
    }
}

impl<R: Real> Matrix<R> {
    /// From weights `[outputs, inputs]` in memory order, with at least one input, and a bias for each output.
    pub(crate) fn new(weights: &[R], bias: Vec<R>) -> Self {
        // Sums start from +0 where the bias is -0.
        let bias: Vec<R> = bias.into_iter().map(|bias| bias + R::zero()).collect();
        let inputs = weights.len() / bias.len().max(1);
        let mut fan_out = vec![0_u64; inputs];
        for row in weights.chunks_exact(inputs) {
            for (meets, weight) in fan_out.iter_mut().zip(row) {
                *meets += u64::from(!weight.is_zero());
            }
        }
        let full = fan_out.iter().all(|meets| *meets == bias.len() as u64);
        let (mut panels, mut first) = (Vec::new(), 0);
        while first < bias.len() {
            let panel = Panel::new(first, &weights[first * inputs..], &bias[first..]);
            first += panel.outputs;
            panels.push(panel);
        }
        Self { panels, inputs, bias, fan_out: FanOut::new(fan_out, weights.len() as u64), full }
    }

    /// The operations of one row.
    pub(crate) fn fan_out(&self) -> &FanOut {
        &self.fan_out
    }

    /// What each sum starts from.
    pub(crate) fn bias(&self) -> &[R] {
        &self.bias
    }

    /// Writes the weighted sums of each row of inputs to a row of outputs. If they are to be counted, tells the operations of
    /// each row.
    #[inline]
    pub(crate) fn sum<const COUNT: bool>(
        &self,
        inputs: &[R],
        outputs: &mut [R],
        places: &mut Places,
        mut count: impl FnMut(CallOperations),
    ) {
        places.find_in_rows(inputs, self.inputs);
        if COUNT {
            for ((row, places), inputs) in places.of_rows().zip(inputs.chunks_exact(self.inputs)) {
                count(self.operations(row.found, places, inputs));
            }
        }
        self.multiply(inputs, outputs, places);
    }

    /// Kept out of line: it is compiled for every set of instructions, once for all kinds of layers.
    #[inline(never)]
    fn multiply(&self, inputs: &[R], outputs: &mut [R], places: &Places) {
        places.instructions.run(Products { matrix: self, inputs, outputs, places });
    }

    /// Marks the outputs that an input of a row reaches: one that is not zero, by a weight that is not.
    pub(crate) fn mark_reached(&self, row: &[R], places: &mut Places, marks: &mut [bool]) {
        let places = places.find(row);
        if self.full {
            marks.iter_mut().for_each(|mark| *mark |= !places.is_empty());
            return;
        }
        for panel in &self.panels {
            let marks = &mut marks[panel.first..][..panel.outputs];
            for place in places {
                let weights = &panel.weights[*place as usize * panel.lanes..];
                marks.iter_mut().zip(weights).for_each(|(mark, weight)| *mark |= !weight.is_zero());
            }
        }
    }

    /// The operations of a row, of which these inputs are not zero.
    #[inline]
    fn operations(&self, found: Found, places: &[u32], row: &[R]) -> CallOperations {
        let per_input = self.fan_out.per_input();
        let operations = if self.full {
            found.count as u64 * self.bias.len() as u64
        } else {
            places.iter().map(|place| per_input[*place as usize]).sum()
        };
        let ternary = found.ones || places.iter().all(|place| row[*place as usize].abs() == R::one());
        CallOperations::new(operations, ternary)
    }
}

impl<R: Real> Panel<R> {
    /// Of the first of these rows of weights, one for each bias.
    fn new(first: usize, rows: &[R], bias: &[R]) -> Self {
        let inputs = rows.len() / bias.len();
        let lanes = match bias.len() {
            PANEL.. => PANEL,
            5.. => 16,
            _ => 4,
        };
        let outputs = bias.len().min(lanes);
        let (rows, bias) = (&rows[..outputs * inputs], &bias[..outputs]);
        let mut weights = Aligned::zeros(inputs * lanes);
        for (lane, row) in rows.chunks_exact(inputs).enumerate() {
            for (weights, weight) in weights.chunks_exact_mut(lanes).zip(row) {
                weights[lane] = *weight;
            }
        }
        let mut padded = Aligned::zeros(lanes);
        padded[..outputs].copy_from_slice(bias);
        Self { first, outputs, lanes, bias: padded, weights }
    }
}

/// All weighted sums of some rows.
struct Products<'a, R> {
    matrix: &'a Matrix<R>,
    inputs: &'a [R],
    outputs: &'a mut [R],
    places: &'a Places,
}

impl<R: Real> Work for Products<'_, R> {
    #[inline(always)]
    fn run(mut self) {
        for panel in &self.matrix.panels {
            match panel.lanes {
                PANEL => self.through::<PANEL, DENSE>(panel),
                16 => self.through::<16, DENSE>(panel),
                _ => self.through::<4, 4>(panel),
            }
        }
    }
}

impl<R: Real> Products<'_, R> {
    /// All rows through a panel that has so many lanes, so many at a time where rows are dense.
    #[inline(always)]
    fn through<const LANES: usize, const SUMS: usize>(&mut self, panel: &Panel<R>) {
        let (weights, _) = panel.weights.as_chunks::<LANES>();
        let Some(bias) = panel.bias.first_chunk::<LANES>() else { unreachable!("a panel has a bias for each lane") };
        let Matrix { inputs: wide, .. } = *self.matrix;
        let narrow = self.matrix.bias.len();
        let of_row = |row: usize| row * narrow + panel.first..row * narrow + panel.first + panel.outputs;
        let mut row = 0;
        while let Some(Row { first, found, dense }) = self.places.rows.get(row).copied() {
            let inputs = &self.inputs[row * wide..];
            if dense {
                let (first, rest) = inputs.split_at(wide);
                let (second, rest) = rest.split_at(wide);
                let (third, rest) = rest.split_at(wide);
                let inputs = [first, second, third, &rest[..wide]];
                for lane in (0..LANES).step_by(SUMS) {
                    let sums = dense_sums::<R, LANES, SUMS>(weights, bias, inputs, lane);
                    for (together, sums) in sums.iter().enumerate() {
                        let outputs = &mut self.outputs[of_row(row + together)];
                        // The last lanes of a panel may have no outputs.
                        if let Some(outputs) = outputs.get_mut(lane..) {
                            write(sums, outputs);
                        }
                    }
                }
                row += TOGETHER;
            } else {
                let places = &self.places.found[first..][..found.count];
                let sums = sparse_sums(weights, bias, &inputs[..wide], places, found.ones);
                write(&sums, &mut self.outputs[of_row(row)]);
                row += 1;
            }
        }
    }
}

/// The sums of one row, whose inputs at these places are not zero. They stay in registers.
#[inline(always)]
fn sparse_sums<R: Real, const LANES: usize>(
    weights: &[[R; LANES]],
    bias: &[R; LANES],
    inputs: &[R],
    places: &[u32],
    ones: bool,
) -> [R; LANES] {
    let mut sums = *bias;
    if ones {
        for place in places {
            // A product with 1 is the other factor.
            for (sum, weight) in sums.iter_mut().zip(&weights[*place as usize]) {
                *sum += *weight;
            }
        }
    } else {
        for place in places {
            let input = inputs[*place as usize];
            for (sum, weight) in sums.iter_mut().zip(&weights[*place as usize]) {
                *sum += input * *weight;
            }
        }
    }
    sums
}

/// The sums of [`TOGETHER`] rows, with all their inputs, in so many lanes of a panel from this one on.
#[inline(always)]
fn dense_sums<R: Real, const LANES: usize, const SUMS: usize>(
    weights: &[[R; LANES]],
    bias: &[R; LANES],
    [first, second, third, fourth]: [&[R]; TOGETHER],
    lane: usize,
) -> [[R; SUMS]; TOGETHER] {
    // Arrays with names of their own are kept in registers; an array of arrays is not.
    let bias = *lanes_from::<R, LANES, SUMS>(bias, lane);
    let (mut a, mut b, mut c, mut d) = (bias, bias, bias, bias);
    let rows = first.iter().zip(second).zip(third).zip(fourth);
    for (weights, (((first, second), third), fourth)) in weights.iter().zip(rows) {
        for (sum, weight) in lanes_from::<R, LANES, SUMS>(weights, lane).iter().enumerate() {
            a[sum] += *first * *weight;
            b[sum] += *second * *weight;
            c[sum] += *third * *weight;
            d[sum] += *fourth * *weight;
        }
    }
    [a, b, c, d]
}

#[inline(always)]
fn lanes_from<R, const LANES: usize, const SUMS: usize>(lanes: &[R; LANES], from: usize) -> &[R; SUMS] {
    match lanes[from..].first_chunk() {
        Some(lanes) => lanes,
        None => unreachable!("{SUMS} lanes from {from} on, of {LANES}"),
    }
}

/// Writes lanes, as many as there is room for.
#[inline(always)]
fn write<R: Real, const LANES: usize>(lanes: &[R; LANES], outputs: &mut [R]) {
    if let Some(outputs) = outputs.first_chunk_mut::<LANES>() {
        *outputs = *lanes;
    } else {
        outputs.copy_from_slice(&lanes[..outputs.len()]);
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
            let starts: Vec<f32> = (0..outputs).map(|output| output as f32 * 0.37).collect();
            let matrix = Matrix::new(&weights, starts.clone());
            let mut sums = vec![f32::NAN; rows.len() / inputs * outputs];
            let mut counts = Vec::new();
            let mut places = Places::new(Instructions::fastest());
            matrix.sum::<true>(&rows, &mut sums, &mut places, |count| counts.push(count));
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
