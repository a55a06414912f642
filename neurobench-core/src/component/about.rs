//! The description of a component.

use std::fmt;

use serde::{Serialize, Serializer};

/// Everything about a component that is known at compile time.
#[derive(Debug)]
pub struct About {
    /// Registered name.
    pub name: &'static str,
    /// Package of the definition. Together with the name it identifies the component in snapshots and results.
    pub package: &'static str,
    /// Module of the definition.
    pub module: &'static str,
    /// Source file of the definition.
    pub file: &'static str,
    /// Line of the definition.
    pub line: u32,
    /// Doc comment of the definition.
    pub docs: &'static str,
    /// Sources of the definition.
    pub citations: &'static [&'static str],
    /// Version of the definition, raised when its meaning changes.
    pub version: u32,
    /// Further names under which it is found.
    pub aliases: &'static [&'static str],
    /// Its own settings, without those of the cores that a metric reads.
    pub params: &'static [Param],
}

impl About {
    /// Package and name, which identify a component across builds: `neurobench::mse`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}::{}", self.package, self.name)
    }

    /// First paragraph of the doc comment, on one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let lines = self.docs.lines().map(str::trim);
        lines.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// One setting of a component, as its definition declares it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Param {
    /// Name of the setting.
    pub name: &'static str,
    /// Doc comment of the setting.
    pub docs: &'static str,
    /// Type of the setting, as written in the source.
    pub type_name: &'static str,
    /// Accepted range, as written in the source.
    pub range: Option<&'static str>,
    /// Accepted range as numbers, if its ends are literals.
    pub bounds: Option<Bounds>,
    /// True if the setting has no default and must be given.
    pub required: bool,
}

/// An interval of numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Lowest value; `None` if unbounded.
    pub low: Option<f64>,
    /// Highest value; `None` if unbounded.
    pub high: Option<f64>,
    /// True if `high` itself belongs to the interval.
    pub includes_high: bool,
}

impl Bounds {
    /// Returns true if `value` lies within the interval.
    #[must_use]
    pub const fn contains(&self, value: f64) -> bool {
        let above = match self.low {
            Some(low) => value >= low,
            None => true,
        };
        let below = match self.high {
            Some(high) if self.includes_high => value <= high,
            Some(high) => value < high,
            None => true,
        };
        above && below
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
