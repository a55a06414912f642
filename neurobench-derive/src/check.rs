//! The rules for what the user wrote. Each says what is wrong at its place, and what to write.
//!
//! What depends on types is checked by constants in the expansion instead: see `expand::checks`.

use std::collections::BTreeMap;

use syn::visit::Visit;
use syn::{GenericParam, Ident, Lifetime, LitStr, Safety, Type, TypeImplTrait, TypePath, TypeReference};

use crate::errors::{Errors, hint};
use crate::kind::Kind;
use crate::literal;
use crate::model::{Argument, Metric, Returns};
use crate::names::{self, camel_case, loose};
use crate::source;

/// Applies every rule.
pub(crate) fn check(metric: &Metric, errors: &mut Errors) {
    plain_function(metric, errors);
    arguments(metric, errors);
    cores(metric, errors);
    returned_type(metric, errors);
    registered_names(metric, errors);
    type_name(metric, errors);
    params(metric, errors);
    variants(metric, errors);
    bounds(metric, errors);
}

/// The engine calls it by name, as one function: nothing is left open.
fn plain_function(metric: &Metric, errors: &mut Errors) {
    let signature = &metric.function.signature;
    if let Some(keyword) = &signature.asyncness {
        errors
            .at(keyword, "a metric cannot be `async`: it is computed from data that is there; write a plain function");
    }
    if let Safety::Unsafe(keyword) = &signature.safety {
        errors.at(keyword, "a metric cannot be `unsafe`: the engine calls it with any data; check the data inside");
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, "a metric is called from Rust alone: remove `extern`");
    }
    for parameter in &signature.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            errors.at(
                parameter,
                "a metric cannot be generic: it is registered by name, as one type; make the setting a `#[param]`",
            );
        }
    }
    for argument in &metric.arguments {
        if let Argument::Receiver(receiver) = argument {
            errors.at(receiver, "a metric is a free function and takes no `self`: make each setting a `#[param]`");
        }
    }
}

/// Whether a type can be made of the function, right or wrong as it is.
pub(crate) fn allows_type(metric: &Metric) -> bool {
    let generics = &metric.function.signature.generics;
    let is_open = generics.params.iter().any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)));
    let is_method = metric.arguments.iter().any(|argument| matches!(argument, Argument::Receiver(_)));
    let has_name = metric.type_name.as_ref().is_some_and(|name| mentions_of(metric, name).is_none());
    let mut fields = metric.core_fields();
    let has_fields = metric.params.iter().all(|param| {
        let is_new = !fields.contains(&param.ident);
        fields.push(param.ident.clone());
        is_new && can_be_kept(&param.ty)
    });
    !is_open && !is_method && has_name && has_fields
}

fn arguments(metric: &Metric, errors: &mut Errors) {
    let mut state_seen = false;
    for (place, argument) in metric.arguments.iter().enumerate() {
        match argument {
            Argument::State(ty) if state_seen => {
                errors.at(ty, "a metric has one state: put both into one struct with `#[derive(Accumulator)]`");
            }
            Argument::State(ty) => {
                state_seen = true;
                if place > 0 {
                    errors.at(ty, "the state comes first: move this argument to the front");
                }
                owned(ty, "a state outlives the batch: it is owned and has no lifetime", errors);
            }
            Argument::Input(ty) => input(metric.kind, ty, errors),
            Argument::Param(_) | Argument::Core { .. } | Argument::Stray { .. } | Argument::Receiver(_) => {}
        }
    }
    if let Some(variadic) = &metric.function.signature.variadic {
        errors.at(variadic, "a metric takes a fixed number of arguments");
    }
}

fn input(kind: Kind, ty: &Type, errors: &mut Errors) {
    if let Type::Reference(reference) = ty
        && reference.mutability.is_some()
    {
        errors.at(
            ty,
            match kind {
                Kind::Static => "a static metric keeps no state: return the value",
                _ => "a workload metric keeps no state: return the value of the batch, or use `#[accumulated_metric]`",
            },
        );
    }
    if let Some(found) = find_impl_trait(ty) {
        errors.at(found, "name the type of this argument: it decides what the metric needs of a run");
    }
}

fn cores(metric: &Metric, errors: &mut Errors) {
    let Some(of) = &metric.options.of else {
        return;
    };
    if let Some(hooks) = &metric.options.hooks {
        errors.at(&hooks.place, "`hooks` is the core's promise: a metric `of` another sees no batch");
    }
    if of.cores.is_empty() {
        errors.at(of, "`of` names no metric: write `of = Mse`, or `of = (Mse, Mae)`");
    }
    for (place, core) in of.cores.iter().enumerate() {
        if of.cores[..place].iter().any(|earlier| source::text(earlier) == source::text(core)) {
            errors.at(core, format!("`of` names `{}` twice: one state is enough", source::text(core)));
        }
        if let Some(named) = function_name(core) {
            errors.at(core, format!("`of` names the type that was made of a function: write `{}`", camel_case(&named)));
        }
    }
    let mut taken = 0;
    for argument in &metric.arguments {
        match argument {
            Argument::Core { .. } => taken += 1,
            Argument::Stray { number, ty } if *number < of.cores.len() => {
                taken += 1;
                let core = source::text(&of.cores[*number]);
                errors.at(ty, format!("this argument is the state of `{core}`: take it by reference, `&_`"));
            }
            Argument::Stray { ty, .. } => {
                errors.at(ty, "a metric `of` another sees no batch: only the core's state and `#[param]` arguments");
            }
            _ => {}
        }
    }
    if taken < of.cores.len() {
        let message = match of.cores.len() {
            1 => "the first argument is the core's state: write `state: &_`".to_owned(),
            count => format!("`of` names {count} cores, the function takes {taken} of their states"),
        };
        errors.at(&metric.function.signature.ident, message);
    }
}

