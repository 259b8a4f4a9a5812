//! What the search for a value ends with.

use std::rc::Rc;

use serde_json::Value;

/// The end of a search for a value of a formula.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// Here is one.
    Sat(Rc<Value>),
    /// There is none: proved.
    Empty,
    /// Neither is known. The candidate ignores what could not be decided: only the judge can say whether it holds.
    Unknown {
        why: Rc<str>,
        candidate: Option<Rc<Value>>,
    },
}

impl Outcome {
    pub(super) fn sat(value: Value) -> Self {
        Self::Sat(Rc::new(value))
    }

    pub(super) fn unknown(why: &str) -> Self {
        Self::Unknown {
            why: why.into(),
            candidate: None,
        }
    }

    pub(super) fn empty_unless(doubt: bool, why: &str) -> Self {
        if doubt { Self::unknown(why) } else { Self::Empty }
    }

    /// The better known of two ends of alternatives: either value will do, both must be empty.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Sat(value), _) | (_, Self::Sat(value)) => Self::Sat(value),
            (Self::Empty, Self::Empty) => Self::Empty,
            (Self::Unknown { why, candidate }, Self::Unknown { candidate: other, .. }) => Self::Unknown {
                why,
                candidate: candidate.or(other),
            },
            (unknown @ Self::Unknown { .. }, Self::Empty) | (Self::Empty, unknown @ Self::Unknown { .. }) => {
                unknown
            }
        }
    }
}
