//! Results as tables in LaTeX.

use std::fmt::Write;

use crate::exporter;
use crate::names::shown;
use crate::report::export::{ExportError, Exporter, Head, NamedRun, Table, cell_text, measured, runs_table};
use crate::report::{Leaderboard, MetricResult, Results};
use crate::value::Value;

/// Writes results as tables in LaTeX, with the rules of the package `booktabs`: value, interval and unit of every metric, or one row
/// for each of several runs, the leaderboard of a task, and a table of each measurement. Numbers are rounded; JSON has all digits.
#[exporter(alias = "tex", cite = "https://ctan.org/pkg/booktabs")]
pub fn latex() -> impl Exporter {
    LatexExporter
}

struct LatexExporter;

impl Exporter for LatexExporter {
    fn extension(&self) -> &'static str {
        "tex"
    }

    fn export(&self, results: &Results) -> Result<Vec<u8>, ExportError> {
        let mut text = HEAD.to_owned();
        let measured = results.measurements.as_ref();
        if !results.metrics.is_empty() || measured.is_none() {
            write_table(&mut text, &metrics_table(results))?;
        }
        if let Some(leaderboard) = &results.leaderboard {
            text.push('\n');
            write_table(&mut text, &Leaderboard::table([("this run", leaderboard)]))?;
        }
        if let Some(measured) = measured {
            writeln!(text, "\n% {}", shown(&measured::host(measured)))?;
            for table in measured::tables(measured) {
                text.push('\n');
                write_table(&mut text, &table)?;
            }
        }
        Ok(text.into_bytes())
    }

    fn export_runs(&self, runs: &[NamedRun<'_>]) -> Result<Vec<u8>, ExportError> {
        match runs {
            [only] => self.export(only.results),
            runs => self.export_table(&runs_table(runs)),
        }
    }

    fn export_table(&self, table: &Table) -> Result<Vec<u8>, ExportError> {
        let mut text = HEAD.to_owned();
        write_table(&mut text, table)?;
        Ok(text.into_bytes())
    }
}

const HEAD: &str = "% Needs \\usepackage{booktabs} in the preamble.\n";

/// A row for each number. Columns without any content are left out.
fn metrics_table(results: &Results) -> Table {
    let heads = results.heads();
    let heads = heads.iter().enumerate().map(|(at, name)| match at {
        0 => Head::text(name.clone()),
        at if at + 3 < heads.len() => Head::number(name.clone()),
        _ => Head::text(name.clone()),
    });
    // `better` and `status` are for reading alone.
    let mut table = Table::new(heads);
    let keep = table.heads.len().saturating_sub(2);
    table.heads.truncate(keep);
    for row in results.cells() {
        table.push(row.into_iter().take(keep).map(Value::Text));
    }
    let missing = results.metrics.iter().flat_map(reasons);
    table.notes = missing.chain(results.notes.iter().cloned()).collect();
    table
}

fn reasons(metric: &MetricResult) -> Vec<String> {
    metric.error.iter().map(|reason| format!("{}: {reason}", metric.name)).collect()
}

/// Writes a `tabular` environment, and the notes as comments.
fn write_table(text: &mut String, table: &Table) -> std::fmt::Result {
    for note in table.title.iter().chain(&table.notes) {
        // A comment ends with the line.
        writeln!(text, "% {}", shown(note))?;
    }
    let columns: String = table.heads.iter().map(|head| if head.is_number { 'r' } else { 'l' }).collect();
    writeln!(text, "\\begin{{tabular}}{{{columns}}}\n\\toprule")?;
    let row = |cells: Vec<String>| format!("{} \\\\", cells.join(" & "));
    writeln!(text, "{}", row(table.heads.iter().map(|head| escaped(&head.name)).collect()))?;
    writeln!(text, "\\midrule")?;
    for cells in &table.rows {
        let cells = table.heads.iter().zip(cells);
        let cell = |(head, cell): (&Head, &Value)| {
            let text = cell_text(cell);
            if head.is_number { number(&text) } else { escaped(&text) }
        };
        writeln!(text, "{}", row(cells.map(cell).collect()))?;
    }
    writeln!(text, "\\bottomrule\n\\end{{tabular}}")
}

