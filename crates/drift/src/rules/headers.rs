//! Headers of answers.

use std::rc::Rc;

use openapi_document::Located;

use crate::comparison::{Comparison, Pair, SchemaUse, Slot};
use crate::findings::{Drift, Proof};
use crate::report::{Direction, Level, Side, Touched};
use crate::rule::Rule;
use crate::rules::format::FORMAT;
use crate::rules::{message, wire};

pub(crate) const RULES: &[&Rule] = &[&REQUIRED_LOST, &LOST, &ADDED, &NARROWED];

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

/// The place at which a header that cannot be read is noted, in whatever case each document spells it.
fn unread(pair: &Pair<'_>, status: &str, name: &str) -> Touched {
    let at = openapi_document::pointer::join("/headers", &name.to_ascii_lowercase());
    pair.touched(Some(status), at)
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
        if comparison.may_stand_behind(Side::Revision, &unread(pair, status, header.name)) {
            continue;
        }
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
            let schema = |place: &Located<'d>| {
                place
                    .get("schema")
                    .or_else(|| place.get("content")?.members().next()?.1.get("schema"))
            };
            if let (Some(base), Some(revision)) = (schema(&header.place), schema(&other.place)) {
                let direction = pair.answers();
                if !pair.calls_back && wire::is_any_text(comparison, &base, &revision) {
                    narrowed(
                        comparison,
                        header,
                        other,
                        (&base, &revision),
                        &lower,
                        pair.touched(Some(status), slot.at()),
                    );
                    continue;
                }
                comparison.uses.push(SchemaUse {
                    pair: Rc::clone(pair),
                    slot,
                    base,
                    revision,
                    direction,
                });
            }
        }
    }
    for header in &new {
        if comparison.may_stand_behind(Side::Base, &unread(pair, status, header.name)) {
            continue;
        }
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

/// A header that is read as any text and comes as something narrower.
fn narrowed<'d>(
    comparison: &mut Comparison<'d>,
    old: &Header<'d>,
    new: &Header<'d>,
    (base, revision): (&Located<'d>, &Located<'d>),
    name: &str,
    touched: Touched,
) {
    let read = base.clone().follow(comparison.base).ok();
    let wanted = read.as_ref().and_then(|read| read.text("format"));
    let (rule, title) = match wanted {
        Some(wanted) => (
            &FORMAT,
            format!(
                "the header `{}` of an answer is no text any more; callers read `{wanted}`",
                old.name
            ),
        ),
        None => (
            &NARROWED,
            format!(
                "the header `{}` of an answer is a number or boolean now",
                old.name
            ),
        ),
    };
    let shapes = [(Side::Base, base), (Side::Revision, revision)]
        .map(|(side, place)| comparison.shape(side, place.node));
    let drift = Drift::new(rule, format!("{name} {}", shapes.join(" ")), title)
        .base(&old.place.at)
        .revision(&new.place.at)
        .flows(Direction::Response);
    comparison.report(drift, touched);
}
