//! Agreement of predictions and targets beyond chance.

use crate::classification::average::{Quotient, ZeroDivision};
use crate::classification::confusion::{Confusion, ConfusionCounts};
use neurobench_core::prelude::*;

/// Weight of a disagreement in Cohen's kappa.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KappaWeights {
    /// All disagreements count 1.
    #[default]
    None,
    /// Distance between the two class numbers.
    Linear,
    /// Square of the distance.
    Quadratic,
}

impl KappaWeights {
    /// Weight of a pair, `None` if it does not fit into 128 bits.
    fn weight(self, target: i64, predicted: i64) -> Option<i128> {
        let distance = i128::from(target.abs_diff(predicted));
        match self {
            Self::None => Some(i128::from(distance > 0)),
            Self::Linear => Some(distance),
            Self::Quadratic => distance.checked_mul(distance),
        }
    }
}

/// Correlation between predicted and target classes: Matthews' coefficient, with Gorodkin's form for more than two
/// classes.
///
/// `(c·n − Σₖ pₖ tₖ) / √((n² − Σₖ pₖ²) (n² − Σₖ tₖ²))`, where `c` of `n` samples are right, class `k` is predicted for
/// `pₖ` samples and is the target of `tₖ`. With two classes it is `(TP·TN − FP·FN) / √((TP+FP) (TP+FN) (TN+FP)
/// (TN+FN))`. The counts are summed exactly. If all predictions or all targets are one class, it is undefined;
/// scikit-learn and torchmetrics then report 0, which is `zero_division = zero`.
#[accumulated_metric(
    of = Confusion,
    alias = "mcc",
    alias = "phi_coefficient",
    alias = "matthews_corrcoef",
    alias = "matthews_corr_coef",
    unit = "correlation",
    higher_is_better = true,
    bounds = -1.0..=1.0,
    cite = "Matthews 1975, Biochimica et Biophysica Acta 405(2):442-451, doi 10.1016/0005-2795(75)90109-9",
    cite = "Gorodkin 2004, Computational Biology and Chemistry 28(5-6):367-374, doi 10.1016/j.compbiolchem.2004.09.006"
)]
pub fn matthews_correlation_coefficient(
    counts: &ConfusionCounts,
    /// Value if all predictions or all targets are one class: `undefined`, `zero` or `one`; `skip` is `undefined`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<f64, MetricError> {
    let margins = Margins::from_counts(counts)?;
    let correlation = || {
        let all = margins.samples.checked_mul(margins.samples)?;
        let (mut together, mut predicted, mut targets) = (0_i128, 0_i128, 0_i128);
        for (p, t) in margins.classes.values() {
            together = together.checked_add(p.checked_mul(*t)?)?;
            predicted = predicted.checked_add(p.checked_mul(*p)?)?;
            targets = targets.checked_add(t.checked_mul(*t)?)?;
        }
        let covariance = margins.right.checked_mul(margins.samples)?.checked_sub(together)? as f64;
        let scale = ((all - predicted) as f64 * (all - targets) as f64).sqrt();
        // Rounding may lift a perfect value above 1.
        Some((covariance.clamp(-scale, scale), scale))
    };
    let (numerator, denominator) = correlation().ok_or_else(too_many)?;
    let zero_if = "have all predictions or all targets in one";
    one_value(&Quotient { numerator, denominator, zero_if, share: None }, zero_division)
}

/// Agreement of predicted and target classes relative to chance: Cohen's kappa.
///
/// `1 − Σ w O / Σ w E` over all pairs of a target and a prediction, where `O` is the number of times the pair occurred
/// and `E` the expected number if both were drawn independently, each with its own frequencies. The weight `w` is 0 for
/// a right prediction; for a wrong one it is 1, or the distance between the class numbers, or its square. All sums are
/// of integers. A class that does not occur does not bring its neighbors closer: torchmetrics measures distances in
/// the same way, and so does scikit-learn if `labels` names all classes. If only one class occurs, kappa is undefined.
#[accumulated_metric(
    of = Confusion,
    alias = "cohen_kappa_score",
    alias = "cohen_kappa",
    alias = "kappa",
    variant("quadratic_kappa", weights = KappaWeights::Quadratic),
    unit = "agreement",
    higher_is_better = true,
    bounds = -1.0..=1.0,
    cite = "Cohen 1960, Educational and Psychological Measurement 20(1):37-46, doi 10.1177/001316446002000104",
    cite = "Cohen 1968, Psychological Bulletin 70(4):213-220, doi 10.1037/h0026256"
)]
pub fn cohens_kappa(
    counts: &ConfusionCounts,
    /// `none`, `linear` or `quadratic`.
    #[param]
    weights: KappaWeights,
    /// Value if only one class occurs: `undefined`, `zero` or `one`; `skip` is `undefined`.
    #[param]
    zero_division: ZeroDivision,
) -> Result<f64, MetricError> {
    let margins = Margins::from_counts(counts)?;
    let matrix = counts.matrix()?;
    let sums = || {
        let mut observed = 0_i128;
        for (target, predicted, count) in matrix.iter() {
            observed = observed.checked_add(weights.weight(target, predicted)?.checked_mul(count.into())?)?;
        }
        let expected = margins.expected(weights)?;
        // `E` is the quotient of these and the samples.
        Some((expected.checked_sub(observed.checked_mul(margins.samples)?)?, expected))
    };
    let (beyond, expected) = sums().ok_or_else(too_many)?;
    let (numerator, denominator, zero_if) = (beyond as f64, expected as f64, "are one");
    one_value(&Quotient { numerator, denominator, zero_if, share: None }, zero_division)
}

