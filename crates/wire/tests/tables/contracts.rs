//! Contracts: which operation a message is judged by, and by which of its parts.

use openapi_document::Document;
use openapi_document::view::Operations;
use openapi_wire::{Cause, Contract, Part, Request, Response, Route, Verdict, write_request};
use serde_json::{Map, Value, json};

use crate::{document, post, told};

fn read(text: &Value) -> Document {
    Document::read(text.to_string()).expect("a document")
}

fn of(method: &str, target: Option<&str>) -> Request {
    Request {
        method: method.to_owned(),
        target: target.map(str::to_owned),
        ..Request::default()
    }
}

fn shop() -> Document {
    let id = json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}]);
    read(
        &json!({"openapi": "3.1.0", "servers": [{"url": "https://a.example/v1"}, {"url": "/v2"}], "paths": {
            "/pets/{id}": {"get": {"parameters": id}, "put": {}},
            "/pets/mine": {"get": {}},
        }}),
    )
}

#[test]
fn a_request_is_judged_by_the_operation_that_it_reaches() {
    let document = shop();
    let contract = Contract::new(&document);
    assert_eq!(contract.operations().len(), 3);
    assert_eq!(contract.document().root().text("openapi"), Some("3.1.0"));
    let judged = |method: &str, target: Option<&str>| {
        let judgement = contract.request(&of(method, target));
        let causes: Vec<_> = judgement.refusals.iter().map(|it| it.cause).collect();
        (told(&judgement), causes)
    };
    let none = "the target: there is no such path";
    for (method, target, expected, cause) in [
        ("GET", Some("/v1/pets/7"), "", None),
        ("get", Some("/v2/pets/7?x=1"), "", None),
        (
            "GET",
            Some("/v1/pets/tom"),
            "path parameter `id`: its schema refuses it by `type`",
            Some(Cause::Schema),
        ),
        ("GET", Some("/v1/pets/mine"), "", None),
        (
            "PUT",
            Some("/v1/pets/mine"),
            "the target: there is no PUT at this path",
            Some(Cause::NoSuchMethod),
        ),
        (
            "DELETE",
            Some("/v1/pets/7"),
            "the target: there is no DELETE at this path",
            Some(Cause::NoSuchMethod),
        ),
        ("GET", Some("/pets/7"), none, Some(Cause::NoSuchPath)),
        ("GET", None, none, Some(Cause::NoSuchPath)),
    ] {
        let (found, causes) = judged(method, target);
        assert_eq!(
            (found.as_str(), causes.first().copied()),
            (expected, cause),
            "{method} {target:?}"
        );
    }
    let path = |method: &str, target: Option<&str>| {
        contract
            .operation_of(&of(method, target))
            .map(|it| it.path.to_string())
    };
    assert_eq!(
        path("GET", Some("/v1/pets/mine?x=1")).as_deref(),
        Some("/pets/mine")
    );
    assert_eq!(path("PUT", Some("/v1/pets/mine")), None);
    assert_eq!(path("GET", Some("/v3")), None);
    assert_eq!(path("GET", None), None);
    let named = |method, template| contract.operation(method, template).map(|it| it.path.to_string());
    assert_eq!(named("PUT", "/pets/{other}").as_deref(), Some("/pets/{id}"));
    assert_eq!(named("POST", "/pets/{id}"), None);
    match contract.route("POST", "/v1/pets/7") {
        Route::NoSuchMethod(others) => assert_eq!(others.len(), 2),
        other => panic!("{other:?}"),
    }
    match contract.route("GET", "/v1/pets/a%20b") {
        Route::Operation(_, texts) => assert_eq!(texts, [("id".to_owned(), "a%20b".to_owned())]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_named_operation_judges_what_another_would_answer() {
    let document = shop();
    let contract = Contract::new(&document);
    let pet = contract.operation("GET", "/pets/{id}").expect("an operation");
    let judged = |target: &str| told(&contract.request_to(pet, &of("GET", Some(target))));
    assert_eq!(judged("/v2/pets/7"), "");
    assert_eq!(
        judged("/v1/pets/mine"),
        "path parameter `id`: its schema refuses it by `type`"
    );
    assert_eq!(judged("/pets/7"), "the target: it is not written as its path");
}

#[test]
fn webhooks_and_callbacks_are_sent_by_the_service() {
    let schema = json!({"required": ["sent", "kept"], "properties": {"sent": {"readOnly": true}, "kept": {"writeOnly": true}}});
    let content = json!({"application/json": {"schema": schema}});
    let parameters = json!([
        {"name": "id", "in": "path", "required": true},
        {"name": "q", "in": "query", "required": true, "schema": {"type": "integer"}},
    ]);
    let operation = json!({
        "parameters": parameters, "requestBody": {"required": true, "content": content},
        "responses": {"200": {"content": content}}
    });
    let document = document("3.1.0", "/x/{id}", &operation, &json!({}));
    let contract = Contract::new(&document);
    let operation = &contract.operations()[0];
    let json_type = ("Content-Type".to_owned(), "application/json".to_owned());
    let request = |method: &str, target: Option<&str>, body: &str| {
        let request = Request {
            headers: vec![json_type.clone()],
            body: Some(body.as_bytes().to_vec()),
            ..of(method, target)
        };
        told(&contract.named_request(operation, &request))
    };
    assert_eq!(request("post", Some("?q=1"), r#"{"sent": 1}"#), "");
    assert_eq!(
        request("POST", Some("?q=1"), r#"{"kept": 1}"#),
        "the body/sent: it is required"
    );
    assert_eq!(
        request("GET", Some("?q=1"), r#"{"sent": 1}"#),
        "the target: it is sent by POST"
    );
    assert_eq!(
        request("POST", Some("?q=a"), r#"{"sent": 1}"#),
        "query parameter `q`: its schema refuses it by `type`"
    );
    assert_eq!(
        request("POST", None, r#"{"sent": 1}"#),
        "query parameter `q`: it is required"
    );
    let response = Response {
        status: 200,
        headers: vec![json_type.clone()],
        body: Some(br#"{"kept": 1}"#.to_vec()),
    };
    assert_eq!(told(&contract.named_response(operation, &response)), "");
    assert_eq!(
        told(&contract.response(operation, &response)),
        "the body/sent: it is required"
    );
}

#[test]
fn parameters_are_judged_in_their_places() {
    let operation = json!({"parameters": [
        {"name": "Accept", "in": "header", "required": true, "schema": {"enum": ["x"]}},
        {"name": "CONTENT-TYPE", "in": "header", "required": true, "schema": {"enum": ["x"]}},
        {"name": "authorization", "in": "header", "schema": {"enum": ["x"]}},
        {"name": "accept", "in": "query", "schema": {"enum": ["x"]}},
        {"name": "lost", "in": "path", "required": true, "schema": {"enum": ["x"]}},
        {"name": "json", "in": "query", "content": {"application/json": {"schema": {"type": "integer"}}}},
        {"name": "text", "in": "query", "content": {"text/plain": {"schema": {"type": "integer"}}}},
        {"name": "H", "in": "header", "content": {"application/json": {"schema": {"type": "object"}}}},
        {"name": "c", "in": "cookie", "content": {"application/json": {"schema": {"type": "object"}}}},
        {"$ref": "#/nowhere"},
    ]});
    let document = document("3.1.0", "/x", &operation, &json!({}));
    let contract = Contract::new(&document);
    let judged = |target: &str, headers: &[(&str, &str)]| {
        let mut judgement = contract.request(&post(target, headers, None));
        assert_eq!(judgement.doubts.remove(0).part, Part::Target);
        told(&judgement)
    };
    for (target, headers, expected) in [
        ("/x", &[][..], ""),
        (
            "/x?accept=y",
            &[],
            "query parameter `accept`: its schema refuses it by `enum`",
        ),
        ("/x?json=5", &[], ""),
        (
            "/x?json=%225%22",
            &[],
            "query parameter `json`: its schema refuses it by `type`",
        ),
        ("/x?json=five", &[], "query parameter `json`: it is not JSON"),
        (
            "/x?json=5&json=6",
            &[],
            "query parameter `json`: it is one text, and several are there",
        ),
        ("/x?text=5", &[], ""),
        (
            "/x?text=five",
            &[],
            "query parameter `text`: its schema refuses it by `type`",
        ),
        ("/x", &[("h", r#"{"a": [1, 2]}"#)], ""),
        (
            "/x",
            &[("h", "[1, 2]")],
            "header `h`: its schema refuses it by `type`",
        ),
        ("/x", &[("Cookie", "c=%7B%7D")], ""),
        (
            "/x",
            &[("Cookie", "c=5")],
            "cookie `c`: its schema refuses it by `type`",
        ),
        (
            "/x",
            &[("accept", "y"), ("content-type", "y"), ("Authorization", "y")],
            "",
        ),
    ] {
        assert_eq!(judged(target, headers), expected, "{target} {headers:?}");
    }
    let value = |target: &str, name: &str| {
        let judgement = contract.request(&post(target, &[], None));
        judgement.value(&Part::Query(name.to_owned())).cloned()
    };
    assert_eq!(value("/x?json=5", "json"), Some(json!(5)));
    assert_eq!(value("/x?text=5", "text"), Some(json!(5)));
    assert_eq!(value("/x?text=five", "text"), None);
}

#[test]
fn a_required_parameter_authorization_asks_for_the_header_with_any_content() {
    let parameter =
        json!({"name": "authorization", "in": "header", "required": true, "schema": {"enum": ["x"]}});
    let operation = json!({"parameters": [parameter]});
    let document = document("3.1.0", "/x", &operation, &json!({}));
    let contract = Contract::new(&document);
    for (headers, expected) in [
        (
            &[][..],
            "the credentials: the header `Authorization` is a required parameter",
        ),
        (&[("Authorization", "y")], ""),
    ] {
        assert_eq!(told(&contract.request(&post("/x", headers, None))), expected);
    }
    let operations = Operations::of_paths(&document);
    let request = write_request(&document, &operations.list[0], &[], None).expect("a request");
    assert_eq!(told(&contract.request(&request)), "");
}

#[test]
fn a_query_as_a_whole_is_judged_by_its_media_type() {
    let judged = |media_type: &str, target: &str| {
        let schema = json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]});
        let operation = json!({"parameters": [
            {"name": "q", "in": "querystring", "required": true, "content": {media_type: {"schema": schema}}}
        ]});
        let document = document("3.2.0", "/x", &operation, &json!({}));
        told(&Contract::new(&document).request(&post(target, &[], None)))
    };
    let (text, form) = ("application/json", "application/x-www-form-urlencoded");
    for (media_type, target, expected) in [
        (text, "/x?%7B%22a%22:1%7D", ""),
        (
            text,
            "/x?%7B%22a%22:%221%22%7D",
            "query parameter `q`/a: its schema refuses it by `type`",
        ),
        (
            text,
            "/x?a=1",
            "query parameter `q`: it is not JSON at line 1, column 1",
        ),
        (text, "/x?%ff", "query parameter `q`: its escapes are no UTF-8"),
        (text, "/x", "query parameter `q`: it is required"),
        (text, "/x?#a", "query parameter `q`: it is required"),
        (form, "/x?a=1&b=2", ""),
        (form, "/x?b=2#a=1", "query parameter `q`/a: it is required"),
        (
            form,
            "/x?a=x%26y",
            "query parameter `q`/a: its schema refuses it by `type`",
        ),
    ] {
        assert_eq!(judged(media_type, target), expected, "{media_type} {target}");
    }
}

#[test]
fn of_all_that_a_text_may_be_one_is_enough() {
    let judged = |schema: &Value, query: &str| {
        let operation = json!({"parameters": [{"name": "p", "in": "query", "schema": schema}]});
        let document = document("3.1.0", "/x", &operation, &json!({}));
        told(&Contract::new(&document).request(&post(&format!("/x?{query}"), &[], None)))
    };
    let lost = json!({"anyOf": [{"type": "integer", "maximum": 3}, {"type": "string", "$ref": "#/nowhere"}]});
    assert_eq!(
        judged(&json!({"type": ["integer", "string"], "maxLength": 0}), "p=5"),
        ""
    );
    assert!(judged(&lost, "p=5").starts_with("open: query parameter `p`: its reference"));
    // As a text it is refused, and as a list nobody can tell.
    let either = json!({"type": ["string", "array"], "maxLength": 0, "items": {"$ref": "#/nowhere"}});
    assert!(judged(&either, "p=5").starts_with("open: query parameter `p`: its reference"));
    let many = json!({"type": "array", "items": {"type": ["integer", "string"]}, "maxItems": 5});
    let times = |count: usize| vec!["p=1"; count].join("&");
    assert_eq!(judged(&many, &times(5)), "");
    assert_eq!(
        judged(&many, &times(6)),
        "query parameter `p`: its schema refuses it by `maxItems`"
    );
    assert_eq!(
        judged(&many, &times(7)),
        "open: query parameter `p`: its text can be read in too many ways"
    );
    // A list is no text.
    let text = json!({"type": "string"});
    assert_eq!(
        judged(&text, "p=1&p=2"),
        "query parameter `p`: its schema refuses it by `type`"
    );
}

#[test]
fn headers_of_an_answer_are_judged() {
    let responses = json!({"200": {"headers": {
        "X-List": {"schema": {"type": "array", "items": {"type": "integer"}}},
        "X-Object": {"explode": true, "required": true, "schema": {"properties": {"a": {"type": "integer"}}, "required": ["a"], "type": "object"}},
        "X-Json": {"content": {"application/json": {"schema": {"type": "array"}}}},
        "X-Lost": {"$ref": "#/nowhere"},
    }}});
    let document = document("3.1.0", "/x", &json!({"responses": responses}), &json!({}));
    let contract = Contract::new(&document);
    let judged = |headers: &[(&str, &str)]| {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let response = Response {
            status: 200,
            headers,
            body: None,
        };
        let mut judgement = contract.response(&contract.operations()[0], &response);
        assert_eq!(judgement.doubts.remove(0).part, Part::Status);
        told(&judgement)
    };
    let object = ("x-object", "a=1");
    for (headers, expected) in [
        (&[object][..], ""),
        (&[][..], "header `x-object`: it is required"),
        (
            &[("x-object", "a,1")],
            "header `x-object`: its schema refuses it by `type`",
        ),
        (&[object, ("X-LIST", "1"), ("x-list", "2")], ""),
        (
            &[object, ("x-list", "1, b")],
            "header `x-list`/1: its schema refuses it by `type`",
        ),
        (&[object, ("x-json", "[1, 2]")], ""),
        (
            &[object, ("x-json", "{}")],
            "header `x-json`: its schema refuses it by `type`",
        ),
    ] {
        assert_eq!(judged(headers), expected, "{headers:?}");
    }
}

#[test]
fn each_part_has_its_name() {
    let name = || "n".to_owned();
    for (part, told) in [
        (Part::Target, "the target"),
        (Part::Security, "the credentials"),
        (Part::Path(name()), "path parameter `n`"),
        (Part::Query(name()), "query parameter `n`"),
        (Part::Header(name()), "header `n`"),
        (Part::Cookie(name()), "cookie `n`"),
        (Part::Status, "the status"),
        (Part::ContentType, "the media type"),
        (Part::Body, "the body"),
    ] {
        assert_eq!(part.to_string(), told);
    }
    let request = post("/x", &[("X-Key", "secret")], Some(b"secret"));
    let shown = format!("{request:?}");
    assert!(
        shown.contains("POST") && shown.contains("X-Key") && shown.contains("Some(6)"),
        "{shown}"
    );
    let response = Response {
        status: 201,
        headers: request.headers.clone(),
        body: None,
    };
    let shown = format!("{response:?}");
    assert!(
        shown.contains("201") && shown.contains("X-Key") && !shown.contains("secret"),
        "{shown}"
    );
}

#[test]
fn a_template_with_a_query_is_written_with_it() {
    let parameters = json!([
        {"name": "of", "in": "path", "required": true},
        {"name": "id", "in": "path", "required": true},
        {"name": "q", "in": "query"},
    ]);
    let path = "/x/{id}?do=list&of={of}#fragment";
    let document = read(
        &json!({"openapi": "3.1.0", "servers": [{"url": "/v1"}, {"url": "/v2"}], "paths": {path: {"post": {"parameters": parameters}}}}),
    );
    let operations = Operations::of_paths(&document);
    let values = [
        (Part::Path("id".into()), json!(1)),
        (Part::Path("of".into()), json!("a b")),
        (Part::Query("q".into()), json!(2)),
    ];
    let request =
        openapi_wire::write_request(&document, &operations.list[0], &values, None).expect("a request");
    assert_eq!(request.target.as_deref(), Some("/v1/x/1?do=list&of=a%20b&q=2"));
    assert_eq!(
        Contract::new(&document).request(&request).verdict(),
        Verdict::Accepted
    );
}

#[test]
fn a_target_is_compared_with_so_many_operations() {
    let paths: Map<String, Value> = (0..2_000)
        .map(|it| (format!("/{{p{it}}}"), json!({"get": {"responses": {}}})))
        .collect();
    let document = Document::read(json!({"openapi": "3.1.0", "paths": paths}).to_string()).unwrap();
    let contract = Contract::new(&document);
    let get = of("GET", Some("/a"));
    let verdicts: Vec<Verdict> = (0..200).map(|_| contract.request(&get).verdict()).collect();
    assert_eq!(verdicts[0], Verdict::Accepted);
    let first = verdicts.iter().position(|it| *it == Verdict::CannotTell).unwrap();
    assert_eq!(first, 150);
    assert!(verdicts[first..].iter().all(|it| *it == Verdict::CannotTell));
}
