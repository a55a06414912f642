//! Exact sum against big integers, against Python, and against itself in other orders.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod monoid;
mod oracle;

use neurobench::accumulate::ExactSum;
use num_bigint::BigInt;
use proptest::collection::vec;
use proptest::prelude::*;

use oracle::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_big_integers(xs in vec(finite(), 0..80)) {
        check(&xs);
    }

    #[test]
    fn quotient_is_rounded_once(xs in vec(finite(), 0..6), n in prop_oneof![1..20_u64, 1..=u64::MAX, Just(u64::MAX)]) {
        let expected = nearest(&big_sum(&xs), &BigInt::from(n), UNIT);
        assert_same_bits(sum_each(&xs).quotient(n), expected);
    }

    #[test]
    fn products_are_exact(pairs in vec((finite(), finite()), 0..8), x in finite(), n in any::<u64>()) {
        let mut sum = ExactSum::new();
        let mut expected = big(x) * n;
        sum.add_integer_product(x, n);
        for (a, b) in pairs {
            sum.add_product(a, b);
            expected += big_product(a, b);
        }
        assert_same_bits(sum.value(), rounded(&expected));
    }

    #[test]
    fn squares_are_exact(xs in vec(finite(), 0..40)) {
        let (mut slice, mut each) = (ExactSum::new(), ExactSum::new());
        slice.add_squares(&xs);
        xs.iter().for_each(|x| each.add_product(*x, *x));
        prop_assert_eq!(&slice, &each);
        let expected: BigInt = xs.iter().map(|x| big_product(*x, *x)).sum();
        assert_same_bits(slice.value(), rounded(&expected));
    }

    #[test]
    fn scaled_difference_is_rounded_once(xs in vec(finite(), 0..6), ys in vec(finite(), 0..6), n in any::<u64>()) {
        let sum = big_sum(&xs);
        // In units of 2^(2 UNIT), like the square.
        let difference = ((big_sum(&ys) * n) << -UNIT) - &sum * &sum;
        let expected = nearest(&difference, &BigInt::from(1), 2 * UNIT);
        assert_same_bits(ExactSum::scaled_difference(n, &sum_each(&ys), &sum_each(&xs)), expected);
    }
}

#[test]
fn equals_fsum_of_python() {
    #[derive(serde::Deserialize)]
    struct Case {
        name: String,
        numbers: Vec<String>,
        sum: String,
    }
    let parse = |bits: &String| f64::from_bits(u64::from_str_radix(bits, 16).unwrap());
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../data/fsum.json")).unwrap();
    assert!(cases.len() > 50);
    for case in cases {
        let numbers: Vec<f64> = case.numbers.iter().map(parse).collect();
        assert_eq!(sum_each(&numbers).value().to_bits(), parse(&case.sum).to_bits(), "{}", case.name);
        assert_eq!(sum_slice(&numbers), sum_each(&numbers), "{}", case.name);
    }
}

#[test]
fn blocks_of_every_length_and_range() {
    let mut random = Random(7);
    let ranges = [0..1, 0..2, 0..60, 0..2047, 1000..1030, 1023..1024, 900..1150, 2030..2047, 1900..2035];
    for range in ranges {
        for length in [0, 1, 7, 8, 9, 15, 16, 17, 511, 512, 513, 1031] {
            check(&random.floats(length, range.clone()));
        }
    }
}

/// 512 numbers whose rounded parts fill the 53 bits of a level completely.
#[test]
fn blocks_at_the_bound_of_exactness() {
    for exponent in [0, 1, 1023, 2035, 2036, 2037, 2038, 2045, 2046] {
        for fraction in [0, 1, (1 << 43) - 1, 1 << 43, (1 << 44) + 1, (1 << 52) - 2, (1 << 52) - 1_u64] {
            let x = f64::from_bits(exponent << 52 | fraction);
            check(&vec![x; 512]);
            check(&vec![-x; 512]);
            let mut mixed = vec![x; 512];
            mixed[3] = f64::from_bits(x.to_bits() / 2);
            mixed[511] = f64::from_bits(x.to_bits().saturating_sub(45 << 52) | 1 << 63);
            check(&mixed);
        }
    }
}

/// One number, and 511 slightly below half its unit that the first level leaves unchanged: the second level is full.
#[test]
fn second_levels_at_the_bound_of_exactness() {
    let mut random = Random(13);
    for exponent in [1000, 1023, 1500, 100] {
        for step in 40..48 {
            let mut xs: Vec<f64> = random.floats(512, exponent - step..exponent - step + 1);
            xs.iter_mut().for_each(|x| *x = f64::from_bits(x.abs().to_bits() | 0xffff << 36));
            xs[100] = f64::from_bits((exponent as u64) << 52);
            check(&xs);
        }
    }
}

