//! `neurobench list` and `neurobench describe`.

mod components;
mod markdown;
mod metrics;
mod schema;

use std::process::ExitCode;

use crate::cli::CommandError;
use crate::cli::print::{note, print};
use crate::component::{CatalogueEntry, CatalogueKind, Kind as _, RegistryError, catalogue};
use crate::metric::Metrics;
use crate::names::{did_you_mean, listed};

/// Output form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Json,
    Markdown,
}

/// Name of all kinds but metrics, which have a page of their own.
const COMPONENTS: &str = "components";

impl Form {
    /// Output form that two flags select.
    fn from_flags(json: bool, markdown: bool) -> Self {
        match (json, markdown) {
            (true, _) => Self::Json,
            (false, true) => Self::Markdown,
            (false, false) => Self::Text,
        }
    }
}

/// Print the components that are linked into this program: metrics, or those of another kind.
///
/// Kinds are metrics, preprocessors, postprocessors, datasets, data_formats, model_formats, layers, exporters, statistical_tests and
/// those that linked crates add; `components` are those of all kinds but metrics.
#[derive(clap::Args)]
pub(super) struct ListArguments {
    /// Print everything about each component as JSON.
    #[arg(long, conflicts_with_all = ["markdown", "schema"])]
    json: bool,
    /// Print everything about each component as a page in Markdown.
    #[arg(long, conflicts_with = "schema")]
    markdown: bool,
    /// Print the JSON Schema of benchmark files, with every linked component.
    #[arg(long, conflicts_with = "names")]
    schema: bool,
    /// Kinds of components, or metrics to print in full [default: metrics].
    #[arg(value_name = "KIND|METRIC")]
    names: Vec<String>,
}

impl ListArguments {
    pub(super) fn run(&self) -> Result<ExitCode, CommandError> {
        if self.schema {
            return schema();
        }
        list(Form::from_flags(self.json, self.markdown), &self.names)
    }
}

/// Print everything about components of any kind.
#[derive(clap::Args)]
pub(super) struct DescribeArguments {
    /// Print it as JSON.
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print it in Markdown.
    #[arg(long)]
    markdown: bool,
    /// Names or aliases; `kind:name` if components of several kinds have the name, as `preprocessors:scale`.
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

impl DescribeArguments {
    pub(super) fn run(&self) -> Result<ExitCode, CommandError> {
        describe(Form::from_flags(self.json, self.markdown), &self.names)
    }
}

/// Prints the components of some kinds, or some metrics in full; without names, all metrics.
fn list(form: Form, names: &[String]) -> Result<ExitCode, CommandError> {
    let kinds = kinds(names);
    let metrics_only = catalogue().into_iter().filter(|kind| is_metrics(kind)).collect();
    for kind in kinds.as_ref().unwrap_or(&metrics_only) {
        for duplicate in kind.duplicates() {
            note(&format!("warning: {duplicate}"));
        }
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let text = match kinds.as_deref() {
        None => metrics::named(form, &names)?,
        Some([only]) if is_metrics(only) => metrics::all(form)?,
        Some(kinds) => components::all(form, kinds)?,
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the JSON Schema of benchmark files.
fn schema() -> Result<ExitCode, CommandError> {
    print(&(serde_json::to_string_pretty(&schema::benchmark_file()?)? + "\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints components of any kind in full.
fn describe(form: Form, names: &[String]) -> Result<ExitCode, CommandError> {
    let mut text = String::new();
    let mut json = Vec::new();
    for name in names {
        let (kind, entry) = find(name)?;
        // The name alone could be that of another package's component.
        let id = entry.variant_of.map_or_else(|| entry.id.clone(), |_| format!("{}::{}", entry.package, entry.name));
        match form {
            Form::Json if is_metrics(kind) => {
                let one: Vec<serde_json::Value> = serde_json::from_str(&metrics::named(form, &[&id])?)?;
                json.extend(one);
            }
            Form::Json => json.push(serde_json::to_value(&entry)?),
            Form::Text if is_metrics(kind) => text += &metrics::named(form, &[&id])?,
            Form::Text => text += &components::details(&entry),
            Form::Markdown if is_metrics(kind) => text += &metrics::entry(&id)?,
            Form::Markdown => text += &components::entry(&entry),
        }
    }
    if form == Form::Json {
        text = serde_json::to_string_pretty(&json)? + "\n";
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn is_metrics(kind: &CatalogueKind) -> bool {
    kind.plural == Metrics::PLURAL
}

/// The kinds with these names; `None` unless all names are those of kinds.
fn kinds(names: &[String]) -> Option<Vec<&'static CatalogueKind>> {
    let all = catalogue();
    if names.is_empty() {
        return Some(all.into_iter().filter(|kind| is_metrics(kind)).collect());
    }
    let mut found = Vec::new();
    for name in names {
        if name == COMPONENTS {
            found.extend(all.iter().copied().filter(|kind| !is_metrics(kind)));
        } else {
            found.push(*all.iter().find(|kind| kind.plural == name)?);
        }
    }
    Some(found)
}

/// Finds a component by `name`, `package::name`, `kind:name` or `kind:package::name`.
fn find(name: &str) -> Result<(&'static CatalogueKind, CatalogueEntry), CommandError> {
    let all = catalogue();
    if let Some((kind, rest)) = name.split_once(':').filter(|(_, rest)| !rest.starts_with(':')) {
        let Some(found) = all.iter().find(|known| known.plural == kind || known.singular.replace(' ', "_") == kind)
        else {
            let plurals = || all.iter().map(|kind| kind.plural);
            let hint = did_you_mean(kind, plurals());
            return Err(format!("no kind of component `{kind}`{hint}; there are {}", listed(plurals())).into());
        };
        return Ok((found, found.find(rest)?));
    }
    let mut found = Vec::new();
    for kind in &all {
        match kind.find(name) {
            Ok(entry) => found.push((*kind, entry)),
            Err(RegistryError::Unknown { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if found.len() > 1 {
        let names = found.iter().map(|(kind, entry)| format!("`{}:{}`", kind.plural, entry.name));
        return Err(format!("`{name}` is a component of several kinds: use {}", listed(names)).into());
    }
    found.pop().ok_or_else(|| {
        let known: Vec<&str> = all
            .iter()
            .flat_map(|kind| kind.entries().unwrap_or_default())
            .flat_map(|entry| entry.aliases.iter().copied().chain([entry.name]))
            .collect();
        let plurals = listed(all.iter().map(|kind| kind.plural));
        format!(
            "no component `{name}`{}; `neurobench list KIND` shows all of a kind: {plurals}",
            did_you_mean(name, known)
        )
        .into()
    })
}
