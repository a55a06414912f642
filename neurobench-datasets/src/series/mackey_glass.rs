//! Mackey–Glass series.

use std::ops::Range;

use ndarray::Array2;
use neurobench_core::data::{DataError, Dataset, Fingerprint, SequenceGroup};
use neurobench_core::dataset;
use neurobench_core::model::{SequenceData, Tensor};

use super::delay_equation::{Equation, Solution};

/// Chaotic series of the Mackey–Glass equation, each value of which predicts the next: `[sample, 1]` to `[sample, 1]`, both
/// `f64`. The series are computed, with the same bits on every machine, and need no files.
///
/// The equation is `y' = β·y(t - τ) / (1 + y(t - τ)¹⁰) - γ·y` with β = 0.2 and γ = 0.1, with a constant past. It is integrated in
/// fixed steps of one unit of time by a method of order 16. The samples begin at t = τ, `points` in each Lyapunov time of the
/// series. For each τ there are `repeats` sequences, each of which begins half a Lyapunov time after the one before it (rounded
/// down to a sample) and has 10 Lyapunov times for training and 10 to predict. The latter are the samples of the data set; the
/// former are the training samples of the sequence (`Dataset::training`). Lyapunov times and initial values are those of
/// NeuroBench.
#[dataset(cite = "https://doi.org/10.1126/science.267326", cite = "https://doi.org/10.1038/s41467-025-56739-4")]
pub fn mackey_glass(
    /// Delays τ, each of which is a series; whole numbers from 17 to 30.
    #[param(default = (17..=30).collect())]
    tau: Vec<u32>,
    /// Number of sequences of each series.
    #[param(default = 30, range = 1..=1000)]
    repeats: usize,
    /// Number of samples in a Lyapunov time.
    #[param(default = 75, range = 1..=10_000)]
    points: usize,
) -> Result<MackeyGlassSeries, DataError> {
    if tau.is_empty() {
        return Err("`tau`: at least one delay is required".into());
    }
    let parameters = tau.iter().map(|tau| parameters(*tau)).collect::<Result<Vec<_>, _>>()?;
    let last = MackeyGlassSeries::offset(repeats - 1, points) + 2 * HORIZON * points;
    let series = parameters.into_iter().map(|one| one.sample(STEPS_PER_UNIT, points, last + 1)).collect();
    Ok(MackeyGlassSeries { tau, series, repeats, points })
}

/// Lyapunov times to train on, and to predict.
const HORIZON: usize = 10;

/// Steps of the integration in a unit of time. The error of the method is below that of rounding, so that more steps would only
/// round more often.
const STEPS_PER_UNIT: u32 = 1;

/// Parameters of a series.
#[derive(Clone, Copy, Debug)]
struct Parameters {
    tau: u32,
    lyapunov_time: f64,
    past: f64,
}

/// Delay, Lyapunov time in units of time, and value before time 0 of each series.
const SERIES: [(u32, f64, f64); 14] = [
    (17, 197.0, 0.720_659_7),
    (18, 138.0, 0.774_431_3),
    (19, 315.0, 0.778_346_8),
    (20, 131.0, 0.922_599_1),
    (21, 191.0, 0.947_943_1),
    (22, 119.0, 0.545_596_0),
    (23, 106.0, 0.862_224_7),
    (24, 97.0, 0.325_966_0),
    (25, 98.0, 0.829_782_5),
    (26, 104.0, 1.003_349_0),
    (27, 112.0, 0.649_140_6),
    (28, 119.0, 1.095_749_5),
    (29, 131.0, 0.925_617_9),
    (30, 139.0, 0.271_363_9),
];

fn parameters(tau: u32) -> Result<Parameters, DataError> {
    let found = SERIES.iter().find(|(known, ..)| *known == tau);
    let (_, lyapunov_time, past) = found.ok_or_else(|| format!("`tau`: {tau} is not a delay from 17 to 30"))?;
    Ok(Parameters { tau, lyapunov_time: *lyapunov_time, past: *past })
}

impl Parameters {
    /// Samples of the series from t = τ on.
    fn sample(self, steps_per_unit: u32, points: usize, samples: usize) -> Vec<f64> {
        let Self { tau, lyapunov_time, past } = self;
        let interval = lyapunov_time / points as f64;
        let time = |sample: usize| f64::from(tau) + sample as f64 * interval;
        let equation = Equation { beta: 0.2, gamma: 0.1, delay: tau, past };
        let solution = Solution::new(equation, steps_per_unit, time(samples));
        (0..samples).map(|sample| solution.at(time(sample))).collect()
    }
}

/// Mackey–Glass series with their sequences; see [`MackeyGlass`].
#[derive(Clone, Debug)]
pub struct MackeyGlassSeries {
    tau: Vec<u32>,
    /// Samples of each series.
    series: Vec<Vec<f64>>,
    /// Sequences of each series.
    repeats: usize,
    /// Samples in a Lyapunov time.
    points: usize,
}

impl MackeyGlassSeries {
    /// First sample of a sequence in its series.
    fn offset(repeat: usize, points: usize) -> usize {
        repeat * points / 2
    }

    /// Samples of a sequence to predict.
    fn length(&self) -> usize {
        HORIZON * self.points
    }

