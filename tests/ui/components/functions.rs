use neurobench::data::InMemory;
use neurobench::prelude::*;

#[preprocessor]
fn nothing_returned(#[param] factor: f64) {
    let _ = factor;
}

#[dataset]
fn nothing_but_an_error() -> Result<(), String> {
    Err("no data".to_owned())
}

#[postprocessor]
fn generic<T: Postprocessor + Default + 'static>() -> impl Postprocessor {
    T::default()
}

#[dataset]
async fn asynchronous() -> InMemory {
    panic!("never called")
}

#[preprocessor]
fn without_param(factor: f64, #[param] offset: f64) -> impl Preprocessor {
    move |inputs: Tensor, targets: Tensor| Ok((Tensor::from(inputs.to_f64() * factor + offset), targets))
}

struct Factory;

impl Factory {
    #[postprocessor]
    fn method(&self) -> impl Postprocessor {
        |outputs: &Tensor| Ok(outputs.clone())
    }
}

#[dataset]
fn borrowed(#[param] size: usize) -> &'static [f64] {
    &[0.0; 8][..size]
}

#[preprocessor]
struct OnAStruct;

fn main() {}
