//! What must agree before results are compared.

use std::collections::BTreeSet;

use crate::cli::CommandError;
use crate::cli::compare::{Named, metric};
use crate::metric::MetricSpec;
use crate::report::MetricResult;

/// The form of results that this program compares.
const SCHEMA: u32 = 1;

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
        for own in &a.metrics {
            let Some(metric) = metric(b, &own.name) else { continue };
            for ((what, own), (_, its)) in definition(own).into_iter().zip(definition(metric)) {
                differ(&format!("{what} of `{}`", metric.name), own, its);
            }
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(format!("these cannot be compared:\n  - {}", problems.join("\n  - ")).into())
    }
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
        ("settings", MetricSpec::new(metric.metric.clone(), metric.settings.clone()).to_string()),
        ("unit", or_none(&metric.unit)),
        ("direction", better(metric.higher_is_better).to_owned()),
        ("fields", metric.fields.iter().map(field).collect::<Vec<_>>().join(", ")),
    ]
}

/// What may differ, but should be known.
pub(super) fn notes(runs: &[&Named]) -> Vec<String> {
    let Some((first, others)) = runs.split_first() else { return Vec::new() };
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
        let missing = a.metrics.iter().filter(|own| metric(b, &own.name).is_none());
        let more = b.metrics.iter().filter(|its| metric(a, &its.name).is_none());
        let lack = |file: &Named, metric: &MetricResult| format!("`{}` does not have {}", file.name, metric.name);
        notes.extend(missing.map(|metric| lack(other, metric)));
        notes.extend(more.map(|metric| lack(first, metric)));
    }
    for run in runs {
        for metric in run.results.metrics.iter().filter(|metric| metric.value.is_none()) {
            let why = metric.error.as_deref().unwrap_or("no reason is given");
            notes.push(format!("`{}` has no value of {}: {why}", run.name, metric.name));
        }
    }
    // A file may be in several groups.
    let mut seen = BTreeSet::new();
    notes.retain(|note| seen.insert(note.clone()));
    notes
}
