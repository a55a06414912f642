//! Metrics as a page of documentation.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::listing::metrics::{aliases, better, fields, needs, read_cores, units};
use neurobench_core::component::{Registration, RegistryError};
use neurobench_core::metric::Metrics;

/// Returns the page of metrics, by family.
pub(crate) fn page(metrics: &[&'static Registration<Metrics>]) -> Result<String, RegistryError> {
    let mut families: BTreeMap<String, Vec<&'static Registration<Metrics>>> = BTreeMap::new();
    for metric in metrics {
        families.entry(family(metric)).or_default().push(metric);
    }
    let mut page = String::from(INTRODUCTION);
    for (family, metrics) in &families {
        line(&mut page, format_args!("| **{family}** | | | |"));
        for metric in metrics {
            let what = match metric.variant_of() {
                Some(of) => format!("`{of}` with other settings"),
                None => metric.about.summary(),
            };
            let (name, units) = (metric.name, units(metric).join(", "));
            let cells = [format!("[`{name}`](#{name})"), cell(&what), cell(&units), better(metric.metric()).to_owned()];
            line(&mut page, format_args!("| {} |", cells.join(" | ")));
        }
    }
    for (family, metrics) in &families {
        line(&mut page, format_args!("\n## {family}"));
        for metric in metrics {
            page.push_str(&entry(metric)?);
        }
    }
    Ok(page)
}

const INTRODUCTION: &str = "# Metrics

Every metric of `neurobench`, as the annotated functions say it themselves: this page is what `neurobench list --markdown`
prints, and a test holds it to that. A metric is asked for by its name or an alias, in any case and with or without `_`, with
settings or without: `firing_rate_in_hertz(time_step=0.001)`. Neither workers nor batches nor shards change a value, but for the
workload metrics, which are averages over batches by definition.

In a weighted mean, of classes, labels or outputs, what weighs nothing has no part and needs no value; where nothing that has a
value weighs anything, all of them count alike. That is scikit-learn's rule.

| metric | description | unit | better |
|---|---|---|---|
";

/// Returns the section of a metric on the page.
pub(crate) fn entry(metric: &'static Registration<Metrics>) -> Result<String, RegistryError> {
    let about = metric.metric();
    let mut text = String::new();
    line(&mut text, format_args!("\n### `{}`\n", metric.name));
    match metric.variant_of() {
        Some(of) => line(&mut text, format_args!("[`{of}`](#{of}) with other settings.")),
        None => line(&mut text, format_args!("{}", unindented(about.component.docs))),
    }
    line(&mut text, format_args!(""));
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            line(&mut text, format_args!("* {name}: {value}"));
        }
    };
    fact("also", &code(aliases(metric)));
    fact("kind", &format!("{}, version {}", about.kind, about.component.version));
    fact("unit", &units(metric).join(", "));
    fact("better", better(about));
    fact("bounds", &about.bounds.map_or_else(String::new, |bounds| format!("`{bounds}`")));
    fact("of", &code(&read_cores(metric)?));
    fact("needs", &needs(metric)?.join(", "));
    let values = metric.settings()?;
    for param in metric.factory().params {
        let value = values.get(param.name).map_or_else(String::new, ToString::to_string);
        let range = param.range.map_or_else(String::new, |range| format!(", in `{range}`"));
        let set = if value.is_empty() { String::new() } else { format!(" = `{value}`") };
        let docs = one_line(param.docs);
        fact("setting", format!("`{}`: `{}`{set}{range}. {docs}", param.name, param.type_name).trim_end());
    }
    for (field, docs) in fields(&metric.shape()) {
        fact("field", format!("{field}. {docs}").trim_end());
    }
    for source in about.component.citations {
        fact("source", source);
    }
    Ok(text)
}

/// Name of the family of a metric: its file if it is built in, else its package.
fn family(metric: &'static Registration<Metrics>) -> String {
    let about = metric.metric();
    let file =
        about.component.module.strip_prefix("neurobench_metrics::").map(|path| path.split("::").next().unwrap_or(path));
    let name = file.unwrap_or(about.component.package).replace('_', " ");
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(crate) fn line(text: &mut String, written: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{written}");
}

pub(crate) fn code(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Escapes a text for a cell of a table.
pub(crate) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Removes the space that follows the slashes of a doc comment.
pub(crate) fn unindented(docs: &str) -> String {
    let lines: Vec<&str> = docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
    lines.join("\n").trim().to_owned()
}
