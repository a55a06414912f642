//! `#[derive(Accumulator)]`: a state that merges field by field.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Data, DeriveInput, Expr, Field, Ident, Member};

use crate::container::{bounded, private, refuse_lifetimes, visibility};
use crate::errors::{Errors, hint};
use crate::options::value_with;
use crate::spans::{local, qualified};
use crate::types;

/// Choices in `#[merge(..)]`.
const CHOICES: [&str; 4] = ["sum", "max", "min", "with"];

/// The choices as they are written.
const FORMS: &str =
    "`#[merge]` for a state, `#[merge(sum)]`, `#[merge(max)]`, `#[merge(min)]` or `#[merge(with = path)]`";

pub(crate) fn derive(input: &DeriveInput) -> TokenStream {
    let mut errors = Errors::default();
    let private = private(&input.attrs, &mut errors);
    let Data::Struct(data) = &input.data else {
        errors.at(
            &input.ident,
            "`Accumulator` is derived for structs, which merge field by field: write `impl Accumulator` for anything else",
        );
        return errors.to_tokens();
    };
    refuse_lifetimes(input, "a state outlives the batch: it is owned and has no lifetime", &mut errors);
    let fields: Vec<Merged> = data
        .fields
        .iter()
        .zip(data.fields.members())
        .filter_map(|(field, member)| Merged::new(field, member, &mut errors))
        .collect();
    implementation(input, &private, &fields, &errors)
}

/// A field, and how two of it merge.
struct Merged<'a> {
    field: &'a Field,
    member: Member,
    merge: Merge,
}

enum Merge {
    /// The field is a state itself.
    Own,
    Sum,
    Max,
    Min,
    With(Expr),
}

impl<'a> Merged<'a> {
    fn new(field: &'a Field, member: Member, errors: &mut Errors) -> Option<Self> {
        let mut attributes = field.attrs.iter().filter(|attribute| attribute.path().is_ident("merge"));
        let Some(attribute) = attributes.next() else {
            let name = member.to_token_stream();
            errors.at(field, format!("field `{name}` does not say how two states merge: add {FORMS}"));
            return None;
        };
        for second in attributes {
            errors.at(second, "this field has two `#[merge]`: keep one");
        }
        match Merge::parse(attribute) {
            Ok(Merge::Own) if types::is_unsuited_state(&field.ty, errors) => None,
            Ok(merge) => Some(Self { field, member, merge }),
            Err(error) => {
                errors.push(error);
                None
            }
        }
    }

