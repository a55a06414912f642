//! Numbers within bounds.

use neurobench_core::component::Settings as _;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

const NAME: &str = Clip::ABOUT.name;

/// Replaces inputs below `low` by `low` and inputs above `high` by `high`.
///
/// Inputs keep their type and shape; bounds of integers are rounded inward to whole numbers. NaN stays NaN.
#[preprocessor]
pub fn clip(
    /// Lower bound; by default there is none.
    #[param(default = None)]
    low: Option<f64>,
    /// Upper bound; by default there is none.
    #[param(default = None)]
    high: Option<f64>,
) -> Result<impl Preprocessor, String> {
    let (low, high) = (low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY));
    if low.is_nan() || high.is_nan() || low > high {
        return Err(format!("`low` must not be above `high`, but {low} is above {high}"));
    }
    Ok(move |mut inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        let whole = |min: i64, max: i64| match (low.ceil().max(min as f64), high.floor().min(max as f64)) {
            (low, high) if low <= high => Ok((low as i64, high as i64)),
            _ => Err(format!("`{NAME}`: there is no whole number from {low} to {high} among inputs of this type")),
        };
        match &mut inputs {
            Tensor::F32(array) => array.mapv_inplace(|number| number.clamp(low as f32, high as f32)),
            Tensor::F64(array) => array.mapv_inplace(|number| number.clamp(low, high)),
            Tensor::I64(array) => {
                let (low, high) = whole(i64::MIN, i64::MAX)?;
                array.mapv_inplace(|number| number.clamp(low, high));
            }
            Tensor::U8(array) => {
                let (low, high) = whole(0, i64::from(u8::MAX))?;
                array.mapv_inplace(|number| i64::from(number).clamp(low, high) as u8);
            }
        }
        Ok((inputs, targets))
    })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn clipped(low: Option<f64>, high: Option<f64>, inputs: impl Into<Tensor>) -> Result<Tensor, String> {
        let processed = clip(low, high)?.process(inputs.into(), Tensor::default());
        processed.map(|(inputs, _)| inputs).map_err(|error| error.to_string())
    }

    #[test]
    fn inputs_of_every_type_stay_within_bounds() {
        let single = clipped(Some(-0.5), Some(1.5), array![-1.0_f32, 0.25, 2.0, f32::INFINITY]).unwrap();
        assert_eq!(single, array![-0.5_f32, 0.25, 1.5, 1.5].into());
        assert_eq!(clipped(None, Some(1.5), array![-9.0_f64, 2.0]).unwrap(), array![-9.0_f64, 1.5].into());
        assert_eq!(clipped(Some(0.5), None, array![-3_i64, i64::MAX]).unwrap(), array![1_i64, i64::MAX].into());
        assert_eq!(clipped(Some(-7.0), Some(9.5), array![3_u8, 200]).unwrap(), array![3_u8, 9].into());
        let Tensor::F32(nan) = clipped(Some(0.0), Some(1.0), array![f32::NAN]).unwrap() else { unreachable!("single") };
        assert!(nan[0].is_nan());
    }

    #[test]
    fn bounds_that_nothing_meets_are_errors() {
        assert_eq!(
            clipped(Some(2.0), Some(1.0), array![0_u8]).unwrap_err(),
            "`low` must not be above `high`, but 2 is above 1"
        );
        let bytes = clipped(Some(300.0), None, array![0_u8]).unwrap_err();
        assert_eq!(bytes, "`clip`: there is no whole number from 300 to inf among inputs of this type");
        let between = clipped(Some(0.25), Some(0.75), array![0_i64]).unwrap_err();
        assert_eq!(between, "`clip`: there is no whole number from 0.25 to 0.75 among inputs of this type");
    }
}
