//! The expansion of an attribute on a function: the function unchanged, a type that holds its settings, and trait
//! impls.

mod call;
mod checks;
mod constructor;
mod fold;
mod metric;
pub(crate) mod names;
mod reading;
mod registration;
pub(crate) mod settings;
mod stub;
mod type_item;
mod workload;

use proc_macro2::TokenStream;
use quote::quote;

use crate::check;
use crate::errors::Errors;
use crate::function::Function;
use crate::kind::Kind;
use crate::model::Definition;
use crate::options::Options;
use crate::types;

/// Expands an attribute on a function.
pub(crate) fn expand(kind: Kind, options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(kind.accepted(), options, &mut errors);
    let Ok(mut function) = syn::parse2::<Function>(item.clone()) else {
        errors.at(item, format!("`#[{}]` goes on a function: `{}`", kind.attribute(), kind.form()));
        let errors = errors.to_tokens();
        return quote!(#item #errors);
    };
    one_attribute(kind, &mut function, &mut errors);
    let private = options.private();
    types::ranks(&mut function.signature, &private, &mut errors);
    let definition = Definition::new(kind, options, function, &mut errors);
    check::check(&definition, &mut errors);
    if errors.is_empty() { whole(&definition) } else { stub::stub(&definition, &errors) }
}

/// Refuses and removes further attributes of this crate: each would define the same type again.
fn one_attribute(kind: Kind, function: &mut Function, errors: &mut Errors) {
    function.attributes.retain(|attribute| {
        let Some(other) = Kind::from_path(attribute.path()) else { return true };
        errors.at(
            attribute,
            format!(
                "a function is one component, and this one is {} already: remove `#[{}]`, or write a second function",
                kind.a_noun(),
                other.attribute()
            ),
        );
        false
    });
}

/// Expands a definition that has no mistakes, as far as its syntax shows.
fn whole(definition: &Definition) -> TokenStream {
    let Some(settings) = definition.settings() else { return TokenStream::new() };
    let function = &definition.function;
    let type_item = type_item::type_item(definition);
    let clone_and_debug = type_item::clone_and_debug(definition);
    let settings = settings::settings(&settings);
    let behavior = match definition.kind {
        _ if definition.options.of.is_some() => reading::from_cores(definition),
        Kind::Accumulated => fold::fold(definition),
        Kind::Workload => workload::workload(definition),
        Kind::Static => reading::from_model(definition),
        Kind::Constructor(kind) => constructor::constructor(definition, kind),
    };
    let metric = metric::metric(definition);
    let registrations = registration::registrations(definition);
    let names = names::names(definition);
    let checks = checks::checks(definition);
    let shared = function.shared_attributes();
    quote! {
        #function
        #type_item
        #names
        #(#shared)*
        const _: () = {
            #checks
            #clone_and_debug
            #settings
            #metric
            #behavior
            #registrations
        };
    }
}
