//! Checks at compile time, which stop the compilation with a message.

use crate::component::Param;
use crate::metric::Needs;

/// Stops the compilation with a message unless a condition holds.
#[track_caller]
pub const fn require(holds: bool, message: &'static str) {
    if !holds {
        panic!("{}", message);
    }
}

/// Stops the compilation if a literal is outside the range of a setting. The sign is separate, as literals have none.
#[track_caller]
pub const fn require_in_range(params: &[Param], setting: &str, size: f64, negative: bool) {
    let value = if negative { -size } else { size };
    let mut i = 0;
    while i < params.len() {
        if equal(params[i].name.as_bytes(), setting.as_bytes())
            && let Some(bounds) = params[i].bounds
            && !bounds.contains(value)
        {
            let range = match params[i].range {
                Some(range) => range,
                None => "",
            };
            let mut text = [0_u8; 256];
            let mut length = append(&mut text, 0, "this value of setting `");
            length = append(&mut text, length, setting);
            length = append(&mut text, length, "` is not in its range `");
            length = append(&mut text, length, range);
            length = append(&mut text, length, "`: change it");
            let (message, _) = text.split_at(length);
            match std::str::from_utf8(message) {
                Ok(message) => panic!("{}", message),
                Err(_) => panic!("this value is not in the range of its setting: change it"),
            }
        }
        i += 1;
    }
}

/// Writes `piece` behind the first `length` bytes of a text, as far as there is room, and returns the new length.
const fn append(text: &mut [u8], mut length: usize, piece: &str) -> usize {
    let piece = piece.as_bytes();
    let mut i = 0;
    while i < piece.len() && length < text.len() {
        text[length] = piece[i];
        length += 1;
        i += 1;
    }
    length
}

/// One check for both depths of hooks: the message follows what is missing.
#[track_caller]
pub const fn require_hooks(needs: Needs, granted: Needs, counts: &'static str, traces: &'static str) {
    if needs.intersects(Needs::TRACES) && !granted.intersects(Needs::TRACES) {
        panic!("{}", traces);
    }
    if needs.intersects(Needs::HOOKS) && !granted.intersects(Needs::HOOKS) {
        panic!("{}", counts);
    }
}

/// Returns true if the params of two cores of one metric have no name in common, except for a selection of layers: it
/// applies to both.
#[must_use]
pub const fn disjoint_cores(left: &[Param], right: &[Param]) -> bool {
    let mut i = 0;
    while i < left.len() {
        let mut j = 0;
        while j < right.len() {
            let both_select = is_selection(left[i].type_name) && is_selection(right[j].type_name);
            if !both_select && equal(left[i].name.as_bytes(), right[j].name.as_bytes()) {
                return false;
            }
            j += 1;
        }
        i += 1;
    }
    true
}

/// Returns true for the type of a selection of layers, as written in the source with its path or without.
const fn is_selection(type_name: &str) -> bool {
    let (name, ending) = (type_name.as_bytes(), b"LayerSelection");
    match name.split_at_checked(name.len().saturating_sub(ending.len())) {
        Some((_, end)) => equal(end, ending),
        None => false,
    }
}

/// Returns true if two lists of params have no name in common.
#[must_use]
pub const fn disjoint(left: &[Param], right: &[Param]) -> bool {
    let mut i = 0;
    while i < left.len() {
        let mut j = 0;
        while j < right.len() {
            if equal(left[i].name.as_bytes(), right[j].name.as_bytes()) {
                return false;
            }
            j += 1;
        }
        i += 1;
    }
    true
}

pub(super) const fn equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut i = 0;
    while i < left.len() {
        if left[i] != right[i] {
            return false;
        }
        i += 1;
    }
    true
}
