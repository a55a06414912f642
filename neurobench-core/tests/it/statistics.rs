//! Quantiles, intervals and tests against numpy, scipy and statsmodels.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use neurobench::accumulate::{Distribution, Finish, MeanAndStd, Moments};
use neurobench::stats::effects::{cohens_d, odds_ratio, rank_biserial};
use neurobench::stats::intervals::{
    bca, clopper_pearson, difference_of_means, difference_of_proportions, mean, percentile, wilson,
};
use neurobench::stats::tests::{Discordant, holm, mcnemar, paired_bootstrap, paired_t, permutation, signed_rank};
use neurobench::stats::{Interval, QuantileMethod, quantile_by};
use proptest::prelude::*;
use serde_json::Value;

/// Reads a section of the recording of `tests/data/stats/record_statistics.py`.
fn recorded(what: &str) -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/stats/statistics.json");
    let mut all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    all[what].take()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn cases(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

/// Checks equality up to this relative error.
#[track_caller]
fn close(found: f64, expected: f64, relative: f64, case: &impl std::fmt::Debug) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{found} for {expected}: {case:?}");
}

/// Distributions agree with scipy's to at least 12 digits.
const DISTRIBUTIONS: f64 = 1e-12;

#[test]
fn quantiles_have_numpys_bits() {
    let recorded = recorded("quantiles");
    let qs = numbers(&recorded["qs"]);
    for case in cases(&recorded["cases"]) {
        let values = numbers(&case["values"]);
        for (name, expected) in case["of"].as_object().unwrap() {
            let method: QuantileMethod = serde_json::from_value(name.as_str().into()).unwrap();
            let found: Vec<f64> = qs.iter().map(|q| quantile_by(&values, *q, method).unwrap()).collect();
            assert_eq!(found, numbers(expected), "{name} of {values:?}");
        }
    }
    assert_eq!(quantile_by(&[], 0.5, QuantileMethod::Hazen), None);
}

/// Mean and deviation from exact sums are computed independently of numpy.
#[test]
fn a_distribution_has_numpys_quartiles() {
    let recorded = recorded("quantiles");
    let qs = numbers(&recorded["qs"]);
    let at = |q: f64| qs.iter().position(|known| *known == q).unwrap();
    for case in cases(&recorded["cases"]) {
        let values = numbers(&case["values"]);
        let (found, linear) = (Distribution::from_values(&values).unwrap(), numbers(&case["of"]["linear"]));
        let expected = [0.0, 0.25, 0.5, 0.75, 1.0].map(|q| linear[at(q)]);
        assert_eq!([found.min, found.q1, found.median, found.q3, found.max], expected, "{values:?}");
        let MeanAndStd { mean, std: deviation } = Moments::from_values(values.iter().copied()).finish().unwrap();
        let size = values.iter().fold(0.0_f64, |size, value| size.max(value.abs()));
        // The sums are of rounded numbers of this size.
        assert!(
            (found.mean - mean).abs() <= 1e-14 * size && (found.std - deviation).abs() <= 1e-7 * size,
            "{values:?}"
        );
    }
    assert!(Distribution::from_values(&[]).unwrap_err().is_undefined());
    assert!(Distribution::from_values(&[1.0, f64::INFINITY]).unwrap_err().is_undefined());
}

