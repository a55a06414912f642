//! Decoding of a recording.

use std::ops::Range;
use std::path::Path;

use hdf5_reader::Dataset;
use ndarray::Array2;
use neurobench_core::data::DataError;

use super::{INTERVAL, reaches};
use crate::tables::hdf5::{self, File};

/// A decoded recording.
pub(super) struct Recording {
    /// Number of 4 ms bins with a spike in the window that ends at a time step, `[step, channel]`.
    pub(super) counts: Array2<u8>,
    /// Velocity of the cursor, `[step, 2]`, in its unit per time step.
    pub(super) velocities: Array2<f32>,
    pub(super) reaches: Vec<Range<usize>>,
}

/// Longest window in bins; counts are bytes.
const BINS: usize = u8::MAX as usize;

impl Recording {
    /// Reads a recording; a window has `bins` bins and is `width` seconds long.
    pub(super) fn read(path: &Path, width: f64, bins: usize) -> Result<Self, DataError> {
        let file = File::open(path)?;
        let times: Vec<f64> = file.numbers("t")?;
        let (&[first, .., last], steps) = (times.as_slice(), times.len()) else {
            return Err(file.damaged("data set `t`: expected at least two time steps"));
        };
        let cursor = positions(&file, "cursor_pos", steps)?;
        let targets = positions(&file, "target_pos", steps)?;
        let edges = Edges::new(first - width, last).filter(|edges| edges.count < 4 * (steps + BINS));
        let Some(edges) = edges.filter(|edges| edges.count >= steps + bins - 1) else {
            let problem =
                format!("data set `t`: {steps} time steps from {first} s to {last} s are not {INTERVAL} s apart");
            return Err(file.damaged(problem));
        };
        Ok(Self {
            counts: counts(&file, &edges, bins)?,
            velocities: velocities(&cursor),
            reaches: reaches::find(&targets),
        })
    }
}

/// Edges of the bins into which spikes are sorted.
struct Edges {
    start: f64,
    step: f64,
    count: usize,
}

impl Edges {
    /// Computes the edges as `numpy.arange(start, stop, 0.004)` does, bit for bit: their number is the ratio rounded up, and
    /// the step is the difference of the first two.
    fn new(start: f64, stop: f64) -> Option<Self> {
        let count = ((stop - start) / INTERVAL).ceil();
        let step = (start + INTERVAL) - start;
        (step > 0.0 && (2.0..=1e9).contains(&count)).then_some(Self { start, step, count: count as usize })
    }

    fn edge(&self, index: usize) -> f64 {
        self.start + index as f64 * self.step
    }

    /// Returns the bin of a time, which includes its lower edge; the last one includes both.
    fn bin(&self, time: f64) -> Option<usize> {
        if !(self.start..=self.edge(self.count - 1)).contains(&time) {
            return None;
        }
        // The quotient is at most one bin off.
        let mut bin = (((time - self.start) / self.step) as usize).min(self.count - 2);
        while bin > 0 && time < self.edge(bin) {
            bin -= 1;
        }
        while bin < self.count - 2 && time >= self.edge(bin + 1) {
            bin += 1;
        }
        Some(bin)
    }
}

/// Counts the bins with spikes in all windows, `[step, channel]`.
fn counts(file: &File, edges: &Edges, bins: usize) -> Result<Array2<u8>, DataError> {
    let (references, shape) = file.references("spikes")?;
    let &[units, channels @ 1..=usize::MAX] = shape.as_slice() else {
        return Err(file.damaged(format!("data set `spikes`: expected cells [unit, channel], found shape {shape:?}")));
    };
    let objects = file.by_address("#refs#")?;
    let windows = edges.count - (bins - 1);
    let mut counts = Array2::zeros((windows, channels));
    // One channel at a time. A spike counts at the upper edge of its bin.
    let mut spikes = vec![false; edges.count];
    for (channel, mut counts) in counts.columns_mut().into_iter().enumerate() {
        spikes.fill(false);
        for unit in 0..units {
            let cell = || format!("data set `spikes`: unit {unit} of channel {channel}");
            let object = references.get(unit * channels + channel).and_then(|address| objects.get(address));
            let object = object.ok_or_else(|| file.damaged(format!("{}: refers to no object of `#refs#`", cell())))?;
            let times = times(object).map_err(|problem| file.damaged(format!("{}: {problem}", cell())))?;
            for bin in times.into_iter().filter_map(|time| edges.bin(time)) {
                spikes[bin + 1] = true;
            }
        }
        let mut count: usize = spikes.iter().take(bins - 1).map(|spike| usize::from(*spike)).sum();
        for (window, stored) in counts.iter_mut().enumerate() {
            count += usize::from(spikes[window + bins - 1]);
            // A window has at most 255 bins.
            *stored = count as u8;
            count -= usize::from(spikes[window]);
        }
    }
    Ok(counts)
}

/// Reads the times of spikes of a cell.
fn times(cell: &Dataset) -> Result<Vec<f64>, String> {
    // The stored numbers of an empty array are its lengths.
    if cell.attribute("MATLAB_empty").is_ok() {
        return Ok(Vec::new());
    }
    let bytes = cell.read_raw_bytes().map_err(|error| error.to_string())?;
    hdf5::numbers(&bytes, cell.dtype())
}

/// Reads positions `[2, step]`.
fn positions(file: &File, name: &str, steps: usize) -> Result<Vec<[f64; 2]>, DataError> {
    let shape = file.dataset(name)?.shape().to_vec();
    let expected = [2, steps as u64];
    if shape != expected {
        return Err(file.damaged(format!("data set `{name}`: found shape {shape:?}, expected {expected:?} as `t` has")));
    }
    let numbers: Vec<f64> = file.numbers(name)?;
    let (x, y) = numbers.split_at(steps);
    Ok(x.iter().zip(y).map(|(x, y)| [*x, *y]).collect())
}

/// Differentiates positions, as `torch.gradient` does, in single precision.
fn velocities(positions: &[[f64; 2]]) -> Array2<f32> {
    let last = positions.len() - 1;
    Array2::from_shape_fn((positions.len(), 2), |(step, axis)| {
        let position = |step: usize| positions[step][axis] as f32;
        match step {
            0 => position(1) - position(0),
            step if step == last => position(last) - position(last - 1),
            step => (position(step + 1) - position(step - 1)) / 2.0,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_the_bin_whose_lower_edge_it_reaches() {
        let edges = Edges::new(100.0 - 0.028, 101.0).unwrap();
        // The number that `numpy.arange` returns.
        assert_eq!(edges.count, 258);
        for bin in 0..edges.count - 1 {
            let (lower, upper) = (edges.edge(bin), edges.edge(bin + 1));
            assert_eq!(edges.bin(lower), Some(bin));
            assert_eq!(edges.bin(upper.next_down()), Some(bin));
        }
        assert_eq!(edges.bin(edges.edge(257)), Some(256));
        for outside in [edges.start.next_down(), edges.edge(257).next_up(), f64::NAN, f64::INFINITY] {
            assert_eq!(edges.bin(outside), None);
        }
    }
}
