//! Spikes of one layer over one batch, sample by sample.

use neurobench_core::metric::MetricError;
use neurobench_core::model::{Layer, Model, Trace};

/// Outputs of a layer at one step of a sample.
pub(super) struct Row<'a> {
    pub(super) sample: usize,
    pub(super) step: usize,
    outputs: &'a [f64],
}

impl Row<'_> {
    /// Neurons that spike.
    pub(super) fn spikes(&self) -> impl Iterator<Item = usize> {
        self.outputs.iter().enumerate().filter(|(_, output)| **output != 0.0).map(|(neuron, _)| neuron)
    }
}

/// Outputs of a layer at every step of every sample of a batch.
pub(super) struct Raster<'a> {
    pub(super) neurons: usize,
    rows: Vec<Row<'a>>,
}

impl<'a> Raster<'a> {
    pub(super) fn from_trace(layer: &Layer, trace: &'a Trace) -> Result<Self, MetricError> {
        let Some(neurons) = layer.neurons().filter(|neurons| *neurons > 0) else {
            let path = layer.path();
            return Err(MetricError::Missing(format!("layer `{path}` does not declare its number of neurons")));
        };
        let mut rows = Vec::new();
        for (call, values) in trace.calls() {
            if !values.len().is_multiple_of(neurons) {
                let path = layer.path();
                let (outputs, sample) = (values.len(), call.sample);
                let problem = format!("layer `{path}` has {neurons} neurons but produced {outputs} outputs");
                return Err(MetricError::Other(problem).at_sample(sample));
            }
            // A call that covers several samples has their outputs one after the other.
            let samples = call.sample..;
            let sample_outputs = samples.zip(values.chunks_exact(neurons));
            rows.extend(sample_outputs.map(|(sample, outputs)| Row { sample, step: call.step, outputs }));
        }
        // The calls mostly come in this order.
        rows.sort_by_key(|row| (row.sample, row.step));
        if let Some(pair) =
            rows.windows(2).find(|pair| (pair[0].sample, pair[0].step) == (pair[1].sample, pair[1].step))
        {
            let (path, Row { sample, step, .. }) = (layer.path(), &pair[0]);
            let problem = format!(
                "layer `{path}` ran more than once at step {step}: its outputs within one step have no order in time"
            );
            return Err(MetricError::Other(problem).at_sample(*sample));
        }
        Ok(Self { neurons, rows })
    }

    /// Rows of each sample, in the order of their steps.
    pub(super) fn samples(&self) -> impl Iterator<Item = &[Row<'a>]> {
        self.rows.chunk_by(|row, next| row.sample == next.sample)
    }
}

/// Rejects models whose spike trains extend over several batches.
pub(super) fn refuse_carried_state(model: &dyn Model) -> Result<(), MetricError> {
    if model.carries_state() {
        return Err(
            "the model carries its state from sample to sample: its spike trains extend over batches, so only \
                    its rates can be computed"
                .into(),
        );
    }
    Ok(())
}
