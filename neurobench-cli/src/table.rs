//! Results and metrics as tables of text.

use comfy_table::presets::UTF8_BORDERS_ONLY;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, Width};

use neurobench_core::names::shown;
use neurobench_core::report::Results;
use neurobench_core::report::export::{Head, Table as Content, cell_text};
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

/// Formats the results of a run. Long cells wrap on a terminal; elsewhere names stay whole, so that they can be searched.
pub(crate) fn results(results: &Results) -> String {
    if terminal_columns().is_none() {
        return results.to_string();
    }
    let heads = results.heads();
    let mut table = plain(&heads);
    for column in table.column_iter_mut().skip(1).take(heads.len() - 4) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for row in results.cells() {
        table.add_row(row);
    }
    if results.intervals.is_some() {
        keep_whole(&mut table, [(0, 27), (1, 15), (2, 24), (3, 16), (4, 9), (5, 9)]);
    } else {
        keep_whole(&mut table, [(0, 37), (1, 18), (2, 23), (3, 10), (4, 12)]);
    }
    let mut groups = String::new();
    if !results.groups.is_empty() {
        let mut table = plain(results.group_heads());
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for row in results.group_cells() {
            table.add_row(row);
        }
        keep_cells_whole(&mut table);
        groups = format!("{table}\n");
    }
    format!("{}\n{table}\n{groups}{}", results.summary(), results.footnotes())
}
