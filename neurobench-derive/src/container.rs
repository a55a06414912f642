//! What both derives share: the path of the engine, and the generics of a struct.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::ParseStream;
use syn::{Attribute, DeriveInput, GenericParam, Ident, Path, WhereClause, WherePredicate, ext::IdentExt, parse_quote};

use crate::errors::{Errors, hint};
use crate::options::value_with;

/// The module of the engine that generated code may name: `::neurobench::__private`, or that of the crate that
/// `#[neurobench(crate = path)]` names.
pub(crate) fn private(attributes: &[Attribute], errors: &mut Errors) -> TokenStream {
    let mut krate: Option<Path> = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("neurobench")) {
        let read = attribute.parse_args_with(|input: ParseStream<'_>| {
            let key = input.call(Ident::parse_any)?;
            if key != "crate" {
                let message =
                    format!("unknown option `{key}` of `#[neurobench]`{}", hint(&key.to_string(), &["crate"]));
                return Err(syn::Error::new(key.span(), message));
            }
            value_with(&key, input, "crate = my_neurobench", Path::parse_mod_style)
        });
        match read {
            Ok(path) => krate = Some(path),
            Err(error) => errors.push(error),
        }
    }
    match krate {
        Some(path) => quote!(#path::__private),
        None => quote!(::neurobench::__private),
    }
}

/// No lifetimes: what the engine keeps outlives every batch.
pub(crate) fn refuse_lifetimes(input: &DeriveInput, message: &str, errors: &mut Errors) {
    for parameter in &input.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            errors.at(lifetime, message);
        }
    }
}

/// The `where` clause of a generic struct, with the conditions of the fields; unchanged if it is not generic.
pub(crate) fn bounded(input: &DeriveInput, conditions: impl Iterator<Item = WherePredicate>) -> Option<WhereClause> {
    let mut clause = input.generics.where_clause.clone();
    if input.generics.params.is_empty() {
        return clause;
    }
    let added = clause.get_or_insert_with(|| parse_quote!(where));
    added.predicates.extend(conditions);
    clause
}
