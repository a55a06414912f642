//! Results as rows of text: one row for each number, which tables and exporters lay out.

use std::fmt;

use crate::names::shown;
use crate::report::{GroupResult, MetricResult, Results, Status};
use crate::value::Value;

/// One number of a result, as text for people: numbers are rounded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// Every name under which the metric was requested.
    pub names: Vec<String>,
    /// Place of the number within the value, such as a field or a layer; empty for a value that is one number.
    pub path: Vec<String>,
    /// The number; `–` if there is none.
    pub value: String,
    /// Confidence interval; empty if there is none.
    pub interval: String,
    /// Unit; empty if there is none.
    pub unit: String,
    /// `higher`, `lower` or empty.
    pub better: &'static str,
    /// Outcome of this number.
    pub status: Status,
}

impl Row {
    /// Names and path in one text: `recall = sensitivity · 2`. Control characters of names from files are escaped.
    #[must_use]
    pub fn name(&self) -> String {
        full_name(&self.names, &self.path)
    }
}

impl MetricResult {
    /// Returns the rows of the metric: one for a number, one for each entry of a record or a map.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let row = |path: &[&str], value: &Value, status: Status| Row {
            names: self.names().cloned().collect(),
            path: path.iter().map(|key| (*key).to_owned()).collect(),
            value: value.to_short_text(),
            interval: self.interval_text(path),
            unit: self.unit_at(path).unwrap_or_default().to_owned(),
            better: direction(self.higher_is_better_at(path)),
            status,
        };
        let Some(value) = &self.value else {
            return vec![row(&[], &Value::Undefined(String::new()), self.status)];
        };
        let status = |value: &Value| match value {
            Value::Undefined(_) => Status::Undefined,
            value if value.undefined().is_empty() => Status::Ok,
            _ => Status::Partial,
        };
        value.leaves().into_iter().map(|(path, value)| row(&path, value, status(value))).collect()
    }

    /// Interval of a number; of a list, those of its items, or their number if there are more than eight.
    fn interval_text(&self, path: &[&str]) -> String {
        const MAX_ITEMS: usize = 8;
        if let Some(found) = self.intervals.iter().find(|interval| interval.path == path) {
            return interval_text(found.low, found.high);
        }
        let is_item = |item: &[String]| item.len() == path.len() + 1 && item[..path.len()] == *path;
        let items: Vec<_> = self.intervals.iter().filter(|interval| is_item(&interval.path)).collect();
        match items.len() {
            0 => String::new(),
            many if many > MAX_ITEMS => format!("[{many} intervals]"),
            _ => format!(
                "[{}]",
                items.iter().map(|item| interval_text(item.low, item.high)).collect::<Vec<_>>().join(", ")
            ),
        }
    }
}

/// Returns `higher`, `lower` or, for an unknown direction, an empty text.
#[must_use]
pub fn direction(higher_is_better: Option<bool>) -> &'static str {
    higher_is_better.map_or("", |higher| if higher { "higher" } else { "lower" })
}

/// Returns an interval as text.
#[must_use]
pub fn interval_text(low: f64, high: f64) -> String {
    format!("{} – {}", Value::Float(low).to_short_text(), Value::Float(high).to_short_text())
}

/// Returns the head of a column of intervals: `95 % interval`.
#[must_use]
pub fn interval_head(level: f64) -> String {
    format!("{} % interval", Value::Float(level * 100.0).to_short_text())
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Partial => "partial",
            Self::Undefined => "undefined",
            Self::Failed => "failed",
        })
    }
}

impl Results {
    /// Returns the heads of the columns of a table: `metric`, `value`, the interval if there are any, `unit`, `better`,
    /// `status`.
    #[must_use]
    pub fn heads(&self) -> Vec<String> {
        let interval = self.intervals.map(|intervals| interval_head(intervals.level));
        let heads = ["metric", "value"].map(str::to_owned).into_iter().chain(interval);
        heads.chain(["unit", "better", "status"].map(str::to_owned)).collect()
    }

