//! The options of an attribute: `#[accumulated_metric(name = "..", hooks, ..)]`.

use std::cell::OnceCell;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Expr, ExprRange, Ident, LitBool, LitInt, LitStr, Path, Token, Type};

use crate::crate_name;
use crate::errors::{Errors, hint};

/// The options that are given.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) krate: Option<Path>,
    pub(crate) name: Option<LitStr>,
    pub(crate) type_name: Option<Ident>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) unit: Option<LitStr>,
    pub(crate) higher_is_better: Option<bool>,
    pub(crate) version: Option<u32>,
    pub(crate) bounds: Option<ExprRange>,
    /// The word `extreme`.
    pub(crate) extreme: bool,
    pub(crate) citations: Vec<LitStr>,
    pub(crate) variants: Vec<Variant>,
    pub(crate) hooks: Option<Hooks>,
    pub(crate) of: Option<Of>,
    /// See [`private`](Options::private).
    private: OnceCell<TokenStream>,
}

/// `hooks`, or `hooks = traces`.
pub(crate) struct Hooks {
    /// The word `hooks`, or `traces` where that is written.
    pub(crate) place: Ident,
    pub(crate) traces: bool,
}

/// `of = Type`, or `of = (Type, Type)`.
pub(crate) struct Of {
    pub(crate) key: Ident,
    pub(crate) cores: Vec<Type>,
}

/// `variant("name", param = expr, ..)`.
pub(crate) struct Variant {
    pub(crate) name: LitStr,
    pub(crate) settings: Vec<(Ident, Expr)>,
}

impl Options {
    /// The module of the engine that generated code may name. It may stand in `Cargo.toml`, which is read once for an
    /// expansion.
    pub(crate) fn private(&self) -> TokenStream {
        self.private.get_or_init(|| crate_name::private(self.krate.as_ref())).clone()
    }

    /// Reads all options. One that cannot be read is reported, and the next one is read all the same.
    pub(crate) fn parse(accepted: Accepted, tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut reader = Reader { accepted, options: Self::default(), seen: Vec::new() };
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = reader.option(input).and_then(|()| end_of_option(input)) {
                    errors.push(error);
                    skip_option(input)?;
                }
            }
            Ok(())
        };
        if let Err(error) = parser.parse2(tokens) {
            errors.push(error);
        }
        reader.options
    }
}

/// A comma, or the end.
fn end_of_option(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
        return Ok(());
    }
    Err(input.error("write a comma between two options"))
}

fn skip_option(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        if let TokenTree::Punct(punct) = input.parse()?
            && punct.as_char() == ','
        {
            break;
        }
    }
    Ok(())
}

/// Options that may be given more than once.
const REPEATABLE: [&str; 3] = ["alias", "cite", "variant"];

/// The options that an attribute takes.
pub(crate) struct Accepted {
    /// Name of the attribute.
    pub(crate) attribute: &'static str,
    /// Names of its options.
    pub(crate) options: Vec<&'static str>,
    /// Returns the reason why an option of other attributes is refused.
    pub(crate) why_not: Box<WhyNot>,
}

/// Reason for which an option is refused; `None` if it is unknown.
type WhyNot = dyn Fn(&str) -> Option<String>;

struct Reader {
    accepted: Accepted,
    options: Options,
    seen: Vec<String>,
}

impl Reader {
    fn option(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        if !input.peek(Ident::peek_any) {
            return Err(begins_with_name(input));
        }
        let key = input.call(Ident::parse_any)?;
        let name = key.to_string();
        self.known(&key, &name)?;
        if self.seen.contains(&name) && !REPEATABLE.contains(&name.as_str()) {
            return Err(syn::Error::new(key.span(), format!("the option `{name}` is given twice: remove one")));
        }
        self.seen.push(name.clone());
        let options = &mut self.options;
        match name.as_str() {
            "crate" => options.krate = Some(value_with(&key, input, "crate = my_neurobench", Path::parse_mod_style)?),
            "name" => options.name = Some(value(&key, input, "name = \"..\"")?),
            "type" => options.type_name = Some(value(&key, input, "type = MyMetric")?),
            "alias" => options.aliases.push(value(&key, input, "alias = \"..\"")?),
            "unit" => options.unit = Some(value(&key, input, "unit = \"..\"")?),
            "cite" => options.citations.push(value(&key, input, "cite = \"..\"")?),
            "higher_is_better" => {
                let flag: LitBool = value(&key, input, "higher_is_better = true")?;
                options.higher_is_better = Some(flag.value);
            }
            "version" => options.version = Some(version(&key, input)?),
            "extreme" => options.extreme = flag(&key, input)?,
            "bounds" => options.bounds = Some(range(&key, input, "bounds = 0.0..=1.0")?),
            "hooks" => options.hooks = Some(hooks(key, input)?),
            "of" => options.of = Some(cores(key, input)?),
            "variant" => options.variants.push(variant(&key, input)?),
            // `known` has refused all other words.
            _ => {}
        }
        Ok(())
    }

    fn known(&self, key: &Ident, name: &str) -> syn::Result<()> {
        let Accepted { attribute, options, why_not } = &self.accepted;
        if options.contains(&name) {
            return Ok(());
        }
        let message = why_not(name).unwrap_or_else(|| {
            // NeuroBench's word for a metric that sees layers.
            if name == "requires_hooks" && options.contains(&"hooks") {
                return format!("unknown option `{name}` of `#[{attribute}]`: {HOOKS_FORM}");
            }
            format!("unknown option `{name}` of `#[{attribute}]`{}", hint(name, options))
        });
        Err(syn::Error::new(key.span(), message))
    }
}

