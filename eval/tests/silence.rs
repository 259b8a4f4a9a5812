//! The measures of silence, run as people run them.
#![expect(
    clippy::disallowed_methods,
    reason = "a temporary folder keeps nothing half-written"
)]

use std::process::{Command, Output};

fn eval(args: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_eval")).args(args).output();
    output.expect("the binary runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn no_edit_of_the_pin_is_placed_too_low() {
    let pin = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/api-docs.json");
    let output = eval(&["mutate", pin, "--edits", "400", "--seed", "1"]);
    let told = text(&output);
    assert!(told.contains("400 edits compared: 0 placed too low"), "{told}");
    assert_eq!(output.status.code(), Some(0), "{told}");
}

/// A document with a value at every position.
const EVERYWHERE: &str = r##"{
    "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
    "servers": [{"url": "https://api.example.com/v1"}],
    "components": {
        "schemas": {
            "Pet": {"type": "object", "required": ["name"], "properties": {
                "name": {"type": "string", "maxLength": 20}, "age": {"type": ["integer", "null"]},
                "kind": {"type": "string", "enum": ["cat", "dog"]}, "tags": {"type": "array", "items": {"type": "string"}}
            }}
        },
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
    },
    "paths": {
        "/pets/{id}": {"post": {
            "security": [{"key": []}],
            "parameters": [
                {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
                {"name": "tag", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                {"name": "X-Depth", "in": "header", "schema": {"type": "integer", "maximum": 5}},
                {"name": "seen", "in": "cookie", "schema": {"type": "boolean"}}
            ],
            "requestBody": {"required": true, "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}},
                "application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}},
                "multipart/form-data": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}},
                "text/plain": {"schema": {"type": "string", "minLength": 2}}
            }},
            "responses": {"200": {
                "description": "d",
                "headers": {"X-Rate": {"required": true, "schema": {"type": "integer"}}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}
            }},
            "callbacks": {"done": {"{$request.query.tag}": {"post": {
                "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
                "responses": {"204": {"description": "d"}}
            }}}}
        }}
    },
    "webhooks": {"petAdded": {"post": {
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
        "responses": {"204": {"description": "d"}}
    }}}
}"##;

#[test]
fn every_position_is_edited_and_a_seed_tells_which_edits() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.json");
    std::fs::write(&file, EVERYWHERE).unwrap();
    let run = |seed| {
        text(&eval(&[
            "mutate",
            file.to_str().unwrap(),
            "--edits",
            "12",
            "--seed",
            seed,
        ]))
    };
    let all = text(&eval(&[
        "mutate",
        file.to_str().unwrap(),
        "--edits",
        "2000",
        "--seed",
        "3",
    ]));
    for position in [
        "path", "query", "header", "cookie", "form", "part", "text", "json", "answer", "ans.hdr", "webhook",
        "callback",
    ] {
        let counted = all.lines().any(|line| line.contains(&format!("  {position} ")));
        assert!(counted, "nothing at {position}: {all}");
    }
    assert_eq!(run("5"), run("5"));
    assert_ne!(run("5"), run("6"));
}

#[test]
fn generated_documents_have_no_silent_difference() {
    let output = eval(&["enumerate", "--documents", "15", "--seed", "2"]);
    let told = text(&output);
    assert!(told.contains("15 pairs, of which 0 cannot be compared"), "{told}");
    assert_eq!(output.status.code(), Some(0), "{told}");
}

#[test]
fn a_difference_between_two_documents_is_looked_for_in_every_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pairs.jsonl");
    let document = |kind: &str| {
        format!(
            r#"{{"openapi": "3.0.3", "info": {{"title": "t", "version": "1"}}, "paths": {{"/a": {{"get": {{
            "parameters": [{{"name": "q", "in": "query", "schema": {{"type": "{kind}"}}}}],
            "responses": {{"200": {{"description": "d"}}}}}}}}}}}}"#
        )
    };
    let line = serde_json::json!({"id": "one", "old": document("string"), "new": document("integer")});
    std::fs::write(&file, line.to_string()).unwrap();
    let output = eval(&["enumerate", "--pairs", file.to_str().unwrap()]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let sent = told
        .split("; ")
        .nth(1)
        .and_then(|it| it.split(' ').next())
        .and_then(|it| it.parse::<u32>().ok());
    assert!(sent.is_some_and(|it| it > 20), "{told}");
}
