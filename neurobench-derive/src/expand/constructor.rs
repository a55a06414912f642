//! Components that a function constructs, such as preprocessors and data sets.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Type};

use super::call::elided;
use super::settings::{default_function, operation, optional};
use crate::check::find_impl_trait;
use crate::kind::Constructor;
use crate::model::{Definition, Returns};
use crate::spans::{call_at, local, qualified};

/// `Component`: calls the function with the settings and boxes what it returns.
pub(crate) fn constructor(definition: &Definition, kind: Constructor) -> TokenStream {
    let (private, name) = (definition.private(), &definition.type_name);
    let function = &definition.function.signature.ident;
    let settings = definition.params.iter().map(|param| {
        let (ident, clone) = (&param.ident, operation(&private, param, "clone"));
        quote!(#clone(&self.#ident))
    });
    let call = quote!(#function(#(#settings),*));
    let marker = kind.marker();
    let made = local("made");
    let body = match &definition.returns {
        Returns::Nothing => return TokenStream::new(),
        Returns::Plain(ty) => {
            let item = boxed(&private, kind, ty, &made);
            quote! {
                let #made = #call;
                #private::Result::Ok(#item)
            }
        }
        Returns::Fallible { value, error: written, whole } => {
            let subject = value.as_ref().unwrap_or(whole);
            let item = boxed(&private, kind, subject, &made);
            let error = local("error");
            let failure = match written {
                Some(ty) => {
                    let ty = qualified(&elided(ty), &quote!(#private::ConstructionFailure));
                    quote!(#ty::into_construction_error(#error))
                }
                None => call_at(whole, quote!(#private::construction_failure), quote!(#error)),
            };
            quote! {
                match #call {
                    #private::Result::Ok(#made) => #private::Result::Ok(#item),
                    #private::Result::Err(#error) => #private::Result::Err(#failure),
                }
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

/// The returned item in a box, shown as its type.
fn boxed(private: &TokenStream, kind: Constructor, ty: &Type, made: &Ident) -> TokenStream {
    // The compiler itself checks a type that is not named: `impl Preprocessor`.
    if find_impl_trait(ty).is_some() {
        let function = format_ident!("box_{}", kind.attribute());
        return call_at(ty, quote!(#private::#function), quote!(#made));
    }
    let bound = format_ident!("{}Type", kind.item());
    let item = qualified(&elided(ty), &quote!(#private::#bound));
    quote!((#item::BOXED)(#made))
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
        let ident = &param.ident;
        match set {
            Some(value) => Some(quote!(#ident: #value)),
            None => {
                param.default.as_ref()?;
                let default = default_function(name.as_ref()?, param);
                Some(quote!(#ident: #default()))
            }
        }
    });
    let preset = quote!(|| #private::preset(&#name { #(#fields),* }));
    optional(&private, Some(preset))
}
