//! The outcome of a search for a value of a formula.

use std::rc::Rc;

use serde_json::Value;

/// The outcome of a search for a value of a formula.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// The formula is satisfiable; this is one of its values.
    Sat(Rc<Value>),
    /// The formula is proved to be unsatisfiable.
    Unsat,
    /// Neither was shown. The candidate ignores the undecided parts, so only the judge can decide whether it is a
    /// value.
    Unknown {
        why: Rc<str>,
        candidate: Option<Rc<Value>>,
    },
}

/// Maximum number of nested values in a value that is built. If each of forty schemas contains the next one in two
/// properties, a value would not fit into memory.
pub(super) const LARGEST: usize = 50_000;

/// The number of nested values in some values, including themselves. Counting stops at [`LARGEST`].
pub(super) fn parts<'v>(values: impl IntoIterator<Item = &'v Value>) -> usize {
    let mut open = Vec::from_iter(values);
    let all = std::iter::from_fn(|| {
        let value = open.pop()?;
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
        Some(value)
    });
    all.take(LARGEST).count()
}

impl Outcome {
    pub(super) fn sat(value: Value) -> Self {
        Self::Sat(Rc::new(value))
    }

    /// A value that consists of others, unless it would be too large.
    pub(super) fn whole(inside: &[Rc<Value>], build: impl FnOnce() -> Value) -> Self {
        if parts(inside.iter().map(|it| &**it)) >= LARGEST {
            return Self::unknown("a value of it is too large to be built");
        }
        Self::sat(build())
    }

    /// A list of values, unless it would be too large.
    pub(super) fn list(items: &[Rc<Value>]) -> Self {
        Self::whole(items, || items.iter().map(|item| (**item).clone()).collect())
    }

    pub(super) fn unknown(why: &str) -> Self {
        Self::Unknown {
            why: why.into(),
            candidate: None,
        }
    }

    /// The same outcome, in which a value is only a candidate if there is a doubt.
    pub(super) fn unless(self, doubt: Option<Rc<str>>) -> Self {
        match (self, doubt) {
            (Self::Sat(candidate), Some(why)) => Self::Unknown {
                why,
                candidate: Some(candidate),
            },
            (outcome, _) => outcome,
        }
    }

    pub(super) fn unsat_unless(doubt: bool, why: &str) -> Self {
        if doubt { Self::unknown(why) } else { Self::Unsat }
    }

    /// The outcome of a disjunction: a value of either alternative satisfies it, and it is unsatisfiable if both are.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_at_most_so_many_parts() {
        // Two lists of these items.
        let lists = |items: [usize; 2]| {
            Outcome::list(&items.map(|items| Rc::new(Value::Array(vec![Value::Null; items]))))
        };
        let half = LARGEST / 2;
        assert!(matches!(lists([half, half - 3]), Outcome::Sat(_)));
        assert!(matches!(lists([half, half - 2]), Outcome::Unknown { .. }));
    }
}
