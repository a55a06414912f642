//! Random weights of a reservoir.

use std::f64::consts::TAU;

use ndarray::Array2;
use neurobench_core::stats::random::{hashed, nth, uniform};

use crate::echo_state::EchoStateConfig;

/// Streams of random numbers of a reservoir.
#[derive(Clone, Copy)]
enum Stream {
    InputWeights,
    Connections,
    Weights,
}

/// Input weights `[unit, 1 + input]` and weights within the reservoir `[unit, unit]`.
pub(super) struct Reservoir {
    pub(super) input_weights: Array2<f64>,
    pub(super) weights: Array2<f64>,
}

impl Reservoir {
    /// Draws a reservoir; `None` if its spectral radius is zero, so that it cannot be scaled.
    pub(super) fn draw(config: &EchoStateConfig, seed: u64) -> Option<Self> {
        let units = config.reservoir_size;
        let draw = |stream: Stream, index: usize| nth(hashed(seed, stream as u64), index as u64);
        let columns = 1 + config.inputs;
        let input_weights = Array2::from_shape_fn((units, columns), |(unit, column)| {
            let scale = if column == 0 { config.bias_scale } else { config.input_scale };
            scale * (uniform(draw(Stream::InputWeights, unit * columns + column)) - 0.5)
        });
        let places = units * units;
        let connections = (config.connection_probability * places as f64).round() as usize;
        // The connections with the smallest random numbers exist.
        let mut order: Vec<(u64, usize)> = (0..places).map(|place| (draw(Stream::Connections, place), place)).collect();
        order.sort_unstable();
        let mut weights = Array2::zeros((units, units));
        for (index, (_, place)) in order.into_iter().take(connections).enumerate() {
            let pair = [2 * index, 2 * index + 1].map(|index| uniform(draw(Stream::Weights, index)));
            weights[[place / units, place % units]] = normal(pair);
        }
        if config.spectral_radius > 0.0 && connections > 0 {
            let radius = spectral_radius(&weights);
            if radius <= f64::MIN_POSITIVE {
                return None;
            }
            weights *= config.spectral_radius / radius;
        }
        Some(Self { input_weights, weights })
    }
}

/// A normally distributed number from two uniform ones (Box and Muller 1958, doi 10.1214/aoms/1177706645).
fn normal([first, second]: [f64; 2]) -> f64 {
    // `first` is in [0, 1): its complement has a logarithm.
    libm::sqrt(-2.0 * libm::log(1.0 - first)) * libm::cos(TAU * second)
}

/// Number of squarings. The error is about ln(condition) / 2^24.
const SQUARINGS: u32 = 24;

/// The largest magnitude of an eigenvalue, by Gelfand's formula: the limit of ‖Aᵐ‖^(1/m). Unlike the power iteration, it does
/// not depend on a gap between eigenvalues, which random matrices do not have.
fn spectral_radius(matrix: &Array2<f64>) -> f64 {
    let mut power = matrix.clone();
    let mut logarithm = 0.0;
    for squaring in 0..=SQUARINGS {
        let norm = libm::sqrt(power.iter().map(|weight| weight * weight).sum::<f64>());
        if norm == 0.0 {
            return 0.0;
        }
        logarithm += libm::log(norm) / f64::from(1_u32 << squaring);
        power /= norm;
        if squaring < SQUARINGS {
            power = square(&power);
        }
    }
    libm::exp(logarithm)
}

/// The product of a matrix with itself. Lanes are columns, so that the order of every sum is fixed.
fn square(matrix: &Array2<f64>) -> Array2<f64> {
    let mut product = Array2::zeros(matrix.raw_dim());
    for (row, mut sums) in matrix.outer_iter().zip(product.outer_iter_mut()) {
        for (factor, terms) in row.iter().zip(matrix.outer_iter()).filter(|(factor, _)| **factor != 0.0) {
            sums.scaled_add(*factor, &terms);
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    pub(in crate::echo_state) fn config(reservoir_size: usize) -> EchoStateConfig {
        EchoStateConfig {
            inputs: 1,
            reservoir_size,
            bias_scale: 0.68,
            input_scale: 0.85,
            connection_probability: 0.11,
            spectral_radius: 1.09,
            leak: 0.58,
            ridge: 1e-8,
            washout: 45,
            seed: 0,
            reservoirs: 1,
        }
    }

    #[test]
    fn the_spectral_radius_is_that_of_known_matrices() {
        for (matrix, radius) in [
            (array![[3.0, 0.0], [0.0, -5.0]], 5.0),
            // A rotation by a right angle, scaled by 2: eigenvalues ±2i.
            (array![[0.0, -2.0], [2.0, 0.0]], 2.0),
            // Golden ratio.
            (array![[1.0, 1.0], [1.0, 0.0]], 1.618_033_988_749_895),
            // A Jordan block: ‖Aᵐ‖ grows like m·0.5ᵐ.
            (array![[0.5, 1.0], [0.0, 0.5]], 0.5),
            (array![[0.0, 1.0], [0.0, 0.0]], 0.0),
        ] {
            let found = spectral_radius(&matrix);
            assert!((found - radius).abs() < 2e-6 * radius.max(1.0), "{matrix}: {found}");
        }
    }

    #[test]
    fn reservoirs_have_exactly_the_connections_and_the_spectral_radius_of_their_settings() {
        let reservoir = Reservoir::draw(&config(60), 7).unwrap();
        assert_eq!(reservoir.weights.iter().filter(|weight| **weight != 0.0).count(), 396);
        assert!((spectral_radius(&reservoir.weights) - 1.09).abs() < 1e-5);
        assert!(reservoir.input_weights.column(0).iter().all(|weight| weight.abs() <= 0.34));
        assert!(reservoir.input_weights.column(1).iter().all(|weight| weight.abs() <= 0.425));
        let other = Reservoir::draw(&config(60), 8).unwrap();
        assert_ne!(reservoir.weights, other.weights);
    }

    #[test]
    fn drawn_numbers_are_standard_normal() {
        let numbers: Vec<f64> =
            (0..20_000_u64).map(|index| normal([nth(1, 2 * index), nth(1, 2 * index + 1)].map(uniform))).collect();
        let mean = numbers.iter().sum::<f64>() / 2e4;
        let variance = numbers.iter().map(|number| number * number).sum::<f64>() / 2e4;
        // Five standard errors: 5/√20000 and 5·√(2/20000).
        assert!(mean.abs() < 0.036 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }
}
