//! Adaptive leaky integrate-and-fire neurons with recurrent connections, in discrete time: `radlif`.
//!
//! Alexandre Bittar, Philip N. Garner, "A surrogate gradient spiking baseline for speech command recognition", Frontiers in
//! Neuroscience 16 (2022), doi [10.3389/fnins.2022.865897](https://doi.org/10.3389/fnins.2022.865897).
//!
//! With membrane `u`, adaptation `w` and spike `s` (all zero at rest, although the authors draw them at random in training), input
//! current `I` and threshold `θ`, a step of neuron `j` is
//!
//! ```text
//! f_j = Σ_(i ≠ j) s_i·V_ij                  (of the old spikes: a neuron has no connection to itself)
//! w ← β·w + a·u + b·s                       (of the old u and s)
//! u ← α·(u - s) + (1 - α)·((I + f) - w)
//! s = 1 if u - θ > 0 else 0                 (the output)
//! ```
//!
//! from left to right. Every operation is rounded; there is no fused multiply-add. As in the paper, `α` is clamped to
//! `e^(-1/5)..=e^(-1/25)`, `β` to `e^(-1/30)..=e^(-1/120)`, `a` to -1..=1 and `b` to 0..=2.
//!
//! `V` has a row for each source neuron and a column for each target neuron, unless it is `transposed`. It is a separate connection
//! layer, `V` below the layer's path, whose inputs are the spikes of the previous step. Its diagonal is stored, but is not a
//! connection.

use ndarray::Array2;

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::layer;
use crate::layers::neuron::feedback::{Connections, RecurrentRule, StepInputs};
use crate::layers::neuron::{Constant, Constants, NeuronOutput, constant, optional_constant};
use crate::layers::{BuiltLayer, Parts};
use crate::matrix::Matrix;
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{FanOut, TensorRole};

/// Adaptive leaky integrate-and-fire neurons with recurrent connections.
///
/// Each constant may be a tensor of the layer instead.
#[derive(Clone, Debug, PartialEq, Settings)]
pub struct RadLifConfig {
    /// `α`: fraction of a membrane that remains after one step. Clamped to `e^(-1/5)..=e^(-1/25)`.
    #[param(default = None)]
    pub alpha: Option<Constant>,
    /// `β`: fraction of an adaptation that remains after one step. Clamped to `e^(-1/30)..=e^(-1/120)`.
    #[param(default = None)]
    pub beta: Option<Constant>,
    /// `a`: coupling of the membrane to the adaptation. Clamped to -1..=1.
    #[param(default = None)]
    pub a: Option<Constant>,
    /// `b`: coupling of spikes to the adaptation. Clamped to 0..=2.
    #[param(default = None)]
    pub b: Option<Constant>,
    /// `θ`: a neuron spikes when its membrane exceeds it. It is 1 if it is missing.
    #[param(default = None)]
    pub threshold: Option<Constant>,
    /// True if `V` has a row for each target neuron, like the weight of PyTorch's `Linear`; by default it has a row for each
    /// source neuron.
    #[param(default = false)]
    pub transposed: bool,
    /// Outputs for the next layer.
    #[param(default = NeuronOutput::Spikes)]
    pub output: NeuronOutput,
}

impl RadLifConfig {
    /// Creates neurons with these decays, these couplings of membrane and spikes to the adaptation, and threshold 1.
    pub fn new(
        alpha: impl Into<Constant>,
        beta: impl Into<Constant>,
        a: impl Into<Constant>,
        b: impl Into<Constant>,
    ) -> Self {
        let [alpha, beta, a, b] = [alpha.into(), beta.into(), a.into(), b.into()].map(Some);
        Self { alpha, beta, a, b, threshold: Some(DEFAULT_THRESHOLD), transposed: false, output: NeuronOutput::Spikes }
    }
}

/// Threshold if it is missing.
const DEFAULT_THRESHOLD: Constant = Constant::Same(1.0);

layer!("radlif", RadLifConfig, build);

