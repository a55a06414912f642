//! What is submitted to the registry: one entry for the metric, one for each of its variants.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::kind::Kind;
use crate::model::Metric;
use crate::options::Variant;
use crate::spans::{ends, place};

pub(crate) fn registrations(metric: &Metric) -> TokenStream {
    let own = {
        let factory = factory(metric);
        submit(metric, &metric.name, metric.function.signature.ident.span(), &factory)
    };
    let variants = metric.options.variants.iter().map(|variant| {
        let preset = preset(metric, variant);
        submit(metric, &variant.name.value(), variant.name.span(), &preset)
    });
    quote!(#own #(#variants)*)
}

fn submit(metric: &Metric, name: &str, span: Span, factory: &TokenStream) -> TokenStream {
    let (private, ty) = (metric.private(), &metric.type_name);
    let (file, line) = place(span);
    quote! {
        #private::inventory::submit! {
            #private::Registration {
                about: <#ty as #private::Settings>::ABOUT,
                name: #name,
                file: #file,
                line: #line,
                factory: #factory,
            }
        }
    }
}

/// The function that makes the factory. It goes through the type that the user wrote, and the compiler shows it as that type:
/// one that is no state or no value is told there, and only there.
fn factory(metric: &Metric) -> TokenStream {
    let (private, ty) = (metric.private(), &metric.type_name);
    let (subject, bound) = match (metric.kind, metric.state()) {
        (Kind::Accumulated, Some(state)) => (state, quote!(StateType)),
        (kind, _) => {
            let Some(value) = metric.returns.value() else {
                return TokenStream::new();
            };
            let bound = match kind {
                Kind::Accumulated if metric.options.of.is_none() => quote!(StateType),
                Kind::Workload => quote!(BatchValueType),
                _ => quote!(ValueType),
            };
            (value, bound)
        }
    };
    let (start, end) = ends(subject);
    let (open, close) = (quote::quote_spanned!(start=> <), quote::quote_spanned!(end=> >));
    quote!(#open #subject as #private::#bound>::factory::<#ty #close)
}

/// The same with the variant's settings.
fn preset(metric: &Metric, variant: &Variant) -> TokenStream {
    let (private, ty) = (metric.private(), &metric.type_name);
    let factory = factory(metric);
    let settings = variant.settings.iter().map(|(ident, setting)| quote!(#ident: #setting));
    let all_set = metric.cores().is_empty() && variant.settings.len() == metric.params.len();
    let others = (!all_set).then(|| quote!(..<#ty as #private::Default>::default()));
    quote!(|| #factory().preset(&#ty { #(#settings,)* #others }))
}
