//! `neurobench list`.

use neurobench_core::component::{CatalogueEntry, CatalogueKind, catalogue};
use neurobench_core::names::{did_you_mean, listed, loose};
use neurobench_core::spec::TaskSpec;
use neurobench_tasks::Task;

use crate::CommandError;
use crate::commands::{Subcommand, subcommand, tasks};
use crate::exit::Exit;
use crate::listing::lines::{Line, lines};
use crate::listing::{Form, components, is_metrics, metric_name, metrics, schema};
use crate::print::{note, print};

/// Name of all kinds but metrics, which have a page of their own.
const COMPONENTS: &str = "components";
/// Name of the tasks, which are no components but are listed like them.
const TASKS: &str = "tasks";

/// List components and tasks, one line each.
///
/// Kinds are metrics, preprocessors, postprocessors, datasets, data_formats, model_formats, layers, exporters, statistical_tests and
/// those that linked crates add; `tasks` are the published benchmarks, `components` are those of all kinds but metrics.
#[derive(clap::Args)]
struct ListArguments {
    /// Kind, or part of a name or summary [default: metrics].
    ///
    /// Several patterns list what matches any of them. A pattern that is the name of a kind lists all of that kind.
    #[arg(value_name = "PATTERN")]
    patterns: Vec<String>,
    /// List this kind only; may be repeated.
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    /// Print a table with settings and aliases.
    #[arg(long, conflicts_with_all = ["json", "markdown", "schema"])]
    long: bool,
    /// Print everything as JSON.
    #[arg(long, conflicts_with_all = ["markdown", "schema"])]
    json: bool,
    /// Print everything as a page in Markdown.
    #[arg(long, conflicts_with = "schema")]
    markdown: bool,
    /// Print the JSON Schema of benchmark files.
    ///
    /// It has every linked component. Editors complete and check benchmark files with it.
    #[arg(long, conflicts_with_all = ["patterns", "kinds"])]
    schema: bool,
}

subcommand!(ListArguments);

impl Subcommand for ListArguments {
    const NAME: &'static str = "list";
    const POSITION: u32 = 3;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench list", "List all metrics"),
        ("neurobench list activity", "Search all components and tasks"),
        ("neurobench list --kind preprocessors --long", "Show all preprocessors with their settings"),
        ("neurobench list --schema", "Print the JSON Schema of benchmark files, for an editor"),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        let text = match self.schema {
            true => serde_json::to_string_pretty(&schema::benchmark_file()?)? + "\n",
            false => self.list()?,
        };
        print(&text)?;
        Ok(Exit::Success)
    }
}

impl ListArguments {
    fn list(&self) -> Result<String, CommandError> {
        let selection = Selection::new(&self.patterns, &self.kinds)?;
        for kind in &selection.whole {
            for duplicate in kind.duplicates() {
                note(&format!("warning: {duplicate}"));
            }
        }
        match Form::from_flags(self.json, self.markdown) {
            Form::Json => selection.json(),
            Form::Markdown => selection.page(),
            Form::Text if self.long => selection.tables(),
            Form::Text => selection.lines(),
        }
    }
}

