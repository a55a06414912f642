//! Positions and ticks on an axis.

use neurobench_core::figure::Scale;

use super::text::to_superscript;

/// Positions of numbers between two pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scaling {
    pub(super) scale: Scale,
    /// First and last number.
    pub(super) numbers: (f64, f64),
    /// Pixels of the first and the last number.
    pub(super) pixels: (f64, f64),
}

impl Scaling {
    /// Pixel of a number.
    pub(super) fn at(&self, number: f64) -> f64 {
        let (first, last) = (self.measure(self.numbers.0), self.measure(self.numbers.1));
        let part = (self.measure(number) - first) / (last - first);
        self.pixels.0 + part * (self.pixels.1 - self.pixels.0)
    }

    /// Pixel of a number, or of the end of the axis that is nearest to it.
    pub(super) fn clamped(&self, number: f64) -> f64 {
        let (first, last) = self.numbers;
        self.at(number.max(first.min(last)).min(last.max(first)))
    }

    /// Returns true if the number is on the axis.
    pub(super) fn contains(&self, number: f64) -> bool {
        let (first, last) = self.numbers;
        (first.min(last)..=first.max(last)).contains(&number)
    }

    /// Pixel from which bars grow: zero, or the lower end of the axis.
    pub(super) fn base(&self) -> f64 {
        match self.scale {
            Scale::Log => self.pixels.0,
            _ => self.clamped(0.0),
        }
    }

    /// Distance of one unit in pixels.
    pub(super) fn unit(&self) -> f64 {
        ((self.pixels.1 - self.pixels.0) / (self.numbers.1 - self.numbers.0)).abs()
    }

    fn measure(&self, number: f64) -> f64 {
        match self.scale {
            // The same bits everywhere, unlike the logarithm of the standard library.
            Scale::Log => libm::log10(number),
            _ => number,
        }
    }
}

/// Ticks of an axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ticks {
    /// Number and text of each tick.
    pub(super) ticks: Vec<(f64, String)>,
    /// Ticks without a text.
    pub(super) minor: Vec<f64>,
    /// Power of ten by which the numbers of the texts are multiplied.
    pub(super) exponent: i32,
}

impl Ticks {
    /// About `count` ticks between two numbers.
    pub(super) fn new(scale: Scale, (first, last): (f64, f64), count: usize) -> Self {
        match scale {
            Scale::Log => Self::log(first, last, count),
            _ => Self::linear(first, last, count),
        }
    }

    fn linear(first: f64, last: f64, count: usize) -> Self {
        let (first, last) = (first.min(last), first.max(last));
        let Step { mantissa, exponent } = Step::new((last - first) / count.max(1) as f64);
        let number = |index: i64| power_of_ten_times((index * mantissa) as f64, exponent);
        let step = number(1);
        let (start, end) = ((first / step - 1e-6).ceil() as i64, (last / step + 1e-6).floor() as i64);
        let shared = shared_exponent(first.abs().max(last.abs()));
        let decimals = usize::try_from(shared - exponent).unwrap_or(0);
        // More indices than fit on any axis mean that the range is too narrow for its numbers.
        let indices = start..=end.min(start.saturating_add(100));
        let text = |index: i64| {
            signed(format!("{:.decimals$}", power_of_ten_times((index * mantissa) as f64, exponent - shared)))
        };
        Self { ticks: indices.map(|index| (number(index), text(index))).collect(), minor: Vec::new(), exponent: shared }
    }

    fn log(first: f64, last: f64, count: usize) -> Self {
        let (first, last) = (first.min(last), first.max(last));
        let (low, high) = (libm::log10(first) - 1e-9, libm::log10(last) + 1e-9);
        let decades: Vec<i32> = (low.ceil() as i32..=high.floor() as i32).collect();
        let plain = (-2.0..4.0).contains(&low) && high < 4.0;
        let inside = |number: &f64| (low..=high).contains(&libm::log10(*number));
        let between = |factors: &'static [f64]| {
            let all = low.floor() as i32..=high.floor() as i32;
            all.flat_map(move |decade| factors.iter().map(move |factor| (*factor, decade)))
        };
        const ALL: [f64; 8] = [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
        if decades.len() < 2 {
            let factors: &[f64] =
                if high - low < 0.5 { &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0] } else { &[1.0, 2.0, 5.0] };
            let ticks = between(factors)
                .map(|(factor, decade)| (power_of_ten_times(factor, decade), decade_text(factor, decade, plain)));
            let minor = between(&ALL).map(|(factor, decade)| power_of_ten_times(factor, decade)).filter(inside);
            return Self {
                ticks: ticks.filter(|(number, _)| inside(number)).collect(),
                minor: minor.collect(),
                exponent: 0,
            };
        }
        let every = decades.len().div_ceil(count.max(2)) as i32;
        let ticks = decades.iter().filter(|decade| **decade % every == 0);
        let minor: Vec<f64> = match every {
            1 => between(&ALL).map(|(factor, decade)| power_of_ten_times(factor, decade)).filter(inside).collect(),
            _ => decades.iter().map(|decade| power_of_ten_times(1.0, *decade)).collect(),
        };
        Self {
            ticks: ticks.map(|decade| (power_of_ten_times(1.0, *decade), decade_text(1.0, *decade, plain))).collect(),
            minor,
            exponent: 0,
        }
    }
}

