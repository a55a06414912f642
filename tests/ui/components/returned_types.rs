use neurobench::data::InMemory;
use neurobench::prelude::*;

#[preprocessor]
fn number(#[param] factor: f64) -> f64 {
    factor
}

#[postprocessor]
fn fallible_number(#[param] factor: f64) -> Result<f64, String> {
    Ok(factor)
}

#[dataset]
fn array(#[param] size: usize) -> Vec<f64> {
    vec![0.0; size]
}

struct Odd;

#[dataset]
fn odd_error() -> Result<InMemory, Odd> {
    Err(Odd)
}

#[preprocessor]
fn one_argument() -> impl Preprocessor {
    |inputs: Tensor| inputs
}

struct Scale(f64);

impl Postprocessor for Scale {
    fn process(&self, outputs: &Tensor) -> Result<Tensor, neurobench::process::ProcessError> {
        Ok(Tensor::from(outputs.to_f64() * self.0))
    }
}

#[postprocessor]
fn scale(#[param] factor: f64) -> Scale {
    Scale(factor)
}

fn main() {}
