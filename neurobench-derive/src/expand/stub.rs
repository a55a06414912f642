//! A metric with mistakes. The function, its type and as many of its traits as can be are there all the same, so that code
//! that uses them is no second mistake.

use proc_macro2::TokenStream;
use quote::quote;

use super::{definition, settings};
use crate::check;
use crate::errors::Errors;
use crate::kind::Kind;
use crate::model::Metric;

pub(crate) fn stub(metric: &Metric, errors: &Errors) -> TokenStream {
    let function = &metric.function;
    let errors = errors.to_tokens();
    if !check::allows_type(metric) {
        return quote!(#function #errors);
    }
    let definition = definition::definition(metric);
    let default = definition::default(metric);
    let traits = traits(metric);
    let shared = function.shared_attributes();
    quote! {
        #function
        #definition
        #(#shared)*
        const _: () = {
            #default
            #traits
        };
        #errors
    }
}

/// The traits of a metric that is no other's, with bodies that never run.
fn traits(metric: &Metric) -> Option<TokenStream> {
    if metric.options.of.is_some() {
        return None;
    }
    let (private, name) = (metric.private(), &metric.type_name);
    let value = metric.state().or_else(|| metric.returns.value()).filter(|ty| check::can_be_kept(ty))?;
    let settings = settings::settings(metric);
    let never = quote!(::core::unreachable!());
    let behavior = match metric.kind {
        Kind::Static => quote! {
            impl #private::Metric for #name {
                type Output = #value;
                fn cores(&self, _: &mut #private::Plan) -> #private::Result<#private::Vec<usize>, #private::SettingsError> {
                    #never
                }
                fn read(&self, _: &#private::Reading<'_>) -> #private::Result<Self::Output, #private::MetricError> {
                    #never
                }
            }
        },
        Kind::Workload => quote! {
            impl #private::Workload for #name {
                const NEEDS: #private::Needs = #private::Needs::NONE;
                type Value = #value;
                fn value(&self, _: &#private::Context<'_>) -> #private::Result<Self::Value, #private::MetricError> {
                    #never
                }
            }
        },
        Kind::Accumulated => quote! {
            impl #private::Fold for #name {
                const NEEDS: #private::Needs = #private::Needs::NONE;
                type State = #value;
                type Part = ();
                fn step(
                    &self,
                    _: &mut Self::State,
                    _: &#private::Context<'_>,
                ) -> #private::Result<(), #private::MetricError> {
                    #never
                }
            }
        },
    };
    Some(quote! {
        #settings
        #behavior
    })
}
