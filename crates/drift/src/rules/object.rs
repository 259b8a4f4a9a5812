//! Objects: names that are required, declared, refused or removed.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use openapi_document::{Located, Node, pointer};
use serde_json::{Value, json};

use crate::containment::{Carrier, Inside, SchemaId, Schemas, Verdict};
use crate::diff::alternative;
use crate::diff::face::{Additional, Face};
use crate::diff::label::{is_part, label};
use crate::diff::node::{Claim, Decision, Local};
use crate::diff::pair::{Both, label_of, shown};
use crate::report::{Direction, Level, Side, Witness};
use crate::rule::{Affects, Rule};
use crate::rules::by_witness::{self, UNDECIDED, is_typed, type_of};
use crate::rules::union;
use crate::schema::ast::Types;
use crate::schema::reader::Reader;

pub(crate) const RULES: &[&Rule] = &[
    &REQUEST_REQUIRED_ADDED,
    &REQUEST_BECAME_REQUIRED,
    &REQUEST_BECAME_OPTIONAL,
    &REQUEST_REFUSED,
    &REQUEST_LOST,
    &REQUEST_ADDED,
    &REQUEST_UNDECLARED,
    &REQUEST_MEANT,
    &RESPONSE_REQUIRED_REMOVED,
    &RESPONSE_BECAME_OPTIONAL,
    &RESPONSE_BECAME_REQUIRED,
    &RESPONSE_REFUSED,
    &RESPONSE_LOST,
    &RESPONSE_ADDED,
    &RESPONSE_UNDECLARED,
    &RESPONSE_MEANT,
];

const REQUEST_REQUIRED_ADDED: Rule = Rule {
    id: "request-property-required-added",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader requires a property that senders do not know, and refuses messages without it.",
    mend: "Always send the property.",
    readings: &[3],
};
const REQUEST_BECAME_REQUIRED: Rule = Rule {
    id: "request-property-became-required",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader requires a property that senders may leave out, and refuses messages without it.",
    mend: "Always send the property.",
    readings: &[3],
};
const REQUEST_BECAME_OPTIONAL: Rule = Rule {
    id: "request-property-became-optional",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A property that was required may be left out.",
    mend: "Nothing to do.",
    readings: &[3],
};
const REQUEST_REFUSED: Rule = Rule {
    id: "request-property-refused",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader refuses a property that senders may send.",
    mend: "Stop sending the property.",
    readings: &[3],
};
pub(super) const REQUEST_LOST: Rule = Rule {
    id: "request-property-lost",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "The reader no longer knows a property that senders may send. It probably ignores the property.",
    mend: "Ask the vendor what happens to the property.",
    readings: &[3],
};
pub(super) const REQUEST_ADDED: Rule = Rule {
    id: "request-property-added",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A request may have a property that was unknown before.",
    mend: "Nothing to do.",
    readings: &[3],
};
const REQUEST_UNDECLARED: Rule = Rule {
    id: "request-undeclared-name-refused",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "The reader refuses properties that the sender's document does not declare, or restricts their values.",
    mend: "Send only declared properties.",
    readings: &[3],
};
pub(super) const REQUEST_MEANT: Rule = Rule {
    id: "request-object-meant",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "Properties without a `type` accept any value by the letter, although an object is meant. Either the reader now accepts only objects, or the sender sends something else to a reader that means an object.",
    mend: "Send an object.",
    readings: &[3],
};
pub(super) const RESPONSE_MEANT: Rule = Rule {
    id: "response-object-meant",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "Properties without a `type` accept any value by the letter, although an object is meant. Either their reader accepts only objects, or it means an object, and something else comes.",
    mend: "Nothing to do if objects come.",
    readings: &[3],
};
const RESPONSE_REQUIRED_REMOVED: Rule = Rule {
    id: "response-required-property-removed",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A property that was always sent is gone.",
    mend: "Read the message without the property.",
    readings: &[3],
};
const RESPONSE_BECAME_OPTIONAL: Rule = Rule {
    id: "response-property-became-optional",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A property that was always sent may be missing.",
    mend: "Read the message without the property.",
    readings: &[3],
};
const RESPONSE_BECAME_REQUIRED: Rule = Rule {
    id: "response-property-became-required",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "A property that was optional is now always sent.",
    mend: "Nothing to do.",
    readings: &[3],
};
const RESPONSE_REFUSED: Rule = Rule {
    id: "response-property-refused",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A message has a property that its readers forbid.",
    mend: "Accept the property.",
    readings: &[3],
};
pub(super) const RESPONSE_LOST: Rule = Rule {
    id: "response-property-lost",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "An optional property of a message is gone, so code that reads it finds nothing.",
    mend: "Remove the code that reads the property.",
    readings: &[3],
};
pub(super) const RESPONSE_ADDED: Rule = Rule {
    id: "response-property-added",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "A message has a property that was unknown before.",
    mend: "Nothing to do.",
    readings: &[3],
};
const RESPONSE_UNDECLARED: Rule = Rule {
    id: "response-undeclared-name",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "A message may have properties that neither document declares, and its readers forbid them.",
    mend: "Ignore unknown properties.",
    readings: &[3],
};

