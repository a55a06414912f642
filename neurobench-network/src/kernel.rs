//! What a layer computes, and how it tells of it.

use crate::aligned::Aligned;
use crate::matrix::Places;
use crate::real::Real;
use neurobench_core::instructions::{Instructions, Work};
use neurobench_core::model::{Call, CallOperations, Needs, Probe};

/// What a layer computes, shared by all sessions.
///
/// It is run on *rows*: the steps of one sample that follow each other or, if there is no state, samples. Numbers are in memory
/// order, one row after the other.
pub(crate) trait Kernel<R>: Send + Sync {
    /// How many numbers it gives for one row.
    fn outputs(&self) -> usize;

    /// How many numbers it carries from one row to the next.
    fn state(&self) -> usize {
        0
    }

    /// The state at rest; all zeros, if nothing else is said.
    fn rest(&self, _state: &mut [R]) {}

    /// What the layer gave before the first row, where that is asked for; zeros, if nothing else is said.
    fn before(&self, _outputs: &mut [R]) {}

    /// What is wrong with these inputs, if the layer does not take just any numbers: then it is not run.
    fn refuses(&self, _inputs: &[R]) -> Option<String> {
        None
    }

    /// Goes through all rows: writes every output, changes the state, and tells the probe.
    ///
    /// Where it is [`Dispatched`], what is inlined into it, and only that, is compiled for every
    /// [set of instructions](Instructions): it and what it calls in a loop are `#[inline(always)]`.
    fn run(&self, inputs: &[R], state: &mut [R], outputs: &mut [R], workspace: &mut Workspace<R>, hook: &mut Hook<'_>);
}

/// Memory that kernels use again and again. What it holds means nothing from one call to the next.
pub(crate) struct Workspace<R> {
    pub(crate) instructions: Instructions,
    pub(crate) numbers: Aligned<R>,
    /// Those of a kernel that runs another one within it.
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

/// A kernel that runs with the instructions of the workspace: it is compiled for each set, which takes its time, and is worth it
/// where networks spend theirs.
pub(crate) struct Dispatched<K>(pub(crate) K);

impl<R: Real, K: Kernel<R>> Kernel<R> for Dispatched<K> {
    fn outputs(&self) -> usize {
        self.0.outputs()
    }

    fn state(&self) -> usize {
        self.0.state()
    }

    fn rest(&self, state: &mut [R]) {
        self.0.rest(state);
    }

    fn before(&self, outputs: &mut [R]) {
        self.0.before(outputs);
    }

    fn refuses(&self, inputs: &[R]) -> Option<String> {
        self.0.refuses(inputs)
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

/// Which rows a kernel runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// The steps of a sample, from this one on.
    Steps { sample: usize, first: usize },
    /// Samples that have one step each, from this one on.
    Samples { first: usize },
    /// Samples that are steps of a sequence, from this one of the batch on; so many steps came before them.
    Sequence { first: usize, before: usize },
}

impl Rows {
    /// The same without the first so many rows.
    pub(crate) fn after(self, rows: usize) -> Self {
        match self {
            Self::Steps { sample, first } => Self::Steps { sample, first: first + rows },
            Self::Samples { first } => Self::Samples { first: first + rows },
            Self::Sequence { first, before } => Self::Sequence { first: first + rows, before: before + rows },
        }
    }

    /// How many steps of its sequence came before the first row.
    pub(crate) fn before(self) -> usize {
        match self {
            Self::Steps { first, .. } => first,
            Self::Samples { .. } => 0,
            Self::Sequence { before, .. } => before,
        }
    }

    /// The call of a row, to a layer that is first run after so many silent steps of its sequence.
    fn call(self, row: usize, silent_steps: usize) -> Call {
        let from_rest = self.before() + row == silent_steps;
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

/// The probe, and where the network is.
pub(crate) struct Hook<'p> {
    pub(crate) probe: &'p mut Probe,
    /// The place of the layer among the model's.
    pub(crate) layer: usize,
    pub(crate) rows: Rows,
    /// How many steps of a sequence go by before the layer is first run, from rest.
    pub(crate) silent_steps: usize,
}

impl Hook<'_> {
    #[inline]
    fn call(&self, row: usize) -> Call {
        self.rows.call(row, self.silent_steps)
    }

    /// Whether any of these is asked for.
    #[inline]
    pub(crate) fn wants(&self, needs: Needs) -> bool {
        self.probe.wants(needs)
    }

    /// Tells the outputs of all rows, so many of which were not zero.
    pub(crate) fn activations<R: Real>(&mut self, nonzero: u64, outputs: &[R], width: usize) {
        if self.wants(Needs::ACTIVATION_TRACES) {
            for (row, outputs) in outputs.chunks_exact(width).enumerate() {
                self.probe.activation(self.layer, self.call(row), outputs);
            }
        } else {
            self.probe.activation_counted(self.layer, self.call(0), nonzero, outputs);
        }
    }

    /// Tells the inputs of a row and what they caused, to the layer of the entry that is so far behind the first.
    #[inline]
    pub(crate) fn connection<R: Real>(&mut self, behind: usize, row: usize, counted: CallOperations, inputs: &[R]) {
        self.probe.connection_counted(self.layer + behind, self.call(row), counted, inputs);
    }

    /// Tells the inputs of all rows and what each caused, where that is asked for.
    pub(crate) fn connections<R: Real>(
        &mut self,
        counted: impl ExactSizeIterator<Item = CallOperations>,
        inputs: &[R],
    ) {
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

    /// Tells the inputs of all rows, if they are to be kept.
    pub(crate) fn connection_traces<R: Real>(&mut self, inputs: &[R], rows: usize) {
        if self.wants(Needs::CONNECTION_TRACES) {
            for (row, inputs) in inputs.chunks_exact(inputs.len() / rows).enumerate() {
                self.probe.connection(self.layer, self.call(row), inputs);
            }
        }
    }

    /// Tells the membranes after a row, so many of which are other than before.
    #[inline]
    pub(crate) fn membranes<R: Real>(&mut self, row: usize, changed: u64, membranes: &[R]) {
        self.probe.membrane_counted(self.layer, self.call(row), changed, membranes);
    }
}
