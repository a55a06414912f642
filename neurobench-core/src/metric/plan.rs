//! The cores of a run, and how metrics read them.

use std::any::TypeId;
use std::collections::HashMap;

use crate::component::{Params, SettingsError, instance_name};
use crate::inputs::identifying;
use crate::metric::state::{AnyState, erased};
use crate::metric::state_list::{StateList, empty_list, restored_list};
use crate::metric::{About, Accumulator, Context, Fold, MetricError, Needs, PartOf, ResamplingForm};
use crate::model::{HookPoint, Layer, LayerKind};
use crate::value::Value;

/// The cores of a run: one for each (type, settings), however many metrics read it.
#[derive(Default)]
pub struct Plan {
    cores: Vec<Core>,
    index: HashMap<(TypeId, String), usize>,
}

impl Core {
    /// Describes why this core cannot run with a model of these layers, if it cannot.
    pub(crate) fn missing_requirement(&self, layers: &[Layer]) -> Option<String> {
        let missing_layers = self.needs.layer_groups().find(|group| !layers.iter().any(|layer| group.contains(layer)));
        if let Some(group) = missing_layers {
            return Some(group.missing().to_owned());
        }
        let undeclared = |need, what: &str, lacking: fn(&Layer) -> bool| {
            let layer = layers.iter().find(|layer| self.needs.intersects(need) && lacking(layer))?;
            Some(format!("layer `{}` does not declare its {what}", layer.path()))
        };
        let no_neurons = |layer: &Layer| layer.is_activation() && layer.neurons().is_none();
        let no_fan_out = |layer: &Layer| layer.kind() == LayerKind::Connection && layer.fan_out().is_none();
        let unreported = |point: HookPoint| {
            let lacks = |layer: &&Layer| point.is_required_of(layer) && !layer.has_hook_point(point);
            let layer = layers.iter().find(|layer| self.needs.intersects(point.either()) && lacks(layer))?;
            let (path, kind) = (layer.path(), layer.type_name());
            Some(format!("layer `{path}` ({kind}) does not report its {}", point.name()))
        };
        undeclared(Needs::NEURON_COUNTS.union(Needs::LAYER_TOTALS), "number of neurons", no_neurons)
            .or_else(|| undeclared(Needs::CONNECTION_COUNTS, "fan-out", no_fan_out))
            .or_else(|| HookPoint::ALL.into_iter().find_map(unreported))
    }
}

impl Plan {
    /// Adds a core, or finds the one of the same type and settings, and returns its index.
    ///
    /// # Errors
    ///
    /// Settings that are out of range or cannot be written.
    pub fn core<F: Fold>(&mut self, fold: &F) -> Result<usize, SettingsError>
    where
        F::State: Accumulator,
        F::Part: PartOf<F::State>,
    {
        fold.check()?;
        let params = identifying(&F::all_params(), fold.to_params()?);
        let key = (TypeId::of::<F>(), canonical(&params));
        if let Some(index) = self.index.get(&key) {
            return Ok(*index);
        }
        let label = instance_name(F::ABOUT.name, &F::all_params(), &params, &F::defaults()?);
        let index = self.cores.len();
        self.cores.push(Core { label, about: F::METRIC, params, needs: F::NEEDS, fold: Box::new(fold.clone()) });
        self.index.insert(key, index);
        Ok(index)
    }

    pub(crate) fn cores(&self) -> &[Core] {
        &self.cores
    }
}

/// Settings as text: equal settings have equal texts.
pub(crate) fn canonical(params: &Params) -> String {
    Value::Map(params.iter().map(|(key, value)| (key.clone(), value.clone())).collect()).to_json()
}

/// A core of a plan.
pub(crate) struct Core {
    pub(crate) label: String,
    pub(crate) about: &'static About,
    pub(crate) params: Params,
    pub(crate) needs: Needs,
    pub(crate) fold: Box<dyn ErasedFold>,
}

