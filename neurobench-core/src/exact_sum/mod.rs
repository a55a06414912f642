//! An exact sum of floats that can be taken apart, merged and stored.
//!
//! [`ExactSum`] holds the sum of any number of `f64` without an error, so that addition is what it is among real
//! numbers: commutative and associative. Any order of the same numbers, any split of them among threads, shards or
//! machines and any order of merging the parts gives the same sum, and so the same bits when it is rounded at the end.
//!
//! # Method
//!
//! * A sum is a fixed-point number in limbs of 32 bits, each kept in an `i64`: the 31 spare bits take up the carries
//!   of a thousand additions, so that an addition touches two neighboring limbs and nothing else. This is the small
//!   superaccumulator of R. M. Neal, *Fast exact summation using small and large superaccumulators*, 2015,
//!   [arXiv:1505.05571](https://arxiv.org/abs/1505.05571). Unlike there, only the window of limbs in use is stored.
//! * Slices are first condensed in blocks of 512 by error-free extraction, the vector transformation of S. M. Rump,
//!   T. Ogita and S. Oishi, *Accurate floating-point summation part I: faithful rounding*, SIAM J. Sci. Comput. 31(1),
//!   2008, [doi:10.1137/050645671](https://doi.org/10.1137/050645671).
//! * Squares of a slice are split into two floats by the product of T. J. Dekker, *A floating-point technique for
//!   extending the available precision*, Numer. Math. 18, 1971,
//!   [doi:10.1007/BF01397083](https://doi.org/10.1007/BF01397083). Single products are taken in integers, where no
//!   case needs care.
//!
//! The limbs reach down to 2^-2176, so that a product of any two floats, the smallest included, is held exactly.
//! Variances therefore need no rounding before the end. Upwards there is no bound.

mod blocks;
mod float;
mod limbs;
mod natural;
mod scaled;
mod serial;
mod special;

use std::fmt;

use float::Parts;
use limbs::Limbs;
use scaled::Scaled;
use special::Special;

/// An exact sum of `f64`: a commutative monoid, bit for bit.
///
/// * The empty sum is +0.0. A sum that is zero is +0.0 as well, also if all that was added is -0.0.
/// * There is no overflow inside: `f64::MAX + f64::MAX - f64::MAX` is `f64::MAX`.
/// * Infinities and NaNs are kept without an order too: a NaN, or infinities of both signs, make the sum NaN; from then
///   on it is equal to every other NaN sum, regardless of the other values.
/// * Two sums are equal if their exact values are, which says more than that their rounded values are.
///
/// ```
/// use neurobench_core::accumulate::ExactSum;
///
/// let mut sum = ExactSum::new();
/// for x in [1e100, 1.0, -1e100] {
///     sum.add(x);
/// }
/// assert_eq!(sum.value(), 1.0);
///
/// let mut left: ExactSum = [0.1, 0.2].into_iter().collect();
/// let right: ExactSum = [0.3, 1e300].into_iter().collect();
/// left.merge(&right);
/// assert_eq!(left, [1e300, 0.3, 0.2, 0.1].into_iter().collect());
/// ```
#[derive(Clone, Default)]
pub struct ExactSum {
    limbs: Limbs,
    special: Special,
}

impl ExactSum {
    /// The empty sum, +0.0.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one number.
    ///
    /// ```
    /// # use neurobench_core::accumulate::ExactSum;
    /// let mut sum = ExactSum::new();
    /// for _ in 0..10 {
    ///     sum.add(0.1);
    /// }
    /// assert_eq!(sum.value(), 1.0); // where a loop of `+=` gives 0.9999999999999999
    /// ```
    #[inline]
    pub fn add(&mut self, x: f64) {
        match Parts::from_float(x) {
            Some(parts) => self.limbs.add(parts.negative, parts.significand, parts.position),
            None => self.add_special(x),
        }
    }

    #[cold]
    fn add_special(&mut self, x: f64) {
        self.special = self.special.and(Special::from_number(x));
    }

    /// Adds every number of a slice: the same sum as one by one, several times faster.
    ///
    /// ```
    /// # use neurobench_core::accumulate::ExactSum;
    /// let numbers: Vec<f64> = (0..1000).map(|i| f64::from(i) * 0.1).collect();
    /// let mut sum = ExactSum::new();
    /// sum.add_slice(&numbers);
    /// assert_eq!(sum, numbers.into_iter().collect());
    /// ```
    pub fn add_slice(&mut self, xs: &[f64]) {
        blocks::add_all(self, xs);
    }

