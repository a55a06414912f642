//! Items that make the compiler refuse one name for two components of a module.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Ident;

use crate::model::Definition;

/// One hidden constant for each registered name. Two components of one name in one module are then two items of one name.
///
/// Names in different modules of a crate cannot be compared by a macro: `neurobench::testing::assert_no_duplicates` does.
pub(crate) fn names(definition: &Definition) -> TokenStream {
    let own = constant(definition.kind.noun(), &definition.name, definition.function.signature.ident.span());
    let variants = definition
        .options
        .variants
        .iter()
        .map(|variant| constant(definition.kind.noun(), &variant.name.value(), variant.name.span()));
    let shared = definition.function.shared_attributes().collect::<Vec<_>>();
    std::iter::once(own).chain(variants).map(|constant| quote!(#(#shared)* #constant)).collect()
}

/// The constant that stands for a name: the compiler shows its identifier in the message.
pub(crate) fn constant(noun: &str, name: &str, span: Span) -> TokenStream {
    let plain = |text: &str| text.replace(|letter: char| !letter.is_alphanumeric(), "_").to_lowercase();
    let ident = Ident::new(&format!("__{}_named_{}", plain(noun), plain(name)), span);
    quote! {
        #[doc(hidden)]
        #[allow(dead_code, non_upper_case_globals, reason = "two of one name in a module are refused by the compiler")]
        const #ident: () = ();
    }
}
