//! Imagined movements in the electroencephalogram.

use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset, OnDisk};
use neurobench_core::dataset;
use serde::{Deserialize, Serialize};

use super::converted::{Converted, Targets};
use crate::recordings::Publication;

/// Part of the trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EegSplit {
    /// `train_X.npy` and `train_y.npy`.
    Train,
    /// `val_X.npy` and `val_y.npy`.
    #[default]
    Validation,
}

const PUBLICATION: Publication = Publication {
    title: "the EEG motor imagery data of the THOR challenge",
    url: "https://huggingface.co/datasets/NeuroBench/thor_eeg_mi",
    license: "that page states the license; derived from Lee et al. 2019, doi 10.1093/gigascience/giz002",
};

/// EEG motor imagery: trials in which a person imagines to move the right hand (class 0) or the left (class 1), as
/// preprocessed for the THOR challenge of NeuroBench.
///
/// Inputs are `f32` `[sample, step, channel]`, targets classes `[sample]`. The folder has the files `train_X.npy`,
/// `train_y.npy`, `val_X.npy` and `val_y.npy`; rows are read on demand.
#[dataset(cite = "10.1093/gigascience/giz002")]
pub fn eeg_motor_imagery(
    /// Folder of the files.
    #[param]
    folder: InputPath,
    /// Part that is read: `train` or `validation`.
    #[param(default = EegSplit::Validation)]
    split: EegSplit,
) -> Result<Box<dyn Dataset>, DataError> {
    let name = match split {
        EegSplit::Train => "train",
        EegSplit::Validation => "val",
    };
    let [inputs, targets] = ["X", "y"].map(|part| folder.0.join(format!("{name}_{part}.npy")));
    if let Some(missing) = [&inputs, &targets].into_iter().find(|file| !file.exists()) {
        return Err(PUBLICATION.missing(missing));
    }
    Ok(Box::new(Converted::new(OnDisk::arrays(inputs, targets)?, Targets::Classes)?))
}
