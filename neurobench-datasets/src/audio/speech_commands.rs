//! Google Speech Commands.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset};
use neurobench_core::{dataset, files};
use serde::{Deserialize, Serialize};

use super::Split;
use super::clips::{self, Clips};
use crate::recordings::{OnError, Publication, Recording, Recordings, damaged, join_within};

/// Number of samples in a second, and in a clip.
const SAMPLE_RATE: u32 = 16_000;

/// Words of version 0.02, in alphabetical order: the classes of the task of all words.
const WORDS: [&str; 35] = [
    "backward", "bed", "bird", "cat", "dog", "down", "eight", "five", "follow", "forward", "four", "go", "happy",
    "house", "learn", "left", "marvin", "nine", "no", "off", "on", "one", "right", "seven", "sheila", "six", "stop",
    "three", "tree", "two", "up", "visual", "wow", "yes", "zero",
];

/// Words that version 0.01 does not have.
const ADDED_WORDS: [&str; 5] = ["backward", "follow", "forward", "learn", "visual"];

/// Words of the task of commands, from class 2 on.
const COMMANDS: [&str; 10] = ["yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"];

const SILENCE: i64 = 0;
const UNKNOWN: i64 = 1;

/// Folder of noise, from which silence is cut.
const NOISE: &str = "_background_noise_";
const SILENCE_FOLDER: &str = "_silence_";
const UNKNOWN_FOLDER: &str = "_unknown_";
const VALIDATION_LIST: &str = "validation_list.txt";
const TESTING_LIST: &str = "testing_list.txt";

/// Published version of Speech Commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpeechCommandsVersion {
    /// 30 words, of 2017.
    #[serde(rename = "v0.01")]
    V1,
    /// 35 words, of 2018.
    #[default]
    #[serde(rename = "v0.02")]
    V2,
}

/// Task on Speech Commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpeechCommandsTask {
    /// Every word is a class.
    #[default]
    Words,
    /// Ten commands, unknown words and silence.
    Commands,
}

impl SpeechCommandsVersion {
    fn publication(self) -> Publication {
        let license = "CC BY 4.0";
        match self {
            Self::V1 => Publication {
                title: "Speech Commands v0.01",
                url: "http://download.tensorflow.org/data/speech_commands_v0.01.tar.gz",
                license,
            },
            Self::V2 => Publication {
                title: "Speech Commands v0.02",
                url: "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
                license,
            },
        }
    }

    fn words(self) -> Vec<&'static str> {
        WORDS.into_iter().filter(|word| self == Self::V2 || !ADDED_WORDS.contains(word)).collect()
    }

    /// Number of clips of words in the published version.
    fn clips(self, split: Split) -> usize {
        match (self, split) {
            (Self::V1, Split::Train) => 51_088,
            (Self::V1, Split::Validation) => 6798,
            (Self::V1, Split::Test) => 6835,
            (Self::V2, Split::Train) => 84_843,
            (Self::V2, Split::Validation) => 9981,
            (Self::V2, Split::Test) => 11_005,
        }
    }
}

