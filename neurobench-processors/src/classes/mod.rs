//! Classes: their scores, and their numbers.

mod argmax;
pub use argmax::*;
mod label_map;
pub use label_map::*;
mod one_hot;
pub use one_hot::*;
mod softmax;
pub use softmax::*;

use ndarray::ArrayD;
use neurobench_core::model::Tensor;
use neurobench_core::process::ProcessError;

/// Returns numbers, such as classes, as integers.
fn whole_numbers(tensor: &Tensor, processor: &'static str) -> Result<ArrayD<i64>, ProcessError> {
    let numbers = match tensor {
        Tensor::I64(numbers) => return Ok(numbers.to_owned()),
        Tensor::U8(numbers) => return Ok(numbers.mapv(i64::from)),
        floats => floats.to_f64(),
    };
    // 2⁵³: all whole numbers up to it are exact.
    let is_whole = |number: &f64| number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0;
    if let Some((place, number)) = numbers.iter().enumerate().find(|(_, number)| !is_whole(number)) {
        let sample = place / numbers.shape().iter().skip(1).product::<usize>().max(1);
        return Err(ProcessError::Sample { processor, sample, problem: format!("{number} is not a whole number") });
    }
    Ok(numbers.mapv(|number| number as i64))
}