fn build<R: Real>(config: RadLifConfig, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let RadLifConfig { alpha, beta, a, b, threshold, transposed, output } = config;
    let neurons = parts.elements();
    if parts.shape != [neurons] {
        return Err(parts.problem("expected inputs with one axis; add a flatten layer before it"));
    }
    let (mut parameters, mut buffers) = (Vec::new(), Vec::new());
    let mut claim_clamped = |name, key, low: f64, high: f64| {
        let constant = constant::<R>(&mut parts, name, key, &mut parameters)?;
        Ok::<_, NetworkError>(constant.map(|value| value.clamp(low, high)))
    };
    let alpha = claim_clamped("alpha", alpha, libm::exp(-1.0 / 5.0), libm::exp(-1.0 / 25.0))?;
    let beta = claim_clamped("beta", beta, libm::exp(-1.0 / 30.0), libm::exp(-1.0 / 120.0))?;
    let a = claim_clamped("a", a, -1.0, 1.0)?;
    let b = claim_clamped("b", b, 0.0, 2.0)?;
    let threshold = optional_constant::<R>(&mut parts, "threshold", threshold, &mut buffers)?;
    let threshold = threshold.unwrap_or(DEFAULT_THRESHOLD);
    let make = |[alpha, beta, a, b, threshold]: [R; 5]| NeuronConstants { alpha, beta, a, b, threshold };
    let constants = Constants::new(neurons, &[alpha, beta, a, b, threshold], make);

    let shape = [neurons, neurons];
    let weight = match parts.weights.optional::<R>("V.weight", &shape)? {
        Some(weight) => weight,
        None => parts.weights.required("V", &shape)?,
    };
    // Sums are over the source neurons, so that the matrix has a row for each target neuron.
    let weight_from_to = |to: usize, from: usize| match (from == to, transposed) {
        (true, _) => R::zero(),
        (false, true) => weight.values[to * neurons + from],
        (false, false) => weight.values[from * neurons + to],
    };
    let rows: Vec<R> = (0..neurons)
        .flat_map(|to| (0..neurons).map(move |from| (to, from)))
        .map(|(to, from)| weight_from_to(to, from))
        .collect();
    let matrix = Matrix::new(&rows, vec![R::zero(); neurons]);
    let mut stored = weight.stored.with_role(TensorRole::Weight);
    "weight".clone_into(&mut stored.name);
    let dense = (neurons * (neurons - 1)) as u64;
    let fan_out = FanOut::new(matrix.fan_out().per_input(), dense);
    let connections = Connections::all(&parts, "V", (matrix, fan_out), vec![stored]);
    let built = connections.with_parameters(parameters).build(&parts, buffers, output, RadLif { constants });
    Ok(built.with_operations_per_update(12))
}

struct RadLif<R> {
    constants: Constants<NeuronConstants<R>>,
}

#[derive(Clone, Copy)]
struct NeuronConstants<R> {
    alpha: R,
    beta: R,
    a: R,
    b: R,
    threshold: R,
}

impl<R: Real> RecurrentRule<R> for RadLif<R> {
    fn step(&self, neuron: usize, inputs: StepInputs<R>, adaptation: &mut R) -> R {
        let NeuronConstants { alpha, beta, a, b, .. } = *self.constants.get(neuron);
        let StepInputs { current, feedback, spike, membrane } = inputs;
        *adaptation = beta * *adaptation + a * membrane + b * spike;
        alpha * (membrane - spike) + (R::one() - alpha) * (current + feedback - *adaptation)
    }

    fn threshold(&self, neuron: usize) -> R {
        self.constants.get(neuron).threshold
    }
}

impl NetworkBuilder {
    /// Adds adaptive leaky integrate-and-fire neurons, one for each input, with weights `[from, to]` between them, or
    /// `[to, from]` if they are [`transposed`](RadLifConfig::transposed). The inputs are currents; the outputs are spikes or
    /// membranes, depending on [`RadLifConfig::output`].
    #[must_use]
    pub fn radlif<N: Into<f64>>(self, path: &str, config: RadLifConfig, weight: Array2<N>) -> Self {
        let RadLifConfig { alpha, beta, a, b, threshold, transposed, output } = config;
        let shape = weight.shape().to_vec();
        let mut settings = toml::Table::new();
        if output == NeuronOutput::Membrane {
            settings.insert("output".to_owned(), toml::Value::String("membrane".to_owned()));
        }
        if transposed {
            settings.insert("transposed".to_owned(), toml::Value::Boolean(true));
        }
        self.layer(path, "radlif", settings)
            .constants(path, [("alpha", alpha), ("beta", beta), ("a", a), ("b", b), ("threshold", threshold)])
            .tensor(path, "V", &shape, weight)
    }
}
