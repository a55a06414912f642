//! Parts that the derives share: the path of the engine, and the generics of a struct.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::visit::Visit;
use syn::{Attribute, DeriveInput, GenericParam, Ident, Path, Type, Visibility, WhereClause, parse_quote};

use crate::crate_name;
use crate::errors::{Errors, hint};
use crate::options::value_with;

/// The module of the engine that generated code may name: `::neurobench::__private`, or that of the crate in
/// `#[neurobench(crate = path)]`.
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
    crate_name::private(krate.as_ref())
}

/// Refuses lifetimes: states and values outlive every batch.
pub(crate) fn refuse_lifetimes(input: &DeriveInput, message: &str, errors: &mut Errors) {
    for parameter in &input.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            errors.at(lifetime, message);
        }
    }
}

/// The `where` clause of a struct, with the conditions on its fields and on itself.
///
/// Only fields that mention a type parameter need a condition. The bounds on the whole struct are of any lifetime,
/// `for<'a> Trait<'a>`: the compiler then checks them where the struct is used, even if it is not generic.
pub(crate) fn bounded(
    input: &DeriveInput,
    fields: impl Iterator<Item = (Type, TokenStream)>,
    whole: &TokenStream,
) -> Option<WhereClause> {
    let mut clause = input.generics.where_clause.clone();
    let added = clause.get_or_insert_with(|| parse_quote!(where));
    if input.generics.params.is_empty() {
        let name = &input.ident;
        added.predicates.push(parse_quote!(#name: #whole));
        return clause;
    }
    let parameters: Vec<&Ident> = input.generics.type_params().map(|parameter| &parameter.ident).collect();
    for (ty, bound) in fields.filter(|(ty, _)| mentions(ty, &parameters)) {
        added.predicates.push(parse_quote!(#ty: #bound));
    }
    added.predicates.push(parse_quote!(Self: #whole));
    clause
}

/// Marks a type without `pub` as such, in the role of the trait that is derived, so that public metrics can refuse it.
pub(crate) fn visibility(input: &DeriveInput, private: &TokenStream, role: &TokenStream) -> Option<TokenStream> {
    let (name, (generics, arguments, clause)) = (&input.ident, input.generics.split_for_impl());
    let is_public = matches!(input.vis, Visibility::Public(_));
    (!is_public).then(|| {
        quote! {
            #[automatically_derived]
            impl #generics #private::NotPublic<#private::#role> for #name #arguments #clause {}
        }
    })
}

fn mentions(ty: &Type, parameters: &[&Ident]) -> bool {
    struct Finder<'a> {
        parameters: &'a [&'a Ident],
        found: bool,
    }
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_ident(&mut self, ident: &'ast Ident) {
            self.found |= self.parameters.contains(&ident);
        }
    }
    let mut finder = Finder { parameters, found: false };
    finder.visit_type(ty);
    finder.found
}
