//! Headers of answers.

use std::rc::Rc;

use openapi_document::Located;

use crate::comparison::{Comparison, Pair, SchemaUse, Slot};
use crate::findings::{Drift, Proof};
use crate::report::{Direction, Level, Side};
use crate::rule::Rule;
use crate::rules::format::FORMAT;
use crate::rules::wire::{self, Writing};
use crate::rules::{lifecycle, message};

pub(crate) const RULES: &[&Rule] = &[
    &REQUIRED_LOST,
    &LOST,
    &ADDED,
    &NARROWED,
    &SERIALIZATION,
    &READ_OTHERWISE,
];

const REQUIRED_LOST: Rule = Rule {
    id: "response-header-required-lost",
    level: Level::Breaking,
    explanation: "A header that the pin promises in every answer may be missing.",
};
const LOST: Rule = Rule {
    id: "response-header-lost",
    level: Level::Risky,
    explanation: "An optional header of an answer is gone.",
};
const ADDED: Rule = Rule {
    id: "response-header-added",
    level: Level::Additive,
    explanation: "An answer has a header that the pin does not know.",
};

const NARROWED: Rule = Rule {
    id: "response-header-narrowed",
    level: Level::Additive,
    explanation: "A header that the pin reads as any text is a number or boolean: on the wire it is text as before.",
};

const SERIALIZATION: Rule = Rule {
    id: "response-header-serialization-changed",
    level: Level::Breaking,
    explanation: "A header of an answer is written differently (explode or media type): readers misread it.",
};
const READ_OTHERWISE: Rule = Rule {
    id: "response-header-read-as-other-text",
    level: Level::Risky,
    explanation: "A header of an answer is written differently, and its readers read another text.",
};

struct Header<'d> {
    name: &'d str,
    place: Located<'d>,
}

/// Headers by name; `Content-Type` is described by the media types, as OpenAPI says.
fn of<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    response: &Located<'d>,
    pair: &Pair<'d>,
    status: &str,
) -> Vec<Header<'d>> {
    let touched = pair.touched(Some(status), "/headers");
    let Some(headers) = response.get("headers") else {
        return Vec::new();
    };
    let mut list = Vec::new();
    for (name, place) in headers.entries() {
        if name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        if let Some(place) = comparison.follow(side, place, &touched) {
            list.push(Header { name, place });
        }
    }
    list
}

/// Compares the headers of one answer.
pub(crate) fn compare<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    status: &str,
    base: &Located<'d>,
    revision: &Located<'d>,
) {
    if base.get("headers").is_none() && revision.get("headers").is_none() {
        return;
    }
    let old = of(comparison, Side::Base, base, pair, status);
    let new = of(comparison, Side::Revision, revision, pair, status);
    let find =
        |list: &[Header<'d>], name: &str| list.iter().position(|it| it.name.eq_ignore_ascii_case(name));

    for header in &old {
        let slot = Slot::AnswerHeader {
            status: status.into(),
            name: header.name.to_owned(),
        };
        let touched = pair.touched(Some(status), slot.at());
        let other = find(&new, header.name).map(|index| &new[index]);
        let lower = header.name.to_ascii_lowercase();
        let required = header.place.is_true("required");
        if required && !other.is_some_and(|it| it.place.is_true("required")) {
            let title = format!("the header `{}` of an answer is no longer promised", header.name);
            let mut drift = Drift::new(&REQUIRED_LOST, format!("{lower} {}", other.is_some()), title)
                .base(&header.place.at)
                .flows(pair.answers());
            drift.revision_at = Some(other.map_or_else(|| revision.at.clone(), |it| it.place.at.clone()));
            let proof = Proof::unreadable_answer(format!("the required header `{}` is missing", header.name));
            comparison.prove(drift, pair, touched, proof, |it| {
                message::answer(it, Side::Revision, status, revision)
            });
        } else if other.is_none() {
            let title = format!("the header `{}` of an answer is gone", header.name);
            let cause = format!("{lower} {}", comparison.shape(Side::Base, header.place.node));
            comparison.report(
                Drift::new(&LOST, cause, title)
                    .base(&header.place.at)
                    .flows(pair.answers()),
                touched,
            );
        }
        if let Some(other) = other {
            lifecycle::compare_deprecation(
                comparison,
                (&header.place, &other.place),
                &format!("the header `{}` of an answer", header.name),
                pair.touched(Some(status), slot.at()),
            );
            let schema = |place: &Located<'d>| {
                place
                    .get("schema")
                    .or_else(|| place.get("content")?.members().next()?.1.get("schema"))
            };
            if let (Some(base), Some(revision)) = (schema(&header.place), schema(&other.place)) {
                values(comparison, pair, slot, (header, &base), (other, &revision));
            }
        }
    }
    for header in &new {
        if find(&old, header.name).is_none() {
            let title = format!("the header `{}` of an answer is new", header.name);
            let cause = format!(
                "{} {}",
                header.name.to_ascii_lowercase(),
                comparison.shape(Side::Revision, header.place.node)
            );
            let at = openapi_document::pointer::join("/headers", header.name);
            let drift = Drift::new(&ADDED, cause, title)
                .revision(&header.place.at)
                .flows(pair.answers());
            comparison.report(drift, pair.touched(Some(status), at));
        }
    }
}