/// numpy has NaN for most of these.
#[test]
fn infinite_numbers_do_not_change_finite_quantiles() {
    const INFINITY: f64 = f64::INFINITY;
    const MAX: f64 = f64::MAX;
    let quantile_of = |sorted: &[f64], q| quantile_by(sorted, q, QuantileMethod::Linear);
    assert_eq!(quantile_of(&[1.0, 2.0, INFINITY], 0.5), Some(2.0));
    assert_eq!(quantile_of(&[-INFINITY, 2.0, 3.0], 0.5), Some(2.0));
    for q in [0.6, 0.75, 0.9, 1.0] {
        assert_eq!(quantile_of(&[1.0, 2.0, INFINITY], q), Some(INFINITY), "{q}");
        assert_eq!(quantile_of(&[-INFINITY, 2.0, 3.0], 1.0 - q), Some(-INFINITY), "{q}");
    }
    assert_eq!(quantile_of(&[INFINITY; 2], 0.3), Some(INFINITY));
    assert_eq!(quantile_of(&[-INFINITY, INFINITY], 0.5), None);
    assert_eq!(quantile_of(&[-INFINITY, INFINITY], 1.0), Some(INFINITY));
    // A difference beyond the range of floats.
    assert_eq!(quantile_of(&[-MAX, MAX], 0.5), Some(0.0));
    assert_eq!(quantile_of(&[-MAX, MAX], 0.25), Some(-MAX / 2.0));
    assert_eq!(quantile_of(&[-0.0, 1.0], 0.0).map(f64::to_bits), Some(0));
}

#[test]
fn intervals_of_proportions_are_those_of_statsmodels_and_scipy() {
    for case in cases(&recorded("proportions")) {
        let [part, whole, level, low, high, exact_low, exact_high] = numbers(case)[..] else { panic!("{case}") };
        let found = wilson(part as u64, whole as u64, level).unwrap();
        // At the ends a root of a difference; the tolerance is absolute there.
        assert!((found.low - low).abs() < 1e-15 + 1e-12 * low, "{found:?}: {case}");
        close(found.high, high, DISTRIBUTIONS, &case);
        let found = clopper_pearson(part as u64, whole as u64, level).unwrap();
        // Remaining precision of statrs' incomplete beta function for a million trials and more.
        close(found.low, exact_low, 1e-9, &case);
        close(found.high, exact_high, 1e-9, &case);
        close(1.0 - found.high, 1.0 - exact_high, 1e-9, &case);
    }
    for (part, whole) in [(0, 0), (2, 1)] {
        assert!(wilson(part, whole, 0.95).unwrap_err().is_undefined());
        assert!(clopper_pearson(part, whole, 0.95).unwrap_err().is_undefined());
    }
    for level in [0.0, 1.0, -1.0, f64::NAN] {
        assert!(wilson(1, 2, level).is_err());
    }
}

#[test]
fn intervals_of_means_are_scipys() {
    for case in cases(&recorded("means")) {
        let values = numbers(&case["values"]);
        let found = mean(&values, case["level"].as_f64().unwrap()).unwrap();
        let expected = numbers(&case["interval"]);
        // Near zero an end is a difference of larger numbers.
        let scale = expected[1] - expected[0];
        assert!((found.low - expected[0]).abs() < 1e-11 * scale, "{found:?} for {expected:?}");
        assert!((found.high - expected[1]).abs() < 1e-11 * scale, "{found:?} for {expected:?}");
    }
    assert!(mean(&[], 0.95).unwrap_err().is_undefined());
    assert_eq!(
        mean(&[1.0], 0.95).unwrap_err().to_string(),
        "undefined: the spread of 1 sample; at least two are needed"
    );
    assert!(mean(&[1.0, f64::NAN], 0.95).unwrap_err().is_undefined());
    let error = mean(&[2.5, 2.5, 2.5], 0.95).unwrap_err().to_string();
    assert_eq!(error, "undefined: all values are identical, so they do not show the spread of other samples");
}

#[test]
fn intervals_of_differences_are_scipys() {
    for case in cases(&recorded("differences")) {
        let found = difference_of_means(&numbers(&case["a"]), &numbers(&case["b"]), 0.95).unwrap();
        let expected = numbers(&case["interval"]);
        close(found.low, expected[0], 1e-11, &case);
        close(found.high, expected[1], 1e-11, &case);
    }
    assert!(difference_of_means(&[1.0], &[1.0, 2.0], 0.95).unwrap_err().is_undefined());
    assert!(difference_of_means(&[1.0, 1.0], &[2.0, 2.0], 0.95).unwrap_err().is_undefined());
}

