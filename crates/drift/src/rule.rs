//! A kind of drift.

use crate::report::Level;

/// One kind of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Kebab-case name, stable across versions: policies refer to it.
    pub id: &'static str,
    /// The severity of a finding of this rule.
    pub level: Level,
    /// The meaning of the rule, in one sentence.
    pub explanation: &'static str,
}
