//! The name of the `neurobench` crate in the crate that uses the macros.
//!
//! A crate may import neurobench under another name: `nb = { package = "neurobench", .. }`. A macro is not given that
//! name, but it can read it in the crate's `Cargo.toml`, so that `crate = nb` need not be written.

use std::path::Path as FilePath;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Path;

const PACKAGE: &str = "neurobench";

/// The module of the engine that generated code may name, in the crate of a path that the user wrote or in neurobench
/// itself.
pub(crate) fn private(written: Option<&Path>) -> TokenStream {
    if let Some(path) = written {
        return quote!(#path::__private);
    }
    match imported_name().and_then(|name| syn::parse_str::<Ident>(&name).ok()) {
        Some(name) => {
            let name = Ident::new(&name.to_string(), Span::call_site());
            quote!(::#name::__private)
        }
        None => quote!(::neurobench::__private),
    }
}

/// The other name under which the crate that is compiled imports neurobench; `None` if it has no other name, or is not
/// known.
fn imported_name() -> Option<String> {
    let directory = std::env::var_os("CARGO_MANIFEST_DIR")?;
    let directory = FilePath::new(&directory);
    let manifest = std::fs::read_to_string(directory.join("Cargo.toml")).ok()?;
    let dependencies = Dependencies::read(&manifest);
    let name = dependencies.renamed().or_else(|| {
        let inherited = &dependencies.inherited;
        let workspace = directory.ancestors().skip(1).find_map(|parent| {
            let manifest = std::fs::read_to_string(parent.join("Cargo.toml")).ok()?;
            manifest.contains("[workspace").then(|| Dependencies::read(&manifest))
        })?;
        workspace
            .all
            .into_iter()
            .find(|(name, package)| package == PACKAGE && inherited.contains(name))
            .map(|(name, _)| name)
    })?;
    Some(name.replace('-', "_"))
}

/// The dependencies in a manifest, as far as their names are concerned.
#[derive(Default)]
struct Dependencies {
    /// Names with their packages, where a package is written.
    all: Vec<(String, String)>,
    /// Names whose package stands in the manifest of the workspace.
    inherited: Vec<String>,
    /// Names that stand for themselves.
    plain: Vec<String>,
}

impl Dependencies {
    /// Reads the lines that matter. This is not a parser of TOML: a manifest that it does not understand has no other
    /// name for neurobench.
    fn read(manifest: &str) -> Self {
        let mut dependencies = Self::default();
        let mut table: Vec<String> = Vec::new();
        for line in manifest.lines().map(str::trim) {
            if let Some(header) = line.strip_prefix('[').and_then(|line| line.split(']').next()) {
                table = words(header);
                continue;
            }
            let Some((key, value)) = line.split_once('=') else { continue };
            // `dependencies.nb` with `package = ".."`, and `dependencies` with `nb.package = ".."` or `nb = { .. }`.
            let path: Vec<String> = table.iter().cloned().chain(words(key)).collect();
            let Some(place) = path.iter().position(|word| word.ends_with("dependencies")) else { continue };
            match &path[place + 1..] {
                [name] => dependencies.entry(name, value),
                [name, option] => dependencies.option(name, option, value),
                _ => {}
            }
        }
        dependencies
    }

    /// `name = "1.0"`, or `name = { option = value, .. }`.
    fn entry(&mut self, name: &str, value: &str) {
        let Some(options) = value.trim().strip_prefix('{') else {
            self.plain.push(name.to_owned());
            return;
        };
        let mut has_package = false;
        for (option, value) in options.split(',').filter_map(|option| option.split_once('=')) {
            has_package |= option.trim() == "package";
            self.option(name, option.trim(), value);
        }
        if !has_package {
            self.plain.push(name.to_owned());
        }
    }

    fn option(&mut self, name: &str, option: &str, value: &str) {
        match option {
            "package" => {
                let package = value.split(['"', '\'']).nth(1).unwrap_or_default();
                self.all.push((name.to_owned(), package.to_owned()));
            }
            "workspace" => self.inherited.push(name.to_owned()),
            _ => {}
        }
    }

    /// The first other name of neurobench, unless its own name stands for it as well.
    fn renamed(&self) -> Option<String> {
        let is_plain = self.plain.iter().any(|name| name == PACKAGE);
        let mut renamed = self.all.iter().filter(|(_, package)| package == PACKAGE);
        renamed.next().filter(|_| !is_plain).map(|(name, _)| name.clone())
    }
}

/// The words of a dotted key. Those of a target, as in `target.'cfg(unix)'.dependencies`, may be cut into pieces: they
/// do not matter.
fn words(key: &str) -> Vec<String> {
    key.split('.').map(|word| word.trim().trim_matches(['"', '\'', '[', ']']).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(manifest: &str) -> Option<String> {
        Dependencies::read(manifest).renamed()
    }

    #[test]
    fn another_name_is_found_in_every_form() {
        for manifest in [
            "[dependencies]\nserde = \"1\"\nnb = { version = \"0.1\", package = \"neurobench\" }",
            "[dependencies.nb]\nversion = \"0.1\"\npackage = 'neurobench'",
            "[target.'cfg(unix)'.dev-dependencies]\nnb.package = \"neurobench\"",
            "[workspace.dependencies]\nnb = { package = \"neurobench\", path = \"..\" }",
        ] {
            assert_eq!(renamed(manifest).as_deref(), Some("nb"), "{manifest}");
        }
    }

    #[test]
    fn the_own_name_needs_no_other() {
        for manifest in [
            "[dependencies]\nneurobench = \"0.1\"",
            "[dependencies]\nneurobench = { path = \"..\" }\n[dev-dependencies]\nold = { package = \"neurobench\", version = \"0.1\" }",
            "[package]\nname = \"neurobench\"",
            "[dependencies]\nnb = { package = \"neurobench-core\" }",
        ] {
            assert_eq!(renamed(manifest), None, "{manifest}");
        }
    }

    #[test]
    fn a_name_of_the_workspace_is_inherited() {
        for manifest in ["[dependencies]\nnb.workspace = true", "[dependencies]\nnb = { workspace = true }"] {
            assert_eq!(Dependencies::read(manifest).inherited, ["nb"], "{manifest}");
        }
    }
}
