//! Sums over the most recent steps: `sliding_window`.
//!
//! ```text
//! y_t = x_(t - steps + 1) + .. + x_t
//! ```
//!
//! In the first `steps - 1` steps of a sequence there is no such sum, and the layer is silent: the layers after it do not run and
//! count nothing, and a network whose outputs depend on it outputs zeros. Layers that take its outputs one step later do run, on
//! zeros: in a loop around a window there would be nothing to sum if they waited, too. Sums are in ascending order of the steps.

use crate::error::{NetworkError, TensorError};
use crate::file::Time;
use crate::file::integer;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use crate::{MOST_ELEMENTS, NetworkBuilder};
use neurobench_core::Settings;
use neurobench_core::model::{Layer, LayerKind, StoredTensor};

/// Sums of the inputs over the last `steps` time steps; silent during the first `steps - 1`.
#[derive(Clone, Debug, Settings)]
struct SlidingWindowConfig {
    /// Number of steps of a sum.
    #[param(range = 1..)]
    steps: usize,
    /// Number of rows of zeros in the buffer of a fresh model whose checkpoint has no tensor `buffer`. They count only in the
    /// footprint.
    #[param(default = 0, range = 0..=65536)]
    buffer_rows: usize,
}

layer!("sliding_window", SlidingWindowConfig, |config, parts| build(&config, parts));

fn build<R: Real>(config: &SlidingWindowConfig, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let SlidingWindowConfig { steps, buffer_rows } = *config;
    if parts.time == Time::None {
        return Err(
            parts.problem("the network must have `time_steps` or `carries_state`; otherwise there are no steps to sum")
        );
    }
    let elements = parts.elements();
    if steps.checked_mul(elements).is_none_or(|stored| stored > MOST_ELEMENTS) {
        return Err(parts.problem(format!(
            "{steps} `steps` of {elements} inputs need too much memory: at most {MOST_ELEMENTS} numbers are stored"
        )));
    }
    let mut layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    if let Some(buffer) = parts.weights.rows::<R>("buffer", parts.shape)? {
        if let Some(found) = buffer.values.iter().find(|value| !value.is_zero()) {
            let expected = "the buffer must be zero: save the model before it has run".to_owned();
            return Err(parts.tensor_problem("buffer", TensorError::Value { found: found.as_f64(), expected }));
        }
        if buffer_rows > 0 {
            return Err(
                parts.problem("`buffer_rows` and the tensor `buffer` exclude each other: leave one of them out")
            );
        }
        layer = layer.with_buffer(buffer.stored);
    } else if buffer_rows > 0 {
        let shape: Vec<usize> = [buffer_rows].into_iter().chain(parts.shape.iter().copied()).collect();
        layer = layer.with_buffer(StoredTensor::new("buffer", shape, R::DTYPE, (buffer_rows * elements) as u64));
    }
    let built = BuiltLayer::new(layer, SlidingWindow { steps, elements }, parts.shape.to_vec());
    Ok(BuiltLayer { silent_steps: steps - 1, ..built })
}

/// The kernel. Its state is a ring buffer of the last inputs: those of step `t` are at position `t` modulo `steps`.
struct SlidingWindow {
    steps: usize,
    elements: usize,
}

impl<R: Real> Kernel<R> for SlidingWindow {
    fn outputs(&self) -> usize {
        self.elements
    }

    fn state(&self) -> usize {
        self.steps * self.elements
    }

    fn run(&self, inputs: &[R], state: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, hook: &mut Hook<'_>) {
        let steps_before = hook.rows.steps_before();
        let rows = inputs.chunks_exact(self.elements).zip(outputs.chunks_exact_mut(self.elements));
        for (row, (inputs, outputs)) in rows.enumerate() {
            let newest = (steps_before + row) % self.steps * self.elements;
            state[newest..newest + self.elements].copy_from_slice(inputs);
            let (recent, oldest) = state.split_at(newest + self.elements);
            outputs.fill(R::zero());
            for inputs in oldest.chunks_exact(self.elements).chain(recent.chunks_exact(self.elements)) {
                outputs.iter_mut().zip(inputs).for_each(|(sum, input)| *sum += *input);
            }
        }
    }
}

impl NetworkBuilder {
    /// Adds the sum of the inputs of the last `steps` steps. During the first `steps - 1` steps, the layers after it do
    /// not run, and outputs that depend on it are zeros.
    #[must_use]
    pub fn sliding_window(self, path: &str, steps: usize) -> Self {
        let steps = integer(steps);
        self.layer(path, "sliding_window", toml::Table::from_iter([("steps".to_owned(), steps)]))
    }
}
