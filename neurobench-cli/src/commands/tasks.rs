//! `neurobench tasks`.

use std::path::{Path, PathBuf};

use neurobench_core::metric::{Registry, Shape};
use neurobench_core::spec::{Column, SpecError, TaskData, TaskSpec};
use neurobench_core::value::Value;
use neurobench_tasks::{Task, find_task, tasks};

use crate::CommandError;
use crate::commands::{Subcommand, subcommand};
use crate::exit::Exit;
use crate::print::print;
use crate::table;

/// List the published benchmarks that `run` knows.
///
/// Prints the benchmark file of one, or writes its files to a folder.
#[derive(clap::Args)]
struct TasksArguments {
    /// Print everything as a page in Markdown.
    #[arg(long)]
    markdown: bool,
    /// Print the benchmark file of this task.
    #[arg(value_name = "NAME", conflicts_with = "markdown")]
    name: Option<String>,
    /// Write all files of the task to DIR.
    ///
    /// They can be changed, and run as a benchmark of your own. Existing files are not overwritten.
    #[arg(long, value_name = "DIR", requires = "name")]
    write: Option<PathBuf>,
}

subcommand!(TasksArguments);

impl Subcommand for TasksArguments {
    const NAME: &'static str = "tasks";
    const POSITION: u32 = 8;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench tasks", "List the published benchmarks"),
        ("neurobench tasks mackey_glass", "Print the benchmark file of a task"),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        let text = match (&self.name, &self.write) {
            (Some(name), Some(folder)) => write(find_task(name)?, folder)?,
            (Some(name), None) => {
                let (_, file) = find_task(name)?.files.first().copied().unwrap_or_default();
                String::from_utf8_lossy(file).into_owned()
            }
            (None, _) if self.markdown => page(&described()?),
            (None, _) => table(&described()?),
        };
        print(&text)?;
        Ok(Exit::Success)
    }
}

/// Writes all files of a task to a folder, and returns their paths and the command that runs them.
fn write(task: &Task, folder: &Path) -> Result<String, CommandError> {
    let spec = task.spec()?.task;
    let files = task.write_new(folder)?;
    let mut text: String = files.iter().map(|file| format!("written: {}\n", file.display())).collect();
    let data = spec.as_ref().is_some_and(|spec| spec.data.is_some());
    let weights = spec.as_ref().is_some_and(|spec| spec.weights.is_some());
    let run = files.first().map(|file| quoted(file)).unwrap_or_default();
    text += &format!("run it: neurobench run {run}");
    text += if data { " --data PATH" } else { "" };
    text += if weights { " --model CHECKPOINT" } else { "" };
    Ok(text + "\n")
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-+:,@%=".contains(letter);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// The tasks with their descriptions, sorted by name.
pub(crate) fn described() -> Result<Vec<(&'static Task, TaskSpec)>, SpecError> {
    let describe = |task: &'static Task| Ok(task.spec()?.task.map(|spec| (task, spec)));
    tasks().into_iter().filter_map(|task| describe(task).transpose()).collect()
}

/// Returns a table of tasks.
pub(crate) fn table(tasks: &[(&'static Task, TaskSpec)]) -> String {
    let mut table = table::plain(["task", "needs", "description"]);
    for (task, spec) in tasks {
        table.add_row([task.name, needs(spec), &spec.summary]);
    }
    table::keep_whole(&mut table, [(0, 35), (1, 20)]);
    format!("{table}\n")
}

/// Files that a task needs.
fn needs(spec: &TaskSpec) -> &'static str {
    match (&spec.data, &spec.weights) {
        (None, None) => "",
        (Some(_), None) => "data",
        (None, Some(_)) => "weights",
        (Some(_), Some(_)) => "data, weights",
    }
}

/// Returns the description of a task as JSON.
pub(crate) fn json(task: &Task, spec: &TaskSpec) -> Result<serde_json::Value, CommandError> {
    let mut json = serde_json::to_value(spec)?;
    if let serde_json::Value::Object(entries) = &mut json {
        entries.insert("name".to_owned(), task.name.into());
        entries.insert("kind".to_owned(), "task".into());
    }
    Ok(json)
}

/// Returns a task in full, as text.
pub(crate) fn details(task: &Task, spec: &TaskSpec) -> String {
    let mut lines = vec![format!("{} (task, version {})", task.name, spec.version), format!("    {}", spec.summary)];
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            lines.push(format!("  {name}: {value}"));
        }
    };
    let item = |item: &Option<TaskData>| {
        item.as_ref()
            .map_or_else(|| "none needed".to_owned(), |data| format!("{} ({}), {}", data.name, data.license, data.url))
    };
    fact("data", &item(&spec.data));
    fact("weights", &item(&spec.weights));
    for column in &spec.leaderboard {
        let unit = unit(column).map_or_else(String::new, |unit| format!(" in {unit}"));
        fact("leaderboard", &format!("{}{unit}: `{}`", column.name, column.value));
    }
    for published in &spec.published {
        fact("published", &format!("{}: {}", published.model, figures(spec, &published.values)));
    }
    for note in &spec.notes {
        fact("note", note);
    }
    fact("source", spec.source.as_deref().unwrap_or_default());
    fact("file", &format!("`neurobench tasks {}` prints it", task.name));
    lines.push(String::new());
    lines.join("\n") + "\n"
}

