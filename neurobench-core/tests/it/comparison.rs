//! Comparison as a library: results in memory, with numbers that are worked out by hand.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use neurobench::compare::tests::{
    DataKind, PairedDecisions, SampleDifferences, StatisticalTest, TestOutcome, default_tests, from_fn,
    wilcoxon_signed_rank,
};
use neurobench::compare::{
    CompareError, Comparison, ComparisonSettings, Correction, GroupFiles, Incompatibility, NamedResults,
    NoReplicatePairs, NoSamplePairs, NoValue, Note, Property, RunGroup, Untested, compare_groups, compare_runs,
};
use serde_json::{Value, json};

/// Results of ten samples with these metrics. Runs with different `seconds` are not copies of each other.
fn run(name: &str, metrics: &[Value], seconds: f64) -> NamedResults {
    let results = json!({
        "schema": 2, "library": "neurobench 0.1.0", "model": null, "data": "sha256:d", "samples": 10, "batches": 1,
        "batch_size": 10, "preprocessors": [], "postprocessors": [], "sample_unit": "sample", "sample_units": 1_000_000,
        "intervals": { "replicates": 99, "seed": 0 }, "metrics": metrics,
        "timing": { "workers": 1, "total_seconds": seconds, "forward_seconds": 0.0 },
    });
    NamedResults::new(name, serde_json::from_value(results).unwrap())
}

fn metric(name: &str, higher_is_better: bool, value: f64) -> Value {
    json!({
        "name": name, "metric": format!("test::{name}"), "version": 1, "kind": "accumulated", "settings": {},
        "higher_is_better": higher_is_better, "status": "ok", "value": value,
    })
}

/// A metric that is the mean of these values.
fn mean_metric(name: &str, higher_is_better: bool, values: &[f64], proportion: bool) -> Value {
    let mut metric = metric(name, higher_is_better, values.iter().sum::<f64>() / values.len() as f64);
    let samples: Vec<usize> = (0..values.len()).collect();
    metric["samples"] = json!({ "samples": samples, "values": values, "proportion": proportion });
    metric
}

/// A metric with these values on replicates, which is no mean of samples.
fn replicate_metric(name: &str, value: f64, replicates: &[f64]) -> Value {
    let mut metric = metric(name, false, value);
    metric["no_samples"] = "it has none".into();
    metric["replicates"] = json!([{ "values": replicates }]);
    metric
}

/// Six of ten decisions hold in the baseline and nine in the candidate: four in the candidate alone, one in the
/// baseline alone.
fn accuracies() -> [Value; 2] {
    let baseline = [1., 1., 1., 1., 1., 1., 0., 0., 0., 0.];
    let candidate = [1., 1., 1., 1., 1., 0., 1., 1., 1., 1.];
    [baseline, candidate].map(|values| mean_metric("accuracy", true, &values, true))
}

/// Per-sample differences of 1, 2, 3 and 4.
fn errors() -> [Value; 2] {
    [[1., 2., 3., 4.], [2., 4., 6., 8.]].map(|values| mean_metric("error", false, &values, false))
}

/// Runs `old` and `new` with pairs of metrics.
fn runs<const N: usize>(metrics: [[Value; 2]; N]) -> [NamedResults; 2] {
    let (old, new): (Vec<Value>, Vec<Value>) = metrics.into_iter().map(|[old, new]| (old, new)).unzip();
    [run("old", &old, 1.0), run("new", &new, 2.0)]
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{a} is not {b}");
}

