//! What is made of an annotated function, seen from outside: its type, its entry in the registry, its settings.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use ndarray::{Array2, arr1, arr2};
use neurobench::component::{Bounds, Param, Params, Registration, RegistryError, Settings, SettingsError, from_known};
use neurobench::metric::Registry;
use neurobench::metric::{
    BatchContext, Context, Fold, MetricKind, MetricSettings, Metrics, Needs, PartOf, Shape, Workload,
};
use neurobench::model::{FnModel, Probe};
use neurobench::prelude::*;
use neurobench::value::Value;

/// Layers of the model.
///
/// Counted once.
#[static_metric(unit = "layers", higher_is_better = false, version = 3, cite = "first", cite = "second")]
fn depth(model: &dyn Model) -> u64 {
    model.layers().len() as u64
}

/// Fraction of targets found within the k highest scores.
#[workload_metric(
    variant("within_1", k = 1),
    variant("within_3", k = 3, strict = true),
    alias = "within-k",
    alias = "share_found",
    bounds = 0..=1
)]
fn found_within(
    scores: Predictions<'_, Ix2>,
    targets: TargetClasses<'_>,
    /// How many of the highest scores
    /// count.
    #[param(default = 5, range = 1..=100)]
    k: usize,
    #[param] strict: bool,
) -> Result<f64, String> {
    if strict && targets.iter().any(|target| *target < 0) {
        return Err("a target is negative".to_owned());
    }
    let hits = scores.rows().into_iter().zip(targets.iter()).filter(|(row, target)| {
        let own = usize::try_from(**target).ok().and_then(|target| row.get(target));
        own.is_some_and(|own| row.iter().filter(|score| *score > own).count() < k)
    });
    Ok(hits.count() as f64 / targets.len() as f64)
}

/// How averages are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Average {
    #[default]
    Macro,
    Micro,
}

#[accumulated_metric]
fn cells(predicted: Classes<'_>, targets: TargetClasses<'_>, #[param] ignore: Option<i64>) -> Ratio {
    let pairs = predicted.iter().zip(targets.iter());
    Ratio::from_bools(
        pairs.filter(|(_, target)| Some(**target) != ignore).map(|(predicted, target)| predicted == target),
    )
}

/// Reads the cells.
#[accumulated_metric(type = ShareMetric, of = Cells, variant("micro_share", average = Average::Micro))]
fn share(
    cells: &Ratio,
    #[param] average: Average,
    #[param(default = 0.5, range = 0.0..=1e9)] threshold: f64,
) -> Result<f64, MetricError> {
    let whole = if average == Average::Micro { 2.0 } else { 1.0 };
    Ok(cells.finish()?.max(threshold) / whole)
}

/// Reads two metrics.
#[accumulated_metric(of = (Cells, Tallies))]
fn both(cells: &Ratio, tally: &Tally) -> BTreeMap<String, u64> {
    [("cells".to_owned(), cells.whole), ("hits".to_owned(), tally.hits)].into()
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Accumulator)]
struct Tally {
    #[merge(sum)]
    hits: u64,
    #[merge(max)]
    largest: Option<f64>,
    #[merge(min)]
    smallest: Option<u64>,
    #[merge]
    order: Concat<u64>,
    #[merge(with = join)]
    seen: Vec<u64>,
}

fn join(own: &mut Vec<u64>, other: Vec<u64>) {
    own.extend(other);
    own.sort_unstable();
}

impl Finish for Tally {
    type Output = Summary;

    fn finish(&self) -> Result<Summary, MetricError> {
        Ok(Summary {
            hits: self.hits,
            largest_seen: self.largest.unwrap_or(0.0),
            order: self.order.finish()?,
            share: Share(0.5),
        })
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, MetricValue)]
#[serde(rename_all = "camelCase")]
struct Summary {
    /// How many there were,
    /// in all.
    #[value(unit = "hits", higher_is_better = true)]
    hits: u64,
    largest_seen: f64,
    #[serde(rename = "in_order")]
    order: Vec<u64>,
    share: Share,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, MetricValue)]
struct Share(f64);

/// Changes its state in place.
#[accumulated_metric(hooks = traces)]
fn tallies(
    tally: &mut Tally,
    samples: SampleCount,
    traces: Option<Activations<'_>>,
    #[param] least: u64,
) -> Result<(), MetricError> {
    if samples.0 < least {
        return Err(MetricError::undefined("too few samples"));
    }
    assert!(traces.is_none(), "this model has no layers");
    tally.hits += samples.0;
    tally.seen.push(samples.0);
    Ok(())
}

neurobench::variant!("within_7", FoundWithin { k: 7 });

fn find(name: &str) -> &'static Registration<Metrics> {
    Registry::global().find(name).unwrap()
}

