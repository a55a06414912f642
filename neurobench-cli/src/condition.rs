//! Conditions on results, for `--fail-if`.

use std::fmt;
use std::str::FromStr;

use neurobench_core::names::{did_you_mean, listed};
use neurobench_core::report::Results;
use neurobench_core::value::Value;

/// Comparison of a value with a number: `classification_accuracy < 0.9`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    /// Path of the value, as [`Results::get`] takes it.
    path: String,
    comparison: Comparison,
    limit: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

/// Comparisons with their signs, longer signs first.
const SIGNS: [(&str, Comparison); 6] = [
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

impl Comparison {
    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Less => value < limit,
            Self::LessOrEqual => value <= limit,
            Self::Greater => value > limit,
            Self::GreaterOrEqual => value >= limit,
            #[expect(clippy::float_cmp, reason = "the user asks for equality")]
            Self::Equal => value == limit,
            #[expect(clippy::float_cmp, reason = "the user asks for equality")]
            Self::NotEqual => value != limit,
        }
    }
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "write a condition as 'METRIC < NUMBER', with <, <=, >, >=, == or !=";
        // The last sign, because the settings in the name of a metric may contain others.
        let end = text.rfind(['<', '>', '=', '!']).map(|at| at + 1).ok_or(form)?;
        let (sign, comparison) = SIGNS.into_iter().find(|(sign, _)| text[..end].ends_with(sign)).ok_or(form)?;
        let (path, number) = (text[..end - sign.len()].trim(), text[end..].trim());
        let limit = number.parse::<f64>().ok().filter(|limit| limit.is_finite());
        let limit = limit.ok_or_else(|| format!("`{number}` is not a number; {form}"))?;
        match path.is_empty() {
            true => Err(format!("the name of a metric is missing; {form}")),
            false => Ok(Self { path: path.to_owned(), comparison, limit }),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign =
            SIGNS.into_iter().find(|(_, comparison)| *comparison == self.comparison).map_or("", |(sign, _)| sign);
        write!(f, "{} {sign} {}", self.path, self.limit)
    }
}

impl Condition {
    /// Checks that the value belongs to one of these metrics, before a run that may take hours.
    pub(crate) fn check(&self, metrics: &[&str]) -> Result<(), String> {
        let is_in = |name: &&str| {
            let rest = self.path.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if metrics.iter().any(is_in) {
            return Ok(());
        }
        let name = self.path.split('.').next().unwrap_or_default();
        let hint = did_you_mean(name, metrics.iter().copied());
        Err(format!("`--fail-if '{self}'`: the run has no metric `{name}`{hint}; it has {}", listed(metrics)))
    }

    /// Returns the reason for a failure: the condition holds, or there is no number to compare.
    pub(crate) fn failure(&self, results: &Results) -> Option<String> {
        let value = match results.get(&self.path) {
            Ok(value) => value,
            Err(error) => return Some(error.to_string()),
        };
        match value {
            Value::Integer(_) | Value::Float(_) => {}
            _ => return Some(format!("the value is not a number: {}", value.to_short_text())),
        }
        let number = value.as_f64()?;
        self.comparison.holds(number, self.limit).then(|| format!("the value is {value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Condition};

    fn parsed(text: &str) -> Result<Condition, String> {
        text.parse()
    }

    #[test]
    fn conditions_are_read_with_every_sign() {
        let cases = [
            ("a<1", "a", Comparison::Less, 1.0),
            ("a.b.0 <= -2.5e-3", "a.b.0", Comparison::LessOrEqual, -2.5e-3),
            (" a > 0", "a", Comparison::Greater, 0.0),
            ("a >= 1 ", "a", Comparison::GreaterOrEqual, 1.0),
            ("a(k=3, x=\"<\") == 1", "a(k=3, x=\"<\")", Comparison::Equal, 1.0),
            ("a != 7", "a", Comparison::NotEqual, 7.0),
        ];
        for (text, path, comparison, limit) in cases {
            assert_eq!(parsed(text), Ok(Condition { path: path.to_owned(), comparison, limit }));
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_form() {
        for text in ["a", "a = 1", "< 1", "a < b", "a < inf", "a < nan", "a <", "a ! 1", ""] {
            let error = parsed(text).err().unwrap_or_default();
            assert!(error.contains("'METRIC < NUMBER'"), "{text}: {error}");
        }
    }

    #[test]
    fn a_metric_that_is_not_requested_is_refused() {
        let check = |text: &str| parsed(text).and_then(|condition| condition.check(&["accuracy", "energy.total"]));
        assert_eq!(check("accuracy.by_class < 1"), Ok(()));
        assert_eq!(check("energy.total < 1"), Ok(()));
        let expected = "`--fail-if 'acuracy < 1'`: the run has no metric `acuracy`; did you mean `accuracy`?; it has \
                        accuracy, energy.total";
        assert_eq!(check("acuracy < 1"), Err(expected.to_owned()));
        assert!(check("accuracyx < 1").is_err());
    }
}
