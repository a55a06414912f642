//! Your own recordings, in a folder for each class.

use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset};
use neurobench_core::dataset;

use super::folders::{self, WholeFiles};
use super::formats::{EventFormat, NpyEvents, TimeUnit};
use crate::OnError;
use crate::recordings::{Recording, Recordings};

/// Files of events in a folder for each class, such as N-CARS or your own recordings.
///
/// Classes are numbered in the order of the names of their folders. Files are 40-bit records (`.bin`, `.bs2`), AEDAT 2.0, 3.1
/// and 4 (`.aedat`, `.aedat4`), DAT of Prophesee (`.dat`), EVT 2.0 and 3.0 (`.raw`) and arrays of NumPy (`.npy`), recognized
/// by their first bytes; files with other extensions are ignored. Arrays of NumPy are structured, with fields for time, x, y
/// and polarity, or plain, `[event, 4]`, with columns in the order of `columns`. A plain array whose times decrease at more
/// than a quarter of its events is an error: its columns are probably in another order. Inputs are event tensors
/// `[batch, event, 4]`; targets are the classes `[batch]`.
///
/// Recordings in `gestures/wave/1.npy` and the like, as arrays with the columns x, y, time in ms and polarity:
///
/// ```toml
/// [data]
/// dataset = "event_folders"
/// folder = "gestures"
/// columns = "xytp"
/// time_unit = "ms"
/// ```
#[dataset]
pub fn event_folders(
    /// Folder with a folder for each class.
    #[param]
    folder: InputPath,
    /// Columns of plain arrays of NumPy: the letters t, x, y and p (polarity) in their order.
    #[param(default = "txyp".to_owned())]
    columns: String,
    /// Unit of the times in arrays of NumPy: `us`, `ms` or `s`.
    #[param(default = TimeUnit::Us)]
    time_unit: TimeUnit,
    /// Reaction to recordings that cannot be decoded: `fail`, or `skip`, which decodes all of them once and leaves out the
    /// damaged ones; a missing file is always an error.
    #[param(default = OnError::Fail)]
    on_error: OnError,
) -> Result<impl Dataset, DataError> {
    let mut letters: Vec<char> = columns.chars().collect();
    letters.sort_unstable();
    if letters != ['p', 't', 'x', 'y'] {
        let columns = columns.escape_debug();
        return Err(format!(
            "`columns` must have the letters t, x, y and p once each, in the order of the columns, such as `xytp`, not \
             `{columns}`"
        )
        .into());
    }
    let folder = folder.as_ref();
    let mut recordings = Vec::new();
    let classes = folders::entries(folder)?.into_iter().filter(|path| path.is_dir());
    for (class, path) in (0..).zip(classes) {
        let files = folders::entries(&path)?;
        let files = files.into_iter().filter(|file| EventFormat::has_extension(&folders::extension(file)));
        let before = recordings.len();
        recordings.extend(files.map(|file| Recording { file, part: (), class }));
        if recordings.len() == before {
            return Err(format!("{}: the folder of a class has no files of events", path.display()).into());
        }
    }
    let decoder = WholeFiles { format: None, npy: NpyEvents { columns, time_unit } };
    Recordings::new(folder, recordings, decoder, on_error)
}
