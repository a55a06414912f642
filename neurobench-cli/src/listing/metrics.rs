//! Metrics, in all forms.

use serde::Serialize;

use crate::CommandError;
use crate::listing::Form;
use crate::listing::markdown::{self, page};
use crate::table::{keep_whole, plain};
use neurobench_core::component::{Bounds, Param, Registration, RegistryError};
use neurobench_core::metric::Registry;
use neurobench_core::metric::{About, Field, MetricKind, Metrics, Needs, Shape};

/// Returns some metrics in a form, in full.
pub(crate) fn named(form: Form, names: &[&str]) -> Result<String, CommandError> {
    let metrics = found(names)?;
    Ok(match form {
        Form::Json => serde_json::to_string_pretty(&listed(&metrics)?)? + "\n",
        Form::Markdown => page(&metrics)?,
        Form::Text => metrics.iter().copied().map(details).collect::<Result<String, _>>()?,
    })
}

fn found(names: &[&str]) -> Result<Vec<&'static Registration<Metrics>>, RegistryError> {
    names.iter().map(|name| Registry::global().find(name)).collect()
}

fn listed(metrics: &[&'static Registration<Metrics>]) -> Result<Vec<Listed>, RegistryError> {
    metrics.iter().copied().map(Listed::new).collect()
}

/// Returns a metric as JSON.
pub(crate) fn json(name: &str) -> Result<serde_json::Value, CommandError> {
    Ok(serde_json::to_value(Listed::new(Registry::global().find(name)?)?)?)
}

/// Returns the units of a metric in one text.
pub(crate) fn unit(name: &str) -> Result<String, RegistryError> {
    Ok(units(Registry::global().find(name)?).join(", "))
}

/// Returns the section of a metric on the page.
pub(crate) fn entry(name: &str) -> Result<String, RegistryError> {
    markdown::entry(Registry::global().find(name)?)
}

/// A row for each metric: its names and settings, one below the other, so that a narrow terminal has room for the summary.
pub(crate) fn overview(names: &[&str]) -> Result<String, RegistryError> {
    let metrics = found(names)?;
    let mut table = plain(["metric", "unit", "better", "description"]);
    for metric in &metrics {
        let about = metric.metric();
        let what = match metric.variant_of() {
            Some(of) => format!("{of} with other settings"),
            None => about.component.summary(),
        };
        let mut names = vec![metric.name.to_owned()];
        names.extend(aliases(metric).iter().map(|alias| format!("= {alias}")));
        names.extend(metric.settings()?.iter().map(|(name, value)| format!("  {name}={value}")));
        table.add_row([names.join("\n"), units(metric).join("\n"), better(about).to_owned(), what]);
    }
    keep_whole(&mut table, [(0, 40), (2, 10)]);
    Ok(format!("{table}\n{} metrics; `neurobench describe NAME` shows all of one\n", metrics.len()))
}

pub(crate) fn better(about: &About) -> &'static str {
    about.higher_is_better.map_or("", |higher| if higher { "higher" } else { "lower" })
}

