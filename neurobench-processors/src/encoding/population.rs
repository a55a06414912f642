//! Numbers as activities of a population.

use ndarray::{ArrayD, IxDyn};
use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

const NAME: &str = Population::ABOUT.name;

/// Population coding: the activity of neurons with overlapping Gaussian receptive fields, `[batch, ..]` to `f32`
/// `[batch, .., neuron]`.
///
/// Neuron *i* of *m*, from 1 on, has the activity exp(−(x − μᵢ)² / 2σ²) with μᵢ = `min` + (2*i* − 3) / 2 · (`max` − `min`) /
/// (*m* − 2) and σ = (`max` − `min`) / (`sharpness` · (*m* − 2)). Activities are between 0 and 1, so that `latency` or `rate` can
/// follow. They are computed in double precision. NaN is an error.
#[preprocessor(cite = "10.1016/S0925-2312(01)00658-0")]
pub fn population(
    /// Number of neurons for each input.
    #[param(range = 3..=65536)]
    neurons: usize,
    /// Smallest input that is expected.
    #[param(default = 0.0)]
    min: f64,
    /// Largest input that is expected.
    #[param(default = 1.0)]
    max: f64,
    /// Distance between centers divided by the standard deviation of a receptive field, β in the source.
    #[param(default = 1.5)]
    sharpness: f64,
) -> Result<impl Preprocessor, String> {
    if min.is_nan() || max.is_nan() || min >= max {
        return Err(format!("`min` must be below `max`, but {min} is not below {max}"));
    }
    if sharpness.is_nan() || sharpness <= 0.0 {
        return Err(format!("`sharpness` must be above 0, not {sharpness}"));
    }
    if neurons < 3 {
        return Err("`neurons` must be at least 3".to_owned());
    }
    let distance = (max - min) / (neurons - 2) as f64;
    let centers: Vec<f64> = (0..neurons).map(|index| min + (index as f64 - 0.5) * distance).collect();
    let fields = Fields { centers, width: distance / sharpness };
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> { Ok((fields.encoded(&inputs)?, targets)) })
}

/// Receptive fields.
struct Fields {
    centers: Vec<f64>,
    /// Standard deviation.
    width: f64,
}

impl Fields {
    fn encoded(&self, inputs: &Tensor) -> Result<Tensor, ProcessError> {
        if inputs.shape().is_empty() {
            return Err(ProcessError::Shape { processor: NAME, found: Vec::new(), expected: "[batch, ..]" });
        }
        let shape = [inputs.shape(), &[self.centers.len()]].concat();
        let memory = || ProcessError::Memory { processor: NAME, shape: shape.clone() };
        let numbers = inputs.to_f64();
        let mut activities = Vec::new();
        let elements = numbers.len().checked_mul(self.centers.len()).ok_or_else(memory)?;
        activities.try_reserve_exact(elements).map_err(|_| memory())?;
        let per_sample = shape[1..shape.len() - 1].iter().product::<usize>().max(1);
        for (place, number) in numbers.iter().enumerate() {
            if number.is_nan() {
                let (sample, problem) = (place / per_sample, "an input is NaN".to_owned());
                return Err(ProcessError::Sample { processor: NAME, sample, problem });
            }
            activities.extend(self.centers.iter().map(|center| {
                let deviation = (number - center) / self.width;
                libm::exp(-0.5 * deviation * deviation) as f32
            }));
        }
        ArrayD::from_shape_vec(IxDyn(&shape), activities).map(Tensor::from).map_err(|_| memory())
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_neuron_whose_center_is_nearest_is_most_active() {
        // By hand: centers -0.5, 0.5, 1.5, 2.5 and σ = 1 / 2.
        let population = population(4, 0.0, 2.0, 2.0).unwrap();
        let (activities, _) = population.process(array![[0.5_f32, 2.0]].into(), Tensor::default()).unwrap();
        let gauss = |deviations: f64| (-deviations * deviations / 2.0).exp() as f32;
        let expected =
            array![[[gauss(2.0), 1.0, gauss(2.0), gauss(4.0)], [gauss(5.0), gauss(3.0), gauss(1.0), gauss(1.0)]]];
        assert_eq!(activities, expected.into());
    }

    #[test]
    fn settings_and_inputs_without_a_meaning_are_errors() {
        let problem = |min, max, sharpness| population(4, min, max, sharpness).err().unwrap();
        assert_eq!(problem(1.0, 1.0, 1.5), "`min` must be below `max`, but 1 is not below 1");
        assert_eq!(problem(0.0, 1.0, 0.0), "`sharpness` must be above 0, not 0");
        let nan = population(4, 0.0, 1.0, 1.5).unwrap().process(array![0.0, f64::NAN].into(), Tensor::default());
        assert_eq!(nan.unwrap_err().to_string(), "`population`: sample 1: an input is NaN");
    }
}