    /// The trait that the field's type must have.
    fn bound(&self, private: &TokenStream) -> Option<TokenStream> {
        match &self.merge {
            Merge::Own => Some(quote!(#private::MergeOwn)),
            Merge::Sum => Some(quote!(#private::MergeSum)),
            Merge::Max => Some(quote!(#private::MergeMax)),
            Merge::Min => Some(quote!(#private::MergeMin)),
            Merge::With(_) => None,
        }
    }

    fn merge(&self, private: &TokenStream, other: &Ident) -> TokenStream {
        let (member, ty) = (&self.member, &self.field.ty);
        let method = match &self.merge {
            Merge::Own => quote!(merge_own),
            Merge::Sum => quote!(merge_sum),
            Merge::Max => quote!(merge_max),
            Merge::Min => quote!(merge_min),
            Merge::With(function) => {
                let merge = local("merge");
                // A function of another type is reported at its path.
                return quote! {{
                    let #merge: fn(&mut #ty, #ty) = #function;
                    #merge(&mut self.#member, #other.#member);
                }};
            }
        };
        let merged = self.bound(private).map(|bound| qualified(ty, &bound));
        quote!(#merged::#method(&mut self.#member, #other.#member);)
    }

    /// Assigns a batch to everything in a field that has no place yet.
    fn place(&self, private: &TokenStream, batch: &Ident) -> Option<TokenStream> {
        let member = &self.member;
        let placed = qualified(&self.field.ty, &quote!(#private::MergeOwn));
        matches!(self.merge, Merge::Own).then(|| quote!(#placed::place_own(&mut self.#member, #batch);))
    }

    /// Form in which a bootstrap keeps the field; none for a field that does not count in a state that is not counts
    /// alone.
    fn resampling_form(&self, private: &TokenStream, are_counts: bool) -> Option<TokenStream> {
        let ty = &self.field.ty;
        match self.merge {
            Merge::Own => {
                let own = qualified(ty, &quote!(#private::MergeOwn));
                Some(quote!(#own::resampling_own().form()))
            }
            Merge::Sum if are_counts => {
                let sum = qualified(ty, &quote!(#private::MergeSum));
                Some(quote!(#private::form_of_sum(&#sum::counter())))
            }
            _ => None,
        }
    }

    /// Names the counts of a field after its place.
    fn counts(&self, private: &TokenStream, at: i64, state: &Ident, counts: &Ident) -> TokenStream {
        let member = &self.member;
        let own = qualified(&self.field.ty, &quote!(#private::MergeOwn));
        let sum = qualified(&self.field.ty, &quote!(#private::MergeSum));
        match self.merge {
            Merge::Own => quote! {
                #counts.add_within(#at, |#counts| #own::resampling_own().counts(&#state.#member, #counts));
            },
            _ => quote!(#private::counts_of_sum(&#sum::counter(), &#state.#member, #at, #counts);),
        }
    }

    /// Adds the counts that are named after the place of the field.
    fn add_count(&self, private: &TokenStream, at: i64, [state, thing, times]: [&Ident; 3]) -> TokenStream {
        let member = &self.member;
        let own = qualified(&self.field.ty, &quote!(#private::MergeOwn));
        let sum = qualified(&self.field.ty, &quote!(#private::MergeSum));
        match self.merge {
            Merge::Own => quote! {
                [#at, #thing @ ..] => #own::resampling_own().add_count(&mut #state.#member, #thing, #times),
            },
            _ => quote!([#at] => #private::add_to_sum(&#sum::counter(), &mut #state.#member, #times),),
        }
    }
}

/// Generates how a bootstrap keeps the state: as counts if all its fields are states or sums that are counts. A state
/// of sums alone takes no more room as a state for each replicate.
fn resampling(private: &TokenStream, fields: &[Merged<'_>]) -> TokenStream {
    let may_be_counts = fields.iter().all(|field| matches!(field.merge, Merge::Own | Merge::Sum));
    let are_counts = may_be_counts && fields.iter().any(|field| matches!(field.merge, Merge::Own));
    let forms = fields.iter().filter_map(|field| field.resampling_form(private, are_counts));
    if !are_counts {
        return quote! {
            #private::Resampling::<Self>::states()
                .with_form(#private::ResamplingForm::States { bytes_per_neuron: 0 } #(.and(#forms))*)
        };
    }
    let [state, list, thing, times] = ["state", "counts", "thing", "times"].map(local);
    let counts = fields.iter().zip(0..).map(|(field, at)| field.counts(private, at, &state, &list));
    let add = fields.iter().zip(0..).map(|(field, at)| field.add_count(private, at, [&state, &thing, &times]));
    quote! {
        #private::Resampling::<Self>::states()
            .with_counts(
                |#state, #list| { #(#counts)* },
                |#state, #thing, #times| match #thing {
                    #(#add)*
                    _ => {}
                },
            )
            .with_form(#private::ResamplingForm::Counts #(.and(#forms))*)
    }
}

impl Merge {
    fn parse(attribute: &Attribute) -> syn::Result<Self> {
        if matches!(attribute.meta, syn::Meta::Path(_)) {
            return Ok(Self::Own);
        }
        if matches!(attribute.meta, syn::Meta::NameValue(_)) {
            return Err(syn::Error::new_spanned(attribute, format!("write {FORMS}")));
        }
        attribute.parse_args_with(|input: ParseStream<'_>| {
            if input.is_empty() {
                return Err(syn::Error::new(input.span(), format!("write {FORMS}")));
            }
            let choice = input
                .call(Ident::parse_any)
                .map_err(|error| syn::Error::new(error.span(), format!("write {FORMS}")))?;
            let merge = match choice.to_string().as_str() {
                "sum" => Ok(Self::Sum),
                "max" => Ok(Self::Max),
                "min" => Ok(Self::Min),
                "with" => value_with(&choice, input, "with = path::of::function", Expr::parse).map(Self::With),
                other => {
                    Err(syn::Error::new(choice.span(), format!("unknown merge `{other}`{}", hint(other, &CHOICES))))
                }
            }?;
            if !input.is_empty() {
                let message = "a field merges in one way: keep one, and write a second field for the other";
                return Err(syn::Error::new_spanned(input.parse::<TokenStream>()?, message));
            }
            Ok(merge)
        })
    }
}

fn implementation(input: &DeriveInput, private: &TokenStream, fields: &[Merged<'_>], errors: &Errors) -> TokenStream {
    let (other, batch) = (local("other"), local("batch"));
    let name = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    let conditions = fields.iter().filter_map(|field| Some((field.field.ty.clone(), field.bound(private)?)));
    // A struct that is not generic and has no `Finish` is reported itself.
    let finish = (!input.generics.params.is_empty()).then(|| quote!(#private::Finish +));
    let clause = bounded(input, conditions, &quote!(#finish for<'__any> #private::DerivedState<'__any>));
    let merges = fields.iter().map(|field| field.merge(private, &other));
    let places = fields.iter().filter_map(|field| field.place(private, &batch));
    let resampling = resampling(private, fields);
    let visibility = visibility(input, private, &quote!(StateRole));
    let errors = errors.to_tokens();
    quote! {
        #errors
        const _: () = {
            #visibility

            #[allow(trivial_bounds, reason = "a condition of a struct that is not generic")]
            #[automatically_derived]
            impl #generics #private::Accumulator for #name #arguments #clause {
                #[allow(unused_variables, reason = "a state without such fields has no use for it")]
                fn merge(&mut self, #other: Self) {
                    #(#merges)*
                }

                #[allow(unused_variables, reason = "a state without such fields has no use for it")]
                fn place(&mut self, #batch: u64) {
                    #(#places)*
                }

                fn resampling() -> #private::Resampling<Self> {
                    #resampling
                }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn every_choice_is_read() {
        let parse = |attribute: Attribute| Merge::parse(&attribute);
        assert!(matches!(parse(parse_quote!(#[merge])), Ok(Merge::Own)));
        assert!(matches!(parse(parse_quote!(#[merge(sum)])), Ok(Merge::Sum)));
        assert!(matches!(parse(parse_quote!(#[merge(max)])), Ok(Merge::Max)));
        assert!(matches!(parse(parse_quote!(#[merge(min)])), Ok(Merge::Min)));
        assert!(matches!(parse(parse_quote!(#[merge(with = join)])), Ok(Merge::With(_))));
    }

    #[test]
    fn another_word_is_refused_with_the_nearest() {
        let error = Merge::parse(&parse_quote!(#[merge(sun)])).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("unknown merge `sun`; did you mean `sum`?"));
        let error = Merge::parse(&parse_quote!(#[merge(concat)])).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("unknown merge `concat`; expected one of `sum`, `max`, `min`, `with`"));
    }
}
