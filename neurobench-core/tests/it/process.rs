//! Processors as users write and use them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use ndarray::{Array3, Axis, Slice, array, s};
use neurobench::model::Tensor;
use neurobench::process::{self, Postprocessor, Preprocessor, ProcessError};

/// Keeps every second sample of both inputs and targets.
struct EveryOther;

impl Preprocessor for EveryOther {
    fn process(&self, inputs: Tensor, targets: Tensor) -> Result<(Tensor, Tensor), ProcessError> {
        let every_other = |tensor: &Tensor| tensor.to_f32().slice_axis(Axis(0), Slice::new(0, None, 2)).to_owned();
        Ok((every_other(&inputs).into(), every_other(&targets).into()))
    }
}

/// Keeps the first step.
struct FirstStep;

impl Postprocessor for FirstStep {
    fn process(&self, outputs: &Tensor) -> Result<Tensor, ProcessError> {
        let outputs = outputs.to_f32();
        if outputs.len_of(Axis(1)) == 0 {
            return Err("there are no steps".into());
        }
        Ok(outputs.index_axis(Axis(1), 0).to_owned().into())
    }
}

#[test]
fn user_types_and_closures_combine_with_built_ins() {
    let negated = |inputs: Tensor, targets: Tensor| Ok((Tensor::from(-inputs.to_f32()), targets));
    let steps: [Box<dyn Preprocessor>; 4] = [
        Box::new(EveryOther),
        Box::new(process::scale(0.5)),
        Box::new(negated),
        Box::new(process::repeat_over_time(2)),
    ];
    let (mut inputs, mut targets): (Tensor, Tensor) =
        (array![[2.0_f32], [4.0], [6.0]].into(), array![0_i64, 1, 2].into());
    for step in &steps {
        (inputs, targets) = step.process(inputs, targets).unwrap();
    }
    assert_eq!(inputs, array![[[-1.0_f32], [-1.0]], [[-3.0], [-3.0]]].into());
    assert_eq!(targets, array![0.0_f32, 2.0].into());

    let doubled = |outputs: &Tensor| Ok(Tensor::from(outputs.to_f32() * 2.0));
    let steps: [Box<dyn Postprocessor>; 2] = [Box::new(FirstStep), Box::new(doubled)];
    let outputs = steps.iter().try_fold(inputs, |outputs, step| step.process(&outputs)).unwrap();
    assert_eq!(outputs, array![[-2.0_f32], [-6.0]].into());
}

// Same cases as in the tests of NeuroBench in Python, version 2.3.0.

#[test]
fn choose_max_count() {
    let mut spikes = Array3::<f32>::zeros((256, 5, 35));
    spikes.slice_mut(s![.., .., 5]).fill(1.0);
    let classes = process::choose_max_count().process(&spikes.into()).unwrap();
    assert_eq!(classes, ndarray::Array1::from_elem(256, 5_i64).into());
}

#[test]
fn aggregate() {
    let sums = process::aggregate().process(&Array3::<f32>::ones((256, 100, 5)).into()).unwrap();
    assert_eq!(sums, ndarray::Array2::from_elem((256, 5), 100.0_f32).into());
}
