//! Bodies in each media type.

use crate::{document, post};
use openapi_document::Document;
use openapi_document::view::Operations;
use openapi_wire::{Contract, Request, Verdict, write_request};
use serde_json::json;

#[test]
fn bodies_are_read_by_their_media_types() {
    let json = r#"{"application/json": {"schema": {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}}}"#;
    let is = |sent: &str, body: &str| post(json, true, Some(sent), Some(body.as_bytes()));
    assert_eq!(is("application/json", r#"{"a": 1}"#), "");
    assert_eq!(is("application/json; charset=UTF-8", r#"{"a": 1}"#), "");
    assert_eq!(
        is("application/json", r#"{"a": "1"}"#),
        "the body at /a: its schema refuses it by `type`"
    );
    assert_eq!(
        is("application/json", "{"),
        "the body: it is not JSON at line 1, column 1"
    );
    assert_eq!(
        is("application/merge-patch+json", "{}"),
        "the media type: application/merge-patch+json is not listed; what is listed is application/json"
    );
    assert_eq!(
        is("application/json;charset=utf-16", "{}"),
        "open: the body: JSON has no charset but UTF-8"
    );
    assert_eq!(post(json, true, None, None), "the body: a body is required");
    assert_eq!(post(json, false, None, None), "");
    assert_eq!(
        post(json, true, None, Some(b"{}")),
        "the media type: a body without a media type cannot be read"
    );

    let form = r#"{"application/x-www-form-urlencoded": {"schema": {"type": "object", "required": ["a"],
        "properties": {"a": {"type": "integer"}, "b": {"type": "array", "items": {"type": "string"}}, "c": {"type": "object"}}},
        "encoding": {"b": {"style": "form", "explode": false}}}}"#;
    let is = |body: &str| {
        post(
            form,
            true,
            Some("application/x-www-form-urlencoded"),
            Some(body.as_bytes()),
        )
    };
    assert_eq!(is("a=5&b=x,y&c=%7B%22d%22:1%7D&other=1"), "");
    assert_eq!(is("a=x"), "the body at /a: its schema refuses it by `type`");
    assert_eq!(is("b=x"), "the body at /a: it is required");

    let text = r#"{"text/plain": {"schema": {"type": "integer"}}}"#;
    assert_eq!(post(text, true, Some("text/plain"), Some(b"5")), "");
    assert_eq!(
        post(text, true, Some("text/plain"), Some(b"five")),
        "the body: its schema refuses it by `type`"
    );
    assert_eq!(
        post(
            text,
            true,
            Some("text/plain;charset=us-ascii"),
            Some("é".as_bytes())
        ),
        "the body: it is no us-ascii"
    );
    let latin = r#"{"text/plain": {"schema": {"type": "string", "maxLength": 1}}}"#;
    assert_eq!(
        post(latin, true, Some("text/plain;charset=iso-8859-1"), Some(b"\xe9")),
        ""
    );
    assert_eq!(post(latin, true, Some("text/plain"), Some("é".as_bytes())), "");

    let xml = r#"{"application/xml": {"schema": {"type": "object"}}}"#;
    assert!(post(xml, true, Some("application/xml"), Some(b"<a/>")).starts_with("open: the body: XML"));
    let bytes = r#"{"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}"#;
    assert_eq!(
        post(bytes, true, Some("application/octet-stream"), Some(b"\xff\x00")),
        ""
    );
}

#[test]
fn parts_of_a_multipart_body_are_read_by_name() {
    let content = r#"{"multipart/form-data": {"schema": {"type": "object", "required": ["n", "file"], "additionalProperties": false,
        "properties": {"n": {"type": "integer"}, "file": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}},
            "o": {"type": "object", "required": ["k"]}}}}}"#;
    let is = |body: &str| {
        post(
            content,
            true,
            Some("multipart/form-data; boundary=XX"),
            Some(body.as_bytes()),
        )
    };
    let part = |name: &str, text: &str| {
        format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let whole = |parts: &[String]| parts.concat() + "--XX--\r\n";
    let fine = [
        part("n", "5"),
        part("file", "a\r\nb"),
        part("tags", "x"),
        part("o", r#"{"k": 1}"#),
    ];
    assert_eq!(is(&whole(&fine)), "");
    assert_eq!(
        is(&whole(&[part("n", "x"), part("file", "")])),
        "the body at /n: its schema refuses it by `type`"
    );
    assert_eq!(is(&whole(&[part("n", "5")])), "the body at /file: it is required");
    assert_eq!(
        is(&whole(&[part("n", "5"), part("file", ""), part("more", "")])),
        "the body: its schema refuses it by `additionalProperties`"
    );
    assert_eq!(
        is(&part("n", "5")),
        "the body: its parts do not end as its boundary says"
    );
    assert_eq!(is(""), "the body: its parts do not end as its boundary says");
    assert!(post(content, true, Some("multipart/form-data"), Some(b"")).contains("names no boundary"));
}

#[test]
fn a_part_without_a_required_header_is_refused() {
    let content = r#"{"multipart/form-data": {"schema": {"type": "object", "properties": {"file": {"type": "string"}}},
        "encoding": {"file": {"headers": {"X-Taken": {"required": true, "schema": {"type": "string"}}}}}}}"#;
    let is = |headers: &str| {
        let body =
            format!("--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n{headers}\r\na\r\n--XX--\r\n");
        post(
            content,
            true,
            Some("multipart/form-data; boundary=XX"),
            Some(body.as_bytes()),
        )
    };
    assert_eq!(is("x-taken: today\r\n"), "");
    assert_eq!(
        is(""),
        "the body: its part `file` has no header `X-Taken`, which is required"
    );
}

