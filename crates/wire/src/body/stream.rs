//! Sequential media types (OpenAPI 3.2), read item by item: JSON values and server-sent events.

use openapi_document::view::MediaName;
use openapi_document::{Document, Node};
use serde_json::Value;

use crate::style::CannotWrite;
use crate::types::{Step, Types, types_at};
use crate::written::{Written, text_of};

/// The byte that starts each text of a JSON text sequence (RFC 7464).
const RECORD: u8 = 0x1e;

/// How a stream separates its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// One item on each line.
    Lines,
    /// A record separator before each item.
    Records,
}

impl Framing {
    fn of(name: &MediaName) -> Option<Self> {
        match name.essence().as_str() {
            "application/jsonl"
            | "application/x-jsonl"
            | "application/x-jsonlines"
            | "application/ndjson"
            | "application/x-ndjson" => Some(Self::Lines),
            "application/json-seq" => Some(Self::Records),
            _ if name.suffix() == Some("json-seq") => Some(Self::Records),
            _ => None,
        }
    }
}

/// Whether a media type is a stream of JSON values that is supported here.
pub(crate) fn is_read(name: &MediaName) -> bool {
    Framing::of(name).is_some()
}

/// The items of a stream, or the reason why it is malformed. `None` for an unsupported media type.
pub(crate) fn items(name: &MediaName, bytes: &[u8]) -> Option<Result<Vec<Value>, String>> {
    let parts: Vec<&[u8]> = match Framing::of(name)? {
        Framing::Lines => bytes.split(|byte| *byte == b'\n').collect(),
        Framing::Records => {
            let mut parts = bytes.split(|byte| *byte == RECORD);
            if parts.next().is_some_and(|before| !before.trim_ascii().is_empty()) {
                return Some(Err(
                    "a text of the sequence does not begin with a record separator".to_owned(),
                ));
            }
            parts.collect()
        }
    };
    let parts = parts.into_iter().filter(|part| !part.trim_ascii().is_empty());
    let items = parts.enumerate().map(|(index, part)| {
        serde_json::from_slice(part).map_err(|_| format!("item {} of the stream is not JSON", index + 1))
    });
    Some(items.collect())
}

/// Writes a stream of one item; `None` for an unsupported media type.
pub(crate) fn write(name: &MediaName, item: &Value) -> Option<Vec<u8>> {
    Some(match Framing::of(name)? {
        Framing::Lines => format!("{item}\n").into_bytes(),
        Framing::Records => format!("{}{item}\n", char::from(RECORD)).into_bytes(),
    })
}

/// Whether a media type is a stream of server-sent events ([WHATWG HTML, section
/// 9.2](https://html.spec.whatwg.org/multipage/server-sent-events.html)).
pub(crate) fn is_events(name: &MediaName) -> bool {
    name.essence() == "text/event-stream"
}

/// The fields of an event that a reader keeps; all others are ignored.
const FIELDS: [&str; 4] = ["data", "event", "id", "retry"];

/// The fields of an event, each with its name and its text.
pub(crate) type Event = Vec<(String, String)>;

/// The events that a stream dispatches; an event without `data` is not dispatched.
pub(crate) fn events(bytes: &[u8]) -> Result<Vec<Event>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "its events are no UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut events = Vec::new();
    let mut open: Event = Vec::new();
    for line in text.split_inclusive('\n') {
        // An event that the stream does not complete is not dispatched, so an unfinished line is ignored.
        let Some(line) = line.strip_suffix('\n') else {
            break;
        };
        if line.is_empty() {
            let event = std::mem::take(&mut open);
            if event.iter().any(|(name, _)| name == "data") {
                events.push(event);
            }
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        let is_kept = match name {
            "id" => !value.contains('\0'),
            "retry" => !value.is_empty() && value.bytes().all(|it| it.is_ascii_digit()),
            name => FIELDS.contains(&name),
        };
        if !is_kept {
            continue;
        }
        match open.iter_mut().find(|(own, _)| own == name) {
            Some((_, known)) if name == "data" => *known += &format!("\n{value}"),
            Some((_, known)) => value.clone_into(known),
            None => open.push((name.to_owned(), value.to_owned())),
        }
    }
    Ok(events)
}

/// Returns the two readings of an event. The first reads fields that may be an array or an object as the JSON in
/// their text; the second reads every field as text.
pub(crate) fn read_event(document: &Document, schema: Node<'_>, event: &Event) -> [Written; 2] {
    let json = |name: &str, text: &str| {
        let types = types_at(document, schema, &[Step::Property(name.to_owned())]);
        let is_composite = types.has(Types::OBJECT) || types.has(Types::ARRAY);
        let json = is_composite.then(|| serde_json::from_str::<Value>(text).ok());
        json.flatten().filter(|it| it.is_object() || it.is_array())
    };
    let text = |text: &str| Written::Text(text.to_owned());
    let fields = |read: &dyn Fn(&str, &str) -> Written| {
        let fields = event.iter();
        Written::Members(
            fields
                .map(|(name, own)| (name.clone(), read(name, own)))
                .collect(),
        )
    };
    [
        fields(&|name, own| json(name, own).map_or_else(|| text(own), Written::Json)),
        fields(&|_, own| text(own)),
    ]
}

/// Writes a stream of one event.
pub(crate) fn write_event(item: &Value) -> Result<Vec<u8>, CannotWrite> {
    let fields = item.as_object().ok_or(CannotWrite::UNKNOWN)?;
    if !fields.contains_key("data") {
        return Err(CannotWrite::UNTOLD);
    }
    let mut text = String::new();
    for (name, value) in fields {
        if !FIELDS.contains(&name.as_str()) {
            return Err(CannotWrite::UNKNOWN);
        }
        let value = match value {
            Value::Null => return Err(CannotWrite::NULL),
            value => text_of(value).unwrap_or_else(|| value.to_string()),
        };
        let is_one_line = name == "data" || !value.contains('\n');
        if value.contains('\r') || !is_one_line {
            return Err(CannotWrite::LINE);
        }
        for line in value.split('\n') {
            text += &format!("{name}: {line}\n");
        }
    }
    Ok((text + "\n").into_bytes())
}

#[cfg(test)]
mod tests {
    use openapi_document::view::MediaName;
    use serde_json::json;

    use super::{items, write};

    #[test]
    fn a_written_stream_is_read_back() {
        for name in [
            "application/jsonl",
            "application/x-ndjson",
            "application/geo+json-seq",
        ] {
            let name = MediaName::parse(name);
            let item = json!({"a": "x\ny"});
            let mut bytes = write(&name, &item).unwrap();
            bytes.extend(write(&name, &json!(1)).unwrap());
            assert_eq!(items(&name, &bytes).unwrap().unwrap(), [item, json!(1)]);
        }
    }

    #[test]
    fn a_malformed_stream_is_reported() {
        let read = |name: &str, text: &str| items(&MediaName::parse(name), text.as_bytes());
        assert_eq!(
            read("application/jsonl", "").unwrap().unwrap(),
            Vec::<serde_json::Value>::new()
        );
        assert_eq!(
            read("application/jsonl", "1\n\n{\n").unwrap().unwrap_err(),
            "item 2 of the stream is not JSON"
        );
        assert!(read("application/json-seq", "1\n").unwrap().is_err());
        assert!(read("text/event-stream", "data: 1\n").is_none());
    }
}
