//! Whole requests: credentials, undecided judgements, and robustness.

use crate::{document, get, post, told};
use openapi_document::Document;
use openapi_wire::{Contract, Request, Verdict};
use proptest::prelude::*;

#[test]
fn credentials_satisfy_a_security_requirement() {
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
fn the_judge_says_why_it_cannot_decide() {
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
fn an_operation_behind_an_unresolved_reference_is_not_refused() {
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

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
