//! Names that one side declares, and the other one refuses or does not know.

use openapi_document::{Located, pointer};
use serde_json::Value;

use super::about::{about, settle, takes_without};
use super::declared::{branch_names, is_free};
use crate::containment::{Schemas, Verdict};
use crate::diff::alternative;
use crate::diff::face::{Additional, Face};
use crate::diff::node::{Claim, Decision, Local};
use crate::diff::pair::Both;
use crate::report::{Direction, Level, Side, Witness};
use crate::rule::{Affects, Rule};
use crate::schema::reader::Reader;

pub(in crate::rules) const REQUEST_REFUSED: Rule = Rule {
    id: "request-property-refused",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader refuses a property that senders may send.",
    mend: "Stop sending the property.",
    readings: &[3],
};
pub(in crate::rules) const REQUEST_LOST: Rule = Rule {
    id: "request-property-lost",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "The reader no longer knows a property that senders may send. It probably ignores the property.",
    mend: "Ask the vendor what happens to the property.",
    readings: &[3],
};
pub(in crate::rules) const REQUEST_ADDED: Rule = Rule {
    id: "request-property-added",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A request may have a property that was unknown before.",
    mend: "Nothing to do.",
    readings: &[3],
};
pub(in crate::rules) const RESPONSE_REFUSED: Rule = Rule {
    id: "response-property-refused",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A message has a property that its readers forbid.",
    mend: "Accept the property.",
    readings: &[3],
};
pub(in crate::rules) const RESPONSE_LOST: Rule = Rule {
    id: "response-property-lost",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "An optional property of a message is gone, so code that reads it finds nothing.",
    mend: "Remove the code that reads the property.",
    readings: &[3],
};
pub(in crate::rules) const RESPONSE_ADDED: Rule = Rule {
    id: "response-property-added",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "A message has a property that was unknown before.",
    mend: "Nothing to do.",
    readings: &[3],
};

/// Adds the drifts of names that one side declares.
pub(super) fn compare<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    sent_names(schemas, both, found);
    read_names(schemas, both, found);
}

/// Adds the drifts of names that the sender declares.
fn sent_names<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    let (sent, read) = (both.sent(), both.read());
    let read_hidden = branch_names(schemas.reader(), both.node.reader(), read);
    let (source, target) = (both.node.source(), both.node.target());
    // A reader that refuses every object does not refuse it for one of its names.
    let mut takes_no_object = None;
    for name in sent.names() {
        let is_refused = !both.proved()
            && match &read.additional {
                // A property that does not travel in this direction is not refused either.
                _ if read.hidden.contains(name) => false,
                Additional::Refused if !read.says(name) => true,
                _ => {
                    read.limits_names()
                        && schemas.never_holds(target, name)
                        && !*takes_no_object.get_or_insert_with(|| schemas.takes_no_object(target))
                }
            };
        // A required name counts as known, even if it is not declared.
        let is_known = read.says(name)
            || read_hidden.contains(name)
            || read.required.contains(name)
            || both.node.is_beside(both.node.reader(), name);
        if sent.limits_names() && schemas.never_holds(source, name) {
            continue;
        }
        if is_known && !is_refused {
            if !read.says(name) && !read.required.contains(name) {
                let (rule, says) = match both.direction() {
                    Direction::Request => (&REQUEST_LOST, "is no longer known"),
                    Direction::Response => (&RESPONSE_ADDED, "is new"),
                };
                found.extend(within(
                    schemas.reader(),
                    both,
                    both.node.reader(),
                    name,
                    (rule, says),
                ));
            }
            continue;
        }
        let (refused, ignored, says) = match both.direction() {
            Direction::Request => (
                &REQUEST_REFUSED,
                &REQUEST_LOST,
                ("is refused", "is no longer known"),
            ),
            Direction::Response if base_says(both, name) => (
                &RESPONSE_REFUSED,
                &RESPONSE_ADDED,
                ("may come though it was forbidden", "may come"),
            ),
            Direction::Response => (
                &RESPONSE_REFUSED,
                &RESPONSE_ADDED,
                ("is new and was forbidden", "is new"),
            ),
        };
        match &read.additional {
            _ if is_refused => {
                let mut local = about(both, refused, name, says.0);
                let because = format!("the property `{name}` is not allowed");
                let with = sample_with(schemas, both, name);
                let witness = with.and_then(|value| both.witness(schemas, &value, &because));
                // A declared name counts as refused only if the reader accepts the value without it. Otherwise another
                // part is the cause.
                let is_shown = witness
                    .as_ref()
                    .is_some_and(|it| takes_without(schemas, target, &it.value, |it| it == name));
                if !read.says(name) || is_shown {
                    settle(both, &mut local, witness, name);
                    found.push(local);
                }
                if !is_known {
                    found.push(about(both, ignored, name, says.1).despite_containment());
                }
            }
            // A further name of a map is compared by the schema of the map's values.
            Additional::Like(_) if !read.hidden.contains(name) => {}
            _ if both.node.whole == Some(both.node.sender()) => {}
            _ => found.push(about(both, ignored, name, says.1)),
        }
    }
}

