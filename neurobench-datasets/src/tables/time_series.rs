//! Time series of the UEA and UCR archives.

use std::fs::File;
use std::io::{BufRead, BufReader, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ndarray::{Array1, Array3, ArrayViewMut2};
use neurobench_core::component::InputPath;
use neurobench_core::data::{DataError, Dataset, Fingerprint};
use neurobench_core::model::Tensor;
use neurobench_core::{dataset, files, names};

use crate::recordings::{damaged, digest_once, hash_file};

/// Time series with classes or numbers, in the `.ts` format of aeon and sktime, which the UEA and UCR archives use.
///
/// Inputs are `f32` `[sample, step, channel]`. Series are padded at their ends to `length`; a longer series is an error.
/// Targets `[sample]` are the zero-based index `i64` of the class in the list of `@classLabel`, or the number `f64` of
/// `@targetLabel`. A file has a header of lines that begin with `@`, then a series in each line: channels between colons,
/// numbers between commas, and the class or number last. Lines that begin with `#` are comments. Series with time stamps are
/// not read. The file is read once when it is opened, to check every series; an error names the line. Series are then read
/// on demand.
#[dataset(cite = "https://www.aeon-toolkit.org/en/stable/api_reference/file_specifications/ts.html")]
pub fn time_series(
    /// File of the series.
    #[param]
    file: InputPath,
    /// Number of time steps; by default that of the longest series.
    #[param(default = None)]
    length: Option<usize>,
    /// Value of the steps behind the end of a series.
    #[param(default = 0.0)]
    padding: f64,
    /// Value of missing numbers, `?` or `NaN`; by default they are errors.
    #[param(default = None)]
    missing: Option<f64>,
) -> Result<impl Dataset, DataError> {
    Series::open(file.as_ref(), length, padding as f32, missing.map(|missing| missing as f32))
}

/// Series that stay in their file.
struct Series {
    path: PathBuf,
    header: Header,
    /// Position and line of each series.
    places: Vec<Place>,
    channels: usize,
    length: usize,
    padding: f32,
    missing: Option<f32>,
    fingerprint: OnceLock<String>,
}

#[derive(Clone, Copy)]
struct Place {
    byte: u64,
    line: usize,
}

/// Facts of the header that are needed to read the series.
#[derive(Debug, Default)]
struct Header {
    /// Names of the classes; empty if targets are numbers.
    classes: Vec<String>,
    has_numbers: bool,
    has_time_stamps: bool,
}

enum Target {
    Class(i64),
    Number(f64),
}

impl Series {
    fn open(path: &Path, length: Option<usize>, padding: f32, missing: Option<f32>) -> Result<Self, DataError> {
        let mut lines = Lines::open(path)?;
        let header = Header::read(&mut lines)?;
        let mut series = Self {
            path: path.to_owned(),
            header,
            places: Vec::new(),
            channels: 0,
            length: 0,
            padding,
            missing,
            fingerprint: OnceLock::new(),
        };
        while let Some(place) = lines.next()? {
            if lines.is_empty() {
                continue;
            }
            let (steps, channels) = series.check(&lines.text, length).map_err(|problem| lines.damaged(&problem))?;
            series.places.push(place);
            series.channels = channels;
            series.length = series.length.max(steps);
        }
        if series.places.is_empty() {
            return Err(damaged(path, "there are no series behind `@data`"));
        }
        series.length = length.unwrap_or(series.length);
        Ok(series)
    }

    /// Checks a series and returns its numbers of steps and channels.
    fn check(&self, line: &str, most: Option<usize>) -> Result<(usize, usize), String> {
        let (channels, target) = self.split(line)?;
        self.target(target)?;
        let (mut count, mut steps) = (0, 0);
        for channel in channels {
            let mut length = 0;
            for number in channel.split(',') {
                self.number(number, count, length)?;
                length += 1;
            }
            if count > 0 && length != steps {
                return Err(format!("channel {count} has {length} numbers, but channel 0 has {steps}"));
            }
            (count, steps) = (count + 1, length);
        }
        if !self.places.is_empty() && count != self.channels {
            return Err(format!("found {count} channels, but the first series has {}", self.channels));
        }
        match most {
            Some(most) if steps > most => Err(format!("the series has {steps} steps, but `length` is {most}")),
            _ => Ok((steps, count)),
        }
    }

    /// Splits a series into its channels and its target.
    fn split<'a>(&self, line: &'a str) -> Result<(impl Iterator<Item = &'a str>, &'a str), String> {
        let (channels, target) = line.rsplit_once(':').ok_or("expected channels and a target between colons")?;
        Ok((channels.split(':'), target.trim()))
    }

    fn target(&self, text: &str) -> Result<Target, String> {
        if self.header.has_numbers {
            return text
                .parse()
                .map(Target::Number)
                .map_err(|_| format!("expected a number as the target, found {text:?}"));
        }
        let classes = &self.header.classes;
        let class = classes.iter().position(|class| class == text);
        // aeon compares in lower case.
        let class = class.or_else(|| classes.iter().position(|class| class.to_lowercase() == text.to_lowercase()));
        class.map(|class| Target::Class(class as i64)).ok_or_else(|| {
            let hint = names::did_you_mean(text, classes.iter().map(String::as_str));
            format!("{text:?} is not in the list of `@classLabel`{hint}")
        })
    }

    fn number(&self, text: &str, channel: usize, step: usize) -> Result<f32, String> {
        let place = || format!("channel {channel}, step {step}");
        match text.trim() {
            missing if missing == "?" || missing.eq_ignore_ascii_case("nan") => {
                self.missing.ok_or_else(|| format!("{}: the number is missing; `missing` sets a value for it", place()))
            }
            text => text.parse().map_err(|_| format!("{}: expected a number, found {text:?}", place())),
        }
    }

    /// Writes the numbers of a series.
    fn read(&self, line: &str, mut numbers: ArrayViewMut2<'_, f32>) -> Result<Target, String> {
        let (channels, target) = self.split(line)?;
        for (channel, texts) in channels.enumerate() {
            for (step, text) in texts.split(',').enumerate() {
                let number = self.number(text, channel, step)?;
                *numbers.get_mut((step, channel)).ok_or("the file has changed since it was opened")? = number;
            }
        }
        self.target(target)
    }

    /// Returns inputs of padding alone.
    fn padded(&self, samples: usize) -> Result<Array3<f32>, DataError> {
        let shape = (samples, self.length, self.channels);
        let memory = || DataError::Other(format!("{}: not enough memory for shape {shape:?}", self.path.display()));
        let count = samples.checked_mul(self.length).and_then(|steps| steps.checked_mul(self.channels));
        let count = count.ok_or_else(memory)?;
        let mut numbers = Vec::new();
        numbers.try_reserve_exact(count).map_err(|_| memory())?;
        numbers.resize(count, self.padding);
        Array3::from_shape_vec(shape, numbers).map_err(|_| memory())
    }

    fn hash(&self) -> Result<String, DataError> {
        let mut all = Fingerprint::default();
        let Self { length, padding, missing, .. } = self;
        all.text(&format!("length {length}, padding {padding}, missing {missing:?}\n"));
        hash_file(&mut all, &self.path)?;
        Ok(all.finish())
    }
}

