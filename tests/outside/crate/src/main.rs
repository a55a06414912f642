//! A user's crate: a metric, a preprocessor, a data set, a layer and an exporter, and the command that knows them.

use std::process::ExitCode;

use neurobench::data::{DataError, InMemory};
use neurobench::figure::{Axis, Bars, Figure, Plot};
use neurobench::ndarray::Array2;
use neurobench::network::layer;
use neurobench::network::layer::{BuiltLayer, Hook, Kernel, Parts, Real, Workspace};
use neurobench::prelude::*;
use neurobench::process::ProcessError;
use neurobench::report::Results;
use neurobench::report::export::ExportError;

/// Largest prediction of the run.
#[accumulated_metric(unit = "units")]
fn largest(predictions: Predictions<'_>) -> Max {
    Max::from_values(predictions.iter().copied())
}

/// Numbers of small and large predictions.
#[derive(Clone, Debug, Default, Serialize, Deserialize, MetricValue, Accumulator)]
struct Sizes {
    #[merge(sum)]
    small: u64,
    #[merge(sum)]
    large: u64,
}

impl Finish for Sizes {
    type Output = Self;

    fn finish(&self) -> Result<Self, MetricError> {
        Ok(self.clone())
    }
}

impl Plot for Sizes {
    fn plot(&self) -> Figure {
        Figure::new(Axis::categories("size", ["up to 100", "more"]), Axis::value())
            .mark(Bars::new([self.small as f64, self.large as f64]))
    }
}

/// Predictions up to 100, and larger ones.
#[accumulated_metric(type = SizesMetric, unit = "predictions")]
fn sizes(predictions: Predictions<'_>) -> Sizes {
    let small = predictions.iter().filter(|prediction| **prediction <= 100.0).count() as u64;
    Sizes { small, large: predictions.len() as u64 - small }
}

/// Adds a number to every input.
#[preprocessor]
fn shift(
    /// Number to add.
    #[param]
    by: f32,
) -> impl Preprocessor {
    move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> { Ok((Tensor::from(inputs.to_f32() + by), targets)) }
}

/// Pairs of consecutive numbers from 0; the target is the number of the pair.
#[dataset]
fn consecutive(
    /// Number of pairs.
    #[param(default = 4, range = 1..=1000)]
    pairs: usize,
) -> Result<InMemory, DataError> {
    let inputs = Array2::from_shape_fn((pairs, 2), |(pair, place)| (2 * pair + place) as f32);
    InMemory::new(inputs, (0..pairs as i64).collect::<Vec<_>>().into_iter().collect::<neurobench::ndarray::Array1<i64>>())
}

/// Power of each input: `y = x^exponent`.
#[derive(Clone, Debug, Settings)]
struct PowerConfig {
    /// Exponent.
    #[param(range = 1..=8)]
    exponent: u8,
}

layer!("power", PowerConfig, |config, parts| Ok(power(&config, &parts)));

fn power<R: Real>(config: &PowerConfig, parts: &Parts<'_, '_>) -> BuiltLayer<R> {
    let outputs = parts.elements();
    let layer = Layer::activation(parts.path(), parts.kind(), outputs);
    BuiltLayer::new(layer, Power { exponent: config.exponent, outputs }, parts.shape().to_vec())
}

struct Power {
    exponent: u8,
    outputs: usize,
}

impl<R: Real> Kernel<R> for Power {
    fn outputs(&self) -> usize {
        self.outputs
    }

    fn run(&self, inputs: &[R], _: &mut [R], outputs: &mut [R], _: &mut Workspace<R>, hook: &mut Hook<'_>) {
        for (input, output) in inputs.iter().zip(&mut *outputs) {
            *output = (1..self.exponent).fold(*input, |power, _| power * *input);
        }
        let nonzero = outputs.iter().filter(|output| !output.is_zero()).count() as u64;
        hook.activations(nonzero, outputs, self.outputs);
    }
}

/// Writes one line for each metric: its name, and its value as JSON.
#[exporter]
fn lines() -> impl Exporter {
    LineExporter
}

struct LineExporter;

impl Exporter for LineExporter {
    fn extension(&self) -> &'static str {
        "txt"
    }

    fn export(&self, results: &Results) -> Result<Vec<u8>, ExportError> {
        let line = |metric: &neurobench::report::MetricResult| match &metric.value {
            Some(value) => format!("{} {value}\n", metric.name),
            None => format!("{} has no value\n", metric.name),
        };
        Ok(results.metrics.iter().map(line).collect::<String>().into_bytes())
    }
}

fn main() -> ExitCode {
    neurobench::testing::assert_no_duplicates();
    neurobench::cli::main()
}