/// The name of a core that is written like a function's.
fn function_name(core: &Type) -> Option<String> {
    let Type::Path(path) = core else {
        return None;
    };
    let name = source::plain(&path.path.segments.last()?.ident);
    name.starts_with(|letter: char| letter.is_lowercase()).then_some(name)
}

fn returned_type(metric: &Metric, errors: &mut Errors) {
    let signature = &metric.function.signature;
    let in_place = metric.kind == Kind::Accumulated && metric.state().is_some();
    match (&metric.returns, in_place) {
        (Returns::Nothing | Returns::Fallible { value: None, .. }, true) => {}
        (Returns::Plain(whole) | Returns::Fallible { whole, .. }, true) => {
            errors
                .at(whole, "the function changes its state in place: it returns nothing, or `Result<(), MetricError>`");
        }
        (Returns::Nothing | Returns::Fallible { value: None, .. }, false) => {
            let returns =
                if metric.options.of.is_some() { "the metric's value, as `-> f64`" } else { metric.kind.returns() };
            errors.at(&signature.ident, format!("the function returns nothing: return {returns}"));
        }
        (Returns::Plain(_) | Returns::Fallible { .. }, false) => {
            if let Some(value) = metric.returns.value() {
                owned(value, "what a metric returns is kept: it is owned and has no lifetime", errors);
                if let Some(found) = find_impl_trait(value) {
                    errors.at(found, "name the type that is returned: it decides what is done with the value");
                }
            }
        }
    }
}

fn registered_names(metric: &Metric, errors: &mut Errors) {
    match &metric.options.name {
        Some(name) => {
            valid_name(name, errors);
        }
        None if !names::is_valid(&metric.name) => errors.at(
            &metric.function.signature.ident,
            format!("`{}` is no name of a metric: {}; write `name = \"..\"`", metric.name, names::RULE),
        ),
        None => {}
    }
    let mut aliases = vec![metric.name.clone()];
    for alias in &metric.options.aliases {
        if !valid_name(alias, errors) {
            continue;
        }
        if aliases.contains(&alias.value()) {
            errors.at(alias, format!("the metric has the name `{}` already: remove this alias", alias.value()));
        }
        aliases.push(alias.value());
    }
    let mut taken: BTreeMap<String, String> = aliases.into_iter().map(|name| (loose(&name), name)).collect();
    for variant in &metric.options.variants {
        let name = variant.name.value();
        if !valid_name(&variant.name, errors) {
            continue;
        }
        if let Some(other) = taken.get(&loose(&name)) {
            let spelling = if *other == name { "" } else { " (case, `_` and `-` do not tell names apart)" };
            errors
                .at(&variant.name, format!("the name `{other}` is taken already{spelling}: give this variant another"));
        } else {
            taken.insert(loose(&name), name);
        }
    }
}

fn valid_name(name: &LitStr, errors: &mut Errors) -> bool {
    let valid = names::is_valid(&name.value());
    if name.value().is_empty() {
        errors.at(name, format!("the name is empty: {}", names::RULE));
    } else if !valid {
        errors.at(name, format!("`{}` is no name of a metric: {}", name.value(), names::RULE));
    }
    valid
}

fn type_name(metric: &Metric, errors: &mut Errors) {
    let function = &metric.function.signature.ident;
    match &metric.type_name {
        None => errors.at(function, "the function's name gives no name of a type: write `type = ..`"),
        Some(name) => {
            if let Some(mentioned) = mentions_of(metric, name) {
                errors.at(
                    mentioned,
                    format!(
                        "the type made of `fn {function}` would be named `{name}`, too: write `type = {name}Metric`, or any \
                         other name"
                    ),
                );
            }
        }
    }
}

/// The place where the function itself uses the name of the type that is made of it.
fn mentions_of(metric: &Metric, name: &Ident) -> Option<Ident> {
    struct Finder<'a> {
        name: &'a Ident,
        found: Option<Ident>,
    }
    impl<'ast> Visit<'ast> for Finder<'_> {
        fn visit_type_path(&mut self, path: &'ast TypePath) {
            if let Some(ident) = path.path.segments.first().map(|first| &first.ident)
                && path.path.segments.len() == 1
                && ident == self.name
            {
                self.found.get_or_insert_with(|| ident.clone());
            }
            syn::visit::visit_type_path(self, path);
        }
    }
    let mut finder = Finder { name, found: None };
    finder.visit_return_type(&metric.function.signature.output);
    for argument in &metric.function.signature.inputs {
        finder.visit_fn_arg(argument);
    }
    for core in metric.cores() {
        finder.visit_type(core);
    }
    finder.found
}

