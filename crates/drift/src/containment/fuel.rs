//! The fuel of questions: it is counted in steps, never in seconds, so that every machine gives the same answer.
//!
//! A question may take a whole tank, but what it takes beyond a little comes from a reserve that all questions of a
//! comparison share: each may take a part of what is left there. Hundreds of hard questions so cost little more than the
//! first few of them, and each easy one is answered whatever the others took.

/// Small operations (an entry copied, an automaton's state visited) that make one step.
const OPERATIONS: u64 = 64;
/// The part of the reserve that one question may take: one in so many.
const SHARE: u64 = 3;
/// The part of a tank that every question has to itself: one in so many.
const OWN: u64 = 1_024;
/// The part of a tank that a first try may take: one in so many.
const FIRST_TRY: u64 = 16;

/// The small operations left to a question, and to all that follow.
#[derive(Debug)]
pub(super) struct Fuel {
    tank: u64,
    /// The reserve at first, and what is left of it.
    whole: u64,
    reserve: u64,
    granted: u64,
    left: u64,
    is_first_try: bool,
}

impl Fuel {
    /// Tanks of so many steps, and so many of them, [`SHARE`] at least, in reserve.
    pub(super) fn new(steps: u64, tanks: u64) -> Self {
        let tank = steps.saturating_mul(OPERATIONS);
        let whole = tank.saturating_mul(tanks.max(SHARE));
        Self {
            tank,
            whole,
            reserve: whole,
            granted: tank,
            left: tank,
            is_first_try: false,
        }
    }

    /// Begins a question: settles what the last one took from the reserve, and grants this one its share.
    pub(super) fn refill(&mut self) {
        let own = self.tank / OWN;
        self.reserve = self.reserve.saturating_sub(self.taken().saturating_sub(own));
        self.granted = self.tank.min(own.max(self.reserve / SHARE));
        if self.is_first_try {
            self.granted = self.granted.min(self.tank / FIRST_TRY);
        }
        self.left = self.granted;
    }

    /// Fills the reserve again, for questions of another purpose.
    pub(super) fn renew(&mut self) {
        self.refill();
        self.reserve = self.whole;
    }

    /// Whether the questions from now on are first tries, which are asked again where little fuel does not answer them.
    pub(super) fn try_first(&mut self, is_first_try: bool) {
        self.is_first_try = is_first_try;
    }

    /// The small operations that the question may take in all.
    pub(super) fn granted(&self) -> u64 {
        self.granted
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
    pub(super) fn taken(&self) -> u64 {
        self.granted - self.left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tank_is_emptied_and_filled_again() {
        let mut fuel = Fuel::new(2, 1);
        assert!(fuel.step());
        assert!(!fuel.is_spent());
        assert!(!fuel.step());
        assert!(fuel.is_spent());
        assert!(!fuel.work(1));
        fuel.refill();
        assert!(!fuel.is_spent());
        assert!(fuel.work(80));
        assert_eq!(fuel.taken(), 80);
        assert!(Fuel::new(u64::MAX, 1).work(usize::MAX / 2));
    }

    #[test]
    fn hard_questions_share_a_reserve_and_easy_ones_have_their_own() {
        let steps = 10_000;
        let mut fuel = Fuel::new(steps, 5);
        let mut taken = 0;
        for _ in 0..1_000 {
            fuel.refill();
            assert!(fuel.granted() >= steps * OPERATIONS / OWN);
            while fuel.step() {}
            taken += fuel.taken();
        }
        let most = steps * OPERATIONS * 5 + 1_000 * steps * OPERATIONS / OWN;
        assert!(taken <= most, "{taken} of {most}");
        assert!(taken > steps * OPERATIONS * 4);
        fuel.renew();
        fuel.refill();
        assert_eq!(fuel.granted(), steps * OPERATIONS);
    }

    #[test]
    fn what_is_easy_takes_nothing_of_the_reserve() {
        let mut fuel = Fuel::new(10_000, 3);
        for _ in 0..1_000 {
            fuel.refill();
            assert!(fuel.work(600));
        }
        fuel.refill();
        assert_eq!(fuel.granted(), 10_000 * OPERATIONS);
    }

    #[test]
    fn a_first_try_takes_little() {
        let mut fuel = Fuel::new(10_000, 3);
        fuel.try_first(true);
        fuel.refill();
        assert_eq!(fuel.granted(), 10_000 * OPERATIONS / FIRST_TRY);
        fuel.try_first(false);
        fuel.refill();
        assert_eq!(fuel.granted(), 10_000 * OPERATIONS);
    }
}
