//! The fuel of questions. It is counted in steps, not in seconds, so that every machine gives the same answer.
//!
//! All questions of a comparison share a reserve. Each question may use a fraction of what is left there, up to a
//! whole tank, but in any case a small amount of its own. Hundreds of hard questions therefore cost little more than the
//! first few, and easy questions are answered regardless of the others.

/// The reason of an outcome that is unknown because the fuel ran out.
pub(super) const SPENT: &str = "the search ran out of fuel";

/// Number of small operations in one step. A small operation copies an entry or visits a state of an automaton.
const OPERATIONS: u64 = 64;
/// Divisor: the fraction of the reserve that one question may use.
const SHARE: u64 = 3;
/// Divisor: the fraction of a tank that every question has for itself.
const OWN: u64 = 256;
/// The number of tanks that all questions together may use of what they have for themselves. With each question that
/// uses it up, later ones have less.
const FREE: u64 = 4;
/// Divisor: the fraction of what a question has for itself that costs nothing, and that every later question has.
const EASY: u64 = 16;
/// Divisor: the fraction of a tank that a first attempt may use.
const FIRST_TRY: u64 = 16;

/// The small operations left for the current question, and the reserve for all questions.
#[derive(Debug)]
pub(super) struct Fuel {
    tank: u64,
    /// The initial reserve, and the rest of it.
    whole: u64,
    reserve: u64,
    /// The rest of what all questions may use for themselves.
    free: u64,
    granted: u64,
    left: u64,
    is_first_try: bool,
    /// The small operations used before the last refill.
    #[cfg(test)]
    earlier: u64,
}

impl Fuel {
    /// Creates tanks of this many steps, and a reserve of this many tanks, but at least [`SHARE`].
    pub(super) fn new(steps: u64, tanks: u64) -> Self {
        let tank = steps.saturating_mul(OPERATIONS);
        let whole = tank.saturating_mul(tanks.max(SHARE));
        Self {
            tank,
            whole,
            reserve: whole,
            free: tank.saturating_mul(FREE),
            granted: tank,
            left: tank,
            is_first_try: false,
            #[cfg(test)]
            earlier: 0,
        }
    }

    /// Begins a question: charges the reserve for the last question, and grants this one its share.
    pub(super) fn refill(&mut self) {
        #[cfg(test)]
        {
            self.earlier += self.taken();
        }
        let (taken, easy) = (self.taken(), self.tank / OWN / EASY);
        self.reserve = self.reserve.saturating_sub(taken.saturating_sub(self.own()));
        let hard = taken.min(self.own()).saturating_sub(easy);
        self.free = self.free.saturating_sub(hard);
        self.granted = self.tank.min(self.own().max(self.reserve / SHARE));
        if self.is_first_try {
            self.granted = self.granted.min(self.tank / FIRST_TRY);
        }
        self.left = self.granted;
    }

    /// The small operations that the current question has for itself. They do not get fewer than those that cost nothing,
    /// because a question with so few is charged for none.
    fn own(&self) -> u64 {
        self.free / FREE / OWN
    }

    /// Refills the reserve for questions with another purpose.
    pub(super) fn renew(&mut self) {
        self.refill();
        self.reserve = self.whole;
        self.free = self.tank.saturating_mul(FREE);
    }

    /// Sets whether the next questions are first attempts, which are repeated if little fuel does not answer them.
    pub(super) fn try_first(&mut self, is_first_try: bool) {
        self.is_first_try = is_first_try;
    }

    /// The small operations left for the question.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// The number of small operations that the question may use in total.
    pub(super) fn granted(&self) -> u64 {
        self.granted
    }

    /// Takes one step. Returns `false` if no fuel is left.
    pub(super) fn step(&mut self) -> bool {
        self.take(OPERATIONS)
    }

    /// Pays for many small operations at once. Returns `false` if no fuel is left.
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

    /// The small operations used since the last refill.
    pub(super) fn taken(&self) -> u64 {
        self.granted - self.left
    }

    /// The small operations used by all questions so far.
    #[cfg(test)]
    pub(super) fn total(&self) -> u64 {
        self.earlier + self.taken()
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
        for _ in 0..100_000 {
            fuel.refill();
            assert!(fuel.granted() >= steps * OPERATIONS / OWN / EASY);
            while fuel.step() {}
            taken += fuel.taken();
        }
        let most = steps * OPERATIONS * (5 + FREE) + 100_000 * steps * OPERATIONS / OWN / EASY;
        assert!(taken <= most, "{taken} of {most}");
        assert!(taken > steps * OPERATIONS * 4);
        fuel.renew();
        fuel.refill();
        assert_eq!(fuel.granted(), steps * OPERATIONS);
    }

    #[test]
    fn an_easy_question_takes_nothing_from_the_others_even_without_a_reserve() {
        let mut fuel = Fuel::new(10_000, 3);
        fuel.reserve = 0;
        let granted = |fuel: &mut Fuel, operations: u64| {
            for _ in 0..100 {
                fuel.refill();
                fuel.take(operations);
            }
            fuel.refill();
            fuel.granted()
        };
        let own = 10_000 * OPERATIONS / OWN;
        assert_eq!(granted(&mut fuel, own / EASY), own);
        // Each further operation is missing in what the later questions share.
        assert_eq!(granted(&mut fuel, own / EASY + FREE * OWN), own - 100);
    }

    #[test]
    fn questions_with_another_purpose_do_not_pay_for_the_last_one() {
        let mut fuel = Fuel::new(10_000, 3);
        while fuel.step() {}
        fuel.renew();
        fuel.refill();
        assert_eq!(fuel.granted(), 10_000 * OPERATIONS);
    }

    #[test]
    fn an_easy_question_takes_nothing_from_the_reserve() {
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
