//! NIR's delay: `y[t] = x[t - steps]`, zero before the first step. All elements have the same delay, or each has its own.

use crate::error::NetworkError;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::window::Extent;
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use crate::{MOST_ELEMENTS, NetworkBuilder};
use neurobench_core::Settings;
use neurobench_core::model::{Layer, LayerKind};

/// Longest delay: single precision represents all whole numbers up to here.
const MOST_STEPS: usize = 1 << 24;

/// Outputs that are the inputs of an earlier step, or zero before the first step.
#[derive(Clone, Debug, Settings)]
struct DelayConfig {
    /// Number of steps: the same for all inputs, or a list with one for each.
    steps: Extent,
}

layer!("delay", DelayConfig, |config, parts| build(config, &parts));

fn build<R: Real>(config: DelayConfig, parts: &Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let DelayConfig { steps } = config;
    let elements = parts.elements();
    let longest = match &steps {
        Extent::Same(steps) => *steps,
        Extent::Each(steps) if steps.len() == elements => steps.iter().copied().max().unwrap_or(0),
        Extent::Each(steps) => {
            return Err(
                parts.problem(format!("`steps` has {} numbers, but the layer has {elements} inputs", steps.len()))
            );
        }
    };
    if longest > MOST_STEPS || longest.checked_mul(elements).is_none_or(|stored| stored > MOST_ELEMENTS) {
        return Err(parts.problem(format!("{longest} `steps` of {elements} inputs need too much memory")));
    }
    let steps = match steps {
        Extent::Same(steps) => vec![steps; elements],
        Extent::Each(steps) => steps,
    };
    let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    Ok(BuiltLayer::new(layer, Delay { steps, longest }, parts.shape.to_vec()))
}

/// The kernel. The state is the position of the oldest inputs, followed by a ring buffer of the inputs of the last steps.
struct Delay {
    steps: Vec<usize>,
    longest: usize,
}

impl<R: Real> Kernel<R> for Delay {
    fn outputs(&self) -> usize {
        self.steps.len()
    }

    fn state(&self) -> usize {
        self.longest * self.steps.len() + 1
    }

    fn output_bound(&self, inputs: f64) -> Option<f64> {
        Some(inputs)
    }

    fn run(&self, inputs: &[R], state: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        let elements = self.steps.len();
        let Some((place, ring)) = state.split_first_mut() else { return };
        if self.longest == 0 {
            outputs.copy_from_slice(inputs);
            return;
        }
        let mut oldest = place.as_f64() as usize;
        for (inputs, outputs) in inputs.chunks_exact(elements).zip(outputs.chunks_exact_mut(elements)) {
            for (index, (output, steps)) in outputs.iter_mut().zip(&self.steps).enumerate() {
                let row = (oldest + self.longest - steps) % self.longest;
                *output = if *steps == 0 { inputs[index] } else { ring[row * elements + index] };
            }
            ring[oldest * elements..][..elements].copy_from_slice(inputs);
            oldest = (oldest + 1) % self.longest;
        }
        *place = R::from_count(oldest);
    }
}

impl NetworkBuilder {
    /// Adds a delay in time steps: the same for all inputs, or one for each.
    #[must_use]
    pub fn delay(self, path: &str, steps: impl Into<Extent>) -> Self {
        let settings = toml::Table::from_iter([("steps".to_owned(), steps.into().to_toml())]);
        self.layer(path, "delay", settings)
    }
}
