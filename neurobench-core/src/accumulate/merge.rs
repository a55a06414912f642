//! The merges that `#[merge(sum)]`, `#[merge(max)]` and `#[merge(min)]` choose for a field.

/// Adds. For integers only: float sums depend on the order of the parts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `sum` merge",
    label = "cannot be merged with `sum`",
    note = "sums of floats depend on the order in which parts are merged: use `Sum` for the field's type, with `#[merge]`",
    note = "or choose another merge: `#[merge(max)]`, `#[merge(min)]`, `#[merge(with = path)]`"
)]
pub trait MergeSum {
    /// Adds another part.
    fn merge_sum(&mut self, other: Self);
}

/// Keeps the larger.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `max` merge",
    label = "cannot be merged with `max`",
    note = "`max` is for numbers and options of them; for others write `#[merge(with = path)]`"
)]
pub trait MergeMax {
    /// Takes another part if it is larger.
    fn merge_max(&mut self, other: Self);
}

/// Keeps the smaller.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `min` merge",
    label = "cannot be merged with `min`",
    note = "`min` is for numbers and options of them; for others write `#[merge(with = path)]`"
)]
pub trait MergeMin {
    /// Takes another part if it is smaller.
    fn merge_min(&mut self, other: Self);
}

/// Adds two counts.
///
/// # Panics
///
/// If the sum does not fit: a wrapped count would be a wrong number. The engine reports the panic as the metric's error.
pub(crate) fn add_counts(count: &mut u64, more: u64) {
    match count.checked_add(more) {
        Some(sum) => *count = sum,
        None => panic!("the count {count} + {more} does not fit into 64 bits"),
    }
}

macro_rules! integer_sums {
    ($($integer:ty),*) => { $(
        impl MergeSum for $integer {
            fn merge_sum(&mut self, other: Self) {
                match self.checked_add(other) {
                    Some(sum) => *self = sum,
                    None => panic!("the count {self} + {other} does not fit"),
                }
            }
        }
    )* };
}
integer_sums!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);

macro_rules! integer_extrema {
    ($($integer:ty),*) => { $(
        impl MergeMax for $integer {
            fn merge_max(&mut self, other: Self) { *self = other.max(*self); }
        }
        impl MergeMin for $integer {
            fn merge_min(&mut self, other: Self) { *self = other.min(*self); }
        }
    )* };
}
integer_extrema!(bool, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);

macro_rules! float_extrema {
    ($($float:ty),*) => { $(
        // The total order of IEEE 754: -0 is below +0 and NaN has its place, so that order cannot matter.
        impl MergeMax for $float {
            fn merge_max(&mut self, other: Self) {
                if other.total_cmp(self).is_gt() { *self = other; }
            }
        }
        impl MergeMin for $float {
            fn merge_min(&mut self, other: Self) {
                if other.total_cmp(self).is_lt() { *self = other; }
            }
        }
    )* };
}
float_extrema!(f32, f64);

impl<T: MergeMax> MergeMax for Option<T> {
    fn merge_max(&mut self, other: Self) {
        match (self.as_mut(), other) {
            (Some(own), Some(other)) => own.merge_max(other),
            (None, other) => *self = other,
            (Some(_), None) => {}
        }
    }
}

impl<T: MergeMin> MergeMin for Option<T> {
    fn merge_min(&mut self, other: Self) {
        match (self.as_mut(), other) {
            (Some(own), Some(other)) => own.merge_min(other),
            (None, other) => *self = other,
            (Some(_), None) => {}
        }
    }
}
