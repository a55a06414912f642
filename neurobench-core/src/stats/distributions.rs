//! The quantiles and tails of distributions that intervals and tests need.
//!
//! They are those of statrs where it is accurate. The functions below say where it is not: the tail of the normal
//! distribution is that of `libm`, and the beta distribution and its inverse are computed here.

use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal, StudentsT};
use statrs::function::beta::ln_beta;

use crate::stats::StatsError;

/// An error for parameters that no caller passes.
fn invalid(error: impl std::fmt::Display) -> StatsError {
    StatsError::Invalid(error.to_string())
}

/// Φ⁻¹(p) of the standard normal distribution; infinite for 0 and 1.
pub(super) fn normal_quantile(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}

/// Φ(z) of the standard normal distribution. statrs has it to ten digits only.
pub(super) fn normal_cdf(z: f64) -> f64 {
    libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2) / 2.0
}

/// The t that Student's distribution with `freedom` degrees of freedom exceeds with probability `tail` ≤ 1/2.
pub(super) fn student_above(tail: f64, freedom: f64) -> Result<f64, StatsError> {
    if freedom > NEARLY_NORMAL {
        let (z, v) = (-normal_quantile(tail), freedom);
        let s = z * z;
        // Fisher and Cornish's expansion (1960, doi 10.1080/00401706.1960.10489895). The next term is 1/v⁴.
        let third = (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) / (384.0 * v);
        return Ok(z + z * ((s + 1.0) / 4.0 + (((5.0 * s + 16.0) * s + 3.0) / 96.0 + third) / v) / v);
    }
    let student = StudentsT::new(0.0, 1.0, freedom).map_err(invalid)?;
    // By symmetry, in terms of the tail, which keeps the digits of one near 0.
    Ok(-student.inverse_cdf(tail))
}

/// The probability of a |t| at least as large under Student's distribution.
pub(super) fn student_both_tails(t: f64, freedom: f64) -> Result<f64, StatsError> {
    if freedom > NEARLY_NORMAL {
        // Hill's expansion (1970, doi 10.1145/355598.362775). The next term is 1/v⁴.
        let v = freedom - 0.5;
        let s = v * libm::log1p(t * t / freedom);
        let z = s.sqrt() * (1.0 + (s + 3.0) / (48.0 * v * v));
        return Ok(2.0 * normal_cdf(-z));
    }
    let student = StudentsT::new(0.0, 1.0, freedom).map_err(invalid)?;
    Ok((2.0 * student.cdf(-t.abs())).min(1.0))
}

/// Degrees of freedom beyond which Student's distribution is the normal one up to a few terms. statrs loses digits there, and its
/// search for a quantile does not end for a billion.
const NEARLY_NORMAL: f64 = 10_000.0;

/// The probability of at most `successes` heads, no more than half, in `throws` throws of a fair coin.
pub(super) fn fair_coin_at_most(successes: u64, throws: u64) -> Result<f64, StatsError> {
    // In the middle of more throws statrs' continued fraction ends too early: at 4 million it has 0.46 for 1/2.
    const FEW: u64 = 10_000;
    if throws <= FEW {
        return Ok(Binomial::new(0.5, throws).map_err(invalid)?.cdf(successes));
    }
    let (n, k) = (throws as f64, successes as f64);
    if successes == 0 {
        return Ok(libm::exp2(-n));
    }
    // From the last term on, each is i/(n − i + 1) of the one before it.
    let (mut term, mut sum, mut i) = (1.0, 1.0, k);
    while term > sum * f64::EPSILON / 2.0 {
        term *= i / (n - i + 1.0);
        sum += term;
        i -= 1.0;
    }
    Ok(fair_coin_exactly(k, n) * sum)
}

/// The probability of k heads in n throws, many of both, by Loader's form of Stirling's series (2000, Fast and Accurate Computation
/// of Binomial Probabilities), in which no large numbers cancel.
fn fair_coin_exactly(k: f64, n: f64) -> f64 {
    let series = |x: f64| (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / (1260.0 * x * x)) / (x * x)) / x;
    let others = n - k;
    let x = (k - others) / n;
    let deviance = n / 2.0 * ((1.0 + x) * libm::log1p(x) + (1.0 - x) * libm::log1p(-x));
    let scale = (n / (std::f64::consts::TAU * k * others)).sqrt();
    scale * libm::exp(series(n) - series(k) - series(others) - deviance)
}

/// The x below which the beta distribution lies with probability 0 < p < 1: Newton's steps, and halves of what is left where one
/// of them would leave it. statrs' search is inaccurate near 0, and does not end where a and b are millions.
pub(super) fn beta_quantile(p: f64, a: f64, b: f64) -> Result<f64, StatsError> {
    const MOST_STEPS: usize = 200;
    let (mut below, mut above, mut x) = (0.0, 1.0, a / (a + b));
    for _ in 0..MOST_STEPS {
        let beyond = beta_at_most(x, a, b)? - p;
        if beyond < 0.0 {
            below = x;
        } else {
            above = x;
        }
        let mut next = x - beyond / (beta_density_of_logit(x, a, b) / (x * (1.0 - x)));
        if !(next > below && next < above) {
            next = f64::midpoint(below, above);
        }
        if (next - x).abs() <= f64::EPSILON * x {
            break;
        }
        x = next;
    }
    Ok(x)
}

/// The probability of at most x under the beta distribution, 0 < x < 1, by the continued fraction of its terms (NIST Digital Library
/// of Mathematical Functions, 8.17.22), which ends after some multiple of √(a + b) of them.
fn beta_at_most(x: f64, a: f64, b: f64) -> Result<f64, StatsError> {
    if x > (a + 1.0) / (a + b + 2.0) {
        // The mirror image ends sooner.
        return Ok(1.0 - beta_density_of_logit(1.0 - x, b, a) / b * beta_fraction(1.0 - x, b, a)?);
    }
    Ok(beta_density_of_logit(x, a, b) / a * beta_fraction(x, a, b)?)
}

/// The density of ln(x / (1 − x)) where x has the beta distribution: that of x, times x·(1 − x).
fn beta_density_of_logit(x: f64, a: f64, b: f64) -> f64 {
    libm::exp(a * libm::log(x) + b * libm::log1p(-x) - ln_beta(a, b))
}

/// The continued fraction from its front, as Lentz and Thompson go through it; an error where it does not end in a million terms.
fn beta_fraction(x: f64, a: f64, b: f64) -> Result<f64, StatsError> {
    const MOST_TERMS: u32 = 1_000_000;
    let nonzero = |number: f64| if number.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { number };
    let (mut ahead, mut behind) = (1.0, 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0)));
    let mut value = behind;
    for term in 1..MOST_TERMS {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut factor = 1.0;
        for coefficient in [even, odd] {
            behind = 1.0 / nonzero(1.0 + coefficient * behind);
            ahead = nonzero(1.0 + coefficient / ahead);
            factor = behind * ahead;
            value *= factor;
        }
        if (factor - 1.0).abs() <= f64::EPSILON {
            return Ok(value);
        }
    }
    Err(StatsError::Invalid(format!(
        "the beta distribution with parameters {a} and {b} cannot be computed; use the Wilson interval"
    )))
}
