//! Variants: metrics and components with preset settings.

use crate::component::{About, Params, Settings, SettingsError};
use crate::metric::{Factory, Metric, MetricValue};

/// Checks preset settings and returns their flat form.
pub fn preset<S: Settings>(settings: &S) -> Result<Params, SettingsError> {
    settings.check()?;
    settings.to_params()
}

/// A metric of which a crate registers a variant.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric",
    label = "not a metric",
    note = "a variant names the type that an attribute made of a function: `TopK {{ k: 7 }}` for `fn top_k`"
)]
pub trait Preset: Sized {
    /// Description of the metric.
    const ABOUT: &'static About;
    /// The settings when nothing is set.
    fn base() -> Self;
    /// Checks preset settings and returns their flat form.
    const PRESET: fn(&Self) -> Result<Params, SettingsError>;
    /// The factory of the metric.
    fn factory() -> Factory;
}

#[diagnostic::do_not_recommend]
impl<M: Metric> Preset for M
where
    M::Output: MetricValue,
{
    const ABOUT: &'static About = <M as Settings>::ABOUT;
    const PRESET: fn(&Self) -> Result<Params, SettingsError> = preset::<M>;

    fn base() -> Self {
        M::default()
    }

    fn factory() -> Factory {
        Factory::new::<M>()
    }
}
