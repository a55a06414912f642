//! Totals of layers whose neurons spike several times in a step, counted by hand.

use ndarray::{Array1, array};
use neurobench::data::InMemory;
use neurobench::metrics::{ActivationSparsity, FiringRate, SpikeTotals, ZeroActivations};
use neurobench::model::Layer;
use neurobench::prelude::*;
use neurobench::testing::assert_merges;

use super::{batches, model_value, spiking, spiking_as, value};

#[test]
fn several_spikes_of_a_step_count_several_times() {
    // Three samples, two steps, two neurons: 3 + 1 + 2 + 2.5 + 1 spikes in five of twelve places; one is graded, one negative.
    let raster = array![[[3.0_f32, 0.0], [0.0, 1.0]], [[0.0, 2.0], [2.5, 0.0]], [[0.0, 0.0], [-1.0, 0.0]]];
    let totals = value(&raster, SpikeTotals::default()).unwrap();
    let layer = totals.get("neurons").unwrap();
    assert_eq!((layer.spikes, layer.nonzero, layer.activations, layer.calls), (Some(9.5), 5, 12, 6));
    // Counted once in a step.
    assert_eq!(value(&raster, ActivationSparsity::default()).unwrap(), 7.0 / 12.0);
    assert_eq!(value(&raster, FiringRate::default()).unwrap(), 5.0 / 12.0);
    assert_eq!(value(&raster, ZeroActivations::default()).unwrap().get("neurons"), Some(&(7.0 / 12.0)));
    assert_merges(&SpikeTotals::default(), spiking(2), &batches(&raster.select(ndarray::Axis(0), &[0, 1, 2, 0, 2, 1])));
}

/// A loop of `+=` in single or double precision loses the last digits of such a sum.
#[test]
fn graded_spikes_are_added_up_exactly() {
    let raster = ndarray::Array3::from_shape_fn((10, 1, 1), |_| 0.1_f32);
    let totals = value(&raster, SpikeTotals::default()).unwrap();
    let exact = (10.0 * f64::from(0.1_f32) * 1e9).round() / 1e9;
    assert!((totals.get("neurons").unwrap().spikes.unwrap() - exact).abs() < 1e-7);
    assert_eq!(totals.get("neurons").unwrap().spikes, Some(Sum::from_values([f64::from(0.1_f32); 10]).value()));
}

#[test]
fn layers_that_do_not_spike_have_no_spikes() {
    let data = InMemory::new(array![[[1.0_f32, 0.5]]], Array1::<i64>::zeros(1)).unwrap();
    let totals = model_value(spiking_as(Layer::activation("relu", "relu", 2)), data, SpikeTotals::default()).unwrap();
    let layer = totals.get("relu").unwrap();
    assert_eq!((layer.spikes, layer.nonzero, layer.activations, layer.calls), (None, 2, 2, 1));
}
