//! The catalogue of all kinds of drift.

use crate::rule::Rule;
use crate::rules::{
    annotations, bodies, by_witness, callbacks, content, discriminators, headers, lifecycle, links,
    malformed, naming, object, operations, parameters, presence, references, responses, security, servers,
    union, values, xml,
};

/// The parts of the catalogue, one for each module with rules.
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
    let parts = PARTS.iter().flat_map(|part| part.iter().copied());
    let mut rules: Vec<Rule> = parts.copied().collect();
    rules.sort_by_key(|rule| rule.id);
    rules
}
