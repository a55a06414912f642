//! The sources read as technical English: two habits that make docs hard to read are counted.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Words that open a headless clause: a summary is a noun phrase or begins with a verb.
const OPENERS: [&str; 8] = ["What", "How", "Whether", "Which", "Where", "That", "Of", "So"];

/// Maximum share of doc blocks that open with one of [`OPENERS`], which some need, as in "Of the 200 groups ..".
const TOLERATED: f64 = 0.03;

/// Number of places that a message lists.
const LISTED: usize = 40;

/// Phrase that takes the place of a number. It is put together here, so that this file does not contain it.
const VAGUE_NUMBER: &str = concat!("so", " many");

/// A line of a source, as `path:number: text`.
struct Line {
    place: String,
    text: String,
}

impl Line {
    /// The text of a doc comment, if this is one.
    fn doc(&self) -> Option<&str> {
        let text = self.text.trim_start();
        // Four slashes are an ordinary comment.
        let doc = text.strip_prefix("///").filter(|rest| !rest.starts_with('/'));
        doc.or_else(|| text.strip_prefix("//!")).map(str::trim)
    }

    /// The text without the marks of a comment.
    fn plain(&self) -> &str {
        self.text.trim().trim_start_matches(['/', '!']).trim()
    }

    fn shown(&self) -> String {
        format!("{}: {}", self.place, self.text.trim())
    }
}

/// The Rust files of the workspace.
fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
            if path.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    walk(&path, found);
                }
            } else if path.extension() == Some(OsStr::new("rs")) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(Path::new(env!("CARGO_MANIFEST_DIR")), &mut found);
    found.sort();
    found
}

/// The lines of each file.
fn files() -> Vec<Vec<Line>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lines = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let shown = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        text.lines()
            .enumerate()
            .map(|(index, line)| Line { place: format!("{shown}:{}", index + 1), text: line.to_owned() })
            .collect()
    };
    sources().into_iter().map(lines).collect()
}

fn listed(lines: &[&Line]) -> String {
    let mut text: Vec<String> = lines.iter().take(LISTED).map(|line| line.shown()).collect();
    if lines.len() > LISTED {
        text.push(format!(".. and {} more", lines.len() - LISTED));
    }
    text.join("\n")
}

#[test]
fn doc_summaries_open_with_a_noun_or_a_verb() {
    let files = files();
    let blocks: Vec<&Line> = files
        .iter()
        .flat_map(|lines| {
            lines.iter().enumerate().filter_map(|(index, line)| {
                let is_first = index == 0 || lines[index - 1].doc().is_none();
                (is_first && line.doc().is_some_and(|doc| !doc.is_empty())).then_some(line)
            })
        })
        .collect();
    let headless: Vec<&Line> = blocks
        .iter()
        .copied()
        .filter(|line| {
            let first = line.doc().and_then(|doc| doc.split(' ').next()).unwrap_or_default();
            OPENERS.contains(&first.trim_end_matches(','))
        })
        .collect();
    assert!(blocks.len() > 1000, "only {} doc blocks were found", blocks.len());
    let share = headless.len() as f64 / blocks.len() as f64;
    assert!(
        share <= TOLERATED,
        "{} of {} doc blocks ({:.1} %) open with one of {OPENERS:?}:\n{}",
        headless.len(),
        blocks.len(),
        100.0 * share,
        listed(&headless)
    );
}

#[test]
fn numbers_are_named() {
    let files = files();
    let vague: Vec<&Line> = files
        .iter()
        .flat_map(|lines| {
            lines.iter().enumerate().filter_map(|(index, line)| {
                let next = lines.get(index + 1).map_or("", Line::plain);
                let text = format!("{} {next}", line.plain()).to_lowercase();
                let own = line.plain().len();
                let is_vague = text.match_indices(VAGUE_NUMBER).any(|(at, found)| {
                    let rest = text[at + found.len()..].trim_start();
                    // With "that" it compares.
                    at < own && !rest.starts_with("that") && !text[..at].ends_with(char::is_alphanumeric)
                });
                is_vague.then_some(line)
            })
        })
        .collect();
    assert!(
        vague.is_empty(),
        "{} lines have \"{VAGUE_NUMBER}\" for a number; name it, as in \"the number of samples\":\n{}",
        vague.len(),
        listed(&vague)
    );
}
