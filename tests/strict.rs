//! No lint of a strict crate fires on the expansions of the macros: `cargo clippy --all-targets` checks this file with the
//! lints below. It is a test of its own because lints are set for a crate.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings, unreachable_pub, unused_qualifications, clippy::all, clippy::pedantic)]

use neurobench::data::{DataError, InMemory};
use neurobench::prelude::*;
use neurobench::process::ProcessError;

/// A state.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Accumulator)]
pub struct Tally {
    /// Number of hits.
    #[merge(sum)]
    pub hits: u64,
    /// The highest.
    #[merge(max)]
    pub peak: Option<f64>,
    /// The mean.
    #[merge]
    pub mean: Mean,
    #[merge(with = Vec::append_all)]
    seen: Vec<u64>,
}

trait AppendAll {
    fn append_all(&mut self, other: Self);
}

impl AppendAll for Vec<u64> {
    fn append_all(&mut self, mut other: Self) {
        self.append(&mut other);
        self.sort_unstable();
    }
}

impl Finish for Tally {
    type Output = Summary;

    fn finish(&self) -> Result<Summary, MetricError> {
        Ok(Summary { hits: self.hits, mean: self.mean.finish()? })
    }
}

/// A value.
#[derive(Clone, Debug, Serialize, MetricValue)]
pub struct Summary {
    /// Number of hits.
    #[value(unit = "hits", higher_is_better = true)]
    pub hits: u64,
    /// The mean.
    pub mean: f64,
}

/// Number of layers.
#[static_metric(name = "strict_layers", unit = "layers", higher_is_better = false)]
#[must_use]
pub fn layer_count(layers: Layers<'_>) -> u64 {
    layers.len() as u64
}

/// Mean of the predictions, times a factor.
#[workload_metric(name = "strict_mean", variant("strict_twice", factor = 2.0), bounds = -1..)]
#[must_use]
pub fn mean_prediction(
    predictions: Predictions<'_>,
    /// Factor.
    #[param(default = 1.0, range = 0.0..=1e3)]
    factor: f64,
    #[param] offset: f64,
) -> Option<f64> {
    predictions.mean().map(|mean| mean.mul_add(factor, offset))
}

/// Hits of the run.
#[accumulated_metric(name = "strict_hits", hooks)]
fn hits(
    state: &mut Tally,
    samples: SampleCount,
    counts: ActivationCounts<'_>,
    #[param(range = 0..)] least: u64,
) -> Result<(), MetricError> {
    state.hits += samples.0.max(least);
    state.mean.add(1.0);
    if samples.0 == 0 {
        return Err(MetricError::undefined("an empty batch"));
    }
    state.seen.push(counts.iter().count() as u64);
    Ok(())
}

/// The peak of the same state.
#[accumulated_metric(name = "strict_peak", of = Hits)]
#[must_use]
pub fn peak(tally: &Tally, #[param] instead: Option<f64>) -> Option<f64> {
    tally.peak.or(instead)
}

/// Adds a number to every input.
#[preprocessor(name = "strict_shift", variant("strict_shift_up", by = 1.0))]
#[must_use]
pub fn shift(
    /// Number to add.
    #[param]
    by: f64,
    #[param(default = 1.0, range = 0.0..)] factor: f64,
) -> impl Preprocessor {
    move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        Ok((Tensor::from(inputs.to_f64().mapv(|input| input.mul_add(factor, by))), targets))
    }
}

#[postprocessor(name = "strict-größe²")]
fn negate() -> impl Postprocessor {
    |outputs: &Tensor| -> Result<_, ProcessError> { Ok(Tensor::from(-outputs.to_f64())) }
}

/// A data set without samples.
///
/// # Errors
///
/// Those of the data set.
#[dataset(name = "strict_empty")]
pub fn empty() -> Result<InMemory, DataError> {
    InMemory::new(ndarray::Array1::<f64>::zeros(0), ndarray::Array1::<f64>::zeros(0))
}

/// Settings.
#[derive(Clone, Debug, Settings)]
#[component(name = "strict_settings", version = 2)]
pub struct StrictSettings {
    /// Length.
    #[param(default = 3, range = 1..=9)]
    pub length: usize,
    width: f64,
}

neurobench::variant!("strict_thrice", MeanPrediction { factor: 3.0 });

/// The components are registered.
#[test]
fn components_of_a_strict_crate_are_registered() -> Result<(), neurobench::component::RegistryError> {
    let registry = neurobench::metric::Registry::global();
    for name in ["strict_layers", "strict_mean", "strict_twice", "strict_hits", "strict_peak", "strict_thrice"] {
        assert_eq!(registry.find(name)?.name, name);
    }
    for name in ["strict_shift", "strict_shift_up"] {
        assert_eq!(neurobench::process::preprocessors().find(name)?.name, name);
    }
    assert_eq!(neurobench::process::postprocessors().find("strict-größe²")?.about.version, 1);
    assert_eq!(neurobench::data::datasets().find("strict_empty")?.about.version, 1);
    assert_eq!(StrictSettings::ABOUT.version, 2);
    Ok(())
}