/// Google Speech Commands: words of one second, as inputs `f32` `[batch, 1, 16000]` and classes `i64` `[batch]`.
///
/// `folder` has a folder of WAV files (16 kHz, mono, 16 bits) for each word, `validation_list.txt` and `testing_list.txt`;
/// it may also be the folder in which torchaudio keeps them, in `SpeechCommands/speech_commands_v0.02`. Clips that are
/// shorter than a second end with zeros. Clips for validation and test have the order of their list; those for training,
/// all others with `_nohash_` in their name, are sorted by word and name, as in torchaudio.
///
/// With `task = "words"`, the class is the index among the words in alphabetical order, as in torchaudio and NeuroBench: 35
/// words, from 0 for `backward` to 34 for `zero`; without `backward`, `follow`, `forward`, `learn` and `visual`, the 30
/// words of version 0.01.
///
/// With `task = "commands"`, there are the 12 classes of the paper, in the order of its program: 0 silence, 1 unknown word,
/// then `yes`, `no`, `up`, `down`, `left`, `right`, `on`, `off`, `stop`, `go`. Unknown words are all clips of the split with
/// other words, of which there are many more than of a command. Silence comes last: consecutive whole seconds of the
/// files in `_background_noise_`, in the order of their names and numbered through all files; number n is for
/// validation if n mod 10 is 0, for test if it is 1, and else for training. The test set that is published for this task,
/// with folders `_silence_` and `_unknown_` and without lists, is read as it is with `split = "test"`, by class and name.
///
/// Reports have a note if the number of clips of words is not that of the published version.
///
/// Not downloaded: version 0.02 is at <http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz> (CC BY 4.0).
#[dataset(alias = "google_speech_commands", alias = "gsc", cite = "Warden 2018, https://arxiv.org/abs/1804.03209")]
pub fn speech_commands(
    /// Folder of the data.
    #[param]
    folder: InputPath,
    /// Part of the data: `train`, `validation` or `test`.
    #[param(default = Split::Test)]
    split: Split,
    /// Classes: `words`, or `commands` for ten of them, unknown words and silence.
    #[param(default = SpeechCommandsTask::Words)]
    task: SpeechCommandsTask,
    /// Published version: `v0.01` or `v0.02`.
    #[param(default = SpeechCommandsVersion::V2)]
    version: SpeechCommandsVersion,
    /// Reaction to damaged files: `fail`, or `skip`, which decodes all files once and leaves out the damaged ones; a missing
    /// file is always an error.
    #[param(default = OnError::Fail)]
    on_error: OnError,
) -> Result<impl Dataset, DataError> {
    let published = version.publication();
    let folder = find(folder.as_ref(), version);
    if !folder.is_dir() {
        return Err(published.missing(&folder));
    }
    let words = version.words();
    let class = |word: &str| match task {
        SpeechCommandsTask::Words => words.iter().position(|known| *known == word).map(|class| class as i64),
        SpeechCommandsTask::Commands => words.contains(&word).then(|| command(word)),
    };
    let samples = SAMPLE_RATE as usize;
    let clips = Clips { sample_rate: SAMPLE_RATE, channels: 1, bits: Some(16), samples, settings: &[] };
    if task == SpeechCommandsTask::Commands && folder.join(SILENCE_FOLDER).is_dir() {
        if split != Split::Test {
            let folder = folder.display();
            return Err(DataError::Other(format!(
                "{folder}: this is the published test set of the commands, which needs `split = \"test\"`"
            )));
        }
        return Recordings::new(&folder, test_set(&folder, &published)?, clips, on_error);
    }
    let listed = |list: &str| read_list(&folder.join(list), &folder, &published, &class);
    let mut recordings = match split {
        Split::Validation => listed(VALIDATION_LIST)?,
        Split::Test => listed(TESTING_LIST)?,
        Split::Train => {
            let others = [listed(VALIDATION_LIST)?, listed(TESTING_LIST)?].concat();
            let others: HashSet<PathBuf> = others.into_iter().map(|recording| recording.file).collect();
            let mut recordings = Vec::new();
            for word in &words {
                let place = folder.join(word);
                if !place.is_dir() {
                    return Err(published.missing(&place));
                }
                let files = clips::sorted(&place, false)?.into_iter();
                let files = files.filter(|file| clips::name(file).contains("_nohash_") && !others.contains(file));
                let class = class(word).unwrap_or(UNKNOWN);
                recordings.extend(files.map(|file| Recording { file, part: 0, class }));
            }
            recordings
        }
    };
    if let Some(absent) = recordings.iter().find(|recording| !recording.file.is_file()) {
        return Err(published.missing(&absent.file));
    }
    if task == SpeechCommandsTask::Commands {
        recordings.extend(silence(&folder, split, &published)?);
    }
    let data = Recordings::new(&folder, recordings, clips, on_error)?;
    // Without the clips that were left out.
    let noise = folder.join(NOISE);
    let found = data.recordings().iter().filter(|recording| !recording.file.starts_with(&noise)).count();
    let complete = version.clips(split);
    let note = (found != complete).then(|| {
        let (split, title) = (split.name(), published.title);
        format!("the data have {found} clips of words for {split}, but {title} has {complete}")
    });
    Ok(data.with_note(note))
}