/// The script first reproduced scipy's own intervals of the same replicates, with the normal deviate and the default
/// quantiles of numpy.
#[test]
fn intervals_of_replicates_are_scipys_with_students_deviate_and_weibulls_quantiles() {
    for case in cases(&recorded("bootstraps")) {
        let (level, value) = (case["level"].as_f64().unwrap(), case["value"].as_f64().unwrap());
        let (replicates, left_out) = (numbers(&case["replicates"]), numbers(&case["left_out"]));
        let samples = case["samples"].as_u64().unwrap();
        let check = |found: Interval, expected: &Value| {
            let expected = numbers(expected);
            close(found.low, expected[0], 1e-10, &case["bca"]);
            close(found.high, expected[1], 1e-10, &case["bca"]);
        };
        check(percentile(&replicates, samples, level).unwrap(), &case["percentile"]);
        check(bca(value, &replicates, &left_out, samples, level).unwrap(), &case["bca"]);
    }
}

/// The ends between the numbers from 1 on equal their own places.
#[test]
fn intervals_of_replicates_extend_as_far_as_students_t() {
    let most = 2000.0;
    let ramp: Vec<f64> = (1..=most as u32).map(f64::from).collect();
    for case in cases(&recorded("tails")) {
        let (samples, level) = (case[0].as_u64().unwrap(), case[1].as_f64().unwrap());
        let below = case[2].as_f64().unwrap() * (most + 1.0);
        let found = percentile(&ramp, samples, level);
        if below < 1.0 {
            let error = found.unwrap_err();
            assert!(error.is_undefined() && error.to_string().contains("too few for confidence level"), "{error}");
            continue;
        }
        let found = found.unwrap();
        close(found.low, below, 1e-9, &case);
        close(found.high, most + 1.0 - below, 1e-9, &case);
        let paired = paired_bootstrap(&ramp, &vec![0.0; ramp.len()], samples, level).unwrap();
        assert_eq!(paired.p_value, paired.smallest_p);
        close(paired.p_value, case[3].as_f64().unwrap(), 1e-10, &case);
    }
    let error = |replicates: usize, samples| percentile(&ramp[..replicates], samples, 0.95).unwrap_err().to_string();
    assert!(error(2000, 2).contains("2 samples are too few for confidence level 0.95"), "{}", error(2000, 2));
    assert!(
        error(1368, 4)
            .contains("1368 resamples are too few for confidence level 0.95 with 4 samples; use at least 1369")
    );
    assert!(percentile(&ramp[..1369], 4, 0.95).is_ok());
    assert!(error(2000, 1).contains("fewer than two samples"));
}

#[test]
fn replicates_without_information_are_errors() {
    let same = "undefined: all resamples are identical, so they do not show the spread of other samples";
    assert_eq!(percentile(&[3.0; 100], 100, 0.95).unwrap_err().to_string(), same);
    assert_eq!(bca(3.0, &[3.0; 100], &[3.0; 4], 100, 0.95).unwrap_err().to_string(), same);
    assert!(percentile(&[1.0], 100, 0.5).unwrap_err().is_undefined());
    assert!(
        percentile(&[1.0, 2.0, 3.0, f64::INFINITY], 100, 0.5).unwrap_err().to_string().contains("a replicate is inf")
    );
    assert!(bca(1.0, &[1.0, 2.0, 2.0, 3.0], &[], 100, 0.5).unwrap_err().to_string().contains("the acceleration of"));
    let error = bca(3.0, &[1.0, 2.0, 2.0, 1.0], &[1.0, 2.0], 100, 0.5).unwrap_err().to_string();
    assert!(error.contains("all replicates lie below the value 3"), "{error}");
}

#[test]
fn an_acceleration_beyond_its_pole_is_an_error() {
    // One of a hundred values is an outlier: a = Σd³/(6·(Σd²)^(3/2)) is nearly 1/6.
    let replicates: Vec<f64> = (0..4000).map(f64::from).collect();
    let mut left_out = [0.0; 100];
    left_out[99] = -1.0;
    assert!(bca(2000.0, &replicates, &left_out, 1000, 0.95).is_ok());
    // z₀ = Φ⁻¹(0.999875) ≈ 3.7 and t ≈ 3.3 at 0.999: 1 − a·7 is negative.
    let error = bca(3999.0, &replicates, &left_out, 1000, 0.999).unwrap_err();
    assert!(
        error.is_undefined() && error.to_string().contains("extends the interval beyond all replicates"),
        "{error}"
    );
}

