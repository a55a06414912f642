//! Numbers and ranges that are known while the macro runs.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, ExprRange, Lit, LitFloat, RangeLimits, Type, UnOp};

/// A number written as a literal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Integer(i128),
    Float(f64),
}

impl Number {
    pub(crate) fn as_f64(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }

    fn is_less_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => left < right,
            (left, right) => left.as_f64() < right.as_f64(),
        }
    }
}

/// The number of a literal, with or without a minus; `None` for other expressions.
pub(crate) fn number(expression: &Expr) -> Option<Number> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(integer) => integer.base10_parse().ok().map(Number::Integer),
            Lit::Float(float) => float.base10_parse().ok().map(Number::Float),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => number(&unary.expr).map(|number| match number {
            Number::Integer(integer) => Number::Integer(-integer),
            Number::Float(float) => Number::Float(-float),
        }),
        Expr::Paren(inner) => number(&inner.expr),
        Expr::Group(inner) => number(&inner.expr),
        _ => None,
    }
}

/// Returns true if a literal lies outside a range of literals; false if the ends are not literals.
pub(crate) fn is_outside(value: &Expr, range: &ExprRange) -> bool {
    let Some(value) = number(value) else {
        return false;
    };
    let too_low = range.start.as_deref().and_then(number).is_some_and(|start| value.is_less_than(start));
    let too_high = range.end.as_deref().and_then(number).is_some_and(|end| match range.limits {
        RangeLimits::HalfOpen(_) => !value.is_less_than(end),
        RangeLimits::Closed(_) => end.is_less_than(value),
    });
    too_low || too_high
}

/// Returns true if the ends of a range, as far as it has any, are literals.
pub(crate) fn has_literal_ends(range: &ExprRange) -> bool {
    [&range.start, &range.end].into_iter().flatten().all(|end| number(end).is_some())
}

/// Returns true if an end of a range is a float.
pub(crate) fn has_float_ends(range: &ExprRange) -> bool {
    [&range.start, &range.end].into_iter().flatten().any(|end| is_float(end))
}

/// Returns true if an expression is a literal with a point or an exponent.
pub(crate) fn is_float(expression: &Expr) -> bool {
    matches!(number(expression), Some(Number::Float(_)))
}

/// Returns true if a range of literals is empty.
pub(crate) fn is_empty(range: &ExprRange) -> bool {
    range.start.as_deref().is_some_and(|start| is_outside(start, range))
}

/// Returns true if the expression looks like one that the compiler can evaluate in a constant.
pub(crate) fn is_constant(expression: &Expr) -> bool {
    match expression {
        Expr::Lit(_) => true,
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| is_screaming(&last.ident.to_string())),
        Expr::Unary(unary) => is_constant(&unary.expr),
        Expr::Binary(binary) => is_constant(&binary.left) && is_constant(&binary.right),
        Expr::Cast(cast) => is_constant(&cast.expr),
        Expr::Paren(inner) => is_constant(&inner.expr),
        Expr::Group(inner) => is_constant(&inner.expr),
        _ => false,
    }
}

fn is_screaming(name: &str) -> bool {
    name.chars().all(|letter| letter.is_uppercase() || letter.is_numeric() || letter == '_')
}

/// Returns true if a type has the name of a primitive number.
pub(crate) fn is_primitive_number(ty: &Type) -> bool {
    const NUMBERS: [&str; 14] =
        ["u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize", "f32", "f64"];
    match ty {
        Type::Path(path) => path.path.get_ident().is_some_and(|ident| NUMBERS.iter().any(|number| ident == number)),
        Type::Paren(inner) => is_primitive_number(&inner.elem),
        Type::Group(inner) => is_primitive_number(&inner.elem),
        _ => false,
    }
}

/// Returns true if a type has the name of a primitive float.
pub(crate) fn is_primitive_float(ty: &Type) -> bool {
    is_primitive_number(ty) && !is_primitive_integer(ty)
}

/// Returns true if a type has the name of a primitive integer.
pub(crate) fn is_primitive_integer(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            is_primitive_number(ty) && path.path.get_ident().is_some_and(|ident| ident != "f32" && ident != "f64")
        }
        Type::Paren(inner) => is_primitive_integer(&inner.elem),
        Type::Group(inner) => is_primitive_integer(&inner.elem),
        _ => false,
    }
}

/// Returns true if an end of a range is a literal, but not a number.
pub(crate) fn has_other_literals(range: &ExprRange) -> bool {
    let is_other = |end: &Expr| matches!(end, Expr::Lit(_)) && number(end).is_none();
    [&range.start, &range.end].into_iter().flatten().any(|end| is_other(end))
}

