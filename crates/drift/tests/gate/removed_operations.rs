//! Requests to operations that the revision lacks.

use crate::{between, shown};
use openapi_drift::Level;

#[test]
fn an_operation_that_shares_its_path_is_gone_if_no_other_accepts_its_requests() {
    let operation = |action: &str, beside: &str| {
        format!(
            r#""/#action={action}": {{"post": {{"parameters": [
                {{"name": "action", "in": "query", "required": true,
                  "schema": {{"type": "string", "enum": ["{action}"]}}}}{beside}
            ]}}}}"#
        )
    };
    let needs_id = r#", {"name": "id", "in": "query", "required": true, "schema": {"type": "string"}}"#;
    let kept = format!("{}, {}", operation("list", needs_id), operation("get", ""));
    let report = between(
        &format!(r#""paths": {{{kept}, {}}}"#, operation("drop", "")),
        &format!(r#""paths": {{{kept}}}"#),
    );
    assert_eq!(
        shown(&report),
        [(Level::Breaking, Some("/?action=drop".to_owned()))]
    );
    // Another operation, which accepts all the same requests, answers in its place.
    let general =
        r#""/": {"post": {"parameters": [{"name": "action", "in": "query", "schema": {"type": "string"}}]}}"#;
    let report = between(
        &format!(r#""paths": {{{general}, {}}}"#, operation("drop", "")),
        &format!(r#""paths": {{{general}}}"#),
    );
    assert!(
        shown(&report).iter().all(|(level, _)| *level == Level::Risky),
        "{:#?}",
        report.findings
    );
}

#[test]
fn a_query_in_a_path_and_the_parameter_of_its_name_are_the_same() {
    let base = r#""paths": {"/search?of={of}": {"get": {"parameters": [
        {"name": "of", "in": "query", "required": true, "schema": {"type": "string", "enum": ["a b"]}}
    ]}}, "/other": {"get": {}}}"#;
    let report = between(base, r#""paths": {"/other": {"get": {}}}"#);
    assert_eq!(
        shown(&report),
        [(Level::Breaking, Some("/search?of=a%20b".to_owned()))]
    );
}

#[test]
fn an_operation_is_gone_even_if_parts_of_its_request_cannot_be_built() {
    for operation in [
        // An empty object cannot be written as `deepObject`.
        r#"{"post": {"requestBody": {"required": true, "content": {"application/x-www-form-urlencoded": {
            "encoding": {"a": {"style": "deepObject", "explode": true}},
            "schema": {"type": "object", "required": ["a"], "properties": {
                "a": {"type": "object", "properties": {"b": {"type": "string"}}}
            }}
        }}}}}"#,
        // No value matches this schema.
        r#"{"post": {"requestBody": {"required": true, "content": {"application/json": {
            "schema": {"type": "object", "required": ["a"], "additionalProperties": false}
        }}}}}"#,
        // No text matches this schema.
        r#"{"parameters": [
            {"name": "a", "in": "query", "required": true, "schema": {"type": "integer", "enum": ["x"]}}
        ], "post": {}}"#,
        r#"{"post": {"requestBody": {"required": true, "content": {"text/xml": {
            "schema": {"type": "object", "required": ["a"]}
        }}}}}"#,
    ] {
        let base = format!(r#""paths": {{"/a": {operation}, "/b": {{"get": {{}}}}}}"#);
        let report = between(&base, r#""paths": {"/b": {"get": {}}}"#);
        let levels: Vec<Level> = shown(&report).into_iter().map(|(level, _)| level).collect();
        assert_eq!(levels, [Level::Breaking], "{operation}");
        let witness = report.findings[0].witness.as_ref().unwrap();
        let says = &witness.message.as_ref().unwrap().unbuilt;
        // A placeholder stands for the part, and the report says so.
        assert_eq!(says.is_empty(), operation.contains("encoding"), "{operation}");
    }
}
