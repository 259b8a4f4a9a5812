//! Headers of responses.

use std::collections::HashMap;
use std::rc::Rc;

use openapi_document::Located;

use crate::comparison::{AnswerStatus, Comparison, Pair, SchemaUse, Slot};
use crate::findings::Drift;
use crate::report::{Direction, Level, Side, Touched};
use crate::rule::{Affects, Rule};
use crate::rules::format::FORMAT;
use crate::rules::presence::{self, Presence};
use crate::rules::wire::{self, Writing};
use crate::rules::{by_witness, lifecycle, message, one_sided, uncompared};

pub(crate) const RULES: &[&Rule] = &[&NARROWED, &SERIALIZATION, &READ_OTHERWISE];

const NARROWED: Rule = Rule {
    id: "response-header-narrowed",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "A header that could be any text is now a number or boolean. It is still a text on the wire.",
    mend: "Nothing to do.",
    readings: &[1],
};

const SERIALIZATION: Rule = Rule {
    id: "response-header-serialization-changed",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A header is written differently (explode or media type), so its readers misread it.",
    mend: "Read the header in its new form.",
    readings: &[1],
};
const READ_OTHERWISE: Rule = Rule {
    id: "response-header-read-as-other-text",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "A header is written differently, so its readers get another text, or split a text at its commas.",
    mend: "Read the header in its new form.",
    readings: &[1],
};

struct Header<'d> {
    name: &'d str,
    place: Located<'d>,
}

/// The headers of a response by name, without `Content-Type`, which OpenAPI describes by media types.
fn of<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    response: &Located<'d>,
    pair: &Pair<'d>,
    status: &AnswerStatus,
) -> Vec<Header<'d>> {
    let Some(headers) = response.get("headers") else {
        return Vec::new();
    };
    let mut list = Vec::new();
    for (name, place) in headers.entries() {
        if name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        if let Some(place) = comparison.follow(side, place, &unread(pair, status, name)) {
            list.push(Header { name, place });
        }
    }
    list
}

/// The place at which an unreadable header is noted. The name is in lower case, since the documents may spell it
/// differently.
fn unread(pair: &Pair<'_>, status: &AnswerStatus, name: &str) -> Touched {
    let at = openapi_document::pointer::join("/headers", &name.to_ascii_lowercase());
    pair.touched(Some(&status.written), at)
}

/// Compares the headers of one response.
pub(crate) fn compare<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    status: &AnswerStatus,
    base: &Located<'d>,
    revision: &Located<'d>,
) {
    if base.get("headers").is_none() && revision.get("headers").is_none() {
        return;
    }
    let old = of(comparison, Side::Base, base, pair, status);
    let new = of(comparison, Side::Revision, revision, pair, status);
    let by_name = |list: &[Header<'d>]| -> HashMap<String, usize> {
        let mut places = HashMap::new();
        for (place, header) in list.iter().enumerate() {
            places.entry(header.name.to_ascii_lowercase()).or_insert(place);
        }
        places
    };
    let (old_places, new_places) = (by_name(&old), by_name(&new));
    let find = |places: &HashMap<String, usize>, name: &str| places.get(&name.to_ascii_lowercase()).copied();
    let is_same = |comparison: &Comparison<'d>, header: &Header<'d>| {
        let other = find(&new_places, header.name).map(|index| &new[index]);
        other.is_some_and(|it| comparison.unchanged.same(header.place.node, it.place.node))
    };
    let old: Vec<_> = old.into_iter().filter(|it| !is_same(comparison, it)).collect();
    let number = old.len().max(new.len().saturating_sub(old_places.len()));
    if number > 0 && !comparison.may_pair(number) {
        let title = "so many headers are declared that these were not compared";
        return uncompared::tell(comparison, pair, "/headers", title);
    }

    for header in &old {
        if comparison
            .dangling
            .may_hide(Side::Revision, &unread(pair, status, header.name))
        {
            continue;
        }
        let slot = Slot::AnswerHeader {
            status: status.clone(),
            name: header.name.to_owned(),
        };
        let other = find(&new_places, header.name).map(|index| &new[index]);
        presence_of(comparison, pair, status, (base, revision), (Some(header), other));
        if let Some(other) = other {
            lifecycle::compare_deprecation(
                comparison,
                (&header.place, &other.place),
                &format!("the header `{}`", header.name),
                pair.touched(Some(&status.written), slot.at()),
            );
            let schema = |place: &Located<'d>| {
                place
                    .get("schema")
                    .or_else(|| place.get("content")?.members().next()?.1.get("schema"))
            };
            match (schema(&header.place), schema(&other.place)) {
                (Some(base), Some(revision)) => {
                    values(comparison, pair, slot, (header, &base), (other, &revision));
                }
                (Some(base), None) => {
                    described(comparison, pair, &slot, (Side::Base, &base), (header, other));
                }
                (None, Some(revision)) => {
                    described(
                        comparison,
                        pair,
                        &slot,
                        (Side::Revision, &revision),
                        (header, other),
                    );
                }
                (None, None) => {}
            }
        }
    }
    for header in &new {
        if comparison
            .dangling
            .may_hide(Side::Base, &unread(pair, status, header.name))
        {
            continue;
        }
        if find(&old_places, header.name).is_none() {
            presence_of(comparison, pair, status, (base, revision), (None, Some(header)));
        }
    }
}

