//! Values that travel as text are read as they are written, in every place and every version.

use openapi_drift::{Document, Level, Options, Report, compare};
use serde_json::{Value, json};

/// The place where the values of a schema travel as text.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slot {
    Path,
    Query,
    Header,
    Cookie,
    DeepMember,
    FormField,
    Part,
    TextBody,
    TextAnswer,
    AnswerHeader,
    WebhookHeader,
}

use Slot::{
    AnswerHeader, Cookie, DeepMember, FormField, Header, Part, Path, Query, TextAnswer, TextBody,
    WebhookHeader,
};

const REQUESTS: [Slot; 8] = [Path, Query, Header, Cookie, DeepMember, FormField, Part, TextBody];
const ANSWERS: [Slot; 3] = [TextAnswer, AnswerHeader, WebhookHeader];

/// A document in which values of a schema travel in a slot; `also` adds keywords about how they are written.
fn document(version: &str, slot: Slot, schema: &Value, also: &Value) -> Document {
    let put = |into: &mut Value, schema: &Value| {
        if also.get("content").is_none() {
            into["schema"] = schema.clone();
        }
        for (key, value) in also.as_object().into_iter().flatten() {
            into[key] = value.clone();
        }
    };
    let parameter = |place: &str, schema: &Value| {
        let mut parameter = json!({"name": "v", "in": place, "required": place == "path"});
        put(&mut parameter, schema);
        parameter
    };
    let body = |media: &str, schema: Value| {
        let mut entry = json!({"schema": schema});
        if let Some(encoding) = also.get("encoding") {
            entry["encoding"] = json!({"v": encoding});
        }
        json!({"requestBody": {"required": true, "content": {media: entry}}})
    };
    let fields = json!({"type": "object", "required": ["v"], "properties": {"v": schema}});
    let mut operation = match slot {
        Path => json!({"parameters": [parameter("path", schema)]}),
        Query => json!({"parameters": [parameter("query", schema)]}),
        Header | WebhookHeader => json!({"parameters": [parameter("header", schema)]}),
        Cookie => json!({"parameters": [parameter("cookie", schema)]}),
        DeepMember => {
            let mut parameter = parameter("query", &fields);
            parameter["style"] = "deepObject".into();
            parameter["explode"] = true.into();
            json!({"parameters": [parameter]})
        }
        FormField => body("application/x-www-form-urlencoded", fields),
        Part => body("multipart/form-data", fields),
        TextBody => body("text/plain", schema.clone()),
        TextAnswer | AnswerHeader => json!({}),
    };
    let mut answer = json!({"description": "ok"});
    match slot {
        TextAnswer => answer["content"] = json!({"text/plain": {"schema": schema}}),
        AnswerHeader => {
            let mut header = json!({});
            put(&mut header, schema);
            answer["headers"] = json!({"X-V": header});
        }
        _ => {}
    }
    operation["responses"] = json!({"200": answer});
    let mut document = json!({"openapi": version, "info": {"title": "t", "version": "1"}});
    match slot {
        WebhookHeader => document["webhooks"] = json!({"told": {"post": operation}}),
        Path => document["paths"] = json!({"/a/{v}": {"post": operation}}),
        _ => document["paths"] = json!({"/a": {"post": operation}}),
    }
    Document::read(document.to_string()).expect("a document")
}

fn report(slot: Slot, version: &str, [old, new]: [&Value; 2], also: [&Value; 2]) -> Report {
    let (old, new) = (
        document(version, slot, old, also[0]),
        document(version, slot, new, also[1]),
    );
    compare(&old, &new, &Options::default())
}

/// Checks the worst level of a change, without cosmetic findings.
#[track_caller]
fn expect(slot: Slot, version: &str, schemas: [&Value; 2], also: [&Value; 2], expected: Option<Level>) {
    let report = report(slot, version, schemas, also);
    let worst = report.verdict.filter(|level| *level != Level::Cosmetic);
    assert_eq!(
        worst, expected,
        "{slot:?} in {version}, {schemas:?} {also:?}: {:#?}",
        report.findings
    );
}

