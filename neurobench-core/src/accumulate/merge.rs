//! The merges that `#[merge(sum)]`, `#[merge(max)]` and `#[merge(min)]` choose for a field.
//!
//! Each is for types whose `Default` is the neutral element: a fold starts there, and a zero among maxima of negative numbers
//! would be a wrong number. Sums are of unsigned integers, so that whether one overflows does not depend on the order.

use crate::metric::Counter;

/// Merges by addition. For counts only: float sums depend on the order of the parts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `sum` merge",
    label = "cannot be merged with `sum`",
    note = "`sum` is for unsigned integers; the sum of floats depends on the order in which parts are merged, and that of signed integers \
            may overflow in one order and not in another",
    note = "for floats and signed integers use `Sum` as the field's type, with `#[merge]`; or another merge: `#[merge(max)]`, \
            `#[merge(min)]`, `#[merge(with = path)]`"
)]
pub trait MergeSum {
    /// Adds another part.
    fn merge_sum(&mut self, other: Self);

    /// Access to the number of a type that is a plain count, for the replicates of a bootstrap.
    #[doc(hidden)]
    #[must_use]
    fn counter() -> Option<Counter<Self>>
    where
        Self: Sized,
    {
        None
    }
}

/// Merges by keeping the larger value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `max` merge",
    label = "cannot be merged with `max`",
    note = "an empty state holds the type's default, which must not be above any value: use `Option<{Self}>`, or `Max` with `#[merge]`",
    note = "`max` is for unsigned integers, `bool`, and options of numbers; for others write `#[merge(with = path)]`"
)]
pub trait MergeMax {
    /// Replaces the value by another one if that is larger.
    fn merge_max(&mut self, other: Self);
}

/// Merges by keeping the smaller value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `min` merge",
    label = "cannot be merged with `min`",
    note = "an empty state holds the type's default, which must not be below any value: use `Option<{Self}>`, or `Min` with `#[merge]`",
    note = "`min` is for options of numbers; for others write `#[merge(with = path)]`"
)]
pub trait MergeMin {
    /// Replaces the value by another one if that is smaller.
    fn merge_min(&mut self, other: Self);
}

/// Adds two counts.
///
/// # Panics
///
/// If the sum does not fit: a wrapped count would be a wrong number. The engine reports the panic as the metric's error.
pub(crate) fn add_counts(count: &mut u64, more: u64) {
    count.merge_sum(more);
}

macro_rules! unsigned {
    ($($integer:ty),*) => { $(
        impl MergeSum for $integer {
            fn merge_sum(&mut self, other: Self) {
                match self.checked_add(other) {
                    Some(sum) => *self = sum,
                    None => panic!("the count {self} + {other} does not fit into {} bits", <$integer>::BITS),
                }
            }

            fn counter() -> Option<Counter<Self>> {
                Some(Counter::new(
                    |count| *count as u64,
                    |count, more| match <$integer>::try_from(more) {
                        Ok(more) => count.merge_sum(more),
                        Err(_) => panic!("the count {count} + {more} does not fit into {} bits", <$integer>::BITS),
                    },
                ))
            }
        }

        impl MergeMax for $integer {
            fn merge_max(&mut self, other: Self) {
                *self = other.max(*self);
            }
        }
    )* };
}
unsigned!(u8, u16, u32, u64, usize);

impl MergeMax for bool {
    fn merge_max(&mut self, other: Self) {
        *self |= other;
    }
}

/// A number with a total order, in which no two that differ in their bits are equal.
pub trait TotalOrder: Copy {
    /// Returns true if this number is below another.
    fn is_below(&self, other: &Self) -> bool;
}

macro_rules! ordered {
    ($($integer:ty),*; $($float:ty),*) => {
        $(
            impl TotalOrder for $integer {
                fn is_below(&self, other: &Self) -> bool {
                    self < other
                }
            }
        )*
        $(
            // IEEE 754's: -0 is below +0 and NaN has its place.
            impl TotalOrder for $float {
                fn is_below(&self, other: &Self) -> bool {
                    self.total_cmp(other).is_lt()
                }
            }
        )*
    };
}
ordered!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize; f32, f64);

impl<T: TotalOrder> MergeMax for Option<T> {
    fn merge_max(&mut self, other: Self) {
        if let Some(other) = other
            && self.is_none_or(|own| own.is_below(&other))
        {
            *self = Some(other);
        }
    }
}

impl<T: TotalOrder> MergeMin for Option<T> {
    fn merge_min(&mut self, other: Self) {
        if let Some(other) = other
            && self.is_none_or(|own| other.is_below(&own))
        {
            *self = Some(other);
        }
    }
}
