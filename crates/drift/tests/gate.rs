//! The gate: each breaking finding has a message that shows it, in the form in which it travels.

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

/// Responses that are pets. Each alternative lists its tag.
fn pets(required: &[&str], dog: &Value) -> Value {
    let pet = |tag: &str, more: &Value| {
        let mut properties = json!({"is": {"type": "string", "enum": [tag], "default": tag}});
        properties[tag] = more.clone();
        let required: Vec<&str> = required.iter().copied().chain([tag]).collect();
        json!({"type": "object", "required": required, "properties": properties})
    };
    let text = json!({"type": "string"});
    let mut document = with(
        "3.0.3",
        "/pets",
        "get",
        &json!({"responses": {"200": {"description": "a pet", "content": {"application/json": {
            "schema": {"type": "object", "required": ["pet"], "properties": {"pet": {"$ref": "#/components/schemas/Pet"}}}
        }}}}}),
    );
    document["components"] = json!({"schemas": {
        "Pet": {
            "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
            "discriminator": {"propertyName": "is", "mapping": {
                "cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"
            }},
        },
        "Cat": pet("cat", &text),
        "Dog": pet("dog", dog),
    }});
    document
}

#[test]
fn a_tag_that_need_not_be_there_is_sent() {
    let report = report(
        &pets(&[], &json!({"type": "string"})),
        &pets(&[], &json!({"type": "integer"})),
    );
    let message = message(&report);
    assert!(
        message
            .body
            .as_deref()
            .is_some_and(|it| it.contains(r#""is":"dog""#)),
        "{message:?}"
    );
}

#[test]
fn what_holds_where_a_tag_is_left_out_is_open() {
    let text = json!({"type": "string"});
    let pets = pets(&[], &text);
    let mut base = pets.clone();
    base["components"]["schemas"]["Pet"] = json!({
        "type": "object", "required": ["is", "name"], "properties": {"is": text, "name": text}
    });
    let mut revision = pets;
    for (tag, name) in [("Cat", &text), ("Dog", &json!({"type": "integer"}))] {
        revision["components"]["schemas"][tag]["required"] = json!(["name"]);
        revision["components"]["schemas"][tag]["properties"]["name"] = name.clone();
    }
    let report = report(&base, &revision);
    let mut findings = report.findings.iter();
    let missing = findings.find(|it| it.rule == "discriminator-tag-optional");
    let missing = missing.unwrap_or_else(|| panic!("{:#?}", report.findings));
    assert_eq!(missing.level, Level::Risky);
    assert_eq!(missing.title, "the tag `is` of `Pet` may be missing now");
    assert_eq!(missing.undecided, None);
}

#[test]
fn a_header_that_is_told_elsewhere_is_written_once() {
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
fn a_fragment_of_a_path_does_not_travel() {
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
fn a_name_in_a_deep_object_has_a_character() {
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
fn an_alternative_that_no_tag_chooses_does_not_hold_in_place_of_the_chosen_one() {
    let notice = |more: &Value| {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let mut document = with(
            "3.0.3",
            "/notices",
            "post",
            &json!({
                "requestBody": {"required": true, "content": {"application/json": {"schema": to("Notice")}}},
                "responses": {"200": {"description": "sent"}}
            }),
        );
        document["components"] = json!({"schemas": {
            "Notice": {
                "oneOf": [to("Mail"), to("Sms"), to("Sms")],
                "discriminator": {"propertyName": "by", "mapping": {
                    "mail": "#/components/schemas/Mail", "sms": "#/components/schemas/Sms"
                }},
            },
            "Mail": {"type": "object", "required": ["by", "address"],
                "properties": {"by": {"type": "string"}, "address": more}},
            "Sms": {"type": "object", "required": ["by"], "properties": {"by": {"type": "string"}, "address": {}}},
        }});
        document
    };
    let report = report(
        &notice(&json!({"type": "string"})),
        &notice(&json!({"type": "integer"})),
    );
    let message = message(&report);
    assert!(
        message
            .body
            .as_deref()
            .is_some_and(|it| it.contains(r#""by":"mail""#)),
        "{message:?}"
    );
}

/// The report on two documents, given as their JSON members. The judge has to agree with it.
fn between(base: &str, revision: &str) -> Report {
    let read = |members: &str| {
        Document::read(format!(r#"{{"openapi": "3.0.3", {members}}}"#)).expect("an OpenAPI document")
    };
    let report = compare(&read(base), &read(revision), &Options::default());
    assert_eq!(report.questions.internal_faults, 0, "{:#?}", report.findings);
    report
}

/// The level of each finding, and the target of its message.
fn shown(report: &Report) -> Vec<(Level, Option<String>)> {
    let findings = report.findings.iter().filter(|it| it.level < Level::Additive);
    let target = |it: &Finding| it.witness.as_ref()?.message.as_ref()?.target.clone();
    findings.map(|it| (it.level, target(it))).collect()
}

#[test]
fn an_operation_that_shares_its_path_with_others_is_gone_when_none_of_these_takes_its_requests() {
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
fn a_query_in_a_path_and_the_parameter_of_its_name_are_one() {
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
fn what_stood_in_the_address_of_a_server_may_stand_in_the_paths() {
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
fn an_operation_is_gone_whatever_could_not_be_built_of_its_request() {
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
        assert_eq!(
            says.is_empty(),
            operation.contains("encoding") || operation.contains("xml"),
            "{says:?}"
        );
    }
}

#[test]
fn a_credential_that_travels_as_another_does_proves_nothing() {
    let ways = r#""components": {"securitySchemes": {
        "token": {"type": "http", "scheme": "bearer"},
        "key": {"type": "apiKey", "in": "header", "name": "Authorization"}
    }}"#;
    let asking =
        |way: &str| format!(r#"{ways}, "paths": {{"/a": {{"get": {{"security": [{{"{way}": []}}]}}}}}}"#);
    let report = between(&asking("token"), &asking("key"));
    assert!(
        report.findings.iter().any(|it| it.level == Level::Risky),
        "{:#?}",
        report.findings
    );
    assert!(
        report.findings.iter().all(|it| it.level != Level::Breaking),
        "{:#?}",
        report.findings
    );
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
fn a_parameter_that_moved_to_where_it_stood_already_breaks_nobody() {
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

/// Compares the pairs of documents that show rules and readings, in both orders.
#[test]
fn the_judge_confirms_what_is_found_in_every_fixture() {
    let mut denied = Vec::new();
    for folder in ["tests/rules", "tests/readings"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for file in std::fs::read_dir(folder).expect("a folder of fixtures") {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a text");
            let (base, revision) = text.split_once("\n---\n").expect("two documents");
            let read = |text: &str| Document::read(text.as_bytes()).expect("a document");
            let (base, revision) = (read(base), read(revision));
            for (base, revision) in [(&base, &revision), (&revision, &base)] {
                let report = compare(base, revision, &Options::default());
                if report.questions.internal_faults > 0 {
                    denied.push(format!("{}: {:#?}", path.display(), report.findings));
                }
            }
        }
    }
    assert!(denied.is_empty(), "{}", denied.join("\n"));
}

/// A key may be the required parameter itself, but a caller without a key sends none.
#[test]
fn another_way_in_shows_what_a_key_would_hide() {
    for (place, named) in [("query", "key"), ("header", "X-Key"), ("cookie", "key")] {
        let with = |operation: &Value| {
            let mut document = with("3.1.0", "/pets", "get", operation);
            let schemes = json!({"key": {"type": "apiKey", "in": place, "name": named}});
            document["components"] = json!({"securitySchemes": schemes});
            document
        };
        let open = json!({"security": [{"key": []}, {}], "responses": {}});
        let mut asking = open.clone();
        asking["parameters"] =
            json!([{"name": named, "in": place, "required": true, "schema": {"type": "string"}}]);
        let found = report(&with(&open), &with(&asking));
        let message = message(&found);
        assert_eq!(message.target.as_deref(), Some("/v1/pets"), "{place}");
        assert!(message.headers.is_empty(), "{place}: {message:?}");
    }
}

/// OpenAPI defines each style only for certain locations. In other locations, no message shows anything.
#[test]
fn a_style_at_a_place_that_has_none_of_it_is_open() {
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
fn a_multipart_body_of_which_nothing_is_said_names_its_boundary() {
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

/// A document whose one operation has a query parameter `q` with this description.
fn asking(parameter: &Value) -> Value {
    let mut parameter = parameter.clone();
    parameter["name"] = "q".into();
    parameter["in"] = "query".into();
    let responses = json!({"200": {"description": "pets"}});
    with(
        "3.0.3",
        "/pets",
        "get",
        &json!({"parameters": [parameter], "responses": responses}),
    )
}

/// A document whose one operation requires a JSON body with this description.
fn taking(media_type: &Value) -> Value {
    let body = json!({"required": true, "content": {"application/json": media_type}});
    with(
        "3.0.3",
        "/pets",
        "post",
        &json!({"requestBody": body, "responses": {"204": {"description": "stored"}}}),
    )
}

/// The engine is not at fault if the documents leave open how the message is written or read.
#[test]
fn what_documents_leave_open_is_no_fault() {
    let list = json!({"type": "array", "items": {"type": "string"}});
    let answered = |answers: &Value| with("3.0.3", "/pets", "get", &json!({"responses": answers}));
    let pair = |schema: &Value, media_type: &Value| {
        let mut document = taking(media_type);
        document["paths"]["/pets"]["post"]["parameters"] =
            json!([{"name": "q", "in": "query", "schema": schema}]);
        document
    };
    let longest = |most: u32| json!({"type": "string", "maxLength": most});
    let overlapping = json!({"schema": {"oneOf": [{}, {"properties": {"a": {}}}]}});
    let mut text_plain = taking(&json!({}));
    text_plain["paths"]["/pets"]["post"]["requestBody"]["content"] =
        json!({"text/plain": {"schema": {"type": "string"}}});
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
            pair(&longest(9), &json!({"$ref": "#/no/where"})),
            pair(&longest(3), &json!({"schema": {}})),
            "request-value-refused",
            "its description cannot be followed",
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
fn beside_a_part_that_cannot_be_read_no_finding_is_a_fault() {
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
            "request-type-refused",
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
fn a_parameter_that_is_described_twice_is_read_by_its_content_and_told() {
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

/// Authors write `^{.*}$`, which most engines read as intended.
#[test]
fn a_brace_in_a_pattern_that_counts_nothing_stands_for_itself() {
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

/// Of two findings that one body shows, neither hides the other.
#[test]
fn a_limit_below_alternatives_shows_beside_a_property_that_became_required() {
    let of = |required: &[&str], most: u32| {
        let kind = |name: &str, most: u32| {
            json!({"type": "object", "required": ["kind"], "properties": {
                "kind": {"type": "string", "enum": [name]}, "age": {"type": "integer", "maximum": most}}})
        };
        let pet = json!({"oneOf": [
            {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
            {"type": "object", "required": ["of"], "properties": {"of": {"oneOf": [
                {"$ref": "#/components/schemas/Dog"}, {"$ref": "#/components/schemas/Cat"}]}}}]});
        let properties = json!({"owner": {"type": "string"}, "pet": pet});
        let mut schema = json!({"type": "object", "properties": properties});
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        let mut document = taking(&json!({"schema": schema}));
        document["components"] = json!({"schemas": {"Dog": kind("dog", 99), "Cat": kind("cat", most)}});
        document
    };
    let report = report(&of(&[], 30), &of(&["owner"], 20));
    let levels: Vec<_> = report.findings.iter().map(|it| (it.level, &*it.rule)).collect();
    assert_eq!(
        levels,
        [
            (Level::Breaking, "request-property-became-required"),
            (Level::Breaking, "request-value-refused")
        ],
        "{:#?}",
        report.findings
    );
}

#[test]
fn what_an_alternative_refuses_is_sent_where_the_finding_says() {
    let asks = |ibm: &Value| {
        let params = |tag: &str, top: &Value| {
            json!({
                "type": "object", "required": ["type"],
                "properties": {"type": {"type": "string", "enum": [tag]}, "top": top}
            })
        };
        let tool =
            json!({"type": "object", "properties": {"params": {"$ref": "#/components/schemas/Params"}}});
        let mut document = with(
            "3.0.3",
            "/asks",
            "get",
            &json!({"responses": {"200": {"description": "asks", "content": {"application/json": {"schema": {
                "type": "object", "properties": {"long": tool, "basic": tool, "multi": tool}
            }}}}}}),
        );
        document["components"] = json!({"schemas": {
            "Params": {"oneOf": [{"$ref": "#/components/schemas/Google"}, {"$ref": "#/components/schemas/Ibm"}]},
            "Google": params("google", &json!({"type": "number"})),
            "Ibm": params("ibm", ibm),
        }});
        document
    };
    let base = asks(&json!({"type": "number", "maximum": 1}));
    let report = report(&base, &asks(&json!({"type": "number"})));
    let findings = &report.findings;
    assert_eq!(report.questions.internal_faults, 0, "{findings:#?}");
    assert_eq!(
        (findings.len(), findings[0].level),
        (1, Level::Breaking),
        "{findings:#?}"
    );
}