/// Checks the worst level in each slot and version. Responses travel the other way, so the change is reversed for them.
#[track_caller]
fn everywhere(sent: &Value, read: &Value, expected: Option<Level>) {
    let nothing = json!({});
    for slot in REQUESTS.into_iter().chain(ANSWERS) {
        for version in ["3.0.3", "3.1.0"] {
            if slot == WebhookHeader && version == "3.0.3" {
                continue;
            }
            let change = if REQUESTS.contains(&slot) {
                [sent, read]
            } else {
                [read, sent]
            };
            expect(slot, version, change, [&nothing, &nothing], expected);
        }
    }
}

#[test]
fn a_number_is_a_text() {
    everywhere(
        &json!({"type": "integer"}),
        &json!({"type": "string"}),
        Some(Level::Additive),
    );
    everywhere(
        &json!({"type": "number"}),
        &json!({"type": "string", "minLength": 1}),
        Some(Level::Additive),
    );
    everywhere(
        &json!({"type": "string"}),
        &json!({"type": "integer"}),
        Some(Level::Breaking),
    );
    everywhere(
        &json!({"type": "boolean"}),
        &json!({"allOf": [{"type": "string"}, {"maxLength": 5}]}),
        Some(Level::Additive),
    );
    everywhere(
        &json!({"type": "boolean"}),
        &json!({"type": "string", "maxLength": 4}),
        Some(Level::Breaking),
    );
}

#[test]
fn one_text_in_both_documents_is_no_change() {
    let (numbers, texts) = (json!({"enum": [1, 2, 2.5]}), json!({"enum": ["1", "2", "2.5"]}));
    everywhere(&numbers, &texts, None);
    everywhere(&texts, &numbers, None);
    let (truth, words) = (
        json!({"type": "boolean"}),
        json!({"type": "string", "enum": ["true", "false"]}),
    );
    everywhere(&truth, &words, None);
    everywhere(&words, &truth, None);
    let mixed = json!({"oneOf": [{"type": "integer", "enum": [1, 2]}, {"type": "string", "enum": ["2.5"]}]});
    everywhere(&texts, &mixed, None);
}

#[test]
fn numbers_that_are_texts_are_within_a_pattern_or_not() {
    let pattern = |pattern: &str| json!({"type": "string", "pattern": pattern});
    everywhere(
        &json!({"type": "integer", "minimum": 0}),
        &pattern("^[0-9]+$"),
        Some(Level::Additive),
    );
    everywhere(
        &json!({"type": "integer"}),
        &pattern("^[0-9]+$"),
        Some(Level::Breaking),
    );
    everywhere(
        &json!({"type": "integer", "minimum": 0, "maximum": 99}),
        &json!({"type": "string", "maxLength": 2}),
        Some(Level::Additive),
    );
    everywhere(
        &json!({"type": "integer", "minimum": 0, "maximum": 100}),
        &json!({"type": "string", "maxLength": 2}),
        Some(Level::Breaking),
    );
    everywhere(
        &json!({"type": "number"}),
        &pattern(r"^-?[0-9.]+$"),
        Some(Level::Additive),
    );
    everywhere(
        &json!({"type": "number"}),
        &pattern("^-?[0-9]+$"),
        Some(Level::Breaking),
    );
    everywhere(
        &pattern("^[1-9]$"),
        &json!({"type": "integer"}),
        Some(Level::Additive),
    );
    everywhere(
        &pattern("^[1-9]$"),
        &json!({"type": "integer", "maximum": 8}),
        Some(Level::Breaking),
    );
}

