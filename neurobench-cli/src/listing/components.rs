//! Components of every kind but metrics, in all forms.

use crate::listing::markdown::{cell, code, line, one_line, unindented};
use crate::table::{keep_whole, plain};
use neurobench_core::component::{CatalogueEntry, CatalogueKind, CatalogueSetting};

/// A row for each component: its names and settings, one below the other, so that a narrow terminal has room for the
/// summary.
pub(crate) fn overview(kind: &CatalogueKind, entries: &[CatalogueEntry]) -> String {
    let mut table = plain([kind.singular, "summary"]);
    for entry in entries {
        let mut names = vec![entry.name.to_owned()];
        names.extend(entry.aliases.iter().map(|alias| format!("= {alias}")));
        names.extend(entry.settings.iter().map(|setting| match &setting.value {
            Some(value) => format!("  {}={value}", setting.name),
            None => format!("  {}, required", setting.name),
        }));
        table.add_row([names.join("\n"), summary(entry)]);
    }
    keep_whole(&mut table, [(0, 40)]);
    let s = if entries.len() == 1 { "" } else { "s" };
    format!("{table}\n{} {}{s}; `neurobench describe NAME` shows all of one\n", entries.len(), kind.singular)
}

pub(crate) fn summary(entry: &CatalogueEntry) -> String {
    entry.variant_of.map_or_else(|| entry.summary.clone(), |base| format!("{base} with other settings"))
}

/// Returns a component in full.
pub(crate) fn details(entry: &CatalogueEntry) -> String {
    let CatalogueEntry { name, kind, package, version, .. } = entry;
    let mut lines = vec![format!("{name} ({kind} of {package}, version {version})")];
    lines.extend(entry.docs.lines().map(|line| format!("    {line}").trim_end().to_owned()));
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            lines.push(format!("  {name}: {}", value.trim_end()));
        }
    };
    fact("variant of", entry.variant_of.unwrap_or_default());
    fact("aliases", &entry.aliases.join(", "));
    let settings = entry.settings.iter().map(|setting| ("setting", setting));
    let keys = entry.file_keys.iter().map(|key| ("key of the file", key));
    for (label, setting) in settings.chain(keys) {
        let CatalogueSetting { name, type_name, range, value, docs, .. } = setting;
        let value = value.as_ref().map_or_else(|| ", required".to_owned(), |value| format!(" = {value}"));
        let range = range.map_or_else(String::new, |range| format!(", in {range}"));
        fact(label, &format!("{name}: {type_name}{value}{range}  {}", one_line(docs)));
    }
    for source in entry.citations {
        fact("source", source);
    }
    fact("defined at", &format!("{}:{}", entry.file, entry.line));
    lines.push(String::new());
    lines.join("\n") + "\n"
}

const INTRODUCTION: &str = "# Components

Every component of `neurobench` other than [metrics](metrics.md).
The page is generated from the definitions by `neurobench list components --markdown`, and a test keeps it current.
A component is found by its name or an alias, in any case and with or without `_`, and written with its settings: `scale(factor=0.5)`.
";

/// A page with everything about the components of some kinds.
pub(crate) fn page(kinds: &[(&'static CatalogueKind, Vec<CatalogueEntry>)]) -> String {
    let mut page = String::from(INTRODUCTION);
    for (kind, entries) in kinds.iter().filter(|(_, entries)| !entries.is_empty()) {
        line(&mut page, format_args!("\n## {}\n\n| {} | summary |\n|---|---|", title(kind.singular), kind.singular));
        for entry in entries {
            let name = entry.name;
            line(&mut page, format_args!("| [`{name}`](#{name}) | {} |", cell(&summary(entry))));
        }
        for entry in entries {
            page += &self::entry(entry);
        }
    }
    page
}

/// Returns the section of a component on the page.
pub(crate) fn entry(entry: &CatalogueEntry) -> String {
    let mut text = String::new();
    line(&mut text, format_args!("\n### `{}`\n", entry.name));
    match entry.variant_of {
        Some(base) => line(&mut text, format_args!("[`{base}`](#{base}) with other settings.")),
        None => line(&mut text, format_args!("{}", unindented(entry.docs))),
    }
    let mut facts = Vec::new();
    if !entry.aliases.is_empty() {
        facts.push(format!("also: {}", code(entry.aliases)));
    }
    let settings = entry.settings.iter().map(|setting| ("setting", setting));
    let keys = entry.file_keys.iter().map(|key| ("key of the file", key));
    for (label, setting) in settings.chain(keys) {
        let CatalogueSetting { name, type_name, range, value, docs, .. } = setting;
        let value = value.as_ref().map_or_else(|| ", required".to_owned(), |value| format!(" = `{value}`"));
        let range = range.map_or_else(String::new, |range| format!(", in `{range}`"));
        facts.push(format!("{label}: `{name}`: `{type_name}`{value}{range}. {}", one_line(docs)));
    }
    facts.extend(entry.citations.iter().map(|source| format!("source: {source}")));
    for (index, fact) in facts.iter().enumerate() {
        let gap = if index == 0 { "\n" } else { "" };
        line(&mut text, format_args!("{gap}* {}", fact.trim_end()));
    }
    text
}

/// `Data formats` for `data format`.
fn title(singular: &str) -> String {
    let mut letters = singular.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).chain(['s']).collect())
}