#[test]
fn mcnemar_is_statsmodels() {
    for case in cases(&recorded("mcnemar")) {
        let [first, second, p] = numbers(case)[..] else { panic!("{case}") };
        let found = mcnemar(Discordant { first: first as u64, second: second as u64 }).unwrap();
        close(found, p, 1e-11, case);
    }
    assert!(mcnemar(Discordant::default()).unwrap_err().is_undefined());
    assert!(mcnemar(Discordant { first: u64::MAX, second: 1 }).is_err());
    assert_eq!(odds_ratio(Discordant { first: 6, second: 4 }).unwrap(), 1.5);
    assert!(odds_ratio(Discordant { first: 6, second: 0 }).unwrap_err().is_undefined());
    let pairs = [(true, false), (true, true), (false, true), (true, false), (false, false)];
    assert_eq!(Discordant::from_pairs(pairs), Discordant { first: 2, second: 1 });
}

#[test]
fn tests_of_pairs_are_scipys() {
    let mut seen = [0; 4];
    for case in cases(&recorded("paired")) {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let differences: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
        let label = (&case["n"], &case["kind"]);
        match case.get("t") {
            Some(expected) => {
                let (found, expected) = (paired_t(&differences).unwrap(), numbers(expected));
                close(found.t, expected[0], 1e-11, &label);
                assert_eq!(found.degrees_of_freedom, expected[1]);
                close(found.p_value, expected[2], 1e-10, &label);
                close(cohens_d(&differences).unwrap(), case["d"].as_f64().unwrap(), 1e-11, &label);
                seen[0] += 1;
            }
            None => {
                assert!(paired_t(&differences).unwrap_err().is_undefined());
                assert!(cohens_d(&differences).unwrap_err().is_undefined());
            }
        }
        match case.get("wilcoxon") {
            Some(expected) => {
                let found = signed_rank(&differences).unwrap();
                assert_eq!(found.ranks.positive, expected[0].as_f64().unwrap(), "{label:?}");
                assert_eq!(found.ranks.negative, expected[1].as_f64().unwrap(), "{label:?}");
                assert_eq!(found.exact, expected[2].as_bool().unwrap(), "{label:?}");
                close(found.p_value, expected[3].as_f64().unwrap(), DISTRIBUTIONS, &label);
                assert_eq!(rank_biserial(&found.ranks).unwrap(), case["rank_biserial"].as_f64().unwrap());
                seen[1 + usize::from(found.exact)] += 1;
            }
            None => assert!(signed_rank(&differences).unwrap_err().is_undefined()),
        }
        if let Some(expected) = case.get("permutation") {
            if differences.iter().all(|difference| *difference == 0.0) {
                // scipy reports 1, and Wilcoxon's test is undefined: there are no differences to test.
                assert_eq!((permutation(&differences, 0, 0).is_err(), expected.as_f64()), (true, Some(1.0)));
                continue;
            }
            let found = permutation(&differences, 0, 0).unwrap();
            assert!(found.exact);
            close(found.p_value, expected.as_f64().unwrap(), 1e-15, &label);
            seen[3] += 1;
        }
    }
    assert!(seen.iter().all(|seen| *seen > 15), "{seen:?}");
    assert!(permutation(&[], 10, 0).unwrap_err().is_undefined());
    assert!(signed_rank(&[1.0, f64::NAN]).unwrap_err().is_undefined());
}

