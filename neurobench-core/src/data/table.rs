//! Data sets as the `[data]` table of a benchmark file describes them.

use std::path::Path;

use crate::component::{Named, Params, RegistryError, Settings as _, Spec, TakesSettings as _, resolve};
use crate::data::{Archive, Arrays, DataError, Dataset, datasets};
use crate::value::Value;

/// Key of the name of a data set. Without it, the keys show which of the built-in ones is meant.
const DATASET: &str = "dataset";
/// Setting of [`Archive`] that [`Arrays`] does not have.
const ARCHIVE: &str = "archive";

/// Constructs the data set that a table of a benchmark file describes. Relative paths are relative to `folder`.
///
/// `dataset` is the name of a linked [data set](crate::data::Datasets), and the other keys are its settings. Without
/// `dataset`, the data set is [`Archive`] if the table has the key `archive`, and [`Arrays`] otherwise. Keys that are not
/// settings of the data set, such as `batch_size`, must be removed by the caller.
///
/// # Errors
///
/// An unknown data set, settings that it does not accept, and files that cannot be read.
///
/// ```
/// use std::path::Path;
/// use neurobench::Value;
/// use neurobench::component::Params;
/// use neurobench::data::{Dataset, construct_data};
///
/// let keys = [("inputs", "inputs.npy"), ("targets", "targets.npy")];
/// let table: Params = keys.map(|(key, file)| (key.to_owned(), Value::Text(file.to_owned()))).into();
/// let data = construct_data(table, Path::new("../examples/digits"))?;
/// assert_eq!(data.item.samples(), 360);
/// # Ok::<(), neurobench::data::DataError>(())
/// ```
pub fn construct_data(mut table: Params, folder: &Path) -> Result<Named<dyn Dataset>, DataError> {
    let name = dataset_name(&table)?.to_owned();
    let is_named = table.remove(DATASET).is_some();
    let found = datasets().find(&name)?;
    resolve(&mut table, &found.constructor.params(), folder);
    datasets().construct(&Spec::new(name, table)).map_err(|error| match error {
        // Messages about the files name them; a name that the table does not have would not help.
        RegistryError::Construction { problem, .. } if !is_named => DataError::Other(problem),
        error => error.into(),
    })
}

/// Name of the data set that a table describes.
fn dataset_name(table: &Params) -> Result<&str, DataError> {
    match table.get(DATASET) {
        Some(Value::Text(name)) => Ok(name),
        Some(other) => Err(DataError::Other(format!("`{DATASET}`: expected text, found {}", other.to_json()))),
        None if table.contains_key(ARCHIVE) => Ok(Archive::ABOUT.name),
        None => Ok(Arrays::ABOUT.name),
    }
}

/// The keys of the table of the data set that it describes, and the required ones that are missing. `None` if the data set is
/// not known.
#[cfg(feature = "spec")]
pub(crate) fn data_keys(table: &Params) -> Option<(Vec<&'static str>, Vec<&'static str>)> {
    let params = datasets().find(dataset_name(table).ok()?).ok()?.constructor.params();
    let missing = params.iter().filter(|param| param.required && !table.contains_key(param.name));
    let missing = missing.map(|param| param.name).collect();
    // Without a name, an archive selects the data set.
    let selects = if table.contains_key(DATASET) { &[DATASET][..] } else { &[DATASET, ARCHIVE] };
    let mut known: Vec<&str> = params.iter().map(|param| param.name).chain(selects.iter().copied()).collect();
    known.dedup();
    Some((known, missing))
}

