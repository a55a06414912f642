//! A component as the user wrote it.

use proc_macro2::TokenStream;
use quote::format_ident;
use syn::{FnArg, GenericArgument, Ident, PatType, PathArguments, ReturnType, Type};

use crate::errors::Errors;
use crate::expand::settings::{AboutParts, SettingsType};
use crate::function::Function;
use crate::kind::Kind;
use crate::names::type_name;
use crate::options::Options;
use crate::param::Param;
use crate::source;

/// A component as written; `check` decides if it is right.
pub(crate) struct Definition {
    pub(crate) kind: Kind,
    pub(crate) options: Options,
    /// The function, without the attributes of its settings.
    pub(crate) function: Function,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) params: Vec<Param>,
    pub(crate) returns: Returns,
    /// The registered name.
    pub(crate) name: String,
    /// Name of the generated type; `None` if the function's name gives no type name.
    pub(crate) type_name: Option<Ident>,
}

/// Role of an argument of the function.
pub(crate) enum Argument {
    /// Taken from the batch or the model.
    Input(Type),
    /// The setting of this number.
    Param(usize),
    /// `&mut S`: the state, changed in place.
    State(Type),
    /// `&S`: the state of the core of this number.
    Core { number: usize, state: Type },
    /// Any other argument in the place of a core's state, or after them.
    Stray { number: usize, ty: Type },
    /// `self`.
    Receiver(syn::Receiver),
}

/// Return type of the function.
pub(crate) enum Returns {
    /// Nothing, or `()`.
    Nothing,
    /// A value.
    Plain(Box<Type>),
    /// `Result<value, error>`. A value of `()` is none, and the error may be left to an alias, as in
    /// `io::Result<value>`.
    Fallible { value: Option<Box<Type>>, error: Option<Box<Type>>, whole: Box<Type> },
}

impl Definition {
    /// Analyses the function.
    pub(crate) fn new(kind: Kind, options: Options, mut function: Function, errors: &mut Errors) -> Self {
        let core_count = options.of.as_ref().map_or(0, |of| of.cores.len());
        let mut params = Vec::new();
        let mut arguments = Vec::new();
        let mut number = 0;
        for argument in &mut function.signature.inputs {
            let argument = match argument {
                FnArg::Receiver(receiver) => Argument::Receiver(receiver.clone()),
                FnArg::Typed(argument) => match Param::take(argument, errors) {
                    Some(Ok(param)) => {
                        params.push(param);
                        Argument::Param(params.len() - 1)
                    }
                    Some(Err(error)) => {
                        errors.push(error);
                        continue;
                    }
                    None if options.of.is_some() => {
                        number += 1;
                        core_argument(argument, number - 1, core_count)
                    }
                    None => batch_argument(kind, argument),
                },
            };
            arguments.push(argument);
        }
        let returns = Returns::from_signature(&function.signature.output);
        let function_name = source::plain(&function.signature.ident);
        let name = options.name.as_ref().map_or_else(|| function_name.clone(), syn::LitStr::value);
        let type_name =
            options.type_name.clone().or_else(|| generated_type(kind, &function_name, &function.signature.ident));
        Self { kind, options, function, arguments, params, returns, name, type_name }
    }

    /// The module of the engine that generated code may name.
    pub(crate) fn private(&self) -> TokenStream {
        self.options.private()
    }

    /// The type whose fields are the settings; `None` if the function's name gives no type name.
    pub(crate) fn settings(&self) -> Option<SettingsType<'_>> {
        let options = &self.options;
        let about = AboutParts {
            name: &self.name,
            span: self.function.signature.ident.span(),
            attributes: &self.function.attributes,
            citations: &options.citations,
            aliases: &options.aliases,
            version: options.version.unwrap_or(1),
        };
        Some(SettingsType {
            private: self.private(),
            ident: self.type_name.as_ref()?,
            params: &self.params,
            cores: self.core_fields().into_iter().zip(self.cores()).collect(),
            about,
            has_default: !matches!(self.kind, Kind::Constructor(_)),
        })
    }

    /// The types after `of`.
    pub(crate) fn cores(&self) -> &[Type] {
        self.options.of.as_ref().map_or(&[], |of| &of.cores)
    }

    /// The fields that hold the settings of the cores: `core`, or `core_0`, `core_1` and so on.
    pub(crate) fn core_fields(&self) -> Vec<Ident> {
        match self.cores().len() {
            1 => vec![format_ident!("core")],
            count => (0..count).map(|number| format_ident!("core_{number}")).collect(),
        }
    }

    /// The types that are taken from the batch or the model.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Type> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Input(ty) => Some(ty),
            _ => None,
        })
    }

    /// The state that the function changes in place.
    pub(crate) fn state(&self) -> Option<&Type> {
        self.arguments.iter().find_map(|argument| match argument {
            Argument::State(ty) => Some(ty),
            _ => None,
        })
    }
}

