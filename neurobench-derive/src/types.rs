//! Types that are known by their names to be wrong in their place, with what to write instead.
//!
//! The compiler knows types better than their names show: these checks are for types that many users try, where the
//! message of a trait could not distinguish them.

use proc_macro2::Ident;
use syn::{Expr, ExprLit, GenericArgument, Lit, PathArguments, PathSegment, Signature, Type, TypePath, parse_quote};

use crate::errors::Errors;
use crate::kind::Kind;
use crate::source;

/// Types whose type arguments are values if the whole is one.
const CONTAINERS: [&str; 6] = ["Option", "Vec", "BTreeMap", "PerLayer", "LayerMap", "VecDeque"];

/// Reports the parts of a value that cannot be written, in the way of `f32`.
pub(crate) fn value(ty: &Type, errors: &mut Errors) {
    match ty {
        Type::Path(path) => {
            if let Some(message) = path.path.segments.last().and_then(|last| unsuited_value(path, last)) {
                errors.at(ty, message);
            } else if let Some(last) = path.path.segments.last().filter(|last| is_one_of(&last.ident, &CONTAINERS)) {
                type_arguments(last).for_each(|argument| value(argument, errors));
            }
        }
        Type::Array(array) => value(&array.elem, errors),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|element| value(element, errors)),
        Type::Paren(inner) => value(&inner.elem, errors),
        Type::Group(inner) => value(&inner.elem, errors),
        _ => {}
    }
}

fn unsuited_value(path: &TypePath, last: &PathSegment) -> Option<String> {
    if let Some(message) = unordered(&last.ident) {
        return Some(message);
    }
    let name = path.path.get_ident()?.to_string();
    let instead = match name.as_str() {
        "f32" => "f64",
        "i8" | "i16" | "i32" | "isize" | "i128" => "i64",
        "u8" | "u16" | "u128" => "u64",
        _ => return None,
    };
    Some(format!(
        "`{name}` is not a metric value: write `{instead}`, and convert with `{instead}::from(..)` or `as {instead}`"
    ))
}

fn unordered(ident: &Ident) -> Option<String> {
    let instead = match ident.to_string().as_str() {
        "HashMap" => "BTreeMap",
        "HashSet" => "BTreeSet",
        _ => return None,
    };
    Some(format!("a `{ident}` has no order, so two runs would not give the same results: write `{instead}`"))
}

/// Reports the value of a batch that has no average, as far as its name shows.
pub(crate) fn batch_value(ty: &Type, errors: &mut Errors) {
    let is_list = matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Vec"));
    if is_list {
        errors.at(
            ty,
            "lists of two batches may differ in length, so they have no average: return an array, `[f64; N]`, or a \
             `BTreeMap<String, f64>`; for a value of each output write `#[accumulated_metric]` and return `PerOutput<Mean>`",
        );
    } else {
        value(ty, errors);
    }
}

/// Reports a state that is a collection without a merge. Returns true if it did.
pub(crate) fn is_unsuited_state(ty: &Type, errors: &mut Errors) -> bool {
    let message = unsuited_state(ty);
    let is_unsuited = message.is_some();
    if let Some(message) = message {
        errors.at(ty, message);
    }
    is_unsuited
}

fn unsuited_state(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    if let Some(message) = unordered(&last.ident) {
        return Some(message);
    }
    if is_one_of(&last.ident, &["Vec", "VecDeque"])
        && let Some(element) = type_arguments(last).next()
        && is_named_in_camel_case(element)
    {
        let element = source::text(element);
        return Some(format!(
            "lists of two batches may differ in length, so a `{}` has no merge: write `PerOutput<{element}>` (collected, as a `Vec`), \
             `[{element}; N]`, or `BTreeMap<String, {element}>`",
            last.ident
        ));
    }
    None
}

/// Returns true if a type is not a primitive one, so that it may be a state.
fn is_named_in_camel_case(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path
        .segments
        .last()
        .is_some_and(|last| last.ident.to_string().starts_with(char::is_uppercase) && last.ident != "String")
}

/// The name of a type that cannot go to other threads, as far as names show, and what to write instead.
pub(crate) fn unshared(ty: &Type) -> Option<(String, &'static str)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let instead = match last.ident.to_string().as_str() {
        "Rc" => "write `Arc`, or the type alone",
        "Cell" | "RefCell" => "write the type alone, as settings do not change",
        _ => return type_arguments(last).find_map(unshared),
    };
    Some((last.ident.to_string(), instead))
}

