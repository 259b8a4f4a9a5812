//! The answer to the question whether a schema accepts a value.

use std::borrow::Cow;

/// Why nothing more is judged.
pub(super) const TOO_MUCH: &str = "too much was judged already";

/// Whether a schema accepts a value, or the reason why the judge cannot decide.
pub(super) type Answer = Result<bool, Cow<'static, str>>;

/// The conjunction of answers.
pub(super) struct All {
    answer: Answer,
    /// Whether all reasons are collected, not only the answer.
    is_telling: bool,
}

impl All {
    pub(super) fn new(is_telling: bool) -> Self {
        Self {
            answer: Ok(true),
            is_telling,
        }
    }

    /// Adds an answer, and returns whether further ones do not matter.
    pub(super) fn is_settled_by(&mut self, answer: Answer) -> bool {
        match answer {
            Ok(true) => {}
            Ok(false) => self.answer = Ok(false),
            Err(why) => {
                if self.answer == Ok(true) {
                    self.answer = Err(why);
                }
            }
        }
        !self.is_telling && self.answer == Ok(false)
    }

    pub(super) fn answer(self) -> Answer {
        self.answer
    }
}
