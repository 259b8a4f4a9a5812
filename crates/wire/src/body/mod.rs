//! Reads and writes bodies by their media types.

mod fields;
mod form;
mod multipart;
mod stream;
mod text;

pub(crate) use form::pairs;
pub(crate) use stream::{Event, events, is_events, is_read as is_stream, items, read_event};

use openapi_document::view::{MediaName, MediaType};
use openapi_document::{Document, Located, Node, Version};
use serde_json::Value;

use fields::Fields;

use crate::schema::Direction;
use crate::style::CannotWrite;
use crate::written::{Written, text_of};

/// The content of a body.
pub(crate) enum Held {
    /// A JSON value.
    Json(Value),
    /// Text.
    Text(Written),
    /// The fields of a form.
    Fields(Fields),
    /// Bytes that are not inspected.
    Opaque,
}

/// The reason why the content of a body cannot be judged.
pub(crate) enum Unread {
    /// The body violates its media type.
    Malformed(String),
    /// The judge cannot decide, for example because it does not support the media type.
    CannotTell(String),
}

/// Returns the entry of `content` that describes a body of the media type `sent`.
///
/// Entries are tried in this order: the exact name, a name with fewer parameters, the same type with other
/// parameters, and then ranges. In a response, a declared JSON type also describes a body of any other JSON type.
///
/// # Examples
/// ```
/// use openapi_document::Document;
/// use openapi_document::view::{MediaName, Operations};
/// use openapi_wire::{Direction, chosen};
///
/// let document = Document::read(r#"{"openapi": "3.0.3", "paths": {"/pets": {"post": {"requestBody": {"content": {
///     "*/*": {}, "application/json": {}
/// }}}}}}"#)?;
/// let body = Operations::of_paths(&document).list[0].request_body(&document).unwrap().unwrap();
/// let content = body.content();
/// let read_by = |sent| chosen(&content, &MediaName::parse(sent), Direction::Request).map(|it| it.written);
/// assert_eq!(read_by("application/json; charset=utf-8"), Some("application/json"));
/// assert_eq!(read_by("image/png"), Some("*/*"));
/// # Ok::<(), openapi_document::ReadError>(())
/// ```
pub fn chosen<'a, 'd>(
    content: &'a [MediaType<'d>],
    sent: &MediaName,
    direction: Direction,
) -> Option<&'a MediaType<'d>> {
    let is_answer = direction == Direction::Response;
    let listed = || content.iter().filter(|it| !it.name.is_range());
    let ranges = || content.iter().filter(|it| it.name.is_range());
    let exact = listed().find(|it| it.name == *sent);
    exact
        .or_else(|| {
            let covering = listed().filter(|it| it.name.covers(sent));
            covering.max_by_key(|it| it.name.parameters().count())
        })
        .or_else(|| listed().find(|it| it.name.essence() == sent.essence()))
        .or_else(|| ranges().find(|it| it.name.covers(sent) && it.name.essence() != "*/*"))
        .or_else(|| ranges().find(|it| it.name.covers(sent)))
        .or_else(|| listed().find(|it| is_answer && sent.is_json() && it.name.is_json()))
}

