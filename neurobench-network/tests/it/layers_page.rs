//! `docs/layers.md` is what the sources of the layers say on top, and has every kind that `docs/network-files.md` has.
//!
//! `WRITE_PAGES=1` writes it anew.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

const INTRODUCTION: &str = "# What layers compute\n\n\
    Every kind of layer of a native network with its formula and source, as the file that computes it says them: this page is\n\
    made of them by `tests/it/layers_page.rs`, and not written by hand. Which keys and tensors a layer has, how layers are connected\n\
    and when neurons are reset stands on the page of [network files](network-files.md).\n";

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/layers")
}

fn page_at(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap().replace("\r\n", "\n")
}

/// The modules of the table of kinds, in its order.
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

/// The files of a module that make kinds: its own first, then those below it.
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

/// The kinds that a file makes, by name.
fn kinds(source: &str) -> Vec<&str> {
    let quoted = |text: &'_ str| text.split('"').count() > 1;
    let macros = source.split_once("\nkinds! {").and_then(|(_, rest)| rest.split_once("\n}")).map(|(table, _)| table);
    let places: Vec<&str> = match macros {
        Some(table) => table.lines().filter(|line| quoted(line)).collect(),
        None => source.split("Kind::new(").skip(1).collect(),
    };
    places.into_iter().map(|place| place.split('"').nth(1).unwrap()).collect()
}

/// Lines of documentation as they stand on a page: headings below that of the layer, and names of items as names alone.
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
        text.push_str(&if code { line.to_owned() } else { without_items(line) });
        text.push('\n');
    }
    text
}

/// Without the brackets of names that rustdoc makes links of.
fn without_items(line: &str) -> String {
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

/// What a file says on top.
fn top(source: &str) -> String {
    documentation(source.lines().take_while(|line| line.starts_with("//!")), "//!")
}

/// What stands above an item.
fn above(source: &str, item: &str) -> String {
    let lines: Vec<&str> = source.lines().take_while(|line| !line.starts_with(item)).collect();
    assert!(lines.len() < source.lines().count(), "there is no {item}");
    let attributes = lines.iter().rev().take_while(|line| line.starts_with("#[")).count();
    let lines = &lines[..lines.len() - attributes];
    let first = lines.iter().rposition(|line| !line.starts_with("///")).unwrap() + 1;
    documentation(lines[first..].iter().copied(), "///")
}

/// How the neurons of NIR are stepped, and what each simulator does.
fn steps() -> String {
    let source = read(&sources().join("dynamics.rs"));
    let mut text = format!("## `dynamics`\n\n{}\n", top(&source));
    text.push_str(&format!("### Rules\n\n{}\n", above(&source, "pub struct StepRule")));
    text.push_str(&format!("### Simulators\n\n{}\n", above(&source, "pub enum Simulator")));
    let (_, variants) = source.split_once("pub enum Simulator {\n").unwrap();
    let (variants, _) = variants.split_once("\n}").unwrap();
    let mut said = Vec::new();
    for line in variants.lines().map(str::trim) {
        match line.strip_prefix("/// ") {
            Some(line) => said.push(line),
            None => {
                let name = line.trim_end_matches(',').to_lowercase();
                text.push_str(&format!("* `{name}`: {}\n", said.join("\n  ")));
                said.clear();
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
            page.push_str(&format!("\n## {}\n\n{}", names.join(", "), top(&source)));
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
    let differs = page.lines().zip(committed.lines()).find(|(made, committed)| made != committed);
    assert!(
        page == committed,
        "docs/layers.md is not what the layers say, first in {differs:?}: run \
         `WRITE_PAGES=1 cargo test -p neurobench-network layers_page`"
    );
}

#[test]
fn both_pages_have_every_kind() {
    let modules = modules();
    let sources: Vec<String> = modules.iter().flat_map(|module| files(module)).collect();
    let mut made: Vec<&str> = sources.iter().flat_map(|source| kinds(source)).collect();
    let format = read(&page_at("network-files.md"));
    let (_, table) = format.split_once("| kind | keys | tensors |\n|---|---|---|\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    // `concatenate` and `constant` say more beside their names.
    let named = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let mut told: Vec<&str> = named.filter(|name| !name.contains(' ')).collect();
    made.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, made);
}

#[test]
fn links_lead_to_files() {
    for name in ["network-files.md", "layers.md"] {
        let text = read(&page_at(name));
        // Where rustdoc shows a page, only whole addresses lead anywhere; here they stand for what is in the repository.
        let repository = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let addresses = text.split(repository).skip(1).map(|rest| rest.split_whitespace().next().unwrap());
        for address in addresses {
            assert!(root.join(address).is_file(), "{name}: {address} is not there");
        }
    }
}
