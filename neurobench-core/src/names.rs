//! Names as people write them: loosely, and with slips.
//!
//! What reads files of its own tells their mistakes with these, as the rest of the library does.

/// The form in which names are compared: `ClassificationAccuracy`, `classification-accuracy` and `Classification Accuracy` are one.
pub(crate) fn loose(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A name from a file, or a message with such names in it, as it is shown: control characters, on which a terminal would act,
/// are escaped. What is shown may be shown again.
///
/// ```
/// use neurobench::names::shown;
/// assert_eq!(shown("fc\u{1b}[2J"), "fc\\u{1b}[2J");
/// ```
#[must_use]
pub fn shown(name: &str) -> String {
    let mut shown = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// `a, b, c`.
///
/// ```
/// use neurobench::names::listed;
/// assert_eq!(listed(["a", "b", "c"]), "a, b, c");
/// ```
pub fn listed<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let mut text = String::new();
    for item in items {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(item.as_ref());
    }
    text
}

/// A message of `serde`'s, with the nearest of the names that it lists where it is about a name that it does not know, and without
/// types of Rust's where it is about a value of another.
///
/// ```
/// use neurobench::names::hinted;
/// let message = "unknown variant `marco`, expected `macro` or `micro`";
/// assert_eq!(hinted(message), format!("{message}; did you mean `macro`?"));
/// assert_eq!(hinted("missing field `name`"), "missing field `name`");
/// ```
#[must_use]
pub fn hinted(message: &str) -> String {
    let unknown = ["unknown field `", "unknown variant `"].iter().filter_map(|start| message.find(start)).min();
    // Every other piece between backticks is a name: the first as it was written, then those that are known.
    let mut names = message[unknown.unwrap_or(message.len())..].split('`').skip(1).step_by(2);
    let hint = names.next().map_or_else(String::new, |written| did_you_mean(written, names));
    match message.rsplit_once(", expected ") {
        Some((found, expected)) if unknown.is_none() => format!("{found}, expected {}", in_words(expected)),
        _ => format!("{message}{hint}"),
    }
}

/// What was expected, as a file calls it.
fn in_words(expected: &str) -> &str {
    match expected {
        "usize" | "u64" | "u32" | "u16" | "u8" => "a whole number, 0 at least",
        "isize" | "i64" | "i32" => "a whole number",
        "f64" | "f32" => "a number",
        "a sequence" => "a list",
        "a map" => "a table",
        structure if structure.starts_with("struct ") => "a table",
        other => other,
    }
}

/// `; did you mean ..?` with the nearest name, or nothing if none is near.
#[must_use]
pub fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(written, known).first() {
        Some(name) => format!("; did you mean `{}`?", shown(name)),
        None => String::new(),
    }
}

/// Names of more bytes are near no other: comparing them would take their lengths multiplied.
const LONGEST: usize = 200;

/// The names within a few slips of what was written, nearest first.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // A file may hold names of megabytes; nobody slips in those.
    if written.len() > LONGEST {
        return Vec::new();
    }
    let written = loose(written);
    let allowed = 1 + written.chars().count() / 4;
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .filter(|name| name.len() <= LONGEST)
        .map(|name| (edit_distance(&written, &loose(name)), name))
        .filter(|(distance, _)| *distance <= allowed)
        .collect();
    near.sort();
    near.dedup();
    near.into_iter().map(|(_, name)| name).take(3).collect()
}

/// How many letters must be added, dropped, changed or swapped with a neighbour (optimal string alignment).
fn edit_distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut rows = vec![vec![0_usize; to.len() + 1]; from.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=from.len() {
        for j in 1..=to.len() {
            let change = usize::from(from[i - 1] != to[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[from.len()][to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted() {
        assert_eq!(edit_distance("kitten", "sitting"), 3);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("tehm", "them"), 1);
    }

    #[test]
    fn names_of_megabytes_are_near_nothing() {
        let long = "a".repeat(5_000_000);
        assert_eq!(did_you_mean(&long, ["linear", long.as_str()]), "");
        assert_eq!(did_you_mean("linaer", ["linear", long.as_str()]), "; did you mean `linear`?");
    }

    #[test]
    fn what_a_terminal_would_act_on_is_escaped_once() {
        let name = "lä\u{1b}[2J\n\u{9b}\"fc\"\\n";
        assert_eq!(shown(name), "lä\\u{1b}[2J\\n\\u{9b}\"fc\"\\n");
        assert_eq!(shown(&shown(name)), shown(name));
    }

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        let known = ["threshold", "average"];
        assert_eq!(did_you_mean("treshold", known), "; did you mean `threshold`?");
        assert_eq!(did_you_mean("Avreage", known), "; did you mean `average`?");
        assert_eq!(did_you_mean("k", known), "");
        let listed = "layer `a`: unknown field `batchsize`, expected one of `inputs`, `batch_size`";
        assert_eq!(hinted(listed), format!("{listed}; did you mean `batch_size`?"));
        let typed = hinted("invalid type: string \"two\", expected usize");
        assert_eq!(typed, "invalid type: string \"two\", expected a whole number, 0 at least");
        assert_eq!(hinted("unknown field `k`, there are no fields"), "unknown field `k`, there are no fields");
    }
}
