//! `#[derive(Settings)]`: a struct whose fields are the settings of a component.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, LitStr, Meta};

use crate::check;
use crate::errors::Errors;
use crate::expand::settings::{AboutParts, SettingsType, settings};
use crate::names::{RULE, is_valid, snake_case};
use crate::options::{Accepted, Options};
use crate::param::Param;
use crate::source;

/// Options of `#[component(..)]`.
const OPTIONS: [&str; 5] = ["name", "alias", "version", "cite", "crate"];

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let options = options(&input.attrs, &mut errors);
    let params = params(input, &mut errors);
    if !input.generics.params.is_empty() {
        errors.at(&input.generics, "settings cannot be generic: a component is registered by name, as one type");
    }
    let name = options.name.as_ref().map_or_else(|| snake_case(&source::plain(&input.ident)), LitStr::value);
    for written in options.name.iter().chain(&options.aliases).filter(|written| !is_valid(&written.value())) {
        errors.at(written, format!("`{}` is not a valid name: {RULE}", written.value()));
    }
    check::settings(&params, &mut errors);
    // A mistake in the options does not make code that uses the struct a second mistake.
    let is_whole =
        input.generics.params.is_empty() && is_struct(input) && params.iter().all(|param| check::is_setting(&param.ty));
    let errors = errors.to_tokens();
    if !is_whole {
        return errors;
    }
    let private = options.private();
    let about = AboutParts {
        name: &name,
        span: input.ident.span(),
        attributes: &input.attrs,
        citations: &options.citations,
        aliases: &options.aliases,
        version: options.version.unwrap_or(1),
    };
    let implementation = settings(&SettingsType {
        private,
        ident: &input.ident,
        params: &params,
        cores: Vec::new(),
        about,
        has_default: false,
    });
    quote! {
        #errors
        const _: () = { #implementation };
    }
}

/// Returns true if the item is a struct whose fields have names.
fn is_struct(input: &DeriveInput) -> bool {
    matches!(&input.data, Data::Struct(data) if !matches!(data.fields, Fields::Unnamed(_)))
}

/// The options of `#[component(..)]`, if it is there.
fn options(attributes: &[Attribute], errors: &mut Errors) -> Options {
    let mut written = attributes.iter().filter(|attribute| attribute.path().is_ident("component"));
    let tokens = match written.next().map(|attribute| &attribute.meta) {
        Some(Meta::List(list)) => list.tokens.clone(),
        Some(other) => {
            errors.at(other, "write the options in parentheses: `#[component(name = \"..\")]`");
            TokenStream::new()
        }
        None => TokenStream::new(),
    };
    for second in written {
        errors.at(second, "this struct has two `#[component]`: put all options into one");
    }
    let accepted = Accepted { attribute: "component", options: OPTIONS.to_vec(), why_not: Box::new(|_| None) };
    Options::parse(accepted, tokens, errors)
}

fn params(input: &DeriveInput, errors: &mut Errors) -> Vec<Param> {
    let Data::Struct(data) = &input.data else {
        errors.at(&input.ident, "settings are the fields of a struct: write `struct Name { setting: Type }`");
        return Vec::new();
    };
    match &data.fields {
        Fields::Named(fields) => fields.named.iter().filter_map(|field| Param::from_field(field, errors)).collect(),
        Fields::Unit => Vec::new(),
        Fields::Unnamed(fields) => {
            errors.push(syn::Error::new(fields.span(), "a setting has a name: write `{ setting: Type }`"));
            Vec::new()
        }
    }
}