/// Compares the values of a header as they are written.
fn values<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    slot: Slot,
    (old, base): (&Header<'d>, &Located<'d>),
    (new, revision): (&Header<'d>, &Located<'d>),
) {
    let direction = pair.answers();
    let writings = [old, new].map(|it| Writing::of_header(&it.place));
    let written = wire::Written {
        base: (&writings[0], base),
        revision: (&writings[1], revision),
        direction,
    };
    let shapes = [(Side::Base, base), (Side::Revision, revision)]
        .map(|(side, place)| comparison.shape(side, place.node));
    let cause = format!("{} {}", old.name.to_ascii_lowercase(), shapes.join(" "));
    let about = |rule, what: String| {
        let title = format!("the header `{}` of an answer {what}", old.name);
        Drift::new(rule, cause.clone(), title)
            .base(&old.place.at)
            .revision(&new.place.at)
            .flows(direction)
    };
    let touched = || pair.touched_in(&slot, slot.at());
    if let Some(found) = written.misread(comparison) {
        let what = format!("is written as {}, no longer as {}", found.after, found.before);
        if found.as_text {
            return comparison.report(about(&READ_OTHERWISE, what), touched());
        }
        let (accepted_by, rejected_by) = match direction {
            Direction::Request => (Side::Base, Side::Revision),
            Direction::Response => (Side::Revision, Side::Base),
        };
        let proof = Proof {
            accepted_by,
            rejected_by,
            because: format!("the value is read as another one, or not at all: it {what}"),
        };
        return comparison.prove(about(&SERIALIZATION, what), pair, touched(), proof, |it| {
            message::carrying(it, accepted_by, pair, &slot, found.value)
        });
    }
    let carrier = writings[0].carrier();
    if direction == Direction::Response
        && written.became(comparison) == Some(wire::Became::Text)
        && wire::is_wider(comparison, base, revision, direction, carrier)
    {
        let read = base.clone().follow(comparison.base).ok();
        let wanted = read.as_ref().and_then(|read| read.text("format"));
        let drift = match wanted {
            Some(wanted) => about(&FORMAT, format!("is no text any more; callers read `{wanted}`")),
            None => about(&NARROWED, "is a number or boolean now".to_owned()),
        };
        return comparison.report(drift, touched());
    }
    comparison.uses.push(SchemaUse {
        pair: Rc::clone(pair),
        slot,
        base: base.clone(),
        revision: revision.clone(),
        direction,
        carrier,
        is_given: false,
    });
}
