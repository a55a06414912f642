//! An accumulated metric that sees batches: `Fold`.

use proc_macro2::TokenStream;
use quote::quote;

use super::call::{Locals, call, needs};
use crate::model::Metric;

pub(crate) fn fold(metric: &Metric) -> TokenStream {
    let (private, name) = (metric.private(), &metric.type_name);
    let (needs, locals) = (needs(metric), Locals::new());
    let call = call(metric, &locals);
    let context = &locals.context;
    let (state, part, target) = match metric.state() {
        Some(state) => {
            let target = &locals.state;
            (quote!(#state), quote!(()), quote!(#target))
        }
        None => {
            let part = metric.returns.value();
            (quote!(#part), quote!(#part), quote!(_))
        }
    };
    quote! {
        #[automatically_derived]
        impl #private::Fold for #name {
            const NEEDS: #private::Needs = #needs;
            type State = #state;
            type Part = #part;

            #[allow(unused_variables, reason = "a function may take nothing of the batch")]
            fn step(
                &self,
                #target: &mut Self::State,
                #context: &#private::Context<'_>,
            ) -> #private::Result<Self::Part, #private::MetricError> {
                #call
            }
        }
    }
}
