//! What one question may cost: counted in steps, never in seconds, so that every machine gives the same answer.

/// Small operations (an entry copied, an automaton's state visited) that make one step.
const OPERATIONS: u64 = 64;

/// The steps left to a question.
#[derive(Debug)]
pub(super) struct Fuel {
    tank: u64,
    left: u64,
    operations: u64,
}

impl Fuel {
    pub(super) fn new(tank: u64) -> Self {
        Self {
            tank,
            left: tank,
            operations: 0,
        }
    }

    pub(super) fn refill(&mut self) {
        *self = Self::new(self.tank);
    }

    /// Takes one step; `false` when none is left.
    pub(super) fn step(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }

    /// Pays for many small operations at once; `false` when that was more than is left.
    pub(super) fn work(&mut self, operations: usize) -> bool {
        self.operations = self.operations.saturating_add(operations as u64);
        self.left = self.left.saturating_sub(self.operations / OPERATIONS);
        self.operations %= OPERATIONS;
        self.left > 0
    }

    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }
}
