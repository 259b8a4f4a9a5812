//! Names that are required on one side only.

use super::about::{about, settle};
use crate::containment::Schemas;
use crate::diff::node::Local;
use crate::diff::pair::Both;
use crate::report::{Direction, Level, Side};
use crate::rule::{Affects, Rule};

pub(super) const REQUEST_REQUIRED_ADDED: Rule = Rule {
    id: "request-property-required-added",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader requires a property that senders do not know, and refuses messages without it.",
    mend: "Always send the property.",
    readings: &[3],
};
pub(super) const REQUEST_BECAME_REQUIRED: Rule = Rule {
    id: "request-property-became-required",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader requires a property that senders may leave out, and refuses messages without it.",
    mend: "Always send the property.",
    readings: &[3],
};
pub(super) const REQUEST_BECAME_OPTIONAL: Rule = Rule {
    id: "request-property-became-optional",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A property that was required may be left out.",
    mend: "Nothing to do.",
    readings: &[3],
};
pub(super) const RESPONSE_REQUIRED_REMOVED: Rule = Rule {
    id: "response-required-property-removed",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A property that was always sent is gone.",
    mend: "Read the message without the property.",
    readings: &[3],
};
pub(super) const RESPONSE_BECAME_OPTIONAL: Rule = Rule {
    id: "response-property-became-optional",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A property that was always sent may be missing.",
    mend: "Read the message without the property.",
    readings: &[3],
};
pub(super) const RESPONSE_BECAME_REQUIRED: Rule = Rule {
    id: "response-property-became-required",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "A property that was optional is now always sent.",
    mend: "Nothing to do.",
    readings: &[3],
};

/// The rules on properties that may be missing where the reader requires them.
pub(crate) const ABSENT: &[&str] = &[REQUEST_BECAME_REQUIRED.id, RESPONSE_BECAME_OPTIONAL.id];

/// Adds the drifts of names that only one side requires.
pub(super) fn compare<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    let (base, revision) = (both.base, both.revision);
    let (sent, read) = (both.sent(), both.read());
    for &name in read.required.difference(&sent.required) {
        if both.proved() {
            break;
        }
        // The property that selected this alternative is always present.
        if both.node.is_chosen_by(name) {
            continue;
        }
        let declared = sent.says(name);
        let (rule, what) = match (both.direction(), declared) {
            (Direction::Request, false) => (&REQUEST_REQUIRED_ADDED, "is now required"),
            (Direction::Request, true) => (&REQUEST_BECAME_REQUIRED, "became required"),
            (Direction::Response, false) => (&RESPONSE_REQUIRED_REMOVED, "is gone though it was required"),
            (Direction::Response, true) => {
                (&RESPONSE_BECAME_OPTIONAL, "may be missing though it was required")
            }
        };
        let mut local = about(both, rule, name, what);
        let because = format!("the required property `{name}` is missing");
        let without = schemas.sample_without(both.node.source(), name);
        let witness = without.and_then(|value| both.witness(schemas, &value, &because));
        settle(both, &mut local, witness, name);
        found.push(local);
    }
    for &name in sent.required.difference(&read.required) {
        let (rule, what) = match both.direction() {
            Direction::Request if revision.says(name) => (&REQUEST_BECAME_OPTIONAL, "became optional"),
            // A property that only one of several alternatives requires is not promised.
            Direction::Response if base.says(name) && both.node.whole != Some(Side::Base) => {
                (&RESPONSE_BECAME_REQUIRED, "is now always there")
            }
            _ => continue,
        };
        found.push(about(both, rule, name, what).widening());
    }
}
