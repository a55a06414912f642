//! The type whose fields are the settings. A metric without settings is a unit struct, so that users write
//! `.metric(Mse)`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::docs;
use crate::model::Definition;
use crate::source;

/// The struct. Without settings it is a unit struct, so that its name alone is a value.
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
    quote! {
        #(#shared)*
        #docs
        #(#lints)*
        #private_cores
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #visibility struct #name #body
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
