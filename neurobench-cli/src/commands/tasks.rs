//! `neurobench tasks`.

use std::process::ExitCode;

use neurobench_core::spec::{SpecError, TaskData, TaskSpec};
use neurobench_core::value::Value;
use neurobench_tasks::{Task, find_task, tasks};

use crate::CommandError;
use crate::commands::{Subcommand, subcommand};
use crate::print::print;
use crate::table;

/// Print the tasks: published benchmarks that `neurobench run NAME` runs.
#[derive(clap::Args)]
struct TasksArguments {
    /// Print everything about each task as a page in Markdown.
    #[arg(long)]
    markdown: bool,
    /// Print the benchmark file of this task.
    #[arg(value_name = "NAME", conflicts_with = "markdown")]
    name: Option<String>,
}

subcommand!(TasksArguments);

impl Subcommand for TasksArguments {
    const NAME: &'static str = "tasks";
    const POSITION: u32 = 7;

    fn run(&self) -> Result<ExitCode, CommandError> {
        let text = match &self.name {
            Some(name) => {
                let (_, file) = find_task(name)?.files.first().copied().unwrap_or_default();
                String::from_utf8_lossy(file).into_owned()
            }
            None if self.markdown => page()?,
            None => list()?,
        };
        print(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The tasks with their descriptions, sorted by name.
fn described() -> Result<Vec<(&'static Task, TaskSpec)>, SpecError> {
    let describe = |task: &'static Task| Ok(task.spec()?.task.map(|spec| (task, spec)));
    tasks().into_iter().filter_map(|task| describe(task).transpose()).collect()
}

/// Returns a table of the tasks.
pub(crate) fn list() -> Result<String, CommandError> {
    let mut table = table::plain(["task", "description", "data", "weights"]);
    let needed = |data: &Option<TaskData>| data.as_ref().map_or("none needed".to_owned(), |data| data.name.clone());
    for (task, spec) in described()? {
        table.add_row([task.name.to_owned(), spec.summary.clone(), needed(&spec.data), needed(&spec.weights)]);
    }
    table::keep_whole(&mut table, [(0, 30)]);
    Ok(format!("{table}\n"))
}

const HEAD: &str = "# Tasks

A task is a published benchmark: data, processors, a model and metrics in one file that the program contains.
`neurobench run NAME` runs it; `neurobench tasks NAME` prints its file, which may be changed and run as a file of your own.
This page is generated from the files by `neurobench tasks --markdown`, and a test keeps it current.
";

/// Returns the page of the tasks.
fn page() -> Result<String, CommandError> {
    let mut page = HEAD.to_owned();
    for (task, spec) in described()? {
        page += &format!("\n## `{}`\n\n{}\n\n", task.name, spec.summary);
        let item = |label: &str, data: &Option<TaskData>| match data {
            Some(TaskData { name, url, license, .. }) => format!("* {label}: [{name}]({url}), {license}.\n"),
            None => format!("* {label}: none needed.\n"),
        };
        page += &item("data", &spec.data);
        page += &item("weights", &spec.weights);
        if let Some(source) = &spec.source {
            page += &format!("* source: <{source}>\n");
        }
        page += &spec.notes.iter().map(|note| format!("* {note}\n")).collect::<String>();
        if !spec.published.is_empty() {
            let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
            let heads = ["published".to_owned()].into_iter().chain(spec.leaderboard.iter().map(|one| one.name.clone()));
            page += &format!("\n{}", row(heads.collect()));
            page += &format!("|{}\n", "---|".repeat(spec.leaderboard.len() + 1));
            for published in &spec.published {
                let values = published.values.iter().map(Value::to_short_text);
                page += &row([published.model.clone()].into_iter().chain(values).collect());
            }
        }
    }
    Ok(page)
}
