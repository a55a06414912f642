use neurobench::prelude::*;

#[preprocessor(unit = "J")]
fn with_unit() -> impl Preprocessor {
    |inputs: Tensor, targets: Tensor| Ok((inputs, targets))
}

#[postprocessor(hooks, version = 2, version = 3)]
fn with_hooks() -> impl Postprocessor {
    |outputs: &Tensor| Ok(outputs.clone())
}

#[postprocessor(nmae = "other", colour = "red")]
fn unknown() -> impl Postprocessor {
    |outputs: &Tensor| Ok(outputs.clone())
}

#[preprocessor(variant("twice", factor = 2.0))]
fn required_setting(#[param] factor: f64, #[param] offset: f64) -> impl Preprocessor {
    move |inputs: Tensor, targets: Tensor| Ok((Tensor::from(inputs.to_f64() * factor + offset), targets))
}

#[derive(Clone, Debug, Settings)]
#[component(unit = "J", name = "a", name = "b")]
struct Options {
    #[param(defualt = 3)]
    length: usize,
    #[param(default = 1, default = 2)]
    width: usize,
}

#[derive(Clone, Debug, Settings)]
#[component]
struct NoOptions {
    length: usize,
}

fn main() {}
