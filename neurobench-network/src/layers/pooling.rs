//! What pooling layers compute: a number from each window, channel by channel.

use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::{Built, Parts};
use crate::real::Real;
use neurobench_core::model::{Layer, LayerKind};

/// What is taken of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Max,
    Sum,
    /// The sum, divided by rows times columns.
    Average,
    /// The sum, divided by the rows and then by the columns.
    AverageInTwo,
}

/// The inputs that a window covers along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// The first.
    pub(super) start: usize,
    /// How many there are: at least one.
    pub(super) taps: usize,
    /// How many positions count in an average.
    pub(super) positions: usize,
}

/// The kernel: goes row by row through the windows of a row of outputs, all at once. To each sum, inputs are added in
/// ascending order of (row, column).
pub(super) struct Pooling {
    pub(super) of: Of,
    pub(super) channels: usize,
    /// Rows and columns of the inputs.
    pub(super) inputs: [usize; 2],
    /// For each row of the outputs, and for each column.
    pub(super) spans: [Vec<Span>; 2],
    /// How far apart the inputs under a window lie.
    pub(super) dilation: [usize; 2],
}

impl Pooling {
    /// The layer that computes this.
    pub(super) fn layer<R: Real>(self, parts: &Parts<'_, '_>, shape: Vec<usize>) -> Built<R> {
        let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
        let [_, columns] = &self.spans;
        let side_by_side = |width: usize| {
            let as_if = |(column, span): (usize, &Span)| span.start == column * width && span.taps == width;
            self.dilation[1] == 1 && columns.iter().enumerate().all(as_if)
        };
        match [2, 3, 4].into_iter().find(|width| side_by_side(*width)) {
            Some(2) => Built::vectorized(layer, SideBySide::<2>(self), shape),
            Some(3) => Built::vectorized(layer, SideBySide::<3>(self), shape),
            Some(_) => Built::vectorized(layer, SideBySide::<4>(self), shape),
            None => Built::new(layer, Anyhow(self), shape),
        }
    }

    fn outputs(&self) -> usize {
        self.channels * self.spans[0].len() * self.spans[1].len()
    }

    #[inline(always)]
    fn run<R: Real>(&self, columns: &impl Columns, inputs: &[R], outputs: &mut [R]) {
        match self.of {
            Of::Max => self.rows(columns, inputs, outputs, |input| input, max),
            _ => self.rows(columns, inputs, outputs, |input| R::zero() + input, |sum, input| sum + input),
        }
        let [rows, columns] = &self.spans;
        let of_rows = outputs.chunks_exact_mut(columns.len()).zip(rows.iter().cycle());
        match self.of {
            Of::Max | Of::Sum => {}
            Of::Average => of_rows.for_each(|(outputs, rows)| {
                for (output, columns) in outputs.iter_mut().zip(columns) {
                    *output /= R::of_count(rows.positions * columns.positions);
                }
            }),
            Of::AverageInTwo => of_rows.for_each(|(outputs, rows)| {
                for (output, columns) in outputs.iter_mut().zip(columns) {
                    *output = *output / R::of_count(rows.positions) / R::of_count(columns.positions);
                }
            }),
        }
    }

    /// Goes through the rows of each window.
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
        let [rows, of_row] = &self.spans;
        let channels = inputs.chunks_exact(height * width).zip(outputs.chunks_exact_mut(rows.len() * of_row.len()));
        for (inputs, outputs) in channels {
            for (span, outputs) in rows.iter().zip(outputs.chunks_exact_mut(of_row.len())) {
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

/// The larger one; NaN stays NaN.
#[inline(always)]
fn max<R: Real>(largest: R, input: R) -> R {
    if input > largest || input.differs(input) { input } else { largest }
}

/// How windows lie in a row.
trait Columns {
    /// Joins the inputs of one row to what each output is so far: the first of a window in its own way.
    fn join<R: Real>(&self, inputs: &[R], outputs: &mut [R], first: impl Fn(R, R) -> R, join: impl Fn(R, R) -> R);
}

/// Windows of so many columns, each beginning where the one before ends.
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

/// Any windows.
struct Anyhow(Pooling);

impl Columns for Anyhow {
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

    #[inline(always)]
    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        self.0.run(self, inputs, outputs);
    }
}

impl<R: Real> Kernel<R> for Anyhow {
    fn outputs(&self) -> usize {
        self.0.outputs()
    }

    #[inline(always)]
    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        self.0.run(self, inputs, outputs);
    }
}