    /// Adds every number of a slice of `f32`; each is an `f64` without rounding.
    ///
    /// ```
    /// # use neurobench_core::accumulate::ExactSum;
    /// let mut sum = ExactSum::new();
    /// sum.add_slice_f32(&[16_777_216.0, 1.0, 1.0]);
    /// assert_eq!(sum.value(), 16_777_218.0); // 2^24 + 1 is no f32
    /// ```
    pub fn add_slice_f32(&mut self, xs: &[f32]) {
        blocks::add_all(self, xs);
    }

    /// Adds the square of every number of a slice, exactly: [`add_product`](Self::add_product) of each with itself.
    ///
    /// The square of an `f32` is exact in `f64` and needs no method of its own: square in `f64`, then
    /// [`add_slice`](Self::add_slice).
    ///
    /// ```
    /// # use neurobench_core::accumulate::ExactSum;
    /// let mut squares = ExactSum::new();
    /// squares.add_squares(&[3.0, -4.0]);
    /// assert_eq!(squares.value(), 25.0);
    /// ```
    pub fn add_squares(&mut self, xs: &[f64]) {
        blocks::add_all_squares(self, xs);
    }

    /// Adds the exact product a·b, which no rounding has touched and which neither overflows nor underflows.
    ///
    /// If a or b is not finite, what is added is the infinity or NaN that `a * b` gives.
    ///
    /// ```
    /// # use neurobench_core::accumulate::ExactSum;
    /// let mut sum = ExactSum::new();
    /// sum.add_product(0.1, 0.1);
    /// sum.add(-(0.1 * 0.1));
    /// assert_eq!(sum.value(), -8.326672684688674e-19); // the error of the rounded product
    /// ```
    pub fn add_product(&mut self, a: f64, b: f64) {
        let (Some(left), Some(right)) = (Parts::from_float(a), Parts::from_float(b)) else {
            return self.add_special(a * b);
        };
        self.limbs.add_wide(
            left.negative != right.negative,
            u128::from(left.significand) * u128::from(right.significand),
            left.position + right.position,
        );
    }

    /// Adds the exact product x·n, for a number that counts n times.
    ///
    /// As with floats, nothing times an infinity or NaN is NaN.
    ///
    /// ```
    /// # use neurobench_core::accumulate::ExactSum;
    /// let mut sum = ExactSum::new();
    /// sum.add_integer_product(0.1, 10);
    /// assert_eq!(sum, std::iter::repeat_n(0.1, 10).collect());
    /// ```
    pub fn add_integer_product(&mut self, x: f64, n: u64) {
        let Some(parts) = Parts::from_float(x) else {
            return self.add_special(if n == 0 { f64::NAN } else { x });
        };
        self.limbs.add_wide(parts.negative, u128::from(parts.significand) * u128::from(n), parts.position);
    }

    /// Adds all that another sum holds.
    ///
    /// ```
    /// # use neurobench_core::accumulate::ExactSum;
    /// let mut sum: ExactSum = [1.0, 2.0].into_iter().collect();
    /// sum.merge(&[3.0, 4.0].into_iter().collect());
    /// assert_eq!(sum.value(), 10.0);
    /// ```
    pub fn merge(&mut self, other: &Self) {
        self.special = self.special.and(other.special);
        self.limbs.merge(&other.limbs);
    }

