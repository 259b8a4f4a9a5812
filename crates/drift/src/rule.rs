//! One kind of drift that is told apart.

use crate::report::Level;

/// One kind of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Kebab-case name, stable across versions: policies refer to it.
    pub id: &'static str,
    /// How much a finding of this rule matters.
    pub level: Level,
    /// What it means, in one sentence.
    pub explanation: &'static str,
}
