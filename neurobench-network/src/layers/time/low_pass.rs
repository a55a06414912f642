//! Leaky averages over time: `low_pass`, like the units of an echo state network.
//!
//! ```text
//! r ← (1 - rate)·r + rate·x                 (the output)
//! ```
//!
//! Every operation is rounded; none is fused. Before the first step, `r` is `initial`. If another layer takes the outputs of the
//! previous step, these are also `initial` in the first step.
//!
//! Herbert Jaeger, Mantas Lukoševičius, Dan Popovici, Udo Siewert, "Optimization and applications of echo state networks with
//! leaky-integrator neurons", Neural Networks 20 (2007), doi
//! [10.1016/j.neunet.2007.04.016](https://doi.org/10.1016/j.neunet.2007.04.016).

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::neuron::{Constant, optional_constant};
use crate::layers::{BuiltLayer, Parts};
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{Layer, LayerKind};

/// Leaky averages over time: at every step, a fraction `rate` of each average is replaced by the input.
#[derive(Clone, Debug, Settings)]
struct LowPassConfig {
    /// Fraction that is replaced at every step.
    #[param(range = 0.0..=1.0)]
    rate: f64,
    /// Averages before the first step: one number, or one for each input; 0 if it is neither a key nor a tensor.
    #[param(default = None)]
    initial: Option<Constant>,
}

layer!("low_pass", LowPassConfig, build);

fn build<R: Real>(config: LowPassConfig, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let LowPassConfig { rate, initial } = config;
    let mut buffers = Vec::new();
    let initial = optional_constant::<R>(&mut parts, "initial", initial, &mut buffers)?;
    let initial = match initial.unwrap_or(Constant::Same(0.0)) {
        Constant::Same(value) => vec![R::nearest(value); parts.elements()],
        Constant::Each(values) => values.into_iter().map(R::nearest).collect(),
    };
    let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    let layer = buffers.into_iter().fold(layer, Layer::with_buffer);
    let rate = R::nearest(rate);
    Ok(BuiltLayer::new(layer, LowPass { rate, keep: R::one() - rate, initial }, parts.shape.to_vec()))
}

/// The kernel. Its state is the last outputs.
struct LowPass<R> {
    rate: R,
    /// `1 - rate`
    keep: R,
    initial: Vec<R>,
}

impl<R: Real> Kernel<R> for LowPass<R> {
    fn outputs(&self) -> usize {
        self.initial.len()
    }

    fn state(&self) -> usize {
        self.initial.len()
    }

    fn rest(&self, state: &mut [R]) {
        state.copy_from_slice(&self.initial);
    }

    fn previous_outputs(&self, outputs: &mut [R]) {
        outputs.copy_from_slice(&self.initial);
    }

    fn run(&self, inputs: &[R], state: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        let width = self.initial.len();
        for (inputs, outputs) in inputs.chunks_exact(width).zip(outputs.chunks_exact_mut(width)) {
            for ((average, input), output) in state.iter_mut().zip(inputs).zip(outputs) {
                *average = self.keep * *average + self.rate * *input;
                *output = *average;
            }
        }
    }
}

impl NetworkBuilder {
    /// Adds leaky averages over time, one for each input. At every step, a fraction `rate` in 0..=1 of each is replaced by the
    /// input. They start from `initial`.
    #[must_use]
    pub fn low_pass(self, path: &str, rate: f64, initial: impl Into<Constant>) -> Self {
        let initial = initial.into().into_toml();
        let settings = [("rate".to_owned(), toml::Value::Float(rate)), ("initial".to_owned(), initial)];
        self.layer(path, "low_pass", toml::Table::from_iter(settings))
    }
}
