//! The smallest and the largest of the floats of a run.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::accumulate::merge::{MergeMax, MergeMin};
use crate::accumulate::{Accumulator, Finish};
use crate::metric::{MetricError, Resampling};

macro_rules! extremum {
    ($(#[$docs:meta])* $name:ident, $merge:ident, $word:literal) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, Default)]
        pub struct $name(Option<f64>);

        impl $name {
            #[doc = concat!("The ", $word, " of these values; no value for an empty sequence.")]
            #[must_use]
            pub fn from_values(values: impl IntoIterator<Item = f64>) -> Self {
                let mut extremum = Self::default();
                for value in values {
                    extremum.0.$merge(Some(value));
                }
                extremum
            }

            #[doc = concat!("The ", $word, " value so far.")]
            #[must_use]
            pub fn get(&self) -> Option<f64> {
                self.0
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.map(f64::to_bits) == other.0.map(f64::to_bits)
            }
        }

        impl Accumulator for $name {
            fn merge(&mut self, other: Self) {
                self.0.$merge(other.0);
            }

            fn resampling() -> Resampling<Self> {
                Resampling::<Self>::states().with_extreme_value()
            }
        }

        impl Finish for $name {
            type Output = f64;

            fn finish(&self) -> Result<f64, MetricError> {
                self.0.ok_or_else(|| MetricError::undefined(concat!("the ", $word, " of nothing")))
            }
        }

        // As bits: snapshots are JSON, which has no infinity, and a state that can be infinite must still be saved.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.map(f64::to_bits).serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(Self(Option::<u64>::deserialize(deserializer)?.map(f64::from_bits)))
            }
        }
    };
}

extremum! {
    /// The smallest value, in the total order of floats.
    Min, merge_min, "smallest"
}
extremum! {
    /// The largest value, in the total order of floats.
    Max, merge_max, "largest"
}