    /// Returns the cells of a table, row by row, in the order of [`heads`](Self::heads).
    #[must_use]
    pub fn cells(&self) -> Vec<Vec<String>> {
        let cells = |row: Row| {
            let interval = self.intervals.map(|_| row.interval.clone());
            let first = [row.name(), row.value.clone()].into_iter().chain(interval);
            first.chain([row.unit.clone(), row.better.to_owned(), row.status.to_string()]).collect()
        };
        self.metrics.iter().flat_map(MetricResult::rows).map(cells).collect()
    }

    /// Returns a line above a table: samples, batches, seconds and workers.
    #[must_use]
    pub fn summary(&self) -> String {
        let counted = |count: u64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        format!(
            "{}: {} in {}, {:.3} s on {}",
            self.benchmark.as_deref().unwrap_or("benchmark"),
            counted(self.samples, "sample", "samples"),
            counted(self.batches, "batch", "batches"),
            self.timing.total_seconds,
            counted(self.timing.workers as u64, "worker", "workers"),
        )
    }

    /// Returns the heads of the columns of a table of groups; empty if there are no groups.
    #[must_use]
    pub fn group_heads(&self) -> Vec<String> {
        let Some(first) = self.groups.first() else { return Vec::new() };
        let interval = interval_head(self.intervals.unwrap_or_default().level);
        let heads = ["group", "sequences"].map(str::to_owned).into_iter();
        heads.chain(first.means.iter().flat_map(|mean| [mean.metric.clone(), interval.clone()])).collect()
    }

    /// Returns the cells of a table of groups, row by row, in the order of [`group_heads`](Self::group_heads).
    #[must_use]
    pub fn group_cells(&self) -> Vec<Vec<String>> {
        let Some(first) = self.groups.first() else { return Vec::new() };
        let metrics = || first.means.iter().map(|mean| &mean.metric);
        let cells = |group: &GroupResult| {
            let mean = |metric: &String| match group.means.iter().find(|mean| mean.metric == *metric) {
                None => ["–".to_owned(), String::new()],
                Some(mean) => {
                    let interval = mean.interval.map(|[low, high]| interval_text(low, high)).unwrap_or_default();
                    [Value::Float(mean.mean).to_short_text(), interval]
                }
            };
            [shown(&group.name), group.sequences.to_string()].into_iter().chain(metrics().flat_map(mean)).collect()
        };
        self.groups.iter().map(cells).collect()
    }

    /// Returns the lines below a table: why metrics, intervals and per-sample values are missing, and the notes of the
    /// run. Each ends with a line break.
    #[must_use]
    pub fn footnotes(&self) -> String {
        let mut text = String::new();
        // A reason is a sentence, which would need the width of the other columns.
        for metric in &self.metrics {
            if let Some(reason) = &metric.error {
                text += &format!("{}: {}\n", full_name(metric.names(), &[]), escaped(reason));
            }
            text += &undefined(metric);
        }
        text += &self.reasons("no interval of", |metric| metric.no_interval.as_deref());
        text += &self.reasons("no values of single samples of", |metric| metric.no_samples.as_deref());
        text.extend(self.notes.iter().map(|note| format!("note: {}\n", escaped(note))));
        text
    }

    /// Lists the metrics that lack something, with the reason: those with the same reason in one line.
    fn reasons(&self, lack: &str, reason: impl Fn(&MetricResult) -> Option<&str>) -> String {
        let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
        for metric in &self.metrics {
            let Some(reason) = reason(metric) else { continue };
            match by_reason.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, names)) => names.push(&metric.name),
                None => by_reason.push((reason, vec![&metric.name])),
            }
        }
        let line = |(reason, names): &(&str, Vec<&str>)| format!("{lack} {}: {}\n", names.join(", "), escaped(reason));
        by_reason.iter().map(line).collect()
    }
}