#[test]
fn decisions_and_differences_have_the_tests_intervals_and_effects_of_the_textbook() {
    let found = compare_runs(&runs([accuracies(), errors()]), &ComparisonSettings::default()).unwrap();
    let [accuracy, error] = found.samples.as_slice() else { panic!("{:?}", found.samples) };

    // Of five discordant pairs, at most one is the baseline's with probability (1 + 5)/32 on either side.
    assert_eq!((accuracy.metric.as_str(), accuracy.candidate.as_str(), accuracy.pairs), ("accuracy", "new", 10));
    close(accuracy.mean_difference, 0.3);
    assert_eq!(accuracy.better.as_deref(), Some("new"));
    let discordant = accuracy.discordant.unwrap();
    assert_eq!((discordant.candidate, discordant.baseline), (4, 1));
    let [mcnemar] = accuracy.tests.as_slice() else { panic!("{:?}", accuracy.tests) };
    assert_eq!((mcnemar.name, mcnemar.statistic.unwrap().value), ("mcnemar_exact", 1.0));
    close(mcnemar.p_value.clone().unwrap(), 0.375);
    assert_eq!((accuracy.effects[0].name, accuracy.effects[0].value.clone()), ("odds_ratio", Ok(4.0)));
    let interval = accuracy.interval.clone().unwrap();
    assert!(interval.contains(0.0) && interval.contains(0.3) && interval.high < 0.7, "{interval:?}");

    // Mean 5/2 and variance 5/3 of four differences: t = √15 with 3 degrees of freedom, whose distribution has a closed
    // form.
    assert_eq!((error.mean_difference, error.better.as_deref()), (2.5, Some("old")));
    let ratio = 5.0_f64.sqrt();
    let t_test = 1.0 - 2.0 / std::f64::consts::PI * (ratio / 6.0 + ratio.atan());
    let names: Vec<&str> = error.tests.iter().map(|test| test.name).collect();
    assert_eq!(names, ["paired_t", "wilcoxon_signed_rank", "paired_permutation"]);
    let p_values: Vec<f64> = error.tests.iter().map(|test| test.p_value.clone().unwrap()).collect();
    close(p_values[0], t_test);
    // All 16 ways to give signs were tried, of which two are as far from zero.
    assert_eq!(p_values[1..], [0.125, 0.125]);
    let t = error.tests[0].statistic.unwrap();
    close(t.value, 15.0_f64.sqrt());
    assert_eq!((t.name, t.degrees_of_freedom), ("t", Some(3.0)));
    assert_eq!(error.tests[1].statistic.unwrap().value, 0.0);
    close(error.effects[0].value.clone().unwrap(), 15.0_f64.sqrt() / 2.0);
    assert_eq!((error.effects[1].name, error.effects[1].value.clone()), ("rank_biserial", Ok(1.0)));
    // The quantile of Student's distribution for 0.975 and 3 degrees of freedom is 3.182446305.
    let half = 3.182_446_305_284 * (5.0_f64 / 12.0).sqrt();
    let interval = error.interval.clone().unwrap();
    close(interval.low, 2.5 - half);
    close(interval.high, 2.5 + half);

    // Holm: the smallest of four times 4, the next times 3, and none below the one before.
    assert_eq!(found.corrected_together, 4);
    let corrected: Vec<f64> = found.tests().map(|test| test.corrected_p.unwrap()).collect();
    assert_eq!((corrected[0], corrected[2], corrected[3]), (0.375, 0.375, 0.375));
    close(corrected[1], 4.0 * t_test);
    assert_eq!(found.notes, []);
}

#[test]
fn p_values_stay_as_they_are_without_a_correction() {
    let settings = ComparisonSettings { correction: Correction::None, ..ComparisonSettings::default() };
    let found = compare_runs(&runs([accuracies()]), &settings).unwrap();
    assert_eq!((found.corrected_together, found.samples[0].tests[0].corrected_p), (0, None));
    close(found.samples[0].tests[0].p_value.clone().unwrap(), 0.375);
}

#[test]
fn other_metrics_are_tested_on_replicates() {
    // Of 99 differences, four are below zero: zero lies at the share 5/100, and of many samples p is twice that.
    let old = vec![1.0; 99];
    let new: Vec<f64> = (0..99).map(|at| 1.0 + f64::from(at - 4) + 0.5).collect();
    let pair = [replicate_metric("rmse", 1.0, &old), replicate_metric("rmse", 46.5, &new)];
    let settings = ComparisonSettings { level: 0.8, ..ComparisonSettings::default() };
    let found = compare_runs(&runs([pair]), &settings).unwrap();
    let rmse = &found.resamples[0];
    assert_eq!((rmse.name.as_str(), rmse.resamples, rmse.difference), ("rmse", 99, 45.5));
    assert_eq!(rmse.better.as_deref(), Some("old"));
    assert_eq!(rmse.tests.len(), 1);
    assert!((rmse.tests[0].p_value.clone().unwrap() - 0.1).abs() < 1e-5, "{:?}", rmse.tests);
    assert!((rmse.tests[0].smallest_p.unwrap() - 0.02).abs() < 1e-5, "{:?}", rmse.tests);
    // The quantiles at 0.1 and 0.9 of 99 values are the 10th and the 90th.
    let interval = rmse.interval.clone().unwrap();
    assert!((interval.low - 5.5).abs() < 1e-3 && (interval.high - 85.5).abs() < 1e-3, "{interval:?}");
}

