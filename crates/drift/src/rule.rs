//! The catalogue: every kind of drift that is told apart.

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

/// Every rule, ordered by id.
///
/// ```
/// let rules = openapi_drift::rules();
/// assert!(rules.iter().any(|rule| rule.id == "operation-removed"));
/// ```
pub fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = crate::compare::RULES
        .iter()
        .flat_map(|part| part.iter().copied())
        .copied()
        .collect();
    rules.sort_by_key(|rule| rule.id);
    rules
}
