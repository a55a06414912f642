//! Images with classes in IDX files.

use std::path::{Path, PathBuf};

use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, OnDisk};
use neurobench_core::dataset;
use serde::{Deserialize, Serialize};

use crate::recordings::Publication;

/// Part of a data set of the MNIST family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageSplit {
    /// Training images.
    Train,
    /// Test images, whose files begin with `t10k` or `test`.
    #[default]
    Test,
}

const PUBLICATION: Publication = Publication {
    title: "a data set of the MNIST family",
    url: "http://yann.lecun.com/exdb/mnist/, https://github.com/zalandoresearch/fashion-mnist or \
          https://www.nist.gov/itl/products-and-services/emnist-dataset",
    license: "the license depends on the data set: MNIST CC BY-SA 3.0, Fashion-MNIST MIT",
};

/// Images of the MNIST family (MNIST, Fashion-MNIST, EMNIST, KMNIST) in their published files.
///
/// Inputs are bytes `[sample, row, column]` as they are stored, targets classes `[sample]`. The folder has the files
/// `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, and for the test `t10k-..` or `test-..`. A file may be
/// compressed (`.gz`), and a dot may stand for the hyphen before `idx`. Rows of uncompressed files are read on demand;
/// compressed files are decompressed at once. The stored number of images must equal the stored number of labels, and
/// every file must be as long as its header describes. Any other two IDX files are read by `dataset = "arrays"`.
#[dataset(cite = "10.1109/5.726791")]
pub fn idx(
    /// Folder of the files.
    #[param]
    folder: InputPath,
    /// Part that is read: `train` or `test`.
    #[param(default = ImageSplit::Test)]
    split: ImageSplit,
    /// Beginning of the file names, such as `emnist-letters-`.
    #[param(default = String::new())]
    prefix: String,
) -> Result<OnDisk, DataError> {
    let find = |part: &str| find(folder.as_ref(), &prefix, split, part);
    OnDisk::arrays(find("images-idx3-ubyte")?, find("labels-idx1-ubyte")?)
}

fn find(folder: &Path, prefix: &str, split: ImageSplit, part: &str) -> Result<PathBuf, DataError> {
    let splits: &[&str] = match split {
        ImageSplit::Train => &["train"],
        ImageSplit::Test => &["t10k", "test"],
    };
    let names = splits.iter().flat_map(|split| {
        [part.to_owned(), part.replace("-idx", ".idx")].map(|part| format!("{prefix}{split}-{part}"))
    });
    let files = names.flat_map(|name| [folder.join(&name), folder.join(format!("{name}.gz"))]);
    let mut files = files.peekable();
    let first = files.peek().cloned().unwrap_or_default();
    files.find(|file| file.is_file()).ok_or_else(|| PUBLICATION.missing(&first))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use neurobench_core::data::Dataset as _;

    use super::*;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    const IMAGES: &[u8] = &[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4];
    const LABELS: &[u8] = &[0, 0, 8, 1, 0, 0, 0, 2, 7, 9];

    #[test]
    fn images_and_classes_of_a_split_are_found_by_their_published_names() {
        let folder = folder(&[("x-t10k-images-idx3-ubyte", IMAGES), ("x-t10k-labels.idx1-ubyte", LABELS)]);
        let data = idx(folder.path().into(), ImageSplit::Test, "x-".to_owned()).unwrap();
        let expected = (ndarray::array![[[3_u8, 4]]].into(), ndarray::array![9_u8].into());
        assert_eq!(data.batch(1..2).unwrap(), expected);
    }

    #[test]
    fn missing_files_and_different_counts_are_errors() {
        let problem = |folder: &tempfile::TempDir| {
            let error = idx(folder.path().into(), ImageSplit::Train, String::new()).unwrap_err();
            error.to_string().replace(folder.path().to_str().unwrap(), "FOLDER")
        };
        let images = ("train-images-idx3-ubyte", IMAGES);
        let missing = problem(&folder(&[images]));
        assert!(
            missing.starts_with("FOLDER/train-labels-idx1-ubyte: not found; it is a part of a data set"),
            "{missing}"
        );
        let three: &[u8] = &[0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9];
        assert_eq!(problem(&folder(&[images, ("train-labels-idx1-ubyte", three)])), "2 inputs, but 3 targets");
    }
}
