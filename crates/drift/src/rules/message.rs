//! Concrete messages: a request that a document lets callers send, an answer it lets the service give.

use openapi_document::Located;
use openapi_document::view::Response as Answer;
use serde_json::{Map, Value};

use crate::comparison::{Comparison, Pair, Slot, message_key};
use crate::containment::Carrier;
use crate::report::{Direction, Side};
use crate::rules::media::{self, Entry};
use crate::rules::{bodies, parameters, wire};

/// The key of a message that says that its body is the list of all items of a stream, and not one of them.
pub(crate) const LIST_OF_ITEMS: &str = "list_of_items";

/// The least request of an operation that `side` allows: required parameters and, where required, a body. A parameter of
/// which no value could be built is null, and a body of which none could is left out beside its media type.
/// `also` names an optional parameter to send beside them.
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
        // An empty part of a path would be another path: what the carrier cannot write is no sample.
        let carrier = parameter.writing().carrier();
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
    if let Some(body) = bodies::of(comparison, side, &endpoint, &touched)
        && body.is_true("required")
    {
        add_body(comparison, side, pair, &body, &mut message);
    }
    message
}

/// Puts a body that `side` allows, with its content type, into a request.
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

/// An answer with this code, and the first of its bodies when it has one.
pub(crate) fn answer<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
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
        let value = content(comparison, side, entry, Direction::Response);
        message.extend(value.map(|it| ("body".to_owned(), it)));
    }
    message
}

/// The message of an operation in which `value` stands in `slot`, as `side` allows the rest of it.
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
            // A header travels beside the body that its answer has.
            let mut message = match Answer::declared_for(&answers, status.code) {
                Some(declared) => answer(comparison, side, status.code, &declared.here),
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
    let is_form = media::is_form(&media.to_string());
    let item = place.get("itemSchema");
    let is_item = item.is_some();
    let Some(schema) = item.or_else(|| place.get("schema")) else {
        // Anything will do where nothing is said of it.
        return Some(if is_form { Map::new().into() } else { Value::Null });
    };
    let carrier = if is_form {
        wire::form(comparison, side, media, place)
    } else if is_item && media.is_events() {
        Carrier::Event
    } else {
        media.carrier()
    };
    // How the value is written is not for it to show.
    let carrier = if carrier.proves() { carrier } else { Carrier::Json };
    sample(comparison, side, &schema, direction, carrier)
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
