//! Metrics that see no batch: static ones, and those `of` others. Both implement `Metric` themselves.

use proc_macro2::TokenStream;
use quote::quote;

use super::call::{Locals, call};
use crate::model::Definition;
use crate::spans::{associated_type, local, qualified};

/// A static metric reads the model.
pub(crate) fn from_model(definition: &Definition) -> TokenStream {
    let private = definition.private();
    let locals = Locals::new();
    let (context, reading) = (&locals.context, &locals.reading);
    let call = call(definition, &locals);
    let read = quote! {
        let #context = #reading.context();
        #call
    };
    implementation(definition, &quote!(_), &quote!(#private::Vec::new()), &locals, &read)
}

/// A metric of others reads their states.
pub(crate) fn from_cores(definition: &Definition) -> TokenStream {
    let private = definition.private();
    let (locals, plan) = (Locals::new(), local("plan"));
    let entered = definition.core_fields().into_iter().zip(definition.cores()).map(|(field, core)| {
        let core = qualified(core, &quote!(#private::Core));
        quote!(#core::enter(&self.#field, #plan)?)
    });
    let cores = quote!(::std::vec![#(#entered),*]);
    let read = call(definition, &locals);
    implementation(definition, &quote!(#plan), &cores, &locals, &read)
}

fn implementation(
    definition: &Definition,
    plan: &TokenStream,
    cores: &TokenStream,
    locals: &Locals,
    read: &TokenStream,
) -> TokenStream {
    let (private, name) = (definition.private(), &definition.type_name);
    let output = associated_type("Output", &definition.returns.value());
    let reading = &locals.reading;
    quote! {
        #[automatically_derived]
        impl #private::Metric for #name {
            #output

            fn cores(
                &self,
                #plan: &mut #private::Plan,
            ) -> #private::Result<#private::Vec<usize>, #private::SettingsError> {
                #private::Result::Ok(#cores)
            }

            #[allow(unused_variables, reason = "a static metric may take nothing of the model")]
            fn read(
                &self,
                #reading: &#private::Reading<'_>,
            ) -> #private::Result<Self::Output, #private::MetricError> {
                #read
            }
        }
    }
}
