//! Echo state networks: a fixed random reservoir, and a readout that is fitted before each sequence.
//!
//! With inputs `u` and the state `r` of the reservoir, at rest zero, a step is
//!
//! ```text
//! v = (1, u)
//! r ← (1 - leak)·r + leak·tanh(W_in·v + W·r)
//! y = W_out·(v, r)
//! ```
//!
//! `W_in` and `W` are drawn; `W_out` minimizes `Σ (y - target)² + ridge·Σ W_out²` over the training samples of the
//! sequence after the washout. All numbers are `f64`, and have the same bits on every machine.
//!
//! Herbert Jaeger, Mantas Lukoševičius, Dan Popovici, Udo Siewert, "Optimization and applications of echo state networks with
//! leaky-integrator neurons", Neural Networks 20 (2007), doi
//! [10.1016/j.neunet.2007.04.016](https://doi.org/10.1016/j.neunet.2007.04.016).

mod config;
mod format;
mod model;
mod reservoir;
mod ridge;

pub use config::EchoStateConfig;
pub use format::*;
pub use model::{EchoStateError, EchoStateNetwork};
