//! Data sets that decode one recording for each sample, when it is needed.

use std::collections::HashSet;
use std::io::Read as _;
use std::num::NonZero;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::Array1;
use neurobench_core::data::{DataError, Dataset, Fingerprint};
use neurobench_core::files;
use neurobench_core::model::Tensor;
use serde::{Deserialize, Serialize};

/// Reaction to recordings that cannot be decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The first one that is needed ends the run.
    #[default]
    Fail,
    /// All recordings are decoded once when the data set is opened; the damaged ones are left out, and a note of the
    /// report counts and names them. A file that is missing or cannot be read is an error, and so is a data set of which
    /// nothing is left.
    Skip,
}

/// Place of one sample: a file, or a part of one, and its class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recording<P = ()> {
    pub(crate) file: PathBuf,
    /// Part of the file that is the sample.
    pub(crate) part: P,
    pub(crate) class: i64,
}

/// Decoder of the recordings of a data set.
pub(crate) trait Decode: Send + Sync {
    /// Part of a file that is a sample; `()` if every file is one sample.
    type Part: Send + Sync;
    /// Decoded sample.
    type Sample: Send;

    /// Decodes one recording.
    fn decode(&self, recording: &Recording<Self::Part>) -> Result<Self::Sample, DataError>;

    /// Combines samples, at least one, into inputs `[batch, ..]`.
    fn stack(&self, samples: Vec<Self::Sample>) -> Result<Tensor, DataError>;

    /// Returns the targets of recordings, at least one: their classes, unless a data set has others.
    fn targets(&self, recordings: &[Recording<Self::Part>]) -> Result<Tensor, DataError> {
        let classes: Array1<i64> = recordings.iter().map(|recording| recording.class).collect();
        Ok(classes.into())
    }

    /// True if the samples of a file are consecutive parts of one sequence.
    const CONSECUTIVE: bool = false;
}

/// Data set of recordings with classes. Memory is bounded by the batch.
pub(crate) struct Recordings<D: Decode> {
    /// Folder of all files, and their name in messages.
    folder: PathBuf,
    recordings: Vec<Recording<D::Part>>,
    /// Files with labels, whose contents belong to the data set.
    companions: Vec<PathBuf>,
    decoder: D,
    notes: Vec<String>,
    fingerprint: OnceLock<String>,
}

impl<D: Decode> Recordings<D> {
    /// Creates a data set of recordings in a folder. With [`OnError::Skip`], it decodes all of them once.
    pub(crate) fn new(
        folder: &Path,
        recordings: Vec<Recording<D::Part>>,
        decoder: D,
        on_error: OnError,
    ) -> Result<Self, DataError> {
        let mut data = Self {
            folder: folder.to_owned(),
            recordings,
            companions: Vec::new(),
            decoder,
            notes: Vec::new(),
            fingerprint: OnceLock::new(),
        };
        if on_error == OnError::Skip {
            data.leave_out_damaged()?;
        }
        if data.recordings.is_empty() {
            return Err(DataError::Other(format!("{}: there are no recordings to read", folder.display())));
        }
        Ok(data)
    }

    /// Adds a note for reports.
    pub(crate) fn with_note(mut self, note: Option<String>) -> Self {
        self.notes.extend(note);
        self
    }

    /// Recordings that are samples: those that were left out are not among them.
    pub(crate) fn recordings(&self) -> &[Recording<D::Part>] {
        &self.recordings
    }

    /// Adds files with labels, whose contents belong to the data set.
    pub(crate) fn with_companions(mut self, files: Vec<PathBuf>) -> Self {
        self.companions = files;
        self
    }

    fn leave_out_damaged(&mut self) -> Result<(), DataError> {
        let problems = self.problems()?;
        let (damaged, total) = (problems.iter().flatten().count(), problems.len());
        if damaged == 0 {
            return Ok(());
        }
        // Enough to find the cause; a run over thousands of damaged files must not bury its results.
        const NAMED: usize = 3;
        let named: Vec<&str> = problems.iter().flatten().take(NAMED).map(String::as_str).collect();
        let more = match damaged.saturating_sub(NAMED) {
            0 => String::new(),
            1 => "; and 1 other".to_owned(),
            others => format!("; and {others} others"),
        };
        let reasons = format!("{}{more}", named.join("; "));
        if damaged == total {
            let folder = self.folder.display();
            let problem = format!("{folder}: none of the {total} recordings could be decoded: {reasons}");
            return Err(DataError::Other(problem));
        }
        self.notes.push(format!("{damaged} of {total} recordings could not be decoded and were left out: {reasons}"));
        let mut problems = problems.into_iter();
        self.recordings.retain(|_| problems.next().is_some_and(|problem| problem.is_none()));
        Ok(())
    }

