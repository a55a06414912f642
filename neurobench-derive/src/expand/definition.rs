//! The type that is made: its fields are the settings.

use proc_macro2::TokenStream;
use quote::quote;

use crate::docs;
use crate::model::Metric;
use crate::source;

/// The struct. Without settings it is a unit struct, so that its name alone is the metric.
pub(crate) fn definition(metric: &Metric) -> TokenStream {
    let (visibility, name) = (&metric.function.visibility, &metric.type_name);
    let shared = metric.function.shared_attributes();
    let lints = metric.function.allowed_lints();
    let docs = documented(&metric.function.attributes, || format!("The metric `{}`.", metric.name));
    let fields: Vec<TokenStream> = params(metric).chain(cores(metric)).collect();
    let body = if fields.is_empty() { quote!(;) } else { quote!({ #(#fields),* }) };
    // A metric may be seen further than its core: the core can be asked for by its name, still.
    let private_cores = (!metric.cores().is_empty()).then(|| quote!(#[allow(private_interfaces)]));
    quote! {
        #(#shared)*
        #docs
        #(#lints)*
        #private_cores
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #visibility struct #name #body
    }
}

fn params(metric: &Metric) -> impl Iterator<Item = TokenStream> {
    metric.params.iter().map(|param| {
        let (ident, ty) = (&param.ident, &param.ty);
        let docs = documented(&param.docs, || format!("The setting `{}`.", param.name()));
        quote!(#docs pub #ident: #ty)
    })
}

fn cores(metric: &Metric) -> impl Iterator<Item = TokenStream> {
    metric.core_fields().into_iter().zip(metric.cores()).map(|(field, core)| {
        let docs = format!("The settings of the core, `{}`.", source::text(core));
        quote!(#[doc = #docs] pub #field: #core)
    })
}

/// The docs that stand there, or some that take their place.
fn documented(attributes: &[syn::Attribute], instead: impl Fn() -> String) -> TokenStream {
    let docs: Vec<_> = docs::attributes(attributes).collect();
    if docs.is_empty() {
        let docs = instead();
        return quote!(#[doc = #docs]);
    }
    quote!(#(#docs)*)
}

/// `Default`: what each setting is when nothing is set.
pub(crate) fn default(metric: &Metric) -> TokenStream {
    let (private, name) = (metric.private(), &metric.type_name);
    let params = metric.params.iter().map(|param| {
        let (ident, value) = (&param.ident, param.default_value(&private));
        quote!(#ident: #value)
    });
    let cores = metric.core_fields().into_iter().zip(metric.cores()).map(|(field, core)| {
        let core = crate::spans::qualified(core, &quote!(#private::Core));
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
