//! Counts and quotients of counts.

use serde::{Deserialize, Serialize};

use crate::accumulate::merge::add_counts;
use crate::accumulate::{Accumulator, Finish};
use crate::metric::{MetricError, MetricValue, Resampling, Shape, Share, WeightedValue};
use crate::value::{Value, ValueError};

/// A count of things. Its value is the integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Count(pub u64);

impl Accumulator for Count {
    fn merge(&mut self, other: Self) {
        add_counts(&mut self.0, other.0);
    }
}

impl Finish for Count {
    type Output = u64;

    fn finish(&self) -> Result<u64, MetricError> {
        Ok(self.0)
    }
}

/// A quotient of two counts, such as correct predictions by predictions. Its value is one division of the totals, never an
/// average of quotients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    /// The part.
    pub part: u64,
    /// The whole.
    pub whole: u64,
}

impl Ratio {
    /// A quotient of two counts.
    #[must_use]
    pub fn new(part: u64, whole: u64) -> Self {
        Self { part, whole }
    }

    /// Counts how many of these hold.
    ///
    /// ```
    /// use neurobench::accumulate::Ratio;
    /// assert_eq!(Ratio::from_bools([true, false, true, true]), Ratio::new(3, 4));
    /// ```
    #[must_use]
    pub fn from_bools(holds: impl IntoIterator<Item = bool>) -> Self {
        let mut ratio = Self::default();
        for item in holds {
            ratio.part += u64::from(item);
            ratio.whole += 1;
        }
        ratio
    }
}

impl From<Ratio> for Share {
    fn from(Ratio { part, whole }: Ratio) -> Self {
        Self { part, whole }
    }
}

/// The quotient, which is a share.
impl MetricValue for Ratio {
    fn shape() -> Shape {
        Shape::Float
    }

    fn to_value(&self) -> Result<Value, ValueError> {
        Value::from_serialize(&(self.part as f64 / self.whole as f64))
    }

    fn share(&self) -> Option<Share> {
        Some((*self).into())
    }
}

impl Accumulator for Ratio {
    fn merge(&mut self, other: Self) {
        add_counts(&mut self.part, other.part);
        add_counts(&mut self.whole, other.whole);
    }

    fn resampling() -> Resampling<Self> {
        let sample_value =
            |ratio: &Self| WeightedValue { value: ratio.part as f64 / ratio.whole as f64, weight: ratio.whole };
        Resampling::<Self>::states().with_sample_value(sample_value).with_share(|ratio| (*ratio).into())
    }
}

impl Finish for Ratio {
    type Output = f64;

    /// `part / whole`; undefined for a whole of 0.
    fn finish(&self) -> Result<f64, MetricError> {
        if self.whole == 0 {
            return Err(MetricError::undefined("there is nothing to count (0/0)"));
        }
        Ok(self.part as f64 / self.whole as f64)
    }
}
