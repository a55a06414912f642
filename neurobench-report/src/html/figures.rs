//! Figures of metrics.

use maud::{Markup, PreEscaped, html as markup};
use neurobench_core::figure::Figure;
use neurobench_core::metric::Registry;
use neurobench_core::names::shown;
use neurobench_core::report::MetricResult;
use neurobench_core::report::export::NamedRun;

use crate::draw::{Style, svg};
use crate::html::tradeoff;

/// Figures of the runs together, then those of all metrics that have one: figures of one metric stand side by side.
pub(super) fn section(runs: &[NamedRun<'_>]) -> Option<Markup> {
    let together = tradeoff::figures(runs).into_iter().map(|(caption, figure)| drawn(&figure, &caption));
    let mut names: Vec<&str> = Vec::new();
    for metric in runs.iter().flat_map(|run| &run.results.metrics) {
        if !names.contains(&metric.name.as_str()) {
            names.push(&metric.name);
        }
    }
    let of_metrics = names.iter().flat_map(|name| {
        runs.iter().filter_map(|run| {
            let metric = run.results.metrics.iter().find(|metric| metric.name == *name)?;
            of_metric(metric, (runs.len() > 1).then_some(run.name))
        })
    });
    let figures: Vec<Markup> = together.chain(of_metrics).collect();
    (!figures.is_empty()).then(|| markup! { div.figures { @for figure in &figures { (figure) } } })
}

fn of_metric(metric: &MetricResult, run: Option<&str>) -> Option<Markup> {
    let caption = caption(metric, run);
    match metric.figure()? {
        Ok(figure) => Some(drawn(&figure, &caption)),
        Err(error) => Some(missing(&caption, &error.to_string())),
    }
}

/// Name of the metric, its description and the run.
fn caption(metric: &MetricResult, run: Option<&str>) -> String {
    let registered = Registry::global().iter().find(|registered| registered.metric().component.id() == metric.metric);
    let summary = registered.map(|registered| registered.metric().component.summary()).unwrap_or_default();
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
