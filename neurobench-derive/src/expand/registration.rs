//! The submissions to the registry: one for the component, one for each of its variants.

use proc_macro2::{Span, TokenStream};
use quote::quote;

use super::constructor;
use super::settings::optional;
use crate::kind::Kind;
use crate::model::Definition;
use crate::options::Variant;
use crate::spans::{ends, place};

pub(crate) fn registrations(definition: &Definition) -> TokenStream {
    let private = definition.private();
    let own = {
        let preset = optional(&private, None::<TokenStream>);
        submit(definition, &definition.name, definition.function.signature.ident.span(), &preset)
    };
    let variants = definition.options.variants.iter().map(|variant| {
        let preset = match definition.kind {
            Kind::Constructor(_) => constructor::preset(definition, variant),
            Kind::Static | Kind::Workload | Kind::Accumulated => preset(definition, variant),
        };
        submit(definition, &variant.name.value(), variant.name.span(), &preset)
    });
    quote!(#own #(#variants)*)
}

fn submit(definition: &Definition, name: &str, span: Span, preset: &TokenStream) -> TokenStream {
    let (private, ty) = (definition.private(), &definition.type_name);
    let (file, line) = place(span);
    let (kind, constructor) = match definition.kind {
        Kind::Constructor(kind) => constructor::registered(definition, kind),
        Kind::Static | Kind::Workload | Kind::Accumulated => (quote!(#private::Metrics), factory(definition)),
    };
    quote! {
        #private::inventory::submit! {
            #private::Registration::<#kind> {
                about: <#ty as #private::Settings>::ABOUT,
                name: #name,
                file: #file,
                line: #line,
                preset: #preset,
                constructor: #constructor,
            }
        }
    }
}

/// The function that makes the factory of a metric. It goes through the type that the user wrote, with that type's
/// spans: one that is not a state or a value is reported there, and only there.
fn factory(definition: &Definition) -> TokenStream {
    let (private, ty) = (definition.private(), &definition.type_name);
    let (subject, bound) = match (definition.kind, definition.state()) {
        (Kind::Accumulated, Some(state)) => (state, quote!(StateType)),
        (kind, _) => {
            let Some(value) = definition.returns.value() else {
                return TokenStream::new();
            };
            let bound = match kind {
                Kind::Accumulated if definition.options.of.is_none() => quote!(StateType),
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

/// The settings of a metric's variant, over its default.
fn preset(definition: &Definition, variant: &Variant) -> TokenStream {
    let (private, ty) = (definition.private(), &definition.type_name);
    let settings = variant.settings.iter().map(|(ident, setting)| quote!(#ident: #setting));
    let all_set = definition.cores().is_empty() && variant.settings.len() == definition.params.len();
    let others = (!all_set).then(|| quote!(..<#ty as #private::Default>::default()));
    let preset = quote!(|| #private::preset(&#ty { #(#settings,)* #others }));
    optional(&private, Some(preset))
}