/// The rules on properties that may be missing where the reader requires them.
pub(crate) const ABSENT: &[&str] = &[REQUEST_BECAME_REQUIRED.id, RESPONSE_BECAME_OPTIONAL.id];

/// The drifts between two objects, without those inside the schemas of their properties.
pub(crate) fn compare<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Vec<Local> {
    let mut found = Vec::new();
    if both.base.is_object() && both.revision.is_object() {
        required(schemas, both, &mut found);
        names(schemas, both, &mut found);
        further(schemas, both, &mut found);
    } else if both.base.is_object() && both.revision.says_nothing()
        || is_beside_objects(schemas.reader(), both)
    {
        names(schemas, both, &mut found);
    }
    found.extend(type_meant(schemas, both));
    found
}

/// Whether both sides are objects or unions of objects, so that names are compared with all alternatives at once.
fn is_beside_objects<'d>(reader: &mut Reader<'d>, both: &Both<'_, 'd>) -> bool {
    if union::whole_side(both).is_none() && both.base.is_bare() && both.revision.is_bare() {
        return false;
    }
    let mut is_object = |side: Side, face: &Face<'d>| {
        let mut alternatives = face.unions.iter().flatten();
        let has_alternatives = !face.unions.is_empty();
        face.is_object()
            || has_alternatives
                && alternatives.all(|it| {
                    reader.is_null(side.index(), it.node)
                        || Face::of(reader, side, it, both.direction()).is_object()
                })
    };
    is_object(Side::Base, both.base) && is_object(Side::Revision, both.revision)
}

/// The drift of properties without a `type`, by which an object is meant, where the other side says otherwise.
///
/// See reading 3 in `docs/readings.md`.
fn type_meant<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Option<Local> {
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
        let what = label_of(both, Side::Base);
        let title = format!(
            "{what} may be {}, and its reader means an object",
            type_of(&other)
        );
        return Some(both.local(rule, title));
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

fn required<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
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

fn names<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    sent_names(schemas, both, found);
    read_names(schemas, both, found);
}