type KindEntries = (&'static CatalogueKind, Vec<CatalogueEntry>);

/// The components and tasks that are listed, by kind.
struct Selection {
    kinds: Vec<KindEntries>,
    tasks: Vec<(&'static Task, TaskSpec)>,
    /// Kinds of which everything is listed.
    whole: Vec<&'static CatalogueKind>,
}

impl Selection {
    fn new(patterns: &[String], kinds: &[String]) -> Result<Self, CommandError> {
        let mut searched = Kinds::none();
        for name in kinds {
            searched.add(Kinds::named(name).ok_or_else(|| unknown_kind(name))?);
        }
        if kinds.is_empty() {
            searched = if patterns.is_empty() { Kinds::metrics() } else { Kinds::all() };
        }
        // A pattern that is the name of a kind lists all of it.
        let mut whole = if patterns.is_empty() { searched.clone() } else { Kinds::none() };
        let mut words = Vec::new();
        for pattern in patterns {
            match Kinds::named(pattern) {
                Some(kind) => whole.add(kind),
                None => words.push(pattern.as_str()),
            }
        }
        let mut selection = Self { kinds: Vec::new(), tasks: Vec::new(), whole: whole.components.clone() };
        let mut is_found = vec![false; words.len()];
        let mut matches = |texts: &[&str], summary: &str| {
            let mut any = false;
            for (word, is_found) in words.iter().zip(&mut is_found) {
                if is_match(word, texts, summary) {
                    (any, *is_found) = (true, true);
                }
            }
            any
        };
        let is_in =
            |kinds: &Kinds, kind: &CatalogueKind| kinds.components.iter().any(|known| known.plural == kind.plural);
        for kind in whole.components.iter().copied().chain(catalogue()) {
            let is_listed = selection.kinds.iter().any(|(listed, _)| listed.plural == kind.plural);
            if is_listed || !(is_in(&searched, kind) || is_in(&whole, kind)) {
                continue;
            }
            let mut entries = kind.entries()?;
            let all = is_in(&whole, kind);
            entries.retain(|entry| {
                let names: Vec<&str> = entry.aliases.iter().copied().chain([entry.name]).collect();
                matches(&names, &entry.summary) || all
            });
            if all || !entries.is_empty() {
                selection.kinds.push((kind, entries));
            }
        }
        if searched.tasks || whole.tasks {
            selection.tasks = tasks::described()?;
            selection.tasks.retain(|(task, spec)| matches(&[task.name], &spec.summary) || whole.tasks);
        }
        match words.iter().zip(is_found).find(|(_, is_found)| !is_found) {
            Some((word, _)) => Err(no_match(word).into()),
            None => Ok(selection),
        }
    }

    fn lines(&self) -> Result<String, CommandError> {
        let mut listed = Vec::new();
        for (kind, entries) in &self.kinds {
            for entry in entries {
                let unit = if is_metrics(kind) { metrics::unit(&metric_name(entry))? } else { String::new() };
                let (name, summary) = (entry.name.to_owned(), components::summary(entry));
                listed.push(Line { name, kind: kind.singular, unit, summary });
            }
        }
        let task = |(task, spec): &(&'static Task, TaskSpec)| Line {
            name: task.name.to_owned(),
            kind: "task",
            unit: String::new(),
            summary: spec.summary.clone(),
        };
        listed.extend(self.tasks.iter().map(task));
        let mut counts: Vec<String> =
            self.kinds.iter().map(|(kind, entries)| counted(entries.len(), kind.singular)).collect();
        if !self.tasks.is_empty() {
            counts.push(counted(self.tasks.len(), "task"));
        }
        Ok(lines(&listed) + &format!("{}; `neurobench describe NAME` shows all of one\n", counts.join(", ")))
    }

    fn tables(&self) -> Result<String, CommandError> {
        let mut text = String::new();
        for (kind, entries) in &self.kinds {
            text += &match is_metrics(kind) {
                true => with_names(entries, |names| Ok(metrics::overview(names)?))?,
                false => components::overview(kind, entries),
            };
        }
        if !self.tasks.is_empty() {
            text += &tasks::table(&self.tasks);
        }
        Ok(text)
    }

    fn json(&self) -> Result<String, CommandError> {
        let mut all = Vec::new();
        for (kind, entries) in &self.kinds {
            for entry in entries {
                all.push(match is_metrics(kind) {
                    true => metrics::json(&metric_name(entry))?,
                    false => serde_json::to_value(entry)?,
                });
            }
        }
        for (task, spec) in &self.tasks {
            all.push(tasks::json(task, spec)?);
        }
        Ok(serde_json::to_string_pretty(&all)? + "\n")
    }

    fn page(&self) -> Result<String, CommandError> {
        match (self.kinds.as_slice(), self.tasks.is_empty()) {
            ([], false) => Ok(tasks::page(&self.tasks)),
            ([(kind, entries)], true) if is_metrics(kind) => {
                with_names(entries, |names| metrics::named(Form::Markdown, names))
            }
            (kinds, true) => Ok(components::page(kinds)),
            _ => {
                Err("`--markdown` prints pages of components or of tasks, not both: restrict them with `--kind`".into())
            }
        }
    }
}

fn with_names<T>(
    entries: &[CatalogueEntry],
    print: impl Fn(&[&str]) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let names: Vec<String> = entries.iter().map(metric_name).collect();
    print(&names.iter().map(String::as_str).collect::<Vec<_>>())
}

fn counted(number: usize, singular: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {singular}{s}")
}

/// Kinds of components, and whether tasks are among them.
#[derive(Clone)]
struct Kinds {
    components: Vec<&'static CatalogueKind>,
    tasks: bool,
}

impl Kinds {
    fn none() -> Self {
        Self { components: Vec::new(), tasks: false }
    }

    fn all() -> Self {
        Self { components: catalogue(), tasks: true }
    }

    fn metrics() -> Self {
        Self { components: catalogue().into_iter().filter(|kind| is_metrics(kind)).collect(), tasks: false }
    }

    /// Kinds with a name, in any spelling.
    fn named(name: &str) -> Option<Self> {
        let is_called = |known: &str| loose(known) == loose(name);
        if is_called(TASKS) || is_called("task") {
            return Some(Self { components: Vec::new(), tasks: true });
        }
        let mut components = catalogue();
        match is_called(COMPONENTS) {
            true => components.retain(|kind| !is_metrics(kind)),
            false => components.retain(|kind| kind.is_called(name)),
        }
        (!components.is_empty()).then_some(Self { components, tasks: false })
    }

    fn add(&mut self, other: Self) {
        self.components.extend(other.components);
        self.tasks |= other.tasks;
    }
}

/// Returns true if a pattern is a part of one of the names, in any spelling, or of the summary.
fn is_match(pattern: &str, names: &[&str], summary: &str) -> bool {
    let word = loose(pattern);
    let in_names = !word.is_empty() && names.iter().any(|name| loose(name).contains(&word));
    in_names || summary.to_lowercase().contains(&pattern.to_lowercase())
}

fn kind_names() -> Vec<&'static str> {
    catalogue().into_iter().map(|kind| kind.plural).chain([COMPONENTS, TASKS]).collect()
}

fn unknown_kind(name: &str) -> String {
    let hint = did_you_mean(name, kind_names());
    format!("no kind of component `{name}`{hint}; there are {}", listed(kind_names()))
}

fn no_match(pattern: &str) -> String {
    let mut known = kind_names();
    for entry in catalogue().into_iter().flat_map(|kind| kind.entries().unwrap_or_default()) {
        known.extend(entry.aliases.iter().copied().chain([entry.name]));
    }
    known.extend(neurobench_tasks::tasks().into_iter().map(|task| task.name));
    let hint = did_you_mean(pattern, known);
    format!("no kind, component or task matches `{pattern}`{hint}")
}
