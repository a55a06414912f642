//! A workload metric: `Workload`.

use proc_macro2::TokenStream;
use quote::quote;

use super::call::{Locals, call, needs};
use crate::model::Definition;
use crate::spans::associated_type;

pub(crate) fn workload(definition: &Definition) -> TokenStream {
    let (private, name) = (definition.private(), &definition.type_name);
    let (needs, locals) = (needs(definition), Locals::new());
    let call = call(definition, &locals);
    let (context, value) = (&locals.context, associated_type("Value", &definition.returns.value()));
    quote! {
        #[automatically_derived]
        impl #private::Workload for #name {
            const NEEDS: #private::Needs = #needs;
            #value

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
