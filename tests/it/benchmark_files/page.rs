//! The page, taken apart.

use std::collections::BTreeSet;

pub(crate) const PAGE: &str = include_str!("../../../docs/benchmark-files.md");

/// A row of a table.
pub(crate) struct Row {
    head: Vec<String>,
    cells: Vec<String>,
}

impl Row {
    pub(crate) fn cell(&self, column: &str) -> String {
        let at = self.head.iter().position(|name| name == column).unwrap_or_else(|| panic!("no column {column}"));
        self.cells[at].clone()
    }
}

/// What stands below a heading.
fn section(heading: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(&format!("\n## {heading}\n")).unwrap_or_else(|| panic!("no heading {heading}"));
    rest.split("\n## ").next().unwrap()
}

/// The first table below a heading.
pub(crate) fn table(heading: &str) -> Vec<Row> {
    tables(heading).into_iter().next().unwrap()
}

/// The table below a heading whose first column is called like this.
pub(crate) fn table_with(heading: &str, column: &str) -> Vec<Row> {
    tables(heading).into_iter().find(|rows| rows[0].head[0] == column).unwrap()
}

fn tables(heading: &str) -> Vec<Vec<Row>> {
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let blocks = section(heading).split("\n\n").filter(|block| block.trim_start().starts_with('|'));
    let table = |block: &str| {
        let mut lines = block.trim().lines();
        let head = cells(lines.next().unwrap());
        let rows: Vec<Row> = lines.skip(1).map(|line| Row { head: head.clone(), cells: cells(line) }).collect();
        assert!(rows.iter().all(|row| row.cells.len() == head.len()), "{block}");
        rows
    };
    blocks.map(table).collect()
}

/// What stands between backticks, without quotes.
pub(crate) fn names_in(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(|name| name.trim_matches('"').to_owned()).collect()
}

/// The files and parts of files.
pub(crate) fn snippets() -> Vec<&'static str> {
    PAGE.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap()).collect()
}

/// The files of the repository that it links to. Its links are absolute, because the page is also part of the documentation.
pub(crate) fn links() -> Vec<&'static str> {
    let links = PAGE.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let files = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");
    links.filter_map(|link| link.strip_prefix(files)).collect()
}
