//! Components in a crate that knows neurobench by another name, and does not depend on serde: the prelude's derives need neither.

/// The name may be a path, too.
pub mod inner {
    pub use nb as engine;
}

use elsewhere::ElsewhereSamples;
use nb::prelude::*;

/// A state.
#[derive(Clone, Debug, Default, Serialize, Deserialize, Accumulator)]
#[neurobench(crate = nb)]
pub struct Tally {
    #[merge(sum)]
    samples: u64,
    #[merge]
    mean: Mean,
    #[merge(max)]
    largest: u64,
    #[merge(min)]
    smallest: Option<u64>,
}

impl Finish for Tally {
    type Output = Summary;

    fn finish(&self) -> Result<Summary, MetricError> {
        Ok(Summary { samples: self.samples, mean: self.mean.finish()? })
    }
}

/// A value.
#[derive(Clone, Debug, Serialize, MetricValue)]
#[neurobench(crate = inner::engine)]
pub struct Summary {
    /// All samples.
    #[value(unit = "samples")]
    pub samples: u64,
    /// The mean size of a batch.
    pub mean: f64,
}

/// A static metric.
#[static_metric(crate = nb)]
pub fn renamed_static(layers: Layers<'_>) -> u64 {
    layers.len() as u64
}

/// A workload metric.
#[workload_metric(crate = crate::inner::engine, hooks, variant("renamed_variant", k = MOST))]
pub fn renamed_workload(
    activations: ActivationCounts<'_>,
    #[param(default = MOST - 1, range = 0..=MOST)] k: u64,
) -> f64 {
    (activations.iter().count() as u64 + k) as f64
}

const MOST: u64 = 7;

/// An accumulated metric.
#[accumulated_metric(crate = nb, hooks = traces)]
pub fn renamed_accumulated(state: &mut Tally, samples: SampleCount, traces: Activations<'_>) -> Result<(), String> {
    let _ = traces;
    state.samples += samples.0;
    state.largest = state.largest.max(samples.0);
    state.smallest = Some(state.smallest.map_or(samples.0, |smallest| smallest.min(samples.0)));
    Ok(())
}

/// A metric of others, of which one is in another crate.
#[accumulated_metric(crate = nb, of = (RenamedAccumulated, ElsewhereSamples))]
pub fn renamed_of(tally: &Tally, samples: &Count, #[param] offset: u64) -> u64 {
    tally.samples + samples.0 + offset
}

/// A preprocessor: shifts and scales every input.
#[preprocessor(crate = nb, variant("renamed_halve", scaling = Scaling { factor: 0.5, offset: 0.0 }))]
pub fn renamed_scale(
    /// Factor and offset.
    #[param]
    scaling: Scaling,
) -> Result<impl Preprocessor, String> {
    if scaling.factor == 0.0 {
        return Err("the factor is 0".to_owned());
    }
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<_, nb::process::ProcessError> {
        Ok((Tensor::from(inputs.to_f64() * scaling.factor + scaling.offset), targets))
    })
}

/// Settings of a struct, which are themselves the setting of a component.
#[derive(Clone, Debug, PartialEq, Settings)]
#[component(name = "renamed_scaling", crate = crate::inner::engine)]
pub struct Scaling {
    /// Factor.
    #[param(default = 1.0, range = -1e3..=1e3)]
    pub factor: f64,
    /// Offset, which is added after scaling.
    pub offset: f64,
}

nb::variant!("elsewhere_thrice", ElsewhereSamples { times: 3 }, crate = nb);

/// Components whose attributes do not name the crate: the macros find its name in `Cargo.toml`.
pub mod found {
    use nb::prelude::*;

    /// A state.
    #[derive(Clone, Debug, Default, Serialize, Deserialize, Accumulator)]
    pub struct Batches {
        #[merge(sum)]
        batches: u64,
    }

    impl Finish for Batches {
        type Output = Number;

        fn finish(&self) -> Result<Number, MetricError> {
            Ok(Number { batches: self.batches })
        }
    }

    /// A value.
    #[derive(Clone, Debug, Serialize, MetricValue)]
    pub struct Number {
        /// All batches.
        pub batches: u64,
    }

    /// Number of batches.
    #[accumulated_metric]
    pub fn renamed_found(samples: SampleCount, #[param(default = 1, range = 1..=9)] k: u64) -> Batches {
        let _ = samples;
        Batches { batches: k }
    }

    nb::variant!("renamed_found_variant", RenamedFound { k: 3 });
}
