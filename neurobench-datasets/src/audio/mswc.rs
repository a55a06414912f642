//! Multilingual Spoken Words: the few-shot class-incremental task of NeuroBench.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset};
use neurobench_core::{dataset, files};
use serde::{Deserialize, Serialize};

use super::Split;
use super::clips::Clips;
use crate::recordings::{OnError, Publication, Recording, Recordings, damaged, join_within};

/// Classes in their order: on each line a language, then its words. 100 base classes of five languages come first.
const WORDS: &str = include_str!("mswc_words.txt");

/// Number of classes that a model knows before the first session.
const BASE_CLASSES: usize = 100;

/// Number of classes of the languages that are learned later.
const SESSION_CLASSES: usize = 10;

/// Clips of each of these classes, in their order: the first for support, the rest for queries.
const SUPPORT_CLIPS: usize = 100;
const QUERY_CLIPS: usize = 100;

const PUBLISHED: Publication = Publication {
    title: "the MSWC subset for few-shot class-incremental learning",
    url: "https://huggingface.co/datasets/NeuroBench/mswc_fscil_subset",
    license: "CC BY 4.0",
};

/// Part of the task on MSWC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MswcPart {
    /// The 100 classes that are known from the beginning.
    #[default]
    Base,
    /// The few clips from which the classes of a session are learned.
    Support,
    /// The clips with which the classes of all sessions up to this one are tested.
    Query,
}

/// Keyword few-shot class-incremental learning on the Multilingual Spoken Words Corpus, as inputs `f32` `[batch, 1, sample]` of
/// one second and classes `i64` `[batch]`: 200 words, numbered as in NeuroBench.
///
/// * `part = "base"`: 100 words of five languages, from `base_train.csv`, `base_val.csv` or `base_test.csv`, in their
///   order: 500, 100 and 100 clips of each.
/// * `part = "support"`: the ten words of the language of session n, from `LANGUAGE/evaluation.csv`, of which each has 200
///   clips; the first 100 are for support. Repeat r has clips r·`shots` to (r + 1)·`shots` − 1 of each word, so repeats
///   have no clip in common: 20 of them with five shots. (NeuroBench draws them at random.)
/// * `part = "query"`: the last 100 clips of each word of sessions 1 to n. A model that has learned session n is evaluated
///   on these and on the test clips of the base classes.
///
/// `folder` has these lists, and the clips in `LANGUAGE/clips/WORD/NAME.wav`. The clips are published in the Opus format,
/// which is not read, and converted to WAV at 16 kHz; lists may name either. Integers of 16 bits, mono. Shorter clips end
/// with zeros.
///
/// Not downloaded: the lists and clips are at <https://huggingface.co/datasets/NeuroBench/mswc_fscil_subset> (CC BY 4.0).
#[dataset(
    alias = "multilingual_spoken_words",
    cite = "Mazumder et al. 2021, https://openreview.net/forum?id=c20jiJ5K2H",
    cite = "Yik et al. 2025, doi:10.1038/s41467-025-56739-4"
)]
#[expect(clippy::too_many_arguments, reason = "each is a setting")]
pub fn mswc(
    /// Folder of the lists and of the folders of languages.
    #[param]
    folder: InputPath,
    /// Part of the task: `base`, `support` or `query`.
    #[param(default = MswcPart::Base)]
    part: MswcPart,
    /// Clips of the base classes: `train`, `validation` or `test`.
    #[param(default = Split::Test)]
    split: Split,
    /// Number of the session, from 1.
    #[param(default = 10, range = 1..=10)]
    session: usize,
    /// Languages of the sessions, in their order.
    #[param(default = published_languages())]
    languages: Vec<String>,
    /// Number of support clips of each word.
    #[param(default = 5, range = 1..=100)]
    shots: usize,
    /// Number of the repeat of the support clips, from 0.
    #[param(default = 0, range = 0..=99)]
    repeat: usize,
    /// Sample rate of all files in Hz.
    #[param(default = 16_000, range = 1..=10_000_000)]
    sample_rate: u32,
    /// Reaction to damaged files: `fail`, or `skip`, which decodes all files once and leaves out the damaged ones; a missing
    /// file is always an error.
    #[param(default = OnError::Fail)]
    on_error: OnError,
) -> Result<impl Dataset, DataError> {
    let folder = folder.as_ref();
    if !folder.is_dir() {
        return Err(PUBLISHED.missing(folder));
    }
    let classes = classes();
    let recordings = match part {
        MswcPart::Base => {
            let list = match split {
                Split::Train => "base_train.csv",
                Split::Validation => "base_val.csv",
                Split::Test => "base_test.csv",
            };
            let is_base = |class: usize, _: &str| class < BASE_CLASSES;
            read_list(&folder.join(list), folder, &classes, is_base)?
        }
        MswcPart::Support | MswcPart::Query => {
            let last = languages.get(..session).ok_or_else(|| {
                DataError::Other(format!("`mswc`: session {session} of {} languages", languages.len()))
            })?;
            let wanted = if part == MswcPart::Support { &last[session - 1..] } else { last };
            let range = match part {
                MswcPart::Support => shots * repeat..shots * (repeat + 1),
                _ => SUPPORT_CLIPS..SUPPORT_CLIPS + QUERY_CLIPS,
            };
            if part == MswcPart::Support && range.end > SUPPORT_CLIPS {
                return Err(DataError::Other(format!(
                    "`mswc`: repeat {repeat} of {shots} shots needs clips up to {}; {SUPPORT_CLIPS} of each word are for support",
                    range.end
                )));
            }
            let mut recordings = Vec::new();
            for language in wanted {
                if !published_languages().contains(language) {
                    return Err(DataError::Other(format!(
                        "`mswc`: no session has the language `{language}`; they are {}",
                        published_languages().join(", ")
                    )));
                }
                let list = folder.join(language).join("evaluation.csv");
                let is_of_session = |class: usize, of: &str| class >= BASE_CLASSES && of == language;
                let all = read_list(&list, folder, &classes, is_of_session)?;
                recordings.extend(chosen(&list, &all, range.clone())?);
            }
            recordings
        }
    };
    if let Some(absent) = recordings.iter().find(|recording| !recording.file.is_file()) {
        return Err(absent_clip(&absent.file));
    }
    let samples = sample_rate as usize;
    let clips = Clips { sample_rate, channels: 1, bits: Some(16), samples, settings: &["sample_rate"] };
    Recordings::new(folder, recordings, clips, on_error)
}

