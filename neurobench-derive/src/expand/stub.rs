//! The expansion of a definition with mistakes: the function, its type and as many traits as possible, so that code
//! that uses them is not reported as a second mistake.

use proc_macro2::TokenStream;
use quote::quote;

use super::{metric, settings, type_item};
use crate::check;
use crate::errors::Errors;
use crate::kind::{Constructor, Kind};
use crate::model::Definition;

pub(crate) fn stub(definition: &Definition, errors: &Errors) -> TokenStream {
    let function = &definition.function;
    let errors = errors.to_tokens();
    if !check::allows_type(definition) {
        return quote!(#function #errors);
    }
    let type_item = type_item::type_item(definition);
    // Without the other traits, the default is still of use to code that names the type.
    let traits = traits(definition).or_else(|| definition.kind.metric_kind().map(|_| metric::default(definition)));
    let clone_and_debug = type_item::clone_and_debug(definition);
    let shared = function.shared_attributes();
    quote! {
        #function
        #type_item
        #(#shared)*
        const _: () = {
            #clone_and_debug
            #traits
        };
        #errors
    }
}

/// The traits of a component that does not depend on another, with bodies that never run.
fn traits(definition: &Definition) -> Option<TokenStream> {
    if definition.options.of.is_some() {
        return None;
    }
    let (private, name) = (definition.private(), &definition.type_name);
    if let Kind::Constructor(kind) = definition.kind {
        return Some(constructed(definition, kind, &settings::settings(&definition.settings()?)));
    }
    let value = definition.state().or_else(|| definition.returns.value()).filter(|ty| check::can_be_kept(ty))?;
    let settings = settings::settings(&definition.settings()?);
    let metric = metric::metric(definition);
    let never = quote!(::core::unreachable!());
    let behavior = match definition.kind {
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
        // Handled above.
        Kind::Constructor(_) => return None,
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
        #metric
        #behavior
    })
}

/// The traits of a component that a function constructs.
fn constructed(definition: &Definition, kind: Constructor, settings: &TokenStream) -> TokenStream {
    let (private, name, marker) = (definition.private(), &definition.type_name, kind.marker());
    quote! {
        #settings
        impl #private::Component for #name {
            type Kind = #private::#marker;
            type Item = <#private::#marker as #private::ItemKind>::Item;
            fn construct(&self) -> #private::Result<#private::Box<Self::Item>, #private::ConstructionError> {
                ::core::unreachable!()
            }
        }
    }
}
