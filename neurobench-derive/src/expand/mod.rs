//! What is made of a metric: the function as it was, a type, and what the engine needs to know of it.

mod call;
mod checks;
mod definition;
mod fold;
mod reading;
mod registration;
mod settings;
mod stub;
mod workload;

use proc_macro2::TokenStream;
use quote::quote;

use crate::check;
use crate::errors::Errors;
use crate::function::Function;
use crate::kind::Kind;
use crate::model::Metric;
use crate::options::Options;

/// The expansion of an attribute on a function.
pub(crate) fn metric(kind: Kind, options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::parse(kind, options, &mut errors);
    let Ok(function) = syn::parse2::<Function>(item.clone()) else {
        errors.at(item, format!("`#[{}]` goes on a function: `fn name(inputs) -> value`", kind.attribute()));
        let errors = errors.to_tokens();
        return quote!(#item #errors);
    };
    let metric = Metric::new(kind, options, function, &mut errors);
    check::check(&metric, &mut errors);
    if errors.is_empty() { whole(&metric) } else { stub::stub(&metric, &errors) }
}

/// A metric without mistakes, as far as its syntax shows.
fn whole(metric: &Metric) -> TokenStream {
    let function = &metric.function;
    let definition = definition::definition(metric);
    let default = definition::default(metric);
    let settings = settings::settings(metric);
    let behavior = match metric.kind {
        _ if metric.options.of.is_some() => reading::of_cores(metric),
        Kind::Accumulated => fold::fold(metric),
        Kind::Workload => workload::workload(metric),
        Kind::Static => reading::of_model(metric),
    };
    let registrations = registration::registrations(metric);
    let checks = checks::checks(metric);
    let shared = function.shared_attributes();
    quote! {
        #function
        #definition
        #(#shared)*
        const _: () = {
            #checks
            #default
            #settings
            #behavior
            #registrations
        };
    }
}
