//! Layout of the Heidelberg spiking data sets.

use std::path::Path;
use std::sync::Arc;

use neurobench_core::data::DataError;
use neurobench_core::data::events::{self, Event};
use neurobench_core::model::Tensor;

use super::hdf5::{File, Lists};
use crate::OnError;
use crate::recordings::{Decode, Publication, Recording, Recordings, damaged};

/// Number of input units: channels of the artificial cochlea.
const UNITS: u16 = 700;

/// Spikes of an HDF5 file.
pub(super) struct Spikes {
    file: Arc<File>,
    times: Lists,
    units: Lists,
}

/// Opens a file of the data sets.
pub(super) fn open(
    folder: &Path,
    name: &str,
    classes: i64,
    publication: &Publication,
    on_error: OnError,
) -> Result<Recordings<Spikes>, DataError> {
    let path = folder.join(name);
    if !path.exists() {
        return Err(publication.missing(&path));
    }
    let file = Arc::new(File::open(&path)?);
    let labels: Vec<i64> = file.numbers("labels")?;
    let (times, units) = (file.lists("spikes/times")?, file.lists("spikes/units")?);
    if times.len() != labels.len() || units.len() != labels.len() {
        let (times, units, labels) = (times.len(), units.len(), labels.len());
        return Err(damaged(&path, format!("{times} lists of times, {units} of units and {labels} labels")));
    }
    if let Some(sample) = labels.iter().position(|label| !(0..classes).contains(label)) {
        let label = labels[sample];
        return Err(damaged(&path, format!("sample {sample}: label {label} is not one of the {classes} classes")));
    }
    let recordings = labels.into_iter().enumerate();
    let recordings = recordings.map(|(part, class)| Recording { file: path.clone(), part, class }).collect();
    Recordings::new(folder, recordings, Spikes { file, times, units }, on_error)
}

impl Decode for Spikes {
    type Part = usize;
    type Sample = Vec<Event>;

    fn decode(&self, recording: &Recording<usize>) -> Result<Vec<Event>, DataError> {
        let events = self.events(recording.part);
        events.map_err(|problem| self.file.damaged(format!("sample {}: {problem}", recording.part)))
    }

    fn stack(&self, samples: Vec<Vec<Event>>) -> Result<Tensor, DataError> {
        Ok(events::tensor(&samples))
    }
}

impl Spikes {
    fn events(&self, sample: usize) -> Result<Vec<Event>, String> {
        let times: Vec<f64> = self.times.read(sample)?;
        let units: Vec<i64> = self.units.read(sample)?;
        if times.len() != units.len() {
            return Err(format!("{} times, but {} units", times.len(), units.len()));
        }
        let spikes = times.into_iter().zip(units).enumerate();
        spikes
            .map(|(index, (time, unit))| event(time, unit).map_err(|problem| format!("spike {index}: {problem}")))
            .collect()
    }
}

fn event(seconds: f64, unit: i64) -> Result<Event, String> {
    let x = u16::try_from(unit).ok().filter(|unit| *unit < UNITS);
    let x = x.ok_or_else(|| format!("unit {unit} is not one of the {UNITS} units"))?;
    // A recording is about a second long; a limit keeps the conversion exact.
    if !(0.0..1e6).contains(&seconds) {
        return Err(format!("{seconds} s is not a time"));
    }
    Ok(Event { time: (seconds * 1e6) as i64, x, y: 0, polarity: 1 })
}
