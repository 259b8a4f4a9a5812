//! Bodies: what is read of their bytes.

use std::collections::BTreeMap;

use openapi_wire::{Contract, Part, Read, Response, Written};
use serde_json::{Value, json};

use crate::{document, post, told};

/// The value that a body in a media type is read as, or the reason why it is not read.
fn read_in(version: &str, content: &Value, sent: &str, body: &[u8]) -> String {
    let operation = json!({"requestBody": {"required": true, "content": content}});
    let document = document(version, "/x", &operation, &json!({}));
    let judgement = Contract::new(&document).request(&post("/x", &[("Content-Type", sent)], Some(body)));
    if let (true, true, Some(read)) = (
        judgement.refusals.is_empty(),
        judgement.doubts.is_empty(),
        judgement.read.get(&Part::Body),
    ) {
        return match read {
            Read::Json(value) => format!("json {value}"),
            Read::Opaque => "bytes".to_owned(),
            Read::Text(_) => format!(
                "text {}",
                by_name(judgement.value(&Part::Body).cloned().unwrap_or_default())
            ),
        };
    }
    told(&judgement)
}

/// A value with its members in the order of their names: whether they keep their own is up to the build.
fn by_name(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<String, Value> = members
                .into_iter()
                .map(|(name, it)| (name, by_name(it)))
                .collect();
            members.into_iter().collect()
        }
        Value::Array(items) => items.into_iter().map(by_name).collect(),
        value => value,
    }
}

fn read(schema: &Value, sent: &str, body: &str) -> String {
    let media_type = sent.split(';').next().unwrap_or_default();
    read_in(
        "3.1.0",
        &json!({media_type: {"schema": schema}}),
        sent,
        body.as_bytes(),
    )
}

#[test]
fn a_media_type_says_how_bytes_are_read() {
    let any = json!({});
    let integer = json!({"type": "integer"});
    let unknown = "open: the body: how a value is written in this media type is not known";
    let xml = "open: the body: XML is not judged by a JSON schema";
    for (schema, sent, body, expected) in [
        (&any, "application/json", "[1]", "json [1]"),
        (&any, "application/a+json;charset=UTF-8", "[1]", "json [1]"),
        (
            &any,
            "application/json;charset=latin1",
            "[1]",
            "open: the body: JSON has no charset but UTF-8",
        ),
        (
            &any,
            "application/json",
            "[1\n,]",
            "the body: it is not JSON at line 2, column 2",
        ),
        (&integer, "text/plain", "5", "text 5"),
        (
            &integer,
            "text/csv",
            "a",
            "the body: its schema refuses it by `type`",
        ),
        (&any, "text/xml", "<a/>", xml),
        (&any, "application/xml", "<a/>", xml),
        (&any, "application/a+xml", "<a/>", xml),
        (&integer, "application/pdf", "%PDF", unknown),
        (&integer, "application/x-ndjson", "1\n", unknown),
        (&any, "application/pdf", "%PDF", "bytes"),
        (
            &json!({"type": "string", "format": "binary"}),
            "application/pdf",
            "%PDF",
            "bytes",
        ),
        (
            &json!({"type": "string", "title": "a", "x-a": 1}),
            "application/pdf",
            "%PDF",
            "bytes",
        ),
        (
            &json!({"description": "a", "example": 1, "examples": [], "contentMediaType": "a"}),
            "a/b",
            "",
            "bytes",
        ),
        (
            &json!({"type": "string", "format": "date"}),
            "application/pdf",
            "%PDF",
            unknown,
        ),
        (
            &json!({"type": "string", "maxLength": 3}),
            "application/pdf",
            "%PDF",
            unknown,
        ),
    ] {
        assert_eq!(read(schema, sent, body), expected, "{sent} {schema} {body}");
    }
    let deep = "[".repeat(200) + &"]".repeat(200);
    assert!(
        read(&any, "application/json", &deep).starts_with("open: the body: it is nested too deep at line 1")
    );
}

#[test]
fn a_stream_is_a_list_of_its_items_from_3_2_on() {
    let content = json!({"application/x-ndjson": {"schema": {"type": "array", "maxItems": 2}}});
    let is = |body: &str| read_in("3.2.0", &content, "application/x-ndjson", body.as_bytes());
    assert_eq!(is("1\n{}\n"), "json [1,{}]");
    assert_eq!(is("1\n2\n3"), "the body: its schema refuses it by `maxItems`");
    assert_eq!(is("1\nx"), "the body: item 2 of the stream is not JSON");
    let items = json!({"application/jsonl": {"itemSchema": {"type": "integer"}}});
    let is = |sent: &str, body: &str| read_in("3.2.0", &items, sent, body.as_bytes());
    assert_eq!(is("application/jsonl", "1\n2"), "json [1,2]");
    assert_eq!(
        is("application/jsonl", "1\n{"),
        "the body: item 2 of the stream is not JSON"
    );
}