/// Reads a body by its media type.
pub(crate) fn read(
    document: &Document,
    media_type: &MediaType<'_>,
    sent: &MediaName,
    bytes: &[u8],
) -> Result<Held, Unread> {
    let schema = media_type.schema();
    match sent.essence().as_str() {
        "application/x-www-form-urlencoded" => {
            let text =
                std::str::from_utf8(bytes).map_err(|_| Unread::Malformed("it is no UTF-8".to_owned()))?;
            form::read(document, media_type, text).map(Held::Fields)
        }
        essence if essence.starts_with("multipart/") => {
            multipart::read(document, media_type, sent, bytes).map(Held::Fields)
        }
        _ if sent.is_json() => json(sent, bytes).map(Held::Json),
        // JSON is a subset of YAML, and only that subset is supported.
        essence if is_yaml(essence) => serde_json::from_slice(bytes)
            .map(Held::Json)
            .map_err(|_| Unread::CannotTell("YAML is read here where it is JSON".to_owned())),
        essence if is_xml(essence) => Err(Unread::CannotTell(
            "XML is not judged by a JSON schema".to_owned(),
        )),
        essence
            if essence.starts_with("text/")
                && schema
                    .as_ref()
                    .is_some_and(|it| is_composite(document, it, &["object", "array"])) =>
        {
            Err(Unread::CannotTell(
                "how a list or an object is written in this media type is not known".to_owned(),
            ))
        }
        essence if essence.starts_with("text/") => {
            // A declared charset takes precedence over the charset that the message states.
            let is_declared = media_type.name.parameter("charset").is_some();
            let name = if is_declared { &media_type.name } else { sent };
            text::decoded(name, bytes).map(|text| Held::Text(Written::Text(text)))
        }
        _ if document.version() == Version::V3_2 && stream::is_read(sent) => match items(sent, bytes) {
            Some(Ok(items)) => Ok(Held::Json(items.into())),
            Some(Err(why)) => Err(Unread::Malformed(why)),
            None => Ok(Held::Opaque),
        },
        _ if schema.as_ref().is_none_or(is_binary) => Ok(Held::Opaque),
        _ => Err(Unread::CannotTell(
            "how a value is written in this media type is not known".to_owned(),
        )),
    }
}

/// Whether a schema restricts its values to the given types.
pub(crate) fn is_composite(document: &Document, schema: &Located<'_>, types: &[&str]) -> bool {
    let Ok(schema) = schema.clone().follow(document) else {
        return false;
    };
    match schema.node.get("type") {
        Some(listed) => {
            let mut names = listed.items().chain([listed]).filter_map(Node::as_str).peekable();
            names.peek().is_some() && names.all(|it| types.contains(&it))
        }
        None => types.contains(&"object") && schema.node.get("properties").is_some(),
    }
}

/// Whether a schema says only that the value consists of bytes.
fn is_binary(schema: &Located<'_>) -> bool {
    schema.node.members().all(|(key, value)| match key {
        "type" => value.as_str() == Some("string"),
        "format" => value.as_str() == Some("binary"),
        "description" | "title" | "example" | "examples" | "contentMediaType" => true,
        key => key.starts_with("x-"),
    })
}

/// Whether a media type is YAML, by the name of RFC 9512 or by one of the older names.
fn is_yaml(essence: &str) -> bool {
    let subtype = essence.split('/').nth(1).unwrap_or_default();
    matches!(subtype, "yaml" | "x-yaml" | "vnd.yaml") || subtype.ends_with("+yaml")
}

fn is_xml(essence: &str) -> bool {
    essence.ends_with("/xml") || essence.ends_with("+xml")
}

fn json(sent: &MediaName, bytes: &[u8]) -> Result<Value, Unread> {
    // Systems exchange JSON in UTF-8 only (RFC 8259), so a body with another charset is not judged.
    if sent
        .parameter("charset")
        .is_some_and(|it| !it.eq_ignore_ascii_case("utf-8"))
    {
        return Err(Unread::CannotTell("JSON has no charset but UTF-8".to_owned()));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        if error.to_string().starts_with("recursion limit") {
            Unread::CannotTell(format!("it is nested too deep at {at}"))
        } else if error.to_string().starts_with("number out of range") {
            Unread::CannotTell(format!("a number is too large to be read at {at}"))
        } else {
            Unread::Malformed(format!("it is not JSON at {at}"))
        }
    })
}