#[test]
fn a_metric_without_tests_has_a_typed_reason() {
    let [mut plain, _] = errors();
    plain.as_object_mut().unwrap().remove("samples");
    let reason = |pair: [Value; 2]| {
        let found = compare_runs(&runs([pair]), &ComparisonSettings::default()).unwrap();
        let [Note::NotTested { metrics, reason }] = found.notes.as_slice() else { panic!("{:?}", found.notes) };
        assert_eq!(metrics.len(), 1);
        reason.clone()
    };
    assert_eq!(reason([plain.clone(), plain]), Untested::NotKept { run: "old".to_owned() });

    let [old, mut new] = errors();
    new["value"] = 7.0.into();
    let expected = Untested::NoPairs {
        samples: NoSamplePairs::NotTheirMean,
        replicates: NoReplicatePairs::NotRecorded { run: "old".to_owned() },
    };
    assert_eq!(reason([old, new]), expected);

    // One reason for both is given once.
    let mut none = replicate_metric("rmse", 1.0, &[]);
    none["replicates"] = json!([]);
    none["no_interval"] = "it has none".into();
    assert_eq!(reason([none.clone(), none]), Untested::NoSamples("it has none".to_owned()));
}

#[test]
fn too_many_undefined_replicates_leave_a_reason_in_place_of_the_test() {
    let values: Vec<f64> = (0..99).map(f64::from).collect();
    let old = replicate_metric("rmse", 1.0, &values);
    let mut new = replicate_metric("rmse", 2.0, &values[2..]);
    new["replicates"][0]["undefined"] = json!([0, 1]);
    let found = compare_runs(&runs([[old, new]]), &ComparisonSettings::default()).unwrap();
    let why = NoValue::new("2 of 99 resamples have no value in one of the runs");
    assert_eq!(found.resamples[0].tests[0].p_value, Err(why.clone()));
    assert_eq!(found.resamples[0].interval, Err(why.clone()));
    let expected = Note::NoResult {
        results: vec!["paired_bootstrap".to_owned()],
        number: "rmse".to_owned(),
        run: "new".to_owned(),
        reason: why,
    };
    assert_eq!(found.notes, [expected]);
}

#[test]
fn groups_have_means_with_students_interval_and_differences_with_welchs() {
    let member = |value: f64| run(&format!("run {value}"), &[metric("error", false, value)], value);
    let groups = [
        RunGroup::new("a", vec![member(1.0), member(2.0), member(3.0)]),
        RunGroup::new("b", vec![member(4.0), member(6.0)]),
        RunGroup::new("c", vec![member(9.0)]),
    ];
    let found = compare_groups(&groups, &ComparisonSettings::default()).unwrap();
    let [a, b, c] = found.values.as_slice() else { panic!("{:?}", found.values) };
    // Variance 1 of three numbers; the quantile for 0.975 and 2 degrees of freedom is 4.302652730.
    let half = 4.302_652_729_749 / 3.0_f64.sqrt();
    let interval = a.interval.clone().unwrap();
    assert_eq!((a.group.as_str(), a.runs, a.mean), ("a", 3, 2.0));
    close(interval.low, 2.0 - half);
    close(interval.high, 2.0 + half);
    assert_eq!(a.difference, None);
    // Variances of the means 1/3 and 1: (4/3)²/((1/9)/2 + 1/1) = 32/19 degrees of freedom.
    let difference = b.difference.clone().unwrap();
    assert_eq!(difference.value, 3.0);
    let interval = difference.interval.unwrap();
    close(interval.low + interval.high, 6.0);
    assert!(interval.contains(0.0), "{interval:?}");
    // One run has no spread.
    let why = c.interval.clone().unwrap_err();
    let expected = Note::NoGroupInterval { numbers: vec!["error".to_owned()], group: "c".to_owned(), reason: why };
    assert_eq!(found.notes, [expected]);
}