fn params(metric: &Metric, errors: &mut Errors) {
    let core_fields = metric.core_fields();
    for (place, param) in metric.params.iter().enumerate() {
        if metric.params[..place].iter().any(|earlier| earlier.ident == param.ident) {
            errors.at(&param.ident, format!("two settings are named `{}`: rename one", param.name()));
        }
        if core_fields.contains(&param.ident) {
            errors.at(&param.ident, "this is the name of the field with the core's settings: rename the setting");
        }
        // Of a setting whose type is wrong, too, the type is told first.
        let taken = match param.name().as_str() {
            "name" => Some("`name` names the metric in a file: call the setting something else"),
            "as" => Some("`as` says what results call the metric: call the setting something else"),
            _ => None,
        };
        if let Some(taken) = taken.filter(|_| can_be_kept(&param.ty)) {
            errors.at(&param.ident, taken);
        }
        owned(&param.ty, "a setting is owned and has no lifetime: take `String` for text, `Vec` for a list", errors);
        if let Some(found) = find_impl_trait(&param.ty) {
            errors.at(found, "name the type of this setting: it is a field of the metric's type");
        }
        if let Some(default) = param.default.as_ref().filter(|default| param.refuses(default)) {
            errors.at(default, param.complaint("the default"));
        }
        if let Some(range) = param.range.as_ref().filter(|range| literal::is_empty(range)) {
            errors.at(range, format!("no value is in the range `{}`", source::text(range)));
        }
    }
}

fn variants(metric: &Metric, errors: &mut Errors) {
    let own: Vec<String> = metric.params.iter().map(crate::param::Param::name).collect();
    let core_fields: Vec<String> = metric.core_fields().iter().map(ToString::to_string).collect();
    let known: Vec<&str> = own.iter().chain(&core_fields).map(String::as_str).collect();
    for variant in &metric.options.variants {
        let name = variant.name.value();
        if variant.settings.is_empty() {
            errors.at(
                &variant.name,
                format!("variant `{name}` sets no setting: for a second name write `alias = \"{name}\"`"),
            );
        }
        if known.is_empty() {
            errors.at(
                &variant.name,
                format!("metric `{}` has no settings: without any there is no variant", metric.name),
            );
            continue;
        }
        for (place, (ident, setting)) in variant.settings.iter().enumerate() {
            let written = source::plain(ident);
            if variant.settings[..place].iter().any(|(earlier, _)| earlier == ident) {
                errors.at(ident, format!("variant `{name}` sets `{written}` twice: remove one"));
            }
            match metric.params.iter().find(|param| param.ident == *ident) {
                Some(param) if param.refuses(setting) => errors.at(setting, param.complaint("this value")),
                Some(_) => {}
                None if core_fields.contains(&written) => {}
                None => {
                    errors.at(
                        ident,
                        format!("metric `{}` has no setting `{written}`{}", metric.name, hint(&written, &known)),
                    );
                }
            }
        }
    }
}

fn bounds(metric: &Metric, errors: &mut Errors) {
    if let Some(bounds) = metric.options.bounds.as_ref().filter(|bounds| literal::is_empty(bounds)) {
        errors.at(bounds, format!("no value is in the bounds `{}`", source::text(bounds)));
    }
}

/// A type that is kept has no lifetime but `'static`.
fn owned(ty: &Type, message: &str, errors: &mut Errors) {
    if !is_owned(ty) {
        errors.at(ty, message);
    }
}

/// Whether a type can stand by itself, outside of the function's signature.
pub(crate) fn can_be_kept(ty: &Type) -> bool {
    is_owned(ty) && find_impl_trait(ty).is_none()
}

/// Whether a type has no lifetime but `'static`.
fn is_owned(ty: &Type) -> bool {
    struct Finder(bool);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            if lifetime.ident != "static" {
                self.0 = true;
            }
        }
        fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
            if reference.lifetime.is_none() {
                self.0 = true;
            }
            syn::visit::visit_type_reference(self, reference);
        }
        fn visit_type_fn_ptr(&mut self, _: &'ast syn::TypeFnPtr) {}
    }
    let mut finder = Finder(false);
    finder.visit_type(ty);
    !finder.0
}

fn find_impl_trait(ty: &Type) -> Option<TypeImplTrait> {
    struct Finder(Option<TypeImplTrait>);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type_impl_trait(&mut self, found: &'ast TypeImplTrait) {
            self.0.get_or_insert_with(|| found.clone());
        }
    }
    let mut finder = Finder(None);
    finder.visit_type(ty);
    finder.0
}
