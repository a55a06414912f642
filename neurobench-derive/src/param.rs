//! A setting: an argument, `#[param(default = 5, range = 1..=100)] k: usize`, or a field.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Expr, ExprRange, Field, Ident, LitStr, Pat, PatType, Token, Type};

use crate::errors::{Errors, hint};
use crate::literal;
use crate::names::{RULE, is_valid};
use crate::options::{range, value_with};
use crate::source;
use crate::spans::method_for;

/// Options of `#[param]` on an argument.
const ON_ARGUMENTS: &[&str] = &["default", "range"];

/// Options of `#[param]` on a field.
const ON_FIELDS: &[&str] = &["default", "range", "name"];

/// A setting of a component.
pub(crate) struct Param {
    pub(crate) ident: Ident,
    /// Its name outside of Rust, if it differs from `ident`.
    rename: Option<LitStr>,
    pub(crate) ty: Type,
    /// Its doc comment.
    pub(crate) docs: Vec<Attribute>,
    pub(crate) default: Option<Expr>,
    pub(crate) range: Option<ExprRange>,
}

impl Param {
    /// Takes `#[param]` and the doc comment off an argument; `None` if the argument is not a setting.
    pub(crate) fn take(argument: &mut PatType, errors: &mut Errors) -> Option<syn::Result<Self>> {
        let (own, others): (Vec<Attribute>, Vec<Attribute>) =
            argument.attrs.drain(..).partition(|attribute| attribute.path().is_ident("param"));
        argument.attrs = others;
        let first = own.first()?;
        let (docs, others) = argument.attrs.drain(..).partition(|attribute| attribute.path().is_ident("doc"));
        argument.attrs = others;
        let Pat::Ident(pattern) = &*argument.pat else {
            let error = syn::Error::new_spanned(&argument.pat, "a `#[param]` has a name: write `name: Type`");
            two_attributes(first, &own, errors);
            return Some(Err(error));
        };
        Some(Ok(Self::new(pattern.ident.clone(), (*argument.ty).clone(), docs, (&own, ON_ARGUMENTS), errors)))
    }

    /// The setting of a struct's field. Unlike an argument, every field is a setting, with or without `#[param]`.
    pub(crate) fn from_field(field: &Field, errors: &mut Errors) -> Option<Self> {
        let ident = field.ident.clone()?;
        let with_path = |path: &str| -> Vec<Attribute> {
            field.attrs.iter().filter(|attribute| attribute.path().is_ident(path)).cloned().collect()
        };
        Some(Self::new(ident, field.ty.clone(), with_path("doc"), (&with_path("param"), ON_FIELDS), errors))
    }

    /// Reads the options of its `#[param]`, which must be among those that are accepted.
    fn new(
        ident: Ident,
        ty: Type,
        docs: Vec<Attribute>,
        (own, accepted): (&[Attribute], &[&str]),
        errors: &mut Errors,
    ) -> Self {
        let mut param = Self { ident, rename: None, ty, docs, default: None, range: None };
        if let Some(first) = own.first() {
            two_attributes(first, own, errors);
            param.read_options(first, accepted, errors);
            param.refuse_range_of_another_type(errors);
        }
        param
    }

    /// The name outside of Rust.
    pub(crate) fn name(&self) -> String {
        self.rename.as_ref().map_or_else(|| source::plain(&self.ident), LitStr::value)
    }

