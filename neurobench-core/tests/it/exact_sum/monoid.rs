//! Sums that were merged, stored and read, and sums with infinities.

use neurobench::accumulate::ExactSum;
use proptest::collection::vec;
use proptest::prelude::*;

use super::oracle::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stored_sum_is_the_sum(xs in vec(finite(), 0..20), infinite in 0..40_usize) {
        let mut sum = sum_each(&xs);
        if let Some(special) = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].get(infinite) {
            sum.add(*special);
        }
        let read: ExactSum = serde_json::from_str(&json(&sum)).unwrap();
        prop_assert_eq!(&read, &sum);
        prop_assert_eq!(json(&read), json(&sum));
        let bytes = postcard::to_stdvec(&sum).unwrap();
        let read: ExactSum = postcard::from_bytes(&bytes).unwrap();
        prop_assert_eq!(&read, &sum);
        prop_assert_eq!(postcard::to_stdvec(&read).unwrap(), bytes);
        assert_same_bits(read.value(), sum.value());
    }

    /// Any text is rejected or gives a usable sum.
    #[test]
    fn reading_nonsense_does_not_panic(first in -80..210_i32, limbs in vec(any::<i64>().prop_map(|l| l >> 31), 0..5)) {
        let text = format!("{{\"first\": {first}, \"limbs\": {limbs:?}}}");
        if let Ok(mut sum) = serde_json::from_str::<ExactSum>(&text) {
            prop_assert_eq!(json(&sum), text.replace(' ', ""));
            sum.merge(&sum.clone());
            sum.add(1.0);
            let _ = (sum.value(), sum.quotient(3));
        }
    }

    /// Any order, any split, any tree of merges with stored sums in between.
    #[test]
    fn order_and_grouping_do_not_matter(seed: u64, special in 0..12_usize) {
        let mut random = Random(seed);
        let mut xs = [random.floats(300, 0..2047), random.floats(1500, 1000..1040), vec![1e-3; 700]].concat();
        xs.extend([f64::INFINITY, f64::NEG_INFINITY, f64::NAN].iter().take(special / 3));
        let whole = sum_slice(&xs);
        for _ in 0..3 {
            random.shuffle(&mut xs);
            let merged = random_tree(&mut random, &xs);
            prop_assert_eq!(&merged, &whole);
            prop_assert_eq!(json(&merged), json(&whole));
            assert_same_bits(merged.value(), whole.value());
        }
    }
}

fn random_tree(random: &mut Random, xs: &[f64]) -> ExactSum {
    if xs.len() < 8 || random.below(6) == 0 {
        return if random.below(2) == 0 { sum_slice(xs) } else { sum_each(xs) };
    }
    let (left, right) = xs.split_at(random.below(xs.len()));
    let (mut left, right) = (random_tree(random, left), random_tree(random, right));
    left.merge(&right);
    match random.below(3) {
        0 => serde_json::from_str(&json(&left)).unwrap(),
        _ => left,
    }
}

/// A biased exponent of 1042 puts 52 bits into the upper of two limbs, the maximum of one addition.
#[test]
fn merges_of_sums_with_many_pending_additions() {
    for pending in [1, 511, 512, 1022, 1023, 1024] {
        for exponent in [0, 1, 1020, 1042, 2046] {
            let x = f64::from_bits(exponent << 52 | 0xf_ffff_ffff_ffff);
            let (part, negative) = (sum_each(&vec![x; pending]), sum_each(&vec![-x; pending]));
            let count = 2000;
            // The merge adds to a sum that is itself as full as possible.
            let mut merged = part.clone();
            (1..count).for_each(|_| merged.merge(&part));
            assert_same_bits(merged.value(), rounded(&(big(x) * pending * count)));
            (0..count).for_each(|_| merged.merge(&negative));
            assert_eq!(merged, ExactSum::new());
        }
    }
}

/// Repeated doubling of a sum exceeds any fixed number of limbs, though no sum of floats does.
#[test]
fn sums_have_no_upper_bound() {
    let mut sum = sum_each(&[f64::MAX, 1.0]);
    for _ in 0..3000 {
        sum.merge(&sum.clone());
    }
    let number = (big(f64::MAX) + big(1.0)) << 3000;
    assert_eq!(sum.value(), f64::INFINITY);
    assert_same_bits(sum.quotient(1), rounded(&number));
    assert_eq!(serde_json::from_str::<ExactSum>(&json(&sum)).unwrap(), sum);
    for _ in 0..3000 {
        sum.merge(&sum.clone());
    }
    assert!(serde_json::to_string(&sum).unwrap_err().to_string().contains("limbs from -68 up to 192"));
}