/// The error for an option that is not a word. A known option in quotation marks is recognized.
fn begins_with_name(input: ParseStream<'_>) -> syn::Error {
    match input.fork().parse::<LitStr>() {
        Ok(text) if syn::parse_str::<Ident>(&text.value()).is_ok() => {
            syn::Error::new(text.span(), format!("an option stands without quotation marks: write `{}`", text.value()))
        }
        _ => input.error("an option begins with its name, as in `unit = \"J\"`"),
    }
}

/// `= value`.
fn value<T: Parse>(key: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<T> {
    value_with(key, input, example, T::parse)
}

/// `= value`, read by a function; error messages show the example.
pub(crate) fn value_with<T>(
    key: &Ident,
    input: ParseStream<'_>,
    example: &str,
    parse: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    let wrong = |span: Span| syn::Error::new(span, format!("`{key}` takes a value of another form: write `{example}`"));
    if input.parse::<Option<Token![=]>>()?.is_none() {
        return Err(syn::Error::new(key.span(), format!("`{key}` takes a value: write `{example}`")));
    }
    if input.is_empty() {
        return Err(wrong(key.span()));
    }
    let at = input.span();
    parse(input).map_err(|_| wrong(at))
}

/// A word that takes no value.
pub(crate) fn flag(key: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
    if input.peek(Token![=]) || input.peek(syn::token::Paren) {
        return Err(syn::Error::new(key.span(), format!("`{key}` takes no value: write `{key}`, or nothing")));
    }
    Ok(true)
}

/// A range of any form.
pub(crate) fn range(key: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<ExprRange> {
    let expression: Expr = value(key, input, example)?;
    match expression {
        Expr::Range(range) if range.start.is_none() && range.end.is_none() => {
            Err(syn::Error::new_spanned(range, format!("`..` leaves everything open: remove `{key}`")))
        }
        Expr::Range(range) => Ok(range),
        other => Err(syn::Error::new_spanned(other, format!("`{key}` takes a range: write `{example}`"))),
    }
}

fn version(key: &Ident, input: ParseStream<'_>) -> syn::Result<u32> {
    let literal: LitInt = value(key, input, "version = 2")?;
    match literal.base10_parse::<u32>() {
        Ok(version) if version > 0 => Ok(version),
        _ => Err(syn::Error::new(literal.span(), "versions are counted from 1")),
    }
}

const HOOKS_FORM: &str = "write `hooks` for counts, or `hooks = traces` for the layers' tensors";

fn hooks(key: Ident, input: ParseStream<'_>) -> syn::Result<Hooks> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(Hooks { place: key, traces: false });
    }
    let depth = input.parse::<Option<Token![=]>>()?.and_then(|_| input.parse::<Ident>().ok());
    match depth {
        Some(depth) if depth == "traces" => Ok(Hooks { place: depth, traces: true }),
        Some(depth) => Err(syn::Error::new(depth.span(), format!("unknown depth `{depth}` of `hooks`: {HOOKS_FORM}"))),
        None => Err(syn::Error::new(key.span(), HOOKS_FORM)),
    }
}

fn cores(key: Ident, input: ParseStream<'_>) -> syn::Result<Of> {
    let cores = match value(&key, input, "of = Mse")? {
        Type::Tuple(tuple) => tuple.elems.into_iter().collect(),
        Type::Paren(inner) => vec![*inner.elem],
        core => vec![core],
    };
    Ok(Of { key, cores })
}

fn variant(key: &Ident, input: ParseStream<'_>) -> syn::Result<Variant> {
    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(key.span(), VARIANT_FORM));
    }
    let content;
    syn::parenthesized!(content in input);
    let read = variant_content(&content);
    // `syn` would report the rest as a second mistake.
    content.parse::<TokenStream>()?;
    read
}

const VARIANT_FORM: &str = "write `variant(\"name\", setting = value)`";

/// `"name", setting = value, ..`.
fn variant_content(content: ParseStream<'_>) -> syn::Result<Variant> {
    let name: LitStr = content.parse().map_err(|error| match content.fork().call(Ident::parse_any) {
        Ok(word) if !content.peek2(Token![=]) => syn::Error::new(
            word.span(),
            format!("the name of a variant is a string: write `variant(\"{word}\", setting = value)`"),
        ),
        _ => syn::Error::new(error.span(), format!("the name of a variant comes first: {VARIANT_FORM}")),
    })?;
    let mut settings = Vec::new();
    while !content.is_empty() {
        content.parse::<Token![,]>().map_err(|error| syn::Error::new(error.span(), VARIANT_FORM))?;
        if content.is_empty() {
            break;
        }
        let param = content.call(Ident::parse_any).map_err(|error| match content.fork().parse::<LitStr>() {
            Ok(text) => syn::Error::new(
                text.span(),
                format!("a setting stands without quotation marks: write `{} = value`", text.value()),
            ),
            Err(_) => syn::Error::new(error.span(), VARIANT_FORM),
        })?;
        let setting = value_with(&param, content, &format!("{param} = .."), Expr::parse)?;
        settings.push((param, setting));
    }
    Ok(Variant { name, settings })
}

impl ToTokens for Of {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.key.to_tokens(tokens);
    }
}
