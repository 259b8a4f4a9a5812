//! Requests that show a finding, and calls of the service.

use crate::{between, message, report, shown, taking, with};
use openapi_drift::{Document, Level, Options, compare};
use serde_json::{Value, json};

#[test]
fn a_request_is_shown_as_it_is_sent() {
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
fn a_refused_media_range_is_shown_by_a_type_that_no_document_lists() {
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
fn a_property_that_is_not_sent_breaks_nobody() {
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
fn a_content_type_that_is_also_a_parameter_is_written_once() {
    let order = |least: u32| {
        let schema = json!({"type": "integer", "minimum": least});
        with(
            "3.0.3",
            "/orders",
            "post",
            &json!({
                "parameters": [{"name": "Content-Type", "in": "header", "required": true, "schema": {"type": "string"}}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": schema}}},
                "responses": {"200": {"description": "ordered"}}
            }),
        )
    };
    let report = report(&order(1), &order(5));
    assert_eq!(
        message(&report).headers,
        [("Content-Type".to_owned(), "application/json".to_owned())]
    );
}

#[test]
fn a_fragment_in_a_path_is_not_sent() {
    let operation = |kind: &str| {
        json!({
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": kind}}],
            "responses": {"200": {"description": "a pet"}}
        })
    };
    let report = report(
        &with("3.0.3", "/pets/{id}#byName", "get", &operation("string")),
        &with("3.0.3", "/pets/{id}#byName", "get", &operation("integer")),
    );
    let target = message(&report).target.as_deref();
    assert!(
        target.is_some_and(|it| it.starts_with("/v1/pets/") && !it.contains('#')),
        "{target:?}"
    );
}

#[test]
fn a_name_in_a_deep_object_is_not_empty() {
    let find = |more: &Value| {
        with(
            "3.0.3",
            "/pets",
            "get",
            &json!({
                "parameters": [{"name": "like", "in": "query", "style": "deepObject", "explode": true,
                    "schema": {"type": "object", "additionalProperties": more}}],
                "responses": {"200": {"description": "pets"}}
            }),
        )
    };
    let report = report(
        &find(&json!({"type": "string"})),
        &find(&json!({"type": "integer"})),
    );
    let target = message(&report).target.as_deref();
    assert!(
        target.is_some_and(|it| it.contains("like[") && !it.contains("like[]")),
        "{target:?}"
    );
}

#[test]
fn a_prefix_may_move_from_the_server_into_the_paths() {
    let operation = |limit: u8| {
        format!(
            r#"{{"get": {{"parameters": [
                {{"name": "size", "in": "query", "schema": {{"type": "integer", "maximum": {limit}}}}}
            ]}}}}"#
        )
    };
    let base = format!(
        r#""servers": [{{"url": "https://a.example/v1"}}], "paths": {{"/pets": {}}}"#,
        operation(9)
    );
    let revision = format!(r#""paths": {{"/v1/pets": {}}}"#, operation(5));
    let read = |text: &str| Document::read(format!(r#"{{"openapi": "3.0.3", {text}}}"#)).unwrap();
    let report = compare(&read(&base), &read(&revision), &Options::default());
    assert_eq!(report.questions.internal_faults, 0, "{:#?}", report.findings);
    let narrowed = report
        .findings
        .iter()
        .find(|it| it.rule == "request-value-refused")
        .unwrap();
    assert_eq!(narrowed.level, Level::Breaking);
}

#[test]
fn a_whole_number_beyond_64_bits_is_written_in_digits() {
    let size = |minimum: &str| {
        format!(
            r#""paths": {{"/a/{{n}}": {{"get": {{"parameters": [{{"name": "n", "in": "path", "required": true,
                "schema": {{"type": "integer"{minimum}}}}}]}}}}}}"#
        )
    };
    let report = between(&size(""), &size(r#", "minimum": -9223372036854775808"#));
    let shown = shown(&report);
    let [(level, Some(target))] = shown.as_slice() else {
        panic!("{:#?}", report.findings);
    };
    assert_eq!(*level, Level::Breaking);
    assert!(target.starts_with("/a/-9") && !target.contains('e'), "{target}");
}

#[test]
fn a_parameter_that_moved_to_a_place_where_it_already_was_breaks_nobody() {
    let parameter = |name: &str, place: &str| {
        format!(
            r#"{{"name": "{name}", "in": "{place}", "required": true, "schema": {{"type": "string", "enum": ["json"]}}}}"#
        )
    };
    let base = format!(
        r#""paths": {{"/pets.json": {{"get": {{"parameters": [{}]}}}}}}"#,
        parameter("format", "query")
    );
    let revision = format!(
        r#""paths": {{"/pets.{{format}}": {{"get": {{"parameters": [{}]}}}}}}"#,
        parameter("format", "path")
    );
    let read = |text: &str| Document::read(format!(r#"{{"openapi": "3.0.3", {text}}}"#)).unwrap();
    let report = compare(&read(&base), &read(&revision), &Options::default());
    assert!(
        report.findings.iter().all(|it| it.level != Level::Breaking),
        "{:#?}",
        report.findings
    );
}

#[test]
fn a_header_of_an_odd_style_does_not_hide_another_finding() {
    let with = |colours: &Value| {
        let parameters = json!([
            {"name": "X-Id", "in": "header", "required": true, "style": "label", "schema": {"type": "integer"}},
            {"name": "colour", "in": "query", "schema": {"type": "string", "enum": colours}}
        ]);
        with(
            "3.1.0",
            "/pets",
            "get",
            &json!({"parameters": parameters, "responses": {}}),
        )
    };
    let found = report(&with(&json!(["red", "blue"])), &with(&json!(["red"])));
    let message = message(&found);
    assert_eq!(message.target.as_deref(), Some("/v1/pets?colour=blue"));
    assert_eq!(message.headers, [("X-Id".to_owned(), "0".to_owned())]);
}

/// The parts have no schema, so no value can be written. Both documents can still split the message into parts.
#[test]
fn a_multipart_body_without_a_schema_names_its_boundary() {
    let with = |content: &Value| {
        with(
            "3.1.0",
            "/pets",
            "post",
            &json!({"requestBody": {"required": true, "content": content}, "responses": {}}),
        )
    };
    let json_alone = json!({"application/json": {}});
    let both = json!({"application/json": {}, "multipart/form-data": {}});
    let found = report(&with(&both), &with(&json_alone));
    let headers = &message(&found).headers;
    let content_type = headers.iter().find(|(name, _)| name == "Content-Type");
    assert!(
        content_type.is_some_and(|(_, it)| it.starts_with("multipart/form-data;boundary=")),
        "{headers:?}"
    );
}

/// Authors write `^{.*}$`, which most engines read as intended.
#[test]
fn a_brace_in_a_pattern_that_is_no_count_is_literal() {
    let like = |pattern: &str| {
        taking(
            &json!({"schema": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "pattern": pattern}}}}),
        )
    };
    for pattern in ["^{[^}]*}$", "/{a}/{b}", "{"] {
        let report = report(&like("^a"), &like(pattern));
        assert_eq!(
            message(&report).body.as_deref(),
            Some(r#"{"a":"a"}"#),
            "{pattern}"
        );
    }
}

#[test]
fn a_request_reaches_an_operation_whose_server_moved_from_a_path_with_escapes() {
    let named = |server: &str, kind: &str| {
        let mut document = with(
            "3.1.0",
            "/pets\r\n\u{1b}",
            "get",
            &json!({
                "parameters": [{"name": "q", "in": "query", "schema": {"type": kind}}],
                "responses": {"200": {"description": "the pets"}}
            }),
        );
        document["servers"] = json!([{"url": server}]);
        document
    };
    for server in ["https://pets.test/é x", "https://pets.test/\r\n", "/\u{1b}"] {
        let report = report(&named(server, "string"), &named("/v2", "integer"));
        let is_shown =
            |it: &openapi_drift::Finding| it.rule == "request-type-refused" && it.level == Level::Breaking;
        assert!(
            report.findings.iter().any(is_shown),
            "{server}: {:#?}",
            report.findings
        );
    }
}
