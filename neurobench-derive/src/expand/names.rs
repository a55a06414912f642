//! Items that make the compiler refuse one name for two components of a module.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, LitStr};

use crate::model::Definition;

/// One hidden constant for each registered name. Two components of one name in one module are then two items of one
/// name.
///
/// Names in different modules of a crate cannot be compared by a macro: `neurobench::testing::assert_no_duplicates`
/// does.
pub(crate) fn names(definition: &Definition) -> TokenStream {
    let place =
        definition.options.name.as_ref().map_or_else(|| definition.function.signature.ident.span(), LitStr::span);
    let own = constant(definition.kind.noun(), &definition.name, place);
    let variants = definition
        .options
        .variants
        .iter()
        .map(|variant| constant(definition.kind.noun(), &variant.name.value(), variant.name.span()));
    let shared = definition.function.shared_attributes().collect::<Vec<_>>();
    std::iter::once(own).chain(variants).map(|constant| quote!(#(#shared)* #constant)).collect()
}

/// The constant for a name: the compiler shows its identifier in the message.
pub(crate) fn constant(noun: &str, name: &str, span: Span) -> TokenStream {
    let ident = Ident::new(&format!("__{}_named_{}", plain(noun), plain(name)), span);
    // The compiler reports the second constant from its first to its last token.
    let item = quote_spanned!(span=> const #ident: () = (););
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, non_upper_case_globals, reason = "two of one name in a module are refused by the compiler")]
        #item
    }
}

/// A text as part of an identifier. Letters outside of ASCII are written as numbers, so that no lint on identifiers
/// fires.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => plain.push(letter),
            letter if letter.is_ascii() => plain.push('_'),
            letter => plain.push_str(&format!("u{:x}", u32::from(letter))),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_letters_become_identifiers() {
        assert_eq!(plain("Top-K_1"), "top_k_1");
        assert_eq!(plain("größe²"), "gruf6udfeub2");
    }
}
