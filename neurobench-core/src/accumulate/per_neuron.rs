//! Activity of each neuron of a layer.

use serde::{Deserialize, Serialize};

use crate::accumulate::merge::add_counts;
use crate::accumulate::{Accumulator, Finish};
use crate::metric::{MetricError, Resampling, ResamplingForm};
use crate::model::NeuronCount;

/// Number of non-zero outputs of each neuron of a layer over the run. Memory is O(neurons), independent of the size of
/// the data set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerNeuron {
    counts: Vec<u64>,
    observations: u64,
}

impl PerNeuron {
    /// Adds the counts of a batch.
    pub fn add(&mut self, batch: &NeuronCount) {
        self.add_parts(&batch.nonzero, batch.observations);
    }

    fn add_parts(&mut self, counts: &[u64], observations: u64) {
        if self.counts.len() < counts.len() {
            self.counts.resize(counts.len(), 0);
        }
        for (sum, count) in self.counts.iter_mut().zip(counts) {
            add_counts(sum, *count);
        }
        add_counts(&mut self.observations, observations);
    }

    /// Returns the number of non-zero outputs of each neuron.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Returns the number of outputs of each neuron: samples times steps.
    #[must_use]
    pub fn observations(&self) -> u64 {
        self.observations
    }

    /// Computes the fraction of non-zero outputs of each neuron.
    ///
    /// # Errors
    ///
    /// Undefined if the layer never ran.
    pub fn rates(&self) -> Result<Vec<f64>, MetricError> {
        if self.observations == 0 {
            return Err(MetricError::undefined("the layer never ran"));
        }
        Ok(self.counts.iter().map(|count| *count as f64 / self.observations as f64).collect())
    }
}

impl From<&NeuronCount> for PerNeuron {
    fn from(batch: &NeuronCount) -> Self {
        Self { counts: batch.nonzero.clone(), observations: batch.observations }
    }
}

impl Accumulator for PerNeuron {
    fn merge(&mut self, other: Self) {
        self.add_parts(&other.counts, other.observations);
    }

    fn resampling() -> Resampling<Self> {
        Resampling::<Self>::states().with_form(ResamplingForm::States { bytes_per_neuron: size_of::<u64>() })
    }
}

impl Finish for PerNeuron {
    type Output = Vec<f64>;

    fn finish(&self) -> Result<Vec<f64>, MetricError> {
        self.rates()
    }
}
