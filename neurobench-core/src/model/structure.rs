//! Shapes and types of a model.

use crate::model::Dtype;

/// Shapes and types of a model, as far as it knows them. Shapes are those of one sample, or of one sample at one time step if
/// there are steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelStructure {
    /// Shape of the inputs.
    pub input_shape: Option<Vec<usize>>,
    /// Shape of the outputs.
    pub output_shape: Option<Vec<usize>>,
    /// Shape of the outputs of each layer; empty if unknown.
    pub layer_shapes: Vec<Vec<usize>>,
    /// True if samples have time steps.
    pub has_time_steps: bool,
    /// Type in which the model computes.
    pub dtype: Option<Dtype>,
    /// Path of the layer whose outputs are the outputs of the model.
    pub output: Option<String>,
}
