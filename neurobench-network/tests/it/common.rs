//! Helpers of the network tests.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "every test binary uses a different part")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use neurobench::inputs::{ActivationCounts, ConnectionCounts, MembraneCounts};
use neurobench::metric::{BatchContext, Context, Input, Needs};
use neurobench::model::{ActivationCount, ConnectionCount, MembraneCount, Model, ModelError, Probe, Tensor};

/// Counts of a pass, by the path of the layer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    pub activations: BTreeMap<String, ActivationCount>,
    pub connections: BTreeMap<String, ConnectionCount>,
    pub membranes: BTreeMap<String, MembraneCount>,
}

impl Counts {
    /// Operations of the layers whose inputs were all −1, 0 or 1.
    pub fn acs(&self) -> u64 {
        self.connections.values().filter(|count| count.ternary()).map(ConnectionCount::operations).sum()
    }

    /// Operations of the other layers.
    pub fn macs(&self) -> u64 {
        self.connections.values().filter(|count| !count.ternary()).map(ConnectionCount::operations).sum()
    }

    pub fn dense(&self) -> u64 {
        self.connections.values().map(|count| count.dense).sum()
    }

    pub fn updates(&self) -> u64 {
        self.membranes.values().map(|count| count.updates).sum()
    }

    /// Share of outputs that were zero, pooled over all layers.
    pub fn sparsity(&self) -> f64 {
        let zeros: u64 = self.activations.values().map(ActivationCount::zeros).sum();
        let total: u64 = self.activations.values().map(|count| count.total).sum();
        zeros as f64 / total as f64
    }

    /// Adds the counts of another batch.
    pub fn add(&mut self, other: Self) {
        for (path, count) in other.activations {
            let sum = self.activations.entry(path).or_default();
            sum.total += count.total;
            sum.nonzero += count.nonzero;
        }
        for (path, count) in other.membranes {
            let sum = self.membranes.entry(path).or_default();
            sum.total += count.total;
            sum.updates += count.updates;
        }
        for (path, count) in other.connections {
            let sum = self.connections.entry(path).or_default();
            sum.dense += count.dense;
            if sum.calls.is_empty() {
                sum.calls = count.calls;
                continue;
            }
            for (sum, call) in sum.calls.iter_mut().zip(count.calls) {
                sum.operations += call.operations;
                sum.ternary &= call.ternary;
            }
        }
    }
}

/// Outputs of a fresh session.
pub fn outputs(model: &dyn Model, inputs: &Tensor) -> Result<Tensor, ModelError> {
    let mut outputs = Tensor::default();
    let mut probe = Probe::new(Needs::NONE, model.layers());
    model.session().forward(inputs, &mut probe, &mut outputs)?;
    Ok(outputs)
}

/// Outputs of a fresh session, and its counts.
pub fn run(model: &dyn Model, inputs: &Tensor) -> (Tensor, Counts) {
    let needs = Needs::ACTIVATION_COUNTS.union(Needs::CONNECTION_COUNTS).union(Needs::MEMBRANE_COUNTS);
    let mut probe = Probe::new(needs, model.layers());
    let mut outputs = Tensor::default();
    model.session().forward(inputs, &mut probe, &mut outputs).unwrap();
    let counts = counted(model, inputs, &outputs, &mut probe);
    (outputs, counts)
}

/// Counts of a probe after a pass.
pub fn counted(model: &dyn Model, inputs: &Tensor, outputs: &Tensor, probe: &mut Probe) -> Counts {
    let context = Context::for_batch(model, BatchContext::new(0, outputs, inputs, probe.record()));
    let mut counts = Counts::default();
    // The input of a kind fails if the model has no such layers.
    if let Ok(input) = ActivationCounts::get(&context) {
        counts.activations = input.iter().map(|(layer, count)| (layer.path().to_owned(), *count)).collect();
    }
    if let Ok(input) = ConnectionCounts::get(&context) {
        counts.connections = input.iter().map(|(layer, count)| (layer.path().to_owned(), count.clone())).collect();
    }
    if let Ok(input) = MembraneCounts::get(&context) {
        counts.membranes = input.iter().map(|(layer, count)| (layer.path().to_owned(), *count)).collect();
    }
    counts
}

/// Creates an empty directory for a test.
pub fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// Reproducible pseudo-random numbers.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    /// The next of 2³² (xorshift with a multiplication).
    pub fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    /// Returns a number in −1..1.
    pub fn real(&mut self) -> f32 {
        self.next() as f32 / 2_147_483_648.0 - 1.0
    }

    /// Returns a number that is zero about every third time.
    pub fn sparse(&mut self) -> f32 {
        if self.next().is_multiple_of(3) { 0.0 } else { self.real() }
    }

    /// Returns −1, 0 or 1.
    pub fn ternary(&mut self) -> f32 {
        [-1.0, 0.0, 0.0, 1.0][self.next() as usize % 4]
    }
}

/// Returns the numbers of a tensor in single precision.
pub fn f32s(tensor: &Tensor) -> &ndarray::ArrayRefD<f32> {
    match tensor {
        Tensor::F32(array) => array,
        other => panic!("{:?} instead of f32", other.dtype()),
    }
}
