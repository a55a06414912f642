//! Statistical tests of whether two runs differ.
//!
//! A test is a component, made by [`statistical_test`](crate::statistical_test) on the function that constructs it, in a
//! file of its own here or in any crate that is linked into the program. Data and differences are those of the candidate
//! from the baseline: candidate − baseline.
//!
//! ```
//! use neurobench::compare::ComparisonSettings;
//! use neurobench::compare::tests::{self, SampleDifferences, StatisticalTest, TestOutcome};
//! use neurobench::statistical_test;
//! use neurobench::stats::tests::{Discordant, mcnemar};
//!
//! /// Exact sign test of the differences; zeros are left out.
//! #[statistical_test]
//! pub fn sign() -> impl StatisticalTest {
//!     tests::from_fn(|SampleDifferences(differences): &SampleDifferences, _: &ComparisonSettings| {
//!         TestOutcome::new(mcnemar(Discordant::from_pairs(differences.iter().map(|each| (*each > 0.0, *each < 0.0)))))
//!     })
//! }
//!
//! let outcome = sign().test(&SampleDifferences(vec![1.0, 2.0, 0.5]), &ComparisonSettings::default());
//! let p_value = outcome.unwrap().p_value?;
//! assert!((p_value - 0.25).abs() < 1e-12);
//! assert!(tests::statistical_tests().find("sign").is_ok());
//! # Ok::<(), neurobench::compare::NoValue>(())
//! ```

mod mcnemar;
pub use mcnemar::*;
mod outcome;
mod paired_bootstrap;
pub use paired_bootstrap::*;
mod paired_t;
pub use paired_t::*;
mod permutation;
pub use permutation::*;
mod signed_rank;
pub use signed_rank::*;

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::OnceLock;

pub use outcome::{Effect, Statistic, TestOutcome};

use crate::compare::{CompareError, ComparisonSettings, NoValue, TestReport};
use crate::component::{Registry, RegistryError, TakesSettings as _, kind};
use crate::stats::Interval;
use crate::stats::tests::Discordant;

/// A two-sided test of paired data of one kind. [`from_fn`] makes one of a function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a statistical test",
    label = "not a statistical test",
    note = "make one of a function with `neurobench::compare::tests::from_fn`"
)]
pub trait StatisticalTest: Send + Sync {
    /// Kind of data to which the test applies.
    fn data_kind(&self) -> DataKind;

    /// Place among the tests of the same data: results list tests by rank, then by name. The interval of a comparison is
    /// that of the first test that has one.
    fn rank(&self) -> u32 {
        u32::MAX
    }

    /// Tests data of its kind; `None` for data of another kind.
    fn test(&self, data: &dyn PairedData, settings: &ComparisonSettings) -> Option<TestOutcome>;
}

/// Data of two runs, in pairs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not paired data",
    label = "not paired data",
    note = "a test takes `&PairedDecisions`, `&SampleDifferences` or `&PairedReplicates`"
)]
pub trait PairedData: Any + fmt::Debug {
    /// Kind of the data.
    fn data_kind() -> DataKind
    where
        Self: Sized;
}

/// A test that is a function of data and settings.
pub struct FnTest<D, F> {
    rank: u32,
    test: F,
    data: PhantomData<fn(&D)>,
}

/// Makes a test of a function of one kind of data: [`PairedDecisions`], [`SampleDifferences`] or [`PairedReplicates`].
pub fn from_fn<D, F>(test: F) -> FnTest<D, F>
where
    D: PairedData,
    F: Fn(&D, &ComparisonSettings) -> TestOutcome + Send + Sync,
{
    FnTest { rank: u32::MAX, test, data: PhantomData }
}

impl<D, F> FnTest<D, F> {
    /// Sets the [rank](StatisticalTest::rank).
    #[must_use]
    pub fn with_rank(self, rank: u32) -> Self {
        Self { rank, ..self }
    }
}

impl<D, F> StatisticalTest for FnTest<D, F>
where
    D: PairedData,
    F: Fn(&D, &ComparisonSettings) -> TestOutcome + Send + Sync,
{
    fn data_kind(&self) -> DataKind {
        D::data_kind()
    }

    fn rank(&self) -> u32 {
        self.rank
    }

    fn test(&self, data: &dyn PairedData, settings: &ComparisonSettings) -> Option<TestOutcome> {
        let data: &dyn Any = data;
        Some((self.test)(data.downcast_ref()?, settings))
    }
}

kind! {
    /// Statistical tests as a kind of component.
    pub StatisticalTests: dyn StatisticalTest, "statistical test", "statistical_tests"
}

/// The statistical tests that are linked into the program.
#[must_use]
pub fn statistical_tests() -> &'static Registry<StatisticalTests> {
    Registry::global()
}

/// A test that every comparison makes where it applies.
pub struct DefaultTest {
    /// Name in results and tables, as `paired_t`.
    pub name: &'static str,
    /// The test.
    pub test: Box<dyn StatisticalTest>,
}

