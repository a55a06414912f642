//! The traits that every metric has on top of its settings: `Default` and `MetricSettings`.

use proc_macro2::TokenStream;
use quote::quote;

use super::settings::{bounds, optional};
use crate::model::Definition;
use crate::spans::qualified;

/// `Default` and `MetricSettings`; nothing for other components.
pub(crate) fn metric(definition: &Definition) -> Option<TokenStream> {
    let kind = definition.kind.metric_kind()?;
    let (private, name, options) = (definition.private(), &definition.type_name, &definition.options);
    let default = default(definition);
    let unit = optional(&private, options.unit.as_ref());
    let higher_is_better = optional(&private, options.higher_is_better.as_ref());
    let bounds = optional(&private, options.bounds.as_ref().map(|range| bounds(&private, range)));
    let extreme = options.extreme;
    Some(quote! {
        #default

        #[automatically_derived]
        impl #private::MetricSettings for #name {
            const METRIC: &'static #private::AboutMetric = &#private::AboutMetric {
                component: <#name as #private::Settings>::ABOUT,
                kind: #private::MetricKind::#kind,
                unit: #unit,
                higher_is_better: #higher_is_better,
                bounds: #bounds,
                extreme: #extreme,
                plot: {
                    // An associated constant of the type, if its value has a figure, comes before that of the trait.
                    use #private::NoFigure as _;
                    #private::FigureOf::<#name>::PLOTTER
                },
            };
        }
    })
}

/// `Default`: the value of each setting when nothing is set.
pub(crate) fn default(definition: &Definition) -> TokenStream {
    let (private, name) = (definition.private(), &definition.type_name);
    let params = definition.params.iter().map(|param| {
        let (ident, value) = (&param.ident, param.default_value(&private));
        quote!(#ident: #value)
    });
    let cores = definition.core_fields().into_iter().zip(definition.cores()).map(|(field, core)| {
        let core = qualified(core, &quote!(#private::Core));
        quote!(#field: #core::with_defaults())
    });
    let fields = params.chain(cores);
    quote! {
        #[automatically_derived]
        impl #private::Default for #name {
            fn default() -> Self {
                #name { #(#fields),* }
            }
        }
    }
}
