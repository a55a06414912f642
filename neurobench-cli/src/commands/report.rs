//! `neurobench report`.

use std::path::{Path, PathBuf};

use neurobench_core::compare::NamedResults;
use neurobench_core::component::Spec;
use neurobench_core::figure::Figure;
use neurobench_core::metric::Registry;
use neurobench_core::names::{did_you_mean, listed, loose};
use neurobench_core::report::export::{NamedRun, Table, exporters};
use neurobench_core::report::{Leaderboard, MetricResult};
use neurobench_report::draw::{Style, Theme, png, svg};
use neurobench_report::html;

use crate::CommandError;
use crate::commands::{Subcommand, subcommand};
use crate::exit::{Exit, Failure};
use crate::format::FormatArguments;
use crate::output::Output;
use crate::print::{note, print, print_bytes};

/// Write results as a page, table or figure.
///
/// Without options, prints them again. The file that -o names has the format of its extension: html, json, jsonl, csv, md, tex or that of an exporter of a linked crate,
/// or svg or png for figures. Several files of results have one row each, and their page compares them with the first.
#[derive(clap::Args)]
struct ReportArguments {
    /// Files of results of `neurobench run`.
    #[arg(required = true, value_name = "RESULTS")]
    files: Vec<PathBuf>,
    /// Write to FILE, by its extension.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Overwrite the file of --output.
    #[arg(long)]
    force: bool,
    /// Draw the figure of this metric.
    ///
    /// By its name, an alias, the title of the figure or a part of the name.
    #[arg(long, value_name = "METRIC", conflicts_with_all = ["format", "leaderboard", "title"])]
    plot: Option<String>,
    /// List the figures that --plot draws.
    #[arg(long, conflicts_with_all = ["plot", "output", "format", "leaderboard", "title"])]
    list_plots: bool,
    /// Width of the figure in CSS pixels.
    ///
    /// Pixels of 1/96 inch. The default is one column of a journal.
    #[arg(long, value_name = "PIXELS", requires = "plot")]
    width: Option<f64>,
    /// Height of the figure in CSS pixels.
    #[arg(long, value_name = "PIXELS", requires = "plot")]
    height: Option<f64>,
    /// Colors: auto, light or dark.
    ///
    /// In an SVG file, auto, the default, follows the preference of the reader; light is for print.
    #[arg(
        long, value_name = "THEME", requires = "plot", value_enum, default_value_t = ThemeName::Auto,
        hide_default_value = true, hide_possible_values = true
    )]
    theme: ThemeName,
    /// Pixels per inch of a PNG file.
    #[arg(long, value_name = "DPI", requires = "plot", default_value_t = Style::default().resolution)]
    resolution: f64,
    #[command(flatten)]
    format: FormatArguments,
    /// Print only the leaderboard of the task.
    ///
    /// It has the columns of the published one.
    #[arg(long)]
    leaderboard: bool,
    /// Title of an HTML page.
    ///
    /// The default is the name of the benchmark.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
}

/// Colors of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ThemeName {
    Auto,
    Light,
    Dark,
}

impl From<ThemeName> for Theme {
    fn from(name: ThemeName) -> Self {
        match name {
            ThemeName::Auto => Self::Auto,
            ThemeName::Light => Self::Light,
            ThemeName::Dark => Self::Dark,
        }
    }
}

subcommand!(ReportArguments);

impl Subcommand for ReportArguments {
    const NAME: &'static str = "report";
    const POSITION: u32 = 5;
    const EXAMPLES: &'static [(&'static str, &'static str)] = &[
        ("neurobench report digits.results.json -o digits.html", "Write an HTML page with tables and figures"),
        ("neurobench report a.json b.json -o comparison.html", "Compare two runs on a page"),
        ("neurobench report digits.results.json --list-plots", "List the figures"),
        ("neurobench report digits.results.json --plot activity -o activity.svg", "Draw a figure for a paper"),
        ("neurobench report a.json b.json --format latex", "Print a table with one row for each run"),
    ];

    fn run(&self) -> Result<Exit, CommandError> {
        report(self)
    }
}

fn report(arguments: &ReportArguments) -> Result<Exit, CommandError> {
    let runs = read(&arguments.files)?;
    if arguments.list_plots {
        print(&list_of_figures(&runs))?;
    } else if let Some(name) = &arguments.plot {
        draw(arguments, &runs, name)?;
    } else if arguments.leaderboard {
        let table = leaderboard(&runs)?;
        match &arguments.output {
            None => arguments.format.print_table(&table)?,
            Some(file) => {
                let exporter = exporter_of(file, arguments.format.exporter_name())?;
                let output = reserve(file, arguments)?;
                write(file, output, &exporter.export_table(&table).map_err(|error| Failure::new(error.to_string()))?)?;
            }
        }
    } else {
        results(arguments, &runs)?;
    }
    Ok(Exit::Success)
}

