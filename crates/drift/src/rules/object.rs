//! Objects: names that are required, declared, refused or no longer there.

use std::collections::{BTreeSet, HashSet};

use openapi_document::{Located, Node, pointer};
use serde_json::Value;

use crate::containment::{Schemas, Verdict, World};
use crate::diff::face::{Additional, Face};
use crate::diff::node::{Claim, Local};
use crate::diff::pair::{Both, label, label_of};
use crate::report::{Direction, Level, Side};
use crate::rule::Rule;
use crate::rules::by_witness::UNDECIDED;
use crate::rules::union;
use crate::schema::reader::Reader;

pub(crate) const RULES: &[&Rule] = &[
    &REQUEST_REQUIRED_ADDED,
    &REQUEST_BECAME_REQUIRED,
    &REQUEST_BECAME_OPTIONAL,
    &REQUEST_REFUSED,
    &REQUEST_LOST,
    &REQUEST_ADDED,
    &REQUEST_UNDECLARED,
    &RESPONSE_REQUIRED_REMOVED,
    &RESPONSE_BECAME_OPTIONAL,
    &RESPONSE_BECAME_REQUIRED,
    &RESPONSE_REFUSED,
    &RESPONSE_LOST,
    &RESPONSE_ADDED,
    &RESPONSE_UNDECLARED,
];

const REQUEST_REQUIRED_ADDED: Rule = Rule {
    id: "request-property-required-added",
    level: Level::Breaking,
    explanation: "Staging requires a property that the pin does not know: requests without it are refused.",
};
const REQUEST_BECAME_REQUIRED: Rule = Rule {
    id: "request-property-became-required",
    level: Level::Breaking,
    explanation: "A property that callers may leave out is required: requests without it are refused.",
};
const REQUEST_BECAME_OPTIONAL: Rule = Rule {
    id: "request-property-became-optional",
    level: Level::Additive,
    explanation: "A required property of a request may be left out.",
};
const REQUEST_REFUSED: Rule = Rule {
    id: "request-property-refused",
    level: Level::Breaking,
    explanation: "Staging refuses a property that callers may send.",
};
const REQUEST_LOST: Rule = Rule {
    id: "request-property-lost",
    level: Level::Risky,
    explanation: "Staging no longer knows a property that callers may send: at best it is ignored.",
};
const REQUEST_ADDED: Rule = Rule {
    id: "request-property-added",
    level: Level::Additive,
    explanation: "A request may carry a property that the pin does not know.",
};
const REQUEST_UNDECLARED: Rule = Rule {
    id: "request-undeclared-name-refused",
    level: Level::Risky,
    explanation: "Staging refuses names that it does not declare; callers who send such names are refused.",
};
const RESPONSE_REQUIRED_REMOVED: Rule = Rule {
    id: "response-required-property-removed",
    level: Level::Breaking,
    explanation: "A property that the pin requires in an answer is gone.",
};
const RESPONSE_BECAME_OPTIONAL: Rule = Rule {
    id: "response-property-became-optional",
    level: Level::Breaking,
    explanation: "A property that the pin requires in an answer may be missing.",
};
const RESPONSE_BECAME_REQUIRED: Rule = Rule {
    id: "response-property-became-required",
    level: Level::Additive,
    explanation: "An optional property of an answer is now promised.",
};
const RESPONSE_REFUSED: Rule = Rule {
    id: "response-property-refused",
    level: Level::Breaking,
    explanation: "An answer carries a property that the pin forbids.",
};
const RESPONSE_LOST: Rule = Rule {
    id: "response-property-lost",
    level: Level::Risky,
    explanation: "An optional property of an answer is gone: who reads it finds nothing.",
};
const RESPONSE_ADDED: Rule = Rule {
    id: "response-property-added",
    level: Level::Additive,
    explanation: "An answer carries a property that the pin does not know.",
};
const RESPONSE_UNDECLARED: Rule = Rule {
    id: "response-undeclared-name",
    level: Level::Risky,
    explanation: "An answer may carry names that nobody declares, and the pin forbids them.",
};

/// The drifts between two objects, their properties' own schemas aside.
pub(crate) fn compare<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Vec<Local> {
    let mut found = Vec::new();
    if both.base.is_object() && both.revision.is_object() {
        required(schemas, both, &mut found);
        names(schemas, both, &mut found);
        undeclared(schemas, both, &mut found);
    } else if is_beside_objects(schemas.reader(), both) {
        names(schemas, both, &mut found);
    }
    found
}

/// Whether an object stands beside several, of which one holds: names are told apart from all of those at once.
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

fn required<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    let (base, revision) = (both.base, both.revision);
    let (sent, read) = (both.sent(), both.read());
    for &name in read.required.difference(&sent.required) {
        if both.proved() {
            break;
        }
        let declared = sent.properties.contains_key(name);
        let (rule, what) = match (both.direction(), declared) {
            (Direction::Request, false) => (&REQUEST_REQUIRED_ADDED, "is now required"),
            (Direction::Request, true) => (&REQUEST_BECAME_REQUIRED, "became required"),
            (Direction::Response, false) => {
                (&RESPONSE_REQUIRED_REMOVED, "is gone though the pin requires it")
            }
            (Direction::Response, true) => (
                &RESPONSE_BECAME_OPTIONAL,
                "may be missing though the pin requires it",
            ),
        };
        let mut local = about(both, rule, name, what);
        let because = format!("the required property `{name}` is missing");
        let without = schemas.sample_without(both.node.source(), name);
        let witness = without.and_then(|value| both.witness(schemas, &value, &because));
        settle(&mut local, witness, name);
        found.push(local);
    }
    for &name in sent.required.difference(&read.required) {
        let (rule, what) = match both.direction() {
            Direction::Request if revision.properties.contains_key(name) => {
                (&REQUEST_BECAME_OPTIONAL, "became optional")
            }
            // A property that only one of several alternatives requires is not promised.
            Direction::Response
                if base.properties.contains_key(name) && both.node.whole != Some(Side::Base) =>
            {
                (&RESPONSE_BECAME_REQUIRED, "is now always there")
            }
            _ => continue,
        };
        found.push(about(both, rule, name, what).widening());
    }
}

