//! Echo state networks as a model.

use std::path::PathBuf;
use std::sync::OnceLock;

use ndarray::{Array2, ArrayView2, Ix2, array};
use neurobench_core::component::{Param, Settings as _};
use neurobench_core::data::Fingerprint;
use neurobench_core::model::{
    Call, Dtype, FanOut, Layer, Model, ModelError, ModelStructure, Needs, Probe, SequenceStart, Session, StoredTensor,
    Tensor, TensorRole,
};
use neurobench_core::value::Value;
use neurobench_network::Network;

use crate::echo_state::EchoStateConfig;
use crate::echo_state::reservoir::Reservoir;
use crate::echo_state::ridge::{Columns, ridge};

/// Settings with which there is no echo state network.
#[derive(Clone, Debug, PartialEq)]
pub struct EchoStateError(String);

impl std::fmt::Display for EchoStateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for EchoStateError {}

/// An echo state network, whose readout is fitted on the [training samples](neurobench_core::data::Dataset::training) of each
/// sequence. Inputs and outputs are `[batch, inputs]`, and the first axis is time.
pub struct EchoStateNetwork {
    config: EchoStateConfig,
    /// Reservoirs in the order of their seeds, each made when it is first needed.
    reservoirs: Vec<OnceLock<Result<Network, String>>>,
    layers: Vec<Layer>,
    fingerprint: String,
    files: Vec<PathBuf>,
}

/// Path of the readout.
const READOUT: &str = "readout";

impl EchoStateNetwork {
    /// Creates a network with these settings.
    ///
    /// # Errors
    ///
    /// Settings out of range, or a reservoir without cycles, whose spectral radius is 0.
    pub fn new(config: EchoStateConfig) -> Result<Self, EchoStateError> {
        config.check().map_err(|error| EchoStateError(error.to_string()))?;
        let first = network(&config, config.seed).map_err(EchoStateError)?;
        let features = 1 + config.inputs + config.reservoir_size;
        let weight =
            StoredTensor::new("weight", [config.inputs, features], Dtype::F64, 0).with_role(TensorRole::Weight);
        let readout =
            Layer::connection(READOUT, "linear", FanOut::full(features, config.inputs)).with_parameter(weight);
        let layers = first.layers().iter().cloned().chain([readout]).collect();
        let settings = config.to_params().map_err(|error| EchoStateError(error.to_string()))?;
        // In the order of the definition.
        let setting = |param: &Param| Some((param.name.to_owned(), settings.get(param.name)?.clone()));
        let settings = Value::Map(EchoStateConfig::ABOUT.params.iter().filter_map(setting).collect());
        let mut fingerprint = Fingerprint::default();
        fingerprint.text(&format!("echo state network {settings}"));
        let reservoirs: Vec<OnceLock<_>> = (0..config.reservoirs).map(|_| OnceLock::new()).collect();
        if let Some(reservoir) = reservoirs.first() {
            let _ = reservoir.set(Ok(first));
        }
        Ok(Self { config, reservoirs, layers, fingerprint: fingerprint.finish(), files: Vec::new() })
    }

    /// The same network with the files from which it was read, for [`Model::files`].
    #[must_use]
    pub fn with_files(mut self, files: impl Into<Vec<PathBuf>>) -> Self {
        self.files = files.into();
        self
    }

    /// The reservoir of a sequence.
    fn reservoir(&self, sequence: u64) -> Result<&Network, ModelError> {
        let index = sequence % self.reservoirs.len() as u64;
        let draw = || network(&self.config, self.config.seed.wrapping_add(index));
        self.reservoirs[index as usize].get_or_init(draw).as_ref().map_err(|problem| problem.clone().into())
    }
}

/// The layers before the readout, whose outputs are its inputs: the constant 1, the inputs and the state.
fn network(config: &EchoStateConfig, seed: u64) -> Result<Network, String> {
    let reservoir = Reservoir::draw(config, seed)
        .ok_or("the spectral radius of the reservoir is 0: raise `connection_probability` or `reservoir_size`")?;
    Network::builder([config.inputs])
        .carrying_state()
        .double_precision()
        .constant_outputs("one", &array![1.0].into_dyn())
        .concatenate("inputs", &["one", "input"])
        .linear("input_weights", reservoir.input_weights, None)
        .linear("reservoir_weights", reservoir.weights, None)
        .with_inputs(&["state"])
        .with_input_shape([config.reservoir_size])
        .tanh("tanh")
        .with_inputs(&["input_weights", "reservoir_weights"])
        .low_pass("state", config.leak, 0.0)
        .concatenate("features", &["inputs", "state"])
        .build()
        .map_err(|error| error.to_string())
}

