//! Components that a function constructs: preprocessors, data sets and the like.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::settings::optional;
use crate::kind::Constructor;
use crate::model::{Definition, Returns};
use crate::spans::{call_at, local};

/// `Component`: calls the function with the settings and boxes what it returns.
pub(crate) fn constructor(definition: &Definition, kind: Constructor) -> TokenStream {
    let (private, name) = (definition.private(), &definition.type_name);
    let function = &definition.function.signature.ident;
    let settings = definition.params.iter().map(|param| {
        let ident = &param.ident;
        quote!(::core::clone::Clone::clone(&self.#ident))
    });
    let call = quote!(#function(#(#settings),*));
    let marker = kind.marker();
    let boxed = format_ident!("box_{}", kind.attribute());
    let made = local("made");
    let body = match &definition.returns {
        Returns::Nothing => return TokenStream::new(),
        Returns::Plain(ty) => {
            let item = call_at(ty, quote!(#private::#boxed), quote!(#made));
            quote! {
                let #made = #call;
                #private::Result::Ok(#item)
            }
        }
        Returns::Fallible { value, whole, .. } => {
            let subject = value.as_ref().unwrap_or(whole);
            let item = call_at(subject, quote!(#private::#boxed), quote!(#made));
            quote! {
                let #made = #call?;
                #private::Result::Ok(#item)
            }
        }
    };
    quote! {
        #[automatically_derived]
        impl #private::Component for #name {
            type Kind = #private::#marker;
            type Item = <#private::#marker as #private::ItemKind>::Item;

            fn construct(&self) -> #private::Result<#private::Box<Self::Item>, #private::ConstructionError> {
                #body
            }
        }
    }
}

/// The registration of the component under its own name, and of its variants.
pub(crate) fn registered(definition: &Definition, kind: Constructor) -> (TokenStream, TokenStream) {
    let (private, name) = (definition.private(), &definition.type_name);
    let marker = kind.marker();
    (quote!(#private::#marker), quote!(#private::Constructor::new::<#name>()))
}

/// The settings of a variant: those that it sets, over the defaults of the others.
pub(crate) fn preset(definition: &Definition, variant: &crate::options::Variant) -> TokenStream {
    let (private, name) = (definition.private(), &definition.type_name);
    let fields = definition.params.iter().filter_map(|param| {
        let set = variant.settings.iter().find(|(ident, _)| *ident == param.ident).map(|(_, value)| value);
        let value = set.or(param.default.as_ref())?;
        let ident = &param.ident;
        Some(quote!(#ident: #value))
    });
    let preset = quote!(|| #private::preset(&#name { #(#fields),* }));
    optional(&private, Some(preset))
}
