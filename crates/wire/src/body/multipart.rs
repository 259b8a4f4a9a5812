//! `multipart/form-data` and related media types (RFC 2046, RFC 7578).

use openapi_document::Document;
use openapi_document::view::{Encoding, Header, MediaName, MediaType};
use serde_json::Value;

use super::fields::Fields;
use super::{Unread, text};
use crate::message::header;
use crate::style::{self, CannotWrite};
use crate::types::{Step, Types, types_at};
use crate::written::{Written, text_of};

/// Maximum number of parts that are read.
const MOST_PARTS: usize = 10_000;

/// Reads a body as an object with one member for each named part.
pub(super) fn read(
    document: &Document,
    media_type: &MediaType<'_>,
    sent: &MediaName,
    bytes: &[u8],
) -> Result<Fields, Unread> {
    let malformed = |why: &str| Unread::Malformed(why.to_owned());
    let boundary = sent
        .parameter("boundary")
        .ok_or_else(|| malformed("its media type names no boundary"))?;
    if sent.essence() != "multipart/form-data" {
        return Err(Unread::CannotTell("its parts have no names".to_owned()));
    }
    let mut members = Vec::new();
    for part in
        parts(bytes, boundary).ok_or_else(|| malformed("its parts do not end as its boundary says"))?
    {
        if members.len() == MOST_PARTS {
            return Err(Unread::CannotTell(format!("it has more than {MOST_PARTS} parts")));
        }
        let (headers, content) = head(part).ok_or_else(|| malformed("a part has no head"))?;
        let disposition = header(&headers, "content-disposition").next();
        let disposition = disposition.ok_or_else(|| malformed("a part has no name"))?;
        let disposition = MediaName::parse(&format!("form/{disposition}"));
        let name = disposition
            .parameter("name")
            .ok_or_else(|| malformed("a part has no name"))?;
        if let Some(missing) = missing_header(document, media_type, name, &headers) {
            return Err(Unread::Malformed(format!(
                "its part `{name}` has no header `{missing}`, which is required"
            )));
        }
        let value = value(document, media_type, name, &headers, content)?;
        members.push((name.to_owned(), value));
    }
    Ok(fields(document, media_type, style::grouped(members)))
}

/// The names of the headers that a part has to have.
fn required_headers<'d>(
    document: &'d Document,
    media_type: &MediaType<'d>,
    name: &str,
) -> impl Iterator<Item = &'d str> + use<'d> {
    let encoding = Encoding::of(media_type, name);
    let headers = encoding.map(|it| it.headers(document)).unwrap_or_default();
    let headers = headers.into_iter().flatten();
    headers.filter(Header::required).map(|it| it.name)
}

fn missing_header<'d>(
    document: &'d Document,
    media_type: &MediaType<'d>,
    name: &str,
    headers: &[(String, String)],
) -> Option<&'d str> {
    required_headers(document, media_type, name).find(|it| header(headers, it).next().is_none())
}

/// The fields of a form by its parts. A single part is a list of one item where its property is a list.
fn fields(document: &Document, media_type: &MediaType<'_>, members: Vec<(String, Written)>) -> Fields {
    let schema = media_type.schema();
    let mut fields = Fields::default();
    for (name, value) in members {
        let types = schema.as_ref().map_or(Types::STRING, |it| {
            types_at(document, it.node, &[Step::Property(name.clone())])
        });
        let is_list = matches!(value, Written::List(_) | Written::Json(Value::Array(_)));
        let as_list = (types.has(Types::ARRAY) && !is_list).then(|| Written::List(vec![value.clone()]));
        let value = (types != Types::ARRAY || is_list).then_some(value);
        fields.push(name, value.into_iter().chain(as_list).collect());
    }
    fields
}

