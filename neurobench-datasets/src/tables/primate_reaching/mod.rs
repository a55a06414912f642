//! Neural activity of reaching monkeys with the velocity of the hand.

mod published;
mod reaches;
mod recording;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ndarray::{Array2, Array3, ArrayViewMut1};
use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset, Fingerprint};
use neurobench_core::dataset;
use neurobench_core::model::Tensor;
use serde::{Deserialize, Serialize};

use self::reaches::Sections;
use self::recording::Recording;
use crate::recordings::{Publication, digest_once, hash_file};

/// Interval between two time steps, in seconds.
const INTERVAL: f64 = 4e-3;

/// Part of the reaches of a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReachingSplit {
    /// First reaches of each section.
    Train,
    /// Half of the reaches behind those of the training, rounded down.
    Validation,
    /// Last reaches of each section.
    #[default]
    Test,
}

const PUBLICATION: Publication = Publication {
    title: "Nonhuman Primate Reaching with Multichannel Sensorimotor Cortex Electrophysiology",
    url: "https://zenodo.org/record/583331",
    license: "CC BY 4.0",
};

/// Spikes in the motor cortex of a monkey with the velocity of its hand, from a MATLAB 7.3 file such as
/// `indy_20160622_01.mat`.
///
/// A sample is a time step of 4 ms. Its inputs, `f32` `[sample, step, channel]`, are counts: the number of 4 ms bins with at
/// least one spike of a channel, of any unit, in the `bin_width` that ends there. Step 0 is the sample's time, step *j* lies
/// *j* · `bin_width` before it; steps before the beginning of the recording are taken from its end, as in the reference.
/// Targets, `f32` `[sample, 2]`, are the velocity of the cursor in x and y, in its unit per time step: the difference between
/// the next and the previous position divided by 2, and at the ends of the recording the difference of the two positions.
///
/// A reach ends at the last time step before the target moves. The recording is cut into `sections` of equally many reaches.
/// A section of *n* reaches has ⌊`train_ratio` · *n*⌋ for training, then half of the others, rounded down, for validation, and
/// the rest for the test. Time bins, splits and their order are those of NeuroBench 2.3.0 without spike
/// sorting. A cell that MATLAB marks as empty has no spikes.
///
/// The counts of the whole recording are in memory, one byte for each channel and time step.
#[dataset(cite = "10.5281/zenodo.583331")]
#[expect(clippy::too_many_arguments, reason = "every argument is a setting")]
pub fn primate_reaching(
    /// MATLAB file of the recording.
    #[param]
    file: InputPath,
    /// Part that is read: `train`, `validation` or `test`.
    #[param(default = ReachingSplit::Test)]
    split: ReachingSplit,
    /// Number of time steps in the inputs of a sample.
    #[param(default = 1, range = 1..=4096)]
    steps: usize,
    /// Duration in which spikes are counted, in seconds; a multiple of 4 ms.
    #[param(default = 0.028, range = 0.004..=1.0)]
    bin_width: f64,
    /// Time between two samples, in seconds; a multiple of 4 ms.
    #[param(default = 0.004, range = 0.004..=1000.0)]
    stride: f64,
    /// Number of time steps by which the velocity is later than the spikes.
    #[param(default = 0)]
    delay: usize,
    /// Fraction of the reaches that are for training.
    #[param(default = 0.8, range = 0.0..=1.0)]
    train_ratio: f64,
    /// Number of sections of the recording, each of which is split.
    #[param(default = 1, range = 1..)]
    sections: usize,
    /// Number of time steps from which on a reach is left out, because the monkey rested; by default none is. The
    /// benchmark uses 2000.
    #[param(default = None)]
    max_reach_steps: Option<usize>,
    /// True to compare a file with the name of a recording of the benchmark with its published MD5 digest.
    #[param(default = true)]
    verify: bool,
) -> Result<Box<dyn Dataset>, DataError> {
    let path = file.0;
    if !path.exists() {
        return Err(PUBLICATION.missing(&path));
    }
    if verify {
        published::verify(&path)?;
    }
    // Both as the reference converts them: round half to even, and truncation.
    let (bins, stride) = ((bin_width / INTERVAL).round_ties_even() as usize, (stride / INTERVAL) as usize);
    let recording = Recording::read(&path, bin_width, bins)?;
    let sections = Sections { count: sections, train_ratio, max_steps: max_reach_steps.filter(|steps| *steps > 0) };
    let samples = sections.samples(&recording.reaches, split, stride);
    let last = recording.velocities.nrows().min(recording.counts.nrows()).saturating_sub(delay);
    let all = samples.len();
    let samples: Vec<usize> = samples.into_iter().filter(|sample| *sample < last).collect();
    if samples.is_empty() {
        return Err(DataError::Other(format!("{}: this split has no reaches", path.display())));
    }
    let beyond = all - samples.len();
    let note =
        format!("{beyond} time steps at the end of the recording have no velocity after the delay and were left out");
    let notes = if beyond > 0 { vec![note] } else { Vec::new() };
    Ok(Box::new(Reaching { path, recording, samples, steps, bins, delay, notes, fingerprint: OnceLock::new() }))
}

/// Samples of a recording.
struct Reaching {
    path: PathBuf,
    recording: Recording,
    /// Time steps of the samples.
    samples: Vec<usize>,
    steps: usize,
    /// Number of time steps between two steps of a sample.
    bins: usize,
    delay: usize,
    notes: Vec<String>,
    fingerprint: OnceLock<String>,
}

impl Reaching {
    /// Writes the counts of one step of a sample.
    fn step(&self, mut counts: ArrayViewMut1<'_, f32>, sample: usize, step: usize) {
        // The counts of the last time steps have no velocity if there is a delay, and the reference drops them.
        let all = self.recording.counts.nrows() - self.delay;
        let before = step * self.bins;
        // A recording may be shorter than the inputs of a sample.
        let time = if before <= sample { sample - before } else { all - 1 - (before - sample - 1) % all };
        counts.zip_mut_with(&self.recording.counts.row(time), |count, stored| *count = f32::from(*stored));
    }

    fn hash(&self) -> Result<String, DataError> {
        let mut all = Fingerprint::default();
        let Self { steps, bins, delay, samples, .. } = self;
        all.text(&format!("steps {steps}, bins {bins}, delay {delay}, samples {samples:?}\n"));
        hash_file(&mut all, &self.path)?;
        Ok(all.finish())
    }
}

impl Dataset for Reaching {
    fn samples(&self) -> usize {
        self.samples.len()
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        super::check_range(&range, self.samples.len())?;
        let samples = &self.samples[range];
        let mut inputs = Array3::<f32>::zeros((samples.len(), self.steps, self.recording.counts.ncols()));
        let mut targets = Array2::<f32>::zeros((samples.len(), 2));
        for ((mut input, mut target), sample) in inputs.outer_iter_mut().zip(targets.outer_iter_mut()).zip(samples) {
            for (step, counts) in input.outer_iter_mut().enumerate() {
                self.step(counts, *sample, step);
            }
            target.assign(&self.recording.velocities.row(sample + self.delay));
        }
        Ok((inputs.into(), targets.into()))
    }

    fn names(&self) -> (String, String) {
        let name = |path: &Path| format!("`{}`", path.display());
        (name(&self.path), name(&self.path))
    }

    /// Digest of the selected time steps and of the file.
    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        digest_once(&self.fingerprint, || self.hash())
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}