/// By section 9.2.6 of WHATWG's HTML, and by what OpenAPI 3.2 says of `text/event-stream`.
#[test]
fn events_are_read_by_their_fields() {
    let item = json!({
        "type": "object",
        "properties": {
            "data": {"oneOf": [{"type": "object", "required": ["age"]}, {"const": "[DONE]"}]},
            "event": {"enum": ["cat", "dog"]},
            "retry": {"type": "integer"}
        }
    });
    let content = json!({"text/event-stream": {"itemSchema": item}});
    let is = |body: &str| read_in("3.2.0", &content, "text/event-stream", body.as_bytes());
    for taken in [
        "",
        ": only a comment\n\n",
        "data: {\"age\": 1}\n\n",
        "\u{feff}event: cat\r\ndata: {\ndata:\"age\":\rdata: 1}\n\ndata: [DONE]\n\n",
        // Told to nobody: no data, or no end.
        "event: cow\n\ndata: [DONE]\n\ndata: 7",
        "data: [DONE]\nretry: soon\nage: 3\n\n",
        "data: [DONE]\nretry: 10\nid\n\n",
    ] {
        assert!(is(taken).starts_with("text"), "{taken:?}: {}", is(taken));
    }
    for refused in [
        "data: {}\n\n",
        "data\n\n",
        "event: cow\ndata: [DONE]\n\n",
        "data: [DONE]\n\ndata: 7\n\n",
    ] {
        assert!(
            is(refused).starts_with("the body/"),
            "{refused:?}: {}",
            is(refused)
        );
    }
}

