//! `neurobench describe`.

use neurobench_core::component::{CatalogueEntry, CatalogueKind, RegistryError, catalogue};
use neurobench_core::names::{did_you_mean, listed};

use crate::CommandError;
use crate::commands::{Subcommand, subcommand};
use crate::exit::Exit;
use crate::listing::{Form, components, is_metrics, metrics};
use crate::print::print;

/// Print everything about components of any kind.
#[derive(clap::Args)]
struct DescribeArguments {
    /// Print it as JSON.
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print it in Markdown.
    #[arg(long)]
    markdown: bool,
    /// Names or aliases; `KIND:NAME` for one of several components with the name, as `preprocessors:scale`.
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

subcommand!(DescribeArguments);

impl Subcommand for DescribeArguments {
    const NAME: &'static str = "describe";
    const POSITION: u32 = 3;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench describe classification_accuracy", "Show everything about a metric"),
        (
            "neurobench describe preprocessors:scale layers:scale",
            "Tell components of different kinds with the same name apart",
        ),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        describe(Form::from_flags(self.json, self.markdown), &self.names)
    }
}

/// Prints components of any kind in full.
fn describe(form: Form, names: &[String]) -> Result<Exit, CommandError> {
    let mut text = String::new();
    let mut json = Vec::new();
    let mut found = Vec::new();
    for name in names {
        found.extend(find(name)?);
    }
    for (kind, entry) in found {
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
    Ok(Exit::Success)
}

/// Finds the components with a `name`, `package::name`, `kind:name` or `kind:package::name`: one of each kind, at least one.
fn find(name: &str) -> Result<Vec<(&'static CatalogueKind, CatalogueEntry)>, CommandError> {
    let all = catalogue();
    if let Some((kind, rest)) = name.split_once(':').filter(|(_, rest)| !rest.starts_with(':')) {
        let Some(found) = all.iter().find(|known| known.is_called(kind)) else {
            let plurals = || all.iter().map(|kind| kind.plural);
            let hint = did_you_mean(kind, plurals());
            return Err(format!("no kind of component `{kind}`{hint}; there are {}", listed(plurals())).into());
        };
        return Ok(vec![(found, found.find(rest)?)]);
    }
    let mut found = Vec::new();
    for kind in &all {
        match kind.find(name) {
            Ok(entry) => found.push((*kind, entry)),
            Err(RegistryError::Unknown { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let known: Vec<&str> = all
        .iter()
        .flat_map(|kind| kind.entries().unwrap_or_default())
        .flat_map(|entry| entry.aliases.iter().copied().chain([entry.name]))
        .collect();
    let plurals = listed(all.iter().map(|kind| kind.plural));
    let hint = did_you_mean(name, known);
    Err(format!("no component `{name}`{hint}; `neurobench list KIND` shows all of a kind: {plurals}").into())
}
