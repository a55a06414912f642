//! Tables and lists of a page.

use maud::{Markup, html as markup};
use neurobench_core::names::shown;
use neurobench_core::report::export::{Table, cell_text};

/// A head of a column or a cell: its text, and whether it is a number.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) is_number: bool,
    /// True for the best of several values, and for what failed.
    pub(super) class: &'static str,
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_number: false, class: "" }
    }

    pub(super) fn number(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_number: true, class: "" }
    }

    pub(super) fn class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }

    /// Names of its classes; none for a cell without.
    fn classes(&self) -> Option<String> {
        let number = self.is_number.then_some("number");
        let classes: Vec<&str> = number.into_iter().chain(Some(self.class).filter(|class| !class.is_empty())).collect();
        (!classes.is_empty()).then(|| classes.join(" "))
    }
}

/// A table whose first column heads the rows. It scrolls sideways where it is wider than the page.
pub(super) fn table(caption: &str, heads: &[Cell], rows: &[Vec<Cell>]) -> Markup {
    markup! {
        div.scroll tabindex="0" role="region" aria-label=(shown(caption)) {
            table {
                caption { (shown(caption)) }
                thead { tr { @for head in heads { th scope="col" class=[head.classes()] { (shown(&head.text)) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (at, cell) in row.iter().enumerate() {
                                @if at == 0 {
                                    th scope="row" class=[cell.classes()] { (shown(&cell.text)) }
                                } @else {
                                    td class=[cell.classes()] { (shown(&cell.text)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A table of values.
pub(super) fn values(content: &Table, caption: Option<&str>) -> Markup {
    let cell = |is_number: bool, text: String| if is_number { Cell::number(text) } else { Cell::text(text) };
    let heads: Vec<Cell> = content.heads.iter().map(|head| cell(head.is_number, head.name.clone())).collect();
    let row = |row: &Vec<_>| -> Vec<Cell> {
        content.heads.iter().zip(row).map(|(head, value)| cell(head.is_number, cell_text(value))).collect()
    };
    let rows: Vec<Vec<Cell>> = content.rows.iter().map(row).collect();
    table(caption.or(content.title.as_deref()).unwrap_or("Results"), &heads, &rows)
}

/// A list of sentences; nothing if there are none.
pub(super) fn list<S: AsRef<str>>(lines: &[S]) -> Markup {
    markup! {
        @if !lines.is_empty() {
            ul.plain { @for line in lines { li { (shown(line.as_ref())) } } }
        }
    }
}