    fn read_options(&mut self, attribute: &Attribute, accepted: &[&str], errors: &mut Errors) {
        match &attribute.meta {
            syn::Meta::Path(_) => return,
            syn::Meta::NameValue(meta) => {
                let value = source::text(&meta.value);
                errors.at(
                    attribute,
                    format!("the options of a setting stand in parentheses: write `#[param(default = {value})]`"),
                );
                return;
            }
            syn::Meta::List(_) => {}
        }
        let read = attribute.parse_args_with(|input: ParseStream<'_>| {
            while !input.is_empty() {
                self.option(input, accepted)?;
                if !input.is_empty() {
                    input.parse::<Token![,]>().map_err(|error| {
                        syn::Error::new(error.span(), "write a comma between the options of `#[param]`")
                    })?;
                }
            }
            Ok(())
        });
        if let Err(error) = read {
            errors.push(error);
        }
    }

    /// Refuses a range of literals that cannot be of the setting's type. The range is dropped, so that the compiler
    /// does not report each of its uses.
    fn refuse_range_of_another_type(&mut self, errors: &mut Errors) {
        if literal::is_primitive_number(&self.ty)
            && let Some(range) = self.range.take_if(|range| literal::has_other_literals(range))
        {
            let example = if literal::is_primitive_float(&self.ty) { "0.0..=1.0" } else { "1..=100" };
            errors.at(
                &range,
                format!(
                    "setting `{}` is a number, but its range is not of numbers: write `range = {example}`",
                    self.name()
                ),
            );
        }
        if literal::is_primitive_integer(&self.ty)
            && let Some(range) = self.range.take_if(|range| literal::has_float_ends(range))
        {
            errors.at(
                &range,
                format!("setting `{}` is an integer, but its range is of floats: write `1..=100`", self.name()),
            );
        }
    }

    fn option(&mut self, input: ParseStream<'_>, accepted: &[&str]) -> syn::Result<()> {
        if !input.peek(Ident::peek_any) {
            return Err(without_name(input));
        }
        let key = input.call(Ident::parse_any)?;
        let twice = || syn::Error::new(key.span(), format!("the option `{key}` is given twice: remove one"));
        match key.to_string().as_str() {
            "default" if self.default.is_some() => Err(twice()),
            "range" if self.range.is_some() => Err(twice()),
            "name" if self.rename.is_some() => Err(twice()),
            "default" => {
                self.default = Some(value_with(&key, input, "default = 5", Expr::parse)?);
                Ok(())
            }
            "range" => {
                self.range = Some(range(&key, input, "range = 1..=100")?);
                Ok(())
            }
            "name" if accepted.contains(&"name") => {
                let name = value_with(&key, input, "name = \"R\"", <LitStr as Parse>::parse)?;
                if !is_valid(&name.value()) {
                    return Err(syn::Error::new(
                        name.span(),
                        format!("`{}` is not a valid name: {RULE}", name.value()),
                    ));
                }
                self.rename = Some(name);
                Ok(())
            }
            other @ ("min" | "max") => Err(syn::Error::new(
                key.span(),
                format!(
                    "unknown option `{other}` of `#[param]`: write the accepted values as a range, `range = 1..=100`"
                ),
            )),
            other => Err(syn::Error::new(
                key.span(),
                format!("unknown option `{other}` of `#[param]`{}", hint(other, accepted)),
            )),
        }
    }

    /// The value when nothing is set.
    pub(crate) fn default_value(&self, private: &TokenStream) -> TokenStream {
        match &self.default {
            Some(expression) => quote!(#expression),
            None => {
                let ty = &self.ty;
                let value = method_for(ty, "value", &TokenStream::new());
                quote! {{
                    #[allow(unused_imports, reason = "which trait has the method depends on the type of the setting")]
                    use #private::NotASetting as _;
                    #private::SettingDefault::<#ty>(#private::PhantomData).find().#value
                }}
            }
        }
    }

    /// The range, of the setting's type as far as it is one of literals.
    pub(crate) fn typed_range(&self) -> Option<ExprRange> {
        let range = self.range.as_ref()?;
        Some(if literal::is_primitive_float(&self.ty) { literal::range_of_floats(range) } else { range.clone() })
    }

    /// Message about a value in the source that is out of range.
    pub(crate) fn complaint(&self, what: &str) -> String {
        let range = self.range.as_ref().map(source::text).unwrap_or_default();
        format!("{what} of setting `{}` is not in its range `{range}`: change one of them", self.name())
    }

    /// Returns true if a literal is out of range.
    pub(crate) fn refuses(&self, value: &Expr) -> bool {
        self.range.as_ref().is_some_and(|range| literal::is_outside(value, range))
    }
}

/// The error for an option that is not a word, such as the value in `#[param(3)]`.
fn without_name(input: ParseStream<'_>) -> syn::Error {
    match input.fork().parse::<Expr>() {
        Ok(range @ Expr::Range(_)) => syn::Error::new_spanned(
            &range,
            format!("an option of `#[param]` begins with its name: write `range = {}`", source::text(&range)),
        ),
        Ok(value) => syn::Error::new_spanned(
            &value,
            format!("an option of `#[param]` begins with its name: write `default = {}`", source::text(&value)),
        ),
        Err(_) => input.error("an option of `#[param]` begins with its name, as in `default = 5`"),
    }
}

/// Reports every `#[param]` after the first.
fn two_attributes(first: &Attribute, own: &[Attribute], errors: &mut Errors) {
    for second in own.iter().filter(|attribute| !std::ptr::eq(*attribute, first)) {
        errors.at(second, "this setting has two `#[param]`: put all options into one");
    }
}
