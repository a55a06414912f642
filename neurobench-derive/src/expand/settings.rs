//! `Settings`: the description of a component and the flat form of its settings.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, ExprRange, RangeLimits, Type};

use crate::docs;
use crate::literal;
use crate::param::Param;
use crate::source;
use crate::spans::{call_at, local, place, qualified};

/// A type whose fields are settings, as far as `Settings` needs to know it.
pub(crate) struct SettingsType<'a> {
    /// Module of the engine that generated code may name.
    pub(crate) private: TokenStream,
    pub(crate) ident: &'a Ident,
    pub(crate) params: &'a [Param],
    /// Fields that hold the settings of the cores that a metric reads, with their types.
    pub(crate) cores: Vec<(Ident, &'a Type)>,
    pub(crate) about: AboutParts<'a>,
    /// True if the type implements `Default`: settings without a default of their own then have that of their type.
    pub(crate) has_default: bool,
}

/// The parts of a description that the user writes.
pub(crate) struct AboutParts<'a> {
    pub(crate) name: &'a str,
    /// Place of the definition.
    pub(crate) span: Span,
    /// Attributes that hold the doc comment.
    pub(crate) attributes: &'a [Attribute],
    pub(crate) citations: &'a [syn::LitStr],
    pub(crate) aliases: &'a [syn::LitStr],
    pub(crate) version: u32,
}

/// Implements `Settings`, and `serde` through it.
pub(crate) fn settings(settings: &SettingsType<'_>) -> TokenStream {
    let (private, name) = (&settings.private, settings.ident);
    let about = about(settings);
    let all_params = all_params(settings);
    let defaults = defaults(settings);
    let check = check(settings);
    let default_functions = default_functions(settings);
    let to_params = to_params(settings);
    let from_params = from_params(settings);
    quote! {
        #default_functions

        #[automatically_derived]
        impl #private::Settings for #name {
            const ABOUT: &'static #private::About = &#about;
            #all_params
            #defaults
            #check
            #to_params
            #from_params
        }

        #[automatically_derived]
        impl #private::serde::Serialize for #name {
            fn serialize<S: #private::serde::Serializer>(&self, serializer: S) -> #private::Result<S::Ok, S::Error> {
                #private::serialize_settings(self, serializer)
            }
        }

        #[automatically_derived]
        impl<'de> #private::serde::Deserialize<'de> for #name {
            fn deserialize<D: #private::serde::Deserializer<'de>>(deserializer: D) -> #private::Result<Self, D::Error> {
                #private::deserialize_settings(deserializer)
            }
        }
    }
}

