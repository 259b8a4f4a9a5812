//! Messages judged as they travel.

use openapi_document::Document;
use openapi_document::view::Operations;
use openapi_wire::{
    Contract, Judgement, Part, Read, Request, Response, Verdict, Written, write_request, write_response,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A document with one operation at `path`.
fn document(version: &str, method: &str, path: &str, operation: &str, rest: &str) -> Document {
    let text =
        format!(r#"{{"openapi": "{version}", "paths": {{"{path}": {{"{method}": {operation}}}}}{rest}}}"#);
    Document::read(text.clone()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn told(judgement: &Judgement) -> String {
    let refusals = judgement.refusals.iter().map(|it| {
        let at = if it.pointer.is_empty() {
            String::new()
        } else {
            format!(" at {}", it.pointer)
        };
        format!("{}{at}: {}", it.part, it.why)
    });
    let doubts = judgement
        .doubts
        .iter()
        .map(|it| format!("open: {}: {}", it.part, it.why));
    refusals.chain(doubts).collect::<Vec<_>>().join("; ")
}

fn get(target: &str, headers: &[(&str, &str)]) -> Request {
    Request {
        method: "GET".to_owned(),
        target: Some(target.to_owned()),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..Request::default()
    }
}

/// Judges `GET` of a target under one parameter.
fn parameter(version: &str, parameter: &str, target: &str, headers: &[(&str, &str)]) -> String {
    let operation = format!(r#"{{"parameters": [{parameter}]}}"#);
    let path = if parameter.contains(r#""in": "path""#) {
        "/x/{p}"
    } else {
        "/x"
    };
    let document = document(version, "get", path, &operation, "");
    told(&Contract::new(&document).request(&get(target, headers)))
}

fn query(schema: &str, target: &str) -> String {
    let text = format!(r#"{{"name": "p", "in": "query", "schema": {schema}}}"#);
    parameter("3.1.0", &text, target, &[])
}

#[test]
fn a_whole_query_is_a_body_of_its_media_type() {
    let whole = |media: &str, target: &str| {
        let text = format!(
            r#"{{"name": "p", "in": "querystring", "required": true, "content": {{"{media}": {{"schema":
                {{"type": "object", "required": ["n"], "properties": {{"n": {{"type": "integer"}}}}}}}}}}}}"#
        );
        parameter("3.2.0", &text, target, &[])
    };
    let form = "application/x-www-form-urlencoded";
    for (media, target, expected) in [
        (form, "/x?n=5&m=a", ""),
        (
            form,
            "/x?n=a",
            "query parameter `p` at /n: its schema refuses it by `type`",
        ),
        (form, "/x?m=a", "query parameter `p` at /n: it is required"),
        (form, "/x", "query parameter `p`: it is required"),
        ("application/json", "/x?%7B%22n%22%3A5%7D", ""),
        (
            "application/json",
            "/x?%7B%22n%22%3A%22a%22%7D",
            "query parameter `p` at /n: its schema refuses it by `type`",
        ),
        (
            "application/json",
            "/x?n=5",
            "query parameter `p`: it is not JSON at line 1, column 2",
        ),
        (
            "application/json",
            "/x?%ff",
            "query parameter `p`: its escapes are no UTF-8",
        ),
    ] {
        assert_eq!(whole(media, target), expected, "{media} {target}");
    }
}

#[test]
fn a_whole_query_is_written_as_it_is_read() {
    for media in ["application/x-www-form-urlencoded", "application/json"] {
        let operation = format!(
            r#"{{"parameters": [{{"name": "p", "in": "querystring", "content": {{"{media}": {{"schema":
                {{"type": "object", "properties": {{"n": {{"type": "string"}}}}}}}}}}}}]}}"#
        );
        let document = document("3.2.0", "get", "/x", &operation, "");
        let operations = Operations::of_paths(&document);
        let part = Part::Query("p".to_owned());
        let value = json!({"n": "a b&c=d"});
        let request =
            write_request(&document, &operations.list[0], &[(part.clone(), value)], None).expect("a request");
        let judgement = Contract::new(&document).request(&request);
        assert_eq!(told(&judgement), "", "{request:?}");
        let read = format!("{:?}", judgement.read.get(&part));
        assert!(read.contains("a b&c=d"), "{read}");
    }
}

