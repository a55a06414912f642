//! How the neurons of NIR are configured and added to a network.

use crate::NetworkBuilder;
use crate::layers::dynamics::Dynamics;
use crate::layers::integrators::{CUBA_LI, CUBA_LIF, I, IF, LI, LIF};
use crate::layers::neurons::Constant;

/// The parameters of NIR's neurons, each the same for all or one for each. Those that a neuron does not have are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IntegratorConfig {
    parameters: Vec<(&'static str, Constant)>,
}

macro_rules! parameters {
    ($($(#[$doc:meta])* $name:ident),*) => {
        impl IntegratorConfig {
            /// No parameter is set: the ones that have no default must be.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(self, value: impl Into<Constant>) -> Self {
                    self.with(stringify!($name), value.into())
                }
            )*
        }
    };
}
parameters! {
    /// The resistance.
    r,
    /// The time constant in seconds, of leaky neurons that are not current based.
    tau,
    /// The time constant of the membrane in seconds, of current-based neurons.
    tau_mem,
    /// The time constant of the synaptic current in seconds, of current-based neurons.
    tau_syn,
    /// What inputs of current-based neurons are multiplied by; 1 if it is not set.
    w_in,
    /// Where the membrane of a leaky neuron rests; 0 if it is not set.
    v_leak,
    /// Above which a membrane spikes.
    v_threshold,
    /// Where a membrane starts again after a spike; 0 if it is not set.
    v_reset
}

impl IntegratorConfig {
    /// The same with a parameter set by its name in a network file.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Constant) -> Self {
        self.parameters.retain(|(known, _)| *known != name);
        self.parameters.push((name, value));
        self
    }
}

macro_rules! builders {
    ($($(#[$doc:meta])* $name:ident = $kind:ident;)*) => {
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
                self.integrators(path, $kind.name, dt, dynamics.into(), config)
            }
        )* }
    };
}
builders! {
    /// Adds integrators, with the parameter `r`.
    integrator = I;
    /// Adds leaky integrators, with `tau`, `r` and `v_leak`.
    leaky_integrator = LI;
    /// Adds integrate-and-fire neurons, with `r`, `v_threshold` and `v_reset`.
    integrate_and_fire = IF;
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
    leaky_integrate_and_fire = LIF;
    /// Adds leaky integrators of a synaptic current, with `tau_syn`, `tau_mem`, `r`, `v_leak` and `w_in`.
    current_based_leaky_integrator = CUBA_LI;
    /// Adds leaky integrate-and-fire neurons on a synaptic current, with `tau_syn`, `tau_mem`, `r`, `v_leak`, `v_threshold`,
    /// `v_reset` and `w_in`.
    current_based_leaky_integrate_and_fire = CUBA_LIF;
}

impl NetworkBuilder {
    fn integrators(self, path: &str, kind: &str, dt: f64, dynamics: Dynamics, config: IntegratorConfig) -> Self {
        let mut settings = toml::Table::new();
        settings.insert("dt".to_owned(), dt.into());
        // Names and tables of names are always TOML.
        if let Ok(dynamics) = toml::Value::try_from(dynamics) {
            settings.insert("dynamics".to_owned(), dynamics);
        }
        let builder = self.layer(path, kind, settings);
        config.parameters.into_iter().fold(builder, |builder, (name, value)| builder.constant(path, name, value))
    }
}
