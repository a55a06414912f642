//! Integration of the Mackey–Glass equation, `y'(t) = β·F(y(t - τ)) - γ·y(t)` with `F(y) = y / (1 + yⁿ)`.
//!
//! The equation is linear in `y(t)`, and the delayed term is known one delay ahead. Over a step of length `h` from `t`,
//!
//! ```text
//! y(t + θh) = e^(-γθh)·y(t) + βh·∫₀^θ e^(-γh(θ - s))·F(y(t + sh - τ)) ds
//! ```
//!
//! is exact. The step divides the delay, so that the delayed values at the Gauss nodes of a step are the values at the nodes of
//! an earlier step: `F` is replaced by the polynomial through them, and nothing is interpolated. With [`NODES`] nodes the method has
//! order 2·[`NODES`] at the ends of steps and [`NODES`]` + 1` within. Steps end where the solution is not smooth, at multiples of
//! the delay. All operations are additions, multiplications and `libm`, in a fixed order: the solution has the same bits on
//! every machine.

/// Number of nodes of a step.
const NODES: usize = 8;

/// Nodes of the Gauss–Legendre quadrature on [−1, 1] that are positive, with their weights (Abramowitz and Stegun, table 25.4).
const GAUSS: [(f64, f64); NODES / 2] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// Nodes and weights of the quadrature on [0, 1], in ascending order.
fn quadrature() -> [(f64, f64); NODES] {
    let mut rule = [(0.0, 0.0); NODES];
    for (index, (node, weight)) in GAUSS.into_iter().enumerate() {
        rule[NODES / 2 + index] = (0.5 + 0.5 * node, 0.5 * weight);
        rule[NODES / 2 - 1 - index] = (0.5 - 0.5 * node, 0.5 * weight);
    }
    rule
}

/// Constants of the equation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Equation {
    pub(super) beta: f64,
    pub(super) gamma: f64,
    /// Delay, in units of time.
    pub(super) delay: u32,
    /// Value at all times up to 0.
    pub(super) past: f64,
}

/// The delayed term with the exponent n = 10.
fn feedback(y: f64) -> f64 {
    let fifth = y * y * (y * y) * y;
    y / (1.0 + fifth * fifth)
}

/// Solution of an equation from time 0.
pub(super) struct Solution {
    equation: Equation,
    step: f64,
    rule: [(f64, f64); NODES],
    /// Values at the beginnings of steps.
    starts: Vec<f64>,
    /// Delayed terms at the nodes of each step.
    delayed: Vec<[f64; NODES]>,
}

impl Solution {
    /// Integrates up to a time, with this number of steps in each unit of time.
    pub(super) fn new(equation: Equation, steps_per_unit: u32, until: f64) -> Self {
        let Equation { delay, past, .. } = equation;
        let step = 1.0 / f64::from(steps_per_unit);
        let delay = delay as usize * steps_per_unit as usize;
        let rule = quadrature();
        let mut solution = Self { equation, step, rule, starts: vec![past], delayed: Vec::new() };
        let to_nodes = rule.map(|(node, _)| solution.weights(node));
        let to_end = solution.weights(1.0);
        let mut nodes: Vec<[f64; NODES]> = Vec::new();
        let steps = (until / step) as usize + 1;
        for index in 0..steps {
            let known = index.checked_sub(delay).map_or([past; NODES], |earlier| nodes[earlier]);
            let delayed = known.map(feedback);
            let start = solution.starts[index];
            nodes.push(std::array::from_fn(|node| to_nodes[node].apply(start, &delayed)));
            solution.starts.push(to_end.apply(start, &delayed));
            solution.delayed.push(delayed);
        }
        solution
    }

    /// Returns the value at a time up to the end.
    pub(super) fn at(&self, time: f64) -> f64 {
        let position = time / self.step;
        let index = (position as usize).min(self.delayed.len() - 1);
        self.weights(position - index as f64).apply(self.starts[index], &self.delayed[index])
    }

    /// The weights of the value at a fraction of a step.
    fn weights(&self, fraction: f64) -> Weights {
        let Equation { beta, gamma, .. } = self.equation;
        let decay = |fraction: f64| libm::exp(-gamma * self.step * fraction);
        let delayed = std::array::from_fn(|index| {
            let part = |(node, weight): (f64, f64)| {
                weight * decay(fraction * (1.0 - node)) * self.basis(index, fraction * node)
            };
            beta * self.step * fraction * self.rule.into_iter().map(part).sum::<f64>()
        });
        Weights { start: decay(fraction), delayed }
    }

    /// The polynomial that is 1 at a node and 0 at the others, at a fraction of a step.
    fn basis(&self, index: usize, fraction: f64) -> f64 {
        let at = self.rule[index].0;
        let others = self.rule.iter().enumerate().filter(|(other, _)| *other != index);
        others.map(|(_, (node, _))| (fraction - node) / (at - node)).product()
    }
}

/// Weights of the value at the beginning of a step and of the delayed terms at its nodes.
struct Weights {
    start: f64,
    delayed: [f64; NODES],
}

impl Weights {
    fn apply(&self, start: f64, delayed: &[f64; NODES]) -> f64 {
        self.delayed.iter().zip(delayed).fold(self.start * start, |sum, (weight, term)| sum + weight * term)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EQUATION: Equation = Equation { beta: 0.2, gamma: 0.1, delay: 17, past: 0.720_659_7 };

    #[test]
    fn the_quadrature_is_exact_for_polynomials_of_degree_15() {
        for degree in 0..16 {
            let integral: f64 = quadrature().into_iter().map(|(node, weight)| weight * node.powi(degree)).sum();
            let exact = 1.0 / f64::from(degree + 1);
            assert!((integral - exact).abs() < 1e-15, "{degree}: {integral}");
        }
    }

    #[test]
    fn the_first_delay_is_the_closed_form() {
        // F is constant: y = c + (y0 - c)·e^(-γt) with c = βF/γ.
        let solution = Solution::new(EQUATION, 1, 17.0);
        let limit = 2.0 * feedback(EQUATION.past);
        for time in [0.0, 0.3, 1.0, 2.5, 11.99, 16.999] {
            let exact = limit + (EQUATION.past - limit) * libm::exp(-0.1 * time);
            // A few roundings of 1e-16 at each of 17 steps.
            assert!((solution.at(time) - exact).abs() < 4e-15, "{time}: {} {exact}", solution.at(time));
        }
    }

    #[test]
    fn the_solution_satisfies_the_equation() {
        // Central differences of step 1e-3 are accurate to about 1e-7 here.
        let solution = Solution::new(EQUATION, 1, 200.0);
        for time in [20.5, 51.25, 93.7, 150.1, 199.0] {
            let derivative = (solution.at(time + 1e-3) - solution.at(time - 1e-3)) / 2e-3;
            let expected = 0.2 * feedback(solution.at(time - 17.0)) - 0.1 * solution.at(time);
            assert!((derivative - expected).abs() < 1e-6, "{time}: {derivative} {expected}");
        }
    }
}
