//! The engine as a user meets it: results, names, errors, snapshots.

mod autonomous;
mod errors;
mod history;
mod hooks;
mod intervals;
mod merging;
mod names;
mod observers;
mod origins;
mod sequences;
mod snapshots;
mod wrong_numbers;

use ndarray::{Array1, Array2, ArrayD, IxDyn};
use neurobench::bench::Batch;
use neurobench::data::InMemory;
use neurobench::model::{FnModel, ModelError, Probe};
use neurobench::network::Network;
use neurobench::prelude::*;

/// A model whose outputs are its inputs.
pub(crate) fn identity() -> impl Model {
    neurobench::testing::predictions()
}

/// Samples whose input is their place, in a column, and whose target is the same.
pub(crate) fn numbered(samples: usize) -> InMemory {
    let places = Array1::from_iter((0..samples).map(|place| place as i64));
    InMemory::new(places.clone(), places).unwrap()
}

/// A model that fails from a sample on, in a way of its own.
pub(crate) fn failing_from(first: i64, fail: impl Fn(i64) -> ModelError + Send + Sync) -> impl Model {
    FnModel::new(Vec::new(), move |inputs: &Tensor, _: &mut Probe| match inputs {
        Tensor::I64(places) if places.iter().any(|place| *place >= first) => Err(fail(places[0])),
        other => Ok(other.clone()),
    })
}

/// The network and the data of `examples/digits`.
pub(crate) fn digits() -> (Network, InMemory) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/digits");
    let network = Network::load(format!("{folder}/network.toml")).unwrap();
    let data = InMemory::from_npy(format!("{folder}/inputs.npy"), format!("{folder}/targets.npy")).unwrap();
    (network, data)
}

/// Batches of scores and classes that are anything but smooth: all magnitudes, both signs, ties.
pub(crate) fn rough_batches(batches: usize) -> Vec<Batch> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut batch = |samples: usize| {
        let scores = Array2::from_shape_fn((samples, 4), |_| {
            let bits = random();
            let magnitude = f64::powi(2.0, (bits % 121) as i32 - 60);
            let value = ((bits >> 20) % 8) as f64 * magnitude;
            if bits & 1 == 0 { value } else { -value }
        });
        let targets = Array1::from_shape_fn(samples, |_| (random() % 4) as i64);
        Batch::new(scores, targets)
    };
    (0..batches).map(|index| batch(1 + index % 5)).collect()
}

/// Steps of a constant, `[samples, steps, features]`.
pub(crate) fn constant_inputs(samples: usize, steps: usize, features: usize, value: f32) -> ArrayD<f32> {
    ArrayD::from_elem(IxDyn(&[samples, steps, features]), value)
}
