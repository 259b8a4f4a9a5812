//! The description of one kind of drift.

use crate::report::Level;

/// One kind of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Name in kebab-case, stable across versions because policies refer to it.
    pub id: &'static str,
    /// The severity of the rule's findings.
    pub level: Level,
    /// The meaning of the drift, in one sentence.
    pub explanation: &'static str,
}
