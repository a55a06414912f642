//! Autonomous forecasts: a model whose inputs are its own predictions.

use std::path::PathBuf;

use crate::model::{Layer, Model, ModelError, ModelStructure, Needs, Probe, SequenceStart, Session, Tensor};

/// A model that carries state and forecasts from its own predictions: only the first input of a sequence is that of the data
/// set, every other input is the prediction for the sample before.
///
/// Unless it is [fitted](Model::is_fitted) there, the model is warmed up at the beginning of a sequence: it runs over the [training](crate::data::Dataset::training)
/// inputs of the sequence, if the data set has any, without being measured. A prediction has as many numbers as an input.
///
/// A forecast may diverge. Its predictions are limited to a quarter of the largest number of their format, infinite ones included,
/// so that it goes on and its error is what it is: a divergent forecast has a symmetric mean absolute percentage error of 200 %.
/// A NaN is an error.
///
/// ```
/// use ndarray::array;
/// use neurobench::data::{Dataset, InMemory};
/// use neurobench::metrics::Mse;
/// use neurobench::model::Autonomous;
/// use neurobench::network::Network;
/// use neurobench::prelude::*;
///
/// // Doubles its input.
/// let doubles = Network::builder(&[1]).carrying_state().linear("double", array![[2.0]], None).build()?;
/// let data = InMemory::new(array![[1.0_f32], [0.0], [0.0]], array![[2.0_f32], [4.0], [8.0]])?;
/// let report =
///     Benchmark::builder().model(Autonomous::new(doubles)).data(data).metric(Mse::default()).build()?.run()?;
/// assert_eq!(*report.get::<Mse>()?, 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Autonomous<M> {
    model: M,
}

impl<M: Model> Autonomous<M> {
    /// Lets a model forecast from its own predictions.
    pub fn new(model: M) -> Self {
        Self { model }
    }
}

impl<M: Model> Model for Autonomous<M> {
    fn layers(&self) -> &[Layer] {
        self.model.layers()
    }

    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(Forecast {
            session: self.model.session(),
            layers: self.model.layers(),
            carries_state: self.model.carries_state(),
            is_fitted: self.model.is_fitted(),
            prediction: None,
            outputs: Tensor::default(),
        })
    }

    fn carries_state(&self) -> bool {
        true
    }

    fn is_fitted(&self) -> bool {
        self.model.is_fitted()
    }

    fn fingerprint(&self) -> Option<String> {
        self.model.fingerprint().map(|model| format!("autonomous {model}"))
    }

    fn files(&self) -> Vec<PathBuf> {
        self.model.files()
    }

    fn structure(&self) -> ModelStructure {
        self.model.structure()
    }

    fn notes(&self) -> Vec<String> {
        self.model.notes()
    }
}

struct Forecast<'m> {
    session: Box<dyn Session + 'm>,
    layers: &'m [Layer],
    carries_state: bool,
    is_fitted: bool,
    /// The prediction for the sample before, in this sequence.
    prediction: Option<Tensor>,
    outputs: Tensor,
}

/// Limits numbers to a range in which differences and sums of two of them are finite.
fn limit(predictions: &mut Tensor) {
    match predictions {
        // `clamp` keeps NaN.
        Tensor::F32(array) if array.iter().any(|number| number.abs() > f32::MAX / 4.0) => {
            array.mapv_inplace(|number| number.clamp(-f32::MAX / 4.0, f32::MAX / 4.0));
        }
        Tensor::F64(array) if array.iter().any(|number| number.abs() > f64::MAX / 4.0) => {
            array.mapv_inplace(|number| number.clamp(-f64::MAX / 4.0, f64::MAX / 4.0));
        }
        _ => {}
    }
}

impl Session for Forecast<'_> {
    fn forward(&mut self, inputs: &Tensor, probe: &mut Probe, outputs: &mut Tensor) -> Result<(), ModelError> {
        if !self.carries_state {
            return Err("an autonomous forecast needs a model that carries state from sample to sample".into());
        }
        let mut predictions = Vec::with_capacity(inputs.samples());
        for row in 0..inputs.samples() {
            let sample = inputs.rows(row, row + 1);
            let input = match self.prediction.take() {
                Some(prediction) => prediction.with_shape(sample.shape()).ok_or_else(|| {
                    let (found, expected) = (prediction.shape(), sample.shape());
                    format!("a prediction of shape {found:?} cannot be the next input, of shape {expected:?}")
                })?,
                None => sample,
            };
            probe.set_first_sample(row);
            let passed = self.session.forward(&input, probe, &mut self.outputs);
            probe.set_first_sample(0);
            passed?;
            limit(&mut self.outputs);
            predictions.push(self.outputs.clone());
            self.prediction = Some(self.outputs.clone());
        }
        *outputs = Tensor::concatenated(&predictions).ok_or("the predictions differ in shape or number format")?;
        Ok(())
    }

    fn restart(&mut self) {
        self.prediction = None;
        self.session.restart();
    }

    fn start_sequence(&mut self, start: &SequenceStart<'_>) -> Result<(), ModelError> {
        self.prediction = None;
        self.session.start_sequence(start)?;
        // A model that is fitted has already run over them.
        if !self.is_fitted
            && let Some((inputs, _)) = start.training()?
        {
            let mut silent = Probe::new(Needs::NONE, self.layers);
            self.session.forward(&inputs, &mut silent, &mut self.outputs)?;
        }
        Ok(())
    }

    fn silent_layers(&self) -> Option<Vec<String>> {
        self.session.silent_layers()
    }
}