#[test]
fn nasty_sets() {
    let least = f64::from_bits(1);
    check(&[0.0, -0.0]);
    check(&[-0.0]);
    check(&[least; 100]);
    check(&[1.0, least, -1.0]);
    check(&[f64::MAX, f64::MAX, -f64::MAX]);
    check(&[f64::MAX, f64::MAX]);
    check(&[-f64::MAX, -f64::MAX, least]);
    // Smallest sum that rounds to infinity, and greatest that does not.
    let half_an_ulp = 2_f64.powi(970);
    check(&[f64::MAX, half_an_ulp]);
    check(&[f64::MAX, half_an_ulp, -least]);
    check(&[1.0, f64::EPSILON / 2.0]);
    check(&[1.0, f64::EPSILON / 2.0, least]);
    check(&[f64::MIN_POSITIVE, -least]);
    let alternating: Vec<f64> = (0..1000).map(|i| if i % 2 == 0 { 1e308 } else { -1e308 }).chain([least]).collect();
    check(&alternating);
    let mut every_exponent: Vec<f64> = (0..2047).map(|e| f64::from_bits(e << 52 | 0xf_ffff_ffff_ffff)).collect();
    check(&every_exponent);
    let negated: Vec<f64> = every_exponent.iter().map(|x| -x).collect();
    check(&negated);
    every_exponent.extend(negated);
    Random(3).shuffle(&mut every_exponent);
    check(&every_exponent);
    assert_eq!(json(&sum_each(&every_exponent)), r#"{"first":0,"limbs":[]}"#);
}

/// Carries are deferred for a thousand additions: more than that, of one sign, in one limb, at each place in it.
#[test]
fn long_runs_of_one_sign() {
    let exponents = (1023..1055).chain([0, 1, 2046]);
    for x in exponents.map(|exponent| f64::from_bits(exponent << 52 | 0xf_ffff_ffff_ffff)) {
        for (x, count) in [(x, 1023), (-x, 1024), (x, 1025), (-x, 3000), (x, 5000)] {
            let each: ExactSum = std::iter::repeat_n(x, count).collect();
            assert_same_bits(each.value(), rounded(&(big(x) * count)));
            let mut product = ExactSum::new();
            product.add_integer_product(x, count as u64);
            assert_eq!(each, product);
        }
    }
}

#[test]
fn singles_of_all_exponents() {
    let mut random = Random(5);
    for length in [5, 16, 511, 512, 513, 3000] {
        for mask in [u32::MAX, 0x9fff_ffff, 0x807f_ffff] {
            let singles = std::iter::repeat_with(|| f32::from_bits(random.bits() as u32 & mask));
            let singles: Vec<f32> = singles.filter(|x| x.is_finite()).take(length).collect();
            let mut sum = ExactSum::new();
            sum.add_slice_f32(&singles);
            let doubles: Vec<f64> = singles.iter().map(|x| f64::from(*x)).collect();
            assert_same_bits(sum.value(), rounded(&big_sum(&doubles)));
            assert_eq!(sum, sum_each(&doubles));
        }
    }
}

/// Around the exponents at which the squares of a block can no longer be split, and at which f64 itself overflows.
#[test]
fn squares_of_all_exponents() {
    let mut random = Random(9);
    for range in [0..1, 0..2047, 480..600, 536..540, 1000..1046, 543..1503, 1500..1506, 1600..2047, 900..1100] {
        for length in [16, 511, 513] {
            let mut xs = random.floats(length, range.clone());
            xs[5] = 0.0;
            let mut sum = ExactSum::new();
            sum.add_squares(&xs);
            let expected: BigInt = xs.iter().map(|x| big_product(*x, *x)).sum();
            assert_same_bits(sum.value(), rounded(&expected));
            let mut each = ExactSum::new();
            xs.iter().for_each(|x| each.add_product(*x, *x));
            assert_eq!(sum, each);
        }
    }
    let mut zeros = ExactSum::new();
    zeros.add_squares(&[-0.0; 20]);
    assert_eq!(zeros, ExactSum::new());
}

#[test]
fn variances_do_not_cancel() {
    let xs: Vec<f64> = (0..1000).map(|i| 1e12 + f64::from(i) / 1000.0).collect();
    let (mut squares, sum) = (ExactSum::new(), sum_slice(&xs));
    squares.add_squares(&xs);
    let variance = ExactSum::scaled_difference(1000, &squares, &sum) / 1e6;
    assert!((variance - 0.083_333_25).abs() < 1e-6, "{variance}");
    // 2^64 - 1 borrows through a digit of zero.
    let two_to_64 = 2_f64.powi(64);
    let difference = ExactSum::scaled_difference(1, &sum_each(&[two_to_64]), &sum_each(&[1.0]));
    assert_same_bits(difference, two_to_64);
    let (mut squares, mut sum) = (ExactSum::new(), ExactSum::new());
    squares.add_squares(&[1e-170; 77]);
    sum.add_slice(&[1e-170; 77]);
    assert_same_bits(ExactSum::scaled_difference(77, &squares, &sum), 0.0);
    assert_same_bits(ExactSum::scaled_difference(3, &ExactSum::new(), &sum_each(&[2.0])), -4.0);
    assert_same_bits(ExactSum::scaled_difference(3, &sum_each(&[2.0]), &ExactSum::new()), 6.0);
    assert_same_bits(
        ExactSum::scaled_difference(3, &sum_each(&[1e-300]), &ExactSum::new()),
        rounded(&(big(1e-300) * 3)),
    );
}

#[test]
fn quotients_by_zero() {
    assert!(ExactSum::new().quotient(0).is_nan());
    assert_same_bits(sum_each(&[-1.0]).quotient(0), f64::NEG_INFINITY);
    assert_same_bits(sum_each(&[f64::from_bits(1)]).quotient(0), f64::INFINITY);
    assert_same_bits(sum_each(&[1.0]).quotient(3), 1.0 / 3.0);
    let mut tiny = ExactSum::new();
    tiny.add_product(f64::from_bits(1), 1e-10);
    assert_same_bits(tiny.quotient(0), f64::INFINITY);
}
