//! Rules for the definition that the user wrote. Each reports what is wrong, at its place, and what to write.
//!
//! Rules that depend on types are checked by constants in the expansion instead: see `expand::checks`.

use std::collections::BTreeMap;

use syn::visit::Visit;
use syn::{
    GenericArgument, GenericParam, Ident, Lifetime, LitStr, PathArguments, PathSegment, Safety, Type, TypeImplTrait,
    TypePath, TypeReference,
};

use crate::errors::{Errors, hint};
use crate::kind::Kind;
use crate::literal;
use crate::model::{Argument, Definition, Returns};
use crate::names::{self, loose};
use crate::param::Param;
use crate::siblings::is_defined_beside;
use crate::source;
use crate::types;

/// Applies every rule.
pub(crate) fn check(definition: &Definition, errors: &mut Errors) {
    plain_function(definition, errors);
    arguments(definition, errors);
    cores(definition, errors);
    returned_type(definition, errors);
    registered_names(definition, errors);
    type_name(definition, errors);
    params(definition, errors);
    variants(definition, errors);
    required_settings(definition, errors);
    bounds(definition, errors);
}

/// The function is registered by name and called without type arguments, so it must be plain.
fn plain_function(definition: &Definition, errors: &mut Errors) {
    let signature = &definition.function.signature;
    let a_noun = definition.kind.a_noun();
    if let Some(keyword) = &signature.asyncness {
        errors.at(keyword, format!("{a_noun} cannot be `async`: nothing awaits it; write a plain function"));
    }
    if let Safety::Unsafe(keyword) = &signature.safety {
        errors.at(keyword, format!("{a_noun} cannot be `unsafe`: it is called with any data; check the data inside"));
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, format!("{a_noun} is called from Rust alone: remove `extern`"));
    }
    for parameter in &signature.generics.params {
        if !matches!(parameter, GenericParam::Lifetime(_)) {
            errors.at(
                parameter,
                format!(
                    "{a_noun} cannot be generic: it is registered by name, as one type; make the setting a `#[param]`"
                ),
            );
        }
    }
    for argument in &definition.arguments {
        if let Argument::Receiver(receiver) = argument {
            errors.at(receiver, format!("{a_noun} is a free function without `self`: make each setting a `#[param]`"));
        }
    }
}

/// Returns true if a type can be made for the function, right or wrong as it is.
pub(crate) fn allows_type(definition: &Definition) -> bool {
    let generics = &definition.function.signature.generics;
    let is_open = generics.params.iter().any(|parameter| !matches!(parameter, GenericParam::Lifetime(_)));
    let is_method = definition.arguments.iter().any(|argument| matches!(argument, Argument::Receiver(_)));
    let has_name = definition.type_name.as_ref().is_some_and(|name| place_of_clash(definition, name).is_none());
    let mut fields = definition.core_fields();
    let has_fields = definition.params.iter().all(|param| {
        let is_new = !fields.contains(&param.ident);
        fields.push(param.ident.clone());
        is_new && is_setting(&param.ty) && find_impl_trait(&param.ty).is_none()
    });
    !is_open && !is_method && has_name && has_fields
}

fn arguments(definition: &Definition, errors: &mut Errors) {
    let mut state_seen = false;
    for (place, argument) in definition.arguments.iter().enumerate() {
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
                types::is_unsuited_state(ty, errors);
            }
            Argument::Input(ty) if matches!(definition.kind, Kind::Constructor(_)) => errors.at(
                ty,
                format!(
                    "{} is constructed from its settings alone: mark this argument `#[param]`",
                    definition.kind.a_noun()
                ),
            ),
            Argument::Input(ty) => input(definition.kind, ty, errors),
            Argument::Param(_) | Argument::Core { .. } | Argument::Stray { .. } | Argument::Receiver(_) => {}
        }
    }
    if let Some(variadic) = &definition.function.signature.variadic {
        errors.at(variadic, format!("{} takes a fixed number of arguments", definition.kind.a_noun()));
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
    types::input(kind, ty, errors);
}