/// Inputs whose name is that of the type that users write, with a reference.
pub(crate) const INPUTS: [&str; 33] = [
    "ActivationCounts",
    "Activations",
    "Classes",
    "ConnectionCounts",
    "ConnectionOutputCounts",
    "ConnectionOutputs",
    "Connections",
    "DataInputs",
    "Inputs",
    "KnownTargetClasses",
    "LayerTotals",
    "Layers",
    "MembraneCounts",
    "Membranes",
    "NeuronCounts",
    "PreActivationCounts",
    "PreActivations",
    "PreResetMembraneCounts",
    "PreResetMembranes",
    "Predictions",
    "RawDataInputs",
    "RawInputs",
    "RawPredictions",
    "RawTargets",
    "RecurrentStateCounts",
    "RecurrentStates",
    "SampleCount",
    "SpikeCounts",
    "SpikeTrains",
    "SynapticCurrentCounts",
    "SynapticCurrents",
    "TargetClasses",
    "Targets",
];

/// Reports an argument that is not an input, as far as its name shows: which input gives it.
pub(crate) fn input(kind: Kind, ty: &Type, errors: &mut Errors) {
    let message = match ty {
        Type::Reference(reference) if reference.mutability.is_none() => referenced(&reference.elem),
        Type::Path(path) => path.path.segments.last().and_then(|last| owned_array(&last.ident)),
        _ => None,
    };
    // The model alone has no such inputs.
    if let Some(message) = message.filter(|_| kind != Kind::Static) {
        errors.at(ty, message);
    }
}

const CLASSES: &str = "class ids are the inputs `Classes<'_>` (predicted) and `TargetClasses<'_>` (of the targets), which are slices of `i64`";
const ARRAYS: &str = "arrays are the inputs `Predictions<'_, Ix2>`, `Targets<'_, Ix2>` and `Inputs<'_, Ix2>`, which are views of `f64` (of any rank without `Ix2`)";
const TENSORS: &str = "tensors in their own number format are the inputs `RawPredictions<'_>`, `RawTargets<'_>` and `RawInputs<'_>`, which are each a `&Tensor`";

fn referenced(ty: &Type) -> Option<String> {
    match ty {
        Type::Slice(slice) => slice_of(&slice.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            if let Some(input) = INPUTS.iter().find(|input| last.ident == **input) {
                let lifetime = if *input == "SampleCount" { "" } else { "<'_>" };
                return Some(format!("an input is taken by value: write `{input}{lifetime}`, without `&`"));
            }
            if last.ident == "Vec" {
                return type_arguments(last).next().and_then(slice_of);
            }
            owned_array(&last.ident)
        }
        _ => None,
    }
}

fn slice_of(element: &Type) -> Option<String> {
    let Type::Path(path) = element else { return None };
    match path.path.get_ident()?.to_string().as_str() {
        "i64" | "usize" | "u64" | "i32" | "u32" => Some(CLASSES.to_owned()),
        "f64" | "f32" => Some(ARRAYS.to_owned()),
        _ => None,
    }
}

fn owned_array(ident: &Ident) -> Option<String> {
    let name = ident.to_string();
    if name == "Tensor" {
        return Some(TENSORS.to_owned());
    }
    let rank = name
        .strip_prefix("CowArray")
        .or_else(|| name.strip_prefix("ArcArray"))
        .or_else(|| name.strip_prefix("Array"))?;
    let rank = rank.strip_prefix("View").unwrap_or(rank);
    let is_rank = matches!(rank, "" | "D" | "0" | "1" | "2" | "3" | "4" | "5" | "6");
    is_rank.then(|| ARRAYS.to_owned())
}

/// Inputs with a rank.
const RANKED: [&str; 2] = ["Predictions", "Targets"];

/// Reports ranks that are written as numbers, as in `Predictions<'_, 2>`, and replaces them by types, so that the
/// compiler does not report them a second time.
pub(crate) fn ranks(signature: &mut Signature, private: &proc_macro2::TokenStream, errors: &mut Errors) {
    for argument in &mut signature.inputs {
        let syn::FnArg::Typed(argument) = argument else { continue };
        let Type::Path(path) = &mut *argument.ty else { continue };
        let Some(last) = path.path.segments.last_mut().filter(|last| is_one_of(&last.ident, &RANKED)) else { continue };
        let input = last.ident.clone();
        let PathArguments::AngleBracketed(arguments) = &mut last.arguments else { continue };
        for argument in &mut arguments.args {
            let GenericArgument::Const(Expr::Lit(ExprLit { lit: Lit::Int(rank), .. })) = &*argument else { continue };
            let dimension = match rank.base10_digits() {
                digits @ ("0" | "1" | "2" | "3" | "4" | "5" | "6") => format!("Ix{digits}"),
                _ => "IxDyn".to_owned(),
            };
            errors.at(rank, format!("the rank is a type: write `{input}<'_, {dimension}>`"));
            let dimension = Ident::new(&dimension, rank.span());
            *argument = parse_quote!(#private::#dimension);
        }
    }
}

fn is_one_of(ident: &Ident, names: &[&str]) -> bool {
    names.iter().any(|name| ident == name)
}

fn type_arguments(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
