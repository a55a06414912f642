//! Settings of echo state networks.

use neurobench_core::Settings;

/// Settings of an echo state network: the keys of its file.
///
/// A time step is a sample of the data set.
#[derive(Clone, Debug, PartialEq, Settings)]
#[component(name = "echo_state_network", crate = neurobench_core)]
#[non_exhaustive]
pub struct EchoStateConfig {
    /// Number of inputs, and of outputs, in each time step.
    #[param(default = 1, range = 1..=1_000)]
    pub inputs: usize,
    /// Number of units in the reservoir.
    // The connections of the largest reservoir fit in a gigabyte.
    #[param(range = 1..=10_000)]
    pub reservoir_size: usize,
    /// Scale of the weights of the constant input 1, which are uniform in ±`bias_scale`/2.
    #[param(range = 0.0..=1e300)]
    pub bias_scale: f64,
    /// Scale of the weights of the inputs, which are uniform in ±`input_scale`/2.
    #[param(range = 0.0..=1e300)]
    pub input_scale: f64,
    /// Fraction of the connections within the reservoir that exist. Their number is the nearest whole number, and they are drawn
    /// without replacement, so that all reservoirs cost the same; their weights are normally distributed.
    #[param(range = 0.0..=1.0)]
    pub connection_probability: f64,
    /// Spectral radius to which the weights within the reservoir are scaled.
    #[param(range = 0.0..=1e300)]
    pub spectral_radius: f64,
    /// Fraction of the state that is replaced in each time step.
    #[param(range = 0.0..=1.0)]
    pub leak: f64,
    /// Weight of the squared readout weights in the fit, in squared units of the targets.
    #[param(range = 0.0..=1e300)]
    pub ridge: f64,
    /// Number of training samples at the beginning that are left out of the fit.
    #[param(default = 0)]
    pub washout: usize,
    /// Seed of the first reservoir.
    #[param(default = 0)]
    pub seed: u64,
    /// Number of reservoirs, which the sequences take in turn: sequence `i` has the reservoir of seed `seed + i mod reservoirs`.
    #[param(default = 1, range = 1..=1_000_000)]
    pub reservoirs: usize,
}