/// A number, or an interval of two, in math mode where text would print it wrong.
fn number(text: &str) -> String {
    let one = |text: &str| match text.parse::<f64>() {
        Err(_) => escaped(text),
        Ok(_) => match text.split_once('e') {
            Some((mantissa, exponent)) => format!("${mantissa} \\times 10^{{{exponent}}}$"),
            None if text.starts_with('-') => format!("${text}$"),
            None => text.to_owned(),
        },
    };
    text.split(" – ").map(one).collect::<Vec<_>>().join(" -- ")
}

/// Text in which LaTeX sees no markup. Control characters are escaped as elsewhere.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in shown(text).chars() {
        match letter {
            '\\' => escaped.push_str("\\textbackslash{}"),
            '~' => escaped.push_str("\\textasciitilde{}"),
            '^' => escaped.push_str("\\textasciicircum{}"),
            '<' => escaped.push_str("\\textless{}"),
            '>' => escaped.push_str("\\textgreater{}"),
            '"' => escaped.push_str("\\textquotedbl{}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            // Characters that LaTeX does not define without further packages.
            '·' => escaped.push_str("\\textperiodcentered{}"),
            '–' => escaped.push_str("--"),
            '−' => escaped.push_str("$-$"),
            'µ' | 'μ' => escaped.push_str("\\textmu{}"),
            '²' => escaped.push_str("$^2$"),
            '³' => escaped.push_str("$^3$"),
            '°' => escaped.push_str("\\textdegree{}"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::export::{metric, results};
    use serde_json::json;

    #[test]
    fn a_table_has_the_rules_of_booktabs_and_no_markup_of_names() {
        let results = results(&[
            metric("accuracy", json!({ "value": 0.75, "unit": "fraction" })),
            metric("top_3", json!({ "value": { "50%_{\\a}": -1.5, "b": 2e-7 }, "unit": "µJ" })),
            metric("broken", json!({ "error": "failed\nin \\batch 0", "status": "failed" })),
        ]);
        let text = String::from_utf8(LatexExporter.export(&results).unwrap()).unwrap();
        let expected = "% Needs \\usepackage{booktabs} in the preamble.\n\
            % broken: failed\\nin \\batch 0\n\
            \\begin{tabular}{lrl}\n\\toprule\nmetric & value & unit \\\\\n\\midrule\n\
            accuracy & 0.75 & fraction \\\\\n\
            top\\_3 \\textperiodcentered{} 50\\%\\_\\{\\textbackslash{}a\\} & $-1.5$ & \\textmu{}J \\\\\n\
            top\\_3 \\textperiodcentered{} b & $2.000000 \\times 10^{-7}$ & \\textmu{}J \\\\\n\
            broken & -- &  \\\\\n\
            \\bottomrule\n\\end{tabular}\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn several_runs_have_a_row_each() {
        let good = results(&[metric("accuracy", json!({ "value": 0.75 })), metric("mse", json!({ "value": -2.0 }))]);
        let bad = results(&[metric("accuracy", json!({ "error": "no targets", "status": "failed" }))]);
        let runs = [NamedRun { name: "a_1", results: &good }, NamedRun { name: "b", results: &bad }];
        let text = String::from_utf8(LatexExporter.export_runs(&runs).unwrap()).unwrap();
        let rows = "run & accuracy & mse \\\\\n\\midrule\na\\_1 & 0.75 & $-2$ \\\\\nb & -- &  \\\\\n";
        assert!(text.contains(rows) && text.contains("% b: accuracy: no targets\n"), "{text}");
    }
}