/// Lists the parts of a value that are undefined, with the reasons.
fn undefined(metric: &MetricResult) -> String {
    // Nobody reads the reasons of a thousand classes.
    const MAX_REASONS: usize = 5;
    let found = metric.value.as_ref().map(Value::undefined).unwrap_or_default();
    let line = |(path, reason): &(Vec<String>, &str)| {
        format!("{}: undefined: {}\n", full_name(metric.names(), path), escaped(reason))
    };
    let mut text: String = found.iter().take(MAX_REASONS).map(line).collect();
    if let Some(more @ 1..) = found.len().checked_sub(MAX_REASONS) {
        text +=
            &format!("{}: {more} more are undefined; the results have the reasons\n", full_name(metric.names(), &[]));
    }
    text
}

/// Names of a metric and a place within its value, with control characters of names from files escaped.
fn full_name<'a>(names: impl IntoIterator<Item = &'a String>, path: &[String]) -> String {
    let names: Vec<String> = names.into_iter().map(|name| shown(name)).collect();
    path.iter().fold(names.join(" = "), |name, key| name + " · " + &shown(key))
}

/// Text of several lines in which control characters are escaped.
fn escaped(text: &str) -> String {
    text.split('\n').map(shown).collect::<Vec<_>>().join("\n")
}

/// A summary, a table with one row for each number, one for each group of sequences, and the reasons why something is missing.
impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.summary())?;
        let heads = self.heads();
        // The value and the interval are numbers.
        write_table(f, &heads, &self.cells(), |column| column >= 1 && column + 3 < heads.len())?;
        if !self.groups.is_empty() {
            write_table(f, &self.group_heads(), &self.group_cells(), |column| column >= 1)?;
        }
        f.write_str(&self.footnotes())
    }
}

/// Writes a table with a border.
fn write_table(
    f: &mut fmt::Formatter<'_>,
    heads: &[String],
    cells: &[Vec<String>],
    is_number: impl Fn(usize) -> bool,
) -> fmt::Result {
    const GAP: &str = "   ";
    let longest = |column: usize| {
        let texts = cells.iter().map(|row| &row[column]).chain([&heads[column]]);
        texts.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(longest).collect();
    let line = |row: &[String]| {
        let cell = |(at, (text, width)): (usize, (&String, &usize))| {
            if is_number(at) { format!("{text:>width$}") } else { format!("{text:<width$}") }
        };
        row.iter().zip(&widths).enumerate().map(cell).collect::<Vec<_>>().join(GAP)
    };
    let inner = widths.iter().sum::<usize>() + GAP.len() * (widths.len() - 1) + 2;
    writeln!(f, "┌{}┐", "─".repeat(inner))?;
    writeln!(f, "│ {} │", line(heads))?;
    writeln!(f, "╞{}╡", "═".repeat(inner))?;
    for row in cells {
        writeln!(f, "│ {} │", line(row))?;
    }
    writeln!(f, "└{}┘", "─".repeat(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_of_a_list_show_their_intervals_in_its_row() {
        let item = |at: u32| serde_json::json!({"path": [at.to_string()], "low": 0.25, "high": 0.5, "kind": "bca"});
        let shown = |items: u32| {
            let metric: Result<MetricResult, _> = serde_json::from_value(serde_json::json!({
                "name": "by_class", "metric": "m::by_class", "version": 1, "kind": "accumulated", "settings": {},
                "status": "ok", "value": vec![0.375; items as usize],
                "intervals": (0..items).map(item).collect::<Vec<_>>(),
            }));
            metric
                .map(|metric| metric.rows().into_iter().map(|row| row.interval).collect::<Vec<_>>())
                .unwrap_or_default()
        };
        assert_eq!(shown(2), ["[0.25 – 0.5, 0.25 – 0.5]"]);
        assert_eq!(shown(9), ["[9 intervals]"]);
        assert_eq!(shown(0), [""]);
    }
}