/// Languages of the sessions, in the order of NeuroBench.
fn published_languages() -> Vec<String> {
    let languages = WORDS.lines().filter_map(|line| line.split(' ').next());
    languages.skip(WORDS.lines().count() - SESSION_CLASSES).map(str::to_owned).collect()
}

/// Class and language of every word.
fn classes() -> HashMap<&'static str, (usize, &'static str)> {
    let words = WORDS.lines().filter_map(|line| line.split_once(' '));
    let words = words.flat_map(|(language, words)| words.split(' ').map(move |word| (word, language)));
    words.enumerate().map(|(class, (word, language))| (word, (class, language))).collect()
}

/// Reads a list of clips with the header `LINK,WORD,LANGUAGE`. `allowed` selects the classes of the list.
fn read_list(
    list: &Path,
    folder: &Path,
    classes: &HashMap<&str, (usize, &str)>,
    allowed: impl Fn(usize, &str) -> bool,
) -> Result<Vec<Recording<u32>>, DataError> {
    if !list.is_file() {
        return Err(PUBLISHED.missing(list));
    }
    let bytes = files::read(list).map_err(|problem| DataError::Read { file: list.to_owned(), problem })?;
    let text = String::from_utf8(bytes).map_err(|error| damaged(list, error.to_string()))?;
    let recording = |(number, line): (usize, &str)| {
        let problem = |problem: String| damaged(list, format!("line {number}: {problem}"));
        let Some((link, word, language)) = fields(line) else {
            return Err(problem(format!("expected LINK,WORD,LANGUAGE, found `{}`", line.escape_debug())));
        };
        let class = classes.get(word).filter(|(class, of)| *of == language && allowed(*class, of));
        let Some((class, language)) = class else {
            return Err(problem(format!(
                "`{}` in the language `{}` is not a word of this list",
                word.escape_debug(),
                language.escape_debug()
            )));
        };
        let clip = join_within(&folder.join(language).join("clips"), link).map_err(problem)?;
        Ok(Recording { file: clip.with_extension("wav"), part: 0, class: *class as i64 })
    };
    let lines = (1..).zip(text.lines().map(str::trim));
    lines.filter(|(_, line)| !line.is_empty() && *line != "LINK,WORD,LANGUAGE").map(recording).collect()
}