#[cfg(feature = "npy")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::OnDisk;

    const DIGITS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/digits");

    fn table(text: &str) -> Params {
        serde_json::from_str(text).unwrap()
    }

    fn problem(text: &str, folder: &Path) -> String {
        match construct_data(table(text), folder) {
            Ok(data) => panic!("{} was constructed", data.identity),
            Err(error) => error.to_string().replace(folder.to_str().unwrap(), "FOLDER"),
        }
    }

    /// A folder with `x.npy` of 2 samples, and `both.npz` with the arrays `x` and `y` of 2 samples.
    fn folder() -> tempfile::TempDir {
        use std::io::Write as _;

        use ndarray_npy::WriteNpyExt as _;
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = Vec::new();
        ndarray::array![[1.0_f32, 2.0], [3.0, 4.0]].write_npy(&mut bytes).unwrap();
        std::fs::write(folder.path().join("x.npy"), &bytes).unwrap();
        let mut archive = zip::ZipWriter::new(std::fs::File::create(folder.path().join("both.npz")).unwrap());
        for name in ["x.npy", "y.npy"] {
            let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
            archive.start_file(name, options).unwrap();
            archive.write_all(&bytes).unwrap();
        }
        archive.finish().unwrap();
        folder
    }

    #[test]
    fn two_files_and_an_archive_need_no_name_of_a_data_set() {
        let digits = Path::new(DIGITS);
        let files = r#""inputs": "inputs.npy", "targets": "targets.npy""#;
        let expected = OnDisk::npy(digits.join("inputs.npy"), digits.join("targets.npy")).unwrap();
        for text in [format!("{{{files}}}"), format!(r#"{{"dataset": "arrays", {files}}}"#)] {
            let data = construct_data(table(&text), digits).unwrap();
            assert_eq!(data.item.fingerprint().unwrap(), expected.fingerprint().unwrap());
            assert_eq!(data.item.names(), expected.names());
            assert!(data.identity.starts_with("arrays(inputs="), "{}", data.identity);
        }
        let folder = folder();
        let keys = r#""archive": "both.npz", "inputs": "x", "targets": "y""#;
        let expected = OnDisk::npz(folder.path().join("both.npz"), "x", "y").unwrap();
        for text in [format!("{{{keys}}}"), format!(r#"{{"dataset": "Archive", {keys}}}"#)] {
            let data = construct_data(table(&text), folder.path()).unwrap();
            assert_eq!(data.item.fingerprint().unwrap(), expected.fingerprint().unwrap());
            assert_eq!(data.item.names(), expected.names());
        }
        let split = construct_data(table(&format!(r#"{{{keys}, "sequences": [1, 1]}}"#)), folder.path()).unwrap();
        assert_eq!(split.item.sequences(), [1, 1]);
    }

    #[test]
    fn errors_name_the_file_or_the_setting() {
        let folder = folder();
        let path = folder.path();
        std::fs::write(path.join("x.csv"), "0.5,1.5\n").unwrap();
        std::fs::write(path.join("text.npy"), "0.5,1.5\n").unwrap();
        let unknown = problem(r#"{"inputs": "x.csv", "targets": "x.npy"}"#, path);
        let head = "FOLDER/x.csv: no data format reads this file; it looks like text; known formats are ";
        assert!(unknown.starts_with(head), "{unknown}");
        assert!(unknown.contains("a NumPy array (.npy)"), "{unknown}");
        assert!(unknown.contains("an archive of NumPy arrays (.npz)"), "{unknown}");
        for (text, message) in [
            (
                r#"{"inputs": "text.npy", "targets": "x.npy"}"#,
                "FOLDER/text.npy: not in the npy format: it does not begin with \\x93NUMPY; it looks like text",
            ),
            (
                r#"{"inputs": "both.npz", "targets": "x.npy"}"#,
                "FOLDER/both.npz: it holds several arrays: name the file as `archive`, and its arrays as `inputs` and \
                 `targets`; it looks like an archive of NumPy arrays (.npz)",
            ),
            (
                r#"{"archive": "x.npy", "inputs": "x", "targets": "y"}"#,
                "FOLDER/x.npy: not an archive of named arrays; it looks like a NumPy array (.npy)",
            ),
            (
                r#"{"archive": "both.npz", "inputs": "x", "targets": "z"}"#,
                "FOLDER/both.npz: no array `z`; it has x, y; did you mean `x`?",
            ),
            (
                r#"{"inputs": "x.npy", "targets": "x.npy", "sequences": [1]}"#,
                "the sequences have 1 samples in total, but the data set has 2",
            ),
            (r#"{"inputs": "x.npy"}"#, "data set `arrays`: setting `targets` is missing; it has no default"),
            (
                r#"{"inputs": "x.npy", "target": "x.npy"}"#,
                "data set `arrays`: no setting `target`; it has inputs, targets, sequences; did you mean `targets`?",
            ),
            (r#"{"dataset": "arays"}"#, "no data set `arays`; did you mean `arrays`?"),
            (r#"{"dataset": 3}"#, "`dataset`: expected text, found 3"),
            (
                r#"{"dataset": "arrays", "inputs": "text.npy", "targets": "x.npy"}"#,
                "data set `arrays`: FOLDER/text.npy: not in the npy format: it does not begin with \\x93NUMPY; it looks \
                 like text",
            ),
        ] {
            assert_eq!(problem(text, path), message);
        }
        assert!(
            problem(r#"{"inputs": "no.npy", "targets": "x.npy"}"#, path).starts_with("cannot read FOLDER/no.npy: ")
        );
        assert!(
            problem(r#"{"inputs": "no.csv", "targets": "x.npy"}"#, path).starts_with("cannot read FOLDER/no.csv: ")
        );
    }

    #[test]
    fn a_file_without_a_known_extension_is_recognized_by_its_first_bytes() {
        let folder = folder();
        std::fs::copy(folder.path().join("x.npy"), folder.path().join("x.data")).unwrap();
        let data = construct_data(table(r#"{"inputs": "x.data", "targets": "x.npy"}"#), folder.path()).unwrap();
        assert_eq!(data.item.samples(), 2);
    }
}
