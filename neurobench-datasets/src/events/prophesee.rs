//! Recordings of Prophesee with boxes of objects.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::Array3;
use neurobench_core::component::InputPath;
use neurobench_core::data::events::{self, Event};
use neurobench_core::data::{DataError, Dataset};
use neurobench_core::dataset;
use neurobench_core::model::Tensor;

use super::folders;
use super::formats::{EventFormat, Index, Structured};
use crate::OnError;
use crate::recordings::{Decode, Publication, Recording, Recordings, damaged, read};

const PUBLICATION: Publication = Publication {
    title: "the automotive detection data sets of Prophesee",
    url: "https://www.prophesee.ai/category/dataset/",
    license: "Prophesee's own terms, for evaluation and research",
};

/// Maximum number of windows of a recording: a damaged time must not fill the memory with windows.
const MOST_WINDOWS: i64 = 10_000_000;

/// Number of columns of the targets.
const COLUMNS: usize = 6;

/// Automotive recordings of Prophesee with boxes of objects: Gen1 (304 x 240 pixels) and 1 Megapixel (1280 x 720).
///
/// The folder, such as the part `test` of the data set, holds recordings (`.dat`, or `.raw` in EVT 2.0 or 3.0), and for each its
/// boxes: `NAME_td.dat` with `NAME_bbox.npy`. A sample is a window of a recording; the windows of a recording are consecutive
/// samples and one sequence, from time 0 to the window of its last box. Recordings are ordered by file name. A recording is
/// scanned once, when its first window is read.
///
/// Inputs are event tensors `[batch, event, 4]`. Targets are the boxes of the window, `f64` `[batch, box, 6]`, as the metrics of
/// detection take them: time in µs, x and y of the upper left corner, width and height in pixels, and class, with rows of −1
/// behind the boxes of a sample that has fewer than others of its batch. Times of events and boxes count from the beginning of
/// the recording. For N-CARS, a class in each folder, use `event_folders`.
#[dataset(cite = "https://proceedings.neurips.cc/paper/2020/hash/c213877427b46fa96cff6c39e837ccee-Abstract.html")]
pub fn prophesee(
    /// Folder of the recordings and their boxes.
    #[param]
    folder: InputPath,
    /// Length of a window in µs.
    #[param(default = 50_000, range = 1..)]
    window: i64,
    /// Reaction to recordings that cannot be decoded: `fail`, or `skip`, which decodes all of them once and leaves out the
    /// damaged ones; a missing file is always an error.
    #[param(default = OnError::Fail)]
    on_error: OnError,
) -> Result<impl Dataset, DataError> {
    let folder = folder.as_ref();
    let (mut recordings, mut files) = (Vec::new(), Vec::new());
    let paths = folders::entries(folder)?;
    for path in paths.into_iter().filter(|path| matches!(folders::extension(path).as_str(), "dat" | "raw")) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let boxes = path.with_file_name(format!("{}_bbox.npy", stem.strip_suffix("_td").unwrap_or(&stem)));
        if !boxes.is_file() {
            return Err(PUBLICATION.missing(&boxes));
        }
        let last = read_boxes(&boxes)?.iter().map(|[time, ..]| *time as i64).max();
        let windows = last.map_or(0, |last| last / window + 1);
        if windows > MOST_WINDOWS {
            let problem = format!(
                "the last box is in window {windows} of {window} µs, and a recording has at most {MOST_WINDOWS} windows; \
                 set a longer `window`, or correct the times of the boxes"
            );
            return Err(damaged(&boxes, problem));
        }
        let file = files.len();
        recordings.extend((0..windows).map(|at| {
            let part = Window { file, span: at.saturating_mul(window)..at.saturating_add(1).saturating_mul(window) };
            Recording { file: path.clone(), part, class: 0 }
        }));
        files.push(LabelledFile { boxes, index: Mutex::new(None) });
    }
    let companions = files.iter().map(|file| file.boxes.clone()).collect();
    let data = Recordings::new(folder, recordings, Windows { files }, on_error)?;
    Ok(data.with_companions(companions))
}

