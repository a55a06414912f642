//! Frames of counts.

use std::ops::Range;

use ndarray::{ArrayD, IxDyn};
use neurobench_core::component::Settings as _;
use neurobench_core::data::events::Event;
use neurobench_core::model::Tensor;
use neurobench_core::preprocessor;
use neurobench_core::process::{Preprocessor, ProcessError};

use super::recordings;

const NAME: &str = BinEvents::ABOUT.name;

/// Counts events in frames: event tensors `[batch, event, 4]` to `f32` frames `[batch, step, polarity, y, x]`.
///
/// One of `time_window`, `time_bins`, `event_count` and `event_bins` divides a recording of n events, the first at time a and
/// the last at time b. Frames are those of `tonic.transforms.ToFrame` with the setting of the same name (`n_time_bins` and
/// `n_event_bins` there):
///
/// * `time_window` = w: frame i counts the events with a + i·s ≤ time < a + i·s + w, where s = w − `overlap`. There are
///   max(1, ⌊(b − a − w) / s⌋ + 1) frames, or with ⌈..⌉ if `include_incomplete`. Later events are not counted.
/// * `time_bins` = k: k frames of ⌊(b − a) / k⌋ µs. Events after the last frame are not counted, among them the last event
///   of every recording.
/// * `event_count` = c: frame i counts the events i·s to i·s + c − 1, where s = c − `overlap`. There are ⌊(n − c) / s⌋ + 1
///   frames, or with ⌈..⌉ if `include_incomplete`; a shorter recording is one frame.
/// * `event_bins` = k: k frames of ⌊n / k⌋ events. Events after the last frame are not counted.
///
/// With `steps`, every recording has this number of frames of `time_window` or `event_count`: later frames are left out, and
/// missing ones hold the events that there are, or none. Without it, recordings of a batch have as many frames as the
/// longest, and frames behind the end of a recording are zero. A recording without events has one frame, or those of its
/// bins.
///
/// Counts are `f32`, the numbers of networks; they are exact up to 2^24. With `polarities = false`, events of both
/// polarities are counted together in one polarity. Times must not decrease.
#[preprocessor]
#[expect(clippy::too_many_arguments, reason = "every argument is a setting")]
pub fn bin_events(
    /// Number of columns of the sensor.
    #[param(range = 1..=65536)]
    width: usize,
    /// Number of rows of the sensor.
    #[param(range = 1..=65536)]
    height: usize,
    /// Length of a frame in µs, at least 1.
    #[param(default = None)]
    time_window: Option<i64>,
    /// Number of frames of equal length, at least 1.
    #[param(default = None)]
    time_bins: Option<usize>,
    /// Number of events in a frame, at least 1.
    #[param(default = None)]
    event_count: Option<usize>,
    /// Number of frames of equally many events, at least 1.
    #[param(default = None)]
    event_bins: Option<usize>,
    /// Number of frames of `time_window` or `event_count`, at least 1; by default as many as the recordings have.
    #[param(default = None)]
    steps: Option<usize>,
    /// Time in µs at which the first frame of `time_window` begins; by default the time of the first event.
    #[param(default = None)]
    start: Option<i64>,
    /// Overlap of frames, in µs with `time_window`, in events with `event_count`.
    #[param(default = 0, range = 0..)]
    overlap: usize,
    /// If true, a last frame of `time_window` or `event_count` that is not complete is a frame.
    #[param(default = false)]
    include_incomplete: bool,
    /// If true, polarities are counted in two frames, OFF and ON.
    #[param(default = true)]
    polarities: bool,
    /// If true, a pixel of a frame is 1 if it has events, and not their number.
    #[param(default = false)]
    binary: bool,
) -> Result<impl Preprocessor, String> {
    let numbers =
        [("time_bins", time_bins), ("event_count", event_count), ("event_bins", event_bins), ("steps", steps)];
    if let Some((name, _)) = numbers.iter().find(|(_, number)| *number == Some(0)) {
        return Err(format!("`{name}` must be at least 1"));
    }
    if time_window.is_some_and(|window| window < 1) {
        return Err("`time_window` must be at least 1".to_owned());
    }
    let count_overlap = overlap;
    let overlap = i64::try_from(overlap).map_err(|_| "`overlap` is too large".to_owned())?;
    let division = match (time_window, time_bins, event_count, event_bins) {
        (Some(window), None, None, None) if overlap < window => {
            Division::Window { window, stride: window - overlap, start }
        }
        (None, Some(bins), None, None) => Division::TimeBins(bins),
        (None, None, Some(count), None) if count_overlap < count => {
            Division::Count { count, stride: count - count_overlap }
        }
        (None, None, None, Some(bins)) => Division::EventBins(bins),
        (Some(_), None, None, None) => return Err("`overlap` must be less than `time_window`".to_owned()),
        (None, None, Some(_), None) => return Err("`overlap` must be less than `event_count`".to_owned()),
        _ => return Err("set exactly one of `time_window`, `time_bins`, `event_count` and `event_bins`".to_owned()),
    };
    let in_bins = matches!(division, Division::TimeBins(_) | Division::EventBins(_));
    if in_bins && (steps.is_some() || overlap > 0 || include_incomplete) {
        return Err("`steps`, `overlap` and `include_incomplete` need `time_window` or `event_count`".to_owned());
    }
    if start.is_some() && time_window.is_none() {
        return Err("`start` needs `time_window`".to_owned());
    }
    let frames = Frames { width, height, polarities: 1 + usize::from(polarities), binary };
    Ok(move |inputs: Tensor, targets: Tensor| -> Result<(Tensor, Tensor), ProcessError> {
        let mut batch = Vec::with_capacity(inputs.samples());
        recordings::each(NAME, &inputs, |_, recording| {
            recordings::check_pixels(&recording, width, height)?;
            recordings::check_order(&recording)?;
            let slices = match steps {
                Some(steps) => steps,
                None => division.steps(&recording, include_incomplete).ok_or("there are too many frames")?,
            };
            batch.push((slices, recording));
            Ok(())
        })?;
        Ok((frames.counted(&batch, &division)?, targets))
    })
}

