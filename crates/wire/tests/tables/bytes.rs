//! Bodies: exactly what is written of a value.

use openapi_document::view::Operations;
use openapi_wire::{Part, write_request, write_response};
use serde_json::{Value, json};

use crate::document;

/// The bytes of a body and its `Content-Type`, or why it has no form.
fn written(version: &str, content: &Value, value: &Value) -> (String, String) {
    let operation = json!({"requestBody": {"content": content}});
    let document = document(version, "/x", &operation, &json!({}));
    let operations = Operations::of_paths(&document);
    let content = operations.list[0]
        .request_body(&document)
        .expect("a body")
        .expect("a body")
        .content();
    let body = Some((&content[0], value));
    let response = write_response(&document, 200, body);
    match write_request(&document, &operations.list[0], &[], body) {
        Err(error) => {
            assert_eq!(response.as_ref().err(), Some(&error));
            assert_eq!(error.part, Part::Body);
            ("!".to_owned(), error.why.to_string())
        }
        Ok(request) => {
            let response = response.expect("an answer");
            assert_eq!(
                (&response.body, &response.headers),
                (&request.body, &request.headers)
            );
            let [(name, kind)] = request.headers.as_slice() else {
                panic!("{request:?}")
            };
            assert_eq!(name, "Content-Type");
            let bytes = request.body.expect("a body");
            let text = bytes.iter().copied().map(char::from).collect();
            (kind.clone(), text)
        }
    }
}

fn of(media_type: &str, value: &Value) -> (String, String) {
    written("3.1.0", &json!({media_type: {}}), value)
}

fn pair(kind: &str, text: &str) -> (String, String) {
    (kind.to_owned(), text.to_owned())
}

#[test]
fn a_value_is_written_in_its_media_type() {
    let unknown = "how a value is written in this media type is not known";
    for (media_type, value, kind, text) in [
        (
            "application/json",
            json!({"a": [null]}),
            "application/json",
            r#"{"a":[null]}"#,
        ),
        (
            "application/a+json;v=1",
            json!("x"),
            "application/a+json;v=1",
            r#""x""#,
        ),
        ("text/plain", json!(5), "text/plain", "5"),
        (
            "text/plain;charset=latin1",
            json!("é"),
            "text/plain;charset=latin1",
            "\u{e9}",
        ),
        (
            "text/plain;charset=ISO-8859-1",
            json!("é"),
            "text/plain;charset=ISO-8859-1",
            "\u{e9}",
        ),
        (
            "text/plain;charset=UTF-8",
            json!("é"),
            "text/plain;charset=UTF-8",
            "\u{c3}\u{a9}",
        ),
        (
            "text/plain;charset=utf8",
            json!("a"),
            "text/plain;charset=utf8",
            "a",
        ),
        (
            "text/plain;charset=us-ascii",
            json!("a"),
            "text/plain;charset=us-ascii",
            "a",
        ),
        (
            "text/plain;charset=ascii",
            json!("é"),
            "!",
            "the charset has no such character",
        ),
        (
            "text/plain;charset=us-ascii",
            json!("é"),
            "!",
            "the charset has no such character",
        ),
        (
            "text/plain;charset=latin1",
            json!("€"),
            "!",
            "the charset has no such character",
        ),
        ("text/plain;charset=utf-7", json!("a"), "!", unknown),
        ("text/plain", json!(null), "!", unknown),
        ("text/plain", json!([1]), "!", unknown),
        ("text/event-stream", json!({"a": 1}), "!", unknown),
        ("application/pdf", json!("%PDF"), "application/pdf", "%PDF"),
        ("text/yaml", json!({"a": [1]}), "text/yaml", "{\"a\":[1]}"),
        (
            "application/vnd.pets+yaml",
            json!("a"),
            "application/vnd.pets+yaml",
            "\"a\"",
        ),
        ("application/pdf", json!(5), "!", unknown),
        ("application/*", json!(5), "!", "the document names no such part"),
        (
            "application/x-ndjson",
            json!([1, {"a": 2}]),
            "application/x-ndjson",
            "1\n{\"a\":2}\n",
        ),
        ("application/x-ndjson", json!(7), "application/x-ndjson", "7\n"),
        (
            "application/json-seq",
            json!([1]),
            "application/json-seq",
            "\u{1e}1\n",
        ),
    ] {
        assert_eq!(of(media_type, &value), pair(kind, text), "{media_type} {value}");
    }
    let item = |media_type: &str| written("3.2.0", &json!({media_type: {"itemSchema": {}}}), &json!([1, 2]));
    assert_eq!(item("application/jsonl"), pair("application/jsonl", "[1,2]\n"));
    let event =
        |item: &serde_json::Value| written("3.2.0", &json!({"text/event-stream": {"itemSchema": {}}}), item);
    for (item, text) in [
        (
            json!({"data": "a\nb", "event": "cat", "retry": 5}),
            "data: a\ndata: b\nevent: cat\nretry: 5\n\n",
        ),
        (json!({"data": {"age": 1}}), "data: {\"age\":1}\n\n"),
    ] {
        assert_eq!(event(&item), pair("text/event-stream", text));
    }
    for (item, why) in [
        (
            json!({"event": "cat"}),
            "an event without `data` is told to nobody",
        ),
        (json!({"data": null}), "null has no form in a text"),
        (
            json!({"data": "", "id": "a\nb"}),
            "the text holds a line break that its place has no form for",
        ),
        (
            json!({"data": "a\rb"}),
            "the text holds a line break that its place has no form for",
        ),
        (json!({"data": "", "age": 1}), unknown),
        (json!([1]), unknown),
    ] {
        assert_eq!(event(&item), pair("!", why), "{item}");
    }
}

