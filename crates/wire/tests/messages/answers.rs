//! Responses.

use crate::{document, told};
use openapi_wire::{Contract, Request, Response};

fn answer(
    version: &str,
    responses: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: Option<&str>,
) -> String {
    let document = document(
        version,
        "get",
        "/x",
        &format!(r#"{{"responses": {responses}}}"#),
        "",
    );
    let contract = Contract::new(&document);
    let response = Response {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.map(|it| it.as_bytes().to_vec()),
    };
    told(&contract.response(&contract.operations()[0], &response))
}

#[test]
fn answers_are_judged_by_status_header_and_body() {
    let responses = r#"{"200": {"headers": {"X-Count": {"required": true, "schema": {"type": "integer"}}},
            "content": {"application/json": {"schema": {"type": "string"}}}},
        "4XX": {"content": {"application/problem+json": {"schema": {"type": "object"}}}}, "404": {}, "204": {"content": {"a/b": {}}}}"#;
    let json = ("Content-Type", "application/json");
    let is = |status, headers: &[(&str, &str)], body| answer("3.0.0", responses, status, headers, body);
    assert_eq!(is(200, &[("x-count", "5"), json], Some("\"a\"")), "");
    assert_eq!(
        is(200, &[json], Some("\"a\"")),
        "header `x-count`: it is required"
    );
    assert_eq!(
        is(200, &[("x-count", "a"), json], Some("\"a\"")),
        "header `x-count`: its schema refuses it by `type`"
    );
    assert_eq!(is(200, &[("x-count", "1")], None), "the body: a body is declared");
    assert_eq!(
        is(
            200,
            &[("x-count", "1"), ("Content-Type", "application/hal+json")],
            Some("1")
        ),
        "the body: its schema refuses it by `type`"
    );
    assert_eq!(
        is(200, &[("x-count", "1"), ("Content-Type", "text/html")], Some("1")),
        "the media type: text/html is not listed; what is listed is application/json"
    );
    assert_eq!(is(409, &[json], Some("{}")), "");
    assert_eq!(is(404, &[json], Some("7")), "");
    assert_eq!(is(204, &[], None), "");
    assert_eq!(is(500, &[], None), "the status: 500 is not declared");
}

#[test]
fn properties_that_are_not_sent_do_not_count() {
    let schema = r##"{"allOf": [{"$ref": "#/components/schemas/Base"}, {"type": "object", "required": ["id", "name"]}],
        "additionalProperties": false, "properties": {"name": {}}}"##;
    let rest = r#", "components": {"schemas": {"Base": {"properties": {"id": {"type": "integer", "readOnly": true}}}}}"#;
    let operation = format!(
        r#"{{"requestBody": {{"content": {{"application/json": {{"schema": {schema}}}}}}},
            "responses": {{"200": {{"content": {{"application/json": {{"schema": {schema}}}}}}}}}}}"#
    );
    let document = document("3.0.0", "post", "/x", &operation, rest);
    let contract = Contract::new(&document);
    let request = |body: &str| {
        told(&contract.request(&Request {
            method: "POST".to_owned(),
            target: Some("/x".to_owned()),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: Some(body.as_bytes().to_vec()),
            granted: None,
        }))
    };
    assert_eq!(request(r#"{"name": 1}"#), "");
    assert_eq!(request(r#"{"name": 1, "id": "no integer"}"#), "");
    assert_eq!(request("{}"), "the body at /name: it is required");
    let response = |body: &str| {
        told(&contract.response(
            &contract.operations()[0],
            &Response {
                status: 200,
                headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
                body: Some(body.as_bytes().to_vec()),
            },
        ))
    };
    assert_eq!(response(r#"{"name": 1}"#), "the body at /id: it is required");
}
