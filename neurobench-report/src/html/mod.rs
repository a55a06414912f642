//! Reports as HTML pages.
//!
//! A page is one file without scripts, and it loads nothing: its style sheet and its figures are in it. It is readable on a phone and
//! on a desktop, on light and dark screens, and on paper. The same results give the same bytes.

mod comparison;
mod figures;
mod keyed;
mod measurements;
mod metrics;
mod origin;
mod table;
mod tradeoff;

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use neurobench_core::component::Registration;
use neurobench_core::exporter;
use neurobench_core::metric::{Metrics, Registry};
use neurobench_core::names::shown;
use neurobench_core::report::export::{ExportError, Exporter, NamedRun, Table};
use neurobench_core::report::{Leaderboard, MetricResult, Results};

/// Writes results as one self-contained HTML page: tables, figures, the comparison of several runs, and how to reproduce them.
#[exporter]
pub fn html() -> impl Exporter {
    HtmlExporter
}

struct HtmlExporter;

impl Exporter for HtmlExporter {
    fn extension(&self) -> &'static str {
        "html"
    }

    fn export(&self, results: &Results) -> Result<Vec<u8>, ExportError> {
        let name = results.benchmark.as_deref().unwrap_or("this run");
        self.export_runs(&[NamedRun { name, results }])
    }

    fn export_runs(&self, runs: &[NamedRun<'_>]) -> Result<Vec<u8>, ExportError> {
        Ok(page(runs, None).into_bytes())
    }

    fn export_table(&self, table: &Table) -> Result<Vec<u8>, ExportError> {
        let title = table.title.as_deref().unwrap_or("neurobench");
        let content = markup! {
            h1 { (shown(title)) }
            (table::values(table, None))
            (table::list(&table.notes))
        };
        Ok(document(title, &content).into_bytes())
    }
}

/// The definition of a metric, if it is linked into this program in the version of the results.
fn definition(metric: &MetricResult) -> Option<&'static Registration<Metrics>> {
    Registry::global().iter().find(|registered| {
        let about = registered.metric().component;
        about.id() == metric.metric && about.version == metric.version
    })
}

/// A section of the page. Sections without content are left out.
struct Section {
    /// Fragment of its address.
    id: &'static str,
    title: &'static str,
    content: Markup,
}

impl Section {
    fn new(id: &'static str, title: &'static str, content: Option<Markup>) -> Option<Self> {
        content.map(|content| Self { id, title, content })
    }
}

/// Returns the page of these runs. Without a title, it is that of the benchmarks.
#[must_use]
pub fn page(runs: &[NamedRun<'_>], title: Option<&str>) -> String {
    let title = title.map_or_else(|| default_title(runs), str::to_owned);
    let sections = [
        Section::new("results", "Results", metrics::section(runs)),
        Section::new("leaderboard", "Leaderboard", leaderboards(runs)),
        Section::new("comparison", "Comparison", comparison::section(runs)),
        Section::new("figures", "Figures", figures::section(runs)),
        Section::new("by-layer", "By layer and class", keyed::section(runs)),
        Section::new("measurements", "Measurements", measurements::section(runs)),
        Section::new("notes", "Notes", metrics::notes(runs)),
        Section::new("origin", "Provenance", origin::section(runs)),
    ];
    let sections: Vec<Section> = sections.into_iter().flatten().collect();
    let content = markup! {
        header {
            h1 { (shown(&title)) }
            @for run in runs {
                p.muted {
                    @if runs.len() > 1 { strong { (shown(run.name)) } " – " }
                    (shown(&summary(run.results)))
                }
            }
            nav aria-label="Sections" {
                ul { @for section in &sections { li { a href={ "#" (section.id) } { (section.title) } } } }
            }
        }
        main {
            @for section in &sections {
                section aria-labelledby=(section.id) {
                    h2 id=(section.id) { (section.title) }
                    (section.content)
                }
            }
        }
    };
    document(&title, &content)
}

fn default_title(runs: &[NamedRun<'_>]) -> String {
    let mut names: Vec<&str> = runs.iter().filter_map(|run| run.results.benchmark.as_deref()).collect();
    names.dedup();
    match names.as_slice() {
        [only] => (*only).to_owned(),
        _ => "Benchmark report".to_owned(),
    }
}

/// Samples, batches and the library.
fn summary(results: &Results) -> String {
    let counted = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let samples = counted(results.samples, "sample", "samples");
    let batches = counted(results.batches, "batch", "batches");
    format!("{samples} in {batches}, {}", results.library)
}

/// Leaderboards of the tasks of the runs: one for all runs with the same columns.
fn leaderboards(runs: &[NamedRun<'_>]) -> Option<Markup> {
    let mut groups: Vec<Vec<(&str, &Leaderboard)>> = Vec::new();
    for run in runs {
        let Some(leaderboard) = &run.results.leaderboard else { continue };
        let names = |leaderboard: &Leaderboard| -> Vec<String> {
            leaderboard.columns.iter().map(|column| column.name.clone()).collect()
        };
        let same = groups.iter_mut().find(|group| names(group[0].1) == names(leaderboard));
        match same {
            Some(group) => group.push((run.name, leaderboard)),
            None => groups.push(vec![(run.name, leaderboard)]),
        }
    }
    let reasons = |group: &Vec<(&str, &Leaderboard)>| -> Vec<String> {
        let of_run = |(run, leaderboard): &(&str, &Leaderboard)| {
            let missing = leaderboard.columns.iter().filter_map(|column| Some((&column.name, column.reason.as_ref()?)));
            missing.map(|(name, reason)| format!("{run}: {name}: {reason}")).collect::<Vec<_>>()
        };
        group.iter().flat_map(of_run).collect()
    };
    (!groups.is_empty()).then(|| {
        markup! {
            @for group in &groups {
                (table::values(&Leaderboard::table(group.iter().copied()), Some("Leaderboard of the task")))
                (table::list(&reasons(group)))
            }
        }
    })
}

/// A whole page with this content.
fn document(title: &str, content: &Markup) -> String {
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(concat!("neurobench ", env!("CARGO_PKG_VERSION")));
                title { (shown(title)) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body { (content) }
        }
    };
    page.into_string() + "\n"
}
