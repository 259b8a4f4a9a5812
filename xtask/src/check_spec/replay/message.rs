//! Converts messages between the form in findings, JSON objects such as `{status, headers, body}`, and the wire form.

use openapi_document::view::{MediaName, template_names};
use openapi_wire::{Request, Response};
use serde_json::{Map, Value};

/// Converts a request to a message `{path_parameters, query, headers, body}`, in which the place of a finding can be
/// looked up. `texts` are the path's parameters in the order of the template, which gives them their names.
pub(super) fn shown(request: &Request, template: &str, texts: &[String]) -> Value {
    let text = |(name, value): (&str, &str)| (name.to_owned(), Value::from(value));
    let texts = texts.iter().map(String::as_str);
    let parameters: Map<String, Value> = template_names(template)
        .into_iter()
        .zip(texts)
        .map(text)
        .collect();
    let target = request.target.as_deref().unwrap_or_default();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let query = url::form_urlencoded::parse(query.as_bytes());
    let query: Map<String, Value> = query.map(|(name, value)| text((&name, &value))).collect();
    let headers = request.headers.iter();
    let headers: Map<String, Value> = headers.map(|(name, value)| text((name, value))).collect();
    let mut message = Map::new();
    message.insert("path_parameters".to_owned(), parameters.into());
    message.insert("query".to_owned(), query.into());
    message.insert("headers".to_owned(), headers.into());
    let body = request
        .body
        .as_deref()
        .and_then(|it| serde_json::from_slice(it).ok());
    message.extend(body.map(|body| ("body".to_owned(), body)));
    message.into()
}

/// Converts a response `{status, headers, body}` to its wire form.
///
/// # Errors
/// The reason why such a response cannot be made.
pub(super) fn answer(message: &Value) -> Result<Response, String> {
    let status = message["status"].as_u64().and_then(|it| u16::try_from(it).ok());
    let status = status.filter(|status| (200..600).contains(status));
    let status = status.ok_or("its status is none that an answer ends with")?;
    let given = message.get("headers").and_then(Value::as_object);
    let mut headers: Vec<(String, String)> = given
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.to_ascii_lowercase(), plain(value)))
        .collect();
    let Some(body) = message.get("body") else {
        return Ok(Response {
            status,
            headers,
            body: None,
        });
    };
    let media = media_of(message);
    let name = MediaName::parse(&media);
    let body = match body {
        _ if name.is_json() => body.to_string(),
        Value::String(text) if name.essence().starts_with("text/") => text.clone(),
        _ => return Err(format!("nothing here writes {}", name.essence())),
    };
    if !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), media));
    }
    Ok(Response {
        status,
        headers,
        body: Some(body.into_bytes()),
    })
}

/// An error in the vendor's format, without a code.
pub(super) fn refusing(status: u16, why: &str) -> Response {
    Response {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Some(serde_json::json!({ "message": why }).to_string().into_bytes()),
    }
}

/// The media type of a message; JSON by default.
pub(super) fn media_of(message: &Value) -> String {
    let headers = message.get("headers").and_then(Value::as_object);
    let mut headers = headers.into_iter().flatten();
    let own = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    own.map_or_else(|| "application/json".to_owned(), |(_, value)| plain(value))
}

/// A value in the text form of a header.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
