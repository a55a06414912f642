//! Sums to which infinities or NaNs were added.

use serde::{Deserialize, Serialize};

/// The numbers of a sum that are not finite, taken together.
///
/// A lattice, so that no order can matter: nothing is below the two infinities, and they are below NaN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Special {
    /// All numbers were finite.
    #[default]
    #[serde(rename = "none")]
    None,
    #[serde(rename = "inf")]
    PositiveInfinity,
    #[serde(rename = "-inf")]
    NegativeInfinity,
    /// There was a NaN, or infinities of both signs.
    #[serde(rename = "nan")]
    Nan,
}

impl Special {
    pub(super) fn from_number(x: f64) -> Self {
        if x.is_finite() {
            Self::None
        } else if x.is_nan() {
            Self::Nan
        } else if x > 0.0 {
            Self::PositiveInfinity
        } else {
            Self::NegativeInfinity
        }
    }

    /// Both together: the least that is not below either.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, special) | (special, Self::None) => special,
            (left, right) if left == right => left,
            _ => Self::Nan,
        }
    }

    /// Value of the sum, if these numbers determine it.
    pub(super) fn value(self) -> Option<f64> {
        match self {
            Self::None => None,
            Self::PositiveInfinity => Some(f64::INFINITY),
            Self::NegativeInfinity => Some(f64::NEG_INFINITY),
            Self::Nan => Some(f64::NAN),
        }
    }
}