#[test]
fn infinities_and_nans_anywhere() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let cases: [(&[f64], f64, &str); 6] = [
        (&[inf], inf, "inf"),
        (&[inf, inf], inf, "inf"),
        (&[-inf], -inf, "-inf"),
        (&[inf, -inf], nan, "nan"),
        (&[nan], nan, "nan"),
        (&[-inf, nan, inf], nan, "nan"),
    ];
    for (specials, expected, name) in cases {
        for length in [3, 16, 40, 512, 513, 1100] {
            for position in [0, 1, 8, 15, length / 2, length - specials.len()] {
                let mut xs = vec![0.75; length];
                let position = position.min(length - specials.len());
                xs[position..position + specials.len()].copy_from_slice(specials);
                let singles: Vec<f32> = xs.iter().map(|x| *x as f32).collect();
                let (mut single, mut squares) = (ExactSum::new(), ExactSum::new());
                single.add_slice_f32(&singles);
                squares.add_squares(&xs);
                for sum in [sum_slice(&xs), sum_each(&xs), single] {
                    assert_same_bits(sum.value(), expected);
                    assert_same_bits(sum.quotient(2), expected);
                    assert!(!sum.is_finite());
                    assert_eq!(json(&sum), format!(r#"{{"first":0,"limbs":[],"special":"{name}"}}"#));
                }
                assert_same_bits(squares.value(), if specials.iter().any(|x| x.is_nan()) { nan } else { inf });
                assert!(ExactSum::scaled_difference(3, &squares, &ExactSum::new()).is_nan());
            }
        }
    }
    for (a, b) in [(inf, 2.0), (inf, -2.0), (0.0, inf), (nan, 1.0), (-inf, -inf)] {
        let mut sum = sum_each(&[1.0]);
        sum.add_product(a, b);
        assert_same_bits(sum.value(), a * b);
    }
    let mut sum = ExactSum::new();
    sum.add_integer_product(-inf, 2);
    assert_same_bits(sum.value(), -inf);
    sum.add_integer_product(inf, 0);
    assert!(sum.value().is_nan());
}

#[test]
fn equal_sums_are_equal_bytes() {
    let cases = [
        (sum_each(&[]), r#"{"first":0,"limbs":[]}"#),
        (sum_each(&[42.0]), r#"{"first":0,"limbs":[42]}"#),
        (sum_each(&[-1.0]), r#"{"first":0,"limbs":[-1]}"#),
        (sum_each(&[7.5]), r#"{"first":-1,"limbs":[2147483648,7]}"#),
        (sum_each(&[1e300, -0.5, -1e300]), r#"{"first":-1,"limbs":[-2147483648]}"#),
        (sum_each(&[2_f64.powi(64), -1.0]), r#"{"first":0,"limbs":[4294967295,4294967295]}"#),
    ];
    for (sum, expected) in cases {
        assert_eq!(json(&sum), expected);
        assert_eq!(serde_json::from_str::<ExactSum>(expected).unwrap(), sum);
    }
    let typical = sum_slice(&vec![0.1; 1_000]);
    assert!(json(&typical).len() < 90);
}

#[test]
fn nonsense_is_rejected() {
    let cases = [
        (r#"{"first":1,"limbs":[]}"#, "begins at limb 0"),
        (r#"{"first":0,"limbs":[0]}"#, "neither begins nor ends with a limb of zero"),
        (r#"{"first":0,"limbs":[0,1]}"#, "neither begins nor ends with a limb of zero"),
        (r#"{"first":0,"limbs":[1,0]}"#, "neither begins nor ends with a limb of zero"),
        (r#"{"first":0,"limbs":[1,-1]}"#, "differs in sign"),
        (r#"{"first":0,"limbs":[4294967296]}"#, "more than 32 bits"),
        (r#"{"first":0,"limbs":[-9223372036854775808]}"#, "more than 32 bits"),
        (r#"{"first":-69,"limbs":[1]}"#, "limbs from -68 up to 192"),
        (r#"{"first":192,"limbs":[1]}"#, "limbs from -68 up to 192"),
        (r#"{"first":2147483647,"limbs":[1,1]}"#, "limbs from -68 up to 192"),
        (r#"{"first":0,"limbs":[1],"special":"nan"}"#, "has no limbs"),
        (r#"{"first":1,"limbs":[],"special":"inf"}"#, "begins at limb 0"),
        (r#"{"first":0,"limbs":[],"special":"big"}"#, "unknown variant"),
        (r#"{"first":0,"limbs":[],"count":1}"#, "unknown field"),
        (r#"{"first":0}"#, "missing field"),
    ];
    for (text, message) in cases {
        let error = serde_json::from_str::<ExactSum>(text).unwrap_err().to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
}
