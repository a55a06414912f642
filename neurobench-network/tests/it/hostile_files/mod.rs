//! Network files and weights that are truncated, reordered, oversized or changed: the result is an error or a network, never a
//! panic, and never more memory than the files justify.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod network_file;
mod weights_file;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::common::{Numbers, directory, outputs};
use crate::memory::peak_of;
use ndarray::ArrayD;
use neurobench::model::{Layer, Model, Tensor};
use neurobench::network::{Network, NetworkError};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// A network with layers that store tensors and layers that do not.
const NETWORK: &str = r#"format = "neurobench-network"
version = 1
weights = "w.safetensors"
input_shape = [2, 6, 6]
time_steps = true

[[layers]]
path = "conv"
kind = "conv2d"
in_channels = 2
out_channels = 4
kernel_size = [3, 3]
stride = 1
padding = 1
dilation = 1
groups = 2

[[layers]]
path = "norm"
kind = "batch_norm2d"
num_features = 4
eps = 1e-5

[[layers]]
path = "pool"
kind = "max_pool2d"
kernel_size = 3
stride = 3
padding = 0

[[layers]]
path = "flatten"
kind = "flatten"

[[layers]]
path = "fc"
kind = "linear"
in_features = 16
out_features = 5

[[layers]]
path = "lif"
kind = "leaky"
reset = "subtract"
output = "spikes"

[[layers]]
path = "synaptic"
kind = "synaptic"
alpha = 0.5
beta = 0.25
threshold = 1.0
reset = "zero"

[[layers]]
path = "lapicque"
kind = "lapicque"
R = 5.0
C = 0.5
time_step = 1.0
threshold = 1.0
reset = "none"

[[layers]]
path = "drop"
kind = "dropout"
p = 0.5

[[layers]]
path = "out"
kind = "log_softmax"
"#;

/// A stored tensor: name, type, shape, bytes.
type Stored = (&'static str, Dtype, Vec<usize>, Vec<u8>);

fn tensors() -> Vec<Stored> {
    let floats = |name, shape: &[usize]| {
        let elements = shape.iter().product::<usize>() as u16;
        let bytes = (0..elements).flat_map(|index| (f32::from(index) / 64.0).to_le_bytes()).collect();
        (name, Dtype::F32, shape.to_vec(), bytes)
    };
    vec![
        floats("conv.weight", &[4, 1, 3, 3]),
        floats("conv.bias", &[4]),
        floats("norm.weight", &[4]),
        floats("norm.bias", &[4]),
        floats("norm.running_mean", &[4]),
        floats("norm.running_var", &[4]),
        ("norm.num_batches_tracked", Dtype::I64, vec![], vec![0; 8]),
        floats("fc.weight", &[5, 16]),
        floats("fc.bias", &[5]),
        floats("lif.beta", &[5]),
        ("lif.threshold", Dtype::F32, vec![], 1.0_f32.to_le_bytes().to_vec()),
    ]
}

fn weights() -> Vec<u8> {
    let tensors = tensors();
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| (*name, TensorView::new(*dtype, shape.clone(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

/// A safetensors file with this header and these bytes.
fn with_header(header: &str, bytes: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), bytes].concat()
}

/// Splits a safetensors file into its header and the bytes after it.
fn split(weights: &[u8]) -> (serde_json::Value, &[u8]) {
    let (length, rest) = weights.split_first_chunk().unwrap();
    let (header, bytes) = rest.split_at(usize::try_from(u64::from_le_bytes(*length)).unwrap());
    (serde_json::from_slice(header).unwrap(), bytes)
}

/// A folder for the two files.
struct Place(PathBuf);

impl Place {
    fn new(test: &str) -> Self {
        Self(directory(&format!("hostile_{test}")))
    }

    /// Loads a network, and makes the checks that apply to every attempt.
    #[track_caller]
    fn load(&self, network: &[u8], weights: &[u8]) -> Result<Network, NetworkError> {
        fs::write(self.0.join("n.toml"), network).unwrap();
        fs::write(self.0.join("w.safetensors"), weights).unwrap();
        let (loaded, peak) = peak_of(|| Network::load(self.0.join("n.toml")));
        // A parsed file is larger than its text, but proportional to it; the buffers of the readers are constant.
        assert!(peak < (1 << 19) + 100 * (network.len() + weights.len()), "{peak} bytes");
        if let Err(error) = &loaded {
            let message = error.to_string();
            assert!(message.contains(self.0.to_str().unwrap()), "names no file: {message}");
            assert!(message.len() < 2000 + 4 * (network.len() + weights.len()), "{} bytes of message", message.len());
        }
        loaded
    }
}

#[test]
fn the_unchanged_files_are_valid() {
    let network = Place::new("sound").load(NETWORK.as_bytes(), &weights()).unwrap();
    let paths: Vec<&str> = network.layers().iter().map(Layer::path).collect();
    assert_eq!(paths.len(), 10);
    let stored: usize = tensors().iter().map(|(.., bytes)| bytes.len()).sum();
    // Constants that are keys are counted separately.
    assert!(network.layers().iter().map(Layer::bytes).sum::<u64>() >= stored as u64);
}