impl Returns {
    fn from_signature(output: &ReturnType) -> Self {
        let ReturnType::Type(_, ty) = output else {
            return Self::Nothing;
        };
        if is_unit(ty) {
            return Self::Nothing;
        }
        let mut arguments = result_arguments(ty).into_iter();
        match arguments.next() {
            Some(value) => {
                let value = (!is_unit(value)).then(|| Box::new(value.clone()));
                let error = arguments.next().cloned().map(Box::new);
                Self::Fallible { value, error, whole: ty.clone() }
            }
            None => Self::Plain(ty.clone()),
        }
    }

    /// The type of the value, with or without an error beside it.
    pub(crate) fn value(&self) -> Option<&Type> {
        match self {
            Self::Nothing => None,
            Self::Plain(value) => Some(value),
            Self::Fallible { value, .. } => value.as_deref(),
        }
    }
}

fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// The types in a type whose last word is `Result`; none for any other type.
fn result_arguments(ty: &Type) -> Vec<&Type> {
    let path = match ty {
        Type::Path(path) if path.qself.is_none() => &path.path,
        Type::Paren(inner) => return result_arguments(&inner.elem),
        Type::Group(inner) => return result_arguments(&inner.elem),
        _ => return Vec::new(),
    };
    let last = path.segments.last().filter(|last| last.ident == "Result");
    let Some(PathArguments::AngleBracketed(arguments)) = last.map(|last| &last.arguments) else {
        return Vec::new();
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

/// An argument of a metric that sees the model or a batch.
fn batch_argument(kind: Kind, argument: &PatType) -> Argument {
    match &*argument.ty {
        Type::Reference(reference) if reference.mutability.is_some() && kind == Kind::Accumulated => {
            Argument::State((*reference.elem).clone())
        }
        ty => Argument::Input(ty.clone()),
    }
}

/// An argument of a metric that reads the states of others.
fn core_argument(argument: &PatType, number: usize, core_count: usize) -> Argument {
    match &*argument.ty {
        Type::Reference(reference) if reference.mutability.is_none() && number < core_count => {
            Argument::Core { number, state: (*reference.elem).clone() }
        }
        ty => Argument::Stray { number, ty: ty.clone() },
    }
}

/// Name of the generated type; `None` if the function's name gives no name of a type.
fn generated_type(kind: Kind, function_name: &str, ident: &Ident) -> Option<Ident> {
    let camel = type_name(function_name, kind.suffix());
    // A name such as `self_` would give a keyword, and `_1` a number.
    syn::parse_str::<Ident>(&camel).ok().map(|_| Ident::new(&camel, ident.span()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Constructor;
    use syn::parse_quote;

    fn value(output: &ReturnType) -> Option<String> {
        Returns::from_signature(output).value().map(source::text)
    }

    #[test]
    fn the_value_is_separated_from_the_error() {
        assert_eq!(value(&parse_quote!(-> f64)).as_deref(), Some("f64"));
        assert_eq!(value(&parse_quote!(-> Result<f64, Failure>)).as_deref(), Some("f64"));
        assert_eq!(value(&parse_quote!(-> std::io::Result<Mean>)).as_deref(), Some("Mean"));
        assert_eq!(value(&parse_quote!(-> Result<(), Failure>)), None);
        assert_eq!(value(&parse_quote!(-> ())), None);
        assert_eq!(value(&ReturnType::Default), None);
    }

    #[test]
    fn a_type_of_the_user_may_be_named_result() {
        assert_eq!(value(&parse_quote!(-> Result)).as_deref(), Some("Result"));
    }

    #[test]
    fn some_names_give_no_type() {
        let ident = format_ident!("f");
        let generated = |kind, name| generated_type(kind, name, &ident).map(|ident| ident.to_string());
        assert_eq!(generated(Kind::Static, "self_"), None);
        assert_eq!(generated(Kind::Static, "_1"), None);
        assert_eq!(generated(Kind::Static, "top_k").as_deref(), Some("TopK"));
    }

    #[test]
    fn no_type_shadows_the_prelude() {
        let ident = format_ident!("f");
        let generated = |kind, name| generated_type(kind, name, &ident).map(|ident| ident.to_string());
        assert_eq!(generated(Kind::Accumulated, "mean").as_deref(), Some("MeanMetric"));
        assert_eq!(generated(Kind::Static, "option").as_deref(), Some("OptionMetric"));
        assert_eq!(generated(Kind::Constructor(Constructor::Dataset), "dataset").as_deref(), Some("DatasetSettings"));
    }
}
