//! `neurobench list`.

use neurobench_core::component::{CatalogueKind, catalogue};
use neurobench_core::metric::Registry;
use neurobench_core::names::did_you_mean;

use crate::CommandError;
use crate::commands::{Subcommand, subcommand, tasks};
use crate::exit::Exit;
use crate::listing::{Form, components, is_metrics, metrics, schema};
use crate::print::{note, print};

/// Name of all kinds but metrics, which have a page of their own.
const COMPONENTS: &str = "components";

/// Print the components that are linked into this program: metrics, or those of another kind.
///
/// Kinds are metrics, preprocessors, postprocessors, datasets, data_formats, model_formats, layers, exporters, statistical_tests and
/// those that linked crates add; `tasks` are the published benchmarks, `components` are those of all kinds but metrics.
#[derive(clap::Args)]
struct ListArguments {
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

subcommand!(ListArguments);

impl Subcommand for ListArguments {
    const NAME: &'static str = "list";
    const POSITION: u32 = 2;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench list", "List all metrics"),
        ("neurobench list activity", "Search all components and tasks"),
        ("neurobench list --kind preprocessors --long", "Show all preprocessors with their settings"),
        ("neurobench list --schema", "Print the JSON Schema of benchmark files, for an editor"),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        if self.schema {
            return schema();
        }
        if matches!(self.names.as_slice(), [only] if only == "tasks") {
            print(&tasks::list()?)?;
            return Ok(Exit::Success);
        }
        list(Form::from_flags(self.json, self.markdown), &self.names)
    }
}

/// Prints the components of some kinds, or some metrics in full; without names, all metrics.
fn list(form: Form, names: &[String]) -> Result<Exit, CommandError> {
    let kinds = kinds(names);
    let metrics_only = catalogue().into_iter().filter(|kind| is_metrics(kind)).collect();
    for kind in kinds.as_ref().unwrap_or(&metrics_only) {
        for duplicate in kind.duplicates() {
            note(&format!("warning: {duplicate}"));
        }
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let text = match kinds.as_deref() {
        None => metrics::named(form, &names).map_err(|error| with_kinds(error, &names))?,
        Some([only]) if is_metrics(only) => metrics::all(form)?,
        Some(kinds) => components::all(form, kinds)?,
    };
    print(&text)?;
    Ok(Exit::Success)
}

/// Adds the nearest kind to an error about an unknown name: it may have been meant as one.
fn with_kinds(error: CommandError, names: &[&str]) -> CommandError {
    let kinds = || catalogue().into_iter().map(|kind| kind.plural).chain([COMPONENTS]);
    let unknown = names.iter().filter(|name| Registry::global().find(name).is_err());
    match unknown.map(|name| (name, did_you_mean(name, kinds()))).find(|(_, hint)| !hint.is_empty()) {
        Some((name, hint)) => format!("no kind of component and no metric `{name}`{hint}").into(),
        None => error,
    }
}

/// Prints the JSON Schema of benchmark files.
fn schema() -> Result<Exit, CommandError> {
    print(&(serde_json::to_string_pretty(&schema::benchmark_file()?)? + "\n"))?;
    Ok(Exit::Success)
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
            found.push(*all.iter().find(|kind| kind.is_called(name))?);
        }
    }
    Some(found)
}
