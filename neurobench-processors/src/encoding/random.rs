//! Encoders that draw random numbers.

use ndarray::{ArrayD, IxDyn};
use neurobench_core::model::Tensor;
use neurobench_core::process::{BatchPlace, Preprocessor, ProcessError};
use neurobench_core::stats::random::{hashed, nth, uniform};

/// Encoder of single numbers.
pub(super) trait Draw: Send + Sync {
    /// Distribution of the draws of a number, such as a probability.
    type Source: Copy;

    /// Prepares a number, before its draws.
    fn prepare(&self, number: f64) -> Result<Self::Source, String>;

    /// Encodes a number by a uniform draw from [0, 1).
    fn encode(&self, source: Self::Source, draw: f64) -> u8;
}

/// Preprocessor that encodes every number of the inputs at every time step.
pub(super) struct Encoder<D> {
    pub(super) processor: &'static str,
    pub(super) draw: D,
    /// Number of time steps; `None` if the inputs have time steps.
    pub(super) steps: Option<usize>,
    pub(super) seed: u64,
}

impl<D: Draw> Encoder<D> {
    /// Encodes samples, the first of which has this index in the data set.
    fn encoded(&self, first_sample: u64, inputs: &Tensor) -> Result<Tensor, ProcessError> {
        let Self { processor, draw, steps, seed } = self;
        let found = inputs.shape();
        let shape = match (found, steps) {
            ([batch, rest @ ..], Some(steps)) => [&[*batch, *steps], rest].concat(),
            ([_, _, ..], None) => found.to_vec(),
            _ => {
                let expected = if steps.is_some() { "[batch, ..]" } else { "[batch, step, ..]" };
                return Err(ProcessError::Shape { processor, found: found.to_vec(), expected });
            }
        };
        let memory = || ProcessError::Memory { processor, shape: shape.clone() };
        let steps = steps.unwrap_or(1);
        let mut encoded = Vec::new();
        let elements = found.iter().product::<usize>().checked_mul(steps).ok_or_else(memory)?;
        encoded.try_reserve_exact(elements).map_err(|_| memory())?;
        let width = found[1..].iter().product::<usize>();
        let inputs = inputs.to_f64();
        let inputs = inputs.as_standard_layout();
        let mut sources = Vec::with_capacity(width);
        for (sample, numbers) in inputs.as_slice().unwrap_or_default().chunks_exact(width.max(1)).enumerate() {
            sources.clear();
            for number in numbers {
                let source = draw.prepare(*number);
                sources.push(source.map_err(|problem| ProcessError::Sample { processor, sample, problem })?);
            }
            let start = hashed(*seed, first_sample.wrapping_add(sample as u64));
            let mut element = 0;
            for _ in 0..steps {
                for source in &sources {
                    encoded.push(draw.encode(*source, uniform(nth(start, element))));
                    element += 1;
                }
            }
        }
        ArrayD::from_shape_vec(IxDyn(&shape), encoded).map(Tensor::from).map_err(|_| memory())
    }
}

impl<D: Draw> Preprocessor for Encoder<D> {
    /// Encodes samples as the first ones of a data set.
    fn process(&self, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        self.process_at(BatchPlace::default(), inputs, targets)
    }

    fn process_at(&self, place: BatchPlace, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        Ok((self.encoded(place.first_sample, &inputs)?, targets))
    }
}

#[cfg(test)]
pub(super) mod testing {
    use ndarray::{ArrayD, Axis};

    use super::*;

    /// Encodes inputs as one batch and checks that single samples are encoded the same way.
    pub(in crate::encoding) fn encoded(encoder: &impl Preprocessor, inputs: impl Into<Tensor>) -> ArrayD<u8> {
        let inputs = inputs.into();
        let process = |first: usize, inputs| {
            let processed = encoder.process_at(BatchPlace::new(first as u64), inputs, Tensor::default());
            let (Tensor::U8(spikes), _) = processed.unwrap() else { panic!("spikes are bytes") };
            spikes.to_owned()
        };
        let all = process(0, inputs.clone());
        for sample in 0..inputs.samples() {
            let one = process(sample, inputs.rows(sample, sample + 1));
            assert_eq!(one.index_axis(Axis(0), 0), all.index_axis(Axis(0), sample), "sample {sample}");
        }
        all
    }
}