#[test]
fn null_has_no_form() {
    let nothing = json!({});
    for slot in REQUESTS {
        let (nullable, plain) = (json!({"type": ["string", "null"]}), json!({"type": "string"}));
        for change in [[&nullable, &plain], [&plain, &nullable]] {
            let report = report(slot, "3.1.0", change, [&nothing, &nothing]);
            assert!(
                !report.reaches(Level::Additive),
                "{slot:?}: {:#?}",
                report.findings
            );
        }
        let old = json!({"type": "integer", "nullable": true});
        let report = report(
            slot,
            "3.0.3",
            [&old, &json!({"type": "integer"})],
            [&nothing, &nothing],
        );
        assert!(
            !report.reaches(Level::Additive),
            "{slot:?}: {:#?}",
            report.findings
        );
    }
}

#[test]
fn an_empty_segment_is_another_path() {
    let nothing = json!({});
    let (any, one) = (
        json!({"type": "string"}),
        json!({"type": "string", "minLength": 1}),
    );
    let level = |slot| report(slot, "3.0.3", [&any, &one], [&nothing, &nothing]).verdict;
    assert!(level(Path).is_none_or(|it| it == Level::Cosmetic));
    assert_eq!(level(Query), Some(Level::Breaking));
    let level = |style: &str| {
        let style = json!({ "style": style });
        let report = report(Path, "3.0.3", [&any, &one], [&style, &style]);
        report.verdict.filter(|it| *it != Level::Cosmetic)
    };
    // `/a/.` is equal to `/a/`, while `/a/;v=` is another path.
    assert_eq!(level("label"), None);
    assert_eq!(level("matrix"), Some(Level::Breaking));
}

#[test]
fn items_and_members_are_texts() {
    let list = |items: Value| json!({"type": "array", "items": items});
    let object = |value: Value| json!({"type": "object", "properties": {"a": value}});
    let (number, text) = (json!({"type": "integer"}), json!({"type": "string"}));
    let nothing = json!({});
    for slot in [Path, Query, Header, Cookie, FormField, Part] {
        expect(
            slot,
            "3.1.0",
            [&list(number.clone()), &list(text.clone())],
            [&nothing, &nothing],
            Some(Level::Additive),
        );
        expect(
            slot,
            "3.1.0",
            [&list(text.clone()), &list(number.clone())],
            [&nothing, &nothing],
            Some(Level::Breaking),
        );
    }
    for slot in [Path, Query, Header, Cookie] {
        expect(
            slot,
            "3.0.3",
            [&object(number.clone()), &object(text.clone())],
            [&nothing, &nothing],
            Some(Level::Additive),
        );
    }
    // An object in a form is written as JSON.
    for slot in [FormField, Part] {
        expect(
            slot,
            "3.0.3",
            [&object(number.clone()), &object(text.clone())],
            [&nothing, &nothing],
            Some(Level::Breaking),
        );
    }
}

#[test]
fn one_text_is_a_list_of_one_and_a_list_is_not_one_text() {
    let (text, list) = (
        json!({"type": "string"}),
        json!({"type": "array", "items": {"type": "string"}}),
    );
    let nothing = json!({});
    for (slot, expected) in [
        (Query, Level::Additive),
        (Cookie, Level::Additive),
        (FormField, Level::Additive),
        (Part, Level::Additive),
        (Header, Level::Risky),
        (Path, Level::Risky),
    ] {
        expect(
            slot,
            "3.0.3",
            [&text, &list],
            [&nothing, &nothing],
            Some(expected),
        );
        expect(
            slot,
            "3.0.3",
            [&list, &text],
            [&nothing, &nothing],
            Some(Level::Breaking),
        );
        let two = json!({"type": "array", "items": {"type": "string"}, "minItems": 2});
        expect(
            slot,
            "3.0.3",
            [&text, &two],
            [&nothing, &nothing],
            Some(Level::Breaking),
        );
    }
}