/// Writes a value in a media type. Returns the bytes and the `Content-Type` to send with them.
///
/// If the media type has an `itemSchema`, the value becomes the only item of a stream.
pub(crate) fn write(
    document: &Document,
    media_type: &MediaType<'_>,
    value: &Value,
) -> Result<(Vec<u8>, String), CannotWrite> {
    let media_type = &media_type.followed(document).map_err(|_| CannotWrite::UNREAD)?;
    let name = &media_type.name;
    if name.is_range() {
        return Err(CannotWrite::NAME);
    }
    // No message can be sent as a range, so that its name is that of one type within.
    let declared = if MediaName::parse(media_type.written).is_range() {
        name.to_string()
    } else {
        media_type.written.to_owned()
    };
    if media_type.item_schema().is_some() {
        let bytes = if stream::is_events(name) {
            stream::write_event(value)?
        } else {
            stream::write(name, value).ok_or(CannotWrite::UNKNOWN)?
        };
        return Ok((bytes, declared));
    }
    match name.essence().as_str() {
        "application/x-www-form-urlencoded" => {
            let text = form::write(document, media_type, value)?;
            Ok((text.into_bytes(), declared))
        }
        essence if essence.starts_with("multipart/") => {
            let (bytes, boundary) = multipart::write(document, media_type, value)?;
            Ok((bytes, format!("{declared};boundary={boundary}")))
        }
        essence if name.is_json() || is_yaml(essence) => Ok((value.to_string().into_bytes(), declared)),
        _ if stream::is_read(name) => {
            // A schema for the whole stream describes the array of its items.
            let items = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            let bytes = items.iter().filter_map(|item| stream::write(name, item));
            Ok((bytes.flatten().collect(), declared))
        }
        essence if essence.starts_with("text/") && !is_xml(essence) => {
            // OpenAPI does not define how null, arrays and objects are written in a text, such as the events of a
            // stream.
            let text = text_of(value).ok_or(CannotWrite::UNKNOWN)?;
            Ok((text::encoded(name, &text)?, declared))
        }
        _ => match value {
            Value::String(text) => Ok((text.clone().into_bytes(), declared)),
            _ => Err(CannotWrite::UNKNOWN),
        },
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::view::Operations;

    use super::*;

    fn chooses(declared: &[&str], sent: &str, direction: Direction) -> Option<String> {
        let content: Vec<_> = declared.iter().map(|it| format!("{it:?}: {{}}")).collect();
        let text = format!(
            r#"{{"openapi": "3.0.0", "paths": {{"/": {{"post": {{"requestBody": {{"content": {{{}}}}}}}}}}}}}"#,
            content.join(",")
        );
        let document = Document::read(text).unwrap();
        let operations = Operations::of_paths(&document);
        let content = operations.list[0]
            .request_body(&document)
            .unwrap()
            .unwrap()
            .content();
        chosen(&content, &MediaName::parse(sent), direction).map(|it| it.written.to_owned())
    }

    #[test]
    fn the_nearest_declared_media_type_is_chosen() {
        let declared = [
            "*/*",
            "application/*",
            "application/json",
            "application/json;v=2",
            "text/plain",
        ];
        for (sent, chosen) in [
            ("application/json", "application/json"),
            ("application/json; v=2", "application/json;v=2"),
            ("application/json; v=3", "application/json"),
            ("APPLICATION/XML", "application/*"),
            ("image/png", "*/*"),
        ] {
            assert_eq!(
                chooses(&declared, sent, Direction::Request).as_deref(),
                Some(chosen),
                "{sent}"
            );
        }
        assert_eq!(
            chooses(
                &["application/json"],
                "application/problem+json",
                Direction::Request
            ),
            None
        );
        assert_eq!(
            chooses(
                &["application/json"],
                "application/problem+json",
                Direction::Response
            )
            .as_deref(),
            Some("application/json")
        );
        assert_eq!(
            chooses(
                &["text/plain", "application/json"],
                "a/b+json",
                Direction::Response
            )
            .as_deref(),
            Some("application/json")
        );
        assert_eq!(
            chooses(&["application/json"], "text/html", Direction::Response),
            None
        );
    }

    #[test]
    fn what_is_written_in_a_range_is_named_by_one_of_its_types() {
        let text =
            r#"{"openapi": "3.0.0", "paths": {"/": {"post": {"requestBody": {"content": {"*/*": {}}}}}}}"#;
        let document = Document::read(text).unwrap();
        let operations = Operations::of_paths(&document);
        let body = operations.list[0].request_body(&document).unwrap().unwrap();
        let mut media_type = body.content().remove(0);
        for (name, written) in [
            ("text/plain", "text/plain"),
            ("multipart/form-data", "multipart/form-data;boundary=part"),
        ] {
            media_type.name = MediaName::parse(name);
            let value = if name == "text/plain" {
                Value::from("a")
            } else {
                Value::Object(serde_json::Map::new())
            };
            let (_, content_type) = write(&document, &media_type, &value).unwrap();
            assert_eq!(content_type, written);
        }
    }
}
