//! Sums over the steps that have just gone by: `sliding_window`.
//!
//! ```text
//! y_t = x_(t - steps + 1) + .. + x_t
//! ```
//!
//! The first `steps - 1` steps of a sequence have no such sum: until then the layer is silent. What comes after it is not run,
//! counts nothing, and a network whose outputs depend on it gives zeros. What takes from it a step later does run, on zeros: in a
//! loop around a window there would be nothing to sum if that waited, too. Sums are in ascending order of the steps.

use serde::Deserialize;

use crate::error::{NetworkError, TensorError};
use crate::file::Time;
use crate::file::integer;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layers::{Built, Kind, Parts};
use crate::real::Real;
use crate::{MOST_ELEMENTS, NetworkBuilder};
use neurobench_core::model::{Layer, LayerKind};

pub(super) const KIND: Kind = Kind::new("sliding_window", build, build);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    steps: usize,
}

fn build<R: Real>(mut parts: Parts<'_, '_>) -> Result<Built<R>, NetworkError> {
    let Config { steps } = parts.settings()?;
    if parts.time == Time::None {
        return Err(
            parts.problem("the network has neither `time_steps` nor `carries_state`: there are no steps to sum")
        );
    }
    let elements = parts.elements();
    if steps == 0 || steps.checked_mul(elements).is_none_or(|kept| kept > MOST_ELEMENTS) {
        return Err(
            parts.problem(format!("`steps` must be at least 1, and its inputs at most {MOST_ELEMENTS} numbers"))
        );
    }
    let mut layer = Layer::new(parts.path, LayerKind::Other, KIND.name);
    if let Some(buffer) = parts.weights.rows::<R>("buffer", parts.shape)? {
        if let Some(found) = buffer.values.iter().find(|value| !value.is_zero()) {
            let expected = "the buffer of a model that has not run holds zeros".to_owned();
            return Err(parts.weights.error("buffer", TensorError::Value { found: found.as_f64(), expected }));
        }
        layer = layer.with_buffer(buffer.stored);
    }
    let built = Built::new(layer, SlidingWindow { steps, elements }, parts.shape.to_vec());
    Ok(Built { silent_steps: steps - 1, ..built })
}

/// The kernel. Its state is a ring of the last inputs: those of step `t` are at place `t` modulo `steps`.
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
        let before = hook.rows.before();
        let rows = inputs.chunks_exact(self.elements).zip(outputs.chunks_exact_mut(self.elements));
        for (row, (inputs, outputs)) in rows.enumerate() {
            let newest = (before + row) % self.steps * self.elements;
            state[newest..newest + self.elements].copy_from_slice(inputs);
            let (recent, oldest) = state.split_at(newest + self.elements);
            outputs.fill(R::zero());
            for kept in oldest.chunks_exact(self.elements).chain(recent.chunks_exact(self.elements)) {
                outputs.iter_mut().zip(kept).for_each(|(sum, input)| *sum += *input);
            }
        }
    }
}

impl NetworkBuilder {
    /// Adds the sum of the last so many steps. Until there were so many, no layer after it runs, and outputs that depend on it
    /// are zeros.
    #[must_use]
    pub fn sliding_window(self, path: &str, steps: usize) -> Self {
        let steps = integer(steps);
        self.layer(path, KIND.name, toml::Table::from_iter([("steps".to_owned(), steps)]))
    }
}
