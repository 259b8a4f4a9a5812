//! The fuel of one question: it is counted in steps, never in seconds, so that every machine gives the same answer.

/// Small operations (an entry copied, an automaton's state visited) that make one step.
const OPERATIONS: u64 = 64;

/// The small operations left to a question.
#[derive(Debug)]
pub(super) struct Fuel {
    tank: u64,
    left: u64,
}

impl Fuel {
    pub(super) fn new(steps: u64) -> Self {
        let tank = steps.saturating_mul(OPERATIONS);
        Self { tank, left: tank }
    }

    pub(super) fn refill(&mut self) {
        self.left = self.tank;
    }

    /// Takes one step; `false` when none is left.
    pub(super) fn step(&mut self) -> bool {
        self.take(OPERATIONS)
    }

    /// Pays for many small operations at once; `false` when that was more than is left.
    pub(super) fn work(&mut self, operations: usize) -> bool {
        self.take(operations as u64)
    }

    fn take(&mut self, operations: u64) -> bool {
        self.left = self.left.saturating_sub(operations);
        self.left > 0
    }

    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// The small operations since the last refill.
    #[cfg(test)]
    pub(super) fn taken(&self) -> u64 {
        self.tank - self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tank_is_emptied_and_filled_again() {
        let mut fuel = Fuel::new(2);
        assert!(fuel.step());
        assert!(!fuel.is_spent());
        assert!(!fuel.step());
        assert!(fuel.is_spent());
        assert!(!fuel.work(1));
        fuel.refill();
        assert!(!fuel.is_spent());
        assert!(fuel.work(127));
        assert_eq!(fuel.taken(), 127);
        assert!(!fuel.work(1));
        assert!(Fuel::new(u64::MAX).work(usize::MAX / 2));
    }
}
