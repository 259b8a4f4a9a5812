//! Parameters in the path, the query, headers and cookies.

use crate::{document, get, told};
use openapi_document::view::Operations;
use openapi_wire::{Contract, Part, Request, write_request};
use serde_json::json;

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
fn a_text_is_read_by_the_types_of_its_schema() {
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
fn a_map_in_a_query_has_the_names_that_no_other_parameter_declares() {
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
    // With two maps, it is unknown which names belong to which.
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

#[test]
fn a_text_has_the_value_that_its_schema_accepts() {
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
