//! What `#[serde(..)]` does to the names of fields.

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, LitStr, Token};

use crate::errors::Errors;
use crate::names::camel_case;

/// What a struct says of all its fields.
#[derive(Default)]
pub(crate) struct ContainerNames {
    rule: Option<Rule>,
    /// The struct is written as its one field.
    pub(crate) transparent: bool,
}

impl ContainerNames {
    /// The name under which `serde` writes a field.
    pub(crate) fn rename(&self, field: &str) -> String {
        self.rule.map_or_else(|| field.to_owned(), |rule| rule.apply(field))
    }
}

/// What a field is written as.
pub(crate) enum FieldName {
    Own,
    Renamed(String),
    /// It is not written.
    Skipped,
}

/// `#[serde(..)]` of a struct.
pub(crate) fn container(attributes: &[Attribute], errors: &mut Errors) -> ContainerNames {
    let mut names = ContainerNames::default();
    for entry in entries(attributes, errors) {
        match entry.key.to_string().as_str() {
            "transparent" => names.transparent = true,
            "rename_all" => {
                if let Some(text) = entry.written {
                    names.rule = Rule::from_text(&text.value());
                }
            }
            "into" | "tag" | "remote" => errors.at(
                &entry.key,
                "`serde` writes this struct as something else, so its fields are not those of the value: write \
                 `impl MetricValue` by hand",
            ),
            _ => {}
        }
    }
    names
}

/// `#[serde(..)]` of a field.
pub(crate) fn field(attributes: &[Attribute], errors: &mut Errors) -> FieldName {
    let mut name = FieldName::Own;
    for entry in entries(attributes, errors) {
        match (entry.key.to_string().as_str(), entry.written) {
            ("rename", Some(text)) => name = FieldName::Renamed(text.value()),
            ("skip" | "skip_serializing", _) => return FieldName::Skipped,
            ("flatten" | "with" | "serialize_with", _) => errors.at(
                &entry.key,
                "`serde` writes this field as something else, so what it looks like is not known: write \
                 `impl MetricValue` for the struct by hand",
            ),
            _ => {}
        }
    }
    name
}

/// One entry of `#[serde(..)]`: its key, and the text that it gives for writing.
struct Entry {
    key: Ident,
    written: Option<LitStr>,
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = input.call(Ident::parse_any)?;
        if input.peek(syn::token::Paren) {
            // `rename(serialize = "..", deserialize = "..")`, `bound(..)`
            let content;
            syn::parenthesized!(content in input);
            let inner = content.parse_terminated(Self::parse, Token![,])?;
            let written = inner.into_iter().find(|entry| entry.key == "serialize").and_then(|entry| entry.written);
            return Ok(Self { key, written });
        }
        let mut written = None;
        if input.parse::<Option<Token![=]>>()?.is_some() {
            // Every value in `#[serde(..)]` is a text.
            written = Some(input.parse()?);
        }
        Ok(Self { key, written })
    }
}

fn entries(attributes: &[Attribute], errors: &mut Errors) -> Vec<Entry> {
    let mut entries = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        let parser = |input: ParseStream<'_>| input.parse_terminated(Entry::parse, Token![,]);
        match attribute.parse_args_with(parser) {
            Ok(found) => entries.extend(found),
            Err(error) => errors.push(error),
        }
    }
    entries
}

/// A value of `rename_all`.
#[derive(Clone, Copy)]
enum Rule {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Rule {
    /// None for a word that `serde` refuses itself.
    fn from_text(text: &str) -> Option<Self> {
        Some(match text {
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "snake_case" => Self::Snake,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            _ => return None,
        })
    }

    /// Fields are in snake case to begin with.
    fn apply(self, field: &str) -> String {
        match self {
            Self::Lower | Self::Snake => field.to_owned(),
            Self::Upper | Self::ScreamingSnake => field.to_ascii_uppercase(),
            Self::Pascal => camel_case(field),
            Self::Camel => {
                let pascal = camel_case(field);
                let mut letters = pascal.chars();
                letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
            }
            Self::Kebab => field.replace('_', "-"),
            Self::ScreamingKebab => field.to_ascii_uppercase().replace('_', "-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn renamed(rule: &str) -> Option<String> {
        Rule::from_text(rule).map(|rule| rule.apply("effective_acs"))
    }

    #[test]
    fn rename_all_follows_serde() {
        for (rule, name) in [
            ("lowercase", "effective_acs"),
            ("UPPERCASE", "EFFECTIVE_ACS"),
            ("PascalCase", "EffectiveAcs"),
            ("camelCase", "effectiveAcs"),
            ("snake_case", "effective_acs"),
            ("SCREAMING_SNAKE_CASE", "EFFECTIVE_ACS"),
            ("kebab-case", "effective-acs"),
            ("SCREAMING-KEBAB-CASE", "EFFECTIVE-ACS"),
        ] {
            assert_eq!(renamed(rule).as_deref(), Some(name), "{rule}");
        }
    }

    #[test]
    fn a_field_may_be_renamed_or_skipped() {
        let of = |attribute: Attribute| field(&[attribute], &mut Errors::default());
        assert!(matches!(of(parse_quote!(#[serde(rename = "ACs")])), FieldName::Renamed(name) if name == "ACs"));
        assert!(matches!(
            of(parse_quote!(#[serde(default, rename(serialize = "a", deserialize = "b"))])),
            FieldName::Renamed(name) if name == "a"
        ));
        assert!(matches!(of(parse_quote!(#[serde(skip)])), FieldName::Skipped));
        assert!(matches!(of(parse_quote!(#[serde(default = "zero")])), FieldName::Own));
    }

    #[test]
    fn what_changes_the_form_is_refused() {
        let mut errors = Errors::default();
        field(&[parse_quote!(#[serde(flatten)])], &mut errors);
        assert!(!errors.is_empty());
    }
}