#[test]
fn a_style_that_writes_the_same_is_no_change() {
    let list = |most: u64| json!({"type": "array", "items": {"type": "string"}, "maxItems": most});
    let text = json!({"allOf": [{"type": "string"}]});
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let explode = |it: bool| json!({"explode": it});
    for (slot, schema, old, new, expected) in [
        (Query, &text, explode(true), explode(false), None),
        (Query, &list(1), explode(true), explode(false), None),
        (
            Query,
            &list(2),
            explode(true),
            explode(false),
            Some(Level::Breaking),
        ),
        (Header, &list(2), explode(true), explode(false), None),
        (Path, &list(2), explode(true), explode(false), None),
        (AnswerHeader, &list(2), explode(true), explode(false), None),
        (
            AnswerHeader,
            &object,
            explode(true),
            explode(false),
            Some(Level::Breaking),
        ),
        (
            Query,
            &object,
            explode(true),
            json!({"style": "deepObject", "required": true}),
            Some(Level::Breaking),
        ),
        (
            Query,
            &list(2),
            explode(false),
            json!({"style": "pipeDelimited"}),
            Some(Level::Breaking),
        ),
        (
            Path,
            &text,
            json!({"style": "simple"}),
            json!({"style": "label"}),
            Some(Level::Breaking),
        ),
        (
            Path,
            &text,
            json!({"style": "label"}),
            json!({"style": "simple"}),
            Some(Level::Risky),
        ),
    ] {
        expect(slot, "3.0.3", [schema, schema], [&old, &new], expected);
    }
}

#[test]
fn a_field_that_is_written_the_same_is_no_change() {
    let list = |most: u64| json!({"type": "array", "items": {"type": "string"}, "maxItems": most});
    let text = json!({"allOf": [{"type": "string"}]});
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    for (slot, schema, old, new, expected) in [
        (
            FormField,
            &list(2),
            json!({"encoding": {"explode": true}}),
            json!({}),
            None,
        ),
        (
            FormField,
            &list(2),
            json!({"encoding": {"explode": false}}),
            json!({}),
            Some(Level::Breaking),
        ),
        (
            FormField,
            &object,
            json!({"encoding": {"contentType": "application/json"}}),
            json!({}),
            None,
        ),
        (
            Part,
            &text,
            json!({"encoding": {"contentType": "text/plain"}}),
            json!({}),
            None,
        ),
        (
            Part,
            &text,
            json!({"encoding": {"contentType": "application/json"}}),
            json!({}),
            Some(Level::Risky),
        ),
        (
            Part,
            &text,
            json!({}),
            json!({"encoding": {"contentType": "application/json"}}),
            Some(Level::Risky),
        ),
    ] {
        expect(slot, "3.0.3", [schema, schema], [&old, &new], expected);
    }
}

#[test]
fn json_in_a_parameter_or_header_is_compared_as_json() {
    let json = |schema: &Value| json!({"content": {"application/json": {"schema": schema}}});
    let plain = |schema: &Value| json!({"content": {"text/plain": {"schema": schema}}});
    let (number, text, nothing) = (json!({"type": "integer"}), json!({"type": "string"}), json!({}));
    let expect = |slot, schemas: [&Value; 2], also: [&Value; 2], expected| {
        expect(slot, "3.1.0", schemas, also, expected);
    };
    for slot in [Query, Header, AnswerHeader] {
        let (sent, read) = if slot == AnswerHeader {
            (&text, &number)
        } else {
            (&number, &text)
        };
        // JSON tells 1 and "1" apart.
        expect(
            slot,
            [sent, read],
            [&json(sent), &json(read)],
            Some(Level::Breaking),
        );
        expect(slot, [&number, &number], [&nothing, &json(&number)], None);
        expect(slot, [&text, &text], [&nothing, &plain(&text)], None);
    }
    expect(
        Query,
        [&text, &text],
        [&nothing, &json(&text)],
        Some(Level::Breaking),
    );
    expect(
        Query,
        [&text, &text],
        [&json(&text), &nothing],
        Some(Level::Risky),
    );
    expect(
        AnswerHeader,
        [&text, &text],
        [&nothing, &json(&text)],
        Some(Level::Risky),
    );
    expect(
        AnswerHeader,
        [&text, &text],
        [&json(&text), &nothing],
        Some(Level::Breaking),
    );
}

