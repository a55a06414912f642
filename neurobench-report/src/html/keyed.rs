//! Tables of values with a number for each layer or class: keys as rows, metrics as columns.

use maud::{Markup, html as markup};
use neurobench_core::metric::Shape;
use neurobench_core::names::shown;
use neurobench_core::report::MetricResult;
use neurobench_core::report::export::NamedRun;
use neurobench_core::value::Value;

use crate::html::definition;

/// Returns true for a metric whose value is a map by layer or class.
pub(super) fn has_table(metric: &MetricResult) -> bool {
    entries(metric).is_some()
}

/// Entries of a value that is a map by layer or class; none for a record, whose keys are its fields.
fn entries(metric: &MetricResult) -> Option<&[(String, Value)]> {
    let Value::Map(entries) = metric.value.as_ref()? else { return None };
    let is_keyed = match shape(metric) {
        Some(shape) => key(&shape).is_some(),
        // The metric is not linked into this program.
        None => !entries.iter().all(|(key, _)| metric.fields.iter().any(|field| field.name == *key)),
    };
    (is_keyed && !entries.is_empty()).then_some(entries)
}

/// Shape of the value of a metric that is linked into this program.
fn shape(metric: &MetricResult) -> Option<Shape> {
    Some(definition(metric)?.shape())
}

/// Head of the column of keys.
fn key(shape: &Shape) -> Option<&'static str> {
    match shape {
        Shape::PerLayer(_) => Some("layer"),
        Shape::Map(_) => Some("class"),
        Shape::Optional(inner) => key(inner),
        _ => None,
    }
}

/// Columns of one metric: its name, and its numbers by key.
struct Block {
    name: String,
    unit: Option<String>,
    columns: Vec<Column>,
}

/// A column: the place of its numbers within the entries, and its cells by key.
struct Column {
    path: Vec<String>,
    unit: Option<String>,
    cells: Vec<(String, String)>,
}

/// Metrics of a run with the same keys.
struct Group {
    key: &'static str,
    keys: Vec<String>,
    blocks: Vec<Block>,
}

/// Maximum number of columns of one metric; the rest is in other formats.
const MAX_COLUMNS: usize = 40;

/// Tables by layer and class, one for all metrics of a run with the same keys.
pub(super) fn section(runs: &[NamedRun<'_>]) -> Option<Markup> {
    let of_runs: Vec<(&str, Vec<Group>)> =
        runs.iter().map(|run| (run.name, groups(run))).filter(|(_, groups)| !groups.is_empty()).collect();
    (!of_runs.is_empty()).then(|| {
        markup! {
            @for (run, groups) in &of_runs {
                @if runs.len() > 1 { h3 { (shown(run)) } }
                @for group in groups { (group_table(group)) }
            }
        }
    })
}

fn groups(run: &NamedRun<'_>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for metric in &run.results.metrics {
        let Some(entries) = entries(metric) else { continue };
        let keys: Vec<String> = entries.iter().map(|(key, _)| key.clone()).collect();
        let key = shape(metric).as_ref().and_then(key).unwrap_or("key");
        let block = Block::new(metric, entries);
        match groups.iter_mut().find(|group| group.keys == keys && group.key == key) {
            Some(group) => group.blocks.push(block),
            None => groups.push(Group { key, keys, blocks: vec![block] }),
        }
    }
    groups
}

impl Block {
    fn new(metric: &MetricResult, entries: &[(String, Value)]) -> Self {
        let mut columns: Vec<Column> = Vec::new();
        for (key, value) in entries {
            for (path, leaf) in value.leaves() {
                let path: Vec<String> = path.into_iter().map(str::to_owned).collect();
                let cell = (key.clone(), leaf.to_short_text());
                match columns.iter_mut().find(|column| column.path == path) {
                    Some(column) => column.cells.push(cell),
                    None => {
                        let unit = metric.unit_at(&path).map(str::to_owned);
                        columns.push(Column { path, unit, cells: vec![cell] });
                    }
                }
            }
        }
        // An entry that is undefined as a whole has an empty path beside the paths of the others.
        if columns.len() > 1
            && let Some(whole) = columns.iter().position(|column| column.path.is_empty())
        {
            let undefined = columns.remove(whole);
            if let Some(first) = columns.first_mut() {
                first.cells.extend(undefined.cells);
            }
        }
        // Keys of inner maps, such as predicted classes, come in the order of their first occurrence.
        let number = |column: &Column| column.path.first().and_then(|key| key.parse::<i64>().ok());
        if columns.iter().all(|column| number(column).is_some()) {
            columns.sort_by_key(number);
        }
        let unit = columns.first().and_then(|column| column.unit.clone());
        let unit = unit.filter(|unit| columns.iter().all(|column| column.unit.as_ref() == Some(unit)));
        Self { name: metric.name.clone(), unit, columns }
    }

    /// Name and the unit that all columns have.
    fn head(&self) -> String {
        with_unit(self.name.clone(), self.unit.as_ref())
    }

    /// Head of a column below that of the block.
    fn column_head(&self, column: &Column) -> String {
        let own = column.unit.as_ref().filter(|_| self.unit.is_none());
        with_unit(column.path.join(" · "), own)
    }

    fn is_single(&self) -> bool {
        self.columns.len() == 1 && self.columns[0].path.is_empty()
    }
}

fn with_unit(name: String, unit: Option<&String>) -> String {
    match unit {
        Some(unit) => format!("{name} ({unit})"),
        None => name,
    }
}

/// A table with a row for each key. Metrics with several columns have a head above them.
fn group_table(group: &Group) -> Markup {
    let (blocks, wide): (Vec<&Block>, Vec<&Block>) =
        group.blocks.iter().partition(|block| block.columns.len() <= MAX_COLUMNS);
    let caption = format!("Numbers by {}", group.key);
    let has_heads = blocks.iter().any(|block| !block.is_single());
    let rows = if has_heads { 2 } else { 1 };
    markup! {
        @if !blocks.is_empty() {
            div.scroll tabindex="0" role="region" aria-label=(caption) {
                table {
                    caption { (caption) }
                    thead {
                        tr {
                            th scope="col" rowspan=(rows) { (group.key) }
                            @for block in &blocks {
                                @if block.is_single() {
                                    th.number scope="col" rowspan=(rows) { (shown(&block.head())) }
                                } @else {
                                    th.span scope="colgroup" colspan=(block.columns.len()) { (shown(&block.head())) }
                                }
                            }
                        }
                        @if has_heads {
                            tr {
                                @for block in blocks.iter().filter(|block| !block.is_single()) {
                                    @for column in &block.columns {
                                        th.number scope="col" { (shown(&block.column_head(column))) }
                                    }
                                }
                            }
                        }
                    }
                    tbody {
                        @for key in &group.keys {
                            tr {
                                th scope="row" { (shown(key)) }
                                @for column in blocks.iter().flat_map(|block| &block.columns) {
                                    @let cell = column.cells.iter().find(|(own, _)| own == key);
                                    td.number { (cell.map(|(_, text)| shown(text)).unwrap_or_default()) }
                                }
                            }
                        }
                    }
                }
            }
        }
        @for block in wide {
            p { (shown(&block.name)) ": " (block.columns.len()) " numbers by " (group.key) " are in the formats json and csv." }
        }
    }
}
