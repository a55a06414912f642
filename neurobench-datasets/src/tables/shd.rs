//! Spoken digits as spikes.

use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset};
use neurobench_core::dataset;
use serde::{Deserialize, Serialize};

use super::heidelberg;
use crate::OnError;
use crate::recordings::Publication;

/// Part of the Spiking Heidelberg Digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShdSplit {
    /// `shd_train.h5`.
    Train,
    /// `shd_test.h5`.
    #[default]
    Test,
}

const PUBLICATION: Publication = Publication {
    title: "Spiking Heidelberg Digits",
    url: "https://zenkelab.org/datasets/ (shd_train.h5.zip, shd_test.h5.zip)",
    license: "CC BY 4.0",
};

/// Spiking Heidelberg Digits: spoken digits of 20 classes (zero to nine in English, then in German) as spikes of 700 units.
///
/// Inputs are events (`neurobench::data::events`), `i64` `[sample, event, 4]`: the time of a spike in µs, rounded
/// toward zero, its unit as x, y 0 and polarity 1. Targets are classes `[sample]`. Samples are in the order of the file
/// `shd_train.h5` or `shd_test.h5` and are read on demand.
#[dataset(cite = "10.1109/TNNLS.2020.3044364")]
pub fn shd(
    /// Folder of the files.
    #[param]
    folder: InputPath,
    /// Part that is read: `train` or `test`.
    #[param(default = ShdSplit::Test)]
    split: ShdSplit,
    /// Reaction to recordings that cannot be decoded: `fail`, or `skip`, which decodes all of them once and leaves out the
    /// damaged ones; a missing file is always an error.
    #[param(default = OnError::Fail)]
    on_error: OnError,
) -> Result<Box<dyn Dataset>, DataError> {
    let name = match split {
        ShdSplit::Train => "shd_train.h5",
        ShdSplit::Test => "shd_test.h5",
    };
    Ok(Box::new(heidelberg::open(folder.as_ref(), name, 20, &PUBLICATION, on_error)?))
}