fn cores(definition: &Definition, errors: &mut Errors) {
    let Some(of) = &definition.options.of else {
        return;
    };
    if let Some(hooks) = &definition.options.hooks {
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
            errors.at(
                core,
                format!(
                    "`of` names the type that was made of a function: write `{}`",
                    names::type_name(&named, definition.kind.suffix())
                ),
            );
        }
    }
    let mut taken = 0;
    for argument in &definition.arguments {
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
        errors.at(&definition.function.signature.ident, message);
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

fn returned_type(definition: &Definition, errors: &mut Errors) {
    let signature = &definition.function.signature;
    let constructs = matches!(definition.kind, Kind::Constructor(_));
    let in_place = definition.kind == Kind::Accumulated && definition.state().is_some();
    match (&definition.returns, in_place) {
        (Returns::Nothing | Returns::Fallible { value: None, .. }, true) => {}
        (Returns::Plain(whole) | Returns::Fallible { whole, .. }, true) => {
            errors
                .at(whole, "the function changes its state in place: it returns nothing, or `Result<(), MetricError>`");
        }
        (Returns::Nothing | Returns::Fallible { value: None, .. }, false) => {
            let returns = if definition.options.of.is_some() {
                "the metric's value, as `-> f64`".to_owned()
            } else {
                definition.kind.returns()
            };
            errors.at(&signature.ident, format!("the function returns nothing: return {returns}"));
        }
        (Returns::Plain(_) | Returns::Fallible { .. }, false) => {
            if let Some(value) = definition.returns.value() {
                owned(value, "the returned value outlives the call: it must be owned, without a lifetime", errors);
                if let Some(found) = find_impl_trait(value).filter(|_| !constructs) {
                    errors.at(found, "name the type that is returned: it decides what is done with the value");
                }
                match definition.kind {
                    Kind::Constructor(_) => {}
                    Kind::Workload => types::batch_value(value, errors),
                    Kind::Accumulated if definition.options.of.is_none() => {
                        types::is_unsuited_state(value, errors);
                    }
                    Kind::Static | Kind::Accumulated => types::value(value, errors),
                }
            }
        }
    }
}

fn registered_names(definition: &Definition, errors: &mut Errors) {
    match &definition.options.name {
        Some(name) => {
            valid_name(name, errors);
        }
        None if !names::is_valid(&definition.name) => errors.at(
            &definition.function.signature.ident,
            format!("`{}` is not a valid name: {}; write `name = \"..\"`", definition.name, names::RULE),
        ),
        None => {}
    }
    let mut aliases = vec![definition.name.clone()];
    for alias in &definition.options.aliases {
        if !valid_name(alias, errors) {
            continue;
        }
        if aliases.contains(&alias.value()) {
            errors.at(alias, format!("`{}` is a name of this component already: remove this alias", alias.value()));
        }
        aliases.push(alias.value());
    }
    let mut taken: BTreeMap<String, String> = aliases.into_iter().map(|name| (loose(&name), name)).collect();
    for variant in &definition.options.variants {
        let name = variant.name.value();
        if !valid_name(&variant.name, errors) {
            continue;
        }
        if let Some(other) = taken.get(&loose(&name)) {
            let spelling = if *other == name { "" } else { " (case, `_` and `-` do not matter)" };
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
        errors.at(name, format!("`{}` is not a valid name: {}", name.value(), names::RULE));
    }
    valid
}

fn type_name(definition: &Definition, errors: &mut Errors) {
    let function = &definition.function.signature.ident;
    match &definition.type_name {
        None => errors.at(function, "the function's name gives no name of a type: write `type = ..`"),
        Some(name) => {
            if let Some(place) = place_of_clash(definition, name) {
                let suffix = definition.kind.suffix();
                errors.at(
                    place,
                    format!(
                        "the type made of `fn {function}` would be named `{name}`, too: write `type = {name}{suffix}`, or any \
                         other name"
                    ),
                );
            }
        }
    }
}

/// The place to report if another type has the name of the type that is made of a function.
fn place_of_clash(definition: &Definition, name: &Ident) -> Option<Ident> {
    let function = &definition.function.signature.ident;
    mentions_of(definition, name).or_else(|| is_defined_beside(function, name).then(|| function.clone()))
}

/// The place where the function itself uses the name of the type that is made of it.
fn mentions_of(definition: &Definition, name: &Ident) -> Option<Ident> {
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
    finder.visit_return_type(&definition.function.signature.output);
    for argument in &definition.function.signature.inputs {
        finder.visit_fn_arg(argument);
    }
    for core in definition.cores() {
        finder.visit_type(core);
    }
    finder.found
}

fn params(definition: &Definition, errors: &mut Errors) {
    let core_fields = definition.core_fields();
    for param in definition.params.iter().filter(|param| core_fields.contains(&param.ident)) {
        errors.at(&param.ident, "this is the name of the field with the core's settings: rename the setting");
    }
    settings(&definition.params, errors);
}

/// The rules for settings: arguments of a function, or fields of a struct.
pub(crate) fn settings(params: &[Param], errors: &mut Errors) {
    for (place, param) in params.iter().enumerate() {
        if params[..place].iter().any(|earlier| earlier.name() == param.name()) {
            errors.at(&param.ident, format!("two settings are named `{}`: rename one", param.name()));
        }
        let taken = match param.name().as_str() {
            "name" => Some("`name` is the key of the component's name in a file: rename the setting"),
            "as" => Some("`as` is the key of a metric's name in results: rename the setting"),
            _ => None,
        };
        // A wrong type is reported first.
        if let Some(taken) = taken.filter(|_| is_setting(&param.ty)) {
            errors.at(&param.ident, taken);
        }
        if let Some((name, instead)) = types::unshared(&param.ty) {
            errors.at(&param.ty, format!("a setting is shared by threads, and `{name}` is not: {instead}"));
        } else if !is_setting(&param.ty) {
            errors.at(&param.ty, "a setting is owned and has no lifetime: use `String` for text, `Vec` for a list");
        }
        if let Some(found) = find_impl_trait(&param.ty) {
            errors.at(found, "name the type of this setting: it is the type of a field");
        }
        if let Some(default) = param.default.as_ref().filter(|default| param.refuses(default)) {
            errors.at(default, param.complaint("the default"));
        }
        if let Some(range) = param.range.as_ref().filter(|range| literal::is_empty(range)) {
            errors.at(range, format!("no value is in the range `{}`", source::text(range)));
        }
    }
}

fn variants(definition: &Definition, errors: &mut Errors) {
    let noun = definition.kind.noun();
    let own: Vec<String> = definition.params.iter().map(Param::name).collect();
    let core_fields: Vec<String> = definition.core_fields().iter().map(ToString::to_string).collect();
    let known: Vec<&str> = own.iter().chain(&core_fields).map(String::as_str).collect();
    for variant in &definition.options.variants {
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
                format!("{noun} `{}` has no settings and so no variants: remove this one", definition.name),
            );
            continue;
        }
        for (place, (ident, setting)) in variant.settings.iter().enumerate() {
            let written = source::plain(ident);
            if variant.settings[..place].iter().any(|(earlier, _)| earlier == ident) {
                errors.at(ident, format!("variant `{name}` sets `{written}` twice: remove one"));
            }
            match definition.params.iter().find(|param| param.ident == *ident) {
                Some(param) if param.refuses(setting) => errors.at(setting, param.complaint("this value")),
                Some(_) => {}
                None if core_fields.contains(&written) => {}
                None => {
                    errors.at(
                        ident,
                        format!("{noun} `{}` has no setting `{written}`{}", definition.name, hint(&written, &known)),
                    );
                }
            }
        }
    }
}