/// Mean of the recalls of the classes that occur as targets.
///
/// `b = Σₖ TPₖ / (TPₖ + FNₖ) / K` over the `K` classes that are the target of a sample; in a binary task over both. A
/// class that is only predicted has no recall and is left out, as in scikit-learn. `adjusted` for chance it is `(b −
/// 1/K) / (1 − 1/K)`: 0 for a constant prediction, 1 for perfect predictions, and at least −1; for two classes this is
/// Youden's J, the informedness.
#[accumulated_metric(
    of = Confusion,
    alias = "balanced_accuracy_score",
    variant("adjusted_balanced_accuracy", adjusted = true),
    unit = "fraction",
    higher_is_better = true,
    bounds = -1.0..=1.0,
    cite = "Brodersen et al. 2010, ICPR, 3121-3124, doi 10.1109/ICPR.2010.764",
    cite = "Youden 1950, Cancer 3(1):32-35, doi 10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3"
)]
pub fn balanced_accuracy(
    counts: &ConfusionCounts,
    /// Subtract the accuracy of chance. The value is then undefined if only one class is a target.
    #[param(default = false)]
    adjusted: bool,
) -> Result<f64, MetricError> {
    let (margins, matrix) = (Margins::from_counts(counts)?, counts.matrix()?);
    let targets = margins.classes.iter().filter(|(_, (_, targets))| *targets > 0);
    let recalls =
        Mean::from_values(targets.map(|(class, (_, targets))| matrix.count(*class, *class) as f64 / *targets as f64));
    match (adjusted, recalls.weight()) {
        (false, _) => recalls.finish(),
        (true, 1) => Err(MetricError::undefined("only one class is a target, so chance alone would always be right")),
        (true, classes) => {
            let chance = 1.0 / classes as f64;
            Ok((recalls.finish()? - chance) / (1.0 - chance))
        }
    }
}

/// Sums of a confusion matrix. Each adds up counts of 64 bits, and stays below 2¹²⁷.
struct Margins {
    samples: i128,
    /// Samples for which the target was predicted.
    right: i128,
    /// Number of times that each class is predicted, and that it is the target.
    classes: std::collections::BTreeMap<i64, (i128, i128)>,
}

impl Margins {
    fn from_counts(counts: &ConfusionCounts) -> Result<Self, MetricError> {
        let mut margins = Self { samples: 0, right: 0, classes: std::collections::BTreeMap::new() };
        for (target, predicted, count) in counts.matrix()?.iter() {
            let count = i128::from(count);
            margins.samples += count;
            margins.right += if target == predicted { count } else { 0 };
            margins.classes.entry(predicted).or_default().0 += count;
            margins.classes.entry(target).or_default().1 += count;
        }
        Ok(margins)
    }

    /// `Σ w·tᵢ·pⱼ` over all pairs of classes, in time that grows with the classes and not with their pairs. Returns
    /// `None` if 128 bits do not hold it.
    fn expected(&self, weights: KappaWeights) -> Option<i128> {
        match weights {
            KappaWeights::None => {
                let all = self.samples.checked_mul(self.samples)?;
                self.classes.values().try_fold(all, |sum, (p, t)| sum.checked_sub(p.checked_mul(*t)?))
            }
            KappaWeights::Linear => {
                // A distance is the sum of the gaps between classes within it: each gap counts for the pairs on both
                // sides.
                let (mut sum, mut predicted, mut targets, mut before) = (0_i128, 0_i128, 0_i128, None);
                for (class, (p, t)) in &self.classes {
                    let gap = before.map_or(0, |before| class.abs_diff(before));
                    let across = targets
                        .checked_mul(self.samples.checked_sub(predicted)?)?
                        .checked_add(predicted.checked_mul(self.samples.checked_sub(targets)?)?)?;
                    sum = sum.checked_add(across.checked_mul(gap.into())?)?;
                    (predicted, targets, before) = (predicted.checked_add(*p)?, targets.checked_add(*t)?, Some(*class));
                }
                Some(sum)
            }
            KappaWeights::Quadratic => {
                // (i − j)² = i² − 2ij + j², with classes counted from the first, so that the squares stay small.
                let first = self.classes.keys().next().copied().unwrap_or_default();
                let (mut squares, mut predicted, mut targets) = (0_i128, 0_i128, 0_i128);
                for (class, (p, t)) in &self.classes {
                    let distance = i128::from(class.abs_diff(first));
                    squares = distance.checked_mul(distance)?.checked_mul(p.checked_add(*t)?)?.checked_add(squares)?;
                    predicted = predicted.checked_add(distance.checked_mul(*p)?)?;
                    targets = targets.checked_add(distance.checked_mul(*t)?)?;
                }
                let products = predicted.checked_mul(targets)?.checked_mul(2)?;
                squares.checked_mul(self.samples)?.checked_sub(products)
            }
        }
    }
}

fn one_value(quotient: &Quotient, convention: ZeroDivision) -> Result<f64, MetricError> {
    let who = "the classes that occur";
    quotient.value(who, convention)?.ok_or_else(|| MetricError::undefined(format!("{who} {}", quotient.zero_if)))
}

fn too_many() -> MetricError {
    MetricError::Other("the sums do not fit into 128 bits: too many samples, or class numbers too far apart".to_owned())
}