/// The tests that every comparison makes where they apply, in the order of the results: all linked tests without required
/// settings, with their defaults, and their variants.
///
/// # Errors
///
/// A test that cannot be constructed.
pub fn default_tests() -> Result<&'static [DefaultTest], CompareError> {
    static TESTS: OnceLock<Result<Vec<DefaultTest>, RegistryError>> = OnceLock::new();
    let constructed = || {
        let runnable = statistical_tests()
            .iter()
            .filter(|entry| entry.is_variant() || !entry.constructor.params().iter().any(|param| param.required));
        let tests = runnable.map(|entry| {
            let preset = entry
                .preset_params()
                .map_err(|error| RegistryError::settings::<StatisticalTests>(entry.name, error))?;
            let test = entry.constructor.construct(&preset)?.item;
            Ok(DefaultTest { name: entry.name, test })
        });
        let mut tests = tests.collect::<Result<Vec<_>, RegistryError>>()?;
        tests.sort_by_key(|each| (each.test.data_kind(), each.test.rank(), each.name));
        Ok(tests)
    };
    match TESTS.get_or_init(constructed) {
        Ok(tests) => Ok(tests),
        Err(error) => Err(CompareError::Test(error.clone())),
    }
}

/// Outcomes of all tests of one kind of data, with their names.
pub(super) struct Outcomes(Vec<(&'static str, TestOutcome)>);

impl Outcomes {
    /// Runs every applicable test, or gives each the reason why there is no data.
    pub(super) fn new<D: PairedData>(data: &Result<D, NoValue>, settings: &ComparisonSettings) -> Self {
        // A comparison fails before it begins if a test cannot be constructed.
        let tests = default_tests().unwrap_or_default();
        let outcomes = tests.iter().filter(|each| each.test.data_kind() == D::data_kind()).filter_map(|each| {
            let outcome = match data {
                Ok(data) => each.test.test(data, settings)?,
                Err(reason) => TestOutcome::undefined(reason.clone()),
            };
            Some((each.name, outcome))
        });
        Self(outcomes.collect())
    }

    /// The interval of the first test that has one.
    pub(super) fn interval(&self) -> Result<Interval, NoValue> {
        let none = || Err(NoValue::new("none of its tests has an interval"));
        self.0.iter().find_map(|(_, outcome)| outcome.interval.clone()).unwrap_or_else(none)
    }

    pub(super) fn effects(&self) -> Vec<Effect> {
        self.0.iter().filter_map(|(_, outcome)| outcome.effect.clone()).collect()
    }

    pub(super) fn reports(&self) -> Vec<TestReport> {
        self.0.iter().map(|(name, outcome)| TestReport::new(name, outcome)).collect()
    }
}

/// Kind of data to which a test applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DataKind {
    /// Decisions on samples: [`PairedDecisions`].
    Decisions,
    /// Differences of per-sample values: [`SampleDifferences`].
    Differences,
    /// Values on replicates of the data: [`PairedReplicates`].
    Replicates,
}

/// Decisions of two runs on the same samples, one a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PairedDecisions {
    /// Number of samples.
    pub samples: u64,
    /// Samples whose decision holds in one run alone: the candidate first, then the baseline.
    pub holding_alone: Discordant,
    /// Samples whose decision is the better one in one run alone: the candidate first, then the baseline. They are
    /// those of [`holding_alone`](Self::holding_alone), swapped for a metric of which less is better.
    pub better_alone: Discordant,
}

impl PairedDecisions {
    /// Decisions of the baseline and of the candidate on each sample, with the direction of the metric.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (bool, bool)>, higher_is_better: Option<bool>) -> Self {
        let mut samples = 0;
        let candidate_first =
            pairs.into_iter().inspect(|_| samples += 1).map(|(baseline, candidate)| (candidate, baseline));
        let holding_alone = Discordant::from_pairs(candidate_first);
        let better_alone = match higher_is_better {
            Some(false) => Discordant { first: holding_alone.second, second: holding_alone.first },
            _ => holding_alone,
        };
        Self { samples, holding_alone, better_alone }
    }
}

/// Differences of per-sample values, candidate − baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleDifferences(pub Vec<f64>);

/// Values of a number on the replicates of the data on which both runs have one.
#[derive(Clone, Debug, PartialEq)]
pub struct PairedReplicates {
    /// Values of the candidate.
    pub candidate: Vec<f64>,
    /// Values of the baseline on the same replicates.
    pub baseline: Vec<f64>,
    /// Number of samples or sequences from which replicates are drawn.
    pub samples: u64,
}

impl PairedData for PairedDecisions {
    fn data_kind() -> DataKind {
        DataKind::Decisions
    }
}

impl PairedData for SampleDifferences {
    fn data_kind() -> DataKind {
        DataKind::Differences
    }
}

impl PairedData for PairedReplicates {
    fn data_kind() -> DataKind {
        DataKind::Replicates
    }
}