/// Reads files of results in a form that this program knows.
fn read(files: &[PathBuf]) -> Result<Vec<NamedResults>, CommandError> {
    let mut runs = NamedResults::read_all(files)?;
    for run in &runs {
        run.results.check_schema().map_err(|error| format!("cannot use `{}`: {error}", run.name))?;
    }
    // Short names, unless they would be the same.
    let short: Vec<String> = files.iter().map(|file| short_name(file)).collect();
    let is_unique = |name: &String| short.iter().filter(|other| *other == name).count() == 1;
    for (run, name) in runs.iter_mut().zip(&short) {
        if is_unique(name) {
            run.name.clone_from(name);
        }
    }
    Ok(runs)
}

/// Name of a file of results without its folder and the usual extensions.
fn short_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(".json").unwrap_or(&name);
    name.strip_suffix(".results").unwrap_or(name).to_owned()
}

/// Prints or writes the results.
fn results(arguments: &ReportArguments, runs: &[NamedResults]) -> Result<(), CommandError> {
    let named: Vec<NamedRun<'_>> = runs.iter().map(|run| NamedRun { name: &run.name, results: &run.results }).collect();
    let title = arguments.title.as_deref();
    let Some(file) = &arguments.output else {
        if title.is_some() {
            if arguments.format.exporter_name() != Some(HTML) {
                return Err("`--title` is for HTML pages: add `-o FILE.html` or `--format html`".into());
            }
            print(&html::page(&named, title))?;
            return Ok(());
        }
        return arguments.format.print_runs(&named);
    };
    let exporter = exporter_of(file, arguments.format.exporter_name())?;
    if title.is_some() && exporter.extension() != HTML {
        return Err("`--title` is for HTML pages: write to a file with the extension `.html`".into());
    }
    let output = reserve(file, arguments)?;
    let content = match title {
        Some(_) => html::page(&named, title).into_bytes(),
        None => exporter.export_runs(&named).map_err(|error| Failure::new(error.to_string()))?,
    };
    write(file, output, &content)
}

/// Name and extension of the exporter of pages.
const HTML: &str = "html";

/// The exporter with the extension of a file, unless one was named.
fn exporter_of(
    file: &Path,
    name: Option<&str>,
) -> Result<Box<dyn neurobench_core::report::export::Exporter>, CommandError> {
    if let Some(name) = name {
        return Ok(exporters().construct(&Spec::parse(name)?)?.item);
    }
    let extension = file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    if matches!(extension.as_str(), "svg" | "png") {
        let message = format!("`{}` is a figure: name its metric with `--plot METRIC`", file.display());
        return Err((message + "; `--list-plots` lists the figures").into());
    }
    let mut known = Vec::new();
    for registered in exporters().iter() {
        // Exporters that need settings have no format without them.
        let Ok(named) = exporters().construct(&Spec::new(registered.about.id(), Default::default())) else { continue };
        if named.item.extension() == extension {
            return Ok(named.item);
        }
        known.push(named.item.extension());
    }
    let known = listed(known.iter().map(|extension| format!("`.{extension}`")));
    let found = if extension.is_empty() { "no extension".to_owned() } else { format!("the extension `.{extension}`") };
    Err(format!("`{}` has {found}; formats have {known}, or choose one with `--format`", file.display()).into())
}

fn reserve(file: &Path, arguments: &ReportArguments) -> Result<Output, CommandError> {
    Ok(Output::reserve(file, &arguments.files, arguments.force)?)
}

fn write(file: &Path, output: Output, content: &[u8]) -> Result<(), CommandError> {
    let is_file = output.is_file();
    output.write(content).map_err(Failure::new)?;
    if is_file {
        note(&format!("written: {}", file.display()));
    }
    Ok(())
}

/// The leaderboard of the task of the runs, with a row for each.
fn leaderboard(runs: &[NamedResults]) -> Result<Table, CommandError> {
    let row = |run: &NamedResults| match &run.results.leaderboard {
        Some(leaderboard) => Ok((run.name.clone(), leaderboard.clone())),
        None => Err(format!(
            "`{}` has no leaderboard: it is not the result of a task, or of an earlier version; `neurobench tasks` lists the tasks",
            run.name
        )),
    };
    let rows: Vec<(String, Leaderboard)> = runs.iter().map(row).collect::<Result<_, _>>()?;
    let columns = |leaderboard: &Leaderboard| -> Vec<String> {
        leaderboard.columns.iter().map(|column| column.name.clone()).collect()
    };
    if let [(first, baseline), others @ ..] = rows.as_slice()
        && let Some((other, _)) = others.iter().find(|(_, leaderboard)| columns(leaderboard) != columns(baseline))
    {
        return Err(format!("`{first}` and `{other}` are of tasks with different leaderboards").into());
    }
    Ok(Leaderboard::table(rows.iter().map(|(name, leaderboard)| (name.as_str(), leaderboard))))
}