#[test]
fn wilcoxons_test_of_few_ties_is_scipys() {
    for case in cases(&recorded("few_ties")) {
        let found = signed_rank(&numbers(&case["differences"])).unwrap();
        assert!(found.exact, "{case}");
        close(found.p_value, case["p"].as_f64().unwrap(), 1e-15, &case);
    }
    // All differences agree in sign, which is one sign pattern of 2⁵ and its mirror image.
    for differences in [[1.0, 1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 1.0, 1.0, 2.0]] {
        assert_eq!(signed_rank(&differences).unwrap().p_value, 0.0625);
    }
}

#[test]
fn drawn_permutations_are_near_the_t_test_and_the_same_each_time() {
    // 40 differences of a normal shape: both tests answer almost the same question.
    let normal = |at: u32| (f64::from(at) - 19.5) / 12.0;
    let differences: Vec<f64> = (0..40).map(|at| normal(at) * normal(at).abs().sqrt() + 0.2).collect();
    let found = permutation(&differences, 20_000, 7).unwrap();
    let expected = paired_t(&differences).unwrap().p_value;
    assert!(!found.exact);
    // Four standard errors of 20 000 draws at p ≈ 0.2 are 0.011; the tests themselves differ by less than 0.01.
    assert!((found.p_value - expected).abs() < 0.02, "{found:?}, {expected}");
    assert_eq!(permutation(&differences, 20_000, 7).unwrap(), found);
    assert_ne!(permutation(&differences, 20_000, 8).unwrap(), found);
    let certain = permutation(&[1.0; 30], 999, 0).unwrap();
    assert_eq!(certain.p_value, 0.001);
}

#[test]
fn tests_of_pairs_are_scipys_at_their_edges() {
    for case in cases(&recorded("edges")) {
        let (name, differences) = (&case["name"], numbers(&case["differences"]));
        match case["t"].as_array() {
            Some(expected) => {
                let found = paired_t(&differences).unwrap();
                close(found.t, expected[0].as_f64().unwrap(), 1e-11, name);
                close(found.p_value, expected[1].as_f64().unwrap(), 1e-10, name);
                assert!(cohens_d(&differences).is_ok());
            }
            None => {
                assert!(paired_t(&differences).unwrap_err().is_undefined(), "{name}");
                assert!(cohens_d(&differences).unwrap_err().is_undefined(), "{name}");
            }
        }
        match case["wilcoxon"].as_f64() {
            Some(expected) => close(signed_rank(&differences).unwrap().p_value, expected, DISTRIBUTIONS, name),
            None => assert!(signed_rank(&differences).unwrap_err().is_undefined(), "{name}"),
        }
        match case["permutation"].as_f64() {
            Some(expected) => {
                let found = permutation(&differences, 0, 0).unwrap();
                assert!(found.exact);
                close(found.p_value, expected, 1e-15, name);
            }
            None if name == "zeros" || name == "one that is zero" => {
                assert!(permutation(&differences, 99, 0).unwrap_err().is_undefined(), "{name}");
            }
            None => assert!(!permutation(&differences, 99, 0).unwrap().exact, "{name}"),
        }
    }
    for bad in [f64::NAN, f64::INFINITY] {
        let differences = [1.0, bad, -2.0];
        assert!(paired_t(&differences).unwrap_err().to_string().contains(&format!("a difference is {bad}")));
        assert!(cohens_d(&differences).unwrap_err().is_undefined());
        assert!(permutation(&differences, 99, 0).unwrap_err().is_undefined());
    }
    assert!(paired_t(&[f64::MAX, -f64::MAX]).unwrap_err().is_undefined());
    assert!(permutation(&[f64::MAX, f64::MAX], 99, 0).unwrap_err().is_undefined());
}

#[test]
fn drawn_permutations_are_near_the_exact_share_of_signs() {
    for case in cases(&recorded("whole_signs")) {
        let (differences, p) = (numbers(&case["differences"]), case["p"].as_f64().unwrap());
        let found = permutation(&differences, 20_000, 1).unwrap();
        // Four standard errors of this number of draws.
        let error = 4.0 * (p * (1.0 - p) / 20_000.0).sqrt();
        assert!(!found.exact && (found.p_value - p).abs() < error + 1.0 / 20_001.0, "{found:?} for {p}");
    }
}