/// Decoder of windows of recordings.
struct Windows {
    files: Vec<LabelledFile>,
}

struct LabelledFile {
    /// File of the boxes.
    boxes: PathBuf,
    /// Index of the recording, once a window of it was read.
    index: Mutex<Option<Arc<Index>>>,
}

/// Place of a sample.
struct Window {
    /// Index of the file.
    file: usize,
    /// First time in µs, and the first that is not in the window any more.
    span: Range<i64>,
}

impl LabelledFile {
    /// Returns the index of a recording, which is scanned the first time.
    fn index(&self, recording: &Path) -> Result<Arc<Index>, DataError> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = &*index {
            return Ok(Arc::clone(index));
        }
        let scanned = EventFormat::detect(recording)?.index(recording)?;
        Ok(Arc::clone(index.insert(Arc::new(scanned))))
    }
}

impl Decode for Windows {
    type Part = Window;
    type Sample = Vec<Event>;

    const CONSECUTIVE: bool = true;

    fn decode(&self, recording: &Recording<Window>) -> Result<Vec<Event>, DataError> {
        let index = self.files[recording.part.file].index(&recording.file)?;
        index.read(&recording.file, recording.part.span.clone())
    }

    fn stack(&self, samples: Vec<Vec<Event>>) -> Result<Tensor, DataError> {
        Ok(events::tensor(&samples))
    }

    fn targets(&self, recordings: &[Recording<Window>]) -> Result<Tensor, DataError> {
        let mut samples: Vec<Vec<[f64; COLUMNS]>> = Vec::with_capacity(recordings.len());
        for windows in recordings.chunk_by(|one, next| one.part.file == next.part.file) {
            let boxes = read_boxes(&self.files[windows[0].part.file].boxes)?;
            samples.extend(windows.iter().map(|window| {
                let inside = |row: &&[f64; COLUMNS]| window.part.span.contains(&(row[0] as i64));
                boxes.iter().filter(inside).copied().collect()
            }));
        }
        let most = samples.iter().map(Vec::len).max().unwrap_or(0);
        let mut targets = Array3::from_elem((samples.len(), most, COLUMNS), -1.0);
        for (mut target, rows) in targets.outer_iter_mut().zip(&samples) {
            for (mut target, row) in target.outer_iter_mut().zip(rows) {
                target.iter_mut().zip(row).for_each(|(cell, number)| *cell = *number);
            }
        }
        Ok(targets.into())
    }
}

/// Reads boxes: time, x, y, width, height and class.
fn read_boxes(file: &Path) -> Result<Vec<[f64; COLUMNS]>, DataError> {
    let bytes = read(file)?;
    let parsed = Structured::read(&bytes, true).map_err(|error| damaged(file, error))?;
    let Some((array, start)) = parsed.filter(|(array, _)| array.plain.is_none()) else {
        return Err(damaged(file, "expected a structured array of boxes"));
    };
    let names: [&[&str]; COLUMNS] = [&["t", "ts"], &["x"], &["y"], &["w"], &["h"], &["class_id"]];
    let mut fields = Vec::with_capacity(COLUMNS);
    for names in names {
        let missing = || damaged(file, format!("the boxes have no field `{}`", names.join("` or `")));
        fields.push(array.field(names).ok_or_else(missing)?);
    }
    let data = &bytes[start..];
    if array.rows.checked_mul(array.row) != Some(data.len()) {
        let problem = format!(
            "byte {start}: {} boxes of {} bytes, but {} bytes follow the header",
            array.rows,
            array.row,
            data.len()
        );
        return Err(damaged(file, problem));
    }
    let rows = data.chunks_exact(array.row).enumerate();
    rows.map(|(index, row)| {
        let mut numbers = [0.0; COLUMNS];
        for (number, field) in numbers.iter_mut().zip(&fields) {
            *number = field.float(row).map_err(|problem| damaged(file, format!("box {index}: {problem}")))?;
        }
        match numbers[0] >= 0.0 && numbers[0] <= 9e15 {
            true => Ok(numbers),
            false => Err(damaged(file, format!("box {index}: {} is not a time in µs", numbers[0]))),
        }
    })
    .collect()
}