/// Figures of the metrics of a run, with their metrics.
fn figures(run: &NamedResults) -> Vec<(&MetricResult, Figure)> {
    let figure = |metric| Some((metric, MetricResult::figure(metric)?.ok()?));
    run.results.metrics.iter().filter_map(figure).collect()
}

/// A line for each metric that has a figure: its name and, if it differs, the title of the figure.
fn list_of_figures(runs: &[NamedResults]) -> String {
    let mut lines = String::new();
    for run in runs {
        for (metric, figure) in figures(run) {
            let title = figure.title.unwrap_or_default();
            let title = if loose(&title) == loose(&metric.name) { String::new() } else { format!(": {title}") };
            let prefix = if runs.len() > 1 { format!("{}: ", run.name) } else { String::new() };
            lines += &format!("{prefix}{}{title}\n", metric.name);
        }
    }
    if lines.is_empty() { "no metric of these results has a figure\n".to_owned() } else { lines }
}

/// Draws the figure of a metric.
fn draw(arguments: &ReportArguments, runs: &[NamedResults], name: &str) -> Result<(), CommandError> {
    let [run] = runs else {
        return Err("`--plot` draws the figure of one run: name a single file of results".into());
    };
    let figure = find_figure(run, name)?;
    let mut style = Style::default().theme(arguments.theme.into()).resolution(arguments.resolution);
    style.width = arguments.width;
    style.height = arguments.height;
    let drawn = |is_png: bool| -> Result<Vec<u8>, CommandError> {
        let content = if is_png { png(&figure, &style) } else { svg(&figure, &style).map(String::into_bytes) };
        content.map_err(|error| format!("cannot draw `{name}`: {error}").into())
    };
    let Some(file) = &arguments.output else {
        print_bytes(&drawn(false)?)?;
        return Ok(());
    };
    let extension = file.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let is_png = match extension.as_str() {
        "svg" => false,
        "png" => true,
        _ => return Err(format!("figures are `.svg` or `.png` files, not `{}`", file.display()).into()),
    };
    let output = reserve(file, arguments)?;
    write(file, output, &drawn(is_png)?)
}

/// Finds a figure by the name of its metric in the results, the name or an alias of the metric, the title of the figure, or a part
/// of the name.
fn find_figure(run: &NamedResults, name: &str) -> Result<Figure, CommandError> {
    let figures = figures(run);
    let named = |found: &&(&MetricResult, Figure)| {
        let (metric, figure) = found;
        let is = |own: &str| loose(own) == loose(name);
        let registered = Registry::global().find(&metric.metric).ok();
        let aliases = registered.map(|registered| registered.about.aliases).unwrap_or_default();
        is(&metric.name)
            || is(short_id(&metric.metric))
            || aliases.iter().any(|alias| is(alias))
            || title_is(figure, is)
    };
    let found: Vec<&(&MetricResult, Figure)> = figures.iter().filter(named).collect();
    // A part of a name is enough if it is that of one metric only.
    let has_part = |(metric, _): &&(&MetricResult, Figure)| loose(&metric.name).contains(&loose(name));
    let found = match found.is_empty() {
        true => figures.iter().filter(has_part).collect(),
        false => found,
    };
    // The name in the results is unique; a metric may be there with several settings.
    let exact = found.iter().find(|(metric, _)| metric.name == name);
    match (exact, found.as_slice()) {
        (Some((_, figure)), _) => return Ok(figure.clone()),
        (None, [(_, figure)]) => return Ok(figure.clone()),
        (None, []) => {}
        (None, several) => {
            let names = listed(several.iter().map(|(metric, _)| format!("`{}`", metric.name)));
            return Err(format!("`{name}` has several figures in `{}`: name one of {names}", run.name).into());
        }
    }
    if let Some(metric) = run.results.metrics.iter().find(|metric| loose(&metric.name) == loose(name)) {
        let reason = match (&metric.error, metric.figure()) {
            (Some(reason), _) => format!("it has no value: {reason}"),
            (None, Some(Err(error))) => error.to_string(),
            _ => "values of its type have no figure, or the metric is not linked into this program".to_owned(),
        };
        return Err(format!("no figure of `{}`: {reason}", metric.name).into());
    }
    let known = || figures.iter().map(|(metric, _)| metric.name.as_str());
    let hint = did_you_mean(name, known());
    let known = match figures.is_empty() {
        true => "no metric of these results has one".to_owned(),
        false => format!("there are {}", listed(known().map(|name| format!("`{name}`")))),
    };
    Err(format!("no figure `{name}` in `{}`{hint}; {known}", run.name).into())
}

/// Name of a metric without its package.
fn short_id(id: &str) -> &str {
    id.rsplit("::").next().unwrap_or(id)
}

fn title_is(figure: &Figure, is: impl Fn(&str) -> bool) -> bool {
    figure.title.as_deref().is_some_and(is)
}