#[test]
fn equal_sums_are_equally_extreme_despite_rounding() {
    // 3000 tenths, for which many signs give the sum of the data; as whole numbers they do so exactly.
    let whole: Vec<f64> = (0..3000).map(|at| f64::from((at * 53) % 5 - 2)).filter(|x| *x != 0.0).collect();
    let tenths: Vec<f64> = whole.iter().map(|whole| whole * 0.1).collect();
    assert_eq!(permutation(&whole, 500, 3).unwrap(), permutation(&tenths, 500, 3).unwrap());
    let (whole, tenths) = (&whole[..15], &tenths[..15]);
    assert_eq!(permutation(whole, 0, 0).unwrap(), permutation(tenths, 0, 0).unwrap());
}

#[test]
fn all_signs_are_enumerated_if_as_many_would_be_drawn() {
    let differences: Vec<f64> = (0..18).map(|at| f64::from(at % 7) - 2.5).collect();
    assert!(!permutation(&differences, (1 << 18) - 1, 0).unwrap().exact);
    let exact = permutation(&differences, 1 << 18, 0).unwrap();
    assert!(exact.exact);
    assert!((permutation(&differences, 20_000, 0).unwrap().p_value - exact.p_value).abs() < 0.015);
    // 2⁶⁴ ways and more exceed any number of draws.
    for n in [64, 65, 200] {
        let differences: Vec<f64> = (0..n).map(|at| f64::from(at % 7) - 2.5).collect();
        assert!(!permutation(&differences, 10, 0).unwrap().exact);
    }
    let error = permutation(&differences, 0, 0).unwrap_err();
    assert!(!error.is_undefined() && error.to_string().contains("draw at least 1 resample"), "{error}");
}

/// As in the intervals of replicates.
#[test]
fn bootstraps_of_pairs_are_scipys_with_students_deviate() {
    for case in cases(&recorded("paired_bootstraps")) {
        let (first, second) = (numbers(&case["first"]), numbers(&case["second"]));
        let (level, samples) = (case["level"].as_f64().unwrap(), case["samples"].as_u64().unwrap());
        let found = paired_bootstrap(&first, &second, samples, level).unwrap();
        let expected = numbers(&case["interval"]);
        close(found.interval.low, expected[0], 1e-10, &expected);
        close(found.interval.high, expected[1], 1e-10, &expected);
        close(found.p_value, case["p"].as_f64().unwrap(), 1e-10, &case["p"]);
        close(found.smallest_p, case["smallest_p"].as_f64().unwrap(), 1e-10, &case["p"]);
        let exchanged = paired_bootstrap(&second, &first, samples, level).unwrap();
        assert_eq!(exchanged.p_value, found.p_value);
        close(exchanged.interval.low, -found.interval.high, 1e-12, &expected);
    }
}

#[test]
fn uninformative_bootstraps_of_pairs_are_errors() {
    // With this number of samples Student's distribution is the normal one.
    const MANY: u64 = 1_000_000_000;
    let error =
        |first: &[f64], second: &[f64], level| paired_bootstrap(first, second, MANY, level).unwrap_err().to_string();
    let ramp: Vec<f64> = (0..39).map(f64::from).collect();
    assert!(error(&ramp, &ramp, 0.9).contains("the same difference"));
    // 0.1 + 0.2 is not 0.3, but they do not differ.
    assert!(error(&[0.1 + 0.2; 39], &[0.3; 39], 0.9).contains("the same difference"));
    assert!(error(&ramp, &ramp[1..], 0.9).contains("cannot be paired"));
    assert!(error(&[], &[], 0.9).contains("fewer than two"));
    assert!(paired_bootstrap(&ramp, &[19.0; 39], 1, 0.9).unwrap_err().is_undefined());
    assert!(error(&[f64::NAN; 39], &ramp, 0.9).contains("NaN"));
    // One resample on each side of an interval of level 0.95, a billionth of which is Student's correction.
    assert!(paired_bootstrap(&ramp, &[19.0; 39], MANY, 0.95 - 1e-6).is_ok());
    assert!(error(&ramp[1..], &[19.0; 38], 0.95).contains("38 resamples are too few for confidence level 0.95"));
    // All resamples on one side, and the same number on both.
    let p_value = |second: f64| paired_bootstrap(&ramp, &[second; 39], MANY, 0.9).unwrap().p_value;
    close(p_value(-1.0), 2.0 / 40.0, 1e-8, &"one side");
    assert_eq!(p_value(19.0), 1.0);
    assert!(paired_bootstrap(&ramp, &[-1.0; 39], 10, 0.9).unwrap().p_value > 0.08);
}

