//! Metrics that see no batch: static ones, and those `of` others. Both implement `Metric` themselves.

use proc_macro2::TokenStream;
use quote::quote;

use super::call::{Locals, call};
use crate::model::Metric;
use crate::spans::{local, qualified};

/// A static metric reads the model.
pub(crate) fn of_model(metric: &Metric) -> TokenStream {
    let private = metric.private();
    let locals = Locals::new();
    let (context, reading) = (&locals.context, &locals.reading);
    let call = call(metric, &locals);
    let read = quote! {
        let #context = #reading.context();
        #call
    };
    implementation(metric, &quote!(_), &quote!(#private::Vec::new()), &locals, &read)
}

/// A metric of others reads their states.
pub(crate) fn of_cores(metric: &Metric) -> TokenStream {
    let private = metric.private();
    let (locals, plan) = (Locals::new(), local("plan"));
    let entered = metric.core_fields().into_iter().zip(metric.cores()).map(|(field, core)| {
        let core = qualified(core, &quote!(#private::Core));
        quote!(#core::enter(&self.#field, #plan)?)
    });
    let cores = quote!(::std::vec![#(#entered),*]);
    let read = call(metric, &locals);
    implementation(metric, &quote!(#plan), &cores, &locals, &read)
}

fn implementation(
    metric: &Metric,
    plan: &TokenStream,
    cores: &TokenStream,
    locals: &Locals,
    read: &TokenStream,
) -> TokenStream {
    let (private, name, output) = (metric.private(), &metric.type_name, metric.returns.value());
    let reading = &locals.reading;
    quote! {
        #[automatically_derived]
        impl #private::Metric for #name {
            type Output = #output;

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