#[test]
fn a_field_of_a_form_that_is_json_may_be_null() {
    let content = r#"{"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"kind": {"nullable": true, "type": "object"}}},
        "encoding": {"kind": {"contentType": "application/json"}}}}"#;
    let text = format!(
        r#"{{"openapi": "3.0.3", "paths": {{"/pets": {{"post": {{"requestBody": {{"content": {content}}}}}}}}}}}"#
    );
    let document = Document::read(text).unwrap();
    let operations = Operations::of_paths(&document);
    let body = operations.list[0].request_body(&document).unwrap().unwrap();
    let media_type = &body.content()[0];
    let request = write_request(
        &document,
        &operations.list[0],
        &[],
        Some((media_type, &json!({"kind": null}))),
    )
    .unwrap();
    assert_eq!(request.body.as_deref(), Some(&b"kind=null"[..]));
    let judgement = Contract::new(&document).request(&request);
    assert!(judgement.refusals.is_empty(), "{judgement:?}");
}

#[test]
fn a_stream_is_judged_item_by_item() {
    let document = Document::read(
        r##"{"openapi": "3.2.0", "paths": {"/x": {"query": {
            "requestBody": {"content": {"application/jsonl": {"$ref": "#/components/mediaTypes/Numbers"}}},
            "responses": {"200": {"description": ""}}
        }}}, "components": {"mediaTypes": {"Numbers": {"itemSchema": {"type": "integer"}}}}}"##,
    )
    .unwrap();
    let contract = Contract::new(&document);
    let judged = |body: &str| {
        let request = Request {
            method: "QUERY".to_owned(),
            target: Some("/x".to_owned()),
            headers: vec![("Content-Type".to_owned(), "application/jsonl".to_owned())],
            body: Some(body.as_bytes().to_vec()),
            granted: None,
        };
        contract.request(&request).verdict()
    };
    assert_eq!(judged("1\n2\n"), Verdict::Accepted);
    assert_eq!(judged("1\n\"a\"\n"), Verdict::Refused);
    assert_eq!(judged("1\n{\n"), Verdict::Refused);

    let operation = &contract.operations()[0];
    let body = operation.request_body(&document).unwrap().unwrap();
    let written =
        openapi_wire::write_response(&document, 200, Some((&body.content()[0], &serde_json::json!(7))));
    assert_eq!(written.unwrap().body.as_deref(), Some(&b"7\n"[..]));
}

#[test]
fn null_is_read_as_vendors_mean_it() {
    let is_taken = |version: &str, schema: &str| {
        let rest = r#", "components": {"schemas": {"A": {"type": "string"}}}"#;
        let operation =
            format!(r#"{{"requestBody": {{"content": {{"application/json": {{"schema": {schema}}}}}}}}}"#);
        let document = document(version, "post", "/x", &operation, rest);
        let judgement = Contract::new(&document).request(&Request {
            method: "POST".to_owned(),
            target: Some("/x".to_owned()),
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: Some(b"null".to_vec()),
            granted: None,
        });
        judgement.verdict() == Verdict::Accepted
    };
    for schema in [
        r#"{"type": "string", "nullable": true}"#,
        r#"{"type": "string", "nullable": true, "enum": ["a"]}"#,
        r##"{"$ref": "#/components/schemas/A", "nullable": true}"##,
        r##"{"allOf": [{"$ref": "#/components/schemas/A"}], "nullable": true}"##,
        r##"{"oneOf": [{"$ref": "#/components/schemas/A"}, {"nullable": true}]}"##,
        "{}",
    ] {
        assert!(is_taken("3.0.0", schema), "{schema}");
    }
    assert!(!is_taken("3.0.0", r#"{"type": "string"}"#));
    assert!(!is_taken("3.1.0", r#"{"type": "string", "nullable": true}"#));
    assert!(is_taken("3.1.0", r#"{"type": ["string", "null"]}"#));
}
