//! Names of components and of the types made for them.

use crate::types::INPUTS;

/// The rule for names, for messages.
pub(crate) const RULE: &str = "a name begins with a letter and has letters, digits, `_` and `-`";

/// Returns true if a name follows [`RULE`].
pub(crate) fn is_valid(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(char::is_alphabetic)
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '-')
}

/// The form in which the registry compares names: `Top-K`, `top_k` and `TopK` are one.
pub(crate) fn loose(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// `TopK` for `top_k`.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    for word in name.split('_') {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            camel.extend(first.to_uppercase());
            camel.push_str(letters.as_str());
        }
    }
    camel
}

/// Types and traits of `neurobench::prelude` besides the [inputs](INPUTS). The program
/// `tests/compile_pass/prelude_names.rs` checks that none is missing.
const PRELUDE: [&str; 39] = [
    "Accumulator",
    "Benchmark",
    "Concat",
    "ConfusionMatrix",
    "Count",
    "DataFormat",
    "Dataset",
    "Deserialize",
    "ExactSum",
    "Exporter",
    "Finish",
    "Histogram",
    "Input",
    "Ix1",
    "Ix2",
    "Ix3",
    "IxDyn",
    "Layer",
    "LayerMap",
    "LayerSelection",
    "Max",
    "Mean",
    "MetricError",
    "MetricValue",
    "Min",
    "Model",
    "ModelFormat",
    "Moments",
    "PerLayer",
    "PerNeuron",
    "PerOutput",
    "Postprocessor",
    "Preprocessor",
    "Quantiles",
    "Ratio",
    "Serialize",
    "Settings",
    "Sum",
    "Tensor",
];

/// Types, traits and variants of the standard library's prelude.
const STANDARD: [&str; 43] = [
    "AsMut",
    "AsRef",
    "AsyncFn",
    "AsyncFnMut",
    "AsyncFnOnce",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Hash",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
];

/// Name of the type that is made of a function: `TopK` for `top_k`, and with a suffix, `MeanMetric` for `mean`, if a
/// prelude has the name.
///
/// A type of a module goes before one that a glob import brings into it, so `struct Mean` in a module that uses the
/// prelude would change the meaning of `Mean` in every other function there.
pub(crate) fn type_name(function_name: &str, suffix: &str) -> String {
    let mut name = camel_case(function_name);
    if [&PRELUDE[..], &INPUTS, &STANDARD].iter().any(|taken| taken.contains(&name.as_str())) {
        name.push_str(suffix);
    }
    name
}

/// `top_k` for `TopK`.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_with_a_letter() {
        for name in ["top_1", "r2", "positive-predictive-value", "größe"] {
            assert!(is_valid(name), "{name}");
        }
        for name in ["", "1st", "_top", "top k", "top(k)", "a.b"] {
            assert!(!is_valid(name), "{name}");
        }
    }

    #[test]
    fn types_are_in_camel_case() {
        assert_eq!(camel_case("top_k"), "TopK");
        assert_eq!(camel_case("mse"), "Mse");
        assert_eq!(camel_case("_two__words_2"), "TwoWords2");
    }

    #[test]
    fn names_of_structs_are_in_snake_case() {
        assert_eq!(snake_case("TopK"), "top_k");
        assert_eq!(snake_case("Mse"), "mse");
    }

    #[test]
    fn names_that_differ_in_spelling_are_the_same() {
        assert_eq!(loose("Top-K"), loose("top_k"));
        assert_ne!(loose("top_1"), loose("top_3"));
    }
}