/// Adds the drifts of names that the reader declares.
fn read_names<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    let (sent, read) = (both.sent(), both.read());
    let sent_hidden = branch_names(schemas.reader(), both.node.sender(), sent);
    let (source, target) = (both.node.source(), both.node.target_to_the_letter());
    let mut gone = Vec::new();
    // A sender that sends no object does not leave out one of its names.
    let mut sends_no_object = None;
    for name in read.names() {
        let known = sent.says(name)
            || sent_hidden.contains(name)
            || sent.required.contains(name)
            || both.node.is_beside(both.node.sender(), name)
            || both.node.whole == Some(both.node.reader());
        // A name that one part declares and another refuses is never sent.
        let is_never_sent = sent.says(name)
            && sent.limits_names()
            && schemas.never_holds(source, name)
            && !*sends_no_object.get_or_insert_with(|| schemas.takes_no_object(source));
        let known = known && !is_never_sent;
        let is_of_map = matches!(sent.additional, Additional::Like(_)) && !sent.hidden.contains(name);
        let is_further = read.required.contains(name) || is_of_map;
        let may_refuse = is_never_sent || read.limits_names();
        if known || is_further || may_refuse && schemas.never_holds(target, name) {
            if known && !sent.says(name) && !sent.required.contains(name) && !is_further {
                let (rule, says) = match both.direction() {
                    Direction::Request => (&REQUEST_ADDED, "is new and optional"),
                    Direction::Response => (&RESPONSE_LOST, "is gone"),
                };
                found.extend(within(
                    schemas.reader(),
                    both,
                    both.node.sender(),
                    name,
                    (rule, says),
                ));
            }
            let is_gone = !known && !is_of_map && both.direction() == Direction::Response;
            if is_gone && read.required.contains(name) && !both.proved() {
                found.push(about(both, &RESPONSE_LOST, name, "is gone").despite_containment());
            }
            continue;
        }
        let (rule, what) = match both.direction() {
            Direction::Request => (&REQUEST_ADDED, "is new and optional"),
            Direction::Response => (&RESPONSE_LOST, "is gone"),
        };
        gone.push(about(both, rule, name, what));
    }
    if let Some(witness) = shows_no_more_than_lost(schemas, both)
        && let Some(first) = gone.first_mut()
    {
        first.drift.witness = Some(witness);
        first.claim = Claim::Refusal;
        first.whole = true;
    }
    found.append(&mut gone);
}

/// The drift of a name that one side declares beside all alternatives, and `side` declares in only some of them.
fn within<'d>(
    reader: &mut Reader<'d>,
    both: &Both<'_, 'd>,
    side: Side,
    name: &str,
    (rule, says): (&'static Rule, &str),
) -> Option<Local> {
    let (face, other) = (both.face(side), both.face(side.other()));
    // Where only one side has alternatives, it is unknown which of them corresponds to the whole of the other.
    let ([list], [_]) = (face.unions.as_slice(), other.unions.as_slice()) else {
        return None;
    };
    let mut without = Vec::new();
    for branch in list {
        if reader.is_null(side.index(), branch.node) || both.node.unmatched.has(side, &branch.at) {
            continue;
        }
        let own = Face::of(reader, side, branch, both.direction());
        let knows = own.declares(name)
            || own.required.contains(name)
            || own.declares_further()
            || branch_names(reader, side, &own).contains(name);
        if own.is_object() && !knows {
            without.push(alternative::label(branch));
        }
    }
    let more = without.len().saturating_sub(3);
    let mut named = without.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        named = format!("{named} and {more} more");
    }
    (!without.is_empty()).then(|| about(both, rule, name, &format!("{says} in {named}")))
}

fn base_says(both: &Both<'_, '_>, name: &str) -> bool {
    both.base.says(name)
}

/// Returns the witness of the pair if it shows only the loss of declared names. A response that declares no names may
/// carry any value under the lost ones.
fn shows_no_more_than_lost<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Option<Witness> {
    let (Decision::Refuted(Some(refutation)), Direction::Response) = (&both.node.decision, both.direction())
    else {
        return None;
    };
    let (value, names) = (&refutation.witness, both.read().names().collect::<Vec<_>>());
    let is_lost = |name: &String| names.contains(&name.as_str());
    let is_free = is_free(both.sent()) && !both.node.has_names_beside(both.node.sender());
    if !is_free || !value.as_object()?.keys().any(is_lost) {
        return None;
    }
    let others = schemas.contains_further(both.node.source(), both.node.target(), &names);
    (others == Verdict::Proved).then(|| both.witness(schemas, value, &refutation.because))?
}

/// A sample that the sender allows and that has the property.
fn sample_with<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, name: &str) -> Option<Value> {
    let place: &Located<'d> = both.sent().place_of(name)?;
    let carrier = schemas.carrier_inside(both.node.carrier, name, false);
    let id = schemas.lower_carried(both.node.sender(), place.node, both.direction(), carrier);
    let value = schemas.sample(id)?;
    schemas.instance_with(both.node.source(), &pointer::join("", name), &value)
}
