//! Names as people write them, with variations and typing errors.
//!
//! Libraries that read files of their own can report errors with these functions, like the rest of this library.

/// Normal form in which names are compared: `ClassificationAccuracy`, `classification-accuracy` and `Classification
/// Accuracy` are equal.
#[must_use]
pub fn loose(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Escapes control characters in a name from a file, or in a message with such names, because a terminal would act on
/// them. Escaping an escaped text has no further effect.
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

/// Joins items as `a, b, c`.
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

/// Returns `; did you mean ..?` with the nearest name, or nothing if no name is near.
#[must_use]
pub fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(written, known).first() {
        Some(name) => format!("; did you mean `{}`?", shown(name)),
        None => String::new(),
    }
}

/// Names with more bytes are near no other name: the time of a comparison grows with the product of the lengths.
const LONGEST: usize = 200;

/// Names that differ from the written one by a few typing errors, nearest first.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // A file may hold names of megabytes, which are no typing errors.
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

/// Number of letters that must be added, dropped, changed or swapped with a neighbor (optimal string alignment).
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
    fn typing_errors_are_counted() {
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
    fn control_characters_are_escaped_once() {
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
    }
}
