//! Kernels of pooling layers: a number from each window, channel by channel.

use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::model::{Layer, LayerKind};

/// Reduction of a window to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::layers) enum Reduction {
    Max,
    Sum,
    /// The sum, divided by rows times columns.
    Average,
    /// The sum, divided by the rows and then by the columns.
    AverageByAxis,
}

/// The inputs that a window covers along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::layers) struct Span {
    /// Index of the first input.
    pub(in crate::layers) start: usize,
    /// Number of inputs: at least one.
    pub(in crate::layers) taps: usize,
    /// Number of positions that count in an average.
    pub(in crate::layers) positions: usize,
}

/// A pooling layer. All windows of a row of outputs are processed together, row by row of the inputs. Sums are in ascending
/// order of (row, column).
pub(in crate::layers) struct Pooling {
    pub(in crate::layers) reduction: Reduction,
    pub(in crate::layers) channels: usize,
    /// Rows and columns of the inputs.
    pub(in crate::layers) inputs: [usize; 2],
    /// Spans of the rows and of the columns of the outputs.
    pub(in crate::layers) spans: [Vec<Span>; 2],
    /// Distances between the inputs of a window.
    pub(in crate::layers) dilation: [usize; 2],
}

impl Pooling {
    /// Builds the layer.
    pub(in crate::layers) fn layer<R: Real>(self, parts: &Parts<'_, '_>, shape: Vec<usize>) -> BuiltLayer<R> {
        let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
        let [_, columns] = &self.spans;
        let side_by_side = |width: usize| {
            let is_adjacent = |(column, span): (usize, &Span)| span.start == column * width && span.taps == width;
            self.dilation[1] == 1 && columns.iter().enumerate().all(is_adjacent)
        };
        match [2, 3, 4].into_iter().find(|width| side_by_side(*width)) {
            Some(2) => BuiltLayer::vectorized(layer, SideBySide::<2>(self), shape),
            Some(3) => BuiltLayer::vectorized(layer, SideBySide::<3>(self), shape),
            Some(_) => BuiltLayer::vectorized(layer, SideBySide::<4>(self), shape),
            None => BuiltLayer::new(layer, AnyWindows(self), shape),
        }
    }

    fn outputs(&self) -> usize {
        self.channels * self.spans[0].len() * self.spans[1].len()
    }

    fn bound(&self, inputs: f64) -> Option<f64> {
        let taps = self.spans.iter().map(|spans| spans.iter().map(|span| span.taps).max().unwrap_or(1) as f64);
        let sum = taps.product::<f64>() * inputs;
        match self.reduction {
            Reduction::Max => Some(inputs),
            _ => sum.is_finite().then_some(sum),
        }
    }

    #[inline(always)]
    fn run<R: Real>(&self, columns: &impl Columns, inputs: &[R], outputs: &mut [R]) {
        match self.reduction {
            Reduction::Max => self.rows(columns, inputs, outputs, |input| input, max),
            _ => self.rows(columns, inputs, outputs, |input| R::zero() + input, |sum, input| sum + input),
        }
        let [rows, columns] = &self.spans;
        let output_rows = outputs.chunks_exact_mut(columns.len()).zip(rows.iter().cycle());
        match self.reduction {
            Reduction::Max | Reduction::Sum => {}
            Reduction::Average => output_rows.for_each(|(outputs, rows)| {
                for (output, columns) in outputs.iter_mut().zip(columns) {
                    *output /= R::from_count(rows.positions * columns.positions);
                }
            }),
            Reduction::AverageByAxis => output_rows.for_each(|(outputs, rows)| {
                for (output, columns) in outputs.iter_mut().zip(columns) {
                    *output = *output / R::from_count(rows.positions) / R::from_count(columns.positions);
                }
            }),
        }
    }

    /// Processes the rows of each window.
    #[inline(always)]
    fn rows<R: Real>(
        &self,
        columns: &impl Columns,
        inputs: &[R],
        outputs: &mut [R],
        begin: impl Fn(R) -> R,
        join: impl Fn(R, R) -> R,
    ) {
        let [height, width] = self.inputs;
        let [rows, column_spans] = &self.spans;
        let channels =
            inputs.chunks_exact(height * width).zip(outputs.chunks_exact_mut(rows.len() * column_spans.len()));
        for (inputs, outputs) in channels {
            for (span, outputs) in rows.iter().zip(outputs.chunks_exact_mut(column_spans.len())) {
                for tap in 0..span.taps {
                    let inputs = &inputs[(span.start + tap * self.dilation[0]) * width..][..width];
                    if tap == 0 {
                        columns.join(inputs, outputs, |first, _| begin(first), &join);
                    } else {
                        columns.join(inputs, outputs, |first, so_far| join(so_far, first), &join);
                    }
                }
            }
        }
    }
}

/// Maximum; the result is NaN if one of the numbers is NaN.
#[inline(always)]
fn max<R: Real>(largest: R, input: R) -> R {
    if input > largest || input.differs(input) { input } else { largest }
}

/// Positions of the windows in a row.
trait Columns {
    /// Combines the inputs of one row with the outputs so far: the first input of a window by `first`, the others by `join`.
    fn join<R: Real>(&self, inputs: &[R], outputs: &mut [R], first: impl Fn(R, R) -> R, join: impl Fn(R, R) -> R);
}

/// Windows of `WIDTH` columns, each starting at the end of the one before.
struct SideBySide<const WIDTH: usize>(Pooling);

impl<const WIDTH: usize> Columns for SideBySide<WIDTH> {
    #[inline(always)]
    fn join<R: Real>(&self, inputs: &[R], outputs: &mut [R], first: impl Fn(R, R) -> R, join: impl Fn(R, R) -> R) {
        let (windows, _) = inputs.as_chunks::<WIDTH>();
        for (output, window) in outputs.iter_mut().zip(windows) {
            let mut so_far = first(window[0], *output);
            for input in &window[1..] {
                so_far = join(so_far, *input);
            }
            *output = so_far;
        }
    }
}

/// Windows with any positions.
struct AnyWindows(Pooling);

impl Columns for AnyWindows {
    #[inline(always)]
    fn join<R: Real>(&self, inputs: &[R], outputs: &mut [R], first: impl Fn(R, R) -> R, join: impl Fn(R, R) -> R) {
        let Pooling { spans: [_, columns], dilation: [_, dilation], .. } = &self.0;
        for (output, span) in outputs.iter_mut().zip(columns) {
            let mut so_far = first(inputs[span.start], *output);
            for tap in 1..span.taps {
                so_far = join(so_far, inputs[span.start + tap * dilation]);
            }
            *output = so_far;
        }
    }
}

impl<R: Real, const WIDTH: usize> Kernel<R> for SideBySide<WIDTH> {
    fn outputs(&self) -> usize {
        self.0.outputs()
    }

    fn output_bound(&self, inputs: f64) -> Option<f64> {
        self.0.bound(inputs)
    }

    #[inline(always)]
    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        self.0.run(self, inputs, outputs);
    }
}

impl<R: Real> Kernel<R> for AnyWindows {
    fn outputs(&self) -> usize {
        self.0.outputs()
    }

    fn output_bound(&self, inputs: f64) -> Option<f64> {
        self.0.bound(inputs)
    }

    #[inline(always)]
    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        self.0.run(self, inputs, outputs);
    }
}