/// Every setting without a default must be set by a variant of a component that is not a metric.
fn required_settings(definition: &Definition, errors: &mut Errors) {
    if !matches!(definition.kind, Kind::Constructor(_)) {
        return;
    }
    for variant in &definition.options.variants {
        let missing = definition.params.iter().filter(|param| {
            param.default.is_none() && !variant.settings.iter().any(|(ident, _)| *ident == param.ident)
        });
        for param in missing {
            errors.at(
                &variant.name,
                format!(
                    "variant `{}` does not set `{param}`, which has no default: write `{param} = ..`",
                    variant.name.value(),
                    param = param.name()
                ),
            );
        }
    }
}

fn bounds(definition: &Definition, errors: &mut Errors) {
    if let Some(bounds) = definition.options.bounds.as_ref().filter(|bounds| literal::is_empty(bounds)) {
        errors.at(bounds, format!("no value is in the bounds `{}`", source::text(bounds)));
    }
}

/// A type that is kept has no lifetime but `'static`.
fn owned(ty: &Type, message: &str, errors: &mut Errors) {
    if !is_owned(ty) {
        errors.at(ty, message);
    }
}

/// Returns true if a type can be written outside of the function's signature.
pub(crate) fn can_be_kept(ty: &Type) -> bool {
    is_owned(ty) && find_impl_trait(ty).is_none()
}

/// Returns true unless a type holds a reference, or cannot go to other threads. Unlike other values, a setting is read
/// from files: it holds no `&'static str` either.
pub(crate) fn is_setting(ty: &Type) -> bool {
    struct Finder(bool);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type_reference(&mut self, _: &'ast TypeReference) {
            self.0 = true;
        }
        fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
            // `Cow<'static, str>` reads a `String`.
            let is_read_as_owned = segment.ident == "Cow";
            if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
                let has_lifetime =
                    arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Lifetime(_)));
                self.0 |= has_lifetime && !is_read_as_owned;
            }
            syn::visit::visit_path_segment(self, segment);
        }
    }
    let mut finder = Finder(false);
    finder.visit_type(ty);
    !finder.0 && is_owned(ty) && types::unshared(ty).is_none()
}

/// Returns true if a type has no lifetime but `'static`.
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

/// The first `impl Trait` in a type.
pub(crate) fn find_impl_trait(ty: &Type) -> Option<TypeImplTrait> {
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
