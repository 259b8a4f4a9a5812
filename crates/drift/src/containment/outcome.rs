//! The outcome of a search for a value of a formula.

use std::rc::Rc;

use serde_json::Value;

/// The outcome of a search for a value of a formula.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// The formula is satisfiable: this value is one of its values.
    Sat(Rc<Value>),
    /// The formula is proved to be unsatisfiable.
    Unsat,
    /// Neither was shown. The candidate ignores what could not be decided: only the judge can say if it is a value.
    Unknown {
        why: Rc<str>,
        candidate: Option<Rc<Value>>,
    },
}

/// Values, one within another, that a value is built of at most: two properties that are both the next of forty schemas
/// have more than can be held.
pub(super) const LARGEST: usize = 50_000;

/// How many values a value is built of, itself included; past [`LARGEST`] nothing is counted.
pub(super) fn parts(value: &Value) -> usize {
    let (mut open, mut count) = (vec![value], 0);
    while let Some(value) = open.pop() {
        count += 1;
        if count > LARGEST {
            break;
        }
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    count
}

impl Outcome {
    pub(super) fn sat(value: Value) -> Self {
        if parts(&value) > LARGEST {
            return Self::too_large();
        }
        Self::Sat(Rc::new(value))
    }

    pub(super) fn too_large() -> Self {
        Self::unknown("a value of it is too large to be built")
    }

    pub(super) fn unknown(why: &str) -> Self {
        Self::Unknown {
            why: why.into(),
            candidate: None,
        }
    }

    pub(super) fn unsat_unless(doubt: bool, why: &str) -> Self {
        if doubt { Self::unknown(why) } else { Self::Unsat }
    }

    /// The outcome of a disjunction: either alternative's value satisfies it, and it is unsatisfiable when both are.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Sat(value), _) | (_, Self::Sat(value)) => Self::Sat(value),
            (Self::Unsat, Self::Unsat) => Self::Unsat,
            (Self::Unknown { why, candidate }, Self::Unknown { candidate: other, .. }) => Self::Unknown {
                why,
                candidate: candidate.or(other),
            },
            (unknown @ Self::Unknown { .. }, Self::Unsat) | (Self::Unsat, unknown @ Self::Unknown { .. }) => {
                unknown
            }
        }
    }
}
