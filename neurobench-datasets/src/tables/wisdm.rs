//! Activities of people by the sensors of a watch.

use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset, OnDisk};
use neurobench_core::dataset;
use serde::{Deserialize, Serialize};

use super::converted::{Converted, Targets};
use crate::recordings::Publication;

/// Part of the activities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WisdmSplit {
    /// `arr_0` and `arr_3`.
    Train,
    /// `arr_1` and `arr_4`.
    Validation,
    /// `arr_2` and `arr_5`.
    #[default]
    Test,
}

const FILE: &str = "watch_subset2_40.npz";
const PUBLICATION: Publication = Publication {
    title: "the WISDM subset of NeuroBench",
    url: "https://drive.google.com/drive/folders/1WCN-XwLM_D2nOTZLY00iGwEJLwDQaUCv",
    license: "WISDM Smartphone and Smartwatch Activity and Biometrics Dataset, CC BY 4.0",
};

/// WISDM: activities of people by the accelerometer and the gyroscope of a watch, in the file that NeuroBench reads,
/// `watch_subset2_40.npz`.
///
/// Inputs are `f32` `[sample, step, channel]` with 40 steps of 50 ms (20 Hz) and 6 channels, targets the classes `[sample]`
/// of the stored one-hot vectors. The archive has the inputs for training, validation and test as `arr_0` to `arr_2` and
/// their targets as `arr_3` to `arr_5`.
#[dataset(cite = "10.1109/ACCESS.2019.2940729")]
pub fn wisdm(
    /// Folder of the file, or the file.
    #[param]
    folder: InputPath,
    /// Part that is read: `train`, `validation` or `test`.
    #[param(default = WisdmSplit::Test)]
    split: WisdmSplit,
) -> Result<Box<dyn Dataset>, DataError> {
    let file = if folder.0.is_file() { folder.0 } else { folder.0.join(FILE) };
    if !file.exists() {
        return Err(PUBLICATION.missing(&file));
    }
    let (inputs, targets) = match split {
        WisdmSplit::Train => ("arr_0", "arr_3"),
        WisdmSplit::Validation => ("arr_1", "arr_4"),
        WisdmSplit::Test => ("arr_2", "arr_5"),
    };
    Ok(Box::new(Converted::new(OnDisk::archive(file, inputs, targets)?, Targets::OneHot)?))
}
