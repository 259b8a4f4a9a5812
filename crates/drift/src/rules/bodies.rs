//! Request bodies: whether there is one, whether it must be there, and in which media types.

use std::rc::Rc;

use openapi_document::Located;
use serde_json::Value;

use crate::comparison::{Comparison, Pair, SchemaUse, Slot};
use crate::containment::Carrier;
use crate::findings::{Drift, Proof};
use crate::report::{Direction, Level, Side, Touched, Witness};
use crate::rule::Rule;
use crate::rules::media::MediaType;
use crate::rules::{media, message, wire};
use openapi_document::view::Operation;

pub(crate) const RULES: &[&Rule] = &[
    &REQUIRED_ADDED,
    &ADDED,
    &LOST,
    &BECAME_REQUIRED,
    &BECAME_OPTIONAL,
    &MEDIA_TYPE_REFUSED,
    &MEDIA_TYPE_ADDED,
    &SCHEMA_ADDED,
    &SCHEMA_DROPPED,
    &ENCODING,
    &FIELD_SERIALIZATION,
];

const REQUIRED_ADDED: Rule = Rule {
    id: "request-body-required-added",
    level: Level::Breaking,
    explanation: "Staging requires a body where the pin knows none: requests without one are refused.",
};
const ADDED: Rule = Rule {
    id: "request-body-added",
    level: Level::Additive,
    explanation: "Staging takes a body where the pin knows none; it may be left out.",
};
const LOST: Rule = Rule {
    id: "request-body-lost",
    level: Level::Risky,
    explanation: "Staging no longer knows the body that callers send: at best it is ignored.",
};
const BECAME_REQUIRED: Rule = Rule {
    id: "request-body-became-required",
    level: Level::Breaking,
    explanation: "A body that callers may leave out is required: requests without it are refused.",
};
const BECAME_OPTIONAL: Rule = Rule {
    id: "request-body-became-optional",
    level: Level::Additive,
    explanation: "A required body may be left out.",
};
const MEDIA_TYPE_REFUSED: Rule = Rule {
    id: "request-media-type-refused",
    level: Level::Breaking,
    explanation: "Staging no longer takes a media type that callers send.",
};
const MEDIA_TYPE_ADDED: Rule = Rule {
    id: "request-media-type-added",
    level: Level::Additive,
    explanation: "Staging takes a media type that the pin does not know.",
};
const SCHEMA_ADDED: Rule = Rule {
    id: "request-schema-added",
    level: Level::Breaking,
    explanation: "Staging restricts a body that may be anything at the pin.",
};
const SCHEMA_DROPPED: Rule = Rule {
    id: "request-schema-dropped",
    level: Level::Additive,
    explanation: "Staging takes anything where the pin restricts the body.",
};
const FIELD_SERIALIZATION: Rule = Rule {
    id: "field-serialization-changed",
    level: Level::Breaking,
    explanation: "A field of a form is written differently (style, explode or media type): what is written is misread.",
};
const ENCODING: Rule = Rule {
    id: "request-encoding-changed",
    level: Level::Risky,
    explanation: "The parts of a form are encoded differently: what callers write may be misread.",
};

/// The request body of an operation.
pub(crate) fn of<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    operation: &Operation<'d>,
    touched: &Touched,
) -> Option<Located<'d>> {
    let place = operation.here.get("requestBody")?;
    comparison
        .follow(side, place, touched)
        .filter(|body| body.node.is_object())
}

/// Compares the request bodies of one operation.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Rc<Pair<'d>>) {
    let touched = pair.touched(None, "/body");
    let old = of(comparison, Side::Base, &pair.base, &touched);
    let new = of(comparison, Side::Revision, &pair.revision, &touched);
    match (old, new) {
        (None, Some(new)) if pair.base.here.get("requestBody").is_none() => {
            added(comparison, pair, &new, touched);
        }
        (Some(old), None) if pair.revision.here.get("requestBody").is_none() => {
            let drift = Drift::new(
                &LOST,
                comparison.shape(Side::Base, old.node),
                "the request body is gone",
            )
            .base(&old.at)
            .flows(pair.requests());
            comparison.report(drift, touched);
        }
        (Some(old), Some(new)) => both(comparison, pair, &old, &new, &touched),
        _ => {}
    }
}