/// Adds the drifts of names that the sender declares.
fn sent_names<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    let (sent, read) = (both.sent(), both.read());
    let read_hidden = branch_names(schemas.reader(), both.node.reader(), read);
    let (source, target) = (both.node.source(), both.node.target());
    // Where the reader requires a name that it refuses, it refuses every object, whatever its other names.
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
                        && !*takes_no_object.get_or_insert_with(|| {
                            let mut required = read.required.iter();
                            required.any(|it| schemas.never_holds(target, it))
                        })
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
                    .is_some_and(|it| takes_without(schemas, target, &it.value, &[name]));
                if !read.says(name) || is_shown {
                    settle(both, &mut local, witness, name);
                    found.push(local);
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
    for name in read.names() {
        let known = sent.says(name)
            || sent_hidden.contains(name)
            || sent.required.contains(name)
            || both.node.is_beside(both.node.sender(), name)
            || both.node.whole == Some(both.node.reader());
        // A name that one part declares and another refuses is never sent.
        let is_never_sent = sent.says(name) && sent.limits_names() && schemas.never_holds(source, name);
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

/// Whether an object does not even list names, so that its sender may send any.
fn is_free(face: &Face<'_>) -> bool {
    let is_open = matches!(face.additional, Additional::Unsaid | Additional::Any);
    is_open && face.is_bare() && !face.lists_names && face.unions.is_empty() && !face.declares_further()
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

/// Describes the names that match patterns of one side only.
fn names_like(face: &Face<'_>, other: &Face<'_>) -> Option<String> {
    let is_known = |pattern: &str| other.patterns.iter().any(|(it, _)| *it == pattern);
    let patterns = face.patterns.iter().map(|(pattern, _)| *pattern);
    let patterns: Vec<&str> = patterns.filter(|it| !is_known(it)).collect();
    (!patterns.is_empty()).then(|| format!("names like {}", shown(patterns.into_iter())))
}

/// Adds the drift of undeclared names. Each object has one open set of them, whichever keyword opens or closes it.
fn further<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    let (sent, read) = (both.sent(), both.read());
    // A refused name that was declared already shows that the object is closed.
    let refusals = [REQUEST_REFUSED.id, RESPONSE_REFUSED.id];
    if found.iter().any(|it| refusals.contains(&it.drift.rule.id)) {
        return;
    }
    if let Some(local) = further_refused(schemas, both) {
        found.push(local);
        return;
    }
    if both.node.whole.is_some() {
        return;
    }
    let is_map = |face: &Face<'d>| matches!(face.additional, Additional::Like(_));
    let is_open = |face: &Face<'d>| matches!(face.additional, Additional::Unsaid | Additional::Any);
    // The further names or patterns that one side describes and the other does not.
    let only = |face: &Face<'d>, other: &Face<'d>| {
        if is_map(other) {
            None
        } else if is_map(face) {
            Some("further names".to_owned())
        } else {
            names_like(face, other)
        }
    };
    let of = |what: &str| what_of(both, Side::Base, what);
    let (rule, title) = match both.direction() {
        Direction::Request => match (only(sent, read), only(read, sent)) {
            (Some(lost), _) if is_open(read) => (&REQUEST_LOST, format!("{} are no longer known", of(&lost))),
            (None, Some(new)) => (&REQUEST_ADDED, format!("{} are new", of(&new))),
            _ if sent.refuses_names && is_open(read) && !read.limits_names() => {
                let title = format!("{} are no longer refused", of("names that nobody declares"));
                (&REQUEST_ADDED, title)
            }
            _ => return,
        },
        Direction::Response => match (only(read, sent), only(sent, read)) {
            (Some(lost), _) => (&RESPONSE_LOST, format!("{} are gone", of(&lost))),
            (None, Some(new)) if is_open(read) => (&RESPONSE_ADDED, format!("{} are new", of(&new))),
            _ => return,
        },
    };
    found.push(both.local(rule, title));
}

/// The drift of undeclared names that the reader refuses, or whose values it does not accept.
fn further_refused<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Option<Local> {
    let (sent, read) = (both.sent(), both.read());
    let limits_any = read.limits_names() || read.limits_company;
    // The comparison of the schemas of two maps reports every drift of their names.
    if !limits_any || sent.is_map() && read.is_map() || !both.node.carrier.proves() {
        return None;
    }
    let is_free = is_free(sent);
    // An object that declares no name may have any, so that the verdict of the whole pair says more. So it does if
    // names are refused only for what comes with them.
    let is_told = !read.limits_names() || is_free && both.direction() == Direction::Request;
    if is_told && !both.proved() {
        return None;
    }
    let but = excepted(schemas, both);
    let source = both.node.source();
    // One alternative may accept what another refuses.
    let mut open = None;
    let refused = both.node.readers.iter().find_map(|target| {
        match schemas.contains_further(source, *target, &but) {
            Verdict::Refuted(refutation) => return Some((*target, refutation)),
            Verdict::Undecided(why) => open = Some(why),
            Verdict::Proved => {}
        }
        None
    });
    let Some((target, mut refutation)) = refused else {
        // An undecided pair says so by itself.
        return open.filter(|_| both.proved()).map(|why| {
            let what = what_of(both, Side::Base, "whether names that nobody declares are refused");
            let mut local = both.local(&UNDECIDED, format!("{what} is not decided"));
            local.drift.undecided = Some(why);
            local
        });
    };
    // The empty name is shown only if no other name shows the drift, since it is invisible between backticks.
    if refutation.witness.get("").is_some() {
        let named: Vec<&str> = but.iter().copied().chain([""]).collect();
        if let Verdict::Refuted(other) = schemas.contains_further(source, target, &named) {
            refutation = other;
        }
    }
    let name = undeclared_in(schemas, both, target, &refutation.witness)?;
    let is_declared = !is_free && schemas.can_hold(source, Inside::Property(&name));
    let is_held = !schemas.never_holds(both.node.target(), &name);
    if is_declared && (is_held || both.proved()) {
        // The comparison of both maps' schemas reports this drift.
        return None;
    }
    // Without a schema for further names, their values do not matter, but what comes with them.
    let is_about_values = is_held && (read.declares_further() || !read.unions.is_empty());
    let of = |what: &str| what_of(both, Side::Revision, what);
    let declared = match &sent.additional {
        Additional::Like(_) => None,
        _ => names_like(sent, read),
    };
    let declared = declared.unwrap_or_else(|| "further names".to_owned());
    let (rule, title) = match (both.direction(), is_declared, is_about_values) {
        (Direction::Request, true, _) => (&REQUEST_REFUSED, format!("{} are refused", of(&declared))),
        (Direction::Request, false, false) => {
            let what = of("names that nobody declares");
            (
                &REQUEST_UNDECLARED,
                format!(
                    "{what} {} refused, such as `{name}`",
                    if is_held { "may be" } else { "are" }
                ),
            )
        }
        (Direction::Request, false, true) => {
            let value = shown(refutation.witness.get(&name).cloned().into_iter());
            let title = format!(
                "{} may no longer be {value}, as `{name}` shows",
                of("further names")
            );
            (&REQUEST_UNDECLARED, title)
        }
        (Direction::Response, true, _) => {
            let title = format!("{} are new and were forbidden", of(&declared));
            (&RESPONSE_REFUSED, title)
        }
        (Direction::Response, false, false) => {
            let what = of("names that were forbidden");
            (&RESPONSE_UNDECLARED, format!("{what} may come, such as `{name}`"))
        }
        (Direction::Response, false, true) => {
            let title = format!("{} may be anything now", of("further names"));
            (&by_witness::RESPONSE_VALUE, title)
        }
    };
    let witness = both.witness(schemas, &refutation.witness, &refutation.because)?;
    let mut local = both.local(rule, title);
    local.drift.witness = Some(witness);
    // This drift does not depend on the proof for declared names. It explains a verdict whose witness is an object.
    let of_objects = match &both.node.decision {
        Decision::Refuted(Some(own)) => own.witness.is_object(),
        // A deeper pair explains its own refutation.
        Decision::Refuted(None) => true,
        _ => false,
    };
    if of_objects && (is_declared || is_free) {
        local.claim = Claim::Refusal;
    }
    Some(local)
}

/// The names about which nothing is asked when names are undeclared.
fn excepted<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Vec<&'d str> {
    let (sent, read) = (both.sent(), both.read());
    // Names that only the reader declares are excluded, in any alternative. If the pair is refuted, names that the
    // sender declares are excluded too.
    let mut declared = |ids: &[SchemaId], side: Side| {
        let written = ids.iter().flat_map(|id| schemas.written(*id)).collect();
        declared_in(schemas.reader(), side, written)
    };
    let mut but = declared(&both.node.readers, both.node.reader());
    if !both.proved() {
        but.extend(declared(&both.node.senders, both.node.sender()));
        but.extend(sent.names());
    }
    but.extend(read.names());
    if both.proved() {
        but.retain(|name| !sent.says(name));
    }
    but.retain(|name| !sent.required.contains(name) && (sent.says(name) || !read.refuses(name)));
    but.into_iter().collect()
}

/// Describes some names of the object, with the label that the object has on one side.
fn what_of(both: &Both<'_, '_>, side: Side, what: &str) -> String {
    let label = label_of(both, side);
    if label.starts_with('`') {
        format!("{label}: {what}")
    } else {
        format!("{what} in {label}")
    }
}

/// The undeclared name in a value without which the reader accepts the value.
fn undeclared_in<'d>(
    schemas: &mut Schemas<'d>,
    both: &Both<'_, 'd>,
    target: SchemaId,
    value: &Value,
) -> Option<String> {
    let members = value.as_object()?;
    let (sent, read) = (both.sent(), both.read());
    let undeclared = members.keys().map(String::as_str);
    let undeclared: Vec<&str> = undeclared
        .filter(|name| !sent.declares(name) && (!read.declares(name) || read.refuses(name)))
        .collect();
    let mut alone = undeclared.iter().copied();
    // An object without names may have no written form, so that nothing can be left out.
    let is_alone = members.len() == 1 && both.node.carrier != Carrier::Json;
    let one = alone.find(|name| {
        if is_alone {
            schemas.never_holds(target, name)
        } else {
            takes_without(schemas, target, value, &[name])
        }
    });
    let any = || takes_without(schemas, target, value, &undeclared).then(|| undeclared.first().copied())?;
    one.or_else(any).map(str::to_owned)
}

