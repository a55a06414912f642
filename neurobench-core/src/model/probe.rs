//! Reports of a model about its layers during a run.
//!
//! Invariant 6: the probe records only what some metric [needs](Needs). Invariant 10: a model reports to the probe
//! without knowing the metrics, and metrics read the [`Record`] without knowing the layers.

use crate::instructions::Instructions;
use crate::model::record::{Call, CallOperations, Record};
use crate::model::tally::Tally;
use crate::model::{FanOut, HookPoint, Layer, Needs};

/// Number that a model may pass to a probe.
pub trait Element: Copy + sealed::Sealed {
    /// Returns the number as `f64`.
    fn as_f64(self) -> f64;
    /// Returns true if the number is −1, 0 or 1.
    fn is_ternary(self) -> bool;
    /// Returns true if the number is zero, of either sign.
    fn is_zero(self) -> bool;
    /// Returns true if two numbers differ by value: two zeros are equal, NaN differs from everything.
    fn differs(self, other: Self) -> bool;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

macro_rules! elements {
    ($($float:ty),*) => { $(
        impl Element for $float {
            #[inline]
            fn as_f64(self) -> f64 { f64::from(self) }
            #[inline]
            fn is_ternary(self) -> bool { self == 0.0 || self == 1.0 || self == -1.0 }
            #[inline(always)]
            fn is_zero(self) -> bool { self == 0.0 }
            #[inline]
            fn differs(self, other: Self) -> bool { self != other }
        }
    )* };
}
elements!(f32, f64);

/// Records only the data of a pass that the metrics of a run need.
///
/// A model calls it at every hook point. It is set up with the union of the metrics' [`Needs`]; a call without a need
/// costs a test of one bit. There are three depths: counts for each layer, counts for each neuron, and the tensors
/// themselves.
pub struct Probe {
    needs: Needs,
    record: Record,
    layers: Vec<ProbedLayer>,
    /// Counts of neurons that are not yet added to the record; one for each layer, if they are needed.
    tallies: Vec<Tally>,
    /// Index in the batch of the sample that the model calls its first.
    first_sample: usize,
    instructions: Instructions,
}

/// Properties of a layer that the probe needs.
struct ProbedLayer {
    path: String,
    fan_out: Option<FanOut>,
    neurons: Option<usize>,
    is_spiking: bool,
    /// The hook points that it declares.
    points: [bool; HookPoint::ALL.len()],
}

impl Probe {
    /// Creates a probe for a model's layers.
    #[must_use]
    pub fn new(needs: Needs, layers: &[Layer]) -> Self {
        let probed = |layer: &Layer| ProbedLayer {
            path: layer.path().to_owned(),
            fan_out: layer.fan_out().cloned(),
            neurons: layer.neurons(),
            is_spiking: layer.is_spiking(),
            points: HookPoint::ALL.map(|point| layer.has_hook_point(point)),
        };
        let (record, instructions) = (Record::new(needs, layers.len()), Instructions::fastest());
        let tallies = vec![Tally::default(); record.neurons.len()];
        let layers = layers.iter().map(probed).collect();
        Self { needs, record, layers, tallies, first_sample: 0, instructions }
    }

    /// Empties the record before a batch, and keeps its allocations.
    pub fn clear(&mut self) {
        self.record.clear();
        self.tallies.iter_mut().for_each(Tally::clear);
    }

    /// Sets the index in the batch of the sample that the model calls its first; 0 at the beginning. A model that runs another
    /// model on one sample of a sequence after the other calls it before each of them, and with 0 afterwards.
    pub fn set_first_sample(&mut self, index: usize) {
        self.first_sample = index;
    }

    /// The call in the whole batch, in which a sample of a sequence is a step.
    fn in_batch(&self, call: Call) -> Call {
        let first = self.first_sample;
        Call { sample: call.sample + first, step: call.step + first, ..call }
    }

    /// Returns the record since the last [`clear`](Self::clear).
    #[must_use]
    pub fn record(&mut self) -> &Record {
        for (tally, count) in self.tallies.iter_mut().zip(&mut self.record.neurons) {
            tally.settle(&mut count.nonzero);
        }
        &self.record
    }

    /// Returns true if any of these is needed: a kernel checks once per call which variant of itself to run.
    #[inline]
    #[must_use]
    pub fn wants(&self, needs: Needs) -> bool {
        self.needs.intersects(needs)
    }

    /// Records the outputs of an activation layer, and counts them.
    ///
    /// # Panics
    ///
    /// Panics if this is needed and the model has no such layer.
    #[inline]
    pub fn activation<E: Element>(&mut self, layer: usize, call: Call, values: &[E]) {
        if self.wants(ACTIVATIONS) {
            self.record_activation(layer, call, nonzero(values), values);
        }
    }

    /// Records the outputs of an activation layer whose kernel counted the non-zero ones while writing them.
    ///
    /// # Panics
    ///
    /// Panics if this is needed and the model has no such layer.
    #[inline]
    pub fn activation_counted<E: Element>(&mut self, layer: usize, call: Call, nonzero: u64, values: &[E]) {
        if self.wants(ACTIVATIONS) {
            self.record_activation(layer, call, nonzero, values);
        }
    }

