//! Figures of metrics.

use maud::{Markup, PreEscaped, html as markup};
use neurobench_core::figure::Figure;
use neurobench_core::names::shown;
use neurobench_core::report::MetricResult;
use neurobench_core::report::export::NamedRun;

use crate::draw::{Style, svg};
use crate::html::{definition, tradeoff};

/// Figures of the runs together, then those of all metrics that have one. Figures of several runs stand side by side, below the name
/// of their metric.
pub(super) fn section(runs: &[NamedRun<'_>]) -> Option<Markup> {
    let together: Vec<Markup> =
        tradeoff::figures(runs).iter().map(|(caption, figure)| drawn(figure, caption)).collect();
    let mut names: Vec<&str> = Vec::new();
    for metric in runs.iter().flat_map(|run| &run.results.metrics) {
        if !names.contains(&metric.name.as_str()) {
            names.push(&metric.name);
        }
    }
    let of_name = |name: &&str| {
        let of_run = |run: &NamedRun<'_>| {
            let metric = run.results.metrics.iter().find(|metric| metric.name == **name)?;
            metric_figure(metric, (runs.len() > 1).then_some(run.name))
        };
        let figures: Vec<Markup> = runs.iter().filter_map(of_run).collect();
        (!figures.is_empty()).then(|| (name.replace('_', " "), figures))
    };
    let of_metrics: Vec<(String, Vec<Markup>)> = names.iter().filter_map(of_name).collect();
    if together.is_empty() && of_metrics.is_empty() {
        return None;
    }
    let grid = |figures: &[Markup]| markup! { div.figures { @for figure in figures { (figure) } } };
    Some(markup! {
        @if !together.is_empty() { (grid(&together)) }
        @if runs.len() > 1 {
            @for (name, figures) in &of_metrics {
                h3 { (shown(name)) }
                (grid(figures))
            }
        } @else {
            (grid(&of_metrics.into_iter().flat_map(|(_, figures)| figures).collect::<Vec<_>>()))
        }
    })
}

fn metric_figure(metric: &MetricResult, run: Option<&str>) -> Option<Markup> {
    let caption = caption(metric, run);
    match metric.figure()? {
        Ok(figure) => Some(drawn(&figure, &caption)),
        Err(error) => Some(missing(&caption, &error.to_string())),
    }
}

/// Name of the metric, its description and the run.
fn caption(metric: &MetricResult, run: Option<&str>) -> String {
    let summary = definition(metric).map(|registered| registered.metric().component.summary()).unwrap_or_default();
    let run = run.map(|run| format!("{run}: ")).unwrap_or_default();
    let name = metric.name.replace('_', " ");
    if summary.is_empty() { format!("{run}{name}") } else { format!("{run}{name}. {summary}") }
}

/// A figure with its caption, or the reason why it cannot be drawn.
fn drawn(figure: &Figure, caption: &str) -> Markup {
    match svg(figure, &Style::default()) {
        Ok(drawing) => markup! {
            figure class=[is_wide(figure).then_some("wide")] {
                (PreEscaped(drawing))
                figcaption { (shown(caption)) }
            }
        },
        Err(error) => missing(caption, &error.to_string()),
    }
}

/// Returns true for a figure of many categories, which has the width of the page.
fn is_wide(figure: &Figure) -> bool {
    const MANY: usize = 16;
    figure.x.categories.len() > MANY
}

fn missing(caption: &str, reason: &str) -> Markup {
    markup! {
        figure {
            p.bad { "no figure: " (shown(reason)) }
            figcaption { (shown(caption)) }
        }
    }
}
