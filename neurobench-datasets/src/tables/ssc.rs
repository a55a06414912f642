//! Spoken commands as spikes.

use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset};
use neurobench_core::dataset;
use serde::{Deserialize, Serialize};

use super::heidelberg;
use crate::OnError;
use crate::recordings::Publication;

/// Part of the Spiking Speech Commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SscSplit {
    /// `ssc_train.h5`.
    Train,
    /// `ssc_valid.h5`.
    Validation,
    /// `ssc_test.h5`.
    #[default]
    Test,
}

const PUBLICATION: Publication = Publication {
    title: "Spiking Speech Commands",
    url: "https://zenkelab.org/datasets/ (ssc_train.h5.zip, ssc_valid.h5.zip, ssc_test.h5.zip)",
    license: "CC BY 4.0",
};

/// Spiking Speech Commands: the 35 words of Google Speech Commands as spikes of 700 units.
///
/// Inputs and targets are those of `shd`: events `i64` `[sample, event, 4]` and classes `[sample]`. Samples
/// are in the order of the file `ssc_train.h5`, `ssc_valid.h5` or `ssc_test.h5` and are read on demand.
#[dataset(cite = "10.1109/TNNLS.2020.3044364")]
pub fn ssc(
    /// Folder of the files.
    #[param]
    folder: InputPath,
    /// Part that is read: `train`, `validation` or `test`.
    #[param(default = SscSplit::Test)]
    split: SscSplit,
    /// Reaction to recordings that cannot be decoded: `fail`, or `skip`, which decodes all of them once and leaves out the
    /// damaged ones; a missing file is always an error.
    #[param(default = OnError::Fail)]
    on_error: OnError,
) -> Result<Box<dyn Dataset>, DataError> {
    let name = match split {
        SscSplit::Train => "ssc_train.h5",
        SscSplit::Validation => "ssc_valid.h5",
        SscSplit::Test => "ssc_test.h5",
    };
    Ok(Box::new(heidelberg::open(folder.as_ref(), name, 35, &PUBLICATION, on_error)?))
}
