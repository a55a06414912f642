//! Types beside a function in its module, as far as the source file shows.
//!
//! A macro sees one item. If the type that it makes has the name of another in the module, the compiler reports the two
//! definitions and then each trait that both implement. So the file is read, and this is the one mistake that is
//! reported.

use proc_macro2::Ident;
use syn::{Attribute, Item};

use crate::source;

/// Returns true if a type of this name certainly stands in the module of a function.
///
/// False if the file cannot be read, as in an editor, or if conditional compilation may remove one of the two.
pub(crate) fn is_defined_beside(function: &Ident, name: &Ident) -> bool {
    if !proc_macro::is_available() {
        return false;
    }
    let text = function.span().unwrap().local_file().and_then(|file| std::fs::read_to_string(file).ok());
    text.is_some_and(|text| is_beside(&text, &source::plain(function), &source::plain(name)))
}

fn is_beside(text: &str, function: &str, name: &str) -> bool {
    // Files are parsed only if they name the type, as most do not.
    if !text.contains(name) {
        return false;
    }
    let Ok(file) = syn::parse_file(text) else { return false };
    let mut modules = Vec::new();
    collect_modules(&file.items, &mut modules);
    let mut homes = modules.into_iter().filter(|items| items.iter().any(|item| is_function(item, function)));
    match (homes.next(), homes.next()) {
        (Some(home), None) => home.iter().any(|item| is_type(item, name)),
        // With functions of this name in several modules it is not known which one is expanded.
        _ => false,
    }
}

/// The items of each module in a file.
fn collect_modules<'a>(items: &'a [Item], modules: &mut Vec<&'a [Item]>) {
    modules.push(items);
    for item in items {
        if let Item::Mod(module) = item
            && let Some((_, items)) = &module.content
        {
            collect_modules(items, modules);
        }
    }
}

fn is_function(item: &Item, name: &str) -> bool {
    matches!(item, Item::Fn(function) if function.sig.ident == name && is_unconditional(&function.attrs))
}

fn is_type(item: &Item, name: &str) -> bool {
    let (ident, attributes) = match item {
        Item::Struct(item) => (&item.ident, &item.attrs),
        Item::Enum(item) => (&item.ident, &item.attrs),
        Item::Type(item) => (&item.ident, &item.attrs),
        _ => return false,
    };
    ident == name && is_unconditional(attributes)
}

fn is_unconditional(attributes: &[Attribute]) -> bool {
    !attributes.iter().any(|attribute| attribute.path().is_ident("cfg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_of_the_same_module_is_found() {
        assert!(is_beside("struct Hits; fn hits() {}", "hits", "Hits"));
        assert!(is_beside("mod inner { fn hits() {} enum Hits {} }", "hits", "Hits"));
    }

    #[test]
    fn a_type_that_may_not_be_in_the_module_is_none() {
        for text in [
            "struct Hit; fn hits() {}",
            "mod inner { struct Hits; } fn hits() {}",
            "#[cfg(test)] struct Hits; fn hits() {}",
            "struct Hits; #[cfg(test)] fn hits() {}",
            "struct Hits; fn hits() {} mod inner { fn hits() {} }",
            "macro_rules! hits { () => { struct Hits; } } fn hits() {}",
            "struct Hits; fn hits( {}",
        ] {
            assert!(!is_beside(text, "hits", "Hits"), "{text}");
        }
    }
}
