//! Descriptions of components as text, JSON and Markdown, and the JSON Schema of benchmark files.

pub(crate) mod components;
pub(crate) mod lines;
mod markdown;
pub(crate) mod metrics;
pub(crate) mod schema;

use neurobench_core::component::{CatalogueEntry, CatalogueKind, Kind as _};
use neurobench_core::metric::Metrics;

/// Output form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Json,
    Markdown,
}

impl Form {
    /// Output form that two flags select.
    pub(crate) fn from_flags(json: bool, markdown: bool) -> Self {
        match (json, markdown) {
            (true, _) => Self::Json,
            (false, true) => Self::Markdown,
            (false, false) => Self::Text,
        }
    }
}

/// Returns true for metrics, which have a page and a table of their own.
pub(crate) fn is_metrics(kind: &CatalogueKind) -> bool {
    kind.plural == Metrics::PLURAL
}

/// Name that only this metric has: its bare name could be that of another package's metric.
pub(crate) fn metric_name(entry: &CatalogueEntry) -> String {
    entry.variant_of.map_or_else(|| entry.id.clone(), |_| format!("{}::{}", entry.package, entry.name))
}