#[test]
fn a_form_is_written_by_its_encoding() {
    let media_type = "application/x-www-form-urlencoded";
    let content = json!({media_type: {"encoding": {
        "near": {"explode": false}, "deep": {"style": "deepObject"}, "apart": {"style": "form"}, "bars": {"style": "pipeDelimited"}
    }}});
    for (value, text) in [
        (json!({"a": 1, "b": "x y&z"}), "a=1&b=x%20y%26z"),
        (json!({"a": [1, 2]}), "a=1&a=2"),
        (json!({"near": [1, 2]}), "near=1,2"),
        (json!({"bars": [1, 2]}), "bars=1|2"),
        (json!({"deep": {"a": {"b": 1}}}), "deep[a][b]=1"),
        (json!({"apart": {"a": 1, "b": 2}}), "a=1&b=2"),
        (json!({"plain": {"a": 1}}), "plain=%7B%22a%22%3A1%7D"),
        (json!({"none": [], "a": 1}), "a=1"),
        (json!({}), ""),
    ] {
        assert_eq!(
            written("3.1.0", &content, &value),
            pair(media_type, text),
            "{value}"
        );
    }
    for (value, why) in [
        (json!(5), "only an object has a form under this style"),
        (json!({"a": null}), "null has no form in a text"),
        (json!({"deep": 1}), "only an object has a form under this style"),
    ] {
        assert_eq!(written("3.1.0", &content, &value), pair("!", why), "{value}");
    }
}

#[test]
fn parts_are_written_with_their_media_types() {
    let part = |name: &str, kind: &str, text: &str| {
        format!(
            "--part\r\nContent-Disposition: form-data; name=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n{text}\r\n"
        )
    };
    let text = "text/plain;charset=utf-8";
    let json_type = "application/json";
    for (value, parts) in [
        (
            json!({"a": 1, "b": "x"}),
            part("a", text, "1") + &part("b", text, "x"),
        ),
        (
            json!({"a": [1, true]}),
            part("a", text, "1") + &part("a", text, "true"),
        ),
        (json!({"a": [1, null]}), part("a", json_type, "[1,null]")),
        (
            json!({"a": {"b": 1}, "c": null}),
            part("a", json_type, r#"{"b":1}"#) + &part("c", json_type, "null"),
        ),
        (json!({"a": []}), String::new()),
    ] {
        let (kind, bytes) = of("multipart/form-data", &value);
        assert_eq!(kind, "multipart/form-data;boundary=part", "{value}");
        assert_eq!(bytes, parts + "--part--\r\n", "{value}");
    }
    let (kind, bytes) = of("multipart/form-data", &json!({"a": "a part of it"}));
    assert_eq!(kind, "multipart/form-data;boundary=part-part");
    assert!(
        bytes.starts_with("--part-part\r\n") && bytes.ends_with("\r\n--part-part--\r\n"),
        "{bytes}"
    );
    for name in ["a\"b", "a\\b", "a\nb"] {
        let why = "the document names no such part";
        assert_eq!(
            of("multipart/form-data", &json!({name: 1})),
            pair("!", why),
            "{name:?}"
        );
    }
    assert_eq!(of("multipart/form-data", &json!(1)).0, "!");
}
