//! A function as a model.

use crate::model::{Layer, Model, ModelError, Probe, Session, Tensor};

/// A function as a model: it declares its hook points beforehand and calls the probe at them. It has no session, so it
/// carries no state from batch to batch.
///
/// ```
/// use neurobench::model::{Call, FnModel, Layer, Tensor};
/// let relu = FnModel::new(vec![Layer::activation("relu", "relu", 4)], |inputs, probe| {
///     let outputs = inputs.to_f32().mapv(|x| x.max(0.0));
///     probe.activation(0, Call::default(), outputs.as_slice().unwrap());
///     Ok(outputs.into())
/// });
/// # let _ = relu;
/// ```
pub struct FnModel<F> {
    layers: Vec<Layer>,
    function: F,
}

impl<F> FnModel<F>
where
    F: Fn(&Tensor, &mut Probe) -> Result<Tensor, ModelError> + Send + Sync,
{
    /// Creates a model with these layers; the index of a layer identifies it for the probe.
    pub fn new(layers: Vec<Layer>, function: F) -> Self {
        Self { layers, function }
    }
}

impl<F> Model for FnModel<F>
where
    F: Fn(&Tensor, &mut Probe) -> Result<Tensor, ModelError> + Send + Sync,
{
    fn layers(&self) -> &[Layer] {
        &self.layers
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(FnSession(&self.function))
    }
}

struct FnSession<'a, F>(&'a F);

impl<F> Session for FnSession<'_, F>
where
    F: Fn(&Tensor, &mut Probe) -> Result<Tensor, ModelError> + Send + Sync,
{
    fn forward(&mut self, inputs: &Tensor, probe: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        *outputs = (self.0)(inputs, probe)?;
        Ok(())
    }
}