impl Dataset for Series {
    fn samples(&self) -> usize {
        self.places.len()
    }

    fn batch(&self, range: Range<usize>) -> Result<(Tensor, Tensor), DataError> {
        super::check_range(&range, self.places.len())?;
        let places = &self.places[range];
        let mut inputs = self.padded(places.len())?;
        let (mut classes, mut numbers) = (Vec::new(), Vec::new());
        let mut lines = Lines::open(&self.path)?;
        for (place, input) in places.iter().zip(inputs.outer_iter_mut()) {
            lines.seek(*place)?;
            lines.next()?;
            match self.read(&lines.text, input).map_err(|problem| lines.damaged(&problem))? {
                Target::Class(class) => classes.push(class),
                Target::Number(number) => numbers.push(number),
            }
        }
        let targets = if self.header.has_numbers { Array1::from(numbers).into() } else { Array1::from(classes).into() };
        Ok((inputs.into(), targets))
    }

    fn names(&self) -> (String, String) {
        let name = format!("`{}`", self.path.display());
        (name.clone(), name)
    }

    /// Digest of the settings and of the file.
    fn fingerprint(&self) -> Result<Option<String>, DataError> {
        digest_once(&self.fingerprint, || self.hash())
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.path.clone()]
    }
}

impl Header {
    /// Reads lines up to `@data`.
    fn read(lines: &mut Lines<'_>) -> Result<Self, DataError> {
        let mut header = Self::default();
        while lines.next()?.is_some() {
            if lines.is_empty() {
                continue;
            }
            let mut words = lines.text.split_whitespace();
            let key = words.next().unwrap_or_default().to_ascii_lowercase();
            let is_true = |word: Option<&str>| word.is_some_and(|word| word.eq_ignore_ascii_case("true"));
            match key.as_str() {
                "@data" => return header.checked().map_err(|problem| lines.damaged(&problem)),
                "@timestamps" => header.has_time_stamps = is_true(words.next()),
                "@targetlabel" => header.has_numbers = is_true(words.next()),
                "@classlabel" if is_true(words.next()) => header.classes = words.map(ToOwned::to_owned).collect(),
                key if key.starts_with('@') => {}
                _ => return Err(lines.damaged("expected a line of the header, which begins with `@`")),
            }
        }
        Err(damaged(lines.path, "there is no `@data`"))
    }