/// The range with its integers as floats: those of a setting that is a float may be written without a point.
pub(crate) fn range_of_floats(range: &ExprRange) -> ExprRange {
    let mut range = range.clone();
    for end in [&mut range.start, &mut range.end].into_iter().flatten() {
        into_float(end);
    }
    range
}

/// Writes an integer literal as a float.
fn into_float(expression: &mut Expr) {
    match expression {
        Expr::Lit(ExprLit { lit, .. }) => {
            if let Lit::Int(integer) = &*lit
                && integer.suffix().is_empty()
            {
                *lit = Lit::Float(LitFloat::new(&format!("{}.0", integer.base10_digits()), integer.span()));
            }
        }
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => into_float(&mut unary.expr),
        Expr::Paren(inner) => into_float(&mut inner.expr),
        Expr::Group(inner) => into_float(&mut inner.expr),
        _ => {}
    }
}

/// A constant condition for a value of a primitive type to lie in a range; none where the compiler could not work it
/// out.
///
/// Both are converted, so that a range of another type is reported once: where the settings are checked.
pub(crate) fn constant_contains(value: &syn::Ident, ty: &Type, range: &ExprRange) -> Option<TokenStream> {
    let ends = [range.start.as_deref(), range.end.as_deref()];
    if !ends.into_iter().flatten().all(is_constant) {
        return None;
    }
    let wide = match ty {
        ty if !is_primitive_integer(ty) => quote!(::core::primitive::f64),
        Type::Path(path) if path.path.is_ident("u128") => quote!(::core::primitive::u128),
        _ => quote!(::core::primitive::i128),
    };
    let above = range.start.as_deref().map(|start| quote!(((#start) as #wide) <= (#value as #wide)));
    let below = range.end.as_deref().map(|end| match range.limits {
        RangeLimits::HalfOpen(_) => quote!((#value as #wide) < ((#end) as #wide)),
        RangeLimits::Closed(_) => quote!((#value as #wide) <= ((#end) as #wide)),
    });
    let conditions = [above, below].into_iter().flatten();
    Some(quote!(true #(&& #conditions)*))
}

/// The end of an interval as an `f64`: integers may be written without a point.
pub(crate) fn float(expression: &Expr) -> TokenStream {
    match number(expression).map(Number::as_f64) {
        // A literal of Rust has no sign.
        Some(value) if value < 0.0 => {
            let size = -value;
            quote!(-#size)
        }
        Some(value) => quote!(#value),
        None => expression.to_token_stream(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn literals_are_read_with_their_sign() {
        assert_eq!(number(&parse_quote!(-(3))), Some(Number::Integer(-3)));
        assert_eq!(number(&parse_quote!(1_000)), Some(Number::Integer(1000)));
        assert_eq!(number(&parse_quote!(-0.5)), Some(Number::Float(-0.5)));
        assert_eq!(number(&parse_quote!(K)), None);
    }

    #[test]
    fn a_literal_is_compared_with_its_range() {
        assert!(is_outside(&parse_quote!(0), &parse_quote!(1..=100)));
        assert!(!is_outside(&parse_quote!(100), &parse_quote!(1..=100)));
        assert!(is_outside(&parse_quote!(100), &parse_quote!(1..100)));
        assert!(is_outside(&parse_quote!(-0.1), &parse_quote!(0.0..)));
        assert!(!is_outside(&parse_quote!(7), &parse_quote!(..MOST)));
        assert!(!is_outside(&parse_quote!(seven()), &parse_quote!(1..2)));
    }

    #[test]
    fn empty_ranges_are_found() {
        assert!(is_empty(&parse_quote!(1..1)));
        assert!(is_empty(&parse_quote!(2..=1)));
        assert!(!is_empty(&parse_quote!(1..=1)));
        assert!(!is_empty(&parse_quote!(..1)));
    }

    #[test]
    fn integers_in_a_range_become_floats() {
        let text = |range| range_of_floats(&range).to_token_stream().to_string();
        assert_eq!(text(parse_quote!(-1..=2.5)), "- 1.0 ..= 2.5");
        assert_eq!(text(parse_quote!(LOW..1_000)), "LOW .. 1000.0");
    }

    #[test]
    fn constants_are_distinguished_from_calls() {
        assert!(is_constant(&parse_quote!(f64::EPSILON * 2.0)));
        assert!(!is_constant(&parse_quote!(Average::Macro)));
        assert!(!is_constant(&parse_quote!(two())));
    }

    #[test]
    fn ends_of_bounds_become_floats() {
        assert_eq!(float(&parse_quote!(1)).to_string(), "1f64");
        assert_eq!(float(&parse_quote!(-1)).to_string(), "- 1f64");
        assert_eq!(float(&parse_quote!(LOW)).to_string(), "LOW");
    }
}