    /// Decodes every recording and returns the problem of each that is damaged.
    ///
    /// # Errors
    ///
    /// The first file that is missing or cannot be read: it may be whole elsewhere.
    fn problems(&self) -> Result<Vec<Option<String>>, DataError> {
        let next = AtomicUsize::new(0);
        let decode = || {
            let mut problems = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(recording) = self.recordings.get(index) else { break problems };
                if let Err(error) = self.decoder.decode(recording) {
                    problems.push((index, error));
                }
            }
        };
        let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
        let mut found: Vec<_> = std::thread::scope(|scope| {
            let others: Vec<_> = (1..workers).map(|_| scope.spawn(decode)).collect();
            let mut found = decode();
            for other in others {
                found.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            found
        });
        found.sort_by_key(|(index, _)| *index);
        let mut problems = vec![None; self.recordings.len()];
        for (index, error) in found {
            match error {
                DataError::Read { .. } => return Err(error),
                error => problems[index] = Some(error.to_string()),
            }
        }
        Ok(problems)
    }

    fn hash(&self) -> Result<String, DataError> {
        let mut all = Fingerprint::default();
        let mut hashed = HashSet::new();
        for recording in &self.recordings {
            let name = recording.file.strip_prefix(&self.folder).unwrap_or(&recording.file);
            all.text(&format!("{} {}\n", name.to_string_lossy().replace('\\', "/"), recording.class));
            // Several samples may be parts of one file.
            if hashed.insert(&recording.file) {
                hash_file(&mut all, &recording.file)?;
            }
        }
        for companion in &self.companions {
            hash_file(&mut all, companion)?;
        }
        Ok(all.finish())
    }
}

impl<D: Decode> Dataset for Recordings<D> {
    fn samples(&self) -> usize {
        self.recordings.len()
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        let samples = self.samples();
        let Some(recordings) = self.recordings.get(range.clone()).filter(|recordings| !recordings.is_empty()) else {
            return Err(DataError::Range { range, samples });
        };
        let decoded = recordings.iter().map(|recording| self.decoder.decode(recording)).collect::<Result<_, _>>()?;
        Ok((self.decoder.stack(decoded)?, self.decoder.targets(recordings)?))
    }

    fn sequences(&self) -> Vec<usize> {
        if !D::CONSECUTIVE {
            return vec![self.samples()];
        }
        self.recordings.chunk_by(|one, next| one.file == next.file).map(<[_]>::len).collect()
    }

    fn names(&self) -> (String, String) {
        let folder = self.folder.display().to_string();
        (folder.clone(), folder)
    }

    /// Digest of the names, classes and contents of all files.
    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        digest_once(&self.fingerprint, || self.hash())
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = self.recordings.iter().map(|recording| recording.file.clone()).collect();
        files.dedup();
        files.extend_from_slice(&self.companions);
        files
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// Reads a whole file.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, DataError> {
    files::read(file).map_err(|problem| DataError::Read { file: file.to_owned(), problem })
}

/// Returns the digest of a data set, which is computed once.
pub(crate) fn digest_once(
    digest: &OnceLock<String>,
    compute: impl FnOnce() -> Result<String, DataError>,
) -> Result<Option<String>, DataError> {
    if let Some(digest) = digest.get() {
        return Ok(Some(digest.clone()));
    }
    let computed = compute()?;
    Ok(Some(digest.get_or_init(|| computed).clone()))
}

/// Adds the bytes of a file to a digest, piece by piece.
pub(crate) fn hash_file(all: &mut Fingerprint, path: &Path) -> Result<(), DataError> {
    let unreadable = |problem| DataError::Read { file: path.to_owned(), problem };
    let mut file = files::open(path).map_err(unreadable)?;
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece).map_err(unreadable)? {
            0 => return Ok(()),
            count => all.bytes(&piece[..count]),
        }
    }
}

