//! Visibility of the states and values of metrics, as far as their derives see it.
//!
//! The state and the value of a metric are as public as the metric. The compiler refuses private ones, but does not say
//! what to write. A check that fails before the compiler gets there does.

use std::marker::PhantomData;

/// A type whose derive found it without `pub`. One type may derive both roles.
pub trait NotPublic<Role> {}

/// Role of a type that derives `Accumulator`.
pub struct StateRole;

/// Role of a type that derives `MetricValue`.
pub struct ValueRole;

/// A type in a role. A constant of the type itself goes before one of a trait wherever its conditions hold.
pub struct InRole<T, Role>(PhantomData<(T, Role)>);

impl<T: NotPublic<Role>, Role> InRole<T, Role> {
    /// The type stands without `pub`.
    pub const MAY_BE_PUBLIC: bool = false;
}

/// The constant of all other types.
pub trait MayBePublic {
    /// The type stands with `pub`, or its visibility is not known.
    const MAY_BE_PUBLIC: bool = true;
}

impl<T> MayBePublic for T {}
