//! `neurobench describe`.

use neurobench_core::component::{CatalogueEntry, CatalogueKind, RegistryError, catalogue};
use neurobench_core::names::{did_you_mean, listed, loose};
use neurobench_core::spec::TaskSpec;
use neurobench_tasks::{Task, find_task};

use crate::CommandError;
use crate::commands::{Subcommand, command, subcommand, tasks};
use crate::exit::Exit;
use crate::listing::{Form, components, is_metrics, metric_name, metrics};
use crate::print::print;

/// Name of the tasks as a kind.
const TASKS: &str = "tasks";

/// Print everything about components and tasks.
#[derive(clap::Args)]
struct DescribeArguments {
    /// Print it as JSON.
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print it in Markdown.
    #[arg(long)]
    markdown: bool,
    /// Name or alias, or KIND:NAME.
    ///
    /// `preprocessors:scale` is one of several components with the name.
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

subcommand!(DescribeArguments);

impl Subcommand for DescribeArguments {
    const NAME: &'static str = "describe";
    const POSITION: u32 = 4;
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

/// A component of a kind, or a task.
enum Found {
    Component(&'static CatalogueKind, CatalogueEntry),
    Task(&'static Task, TaskSpec),
}

impl Found {
    fn text(&self) -> Result<String, CommandError> {
        Ok(match self {
            Self::Component(kind, entry) if is_metrics(kind) => metrics::named(Form::Text, &[&metric_name(entry)])?,
            Self::Component(_, entry) => components::details(entry),
            Self::Task(task, spec) => tasks::details(task, spec),
        })
    }

    fn markdown(&self) -> Result<String, CommandError> {
        Ok(match self {
            Self::Component(kind, entry) if is_metrics(kind) => metrics::entry(&metric_name(entry))?,
            Self::Component(_, entry) => components::entry(entry),
            Self::Task(task, spec) => tasks::section(task, spec),
        })
    }

    fn json(&self) -> Result<serde_json::Value, CommandError> {
        match self {
            Self::Component(kind, entry) if is_metrics(kind) => metrics::json(&metric_name(entry)),
            Self::Component(_, entry) => Ok(serde_json::to_value(entry)?),
            Self::Task(task, spec) => tasks::json(task, spec),
        }
    }
}

/// Prints components of any kind, and tasks, in full.
fn describe(form: Form, names: &[String]) -> Result<Exit, CommandError> {
    let mut found = Vec::new();
    for name in names {
        found.extend(find(name)?);
    }
    print(&match form {
        Form::Text => found.iter().map(Found::text).collect::<Result<String, _>>()?,
        Form::Markdown => found.iter().map(Found::markdown).collect::<Result<String, _>>()?,
        Form::Json => {
            let all = found.iter().map(Found::json).collect::<Result<Vec<_>, _>>()?;
            serde_json::to_string_pretty(&all)? + "\n"
        }
    })?;
    Ok(Exit::Success)
}

/// Finds the components with a `name`, `package::name`, `kind:name` or `kind:package::name`: one of each kind, at least one.
fn find(name: &str) -> Result<Vec<Found>, CommandError> {
    let all = catalogue();
    let plurals = || all.iter().map(|kind| kind.plural).chain([TASKS]);
    if let Some((kind, rest)) = name.split_once(':').filter(|(_, rest)| !rest.starts_with(':')) {
        if [TASKS, "task"].contains(&loose(kind).as_str()) {
            return Ok(vec![task(rest)?]);
        }
        let Some(found) = all.iter().find(|known| known.is_called(kind)) else {
            let hint = did_you_mean(kind, plurals());
            return Err(format!("no kind of component `{kind}`{hint}; there are {}", listed(plurals())).into());
        };
        return Ok(vec![Found::Component(found, found.find(rest)?)]);
    }
    let mut found = Vec::new();
    for kind in &all {
        match kind.find(name) {
            Ok(entry) => found.push(Found::Component(kind, entry)),
            Err(RegistryError::Unknown { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if let Ok(task) = task(name) {
        found.push(task);
    }
    if !found.is_empty() {
        return Ok(found);
    }
    if let Some(command) = command().get_subcommands().find(|command| command.get_name() == name) {
        let name = command.get_name();
        return Err(format!("no component `{name}`, but a command: `neurobench {name} --help` describes it").into());
    }
    let mut known: Vec<&str> = all
        .iter()
        .flat_map(|kind| kind.entries().unwrap_or_default())
        .flat_map(|entry| entry.aliases.iter().copied().chain([entry.name]))
        .collect();
    known.extend(neurobench_tasks::tasks().into_iter().map(|task| task.name));
    let hint = did_you_mean(name, known);
    Err(format!("no component `{name}`{hint}; `neurobench list KIND` shows all of a kind: {}", listed(plurals()))
        .into())
}

fn task(name: &str) -> Result<Found, CommandError> {
    let task = find_task(name)?;
    let spec = task.spec()?.task.ok_or_else(|| format!("the file of the task `{}` has no `[task]`", task.name))?;
    Ok(Found::Task(task, spec))
}
