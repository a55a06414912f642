//! Outputs that never change: `constant`.

use ndarray::{ArrayD, IxDyn};
use serde::{Deserialize, Serialize};

use crate::NetworkBuilder;
use crate::error::NetworkError;
use crate::file::integer;
use crate::kernel::{Hook, Kernel, Workspace};
use crate::layer;
use crate::layers::window;
use crate::layers::{BuiltLayer, Joins, Parts};
use crate::matrix::largest_magnitude;
use crate::real::Real;
use neurobench_core::Settings;
use neurobench_core::model::{Layer, LayerKind};

/// Outputs that never change. The layer has no inputs: `inputs = []`.
#[derive(Clone, Debug, Settings)]
struct ConstantConfig {
    /// Outputs of one sample at one step: a number, a list of numbers, or a list of such lists.
    value: Value,
    /// Shape of the outputs; by default that of `value`. With this key, `value` may be one number for all outputs.
    #[param(default = None)]
    shape: Option<Vec<usize>>,
}

layer!("constant", ConstantConfig, |config, parts| build(config, &parts), joins = |_| Joins::Nothing);

/// A number, a list of numbers, or a list of lists of the same shape.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number, a list of numbers, or a list of such lists")]
enum Value {
    Integer(i64),
    Number(f64),
    List(Vec<Value>),
}

impl Value {
    /// Appends its numbers in memory order and returns its shape; `None` if its lists have different shapes.
    fn read(&self, numbers: &mut Vec<f64>) -> Option<Vec<usize>> {
        match self {
            Self::Integer(number) => numbers.push(*number as f64),
            Self::Number(number) => numbers.push(*number),
            Self::List(list) => {
                let mut shapes = list.iter().map(|value| value.read(numbers));
                let first = match shapes.next() {
                    Some(first) => first?,
                    None => return Some(vec![0]),
                };
                for shape in shapes {
                    if shape.as_ref() != Some(&first) {
                        return None;
                    }
                }
                return Some([list.len()].into_iter().chain(first).collect());
            }
        }
        Some(Vec::new())
    }
}

fn build<R: Real>(config: ConstantConfig, parts: &Parts<'_, '_>) -> Result<BuiltLayer<R>, NetworkError> {
    let ConstantConfig { value, shape } = config;
    let mut numbers = Vec::new();
    let Some(value_shape) = value.read(&mut numbers) else {
        return Err(parts.problem("the lists in `value` have different shapes"));
    };
    let shape = match shape {
        Some(shape) if value_shape.is_empty() => {
            numbers = vec![numbers[0]; window::elements(parts, "outputs", &shape)?];
            shape
        }
        Some(shape) if shape != value_shape => {
            return Err(parts.problem(format!("`value` has shape {value_shape:?}, but `shape` is {shape:?}")));
        }
        _ => value_shape,
    };
    if numbers.is_empty() {
        return Err(parts.problem("`value` must contain at least one number"));
    }
    if let Some(number) = numbers.iter().find(|number| !<R as Real>::nearest(**number).is_finite()) {
        return Err(parts.problem(format!("`value` contains {number}; every number must be finite")));
    }
    let layer = Layer::new(parts.path, LayerKind::Other, parts.kind);
    Ok(BuiltLayer::new(layer, ConstantOutputs(numbers.into_iter().map(R::nearest).collect::<Vec<R>>()), shape))
}

/// Kernel that writes the same numbers for every row.
struct ConstantOutputs<R>(Vec<R>);

impl<R: Real> Kernel<R> for ConstantOutputs<R> {
    fn outputs(&self) -> usize {
        self.0.len()
    }

    fn output_bound(&self, _: f64) -> Option<f64> {
        Some(largest_magnitude(&self.0))
    }

    fn run(&self, _: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, _: &mut Hook<'_>) {
        for outputs in outputs.chunks_exact_mut(self.0.len()) {
            outputs.copy_from_slice(&self.0);
        }
    }
}

impl NetworkBuilder {
    /// Adds outputs that never change, for one sample at one step. The layer has no inputs, and the outputs are stored in the
    /// network file instead of the weights file.
    #[must_use]
    pub fn constant_outputs(self, path: &str, value: &ArrayD<f64>) -> Self {
        let settings = [("value", nested(value)), ("shape", shape(value.shape()))];
        let settings = settings.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        self.layer(path, "constant", settings).with_inputs(&[])
    }
}

fn shape(shape: &[usize]) -> toml::Value {
    toml::Value::Array(shape.iter().copied().map(integer).collect())
}

/// Converts an array to lists of lists.
fn nested(value: &ArrayD<f64>) -> toml::Value {
    match value.ndim() {
        0 => toml::Value::Float(value[IxDyn(&[])]),
        _ => toml::Value::Array(value.outer_iter().map(|part| nested(&part.to_owned())).collect()),
    }
}