    #[inline(never)]
    fn record_activation<E: Element>(&mut self, layer: usize, call: Call, nonzero: u64, values: &[E]) {
        self.check_layer(layer);
        let call = self.in_batch(call);
        if let Some(count) = self.record.activations.get_mut(layer) {
            count.total += values.len() as u64;
            count.nonzero += nonzero;
        }
        if self.needs.contains(Needs::NEURON_COUNTS) {
            let neurons = self.neurons(layer, values.len());
            let (count, tally) = (&mut self.record.neurons[layer], &mut self.tallies[layer]);
            count.nonzero.resize(neurons, 0);
            tally.add(values, &mut count.nonzero, self.instructions);
            count.observations += (values.len() / neurons) as u64;
        }
        if self.needs.contains(Needs::LAYER_TOTALS) {
            self.add_totals(layer, values);
        }
        if self.needs.contains(Needs::ACTIVATION_TRACES) {
            self.record.trace_activations(layer, call, values.iter().map(|value| value.as_f64()));
        }
    }

    fn add_totals<E: Element>(&mut self, layer: usize, values: &[E]) {
        let (neurons, is_spiking) = (self.neurons(layer, values.len()), self.layers[layer].is_spiking);
        let total = &mut self.record.totals[layer];
        total.outputs += values.len() as u64;
        // A kernel counts them only if counts of activations are needed.
        total.nonzero += nonzero(values);
        total.calls += (values.len() / neurons) as u64;
        if is_spiking {
            // A zero adds nothing, and most outputs are zero.
            let spikes = values.iter().filter(|value| !value.is_zero());
            spikes.for_each(|value| total.add_spikes(value.as_f64()));
        }
    }

    /// Number of neurons of a layer that divides the number of its outputs.
    fn neurons(&self, layer: usize, outputs: usize) -> usize {
        let ProbedLayer { path, neurons, .. } = &self.layers[layer];
        let Some(neurons) = neurons.filter(|neurons| *neurons > 0 && outputs.is_multiple_of(*neurons)) else {
            let neurons = neurons.unwrap_or(0);
            panic!("layer `{path}` has {neurons} neurons per sample but produced {outputs} outputs");
        };
        neurons
    }

    /// Records the inputs of a connection layer, and counts their operations by the layer's fan-out.
    ///
    /// # Panics
    ///
    /// Panics if the model has no such layer, the layer does not declare its fan-out, or the inputs do not match it.
    #[inline]
    pub fn connection<E: Element>(&mut self, layer: usize, call: Call, inputs: &[E]) {
        if self.wants(CONNECTIONS) {
            let counted = self.wants(Needs::CONNECTION_COUNTS).then(|| self.count_operations(layer, inputs));
            self.record_connection(layer, call, counted, inputs);
        }
    }

    /// Records the inputs of a connection layer whose kernel counted its operations.
    ///
    /// # Panics
    ///
    /// Panics if the model has no such layer, the layer does not declare its fan-out, or the inputs do not match it.
    #[inline]
    pub fn connection_counted<E: Element>(&mut self, layer: usize, call: Call, counted: CallOperations, inputs: &[E]) {
        if self.wants(CONNECTIONS) {
            self.record_connection(layer, call, Some(counted), inputs);
        }
    }

    /// Records the operations of consecutive runs, each of one sample, at consecutive steps or all at the same step.
    ///
    /// # Panics
    ///
    /// Panics if this is needed and the model has no such layer, or the layer does not declare its fan-out.
    #[inline(never)]
    pub fn connections_counted(
        &mut self,
        layer: usize,
        first: Call,
        steps_apart: bool,
        counted: impl ExactSizeIterator<Item = CallOperations>,
    ) {
        if self.needs.contains(Needs::CONNECTION_COUNTS) {
            let first = self.in_batch(first);
            let dense = self.fan_out(layer).dense() * counted.len() as u64;
            let count = &mut self.record.connections[layer];
            count.dense += dense;
            for (run, counted) in counted.enumerate() {
                count.add(first.step + if steps_apart { run } else { 0 }, counted);
            }
        }
    }

    fn count_operations<E: Element>(&self, layer: usize, inputs: &[E]) -> CallOperations {
        let fan_out = self.fan_out(layer);
        let (mut operations, mut ternary) = (0, true);
        for sample in inputs.chunks(fan_out.inputs().max(1)) {
            for (input, meets) in sample.iter().zip(fan_out.per_input()) {
                operations += if input.is_zero() { 0 } else { *meets };
                ternary &= input.is_ternary();
            }
        }
        CallOperations::new(operations, ternary)
    }