fn added<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>, new: &Located<'d>, touched: Touched) {
    if !new.is_true("required") || pair.calls_back {
        let drift = Drift::new(
            &ADDED,
            comparison.shape(Side::Revision, new.node),
            "a request body is taken",
        )
        .revision(&new.at)
        .flows(pair.requests());
        return comparison.report(drift, touched);
    }
    let drift = Drift::new(
        &REQUIRED_ADDED,
        comparison.shape(Side::Revision, new.node),
        "a request body is now required",
    )
    .revision(&new.at)
    .flows(Direction::Request);
    let proof = Proof::refused_request("the required body is missing");
    comparison.prove(drift, pair, touched, proof, |it| {
        message::request(it, Side::Base, pair, None)
    });
}

fn both<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    old: &Located<'d>,
    new: &Located<'d>,
    touched: &Touched,
) {
    if comparison.unchanged.same(old.node, new.node) {
        return;
    }
    let about = |rule, cause: String, title: String| {
        Drift::new(rule, cause, title)
            .base(&old.at)
            .revision(&new.at)
            .flows(pair.requests())
    };
    match (old.is_true("required"), new.is_true("required")) {
        (false, true) if !pair.calls_back => {
            let cause = format!(
                "{} {}",
                comparison.shape(Side::Base, old.node),
                comparison.shape(Side::Revision, new.node)
            );
            let drift = about(
                &BECAME_REQUIRED,
                cause,
                "the request body became required".to_owned(),
            );
            let proof = Proof::refused_request("the required body is missing");
            comparison.prove(drift, pair, touched.clone(), proof, |it| {
                message::request(it, Side::Base, pair, None)
            });
        }
        (true, false) => {
            let cause = format!(
                "{} {}",
                comparison.shape(Side::Base, old.node),
                comparison.shape(Side::Revision, new.node)
            );
            let drift = about(
                &BECAME_OPTIONAL,
                cause,
                "the request body became optional".to_owned(),
            );
            comparison.report(drift, touched.clone());
        }
        _ => {}
    }

    let (before, after) = (
        media::entries(old.get("content").as_ref()),
        media::entries(new.get("content").as_ref()),
    );
    // When the service calls us, the revision lists what it may send, and the base lists what we read.
    let (sent, read) = if pair.calls_back {
        (&after, &before)
    } else {
        (&before, &after)
    };
    for entry in sent {
        let (media, place) = entry;
        let Some((_, counterpart)) = media::find(read, entry) else {
            // A body without any media type takes everything.
            if read.is_empty() {
                continue;
            }
            let title = format!("the request media type {media} is no longer taken");
            let drift = about(&MEDIA_TYPE_REFUSED, media.to_string(), title);
            if pair.calls_back {
                comparison.report(drift, touched.clone());
            } else {
                let proof = Proof::refused_request(format!("{media} is not among the media types taken"));
                comparison.prove(drift, pair, touched.clone(), proof, |it| {
                    let mut request = message::request(it, Side::Base, pair, None);
                    message::add_body(it, Side::Base, old, &mut request);
                    if let Some(Value::Object(headers)) = request.get_mut("headers") {
                        headers.insert("content-type".to_owned(), media::sendable(entry).into());
                    }
                    request
                });
            }
            continue;
        };
        let (base, revision) = if pair.calls_back {
            (counterpart, place)
        } else {
            (place, counterpart)
        };
        let slot = Slot::RequestBody {
            media: media::sendable(entry).into(),
        };
        contents(comparison, pair, base, revision, &slot, pair.requests());
    }
    for entry in read {
        let (media, _) = entry;
        if media::find(sent, entry).is_none() && !sent.iter().any(|(other, _)| media.covers(other)) {
            let title = format!("the request media type {media} is new");
            comparison.report(
                about(&MEDIA_TYPE_ADDED, media.to_string(), title),
                touched.clone(),
            );
        }
    }
}

/// Compares the schemas of a body of one media type.
pub(crate) fn contents<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    base: &Located<'d>,
    revision: &Located<'d>,
    slot: &Slot,
    direction: Direction,
) {
    let media = MediaType::parse(slot.media().unwrap_or_default());
    let carrier = if media.is_form() {
        fields(comparison, pair, &media, (base, revision), slot, direction)
    } else {
        media.carrier()
    };
    match (base.get("schema"), revision.get("schema")) {
        (Some(base), Some(revision)) => {
            comparison.uses.push(SchemaUse {
                pair: Rc::clone(pair),
                slot: slot.clone(),
                base,
                revision,
                direction,
                carrier,
                is_given: false,
            });
        }
        (None, Some(schema)) => {
            let restricted = (direction == Direction::Request).then_some(Side::Revision);
            one_sided(
                comparison,
                pair,
                slot,
                direction,
                (&base.at, &revision.at),
                (Side::Revision, &schema, carrier),
                restricted,
            );
        }
        (Some(schema), None) => {
            let restricted = (direction == Direction::Response).then_some(Side::Base);
            one_sided(
                comparison,
                pair,
                slot,
                direction,
                (&base.at, &revision.at),
                (Side::Base, &schema, carrier),
                restricted,
            );
        }
        (None, None) => {}
    }
}