#[test]
fn differences_of_paired_proportions_are_tangos() {
    for case in cases(&recorded("paired_proportions")) {
        let [first, second, whole] = [0, 1, 2].map(|at| case[at].as_u64().unwrap());
        let found = difference_of_proportions(Discordant { first, second }, whole, case[3].as_f64().unwrap()).unwrap();
        // If neither is ever right alone, an end is a double root for the search.
        assert!((found.low - case[4].as_f64().unwrap()).abs() < 1e-9, "{found:?} for {case}");
        assert!((found.high - case[5].as_f64().unwrap()).abs() < 1e-9, "{found:?} for {case}");
    }
    // Results of R: contingencytables 3.0 of the patients of Cavo et al. (2012), and PropCIs 0.3.
    for (first, second, whole, level, [low, high]) in
        [(6, 16, 161, 0.95, [-0.1240, -0.0054]), (28, 25, 618, 0.9, [-0.0148, 0.0247])]
    {
        let found = difference_of_proportions(Discordant { first, second }, whole, level).unwrap();
        assert!((found.low - low).abs() < 5e-5 && (found.high - high).abs() < 5e-5, "{found:?}");
    }
    // Without one of the two it is Wilson's interval.
    let (alone, single) = (Discordant { first: 5, second: 0 }, wilson(5, 40, 0.95).unwrap());
    let found = difference_of_proportions(alone, 40, 0.95).unwrap();
    close(found.high, single.high, 1e-12, &found);
    let difference = |first, second, whole| difference_of_proportions(Discordant { first, second }, whole, 0.95);
    assert!(difference(0, 0, 0).unwrap_err().is_undefined());
    assert!(difference(2, 2, 3).unwrap_err().to_string().contains("2 and 2 of 3 cannot be of one alone"));
    assert!(difference(u64::MAX, 1, u64::MAX).unwrap_err().is_undefined());
    assert!(difference_of_proportions(Discordant::default(), 1, 1.0).is_err());
}

#[test]
fn holm_is_statsmodels() {
    for case in cases(&recorded("holm")) {
        let found = holm(&numbers(&case["p"]));
        for (found, expected) in found.iter().zip(numbers(&case["holm"])) {
            close(*found, expected, 1e-15, &case);
        }
    }
    assert!(holm(&[]).is_empty());
}

