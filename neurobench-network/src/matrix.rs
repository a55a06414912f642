//! Weighted sums over rows of inputs, for linear layers and recurrent connections.
//!
//! The products of each output are added in ascending order of the inputs. If few inputs are nonzero, the zeros are skipped; if
//! many are, several rows go through the weights together. Both ways give the same bits: a product with zero is zero, since all
//! weights are finite, and adding a zero of either sign changes no sum except -0. No sum here is -0, because none starts as -0.
//! The choice, made row by row, therefore affects speed only (Invariant 4).
//!
//! Weights are stored in panels of at most 64 outputs, small enough to stay in the first-level cache while all rows go
//! through. If all nonzero inputs of a row are 1, as spikes are, the weights are added without a multiplication.

use crate::aligned::Aligned;
use crate::real::Real;
use neurobench_core::instructions::{Instructions, NonzeroCount, PADDING, Work};
use neurobench_core::model::{CallOperations, FanOut};

/// Number of dense rows that go through the weights together.
const TOGETHER: usize = 4;
/// Number of outputs of a panel; the last panels have fewer.
const PANEL: usize = 64;
/// Number of sums of each of [`TOGETHER`] rows that fit into the registers.
const DENSE: usize = 16;

/// Weights between all inputs and all outputs.
pub(crate) struct Matrix<R> {
    panels: Vec<Panel<R>>,
    inputs: usize,
    /// One for each output; none is -0.
    bias: Vec<R>,
    fan_out: FanOut,
    /// True if no weight is zero.
    full: bool,
}

/// The weights of some consecutive outputs.
struct Panel<R> {
    first: usize,
    outputs: usize,
    /// [`PANEL`], 16 or 4; the last panel may have fewer outputs than lanes.
    lanes: usize,
    /// One for each lane; zero in lanes without an output.
    bias: Aligned<R>,
    /// One for each lane of each input; zero in lanes without an output.
    weights: Aligned<R>,
}

/// Positions of the nonzero inputs of some rows, in memory that is reused.
pub(crate) struct Places {
    instructions: Instructions,
    /// Positions of all rows, row by row, with padding for whole vectors.
    found: Vec<u32>,
    rows: Vec<Row>,
}

/// The nonzero inputs of a row.
#[derive(Clone, Copy)]
struct Row {
    /// Start of their positions in [`Places::found`].
    first: usize,
    found: NonzeroCount,
    /// True if it goes through the weights together with its neighbors.
    dense: bool,
}

impl Places {
    pub(crate) fn new(instructions: Instructions) -> Self {
        Self { instructions, found: Vec::new(), rows: Vec::new() }
    }

    /// Finds the nonzero inputs of a row, in ascending order.
    pub(crate) fn find<R: Real>(&mut self, row: &[R]) -> &[u32] {
        self.find_in_rows(row, row.len());
        self.iter_rows().next().map_or(&[], |(_, places)| places)
    }

    /// Finds the nonzero inputs of all rows of `width` inputs.
    fn find_in_rows<R: Real>(&mut self, inputs: &[R], width: usize) {
        let room = inputs.len() + PADDING;
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

    fn iter_rows(&self) -> impl Iterator<Item = (&Row, &[u32])> {
        self.rows.iter().map(|row| (row, &self.found[row.first..][..row.found.count]))
    }
}

impl<R: Real> Matrix<R> {
    /// Creates a matrix from weights `[outputs, inputs]` in memory order, with at least one input, and a bias for each output.
    pub(crate) fn new(weights: &[R], bias: Vec<R>) -> Self {
        // A bias of -0 becomes +0, so that no sum starts as -0.
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

    /// Operations of one row.
    pub(crate) fn fan_out(&self) -> &FanOut {
        &self.fan_out
    }

    /// Largest magnitude of a sum for inputs of at most this magnitude; `None` if they have no bound.
    pub(crate) fn bound(&self, inputs: f64) -> Option<f64> {
        let weight = self.panels.iter().map(|panel| largest_magnitude(&panel.weights)).fold(0.0, f64::max);
        let bound = self.inputs as f64 * weight * inputs + largest_magnitude(&self.bias);
        bound.is_finite().then_some(bound)
    }

    /// Start value of each sum.
    pub(crate) fn bias(&self) -> &[R] {
        &self.bias
    }

    /// Writes the weighted sums of each row of inputs to a row of outputs. With `COUNT`, passes the operations of each row to
    /// `count`.
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
            for ((row, places), inputs) in places.iter_rows().zip(inputs.chunks_exact(self.inputs)) {
                count(self.operations(row.found, places, inputs));
            }
        }
        self.multiply(inputs, outputs, places);
    }

    /// Multiplies all rows. Not inlined, so that it is compiled once for every instruction set and shared by all kinds of layers.
    #[inline(never)]
    fn multiply(&self, inputs: &[R], outputs: &mut [R], places: &Places) {
        places.instructions.run(Products { matrix: self, inputs, outputs, places });
    }

    /// Marks the outputs that a nonzero input of a row reaches through a nonzero weight.
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

    /// Operations of a row whose nonzero inputs are at these positions.
    #[inline]
    fn operations(&self, found: NonzeroCount, places: &[u32], row: &[R]) -> CallOperations {
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

/// Largest magnitude of numbers, all of which are finite; 0 if there are none.
pub(crate) fn largest_magnitude<R: Real>(numbers: &[R]) -> f64 {
    numbers.iter().map(|number| number.as_f64().abs()).fold(0.0, f64::max)
}

impl<R: Real> Panel<R> {
    /// Creates a panel from the first of these rows of weights; there is a row for each bias.
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

/// Work that computes all weighted sums of some rows.
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
    /// Runs all rows through a panel of `LANES` lanes, with `SUMS` lanes at a time if the rows are dense.
    #[inline(always)]
    fn through<const LANES: usize, const SUMS: usize>(&mut self, panel: &Panel<R>) {
        let (weights, _) = panel.weights.as_chunks::<LANES>();
        let Some(bias) = panel.bias.first_chunk::<LANES>() else { unreachable!("a panel has a bias for each lane") };
        let Matrix { inputs: wide, .. } = *self.matrix;
        let narrow = self.matrix.bias.len();
        let row_range = |row: usize| row * narrow + panel.first..row * narrow + panel.first + panel.outputs;
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
                        let outputs = &mut self.outputs[row_range(row + together)];
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
                write(&sums, &mut self.outputs[row_range(row)]);
                row += 1;
            }
        }
    }
}

/// Sums of one row whose nonzero inputs are at these positions. They stay in registers.
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
            // Multiplying by 1 can be skipped.
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

/// Sums of [`TOGETHER`] rows over all their inputs, in `SUMS` lanes of a panel starting at `lane`.
#[inline(always)]
fn dense_sums<R: Real, const LANES: usize, const SUMS: usize>(
    weights: &[[R; LANES]],
    bias: &[R; LANES],
    [first, second, third, fourth]: [&[R]; TOGETHER],
    lane: usize,
) -> [[R; SUMS]; TOGETHER] {
    // Separate arrays are kept in registers; an array of arrays is not.
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
        None => unreachable!("{SUMS} lanes starting at {from}, of {LANES}"),
    }
}

/// Writes as many lanes as fit.
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

    /// Sizes, rows of inputs and weights, with some zeros.
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
        fn dense_and_sparse_sums_add_inputs_in_order((inputs, outputs, rows, weights) in cases()) {
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
