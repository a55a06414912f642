//! What a metric needs of a run.

/// What a metric needs of a run: a set, worked out at compile time from the types of its arguments.
///
/// A run records the union of what its metrics need, and nothing more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs(u16);

impl Needs {
    /// Nothing: the model alone.
    pub const NONE: Self = Self(0);
    /// The predictions and targets of a batch.
    pub const BATCH: Self = Self(1);
    /// How many outputs of each activation layer were not zero.
    pub const ACTIVATION_COUNTS: Self = Self(1 << 1);
    /// How many operations the inputs of each connection layer caused.
    pub const CONNECTION_COUNTS: Self = Self(1 << 2);
    /// How many membrane potentials of each neuron layer changed.
    pub const MEMBRANE_COUNTS: Self = Self(1 << 3);
    /// How often each neuron of each activation layer was not zero.
    pub const NEURON_COUNTS: Self = Self(1 << 4);
    /// The outputs of activation layers themselves.
    pub const ACTIVATION_TRACES: Self = Self(1 << 5);
    /// The inputs of connection layers themselves.
    pub const CONNECTION_TRACES: Self = Self(1 << 6);
    /// The membrane potentials themselves.
    pub const MEMBRANE_TRACES: Self = Self(1 << 7);
    /// Every kind of count, of layers and of neurons: what `hooks` alone grants.
    pub const COUNTS: Self = Self(0b1111 << 1);
    /// Every kind of trace: memory grows with batch, steps and neurons.
    pub const TRACES: Self = Self(0b111 << 5);
    /// Every kind of hook: counts, per-neuron counts and traces.
    pub const HOOKS: Self = Self(0b111_1111 << 1);

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every need of `other` is among these.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether the sets have a need in common.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What is needed, in words, in the order of the constants above.
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

    /// Whether there is no need at all.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}