#[test]
fn a_text_is_what_it_is_written_as() {
    for (schema, target, expected) in [
        (r#"{"type": "integer"}"#, "/x?p=5", ""),
        (
            r#"{"type": "integer"}"#,
            "/x?p=5.0",
            "query parameter `p`: its schema refuses it by `type`",
        ),
        (
            r#"{"type": "integer"}"#,
            "/x?p=a",
            "query parameter `p`: its schema refuses it by `type`",
        ),
        (r#"{"type": "string"}"#, "/x?p=5", ""),
        (r#"{"enum": [1, "2"]}"#, "/x?p=1", ""),
        (r#"{"enum": [1, "2"]}"#, "/x?p=2", ""),
        (
            r#"{"enum": [1, "2"]}"#,
            "/x?p=3",
            "query parameter `p`: its schema refuses it by `enum`",
        ),
        (
            r#"{"anyOf": [{"type": "integer", "minimum": 9}, {"type": "string", "minLength": 2}]}"#,
            "/x?p=5",
            "query parameter `p`: its schema refuses it by `anyOf`",
        ),
        (
            r#"{"anyOf": [{"type": "integer", "minimum": 9}, {"type": "string", "minLength": 2}]}"#,
            "/x?p=10",
            "",
        ),
        (
            r#"{"anyOf": [{"type": "integer", "minimum": 9}, {"type": "string", "maxLength": 2}]}"#,
            "/x?p=5",
            "",
        ),
        (r#"{"type": ["boolean", "null"]}"#, "/x?p=true", ""),
        (
            r#"{"type": ["boolean", "null"]}"#,
            "/x?p=null",
            "query parameter `p`: its schema refuses it by `type`",
        ),
        (r#"{"type": "string"}"#, "/x?p=a%20b+c%2B", ""),
        (r#"{"type": "string", "enum": ["a b c+"]}"#, "/x?p=a%20b+c%2B", ""),
        (
            r#"{"type": "string"}"#,
            "/x?p=%ff",
            "query parameter `p`: its text is not written in its style",
        ),
    ] {
        assert_eq!(query(schema, target), expected, "{schema} {target}");
    }
}

#[test]
fn lists_and_objects_are_read_in_their_style() {
    let ints = r#"{"type": "array", "items": {"type": "integer"}, "maxItems": 2}"#;
    let object = r#"{"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"]}"#;
    let is_fine = |place: &str, style: &str, explode: bool, schema: &str, target: &str| {
        let text = format!(
            r#"{{"name": "p", "in": "{place}", "required": true, "style": "{style}", "explode": {explode}, "schema": {schema}}}"#
        );
        parameter("3.0.0", &text, target, &[]).is_empty()
    };
    for (place, style, explode, schema, fine, broken) in [
        ("query", "form", true, ints, "/x?p=1&p=2", "/x?p=1&p=a"),
        ("query", "form", true, ints, "/x?p=1", "/x?p=1,2"),
        ("query", "form", false, ints, "/x?p=1,2", "/x?p=1,2,3"),
        ("query", "spaceDelimited", false, ints, "/x?p=1%202", "/x?p=1,2"),
        ("query", "pipeDelimited", false, ints, "/x?p=1|2", "/x?p=1,2"),
        ("query", "pipeDelimited", false, ints, "/x?p=1%7C2", "/x?p=1%7Ca"),
        ("query", "form", true, object, "/x?a=1&b=x", "/x?b=x"),
        ("query", "form", false, object, "/x?p=a,1,b,x", "/x?p=b,x"),
        (
            "query",
            "deepObject",
            true,
            object,
            "/x?p[a]=1&p%5Bb%5D=x",
            "/x?p[b]=x",
        ),
        ("path", "simple", false, ints, "/x/1,2", "/x/1,2,3"),
        ("path", "simple", false, object, "/x/a,1", "/x/a,b"),
        ("path", "simple", true, object, "/x/a=1,b=x", "/x/a,1"),
        ("path", "label", true, ints, "/x/.1.2", "/x/1.2"),
        ("path", "label", false, ints, "/x/.1,2", "/x/.1.2"),
        ("path", "matrix", true, ints, "/x/;p=1;p=2", "/x/;q=1;q=2"),
        ("path", "matrix", false, ints, "/x/;p=1,2", "/x/1,2"),
        ("path", "matrix", true, object, "/x/;a=1;b=x", "/x/;b=x"),
    ] {
        assert!(
            is_fine(place, style, explode, schema, fine),
            "{style} {explode} {fine}"
        );
        assert!(
            !is_fine(place, style, explode, schema, broken),
            "{style} {explode} {broken}"
        );
    }
}

#[test]
fn a_map_in_a_query_has_the_names_that_nothing_else_has_a_use_for() {
    let read = |parameters: &str, target: &str| {
        let operation = format!(r#"{{"parameters": [{parameters}]}}"#);
        let rest =
            r#", "components": {"securitySchemes": {"k": {"type": "apiKey", "in": "query", "name": "key"}}}"#;
        let document = document("3.1.0", "get", "/x", &operation, rest);
        let judgement = Contract::new(&document).request(&get(target, &[]));
        let read = judgement
            .read
            .get(&Part::Query("p".to_owned()))
            .map(|it| format!("{it:?}"));
        (told(&judgement), read.is_some())
    };
    let page = r#"{"name": "page", "in": "query", "schema": {"type": "integer"}}"#;
    let map =
        |name: &str, schema: &str| format!(r#"{{"name": "{name}", "in": "query", "schema": {schema}}}"#);
    let numbers = map(
        "p",
        r#"{"type": "object", "additionalProperties": {"type": "integer"}}"#,
    );
    let both = format!("{page}, {numbers}");
    assert_eq!(read(&both, "/x?a=1&page=2"), (String::new(), true));
    assert!(read(&both, "/x?a=b").0.starts_with("query parameter `p` at /a: "));
    assert_eq!(read(&both, "/x?page=2&key=k"), (String::new(), false));
    assert_eq!(
        read(&map("p", r#"{"type": "object"}"#), "/x?a=b"),
        (String::new(), true)
    );
    let closed = map("p", r#"{"type": "object", "properties": {"b": {}}}"#);
    assert_eq!(read(&closed, "/x?a=b"), (String::new(), false));
    // Of two maps none says which names are its own.
    let two = format!("{numbers}, {}", map("q", r#"{"type": "object"}"#));
    assert_eq!(read(&two, "/x?a=b"), (String::new(), false));
}

#[test]
fn headers_and_cookies_are_parameters() {
    let header = r#"{"name": "X-P", "in": "header", "required": true, "schema": {"type": "array", "items": {"type": "integer"}}}"#;
    assert_eq!(
        parameter("3.0.0", header, "/x", &[("x-p", "1, 2"), ("X-P", "3")]),
        ""
    );
    assert_eq!(
        parameter("3.0.0", header, "/x", &[("x-p", "1, a")]),
        "header `x-p` at /1: its schema refuses it by `type`"
    );
    assert_eq!(
        parameter("3.0.0", header, "/x", &[]),
        "header `x-p`: it is required"
    );
    let cookie = r#"{"name": "p", "in": "cookie", "required": true, "schema": {"type": "integer"}}"#;
    assert_eq!(parameter("3.0.0", cookie, "/x", &[("Cookie", "a=b; p=5")]), "");
    assert_eq!(
        parameter("3.0.0", cookie, "/x", &[("Cookie", "a=b")]),
        "cookie `p`: it is required"
    );
    // Three names of headers are said elsewhere in a document.
    let ignored = r#"{"name": "Accept", "in": "header", "required": true, "schema": {"enum": ["never"]}}"#;
    assert_eq!(parameter("3.0.0", ignored, "/x", &[]), "");
}

#[test]
fn a_parameter_with_content_holds_that_media_type() {
    let text = r#"{"name": "p", "in": "query", "content": {"application/json": {"schema": {"type": "object", "required": ["a"]}}}}"#;
    assert_eq!(parameter("3.0.0", text, "/x?p=%7B%22a%22:null%7D", &[]), "");
    assert_eq!(
        parameter("3.0.0", text, "/x?p=%7B%7D", &[]),
        "query parameter `p` at /a: it is required"
    );
    assert_eq!(
        parameter("3.0.0", text, "/x?p=a", &[]),
        "query parameter `p`: it is not JSON"
    );
}

fn post(content: &str, required: bool, content_type: Option<&str>, body: Option<&[u8]>) -> String {
    let operation = format!(r#"{{"requestBody": {{"required": {required}, "content": {content}}}}}"#);
    let document = document("3.1.0", "post", "/x", &operation, "");
    let request = Request {
        method: "POST".to_owned(),
        target: Some("/x".to_owned()),
        headers: content_type
            .iter()
            .map(|it| ("Content-Type".to_owned(), (*it).to_owned()))
            .collect(),
        body: body.map(<[u8]>::to_vec),
        granted: None,
    };
    told(&Contract::new(&document).request(&request))
}

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
fn a_part_without_a_header_that_it_has_to_have_is_refused() {
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
fn what_does_not_travel_does_not_count() {
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

#[test]
fn a_way_in_is_open_by_what_is_there() {
    let schemes = r#", "components": {"securitySchemes": {
        "key": {"type": "apiKey", "in": "query", "name": "k"}, "basic": {"type": "http", "scheme": "basic"},
        "oauth": {"type": "oauth2", "flows": {}}, "tls": {"type": "mutualTLS"}}}"#;
    let is = |security: &str, target: &str, headers: &[(&str, &str)]| {
        let operation = format!(r#"{{"security": {security}}}"#);
        let document = document("3.1.0", "get", "/x", &operation, schemes);
        told(&Contract::new(&document).request(&get(target, headers)))
    };
    let basic = [("Authorization", "Basic abc")];
    assert_eq!(is(r#"[{"key": []}]"#, "/x?k=1", &[]), "");
    assert_eq!(
        is(r#"[{"key": []}]"#, "/x", &[]),
        "the credentials: `key` wants the key `k`"
    );
    assert_eq!(is(r#"[{"key": [], "basic": []}]"#, "/x?k=1", &basic), "");
    assert!(is(r#"[{"key": [], "basic": []}]"#, "/x?k=1", &[]).contains("Authorization: basic"));
    assert_eq!(is(r#"[{"key": []}, {"basic": []}]"#, "/x", &basic), "");
    assert_eq!(is(r#"[{"key": []}, {}]"#, "/x", &[]), "");
    assert_eq!(is("[]", "/x", &[]), "");
    assert!(is(r#"[{"tls": []}]"#, "/x", &[]).starts_with("open: the credentials"));
    assert!(is(r#"[{"unknown": []}]"#, "/x", &[]).starts_with("open: the credentials"));
    assert!(is(r#"[{"oauth": ["write"]}]"#, "/x", &basic).contains("bearer token"));
    assert_eq!(
        is(
            r#"[{"oauth": ["write"]}]"#,
            "/x",
            &[("Authorization", "Bearer t")]
        ),
        ""
    );

    let operation = r#"{"security": [{"oauth": ["read", "write"]}]}"#;
    let document = document("3.1.0", "get", "/x", operation, schemes);
    let mut request = get("/x", &[("Authorization", "Bearer t")]);
    request.granted = Some(openapi_wire::Granted {
        schemes: vec![("oauth".to_owned(), vec!["read".to_owned()])],
    });
    assert_eq!(
        told(&Contract::new(&document).request(&request)),
        "the credentials: `oauth` wants the scope `write`"
    );
}

#[test]
fn what_cannot_be_judged_is_said() {
    for (schema, why) in [
        (r##"{"$ref": "#/nowhere"}"##, "cannot be followed"),
        (
            r#"{"$schema": "http://json-schema.org/draft-04/schema#", "exclusiveMinimum": true}"#,
            "dialect",
        ),
        (r#"{"pattern": "("}"#, "cannot read its schema"),
    ] {
        let content = format!(r#"{{"application/json": {{"schema": {schema}}}}}"#);
        let told = post(&content, true, Some("application/json"), Some(b"\"a\""));
        assert!(told.starts_with("open: the body") && told.contains(why), "{told}");
    }
}

#[test]
fn no_secret_is_told() {
    let request = Request {
        method: "POST".to_owned(),
        target: Some("/x?token=hunter2".to_owned()),
        headers: vec![("Authorization".to_owned(), "Bearer hunter2".to_owned())],
        body: Some(b"hunter2".to_vec()),
        granted: None,
    };
    assert!(!format!("{request:?}").contains("hunter2"));
    let content =
        r#"{"application/json": {"schema": {"type": "object", "properties": {"p": {"const": 1}}}}}"#;
    let told = post(
        content,
        true,
        Some("application/json"),
        Some(br#"{"p": "hunter2"}"#),
    );
    assert!(!told.is_empty() && !told.contains("hunter2"), "{told}");
}

/// A value for a parameter or a body, whose texts are odd.
fn value() -> impl Strategy<Value = Value> {
    let text = || "[a-c,.;=&|+%/?#\\[\\]\"é 0-9-]{1,5}";
    prop_oneof![
        text().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        proptest::collection::vec(text(), 1..4).prop_map(Value::from),
        proptest::collection::btree_map("[a-c]{1,2}", text(), 1..4)
            .prop_map(|it| it.into_iter().map(|(k, v)| (k, Value::from(v))).collect()),
    ]
}

fn schema_of(value: &Value) -> Value {
    match value {
        Value::Array(_) => json!({"type": "array", "items": {"type": "string"}}),
        Value::Object(members) => {
            let properties: serde_json::Map<_, _> = members
                .keys()
                .map(|name| (name.clone(), json!({"type": "string"})))
                .collect();
            json!({"type": "object", "properties": properties})
        }
        Value::String(_) => json!({"type": "string"}),
        Value::Bool(_) => json!({"type": "boolean"}),
        _ => json!({"type": "integer"}),
    }
}

fn as_written(value: &Value) -> Written {
    match value {
        Value::Array(items) => Written::List(items.iter().map(as_written).collect()),
        Value::Object(members) => Written::Members(
            members
                .iter()
                .map(|(name, value)| (name.clone(), as_written(value)))
                .collect(),
        ),
        Value::String(text) => Written::Text(text.clone()),
        other => Written::Text(other.to_string()),
    }
}

fn sorted(written: Written) -> Written {
    match written {
        Written::Members(mut members) => {
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Written::Members(members)
        }
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_accepted_and_read_as_the_same_value(
        value in value(),
        place in prop_oneof![Just("path"), Just("query"), Just("header"), Just("cookie")],
        style in prop_oneof![Just(""), Just("label"), Just("matrix"), Just("spaceDelimited"), Just("pipeDelimited"), Just("deepObject")],
        explode in any::<bool>(),
    ) {
        let fits = match style {
            "label" | "matrix" => place == "path",
            "" => true,
            _ => place == "query",
        };
        prop_assume!(fits);
        let mut parameter = json!({"name": "p", "in": place, "required": true, "explode": explode, "schema": schema_of(&value)});
        if !style.is_empty() {
            parameter["style"] = json!(style);
        }
        let path = if place == "path" { "/x/{p}" } else { "/x" };
        let operation = json!({"parameters": [parameter]}).to_string();
        let document = document("3.1.0", "get", path, &operation, "");
        let operations = Operations::of_paths(&document);
        let part = match place {
            "path" => Part::Path("p".into()),
            "query" => Part::Query("p".into()),
            "header" => Part::Header("p".into()),
            _ => Part::Cookie("p".into()),
        };
        if let Ok(request) = write_request(&document, &operations.list[0], &[(part.clone(), value.clone())], None) {
            let judgement = Contract::new(&document).request(&request);
            prop_assert_eq!(judgement.verdict(), Verdict::Accepted, "{:?}: {}", request.target, told(&judgement));
            let read = judgement.read.get(&part).cloned();
            let Some(Read::Text(read)) = read else { panic!("{read:?}") };
            prop_assert_eq!(sorted(read), as_written(&value), "{:?}", request.target);
        }
    }

    #[test]
    fn bodies_are_read_as_they_were_written(
        members in proptest::collection::btree_map("[a-c]{1,2}", value(), 1..4),
        media in prop_oneof![
            Just("application/json"), Just("application/x-www-form-urlencoded"), Just("multipart/form-data")
        ],
    ) {
        let value: Value = members.into_iter().collect();
        let properties: serde_json::Map<_, _> =
            value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), schema_of(value))).collect();
        let schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
        let content = json!({media: {"schema": schema}});
        let operation = json!({
            "requestBody": {"required": true, "content": content}, "responses": {"200": {"content": content}}
        });
        let document = document("3.1.0", "post", "/x", &operation.to_string(), "");
        let contract = Contract::new(&document);
        let operation = &contract.operations()[0];
        let media_types = operation.request_body(&document).unwrap().unwrap().content();
        let request = write_request(&document, operation, &[], Some((&media_types[0], &value))).unwrap();
        let judgement = contract.request(&request);
        prop_assert_eq!(judgement.verdict(), Verdict::Accepted, "{}", told(&judgement));
        let response = write_response(&document, 200, Some((&media_types[0], &value))).unwrap();
        let judgement = contract.response(operation, &response);
        prop_assert_eq!(judgement.verdict(), Verdict::Accepted, "{}", told(&judgement));
    }

    #[test]
    fn no_message_panics(
        target in "/?[x/{}p?&=;.,%\\[\\]+é0-9]{0,30}",
        content_type in "[a-z/;=\"*+]{0,30}",
        body in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let operation = r#"{"parameters": [{"name": "p", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
            {"name": "q", "in": "query", "schema": {"type": ["array", "object", "string"]}}],
            "requestBody": {"content": {"*/*": {"schema": {"type": ["object", "string"]}}}}}"#;
        let document = document("3.1.0", "post", "/x", operation, "");
        let request = Request {
            method: "POST".to_owned(),
            target: Some(target),
            headers: vec![("Content-Type".to_owned(), content_type)],
            body: Some(body),
            granted: None,
        };
        let _ = Contract::new(&document).request(&request);
    }
}

#[test]
fn a_text_has_the_value_that_its_schema_takes() {
    let operation = r#"{"parameters": [{"name": "n", "in": "query", "schema": {"type": "integer"}}],
        "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {
            "properties": {"amount": {"type": "integer"}, "name": {"type": "string"}}}}}}}"#;
    let document = document("3.0.0", "post", "/x", operation, "");
    let judged = |target: &str, body: &str| {
        Contract::new(&document).request(&Request {
            method: "POST".to_owned(),
            target: Some(target.to_owned()),
            headers: vec![(
                "Content-Type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: Some(body.as_bytes().to_vec()),
            ..Request::default()
        })
    };
    let fine = judged("/x?n=5", "amount=7&name=8");
    assert_eq!(fine.value(&Part::Query("n".to_owned())), Some(&json!(5)));
    assert_eq!(fine.value(&Part::Body), Some(&json!({"amount": 7, "name": "8"})));
    let refused = judged("/x?n=five", "amount=many");
    assert_eq!(refused.value(&Part::Query("n".to_owned())), None);
    assert_eq!(refused.value(&Part::Body), None);
    let keywords: Vec<_> = refused.refusals.iter().map(|it| it.keyword.as_deref()).collect();
    assert_eq!(keywords, [Some("type"), Some("type")]);
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
fn what_may_stand_behind_a_reference_is_not_refused() {
    let document = Document::read(
        r#"{"openapi": "3.1.0", "servers": [{"url": "https://a.example/v1"}], "paths": {
            "/a/{id}": {"get": {"$ref": "lost.json"}, "put": {"responses": {}}}, "/b": {"$ref": "lost.json"}
        }}"#,
    )
    .unwrap();
    let contract = Contract::new(&document);
    let verdict = |method: &str, target: &str| {
        let (method, target) = (method.to_owned(), Some(target.to_owned()));
        let request = Request {
            method,
            target,
            ..Request::default()
        };
        contract.request(&request).verdict()
    };
    assert_eq!(verdict("GET", "/v1/a/7"), Verdict::CannotTell);
    assert_eq!(verdict("POST", "/v1/b"), Verdict::CannotTell);
    assert_eq!(verdict("POST", "/v1/a/7"), Verdict::Refused);
    assert_eq!(verdict("GET", "/v1/c"), Verdict::Refused);
}