    #[inline(never)]
    fn record_connection<E: Element>(
        &mut self,
        layer: usize,
        call: Call,
        counted: Option<CallOperations>,
        inputs: &[E],
    ) {
        self.check_layer(layer);
        let call = self.in_batch(call);
        if let (Some(counted), true) = (counted, self.needs.contains(Needs::CONNECTION_COUNTS)) {
            let fan_out = self.fan_out(layer);
            // Most calls cover one sample, and a division costs more than everything else here.
            let one_sample = inputs.len() == fan_out.inputs();
            let samples = if one_sample { 1 } else { inputs.len() / fan_out.inputs().max(1) };
            assert!(
                samples * fan_out.inputs() == inputs.len(),
                "layer `{}` takes {} inputs per sample, found {}",
                self.layers[layer].path,
                fan_out.inputs(),
                inputs.len()
            );
            let dense = fan_out.dense() * samples as u64;
            let count = &mut self.record.connections[layer];
            count.dense += dense;
            count.add(call.step, counted);
        }
        if self.needs.contains(Needs::CONNECTION_TRACES) {
            self.record.trace_connections(layer, call, inputs.iter().map(|value| value.as_f64()));
        }
    }

    /// Records the membrane potentials of a neuron layer before and after a step, and compares them. At a step [from
    /// rest](Call::from_rest) all of them count as updates.
    ///
    /// # Panics
    ///
    /// Panics if this is needed and the model has no such layer.
    #[inline]
    pub fn membrane<E: Element>(&mut self, layer: usize, call: Call, before: &[E], after: &[E]) {
        if self.wants(MEMBRANES) {
            let changed = before.iter().zip(after).filter(|(before, after)| before.differs(**after)).count();
            self.record_membrane(layer, call, changed as u64, after);
        }
    }

    /// Records the membrane potentials of a neuron layer whose kernel counted those that changed. At a step [from
    /// rest](Call::from_rest) all of them count as updates, regardless of `changed`.
    ///
    /// # Panics
    ///
    /// Panics if this is needed and the model has no such layer.
    #[inline]
    pub fn membrane_counted<E: Element>(&mut self, layer: usize, call: Call, changed: u64, after: &[E]) {
        if self.wants(MEMBRANES) {
            self.record_membrane(layer, call, changed, after);
        }
    }

    #[inline(never)]
    fn record_membrane<E: Element>(&mut self, layer: usize, call: Call, changed: u64, after: &[E]) {
        let call = self.in_batch(call);
        self.check_layer(layer);
        if let Some(count) = self.record.membranes.get_mut(layer) {
            count.updates += if call.from_rest { after.len() as u64 } else { changed };
            count.total += after.len() as u64;
        }
        if self.needs.contains(Needs::MEMBRANE_TRACES) {
            self.record.trace_membranes(layer, call, after.iter().map(|value| value.as_f64()));
        }
    }

    /// Records numbers at a hook point that the layer [declares](Layer::with_hook_point), and counts those that are not
    /// zero. The numbers of a call that covers several samples or steps are one after the other.
    ///
    /// # Panics
    ///
    /// Panics if this is needed and the model has no such layer, or the layer does not declare the hook point.
    #[inline]
    pub fn report<E: Element>(&mut self, point: HookPoint, layer: usize, call: Call, values: &[E]) {
        if self.wants(point.either()) {
            self.record_values(point, layer, call, values);
        }
    }

    #[inline(never)]
    fn record_values<E: Element>(&mut self, point: HookPoint, layer: usize, call: Call, values: &[E]) {
        let call = self.in_batch(call);
        self.check_layer(layer);
        let ProbedLayer { path, points, .. } = &self.layers[layer];
        assert!(points[point as usize], "layer `{path}` reports its {} but does not declare them", point.name());
        if let Some(count) = self.record.value_counts[point as usize].get_mut(layer) {
            count.total += values.len() as u64;
            count.nonzero += nonzero(values);
        }
        if self.needs.contains(point.traces()) {
            self.record.trace_at(point, layer, call, values.iter().map(|value| value.as_f64()));
        }
    }

    fn fan_out(&self, layer: usize) -> &FanOut {
        self.check_layer(layer);
        let ProbedLayer { path, fan_out, .. } = &self.layers[layer];
        match fan_out {
            Some(fan_out) => fan_out,
            None => panic!("layer `{path}` is called as a connection but does not declare its fan-out"),
        }
    }

    fn check_layer(&self, layer: usize) {
        let layers = self.layers.len();
        assert!(layer < layers, "the model declares {layers} layers; the probe was called for layer {layer}");
    }
}

const ACTIVATIONS: Needs =
    Needs::ACTIVATION_COUNTS.union(Needs::NEURON_COUNTS).union(Needs::LAYER_TOTALS).union(Needs::ACTIVATION_TRACES);
const CONNECTIONS: Needs = Needs::CONNECTION_COUNTS.union(Needs::CONNECTION_TRACES);
const MEMBRANES: Needs = Needs::MEMBRANE_COUNTS.union(Needs::MEMBRANE_TRACES);

/// Number of non-zero values, counted in lanes.
fn nonzero<E: Element>(values: &[E]) -> u64 {
    // Sums of 32 bits over short ranges vectorize; a range is too short to overflow one.
    values.chunks(4096).map(|part| u64::from(part.iter().map(|value| u32::from(!value.is_zero())).sum::<u32>())).sum()
}
