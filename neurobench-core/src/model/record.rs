//! What a pass told of its layers.

use crate::model::Needs;

/// Which run of a layer a probe call is about.
///
/// Made by [`new`](Self::new) where every sample starts from rest, and by [`in_sequence`](Self::in_sequence) where the state
/// flows on from sample to sample. The default is the first step of the first sample, from rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// The first sample, by its place in the batch; a call may cover the samples that follow, too.
    pub sample: usize,
    /// The how-manieth run of this layer, counted from 0: the time step, for a layer that runs once a step. Runs of one step are
    /// counted together, whatever their samples. Where every sample starts from rest, steps are counted for each sample
    /// anew; where the state flows on, over the samples of the batch, each of which is a step.
    pub step: usize,
    /// Whether the state was at rest before: at the first step of a sample, or of a sequence where the state flows on, at which
    /// the layer is run. This is a later one behind a layer that is silent at first.
    pub from_rest: bool,
}

impl Call {
    /// The step of a sample that starts from rest.
    #[must_use]
    pub fn new(sample: usize, step: usize) -> Self {
        Self { sample, step, from_rest: step == 0 }
    }

    /// The only step of a sample to which the state flows on from the sample before, of this batch or of the one before;
    /// `from_rest` for the first of a sequence.
    #[must_use]
    pub fn in_sequence(sample: usize, from_rest: bool) -> Self {
        Self { sample, step: sample, from_rest }
    }
}

impl Default for Call {
    fn default() -> Self {
        Self::new(0, 0)
    }
}

/// The outputs of one activation layer, counted over a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActivationCount {
    /// All outputs, of all samples and steps.
    pub total: u64,
    /// Those that were not zero: spikes, of spiking neurons.
    pub nonzero: u64,
}

impl ActivationCount {
    /// So many outputs, of which so many were not zero.
    #[must_use]
    pub fn new(total: u64, nonzero: u64) -> Self {
        Self { total, nonzero }
    }

    /// The outputs that were zero.
    #[must_use]
    pub fn zeros(&self) -> u64 {
        self.total - self.nonzero
    }
}

/// The synaptic operations of one connection layer, over a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionCount {
    /// Operations if every input and every weight counted.
    pub dense: u64,
    /// By [step](Call::step), in order: one entry for each run of the layer over the batch.
    pub calls: Vec<CallOperations>,
}

/// The operations of one run of a connection layer over a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOperations {
    /// Pairs of a non-zero input and a non-zero weight.
    pub operations: u64,
    /// Whether every input was −1, 0 or 1: the operations are accumulates, but for those within.
    pub ternary: bool,
    /// Whether the states that the layer itself keeps and multiplies were −1, 0 or 1 as well, and nothing was multiplied by a
    /// gate; so it is of layers that have neither.
    pub ternary_within: bool,
}

impl CallOperations {
    /// So many operations of a layer without states, and whether every input was −1, 0 or 1.
    #[must_use]
    pub const fn new(operations: u64, ternary: bool) -> Self {
        Self { operations, ternary, ternary_within: true }
    }
}

impl CallOperations {
    /// Those of two runs that are counted as one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            operations: self.operations + other.operations,
            ternary: self.ternary && other.ternary,
            ternary_within: self.ternary_within && other.ternary_within,
        }
    }
}

impl ConnectionCount {
    /// So many operations if all counted, and those of each run of the layer.
    #[must_use]
    pub fn new(dense: u64, calls: Vec<CallOperations>) -> Self {
        Self { dense, calls }
    }

    /// Adds those of a run at a step.
    #[inline]
    pub(crate) fn add(&mut self, step: usize, counted: CallOperations) {
        if self.calls.len() <= step {
            self.calls.resize(step + 1, CallOperations::new(0, true));
        }
        self.calls[step] = self.calls[step].and(counted);
    }

    /// Pairs of a non-zero input and a non-zero weight, over all runs.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.calls.iter().map(|call| call.operations).sum()
    }

    /// Whether every input of every run was −1, 0 or 1.
    #[must_use]
    pub fn ternary(&self) -> bool {
        self.calls.iter().all(|call| call.ternary)
    }

    /// Whether every input of every run was −1, 0 or 1, and so was what the layer keeps and multiplies within.
    #[must_use]
    pub fn ternary_throughout(&self) -> bool {
        self.calls.iter().all(|call| call.ternary && call.ternary_within)
    }
}