#[test]
fn a_witness_is_a_value_of_the_sender() {
    let report = report(
        Query,
        "3.0.3",
        [
            &json!({"type": "array", "items": {"type": "integer"}}),
            &json!({"type": "array", "items": {"type": "boolean"}}),
        ],
        [&json!({}), &json!({})],
    );
    let witness = report.findings[0].witness.as_ref().expect("a witness");
    assert_eq!(witness.value, json!(0));
}

#[test]
fn a_default_of_what_is_always_sent_is_never_assumed() {
    let default = |value: &str| json!({"type": "string", "default": value});
    let verdict = |also: &Value| {
        let report = report(Query, "3.0.3", [&default("a"), &default("b")], [also, also]);
        report.verdict.filter(|it| *it != Level::Cosmetic)
    };
    assert_eq!(verdict(&json!({"required": true})), None);
    assert_eq!(verdict(&json!({"required": false})), Some(Level::Risky));
    let body = |required: bool, value: &str| {
        let names = if required { json!(["x"]) } else { json!([]) };
        let schema = json!({"type": "object", "required": names, "properties": {"x": default(value)}});
        json!({"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": {
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"204": {"description": "ok"}}
        }}}})
    };
    for (required, expected) in [(true, None), (false, Some(Level::Risky))] {
        let [old, new] = ["a", "b"].map(|it| Document::read(body(required, it).to_string()).unwrap());
        let verdict = compare(&old, &new, &Options::default()).verdict;
        assert_eq!(verdict.filter(|it| *it != Level::Cosmetic), expected);
    }
}

#[test]
fn in_xml_names_count_and_values_prove_nothing() {
    let document = |version: &str, schema: Value| {
        let content = json!({"application/xml": {"schema": schema}});
        let document = json!({"openapi": version, "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": {
            "requestBody": {"required": true, "content": content},
            "responses": {"200": {"description": "ok", "content": content}}
        }}}});
        Document::read(document.to_string()).unwrap()
    };
    let object = |property: Value| json!({"type": "object", "properties": {"a": property}});
    for version in ["3.0.3", "3.1.0"] {
        for (old, new, expected) in [
            (
                json!({"type": "string"}),
                json!({"type": "string", "xml": {"name": "b"}}),
                Some(Level::Risky),
            ),
            (
                json!({"type": "string"}),
                json!({"type": "string", "xml": {"name": "a"}}),
                None,
            ),
            (
                json!({"type": "string"}),
                json!({"type": "string", "xml": {"attribute": true}}),
                Some(Level::Risky),
            ),
            (
                json!({"type": "string", "xml": {"prefix": "p"}}),
                json!({"type": "string"}),
                None,
            ),
            (
                json!({"type": "string", "xml": {"namespace": "urn:p"}}),
                json!({"type": "string"}),
                Some(Level::Risky),
            ),
            (
                json!({"type": "array", "items": {"type": "string"}}),
                json!({"type": "array", "items": {"type": "string"}, "xml": {"wrapped": true}}),
                Some(Level::Risky),
            ),
            (
                json!({"type": "string"}),
                json!({"type": "object"}),
                Some(Level::Risky),
            ),
        ] {
            let (before, after) = (
                document(version, object(old.clone())),
                document(version, object(new.clone())),
            );
            let report = compare(&before, &after, &Options::default());
            let worst = report.verdict.filter(|it| *it != Level::Cosmetic);
            assert_eq!(worst, expected, "{version} {old} {new}: {:#?}", report.findings);
        }
    }
}
