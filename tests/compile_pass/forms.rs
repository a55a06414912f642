//! Every form that a function may have.

#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]

use std::fmt;

use neurobench::prelude::*;
use neurobench::{Context, Needs};

/// An error.
#[derive(Debug)]
pub struct Failure;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("failure")
    }
}

impl From<Failure> for MetricError {
    fn from(failure: Failure) -> Self {
        MetricError::Other(failure.to_string())
    }
}

/// A `Result` that leaves its error to an alias.
pub type Fallible<T> = std::result::Result<T, Failure>;

/// Another.
pub mod fallible {
    /// With the name that counts.
    pub type Result<T> = std::result::Result<T, super::Failure>;
}

/// An input of any form.
pub struct Own<'a, const N: usize>([SampleCount; N], std::marker::PhantomData<&'a ()>);

impl<'a, const N: usize> Input<'a> for Own<'a, N> {
    const NEEDS: Needs = SampleCount::NEEDS;

    fn get(context: &'a Context<'_>) -> Result<Self, MetricError> {
        Ok(Own([SampleCount::get(context)?; N], std::marker::PhantomData))
    }
}

/// An alias of a tuple.
pub type Both<'a> = (Predictions<'a, Ix2>, Option<Targets<'a>>);

/// Static, with an error that an alias names.
#[static_metric]
pub fn model_error(model: &dyn Model) -> fallible::Result<u64> {
    if model.layers().is_empty() { Err(Failure) } else { Ok(1) }
}

/// Workload, with an alias and an input of this crate.
#[workload_metric]
pub fn batch_error((predictions, targets): Both<'_>, own: Own<'_, 2>) -> Result<f64, Failure> {
    let _ = own.0;
    targets.map(|targets| (predictions.len() + targets.len()) as f64).ok_or(Failure)
}

/// Workload, with a value that may be missing.
#[workload_metric(hooks)]
pub fn batch_maybe(activations: Option<ActivationCounts<'_>>) -> Result<Option<f64>, &'static str> {
    Ok(activations.map(|activations| activations.iter().count() as f64))
}

/// Workload, with several values.
#[workload_metric]
pub fn batch_several(samples: SampleCount) -> [f64; 2] {
    [samples.0 as f64; 2]
}

/// In place, with nothing returned.
#[accumulated_metric]
pub fn in_place(state: &mut Mean, samples: SampleCount) {
    state.add(samples.0 as f64);
}

/// In place, with an explicit unit as the returned type.
#[accumulated_metric]
pub fn in_place_unit(state: &mut (Mean, Count), samples: SampleCount) -> () {
    state.0.add(samples.0 as f64);
}

/// In place, fallible.
#[accumulated_metric(hooks = traces)]
pub fn in_place_fallible<'a>(
    state: &'a mut PerLayer<Mean>,
    traces: (Activations<'a>, ActivationCounts<'_>),
    /// A setting.
    #[param(default = Choice::First)]
    choice: Choice,
) -> Result<(), Failure> {
    let _ = (&state, traces, choice);
    Err(Failure)
}

/// A setting.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// One.
    First,
    /// Another.
    Second,
}

/// A part, fallible.
#[accumulated_metric]
pub fn part(predictions: Predictions<'_>) -> Result<Mean, String> {
    if predictions.is_empty() { Err("nothing".to_owned()) } else { Ok(Mean::from_values(predictions.iter().copied())) }
}

/// Reads one core.
#[accumulated_metric(of = Part, variant("weighted_part", weight = 2.0), variant("of_a_part", core = Part))]
pub fn of_part(mean: &Mean, #[param(default = 1.0, range = f64::MIN_POSITIVE..)] weight: f64) -> Option<f64> {
    mean.value().map(|mean| mean * weight)
}

/// Reads several cores, one of which folds in place and one of which is a workload metric.
#[accumulated_metric(of = (Part, InPlaceFallible, BatchSeveral))]
pub fn of_three<'s>(mean: &'s Mean, layers: &PerLayer<Mean>, both: &[Mean; 2]) -> Result<f64, MetricError> {
    let _ = (layers, both);
    mean.finish()
}

/// Docs from elsewhere.
#[doc = concat!("and ", "more")]
#[accumulated_metric]
#[doc(alias = "other")]
#[must_use]
#[inline]
pub const fn documented(samples: SampleCount) -> Count {
    Count(samples.0)
}

#[doc(hidden)]
#[accumulated_metric]
#[cfg(not(any()))]
pub fn hidden(samples: SampleCount) -> Count {
    Count(samples.0)
}

/// Not there.
#[accumulated_metric]
#[cfg(any())]
pub fn left_out(samples: NotThere) -> Count {
    Count(samples.0)
}

mod private {
    use super::*;

    #[accumulated_metric]
    fn private_core(samples: SampleCount) -> Count {
        Count(samples.0)
    }

    #[accumulated_metric(of = PrivateCore)]
    pub(crate) fn seen_further(count: &Count) -> u64 {
        count.0
    }
}

/// A generic state.
#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
pub struct Pair<A, B: Ord = u64>
where
    A: Clone,
{
    #[merge]
    first: A,
    #[merge(max)]
    second: Option<B>,
}

impl<A: Finish + Clone, B: Ord> Finish for Pair<A, B> {
    type Output = A::Output;

    fn finish(&self) -> Result<Self::Output, MetricError> {
        self.first.finish()
    }
}

/// A state without names.
#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
pub struct Tuple(#[merge(min)] Option<u64>, #[merge] Concat<f64>);

impl Finish for Tuple {
    type Output = Report<f64>;

    fn finish(&self) -> Result<Self::Output, MetricError> {
        Ok(Report { inner: 1.0, share: Share(0.5), skipped: () })
    }
}

/// A state of nothing.
#[derive(Clone, Default, Serialize, Deserialize, Accumulator)]
pub struct Nothing;

impl Finish for Nothing {
    type Output = Share;

    fn finish(&self) -> Result<Share, MetricError> {
        Ok(Share(0.0))
    }
}

/// A generic value.
#[derive(Clone, Serialize, MetricValue)]
#[serde(rename_all = "kebab-case")]
pub struct Report<V> {
    /// Inside.
    #[value(unit = "J", higher_is_better = false)]
    inner: V,
    share: Share,
    #[serde(skip)]
    skipped: (),
}

/// A value around another.
#[derive(Clone, Copy, Serialize, MetricValue)]
pub struct Share(f64);

/// Its metric.
#[accumulated_metric(name = "generic_pair")]
pub fn pairs(samples: SampleCount) -> Pair<Tuple> {
    Pair { first: Tuple(Some(samples.0), Concat::from_values([1.0])), second: None }
}

/// Its metric.
#[accumulated_metric]
pub fn nothings(state: &mut Nothing, samples: SampleCount) {
    let _ = (state, samples);
}

fn main() {
    let registry = neurobench::metric::Registry::global();
    for name in ["hidden", "of_a_part", "weighted_part", "of_three", "nothings", "seen_further"] {
        registry.find(name).expect(name);
    }
    assert!(registry.find("left_out").is_err());
    let _ = private::SeenFurther::default();
    let documented = registry.find("documented").expect("it is there").about;
    assert_eq!(documented.docs, "Docs from elsewhere.\nand more");
    let error = registry.find("batch_eror").expect_err("misspelt").to_string();
    assert!(error.contains("did you mean `batch_error`?"), "{error}");
}
