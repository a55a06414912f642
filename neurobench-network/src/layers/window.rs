//! Windows that slide over the axes of a sample: what convolutions and pooling share.
//!
//! A layer for fewer axes is the same layer for more whose first have length 1. Along an axis of `n` inputs, a window of `k`
//! taps that lie `d` apart and move by `s`, with `p` positions of padding before and `q` after, gives
//! `⌊(n + p + q - d·(k - 1) - 1) / s⌋ + 1` outputs; tap `t` of output `o` lies on input `o·s + t·d - p`.

use serde::{Deserialize, Serialize};

use crate::MOST_ELEMENTS;
use crate::error::NetworkError;
use crate::file::integer;
use crate::layers::Parts;

/// A number of positions: the same along every axis, or one for each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a whole number, not negative, or a list of them, one for each axis")]
pub enum Extent {
    /// The same along every axis.
    Same(usize),
    /// One for each axis: of depth, height and width, in this order, those that there are.
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
    /// Its numbers for so many axes, behind `absent` for those that the layer does not have.
    pub(super) fn of_axes<const AXES: usize>(
        &self,
        key: &str,
        axes: usize,
        absent: usize,
        parts: &Parts<'_, '_>,
    ) -> Result<[usize; AXES], NetworkError> {
        let mut all = [absent; AXES];
        let own = &mut all[AXES - axes..];
        match self {
            Self::Same(length) => own.fill(*length),
            Self::Each(lengths) if lengths.len() == axes => own.copy_from_slice(lengths),
            Self::Each(lengths) => {
                return Err(parts.problem(format!("`{key}` lists {} numbers, not {axes}", lengths.len())));
            }
        }
        Ok(all)
    }

    /// The same, of lengths that cannot be zero.
    pub(super) fn at_least_one<const AXES: usize>(
        &self,
        key: &str,
        axes: usize,
        parts: &Parts<'_, '_>,
    ) -> Result<[usize; AXES], NetworkError> {
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

/// The channels and the axes of the inputs of a layer for so many axes; those that it does not have are 1 long.
pub(super) fn channels_and_axes<const AXES: usize>(
    parts: &Parts<'_, '_>,
    axes: usize,
) -> Option<(usize, [usize; AXES])> {
    let (channels, own) = parts.shape.split_first().filter(|(_, own)| own.len() == axes)?;
    let mut lengths = [1; AXES];
    lengths[AXES - axes..].copy_from_slice(own);
    Some((*channels, lengths))
}

/// That the layer is given another shape than this many channels and axes.
pub(super) fn wrong_shape(parts: &Parts<'_, '_>, channels: &str, axes: usize) -> NetworkError {
    let rest = match axes {
        1 => "length",
        2 => "height, width",
        _ => "depth, height, width",
    };
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
        let (padded, span) = self.padded_and_span()?;
        match padded.checked_sub(span) {
            Some(room) => Ok(room / self.stride + 1),
            None => Err(format!("its window spans {span} positions; the padded inputs have {padded}")),
        }
    }

    /// How many outputs it has if the last may reach beyond the padding, as long as it begins before it.
    pub(super) fn outputs_rounded_up(&self) -> Result<usize, String> {
        let (padded, span) = self.padded_and_span()?;
        let Some(room) = padded.saturating_add(self.stride - 1).checked_sub(span) else { return self.outputs() };
        let outputs = room / self.stride + 1;
        let begins_late = (outputs - 1).saturating_mul(self.stride) >= self.inputs + self.padding[0];
        Ok(outputs - usize::from(begins_late))
    }

    /// How many inputs there are with the padding, and over how many positions the taps reach.
    fn padded_and_span(&self) -> Result<(usize, usize), String> {
        let [before, after] = self.padding;
        let padded = self.inputs.checked_add(before).and_then(|sum| sum.checked_add(after));
        let span = (self.taps - 1).checked_mul(self.dilation).and_then(|span| span.checked_add(1));
        padded.zip(span).ok_or_else(|| "its window has more positions than can be counted".to_owned())
    }
}

/// The shape of the outputs, if lists of so many inputs and outputs can be.
pub(super) fn shape(
    parts: &Parts<'_, '_>,
    channels: usize,
    axes: usize,
    outputs: &[usize],
) -> Result<Vec<usize>, NetworkError> {
    let own = &outputs[outputs.len() - axes..];
    let shape: Vec<usize> = [channels].iter().chain(own).copied().collect();
    elements(parts, "inputs", parts.shape)?;
    elements(parts, "outputs", &shape)?;
    Ok(shape)
}

/// How many numbers a shape has, if a list of so many can be.
pub(super) fn elements(parts: &Parts<'_, '_>, name: &str, shape: &[usize]) -> Result<usize, NetworkError> {
    let elements = shape.iter().try_fold(1_usize, |product, length| product.checked_mul(*length));
    elements
        .filter(|elements| *elements <= MOST_ELEMENTS)
        .ok_or_else(|| parts.problem(format!("{name} of shape {shape:?} have too many elements")))
}
