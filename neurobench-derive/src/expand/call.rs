//! The call of the user's function: inputs are taken first, then it is called with them and the settings.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Ident, Lifetime, Type, TypeFnPtr};

use super::settings::operation;
use crate::model::{Argument, Definition, Returns};
use crate::spans::{local, method_for, qualified};

/// Local variables of the generated code.
pub(crate) struct Locals {
    pub(crate) state: Ident,
    pub(crate) context: Ident,
    pub(crate) reading: Ident,
}

impl Locals {
    pub(crate) fn new() -> Self {
        Self { state: local("state"), context: local("context"), reading: local("reading") }
    }
}

/// A block that calls the function, as a `Result<_, MetricError>`.
pub(crate) fn call(definition: &Definition, locals: &Locals) -> TokenStream {
    let private = definition.private();
    let (state, context, reading) = (&locals.state, &locals.context, &locals.reading);
    let mut bindings = Vec::new();
    let mut arguments = Vec::new();
    for (place, argument) in definition.arguments.iter().enumerate() {
        arguments.push(match argument {
            Argument::Input(ty) => {
                let input = local(&format_ident!("input_{place}").to_string());
                let taken = qualified(&elided(ty), &quote!(#private::Input<'_>));
                bindings.push(quote!(let #input = #taken::get(#context)?;));
                quote!(#input)
            }
            Argument::Param(number) => {
                let param = &definition.params[*number];
                let (field, clone) = (&param.ident, operation(&private, param, "clone"));
                quote!(#clone(&self.#field))
            }
            Argument::State(_) => quote!(#state),
            Argument::Core { number, state } => quote!(#reading.state::<#state>(#number)?),
            // Neither is left after the checks.
            Argument::Stray { .. } | Argument::Receiver(_) => TokenStream::new(),
        });
    }
    let function = &definition.function.signature.ident;
    let outcome = outcome(definition, &quote!(#function(#(#arguments),*)));
    quote!(#(#bindings)* #outcome)
}

/// Value that the function returned, as a `Result<_, MetricError>`.
fn outcome(definition: &Definition, call: &TokenStream) -> TokenStream {
    let private = definition.private();
    match &definition.returns {
        Returns::Nothing => quote! {
            #call;
            #private::Result::Ok(())
        },
        Returns::Plain(_) => quote!(#private::Result::Ok(#call)),
        Returns::Fallible { error: written, whole, .. } => {
            let (value, error) = (local("value"), local("error"));
            let failure = match written {
                Some(ty) => {
                    let ty = elided(ty);
                    let convert = method_for(&ty, "convert", &quote!(#error));
                    quote!((&&&&#private::FailureOf::<#ty>(#private::PhantomData)).find().#convert)
                }
                None => {
                    // The compiler shows an error whose type is not written as the type that the function returns.
                    let convert = Ident::new("convert_any", Span::mixed_site().located_at(whole.span()));
                    quote!((&&&&#private::FailureOf::value(&#error)).find().#convert(#error))
                }
            };
            quote! {
                match #call {
                    #private::Result::Ok(#value) => #private::Result::Ok(#value),
                    #private::Result::Err(#error) => {
                        #[allow(unused_imports, reason = "which trait has the method depends on the type of the error")]
                        use #private::{NoConversion as _, OwnConversion as _, SharedConversion as _, StandardConversion as _};
                        #private::Result::Err(#failure)
                    }
                }
            }
        }
    }
}

/// A type with `'_` for the function's own lifetimes.
pub(crate) fn elided(ty: &Type) -> Type {
    struct Elide;
    impl VisitMut for Elide {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                *lifetime = Lifetime::new("'_", lifetime.span());
            }
        }
        // The lifetimes of a function pointer are its own.
        fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}
    }
    let mut ty = ty.clone();
    visit_mut::visit_type_mut(&mut Elide, &mut ty);
    ty
}

/// Union of the needs of all inputs.
pub(crate) fn needs(definition: &Definition) -> TokenStream {
    let private = definition.private();
    let each = definition.inputs().map(|ty| qualified(&elided(ty), &quote!(#private::Input<'_>)));
    quote!(#private::Needs::NONE #(.union(#each::NEEDS))*)
}
