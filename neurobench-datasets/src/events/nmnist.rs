//! N-MNIST.

use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset};
use neurobench_core::dataset;

use super::EventSplit;
use super::folders::{self, WholeFiles};
use super::formats::{EventFormat, NpyEvents};
use crate::OnError;
use crate::recordings::{Publication, Recording, Recordings};

const PUBLICATION: Publication =
    Publication { title: "N-MNIST", url: "https://www.garrickorchard.com/datasets/n-mnist", license: "CC BY-SA 4.0" };

/// N-MNIST (Orchard et al. 2015): handwritten digits seen by a moving event camera of 34 x 34 pixels.
///
/// The folder holds `Train` and `Test`, each with the folders `0` to `9` of files `.bin` (or `.bs2`) of 40-bit records: 60,000
/// and 10,000 recordings of about 300 ms, in three movements of the camera. Samples are ordered by class, then by file name.
/// Inputs are event tensors `[batch, event, 4]`; targets are the digits `[batch]`. `crop_time(end=100000)` keeps the first
/// movement.
#[dataset(cite = "10.3389/fnins.2015.00437")]
pub fn nmnist(
    /// Folder with `Train` and `Test`.
    #[param]
    folder: InputPath,
    /// Part that is read: `train` or `test`.
    #[param(default = EventSplit::Test)]
    split: EventSplit,
    /// Reaction to recordings that cannot be decoded: `fail`, or `skip`, which decodes all of them once and leaves out the
    /// damaged ones; a missing file is always an error.
    #[param(default = OnError::Fail)]
    on_error: OnError,
) -> Result<impl Dataset, DataError> {
    let folder = folder.as_ref().join(split.choose("Train", "Test"));
    let mut recordings = Vec::new();
    for digit in 0..10 {
        let digits = folder.join(digit.to_string());
        if !digits.is_dir() {
            return Err(PUBLICATION.missing(&digits));
        }
        let files = folders::entries(&digits)?;
        let files = files.into_iter().filter(|file| matches!(folders::extension(file).as_str(), "bin" | "bs2"));
        recordings.extend(files.map(|file| Recording { file, part: (), class: digit }));
    }
    let decoder = WholeFiles { format: Some(EventFormat::Records40), npy: NpyEvents::default() };
    Recordings::new(&folder, recordings, decoder, on_error)
}