#[test]
fn comparisons_serialize_in_the_form_of_the_command() {
    let pair = [mean_metric("error", false, &[1., 2.], false), mean_metric("error", false, &[2., 3.], false)];
    let found = compare_runs(&runs([pair]), &ComparisonSettings::default()).unwrap();
    let pair = &found.samples[0];
    let (flat, vary) = (pair.interval.clone().unwrap_err(), pair.tests[0].p_value.clone().unwrap_err());
    let [_, wilcoxon, permutation] = pair.tests.as_slice() else { panic!("{:?}", pair.tests) };
    // Two tied ranks of one sign: two of four sign patterns are as extreme.
    let p = wilcoxon.p_value.clone().unwrap();
    close(p, 0.5);
    assert_eq!((wilcoxon.corrected_p, permutation.p_value.clone()), (Some(2.0 * p), Ok(0.5)));
    let (twice, notes) = (2.0 * p, found.notes.iter().map(ToString::to_string).collect::<Vec<_>>());
    let notes = serde_json::to_string(&notes).unwrap();
    // Byte for byte: the order of keys is part of the form.
    let expected = format!(
        "{{\"runs\":{{\"runs\":[\"old\",\"new\"],\"level\":0.95,\"values\":[{{\"name\":\"error\",\"higher_is_better\":false,\
         \"values\":[{{\"run\":\"old\",\"value\":1.5}},{{\"run\":\"new\",\"value\":2.5,\"difference\":1.0}}]}}],\
         \"samples\":[{{\"metric\":\"error\",\"run\":\"new\",\"pairs\":2,\"mean_difference\":1.0,\"better\":\"old\",\
         \"no_interval\":\"{flat}\",\"tests\":[{{\"test\":\"paired_t\",\"error\":\"{vary}\"}},\
         {{\"test\":\"wilcoxon_signed_rank\",\"p_value\":{p},\"p_holm\":{twice:?}}},\
         {{\"test\":\"paired_permutation\",\"p_value\":0.5,\"p_holm\":{twice:?}}}],\
         \"effects\":[{{\"effect\":\"cohens_d\",\"error\":\"{vary}\"}},{{\"effect\":\"rank_biserial\",\"value\":1.0}}]}}],\
         \"resamples\":[],\"corrected_together\":2,\"notes\":{notes}}}}}"
    );
    assert_eq!(serde_json::to_string(&Comparison::Runs(found)).unwrap(), expected);
}

#[test]
fn runs_that_differ_are_refused_with_typed_problems() {
    let [old, mut new] = runs([errors()]);
    new.results.data = Some("sha256:e".to_owned());
    new.results.samples = 9;
    new.results.metrics[0].version = 2;
    let Err(CompareError::Incompatible { problems }) = compare_runs(&[old, new], &ComparisonSettings::default()) else {
        panic!("it was compared")
    };
    let property = |problem: &Incompatibility| match problem {
        Incompatibility::Differs { property, metric, .. } => (*property, metric.clone()),
        other => panic!("{other}"),
    };
    let found: Vec<_> = problems.iter().map(property).collect();
    let expected =
        [(Property::Data, None), (Property::SampleCount, None), (Property::Version, Some("error".to_owned()))];
    assert_eq!(found, expected);
    assert_eq!(problems[1].to_string(), "number of samples: `old` has 10, `new` has 9");
}

