//! Each value is read back with its type from every place where it can be written.

use openapi_document::Document;
use openapi_document::view::Operations;
use openapi_wire::{Contract, Part, Response, Verdict, write_header, write_request, write_response};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Text that no style has to escape.
const TAME: &str = "[a-c0-9]{1,4}";
/// Text that styles, forms and headers trip over.
const ODD: &str = "[a-c,.;=&|+%/?#\\[\\]\"é 0-9-]{0,5}";

fn scalar(text: &'static str) -> impl Strategy<Value = Value> + Clone {
    prop_oneof![
        3 => text.prop_map(Value::from),
        1 => any::<i32>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => (-1000_i32..1000).prop_map(|it| json!(f64::from(it) / 8.0)),
    ]
}

/// A scalar, a list of scalars or an object of them.
fn value(text: &'static str) -> impl Strategy<Value = Value> {
    prop_oneof![
        scalar(text),
        proptest::collection::vec(scalar(text), 1..4).prop_map(Value::from),
        proptest::collection::btree_map("[a-c]{1,2}", scalar(text), 1..4)
            .prop_map(|it| it.into_iter().collect()),
    ]
}

/// A schema that takes a value and knows the types within it.
fn schema(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().map(schema).collect();
            json!({"type": "array", "prefixItems": items})
        }
        Value::Object(members) => {
            let properties: Map<_, _> = members
                .iter()
                .map(|(name, it)| (name.clone(), schema(it)))
                .collect();
            json!({"type": "object", "properties": properties})
        }
        Value::String(_) => json!({"type": "string"}),
        Value::Bool(_) => json!({"type": "boolean"}),
        _ => json!({"type": "number"}),
    }
}

fn document(path: &str, operation: &Value) -> Document {
    let document = json!({"openapi": "3.1.0", "paths": {path: {"post": operation}}});
    Document::read(document.to_string()).unwrap()
}

fn place() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("path", "simple"),
        ("path", "label"),
        ("path", "matrix"),
        ("query", "form"),
        ("query", "spaceDelimited"),
        ("query", "pipeDelimited"),
        ("query", "deepObject"),
        ("header", "simple"),
        ("cookie", "form"),
    ])
}

/// Numbers are one value however they are written.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, it)| other.get(name).is_some_and(|other| same(it, other)))
        }
        (one, other) => one == other,
    }
}

/// Writes a parameter and reads it back; `None` where it cannot be written.
fn parameter(place: &str, style: &str, explode: bool, value: &Value) -> Option<Result<Value, String>> {
    let parameter = json!({
        "name": "p", "in": place, "required": true, "style": style, "explode": explode, "schema": schema(value)
    });
    let path = if place == "path" { "/x/{p}" } else { "/x" };
    let document = document(path, &json!({"parameters": [parameter]}));
    let part = match place {
        "path" => Part::Path("p".into()),
        "query" => Part::Query("p".into()),
        "header" => Part::Header("p".into()),
        _ => Part::Cookie("p".into()),
    };
    let operations = Operations::of_paths(&document);
    let request = write_request(
        &document,
        &operations.list[0],
        &[(part.clone(), value.clone())],
        None,
    )
    .ok()?;
    let judgement = Contract::new(&document).request(&request);
    let told = || {
        format!(
            "{:?} {:?}: {:?}",
            request.target, request.headers, judgement.refusals
        )
    };
    Some(judgement.value(&part).cloned().ok_or_else(told))
}

fn body(media: &str, value: &Value) -> Option<[Result<Value, String>; 2]> {
    let content = json!({media: {"schema": schema(value)}});
    let operation = json!({
        "requestBody": {"required": true, "content": content}, "responses": {"200": {"content": content}}
    });
    let document = document("/x", &operation);
    let contract = Contract::new(&document);
    let operation = &contract.operations()[0];
    let media_types = operation.request_body(&document).unwrap().unwrap().content();
    let written = Some((&media_types[0], value));
    let request = contract.request(&write_request(&document, operation, &[], written).ok()?);
    let response = contract.response(operation, &write_response(&document, 200, written).ok()?);
    Some([request, response].map(|it| {
        it.value(&Part::Body)
            .cloned()
            .ok_or_else(|| format!("{:?}", it.refusals))
    }))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_parameter_is_read_back_with_its_types(value in value(ODD), (place, style) in place(), explode in any::<bool>()) {
        if let Some(read) = parameter(place, style, explode, &value) {
            let read = read.map_err(TestCaseError::fail)?;
            prop_assert!(same(&read, &value), "{} {} {}: {} is read as {}", place, style, explode, value, read);
        }
    }

    #[test]
    fn a_tame_parameter_can_be_written_in_every_style(
        value in value(TAME), (place, style) in place(), explode in any::<bool>(),
    ) {
        let fraction = value.to_string().contains('.');
        let is_flat = !value.is_array() && !value.is_object();
        // A deep object is an object; a dot parts the items of a label.
        prop_assume!(style != "deepObject" || value.is_object());
        prop_assume!(style != "label" || is_flat || !fraction);
        let read = parameter(place, style, explode, &value);
        prop_assert!(read.is_some(), "{} {} {} has no form for {}", place, style, explode, value);
    }

    #[test]
    fn a_body_is_read_back_with_its_types(
        members in proptest::collection::btree_map("[a-c]{1,2}", value(ODD), 1..4),
        media in prop::sample::select(vec![
            "application/json", "application/vnd.x+json", "application/x-www-form-urlencoded", "multipart/form-data",
        ]),
    ) {
        let value: Value = members.into_iter().collect();
        let Some(both) = body(media, &value) else {
            return Err(TestCaseError::fail(format!("{media} has no form for {value}")));
        };
        for read in both {
            let read = read.map_err(TestCaseError::fail)?;
            prop_assert!(same(&read, &value), "{}: {} is read as {}", media, value, read);
        }
    }

    #[test]
    fn a_text_is_read_back_in_its_charset(
        text in "[a-z0-9é€ü \n]{0,8}",
        charset in prop::sample::select(vec!["", ";charset=utf-8", ";charset=iso-8859-1", ";charset=us-ascii"]),
    ) {
        let value = json!(text);
        let Some(both) = body(&format!("text/plain{charset}"), &value) else {
            let fits = match charset {
                ";charset=iso-8859-1" => !text.contains('€'),
                ";charset=us-ascii" => text.is_ascii(),
                _ => true,
            };
            prop_assert!(!fits, "{} has no form for {:?}", charset, text);
            return Ok(());
        };
        for read in both {
            prop_assert_eq!(read, Ok(value.clone()), "{}", charset);
        }
    }

    #[test]
    fn a_header_of_an_answer_is_read_back_with_its_types(value in value(ODD), explode in any::<bool>()) {
        let header = json!({"required": true, "explode": explode, "schema": schema(&value)});
        let document = document("/x", &json!({"responses": {"200": {"headers": {"X-H": header}}}}));
        let contract = Contract::new(&document);
        let operation = &contract.operations()[0];
        let declared = operation.responses(&document).remove(0).unwrap().headers(&document).remove(0).unwrap();
        if let Ok(text) = write_header(&declared, &value) {
            let response = Response { status: 200, headers: vec![("X-H".to_owned(), text.clone())], body: None };
            let judgement = contract.response(operation, &response);
            prop_assert_eq!(judgement.verdict(), Verdict::Accepted, "{:?}: {:?}", text, judgement.refusals);
            let read = judgement.value(&Part::Header("x-h".into())).cloned().unwrap_or_default();
            prop_assert!(same(&read, &value), "{:?}: {} is read as {}", text, value, read);
        }
    }
}

