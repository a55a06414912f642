//! Statistical tests of whether two runs differ.
//!
//! A test implements [`StatisticalTest`] for the kind of data to which it applies. Adding a test takes a file here and
//! a line in [`TESTS`]. Data and differences are those of the candidate from the baseline: candidate − baseline.

mod mcnemar;
mod outcome;
mod paired_bootstrap;
mod paired_t;
mod permutation;
mod signed_rank;

pub use mcnemar::McNemar;
pub use outcome::{Effect, Statistic, TestOutcome};
pub use paired_bootstrap::PairedBootstrap;
pub use paired_t::PairedT;
pub use permutation::PairedPermutation;
pub use signed_rank::WilcoxonSignedRank;

use crate::compare::{ComparisonSettings, NoValue, TestReport};
use crate::stats::Interval;
use crate::stats::tests::Discordant;

/// All tests, in the order of the results. Every test that applies to a kind of data is made of it.
pub static TESTS: &[ListedTest] = &[
    ListedTest::Decisions(&McNemar),
    ListedTest::Differences(&PairedT),
    ListedTest::Differences(&WilcoxonSignedRank),
    ListedTest::Differences(&PairedPermutation),
    ListedTest::Replicates(&PairedBootstrap),
];

/// A two-sided test of paired data of one kind: [`PairedDecisions`], [`SampleDifferences`] or [`PairedReplicates`].
pub trait StatisticalTest<D>: Send + Sync {
    /// Name in results and tables, as `paired_t`.
    fn name(&self) -> &'static str;

    /// Tests the data.
    fn test(&self, data: &D, settings: &ComparisonSettings) -> TestOutcome;
}

/// A test with the kind of data to which it applies.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum ListedTest {
    /// A test of a metric that is a proportion of decisions, one a sample.
    Decisions(TestOf<PairedDecisions>),
    /// A test of a metric that is the mean of its per-sample values.
    Differences(TestOf<SampleDifferences>),
    /// A test of a number that both runs have on the same replicates of the data.
    Replicates(TestOf<PairedReplicates>),
}

impl ListedTest {
    /// Name of the test.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Decisions(test) => test.name(),
            Self::Differences(test) => test.name(),
            Self::Replicates(test) => test.name(),
        }
    }

    /// Kind of data to which the test applies.
    #[must_use]
    pub fn applies_to(&self) -> DataKind {
        match self {
            Self::Decisions(_) => DataKind::Decisions,
            Self::Differences(_) => DataKind::Differences,
            Self::Replicates(_) => DataKind::Replicates,
        }
    }
}

/// A test of data of one kind.
pub type TestOf<D> = &'static dyn StatisticalTest<D>;

impl ListedTest {
    /// The test, if it is one of decisions.
    pub(super) fn for_decisions(self) -> Option<TestOf<PairedDecisions>> {
        if let Self::Decisions(test) = self { Some(test) } else { None }
    }

    /// The test, if it is one of per-sample differences.
    pub(super) fn for_differences(self) -> Option<TestOf<SampleDifferences>> {
        if let Self::Differences(test) = self { Some(test) } else { None }
    }

    /// The test, if it is one of replicates.
    pub(super) fn for_replicates(self) -> Option<TestOf<PairedReplicates>> {
        if let Self::Replicates(test) = self { Some(test) } else { None }
    }
}

/// Outcomes of all tests of one kind of data, with their names.
pub(super) struct Outcomes(Vec<(&'static str, TestOutcome)>);

impl Outcomes {
    /// Runs every applicable test, or gives each the reason why there is no data.
    pub(super) fn new<D>(
        applicable: fn(ListedTest) -> Option<TestOf<D>>,
        data: &Result<D, NoValue>,
        settings: &ComparisonSettings,
    ) -> Self {
        let outcome = |test: TestOf<D>| match data {
            Ok(data) => test.test(data, settings),
            Err(reason) => TestOutcome::undefined(reason.clone()),
        };
        Self(TESTS.iter().copied().filter_map(applicable).map(|test| (test.name(), outcome(test))).collect())
    }

    /// The interval of the first test that has one.
    pub(super) fn interval(&self) -> Result<Interval, NoValue> {
        let none = || Err(NoValue::new("no test of it gives an interval"));
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
