//! Streams of JSON values (OpenAPI 3.2, sequential media types), item by item.

use openapi_document::view::MediaName;
use serde_json::Value;

/// The byte that begins each text of a JSON text sequence (RFC 7464).
const RECORD: u8 = 0x1e;

/// How the items of a stream are set apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    /// One on each line.
    Lines,
    /// Behind a record separator each.
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

/// Whether streams in a media type are taken apart here.
pub(crate) fn is_read(name: &MediaName) -> bool {
    Framing::of(name).is_some()
}

/// The items of a stream, or why it is none; `None` for a media type that is not taken apart here.
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

/// A stream of one item; `None` for a media type that is not written here.
pub(crate) fn write(name: &MediaName, item: &Value) -> Option<Vec<u8>> {
    Some(match Framing::of(name)? {
        Framing::Lines => format!("{item}\n").into_bytes(),
        Framing::Records => format!("{}{item}\n", char::from(RECORD)).into_bytes(),
    })
}

#[cfg(test)]
mod tests {
    use openapi_document::view::MediaName;
    use serde_json::json;

    use super::{items, write};

    #[test]
    fn what_is_written_is_read_again() {
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
    fn what_is_no_stream_is_told() {
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