#[test]
fn one_name_twice_is_no_list_that_is_written_together() {
    let operation = json!({"parameters": [
        {"name": "p", "in": "query", "explode": false, "schema": {"type": "array", "items": {"type": "string"}}}
    ]});
    let document = document("/x", &operation);
    let judged = |query: &str| {
        let request = openapi_wire::Request {
            method: "POST".to_owned(),
            target: Some(format!("/x?{query}")),
            ..Default::default()
        };
        Contract::new(&document).request(&request).verdict()
    };
    assert_eq!(judged("p=a,b"), Verdict::Accepted);
    assert_eq!(judged("p=a&p=b"), Verdict::Refused);
}

#[test]
fn a_written_request_brings_the_credentials_that_are_asked() {
    for scheme in [
        json!({"type": "apiKey", "in": "header", "name": "X-Key"}),
        json!({"type": "apiKey", "in": "query", "name": "key"}),
        json!({"type": "apiKey", "in": "cookie", "name": "key"}),
        json!({"type": "http", "scheme": "basic"}),
        json!({"type": "http", "scheme": "bearer"}),
        json!({"type": "oauth2", "flows": {}}),
        json!({"type": "openIdConnect", "openIdConnectUrl": "https://example.com"}),
    ] {
        let text = json!({
            "openapi": "3.1.0",
            "components": {"securitySchemes": {"s": scheme}},
            "paths": {"/x": {"post": {"security": [{"s": []}]}}}
        });
        let document = Document::read(text.to_string()).unwrap();
        let contract = Contract::new(&document);
        let mut request = write_request(&document, &contract.operations()[0], &[], None).unwrap();
        let judgement = contract.request(&request);
        assert_eq!(
            judgement.verdict(),
            Verdict::Accepted,
            "{scheme}: {:?}",
            judgement.refusals
        );
        request.headers.clear();
        request.target = Some("/x".to_owned());
        assert_eq!(contract.request(&request).verdict(), Verdict::Refused, "{scheme}");
    }
}

#[test]
fn a_written_request_takes_a_way_in_whose_key_is_not_a_parameter_that_is_left_out() {
    let target = |ways: Value, parameter: bool, values: &[(Part, Value)]| {
        let parameters = if parameter {
            json!([{"name": "key", "in": "query", "schema": {"type": "string"}}])
        } else {
            json!([])
        };
        let text = json!({
            "openapi": "3.1.0",
            "components": {"securitySchemes": {
                "key": {"type": "apiKey", "in": "query", "name": "key"},
                "other": {"type": "apiKey", "in": "query", "name": "other"}
            }},
            "paths": {"/x": {"post": {"security": ways, "parameters": parameters}}}
        });
        let document = Document::read(text.to_string()).unwrap();
        let contract = Contract::new(&document);
        let request = write_request(&document, &contract.operations()[0], values, None).unwrap();
        assert_eq!(contract.request(&request).verdict(), Verdict::Accepted);
        request.target.unwrap()
    };
    let ways = json!([{"key": []}, {"other": []}]);
    assert_eq!(target(ways.clone(), false, &[]), "/x?key=credential");
    assert_eq!(target(ways.clone(), true, &[]), "/x?other=credential");
    let both = json!([{"key": [], "other": []}, {}]);
    assert_eq!(target(both, true, &[]), "/x");
    // Without another way the key is brought, and what is given is not written twice.
    assert_eq!(target(json!([{"key": []}]), true, &[]), "/x?key=credential");
    let given = [(Part::Query("key".to_owned()), json!("mine"))];
    assert_eq!(target(ways, true, &given), "/x?key=mine");
}
