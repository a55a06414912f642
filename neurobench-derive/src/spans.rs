//! Places at which the compiler reports errors in generated code.
//!
//! The identifiers of an expansion keep the span of the attribute: otherwise the editor's "go to definition" on one
//! type of the user's would offer a dozen places. Only punctuation has the spans of the tokens that it concerns.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// The spans of the first and the last token; those of the attribute if there is none.
pub(crate) fn ends(place: &impl ToTokens) -> (Span, Span) {
    let mut tokens = place.to_token_stream().into_iter();
    let Some(first) = tokens.next() else {
        return (Span::call_site(), Span::call_site());
    };
    let (start, end) = (opening(&first), closing(&first));
    (start, tokens.last().map_or(end, |last| closing(&last)))
}

fn opening(token: &TokenTree) -> Span {
    match token {
        // A fragment that `macro_rules!` captured stands in a group without delimiters.
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => ends(&group.stream()).0,
        TokenTree::Group(group) => group.span_open(),
        other => other.span(),
    }
}

fn closing(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => ends(&group.stream()).1,
        TokenTree::Group(group) => group.span_close(),
        other => other.span(),
    }
}

/// `(callee)(arguments)`: a call that the compiler shows as `place`, from its first to its last token.
pub(crate) fn call_at(place: &impl ToTokens, callee: TokenStream, arguments: TokenStream) -> TokenStream {
    let (start, end) = ends(place);
    let mut callee = Group::new(Delimiter::Parenthesis, callee);
    callee.set_span(start);
    let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
    arguments.set_span(end);
    quote!(#callee #arguments)
}

/// `<Type as Trait>`, shown as `Type`.
pub(crate) fn qualified(subject: &impl ToTokens, trait_path: &TokenStream) -> TokenStream {
    let (start, end) = ends(subject);
    let (open, close) = (quote::quote_spanned!(start=> <), quote::quote_spanned!(end=> >));
    quote!(#open #subject as #trait_path #close)
}

/// `name::<Type>(arguments)`, where the compiler shows a type without the bounds of the method as `Type`.
pub(crate) fn method_for(ty: &impl ToTokens, name: &str, arguments: &TokenStream) -> TokenStream {
    let (start, end) = ends(ty);
    // The compiler marks the name of the method, too.
    let method = Ident::new(name, Span::mixed_site().located_at(start));
    let (open, close) = (quote::quote_spanned!(start=> <), quote::quote_spanned!(end=> >));
    let mut call = Group::new(Delimiter::Parenthesis, arguments.clone());
    call.set_span(end);
    quote!(#method::#open #ty #close #call)
}

/// `type Name = Type;`, shown as `Type`: the compiler reports a type that is more private than its metric there.
pub(crate) fn associated_type(name: &str, ty: &impl ToTokens) -> TokenStream {
    let (start, end) = ends(ty);
    let keyword = Ident::new("type", Span::mixed_site().located_at(start));
    let name = Ident::new(name, Span::mixed_site().located_at(end));
    quote!(#keyword #name = #ty;)
}

/// A local variable of generated code, which cannot clash with a name of the user.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(&format!("__{name}"), Span::mixed_site())
}

/// File and line of a token, as expressions.
///
/// `line!()` would give the line of the attribute.
pub(crate) fn place(span: Span) -> (TokenStream, TokenStream) {
    if proc_macro::is_available() {
        let span = span.unwrap().start();
        let (file, line) = (span.file(), u32::try_from(span.line()).unwrap_or(0));
        // Editors that expand macros themselves do not know the file.
        if !file.is_empty() {
            return (quote!(#file), quote!(#line));
        }
    }
    (quote!(::core::file!()), quote!(::core::line!()))
}
