//! Entries of `content`: the schema of a body, and the encoding of form fields.

use std::rc::Rc;

use openapi_document::{Located, Node};
use serde_json::Value;

use crate::comparison::{Comparison, FIELD, Pair, SchemaUse, Slot, UNWRITTEN};
use crate::containment::Carrier;
use crate::findings::Drift;
use crate::report::{Direction, Level, Side};
use crate::rule::{Affects, Rule};
use crate::rules::by_witness::UNDECIDED;
use crate::rules::media::{self, MediaType};
use crate::rules::{form, message, one_sided, streams};

pub(crate) const RULES: &[&Rule] = &[
    &SCHEMA_ADDED,
    &SCHEMA_DROPPED,
    &ANSWER_SCHEMA_ADDED,
    &ANSWER_SCHEMA_DROPPED,
    &ENCODING,
    &ENCODING_ADDED,
    &FIELD_SERIALIZATION,
    &PART_HEADER,
];

const SCHEMA_ADDED: Rule = Rule {
    id: "request-schema-added",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader restricts a body that could be anything.",
    mend: "Keep to the new schema.",
    readings: &[3],
};
const SCHEMA_DROPPED: Rule = Rule {
    id: "request-schema-dropped",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "The reader accepts any body where it accepted only some.",
    mend: "Nothing to do.",
    readings: &[3],
};
const ANSWER_SCHEMA_ADDED: Rule = Rule {
    id: "response-schema-added",
    level: Level::Additive,
    affects: Affects::Readers,
    explanation: "The document describes a body that could be anything before.",
    mend: "Nothing to do.",
    readings: &[3],
};
const ANSWER_SCHEMA_DROPPED: Rule = Rule {
    id: "response-schema-dropped",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A message may have any body where its readers expect the one that was described.",
    mend: "Ask the vendor what is sent now, and read it.",
    readings: &[3],
};
const FIELD_SERIALIZATION: Rule = Rule {
    id: "field-serialization-changed",
    level: Level::Breaking,
    affects: Affects::Both,
    explanation: "A field of a form is written differently (style, explode or media type), so its reader misreads it.",
    mend: "Write the field in the new form.",
    readings: &[1, 6],
};
const PART_HEADER: Rule = Rule {
    id: "part-header-required",
    level: Level::Breaking,
    affects: Affects::Both,
    explanation: "A part of a form may come without a header that its reader requires.",
    mend: "Send the header with the part.",
    readings: &[6],
};
const ENCODING: Rule = Rule {
    id: "request-encoding-changed",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "The parts of a form are encoded differently, so what is sent may be misread.",
    mend: "Encode the parts as the reader's document says.",
    readings: &[6],
};
const ENCODING_ADDED: Rule = Rule {
    id: "request-encoding-added",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A part of a form is accepted in more media types or with more headers.",
    mend: "Nothing to do.",
    readings: &[6],
};

/// Compares the schemas of a body in one media type.
pub(crate) fn compare<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Rc<Pair<'d>>,
    base: &Located<'d>,
    revision: &Located<'d>,
    slot: &Slot,
    direction: Direction,
) {
    // A media type may be a reference (OpenAPI 3.2). Both are followed first, so that an unresolved reference is noted
    // on each side.
    let touched = pair.touched_in(slot, slot.at());
    let followed = [(Side::Base, base), (Side::Revision, revision)]
        .map(|(side, place)| comparison.follow(side, place.clone(), &touched));
    let [Some(base), Some(revision)] = &followed else {
        return;
    };
    item_encodings(comparison, pair, (base, revision), slot, direction);
    let written = slot.media().unwrap_or_default();
    let media = MediaType::parse(written);
    let carrier = if media::is_form(written) {
        fields(comparison, pair, &media, (base, revision), slot, direction)
    } else if media.is_events() && (streams::is_stream(base) || streams::is_stream(revision)) {
        Carrier::Event
    } else {
        media.carrier()
    };
    if carrier == Carrier::Json {
        streams::compare_wholes(comparison, pair, (base, revision), slot, direction);
    }
    let Some(described) = streams::described(comparison, base, revision) else {
        let title = format!("{} is described item by item in one document only", slot.label());
        let drift = Drift::new(&UNDECIDED, format!("{} {}", base.at, revision.at), title)
            .base(&base.at)
            .revision(&revision.at)
            .flows(direction)
            .undecided("what the whole of a stream says of its items is not read");
        return comparison.report(drift, touched);
    };
    let mut told_by = |side, schema: &Located<'d>| {
        let shape = comparison.shape(side, schema.node).to_string();
        // Who does not say what the fields are does not say how they are written, either.
        let carrier = if media::is_form(written) {
            comparison.schemas.form(Vec::new())
        } else {
            carrier
        };
        let described = (side, schema, carrier);
        one_sided::compare(comparison, pair, (slot, direction), described, |is_restricted| {
            let (rule, title) = match (direction, is_restricted) {
                (Direction::Request, true) => (&SCHEMA_ADDED, "was anything and is now restricted"),
                (Direction::Request, false) => (&SCHEMA_DROPPED, "was restricted and may now be anything"),
                (Direction::Response, true) => {
                    (&ANSWER_SCHEMA_DROPPED, "was described and may now be anything")
                }
                (Direction::Response, false) => (&ANSWER_SCHEMA_ADDED, "was anything and is now described"),
            };
            Drift::new(rule, shape, format!("{} {title}", slot.label()))
                .base(&base.at)
                .revision(&revision.at)
                .flows(direction)
        });
    };
    match described {
        (Some(base), Some(revision)) => {
            comparison.uses.push(SchemaUse {
                pair: Rc::clone(pair),
                slot: slot.clone(),
                base,
                revision,
                direction,
                carrier,
                is_given: true,
            });
        }
        (None, Some(schema)) | (Some(schema), None) if says_nothing(slot, &schema) => {}
        (None, Some(schema)) => told_by(Side::Revision, &schema),
        (Some(schema), None) => told_by(Side::Base, &schema),
        (None, None) => {}
    }
}