fn fields(line: &str) -> Option<(&str, &str, &str)> {
    let (link, rest) = line.split_once(',')?;
    let (word, language) = rest.split_once(',')?;
    (!language.contains(',')).then_some((link, word, language))
}

/// Clips with these numbers among those of their class.
fn chosen(
    list: &Path,
    all: &[Recording<u32>],
    range: std::ops::Range<usize>,
) -> Result<Vec<Recording<u32>>, DataError> {
    let mut counts: HashMap<i64, usize> = HashMap::new();
    let mut chosen = Vec::new();
    for recording in all {
        let count = counts.entry(recording.class).or_default();
        if range.contains(count) {
            chosen.push(recording.clone());
        }
        *count += 1;
    }
    let complete = counts.len() == SESSION_CLASSES && counts.values().all(|count| *count >= range.end);
    if !complete {
        let problem = format!("expected at least {} clips of each of {SESSION_CLASSES} words", range.end);
        return Err(damaged(list, problem));
    }
    Ok(chosen)
}

fn absent_clip(file: &Path) -> DataError {
    let opus: PathBuf = file.with_extension("opus");
    if opus.is_file() {
        let (file, opus) = (file.display(), opus.display());
        return DataError::Other(format!(
            "{file}: not found; {opus} is in the Opus format, which is not read: convert the clips to WAV (16 bits, mono)"
        ));
    }
    PUBLISHED.missing(file)
}

#[cfg(test)]
mod tests {
    use super::super::clips::tests::write_wav;
    use super::*;

