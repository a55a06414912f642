//! The construction of metrics by name.

use std::any::{Any, TypeId};

use crate::component::{Param, Params, SettingsError, from_known, instance_name};
use crate::inputs::{LayerSelection, identifying, selections};
use crate::metric::plan::Core;
use crate::metric::{About, Metric, MetricError, MetricValue, Needs, Plan, Reading, Shape, Share};
use crate::value::Value;

/// A core that a metric reads.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CoreDescriptor {
    /// Description of the core.
    pub about: &'static About,
    /// Records that it needs of a run.
    pub needs: Needs,
}

/// Constructs metrics of one type from flat settings: the type-erased form of a [`Metric`].
pub struct Factory {
    /// Description of the metric.
    pub about: &'static About,
    /// Structure of its values.
    pub shape: Shape,
    /// Its settings and those of its cores.
    pub params: Vec<&'static Param>,
    cores: fn() -> Result<Vec<CoreDescriptor>, SettingsError>,
    defaults: fn() -> Result<Params, SettingsError>,
    make: fn(&Params) -> Result<Requested, SettingsError>,
}

impl Factory {
    /// The factory of a metric type.
    #[must_use]
    pub fn new<M: Metric>() -> Self
    where
        M::Output: MetricValue,
    {
        Self {
            about: M::METRIC,
            shape: M::Output::shape(),
            params: M::all_params(),
            defaults: M::defaults,
            cores: || {
                let mut plan = Plan::default();
                M::default().cores(&mut plan)?;
                let describe = |core: &Core| CoreDescriptor { about: core.about, needs: core.needs };
                Ok(plan.cores().iter().map(describe).collect())
            },
            make: |params| Requested::new(from_known::<M>(params)?),
        }
    }

    /// The cores that the metric reads: itself if it folds batches, none if it reads the model alone.
    ///
    /// # Errors
    ///
    /// A default that is out of its own range or cannot be written as a value.
    pub fn cores(&self) -> Result<Vec<CoreDescriptor>, SettingsError> {
        (self.cores)()
    }

    /// The settings when nothing is set.
    ///
    /// # Errors
    ///
    /// A default that cannot be written as a value, such as a NaN.
    pub fn defaults(&self) -> Result<Params, SettingsError> {
        (self.defaults)()
    }

    /// A metric with these settings.
    pub(crate) fn request(&self, params: &Params) -> Result<Requested, SettingsError> {
        (self.make)(params)
    }
}

/// A metric that was requested by type, value or name.
pub(crate) struct Requested {
    pub(crate) about: &'static About,
    /// The registered name with the settings that differ from their defaults.
    pub(crate) name: String,
    pub(crate) type_id: TypeId,
    pub(crate) params: Params,
    /// Settings that select some layers, with their names.
    pub(crate) selections: Vec<(&'static str, LayerSelection)>,
    pub(crate) shape: Shape,
    pub(crate) metric: Box<dyn ErasedMetric>,
}

impl Requested {
    pub(crate) fn new<M: Metric>(metric: M) -> Result<Self, SettingsError>
    where
        M::Output: MetricValue,
    {
        metric.check()?;
        let all = M::all_params();
        let params = identifying(&all, metric.to_params()?);
        let name = instance_name(M::ABOUT.name, &all, &params, &M::defaults()?);
        let selections = selections(&all, &params)?;
        Ok(Self {
            about: M::METRIC,
            name,
            type_id: TypeId::of::<M>(),
            params,
            selections,
            shape: M::Output::shape(),
            metric: Box::new(metric),
        })
    }
}

/// A value in its own type, behind `Any`.
pub(crate) type AnyOutput = Box<dyn Any + Send + Sync>;

/// A [`Metric`] without its types.
pub(crate) trait ErasedMetric: Send + Sync {
    fn cores(&self, plan: &mut Plan) -> Result<Vec<usize>, SettingsError>;
    fn read(&self, reading: &Reading<'_>) -> Result<(AnyOutput, Value), MetricError>;
    /// The value as a share, if it is one.
    fn share(&self, reading: &Reading<'_>) -> Result<Option<Share>, MetricError>;
}

impl<M: Metric> ErasedMetric for M
where
    M::Output: MetricValue,
{
    fn cores(&self, plan: &mut Plan) -> Result<Vec<usize>, SettingsError> {
        Metric::cores(self, plan)
    }

    fn read(&self, reading: &Reading<'_>) -> Result<(AnyOutput, Value), MetricError> {
        let output = Metric::read(self, reading)?;
        let value = output.to_value()?;
        if let Some(bounds) = &M::METRIC.bounds {
            check_bounds(&value, |number| bounds.contains(number))
                .map_err(|number| MetricError::OutOfBounds { value: number, bounds: bounds.to_string() })?;
        }
        Ok((Box::new(output), value))
    }

    fn share(&self, reading: &Reading<'_>) -> Result<Option<Share>, MetricError> {
        Ok(Metric::read(self, reading)?.share())
    }
}

/// Every number of the value must lie within; the first that does not is given back.
fn check_bounds(value: &Value, within: impl Fn(f64) -> bool + Copy) -> Result<(), f64> {
    match value {
        Value::List(items) => items.iter().try_for_each(|item| check_bounds(item, within)),
        Value::Map(entries) => entries.iter().try_for_each(|(_, item)| check_bounds(item, within)),
        scalar => match scalar.as_f64() {
            Some(number) if !within(number) => Err(number),
            _ => Ok(()),
        },
    }
}