/// A schema that stands on one side only; the other side allows anything. `restricted` is the side that now
/// refuses what the other may send, if it does.
fn one_sided<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    slot: &Slot,
    direction: Direction,
    (base_at, revision_at): (&str, &str),
    (side, schema, carrier): (Side, &Located<'d>, Carrier),
    restricted: Option<Side>,
) {
    use crate::rules::responses::{SCHEMA_ADDED as ANSWER_ADDED, SCHEMA_DROPPED as ANSWER_DROPPED};

    let touched = pair.touched_in(slot, slot.at());
    let refused = restricted.and_then(|side| {
        let id = comparison
            .schemas
            .lower_carried(side, schema.node, direction, carrier);
        let value = comparison.schemas.outside(id)?;
        let other = if side == Side::Base {
            Side::Revision
        } else {
            Side::Base
        };
        let because = "only one side restricts this body, and this value is outside".to_owned();
        Some(Witness {
            value,
            accepted_by: other,
            rejected_by: side,
            because,
        })
    });
    let (rule, title) = match (direction, &refused, restricted) {
        (Direction::Request, Some(_), _) => (&SCHEMA_ADDED, "was anything and is now restricted"),
        (Direction::Response, Some(_), _) => (&ANSWER_DROPPED, "was described and may now be anything"),
        // A schema that allows everything says as much as none.
        (_, None, Some(_)) => return,
        (Direction::Request, None, None) => (&SCHEMA_DROPPED, "was restricted and may now be anything"),
        (Direction::Response, None, None) => (&ANSWER_ADDED, "was anything and is now described"),
    };
    let drift = Drift::new(
        rule,
        comparison.shape(side, schema.node),
        format!("{} {title}", slot.label()),
    )
    .base(base_at)
    .revision(revision_at)
    .flows(direction)
    .witness(refused);
    comparison.report(drift, touched);
}

/// Compares how the fields of a form are written; the carrier of the form.
fn fields<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    form: &MediaType,
    (base, revision): (&Located<'d>, &Located<'d>),
    slot: &Slot,
    direction: Direction,
) -> Carrier {
    let fields = wire::fields(comparison, form, base, revision, direction);
    let (sender, reader, schema) = match direction {
        Direction::Request => (Side::Base, Side::Revision, base.get("schema")),
        Direction::Response => (Side::Revision, Side::Base, revision.get("schema")),
    };
    let shapes = [(Side::Base, base), (Side::Revision, revision)].map(|(side, place)| {
        let encoding = place.node.get("encoding");
        encoding.map(|it| comparison.shape(side, it)).unwrap_or_default()
    });
    let about = |rule, name: &str, what: String| {
        Drift::new(
            rule,
            format!("{name} {}", shapes.join(" ")),
            format!("the field `{name}` of {} {what}", slot.label()),
        )
        .base(&base.at)
        .revision(&revision.at)
        .flows(direction)
    };
    for (name, found) in fields.misread {
        let what = format!("is written as {}, no longer as {}", found.after, found.before);
        let at = openapi_document::pointer::join("", &name);
        let whole = schema.as_ref().filter(|_| !found.as_text).and_then(|schema| {
            let id = comparison
                .schemas
                .lower_carried(sender, schema.node, direction, fields.carrier);
            comparison.schemas.instance_with(id, &at, &found.value)
        });
        let touched = pair.touched_in(slot, slot.at() + &at);
        let Some(whole) = whole else {
            comparison.report(about(&ENCODING, &name, what), touched);
            continue;
        };
        let proof = Proof {
            accepted_by: sender,
            rejected_by: reader,
            because: format!("the value of `{name}` is read as another one, or not at all: it {what}"),
        };
        comparison.prove(
            about(&FIELD_SERIALIZATION, &name, what),
            pair,
            touched,
            proof,
            |it| message::carrying(it, sender, pair, slot, whole),
        );
    }
    for name in fields.changed {
        let touched = pair.touched_in(slot, slot.at());
        comparison.report(
            about(&ENCODING, &name, "is encoded differently".to_owned()),
            touched,
        );
    }
    fields.carrier
}
