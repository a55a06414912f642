//! Processors of numbers on tensors of any type and shape, and random ones in runs with any batches and workers.
#![expect(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use ndarray::{Array2, ArrayD, IxDyn};
use neurobench::metrics::Accuracy;
use neurobench::model::{FnModel, Probe, Tensor};
use neurobench::prelude::*;
use neurobench::process::{postprocessors, preprocessors};
use proptest::prelude::*;

const PREPROCESSORS: [&str; 17] = [
    "population(neurons=3)",
    "normalize(mean=[0.5], std=[2])",
    "normalize(mean=[0, 1], std=[2], axis=1)",
    "min_max",
    "min_max(min=-1, max=2)",
    "clip(low=-0.5, high=1)",
    "crop(axis=1, length=2, start=1)",
    "pad(axis=1, length=3, value=1, side=\"both\")",
    "select_channels(channels=[1, 0])",
    "label_map(groups=[[0], [1, 2]], other=7)",
    "one_hot(classes=3, part=\"inputs\")",
    "rate(steps=2)",
    "rate",
    "poisson(steps=2, counts=true, max_rate=1000)",
    "latency(steps=4, normalize=true)",
    "step_forward(threshold=0.5, polarities=\"separate\")",
    "step_forward(threshold=0.5)",
];
const POSTPROCESSORS: [&str; 7] = [
    "softmax",
    "argmax",
    "threshold(threshold=0.5)",
    "inverse_scale(mean=[0, 1], std=[2], axis=1)",
    "mean_over_time",
    "max_over_time",
    "moving_average(window=2)",
];

fn tensors() -> impl Strategy<Value = Tensor> {
    let shape = prop::collection::vec(0_usize..4, 0..5);
    let values = [0.0, 1.0, 0.5, 2.0, -1.0, 0.01, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300];
    let number = prop::sample::select(values.to_vec());
    // Small numbers often, so that more than errors is tested.
    let number = prop_oneof![4 => 0.0..1.0_f64, 1 => number];
    let filled = shape.prop_flat_map(move |shape| {
        let count = shape.iter().product::<usize>();
        (Just(shape), prop::collection::vec(number.clone(), count))
    });
    let permuted = (filled, any::<bool>(), 0..4);
    permuted.prop_map(|((shape, numbers), transposed, kind)| {
        let array = ArrayD::from_shape_vec(IxDyn(&shape), numbers).unwrap();
        let array = if transposed { array.reversed_axes() } else { array };
        match kind {
            0 => array.mapv(|number| number as f32).into(),
            1 => array.mapv(|number| number as i64).into(),
            2 => array.mapv(|number| number as u8).into(),
            _ => array.into(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_tensor_is_processed_or_an_error(tensor in tensors()) {
        for spec in PREPROCESSORS {
            let preprocessor = preprocessors().construct(&spec.parse().unwrap()).unwrap().item;
            if let Ok((inputs, targets)) = preprocessor.process(tensor.clone(), tensor.clone()) {
                // No processor changes the number of samples.
                prop_assert_eq!(inputs.samples(), tensor.samples(), "{}", spec);
                prop_assert_eq!(targets.samples(), tensor.samples(), "{}", spec);
            }
        }
        for spec in POSTPROCESSORS {
            let postprocessor = postprocessors().construct(&spec.parse().unwrap()).unwrap().item;
            if let Ok(outputs) = postprocessor.process(&tensor) {
                prop_assert_eq!(outputs.samples(), tensor.samples(), "{}", spec);
            }
        }
    }
}

#[test]
fn random_encoders_do_not_depend_on_batches_and_workers() {
    // The predicted class depends on every spike of a sample.
    let counts = |batch_size: usize, workers: usize, spec: &str| {
        let inputs = Array2::from_shape_fn((103, 5), |(sample, element)| ((sample + element) % 7) as f32 / 7.0);
        let data = neurobench::data::InMemory::new(inputs, ndarray::Array1::<i64>::ones(103)).unwrap();
        let model = FnModel::new(Vec::new(), |inputs: &Tensor, _: &mut Probe| {
            let spikes = inputs.to_f64();
            let samples = spikes.outer_iter().map(|sample| i64::from(sample.sum() as i64 % 3 == 1));
            Ok(samples.collect::<ndarray::Array1<_>>().into())
        });
        let benchmark = Benchmark::builder()
            .model(model)
            .data(data)
            .preprocess_spec(&spec.parse().unwrap())
            .batch_size(batch_size)
            .workers(workers)
            .metric(Accuracy::default());
        benchmark.build().unwrap().run().unwrap()["accuracy"].as_f64().unwrap()
    };
    for spec in ["rate(steps=9, seed=4)", "poisson(steps=9, counts=true, max_rate=900, seed=4)"] {
        let expected = counts(103, 1, spec);
        for (batch_size, workers) in [(1, 1), (10, 2), (64, 3)] {
            assert_eq!(counts(batch_size, workers, spec), expected, "{spec}, {batch_size}, {workers}");
        }
    }
}