    /// Returns true if neither a NaN nor an infinity was added.
    ///
    /// The [`value`](Self::value) of such a sum may still be infinite, if it is beyond `f64::MAX`.
    ///
    /// ```
    /// # use neurobench_core::accumulate::ExactSum;
    /// let mut sum: ExactSum = [f64::MAX, f64::MAX].into_iter().collect();
    /// assert!(sum.is_finite() && sum.value() == f64::INFINITY);
    /// sum.add(f64::INFINITY);
    /// assert!(!sum.is_finite());
    /// ```
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.special == Special::None
    }

    /// The sum, rounded once to the nearest `f64`, ties to even; an infinity if it is beyond `f64::MAX`.
    ///
    /// ```
    /// # use neurobench_core::accumulate::ExactSum;
    /// let half_an_ulp = f64::EPSILON / 2.0;
    /// let mut sum: ExactSum = [1.0, half_an_ulp].into_iter().collect();
    /// assert_eq!(sum.value(), 1.0); // a tie goes to even
    /// sum.add(f64::from_bits(1));
    /// assert_eq!(sum.value(), 1.0 + f64::EPSILON); // and is no tie any more
    /// ```
    #[must_use]
    pub fn value(&self) -> f64 {
        match self.special.value() {
            Some(value) => value,
            None => self.limbs.to_scaled().to_f64(),
        }
    }

    /// The sum divided by n, rounded once: the mean of n numbers.
    ///
    /// Divided by 0 it is what `f64` gives: NaN for a sum of zero, otherwise an infinity of the sum's sign.
    ///
    /// ```
    /// # use neurobench_core::accumulate::ExactSum;
    /// let sum: ExactSum = [f64::MAX, f64::MAX, f64::MAX].into_iter().collect();
    /// assert_eq!(sum.quotient(3), f64::MAX);
    /// assert!(ExactSum::new().quotient(0).is_nan());
    /// ```
    #[must_use]
    pub fn quotient(&self, n: u64) -> f64 {
        match self.special.value() {
            Some(value) => value,
            None => self.limbs.to_scaled().divided_to_f64(n),
        }
    }

    /// n·Σx² − (Σx)² from Σx² and Σx, without an error until it is rounded once at the end.
    ///
    /// For n numbers this is n² times their variance, or n·(n − 1) times the sample variance: the textbook formula,
    /// whose cancellation is harmless here. It is never negative if the sums are those of n numbers, whose squares came
    /// in by [`add_squares`](Self::add_squares) or [`add_product`](Self::add_product). NaN if either sum is not
    /// [finite](Self::is_finite).
    ///
    /// ```
    /// # use neurobench_core::accumulate::ExactSum;
    /// let numbers = [1e9 + 1.0, 1e9 + 2.0, 1e9 + 3.0];
    /// let (mut squares, mut sum) = (ExactSum::new(), ExactSum::new());
    /// squares.add_squares(&numbers);
    /// sum.add_slice(&numbers);
    /// assert_eq!(ExactSum::scaled_difference(3, &squares, &sum), 6.0); // 3² times 2/3
    /// ```
    #[must_use]
    pub fn scaled_difference(n: u64, sum_of_squares: &Self, sum: &Self) -> f64 {
        Self::scaled_product_difference(n, sum_of_squares, sum, sum)
    }

    /// n·Σxy − Σx·Σy from Σxy, Σx and Σy, without an error until it is rounded once at the end.
    ///
    /// For n pairs this is n² times their covariance, or n·(n − 1) times that of a sample. NaN if a sum is not
    /// [finite](Self::is_finite).
    ///
    /// ```
    /// # use neurobench_core::accumulate::ExactSum;
    /// let (mut products, mut left, mut right) = (ExactSum::new(), ExactSum::new(), ExactSum::new());
    /// for (x, y) in [(1e9 + 1.0, -1e9), (1e9 + 2.0, -1e9 - 2.0)] {
    ///     products.add_product(x, y);
    ///     left.add(x);
    ///     right.add(y);
    /// }
    /// assert_eq!(ExactSum::scaled_product_difference(2, &products, &left, &right), -2.0); // 2² times −1/2
    /// ```
    #[must_use]
    pub fn scaled_product_difference(n: u64, sum_of_products: &Self, left: &Self, right: &Self) -> f64 {
        if !(sum_of_products.is_finite() && left.is_finite() && right.is_finite()) {
            return f64::NAN;
        }
        let product = left.limbs.to_scaled().times(&right.limbs.to_scaled());
        sum_of_products.limbs.to_scaled().times_integer(n).minus(&product).to_f64()
    }

    /// The form that is unique for a value: a sum that is not finite has no number.
    fn canonical(&self) -> (Special, Scaled) {
        match self.special {
            Special::None => (Special::None, self.limbs.to_scaled()),
            // What else was added no longer counts; a sum that has kept it must not differ from one that has not.
            special => (special, Scaled::default()),
        }
    }
}

/// By the exact value. NaN sums are equal to each other, for a sum is a state and not a float.
impl PartialEq for ExactSum {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Eq for ExactSum {}

/// Shows the canonical form, so that equal sums have the same text.
impl fmt::Debug for ExactSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (special, scaled) = self.canonical();
        f.debug_struct("ExactSum")
            .field("value", &self.value())
            .field("first", &scaled.first())
            .field("limbs", &scaled.signed_digits())
            .field("special", &special)
            .finish()
    }
}

impl FromIterator<f64> for ExactSum {
    fn from_iter<I: IntoIterator<Item = f64>>(numbers: I) -> Self {
        let mut sum = Self::new();
        sum.extend(numbers);
        sum
    }
}

impl Extend<f64> for ExactSum {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, numbers: I) {
        for x in numbers {
            self.add(x);
        }
    }
}
