//! Messages under a document: any bytes can be judged, and a written value is read back as the same value.

use openapi_document::view::{Operations, ParameterIn};
use openapi_drift::{Document, Limits};
use openapi_wire::{Contract, Part, Request, Response, Verdict, write_request, write_response};
use serde_json::Value;

use crate::parts;

/// Judges messages. The parts of an input are a document, a value, and the lines of a message (target, headers, an
/// empty line, a body).
pub(crate) fn messages(bytes: &[u8]) {
    let parts = parts(bytes);
    let limits = Limits {
        bytes: 1 << 15,
        depth: 60,
        files: 1,
    };
    let Ok(document) = Document::read_within(parts[0], &limits) else {
        return;
    };
    let contract = Contract::new(&document);
    let value = parts
        .get(1)
        .and_then(|it| serde_json::from_slice::<Value>(it).ok())
        .unwrap_or_default();
    let raw = parts.get(2).map(|it| raw(it)).unwrap_or_default();
    for operation in Operations::of_paths(&document).list {
        let mut request = raw.0.clone();
        request.method = operation.method.to_string();
        for judgement in [
            contract.request(&request),
            contract.request_to(&operation, &request),
        ] {
            assert_eq!(
                judgement.verdict() == Verdict::Refused,
                !judgement.refusals.is_empty()
            );
        }
        let _ = contract.response(&operation, &raw.1);
        written_and_read(&contract, &operation, &value);
    }
}

/// A request and a response from one input.
fn raw(text: &[u8]) -> (Request, Response) {
    let text = String::from_utf8_lossy(text).into_owned();
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let target = lines.next().unwrap_or_default();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let body = Some(body.as_bytes().to_vec());
    let request = Request {
        target: Some(target.to_owned()),
        headers: headers.clone(),
        body: body.clone(),
        ..Request::default()
    };
    let status = target
        .trim_start_matches('/')
        .get(..3)
        .and_then(|it| it.parse().ok())
        .unwrap_or(200);
    (
        request,
        Response {
            status,
            headers,
            body,
        },
    )
}

fn written_and_read(
    contract: &Contract<'_>,
    operation: &openapi_document::view::Operation<'_>,
    value: &Value,
) {
    let document = contract.document();
    let Some(operation) = contract.operation(&operation.method, &operation.path) else {
        return;
    };
    let bodies = operation.request_body(document).and_then(Result::ok);
    let media_types = bodies.map(|it| it.content()).unwrap_or_default();
    let parameters: Vec<_> = operation.parameters(document).into_iter().flatten().collect();
    let values: Vec<(Part, Value)> = parameters
        .iter()
        .filter_map(|it| {
            let name = it.name.to_owned();
            Some(match it.place {
                ParameterIn::Path => (Part::Path(name), value.clone()),
                ParameterIn::Query => (Part::Query(name), value.clone()),
                _ => return None,
            })
        })
        .collect();
    for media_type in media_types.iter().map(Some).chain([None]) {
        let body = media_type.map(|it| (it, value));
        if let Ok(request) = write_request(document, operation, &values, body) {
            let judgement = contract.request_to(operation, &request);
            if judgement.verdict() == Verdict::Accepted && media_type.is_some_and(|it| it.name.is_json()) {
                let read = judgement.value(&Part::Body);
                assert!(
                    read.is_none_or(|read| same(read, value)),
                    "{value} is read as {read:?}"
                );
            }
        }
        if let Ok(response) = write_response(document, 200, body) {
            let _ = contract.response(operation, &response);
        }
    }
}

/// Whether two values are equal; numbers are compared regardless of how they are written.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, it)| other.get(name).is_some_and(|other| same(it, other)))
        }
        (one, other) => one == other,
    }
}