/// Distance between ticks: 1, 2 or 5 times a power of ten.
struct Step {
    mantissa: i64,
    exponent: i32,
}

impl Step {
    /// The smallest step of at least this size.
    fn new(least: f64) -> Self {
        let exponent = libm::floor(libm::log10(least)) as i32;
        let part = least / power_of_ten_times(1.0, exponent);
        match part {
            ..=1.000001 => Self { mantissa: 1, exponent },
            ..=2.000001 => Self { mantissa: 2, exponent },
            ..=5.000001 => Self { mantissa: 5, exponent },
            _ => Self { mantissa: 1, exponent: exponent + 1 },
        }
    }
}

/// The number times a power of ten: the nearest float, where powers of ten with negative exponents are not exact.
fn power_of_ten_times(number: f64, exponent: i32) -> f64 {
    match exponent {
        ..0 => number / libm::exp10(f64::from(-exponent)),
        0.. => number * libm::exp10(f64::from(exponent)),
    }
}

/// Power of ten, a multiple of three, that ticks of large or small numbers share.
fn shared_exponent(largest: f64) -> i32 {
    match largest {
        0.001..10_000.0 | 0.0 => 0,
        _ => 3 * (libm::floor(libm::log10(largest) + 1e-9) as i32).div_euclid(3),
    }
}

/// A number of a logarithmic axis: plain if all are short, else with a power of ten.
fn decade_text(factor: f64, decade: i32, plain: bool) -> String {
    match (plain, factor) {
        (true, _) => signed(format!("{}", power_of_ten_times(factor, decade))),
        (_, 1.0) => format!("10{}", to_superscript(decade)),
        _ => format!("{factor}×10{}", to_superscript(decade)),
    }
}

/// A number with a minus sign in place of a hyphen.
fn signed(number: String) -> String {
    match number.strip_prefix('-') {
        Some(rest) if rest.trim_matches(['0', '.']).is_empty() => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => number,
    }
}

/// A number with four significant digits at most, or a whole number.
pub(super) fn number_text(number: f64) -> String {
    let size = number.abs();
    if size < 1e15 && number == number.trunc() {
        return signed(format!("{number}"));
    }
    if (1e-3..1e6).contains(&size) {
        let decimals = usize::try_from(3 - libm::floor(libm::log10(size)) as i32).unwrap_or(0);
        let text = format!("{number:.decimals$}");
        return signed(text.trim_end_matches('0').trim_end_matches('.').to_owned());
    }
    let text = format!("{number:.3e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    signed(format!("{mantissa}×10{}", to_superscript(exponent.parse().unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(ticks: &Ticks) -> Vec<&str> {
        ticks.ticks.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn linear_ticks_are_round_numbers() {
        assert_eq!(texts(&Ticks::new(Scale::Linear, (0.0, 1.0), 5)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(texts(&Ticks::new(Scale::Linear, (-1.3, 1.3), 4)), ["−1", "0", "1"]);
        assert_eq!(texts(&Ticks::new(Scale::Linear, (0.03, 0.0316), 4)), ["0.0300", "0.0305", "0.0310", "0.0315"]);
    }

    #[test]
    fn large_and_small_numbers_share_a_power_of_ten() {
        let large = Ticks::new(Scale::Linear, (0.0, 2.4e6), 3);
        assert_eq!((texts(&large), large.exponent), (vec!["0", "1", "2"], 6));
        let small = Ticks::new(Scale::Linear, (0.0, 4e-5), 4);
        assert_eq!((texts(&small), small.exponent), (vec!["0", "10", "20", "30", "40"], -6));
        assert_eq!(small.ticks[3].0, 3e-5);
    }

    #[test]
    fn logarithmic_ticks_are_decades() {
        let ticks = Ticks::new(Scale::Log, (1e3, 1e6), 5);
        assert_eq!(texts(&ticks), ["10³", "10⁴", "10⁵", "10⁶"]);
        assert!(ticks.minor.contains(&2e3) && ticks.minor.contains(&9e5) && !ticks.minor.contains(&2e6));
        assert_eq!(texts(&Ticks::new(Scale::Log, (1.5, 60.0), 5)), ["2", "5", "10", "20", "50"]);
        assert_eq!(texts(&Ticks::new(Scale::Log, (1e-12, 1.0), 4)), ["10⁻¹²", "10⁻⁸", "10⁻⁴", "10⁰"]);
    }

    #[test]
    fn numbers_have_four_digits() {
        let texts: Vec<String> =
            [0.0, 3.0, -0.123_456, 12_345.678, 1.5e-7, 2.5e20].iter().map(|n| number_text(*n)).collect();
        assert_eq!(texts, ["0", "3", "−0.1235", "12346", "1.5×10⁻⁷", "2.5×10²⁰"]);
    }
}
