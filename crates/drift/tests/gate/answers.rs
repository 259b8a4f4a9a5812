//! Responses that show a finding.

use crate::{message, report, with};
use openapi_drift::Level;
use serde_json::{Value, json};

#[test]
fn a_response_is_shown_with_its_status_and_required_headers() {
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
