//! Cells: the computation on the weighted sums of inputs and state.

use serde::{Deserialize, Serialize};

use crate::real::Real;

/// Activation function of plain recurrent units.
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
    /// Name in a network file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tanh => "tanh",
            Self::Relu => "relu",
        }
    }
}

/// A kind of recurrent units. Gates and state values are stored one kind after the other, each for all units.
pub(super) trait Cell: Copy + Send + Sync + 'static {
    /// Number of weighted sums of a unit.
    const GATES: usize;
    /// Number of state values of a unit, the first of which is its output.
    const STATE: usize;
    /// Number of products of a unit in addition to its weighted sums, if no factor is zero.
    const PRODUCTS: u64;

    /// Computes a step of all units.
    fn step<R: Real>(self, from_inputs: &[R], from_state: &[R], state: &mut [R]);

    /// Number of products of a step of all units in addition to their weighted sums, with the state before the step.
    fn products<R: Real>(self, nonzero: NonzeroSums<'_>, state: &[R]) -> u64;
}

/// Marks of the weighted sums that have a nonzero term: a bias, or a product of a weight and an input.
#[derive(Clone, Copy)]
pub(super) struct NonzeroSums<'m> {
    pub(super) from_inputs: &'m [bool],
    pub(super) from_state: &'m [bool],
}

impl NonzeroSums<'_> {
    /// Returns true if the sum of both has a nonzero term.
    fn either(&self, gate: usize) -> bool {
        self.from_inputs[gate] || self.from_state[gate]
    }
}

/// `h' = f(a + u)`
#[derive(Clone, Copy)]
pub(super) struct Plain(pub(super) Nonlinearity);

impl Cell for Plain {
    const GATES: usize = 1;
    const STATE: usize = 1;
    const PRODUCTS: u64 = 0;

    fn step<R: Real>(self, from_inputs: &[R], from_state: &[R], state: &mut [R]) {
        for ((output, input), state) in state.iter_mut().zip(from_inputs).zip(from_state) {
            let sum = *input + *state;
            *output = match self.0 {
                Nonlinearity::Tanh => sum.tanh(),
                Nonlinearity::Relu if sum <= R::zero() => R::zero(),
                Nonlinearity::Relu => sum,
            };
        }
    }

    fn products<R: Real>(self, _: NonzeroSums<'_>, _: &[R]) -> u64 {
        0
    }
}

/// Long short-term memory; the gates are `i`, `f`, `g` and `o`, the state is `h` and `c`.
#[derive(Clone, Copy)]
pub(super) struct Lstm;

impl Cell for Lstm {
    const GATES: usize = 4;
    const STATE: usize = 2;
    const PRODUCTS: u64 = 3;

    fn step<R: Real>(self, from_inputs: &[R], from_state: &[R], state: &mut [R]) {
        let units = state.len() / Self::STATE;
        let (outputs, cells) = state.split_at_mut(units);
        for (unit, (output, cell)) in outputs.iter_mut().zip(cells).enumerate() {
            let gate = |gate: usize| from_inputs[gate * units + unit] + from_state[gate * units + unit];
            let (input, forget, new, out) = (sigmoid(gate(0)), sigmoid(gate(1)), gate(2).tanh(), sigmoid(gate(3)));
            *cell = forget * *cell + input * new;
            *output = out * cell.tanh();
        }
    }

    /// Counts `f·c`, `i·g` and `o·tanh(c')` of every unit.
    fn products<R: Real>(self, nonzero: NonzeroSums<'_>, state: &[R]) -> u64 {
        let units = state.len() / Self::STATE;
        let unit_products = |(unit, cell): (usize, &R)| {
            let gate = |gate: usize| nonzero.either(gate * units + unit);
            let state = u64::from(gate(1) && !cell.is_zero());
            let new = u64::from(gate(0) && gate(2));
            state + new + u64::from(gate(3) && state + new > 0)
        };
        state[units..].iter().enumerate().map(unit_products).sum()
    }
}

/// Gated recurrent units; the gates are `r`, `z` and `n`.
#[derive(Clone, Copy)]
pub(super) struct Gru;

impl Cell for Gru {
    const GATES: usize = 3;
    const STATE: usize = 1;
    const PRODUCTS: u64 = 3;

    fn step<R: Real>(self, from_inputs: &[R], from_state: &[R], state: &mut [R]) {
        let units = state.len();
        for (unit, output) in state.iter_mut().enumerate() {
            let gate = |gate: usize| (from_inputs[gate * units + unit], from_state[gate * units + unit]);
            let both = |(input, state): (R, R)| sigmoid(input + state);
            let (reset, update) = (both(gate(0)), both(gate(1)));
            let (input, state) = gate(2);
            let new = (input + reset * state).tanh();
            *output = (R::one() - update) * new + update * *output;
        }
    }

    /// Counts `r·u_n`, `(1 - z)·n` and `z·h` of every unit. By the rule of [this module](super), `1 - z` is never zero: it has the
    /// term 1, even if `z` is rounded to 1.
    fn products<R: Real>(self, nonzero: NonzeroSums<'_>, state: &[R]) -> u64 {
        let units = state.len();
        let unit_products = |(unit, output): (usize, &R)| {
            let new = 2 * units + unit;
            let reset = nonzero.either(unit) && nonzero.from_state[new];
            let new = nonzero.from_inputs[new] || reset;
            let state = nonzero.either(units + unit) && !output.is_zero();
            u64::from(reset) + u64::from(new) + u64::from(state)
        };
        state.iter().enumerate().map(unit_products).sum()
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
    fn products_match_hand_computed_counts() {
        let all = NonzeroSums { from_inputs: &[true; 4], from_state: &[true; 4] };
        assert_eq!(Lstm.products(all, &[1.0, 1.0]), 3);
        assert_eq!(Gru.products(all, &[1.0]), 3);
        // At rest there is neither f·c nor z·h.
        assert_eq!(Lstm.products(all, &[0.0, 0.0]), 2);
        assert_eq!(Gru.products(all, &[0.0]), 2);
        let nothing = NonzeroSums { from_inputs: &NONE, from_state: &NONE };
        assert_eq!(Lstm.products(nothing, &[1.0, 1.0]), 0);
        assert_eq!(Gru.products(nothing, &[1.0]), 0);
        // f·c, and o times its tanh; no i·g.
        let forgets = NonzeroSums { from_inputs: &[false, true, true, true], from_state: &NONE };
        assert_eq!(Lstm.products(forgets, &[0.0, 1.0]), 2);
        // n depends on the inputs only: (1 - z)·n but no r·u_n.
        let new = NonzeroSums { from_inputs: &[true, false, true, false], from_state: &NONE };
        assert_eq!(Gru.products(new, &[1.0]), 1);
    }
}
