//! Results and metrics as tables of text.

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};

use console::measure_text_width;
use neurobench_core::names::shown;
use neurobench_core::report::export::{Head, Table as Content, cell_text};
use neurobench_core::report::{Results, Row, Status};
use neurobench_core::value::Value;

/// Creates an empty table that wraps long texts.
pub(crate) fn plain<S: AsRef<str>>(head: impl IntoIterator<Item = S>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(head.into_iter().map(|name| name.as_ref().to_owned()));
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width());
    table
}

/// Keeps these columns from wrapping, up to a percentage of the line each: descriptions may wrap, names should not.
pub(crate) fn keep_whole<const N: usize>(table: &mut Table, columns: [(usize, u32); N]) {
    let padding = 2;
    let longest = table.column_max_content_widths();
    for (index, percent) in columns {
        let letters = longest.get(index).map_or(0, |letters| letters.saturating_add(padding));
        if let Some(column) = table.column_mut(index) {
            let most = u16::try_from(u32::from(width()) * percent / 100).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(letters.min(most))));
        }
    }
}

/// Keeps every cell, and every word of the header, on one line at any width.
pub(crate) fn keep_cells_whole(table: &mut Table) {
    let padding = 2;
    let words = table
        .header()
        .into_iter()
        .flat_map(comfy_table::Row::cell_iter)
        .map(|cell| cell.content().split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0));
    let mut longest: Vec<usize> = words.collect();
    for row in table.row_iter() {
        for (longest, cell) in longest.iter_mut().zip(row.cell_iter()) {
            *longest = (*longest).max(cell.content().chars().count());
        }
    }
    for (column, longest) in table.column_iter_mut().zip(longest) {
        let letters = u16::try_from(longest + padding).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(letters)));
    }
}

/// Number of characters in a line of a table: the width of the terminal, or that of a page if there is no terminal.
fn width() -> u16 {
    const PAGE: u16 = 100;
    terminal_columns().and_then(|columns| u16::try_from(columns).ok()).unwrap_or(PAGE)
}

/// Number of characters in a line of the terminal. If standard output is not a terminal, the variable `COLUMNS` stands for
/// it, so that the layout of a terminal can be captured; shells do not export this variable by themselves.
pub(crate) fn terminal_columns() -> Option<usize> {
    // A table of a few characters in width is unreadable; overlong lines are better.
    const LEAST: usize = 40;
    let terminal = console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    let variable = || std::env::var("COLUMNS").ok()?.parse().ok();
    terminal.or_else(variable).map(|columns| columns.max(LEAST))
}

