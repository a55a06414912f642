//! DVS128 Gesture.

use std::ops::Range;
use std::path::{Path, PathBuf};

use neurobench_core::component::InputPath;
use neurobench_core::data::events::{self, Event};
use neurobench_core::data::{DataError, Dataset};
use neurobench_core::dataset;
use neurobench_core::model::Tensor;

use super::EventSplit;
use super::folders::{self, WholeFiles};
use super::formats::{EventFormat, NpyEvents, TimeUnit};
use crate::OnError;
use crate::recordings::{Decode, Publication, Recording, Recordings, damaged, join_within, read};

const PUBLICATION: Publication = Publication {
    title: "DVS128 Gesture",
    url: "https://research.ibm.com/interactive/dvsgesture",
    license: "CC BY 4.0",
};

/// Number of gestures.
const CLASSES: i64 = 11;

/// DVS128 Gesture (Amir et al. 2017): 11 gestures of the hands and arms, seen by an event camera of 128 x 128 pixels.
///
/// Reads two layouts:
///
/// * as published: recordings `user01_fluorescent.aedat` (AEDAT 3.1) with labels `user01_fluorescent_labels.csv`, and the
///   lists `trials_to_train.txt` and `trials_to_test.txt`. A sample is a labelled span of time, the end excluded, in the
///   order of the lists and labels. Its times count from the beginning of the span.
/// * as tonic has it: `ibmGestureTrain` and `ibmGestureTest` with folders such as `user01_fluorescent` of arrays `0.npy` to
///   `10.npy`, whose columns are x, y, polarity and time in ms. Samples are ordered by folder, then by class.
///
/// Inputs are event tensors `[batch, event, 4]`; targets are classes `[batch]`: 0 hand clapping, 1 right hand wave, 2 left hand
/// wave, 3 right arm clockwise, 4 right arm counterclockwise, 5 left arm clockwise, 6 left arm counterclockwise, 7 arm roll,
/// 8 air drums, 9 air guitar, 10 other gestures. In the published labels they are numbered from 1.
#[dataset(cite = "10.1109/CVPR.2017.781")]
pub fn dvs_gesture(
    /// Folder of the recordings and lists, or of `ibmGestureTrain` and `ibmGestureTest`.
    #[param]
    folder: InputPath,
    /// Part that is read: `train` or `test`.
    #[param(default = EventSplit::Test)]
    split: EventSplit,
    /// Reaction to recordings that cannot be decoded: `fail`, or `skip`, which decodes all of them once and leaves out the
    /// damaged ones; a missing file is always an error.
    #[param(default = OnError::Fail)]
    on_error: OnError,
) -> Result<Box<dyn Dataset>, DataError> {
    let folder = folder.as_ref();
    let list = folder.join(split.choose("trials_to_train.txt", "trials_to_test.txt"));
    let arrays = folder.join(split.choose("ibmGestureTrain", "ibmGestureTest"));
    if list.is_file() {
        let (recordings, labels) = labelled_spans(folder, &list)?;
        let data = Recordings::new(folder, recordings, LabelledSpans, on_error)?;
        return Ok(Box::new(data.with_companions(labels)));
    }
    if arrays.is_dir() {
        let npy = NpyEvents { columns: "xypt".to_owned(), time_unit: TimeUnit::Ms };
        let decoder = WholeFiles { format: Some(EventFormat::Npy), npy };
        return Ok(Box::new(Recordings::new(&arrays, array_files(&arrays)?, decoder, on_error)?));
    }
    Err(PUBLICATION.missing(&list))
}

/// Decoder of spans of time in longer recordings.
struct LabelledSpans;

impl Decode for LabelledSpans {
    type Part = Range<i64>;
    type Sample = Vec<Event>;

    fn decode(&self, recording: &Recording<Range<i64>>) -> Result<Vec<Event>, DataError> {
        let Recording { file, part: span, .. } = recording;
        let mut events = EventFormat::Aedat3.read(file, &NpyEvents::default(), Some(span))?;
        for event in &mut events {
            event.time -= span.start;
        }
        Ok(events)
    }

    fn stack(&self, samples: Vec<Vec<Event>>) -> Result<Tensor, DataError> {
        Ok(events::tensor(&samples))
    }
}

/// Labelled spans of recordings, with the files that have the labels.
type Labelled = (Vec<Recording<Range<i64>>>, Vec<PathBuf>);

/// Finds the labelled spans of the recordings of a list.
fn labelled_spans(folder: &Path, list: &Path) -> Result<Labelled, DataError> {
    let (mut recordings, mut companions) = (Vec::new(), vec![list.to_owned()]);
    for (line, name) in lines(list)? {
        let file = join_within(folder, &name).map_err(|problem| damaged(list, format!("line {line}: {problem}")))?;
        let labels = file.with_file_name(format!("{}_labels.csv", file.file_stem().unwrap_or_default().display()));
        for path in [&file, &labels] {
            if !path.is_file() {
                return Err(PUBLICATION.missing(path));
            }
        }
        for (line, text) in lines(&labels)? {
            // The first line has the names of the columns.
            if line == 1 && text.starts_with("class") {
                continue;
            }
            let (class, span) = label(&text).map_err(|problem| damaged(&labels, format!("line {line}: {problem}")))?;
            recordings.push(Recording { file: file.clone(), part: span, class });
        }
        companions.push(labels);
    }
    Ok((recordings, companions))
}

/// Returns the lines of a text file that are not empty, with their numbers from 1.
fn lines(file: &Path) -> Result<Vec<(usize, String)>, DataError> {
    let text = String::from_utf8(read(file)?).map_err(|_| damaged(file, "not a text in UTF-8"))?;
    let lines = (1..).zip(text.lines()).map(|(number, line)| (number, line.trim().to_owned()));
    Ok(lines.filter(|(_, line)| !line.is_empty()).collect())
}

/// Parses a label: the class from 1 and the first and last time in µs.
fn label(text: &str) -> Result<(i64, Range<i64>), String> {
    let numbers: Result<Vec<i64>, _> = text.split(',').map(|number| number.trim().parse()).collect();
    match numbers.as_deref() {
        Ok([class, start, end]) if !(1..=CLASSES).contains(class) || *start < 0 || start > end => Err(format!(
            "expected a class from 1 to {CLASSES}, a start of at least 0 and an end that is not before it, found `{text}`"
        )),
        Ok([class, start, end]) => Ok((class - 1, *start..*end)),
        _ => Err(format!("expected class, start and end in µs, found `{}`", text.escape_debug())),
    }
}

/// Finds the arrays in the layout of tonic.
fn array_files(folder: &Path) -> Result<Vec<Recording>, DataError> {
    let mut recordings = Vec::new();
    for user in folders::entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        let mut classes = Vec::new();
        for file in folders::entries(&user)?.into_iter().filter(|file| folders::extension(file) == "npy") {
            let class = file.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            let Some(class) = class.filter(|class| (0..CLASSES).contains(class)) else {
                let problem = format!("the name is not a class from 0 to {}", CLASSES - 1);
                return Err(damaged(&file, problem));
            };
            classes.push(Recording { file, part: (), class });
        }
        classes.sort_by_key(|recording| recording.class);
        recordings.append(&mut classes);
    }
    Ok(recordings)
}
