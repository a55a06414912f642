//! Checks of what must agree between runs, and notes of what may differ.

use crate::compare::numbers::{metric_named, metrics};
use crate::compare::reason::Grouped;
use crate::compare::{CompareError, Incompatibility, NamedResults, Note, ProcessorStage, Property};
use crate::component::Spec;
use crate::report::{FieldResult, MetricResult};

/// Refuses runs over different data, and runs whose metrics of one name differ, with all that differs.
pub(super) fn check(runs: &[&NamedResults]) -> Result<(), CompareError> {
    let mut problems = Vec::new();
    for run in runs {
        if run.results.check_schema().is_err() {
            problems.push(Incompatibility::Schema { run: run.name.clone(), schema: run.results.schema });
        }
        if run.results.data.is_none() {
            problems.push(Incompatibility::NoFingerprint { run: run.name.clone() });
        }
    }
    if let Some((first, others)) = runs.split_first() {
        problems.extend(others.iter().flat_map(|other| data_differences(first, other)));
    }
    problems.extend(metrics(runs).into_iter().flat_map(|metric| metric_differences(runs, &metric.name)));
    for run in runs {
        let wrong = run.results.metrics.iter().filter(|metric| {
            metric.samples.as_ref().is_some_and(|samples| samples.samples.len() != samples.values.len())
        });
        problems.extend(wrong.map(|metric| {
            let (run, metric) = (run.name.clone(), metric.name.clone());
            Incompatibility::SampleCount { run, metric }
        }));
    }
    if problems.is_empty() { Ok(()) } else { Err(CompareError::Incompatible { problems }) }
}

/// Differences in the data of two runs.
fn data_differences(first: &NamedResults, other: &NamedResults) -> Vec<Incompatibility> {
    let (a, b) = (&first.results, &other.results);
    let mut pairs = Vec::new();
    if let (Some(a), Some(b)) = (&a.data, &b.data) {
        pairs.push((Property::Data, a.clone(), b.clone()));
    }
    pairs.push((Property::SampleCount, a.samples.to_string(), b.samples.to_string()));
    if let (Some(a), Some(b)) = (a.sample_unit, b.sample_unit) {
        pairs.push((Property::SampleUnit, format!("{a:?}").to_lowercase(), format!("{b:?}").to_lowercase()));
    }
    let differing = pairs.into_iter().filter(|(_, a, b)| a != b);
    let differs = |(property, a, b)| Incompatibility::Differs {
        property,
        metric: None,
        first: (first.name.clone(), a),
        other: (other.name.clone(), b),
    };
    differing.map(differs).collect()
}

/// Differences between the definitions of a metric in the first run that has it and in each later one.
fn metric_differences(runs: &[&NamedResults], name: &str) -> Vec<Incompatibility> {
    let mut having = runs.iter().filter_map(|run| Some((run, definition(metric_named(&run.results, name)?))));
    let Some((first, definition)) = having.next() else { return Vec::new() };
    let mut problems = Vec::new();
    for (other, other_definition) in having {
        for ((property, a), (_, b)) in definition.iter().zip(other_definition) {
            if *a != b {
                problems.push(Incompatibility::Differs {
                    property: *property,
                    metric: Some(name.to_owned()),
                    first: (first.name.clone(), a.clone()),
                    other: (other.name.clone(), b),
                });
            }
        }
    }
    problems
}

/// Properties of a metric that must be equal for its values to be comparable.
fn definition(metric: &MetricResult) -> [(Property, String); 6] {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let better = |higher: Option<bool>| match higher {
        Some(true) => "higher",
        Some(false) => "lower",
        None => "no direction",
    };
    let field = |field: &FieldResult| {
        format!("{} in {} ({})", field.name, or_none(&field.unit), better(field.higher_is_better))
    };
    [
        (Property::Definition, metric.metric.clone()),
        (Property::Version, metric.version.to_string()),
        (Property::Settings, Spec::new(metric.metric.clone(), metric.settings.clone()).to_string()),
        (Property::Unit, or_none(&metric.unit)),
        (Property::Direction, better(metric.higher_is_better).to_owned()),
        (Property::Fields, metric.fields.iter().map(field).collect::<Vec<_>>().join(", ")),
    ]
}

/// Refuses runs of which one is a copy of another.
pub(super) fn refuse_copies(runs: &[&NamedResults]) -> Result<(), CompareError> {
    for (at, run) in runs.iter().enumerate() {
        if let Some(copy) = runs[at + 1..].iter().find(|copy| copy.results == run.results) {
            return Err(CompareError::Copy { copy: copy.name.clone(), run: run.name.clone() });
        }
    }
    Ok(())
}

/// Notes of what may differ between runs but should be known.
pub(super) fn notes(runs: &[&NamedResults]) -> Vec<Note> {
    let mut notes = Vec::new();
    if let Some((first, others)) = runs.split_first() {
        notes.extend(others.iter().flat_map(|other| processor_notes(first, other)));
    }
    let all = metrics(runs);
    let missing = runs.iter().filter_map(|run| {
        let missing = all.iter().filter(|metric| metric_named(&run.results, &metric.name).is_none());
        let missing: Vec<String> = missing.map(|metric| metric.name.clone()).collect();
        (!missing.is_empty()).then(|| (run.name.clone(), missing))
    });
    let missing: Vec<_> = missing.collect();
    if !missing.is_empty() {
        notes.push(Note::MissingMetrics { runs: missing });
    }
    let mut undefined = Grouped::new();
    for run in runs {
        for metric in run.results.metrics.iter().filter(|metric| metric.value.is_none()) {
            undefined.add((run.name.clone(), metric.error.clone()), &metric.name);
        }
    }
    notes.extend(undefined.into_iter().map(|((run, reason), metrics)| Note::NoMetricValue { metrics, run, reason }));
    notes
}

fn processor_notes(first: &NamedResults, other: &NamedResults) -> Vec<Note> {
    let (a, b) = (&first.results, &other.results);
    let stages = [
        (ProcessorStage::Pre, &a.preprocessors, &b.preprocessors),
        (ProcessorStage::Post, &a.postprocessors, &b.postprocessors),
    ];
    let differing = stages.into_iter().filter(|(_, a, b)| a != b);
    let note = |(stage, a, b): (_, &Vec<String>, &Vec<String>)| Note::Processors {
        stage,
        baseline: (first.name.clone(), a.clone()),
        candidate: (other.name.clone(), b.clone()),
    };
    differing.map(note).collect()
}
