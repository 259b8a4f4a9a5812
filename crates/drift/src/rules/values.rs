//! Rules on single values: enums and null.

use std::collections::HashSet;

use openapi_document::Node;
use serde_json::Value;

use crate::containment::Schemas;
use crate::diff::label::label_of_use;
use crate::diff::node::{Claim, Local};
use crate::diff::pair::{Both, label_of, shown};
use crate::instance::{instance, told};
use crate::report::{Direction, Level, Side};
use crate::rule::{Affects, Rule};
use crate::rules::by_witness::{self, is_typed, type_of};

pub(crate) const RULES: &[&Rule] = &[
    &REQUEST_ENUM_REFUSED,
    &REQUEST_ENUM_ADDED,
    &RESPONSE_ENUM_ADDED,
    &RESPONSE_ENUM_LOST,
    &REQUEST_NULL_REFUSED,
    &REQUEST_NULL_ADDED,
    &RESPONSE_NULL_ADDED,
    &RESPONSE_NULL_LOST,
];

const REQUEST_ENUM_REFUSED: Rule = Rule {
    id: "request-enum-value-refused",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader no longer accepts a listed value that senders may send.",
    mend: "Stop sending the value.",
    readings: &[1],
};
const REQUEST_ENUM_ADDED: Rule = Rule {
    id: "request-enum-value-added",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A request may have a listed value that was unknown before.",
    mend: "Nothing to do.",
    readings: &[1],
};
const RESPONSE_ENUM_ADDED: Rule = Rule {
    id: "response-enum-value-added",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "A message may contain a value that is not in the list that its readers know. Some clients keep unknown values, others fail.",
    mend: "Check that your code continues with a value that it does not know.",
    readings: &[1],
};
const RESPONSE_ENUM_LOST: Rule = Rule {
    id: "response-enum-value-lost",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "A message never contains one of the listed values any more.",
    mend: "Do not wait for this value.",
    readings: &[1],
};
const REQUEST_NULL_REFUSED: Rule = Rule {
    id: "request-null-refused",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader no longer accepts null where senders may send it.",
    mend: "Leave the value out, or send another one.",
    readings: &[12],
};
const REQUEST_NULL_ADDED: Rule = Rule {
    id: "request-null-added",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A request may contain null at a place where it could not before.",
    mend: "Nothing to do.",
    readings: &[12],
};
const RESPONSE_NULL_ADDED: Rule = Rule {
    id: "response-null-unreadable",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A message may contain null where its readers do not accept it.",
    mend: "Read null there.",
    readings: &[12],
};
const RESPONSE_NULL_LOST: Rule = Rule {
    id: "response-null-gone",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "A message no longer contains null at a place where it could.",
    mend: "Nothing to do.",
    readings: &[12],
};
/// Maximum number of listed values that are checked one by one.
const MOST_ASKED: usize = 1_000;

/// The drifts between two schemas that concern single values.
pub(crate) fn compare<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Vec<Local> {
    let mut found = Vec::new();
    enums(schemas, both, &mut found);
    null(schemas, both, &mut found);
    found
}

fn enums<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    if let (Some(sent), Some(read)) = (&both.sent().values, &both.read().values) {
        lists(schemas, both, (sent, read), instance, found);
    }
    if let (Some(sent), Some(read)) = (&both.sent().item_values, &both.read().item_values) {
        let item = |value: Node<'d>| Value::Array(vec![instance(value)]);
        lists(schemas, both, (sent, read), item, found);
    }
}

