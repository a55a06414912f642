//! `docs/layers.md` consists of the module docs of the layers, and has the same kinds as `docs/network-files.md`.
//!
//! `WRITE_PAGES=1` updates it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

const INTRODUCTION: &str = "# What layers compute\n\n\
    Every kind of layer of a native network with its formula and source.\n\
    `tests/layers_page.rs` generates this page from the module docs of the layers; do not edit it.\n\
    The page of [network files](network-files.md) describes keys and tensors, connections between layers, and resets of neurons.\n";

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/layers")
}

fn page_at(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap().replace("\r\n", "\n")
}

/// Modules in the table of kinds, in the order of the table.
fn modules() -> Vec<String> {
    let table = read(&sources().join("mod.rs"));
    let (_, table) = table.split_once("const KINDS: &[Kind] = &[").unwrap();
    let (table, _) = table.split_once("];").unwrap();
    let mut modules: Vec<String> = Vec::new();
    for module in table.lines().filter_map(|line| line.trim().split_once("::")).map(|(module, _)| module.to_owned()) {
        if !modules.contains(&module) {
            modules.push(module);
        }
    }
    modules
}

/// Source files of a module that define kinds: the module itself first, then those below it.
fn files(module: &str) -> Vec<String> {
    let folder = sources().join(module);
    let mut paths = vec![sources().join(format!("{module}.rs")), folder.join("mod.rs")];
    if let Ok(entries) = fs::read_dir(&folder) {
        let mut below: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path != &paths[1]).collect();
        below.sort();
        paths.extend(below);
    }
    let texts = paths.iter().filter(|path| path.is_file()).map(|path| read(path));
    texts.filter(|text| text.contains("Kind::new(")).collect()
}

/// Names of the kinds that a file defines.
fn kinds(source: &str) -> Vec<&str> {
    let quoted = |text: &'_ str| text.split('"').count() > 1;
    let macros = source.split_once("\nkinds! {").and_then(|(_, rest)| rest.split_once("\n}")).map(|(table, _)| table);
    let places: Vec<&str> = match macros {
        Some(table) => table.lines().filter(|line| quoted(line)).collect(),
        None => source.split("Kind::new(").skip(1).collect(),
    };
    places.into_iter().map(|place| place.split('"').nth(1).unwrap()).collect()
}

/// Converts doc comments to lines of a page: headings are nested below that of the layer, and links to items become plain names.
fn documentation<'s>(lines: impl IntoIterator<Item = &'s str>, prefix: &str) -> String {
    let mut text = String::new();
    let mut code = false;
    for line in lines {
        let line = line.trim_start().strip_prefix(prefix).unwrap();
        let line = line.strip_prefix(' ').unwrap_or(line);
        code ^= line.starts_with("```");
        if line.starts_with('#') && !code {
            text.push_str("##");
        }
        text.push_str(&if code { line.to_owned() } else { remove_item_links(line) });
        text.push('\n');
    }
    text
}

/// Removes the brackets of intra-doc links.
fn remove_item_links(line: &str) -> String {
    let mut parts = line.split("[`");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        match part.split_once("`]") {
            Some((item, rest)) if !rest.starts_with('(') => text.push_str(&format!("`{item}`{rest}")),
            _ => text.push_str(&format!("[`{part}")),
        }
    }
    text
}

/// Module docs of a file.
fn module_docs(source: &str) -> String {
    documentation(source.lines().take_while(|line| line.starts_with("//!")), "//!")
}

/// Docs of an item.
fn item_docs(source: &str, item: &str) -> String {
    let lines: Vec<&str> = source.lines().take_while(|line| !line.starts_with(item)).collect();
    assert!(lines.len() < source.lines().count(), "there is no {item}");
    let attributes = lines.iter().rev().take_while(|line| line.starts_with("#[")).count();
    let lines = &lines[..lines.len() - attributes];
    let first = lines.iter().rposition(|line| !line.starts_with("///")).unwrap() + 1;
    documentation(lines[first..].iter().copied(), "///")
}

/// Section about the dynamics of NIR's neurons and the simulators.
fn steps() -> String {
    let source = read(&sources().join("dynamics.rs"));
    let mut text = format!("## `dynamics`\n\n{}\n", module_docs(&source));
    text.push_str(&format!("### Rules\n\n{}\n", item_docs(&source, "pub struct StepRule")));
    text.push_str(&format!("### Simulators\n\n{}\n", item_docs(&source, "pub enum Simulator")));
    let (_, variants) = source.split_once("pub enum Simulator {\n").unwrap();
    let (variants, _) = variants.split_once("\n}").unwrap();
    let mut docs = Vec::new();
    for line in variants.lines().map(str::trim) {
        match line.strip_prefix("/// ") {
            Some(line) => docs.push(line),
            None => {
                let name = line.trim_end_matches(',').to_lowercase();
                text.push_str(&format!("* `{name}`: {}\n", docs.join("\n  ")));
                docs.clear();
            }
        }
    }
    text
}

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for module in modules() {
        for source in files(&module) {
            let names: Vec<String> = kinds(&source).iter().map(|kind| format!("`{kind}`")).collect();
            page.push_str(&format!("\n## {}\n\n{}", names.join(", "), module_docs(&source)));
        }
        if module == "integrators" {
            page.push_str(&format!("\n{}", steps()));
        }
    }
    page
}

#[test]
fn the_page_of_layers_is_current() {
    let page = page();
    let path = page_at("layers.md");
    if std::env::var_os("WRITE_PAGES").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let committed = read(&path);
    let differs = page.lines().zip(committed.lines()).find(|(generated, committed)| generated != committed);
    assert!(
        page == committed,
        "docs/layers.md is outdated, first in {differs:?}: run \
         `WRITE_PAGES=1 cargo test -p neurobench-core --test layers_page`"
    );
}

#[test]
fn both_pages_contain_every_kind() {
    let modules = modules();
    let sources: Vec<String> = modules.iter().flat_map(|module| files(module)).collect();
    let mut defined: Vec<&str> = sources.iter().flat_map(|source| kinds(source)).collect();
    let format = read(&page_at("network-files.md"));
    let (_, table) = format.split_once("| kind | keys | tensors |\n|---|---|---|\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    // The cells of some kinds contain more than their names.
    let named = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let mut documented: Vec<&str> = named.filter(|name| !name.contains(' ')).collect();
    defined.sort_unstable();
    documented.sort_unstable();
    assert_eq!(documented, defined);
}

#[test]
fn links_point_to_existing_files() {
    for name in ["network-files.md", "layers.md"] {
        let text = read(&page_at(name));
        // The pages are also part of the rustdoc, which needs absolute addresses; they must be files of the repository.
        let repository = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let addresses = text.split(repository).skip(1).map(|rest| rest.split_whitespace().next().unwrap());
        for address in addresses {
            assert!(root.join(address).is_file(), "{name}: {address} does not exist");
        }
    }
}
