//! Spikes of the first samples.

use ndarray::Array1;
use neurobench::bench::Batch;
use neurobench::metrics::SpikeRaster;
use neurobench::testing::assert_merges;

use super::{raster, spiking};

/// Samples of four steps and three neurons: neuron `sample % 3` spikes at step `sample % 4`.
fn batches() -> Vec<Batch> {
    let batch = |first: usize, count: usize| {
        let trains: Vec<Vec<Vec<usize>>> = (first..first + count)
            .map(|sample| (0..3).map(|neuron| if neuron == sample % 3 { vec![sample % 4] } else { vec![] }).collect())
            .collect();
        Batch::new(raster([count, 4, 3], &trains), Array1::<i64>::zeros(count))
    };
    vec![batch(0, 2), batch(2, 1), batch(3, 4), batch(7, 1)]
}

#[test]
fn rasters_merge_bit_for_bit() {
    for samples in [1, 3, 100] {
        assert_merges(&SpikeRaster { samples, ..SpikeRaster::default() }, spiking(3), &batches());
    }
}
