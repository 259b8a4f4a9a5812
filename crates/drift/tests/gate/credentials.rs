//! The credentials that a message brings.

use crate::{between, message, report, with};
use openapi_drift::Level;
use serde_json::{Value, json};

#[test]
fn a_key_that_becomes_required_is_left_out_by_callers_with_other_credentials() {
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

/// A key may be the required parameter itself, but a caller without a key sends none.
#[test]
fn a_caller_without_a_key_lacks_the_parameter_of_its_name() {
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

#[test]
fn a_credential_that_is_sent_like_another_proves_nothing() {
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
