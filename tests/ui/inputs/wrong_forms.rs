use ndarray::{Array2, ArrayView2};
use neurobench::prelude::*;

#[workload_metric]
fn borrowed(classes: &Classes, samples: &SampleCount) -> f64 {
    (classes.len() as u64 + samples.0) as f64
}

#[workload_metric]
fn slices(classes: &[i64], scores: &[f64], list: &Vec<i64>) -> f64 {
    (classes.len() + scores.len() + list.len()) as f64
}

#[workload_metric]
fn arrays(view: ArrayView2<'_, f64>, borrowed: &Array2<f64>) -> f64 {
    (view.len() + borrowed.len()) as f64
}

#[accumulated_metric]
fn tensors(tensor: &Tensor) -> Count {
    Count(tensor.shape().len() as u64)
}

#[workload_metric]
fn ranks(scores: Predictions<'_, 2>, targets: Targets<'_, 1>) -> f64 {
    (scores.nrows() + targets.len()) as f64
}

fn main() {}
