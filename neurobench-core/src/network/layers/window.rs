//! Windows that slide over the axes of a sample: what convolutions and pooling share.
//!
//! A layer for one axis is the same layer for two whose first has length 1. Along an axis of `n` inputs, a window of `k` taps
//! that lie `d` apart and move by `s`, with `p` positions of padding before and `q` after, gives
//! `⌊(n + p + q - d·(k - 1) - 1) / s⌋ + 1` outputs; tap `t` of output `o` lies on input `o·s + t·d - p`.

use serde::{Deserialize, Serialize};

use crate::network::MOST_ELEMENTS;
use crate::network::error::NetworkError;
use crate::network::layers::Parts;

/// A number of positions: the same along every axis, or one for each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a whole number, not negative, or a list of them, one for each axis")]
pub enum Extent {
    /// The same along every axis.
    Same(usize),
    /// One for each axis, the height before the width.
    Each(Vec<usize>),
}

impl From<usize> for Extent {
    fn from(length: usize) -> Self {
        Self::Same(length)
    }
}

impl<const AXES: usize> From<[usize; AXES]> for Extent {
    fn from(lengths: [usize; AXES]) -> Self {
        Self::Each(lengths.to_vec())
    }
}

impl Extent {
    /// Its numbers for two axes; for a layer of one axis, the first of them is `absent`.
    pub(super) fn of_axes(
        &self,
        key: &str,
        axes: usize,
        absent: usize,
        parts: &Parts<'_, '_>,
    ) -> Result<[usize; 2], NetworkError> {
        match (self, axes) {
            (Self::Same(length), 1) => Ok([absent, *length]),
            (Self::Same(length), _) => Ok([*length; 2]),
            (Self::Each(lengths), _) => match (lengths.as_slice(), axes) {
                ([length], 1) => Ok([absent, *length]),
                ([height, width], 2) => Ok([*height, *width]),
                _ => Err(parts.problem(format!("`{key}` lists {} numbers, not {axes}", lengths.len()))),
            },
        }
    }

    /// The same, of lengths that cannot be zero.
    pub(super) fn at_least_one(
        &self,
        key: &str,
        axes: usize,
        parts: &Parts<'_, '_>,
    ) -> Result<[usize; 2], NetworkError> {
        let lengths = self.of_axes(key, axes, 1, parts)?;
        if lengths.contains(&0) {
            return Err(parts.problem(format!("`{key}` must be at least 1")));
        }
        Ok(lengths)
    }

    pub(super) fn to_toml(&self) -> toml::Value {
        match self {
            Self::Same(length) => integer(*length),
            Self::Each(lengths) => toml::Value::Array(lengths.iter().copied().map(integer).collect()),
        }
    }
}

/// A size as a key's value. One that no such value holds is far beyond what any layer can be.
pub(super) fn integer(length: usize) -> toml::Value {
    toml::Value::Integer(i64::try_from(length).unwrap_or(i64::MAX))
}

/// The channels and the two axes of the inputs of a layer for so many axes.
pub(super) fn channels_and_axes(parts: &Parts<'_, '_>, axes: usize) -> Option<(usize, [usize; 2])> {
    match (parts.shape, axes) {
        ([channels, length], 1) => Some((*channels, [1, *length])),
        ([channels, height, width], 2) => Some((*channels, [*height, *width])),
        _ => None,
    }
}

/// That the layer is given another shape than this many channels and axes.
pub(super) fn wrong_shape(parts: &Parts<'_, '_>, channels: &str, axes: usize) -> NetworkError {
    let rest = if axes == 1 { "length" } else { "height, width" };
    parts.problem(format!("takes inputs of shape [{channels}, {rest}] and is given {:?}", parts.shape))
}

/// A window along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) inputs: usize,
    pub(super) taps: usize,
    pub(super) stride: usize,
    pub(super) dilation: usize,
    /// Positions of padding before the first input and after the last.
    pub(super) padding: [usize; 2],
}

impl Window {
    /// How many outputs it has, or why there are none.
    pub(super) fn outputs(&self) -> Result<usize, String> {
        let [before, after] = self.padding;
        let padded = self.inputs.checked_add(before).and_then(|sum| sum.checked_add(after));
        let span = (self.taps - 1).checked_mul(self.dilation).and_then(|span| span.checked_add(1));
        let (Some(padded), Some(span)) = (padded, span) else {
            return Err("its window has more positions than can be counted".to_owned());
        };
        match padded.checked_sub(span) {
            Some(room) => Ok(room / self.stride + 1),
            None => Err(format!("its window spans {span} positions; the padded inputs have {padded}")),
        }
    }

    /// For each input, the taps that meet it and the outputs that they belong to. Padding is in none.
    pub(super) fn meetings(&self, outputs: usize) -> Vec<Vec<(usize, usize)>> {
        let meeting = |input: usize, tap: usize| {
            let start = (input + self.padding[0]).checked_sub(tap * self.dilation)?;
            let output = start / self.stride;
            (start.is_multiple_of(self.stride) && output < outputs).then_some((tap, output))
        };
        let of_input = |input| (0..self.taps).filter_map(|tap| meeting(input, tap)).collect();
        (0..self.inputs).map(of_input).collect()
    }

    /// The inputs under the window of an output whose taps lie side by side, without padding.
    pub(super) fn covered(&self, output: usize) -> std::ops::Range<usize> {
        let start = output * self.stride;
        let place = |padded: usize| padded.saturating_sub(self.padding[0]).min(self.inputs);
        place(start)..place(start + self.taps)
    }
}

/// The shape of the outputs, if lists of so many inputs and outputs can be.
pub(super) fn shape(
    parts: &Parts<'_, '_>,
    channels: usize,
    axes: usize,
    outputs: [usize; 2],
) -> Result<Vec<usize>, NetworkError> {
    let shape = [channels, outputs[0], outputs[1]];
    for (name, shape) in [("inputs", parts.shape), ("outputs", &shape)] {
        let elements = shape.iter().try_fold(1_usize, |product, length| product.checked_mul(*length));
        if elements.is_none_or(|elements| elements > MOST_ELEMENTS) {
            return Err(parts.problem(format!("{name} of shape {shape:?} have too many elements")));
        }
    }
    Ok(if axes == 1 { vec![channels, outputs[1]] } else { shape.to_vec() })
}