/// Formats a table of values with its notes.
pub(crate) fn text(content: &Content) -> String {
    let mut table = plain(content.heads.iter().map(|head| shown(&head.name)));
    for (column, head) in table.column_iter_mut().zip(&content.heads) {
        if head.is_number {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for row in &content.rows {
        table.add_row(row.iter().map(|cell| shown(&cell_text(cell))));
    }
    let notes: String = content.notes.iter().map(|note| format!("{}\n", shown(note))).collect();
    format!("{table}\n{notes}")
}

/// Formats a table of runs: a row for each or, where that is wider than a line, a column for each.
pub(crate) fn runs(content: &Content) -> String {
    const GAPS: usize = 3;
    let text = |cell| shown(&cell_text(cell));
    let longest = |(column, head): (usize, &Head)| {
        let cells = content.rows.iter().filter_map(|row| row.get(column)).map(|cell| text(cell).chars().count());
        cells.chain([head.name.chars().count()]).max().unwrap_or(0) + GAPS
    };
    let letters: usize = content.heads.iter().enumerate().map(longest).sum();
    if letters < usize::from(width()) {
        return self::text(content);
    }
    let mut sideways = Content::new(content.heads.first().cloned());
    sideways.heads.extend(content.rows.iter().map(|row| Head::number(row.first().map(cell_text).unwrap_or_default())));
    for (column, head) in content.heads.iter().enumerate().skip(1) {
        let cells = content.rows.iter().map(|row| row.get(column).cloned().unwrap_or(Value::Null));
        sideways.push(std::iter::once(Value::Text(head.name.clone())).chain(cells));
    }
    sideways.notes.clone_from(&content.notes);
    self::text(&sideways)
}

/// Formats the results of a run. On a terminal, tables fit its width, numbers by layer form a table of their own, and long lists
/// are cut; elsewhere every number has a row with its whole name, so that it can be searched.
pub(crate) fn results(results: &Results) -> String {
    match terminal_columns() {
        None => results.to_string(),
        Some(columns) => results_for_terminal(results, columns),
    }
}

fn results_for_terminal(results: &Results, columns: usize) -> String {
    let (mut rows, mut sideways) = (Vec::new(), String::new());
    for metric in &results.metrics {
        let found = metric.rows();
        match sideways_table(&found, columns) {
            Some(table) => sideways += &table,
            None => rows.extend(metric_rows(found, results.intervals.is_some())),
        }
    }
    let mut heads = results.heads();
    // A column that says nothing is left out: the reasons of other outcomes stand below the table.
    if rows.iter().all(|row| row.last().is_none_or(|status| status.is_empty() || status == "ok")) {
        heads.pop();
        rows.iter_mut().for_each(|row| row.truncate(heads.len()));
    }
    // Units are wrapped before names, and numbers never.
    let unit = if results.intervals.is_some() { 3 } else { 2 };
    let mut text = format!("{}\n", results.summary());
    if !rows.is_empty() {
        text += &fitted(heads, rows, 1..unit, &[(unit, 10), (0, 18)], columns);
    }
    text += &sideways;
    if !results.groups.is_empty() {
        let (heads, rows) = (results.group_heads(), results.group_cells());
        let numbers = 1..heads.len();
        text += &fitted(heads, rows, numbers, &[(0, 12)], columns);
    }
    text + &results.footnotes()
}

/// Maximum number of rows of a metric on a terminal.
const MAX_ROWS: usize = 20;

/// Rows of a metric. The parts of a value stand below the name of the metric.
fn metric_rows(mut found: Vec<Row>, has_intervals: bool) -> Vec<Vec<String>> {
    let cells = |name: String, row: &Row| {
        let mut cells = vec![name, row.value.clone()];
        if has_intervals {
            cells.push(row.interval.clone());
        }
        cells.extend([row.unit.clone(), row.better.to_owned(), row.status.to_string()]);
        cells
    };
    if let [only] = found.as_slice() {
        return vec![cells(only.name(), only)];
    }
    let width = if has_intervals { 6 } else { 5 };
    let alone = |text: String| std::iter::once(text).chain(vec![String::new(); width - 1]).collect::<Vec<_>>();
    let name = found.first().map(metric_name).unwrap_or_default();
    let more = found.len().saturating_sub(MAX_ROWS);
    if more > 0 {
        found.truncate(MAX_ROWS);
    }
    let part = |row: &Row| {
        let path: Vec<String> = row.path.iter().map(|key| shown(key)).collect();
        cells(format!("  {}", path.join(" · ")), row)
    };
    let rest = (more > 0).then(|| alone(format!("  {}", cut_note(more))));
    std::iter::once(alone(name)).chain(found.iter().map(part)).chain(rest).collect()
}

/// Names of the metric of a row, without the place within its value.
fn metric_name(row: &Row) -> String {
    let mut whole = row.clone();
    whole.path.clear();
    whole.name()
}

fn cut_note(more: usize) -> String {
    format!("… and {} more; the results file has all", with_separators(more))
}

/// Formats a number with a comma between groups of three digits.
fn with_separators(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A table of a metric that has the same numbers for each layer: layers as rows, numbers as columns. `None` for other metrics, and
/// if the table would be wider than the terminal.
fn sideways_table(found: &[Row], columns: usize) -> Option<String> {
    let first = found.first()?;
    let keys: Vec<&String> =
        found.iter().take_while(|row| row.path.first() == first.path.first()).map(key).collect::<Option<_>>()?;
    let is_plain = |row: &Row| {
        row.path.len() == 2
            && row.interval.is_empty()
            && row.status == Status::Ok
            && row.unit == first.unit
            && row.better == first.better
    };
    if keys.len() < 2 || !found.len().is_multiple_of(keys.len()) || !found.iter().all(is_plain) {
        return None;
    }
    let layers: Vec<&[Row]> = found.chunks(keys.len()).collect();
    let same_keys = |rows: &[Row]| {
        rows.iter().map(key).eq(keys.iter().copied().map(Some)) && rows.iter().all(|row| row.path[0] == rows[0].path[0])
    };
    if !layers.iter().all(|rows| same_keys(rows)) {
        return None;
    }
    let name = metric_name(first);
    let unit = if first.unit.is_empty() { String::new() } else { format!(" in {}", first.unit) };
    let better = if first.better.is_empty() { String::new() } else { format!(", {} is better", first.better) };
    let heads = [String::new()].into_iter().chain(keys.iter().map(|key| shown(key))).collect::<Vec<_>>();
    let numbers = |rows: &&[Row]| {
        std::iter::once(shown(&rows[0].path[0])).chain(rows.iter().map(|row| row.value.clone())).collect::<Vec<_>>()
    };
    let mut rows: Vec<Vec<String>> = layers.iter().map(numbers).collect();
    let more = rows.len().saturating_sub(MAX_ROWS);
    rows.truncate(MAX_ROWS);
    if table_width(&widths(&heads, &rows), NARROW_GAP) > columns {
        return None;
    }
    let mut table = bordered(heads, rows);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
        column.set_padding((0, 1));
    }
    let note = if more > 0 { format!("{}\n", cut_note(more)) } else { String::new() };
    Some(format!("{name}{unit}{better}\n{table}\n{note}"))
}

fn key(row: &Row) -> Option<&String> {
    row.path.get(1)
}

/// Longest line of each column.
fn widths(heads: &[String], rows: &[Vec<String>]) -> Vec<usize> {
    let longest = |text: &String| text.lines().map(measure_text_width).max().unwrap_or(0);
    let column = |at: usize| rows.iter().filter_map(|row| row.get(at)).chain(heads.get(at)).map(longest).max();
    (0..heads.len()).map(|at| column(at).unwrap_or(0)).collect()
}

/// Space between two columns.
const GAP: usize = 3;
/// Space between the numbers of a layer.
const NARROW_GAP: usize = 2;

/// Width of a table with columns of these widths, with its border.
fn table_width(widths: &[usize], gap: usize) -> usize {
    const BORDERS: usize = 4;
    widths.iter().sum::<usize>() + gap * widths.len().saturating_sub(1) + BORDERS
}

/// Formats a table that fits a terminal: the columns of `flexible`, each with its least width, are wrapped as far as needed, in
/// this order. Numbers are aligned to the right.
pub(crate) fn fitted(
    heads: Vec<String>,
    mut rows: Vec<Vec<String>>,
    numbers: std::ops::Range<usize>,
    flexible: &[(usize, usize)],
    columns: usize,
) -> String {
    // The note about rows that were cut must not widen the column of the names.
    let is_note = |row: &Vec<String>| row.first().is_some_and(|name| name.trim_start().starts_with('…'));
    let measured: Vec<Vec<String>> = rows.iter().filter(|row| !is_note(row)).cloned().collect();
    let mut widths = widths(&heads, &measured);
    for &(column, least) in flexible {
        let excess = table_width(&widths, GAP).saturating_sub(columns);
        widths[column] = widths[column].saturating_sub(excess).max(least.min(widths[column]));
    }
    for row in &mut rows {
        for &(column, _) in flexible {
            row[column] = wrapped(&row[column], widths[column]);
        }
    }
    let mut table = bordered(heads, rows);
    for column in table.column_iter_mut().skip(numbers.start).take(numbers.len()) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{table}\n")
}

/// Rows under a title, which takes the place of a column that would repeat it.
pub(crate) struct Block {
    pub(crate) title: String,
    pub(crate) rows: Vec<Vec<String>>,
}

/// Formats blocks of rows as one table that fits a terminal. Titles and the names in the first column are wrapped, the numbers in
/// the other columns never.
pub(crate) fn stacked(heads: Vec<String>, blocks: impl IntoIterator<Item = Block>, columns: usize) -> String {
    let others = heads.len().saturating_sub(1);
    let rows = blocks.into_iter().flat_map(|block| {
        let title = std::iter::once(block.title).chain(vec![String::new(); others]).collect();
        let indented = block.rows.into_iter().map(|mut row| {
            if let Some(name) = row.first_mut() {
                name.insert_str(0, "  ");
            }
            row
        });
        std::iter::once(title).chain(indented).collect::<Vec<Vec<String>>>()
    });
    let (rows, numbers) = (rows.collect(), 1..heads.len());
    fitted(heads, rows, numbers, &[(0, 18)], columns)
}

/// Returns the table or, if it is wider than the terminal, one that is made for its number of columns. Without a terminal, every
/// table keeps its lines whole, so that they can be searched.
pub(crate) fn fitting(whole: String, narrow: impl FnOnce(usize) -> String) -> String {
    match terminal_columns() {
        Some(columns) if !fits(&whole, columns) => narrow(columns),
        _ => whole,
    }
}

/// Returns true if no line is wider.
pub(crate) fn fits(text: &str, columns: usize) -> bool {
    text.lines().all(|line| measure_text_width(line) <= columns)
}

/// A table that is as wide as its cells.
fn bordered(heads: Vec<String>, rows: Vec<Vec<String>>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_BORDERS_ONLY).set_header(heads).add_rows(rows);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table
}

/// Breaks the heads of columns of numbers into lines as wide as the widest cell below, or as their widest word.
pub(crate) fn wrap_heads(heads: &mut [String], rows: &[Vec<String>], numbers: std::ops::Range<usize>) {
    let cells = widths(&vec![String::new(); heads.len()], rows);
    for (head, cell) in heads.iter_mut().zip(cells).skip(numbers.start).take(numbers.len()) {
        let word = head.split(' ').map(measure_text_width).max().unwrap_or(0);
        *head = wrapped(head, word.max(cell));
    }
}

/// Breaks a text into lines of a width, behind `_`, `/` and spaces where possible. Further lines keep the indentation.
fn wrapped(text: &str, width: usize) -> String {
    let indentation = text.len() - text.trim_start_matches(' ').len();
    let mut lines = vec![" ".repeat(indentation)];
    for word in text[indentation..].split_inclusive(['_', '/', ' ']) {
        for piece in pieces(word, width.saturating_sub(indentation).max(1)) {
            let line = lines.last_mut().map(|line| (measure_text_width(line), line));
            match line {
                Some((used, line)) if used == indentation || used + measure_text_width(piece.trim_end()) <= width => {
                    line.push_str(piece);
                }
                _ => lines.push(" ".repeat(indentation) + piece),
            }
        }
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// Parts of a word that fit a width.
fn pieces(word: &str, width: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = word;
    while rest.trim_end().chars().count() > width {
        let at = rest.char_indices().nth(width).map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use neurobench_core::report::{MetricResult, Row};

    use super::{metric_rows, sideways_table, with_separators, wrapped};

    /// Rows of a value in JSON, whose keys stay in their order.
    fn rows(value: &str) -> Vec<Row> {
        let text = r#"{"name": "activity", "metric": "m::activity", "version": 1, "kind": "accumulated", "settings": {},
            "status": "ok", "unit": "Hz", "intervals": [], "value": VALUE}"#;
        let metric: Result<MetricResult, _> = serde_json::from_str(&text.replace("VALUE", value));
        metric.map(|metric| metric.rows()).unwrap_or_default()
    }

    #[test]
    fn names_are_wrapped_behind_their_words() {
        assert_eq!(wrapped("activation_sparsity_by_layer", 20), "activation_sparsity_\nby_layer");
        assert_eq!(wrapped("  non-zero outputs/step", 12), "  non-zero\n  outputs/\n  step");
        assert_eq!(wrapped("abcdefgh", 3), "abc\ndef\ngh");
        assert_eq!(wrapped("footprint", 20), "footprint");
        assert_eq!(wrapped("", 5), "");
    }

    #[test]
    fn the_same_numbers_of_each_layer_are_a_table_with_a_row_for_each() {
        let value = r#"{"fc.1": {"min": 0, "max": 2}, "fc.2": {"min": 1, "max": 3}}"#;
        let table = sideways_table(&rows(value), 40).unwrap_or_default();
        let expected = "activity in Hz\n\
                        ┌────────────────┐\n\
                        │       min  max │\n\
                        ╞════════════════╡\n\
                        │ fc.1    0    2 │\n\
                        │ fc.2    1    3 │\n\
                        └────────────────┘\n";
        assert_eq!(table, expected);
        // Too wide, other numbers for each layer, and one number for each layer.
        assert_eq!(sideways_table(&rows(value), 15), None);
        let others = r#"{"fc.1": {"min": 0, "max": 2}, "fc.2": {"min": 1, "mean": 3}}"#;
        assert_eq!(sideways_table(&rows(others), 40), None);
        assert_eq!(sideways_table(&rows(r#"{"fc.1": 1, "fc.2": 2}"#), 40), None);
    }

    #[test]
    fn long_lists_are_cut_with_the_number_of_the_rest() {
        let classes: Vec<String> = (0..1254).map(|class| format!("\"{class}\": {class}")).collect();
        let rows = metric_rows(rows(&format!("{{{}}}", classes.join(", "))), false);
        assert_eq!(rows.len(), 22);
        assert_eq!(rows[0][0], "activity");
        assert_eq!(rows[20][..2], ["  19", "19"]);
        assert_eq!(rows[21][0], "  … and 1,234 more; the results file has all");
        assert_eq!(with_separators(1_234_567), "1,234,567");
        assert_eq!(with_separators(12), "12");
    }
}