/// Whether the reader accepts an object without some of its names.
fn takes_without(schemas: &mut Schemas<'_>, target: SchemaId, value: &Value, names: &[&str]) -> bool {
    let members = value.as_object().into_iter().flatten();
    let others = members.filter(|(name, _)| !names.contains(&name.as_str()));
    let others = others
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    schemas.accepts(target, &Value::Object(others)) == Ok(true)
}

/// Creates a drift about one property.
fn about<'d>(both: &Both<'_, 'd>, rule: &'static Rule, name: &str, what: &str) -> Local {
    let at = |face: &Face<'d>| Arc::clone(face.place_of(name).map_or(&face.home, |it| &it.at));
    let (base_at, revision_at) = (at(both.base), at(both.revision));
    let (base, revision) = both.documents;
    let home = if both.base.says(name) {
        label(base, &base_at)
    } else if both.revision.says(name) {
        label(revision, &revision_at)
    } else if is_part(revision, &both.revision.home) {
        format!("`{name}`")
    } else {
        format!("`{name}` of {}", label(revision, &both.revision.home))
    };
    let title = format!("{home} {what}");
    both.local_at(rule, title, &base_at, &revision_at, &pointer::join("", name))
}

/// Sets the witness of a refuting drift. Without a witness, the drift is undecided.
fn settle(both: &Both<'_, '_>, local: &mut Local, witness: Option<Witness>, name: &str) {
    local.claim = Claim::Refusal;
    if witness.is_none() {
        local.drift.rule = &UNDECIDED;
        local.drift.undecided = Some(if both.node.carrier.writes_objects() {
            format!("no value could be built that shows it about `{name}`")
        } else {
            both.node.carrier.unproven().to_owned()
        });
        local.drift.title = format!("whether {} is not decided", local.drift.title);
    }
    // The witness is a value of the whole object, so it is shown at the object's place.
    local.drift.witness = witness;
    local.whole = true;
}

