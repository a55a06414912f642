//! What cells make of the weighted sums of their inputs and of their state.

use serde::{Deserialize, Serialize};

use crate::real::Real;

/// What bounds the outputs of plain recurrent units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nonlinearity {
    /// The hyperbolic tangent.
    #[default]
    Tanh,
    /// `max(x, 0)`
    Relu,
}

impl Nonlinearity {
    /// Its name in a network file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tanh => "tanh",
            Self::Relu => "relu",
        }
    }
}

/// A kind of recurrent units. Gates, and numbers that units keep, lie one kind after the other, each for all units.
pub(super) trait Cell: Copy + Send + Sync + 'static {
    /// How many weighted sums a unit has.
    const GATES: usize;
    /// How many numbers a unit keeps from step to step, the first of which is its output.
    const KEPT: usize;
    /// How many products a unit makes beside its weighted sums, if nothing is zero.
    const PRODUCTS: u64;

    /// One step of all units.
    fn step<R: Real>(self, from_inputs: &[R], from_state: &[R], kept: &mut [R]);

    /// How many products the units make at a step beside their weighted sums, with what they kept before it.
    fn products<R: Real>(self, reached: Reached<'_>, kept: &[R]) -> u64;
}

/// Which weighted sums have a term that is not zero: a bias, or a weight and a number on it.
#[derive(Clone, Copy)]
pub(super) struct Reached<'m> {
    pub(super) from_inputs: &'m [bool],
    pub(super) from_state: &'m [bool],
}

impl Reached<'_> {
    /// Whether the sum of both has such a term.
    fn either(&self, gate: usize) -> bool {
        self.from_inputs[gate] || self.from_state[gate]
    }
}

/// `h' = f(a + u)`
#[derive(Clone, Copy)]
pub(super) struct Plain(pub(super) Nonlinearity);

impl Cell for Plain {
    const GATES: usize = 1;
    const KEPT: usize = 1;
    const PRODUCTS: u64 = 0;

    fn step<R: Real>(self, from_inputs: &[R], from_state: &[R], kept: &mut [R]) {
        for ((output, input), state) in kept.iter_mut().zip(from_inputs).zip(from_state) {
            let sum = *input + *state;
            *output = match self.0 {
                Nonlinearity::Tanh => sum.tanh(),
                Nonlinearity::Relu if sum <= R::zero() => R::zero(),
                Nonlinearity::Relu => sum,
            };
        }
    }

    fn products<R: Real>(self, _: Reached<'_>, _: &[R]) -> u64 {
        0
    }
}

/// Long short-term memory; the gates are `i`, `f`, `g` and `o`, what is kept `h` and `c`.
#[derive(Clone, Copy)]
pub(super) struct Lstm;

impl Cell for Lstm {
    const GATES: usize = 4;
    const KEPT: usize = 2;
    const PRODUCTS: u64 = 3;

    fn step<R: Real>(self, from_inputs: &[R], from_state: &[R], kept: &mut [R]) {
        let units = kept.len() / Self::KEPT;
        let (outputs, cells) = kept.split_at_mut(units);
        for (unit, (output, cell)) in outputs.iter_mut().zip(cells).enumerate() {
            let gate = |gate: usize| from_inputs[gate * units + unit] + from_state[gate * units + unit];
            let (input, forget, new, out) = (sigmoid(gate(0)), sigmoid(gate(1)), gate(2).tanh(), sigmoid(gate(3)));
            *cell = forget * *cell + input * new;
            *output = out * cell.tanh();
        }
    }

    /// `f·c`, `i·g` and `o·tanh(c')` of every unit.
    fn products<R: Real>(self, reached: Reached<'_>, kept: &[R]) -> u64 {
        let units = kept.len() / Self::KEPT;
        let of_unit = |(unit, cell): (usize, &R)| {
            let gate = |gate: usize| reached.either(gate * units + unit);
            let kept = u64::from(gate(1) && !cell.is_zero());
            let new = u64::from(gate(0) && gate(2));
            kept + new + u64::from(gate(3) && kept + new > 0)
        };
        kept[units..].iter().enumerate().map(of_unit).sum()
    }
}

/// Gated recurrent units; the gates are `r`, `z` and `n`.
#[derive(Clone, Copy)]
pub(super) struct Gru;

impl Cell for Gru {
    const GATES: usize = 3;
    const KEPT: usize = 1;
    const PRODUCTS: u64 = 3;

    fn step<R: Real>(self, from_inputs: &[R], from_state: &[R], kept: &mut [R]) {
        let units = kept.len();
        for (unit, output) in kept.iter_mut().enumerate() {
            let gate = |gate: usize| (from_inputs[gate * units + unit], from_state[gate * units + unit]);
            let both = |(input, state): (R, R)| sigmoid(input + state);
            let (reset, update) = (both(gate(0)), both(gate(1)));
            let (input, state) = gate(2);
            let new = (input + reset * state).tanh();
            *output = (R::one() - update) * new + update * *output;
        }
    }

    /// `r·u_n`, `(1 - z)·n` and `z·h` of every unit. `1 - z` is never zero by the rule of
    /// [the room](super): it has the term 1, even where `z` is rounded to 1.
    fn products<R: Real>(self, reached: Reached<'_>, kept: &[R]) -> u64 {
        let units = kept.len();
        let of_unit = |(unit, output): (usize, &R)| {
            let new = 2 * units + unit;
            let reset = reached.either(unit) && reached.from_state[new];
            let new = reached.from_inputs[new] || reset;
            let kept = reached.either(units + unit) && !output.is_zero();
            u64::from(reset) + u64::from(new) + u64::from(kept)
        };
        kept.iter().enumerate().map(of_unit).sum()
    }
}

/// `1 / (1 + e^-x)`
fn sigmoid<R: Real>(x: R) -> R {
    R::one() / (R::one() + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [bool; 4] = [false; 4];

    #[test]
    fn products_of_one_unit_by_hand() {
        let all = Reached { from_inputs: &[true; 4], from_state: &[true; 4] };
        assert_eq!(Lstm.products(all, &[1.0, 1.0]), 3);
        assert_eq!(Gru.products(all, &[1.0]), 3);
        // From rest neither f·c nor z·h.
        assert_eq!(Lstm.products(all, &[0.0, 0.0]), 2);
        assert_eq!(Gru.products(all, &[0.0]), 2);
        let nothing = Reached { from_inputs: &NONE, from_state: &NONE };
        assert_eq!(Lstm.products(nothing, &[1.0, 1.0]), 0);
        assert_eq!(Gru.products(nothing, &[1.0]), 0);
        // f·c, and o on it; no i.
        let forgets = Reached { from_inputs: &[false, true, true, true], from_state: &NONE };
        assert_eq!(Lstm.products(forgets, &[0.0, 1.0]), 2);
        // n comes from the inputs alone: (1 - z)·n and no r·u_n.
        let new = Reached { from_inputs: &[true, false, true, false], from_state: &NONE };
        assert_eq!(Gru.products(new, &[1.0]), 1);
    }
}