/// Returns an error about the contents of a file.
pub(crate) fn damaged(file: &Path, problem: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> DataError {
    DataError::Format { file: file.to_owned(), array: None, problem: problem.into(), looks: String::new() }
}

/// Joins a path from a file, such as a split list, to the folder of the data set.
///
/// # Errors
///
/// A path that is absolute or leads out of the folder: lists come from strangers.
pub(crate) fn join_within(folder: &Path, path: &str) -> Result<PathBuf, String> {
    use std::path::Component;
    let relative = Path::new(path);
    let stays = relative.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    match stays && !path.is_empty() && !path.contains('\\') {
        true => Ok(folder.join(relative)),
        false => Err(format!("the path `{}` does not stay in the folder of the data set", path.escape_debug())),
    }
}

/// Publication of a data set, for messages about missing files.
pub(crate) struct Publication {
    /// Name of the data set.
    pub(crate) title: &'static str,
    /// Page from which it can be downloaded.
    pub(crate) url: &'static str,
    /// License of the data.
    pub(crate) license: &'static str,
}

impl Publication {
    /// Returns an error about a file or folder that the data set has and this folder does not.
    pub(crate) fn missing(&self, file: &Path) -> DataError {
        let Self { title, url, license } = self;
        let problem = match file.metadata() {
            Ok(found) if found.is_file() => "a file, but a folder is needed",
            Ok(_) => "a folder, but a file is needed",
            Err(_) => "not found",
        };
        let file = file.display();
        DataError::Other(format!("{file}: {problem}; it is a part of {title}, which {url} publishes ({license})"))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Files that hold one number as text.
    struct Numbers;

    impl Decode for Numbers {
        type Part = ();
        type Sample = f32;

        fn decode(&self, recording: &Recording) -> Result<f32, DataError> {
            let text = String::from_utf8_lossy(&read(&recording.file)?).into_owned();
            text.parse().map_err(|_| damaged(&recording.file, format!("not a number: {text}")))
        }

        fn stack(&self, samples: Vec<f32>) -> Result<Tensor, DataError> {
            Ok(Array1::from(samples).into())
        }
    }

    fn folder(contents: &[&str]) -> (tempfile::TempDir, Vec<Recording>) {
        let folder = tempfile::tempdir().unwrap();
        let write = |(index, content): (usize, &&str)| {
            let file = folder.path().join(format!("{index}.txt"));
            fs::write(&file, content).unwrap();
            Recording { file, part: (), class: index as i64 }
        };
        let recordings = contents.iter().enumerate().map(write).collect();
        (folder, recordings)
    }

    #[test]
    fn batches_hold_the_decoded_recordings_with_their_classes() {
        let (folder, recordings) = folder(&["0.5", "1.5", "2.5"]);
        let data = Recordings::new(folder.path(), recordings, Numbers, OnError::Fail).unwrap();
        assert_eq!(data.samples(), 3);
        let expected = (ndarray::array![1.5_f32, 2.5].into(), ndarray::array![1_i64, 2].into());
        assert_eq!(data.batch(1..3).unwrap(), expected);
        let error = data.batch(2..4).unwrap_err();
        assert_eq!(error.to_string(), "samples 2..4 are out of range: the data set has 3");
    }

    #[test]
    fn a_damaged_recording_fails_when_it_is_needed_or_is_left_out_and_named() {
        let contents = ["0.5", "x", "2.5", "y", "z", "w"];
        let (folder, recordings) = folder(&contents);
        let data = Recordings::new(folder.path(), recordings.clone(), Numbers, OnError::Fail).unwrap();
        assert!(data.batch(0..1).is_ok());
        let error = data.batch(0..2).unwrap_err().to_string().replace(folder.path().to_str().unwrap(), "FOLDER");
        assert_eq!(error, "FOLDER/1.txt: not a number: x");
        assert_eq!(data.notes(), [""; 0]);

        let data = Recordings::new(folder.path(), recordings, Numbers, OnError::Skip).unwrap();
        assert_eq!(data.batch(0..2).unwrap().1, ndarray::array![0_i64, 2].into());
        assert_eq!(data.samples(), 2);
        let notes = data.notes().join("\n").replace(folder.path().to_str().unwrap(), "FOLDER");
        let expected = "4 of 6 recordings could not be decoded and were left out: FOLDER/1.txt: not a number: x; \
                        FOLDER/3.txt: not a number: y; FOLDER/4.txt: not a number: z; and 1 other";
        assert_eq!(notes, expected);
    }

    #[test]
    fn the_fingerprint_depends_on_contents_names_and_classes_but_not_on_the_folder() {
        let fingerprint = |contents: &[&str], class: i64| {
            let (folder, mut recordings) = folder(contents);
            recordings[0].class = class;
            let data = Recordings::new(folder.path(), recordings, Numbers, OnError::Fail).unwrap();
            data.fingerprint().unwrap().unwrap()
        };
        let first = fingerprint(&["0.5", "1.5"], 0);
        assert_eq!(first, fingerprint(&["0.5", "1.5"], 0));
        assert_ne!(first, fingerprint(&["0.5", "1.25"], 0));
        assert_ne!(first, fingerprint(&["0.5", "1.5"], 1));
    }

    #[test]
    fn a_data_set_of_damaged_recordings_is_an_error_with_the_first_reasons() {
        let (folder, recordings) = folder(&["x", "y", "z", "v", "w"]);
        let error = Recordings::new(folder.path(), recordings, Numbers, OnError::Skip).err().unwrap().to_string();
        let expected = "FOLDER: none of the 5 recordings could be decoded: FOLDER/0.txt: not a number: x; FOLDER/1.txt: not a \
                        number: y; FOLDER/2.txt: not a number: z; and 2 others";
        assert_eq!(error.replace(folder.path().to_str().unwrap(), "FOLDER"), expected);
    }

    #[test]
    fn a_missing_file_is_not_left_out() {
        let (folder, recordings) = folder(&["0.5", "x", "2.5"]);
        fs::remove_file(&recordings[2].file).unwrap();
        let error = Recordings::new(folder.path(), recordings, Numbers, OnError::Skip).err().unwrap();
        assert!(error.to_string().contains("2.txt"), "{error}");
    }

    #[test]
    fn paths_from_files_stay_in_the_folder() {
        let folder = Path::new("data");
        assert_eq!(join_within(folder, "bed/1.wav").unwrap(), Path::new("data/bed/1.wav"));
        for path in ["../x", "a/../../x", "/etc/passwd", "a\\..\\x", ""] {
            let error = join_within(folder, path).unwrap_err();
            assert!(error.ends_with("does not stay in the folder of the data set"), "{error}");
        }
    }
}