#[test]
fn requests_that_have_no_answer_are_refused() {
    let [old, new] = runs([errors()]);
    let default = ComparisonSettings::default();
    let refused = |runs: &[NamedResults], settings: &ComparisonSettings| compare_runs(runs, settings).unwrap_err();
    assert!(matches!(refused(&[], &default), CompareError::NoRuns));
    assert!(matches!(refused(std::slice::from_ref(&old), &default), CompareError::OneRun { run } if run == "old"));
    let same_name = NamedResults::new("old", new.results.clone());
    assert!(matches!(refused(&[old.clone(), same_name], &default), CompareError::SameRun { run } if run == "old"));
    let pair = [old.clone(), new];
    for level in [0.0, 1.0, 95.0, f64::NAN] {
        assert!(matches!(refused(&pair, &ComparisonSettings { level, ..default }), CompareError::Level { .. }));
    }
    let few = refused(&pair, &ComparisonSettings { permutations: 18, ..default });
    assert!(matches!(few, CompareError::TooFewPermutations { least: 19.0, .. }), "{few}");

    let refused = |groups: &[RunGroup]| compare_groups(groups, &default).unwrap_err();
    assert!(matches!(refused(&[]), CompareError::NoRuns));
    assert!(matches!(refused(&[RunGroup::new("a", Vec::new())]), CompareError::EmptyGroup { group } if group == "a"));
    let copy = NamedResults::new("copy", old.results.clone());
    assert!(
        matches!(refused(&[RunGroup::new("a", vec![old, copy])]), CompareError::Copy { copy, .. } if copy == "copy")
    );
}

#[test]
fn files_are_read_once_under_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let [old, _] = runs([errors()]);
    let (file, other) = (folder.path().join("a.json"), folder.path().join("b.json"));
    std::fs::write(&file, serde_json::to_string(&old.results).unwrap()).unwrap();
    let read = NamedResults::read(&file).unwrap();
    assert_eq!((read.name, read.results), (file.display().to_string(), old.results));
    let error = NamedResults::read_all(&[&file, &other]).unwrap_err();
    assert!(matches!(&error, CompareError::Read { file, .. } if *file == other), "{error}");
    let error = NamedResults::read_all(&[&file, &folder.path().join(".").join("a.json")]).unwrap_err();
    assert!(error.to_string().ends_with("are one file") || error.to_string().ends_with("given twice"), "{error}");
    std::fs::write(&other, "{}").unwrap();
    let error = NamedResults::read(&other).unwrap_err();
    assert!(matches!(&error, CompareError::NotResults { .. }), "{error}");
    let group = |name: &str| GroupFiles { name: name.to_owned(), files: vec![file.clone()] };
    assert!(matches!(RunGroup::read_all(&[group("a"), group("a")]), Err(CompareError::SameGroup { .. })));
    assert!(matches!(RunGroup::read_all(&[group("a"), group("b")]), Err(CompareError::SameFile { .. })));
}

#[test]
fn tests_are_listed_with_the_data_to_which_they_apply() {
    let listed: Vec<_> = default_tests().unwrap().iter().map(|each| (each.name, each.test.data_kind())).collect();
    // Results list the tests in this order; others may stand between them.
    let expected = [
        ("mcnemar_exact", DataKind::Decisions),
        ("paired_t", DataKind::Differences),
        ("wilcoxon_signed_rank", DataKind::Differences),
        ("paired_permutation", DataKind::Differences),
        ("paired_bootstrap", DataKind::Replicates),
    ];
    let found: Vec<_> = listed.iter().filter(|each| expected.contains(each)).copied().collect();
    assert_eq!(found, expected);
    // A test can be called by itself, and so can a test of another crate.
    let differences = SampleDifferences(vec![1.0, 2.0, 3.0, 4.0]);
    let settings = ComparisonSettings::default();
    assert_eq!(wilcoxon_signed_rank().test(&differences, &settings).unwrap().p_value, Ok(0.125));
    let decisions = PairedDecisions::from_pairs([(true, false), (false, true), (false, true)], Some(true));
    assert_eq!(sign_test().test(&decisions, &settings).unwrap().p_value, Ok(1.0));
    assert_eq!(sign_test().test(&differences, &settings), None);
}

/// A sign test for three discordant pairs.
fn sign_test() -> impl StatisticalTest {
    from_fn(|data: &PairedDecisions, _: &ComparisonSettings| {
        let alone = data.better_alone;
        assert_eq!((data.samples, alone.first, alone.second), (3, 2, 1));
        TestOutcome::new(Ok::<_, NoValue>(1.0))
    })
}
