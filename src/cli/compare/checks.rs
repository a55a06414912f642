//! What must agree before results are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::cli::CommandError;
use crate::cli::compare::family::Reasons;
use crate::cli::compare::{Named, metric, metrics};
use crate::component::Spec;
use crate::report::MetricResult;

/// The form of results that this program compares.
const SCHEMA: u32 = 2;

/// Refuses results that are not of the same data, or whose metrics of one name are not the same, with all that differs.
pub(super) fn check(runs: &[&Named]) -> Result<(), CommandError> {
    let Some((first, others)) = runs.split_first() else { return Ok(()) };
    let mut problems = Vec::new();
    for run in runs {
        if run.results.schema != SCHEMA {
            problems.push(format!("`{}` has schema {}; this program compares {SCHEMA}", run.name, run.results.schema));
        }
        if run.results.data.is_none() {
            problems.push(format!("`{}` does not say of which data it is: it has no fingerprint", run.name));
        }
    }
    for other in others {
        let mut differ = |what: &str, a: String, b: String| {
            if a != b {
                problems.push(format!("{what}: `{}` has {a}, `{}` has {b}", first.name, other.name));
            }
        };
        let (a, b) = (&first.results, &other.results);
        if let (Some(a), Some(b)) = (&a.data, &b.data) {
            differ("data", a.clone(), b.clone());
        }
        differ("number of samples", a.samples.to_string(), b.samples.to_string());
        if let (Some(a), Some(b)) = (a.sample_unit, b.sample_unit) {
            differ("unit of values of samples", format!("{a:?}").to_lowercase(), format!("{b:?}").to_lowercase());
        }
    }
    for of in metrics(runs) {
        let mut having = runs.iter().filter_map(|run| Some((run, definition(metric(&run.results, &of.name)?))));
        let Some((first, own)) = having.next() else { continue };
        for (other, its) in having {
            for ((what, own), (_, its)) in own.iter().zip(its) {
                if *own != its {
                    let (name, first, other) = (&of.name, &first.name, &other.name);
                    problems.push(format!("{what} of `{name}`: `{first}` has {own}, `{other}` has {its}"));
                }
            }
        }
    }
    for run in runs {
        let wrong = run.results.metrics.iter().filter(|metric| {
            metric.samples.as_ref().is_some_and(|samples| samples.samples.len() != samples.values.len())
        });
        problems.extend(wrong.map(|metric| {
            format!("`{}` has values of `{}` on single samples, but not as many as samples", run.name, metric.name)
        }));
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(format!("these cannot be compared:\n  - {}", problems.join("\n  - ")).into())
    }
}

/// Refuses a file that is named twice: it would be counted twice, or compared with itself.
pub(super) fn each_once<'p>(files: impl Iterator<Item = &'p Path>) -> Result<(), CommandError> {
    let mut seen = BTreeMap::new();
    for file in files {
        // What cannot be found is told when it is read.
        let place = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        if let Some(before) = seen.insert(place, file) {
            return Err(match before == file {
                true => format!("`{}` is given twice", file.display()),
                false => format!("`{}` and `{}` are one file", before.display(), file.display()),
            }
            .into());
        }
    }
    Ok(())
}

/// Refuses two groups of one name.
pub(super) fn named_once<'n>(names: impl Iterator<Item = &'n str>) -> Result<(), CommandError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!(
                "there are two groups `{name}`; all files of one are named together: `{name}=a.json,b.json`"
            )
            .into());
        }
    }
    Ok(())
}

/// Refuses runs of which one is a copy of another, to the nanosecond that it took: no run of another seed is.
pub(super) fn no_copies(runs: &[&Named]) -> Result<(), CommandError> {
    for (at, run) in runs.iter().enumerate() {
        if let Some(copy) = runs[at + 1..].iter().find(|copy| copy.results == run.results) {
            return Err(format!("`{}` is a copy of `{}`: one run counts once", copy.name, run.name).into());
        }
    }
    Ok(())
}

/// What makes a metric what it is.
fn definition(metric: &MetricResult) -> Vec<(&'static str, String)> {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
    let better = |higher: Option<bool>| higher.map_or("not said", |higher| if higher { "higher" } else { "lower" });
    let field = |field: &crate::report::FieldResult| {
        format!("{} in {} ({})", field.name, or_none(&field.unit), better(field.higher_is_better))
    };
    vec![
        ("definition", metric.metric.clone()),
        ("version", metric.version.to_string()),
        ("settings", Spec::new(metric.metric.clone(), metric.settings.clone()).to_string()),
        ("unit", or_none(&metric.unit)),
        ("direction", better(metric.higher_is_better).to_owned()),
        ("fields", metric.fields.iter().map(field).collect::<Vec<_>>().join(", ")),
    ]
}

/// What may differ, but should be known.
pub(super) fn notes(runs: &[&Named]) -> Vec<String> {
    let Some((first, others)) = runs.split_first() else { return Vec::new() };
    let all = metrics(runs);
    let mut notes = Vec::new();
    for other in others {
        let (a, b) = (&first.results, &other.results);
        let processors = [("pre", &a.preprocessors, &b.preprocessors), ("post", &a.postprocessors, &b.postprocessors)];
        for (what, own, its) in processors {
            if own != its {
                let (own, its) = (own.join(", "), its.join(", "));
                notes.push(format!("{what}processors: `{}` has [{own}], `{}` has [{its}]", first.name, other.name));
            }
        }
    }
    let lacking = runs.iter().filter_map(|run| {
        let lacks = all.iter().filter(|of| metric(&run.results, &of.name).is_none());
        let lacks: Vec<&str> = lacks.map(|of| of.name.as_str()).collect();
        (!lacks.is_empty()).then(|| format!("`{}` does not have {}", run.name, lacks.join(", ")))
    });
    let lacking: Vec<String> = lacking.collect();
    if !lacking.is_empty() {
        notes.push(lacking.join("; "));
    }
    let mut without = Reasons::default();
    for run in runs {
        for metric in run.results.metrics.iter().filter(|metric| metric.value.is_none()) {
            let why = metric.error.as_deref().unwrap_or("no reason is given");
            without.add(&metric.name, format!(" in `{}`: {why}", run.name));
        }
    }
    notes.extend(without.notes("no value of"));
    notes
}