/// Class of a word in the task of commands.
fn command(word: &str) -> i64 {
    COMMANDS.iter().position(|command| *command == word).map_or(UNKNOWN, |index| index as i64 + 2)
}

/// Finds the folder of the words in that which torchaudio makes.
fn find(folder: &Path, version: SpeechCommandsVersion) -> PathBuf {
    let name = match version {
        SpeechCommandsVersion::V1 => "speech_commands_v0.01",
        SpeechCommandsVersion::V2 => "speech_commands_v0.02",
    };
    let below = [folder.join("SpeechCommands").join(name), folder.join(name)];
    below.into_iter().find(|below| below.is_dir()).unwrap_or_else(|| folder.to_owned())
}

/// Reads a list of clips, one `WORD/NAME.wav` a line.
fn read_list(
    list: &Path,
    folder: &Path,
    published: &Publication,
    class: &impl Fn(&str) -> Option<i64>,
) -> Result<Vec<Recording<u32>>, DataError> {
    if !list.is_file() {
        return Err(published.missing(list));
    }
    let bytes = files::read(list).map_err(|problem| DataError::Read { file: list.to_owned(), problem })?;
    let text = String::from_utf8(bytes).map_err(|error| damaged(list, error.to_string()))?;
    let recording = |(number, line): (usize, &str)| {
        let problem = |problem: String| damaged(list, format!("line {number}: {problem}"));
        let file = join_within(folder, line).map_err(problem)?;
        let word = line.split('/').next().unwrap_or_default();
        let class = class(word)
            .ok_or_else(|| problem(format!("`{}` is not a word of {}", word.escape_debug(), published.title)))?;
        Ok(Recording { file, part: 0, class })
    };
    (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty()).map(recording).collect()
}

/// Seconds of the files of noise that belong to a split.
fn silence(folder: &Path, split: Split, published: &Publication) -> Result<Vec<Recording<u32>>, DataError> {
    let noise = folder.join(NOISE);
    if !noise.is_dir() {
        return Err(published.missing(&noise));
    }
    let mut seconds = Vec::new();
    for file in clips::sorted(&noise, false)? {
        let count = clips::duration(&file)? / SAMPLE_RATE;
        let part = |second| Recording { file: file.clone(), part: second * SAMPLE_RATE, class: SILENCE };
        seconds.extend((0..count).map(part));
    }
    let belongs = |number: usize| match number % 10 {
        0 => split == Split::Validation,
        1 => split == Split::Test,
        _ => split == Split::Train,
    };
    Ok((0..).zip(seconds).filter(|(number, _)| belongs(*number)).map(|(_, second)| second).collect())
}

