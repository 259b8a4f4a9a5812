//! Concrete messages: a request or a response that a document allows.

use openapi_document::Located;
use openapi_document::view::{Operation, Response as Answer};
use serde_json::{Map, Value};

use crate::comparison::{Comparison, Pair, Slot, message_key};
use crate::containment::Carrier;
use crate::report::{Direction, Side, Touched};
use crate::rules::media::{self, Entry, MediaType};
use crate::rules::{form, parameters};

/// The smallest request that `side` allows: the required parameters and, if required, a body. A parameter is null if no
/// value could be built for it. A body without a value is left out, but its content type stays. `also` names an
/// optional parameter to include.
pub(crate) fn request<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    pair: &Pair<'d>,
    also: Option<(&str, &str)>,
) -> Map<String, Value> {
    let touched = pair.touched(None, "");
    let endpoint = pair.side(side).clone();
    let mut message = Map::new();
    for parameter in parameters::of(comparison, side, &endpoint, &touched) {
        if parameter.unplaced || !parameter.required && also != Some((parameter.location, parameter.name)) {
            continue;
        }
        // An empty segment would make another path, so a value that the carrier cannot write is not a sample.
        let carrier = parameter.carrier(comparison, side);
        let value = parameter
            .schema()
            .and_then(|schema| sample(comparison, side, &schema, pair.requests(), carrier));
        put(
            &mut message,
            message_key(parameter.location),
            parameter.name,
            value.unwrap_or(Value::Null),
        );
    }
    if let Some(body) = body(comparison, side, &endpoint, &touched)
        && body.is_true("required")
    {
        add_body(comparison, side, pair, &body, &mut message);
    }
    message
}

/// The request body of an operation.
pub(crate) fn body<'d>(
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

/// Adds a body that `side` allows to a request, with its content type.
fn add_body<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    pair: &Pair<'d>,
    body: &Located<'d>,
    message: &mut Map<String, Value>,
) {
    let entries = media::entries(body.get("content").as_ref());
    let Some(entry) = entries.first() else {
        return;
    };
    let value = content(comparison, side, entry, pair.requests());
    put(message, "headers", "content-type", media::sendable(entry).into());
    message.extend(value.map(|it| ("body".to_owned(), it)));
}

/// A response with this code and, if it has any, the first of its bodies.
pub(crate) fn answer<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    pair: &Pair<'d>,
    code: u16,
    response: &Located<'d>,
) -> Map<String, Value> {
    let mut message = Map::new();
    message.insert("status".to_owned(), code.into());
    let entries = media::entries(response.get("content").as_ref());
    if let Some(entry) = entries.first() {
        put(
            &mut message,
            "headers",
            "content-type",
            media::sendable(entry).into(),
        );
        let value = content(comparison, side, entry, pair.answers());
        message.extend(value.map(|it| ("body".to_owned(), it)));
    }
    message
}

/// A message of an operation that carries `value` in `slot`; `side` allows the rest of it.
pub(crate) fn carrying<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    pair: &Pair<'d>,
    slot: &Slot,
    value: Value,
) -> Map<String, Value> {
    match slot {
        Slot::RequestBody { media } => {
            let mut message = request(comparison, side, pair, None);
            put(&mut message, "headers", "content-type", (**media).into());
            message.insert("body".to_owned(), value);
            message
        }
        Slot::Parameter { location, name } => {
            let mut message = request(comparison, side, pair, None);
            put(&mut message, message_key(location), name, value);
            message
        }
        Slot::AnswerBody { status, media } => {
            let mut message = Map::new();
            message.insert("status".to_owned(), status.code.into());
            put(&mut message, "headers", "content-type", (**media).into());
            message.insert("body".to_owned(), value);
            message
        }
        Slot::AnswerHeader { status, name } => {
            let document = comparison.document(side);
            let answers: Vec<_> = pair
                .side(side)
                .responses(document)
                .into_iter()
                .flatten()
                .collect();
            // A header is sent together with the body of its response.
            let mut message = match Answer::declared_for(&answers, status.code) {
                Some(declared) => answer(comparison, side, pair, status.code, &declared.here),
                None => Map::from_iter([("status".to_owned(), status.code.into())]),
            };
            put(&mut message, "headers", name, value);
            message
        }
    }
}

/// A value to send in a media type.
fn content<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    (media, place): &Entry<'d>,
    direction: Direction,
) -> Option<Value> {
    let place = &followed(comparison, side, place);
    let Some(schema) = described(place) else {
        // Any value will do where the media type has no schema.
        let is_form = media::is_form(&media.to_string());
        return Some(if is_form { Map::new().into() } else { Value::Null });
    };
    let carrier = carrier(comparison, side, media, place);
    sample(comparison, side, &schema, direction, carrier)
}

/// Where a media type is described. Since OpenAPI 3.2, it may be a reference to a component.
pub(crate) fn followed<'d>(comparison: &Comparison<'d>, side: Side, place: &Located<'d>) -> Located<'d> {
    let followed = place.clone().follow(comparison.document(side));
    followed.unwrap_or_else(|_| place.clone())
}

/// The schema of the value from which a body is written: one item of a stream, or else the whole.
pub(crate) fn described<'d>(place: &Located<'d>) -> Option<Located<'d>> {
    place.get("itemSchema").or_else(|| place.get("schema"))
}

/// The carrier of samples in a media type.
pub(crate) fn carrier<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    media: &MediaType,
    place: &Located<'d>,
) -> Carrier {
    let carrier = if media::is_form(&media.to_string()) {
        form::carrier(comparison, side, media, place)
    } else if place.says("itemSchema").is_some() && media.is_events() {
        Carrier::Event
    } else {
        media.carrier()
    };
    // The sample need not show how the value is written, so JSON replaces a carrier that proves nothing.
    if carrier.proves() { carrier } else { Carrier::Json }
}

fn sample<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    schema: &Located<'d>,
    direction: Direction,
    carrier: Carrier,
) -> Option<Value> {
    let schemas = &mut comparison.schemas;
    let id = schemas.lower_carried(side, schema.node, direction, carrier);
    schemas.sample(id)
}

fn put(message: &mut Map<String, Value>, group: &str, name: &str, value: Value) {
    let group = message.entry(group).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(group) = group {
        group.insert(name.to_owned(), value);
    }
}