/// A sample that the sender allows and that has the property.
fn sample_with<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, name: &str) -> Option<Value> {
    let place: &Located<'d> = both.sent().place_of(name)?;
    let carrier = schemas.carrier_inside(both.node.carrier, name, false);
    let id = schemas.lower_carried(both.node.sender(), place.node, both.direction(), carrier);
    let value = schemas.sample(id)?;
    schemas.instance_with(both.node.source(), &pointer::join("", name), &value)
}

/// Maximum number of subschemas searched for declared names.
const MOST: usize = 512;

/// Names declared in the branches of a union, which are therefore still known.
pub(crate) fn branch_names<'d>(reader: &mut Reader<'d>, side: Side, face: &Face<'d>) -> BTreeSet<&'d str> {
    declared_in(
        reader,
        side,
        face.unions.iter().flatten().map(|it| it.node).collect(),
    )
}

/// Names declared by schemas, and by their subschemas that apply to the same value.
fn declared_in<'d>(reader: &mut Reader<'d>, side: Side, mut open: Vec<Node<'d>>) -> BTreeSet<&'d str> {
    let mut names = BTreeSet::new();
    let mut seen = HashSet::new();
    while let Some(node) = open.pop() {
        if seen.len() == MOST || !seen.insert(node.id()) {
            continue;
        }
        let schema = reader.read(side.index(), node);
        names.extend(schema.properties().map(|(name, _)| name));
        open.extend(schema.in_place());
    }
    names
}