/// Compares two lists of values; `whole` turns a listed value into a value of the schema.
fn lists<'d>(
    schemas: &mut Schemas<'d>,
    both: &Both<'_, 'd>,
    (sent, read): (&[Node<'d>], &[Node<'d>]),
    whole: impl Fn(Node<'d>) -> Value,
    found: &mut Vec<Local>,
) {
    if sent == read {
        return;
    }
    let (is_sent, is_read): (HashSet<_>, HashSet<_>) = (sent.iter().collect(), read.iter().collect());
    let refused = sent.iter().copied().filter(|value| !is_read.contains(value));
    let what = label_of(both, Side::Base);
    if !both.proved() {
        let (rule, does) = match both.direction() {
            Direction::Request => (&REQUEST_ENUM_REFUSED, "no longer takes"),
            Direction::Response => (&RESPONSE_ENUM_ADDED, "may also be"),
        };
        let mut witness = None;
        let mut shows: Vec<Node<'d>> = Vec::new();
        let mut unreadable = None;
        for value in refused {
            // A list may have thousands of values. A further value is refused for the same reason as the first.
            let is_unreadable = both.direction() == Direction::Response
                && unreadable.is_none()
                && is_of_another_type(both, read, value);
            if witness.is_none() || is_unreadable {
                let because = format!(
                    "{} is not among the listed values",
                    shown(std::iter::once(told(value)))
                );
                let proof = both.witness(schemas, &whole(value), &because);
                if is_unreadable && proof.is_some() {
                    unreadable = Some(type_of(&instance(value)));
                }
                witness = proof.or(witness);
            }
            if witness.is_some() {
                shows.push(value);
            }
        }
        if witness.is_some() {
            let listed = shown(shows.iter().copied().map(told));
            let mut local = match unreadable {
                // A reader that tolerates unknown values still expects the type that it reads.
                Some(of_type) => both.local(
                    &by_witness::RESPONSE_TYPE,
                    format!("{what} may be {of_type}, where none was listed: {listed}"),
                ),
                None => both.local(rule, format!("{what} {does} {listed}")),
            };
            local.drift.witness = witness;
            local.claim = Claim::Refusal;
            found.push(local);
            // If none of the listed values is sent any more, the change of the type covers that too.
            if unreadable.is_some() && !sent.iter().any(|value| is_read.contains(value)) {
                return;
            }
        }
    }
    let unused = read.iter().copied().filter(|value| !is_sent.contains(value));
    let target = both.node.target();
    // Other keywords beside a list may refuse a listed value.
    let mut is_read_alone =
        |value: &Value| both.is_unsent(schemas, value) && schemas.accepts(target, value) != Ok(false);
    // Each check goes through the whole list, so only the first values of a long list are checked.
    let unused: Vec<Node<'d>> = unused
        .enumerate()
        .filter(|(index, value)| *index >= MOST_ASKED || is_read_alone(&whole(*value)))
        .map(|(_, value)| value)
        .collect();
    if !unused.is_empty() {
        let listed = shown(unused.iter().copied().map(told));
        let (rule, title) = match both.direction() {
            Direction::Request => (&REQUEST_ENUM_ADDED, format!("{what} also takes {listed}")),
            Direction::Response if unused.len() > 1 => (
                &RESPONSE_ENUM_LOST,
                format!("{what} is no longer one of {listed}"),
            ),
            Direction::Response => (&RESPONSE_ENUM_LOST, format!("{what} is never {listed} any more")),
        };
        found.push(both.local(rule, title).widening());
    }
}

/// Whether a reader of the listed values reads no value of this value's type.
fn is_of_another_type(both: &Both<'_, '_>, read: &[Node<'_>], value: Node<'_>) -> bool {
    let (face, value) = (both.read(), instance(value));
    if face.types.is_some() && face.item_values.is_none() {
        return !is_typed(face, &value, both.node.carrier);
    }
    let is_alike =
        |other: &Node<'_>| std::mem::discriminant(&instance(*other)) == std::mem::discriminant(&value);
    !both.node.carrier.is_text() && !value.is_null() && !read.iter().any(is_alike)
}

fn null<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    let at = (&both.node.base.at, &both.node.revision.at);
    let what = || label_of_use((both.documents.0, at.0), (both.documents.1, at.1));
    let target = both.node.target();
    if both.sent().nullable && !both.read().nullable && !both.proved() {
        let (rule, does) = match both.direction() {
            Direction::Request => (&REQUEST_NULL_REFUSED, "no longer takes null"),
            Direction::Response => (&RESPONSE_NULL_ADDED, "may be null"),
        };
        if let Some(witness) = both.witness(schemas, &Value::Null, "null is not allowed") {
            let mut local = both.local_at(rule, format!("{} {does}", what()), at.0, at.1, "");
            local.drift.witness = Some(witness);
            local.claim = Claim::Refusal;
            found.push(local);
        }
    }
    if both.read().nullable
        && !both.sent().nullable
        && both.is_unsent(schemas, &Value::Null)
        && schemas.accepts(target, &Value::Null) == Ok(true)
    {
        let (rule, does) = match both.direction() {
            Direction::Request => (&REQUEST_NULL_ADDED, "also takes null"),
            Direction::Response => (&RESPONSE_NULL_LOST, "is never null any more"),
        };
        let local = both.local_at(rule, format!("{} {does}", what()), at.0, at.1, "");
        found.push(local.widening());
    }
}