/// The published test set of the commands.
fn test_set(folder: &Path, published: &Publication) -> Result<Vec<Recording<u32>>, DataError> {
    let mut recordings = Vec::new();
    let folders = [(SILENCE_FOLDER, SILENCE), (UNKNOWN_FOLDER, UNKNOWN)];
    for (name, class) in folders.into_iter().chain(COMMANDS.map(|word| (word, command(word)))) {
        let place = folder.join(name);
        if !place.is_dir() {
            return Err(published.missing(&place));
        }
        recordings.extend(clips::sorted(&place, false)?.into_iter().map(|file| Recording { file, part: 0, class }));
    }
    Ok(recordings)
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;

    use super::super::clips::tests::write_wav;
    use super::*;

    /// Every word has a clip in each split; samples tell them apart.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let mut lists = [String::new(), String::new()];
        for (index, word) in WORDS.into_iter().rev().enumerate() {
            for (clip, speaker) in ["00aa", "0bcd", "f00d"].into_iter().enumerate() {
                let name = format!("{word}/{speaker}_nohash_0.wav");
                write_wav(&folder.path().join(&name), 16_000, &[(index * 3 + clip) as i16]);
                if let Some(list) = lists.get_mut(clip) {
                    list.push_str(&format!("{name}\n"));
                }
            }
        }
        std::fs::write(folder.path().join(VALIDATION_LIST), &lists[0]).unwrap();
        std::fs::write(folder.path().join(TESTING_LIST), &lists[1]).unwrap();
        // 23 whole seconds in two files: the numbers 0, 10, 20 are for validation, and 1, 11, 21 for test.
        write_wav(&folder.path().join(NOISE).join("b.wav"), 16_000, &vec![2000; 16_000 * 12]);
        write_wav(&folder.path().join(NOISE).join("a.wav"), 16_000, &vec![1000; 16_000 * 11 + 500]);
        folder
    }

    fn open(folder: &Path, split: Split, task: SpeechCommandsTask) -> Result<Box<dyn Dataset>, String> {
        let place = folder.display().to_string();
        match speech_commands(folder.into(), split, task, SpeechCommandsVersion::V2, OnError::Fail) {
            Ok(data) => Ok(Box::new(data)),
            Err(error) => Err(error.to_string().replace(&place, "FOLDER")),
        }
    }

    #[test]
    fn lists_give_the_splits_and_the_alphabet_the_classes() {
        let folder = folder();
        for (split, clip) in [(Split::Validation, 0.0), (Split::Test, 1.0), (Split::Train, 2.0)] {
            let data = open(folder.path(), split, SpeechCommandsTask::Words).unwrap();
            let (inputs, classes) = data.batch(0..35).unwrap();
            assert_eq!(inputs.shape(), [35, 1, 16_000]);
            // The lists are written from the last word to the first.
            let order: Vec<i64> = if split == Split::Train { (0..35).collect() } else { (0..35).rev().collect() };
            let first = |class: &i64| ((34 - class) * 3) as f32 + clip;
            let samples: Array1<f32> = order.iter().map(first).collect();
            let inputs = inputs.to_f32() * 32768.0;
            assert_eq!(inputs.index_axis(ndarray::Axis(2), 0).iter().copied().collect::<Array1<f32>>(), samples);
            assert_eq!(classes, Array1::from(order).into());
            assert_eq!(data.samples(), 35);
        }
        let data = open(folder.path(), Split::Test, SpeechCommandsTask::Words).unwrap();
        let note = "the data have 35 clips of words for test, but Speech Commands v0.02 has 11005";
        assert_eq!(data.notes(), [note]);
        // As torchaudio unpacks the archive.
        let other = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(other.path().join("SpeechCommands")).unwrap();
        std::fs::rename(folder.path(), other.path().join("SpeechCommands/speech_commands_v0.02")).unwrap();
        assert_eq!(open(other.path(), Split::Test, SpeechCommandsTask::Words).unwrap().samples(), 35);
    }

    #[test]
    fn commands_have_unknown_words_and_silence() {
        let folder = folder();
        let data = open(folder.path(), Split::Test, SpeechCommandsTask::Commands).unwrap();
        assert_eq!(data.samples(), 35 + 3);
        let (inputs, classes) = data.batch(0..38).unwrap();
        // From `zero` to `backward`, then silence.
        let expected = [
            1, 2, 1, 1, 4, 1, 1, 1, 10, 1, 1, 1, 7, 1, 8, 9, 3, 1, 1, 6, 1, 1, 1, 11, 1, 1, 1, 1, 1, 5, 1, 1, 1, 1, 1,
            0, 0, 0,
        ];
        assert_eq!(classes, Array1::from(expected.map(i64::from).to_vec()).into());
        let inputs = inputs.to_f32() * 32768.0;
        let silence: Vec<f32> = (35..38).map(|sample| inputs[[sample, 0, 15_999]]).collect();
        // Second 1 of `a.wav`, and seconds 0 and 10 of `b.wav`.
        assert_eq!(silence, [1000.0, 2000.0, 2000.0]);
        let train = open(folder.path(), Split::Train, SpeechCommandsTask::Commands).unwrap();
        assert_eq!(train.samples(), 35 + 17);
    }

    #[test]
    fn the_published_test_set_of_commands_is_read_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        for name in [SILENCE_FOLDER, UNKNOWN_FOLDER].into_iter().chain(COMMANDS) {
            write_wav(&folder.path().join(name).join("0.wav"), 16_000, &[1]);
        }
        let data = open(folder.path(), Split::Test, SpeechCommandsTask::Commands).unwrap();
        assert_eq!(data.batch(0..12).unwrap().1, Array1::from_iter(0_i64..12).into());
        let error = open(folder.path(), Split::Train, SpeechCommandsTask::Commands).err().unwrap();
        assert_eq!(error, "FOLDER: this is the published test set of the commands, which needs `split = \"test\"`");
    }

    #[test]
    fn damaged_clips_are_left_out_of_the_count_and_missing_ones_are_errors() {
        let folder = folder();
        for word in ["bed", "zero"] {
            std::fs::write(folder.path().join(word).join("0bcd_nohash_0.wav"), "RIFF").unwrap();
        }
        let open = |task| {
            speech_commands(folder.path().into(), Split::Test, task, SpeechCommandsVersion::V2, OnError::Skip)
                .map_err(|error| error.to_string())
        };
        for (task, samples) in [(SpeechCommandsTask::Words, 33), (SpeechCommandsTask::Commands, 33 + 3)] {
            let data = open(task).unwrap();
            assert_eq!(data.samples(), samples);
            let [omitted, count] = data.notes().try_into().unwrap();
            let total = samples + 2;
            assert!(omitted.starts_with(&format!("2 of {total} recordings could not be decoded and were left out: ")));
            assert_eq!(count, "the data have 33 clips of words for test, but Speech Commands v0.02 has 11005");
        }
        std::fs::remove_file(folder.path().join("cat/0bcd_nohash_0.wav")).unwrap();
        let error = open(SpeechCommandsTask::Words).err().unwrap();
        assert!(error.contains("cat/0bcd_nohash_0.wav: not found; it is a part of Speech Commands v0.02"), "{error}");
    }

    #[test]
    fn absent_files_and_wrong_lists_are_errors() {
        let folder = folder();
        let source = "it is a part of Speech Commands v0.02, which \
                      http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz publishes (CC BY 4.0)";
        let problem = || open(folder.path(), Split::Test, SpeechCommandsTask::Words).err().unwrap();
        std::fs::remove_file(folder.path().join("zero/0bcd_nohash_0.wav")).unwrap();
        assert_eq!(problem(), format!("FOLDER/zero/0bcd_nohash_0.wav: not found; {source}"));
        std::fs::write(folder.path().join(TESTING_LIST), "bed/1.wav\n\nzebra/1.wav\n").unwrap();
        let unknown = "FOLDER/testing_list.txt: line 3: `zebra` is not a word of Speech Commands v0.02";
        assert_eq!(problem(), unknown);
        std::fs::write(folder.path().join(TESTING_LIST), "bed/../../1.wav").unwrap();
        let outside = "line 1: the path `bed/../../1.wav` does not stay in the folder of the data set";
        assert_eq!(problem(), format!("FOLDER/testing_list.txt: {outside}"));
        std::fs::remove_file(folder.path().join(TESTING_LIST)).unwrap();
        assert_eq!(problem(), format!("FOLDER/testing_list.txt: not found; {source}"));
    }
}