/// Compares how the items of a multipart body are encoded (OpenAPI 3.2).
fn item_encodings<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    (base, revision): (&Located<'d>, &Located<'d>),
    slot: &Slot,
    direction: Direction,
) {
    for key in ["prefixEncoding", "itemEncoding"] {
        let [old, new] = [base, revision].map(|place| {
            let encoding = place.get(key);
            let items = encoding.iter().flat_map(Located::items);
            let one = encoding.iter().filter(|it| it.node.is_object()).cloned();
            items.chain(one).collect::<Vec<_>>()
        });
        let is_alike = (0..old.len().max(new.len()))
            .all(|nth| form::are_alike(comparison, (old.get(nth), new.get(nth)), direction));
        if !is_alike {
            let shapes = [(Side::Base, base), (Side::Revision, revision)].map(|(side, place)| {
                let encoding = place.node.get(key);
                encoding.map(|it| comparison.shape(side, it)).unwrap_or_default()
            });
            let title = format!("the items of {} are encoded differently", slot.label());
            let drift = Drift::new(&ENCODING, format!("{key} {}", shapes.join(" ")), title)
                .base(&base.at)
                .revision(&revision.at)
                .flows(direction);
            comparison.report(drift, pair.touched_in(slot, slot.at()));
        }
    }
}

/// Whether a schema is no more specific than no schema: it is empty, or it only says that bytes are bytes.
///
/// See reading 12 in `docs/readings.md`.
fn says_nothing(slot: &Slot, schema: &Located<'_>) -> bool {
    let (Slot::RequestBody { media } | Slot::AnswerBody { media, .. }) = slot else {
        return false;
    };
    let is_opaque = media::is_opaque(media);
    let is_empty = |(key, value): (&str, Node<'_>)| match key {
        "type" => is_opaque && value.as_str() == Some("string"),
        "format" => is_opaque && value.as_str() == Some("binary"),
        "contentMediaType" => is_opaque,
        key => crate::schema::keywords::is_prose(key),
    };
    schema.node.as_bool() == Some(true) || schema.node.is_object() && schema.node.members().all(is_empty)
}

/// Compares how the fields of a form are written, and returns the carrier of the form.
pub(crate) fn fields<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    form: &MediaType,
    (base, revision): (&Located<'d>, &Located<'d>),
    slot: &Slot,
    direction: Direction,
) -> Carrier {
    let fields = form::fields(comparison, form, base, revision, direction);
    let sender = direction.sender();
    let schema = direction.flow(base, revision).sent.get("schema");
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
    // Each message that shows a field has all of them.
    let parts = schema.as_ref().and_then(|it| it.get("properties"));
    let parts = parts.map_or(0, |it| it.node.members().len());
    // Shows a field by a whole form, if there is one.
    let show = |comparison: &mut Comparison<'d>,
                (rule, name, what): (&'static Rule, &str, String),
                because: String,
                whole: &dyn Fn(&mut Comparison<'d>, &str) -> Option<Value>| {
        let at = openapi_document::pointer::join("", name);
        let touched = pair.touched_in(slot, slot.at() + &at);
        if !comparison.may_write(parts * FIELD) {
            let place = comparison.findings.report(about(rule, name, what), touched);
            return comparison.leave_open(place.index, UNWRITTEN);
        }
        let Some(whole) = whole(comparison, &at) else {
            return comparison.report(about(&ENCODING, name, what), touched);
        };
        let (drift, proof) = (about(rule, name, what), direction.proof(because));
        comparison.prove(drift, pair, touched, proof, |it| {
            message::carrying(it, sender, pair, slot, whole)
        });
    };
    for (name, found) in fields.misread {
        let what = found.told();
        let because = format!("`{name}` is read as another value, or not at all: it {what}");
        show(
            comparison,
            (&FIELD_SERIALIZATION, &name, what),
            because,
            &|it, at| {
                let schema = schema.as_ref().filter(|_| !found.as_text)?;
                let id = it
                    .schemas
                    .lower_carried(sender, schema.node, direction, fields.carrier);
                it.schemas.instance_with(id, at, &found.value)
            },
        );
    }
    for (name, header) in fields.lacking {
        let what = match direction {
            Direction::Request => format!("must have the header `{header}`"),
            Direction::Response => format!("may come without the header `{header}`"),
        };
        let because = format!("its part `{name}` has no header `{header}`");
        show(comparison, (&PART_HEADER, &name, what), because, &|it, at| {
            let own = form::property(it, sender, direction.flow(base, revision).sent, &name)?;
            let own = it.schemas.lower(sender, own.node, direction);
            let value = it.schemas.sample(own)?;
            let whole = schema.as_ref()?.node;
            let whole = it.schemas.lower_carried(sender, whole, direction, fields.carrier);
            it.schemas.instance_with(whole, at, &value)
        });
    }
    for (name, what) in fields.widened {
        let touched = pair.touched_in(slot, slot.at());
        comparison.report(about(&ENCODING_ADDED, &name, what), touched);
    }
    for (name, what) in fields.changed {
        let touched = pair.touched_in(slot, slot.at());
        comparison.report(about(&ENCODING, &name, what), touched);
    }
    fields.carrier
}
