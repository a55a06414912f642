//! `Settings`: what the function says of itself, and the flat form of the settings.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{ExprRange, RangeLimits};

use crate::docs;
use crate::literal;
use crate::model::Metric;
use crate::param::Param;
use crate::source;
use crate::spans::{local, place, qualified};

/// `Settings`, and `serde` through it.
pub(crate) fn settings(metric: &Metric) -> TokenStream {
    let (private, name) = (metric.private(), &metric.type_name);
    let about = about(metric);
    let all_params = all_params(metric);
    let check = check(metric);
    let to_params = to_params(metric);
    let from_params = from_params(metric);
    quote! {
        #[automatically_derived]
        impl #private::Settings for #name {
            const ABOUT: &'static #private::About = &#about;
            #all_params
            #check
            #to_params
            #from_params
        }

        #[automatically_derived]
        impl #private::serde::Serialize for #name {
            fn serialize<S: #private::serde::Serializer>(&self, serializer: S) -> #private::Result<S::Ok, S::Error> {
                #private::serialize_settings(self, serializer)
            }
        }

        #[automatically_derived]
        impl<'de> #private::serde::Deserialize<'de> for #name {
            fn deserialize<D: #private::serde::Deserializer<'de>>(deserializer: D) -> #private::Result<Self, D::Error> {
                #private::deserialize_settings(deserializer)
            }
        }
    }
}

fn about(metric: &Metric) -> TokenStream {
    let private = metric.private();
    let options = &metric.options;
    let (name, kind) = (&metric.name, metric.kind.variant());
    let (file, line) = place(metric.function.signature.ident.span());
    let docs = docs::text(&metric.function.attributes);
    let unit = optional(&private, options.unit.as_ref());
    let higher_is_better = optional(&private, options.higher_is_better.as_ref());
    let bounds = optional(&private, options.bounds.as_ref().map(|range| bounds(&private, range)));
    let (citations, aliases) = (&options.citations, &options.aliases);
    let version = options.version.unwrap_or(1);
    let extreme = options.extreme;
    let params = metric.params.iter().map(|param| described(&private, param));
    quote! {
        #private::About {
            name: #name,
            kind: #private::MetricKind::#kind,
            package: #private::package(::core::env!("CARGO_PKG_NAME")),
            module: ::core::module_path!(),
            file: #file,
            line: #line,
            docs: #docs,
            unit: #unit,
            higher_is_better: #higher_is_better,
            bounds: #bounds,
            extreme: #extreme,
            citations: &[#(#citations),*],
            version: #version,
            aliases: &[#(#aliases),*],
            params: &[#(#params),*],
        }
    }
}

fn optional(private: &TokenStream, value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(#private::Option::Some(#value)),
        None => quote!(#private::Option::None),
    }
}

fn bounds(private: &TokenStream, range: &ExprRange) -> TokenStream {
    let low = optional(private, range.start.as_deref().map(literal::float));
    let high = optional(private, range.end.as_deref().map(literal::float));
    let includes_high = range.end.is_some() && matches!(range.limits, RangeLimits::Closed(_));
    quote!(#private::Bounds { low: #low, high: #high, includes_high: #includes_high })
}

fn described(private: &TokenStream, param: &Param) -> TokenStream {
    let (name, type_name) = (param.name(), source::text(&param.ty));
    let docs = docs::text(&param.docs);
    let range = optional(private, param.range.as_ref().map(source::text));
    quote!(#private::Param { name: #name, docs: #docs, type_name: #type_name, range: #range })
}

/// The trait's own method does for metrics without cores.
fn all_params(metric: &Metric) -> Option<TokenStream> {
    let private = metric.private();
    let cores = metric.cores().iter().map(|core| qualified(core, &quote!(#private::Core)));
    (!metric.cores().is_empty()).then(|| {
        quote! {
            fn all_params() -> #private::Vec<&'static #private::Param> {
                #private::with_cores(Self::ABOUT.params, &[#(#cores::all_core_params),*])
            }
        }
    })
}

fn check(metric: &Metric) -> TokenStream {
    let private = metric.private();
    let own = metric.params.iter().filter_map(|param| {
        let (ident, range) = (&param.ident, param.range.as_ref()?);
        let (name, text) = (param.name(), source::text(range));
        Some(quote! {
            if !(#range).contains(&self.#ident) {
                return #private::Result::Err(#private::out_of_range(#name, #text));
            }
        })
    });
    let cores = metric.core_fields().into_iter().zip(metric.cores()).map(|(field, core)| {
        let core = qualified(core, &quote!(#private::Core));
        quote!(#core::check_core(&self.#field)?;)
    });
    quote! {
        fn check(&self) -> #private::Result<(), #private::SettingsError> {
            #(#own)*
            #(#cores)*
            #private::Result::Ok(())
        }
    }
}

fn to_params(metric: &Metric) -> TokenStream {
    let (private, params) = (metric.private(), local("params"));
    let own = metric.params.iter().map(|param| {
        let (ident, name) = (&param.ident, param.name());
        quote!(#private::put(&mut #params, #name, &self.#ident)?;)
    });
    let cores = metric.core_fields().into_iter().zip(metric.cores()).map(|(field, core)| {
        let core = qualified(core, &quote!(#private::Core));
        quote!(#core::put_core(&self.#field, &mut #params)?;)
    });
    quote! {
        fn to_params(&self) -> #private::Result<#private::Params, #private::SettingsError> {
            #[allow(unused_mut, reason = "a metric may have no settings")]
            let mut #params = #private::Params::new();
            #(#own)*
            #(#cores)*
            #private::Result::Ok(#params)
        }
    }
}

fn from_params(metric: &Metric) -> TokenStream {
    let (private, params, settings) = (metric.private(), local("params"), local("settings"));
    let own = metric.params.iter().map(|param| {
        let (ident, name) = (&param.ident, param.name());
        quote!(#private::take(#params, #name, &mut #settings.#ident)?;)
    });
    let cores = metric.core_fields().into_iter().zip(metric.cores()).map(|(field, core)| {
        let core = qualified(core, &quote!(#private::Core));
        quote!(#core::take_core(&mut #settings.#field, #params)?;)
    });
    quote! {
        #[allow(unused_variables, reason = "a metric may have no settings")]
        fn from_params(#params: &#private::Params) -> #private::Result<Self, #private::SettingsError> {
            #[allow(unused_mut, reason = "a metric may have no settings")]
            let mut #settings = <Self as #private::Default>::default();
            #(#own)*
            #(#cores)*
            #private::Result::Ok(#settings)
        }
    }
}