/// A [`Fold`] without its types.
pub(crate) trait ErasedFold: Send + Sync {
    /// Makes an empty state.
    fn empty(&self) -> AnyState;
    /// Folds one more batch into a state.
    fn fold(&self, state: &mut AnyState, context: &Context<'_>, batch: u64) -> Result<(), MetricError>;
    /// Makes the state of one batch, before it is assigned to the batch.
    fn part(&self, context: &Context<'_>) -> Result<AnyState, MetricError>;
    /// Reads a state that a snapshot kept.
    fn restore(&self, saved: &Value) -> Result<AnyState, MetricError>;
    /// Makes a list of empty states.
    fn empty_list(&self, count: usize) -> StateList;
    /// Reads a list of states that a snapshot kept, of which there must be `count`.
    fn restore_list(&self, saved: &Value, count: usize) -> Result<StateList, MetricError>;
    /// Form in which states are kept for a bootstrap.
    fn resampling_form(&self) -> ResamplingForm;
    /// Returns true if the value of the state is the smallest or the largest of several numbers.
    fn is_extreme(&self) -> bool;
}

impl<F: Fold> ErasedFold for F
where
    F::State: Accumulator,
    F::Part: PartOf<F::State>,
{
    fn empty(&self) -> AnyState {
        erased(F::State::default())
    }

    fn fold(&self, state: &mut AnyState, context: &Context<'_>, batch: u64) -> Result<(), MetricError> {
        let state: &mut F::State = state.typed_mut();
        self.step(state, context)?.join(state, batch, Accumulator::place);
        Ok(())
    }

    fn part(&self, context: &Context<'_>) -> Result<AnyState, MetricError> {
        let mut state = F::State::default();
        self.step(&mut state, context)?.join(&mut state, 0, |_, _| {});
        Ok(erased(state))
    }

    fn restore(&self, saved: &Value) -> Result<AnyState, MetricError> {
        let state: F::State = saved.to_typed().map_err(|error| MetricError::Other(error.to_string()))?;
        Ok(erased(state))
    }

    fn empty_list(&self, count: usize) -> StateList {
        empty_list::<F::State>(count)
    }

    fn restore_list(&self, saved: &Value, count: usize) -> Result<StateList, MetricError> {
        restored_list::<F::State>(saved, count)
    }

    fn resampling_form(&self) -> ResamplingForm {
        F::State::resampling().form
    }

    fn is_extreme(&self) -> bool {
        F::State::resampling().is_extreme
    }
}

/// Outcome of a core: its state, or its failure with the lowest batch on which it failed, if it failed on a batch.
/// Failures also merge.
pub(crate) enum CoreState {
    Good(AnyState),
    Failed { batch: Option<u64>, error: MetricError },
}

/// The input of a metric at the end of a run: the model and the states of its cores.
pub struct Reading<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) cores: Vec<(&'a Core, &'a CoreState)>,
}

impl<'a> Reading<'a> {
    /// The model, for metrics that look at it alone.
    #[must_use]
    pub fn context(&self) -> &'a Context<'a> {
        self.context
    }

    /// The state of the metric itself, where it is its own core.
    pub(crate) fn own_state<S: 'static>(&self) -> Result<&'a S, MetricError> {
        self.state(0).map_err(|error| match error {
            MetricError::Core { batch, cause, .. } => MetricError::Batch { batch, cause },
            other => other,
        })
    }

    /// The state of a core, by its index among the metric's cores.
    ///
    /// # Errors
    ///
    /// [`MetricError::Core`] if the core failed, with the batch and the cause.
    pub fn state<S: 'static>(&self, index: usize) -> Result<&'a S, MetricError> {
        let (core, state) = self.cores.get(index).ok_or("the metric reads fewer cores")?;
        match state {
            CoreState::Good(state) => state.downcast().ok_or_else(|| "the state of the core has another type".into()),
            CoreState::Failed { batch, error } => {
                Err(MetricError::Core { core: core.label.clone(), batch: *batch, cause: Box::new(error.clone()) })
            }
        }
    }
}
