//! Doc comments as text.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The attributes that hold doc comments.
pub(crate) fn attributes(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("doc"))
}

/// The text of all doc comments, as a constant expression: a literal, or a `concat!` where a doc is `include_str!` or
/// the like.
pub(crate) fn text(attributes: &[Attribute]) -> TokenStream {
    let pieces: Vec<Piece> = attributes.iter().filter_map(piece).collect();
    if pieces.iter().all(|piece| matches!(piece, Piece::Text(_))) {
        let lines: Vec<&str> = pieces.iter().map(Piece::as_text).collect();
        return lines.join("\n").to_token_stream();
    }
    let parts = pieces.iter().enumerate().map(|(index, piece)| {
        let separator = (index > 0).then(|| quote!("\n",));
        quote!(#separator #piece)
    });
    quote!(::core::concat!(#(#parts),*))
}

enum Piece {
    /// A comment, without the space that follows `///`.
    Text(String),
    /// `#[doc = include_str!("..")]`.
    Computed(Expr),
}

impl Piece {
    fn as_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Computed(_) => "",
        }
    }
}

impl ToTokens for Piece {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Text(text) => text.to_tokens(tokens),
            Self::Computed(expression) => expression.to_tokens(tokens),
        }
    }
}

fn piece(attribute: &Attribute) -> Option<Piece> {
    let Meta::NameValue(meta) = &attribute.meta else {
        return None;
    };
    if !meta.path.is_ident("doc") {
        return None;
    }
    match &meta.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let text = text.value();
            let lines = text.split('\n').map(|line| line.strip_prefix(' ').unwrap_or(line));
            Some(Piece::Text(lines.collect::<Vec<_>>().join("\n")))
        }
        expression => Some(Piece::Computed(expression.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn lines_are_joined_and_lose_one_space() {
        let attributes: Vec<Attribute> = vec![parse_quote!(#[doc = " One."]), parse_quote!(#[doc = "   Two."])];
        assert_eq!(text(&attributes).to_string(), r#""One.\n  Two.""#);
        assert_eq!(text(&[]).to_string(), r#""""#);
    }

    #[test]
    fn included_docs_are_concatenated() {
        let attributes: Vec<Attribute> = vec![parse_quote!(#[doc = " One."]), parse_quote!(#[doc = include_str!("a")])];
        let text = text(&attributes).to_string();
        assert!(text.contains("concat") && text.contains("include_str"), "{text}");
    }

    #[test]
    fn other_doc_attributes_are_no_text() {
        let attributes: Vec<Attribute> = vec![parse_quote!(#[doc(hidden)]), parse_quote!(#[must_use])];
        assert_eq!(text(&attributes).to_string(), r#""""#);
    }
}
