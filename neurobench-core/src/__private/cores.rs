//! Cores that metrics read: their settings, and the types of their states.

use std::fmt::Debug;
use std::marker::PhantomData;

use crate::accumulate::Accumulator;
use crate::component::{Param, Params, SettingsError};
use crate::metric::{Fold, PartOf, Plan};

/// A metric whose state others may read.
///
/// Generated code goes through this one trait wherever it deals with a core, so that a type that is not a core is reported once.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric that others can be `of`",
    label = "not a metric that folds batches",
    note = "`of` names the type that `#[accumulated_metric]` made of a function that takes batches: `of = Confusion` for `fn confusion`",
    note = "a name of the prelude has a suffix: `of = MeanMetric` for `fn mean`",
    note = "for a metric that is itself `of` another, name that other one"
)]
pub trait Core: Sized {
    /// The state.
    type Folded;
    /// Its params.
    const PARAMS: &'static [Param];
    /// Its settings when nothing is set.
    fn with_defaults() -> Self;
    /// Its params, as a list.
    fn all_core_params() -> Vec<&'static Param>;
    /// Checks that every setting is within its range.
    fn check_core(&self) -> Result<(), SettingsError>;
    /// Writes its settings beside those of the metric.
    fn put_core(&self, params: &mut Params) -> Result<(), SettingsError>;
    /// Reads its settings from those of the metric.
    fn take_core(&mut self, params: &Params) -> Result<(), SettingsError>;
    /// Clones it.
    fn clone_core(&self) -> Self;
    /// Shows it, for `Debug`.
    fn debug_core(&self) -> &dyn Debug;
    /// Enters it into a plan.
    fn enter(&self, plan: &mut Plan) -> Result<usize, SettingsError>;
}

#[diagnostic::do_not_recommend]
impl<F: Fold> Core for F
where
    F::State: Accumulator,
    F::Part: PartOf<F::State>,
{
    type Folded = F::State;
    const PARAMS: &'static [Param] = F::ABOUT.params;

    fn with_defaults() -> Self {
        F::default()
    }

    fn all_core_params() -> Vec<&'static Param> {
        F::all_params()
    }

    fn check_core(&self) -> Result<(), SettingsError> {
        self.check()
    }

    fn put_core(&self, params: &mut Params) -> Result<(), SettingsError> {
        for (name, value) in self.to_params()? {
            match params.get(&name) {
                Some(other) if *other != value => {
                    let problem = format!("the cores share it, but have {} and {}", other.to_json(), value.to_json());
                    return Err(SettingsError::Invalid { param: name, problem });
                }
                _ => params.insert(name, value),
            };
        }
        Ok(())
    }

    fn take_core(&mut self, params: &Params) -> Result<(), SettingsError> {
        *self = F::from_params(params)?;
        Ok(())
    }

    fn clone_core(&self) -> Self {
        self.clone()
    }

    fn debug_core(&self) -> &dyn Debug {
        self
    }

    fn enter(&self, plan: &mut Plan) -> Result<usize, SettingsError> {
        plan.core(self)
    }
}

/// A metric's own params, then those of its cores. One that several cores share is listed once.
#[must_use]
pub fn with_cores(own: &'static [Param], cores: &[fn() -> Vec<&'static Param>]) -> Vec<&'static Param> {
    let mut all: Vec<&'static Param> = own.iter().collect();
    for param in cores.iter().flat_map(|core| core()) {
        if !all.iter().any(|other| other.name == param.name) {
            all.push(param);
        }
    }
    all
}

/// Holds for the state of a core, and for no other type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the state of the core, which is `{S}`",
    label = "not the state of the core",
    note = "take the state by reference: `&{S}`"
)]
pub trait StateOf<S> {}

#[diagnostic::do_not_recommend]
impl<S> StateOf<S> for S {}

/// Finds the state of the core `C`, which a function takes for a `T`.
///
/// A type that is not a core has been reported already, at its place; here it counts as one with the state `T`. This is
/// because a method of the type itself goes before one of a trait wherever its conditions hold.
pub struct CoreState<C, T>(pub PhantomData<(C, T)>);

/// The state of a core.
pub struct Found<S>(PhantomData<S>);

impl<S> Found<S> {
    /// Compiles where `T` is the state.
    pub fn is<T: StateOf<S>>(&self) {}
}

impl<C: Core, T> CoreState<C, T> {
    /// The state of the core.
    #[must_use]
    pub fn find(&self) -> Found<C::Folded> {
        Found(PhantomData)
    }
}

/// The state of a type that is no core.
pub trait TakenForState {
    /// Type that the function takes.
    type Taken;

    /// In place of `CoreState::find`.
    fn find(&self) -> Found<Self::Taken> {
        Found(PhantomData)
    }
}

impl<C, T> TakenForState for CoreState<C, T> {
    type Taken = T;
}
