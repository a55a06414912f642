//! Data of a run that a metric needs.
//!
//! Invariant 6: nothing is recorded that no metric needs. The needs of a metric follow from the types of its arguments,
//! so that they cannot be forgotten or overstated.

/// Data of a run that a metric needs: a set, computed at compile time from the types of its arguments.
///
/// A run records only the union of its metrics' needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs(u16);

impl Needs {
    /// No data of a run, only the model.
    pub const NONE: Self = Self(0);
    /// Predictions and targets of a batch.
    pub const BATCH: Self = Self(1);
    /// Number of non-zero outputs of each activation layer.
    pub const ACTIVATION_COUNTS: Self = Self(1 << 1);
    /// Number of operations that the inputs of each connection layer caused.
    pub const CONNECTION_COUNTS: Self = Self(1 << 2);
    /// Number of membrane potentials that changed in each neuron layer.
    pub const MEMBRANE_COUNTS: Self = Self(1 << 3);
    /// Number of non-zero outputs of each neuron of each activation layer.
    pub const NEURON_COUNTS: Self = Self(1 << 4);
    /// Outputs of activation layers.
    pub const ACTIVATION_TRACES: Self = Self(1 << 5);
    /// Inputs of connection layers.
    pub const CONNECTION_TRACES: Self = Self(1 << 6);
    /// Membrane potentials.
    pub const MEMBRANE_TRACES: Self = Self(1 << 7);
    /// All counts, of layers and of neurons: the grant of a plain `hooks`.
    pub const COUNTS: Self = Self(0b1111 << 1);
    /// All traces; memory grows with batch, steps and neurons.
    pub const TRACES: Self = Self(0b111 << 5);
    /// All hooks: counts, per-neuron counts and traces.
    pub const HOOKS: Self = Self(0b111_1111 << 1);

    /// Returns the union of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns true if every need of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns true if the sets have a need in common.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Returns the needs in words, in the order of the constants above.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let named = [
            (Self::BATCH, "batches"),
            (Self::ACTIVATION_COUNTS, "counts of activations"),
            (Self::CONNECTION_COUNTS, "counts of synaptic operations"),
            (Self::MEMBRANE_COUNTS, "counts of membrane updates"),
            (Self::NEURON_COUNTS, "counts by neuron"),
            (Self::ACTIVATION_TRACES, "traces of activations"),
            (Self::CONNECTION_TRACES, "traces of inputs of connections"),
            (Self::MEMBRANE_TRACES, "traces of membranes"),
        ];
        named.into_iter().filter(move |(need, _)| self.contains(*need)).map(|(_, name)| name)
    }

    /// Returns true if the set is empty.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}
