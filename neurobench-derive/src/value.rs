//! `#[derive(MetricValue)]`: the names, docs, units and directions of a struct's fields, known before any run.
//!
//! The conversion itself is `serde`'s, so the names here are those that `serde` writes.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Data, DataStruct, DeriveInput, Field, Fields, Ident, LitBool, LitStr, Meta, Token, Type};

use crate::container::{bounded, private, refuse_lifetimes, visibility};
use crate::docs;
use crate::errors::{Errors, hint};
use crate::expand::settings::optional;
use crate::options::{flag, value_with};
use crate::serde_attributes::{self, ContainerNames, FieldName};
use crate::source;
use crate::spans::qualified;
use crate::types;

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let private = private(&input.attrs, &mut errors);
    let Data::Struct(data) = &input.data else {
        errors.at(
            &input.ident,
            "`MetricValue` is derived for structs: an enum of names is a `String`, a choice of numbers an `Option`",
        );
        return errors.to_tokens();
    };
    refuse_lifetimes(input, "a value is kept in the report: it is owned and has no lifetime", &mut errors);
    let container = serde_attributes::container(&input.attrs, &mut errors);
    let mut written = Vec::new();
    let mut unsuited = Errors::default();
    let mut inner = |field: &Field| {
        types::value(&field.ty, &mut unsuited);
        written.push(field.ty.clone());
        shape_of(field, &private)
    };
    let shape = match &data.fields {
        Fields::Named(_) if !container.transparent => record(data, &container, &private, &mut inner, &mut errors),
        // A struct around one value looks like that value.
        Fields::Named(fields) if fields.named.len() == 1 => inner(&fields.named[0]),
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => inner(&fields.unnamed[0]),
        Fields::Named(_) | Fields::Unnamed(_) | Fields::Unit => {
            errors.at(
                &input.ident,
                "a value of several numbers has named fields: write `struct Name { field: f64, .. }`",
            );
            TokenStream::new()
        }
    };
    errors.extend(unsuited);
    implementation(input, &private, &written, &shape, &errors)
}

/// Shape of the values of a field.
fn shape_of(field: &Field, private: &TokenStream) -> TokenStream {
    let ty = qualified(&field.ty, &quote!(#private::MetricValue));
    quote!(#ty::shape())
}

fn record(
    data: &DataStruct,
    container: &ContainerNames,
    private: &TokenStream,
    shape_of: &mut impl FnMut(&Field) -> TokenStream,
    errors: &mut Errors,
) -> TokenStream {
    let mut fields = Vec::new();
    for field in &data.fields {
        let Some(ident) = &field.ident else {
            continue;
        };
        let options = FieldOptions::read(&field.attrs, errors);
        let name = match serde_attributes::field(&field.attrs, errors) {
            FieldName::Skipped => continue,
            FieldName::Renamed(name) => name,
            FieldName::Own => container.rename(&source::plain(ident)),
        };
        let shape = shape_of(field);
        let docs = docs::text(&field.attrs);
        let unit = optional(private, options.unit.as_ref());
        let higher_is_better = optional(private, options.higher_is_better);
        let extreme = options.extreme;
        fields.push(quote! {
            #private::Field {
                name: #name,
                docs: #docs,
                unit: #unit,
                higher_is_better: #higher_is_better,
                extreme: #extreme,
                shape: #shape,
            }
        });
    }
    quote!(#private::Shape::Record(::std::vec![#(#fields),*]))
}

/// `#[value(unit = "..", higher_is_better = .., extreme)]`.
#[derive(Default)]
struct FieldOptions {
    unit: Option<LitStr>,
    higher_is_better: Option<bool>,
    extreme: bool,
}

impl FieldOptions {
    fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("value")) {
            if !matches!(attribute.meta, Meta::List(_)) {
                errors.at(attribute, "write the options in parentheses: `#[value(unit = \"..\")]`");
                continue;
            }
            let read = attribute.parse_args_with(|input: ParseStream<'_>| {
                while !input.is_empty() {
                    options.option(input)?;
                    if !input.is_empty() {
                        input.parse::<Token![,]>().map_err(|error| {
                            syn::Error::new(error.span(), "write a comma between the options of `#[value]`")
                        })?;
                    }
                }
                Ok(())
            });
            if let Err(error) = read {
                errors.push(error);
            }
        }
        options
    }

    fn option(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let key = input.call(Ident::parse_any).map_err(|error| {
            syn::Error::new(error.span(), "an option of `#[value]` begins with its name, as in `unit = \"J\"`")
        })?;
        match key.to_string().as_str() {
            "unit" => self.unit = Some(value_with(&key, input, "unit = \"..\"", <LitStr as Parse>::parse)?),
            "higher_is_better" => {
                let flag = value_with(&key, input, "higher_is_better = true", <LitBool as Parse>::parse)?;
                self.higher_is_better = Some(flag.value);
            }
            "extreme" => self.extreme = flag(&key, input)?,
            other => {
                let known = ["unit", "higher_is_better", "extreme"];
                let message = format!("unknown option `{other}` of `#[value]`{}", hint(other, &known));
                return Err(syn::Error::new(key.span(), message));
            }
        }
        Ok(())
    }
}

fn implementation(
    input: &DeriveInput,
    private: &TokenStream,
    written: &[Type],
    shape: &TokenStream,
    errors: &Errors,
) -> TokenStream {
    let name = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    let conditions = written.iter().map(|ty| (ty.clone(), quote!(#private::MetricValue)));
    let clause = bounded(input, conditions, &quote!(for<'__any> #private::DerivedValue<'__any>));
    // Code that uses a struct with mistakes is not a second mistake.
    let shape = if errors.is_empty() { shape.clone() } else { quote!(#private::Shape::Float) };
    let visibility = visibility(input, private, &quote!(ValueRole));
    let errors = errors.to_tokens();
    quote! {
        #errors
        const _: () = {
            #visibility

            #[allow(trivial_bounds, reason = "a condition of a struct that is not generic")]
            #[automatically_derived]
            impl #generics #private::MetricValue for #name #arguments #clause {
                fn shape() -> #private::Shape {
                    #shape
                }
            }
        };
    }
}