impl Model for EchoStateNetwork {
    fn layers(&self) -> &[Layer] {
        &self.layers
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(EchoStateSession { model: self, session: None, readout: Vec::new(), features: Tensor::default() })
    }

    fn carries_state(&self) -> bool {
        true
    }

    fn is_fitted(&self) -> bool {
        true
    }

    fn fingerprint(&self) -> Option<String> {
        Some(self.fingerprint.clone())
    }

    fn files(&self) -> Vec<PathBuf> {
        self.files.clone()
    }

    fn structure(&self) -> ModelStructure {
        let shape = vec![self.config.inputs];
        let mut structure = ModelStructure::default();
        (structure.input_shape, structure.output_shape) = (Some(shape.clone()), Some(shape));
        structure.dtype = Some(Dtype::F64);
        structure
    }
}

struct EchoStateSession<'m> {
    model: &'m EchoStateNetwork,
    /// Session of the reservoir of the sequence; none before the first one.
    session: Option<Box<dyn Session + 'm>>,
    /// Weights of the readout for each output.
    readout: Columns,
    /// Inputs of the readout, `[batch, feature]`.
    features: Tensor,
}

impl Session for EchoStateSession<'_> {
    fn forward(&mut self, inputs: &Tensor, probe: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        let session = self.session.as_mut().ok_or("the echo state network is not fitted: start a sequence first")?;
        session.forward(inputs, probe, &mut self.features)?;
        let features = matrix(&self.features)?;
        let mut predictions = Array2::<f64>::zeros((features.nrows(), self.readout.len()));
        let layer = self.model.layers.len() - 1;
        for (sample, (features, mut predictions)) in features.outer_iter().zip(predictions.outer_iter_mut()).enumerate()
        {
            let features = features.to_slice().ok_or("the features are not in memory order")?;
            // The state continues from the training samples.
            probe.connection(layer, Call::in_sequence(sample, false), features);
            for (prediction, weights) in predictions.iter_mut().zip(&self.readout) {
                *prediction = weights.iter().zip(features).map(|(weight, feature)| weight * feature).sum();
            }
        }
        *outputs = predictions.into();
        Ok(())
    }

    fn start_sequence(&mut self, start: &SequenceStart<'_>) -> Result<(), ModelError> {
        let (inputs, targets) = start.training()?.ok_or(
            "an echo state network is fitted on the training samples of each sequence, but this data set has none",
        )?;
        let EchoStateConfig { ridge: penalty, washout, .. } = self.model.config;
        let reservoir = self.model.reservoir(start.index())?;
        let session = self.session.insert(reservoir.session());
        session.restart();
        session.forward(&inputs, &mut Probe::new(Needs::NONE, reservoir.layers()), &mut self.features)?;
        let (features, targets) = (matrix(&self.features)?, targets.to_f64());
        let targets = targets.view().into_dimensionality::<Ix2>();
        let targets = targets.map_err(|_| "the training targets of an echo state network are [sample, output]")?;
        if features.nrows() <= washout {
            return Err(
                format!("{} training samples are no more than the washout of {washout}", features.nrows()).into()
            );
        }
        let columns = |matrix: &ArrayView2<'_, f64>| -> Columns {
            matrix.columns().into_iter().map(|column| column.iter().skip(washout).copied().collect()).collect()
        };
        let fitted = ridge(columns(&features), columns(&targets), penalty);
        self.readout = fitted.ok_or("the training samples do not determine the readout: raise `ridge`")?;
        Ok(())
    }
}

fn matrix(features: &Tensor) -> Result<ArrayView2<'_, f64>, ModelError> {
    match features {
        Tensor::F64(array) => array.view().into_dimensionality().map_err(|_| "the features are not a matrix".into()),
        _ => Err("the features are not in double precision".into()),
    }
}
