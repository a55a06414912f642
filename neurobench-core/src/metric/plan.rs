//! The cores of a run, and how metrics read them.

use std::any::{Any, TypeId};
use std::collections::HashMap;

use crate::component::{Params, SettingsError, instance_name};
use crate::metric::many::ErasedMany;
use crate::metric::{About, Accumulator, Context, Fold, MetricError, Needs, PartOf};
use crate::model::{Layer, LayerKind};
use crate::value::Value;

/// The state of a core, without its type.
pub(crate) type AnyState = Box<dyn Any + Send + Sync>;

/// The cores of a run: one for each (type, settings), however many metrics read it.
#[derive(Default)]
pub struct Plan {
    cores: Vec<Core>,
    index: HashMap<(TypeId, String), usize>,
}

impl Core {
    /// Why this core cannot run with a model of these layers, if it cannot.
    pub(crate) fn lacks(&self, layers: &[Layer]) -> Option<MetricError> {
        let lacks = |need, what: &str, lacking: fn(&Layer) -> bool| {
            let layer = layers.iter().find(|layer| self.needs.intersects(need) && lacking(layer))?;
            Some(MetricError::Missing(format!("layer `{}` does not declare its {what}", layer.path())))
        };
        let no_neurons = |layer: &Layer| layer.is_activation() && layer.neurons().is_none();
        let no_fan_out = |layer: &Layer| layer.kind() == LayerKind::Connection && layer.fan_out().is_none();
        lacks(Needs::NEURON_COUNTS, "number of neurons", no_neurons)
            .or_else(|| lacks(Needs::CONNECTION_COUNTS, "fan-out", no_fan_out))
    }
}

impl Plan {
    /// Enters a core, or finds the one of the same type and settings.
    ///
    /// # Errors
    ///
    /// Settings out of range, or that cannot be written.
    pub fn core<F: Fold>(&mut self, fold: &F) -> Result<usize, SettingsError>
    where
        F::State: Accumulator,
        F::Part: PartOf<F::State>,
    {
        fold.check()?;
        let params = fold.to_params()?;
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

/// Settings as one text: equal settings are equal texts.
pub(crate) fn canonical(params: &Params) -> String {
    Value::Map(params.iter().map(|(key, value)| (key.clone(), value.clone())).collect()).to_json()
}

/// One core of a plan.
pub(crate) struct Core {
    pub(crate) label: String,
    pub(crate) about: &'static About,
    pub(crate) params: Params,
    pub(crate) needs: Needs,
    pub(crate) fold: Box<dyn ErasedFold>,
}

/// A [`Fold`] without its types.
pub(crate) trait ErasedFold: ErasedMany {
    /// The state of no batch.
    fn empty(&self) -> AnyState;
    /// One batch more.
    fn fold(&self, state: &mut AnyState, context: &Context<'_>, batch: u64) -> Result<(), MetricError>;
    /// Two states become one.
    fn merge(&self, into: &mut AnyState, other: AnyState);
    /// The state as a snapshot keeps it.
    fn save(&self, state: &AnyState) -> Result<Value, MetricError>;
    /// The state that a snapshot kept.
    fn restore(&self, saved: &Value) -> Result<AnyState, MetricError>;
}

/// A state is made, changed and read by the same core, so it has that core's type.
pub(super) const OWN_STATE: &str = "the state of another core";

impl<F: Fold> ErasedFold for F
where
    F::State: Accumulator,
    F::Part: PartOf<F::State>,
{
    fn empty(&self) -> AnyState {
        Box::new(F::State::default())
    }

    fn fold(&self, state: &mut AnyState, context: &Context<'_>, batch: u64) -> Result<(), MetricError> {
        let state = state.downcast_mut::<F::State>().ok_or(OWN_STATE)?;
        self.step(state, context)?.join(state, batch, Accumulator::place);
        Ok(())
    }

    fn merge(&self, into: &mut AnyState, other: AnyState) {
        if let (Some(into), Ok(other)) = (into.downcast_mut::<F::State>(), other.downcast::<F::State>()) {
            into.merge(*other);
        } else {
            unreachable!("{OWN_STATE}");
        }
    }

    fn save(&self, state: &AnyState) -> Result<Value, MetricError> {
        let state = state.downcast_ref::<F::State>().ok_or(OWN_STATE)?;
        Ok(Value::from_serialize(state)?)
    }

    fn restore(&self, saved: &Value) -> Result<AnyState, MetricError> {
        let state: F::State = saved.to_typed().map_err(|error| MetricError::Other(error.to_string()))?;
        Ok(Box::new(state))
    }
}

/// What became of a core: its state, or the lowest batch on which it failed, if it was a batch. Failing merges, too.
pub(crate) enum CoreState {
    Good(AnyState),
    Failed { batch: Option<u64>, error: MetricError },
}

/// What a metric reads at the end: the model and the states of its cores.
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

    /// The state of a core, by its place among the metric's cores.
    ///
    /// # Errors
    ///
    /// [`MetricError::Core`] if the core failed, with the batch and the cause.
    pub fn state<S: 'static>(&self, index: usize) -> Result<&'a S, MetricError> {
        let (core, state) = self.cores.get(index).ok_or(OWN_STATE)?;
        match state {
            CoreState::Good(state) => state.downcast_ref().ok_or_else(|| OWN_STATE.into()),
            CoreState::Failed { batch, error } => {
                Err(MetricError::Core { core: core.label.clone(), batch: *batch, cause: Box::new(error.clone()) })
            }
        }
    }
}
