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
        }
        param
    }

    /// The name outside of Rust.
    pub(crate) fn name(&self) -> String {
        self.rename.as_ref().map_or_else(|| source::plain(&self.ident), LitStr::value)
    }

    fn read_options(&mut self, attribute: &Attribute, accepted: &[&str], errors: &mut Errors) {
        if matches!(attribute.meta, syn::Meta::Path(_)) {
            return;
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

    fn option(&mut self, input: ParseStream<'_>, accepted: &[&str]) -> syn::Result<()> {
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
                let setting = crate::spans::qualified(&self.ty, &quote!(#private::DefaultSetting));
                quote!(#setting::default_setting())
            }
        }
    }

    /// The name, the range and what to do where a value written in the source is out of range.
    pub(crate) fn complaint(&self, what: &str) -> String {
        let range = self.range.as_ref().map(source::text).unwrap_or_default();
        format!("{what} of setting `{}` is not in its range `{range}`: change one of them", self.name())
    }

    /// Whether a value written in the source is out of range, as far as literals tell.
    pub(crate) fn refuses(&self, value: &Expr) -> bool {
        self.range.as_ref().is_some_and(|range| literal::is_outside(value, range))
    }
}

/// Reports every `#[param]` after the first.
fn two_attributes(first: &Attribute, own: &[Attribute], errors: &mut Errors) {
    for second in own.iter().filter(|attribute| !std::ptr::eq(*attribute, first)) {
        errors.at(second, "this setting has two `#[param]`: put all options into one");
    }
}