fn names<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    let (sent, read) = (both.sent(), both.read());
    let hidden = (
        branch_names(schemas.reader(), Side::Base, both.base),
        branch_names(schemas.reader(), Side::Revision, both.revision),
    );
    let (sent_hidden, read_hidden) = match both.direction() {
        Direction::Request => (&hidden.0, &hidden.1),
        Direction::Response => (&hidden.1, &hidden.0),
    };

    for &name in sent.properties.keys() {
        let is_known = read.properties.contains_key(name)
            || read_hidden.contains(name)
            || both.node.is_beside(both.node.reader(), name);
        if is_known {
            continue;
        }
        let (refused, ignored, says) = match both.direction() {
            Direction::Request => (
                &REQUEST_REFUSED,
                &REQUEST_LOST,
                ("is refused", "is no longer known"),
            ),
            Direction::Response => (
                &RESPONSE_REFUSED,
                &RESPONSE_ADDED,
                ("is new and forbidden by the pin", "is new"),
            ),
        };
        match &read.additional {
            Additional::Refused if !both.proved() => {
                let mut local = about(both, refused, name, says.0);
                let because = format!("the property `{name}` is not allowed");
                let with = sample_with(schemas, both, name);
                let witness = with.and_then(|value| both.witness(schemas, &value, &because));
                settle(&mut local, witness, name);
                found.push(local);
            }
            // A name that goes into a map is read as the map's values are.
            Additional::Like(_) => {}
            _ if both.node.whole == Some(both.node.sender()) => {}
            _ => found.push(about(both, ignored, name, says.1)),
        }
    }
    for &name in read.properties.keys() {
        let known = sent.properties.contains_key(name)
            || sent_hidden.contains(name)
            || both.node.is_beside(both.node.sender(), name)
            || both.node.whole == Some(both.node.reader());
        if known || read.required.contains(name) || matches!(sent.additional, Additional::Like(_)) {
            continue;
        }
        let (rule, what) = match both.direction() {
            Direction::Request => (&REQUEST_ADDED, "is new and optional"),
            Direction::Response => (&RESPONSE_LOST, "is gone"),
        };
        found.push(about(both, rule, name, what));
    }
}

fn undeclared<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, found: &mut Vec<Local>) {
    let closes = matches!(both.read().additional, Additional::Refused);
    if !closes
        || matches!(both.sent().additional, Additional::Refused | Additional::Like(_))
        || !both.proved()
    {
        return;
    }
    let Verdict::Refuted(refutation) = schemas.contains(both.node.source(), both.node.target(), World::Open)
    else {
        return;
    };
    let (rule, what) = match both.direction() {
        Direction::Request => (&REQUEST_UNDECLARED, "refuses names that it does not declare"),
        Direction::Response => (&RESPONSE_UNDECLARED, "may carry names that the pin forbids"),
    };
    let mut local = both.local(rule, format!("{} {what}", label_of(both, Side::Revision)));
    local.drift.witness = both.witness(schemas, &refutation.witness, &refutation.because);
    found.push(local);
}

/// A drift about one property.
fn about<'d>(both: &Both<'_, 'd>, rule: &'static Rule, name: &str, what: &str) -> Local {
    let at = |face: &Face<'d>| match face.properties.get(name).map(Vec::as_slice) {
        Some([place, ..]) => place.at.clone(),
        _ => face.home.clone(),
    };
    let (base_at, revision_at) = (at(both.base), at(both.revision));
    let home = if both.base.properties.contains_key(name) {
        label(&base_at)
    } else if both.revision.properties.contains_key(name) {
        label(&revision_at)
    } else {
        format!("`{name}` of {}", label(&both.revision.home))
    };
    let title = format!("{home} {what}");
    both.local_at(rule, title, &base_at, &revision_at, &pointer::join("", name))
}

/// Gives a refuting drift its witness; without one it stays undecided.
fn settle(local: &mut Local, witness: Option<crate::report::Witness>, name: &str) {
    local.claim = Claim::Refusal;
    if witness.is_none() {
        local.drift.rule = &UNDECIDED;
        local.drift.undecided = Some(format!("no value could be built that shows it about `{name}`"));
    }
    // The witness is a value of the whole object, so that is the place it is shown at.
    local.drift.witness = witness;
    local.whole = true;
}

/// A value that is sent and carries the property.
fn sample_with<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, name: &str) -> Option<Value> {
    let place: &Located<'d> = both.sent().properties.get(name)?.first()?;
    let carrier = schemas.carrier_inside(both.node.carrier, name, false);
    let id = schemas.lower_carried(both.node.sender(), place.node, both.direction(), carrier);
    let value = schemas.sample(id)?;
    schemas.instance_with(both.node.source(), &pointer::join("", name), &value)
}

/// Subschemas that are searched for declared names, at most.
const MOST: usize = 512;

/// Names that are declared in the branches of a union: they are not gone.
pub(crate) fn branch_names<'d>(reader: &mut Reader<'d>, side: Side, face: &Face<'d>) -> BTreeSet<&'d str> {
    let mut names = BTreeSet::new();
    let mut seen = HashSet::new();
    let mut open: Vec<Node<'d>> = face.unions.iter().flatten().map(|it| it.node).collect();
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
