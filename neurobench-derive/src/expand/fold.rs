//! An accumulated metric that sees batches: `Fold`.

use proc_macro2::TokenStream;
use quote::quote;

use super::call::{Locals, call, needs};
use crate::model::Definition;
use crate::spans::associated_type;

pub(crate) fn fold(definition: &Definition) -> TokenStream {
    let (private, name) = (definition.private(), &definition.type_name);
    let (needs, locals) = (needs(definition), Locals::new());
    let call = call(definition, &locals);
    let context = &locals.context;
    let (state, part, target) = match definition.state() {
        Some(state) => {
            let target = &locals.state;
            (
                associated_type("State", state),
                quote!(
                    type Part = ();
                ),
                quote!(#target),
            )
        }
        None => {
            let part = definition.returns.value();
            (
                associated_type("State", &part),
                quote!(
                    type Part = Self::State;
                ),
                quote!(_),
            )
        }
    };
    quote! {
        #[automatically_derived]
        impl #private::Fold for #name {
            const NEEDS: #private::Needs = #needs;
            #state
            #part

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