fn about(settings: &SettingsType<'_>) -> TokenStream {
    let private = &settings.private;
    let AboutParts { name, span, attributes, citations, aliases, version } = &settings.about;
    let (file, line) = place(*span);
    let docs = docs::text(attributes);
    let params = settings.params.iter().map(|param| described(settings, param));
    quote! {
        #private::About {
            name: #name,
            package: #private::package(::core::env!("CARGO_PKG_NAME")),
            module: ::core::module_path!(),
            file: #file,
            line: #line,
            docs: #docs,
            citations: &[#(#citations),*],
            version: #version,
            aliases: &[#(#aliases),*],
            params: &[#(#params),*],
        }
    }
}

/// `Some(value)` or `None`.
pub(crate) fn optional(private: &TokenStream, value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(#private::Option::Some(#value)),
        None => quote!(#private::Option::None),
    }
}

/// A range as `Bounds`.
pub(crate) fn bounds(private: &TokenStream, range: &ExprRange) -> TokenStream {
    let low = optional(private, range.start.as_deref().map(literal::float));
    let high = optional(private, range.end.as_deref().map(literal::float));
    let includes_high = range.end.is_some() && matches!(range.limits, RangeLimits::Closed(_));
    quote!(#private::Bounds { low: #low, high: #high, includes_high: #includes_high })
}

fn described(settings: &SettingsType<'_>, param: &Param) -> TokenStream {
    let private = &settings.private;
    let (name, ty, type_name) = (param.name(), &param.ty, source::text(&param.ty));
    let docs = docs::text(&param.docs);
    let range = optional(private, param.range.as_ref().map(source::text));
    let numbers = param.range.as_ref().filter(|range| literal::has_literal_ends(range));
    let bounds = optional(private, numbers.map(|range| bounds(private, range)));
    let required = param.default.is_none() && !settings.has_default;
    quote! {
        #private::Param {
            name: #name,
            docs: #docs,
            type_name: #type_name,
            type_id: ::core::any::TypeId::of::<#ty>,
            range: #range,
            bounds: #bounds,
            required: #required,
        }
    }
}

/// The trait's own method suffices for a type without cores.
fn all_params(settings: &SettingsType<'_>) -> Option<TokenStream> {
    let private = &settings.private;
    let cores = settings.cores.iter().map(|(_, core)| qualified(core, &quote!(#private::Core)));
    (!settings.cores.is_empty()).then(|| {
        quote! {
            fn all_params() -> #private::Vec<&'static #private::Param> {
                #private::with_cores(Self::ABOUT.params, &[#(#cores::all_core_params),*])
            }
        }
    })
}

/// One operation on a setting: `(<Type as SettingType>::OPERATIONS.name)`, shown as `Type`.
pub(crate) fn operation(private: &TokenStream, param: &Param, name: &str) -> TokenStream {
    let name = Ident::new(name, Span::call_site());
    let ty = qualified(&param.ty, &quote!(#private::SettingType));
    quote!((#ty::OPERATIONS.#name))
}

/// The function that returns the default of a setting: `Type::__default_k`.
pub(crate) fn default_function(ty: &Ident, param: &Param) -> TokenStream {
    let function = default_ident(param);
    quote!(#ty::#function)
}

fn default_ident(param: &Param) -> Ident {
    local(&format!("default_{}", source::plain(&param.ident)))
}

/// A function for each default, so that a default of a wrong type is reported once. For metrics, `Default` has them.
fn default_functions(settings: &SettingsType<'_>) -> TokenStream {
    if settings.has_default {
        return TokenStream::new();
    }
    let functions = settings.params.iter().filter_map(|param| {
        let (function, ty, default) = (default_ident(param), &param.ty, param.default.as_ref()?);
        Some(quote!(fn #function() -> #ty { #default }))
    });
    let (name, mut functions) = (settings.ident, functions.peekable());
    // A default may name the type as `Self`.
    if functions.peek().is_some() { quote!(impl #name { #(#functions)* }) } else { TokenStream::new() }
}

fn defaults(settings: &SettingsType<'_>) -> TokenStream {
    let private = &settings.private;
    let body = if settings.has_default {
        quote!(#private::Settings::to_params(&<Self as #private::Default>::default()))
    } else {
        let params = local("params");
        let own = settings.params.iter().filter(|param| param.default.is_some()).map(|param| {
            let (put, default, name) =
                (operation(private, param, "put"), default_function(settings.ident, param), param.name());
            quote!(#put(&#default(), &mut #params, #name)?;)
        });
        quote! {
            #[allow(unused_mut, reason = "a component may have no settings with a default")]
            let mut #params = #private::Params::new();
            #(#own)*
            #private::Result::Ok(#params)
        }
    };
    quote! {
        fn defaults() -> #private::Result<#private::Params, #private::SettingsError> {
            #body
        }
    }
}

fn check(settings: &SettingsType<'_>) -> TokenStream {
    let private = &settings.private;
    let own = settings.params.iter().filter_map(|param| {
        let (ident, range) = (&param.ident, param.typed_range()?);
        let text = param.range.as_ref().map(source::text)?;
        let (name, out_of_range) = (param.name(), operation(private, param, "out_of_range"));
        // A range of another type is reported at the range.
        let is_within = call_at(&range, quote!(#private::is_within), quote!(&self.#ident, #range));
        Some(quote! {
            if !#is_within {
                return #private::Result::Err(#out_of_range(&self.#ident, #name, #text));
            }
        })
    });
    let cores = settings.cores.iter().map(|(field, core)| {
        let core = qualified(core, &quote!(#private::Core));
        quote!(#core::check_core(&self.#field)?;)
    });
    quote! {
        fn check(&self) -> #private::Result<(), #private::SettingsError> {
            #(#own)*
            #(#cores)*
            #private::Result::Ok(())
        }
    }
}

fn to_params(settings: &SettingsType<'_>) -> TokenStream {
    let (private, params) = (&settings.private, local("params"));
    let own = settings.params.iter().map(|param| {
        let (ident, name, put) = (&param.ident, param.name(), operation(private, param, "put"));
        quote!(#put(&self.#ident, &mut #params, #name)?;)
    });
    let cores = settings.cores.iter().map(|(field, core)| {
        let core = qualified(core, &quote!(#private::Core));
        quote!(#core::put_core(&self.#field, &mut #params)?;)
    });
    quote! {
        fn to_params(&self) -> #private::Result<#private::Params, #private::SettingsError> {
            #[allow(unused_mut, reason = "a component may have no settings")]
            let mut #params = #private::Params::new();
            #(#own)*
            #(#cores)*
            #private::Result::Ok(#params)
        }
    }
}

fn from_params(settings: &SettingsType<'_>) -> TokenStream {
    let (private, params) = (&settings.private, local("params"));
    let body = if settings.has_default { over_default(settings, &params) } else { field_by_field(settings, &params) };
    quote! {
        #[allow(unused_variables, reason = "a component may have no settings")]
        fn from_params(#params: &#private::Params) -> #private::Result<Self, #private::SettingsError> {
            #body
        }
    }
}

/// Starts from the type's `Default` and replaces the settings that are given.
fn over_default(settings: &SettingsType<'_>, params: &Ident) -> TokenStream {
    let (private, made, found) = (&settings.private, local("settings"), local("found"));
    let own = settings.params.iter().map(|param| {
        let (ident, name, find) = (&param.ident, param.name(), operation(private, param, "find"));
        quote! {
            if let #private::Option::Some(#found) = #find(#params, #name)? {
                #made.#ident = #found;
            }
        }
    });
    let cores = settings.cores.iter().map(|(field, core)| {
        let core = qualified(core, &quote!(#private::Core));
        quote!(#core::take_core(&mut #made.#field, #params)?;)
    });
    quote! {
        #[allow(unused_mut, reason = "a component may have no settings")]
        let mut #made = <Self as #private::Default>::default();
        #(#own)*
        #(#cores)*
        #private::Result::Ok(#made)
    }
}

/// Reads each field; one without a default must be given.
fn field_by_field(settings: &SettingsType<'_>, params: &Ident) -> TokenStream {
    let (private, name) = (&settings.private, settings.ident);
    let fields = settings.params.iter().map(|param| {
        let (ident, name) = (&param.ident, param.name());
        if param.default.is_some() {
            let (find, default) = (operation(private, param, "find"), default_function(settings.ident, param));
            quote!(#ident: #find(#params, #name)?.unwrap_or_else(#default))
        } else {
            let require = operation(private, param, "require");
            quote!(#ident: #require(#params, #name)?)
        }
    });
    quote!(#private::Result::Ok(#name { #(#fields),* }))
}