    fn words(language: &str) -> Vec<&'static str> {
        let line = WORDS.lines().find(|line| line.starts_with(language)).unwrap();
        line.split(' ').skip(1).collect()
    }

    /// Lists with two languages of sessions, and clips of some of them.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut base = "LINK,WORD,LANGUAGE\n".to_owned();
        for (language, word) in [("en", "university"), ("rw", "indirimbo"), ("de", "geschichte")] {
            let link = format!("{word}/common_voice_{language}_1.opus");
            base.push_str(&format!("{link},{word},{language}\n"));
            let clip = folder.path().join(language).join("clips").join(link).with_extension("wav");
            write_wav(&clip, 16_000, &[16_384]);
        }
        std::fs::write(folder.path().join("base_test.csv"), base).unwrap();
        for language in ["fa", "pt"] {
            let mut list = "LINK,WORD,LANGUAGE\n".to_owned();
            for word in words(language) {
                for clip in 0..200 {
                    let link = format!("{word}/{clip}.opus");
                    list.push_str(&format!("{link},{word},{language}\n"));
                    let file = folder.path().join(language).join("clips").join(link).with_extension("wav");
                    write_wav(&file, 16_000, &[clip]);
                }
            }
            std::fs::write(folder.path().join(language).join("evaluation.csv"), list).unwrap();
        }
        folder
    }

    fn open(folder: &Path, part: MswcPart, session: usize, repeat: usize) -> Result<impl Dataset + use<>, String> {
        let (languages, place) = (vec!["fa".to_owned(), "pt".to_owned()], folder.display().to_string());
        mswc(folder.into(), part, Split::Test, session, languages, 5, repeat, 16_000, OnError::Fail)
            .map_err(|error| error.to_string().replace(&place, "FOLDER"))
    }

    #[test]
    fn classes_are_those_of_neurobench() {
        // https://github.com/NeuroBench/neurobench: the order of its keywords.
        let classes = classes();
        assert_eq!(classes.len(), 200);
        for (word, class, language) in [
            ("surrounding", 0, "en"),
            ("significant", 19, "en"),
            ("nombreuses", 20, "fr"),
            ("bitandukanye", 99, "rw"),
            ("میخواستم", 100, "fa"),
            ("demandis", 110, "eo"),
            ("produzione", 199, "it"),
        ] {
            assert_eq!(classes[word], (class, language));
        }
        assert_eq!(published_languages(), ["fa", "eo", "pt", "eu", "pl", "cy", "nl", "ru", "es", "it"]);
    }

    #[test]
    fn base_classes_support_and_queries_come_from_their_lists() {
        let folder = folder();
        let base = open(folder.path(), MswcPart::Base, 1, 0).unwrap();
        let (inputs, targets) = base.batch(0..3).unwrap();
        assert_eq!(inputs.shape(), [3, 1, 16_000]);
        assert_eq!(targets, ndarray::array![18_i64, 98, 74].into());

        let support = open(folder.path(), MswcPart::Support, 2, 3).unwrap();
        assert_eq!(support.samples(), 50);
        let (inputs, targets) = support.batch(5..8).unwrap();
        assert_eq!(targets, ndarray::array![121_i64, 121, 121].into());
        let first = inputs.to_f32().index_axis(ndarray::Axis(2), 0).iter().map(|sample| sample * 32768.0).collect();
        assert_eq!(ndarray::Array1::<f32>::from_vec(first), ndarray::array![15.0, 16.0, 17.0]);

        let query = open(folder.path(), MswcPart::Query, 2, 0).unwrap();
        assert_eq!(query.samples(), 2000);
        let (inputs, targets) = query.batch(1000..1001).unwrap();
        assert_eq!((inputs.to_f32()[[0, 0, 0]] * 32768.0, targets), (100.0, ndarray::array![120_i64].into()));
    }

    #[test]
    fn wrong_lists_and_settings_are_errors() {
        let folder = folder();
        let problem = |part, session, repeat| open(folder.path(), part, session, repeat).err().unwrap();
        let few = problem(MswcPart::Support, 1, 20);
        assert_eq!(few, "`mswc`: repeat 20 of 5 shots needs clips up to 105; 100 of each word are for support");
        assert_eq!(problem(MswcPart::Query, 3, 0), "`mswc`: session 3 of 2 languages");
        let clip = folder.path().join("rw/clips/indirimbo/common_voice_rw_1.wav");
        std::fs::rename(&clip, clip.with_extension("opus")).unwrap();
        assert!(problem(MswcPart::Base, 1, 0).ends_with("convert the clips to WAV (16 bits, mono)"));
        let list = folder.path().join("base_test.csv");
        for (line, expected) in [
            ("../x.opus,university,en", "the path `../x.opus` does not stay in the folder of the data set"),
            ("x.opus,university,de", "`university` in the language `de` is not a word of this list"),
            ("x.opus,demandis,eo", "`demandis` in the language `eo` is not a word of this list"),
            ("x.opus,university", "expected LINK,WORD,LANGUAGE, found `x.opus,university`"),
        ] {
            std::fs::write(&list, line).unwrap();
            assert_eq!(problem(MswcPart::Base, 1, 0), format!("FOLDER/base_test.csv: line 1: {expected}"));
        }
        let list = folder.path().join("fa/evaluation.csv");
        let text = std::fs::read_to_string(&list).unwrap();
        std::fs::write(&list, text.rsplit_once("\n").unwrap().0.rsplit_once("\n").unwrap().0).unwrap();
        let incomplete = problem(MswcPart::Query, 1, 0);
        assert_eq!(incomplete, "FOLDER/fa/evaluation.csv: expected at least 200 clips of each of 10 words");
        std::fs::remove_file(&list).unwrap();
        assert!(problem(MswcPart::Support, 1, 0).contains("fa/evaluation.csv: not found; it is a part of the MSWC"));
    }
}
