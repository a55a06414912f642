//! Pooling, compared with hand-computed values.
#![allow(missing_docs, clippy::unwrap_used)]

use crate::common::{f32s, outputs};
use ndarray::{Array3, ArrayD, array};
use neurobench::model::{LayerKind, Model};
use neurobench::network::{Network, NetworkBuilder, PoolConfig};

fn pooled(inputs: &Array3<f32>, build: impl Fn(NetworkBuilder) -> NetworkBuilder) -> ArrayD<f32> {
    let network = build(Network::builder(&inputs.shape()[1..])).build().unwrap();
    assert_eq!(network.layers()[0].kind(), LayerKind::Other);
    f32s(&outputs(&network, &inputs.clone().into()).unwrap()).to_owned()
}

#[test]
fn pooling_matches_hand_computed_values() {
    let inputs = array![[[1.0_f32, -2.0, 3.0, 8.0, -5.0], [-1.0, -2.0, -3.0, -4.0, -5.0]]];
    // The last input is not part of a whole window.
    let config = PoolConfig::new(2);
    assert_eq!(
        pooled(&inputs, |builder| builder.max_pool1d("0", &config)),
        array![[[1.0, 8.0], [-1.0, -3.0]]].into_dyn()
    );
    assert_eq!(
        pooled(&inputs, |builder| builder.avg_pool1d("0", &config)),
        array![[[-0.5, 5.5], [-1.5, -3.5]]].into_dyn()
    );
    // Padding is never the maximum and adds nothing to a sum, but it counts in a mean.
    let config = PoolConfig::new(4).with_stride(3).with_padding([2]);
    let largest = array![[[1.0, 8.0], [-1.0, -2.0]]].into_dyn();
    assert_eq!(pooled(&inputs, |builder| builder.max_pool1d("0", &config)), largest);
    let means = array![[[-0.25, 1.0], [-0.75, -3.5]]].into_dyn();
    assert_eq!(pooled(&inputs, |builder| builder.avg_pool1d("0", &config)), means);
}

#[test]
fn the_last_window_may_reach_beyond_the_inputs() {
    let inputs = array![[[1.0_f32, 2.0, 4.0, 8.0, 16.0]]];
    let config = PoolConfig::new(2).with_ceil_mode(true);
    let largest = pooled(&inputs, |builder| builder.max_pool1d("0", &config));
    assert_eq!(largest, array![[[2.0, 8.0, 16.0]]].into_dyn());
    // A mean is divided by the number of covered positions, including the padding if it counts.
    let means = pooled(&inputs, |builder| builder.avg_pool1d("0", &config));
    assert_eq!(means, array![[[1.5, 6.0, 16.0]]].into_dyn());
    let config = PoolConfig::new(4).with_padding(1).with_ceil_mode(true);
    let means = pooled(&inputs, |builder| builder.avg_pool1d("0", &config));
    assert_eq!(means, array![[[1.75, 8.0]]].into_dyn());
    let config = config.with_count_include_pad(false);
    let means = pooled(&inputs, |builder| builder.avg_pool1d("0", &config));
    assert_eq!(means, array![[[7.0_f32 / 3.0, 12.0]]].into_dyn());
}

#[test]
fn windows_may_have_gaps_and_sums_are_not_divided() {
    let inputs = array![[[1.0_f32, 9.0, 2.0, 8.0, 4.0]]];
    let config = PoolConfig::new(2).with_stride(1).with_dilation(2);
    let largest = pooled(&inputs, |builder| builder.max_pool1d("0", &config));
    assert_eq!(largest, array![[[2.0, 9.0, 4.0]]].into_dyn());
    let sums = pooled(&inputs, |builder| builder.sum_pool1d("0", &PoolConfig::new(3).with_stride(2)));
    assert_eq!(sums, array![[[12.0, 14.0]]].into_dyn());
    let square = array![[[1.0_f32, 2.0], [3.0, 4.0]]].insert_axis(ndarray::Axis(1));
    let network = Network::builder([1, 2, 2]).sum_pool2d("0", &PoolConfig::new(2)).build().unwrap();
    assert_eq!(outputs(&network, &square.into()).unwrap(), array![[[[10.0_f32]]]].into());
}

#[test]
fn adaptive_windows_share_the_inputs_at_their_ends() {
    // Outputs 0 and 1 of two are of inputs 0 to 2 and 2 to 4; one of three ends where the next begins.
    let inputs = array![[[1.0_f32, 2.0, 6.0, 4.0, 5.0]]];
    let means = pooled(&inputs, |builder| builder.adaptive_avg_pool1d("0", 2));
    assert_eq!(means, array![[[3.0, 5.0]]].into_dyn());
    let largest = pooled(&inputs, |builder| builder.adaptive_max_pool1d("0", 3));
    assert_eq!(largest, array![[[2.0, 6.0, 5.0]]].into_dyn());
    // More outputs than inputs.
    let more = pooled(&array![[[1.0_f32, 2.0]]], |builder| builder.adaptive_max_pool1d("0", [3]));
    assert_eq!(more, array![[[1.0, 2.0, 2.0]]].into_dyn());
    let plane = array![[[[1.0_f32, 2.0, 3.0], [5.0, 6.0, 7.0]]]];
    let of_plane = |build: fn(NetworkBuilder) -> NetworkBuilder| {
        outputs(&build(Network::builder([1, 2, 3])).build().unwrap(), &plane.clone().into()).unwrap()
    };
    assert_eq!(of_plane(|builder| builder.adaptive_avg_pool2d("0", 1)), array![[[[4.0_f32]]]].into());
    assert_eq!(of_plane(|builder| builder.adaptive_max_pool2d("0", [2, 1])), array![[[[3.0_f32], [7.0]]]].into());
}
