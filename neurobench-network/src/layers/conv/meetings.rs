//! The taps of a kernel that meet each input along one axis, and the outputs that they belong to.

use std::ops::Range;

use crate::layers::window::Window;

/// Meetings of every input of an axis with taps. Padding is not an input.
#[derive(Debug)]
pub(super) struct Meetings {
    by_input: Vec<Meeting>,
    /// Distance between the taps that meet an input.
    tap_step: usize,
    /// Distance between the outputs of these taps.
    output_step: isize,
}

/// Evenly spaced taps that meet one input.
#[derive(Clone, Copy, Debug)]
struct Meeting {
    first_tap: usize,
    /// Output of the first tap.
    output: usize,
    taps: usize,
}

/// Adjacent taps that meet one input, with their adjacent outputs.
pub(super) struct SideBySide {
    pub(super) taps: Range<usize>,
    pub(super) outputs: Range<usize>,
    /// True if the first tap belongs to the last output.
    pub(super) reversed: bool,
}

const NO_MEETING: Meeting = Meeting { first_tap: 0, output: 0, taps: 0 };

impl Meetings {
    /// Meetings of a convolution: tap `t` of output `o` meets input `o·stride + t·dilation - padding`.
    pub(super) fn for_convolution(window: &Window, outputs: usize) -> Self {
        let Window { inputs, taps, stride, dilation, padding: [before, _] } = *window;
        let divisor = greatest_common_divisor(stride, dilation);
        let tap_step = stride / divisor;
        let find = |input: usize| {
            let place = input + before;
            // Later taps would belong to outputs before the first, earlier ones to outputs after the last.
            let last = (taps - 1).min(place / dilation);
            let first = place.saturating_sub(stride * (outputs - 1)).div_ceil(dilation);
            let meets = |tap: &usize| (place - tap * dilation).is_multiple_of(stride);
            match (first..=last).take(tap_step).find(meets) {
                Some(tap) => Meeting {
                    first_tap: tap,
                    output: (place - tap * dilation) / stride,
                    taps: (last - tap) / tap_step + 1,
                },
                None => NO_MEETING,
            }
        };
        // If no two taps meet the same input, the value does not matter.
        let output_step = 0_isize.wrapping_sub_unsigned(dilation / divisor);
        Self { by_input: (0..inputs).map(find).collect(), tap_step, output_step }
    }

    /// Meetings of a transposed convolution: tap `t` of input `i` meets output `i·stride + t·dilation - padding`.
    pub(super) fn for_transposed(window: &Window, outputs: usize) -> Self {
        let Window { inputs, taps, stride, dilation, padding: [before, _] } = *window;
        let find = |input: usize| {
            let place = input * stride;
            let first = before.saturating_sub(place).div_ceil(dilation);
            let last = (outputs - 1 + before).checked_sub(place).map(|room| (taps - 1).min(room / dilation));
            match last {
                Some(last) if first <= last => {
                    Meeting { first_tap: first, output: place + first * dilation - before, taps: last - first + 1 }
                }
                _ => NO_MEETING,
            }
        };
        let output_step = 0_isize.wrapping_add_unsigned(dilation);
        Self { by_input: (0..inputs).map(find).collect(), tap_step: 1, output_step }
    }

    /// Taps that meet an input, with their outputs.
    #[inline(always)]
    pub(super) fn taps(&self, input: usize) -> impl Iterator<Item = (usize, usize)> + Clone + use<> {
        let Meeting { first_tap, output, taps } = self.by_input[input];
        let (tap_step, output_step) = (self.tap_step, self.output_step);
        (0..taps).map(move |number| {
            (first_tap + number * tap_step, output.wrapping_add_signed(output_step.wrapping_mul(number.cast_signed())))
        })
    }

    /// Ranges of the taps that meet an input and of their outputs, if both are adjacent.
    #[inline(always)]
    pub(super) fn side_by_side(&self, input: usize) -> Option<SideBySide> {
        let Meeting { first_tap, output, taps } = self.by_input[input];
        let reversed = match (self.tap_step, self.output_step) {
            (1, 1) => false,
            (1, -1) => true,
            _ => return None,
        };
        let first = if reversed { (output + 1).saturating_sub(taps) } else { output };
        Some(SideBySide { taps: first_tap..first_tap + taps, outputs: first..first + taps, reversed })
    }

    /// Number of pairs of inputs and taps that meet.
    pub(super) fn pairs(&self) -> u64 {
        self.by_input.iter().map(|meeting| meeting.taps as u64).sum()
    }
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All small windows: the pairs are those of the definition, in ascending order of taps.
    #[test]
    fn meetings_match_the_definition() {
        let mut windows = 0;
        for (inputs, taps) in (1..7).flat_map(|inputs| (1..5).map(move |taps| (inputs, taps))) {
            for (stride, dilation) in (1..5).flat_map(|stride| (1..5).map(move |dilation| (stride, dilation))) {
                for before in 0..4 {
                    let window = Window { inputs, taps, stride, dilation, padding: [before, 1] };
                    if let Ok(outputs) = window.outputs() {
                        let place = |output: usize, tap: usize| (output * stride + tap * dilation).checked_sub(before);
                        check(&Meetings::for_convolution(&window, outputs), &window, outputs, |input, output, tap| {
                            place(output, tap) == Some(input)
                        });
                        windows += 1;
                    }
                    for outputs in 1..9 {
                        let place = |input: usize, tap: usize| (input * stride + tap * dilation).checked_sub(before);
                        check(&Meetings::for_transposed(&window, outputs), &window, outputs, |input, output, tap| {
                            place(input, tap) == Some(output)
                        });
                    }
                }
            }
        }
        assert!(windows > 800);
    }

    fn check(meetings: &Meetings, window: &Window, outputs: usize, meet: impl Fn(usize, usize, usize) -> bool) {
        let mut pairs = 0;
        for input in 0..window.inputs {
            let all = (0..window.taps).flat_map(|tap| (0..outputs).map(move |output| (tap, output)));
            let expected: Vec<(usize, usize)> = all.filter(|(tap, output)| meet(input, *output, *tap)).collect();
            let found: Vec<(usize, usize)> = meetings.taps(input).collect();
            assert_eq!(found, expected, "input {input} of {window:?}");
            pairs += found.len() as u64;
            if let Some(SideBySide { taps, outputs, reversed }) = meetings.side_by_side(input) {
                let outputs = outputs.collect::<Vec<_>>();
                let outputs = if reversed { outputs.into_iter().rev().collect() } else { outputs };
                assert_eq!(taps.zip(outputs).collect::<Vec<_>>(), expected);
            }
        }
        assert_eq!(meetings.pairs(), pairs);
    }
}
