//! Kernels: the computation of a layer, and its reports to the probe.
//!
//! A [`Layer`](neurobench_core::model::Layer) describes and a [`Kernel`] computes. They are separate because a layer
//! without a kernel, such as `flatten`, then costs nothing, and because one kernel may have several layers: recurrent
//! weights are a connection within neurons.
//!
//! Invariant 4: sums add their terms in a fixed order, lanes are outputs, nothing is fused, and functions come from
//! `libm`, so that every instruction set gives the same bits. Invariant 5: a kernel reports its operations in closed
//! form, as integers from the inputs that it has anyway; it never runs again to count them.

use crate::aligned::Aligned;
use crate::matrix::Places;
use crate::real::Real;
use neurobench_core::instructions::{Instructions, Work};
use neurobench_core::model::{Call, CallOperations, HookPoint, Needs, Probe};

/// The computation of a layer, shared by all sessions.
///
/// It runs on *rows*: consecutive steps of one sample or, if there is no state, samples. Numbers are in memory order, row by
/// row.
pub trait Kernel<R>: Send + Sync {
    /// Number of outputs for one row.
    fn outputs(&self) -> usize;

    /// Number of state values that it carries from one row to the next.
    fn state(&self) -> usize {
        0
    }

    /// Writes the state at rest; the default is all zeros.
    fn rest(&self, _state: &mut [R]) {}

    /// Writes the outputs before the first row, for layers that take outputs of the previous step; the default is zeros.
    fn previous_outputs(&self, _outputs: &mut [R]) {}

    /// Describes the problem if the layer cannot run on these inputs; the default accepts all numbers.
    fn input_problem(&self, _inputs: &[R]) -> Option<String> {
        None
    }

    /// Largest magnitude of the outputs for finite inputs of at most this magnitude, which is infinite if it is unknown.
    ///
    /// A session checks after each call that the outputs are finite, except where this shows that they must be:
    /// `Some(f64::INFINITY)` means that the outputs are finite for all finite inputs, but have no known bound. The default,
    /// `None`, means that they may not be finite.
    fn output_bound(&self, _inputs: f64) -> Option<f64> {
        None
    }

    /// Returns true if infinite outputs are intended, such as those of a mask; the default is false. Only NaN is then an error,
    /// here and in the layers that take the outputs.
    fn has_infinite_outputs(&self) -> bool {
        false
    }

    /// Returns true if the outputs are spikes; the default is false. A layer that never spikes is noted in the results.
    fn emits_spikes(&self) -> bool {
        false
    }

    /// Runs all rows: writes every output, updates the state, and reports to the probe.
    ///
    /// In a [vectorized](crate::layer::BuiltLayer::vectorized) layer, only code that is inlined into this method is compiled for
    /// every [instruction set](Instructions): the method and the functions that it calls in loops are `#[inline(always)]`.
    fn run(&self, inputs: &[R], state: &mut [R], outputs: &mut [R], workspace: &mut Workspace<R>, hook: &mut Hook<'_>);
}

/// Memory that kernels reuse. Its contents are unspecified at the start of a call.
pub struct Workspace<R> {
    pub(crate) instructions: Instructions,
    pub(crate) numbers: Aligned<R>,
    /// Numbers of a kernel that runs another kernel.
    pub(crate) outer: Aligned<R>,
    pub(crate) places: Places,
    pub(crate) operations: Vec<CallOperations>,
    pub(crate) marks: Vec<bool>,
}

impl<R: Real> Workspace<R> {
    pub(crate) fn new(instructions: Instructions) -> Self {
        let (operations, marks) = (Vec::new(), Vec::new());
        Self {
            instructions,
            numbers: Aligned::default(),
            outer: Aligned::default(),
            places: Places::new(instructions),
            operations,
            marks,
        }
    }
}

/// A kernel that is compiled for every instruction set and runs with the one of the workspace. This costs compile time,
/// so it is for kernels in which networks spend most of their time: convolutions, pooling of windows side by side,
/// ReLUs, batch normalization, `leaky`, `synaptic`, `lapicque` and `alpha`. Weighted sums ([`matrix`](crate::matrix))
/// choose their instructions themselves; all other kernels are compiled once.
pub(crate) struct DispatchedKernel<K>(pub(crate) K);

impl<R: Real, K: Kernel<R>> Kernel<R> for DispatchedKernel<K> {
    fn outputs(&self) -> usize {
        self.0.outputs()
    }

    fn state(&self) -> usize {
        self.0.state()
    }

    fn rest(&self, state: &mut [R]) {
        self.0.rest(state);
    }

    fn previous_outputs(&self, outputs: &mut [R]) {
        self.0.previous_outputs(outputs);
    }

    fn input_problem(&self, inputs: &[R]) -> Option<String> {
        self.0.input_problem(inputs)
    }

    fn output_bound(&self, inputs: f64) -> Option<f64> {
        self.0.output_bound(inputs)
    }

    fn has_infinite_outputs(&self) -> bool {
        self.0.has_infinite_outputs()
    }

    fn emits_spikes(&self) -> bool {
        self.0.emits_spikes()
    }

    fn run(&self, inputs: &[R], state: &mut [R], outputs: &mut [R], workspace: &mut Workspace<R>, hook: &mut Hook<'_>) {
        let instructions = workspace.instructions;
        instructions.run(Run { kernel: &self.0, inputs, state, outputs, workspace, hook });
    }
}

struct Run<'a, 'p, R, K> {
    kernel: &'a K,
    inputs: &'a [R],
    state: &'a mut [R],
    outputs: &'a mut [R],
    workspace: &'a mut Workspace<R>,
    hook: &'a mut Hook<'p>,
}

impl<R: Real, K: Kernel<R>> Work for Run<'_, '_, R, K> {
    #[inline(always)]
    fn run(self) {
        self.kernel.run(self.inputs, self.state, self.outputs, self.workspace, self.hook);
    }
}

/// The rows that a kernel runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Steps of a sample, starting with `first`.
    Steps { sample: usize, first: usize },
    /// Samples of one step each, starting with `first`.
    Samples { first: usize },
    /// Samples that are steps of a sequence, starting with `first` of the batch, after `steps_before` steps of the sequence.
    Sequence { first: usize, steps_before: usize },
}