proptest! {
    #[test]
    fn an_interval_of_a_proportion_holds_it_and_mirrors(whole in 1_u64..100_000, share in 0.0..=1.0, level in 0.01..0.999) {
        let part = (whole as f64 * share) as u64;
        let p = part as f64 / whole as f64;
        for interval in [wilson, clopper_pearson] {
            let (found, mirror) = (interval(part, whole, level).unwrap(), interval(whole - part, whole, level).unwrap());
            prop_assert!(found.low <= p + 1e-12 && p <= found.high + 1e-12, "{found:?} for {p}");
            prop_assert!((found.low - (1.0 - mirror.high)).abs() < 1e-9, "{found:?}, {mirror:?}");
        }
    }

    #[test]
    fn an_interval_of_paired_proportions_holds_the_difference_and_mirrors(
        counts in prop::array::uniform3(0_u64..400),
        level in 0.01..0.999,
    ) {
        let [first, second, others] = counts;
        let whole = first + second + others;
        prop_assume!(whole > 0);
        let interval = |first, second| difference_of_proportions(Discordant { first, second }, whole, level).unwrap();
        let (found, exchanged) = (interval(first, second), interval(second, first));
        prop_assert!(found.low >= -1.0 && found.high <= 1.0 && found.low < found.high, "{found:?}");
        prop_assert!(found.contains((first as f64 - second as f64) / whole as f64), "{found:?}");
        prop_assert_eq!((found.low, found.high), (-exchanged.high, -exchanged.low));
        // McNemar's test without a correction: z² < (b − c)²/(b + c).
        let (sum, difference) = ((first + second) as f64, first as f64 - second as f64);
        if sum > 0.0 {
            let z = difference.abs() / sum.sqrt();
            let p = libm::erfc(z / std::f64::consts::SQRT_2);
            prop_assume!((p - (1.0 - level)).abs() > 1e-9);
            prop_assert_eq!(found.contains(0.0), p > 1.0 - level, "{:?}, p = {}", found, p);
        }
    }

    /// Except for the interpolation: with a level one resample away from its p-value, an interval excludes zero, or
    /// does not.
    #[test]
    fn a_paired_bootstrap_excludes_zero_if_its_p_value_is_small(
        differences in prop::collection::vec(-3.0..4.0, 200..400),
        samples in 10_u64..1000,
        level in 0.5..0.9,
    ) {
        let found = paired_bootstrap(&differences, &vec![0.0; differences.len()], samples, level).unwrap();
        let gap = 4.0 / differences.len() as f64;
        if found.p_value < 1.0 - level - gap {
            prop_assert!(!found.interval.contains(0.0), "{found:?}");
        }
        if found.p_value > 1.0 - level + gap {
            prop_assert!(found.interval.contains(0.0), "{found:?}");
        }
    }

    #[test]
    fn exchanging_the_models_changes_no_p_value(differences in prop::collection::vec(-8_i32..8, 2..40)) {
        let differences: Vec<f64> = differences.into_iter().map(|tenths| f64::from(tenths) / 10.0).collect();
        let exchanged: Vec<f64> = differences.iter().map(|difference| -difference).collect();
        let p = |of: &[f64]| signed_rank(of).ok().map(|found| found.p_value);
        prop_assert_eq!(p(&differences), p(&exchanged));
        let p = |of: &[f64]| paired_t(of).ok().map(|found| found.p_value);
        prop_assert_eq!(p(&differences), p(&exchanged));
        let p = |of: &[f64]| permutation(of, 199, 3).ok().map(|found| found.p_value);
        prop_assert_eq!(p(&differences), p(&exchanged));
    }
}

/// Against `scipy.stats.beta.ppf`, of scipy 1.17. The logarithm of the beta function loses digits in proportion to the
/// size of its numbers: eight for 10⁸.
#[test]
fn exact_intervals_of_millions_end_and_are_scipys() {
    let recorded = [
        (50_000_000, 100_000_000, 0.95, 0.4999019968019593, 0.5000980031980407),
        (50_000_000, 100_000_000, 0.5, 0.4999662705126129, 0.5000337294873871),
        (1, 100_000_000, 0.95, 2.531780798108494e-10, 5.571643258042459e-08),
        (99_999_999, 100_000_000, 0.95, 0.9999999442835674, 0.999999999746822),
        (3_000_000, 10_000_000, 0.99, 0.29962677208543903, 0.30037341821397157),
        (500_000, 1_000_000, 0.95, 0.49901951919531184, 0.5009804808046882),
        (30_000, 100_000, 0.99, 0.29627186410262796, 0.30374719735112354),
    ];
    for (part, whole, level, low, high) in recorded {
        let found = clopper_pearson(part, whole, level).unwrap();
        let near = |found: f64, expected: f64| (found - expected).abs() <= 5e-8 * (high - low);
        assert!(near(found.low, low) && near(found.high, high), "{part} of {whole}: {found:?}");
    }
    let error = clopper_pearson(u64::MAX / 2, u64::MAX, 0.95).unwrap_err().to_string();
    assert!(error.contains("use the Wilson interval"), "{error}");
}
