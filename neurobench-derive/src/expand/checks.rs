//! Constants that stop the compilation where types do not fit together: one for each argument, at the argument.
//!
//! They are items over concrete types, so that `cargo check` and editors evaluate them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, Type, Visibility};

use super::call::{elided, needs};
use crate::kind::Kind;
use crate::literal;
use crate::model::{Argument, Definition};
use crate::options::Hooks;
use crate::param::Param;
use crate::source;
use crate::spans::{call_at, local, method_for, qualified};

pub(crate) fn checks(definition: &Definition) -> TokenStream {
    let inputs = definition.inputs().filter_map(|ty| match definition.kind {
        Kind::Static => Some(needs_nothing(definition, ty)),
        Kind::Workload | Kind::Accumulated => Some(needs_what_is_promised(definition, ty)),
        // It takes settings alone.
        Kind::Constructor(_) => None,
    });
    let hooks = definition.options.hooks.as_ref().map(|hooks| promise_is_needed(definition, hooks));
    let states = definition.arguments.iter().filter_map(|argument| match argument {
        Argument::Core { number, state } => Some(is_state_of(definition, *number, state)),
        _ => None,
    });
    let names = (0..definition.cores().len()).flat_map(|number| names_are_disjoint(definition, number));
    let values = definition.params.iter().flat_map(|param| values_are_in_range(definition, param));
    let visibility = result_is_public(definition);
    quote!(#(#inputs)* #hooks #(#states)* #(#names)* #(#values)* #visibility)
}

/// `const _: () = (require)(condition, "message");`, shown as `place`.
fn require(definition: &Definition, place: &impl ToTokens, condition: &TokenStream, message: &str) -> TokenStream {
    let private = definition.private();
    constant(&call_at(place, quote!(#private::require), quote!(#condition, #message)))
}

fn constant(call: &TokenStream) -> TokenStream {
    quote! {
        #[allow(trivial_numeric_casts, unused_parens, unused_comparisons, reason = "the condition is put together from what the user wrote")]
        const _: () = #call;
    }
}

fn needs_nothing(definition: &Definition, ty: &Type) -> TokenStream {
    let private = definition.private();
    let input = qualified(&elided(ty), &quote!(#private::Input<'_>));
    let message = format!(
        "`{}` is read from a batch, but a static metric looks at the model alone: use `#[workload_metric]`",
        source::text(ty)
    );
    require(definition, ty, &quote!(#input::NEEDS.is_none()), &message)
}

fn needs_what_is_promised(definition: &Definition, ty: &Type) -> TokenStream {
    let private = definition.private();
    let input = qualified(&elided(ty), &quote!(#private::Input<'_>));
    let granted = match &definition.options.hooks {
        None => quote!(NONE),
        Some(Hooks { traces: false, .. }) => quote!(COUNTS),
        Some(Hooks { traces: true, .. }) => quote!(HOOKS),
    };
    let (text, name, attribute) = (source::text(ty), &definition.name, definition.kind.attribute());
    let counts = format!("`{text}` needs hooks, which metric `{name}` does not ask for: write `#[{attribute}(hooks)]`");
    let mut traces = format!(
        "`{text}` keeps the layers' tensors, which metric `{name}` does not ask for: write `#[{attribute}(hooks = traces)]`"
    );
    if let Some(counting) = counting_input(&text) {
        traces.push_str(&format!(", or take `{counting}<'_>`"));
    }
    constant(&call_at(
        ty,
        quote!(#private::require_hooks),
        quote!(#input::NEEDS, #private::Needs::#granted, #counts, #traces),
    ))
}

/// The input with the counts of another input's tensors.
fn counting_input(text: &str) -> Option<&'static str> {
    // A longer name stands before one that it contains.
    const PAIRS: [(&str, &str); 8] = [
        ("PreActivations", "PreActivationCounts"),
        ("PreResetMembranes", "PreResetMembraneCounts"),
        ("ConnectionOutputs", "ConnectionOutputCounts"),
        ("SynapticCurrents", "SynapticCurrentCounts"),
        ("RecurrentStates", "RecurrentStateCounts"),
        ("Activations", "ActivationCounts"),
        ("Connections", "ConnectionCounts"),
        ("Membranes", "MembraneCounts"),
    ];
    PAIRS.into_iter().find(|(keeps, _)| text.contains(keeps)).map(|(_, counts)| counts)
}

fn promise_is_needed(definition: &Definition, hooks: &Hooks) -> TokenStream {
    let (private, needs, name) = (definition.private(), needs(definition), &definition.name);
    let (depth, message) = if hooks.traces {
        (quote!(TRACES), format!("no argument of metric `{name}` needs traces: write `hooks`, or nothing"))
    } else {
        (quote!(HOOKS), format!("no argument of metric `{name}` needs hooks: remove `hooks`"))
    };
    require(definition, &hooks.place, &quote!((#needs).intersects(#private::Needs::#depth)), &message)
}

/// The state or value of a public metric is public. The compiler checks it after constants, with a message that does
/// not say what to write.
fn result_is_public(definition: &Definition) -> Option<TokenStream> {
    let is_public = matches!(definition.function.visibility, Visibility::Public(_));
    definition.kind.metric_kind().filter(|_| is_public)?;
    let is_state = definition.kind == Kind::Accumulated && definition.options.of.is_none();
    let (ty, role) = match definition.state() {
        Some(state) => (state, quote!(StateRole)),
        None if is_state => (definition.returns.value()?, quote!(StateRole)),
        None => (definition.returns.value()?, quote!(ValueRole)),
    };
    let private = definition.private();
    let condition = quote! {{
        #[allow(unused_imports, reason = "which trait has the constant depends on the type")]
        use #private::MayBePublic as _;
        #private::InRole::<#ty, #private::#role>::MAY_BE_PUBLIC
    }};
    let (text, name) = (source::text(ty), &definition.name);
    let message = format!(
        "metric `{name}` is `pub`, but `{text}` is not: write `pub struct {text}`, or remove `pub` from the function"
    );
    Some(require(definition, ty, &condition, &message))
}

/// The argument's type is the state of the core in its place.
fn is_state_of(definition: &Definition, number: usize, state: &Type) -> TokenStream {
    let private = definition.private();
    let core = &definition.cores()[number];
    let is = method_for(state, "is", &TokenStream::new());
    quote! {
        const _: fn() = || {
            #[allow(unused_imports, reason = "which trait has the method depends on the type of the state")]
            use #private::TakenForState as _;
            #private::CoreState::<#core, #state>(#private::PhantomData).find().#is;
        };
    }
}

/// Settings are flat outside of Rust, so no two may have one name.
fn names_are_disjoint(definition: &Definition, number: usize) -> Vec<TokenStream> {
    let (private, name, ty) = (definition.private(), &definition.name, &definition.type_name);
    let cores = definition.cores();
    let params = |core: &Type| {
        let core = qualified(core, &quote!(#private::Core));
        quote!(#core::PARAMS)
    };
    let (core, own) = (&cores[number], params(&cores[number]));
    let text = source::text(core);
    let message = format!("metric `{name}` and its core `{text}` have a setting of the same name: rename one");
    let with_metric = quote!(#private::disjoint(<#ty as #private::Settings>::ABOUT.params, #own));
    let mut checks = vec![require(definition, core, &with_metric, &message)];
    for earlier in &cores[..number] {
        let message = format!(
            "the cores `{}` and `{text}` of metric `{name}` have a setting of the same name: rename one",
            source::text(earlier)
        );
        let others = params(earlier);
        checks.push(require(definition, core, &quote!(#private::disjoint_cores(#others, #own)), &message));
    }
    checks
}

/// The default and the variants' values, where they are no literals but constants.
fn values_are_in_range(definition: &Definition, param: &Param) -> Vec<TokenStream> {
    let value = local("value");
    let ty = &param.ty;
    let Some(range) = param.range.as_ref().filter(|_| literal::is_primitive_number(ty)) else {
        return Vec::new();
    };
    let Some(within) = literal::constant_contains(&value, ty, range) else {
        return Vec::new();
    };
    let check = |written: &Expr, what: &str| {
        let condition = quote!({ let #value: #ty = #written; #within });
        require(definition, written, &condition, &param.complaint(what))
    };
    let default = param.default.iter().map(|default| (default, "the default"));
    let variants = definition.options.variants.iter().flat_map(|variant| &variant.settings);
    let variants = variants.filter(|(ident, _)| *ident == param.ident).map(|(_, setting)| (setting, "this value"));
    // A literal is settled already, in `check`, unless the range names constants. One of another type is reported where
    // it becomes a field.
    let is_checked = |written: &Expr| match literal::number(written) {
        Some(literal::Number::Float(_)) if literal::is_primitive_integer(ty) => false,
        Some(literal::Number::Integer(_)) if literal::is_primitive_float(ty) => false,
        Some(_) => !literal::has_literal_ends(range),
        None => literal::is_constant(written) && !matches!(written, Expr::Lit(_)),
    };
    let constants = default.chain(variants).filter(|(written, _)| is_checked(written));
    constants.map(|(written, what)| check(written, what)).collect()
}
