//! `#[derive(Serialize)]` and `#[derive(Deserialize)]` of the prelude: serde's own, without serde among the user's
//! dependencies.
//!
//! The derives of serde name the crate `serde`, which a user's `Cargo.toml` may lack. They accept another path,
//! `#[serde(crate = "..")]`: a copy of the user's item gets that attribute, and serde derives for the copy. An attribute
//! below the derive then [removes](crate::remove) the copy, so that the implementation is for the item of the user.
//! Everything else, such as the options of `#[serde(..)]`, bounds and error messages, is that of serde.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Attribute, DeriveInput};

use crate::container::private;
use crate::errors::Errors;

/// Derives a trait of serde for an item, by the path of serde within neurobench.
pub(crate) fn derive(name: &str, input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let private = private(&input.attrs, &mut errors);
    let derive = Ident::new(name, Span::call_site());
    let path = format!("{private}::serde").replace(' ', "");
    let serde = (!input.attrs.iter().any(names_crate)).then(|| quote!(#[serde(crate = #path)]));
    let errors = errors.to_tokens();
    quote! {
        #errors
        const _: () = {
            #[derive(#private::serde::#derive)]
            #[#private::remove]
            #serde
            #input
        };
    }
}

/// Returns true if an attribute is `#[serde(crate = "..")]`, with or without other options.
fn names_crate(attribute: &Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    // Paths in other options stand in string literals, so this word is the option.
    let mut tokens = list.tokens.clone().into_iter();
    attribute.path().is_ident("serde") && tokens.any(|token| token.to_string() == "crate")
}