fn params<const N: usize>(entries: [(&str, Value); N]) -> Params {
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Does something with the context of a batch of two samples and three classes.
fn with_batch<T>(needs: Needs, act: impl FnOnce(&Context<'_>) -> T) -> T {
    let model = FnModel::new(Vec::new(), |inputs: &Tensor, _: &mut Probe| Ok(inputs.clone()));
    let outputs = Tensor::from(arr2(&[[0.1, 0.7, 0.2], [0.5, 0.4, 0.1]]));
    let targets = Tensor::from(arr1(&[1_i64, 1]));
    let mut probe = Probe::new(needs, &[]);
    let batch = BatchContext::new(0, &outputs, &targets, probe.record());
    act(&Context::for_batch(&model, batch))
}

mod functions {
    use super::*;

    #[test]
    fn they_stay_callable() {
        let scores: Array2<f64> = arr2(&[[0.1, 0.7, 0.2], [0.5, 0.4, 0.1]]);
        let within = |k, strict| found_within(Predictions::new(scores.view()), TargetClasses::new(&[1, 1]), k, strict);
        assert_eq!(within(1, false), Ok(0.5));
        assert_eq!(within(2, true), Ok(1.0));
        let mut tally = Tally::default();
        tallies(&mut tally, SampleCount(3), None, 1).unwrap();
        assert_eq!(tally.hits, 3);
    }

    #[test]
    fn a_workload_gives_the_value_of_a_batch() {
        let value = with_batch(Needs::NONE, |context| FoundWithin { k: 1, strict: false }.value(context));
        assert_eq!(value.unwrap(), 0.5);
    }

    #[test]
    fn a_fold_gives_the_part_of_a_batch() {
        let part = with_batch(Needs::NONE, |context| Cells::default().step(&mut Ratio::default(), context));
        assert_eq!(part.unwrap(), Ratio::new(1, 2));
    }

    #[test]
    fn a_fold_changes_its_state_in_place() {
        let mut state = Tally::default();
        with_batch(Needs::ACTIVATION_TRACES, |context| Tallies::default().step(&mut state, context)).unwrap();
        assert_eq!((state.hits, state.seen), (2, vec![2]));
    }

    #[test]
    fn errors_come_through() {
        let mut state = Tally::default();
        let step = with_batch(Needs::ACTIVATION_TRACES, |context| Tallies { least: 3 }.step(&mut state, context));
        assert_eq!(step.unwrap_err().to_string(), "undefined: too few samples");
        let value = with_batch(Needs::NONE, |context| {
            let targets = Tensor::from(arr1(&[-1.0]));
            let batch = context.batch().unwrap();
            let outputs = Tensor::from(arr2(&[[1.0]]));
            let record = batch.record(Needs::NONE).unwrap();
            let batch = BatchContext::new(1, &outputs, &targets, record);
            FoundWithin { strict: true, ..FoundWithin::default() }.value(&Context::for_batch(context.model(), batch))
        });
        assert_eq!(value.unwrap_err().to_string(), "a target is negative");
    }

    #[test]
    fn a_metric_without_batch_needs_none() {
        assert_eq!(<Cells as Fold>::NEEDS, Needs::BATCH);
        assert_eq!(<Tallies as Fold>::NEEDS, Needs::BATCH.union(Needs::ACTIVATION_TRACES));
    }
}

mod names {
    use super::*;

    #[test]
    fn case_and_separators_do_not_matter() {
        for name in ["found_within", "FoundWithin", "found-within", "within-k", "ShareFound"] {
            assert_eq!(find(name).name, "found_within", "{name}");
        }
    }

    #[test]
    fn variants_are_entries_of_their_own() {
        for (name, k, strict) in [("within_1", 1, false), ("within_3", 3, true), ("within_7", 7, false)] {
            let variant = find(name);
            assert_eq!(variant.variant_of(), Some("found_within"));
            let expected = params([("k", Value::Integer(k)), ("strict", Value::Bool(strict))]);
            assert_eq!(variant.settings().unwrap(), expected, "{name}");
        }
        assert_eq!(find("micro_share").settings().unwrap()["average"], text("micro"));
        assert_eq!(find("found_within").variant_of(), None);
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest() {
        let error = Registry::global().find("found_witin").map(|_| ()).unwrap_err();
        assert!(matches!(&error, RegistryError::Unknown { near, .. } if near[0] == "found_within"), "{error}");
    }

    #[test]
    fn each_entry_knows_its_place() {
        let (file, line) = (find("found_within").file, find("found_within").line);
        assert_eq!(file, file!());
        let source = include_str!("dsl.rs");
        let nth = |line: u32| source.lines().nth(line as usize - 1).unwrap_or_default();
        assert!(nth(line).starts_with("fn found_within("), "{}", nth(line));
        let line = find("within_3").line;
        assert!(nth(line).contains("variant(\"within_3\""), "{}", nth(line));
        let line = find("within_7").line;
        assert!(nth(line).contains("variant!(\"within_7\""), "{}", nth(line));
    }
}

mod about {
    use super::*;

    #[test]
    fn a_metric_says_what_its_attribute_says() {
        let (about, metric) = (Depth::ABOUT, Depth::METRIC);
        assert_eq!(about.name, "depth");
        assert_eq!(metric.kind, MetricKind::Static);
        assert_eq!(about.package, "neurobench");
        assert_eq!(about.module, "dsl");
        assert_eq!(about.file, file!());
        assert_eq!(about.docs, "Layers of the model.\n\nCounted once.");
        assert_eq!(about.summary(), "Layers of the model.");
        assert_eq!(metric.unit, Some("layers"));
        assert_eq!(metric.higher_is_better, Some(false));
        assert_eq!(metric.bounds, None);
        assert_eq!(about.citations, ["first", "second"]);
        assert_eq!(about.version, 3);
        assert!(about.aliases.is_empty() && about.params.is_empty());
    }

    #[test]
    fn what_is_not_said_is_none() {
        let (about, metric) = (Cells::ABOUT, Cells::METRIC);
        assert_eq!(metric.kind, MetricKind::Accumulated);
        assert_eq!((about.docs, metric.unit, metric.higher_is_better, about.version), ("", None, None, 1));
    }

    #[test]
    fn bounds_and_aliases_are_kept() {
        let (about, metric) = (FoundWithin::ABOUT, FoundWithin::METRIC);
        assert_eq!(metric.kind, MetricKind::Workload);
        assert_eq!(metric.bounds, Some(Bounds { low: Some(0.0), high: Some(1.0), includes_high: true }));
        assert_eq!(about.aliases, ["within-k", "share_found"]);
    }

    #[test]
    fn params_are_described() {
        let [k, strict] = FoundWithin::ABOUT.params else { panic!("{:?}", FoundWithin::ABOUT.params) };
        assert_eq!((k.name, k.docs), ("k", "How many of the highest scores\ncount."));
        assert_eq!((k.type_name, k.range, k.required), ("usize", Some("1..=100"), false));
        assert_eq!(k.bounds, Some(Bounds { low: Some(1.0), high: Some(100.0), includes_high: true }));
        assert!(k.is::<usize>() && !k.is::<u64>());
        assert_eq!((strict.name, strict.docs, strict.type_name), ("strict", "", "bool"));
        assert_eq!((strict.range, strict.bounds, strict.required), (None, None, false));
        assert_eq!(Cells::ABOUT.params[0].type_name, "Option<i64>");
        assert_eq!(ShareMetric::ABOUT.params[1].range, Some("0.0..=1e9"));
    }

    #[test]
    fn a_metric_of_others_lists_their_params_after_its_own() {
        let names = |all: Vec<&'static Param>| all.iter().map(|param| param.name).collect::<Vec<_>>();
        assert_eq!(names(ShareMetric::all_params()), ["average", "threshold", "ignore"]);
        assert_eq!(names(Both::all_params()), ["ignore", "least"]);
    }

    #[test]
    fn shapes_are_known_before_any_run() {
        assert_eq!(find("depth").shape(), Shape::Integer);
        assert_eq!(find("found_within").shape(), Shape::Float);
        assert_eq!(find("both").shape(), Shape::Map(Box::new(Shape::Integer)));
        let Shape::Record(fields) = find("tallies").shape().clone() else {
            panic!("a struct with named fields is a record");
        };
        let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
        assert_eq!(names, ["hits", "largestSeen", "in_order", "share"]);
        assert_eq!(fields[0].docs, "How many there were,\nin all.");
        assert_eq!((fields[0].unit, fields[0].higher_is_better), (Some("hits"), Some(true)));
        assert_eq!((fields[1].unit, fields[1].higher_is_better), (None, None));
        assert_eq!(fields[2].shape, Shape::List(Box::new(Shape::Integer)));
        assert_eq!(fields[3].shape, Shape::Float, "a struct around one value looks like it");
    }

    #[test]
    fn the_names_of_a_shape_are_those_of_the_value() {
        let value = Tally::default().finish().unwrap().to_value().unwrap();
        let Value::Map(entries) = value else { panic!("a struct with named fields is a map") };
        let Shape::Record(fields) = Summary::shape() else { panic!("and its shape a record") };
        assert!(entries.iter().map(|(name, _)| name.as_str()).eq(fields.iter().map(|field| field.name)));
    }
}

mod settings {
    use super::*;

    fn refused<M: Settings>(entries: &Params) -> String {
        from_known::<M>(entries).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_set_has_its_default() {
        let FoundWithin { k, strict } = FoundWithin::default();
        assert_eq!((k, strict), (5, false));
        assert_eq!(ShareMetric::default().core.ignore, None);
        assert_eq!(ShareMetric::default().threshold, 0.5);
        let Depth = Depth;
    }

    #[test]
    fn they_are_flat_outside_of_rust() {
        let metric = ShareMetric { average: Average::Micro, core: Cells { ignore: Some(0) }, ..ShareMetric::default() };
        let flat =
            params([("average", text("micro")), ("ignore", Value::Integer(0)), ("threshold", Value::Float(0.5))]);
        assert_eq!(metric.to_params().unwrap(), flat);
        let back: ShareMetric = from_known(&flat).unwrap();
        assert_eq!((back.average, back.core.ignore), (Average::Micro, Some(0)));
        let both = Both { core_0: Cells { ignore: Some(1) }, core_1: Tallies { least: 2 } };
        assert_eq!(both.to_params().unwrap(), params([("ignore", Value::Integer(1)), ("least", Value::Integer(2))]));
    }

    #[test]
    fn metric_types_are_written_and_read_by_serde() {
        let metric = ShareMetric { core: Cells { ignore: Some(7) }, ..ShareMetric::default() };
        let json = serde_json::to_string(&metric).unwrap();
        assert_eq!(json, r#"{"average":"macro","ignore":7,"threshold":0.5}"#);
        let back: ShareMetric = serde_json::from_str(r#"{"ignore": 3}"#).unwrap();
        assert_eq!((back.core.ignore, back.threshold), (Some(3), 0.5));
        assert_eq!(serde_json::to_string(&Depth).unwrap(), "{}");
        let error = serde_json::from_str::<ShareMetric>(r#"{"ignored": 3}"#).unwrap_err().to_string();
        assert!(error.contains("no setting `ignored`"), "{error}");
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        assert_eq!(
            refused::<ShareMetric>(&params([("treshold", Value::Float(0.5))])),
            "no setting `treshold`; it has average, threshold, ignore; did you mean `threshold`?"
        );
        assert_eq!(refused::<Depth>(&params([("k", Value::Integer(1))])), "no setting `k`; it has none");
    }

    #[test]
    fn a_value_out_of_range_is_refused() {
        for (threshold, written) in [(-0.1, "-0.1"), (2e9, "2000000000.0")] {
            assert_eq!(
                refused::<ShareMetric>(&params([("threshold", Value::Float(threshold))])),
                format!("setting `threshold` must be in `0.0..=1e9`, not {written}")
            );
        }
        let error = FoundWithin { k: 0, strict: false }.check().unwrap_err();
        assert_eq!(
            error,
            SettingsError::OutOfRange { param: "k".to_owned(), range: "1..=100".to_owned(), value: "0".to_owned() }
        );
    }

    #[test]
    fn a_core_refuses_for_its_metric() {
        #[accumulated_metric(of = Limited)]
        fn reader(count: &Count) -> u64 {
            count.0
        }
        #[accumulated_metric]
        fn limited(samples: SampleCount, #[param(default = 1, range = ..=2)] most: u64) -> Count {
            Count(samples.0.min(most))
        }
        assert_eq!(
            refused::<Reader>(&params([("most", Value::Integer(3))])),
            "setting `most` must be in `..=2`, not 3"
        );
    }

    #[test]
    fn an_unknown_word_is_refused_with_the_known_ones() {
        assert_eq!(
            refused::<ShareMetric>(&params([("average", text("median"))])),
            "setting `average`: unknown variant `median`, expected `macro` or `micro`"
        );
    }
}

mod states {
    use super::*;

    fn tally(hits: u64, largest: Option<f64>, smallest: Option<u64>, batch: u64) -> Tally {
        let mut tally = Tally { hits, largest, smallest, order: Concat::from_values([hits]), seen: vec![hits] };
        tally.place(batch);
        tally
    }

    #[test]
    fn each_field_merges_in_its_own_way() {
        let mut state = tally(3, Some(1.0), None, 1);
        state.merge(tally(2, Some(5.0), Some(4), 0));
        assert_eq!((state.hits, state.largest, state.smallest), (5, Some(5.0), Some(4)));
        assert_eq!(state.seen, [2, 3]);
        assert_eq!(state.order.finish().unwrap(), [2, 3], "in the order of the batches");
    }

    #[test]
    fn parts_are_told_their_place() {
        let mut state = Tally::default();
        for (batch, hits) in [(2, 30), (0, 10), (1, 20)] {
            let part = Tally { hits, order: Concat::from_values([hits]), ..Tally::default() };
            part.join(&mut state, batch, Accumulator::place);
        }
        assert_eq!(state.finish().unwrap().order, [10, 20, 30]);
    }
}
