//! A preprocessor, a postprocessor and a data set of your own, as annotated functions. Code uses their types or
//! functions; files and the command line use their names and settings.
//!
//! ```text
//! cargo run --release --example processors
//! ```

use ndarray::{Array1, Array2, Axis};
use neurobench::data::{DataError, Dataset, InMemory, datasets};
use neurobench::model::{FnModel, Probe};
use neurobench::prelude::*;
use neurobench::process::ProcessError;
use neurobench::report::Report;

/// Limits every input to `-limit..=limit`.
#[preprocessor]
pub fn bound(
    /// Largest absolute value.
    #[param(default = 1.0)]
    limit: f32,
) -> Result<impl Preprocessor, String> {
    if !(limit >= 0.0 && limit.is_finite()) {
        return Err(format!("`limit` is {limit}: it must be a finite number of at least 0"));
    }
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<_, ProcessError> {
        Ok((inputs.to_f32().mapv(|input| input.clamp(-limit, limit)).into(), targets))
    })
}

/// Decides for class 1 if an output is above `threshold`, otherwise for class 0: `[batch, 1]` to `[batch]`.
#[postprocessor]
pub fn decide(#[param] threshold: f32) -> impl Postprocessor {
    move |outputs: &Tensor| -> Result<Tensor, ProcessError> {
        let &[_, 1] = outputs.shape() else {
            let found = outputs.shape().to_vec();
            return Err(ProcessError::Shape { processor: "decide", found, expected: "[batch, 1]" });
        };
        let classes = outputs.to_f32().into_iter().map(|output| i64::from(output > threshold));
        Ok(Array1::from_iter(classes).into())
    }
}

/// The numbers from `-extent` to `extent`; those above 0 are of class 1.
#[dataset]
pub fn ramp(#[param(range = 1..=1000)] extent: u16) -> Result<impl Dataset, DataError> {
    let numbers = -i64::from(extent)..=i64::from(extent);
    let inputs: Array1<f32> = numbers.clone().map(|number| number as f32).collect();
    InMemory::new(inputs.insert_axis(Axis(1)), numbers.map(|number| i64::from(number > 0)).collect::<Array1<i64>>())
}

/// Fraction of the inputs that the preprocessors changed.
#[accumulated_metric(unit = "fraction")]
pub fn changed_inputs(before: DataInputs<'_>, after: Inputs<'_>) -> Ratio {
    Ratio::from_bools(before.iter().zip(after.iter()).map(|(before, after)| before != after))
}

/// Doubles its inputs.
fn double(inputs: &Tensor) -> Array2<f32> {
    let inputs = inputs.to_f32();
    Array2::from_shape_fn((inputs.shape()[0], 1), |(sample, _)| 2.0 * inputs[[sample, 0]])
}

/// Runs the benchmark with processors and data from code.
pub fn report_from_code() -> Result<Report, Box<dyn std::error::Error>> {
    let benchmark = Benchmark::builder()
        .model(FnModel::new(Vec::new(), |inputs: &Tensor, _: &mut Probe| Ok(double(inputs).into())))
        .data(ramp(3)?)
        .preprocess(Bound { limit: 1.0 })
        .postprocess(Decide { threshold: 1.0 })
        .metric(ChangedInputs)
        .metric_named("accuracy")
        .build()?;
    Ok(benchmark.run()?)
}

/// Runs the same benchmark with processors and data by their names, as a file does.
pub fn report_from_names() -> Result<Report, Box<dyn std::error::Error>> {
    let benchmark = Benchmark::builder()
        .model(FnModel::new(Vec::new(), |inputs: &Tensor, _: &mut Probe| Ok(double(inputs).into())))
        .data(datasets().construct(&"ramp(extent=3)".parse()?)?.item)
        .preprocess_spec(&"bound".parse()?)
        .postprocess_spec(&"decide(threshold=1.0)".parse()?)
        .metric(ChangedInputs)
        .metric_named("accuracy")
        .build()?;
    Ok(benchmark.run()?)
}

/// Prints the results.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}", report_from_code()?);
    println!("{}", report_from_names()?);
    Ok(())
}