impl Rows {
    /// Skips the first rows.
    pub(crate) fn skip(self, rows: usize) -> Self {
        match self {
            Self::Steps { sample, first } => Self::Steps { sample, first: first + rows },
            Self::Samples { first } => Self::Samples { first: first + rows },
            Self::Sequence { first, steps_before } => {
                Self::Sequence { first: first + rows, steps_before: steps_before + rows }
            }
        }
    }

    /// Number of steps of the sequence before the first row.
    pub(crate) fn steps_before(self) -> usize {
        match self {
            Self::Steps { first, .. } => first,
            Self::Samples { .. } => 0,
            Self::Sequence { steps_before, .. } => steps_before,
        }
    }

    /// The sample of a row and, if the network has time steps, its step.
    pub(crate) fn place(self, row: usize) -> (usize, Option<usize>) {
        match self {
            Self::Steps { sample, first } => (sample, Some(first + row)),
            Self::Samples { first } | Self::Sequence { first, .. } => (first + row, None),
        }
    }

    /// The call of a row, for a layer that first runs after `silent_steps` steps of its sequence.
    fn call(self, row: usize, silent_steps: usize) -> Call {
        let from_rest = self.steps_before() + row == silent_steps;
        match self {
            Self::Steps { sample, first } => {
                let mut call = Call::new(sample, first + row);
                call.from_rest = from_rest;
                call
            }
            Self::Samples { first } => Call::new(first + row, 0),
            Self::Sequence { first, .. } => Call::in_sequence(first + row, from_rest),
        }
    }
}

/// The probe with the current position in the network.
pub struct Hook<'p> {
    pub(crate) probe: &'p mut Probe,
    /// Index of the layer among the model's layers.
    pub(crate) layer: usize,
    pub(crate) rows: Rows,
    /// Number of steps of a sequence before the layer first runs, from rest.
    pub(crate) silent_steps: usize,
}

impl Hook<'_> {
    /// The call of a row.
    #[inline]
    pub(crate) fn call(&self, row: usize) -> Call {
        self.rows.call(row, self.silent_steps)
    }

    /// Returns true if the probe needs any of these.
    #[inline]
    pub fn wants(&self, needs: Needs) -> bool {
        self.probe.wants(needs)
    }

    /// Reports the outputs of all rows, `nonzero` of which are not zero.
    pub fn activations<R: Real>(&mut self, nonzero: u64, outputs: &[R], width: usize) {
        if self.wants(Needs::ACTIVATION_TRACES) {
            for (row, outputs) in outputs.chunks_exact(width).enumerate() {
                self.probe.activation(self.layer, self.call(row), outputs);
            }
        } else {
            self.probe.activation_counted(self.layer, self.call(0), nonzero, outputs);
        }
    }

    /// Reports the inputs of a row and their operations for the layer that is `offset` places after this one.
    #[inline]
    pub(crate) fn connection<R: Real>(&mut self, offset: usize, row: usize, counted: CallOperations, inputs: &[R]) {
        self.probe.connection_counted(self.layer + offset, self.call(row), counted, inputs);
    }

    /// Reports the inputs and the operations of all rows, as far as the probe needs them.
    pub fn connections<R: Real>(&mut self, counted: impl ExactSizeIterator<Item = CallOperations>, inputs: &[R]) {
        if self.wants(Needs::CONNECTION_TRACES) {
            let width = inputs.len() / counted.len();
            for ((row, counted), inputs) in counted.enumerate().zip(inputs.chunks_exact(width)) {
                self.connection(0, row, counted, inputs);
            }
        } else {
            let steps_apart = !matches!(self.rows, Rows::Samples { .. });
            self.probe.connections_counted(self.layer, self.call(0), steps_apart, counted);
        }
    }

    /// Reports the inputs of all rows, if the probe records them.
    pub fn connection_traces<R: Real>(&mut self, inputs: &[R], rows: usize) {
        if self.wants(Needs::CONNECTION_TRACES) {
            for (row, inputs) in inputs.chunks_exact(inputs.len() / rows).enumerate() {
                self.probe.connection(self.layer, self.call(row), inputs);
            }
        }
    }

    /// Reports the membranes after a row, `changed` of which differ from the row before. In the first row of a sequence, all of them
    /// count as changed.
    #[inline]
    pub fn membranes<R: Real>(&mut self, row: usize, changed: u64, membranes: &[R]) {
        self.probe.membrane_counted(self.layer, self.call(row), changed, membranes);
    }

    /// Reports numbers of a row at a hook point that the layer [declares](neurobench_core::model::Layer::with_hook_point).
    #[inline]
    pub fn report<R: Real>(&mut self, point: HookPoint, row: usize, numbers: &[R]) {
        self.probe.report(point, self.layer, self.call(row), numbers);
    }

    /// Reports numbers of all rows at a hook point, if the probe records them.
    pub(crate) fn report_rows<R: Real>(&mut self, point: HookPoint, rows: usize, numbers: &[R]) {
        if self.wants(point.either()) {
            for (row, numbers) in numbers.chunks_exact(numbers.len() / rows).enumerate() {
                self.report(point, row, numbers);
            }
        }
    }
}
