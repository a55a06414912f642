//! Weighted sums: `y = x·Wᵀ + b`.
//!
//! The sums are over the last axis of the inputs; any axes may precede it. An operation is a pair of a nonzero input and a nonzero
//! weight.

use ndarray::{Array1, Array2};

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::file::integer;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::{BuiltLayer, Parts};
use crate::matrix::Matrix;
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{CallOperations, FanOut, Layer, Needs, TensorRole};

/// Weighted sums over the last axis: `y = x·Wᵀ + b`.
#[derive(Clone, Debug, Settings)]
struct LinearConfig {
    /// Length of the last axis of the inputs.
    #[param(range = 1..)]
    in_features: usize,
    /// Length of the last axis of the outputs.
    #[param(range = 1..)]
    out_features: usize,
}

layer!("linear", LinearConfig, |config, parts| build(&config, parts));

fn build<R: Real>(config: &LinearConfig, mut parts: Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let LinearConfig { in_features, out_features } = *config;
    let Some((_, leading)) = parts.shape.split_last().filter(|(last, _)| **last == in_features) else {
        let hint = if parts.elements() == in_features { "; add a flatten layer before it" } else { "" };
        return Err(NetworkError::LayerShape {
            layer: parts.path.to_owned(),
            kind: parts.kind,
            expected: vec![in_features],
            found: parts.shape.to_vec(),
            hint,
        });
    };
    let positions = leading.iter().product();
    let shape: Vec<usize> = leading.iter().copied().chain([out_features]).collect();
    let weight = parts.required_tensor("weight", &[out_features, in_features])?;
    let bias = parts.optional_tensor("bias", &[out_features])?;
    let mut constant = vec![R::zero(); out_features];
    let mut stored_bias = None;
    if let Some(bias) = bias {
        constant = bias.values;
        stored_bias = Some(bias.stored.with_role(TensorRole::Bias));
    }
    let matrix = Matrix::new(&weight.values, constant);
    let fan_out = repeated(matrix.fan_out(), positions).ok_or_else(|| parts.problem("too many operations to count"))?;
    let layer = Layer::connection(parts.path, parts.kind, fan_out);
    let layer = layer.with_parameter(weight.stored.with_role(TensorRole::Weight));
    let layer = stored_bias.into_iter().fold(layer, Layer::with_parameter);
    Ok(BuiltLayer::new(layer, Linear { matrix, positions }, shape))
}

/// Operations of several positions or steps; `None` if the number overflows.
pub(in crate::layers) fn repeated(fan_out: &FanOut, positions: usize) -> Option<FanOut> {
    if positions == 1 {
        return Some(fan_out.clone());
    }
    let dense = fan_out.dense().checked_mul(positions as u64)?;
    Some(FanOut::new(fan_out.per_input().repeat(positions), dense))
}

/// Count of no operations.
const NONE: CallOperations = CallOperations::new(0, true);

/// Kernel that starts from the bias and adds the products of each input and its weights, in ascending order of the inputs.
struct Linear<R> {
    matrix: Matrix<R>,
    /// Number of sets of inputs in a row.
    positions: usize,
}

impl<R: Real> Kernel<R> for Linear<R> {
    fn outputs(&self) -> usize {
        self.matrix.bias().len() * self.positions
    }

    fn output_bound(&self, inputs: f64) -> Option<f64> {
        self.matrix.bound(inputs)
    }

    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], workspace: &mut Workspace<R>, hook: &mut Hook<'_>) {
        let rows = outputs.len() / self.outputs();
        if hook.wants(Needs::CONNECTION_COUNTS) {
            let Workspace { places, operations, .. } = workspace;
            operations.clear();
            self.matrix.sum::<true>(inputs, outputs, places, |counted| operations.push(counted));
            let row_operations = operations.chunks_exact(self.positions);
            let row_operations =
                row_operations.map(|positions| positions.iter().copied().fold(NONE, CallOperations::and));
            hook.connections(row_operations, inputs);
        } else {
            self.matrix.sum::<false>(inputs, outputs, &mut workspace.places, |_| {});
            hook.connection_traces(inputs, rows);
        }
    }
}

impl NetworkBuilder {
    /// Adds weighted sums, `y = x·Wᵀ + b`: the weight is `[out, in]`, the bias `[out]`.
    #[must_use]
    pub fn linear<N: Into<f64>>(self, path: &str, weight: Array2<N>, bias: Option<Array1<N>>) -> Self {
        let (out_features, in_features) = weight.dim();
        let settings = [("in_features", integer(in_features)), ("out_features", integer(out_features))];
        let settings = settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let builder = self.layer(path, "linear", settings);
        let builder = builder.tensor(path, "weight", &[out_features, in_features], weight);
        match bias {
            Some(bias) => builder.tensor(path, "bias", &[bias.len()], bias),
            None => builder,
        }
    }
}
