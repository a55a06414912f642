//! A workload metric: `Workload`.

use proc_macro2::TokenStream;
use quote::quote;

use super::call::{Locals, call, needs};
use crate::model::Metric;

pub(crate) fn workload(metric: &Metric) -> TokenStream {
    let (private, name) = (metric.private(), &metric.type_name);
    let (needs, locals) = (needs(metric), Locals::new());
    let call = call(metric, &locals);
    let (context, value) = (&locals.context, metric.returns.value());
    quote! {
        #[automatically_derived]
        impl #private::Workload for #name {
            const NEEDS: #private::Needs = #needs;
            type Value = #value;

            #[allow(unused_variables, reason = "a function may take nothing of the batch")]
            fn value(
                &self,
                #context: &#private::Context<'_>,
            ) -> #private::Result<Self::Value, #private::MetricError> {
                #call
            }
        }
    }
}
