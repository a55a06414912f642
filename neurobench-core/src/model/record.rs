//! Records of a pass about its layers.

use crate::exact_sum::ExactSum;
use crate::model::{HookPoint, Needs};

/// Run of a layer that a probe call describes.
///
/// Use [`new`](Self::new) if every sample starts from rest, and [`in_sequence`](Self::in_sequence) if the state carries
/// over from sample to sample. The default is the first step of the first sample, from rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// Index of the first sample in the batch; a call may also cover the samples that follow.
    pub sample: usize,
    /// Zero-based index of this run of the layer: the time step, for a layer that runs once per step. Runs of one step
    /// are counted together, regardless of the sample. If every sample starts from rest, steps are counted separately
    /// for each sample; if the state carries over, they are counted over the samples of the batch, each of which is a
    /// step.
    pub step: usize,
    /// Marks a run from rest: the first step of a sample, or of a sequence if the state carries over, at which the
    /// layer runs. Behind a layer that is silent at first, this is a later step.
    pub from_rest: bool,
}

impl Call {
    /// Creates the call for a step of a sample that starts from rest.
    #[must_use]
    pub fn new(sample: usize, step: usize) -> Self {
        Self { sample, step, from_rest: step == 0 }
    }

    /// Creates the call for the only step of a sample whose state carries over from the previous sample, of this batch
    /// or the one before; `from_rest` is true for the first sample of a sequence.
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

/// Outputs of one activation layer, counted over a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActivationCount {
    /// Number of outputs, of all samples and steps.
    pub total: u64,
    /// Number of non-zero outputs; for spiking neurons, the spikes.
    pub nonzero: u64,
}

impl ActivationCount {
    /// Creates a count from the numbers of all and of non-zero outputs.
    #[must_use]
    pub fn new(total: u64, nonzero: u64) -> Self {
        Self { total, nonzero }
    }

    /// Returns the number of outputs that were zero.
    #[must_use]
    pub fn zeros(&self) -> u64 {
        self.total - self.nonzero
    }
}

/// Synaptic operations of one connection layer, over a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionCount {
    /// Number of operations if every input and every weight counted.
    pub dense: u64,
    /// Operations by [step](Call::step), in order: one entry for each run of the layer over the batch.
    pub calls: Vec<CallOperations>,
}

/// Operations of one run of a connection layer over a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallOperations {
    /// Number of pairs of a non-zero input and a non-zero weight.
    pub operations: u64,
    /// Marks runs whose inputs were all −1, 0 or 1: the operations are accumulates, except those within the layer.
    pub ternary: bool,
    /// Marks runs in which the states that the layer keeps and multiplies were also −1, 0 or 1, and no gate multiplied
    /// anything; true for layers without states and gates.
    pub ternary_within: bool,
}

impl CallOperations {
    /// Creates the operations of a layer without states; `ternary` is true if every input was −1, 0 or 1.
    #[must_use]
    pub const fn new(operations: u64, ternary: bool) -> Self {
        Self { operations, ternary, ternary_within: true }
    }
}

impl CallOperations {
    /// Combines the operations of two runs that are counted as one.
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
    /// Creates a count from the operations if everything counted, and those of each run of the layer.
    #[must_use]
    pub fn new(dense: u64, calls: Vec<CallOperations>) -> Self {
        Self { dense, calls }
    }

    /// Adds the operations of a run at a step.
    #[inline]
    pub(crate) fn add(&mut self, step: usize, counted: CallOperations) {
        if self.calls.len() <= step {
            self.calls.resize(step + 1, CallOperations::new(0, true));
        }
        self.calls[step] = self.calls[step].and(counted);
    }

    /// Returns the number of pairs of a non-zero input and a non-zero weight, over all runs.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.calls.iter().map(|call| call.operations).sum()
    }

    /// Returns true if every input of every run was −1, 0 or 1.
    #[must_use]
    pub fn ternary(&self) -> bool {
        self.calls.iter().all(|call| call.ternary)
    }

    /// Returns true if every input of every run was −1, 0 or 1, and so were the states that the layer keeps and
    /// multiplies.
    #[must_use]
    pub fn ternary_throughout(&self) -> bool {
        self.calls.iter().all(|call| call.ternary && call.ternary_within)
    }
}

/// Membrane potentials of one layer of spiking neurons, counted over a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MembraneCount {
    /// Number of potentials that changed: all neurons at a step [from rest](Call::from_rest), and at every other step
    /// the neurons whose potential differs from before.
    pub updates: u64,
    /// Number of potentials of all neurons at all steps.
    pub total: u64,
}

impl MembraneCount {
    /// Creates a count from the numbers of potentials that changed and of all potentials.
    #[must_use]
    pub fn new(updates: u64, total: u64) -> Self {
        Self { updates, total }
    }
}

/// Number of non-zero outputs of each neuron of one activation layer, over a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NeuronCount {
    /// Number of non-zero outputs of each neuron, in memory order.
    pub nonzero: Vec<u64>,
    /// Number of outputs of each neuron: samples times steps.
    pub observations: u64,
}