/// The membrane potentials of one layer of spiking neurons, counted over a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MembraneCount {
    /// Potentials that changed: all neurons at a step [from rest](Call::from_rest), and at every other step those whose value
    /// differs from before.
    pub updates: u64,
    /// All neurons at all steps.
    pub total: u64,
}

impl MembraneCount {
    /// So many potentials that changed, of so many.
    #[must_use]
    pub fn new(updates: u64, total: u64) -> Self {
        Self { updates, total }
    }
}

/// How often each neuron of one activation layer was not zero, over a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NeuronCount {
    /// For each neuron, in memory order: how many of its outputs were not zero.
    pub nonzero: Vec<u64>,
    /// How many outputs each neuron had: samples times steps.
    pub observations: u64,
}

impl NeuronCount {
    /// How often each neuron was not zero, of so many times.
    #[must_use]
    pub fn new(nonzero: Vec<u64>, observations: u64) -> Self {
        Self { nonzero, observations }
    }
}

/// The tensors of one layer, over a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    calls: Vec<(Call, usize)>,
    values: Vec<f64>,
}

impl Trace {
    /// Every run that was recorded, in the order in which it happened: which call, and its values. A call that covers
    /// several samples has their values one sample after the other.
    pub fn calls(&self) -> impl Iterator<Item = (Call, &[f64])> {
        let ends = self.calls.iter().map(|(_, end)| *end);
        let starts = std::iter::once(0).chain(ends);
        self.calls.iter().zip(starts).map(|((call, end), start)| (*call, &self.values[start..*end]))
    }

    /// Every value, in the order in which they were recorded.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    fn push(&mut self, call: Call, values: impl Iterator<Item = f64>) {
        self.values.extend(values);
        self.calls.push((call, self.values.len()));
    }

    fn clear(&mut self) {
        self.calls.clear();
        self.values.clear();
    }
}

/// What a pass over one batch told of its layers: one entry for each layer of the model, of the kinds that were asked for.
#[derive(Clone, Debug, Default)]
pub struct Record {
    needs: Needs,
    pub(crate) activations: Vec<ActivationCount>,
    pub(crate) connections: Vec<ConnectionCount>,
    pub(crate) membranes: Vec<MembraneCount>,
    pub(crate) neurons: Vec<NeuronCount>,
    pub(crate) activation_traces: Vec<Trace>,
    pub(crate) connection_traces: Vec<Trace>,
    pub(crate) membrane_traces: Vec<Trace>,
}

impl Record {
    pub(crate) fn new(needs: Needs, layers: usize) -> Self {
        let sized = |need: Needs| if needs.contains(need) { layers } else { 0 };
        Self {
            needs,
            activations: vec![ActivationCount::default(); sized(Needs::ACTIVATION_COUNTS)],
            connections: vec![ConnectionCount::default(); sized(Needs::CONNECTION_COUNTS)],
            membranes: vec![MembraneCount::default(); sized(Needs::MEMBRANE_COUNTS)],
            neurons: vec![NeuronCount::default(); sized(Needs::NEURON_COUNTS)],
            activation_traces: vec![Trace::default(); sized(Needs::ACTIVATION_TRACES)],
            connection_traces: vec![Trace::default(); sized(Needs::CONNECTION_TRACES)],
            membrane_traces: vec![Trace::default(); sized(Needs::MEMBRANE_TRACES)],
        }
    }

    /// What it records.
    #[must_use]
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// Empties it, and keeps what it allocated.
    pub(crate) fn clear(&mut self) {
        self.activations.fill(ActivationCount::default());
        self.membranes.fill(MembraneCount::default());
        for count in &mut self.connections {
            count.dense = 0;
            count.calls.clear();
        }
        for count in &mut self.neurons {
            count.nonzero.fill(0);
            count.observations = 0;
        }
        let traces = [&mut self.activation_traces, &mut self.connection_traces, &mut self.membrane_traces];
        for trace in traces.into_iter().flatten() {
            trace.clear();
        }
    }

    pub(crate) fn trace_activations(&mut self, layer: usize, call: Call, values: impl Iterator<Item = f64>) {
        self.activation_traces[layer].push(call, values);
    }

    pub(crate) fn trace_connections(&mut self, layer: usize, call: Call, values: impl Iterator<Item = f64>) {
        self.connection_traces[layer].push(call, values);
    }

    pub(crate) fn trace_membranes(&mut self, layer: usize, call: Call, values: impl Iterator<Item = f64>) {
        self.membrane_traces[layer].push(call, values);
    }
}
