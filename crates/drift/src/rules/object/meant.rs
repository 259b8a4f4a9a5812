//! Objects that are meant by properties without a `type`.

use openapi_document::Located;
use serde_json::{Value, json};

use crate::containment::{Carrier, Schemas};
use crate::diff::counterparts::WIDEST;
use crate::diff::face::Face;
use crate::diff::node::Local;
use crate::diff::pair::{Both, label_of};
use crate::report::{Direction, Level, Side};
use crate::rule::{Affects, Rule};
use crate::rules::by_witness::{self, is_typed, type_of};
use crate::schema::ast::Types;

pub(in crate::rules) const REQUEST_MEANT: Rule = Rule {
    id: "request-object-meant",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "Properties without a `type` accept any value by the letter, although an object is meant. Either the reader now accepts only objects, or the sender sends something else to a reader that means an object.",
    mend: "Send an object.",
    readings: &[3],
};
pub(in crate::rules) const RESPONSE_MEANT: Rule = Rule {
    id: "response-object-meant",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "Properties without a `type` accept any value by the letter, although an object is meant. Either their reader accepts only objects, or it means an object, and something else comes.",
    mend: "Nothing to do if objects come.",
    readings: &[3],
};

/// The drift of properties without a `type`, by which an object is meant, where the other side says otherwise.
///
/// See reading 3 in `docs/readings.md`.
pub(super) fn compare<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Option<Local> {
    let (sent, read) = (both.sent(), both.read());
    // Another part of the value may say its type.
    let has_others = [Side::Base, Side::Revision].map(|side| both.node.has_names_beside(side));
    if both.node.carrier != Carrier::Json || has_others.contains(&true) {
        return None;
    }
    let rule = match both.direction() {
        Direction::Request => &REQUEST_MEANT,
        Direction::Response => &RESPONSE_MEANT,
    };
    if read.means_object() {
        // Another alternative may read the value.
        let is_alone = both.node.readers.iter().all(|it| *it == both.node.target());
        // Several parts may describe one value. They may be aligned crosswise if only their order changed.
        let is_part = |at: &str| ["/allOf/", "/unevaluated"].iter().any(|key| at.contains(key));
        let [base, revision] = [Side::Base, Side::Revision].map(|side| &both.node.place(side).at);
        let is_crosswise = base != revision && (is_part(base) || is_part(revision));
        if sent.types.is_none() || both.node.whole.is_some() || !is_alone || is_crosswise {
            return None;
        }
        let mut others = other_values().filter(|it| !it.is_null() || !read.nullable);
        let other = others.find(|it| is_typed(sent, it, Carrier::Json))?;
        return Some(both.local(rule, sent_otherwise(both, &other)));
    }
    if let Some(other) = read_by_alternative_meant(schemas, both) {
        return Some(both.local(rule, sent_otherwise(both, &other)));
    }
    if !sent.means_object() || !read.types.is_some_and(|it| it.has(Types::OBJECT)) {
        return None;
    }
    let title = match both.direction() {
        Direction::Request => "is said to be an object, which was meant by properties without a `type`",
        Direction::Response => "has properties without a `type`, and is no longer said to be an object",
    };
    // A schema around alternatives may say the type, and another alternative may accept the value.
    let (senders, readers) = (&both.node.senders, &both.node.readers);
    let mut shown = other_values().filter_map(|value| {
        let is_sent = senders.iter().any(|it| schemas.accepts(*it, &value) == Ok(true));
        let is_refused = readers.iter().any(|it| schemas.accepts(*it, &value) == Ok(false));
        if !is_sent || !is_refused {
            return None;
        }
        let because = format!("{} is no object", by_witness::brief(&value));
        both.witness(schemas, &value, &because)
    });
    let witness = shown.next()?;
    let mut local = both.local(rule, format!("{} {title}", label_of(both, Side::Base)));
    local.drift.witness = Some(witness);
    // Documents change this in dozens of schemas at once.
    local.drift.cause = String::new();
    local.inline = false;
    Some(local)
}

/// The title of a drift of a reader that means an object, and is sent another value.
fn sent_otherwise(both: &Both<'_, '_>, other: &Value) -> String {
    let (what, other) = (label_of(both, Side::Base), type_of(other));
    format!("{what} may be {other}, and its reader means an object")
}

/// A value that is sent and is no object, if only alternatives that mean an object accept it.
fn read_by_alternative_meant<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Option<Value> {
    let (sent, read, side) = (both.sent(), both.read(), both.node.reader());
    let [branches] = read.unions.as_slice() else {
        return None;
    };
    if sent.types.is_none() || !sent.unions.is_empty() || read.types.is_some() || branches.len() > WIDEST {
        return None;
    }
    let is_meant = |schemas: &mut Schemas<'d>, it: &Located<'d>| {
        Face::of(schemas.reader(), side, it, both.direction()).means_object()
    };
    let meant: Vec<bool> = branches.iter().map(|it| is_meant(schemas, it)).collect();
    if !meant.contains(&true) {
        return None;
    }
    let mut others = other_values().filter(|it| !it.is_null() && is_typed(sent, it, Carrier::Json));
    others.find(|value| {
        let mut accepts = |it: &Located<'d>| {
            let id = both.lower(schemas, side, it.node);
            schemas.accepts(id, value) != Ok(false)
        };
        branches
            .iter()
            .zip(&meant)
            .all(|(it, is_meant)| *is_meant || !accepts(it))
    })
}

/// Small values that are no objects.
fn other_values() -> impl Iterator<Item = Value> {
    [
        json!(null),
        json!(""),
        json!(0),
        json!(0.5),
        json!(false),
        json!([]),
    ]
    .into_iter()
}