impl NeuronCount {
    /// Creates a count from each neuron's number of non-zero outputs, and the number of outputs.
    #[must_use]
    pub fn new(nonzero: Vec<u64>, observations: u64) -> Self {
        Self { nonzero, observations }
    }
}

/// Outputs of one activation layer, added up over a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerTotal {
    /// Number of outputs, of all samples and steps.
    pub outputs: u64,
    /// Number of non-zero outputs; for spiking neurons, the steps of a neuron with one or more spikes.
    pub nonzero: u64,
    /// Number of runs of the layer: one for each sample and step.
    pub calls: u64,
    /// Whole spikes of a layer of spiking neurons, which most are.
    whole_spikes: u64,
    /// Sum of the sizes of all other spikes.
    graded_spikes: ExactSum,
}

impl LayerTotal {
    /// Creates totals from the outputs of a number of runs of a layer of spiking neurons.
    #[must_use]
    pub fn from_spikes(outputs: &[f64], calls: u64) -> Self {
        let nonzero = outputs.iter().filter(|output| **output != 0.0).count() as u64;
        let mut total = Self { outputs: outputs.len() as u64, nonzero, calls, ..Self::default() };
        outputs.iter().for_each(|output| total.add_spikes(*output));
        total
    }

    /// Returns the sum of the sizes `|output|` of a layer of spiking neurons: its number of spikes, where an output is
    /// the number of spikes in a step. It is exact. Zero for other layers.
    #[must_use]
    pub fn spikes(&self) -> ExactSum {
        let mut spikes = self.graded_spikes.clone();
        spikes.add_integer_product(1.0, self.whole_spikes);
        spikes
    }

    /// Adds the spikes of a neuron in a step.
    pub(crate) fn add_spikes(&mut self, output: f64) {
        let size = output.abs();
        // Whole numbers of this range are exact, and their sums allocate nothing.
        if size.fract() == 0.0 && size <= f64::from(u32::MAX) {
            self.whole_spikes += size as u64;
        } else {
            self.graded_spikes.add(size);
        }
    }
}

/// Numbers at a [hook point](HookPoint) of one layer, counted over a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValueCount {
    /// Number of all numbers, of all samples and steps.
    pub total: u64,
    /// Number of those that are not zero.
    pub nonzero: u64,
}

impl ValueCount {
    /// Creates a count from the numbers of all and of non-zero values.
    #[must_use]
    pub fn new(total: u64, nonzero: u64) -> Self {
        Self { total, nonzero }
    }

    /// Returns the number of values that were zero.
    #[must_use]
    pub fn zeros(&self) -> u64 {
        self.total - self.nonzero
    }
}

/// Tensors of one layer, over a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    calls: Vec<(Call, usize)>,
    values: Vec<f64>,
}

impl Trace {
    /// Iterates over the recorded runs, in the order in which they happened, with their calls and values. A call that
    /// covers several samples has their values one sample after the other.
    pub fn calls(&self) -> impl Iterator<Item = (Call, &[f64])> {
        let ends = self.calls.iter().map(|(_, end)| *end);
        let starts = std::iter::once(0).chain(ends);
        self.calls.iter().zip(starts).map(|((call, end), start)| (*call, &self.values[start..*end]))
    }

    /// Returns every value, in recorded order.
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

/// Record of a pass over one batch: one entry for each layer of the model, of the kinds that are needed.
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
    pub(crate) totals: Vec<LayerTotal>,
    /// By hook point.
    pub(crate) value_counts: [Vec<ValueCount>; HookPoint::ALL.len()],
    /// By hook point.
    pub(crate) value_traces: [Vec<Trace>; HookPoint::ALL.len()],
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
            totals: vec![LayerTotal::default(); sized(Needs::LAYER_TOTALS)],
            value_counts: HookPoint::ALL.map(|point| vec![ValueCount::default(); sized(point.counts())]),
            value_traces: HookPoint::ALL.map(|point| vec![Trace::default(); sized(point.traces())]),
        }
    }

    /// Returns the needs that it records.
    #[must_use]
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// Empties it, and keeps its allocations.
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
        self.totals.fill(LayerTotal::default());
        self.value_counts.iter_mut().for_each(|counts| counts.fill(ValueCount::default()));
        let traces = [&mut self.activation_traces, &mut self.connection_traces, &mut self.membrane_traces];
        for trace in traces.into_iter().chain(&mut self.value_traces).flatten() {
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

    /// Counts at a hook point, by layer.
    pub(crate) fn counts_at(&self, point: HookPoint) -> &[ValueCount] {
        &self.value_counts[point as usize]
    }

    /// Numbers at a hook point, by layer.
    pub(crate) fn traces_at(&self, point: HookPoint) -> &[Trace] {
        &self.value_traces[point as usize]
    }

    pub(crate) fn trace_at(&mut self, point: HookPoint, layer: usize, call: Call, values: impl Iterator<Item = f64>) {
        self.value_traces[point as usize][layer].push(call, values);
    }
}
