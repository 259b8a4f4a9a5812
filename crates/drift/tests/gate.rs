//! The gate: each breaking finding carries the message that shows it, as it travels.

use openapi_drift::{Document, Finding, Level, Message, Options, Report, compare};
use serde_json::{Value, json};

fn report(base: &Value, revision: &Value) -> Report {
    let read = |it: &Value| Document::read(it.to_string()).expect("a document");
    let report = compare(&read(base), &read(revision), &Options::default());
    assert_eq!(report.questions.internal_faults, 0, "{:#?}", report.findings);
    report
}

/// A document with one operation.
fn with(version: &str, path: &str, method: &str, operation: &Value) -> Value {
    json!({"openapi": version, "servers": [{"url": "https://a.example/v1"}], "paths": {path: {method: operation}}})
}

#[track_caller]
fn breaking(report: &Report) -> &Finding {
    let mut breaking = report.findings.iter().filter(|it| it.level == Level::Breaking);
    let finding = breaking
        .next()
        .unwrap_or_else(|| panic!("{:#?}", report.findings));
    assert_eq!(breaking.next(), None);
    finding
}

#[track_caller]
fn message(report: &Report) -> &Message {
    let witness = breaking(report).witness.as_ref().expect("a witness");
    witness.message.as_deref().expect("a message")
}

#[test]
fn a_request_is_told_as_it_travels() {
    let order = |least: u32| {
        with(
            "3.0.3",
            "/pets/{id}/orders",
            "post",
            &json!({
                "parameters": [
                    {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                    {"name": "X-Key", "in": "header", "required": true, "schema": {"type": "string", "enum": ["k"]}},
                ],
                "requestBody": {"required": true, "content": {"application/vnd.order+json": {"schema": {
                    "type": "object", "required": ["id", "count"],
                    "properties": {"id": {"type": "integer", "readOnly": true}, "count": {"type": "integer", "minimum": least}}
                }}}},
                "responses": {"200": {"description": "ordered"}}
            }),
        )
    };
    let report = report(&order(1), &order(5));
    let message = message(&report);
    let target = message.target.as_deref().expect("a target");
    assert!(
        target.starts_with("/v1/pets/") && !target.contains("//"),
        "{target}"
    );
    assert_eq!(message.method, "POST");
    assert_eq!(message.status, None);
    for header in [("X-Key", "k"), ("Content-Type", "application/vnd.order+json")] {
        let header = (header.0.to_owned(), header.1.to_owned());
        assert!(message.headers.contains(&header), "{:?}", message.headers);
    }
    let body: Value = serde_json::from_str(message.body.as_deref().expect("a body")).unwrap();
    assert_eq!(body, json!({"count": 1}));
}

#[test]
fn an_answer_is_told_with_its_status_and_what_it_must_have() {
    let pets = |kinds: &Value| {
        with(
            "3.1.0",
            "/pets",
            "get",
            &json!({"responses": {"2XX": {
                "description": "pets",
                "headers": {"X-Total": {"required": true, "schema": {"type": "integer", "minimum": 7}}},
                "content": {"application/json": {"schema": {"type": kinds}}}
            }}}),
        )
    };
    let report = report(&pets(&json!("string")), &pets(&json!(["string", "null"])));
    let message = message(&report);
    assert_eq!((message.status, message.target.as_deref()), (Some(200), None));
    assert_eq!(message.name.as_deref(), Some("/pets"));
    assert_eq!(message.body.as_deref(), Some("null"));
    assert!(message.headers.contains(&("X-Total".to_owned(), "7".to_owned())));
}

#[test]
fn a_refused_range_is_shown_by_a_type_that_nobody_lists() {
    let upload = |media: &[&str]| {
        let content: serde_json::Map<String, Value> =
            media.iter().map(|it| ((*it).to_owned(), json!({}))).collect();
        with(
            "3.0.3",
            "/photos",
            "put",
            &json!({
                "requestBody": {"required": true, "content": content},
                "responses": {"200": {"description": "taken"}}
            }),
        )
    };
    let report = report(&upload(&["image/*"]), &upload(&["image/png"]));
    let sent = message(&report)
        .headers
        .iter()
        .find(|(name, _)| name == "Content-Type");
    let (_, sent) = sent.expect("a media type");
    assert!(sent.starts_with("image/") && sent != "image/png", "{sent}");
}

#[test]
fn a_call_of_the_service_is_addressed_by_its_name() {
    let adopted = |kind: &str| {
        json!({"openapi": "3.1.0", "webhooks": {"adopted": {"post": {
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": kind}}}},
            "responses": {"200": {"description": "seen"}}
        }}}})
    };
    let report = report(&adopted("integer"), &adopted("string"));
    let message = message(&report);
    assert_eq!(
        (message.name.as_deref(), message.target.as_deref()),
        (Some("adopted"), None)
    );
    assert_eq!(message.body.as_deref(), Some("\"\""));
}

#[test]
fn a_property_that_does_not_travel_has_no_value_that_counts() {
    let pet = |kind: &str| {
        with(
            "3.0.3",
            "/pets",
            "post",
            &json!({
                "requestBody": {"required": true, "content": {"application/json": {"schema": {
                    "type": "object", "additionalProperties": false,
                    "properties": {"id": {"type": kind, "readOnly": true}, "name": {"type": "string"}}
                }}}},
                "responses": {"200": {"description": "taken"}}
            }),
        )
    };
    let report = report(&pet("integer"), &pet("string"));
    assert!(!report.reaches(Level::Breaking), "{:#?}", report.findings);
}

#[test]
fn null_beside_a_reference_is_null() {
    let pets = |owner: &Value| {
        let mut document = with(
            "3.0.3",
            "/pets",
            "get",
            &json!({"responses": {"200": {
                "description": "pets",
                "content": {"application/json": {"schema": {
                    "type": "object", "required": ["owner"], "properties": {"owner": owner}
                }}}
            }}}),
        );
        document["components"] = json!({"schemas": {"Owner": {"type": "string"}}});
        document
    };
    let reference = "#/components/schemas/Owner";
    let plain = pets(&json!({"$ref": reference}));
    let nullable = pets(&json!({"$ref": reference, "nullable": true}));
    let added = report(&plain, &nullable);
    let body: Value = serde_json::from_str(message(&added).body.as_deref().expect("a body")).unwrap();
    assert_eq!(body, json!({"owner": null}));
    assert!(!report(&nullable, &plain).reaches(Level::Breaking));
}

#[test]
fn what_becomes_required_is_left_out_by_callers_who_take_another_way_in() {
    let pets = |required: bool| {
        let mut document = with(
            "3.1.0",
            "/pets",
            "get",
            &json!({
                "security": [{"key": []}, {"token": []}],
                "parameters": [{"name": "key", "in": "query", "required": required, "schema": {"type": "string"}}],
                "responses": {"200": {"description": "pets"}}
            }),
        );
        document["components"] = json!({"securitySchemes": {
            "key": {"type": "apiKey", "in": "query", "name": "key"},
            "token": {"type": "http", "scheme": "bearer"}
        }});
        document
    };
    let report = report(&pets(false), &pets(true));
    let message = message(&report);
    assert_eq!(message.target.as_deref(), Some("/v1/pets"));
    let token = ("Authorization".to_owned(), "bearer credential".to_owned());
    assert!(message.headers.contains(&token), "{:?}", message.headers);
}
