//! `neurobench list`.

use std::process::ExitCode;

use serde::Serialize;

use crate::cli::CommandError;
use crate::cli::print::{note, print};
use crate::cli::table::plain;
use crate::metric::{Bounds, Descriptor, MetricKind, Param, Params, Registry, RegistryError, Shape};

pub(super) fn list(json: bool, names: &[String]) -> Result<ExitCode, CommandError> {
    let registry = Registry::global();
    for duplicate in registry.duplicates() {
        note(&format!("warning: {duplicate}"));
    }
    let metrics: Vec<Descriptor> = if names.is_empty() {
        registry.iter().collect()
    } else {
        names.iter().map(|name| registry.find(name)).collect::<Result<_, RegistryError>>()?
    };
    let text = if json {
        let listed: Vec<Listed<'_>> = metrics.iter().map(Listed::of).collect::<Result<_, _>>()?;
        serde_json::to_string_pretty(&listed)? + "\n"
    } else if names.is_empty() {
        overview(&metrics)?
    } else {
        metrics.iter().map(details).collect::<Result<String, _>>()?
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// One line a metric.
fn overview(metrics: &[Descriptor]) -> Result<String, RegistryError> {
    let mut table = plain(["metric", "kind", "unit", "better", "settings", "what it is"]);
    for metric in metrics {
        let about = metric.about();
        let better = about.higher_is_better.map_or("", |higher| if higher { "higher" } else { "lower" });
        let what = match metric.variant_of() {
            Some(of) => format!("{of} with other settings"),
            None => about.summary(),
        };
        let names =
            std::iter::once(metric.name()).chain(aliases(metric).iter().copied()).collect::<Vec<_>>().join(", ");
        table.add_row([
            names,
            about.kind.to_string(),
            units(metric),
            better.to_owned(),
            settings(&metric.settings()?),
            what,
        ]);
    }
    Ok(format!("{table}\n{} metrics; `neurobench list NAME` tells all of one\n", metrics.len()))
}

/// Other names for the metric. Those of a variant's base have the base's settings: they are none of the variant's.
fn aliases(metric: &Descriptor) -> &'static [&'static str] {
    if metric.variant_of().is_some() { &[] } else { metric.about().aliases }
}

fn settings(params: &Params) -> String {
    params.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
}

/// The metric's unit, or those of its fields.
fn units(metric: &Descriptor) -> String {
    let mut units: Vec<&str> = metric.about().unit.into_iter().collect();
    collect_units(metric.shape(), &mut units);
    units.dedup();
    units.join(", ")
}

fn collect_units(shape: &Shape, units: &mut Vec<&str>) {
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

/// Names and units of the fields of a record, or of the records in a list or a map, with what they are.
fn fields(shape: &Shape) -> Vec<(String, String)> {
    let one_line = |docs: &str| docs.split_whitespace().collect::<Vec<_>>().join(" ");
    match shape {
        Shape::Record(fields) => {
            let unit = |unit: Option<&str>| unit.map_or_else(String::new, |unit| format!(" in {unit}"));
            fields.iter().map(|field| (format!("{}{}", field.name, unit(field.unit)), one_line(field.docs))).collect()
        }
        Shape::Optional(inner) | Shape::List(inner) | Shape::Map(inner) | Shape::PerLayer(inner) => fields(inner),
        _ => Vec::new(),
    }
}

/// Everything that is known of one metric.
fn details(metric: &Descriptor) -> Result<String, RegistryError> {
    let about = metric.about();
    let (file, line) = metric.place();
    let mut lines =
        vec![format!("{} ({} metric of {}, version {})", metric.name(), about.kind, about.package, about.version)];
    lines.extend(about.docs.lines().map(|line| format!("    {line}").trim_end().to_owned()));
    let mut fact = |name: &str, value: String| {
        if !value.is_empty() {
            lines.push(format!("  {name}: {}", value.trim_end()));
        }
    };
    fact("variant of", metric.variant_of().unwrap_or_default().to_owned());
    fact("aliases", aliases(metric).join(", "));
    fact("unit", units(metric));
    fact(
        "better",
        about.higher_is_better.map_or_else(String::new, |higher| if higher { "higher" } else { "lower" }.to_owned()),
    );
    fact("bounds", about.bounds.map_or_else(String::new, |bounds| bounds.to_string()));
    let values = metric.settings()?;
    for param in metric.params() {
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
    for (field, docs) in fields(metric.shape()) {
        fact("field", format!("{field}  {docs}"));
    }
    for source in about.citations {
        fact("source", (*source).to_owned());
    }
    fact("defined at", format!("{file}:{line}"));
    lines.push(String::new());
    Ok(lines.join("\n") + "\n")
}

/// A metric as JSON.
#[derive(Serialize)]
struct Listed<'m> {
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
    settings: Vec<ListedSetting>,
    value: &'m Shape,
    file: &'static str,
    line: u32,
}

#[derive(Serialize)]
struct ListedSetting {
    name: &'static str,
    #[serde(rename = "type")]
    type_name: &'static str,
    range: Option<&'static str>,
    value: Option<crate::Value>,
    docs: &'static str,
}

impl<'m> Listed<'m> {
    fn of(metric: &'m Descriptor) -> Result<Self, RegistryError> {
        let about = metric.about();
        let values = metric.settings()?;
        let setting = |param: &&'static Param| ListedSetting {
            name: param.name,
            type_name: param.type_name,
            range: param.range,
            value: values.get(param.name).cloned(),
            docs: param.docs,
        };
        let (file, line) = metric.place();
        Ok(Self {
            name: metric.name(),
            variant_of: metric.variant_of(),
            id: about.id(),
            version: about.version,
            kind: about.kind,
            aliases: aliases(metric),
            docs: about.docs,
            unit: about.unit,
            higher_is_better: about.higher_is_better,
            bounds: about.bounds,
            citations: about.citations,
            settings: metric.params().iter().map(setting).collect(),
            value: metric.shape(),
            file,
            line,
        })
    }
}