/// Division of recordings into frames.
enum Division {
    /// Windows of time in µs. The first begins at `start`, or at the first event.
    Window {
        window: i64,
        stride: i64,
        start: Option<i64>,
    },
    TimeBins(usize),
    Count {
        count: usize,
        stride: usize,
    },
    EventBins(usize),
}

impl Division {
    /// Returns the number of frames of a recording; `None` if it cannot be counted.
    fn steps(&self, events: &[Event], include_incomplete: bool) -> Option<usize> {
        let (first, last) = match (events.first(), events.last()) {
            (Some(first), Some(last)) => (first.time, last.time),
            _ => (0, 0),
        };
        // Rounded down, or up if incomplete frames are included.
        let frames = |rest: i128, stride: i128| {
            let up = if include_incomplete { stride - 1 } else { 0 };
            usize::try_from((rest + up).div_euclid(stride) + 1).map(|frames| frames.max(1)).ok()
        };
        match *self {
            Self::Window { window, stride, start } => {
                let duration = i128::from(last) - i128::from(start.unwrap_or(first));
                // Before `start`, there is one frame without events.
                frames((duration - i128::from(window)).max(-i128::from(stride)), stride.into())
            }
            Self::Count { count, stride } => {
                let events = events.len();
                frames((events - count.min(events)) as i128, stride as i128)
            }
            Self::TimeBins(bins) | Self::EventBins(bins) => Some(bins),
        }
    }

    /// Returns the indices of the events of a frame.
    fn events(&self, events: &[Event], step: usize) -> Range<usize> {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return 0..0 };
        let between = |begin: i128, length: i64| {
            let at = |time: i128| events.partition_point(|event| i128::from(event.time) < time);
            at(begin)..at(begin + i128::from(length))
        };
        // Frames beyond the end of the recording are empty.
        let counted = |begin: usize, count: usize| {
            let begin = begin.min(events.len());
            begin..begin.saturating_add(count).min(events.len())
        };
        match *self {
            Self::Window { window, stride, start } => {
                between(i128::from(start.unwrap_or(first.time)) + step as i128 * i128::from(stride), window)
            }
            Self::TimeBins(bins) => {
                let window = ((i128::from(last.time) - i128::from(first.time)) / bins as i128) as i64;
                between(i128::from(first.time) + step as i128 * i128::from(window), window)
            }
            Self::Count { count, stride } => counted(step.saturating_mul(stride), count),
            Self::EventBins(bins) => {
                let count = events.len() / bins;
                counted(step * count, count)
            }
        }
    }
}

/// Frames of all recordings of a batch.
struct Frames {
    width: usize,
    height: usize,
    /// Number of polarities: 1 or 2.
    polarities: usize,
    binary: bool,
}

impl Frames {
    fn counted(&self, batch: &[(usize, Vec<Event>)], division: &Division) -> Result<Tensor, ProcessError> {
        let longest = batch.iter().map(|(steps, _)| *steps).max().unwrap_or(0);
        let shape = [batch.len(), longest, self.polarities, self.height, self.width];
        let memory = || ProcessError::Memory { processor: NAME, shape: shape.to_vec() };
        let numbers = shape.iter().try_fold(1_usize, |product, length| product.checked_mul(*length));
        let numbers =
            numbers.filter(|numbers| isize::try_from(numbers.saturating_mul(4)).is_ok()).ok_or_else(memory)?;
        Vec::<f32>::new().try_reserve_exact(numbers).map_err(|_| memory())?;
        // Memory of the system is zero already; a vector that is reserved and filled would be written once more.
        let mut counts = vec![0.0_f32; numbers];
        let frame = self.polarities * self.height * self.width;
        for (sample, (steps, events)) in batch.iter().enumerate() {
            for step in 0..*steps {
                let begin = (sample * longest + step) * frame;
                self.count(&events[division.events(events, step)], &mut counts[begin..begin + frame]);
            }
        }
        let counts = ArrayD::from_shape_vec(IxDyn(&shape), counts).map_err(|_| memory())?;
        Ok(counts.into())
    }

    /// Counts events in one frame. They are known to be on the sensor.
    fn count(&self, events: &[Event], frame: &mut [f32]) {
        let pixels = self.height * self.width;
        let place = |event: &Event| {
            let polarity = usize::from(event.polarity) & (self.polarities - 1);
            polarity * pixels + usize::from(event.y) * self.width + usize::from(event.x)
        };
        match self.binary {
            true => events.iter().for_each(|event| frame[place(event)] = 1.0),
            false => events.iter().for_each(|event| frame[place(event)] += 1.0),
        }
    }
}