/// Names of the other metrics whose states the metric reads.
pub(crate) fn read_cores(metric: &'static Registration<Metrics>) -> Result<Vec<&'static str>, RegistryError> {
    let own = metric.about.id();
    Ok(metric
        .cores()?
        .iter()
        .filter(|core| core.about.component.id() != own)
        .map(|core| core.about.component.name)
        .collect())
}

/// Records that the metric needs of a run.
pub(crate) fn needs(metric: &'static Registration<Metrics>) -> Result<Vec<&'static str>, RegistryError> {
    let needs = metric.cores()?.iter().fold(Needs::NONE, |needs, core| needs.union(core.needs));
    // Every metric that sees a run sees its batches.
    Ok(needs.names().filter(|name| *name != "batches" || needs == Needs::BATCH).collect())
}

/// Further names of the metric. A variant has none: the aliases of its base stand for the settings of the base.
pub(crate) fn aliases(metric: &'static Registration<Metrics>) -> &'static [&'static str] {
    if metric.variant_of().is_some() { &[] } else { metric.about.aliases }
}

/// Unit of the metric, or units of its fields.
pub(crate) fn units(metric: &'static Registration<Metrics>) -> Vec<&'static str> {
    let mut units: Vec<&str> = metric.metric().unit.into_iter().collect();
    collect_units(&metric.shape(), &mut units);
    units.dedup();
    units
}

fn collect_units(shape: &Shape, units: &mut Vec<&'static str>) {
    match shape {
        Shape::Record(fields) => {
            for field in fields {
                units.extend(field.unit);
                collect_units(&field.shape, units);
            }
        }
        Shape::Optional(inner) | Shape::List(inner) | Shape::Map(inner) | Shape::PerLayer(inner) => {
            collect_units(inner, units);
        }
        _ => {}
    }
}

/// Names and units of the fields of a record, or of the records in a list or a map, with their docs.
pub(crate) fn fields(shape: &Shape) -> Vec<(String, String)> {
    let one_line = |docs: &str| docs.split_whitespace().collect::<Vec<_>>().join(" ");
    match shape {
        Shape::Record(fields) => {
            let head = |field: &Field| {
                let unit = field.unit.map_or_else(String::new, |unit| format!(" in {unit}"));
                let better = match field.higher_is_better {
                    Some(true) => ", higher is better",
                    Some(false) => ", lower is better",
                    None => "",
                };
                format!("{}{unit}{better}", field.name)
            };
            fields.iter().map(|field| (head(field), one_line(field.docs))).collect()
        }
        Shape::Optional(inner) | Shape::List(inner) | Shape::Map(inner) | Shape::PerLayer(inner) => fields(inner),
        _ => Vec::new(),
    }
}

/// Returns a metric in full.
fn details(metric: &'static Registration<Metrics>) -> Result<String, RegistryError> {
    let about = metric.metric();
    let mut lines = vec![format!(
        "{} ({} metric of {}, version {})",
        metric.name, about.kind, about.component.package, about.component.version
    )];
    lines.extend(about.component.docs.lines().map(|line| format!("    {line}").trim_end().to_owned()));
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("  {name}: {}", value.trim_end()));
        }
    };
    fact("variant of", metric.variant_of().unwrap_or_default().to_owned());
    fact("aliases", aliases(metric).join(", "));
    fact("unit", units(metric).join(", "));
    fact("better", better(about).to_owned());
    fact("bounds", about.bounds.map_or_else(String::new, |bounds| bounds.to_string()));
    fact("of", read_cores(metric)?.join(", "));
    fact("needs", needs(metric)?.join(", "));
    let values = metric.settings()?;
    for param in metric.factory().params {
        let value = values.get(param.name).map_or_else(String::new, ToString::to_string);
        let range = param.range.map_or_else(String::new, |range| format!(", in {range}"));
        fact(
            "setting",
            format!(
                "{}: {} = {value}{range}  {}",
                param.name,
                param.type_name,
                param.docs.split_whitespace().collect::<Vec<_>>().join(" ")
            ),
        );
    }
    for (field, docs) in fields(&metric.shape()) {
        fact("field", format!("{field}  {docs}"));
    }
    for source in about.component.citations {
        fact("source", (*source).to_owned());
    }
    fact("defined at", format!("{}:{}", metric.file, metric.line));
    lines.push(String::new());
    Ok(lines.join("\n") + "\n")
}

/// A metric as JSON.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant_of: Option<&'static str>,
    id: String,
    version: u32,
    kind: MetricKind,
    aliases: &'static [&'static str],
    docs: &'static str,
    unit: Option<&'static str>,
    higher_is_better: Option<bool>,
    bounds: Option<Bounds>,
    citations: &'static [&'static str],
    of: Vec<&'static str>,
    needs: Vec<&'static str>,
    settings: Vec<ListedSetting>,
    value: Shape,
    file: &'static str,
    line: u32,
}

#[derive(Serialize)]
struct ListedSetting {
    name: &'static str,
    #[serde(rename = "type")]
    type_name: &'static str,
    range: Option<&'static str>,
    value: Option<neurobench_core::Value>,
    docs: &'static str,
}

impl Listed {
    fn new(metric: &'static Registration<Metrics>) -> Result<Self, RegistryError> {
        let about = metric.metric();
        let values = metric.settings()?;
        let setting = |param: &&'static Param| ListedSetting {
            name: param.name,
            type_name: param.type_name,
            range: param.range,
            value: values.get(param.name).cloned(),
            docs: param.docs,
        };
        Ok(Self {
            name: metric.name,
            variant_of: metric.variant_of(),
            id: about.component.id(),
            version: about.component.version,
            kind: about.kind,
            aliases: aliases(metric),
            docs: about.component.docs,
            unit: about.unit,
            higher_is_better: about.higher_is_better,
            bounds: about.bounds,
            citations: about.component.citations,
            of: read_cores(metric)?,
            needs: needs(metric)?,
            settings: metric.factory().params.iter().map(setting).collect(),
            value: metric.shape(),
            file: metric.file,
            line: metric.line,
        })
    }
}
