//! Configuration of the neurons of NIR, and builder methods for them.

use crate::NetworkBuilder;
use crate::layers::integrator::dynamics::Dynamics;
use crate::layers::neuron::Constant;

/// Parameters of NIR's neurons, each the same for all neurons or one for each. Only the parameters of the kind may be set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IntegratorConfig {
    parameters: Vec<(&'static str, Constant)>,
}

macro_rules! parameters {
    ($($(#[$doc:meta])* $name:ident),*) => {
        impl IntegratorConfig {
            /// Creates a configuration without parameters. Those without a default must be set.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(self, value: impl Into<Constant>) -> Self {
                    self.with_parameter(stringify!($name), value.into())
                }
            )*
        }
    };
}
parameters! {
    /// Sets the resistance.
    r,
    /// Sets the time constant of leaky neurons that are not current based, in seconds.
    tau,
    /// Sets the time constant of the membrane of current-based neurons, in seconds.
    tau_mem,
    /// Sets the time constant of the synaptic current of current-based neurons, in seconds.
    tau_syn,
    /// Sets the factor of the inputs of current-based neurons. The default is 1.
    w_in,
    /// Sets the resting value of the membrane of leaky neurons. The default is 0.
    v_leak,
    /// Sets the threshold of the membrane.
    v_threshold,
    /// Sets the value of the membrane after a spike. The default is 0.
    v_reset
}

impl IntegratorConfig {
    /// Sets the parameter of this name.
    #[must_use]
    pub fn with_parameter(mut self, name: &'static str, value: Constant) -> Self {
        self.parameters.retain(|(known, _)| *known != name);
        self.parameters.push((name, value));
        self
    }
}

macro_rules! builders {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        impl NetworkBuilder { $(
            $(#[$doc])*
            ///
            /// `dt` is the time step in seconds.
            #[must_use]
            pub fn $name(
                self,
                path: &str,
                dt: f64,
                dynamics: impl Into<Dynamics>,
                config: IntegratorConfig,
            ) -> Self {
                self.integrators(path, stringify!($name), dt, dynamics.into(), config)
            }
        )* }
    };
}
builders! {
    /// Adds integrators, with the parameter `r`.
    integrator;
    /// Adds leaky integrators, with `tau`, `r` and `v_leak`.
    leaky_integrator;
    /// Adds integrate-and-fire neurons, with `r`, `v_threshold` and `v_reset`.
    integrate_and_fire;
    /// Adds leaky integrate-and-fire neurons, with `tau`, `r`, `v_leak`, `v_threshold` and `v_reset`.
    ///
    /// ```
    /// use ndarray::array;
    /// use neurobench::metric::Needs;
    /// use neurobench::model::{Model, Probe, Tensor};
    /// use neurobench::network::{IntegratorConfig, Network, Simulator};
    ///
    /// let neurons = IntegratorConfig::new().tau(0.002).r(1.0).v_threshold(1.0);
    /// let network = Network::builder([1])
    ///     .time_steps(true)
    ///     .leaky_integrate_and_fire("0", 0.001, Simulator::Norse, neurons)
    ///     .build()?;
    /// let mut probe = Probe::new(Needs::NONE, network.layers());
    /// let mut outputs = Tensor::default();
    /// // The membrane: 0.75, 1.125 (a spike: 0), 0.75.
    /// network.session().forward(&array![[[1.5_f32], [1.5], [1.5]]].into(), &mut probe, &mut outputs)?;
    /// assert_eq!(outputs, array![[[0.0_f32], [1.0], [0.0]]].into());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    leaky_integrate_and_fire;
    /// Adds leaky integrators of a synaptic current, with `tau_syn`, `tau_mem`, `r`, `v_leak` and `w_in`.
    current_based_leaky_integrator;
    /// Adds leaky integrate-and-fire neurons on a synaptic current, with `tau_syn`, `tau_mem`, `r`, `v_leak`, `v_threshold`,
    /// `v_reset` and `w_in`.
    current_based_leaky_integrate_and_fire;
}

impl NetworkBuilder {
    fn integrators(self, path: &str, kind: &str, dt: f64, dynamics: Dynamics, config: IntegratorConfig) -> Self {
        let mut settings = toml::Table::new();
        settings.insert("dt".to_owned(), dt.into());
        // Names and tables of names can always be converted to TOML.
        if let Ok(dynamics) = toml::Value::try_from(dynamics) {
            settings.insert("dynamics".to_owned(), dynamics);
        }
        let builder = self.layer(path, kind, settings);
        config.parameters.into_iter().fold(builder, |builder, (name, value)| builder.constant(path, name, value))
    }
}