fn value(
    document: &Document,
    media_type: &MediaType<'_>,
    name: &str,
    headers: &[(String, String)],
    content: &[u8],
) -> Result<Written, Unread> {
    let declared = Encoding::of(media_type, name).and_then(|it| it.content_types());
    let sent = match (header(headers, "content-type").next(), declared.as_deref()) {
        (Some(sent), _) => MediaName::parse(sent),
        (None, Some([only])) => only.clone(),
        (None, _) => {
            let schema = media_type.schema();
            let types = schema.map_or(Types::ALL, |it| {
                types_at(document, it.node, &[Step::Property(name.to_owned())])
            });
            // Without a media type, an object is JSON and every other value is text.
            MediaName::parse(if types == Types::OBJECT {
                "application/json"
            } else {
                "text/plain"
            })
        }
    };
    if sent.is_json() {
        let value = serde_json::from_slice(content);
        return value
            .map(Written::Json)
            .map_err(|_| Unread::Malformed(format!("its part `{name}` is not JSON")));
    }
    if sent.essence().starts_with("text/") {
        return text::decoded(&sent, content).map(Written::Text);
    }
    // Each byte becomes one character, as for `format: binary`.
    Ok(Written::Text(content.iter().copied().map(char::from).collect()))
}

/// The parts between the boundaries; `None` if the last part has no closing boundary.
fn parts<'b>(bytes: &'b [u8], boundary: &str) -> Option<Vec<&'b [u8]>> {
    let line = format!("--{boundary}").into_bytes();
    let mut at = find(bytes, &line).filter(|at| *at == 0 || bytes[..*at].ends_with(b"\r\n"))? + line.len();
    let inner = [b"\r\n".as_slice(), &line].concat();
    let mut found = Vec::new();
    loop {
        let rest = &bytes[at..];
        if rest.starts_with(b"--") {
            return Some(found);
        }
        let start = at + find(rest, b"\r\n")? + 2;
        // The line break before a boundary belongs to the boundary.
        let end = start.checked_sub(2)? + find(&bytes[start - 2..], &inner)?;
        found.push(bytes.get(start..end.max(start))?);
        if found.len() > MOST_PARTS {
            return Some(found);
        }
        at = end + inner.len();
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|it| it == wanted)
}

type Headers = Vec<(String, String)>;

/// Splits a part into its headers and its content.
fn head(part: &[u8]) -> Option<(Headers, &[u8])> {
    if let Some(content) = part.strip_prefix(b"\r\n") {
        return Some((Vec::new(), content));
    }
    let end = find(part, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&part[..end]).ok()?;
    let headers = head.split("\r\n").map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    });
    Some((headers.collect::<Option<_>>()?, &part[end + 4..]))
}

/// Writes an object as parts, and returns the boundary between them. A property whose declared media type is JSON is
/// written as JSON. Required headers of a part hold a stand-in.
pub(super) fn write(
    document: &Document,
    media_type: &MediaType<'_>,
    value: &Value,
) -> Result<(Vec<u8>, String), CannotWrite> {
    const STAND_IN: &str = "header";
    let members = value.as_object().ok_or(CannotWrite::SCALAR)?;
    let mut written: Vec<(String, String, String)> = Vec::new();
    for (name, value) in members {
        if name.chars().any(|it| it.is_control() || it == '"' || it == '\\') {
            return Err(CannotWrite::NAME);
        }
        // If several media types are declared, the first one is used.
        let declared = Encoding::of(media_type, name).and_then(|it| it.content_types());
        let declared = declared.and_then(|it| it.into_iter().next());
        if let Some(json) = declared.filter(MediaName::is_json) {
            written.push((name.clone(), json.to_string(), value.to_string()));
            continue;
        }
        let values = match value {
            Value::Array(items) if items.iter().all(|it| text_of(it).is_some()) => items.iter().collect(),
            value => vec![value],
        };
        for value in values {
            written.push(match text_of(value) {
                Some(text) => (name.clone(), "text/plain;charset=utf-8".to_owned(), text),
                None => (name.clone(), "application/json".to_owned(), value.to_string()),
            });
        }
    }
    let mut boundary = "part".to_owned();
    while written.iter().any(|(_, _, text)| text.contains(&boundary)) {
        boundary.push('-');
        boundary.push_str("part");
    }
    let mut body = String::new();
    for (name, kind, text) in written {
        body += &format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n");
        for header in required_headers(document, media_type, &name) {
            body += &format!("{header}: {STAND_IN}\r\n");
        }
        body += &format!("Content-Type: {kind}\r\n\r\n{text}\r\n");
    }
    body += &format!("--{boundary}--\r\n");
    Ok((body.into_bytes(), boundary))
}
