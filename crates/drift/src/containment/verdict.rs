//! The verdict on a question of containment.

use serde_json::Value;

/// Whether every value of one schema is a value of another.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Containment is proved.
    Proved,
    /// Containment is refuted by a witness.
    Refuted(Refutation),
    /// Neither could be proved; the text contains the reason, as a lowercase fragment.
    Undecided(String),
}

/// A value that the source accepts and the target refuses, as an independent validator confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Refutation {
    /// The value, reduced to what is needed.
    pub witness: Value,
    /// The reason why the target refuses it, in one sentence.
    pub because: String,
}

impl Refutation {
    /// The reason why a value is refused, which names the part of the value that causes it.
    pub(super) fn reason(at: &str, why: &str) -> String {
        if at.is_empty() {
            why.to_owned()
        } else {
            format!("at {at}: {why}")
        }
    }

    /// The part of the witness that its reason names, and its pointer.
    pub(crate) fn part(&self) -> Option<(&str, &Value)> {
        let (at, _) = self.because.strip_prefix("at ")?.split_once(": ")?;
        Some((at, self.witness.pointer(at)?))
    }

    /// The property without which the witness, or this part of it, is refused.
    pub(crate) fn missing(&self) -> Option<&str> {
        let why = self.because.strip_suffix(" is a required property")?;
        why.rsplit_once(": ")
            .map_or(why, |(_, why)| why)
            .strip_prefix('"')?
            .strip_suffix('"')
    }
}

/// The values that a schema stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum World {
    /// Closed world: a producer emits only declared properties.
    Closed,
    /// Open world: every JSON value that the schema accepts.
    #[default]
    Open,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_part_that_a_reason_names_is_found() {
        for (at, part) in [("/a/0", Some(("/a/0", json!(1)))), ("/b", None), ("", None)] {
            let refutation = Refutation {
                witness: json!({"a": [1]}),
                because: Refutation::reason(at, "1 is not of type \"string\""),
            };
            let found = refutation.part().map(|(at, value)| (at, value.clone()));
            assert_eq!(found, part, "{at}");
        }
    }
}