#[test]
fn a_text_is_read_in_its_charset() {
    let read = |declared: &str, sent: &str, body: &[u8]| {
        read_in(
            "3.1.0",
            &json!({declared: {"schema": {"type": "string"}}}),
            sent,
            body,
        )
    };
    for (declared, sent, body, expected) in [
        ("text/plain", "text/plain", "é".as_bytes(), r#"text "é""#),
        (
            "text/plain",
            "text/plain;charset=UTF8",
            "é".as_bytes(),
            r#"text "é""#,
        ),
        ("text/plain", "text/plain", b"\xe9", "the body: it is no utf-8"),
        (
            "text/plain",
            "text/plain;charset=ISO-8859-1",
            b"\xe9",
            r#"text "é""#,
        ),
        ("text/plain", "text/plain;charset=latin1", b"\xe9", r#"text "é""#),
        ("text/plain", "text/plain;charset=us-ascii", b"e", r#"text "e""#),
        ("text/plain", "text/plain;charset=ascii", b"e", r#"text "e""#),
        (
            "text/plain",
            "text/plain;charset=ascii",
            b"\xe9",
            "the body: it is no ascii",
        ),
        (
            "text/plain",
            "text/plain;charset=US-ASCII",
            b"\xe9",
            "the body: it is no us-ascii",
        ),
        (
            "text/plain",
            "text/plain;charset=utf-7",
            b"e",
            "open: the body: the charset utf-7 is not known here",
        ),
        // A declared charset is used for reading.
        (
            "text/plain;charset=latin1",
            "text/plain;charset=utf-8",
            b"\xe9",
            r#"text "é""#,
        ),
    ] {
        assert_eq!(read(declared, sent, body), expected, "{declared} {sent}");
    }
}

#[test]
fn a_form_is_read_by_its_properties() {
    let media_type = "application/x-www-form-urlencoded";
    let content = json!({media_type: {
        "schema": {"type": "object", "required": ["n"], "additionalProperties": {"type": ["string", "array"]}, "properties": {
            "n": {"type": "integer"},
            "list": {"type": "array", "items": {"type": "integer"}},
            "near": {"type": "array", "items": {"type": "integer"}},
            "deep": {"type": "object", "properties": {"a": {"type": "integer"}}},
            "json": {"type": "object"},
            "spelled": {"type": "array"},
            "either": {"type": ["string", "array"]},
        }},
        "encoding": {
            "near": {"explode": false},
            "deep": {"style": "deepObject", "explode": true},
            "spelled": {"contentType": "application/json"},
        }
    }});
    let is = |body: &str| read_in("3.1.0", &content, media_type, body.as_bytes());
    for (body, expected) in [
        ("n=5", r#"text {"n":5}"#),
        ("n=5&list=1&list=2", r#"text {"list":[1,2],"n":5}"#),
        ("n=5&list=1", r#"text {"list":[1],"n":5}"#),
        ("n=5&near=1,2", r#"text {"n":5,"near":[1,2]}"#),
        ("n=5&deep[a]=1", r#"text {"deep":{"a":1},"n":5}"#),
        ("n=5&json=%7B%22a%22:1%7D", r#"text {"json":{"a":1},"n":5}"#),
        ("n=5&spelled=%5B1%5D", r#"text {"n":5,"spelled":[1]}"#),
        ("n=5&either=a", r#"text {"either":"a","n":5}"#),
        ("n=5&either=a&either=b", r#"text {"either":["a","b"],"n":5}"#),
        ("n=5&x+y=1&z&x%20y=2", r#"text {"n":5,"x y":[1,2],"z":""}"#),
        ("n=5&list[0]=1", r#"text {"list[0]":"1","n":5}"#),
        ("n=5&x[a]=1", r#"text {"n":5,"x[a]":"1"}"#),
        ("list=1", "the body/n: it is required"),
        ("n=5&json=x", "the body/json: its schema refuses it by `type`"),
        ("n=5&x=%ff", "the body: its escapes are no UTF-8"),
        ("n=%ff", "the body: its escapes are no UTF-8"),
        ("n=5&%ff=1", "the body: its escapes are no UTF-8"),
    ] {
        assert_eq!(is(body), expected, "{body}");
    }
    assert_eq!(
        read_in("3.1.0", &content, media_type, b"\xff"),
        "the body: it is no UTF-8"
    );
}

#[test]
fn a_single_field_is_a_list_of_one_where_its_schema_asks_for_a_list() {
    let media_type = "application/x-www-form-urlencoded";
    let list = json!({"type": "array", "items": {"type": "integer"}});
    let content = json!({media_type: {"schema": {
        "properties": {"either": {"anyOf": [list, {"type": "object"}]}},
        "additionalProperties": list,
    }}});
    let is = |body: &str| read_in("3.1.0", &content, media_type, body.as_bytes());
    for (body, expected) in [
        ("either=1", r#"text {"either":[1]}"#),
        ("either=1&either=2", r#"text {"either":[1,2]}"#),
        ("either=%7B%22a%22:1%7D", r#"text {"either":{"a":1}}"#),
        ("other=1", r#"text {"other":[1]}"#),
        ("other=1&other=2", r#"text {"other":[1,2]}"#),
    ] {
        assert_eq!(is(body), expected, "{body}");
    }
}

/// A part with its headers.
fn part(headers: &str, content: &str) -> String {
    format!("--B\r\n{headers}\r\n\r\n{content}\r\n")
}

fn named(name: &str, content: &str) -> String {
    part(
        &format!("Content-Disposition: form-data; name=\"{name}\""),
        content,
    )
}

fn multipart(body: &str) -> String {
    let content = json!({"multipart/form-data": {
        "schema": {"type": "object", "additionalProperties": false, "properties": {
            "n": {"type": "integer"},
            "list": {"type": "array", "items": {"type": "integer"}},
            "object": {"type": "object"},
            "told": {},
            "either": {},
            "file": {"type": "string"},
        }},
        "encoding": {"told": {"contentType": "application/json"}, "either": {"contentType": "application/json, text/plain"}}
    }});
    read_in(
        "3.1.0",
        &content,
        "multipart/form-data;boundary=B",
        body.as_bytes(),
    )
}

#[test]
fn parts_are_read_by_what_they_say_and_by_what_is_declared() {
    let typed = |kind: &str, content: &str| {
        part(
            &format!("content-disposition: form-data; name=\"file\"\r\nContent-Type: {kind}"),
            content,
        )
    };
    let end = "--B--\r\n";
    for (body, expected) in [
        (named("n", "5") + end, r#"text {"n":5}"#),
        (
            named("n", "5").replace("--B\r\n", "--B \t\r\n") + end,
            r#"text {"n":5}"#,
        ),
        (
            "preamble\r\n".to_owned() + &named("n", "5") + end + "epilogue",
            r#"text {"n":5}"#,
        ),
        (named("list", "1") + end, r#"text {"list":[1]}"#),
        (
            named("list", "1") + &named("list", "2") + end,
            r#"text {"list":[1,2]}"#,
        ),
        (named("object", r#"{"a":1}"#) + end, r#"text {"object":{"a":1}}"#),
        (named("told", "[1]") + end, r#"text {"told":[1]}"#),
        (named("told", "[") + end, "the body: its part `told` is not JSON"),
        (named("either", "[1]") + end, r#"text {"either":"[1]"}"#),
        (typed("application/json", "\"a\"") + end, r#"text {"file":"a"}"#),
        (typed("text/plain", "é") + end, r#"text {"file":"é"}"#),
        (typed("image/png", "é") + end, "text {\"file\":\"\u{c3}\u{a9}\"}"),
        (
            typed("text/plain;charset=utf-7", "e") + end,
            "open: the body: the charset utf-7 is not known here",
        ),
        (named("file", "") + end, r#"text {"file":""}"#),
        (named("file", "a\r\n--C") + end, r#"text {"file":"a\r\n--C"}"#),
        (end.to_owned(), "text {}"),
        (
            named("x", "5") + end,
            "the body: its schema refuses it by `additionalProperties`",
        ),
        (part("X: y", "5") + end, "the body: a part has no name"),
        (
            part("Content-Disposition: form-data", "5") + end,
            "the body: a part has no name",
        ),
        (
            "--B\r\n\r\n5\r\n".to_owned() + end,
            "the body: a part has no name",
        ),
        (
            part("Content-Disposition", "5") + end,
            "the body: a part has no head",
        ),
        ("--B\r\nX: y\r\n".to_owned() + end, "the body: a part has no head"),
        (
            named("n", "5"),
            "the body: its parts do not end as its boundary says",
        ),
        (
            "x--B\r\n".to_owned(),
            "the body: its parts do not end as its boundary says",
        ),
    ] {
        assert_eq!(multipart(&body), expected, "{body:?}");
    }
    let many = |count: usize| named("list", "1").repeat(count) + end;
    assert!(multipart(&many(10_000)).starts_with("text "));
    assert_eq!(
        multipart(&many(10_001)),
        "open: the body: it has more than 10000 parts"
    );
    let mixed = json!({"multipart/mixed": {}});
    assert_eq!(
        read_in("3.1.0", &mixed, "multipart/mixed;boundary=B", end.as_bytes()),
        "open: the body: its parts have no names"
    );
    assert_eq!(
        read_in("3.1.0", &mixed, "multipart/mixed", end.as_bytes()),
        "the body: its media type names no boundary"
    );
}

#[test]
fn an_answer_has_a_body_where_one_is_declared() {
    let responses = json!({
        "200": {"content": {"application/json": {"schema": {"type": "integer"}}}},
        "100": {"content": {"application/json": {}}}, "204": {"content": {"application/json": {}}},
        "304": {"content": {"application/json": {}}}, "201": {}, "205": {"content": {"application/json": {}}},
    });
    let judged = |method: &str, status: u16, body: Option<&str>| {
        let text =
            json!({"openapi": "3.1.0", "paths": {"/x": {method: {"responses": responses}}}}).to_string();
        let document = openapi_document::Document::read(text).expect("a document");
        let contract = Contract::new(&document);
        let response = Response {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.map(|it| it.as_bytes().to_vec()),
        };
        told(&contract.response(&contract.operations()[0], &response))
    };
    for (method, status, body, expected) in [
        ("get", 200, Some("1"), ""),
        (
            "get",
            200,
            Some("{}"),
            "the body: its schema refuses it by `type`",
        ),
        ("get", 200, None, "the body: a body is declared"),
        ("get", 205, None, "the body: a body is declared"),
        ("head", 200, None, ""),
        ("head", 200, Some("{}"), ""),
        ("get", 100, None, ""),
        ("get", 204, None, ""),
        ("get", 304, Some("{"), ""),
        ("get", 201, Some("{"), ""),
        ("get", 202, None, "the status: 202 is not declared"),
    ] {
        assert_eq!(
            judged(method, status, body),
            expected,
            "{method} {status} {body:?}"
        );
    }
}

#[test]
fn what_a_text_is_taken_apart_into_is_told() {
    let operation = json!({"requestBody": {"content": {"application/x-www-form-urlencoded": {}}}});
    let document = document("3.1.0", "/x", &operation, &json!({}));
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let judgement = Contract::new(&document).request(&post("/x", &headers, Some(b"a=1&b=2&a=3")));
    let text = |it: &str| Written::Text(it.to_owned());
    let expected = Written::Members(vec![
        ("a".to_owned(), Written::List(vec![text("1"), text("3")])),
        ("b".to_owned(), text("2")),
    ]);
    assert_eq!(judgement.read.get(&Part::Body), Some(&Read::Text(expected)));
}
