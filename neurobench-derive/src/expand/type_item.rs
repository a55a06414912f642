//! The type whose fields are the settings. A metric without settings is a unit struct, so that users write
//! `.metric(Mse)`.

use proc_macro2::TokenStream;
use quote::quote;

use super::settings::operation;
use crate::docs;
use crate::model::Definition;
use crate::source;
use crate::spans::{local, qualified};

/// The struct. Without settings it is a unit struct, so that its name alone is a value. With settings, its name alone
/// is a hidden constant that is not a metric: `.metric(TopK)` is then reported with what to write, and not by the
/// compiler's own advice.
pub(crate) fn type_item(definition: &Definition) -> TokenStream {
    let (visibility, name) = (&definition.function.visibility, &definition.type_name);
    let shared = definition.function.shared_attributes();
    let lints = definition.function.allowed_lints();
    let docs = documented(&definition.function.attributes, || {
        format!("The {} `{}`.", definition.kind.noun(), definition.name)
    });
    let fields: Vec<TokenStream> = params(definition).chain(cores(definition)).collect();
    let body = if fields.is_empty() { quote!(;) } else { quote!({ #(#fields),* }) };
    // A metric may be seen further than its core: the core can be asked for by its name, still.
    let private_cores = (!definition.cores().is_empty()).then(|| quote!(#[allow(private_interfaces)]));
    let shared = shared.collect::<Vec<_>>();
    let instead = (!fields.is_empty() && definition.kind.metric_kind().is_some()).then(|| {
        let private = definition.private();
        quote! {
            #(#shared)*
            #[doc(hidden)]
            #[allow(dead_code, non_upper_case_globals, reason = "the name of the type, where a value is expected")]
            #visibility const #name: #private::MissingSettings<#name> = #private::MissingSettings::NEW;
        }
    });
    quote! {
        #(#shared)*
        #docs
        #(#lints)*
        #private_cores
        #visibility struct #name #body
        #instead
    }
}

/// `Clone` and `Debug`. Derived, they would report a type that cannot be a setting a second time.
pub(crate) fn clone_and_debug(definition: &Definition) -> TokenStream {
    let (private, name) = (definition.private(), &definition.type_name);
    let own = definition.params.iter().map(|param| {
        let (ident, clone) = (&param.ident, operation(&private, param, "clone"));
        quote!(#ident: #clone(&self.#ident))
    });
    let cores = || {
        let fields = definition.core_fields().into_iter();
        fields.zip(definition.cores()).map(|(field, core)| (field, qualified(core, &quote!(#private::Core))))
    };
    let fields = own.chain(cores().map(|(field, core)| quote!(#field: #core::clone_core(&self.#field))));
    let shown = definition.params.iter().map(|param| {
        let (ident, name, debug) = (&param.ident, param.name(), operation(&private, param, "debug"));
        quote!(.field(#name, #debug(&self.#ident)))
    });
    let shown = shown.chain(cores().map(|(field, core)| {
        let name = field.to_string();
        quote!(.field(#name, #core::debug_core(&self.#field)))
    }));
    let (text, formatter) = (name.as_ref().map(source::plain), local("formatter"));
    quote! {
        #[automatically_derived]
        impl #private::Clone for #name {
            fn clone(&self) -> Self {
                #name { #(#fields),* }
            }
        }

        #[automatically_derived]
        impl #private::Debug for #name {
            fn fmt(&self, #formatter: &mut #private::Formatter<'_>) -> #private::FmtResult {
                #formatter.debug_struct(#text)#(#shown)*.finish()
            }
        }
    }
}

fn params(definition: &Definition) -> impl Iterator<Item = TokenStream> {
    definition.params.iter().map(|param| {
        let (ident, ty) = (&param.ident, &param.ty);
        let docs = documented(&param.docs, || format!("The setting `{}`.", param.name()));
        quote!(#docs pub #ident: #ty)
    })
}

fn cores(definition: &Definition) -> impl Iterator<Item = TokenStream> {
    definition.core_fields().into_iter().zip(definition.cores()).map(|(field, core)| {
        let docs = format!("The settings of the core, `{}`.", source::text(core));
        quote!(#[doc = #docs] pub #field: #core)
    })
}

/// The docs that are written, or a placeholder.
fn documented(attributes: &[syn::Attribute], instead: impl Fn() -> String) -> TokenStream {
    let docs: Vec<_> = docs::attributes(attributes).collect();
    if docs.is_empty() {
        let docs = instead();
        return quote!(#[doc = #docs]);
    }
    quote!(#(#docs)*)
}