    fn checked(self) -> Result<Self, String> {
        if self.has_time_stamps {
            return Err("series with time stamps are not read".to_owned());
        }
        if self.classes.is_empty() && !self.has_numbers {
            return Err("the header has neither classes (`@classLabel true ..`) nor `@targetLabel true`".to_owned());
        }
        Ok(self)
    }
}

/// Lines of a file, with their positions.
struct Lines<'a> {
    path: &'a Path,
    file: BufReader<File>,
    /// The line that was read last.
    text: String,
    next: Place,
}

impl<'a> Lines<'a> {
    fn open(path: &'a Path) -> Result<Self, DataError> {
        let file = files::open(path).map_err(|problem| DataError::Read { file: path.to_owned(), problem })?;
        Ok(Self { path, file: BufReader::new(file), text: String::new(), next: Place { byte: 0, line: 1 } })
    }

    /// Reads a line and returns its place; `None` at the end.
    fn next(&mut self) -> Result<Option<Place>, DataError> {
        let place = self.next;
        self.text.clear();
        let count = self.file.read_line(&mut self.text).map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => damaged(self.path, format!("line {}: not UTF-8 text", place.line)),
            _ => DataError::Read { file: self.path.to_owned(), problem: error },
        })?;
        self.next = Place { byte: place.byte + count as u64, line: place.line + 1 };
        Ok((count > 0).then_some(place))
    }

    fn seek(&mut self, place: Place) -> Result<(), DataError> {
        // Stays in the buffer where series follow each other.
        let distance = (place.byte as i64).wrapping_sub(self.next.byte as i64);
        let sought = if distance == 0 { Ok(()) } else { self.file.seek(SeekFrom::Start(place.byte)).map(|_| ()) };
        sought.map_err(|problem| DataError::Read { file: self.path.to_owned(), problem })?;
        self.next = place;
        Ok(())
    }

    /// Returns true for lines without content.
    fn is_empty(&self) -> bool {
        let text = self.text.trim_start();
        text.is_empty() || text.starts_with('#')
    }

    /// Error about the line that was read last.
    fn damaged(&self, problem: &str) -> DataError {
        damaged(self.path, format!("line {}: {problem}", self.next.line - 1))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use ndarray::array;
    use proptest::prelude::*;

    use super::*;

    fn series(text: &[u8], length: Option<usize>, missing: Option<f64>) -> Result<impl Dataset, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text).unwrap();
        let (_, path) = file.keep().unwrap();
        let opened = time_series(path.clone().into(), length, -1.0, missing);
        opened.map_err(|error| error.to_string().replace(path.to_str().unwrap(), "FILE"))
    }

    const CLASSES: &str = "#A comment\n@problemName x\n@timeStamps false\n@classLabel true Up Down\n@data\n";

    #[test]
    fn series_are_padded_and_have_the_classes_of_the_header() {
        let text = format!("{CLASSES}1,2.5:3,4:down\n\n5 : 6 : Up\n?,8,9:10,NaN,12:Up\n");
        let data = series(text.as_bytes(), None, Some(0.5)).unwrap();
        let inputs = array![
            [[1.0_f32, 3.0], [2.5, 4.0], [-1.0, -1.0]],
            [[5.0, 6.0], [-1.0, -1.0], [-1.0, -1.0]],
            [[0.5, 10.0], [8.0, 0.5], [9.0, 12.0]]
        ];
        assert_eq!(data.batch(0..3).unwrap(), (inputs.clone().into(), array![1_i64, 0, 0].into()));
        let second = inputs.slice(ndarray::s![1..2, .., ..]).to_owned();
        assert_eq!(data.batch(1..2).unwrap(), (second.into(), array![0_i64].into()));
    }

    #[test]
    fn numbers_are_targets_of_regression() {
        let data = series(b"@targetlabel true\n@data\n1,2:0.25\n3,4:-7", Some(2), None).unwrap();
        let expected = (array![[[1.0_f32], [2.0]], [[3.0], [4.0]]].into(), array![0.25, -7.0].into());
        assert_eq!(data.batch(0..2).unwrap(), expected);
    }

    #[test]
    fn problems_name_the_line() {
        let problem = |text: &str, length| series(text.as_bytes(), length, None).err().unwrap();
        let behind = |line: &str| problem(&format!("{CLASSES}{line}\n"), Some(2));
        assert_eq!(behind("1,x:Up"), "FILE: line 6: channel 0, step 1: expected a number, found \"x\"");
        assert_eq!(
            behind("1:2,?:Up"),
            "FILE: line 6: channel 1, step 1: the number is missing; `missing` sets a value for it"
        );
        assert_eq!(behind("1,2:3:Up"), "FILE: line 6: channel 1 has 1 numbers, but channel 0 has 2");
        assert_eq!(behind("1:Up\n1:2:Up"), "FILE: line 7: found 2 channels, but the first series has 1");
        assert_eq!(behind("1,2,3:Up"), "FILE: line 6: the series has 3 steps, but `length` is 2");
        assert_eq!(behind("1:Upp"), "FILE: line 6: \"Upp\" is not in the list of `@classLabel`; did you mean `Up`?");
        assert_eq!(behind("12"), "FILE: line 6: expected channels and a target between colons");
        assert_eq!(behind(""), "FILE: there are no series behind `@data`");
        assert_eq!(problem("@problemName x\n", None), "FILE: there is no `@data`");
        assert_eq!(problem("1,2:3\n", None), "FILE: line 1: expected a line of the header, which begins with `@`");
        assert_eq!(problem("@timestamps true\n@data\n", None), "FILE: line 2: series with time stamps are not read");
        assert!(problem("@data\n", None).starts_with("FILE: line 1: the header has neither classes"));
    }

    #[test]
    fn more_steps_than_memory_are_an_error() {
        let text = format!("{CLASSES}1,2:Up\n");
        let data = series(text.as_bytes(), Some(usize::MAX), None).unwrap();
        assert!(data.batch(0..1).unwrap_err().to_string().contains("not enough memory for shape (1, "));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_series_or_an_error(text in prop::collection::vec(prop::sample::select(b"1a?:,\n@#\xff".to_vec()), 0..60)) {
            for header in ["@targetlabel true\n@data\n", ""] {
                if let Ok(data) = series(&[header.as_bytes(), &text].concat(), None, Some(0.0)) {
                    data.batch(0..data.samples()).unwrap();
                }
            }
        }
    }
}
