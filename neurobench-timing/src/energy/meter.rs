//! The log of a power meter: watts by unix time, in a CSV file.

use std::fs;
use std::path::{Path, PathBuf};

use crate::EnergyError;

/// The log of a power meter: power at points of time, between which it is taken as linear.
#[derive(Clone, Debug)]
pub struct MeterLog {
    file: PathBuf,
    /// Unix time in seconds, ascending, and watts.
    points: Vec<(f64, f64)>,
}

/// Name of the column of the time.
const SECONDS: &str = "seconds";
/// Name of the column of the power.
const WATTS: &str = "watts";

impl MeterLog {
    /// Reads a CSV file with a header and the columns `seconds` (unix time) and `watts`. Other columns are ignored.
    ///
    /// # Errors
    ///
    /// The file cannot be read; a column is missing; a line has no finite number in one of the two; times do not ascend.
    pub fn read(file: &Path) -> Result<Self, EnergyError> {
        let text = fs::read_to_string(file).map_err(|error| EnergyError::Read { file: file.to_owned(), error })?;
        let wrong = |line: usize, problem: String| EnergyError::Line { file: file.to_owned(), line, problem };
        let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let (line, header) = lines.next().ok_or_else(|| wrong(1, "the file is empty".to_owned()))?;
        let column = |name: &str| {
            let found = header.split(',').position(|column| column.trim().trim_matches('"') == name);
            found.ok_or_else(|| {
                wrong(line, format!("no column `{name}`; expected the columns `{SECONDS}` and `{WATTS}`"))
            })
        };
        let (seconds, watts) = (column(SECONDS)?, column(WATTS)?);
        let mut points: Vec<(f64, f64)> = Vec::new();
        for (line, text) in lines {
            let cells: Vec<&str> = text.split(',').map(str::trim).collect();
            let number = |column: usize, name: &str| {
                let cell = cells.get(column).ok_or_else(|| wrong(line, format!("no value in column `{name}`")))?;
                let number = cell.parse::<f64>().ok().filter(|number| number.is_finite());
                number.ok_or_else(|| wrong(line, format!("expected a number in column `{name}`, found `{cell}`")))
            };
            let point = (number(seconds, SECONDS)?, number(watts, WATTS)?);
            if let Some((before, _)) = points.last()
                && point.0 <= *before
            {
                return Err(wrong(line, format!("times must ascend, found {} after {before}", point.0)));
            }
            points.push(point);
        }
        match points.len() {
            0 | 1 => Err(wrong(line, "the log has fewer than two points".to_owned())),
            _ => Ok(Self { file: file.to_owned(), points }),
        }
    }

    /// Returns the energy between two points of unix time in joules, by the trapezoidal rule.
    ///
    /// # Errors
    ///
    /// The log does not cover the time.
    pub fn joules(&self, from: f64, to: f64) -> Result<f64, EnergyError> {
        let (first, last) = (self.points[0].0, self.points[self.points.len() - 1].0);
        if from < first || to > last {
            return Err(EnergyError::NotCovered { file: self.file.clone(), first, last, from, to });
        }
        let piece = |pair: &[(f64, f64)]| {
            let ((start, start_watts), (end, end_watts)) = (pair[0], pair[1]);
            let (low, high) = (start.max(from), end.min(to));
            if high <= low {
                return 0.0;
            }
            let watts = |time: f64| start_watts + (end_watts - start_watts) * (time - start) / (end - start);
            (high - low) * f64::midpoint(watts(low), watts(high))
        };
        Ok(self.points.windows(2).map(piece).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(text: &str) -> Result<MeterLog, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("log.csv");
        fs::write(&file, text).expect("a file");
        MeterLog::read(&file).map_err(|error| {
            let text = error.to_string();
            text.replace(&file.display().to_string(), "log.csv")
        })
    }

    #[test]
    fn energy_is_the_area_under_the_power() {
        let log = log("seconds,watts\n100,10\n102,20\n103,0\n").expect("a log");
        let joules = |from, to| log.joules(from, to).expect("covered");
        assert_eq!(joules(100.0, 102.0), 30.0);
        assert_eq!(joules(100.0, 103.0), 40.0);
        // From 12.5 W at 100.5 s to 17.5 W at 101.5 s.
        assert_eq!(joules(100.5, 101.5), 15.0);
        assert_eq!(joules(102.5, 102.5), 0.0);
    }

    #[test]
    fn a_log_that_does_not_cover_the_run_is_refused() {
        let log = log("\"seconds\", \"watts\"\n100,10\n102,20\n").expect("a log");
        for (from, to) in [(99.0, 101.0), (101.0, 103.0)] {
            let error = log.joules(from, to).err().map(|error| error.to_string()).unwrap_or_default();
            let part = format!("covers 100 s to 102 s of unix time, but the measurement ran from {from} s to {to} s");
            assert!(error.contains(&part), "{error}");
        }
    }

    #[test]
    fn errors_name_the_line() {
        for (text, problem) in [
            ("", "`log.csv`, line 1: the file is empty"),
            ("time,watts\n", "`log.csv`, line 1: no column `seconds`; expected the columns `seconds` and `watts`"),
            ("seconds,watts\n1,2\n", "`log.csv`, line 1: the log has fewer than two points"),
            ("seconds,watts\n1,2\n3\n", "`log.csv`, line 3: no value in column `watts`"),
            ("seconds,watts\n1,NaN\n", "`log.csv`, line 2: expected a number in column `watts`, found `NaN`"),
            ("seconds,watts\n2,1\n\n2,1\n", "`log.csv`, line 4: times must ascend, found 2 after 2"),
        ] {
            assert_eq!(log(text).err().as_deref(), Some(problem));
        }
    }
}
