//! `variant!("top_7", TopK { k: 7 })`: a variant of a metric that may be in another crate.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, ExprStruct, Ident, LitStr, Member, Path, Token};

use crate::crate_name;
use crate::errors::Errors;
use crate::expand::names;
use crate::literal;
use crate::names::{RULE, is_valid};
use crate::options::value_with;
use crate::source;
use crate::spans::{call_at, place, qualified};

const FORM: &str = "write `variant!(\"top_7\", TopK { k: 7 })`";

pub(crate) fn variant(tokens: TokenStream) -> TokenStream {
    match syn::parse2::<Variant>(tokens) {
        Ok(variant) => variant.expand(),
        Err(error) => error.to_compile_error(),
    }
}

struct Variant {
    name: LitStr,
    settings: ExprStruct,
    krate: Option<Path>,
}

impl Parse for Variant {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let form = |error: syn::Error| syn::Error::new(error.span(), FORM);
        let name = input.parse().map_err(form)?;
        input.parse::<Token![,]>().map_err(form)?;
        let settings = match input.parse::<Expr>().map_err(form)? {
            Expr::Struct(settings) => settings,
            other => return Err(syn::Error::new_spanned(other, FORM)),
        };
        let mut krate = None;
        if input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let key = input.call(Ident::parse_any)?;
            if key != "crate" {
                return Err(syn::Error::new(
                    key.span(),
                    format!("unknown option `{key}` of `variant!`; expected `crate`"),
                ));
            }
            krate = Some(value_with(&key, input, "crate = my_neurobench", Path::parse_mod_style)?);
            input.parse::<Option<Token![,]>>()?;
        }
        if !input.is_empty() {
            return Err(input.error(FORM));
        }
        Ok(Self { name, settings, krate })
    }
}

impl Variant {
    fn check(&self) -> Errors {
        let mut errors = Errors::default();
        let name = self.name.value();
        if !is_valid(&name) {
            errors.at(&self.name, format!("`{name}` is not a valid name: {RULE}"));
        }
        if self.settings.fields.is_empty() {
            errors.at(&self.settings, format!("a variant sets at least one setting: {FORM}"));
        }
        if let Some(rest) = &self.settings.rest {
            errors.at(
                rest,
                "settings that a variant does not set have their defaults: remove `..` and the value after it",
            );
        }
        errors
    }

    fn expand(&self) -> TokenStream {
        let errors = self.check();
        if !errors.is_empty() {
            return errors.to_tokens();
        }
        let private = crate_name::private(self.krate.as_ref());
        let ExprStruct { path: metric, fields, .. } = &self.settings;
        let (name, fields) = (&self.name, fields.iter());
        let (file, line) = place(self.name.span());
        let preset = qualified(metric, &quote!(#private::Preset));
        let ranges = self.settings.fields.iter().filter_map(|field| {
            let value = literal::number(&field.expr)?.as_f64();
            let Member::Named(setting) = &field.member else { return None };
            let setting = source::plain(setting);
            // A literal of Rust has no sign.
            let (size, negative) = (value.abs(), value < 0.0);
            let check = call_at(
                &field.expr,
                quote!(#private::require_in_range),
                quote!(#preset::ABOUT.params, #setting, #size, #negative),
            );
            Some(quote!(const _: () = #check;))
        });
        let taken = names::constant("metric", &name.value(), name.span());
        quote! {
            #taken
            // A variant may set every setting that there is.
            #[allow(clippy::needless_update)]
            const _: () = {
                #(#ranges)*
                #private::inventory::submit! {
                    #private::Registration::<#private::Metrics> {
                        about: #preset::ABOUT,
                        name: #name,
                        file: #file,
                        line: #line,
                        preset: #private::Option::Some(|| (#preset::PRESET)(&#metric { #(#fields,)* ..#preset::base() })),
                        constructor: #preset::factory,
                    }
                }
            };
        }
    }
}
