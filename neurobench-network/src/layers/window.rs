//! Windows that slide over the axes of a sample, for convolutions and pooling.
//!
//! A layer with fewer axes is computed as a layer with more axes whose first axes have length 1. Along an axis of `n` inputs, a
//! window of `k` taps with dilation `d` and stride `s`, with `p` positions of padding before the inputs and `q` after them, has
//! `⌊(n + p + q - d·(k - 1) - 1) / s⌋ + 1` outputs. Tap `t` of output `o` lies on input `o·s + t·d - p`.

use serde::{Deserialize, Serialize};

use crate::MOST_ELEMENTS;
use crate::error::NetworkError;
use crate::file::integer;
use crate::layers::Parts;

/// A number of positions: the same along every axis, or one for each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a whole number that is not negative, or a list of them, one for each axis")]
pub enum Extent {
    /// The same along every axis.
    Same(usize),
    /// One for each axis that exists, in the order depth, height and width.
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
    /// Returns the numbers for the axes of the layer, after `absent` for each axis that it does not have.
    pub(super) fn for_axes<const AXES: usize>(
        &self,
        key: &str,
        axes: usize,
        absent: usize,
        parts: &Parts<'_, '_>,
    ) -> Result<[usize; AXES], NetworkError> {
        let mut all = [absent; AXES];
        let lengths_of_axes = &mut all[AXES - axes..];
        match self {
            Self::Same(length) => lengths_of_axes.fill(*length),
            Self::Each(lengths) if lengths.len() == axes => lengths_of_axes.copy_from_slice(lengths),
            Self::Each(lengths) => {
                return Err(parts.problem(format!("`{key}` must have {axes} numbers, found {}", lengths.len())));
            }
        }
        Ok(all)
    }

    /// Like [`for_axes`](Self::for_axes), for lengths that must not be zero.
    pub(super) fn at_least_one<const AXES: usize>(
        &self,
        key: &str,
        axes: usize,
        parts: &Parts<'_, '_>,
    ) -> Result<[usize; AXES], NetworkError> {
        let lengths = self.for_axes(key, axes, 1, parts)?;
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

/// Number of channels and lengths of the axes of the inputs; the length is 1 for axes that the layer does not have. `None` if
/// the inputs have another number of axes.
pub(super) fn channels_and_axes<const AXES: usize>(
    parts: &Parts<'_, '_>,
    axes: usize,
) -> Option<(usize, [usize; AXES])> {
    let (channels, lengths_of_axes) =
        parts.shape.split_first().filter(|(_, lengths_of_axes)| lengths_of_axes.len() == axes)?;
    let mut lengths = [1; AXES];
    lengths[AXES - axes..].copy_from_slice(lengths_of_axes);
    Some((*channels, lengths))
}

/// Creates an error about inputs with the wrong channels or axes.
pub(super) fn wrong_shape(parts: &Parts<'_, '_>, channels: &str, axes: usize) -> NetworkError {
    let rest = match axes {
        1 => "length",
        2 => "height, width",
        _ => "depth, height, width",
    };
    parts.problem(format!("expected inputs of shape [{channels}, {rest}], found {:?}", parts.shape))
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
    /// Number of outputs; the error describes why there are none.
    pub(super) fn outputs(&self) -> Result<usize, String> {
        let (padded, span) = self.padded_and_span()?;
        match padded.checked_sub(span) {
            Some(room) => Ok(room / self.stride + 1),
            None => Err(format!("the window spans {span} positions, but the padded inputs have only {padded}")),
        }
    }

    /// Number of outputs if the last window may reach beyond the padding, provided that it starts before the padding at the end.
    pub(super) fn outputs_rounded_up(&self) -> Result<usize, String> {
        let (padded, span) = self.padded_and_span()?;
        let Some(room) = padded.saturating_add(self.stride - 1).checked_sub(span) else { return self.outputs() };
        let outputs = room / self.stride + 1;
        let begins_late = (outputs - 1).saturating_mul(self.stride) >= self.inputs + self.padding[0];
        Ok(outputs - usize::from(begins_late))
    }

    /// Number of inputs including the padding, and number of positions that the window spans.
    fn padded_and_span(&self) -> Result<(usize, usize), String> {
        let [before, after] = self.padding;
        let padded = self.inputs.checked_add(before).and_then(|sum| sum.checked_add(after));
        let span = (self.taps - 1).checked_mul(self.dilation).and_then(|span| span.checked_add(1));
        padded.zip(span).ok_or_else(|| "the window has too many positions to count".to_owned())
    }
}

/// Shape of the outputs; fails if there are too many inputs or outputs.
pub(super) fn shape(
    parts: &Parts<'_, '_>,
    channels: usize,
    axes: usize,
    outputs: &[usize],
) -> Result<Vec<usize>, NetworkError> {
    let lengths_of_axes = &outputs[outputs.len() - axes..];
    let shape: Vec<usize> = [channels].iter().chain(lengths_of_axes).copied().collect();
    elements(parts, "inputs", parts.shape)?;
    elements(parts, "outputs", &shape)?;
    Ok(shape)
}

/// Number of elements of a shape; fails if there are too many.
pub(super) fn elements(parts: &Parts<'_, '_>, name: &str, shape: &[usize]) -> Result<usize, NetworkError> {
    let elements = shape.iter().try_fold(1_usize, |product, length| product.checked_mul(*length));
    elements
        .filter(|elements| *elements <= MOST_ELEMENTS)
        .ok_or_else(|| parts.problem(format!("{name} of shape {shape:?} have too many elements")))
}