const HEAD: &str = "# Tasks

A task is a published benchmark: data, processors, a model and metrics in one file that the program contains.
`neurobench run NAME --data DIR --model CHECKPOINT` runs it and prints its leaderboard: the values of the run beside the published ones.
`neurobench tasks NAME` prints its file; `neurobench tasks NAME --write DIR` writes all its files to a folder, to be changed and run as [a task of your own](own-tasks.md).
[Benchmark files](benchmark-files.md#task) describes the table `[task]`.
This page is generated from the files by `neurobench tasks --markdown`, and a test keeps it current.

The project contains neither the published data nor the published weights.
Figures that depend on them are shown as –, and come from a run with your copies.
Tests compare the footprints and dense operations of these networks with the published ones, on weights and inputs of the same shapes.
";

/// Text in place of a value that is not known.
const MISSING: &str = "–";

/// Returns the page of the tasks.
pub(crate) fn page(described: &[(&'static Task, TaskSpec)]) -> String {
    let mut page = HEAD.to_owned();
    page += "\n| task | data | license | reproduced | published | differences |\n|---|---|---|---|---|---|\n";
    for (task, spec) in described {
        let (data, license) = match &spec.data {
            Some(TaskData { name, url, license, .. }) => (format!("[{name}]({url})"), license.clone()),
            None => ("computed".to_owned(), "none needed".to_owned()),
        };
        let name = format!("[`{0}`](#{0})", task.name);
        let published = spec.published.first().map(|published| published.values.as_slice());
        let published = figures(spec, published.unwrap_or_default());
        page += &row([name, data, license, figures(spec, &spec.reproduced), published, spec.notes.join(" ")]);
    }
    for (task, spec) in described {
        page += &section(task, spec);
    }
    page
}

/// Returns the part of the page for a task.
pub(crate) fn section(task: &Task, spec: &TaskSpec) -> String {
    let mut section = format!("\n## `{}`\n\n{}\n\n", task.name, spec.summary);
    let item = |label: &str, data: &Option<TaskData>| match data {
        Some(TaskData { name, url, license, .. }) => format!("* {label}: [{name}]({url}), {license}.\n"),
        None => format!("* {label}: none needed.\n"),
    };
    section += &item("data", &spec.data);
    section += &item("weights", &spec.weights);
    if let Some(source) = &spec.source {
        section += &format!("* source: <{source}>\n");
    }
    section += &spec.notes.iter().map(|note| format!("* {note}\n")).collect::<String>();
    if spec.reproduced.is_empty() && spec.published.is_empty() {
        return section;
    }
    let heads = ["figures".to_owned()].into_iter().chain(spec.leaderboard.iter().map(|column| column.name.clone()));
    section += &format!("\n{}", row(heads));
    section += &format!("|{}\n", "---|".repeat(spec.leaderboard.len() + 1));
    let units = spec.leaderboard.iter().map(|column| unit(column).unwrap_or_default().to_owned());
    section += &row(["unit".to_owned()].into_iter().chain(units));
    let reproduced = Some(("reproduced".to_owned(), &spec.reproduced)).filter(|(_, values)| !values.is_empty());
    let published =
        spec.published.iter().map(|published| (format!("{}, published", published.model), &published.values));
    for (name, values) in reproduced.into_iter().chain(published) {
        section += &row([name].into_iter().chain(values.iter().map(Value::to_short_text)));
    }
    section
}

/// Unit of a column: its own, or that of the metric or of the part of its value.
fn unit(column: &Column) -> Option<&str> {
    if let Some(unit) = &column.unit {
        return Some(unit);
    }
    let (name, part) = column.value.split_once('.').unwrap_or((&column.value, ""));
    let metric = Registry::global().find(name).ok()?;
    let part = match metric.shape() {
        Shape::Record(fields) => fields.iter().find(|field| field.name == part).and_then(|field| field.unit),
        _ => None,
    };
    part.or(metric.metric().unit)
}

/// Lists values with the heads of their columns, without those that are missing.
fn figures(spec: &TaskSpec, values: &[Value]) -> String {
    let is_known = |value: &Value| !matches!(value, Value::Text(text) if text == MISSING);
    let columns = spec.leaderboard.iter().zip(values).filter(|(_, value)| is_known(value));
    let figures: Vec<String> =
        columns.map(|(column, value)| format!("{}: {}", column.name, value.to_short_text())).collect();
    if figures.is_empty() { MISSING.to_owned() } else { figures.join("; ") }
}

/// Formats a row of a table in Markdown.
fn row(cells: impl IntoIterator<Item = String>) -> String {
    format!("| {} |\n", cells.into_iter().collect::<Vec<_>>().join(" | "))
}
