//! Findings that stay undecided, because the documents do not say how a message is written or read.

use crate::{asking, report, taking, with};
use openapi_drift::{Finding, Level};
use serde_json::{Value, json};

/// OpenAPI defines each style only for certain locations. In other locations, no message shows anything.
#[test]
fn a_style_where_openapi_does_not_define_it_is_undecided() {
    for (place, own, odd) in [
        ("query", "form", "label"),
        ("query", "form", "simple"),
        ("path", "simple", "form"),
        ("header", "simple", "matrix"),
        ("cookie", "form", "pipeDelimited"),
    ] {
        let with = |style: &str| {
            let schema = json!({"type": "array", "items": {"type": "string"}, "minItems": 2});
            let parameter = json!({"name": "q", "in": place, "required": true, "style": style, "explode": false, "schema": schema});
            let path = if place == "path" { "/pets/{q}" } else { "/pets" };
            with(
                "3.1.0",
                path,
                "get",
                &json!({"parameters": [parameter], "responses": {}}),
            )
        };
        for (base, revision) in [(own, odd), (odd, own)] {
            // `report` checks that there is no fault.
            let report = report(&with(base), &with(revision));
            let proved = report.findings.iter().filter(|it| it.undecided.is_none());
            assert_eq!(
                proved.count(),
                0,
                "{place} {base} {revision}: {:#?}",
                report.findings
            );
        }
    }
}

/// The engine is not at fault if the documents leave open how the message is written or read.
#[test]
fn a_body_that_cannot_be_written_does_not_lower_a_finding_about_a_parameter() {
    let pair = |most: u32, media_type: &Value| {
        let mut document = taking(media_type);
        document["paths"]["/pets"]["post"]["parameters"] =
            json!([{"name": "q", "in": "query", "schema": {"type": "string", "maxLength": most}}]);
        document
    };
    let report = report(
        &pair(9, &json!({"$ref": "#/no/where"})),
        &pair(3, &json!({"schema": {}})),
    );
    let found = report
        .findings
        .iter()
        .find(|it| it.rule == "request-value-refused");
    assert_eq!(found.expect("a finding").level, Level::Breaking);
}

#[test]
fn an_undefined_way_of_writing_is_no_fault_of_the_engine() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let answered = |answers: &Value| with("3.0.3", "/pets", "get", &json!({"responses": answers}));
    let overlapping = json!({"schema": {"oneOf": [{}, {"properties": {"a": {}}}]}});
    let mut text_plain = taking(&json!({}));
    text_plain["paths"]["/pets"]["post"]["requestBody"]["content"] =
        json!({"text/plain": {"schema": {"type": "string"}}});
    let stream = |schema: &Value| {
        let content = json!({"application/jsonl": {"schema": schema}});
        with(
            "3.2.0",
            "/pets",
            "get",
            &json!({"responses": {"200": {"description": "pets", "content": content}}}),
        )
    };
    // Beside a list in pairs stands an object that contains an object, for which no style has a form.
    let filtered = |style: &str| {
        let inside = json!({"properties": {"a": {"type": "object"}}, "required": ["a"]});
        with(
            "3.0.3",
            "/pets",
            "get",
            &json!({
                "parameters": [
                    {"name": "tags", "in": "query", "style": style, "explode": false, "schema": list},
                    {"name": "filter", "in": "query", "required": true, "explode": false, "schema": inside},
                ],
                "responses": {"200": {"description": "pets"}},
            }),
        )
    };
    for (base, revision, rule, why) in [
        (
            asking(&json!({"schema": {}})),
            asking(&json!({"schema": list})),
            "request-type-refused",
            "does not say by which names its pairs are found",
        ),
        (
            answered(&json!({"200": {"$ref": "elsewhere"}})),
            answered(&json!({"404": {"description": "gone"}})),
            "response-success-replaced",
            "an answer cannot be read",
        ),
        (
            stream(&json!({"type": "object"})),
            stream(&json!({"contains": {"type": "string"}})),
            "response-type-unreadable",
            "its text may stand for another value",
        ),
        (
            filtered("form"),
            filtered("spaceDelimited"),
            "parameter-serialization-changed",
            "lists and objects inside others have no form under this style",
        ),
        (
            taking(&overlapping),
            text_plain,
            "request-media-type-refused",
            "by the letter of `oneOf` it was never sent",
        ),
    ] {
        let report = report(&base, &revision);
        let found = report.findings.iter().find(|it| it.rule == rule);
        let found = found.unwrap_or_else(|| panic!("{rule}: {:#?}", report.findings));
        assert_eq!(found.level, Level::Risky, "{rule}");
        let undecided = found.undecided.as_deref().unwrap_or_default();
        assert!(undecided.contains(why), "{rule}: {undecided}");
    }
    // OpenAPI has no form for nested lists in a query, and the type of this item is unknown.
    let lists = |items: &Value| asking(&json!({"schema": {"type": "array", "items": items}}));
    let (numbers, unread) = (
        json!({"type": "array", "items": {"type": "integer"}}),
        json!({"type": "listing", "items": {"type": "string"}}),
    );
    report(&lists(&numbers), &lists(&unread));
    report(&lists(&unread), &lists(&numbers));
}

/// The documents do not say how the message travels, so engine and judge may differ without a fault.
#[test]
fn no_finding_beside_an_unreadable_part_is_a_fault() {
    let form = |schema: &Value| {
        let mut document = taking(&json!({}));
        document["paths"]["/pets"]["post"]["requestBody"]["content"] = json!({
            "application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"tags": schema}}, "encoding": {"tags": {"explode": true}}}
        });
        document
    };
    let texts = json!({"type": "string"});
    let stream = |item: &Value| {
        let content = json!({"text/event-stream": {"itemSchema": item}});
        with(
            "3.2.0",
            "/pets",
            "get",
            &json!({"responses": {"200": {"description": "ok", "content": content}}}),
        )
    };
    let event = json!({"type": "object", "properties": {"data": {"type": "string"}}});
    for (base, revision, told) in [
        (
            form(&json!({"type": "listing", "items": texts})),
            form(&json!({"type": "array", "items": texts})),
            "schema-undecided",
        ),
        (stream(&event), stream(&json!(7)), "response-property-lost"),
    ] {
        let report = report(&base, &revision);
        assert!(report.findings.iter().any(|it| it.rule == "part-malformed"));
        let found = report.findings.iter().find(|it| it.rule == told);
        let found = found.unwrap_or_else(|| panic!("{told}: {:#?}", report.findings));
        assert_eq!(found.level, Level::Risky, "{told}");
        assert_eq!(report.questions.internal_faults, 0, "{:#?}", report.findings);
    }
}

/// Its `content` states how it is written. A schema beside it is reported and not read.
#[test]
fn a_parameter_with_schema_and_content_is_read_by_its_content_and_reported() {
    let number = json!({"type": "integer"});
    let text = json!({"type": "string"});
    for (described, told) in [
        (
            json!({"schema": number, "content": {"application/json": {"schema": text}}}),
            "it stands beside `content`",
        ),
        (
            json!({"content": {"application/json": {"schema": number}, "text/plain": {"schema": text}}}),
            "it lists several media types",
        ),
        (
            json!({"schema": number, "content": {"t": {"const": "a"}, "n": {}}}),
            "it lists several media types",
        ),
    ] {
        let report = report(&asking(&json!({"schema": number})), &asking(&described));
        let is_told = |it: &Finding| it.rule == "part-malformed" && it.title.contains(told);
        assert!(report.findings.iter().any(is_told), "{:#?}", report.findings);
    }
}