    /// All samples of a sequence: to train on, to predict, and one more for the last target.
    fn sequence(&self, index: usize) -> &[f64] {
        let start = Self::offset(index % self.repeats, self.points);
        &self.series[index / self.repeats][start..=start + 2 * self.length()]
    }
}

/// Inputs, and each next value as the target.
fn pairs(values: &[f64]) -> SequenceData {
    let column = |values: &[f64]| Tensor::from(Array2::from_shape_fn((values.len(), 1), |(row, _)| values[row]));
    (column(&values[..values.len() - 1]), column(&values[1..]))
}

impl Dataset for MackeyGlassSeries {
    fn samples(&self) -> usize {
        self.series.len() * self.repeats * self.length()
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        let samples = self.samples();
        if range.start > range.end || range.end > samples {
            return Err(DataError::Range { range, samples });
        }
        let length = self.length();
        let value = |sample: usize, later: usize| self.sequence(sample / length)[length + sample % length + later];
        let column = |later| Array2::from_shape_fn((range.len(), 1), |(row, _)| value(range.start + row, later));
        Ok((column(0).into(), column(1).into()))
    }

    fn sequences(&self) -> Vec<usize> {
        vec![self.length(); self.series.len() * self.repeats]
    }

    fn training(&self, sequence: u64) -> Result<Option<SequenceData>, DataError> {
        let sequences = self.series.len() * self.repeats;
        let index = usize::try_from(sequence).ok().filter(|index| *index < sequences);
        let index = index.ok_or_else(|| format!("there is no sequence {sequence}: the data set has {sequences}"))?;
        Ok(Some(pairs(&self.sequence(index)[..=self.length()])))
    }

    fn groups(&self) -> Vec<SequenceGroup> {
        let repeats = self.repeats as u64;
        let group = |(index, tau): (u64, &u32)| SequenceGroup {
            name: format!("tau {tau}"),
            sequences: index * repeats..(index + 1) * repeats,
        };
        (0..).zip(&self.tau).map(group).collect()
    }

    fn names(&self) -> (String, String) {
        let name = || "the Mackey-Glass series".to_owned();
        (name(), name())
    }

    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        let mut all = Fingerprint::default();
        all.text(&format!("Mackey-Glass {:?}, {} sequences each, {} points\n", self.tau, self.repeats, self.points));
        for number in self.series.iter().flatten() {
            all.bytes(&number.to_le_bytes());
        }
        Ok(Some(all.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest difference between a series and the same with half the step, over this number of Lyapunov times.
    fn halving_error(tau: u32, lyapunov_times: usize) -> f64 {
        let series = |steps| parameters(tau).unwrap().sample(steps, 75, 75 * lyapunov_times);
        let (once, twice) = (series(STEPS_PER_UNIT), series(2 * STEPS_PER_UNIT));
        once.iter().zip(&twice).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn halving_the_step_changes_a_series_by_no_more_than_amplified_rounding() {
        for (tau, ..) in SERIES {
            let (one, ten) = (halving_error(tau, 1), halving_error(tau, 10));
            println!("tau {tau}: {one:.1e} over one Lyapunov time, {ten:.1e} over ten");
            // Some hundred steps, each with a few dozen roundings of 1e-16, which grow by e.
            assert!(one < 2e-12, "tau {tau}: {one}");
            // These grow by e^10 = 2.2e4 in ten Lyapunov times; for τ = 19 and 21 by more, since errors grow faster in these stretches
            // than the published Lyapunov time predicts.
            let limit = match tau {
                19 => 1e-2,
                21 => 1e-7,
                _ => 2e-9,
            };
            assert!(ten < limit, "tau {tau}: {ten}");
        }
    }

    #[test]
    fn sequences_begin_half_a_lyapunov_time_apart_and_continue_their_training_samples() {
        let data = mackey_glass(vec![17, 20], 3, 75).unwrap();
        assert_eq!(data.samples(), 2 * 3 * 750);
        assert_eq!(data.sequences(), [750; 6]);
        let numbers = |tensor: &Tensor| tensor.to_f64().into_raw_vec_and_offset().0;
        let series = parameters(20).unwrap().sample(STEPS_PER_UNIT, 75, 2 * 750 + 75 + 1);
        // Sequence 4 is the second of τ = 20: it begins at sample ⌊37.5⌋.
        let (inputs, targets) = data.training(4).unwrap().unwrap();
        assert_eq!(numbers(&inputs), series[37..787]);
        assert_eq!(numbers(&targets), series[38..788]);
        let (inputs, targets) = data.batch(4 * 750..5 * 750).unwrap();
        assert_eq!(numbers(&inputs), series[787..1537]);
        assert_eq!(numbers(&targets), series[788..1538]);
        assert!(data.training(6).is_err());
        assert!(data.batch(4499..4501).is_err());
    }

    #[test]
    fn series_without_parameters_are_refused() {
        assert_eq!(mackey_glass(vec![31], 1, 75).unwrap_err().to_string(), "`tau`: 31 is not a delay from 17 to 30");
        assert_eq!(mackey_glass(vec![], 1, 75).unwrap_err().to_string(), "`tau`: at least one delay is required");
    }
}
