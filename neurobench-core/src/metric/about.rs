//! What a metric says of itself, before any run.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// The kind of a metric: which attribute made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// Looks at the model alone, once.
    Static,
    /// A value for each batch, averaged with the samples of the batches as weights.
    Workload,
    /// Parts of batches that merge; the value is read from the whole.
    Accumulated,
}

impl fmt::Display for MetricKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Static => "static",
            Self::Workload => "workload",
            Self::Accumulated => "accumulated",
        })
    }
}

/// The interval in which a metric's values lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The lowest value; none: unbounded.
    pub low: Option<f64>,
    /// The highest value; none: unbounded.
    pub high: Option<f64>,
    /// Whether `high` itself is among the values.
    pub includes_high: bool,
}

impl Bounds {
    /// Whether a value lies within.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.low.is_none_or(|low| value >= low)
            && self.high.is_none_or(|high| if self.includes_high { value <= high } else { value < high })
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(low) = self.low {
            write!(f, "{low}")?;
        }
        f.write_str(if self.includes_high && self.high.is_some() { "..=" } else { ".." })?;
        if let Some(high) = self.high {
            write!(f, "{high}")?;
        }
        Ok(())
    }
}

impl Serialize for Bounds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What the annotated function says of a metric: everything that is known at compile time.
#[derive(Debug)]
pub struct About {
    /// The registered name.
    pub name: &'static str,
    /// Which attribute made it.
    pub kind: MetricKind,
    /// The package that the function is in; with the name it identifies the metric in snapshots and results.
    pub package: &'static str,
    /// The module that the function is in.
    pub module: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line of the function.
    pub line: u32,
    /// The function's doc comment.
    pub docs: &'static str,
    /// The unit of the value; none for pure numbers and for records, whose fields have their own.
    pub unit: Option<&'static str>,
    /// Whether more is better; none where the metric only describes.
    pub higher_is_better: Option<bool>,
    /// Where its values lie.
    pub bounds: Option<Bounds>,
    /// Whether the value is the smallest or the largest of several numbers, for which a bootstrap has no interval.
    pub extreme: bool,
    /// The sources of the definition.
    pub citations: &'static [&'static str],
    /// The version of the definition: raised when its meaning or its state changes.
    pub version: u32,
    /// Further names under which it is found.
    pub aliases: &'static [&'static str],
    /// Its own settings; those of its cores come on top.
    pub params: &'static [Param],
}

impl About {
    /// Package and name, which identify a metric across builds: `neurobench::mse`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}::{}", self.package, self.name)
    }

    /// The first paragraph of the doc comment, on one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let lines = self.docs.lines().map(str::trim);
        lines.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// One setting of a metric, as its function declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// The argument's name.
    pub name: &'static str,
    /// Its doc comment.
    pub docs: &'static str,
    /// Its type, as written.
    pub type_name: &'static str,
    /// The range it must lie in, as written.
    pub range: Option<&'static str>,
}
