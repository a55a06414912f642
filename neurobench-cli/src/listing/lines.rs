//! Components and tasks with one line each.

use console::{measure_text_width, truncate_str};

use crate::table::terminal_columns;

/// A component or a task in a list.
pub(crate) struct Line {
    pub(crate) name: String,
    /// Kind, shown in lists of several kinds.
    pub(crate) kind: &'static str,
    /// Unit or units, empty if there are none.
    pub(crate) unit: String,
    /// Summary, of which the list shows the first sentence.
    pub(crate) summary: String,
}

/// Returns one line for each component. On a terminal, texts that do not fit are cut, so that each takes one line.
pub(crate) fn lines(listed: &[Line]) -> String {
    cut_to(listed, terminal_columns())
}

fn cut_to(listed: &[Line], columns: Option<usize>) -> String {
    const GAP: usize = 2;
    const UNIT: usize = 16;
    let several_kinds = listed.iter().any(|line| line.kind != listed[0].kind);
    let widest = |text: fn(&Line) -> &str| listed.iter().map(|line| measure_text_width(text(line))).max().unwrap_or(0);
    let kind_width = if several_kinds { widest(|line| line.kind) } else { 0 };
    // Units of records are long; the summary matters more.
    let unit_width = widest(|line| &line.unit).min(columns.map_or(UNIT, |columns| UNIT.min(columns / 6)));
    // A longer name takes room from the summary of its own line. It is never cut, because it is what the user types.
    let longest = widest(|line| &line.name);
    let name_width = columns.map_or(longest, |columns| longest.min(columns / 3));
    let cut = |text: &str, width: usize| match columns {
        Some(_) => truncate_str(text, width, "…").into_owned(),
        None => text.to_owned(),
    };
    let line = |line: &Line| {
        let unit = cut(&line.unit, unit_width);
        let cells = [(line.name.as_str(), name_width), (line.kind, kind_width), (unit.as_str(), unit_width)];
        let mut text = String::new();
        for (cell, width) in cells.into_iter().filter(|(_, width)| *width > 0) {
            let padding = width.saturating_sub(measure_text_width(cell)) + GAP;
            text += &format!("{cell}{}", " ".repeat(padding));
        }
        text += first_sentence(&line.summary);
        cut(text.trim_end(), columns.unwrap_or(usize::MAX)) + "\n"
    };
    listed.iter().map(line).collect()
}

/// Returns a text up to its first full stop that ends a sentence.
fn first_sentence(text: &str) -> &str {
    let ends = text.match_indices(". ").find(|(at, _)| {
        let next = text[at + 2..].chars().next();
        next.is_none_or(|letter| !letter.is_lowercase())
    });
    ends.map_or(text, |(at, _)| &text[..at]).trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use super::{Line, cut_to, first_sentence};

    fn line(name: &str, unit: &str, summary: &str) -> Line {
        Line { name: name.to_owned(), kind: "metric", unit: unit.to_owned(), summary: summary.to_owned() }
    }

    #[test]
    fn long_texts_are_cut_to_the_columns_and_kept_elsewhere() {
        let listed = [
            line("footprint", "bytes", "Memory of the model. Weights are counted once."),
            line("spike_totals", "", "Number of spikes of every neuron over all samples of the data set"),
        ];
        let shown = "footprint     bytes  Memory of the model\nspike_totals         Number of spikes of every neu…\n";
        assert_eq!(cut_to(&listed, Some(51)), shown);
        assert!(cut_to(&listed, None).ends_with("over all samples of the data set\n"));
    }

    #[test]
    fn an_abbreviation_ends_no_sentence() {
        assert_eq!(first_sentence("Rates of spikes, e.g. of one layer. More."), "Rates of spikes, e.g. of one layer");
        assert_eq!(first_sentence("One only."), "One only");
    }
}