/// Compares the presence of a header that one response or both declare.
fn presence_of<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    status: &AnswerStatus,
    (base, revision): (&Located<'d>, &Located<'d>),
    (old, new): (Option<&Header<'d>>, Option<&Header<'d>>),
) {
    let Some(known) = old.or(new) else { return };
    let says = |it: Option<&Header<'d>>| {
        Presence::of(it.is_some(), it.is_some_and(|it| it.place.is_true("required")))
    };
    let at = openapi_document::pointer::join("/headers", known.name);
    let direction = pair.answers();
    let whose = match direction {
        Direction::Request => "our answer",
        Direction::Response => "an answer",
    };
    let part = presence::Part {
        label: format!("the header `{}` of {whose}", known.name),
        // Responses share headers, so a header that is removed from all of them is one change.
        cause: format!("{} {:?}", known.name.to_ascii_lowercase(), (says(old), says(new))),
        base_at: Some(old.map_or(&base.at, |it| &it.place.at).to_string()),
        revision_at: Some(new.map_or(&revision.at, |it| &it.place.at).to_string()),
        touched: pair.touched(Some(&status.written), at),
    };
    let sent = direction.flow(base, revision).sent;
    let rules = presence::of_headers(direction);
    presence::compare(
        comparison,
        pair,
        direction,
        rules,
        (says(old), says(new)),
        part,
        |it| message::answer(it, direction.sender(), pair, status.code, sent),
    );
}

/// Compares a header whose values only one document describes.
fn described<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    slot: &Slot,
    (side, schema): (Side, &Located<'d>),
    (old, new): (&Header<'d>, &Header<'d>),
) {
    let direction = pair.answers();
    let (own, what) = match side {
        Side::Base => (old, "may now be anything"),
        Side::Revision => (new, "was anything and is now described"),
    };
    let carrier = Writing::of_header(&own.place).carrier();
    let shape = comparison.shape(side, schema.node);
    one_sided::compare(
        comparison,
        pair,
        (slot, direction),
        (side, schema, carrier),
        |is_restricted| {
            let rule = match (direction, is_restricted) {
                (Direction::Request, true) => &by_witness::REQUEST_VALUE,
                (Direction::Request, false) => &by_witness::REQUEST_WIDENED,
                (Direction::Response, true) => &by_witness::RESPONSE_VALUE,
                (Direction::Response, false) => &by_witness::RESPONSE_NARROWED,
            };
            let status = slot.status().map_or("", |status| status);
            let cause = format!("{} {shape}", old.name.to_ascii_lowercase());
            Drift::new(
                rule,
                cause,
                format!("the header `{}` of answer {status} {what}", old.name),
            )
            .base(&old.place.at)
            .revision(&new.place.at)
            .flows(direction)
        },
    );
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
        base: (&writings[0], Some(base)),
        revision: (&writings[1], Some(revision)),
        direction,
    };
    let shapes = [(Side::Base, base), (Side::Revision, revision)]
        .map(|(side, place)| comparison.shape(side, place.node));
    let cause = format!("{} {}", old.name.to_ascii_lowercase(), shapes.join(" "));
    let about = |rule, what: String| {
        let status = slot.status().map_or("", |status| status);
        let title = format!("the header `{}` of answer {status} {what}", old.name);
        Drift::new(rule, cause.clone(), title)
            .base(&old.place.at)
            .revision(&new.place.at)
            .flows(direction)
    };
    let touched = || pair.touched_in(&slot, slot.at());
    if let Some(found) = written.misread(comparison) {
        let what = found.told();
        if found.as_text {
            return comparison.report(about(&READ_OTHERWISE, what), touched());
        }
        let proof = direction.proof(format!("it is read as another value, or not at all: it {what}"));
        return comparison.prove(about(&SERIALIZATION, what), pair, touched(), proof, |it| {
            message::carrying(it, direction.sender(), pair, &slot, found.value)
        });
    }
    let carrier = written.carrier(comparison);
    if direction == Direction::Response
        && let Some(became @ (wire::Became::Text | wire::Became::PartedList)) =
            written.became(comparison, carrier)
    {
        let read = base.clone().follow(comparison.base).ok();
        let wanted = read.as_ref().and_then(|read| read.text("format"));
        let drift = match (became, wanted) {
            (wire::Became::PartedList, _) => {
                let what = "is one text now, which a comma in it parts for who reads a list";
                about(&READ_OTHERWISE, what.to_owned())
            }
            (_, Some(wanted)) => about(
                &FORMAT,
                format!("is no text any more, where callers read `{wanted}`"),
            ),
            (_, None) => {
                let sent = revision.clone().follow(comparison.revision).ok();
                let what = match sent.as_ref().and_then(|it| it.text("type")) {
                    Some(one) => format!("is always of the type `{one}` now"),
                    None => "is no longer any text".to_owned(),
                };
                about(&NARROWED, what)
            }
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
