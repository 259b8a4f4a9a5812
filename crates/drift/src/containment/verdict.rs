//! The verdict on a question of containment.

use serde_json::Value;

/// Whether every value of one schema is a value of another.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Containment is proved.
    Proved,
    /// Containment is refuted by a witness.
    Refuted(Refutation),
    /// Neither could be proved; the text says why, as a lowercase fragment.
    Undecided(String),
}

/// A value that the source admits and the target refuses, as an independent validator confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Refutation {
    /// The value, shrunk to what is needed.
    pub witness: Value,
    /// Why the target refuses it, in one sentence.
    pub because: String,
}

/// Which values a schema stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum World {
    /// Closed world: a producer emits only declared properties.
    Closed,
    /// Every JSON value that it admits.
    #[default]
    Open,
}
