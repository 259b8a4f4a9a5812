//! The catalogue of all rules, one for each kind of drift.

use crate::rule::Rule;
use crate::rules::{
    annotations, bodies, by_witness, callbacks, content, discriminators, headers, lifecycle, links,
    malformed, naming, object, operations, parameters, presence, references, responses, security, servers,
    union, values, xml,
};

/// The rules of each module that finds drift.
const PARTS: &[&[&Rule]] = &[
    operations::RULES,
    presence::RULES,
    parameters::RULES,
    bodies::RULES,
    content::RULES,
    responses::RULES,
    headers::RULES,
    links::RULES,
    security::RULES,
    servers::RULES,
    lifecycle::RULES,
    callbacks::RULES,
    references::RULES,
    malformed::RULES,
    naming::RULES,
    object::RULES,
    values::RULES,
    annotations::RULES,
    discriminators::RULES,
    union::RULES,
    by_witness::RULES,
    xml::RULES,
];

/// Every rule, ordered by id.
///
/// ```
/// let rules = openapi_drift::rules();
/// assert!(rules.iter().any(|rule| rule.id == "operation-removed"));
/// ```
pub fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = all().collect();
    rules.sort_by_key(|rule| rule.id);
    rules
}

/// The rule with an id.
///
/// ```
/// let rule = openapi_drift::rule("operation-removed").unwrap();
/// assert_eq!(rule.mend, "Stop calling the operation.");
/// ```
pub fn rule(id: &str) -> Option<Rule> {
    all().find(|rule| rule.id == id)
}

fn all() -> impl Iterator<Item = Rule> {
    PARTS.iter().flat_map(|part| part.iter().map(|rule| **rule))
}
