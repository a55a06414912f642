//! Counts of pairs of small classes, in one table.

use crate::accumulate::merge::add_counts;

/// Classes below this have a place in the table: eight million bytes where all of them occur.
const LIMIT: u64 = 1 << 10;

/// Returns true if a pair of classes has a place in a table. Negative classes are large here.
pub(super) fn holds(target: i64, predicted: i64) -> bool {
    ((target | predicted) as u64) < LIMIT
}

/// Number of occurrences of each pair of classes below some power of two, by target, then by prediction.
///
/// It grows with the largest class that it meets, so that a few classes take a few cache lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    /// The side is `1 << bits`, once there are cells.
    bits: u32,
    cells: Vec<u64>,
}

impl Table {
    /// Adds one occurrence of each pair. All pairs must have a place in a table, and `highest` must have every bit of every class.
    pub(super) fn count(&mut self, pairs: impl Iterator<Item = (i64, i64)>, highest: u64) {
        self.reach(highest);
        let bits = self.bits;
        for (target, predicted) in pairs {
            // Counting by ones never exceeds 64 bits, but a count from a file may be close to it.
            if let Some(cell) = self.cells.get_mut((target << bits | predicted) as usize) {
                add_counts(cell, 1);
            }
        }
    }

    /// Adds `count` occurrences of a pair that has a place in a table.
    pub(super) fn add(&mut self, target: i64, predicted: i64, count: u64) {
        self.reach((target | predicted) as u64);
        if let Some(cell) = self.cells.get_mut((target << self.bits | predicted) as usize) {
            add_counts(cell, count);
        }
    }

    pub(super) fn get(&self, target: i64, predicted: i64) -> u64 {
        match (target | predicted) as u64 >> self.bits {
            0 => self.cells.get((target << self.bits | predicted) as usize).copied().unwrap_or(0),
            _ => 0,
        }
    }

    /// Iterates over the pairs that occurred, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, i64, u64)> {
        let bits = self.bits;
        let cells = (0_i64..).zip(&self.cells).filter(|(_, count)| **count > 0);
        cells.map(move |(at, count)| (at >> bits, at & ((1 << bits) - 1), *count))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Number of cells of a table that reaches classes with these bits.
    pub(super) fn cells_for(classes: u64) -> u64 {
        1 << (2 * (u64::BITS - classes.leading_zeros()))
    }

    /// Grows until a class with these bits has a place.
    pub(super) fn reach(&mut self, classes: u64) {
        let bits = u64::BITS - classes.leading_zeros();
        if self.cells.is_empty() || bits > self.bits {
            let bits = bits.max(self.bits);
            let mut cells = vec![0; 1 << (2 * bits)];
            for (target, predicted, count) in self.iter() {
                cells[(target << bits | predicted) as usize] = count;
            }
            *self = Self { bits, cells };
        }
    }
}
