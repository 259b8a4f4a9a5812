//! A contract under another reading judges anew.

use openapi_document::Document;
use openapi_wire::{Contract, Direction, Request, SharedContract};
use serde_json::Value;

#[test]
fn formats_count_once_they_are_held() {
    let text = r#"{"openapi": "3.0.3", "paths": {"/pets": {"get": {"parameters": [
        {"name": "born", "in": "query", "schema": {"type": "string", "format": "date"}}
    ]}}}}"#;
    let request = Request {
        method: "GET".to_owned(),
        target: Some("/pets?born=yesterday".to_owned()),
        ..Request::default()
    };
    let shared = SharedContract::new(Document::read(text).unwrap());
    assert_eq!(shared.contract().request(&request).refusals, []);
    let held = shared.holding_formats();
    let refusals = held.contract().request(&request).refusals;
    assert_eq!(refusals.len(), 1);
    assert_eq!(refusals[0].keyword.as_deref(), Some("format"));
}

#[test]
fn null_is_refused_once_nullable_is_read_strictly() {
    let text = r#"{"openapi": "3.0.3", "paths": {}, "components": {"schemas": {
        "Kind": {"type": "string", "nullable": true, "enum": ["cat"]}
    }}}"#;
    let document = Document::read(text).unwrap();
    let kind = document.root().pointer("/components/schemas/Kind").unwrap();
    let contract = Contract::new(&document);
    assert_eq!(contract.admits(kind, Direction::Request, &Value::Null), Ok(true));
    let strict = contract.reading_nullable_strictly();
    assert_eq!(strict.admits(kind, Direction::Request, &Value::Null), Ok(false));
}

#[test]
fn what_an_unknown_type_accepts_is_not_known() {
    let unknown = || Err("a `type` is none that JSON knows".to_owned());
    for (types, takes_number) in [
        (r#""file""#, unknown()),
        (r#"["string", "file"]"#, unknown()),
        (r#"["string", "null"]"#, Ok(false)),
        ("[]", Ok(true)),
    ] {
        let text = format!(
            r#"{{"openapi": "3.1.0", "paths": {{}}, "components": {{"schemas": {{"S": {{"type": {types}}}}}}}}}"#
        );
        let document = Document::read(text).unwrap();
        let schema = document.root().pointer("/components/schemas/S").unwrap();
        let admits = Contract::new(&document).admits(schema, Direction::Request, &Value::from(5));
        assert_eq!(admits, takes_number, "{types}");
    }
}
