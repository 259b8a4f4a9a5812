//! One object beside several alternatives, of which one holds.

use openapi_drift::{Document, Level, Options, compare};
use serde_json::{Value, json};

/// A document whose one answer is of the schema `Event`.
fn document(schemas: &Value) -> Document {
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Event"}}});
    let answer = json!({"description": "", "content": content});
    Document::from_value(json!({
        "openapi": "3.0.0",
        "paths": {"/events": {"get": {"responses": {"200": answer}}}},
        "components": {"schemas": schemas},
    }))
    .expect("an OpenAPI document")
}

fn whole() -> Document {
    let text = json!({"type": "string"});
    let properties = json!({"action": text, "comment": text, "pages": text});
    document(&json!({"Event": {"type": "object", "properties": properties}}))
}

fn alternatives() -> Document {
    let text = json!({"type": "string"});
    document(&json!({
        "Event": {"oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]},
        "A": {
            "type": "object",
            "required": ["action", "discussion"],
            "properties": {"action": text, "discussion": text},
        },
        "B": {"type": "object", "required": ["comment"], "properties": {"action": text, "comment": text}},
    }))
}

fn found(pinned: &Document, staging: &Document) -> Vec<(String, String)> {
    let report = compare(pinned, staging, &Options::default());
    let findings = report
        .findings
        .into_iter()
        .filter(|it| it.level != Level::Cosmetic);
    findings.map(|it| (it.rule, it.title)).collect()
}

fn said(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(rule, title)| ((*rule).to_owned(), (*title).to_owned()))
        .collect()
}

#[test]
fn a_property_of_another_alternative_is_not_lost_and_one_of_none_is_lost_once() {
    assert_eq!(
        found(&whole(), &alternatives()),
        said(&[
            ("response-property-lost", "`Event.pages` is gone"),
            ("response-property-added", "`A.discussion` is new"),
        ])
    );
}

#[test]
fn a_property_of_another_alternative_is_not_new_and_one_of_none_is_new_once() {
    let found = found(&alternatives(), &whole());
    let new: Vec<_> = found
        .iter()
        .filter(|(rule, _)| rule == "response-property-added")
        .collect();
    assert_eq!(new.len(), 1, "{found:?}");
    assert_eq!(new[0].1, "`Event.pages` is new");
}

#[test]
fn an_alternative_written_differently_is_neither_lost_nor_new() {
    // A number is of both alternatives, and so of neither document.
    let either = |other: Value| document(&json!({"Event": {"oneOf": [{"type": "number"}, other]}}));
    let short = either(json!({"maxLength": 3}));
    let not_long = either(json!({"not": {"type": "string", "minLength": 4}}));
    assert_eq!(found(&short, &not_long), []);
    assert_eq!(found(&not_long, &short), []);
}

#[test]
fn an_alternative_that_leads_elsewhere_than_to_a_component_stands_for_itself() {
    let loose = json!({"minLength": 1, "properties": {"a": {"$ref": "#/components"}}});
    let document = document(&json!({"Event": {"oneOf": [loose, {"type": "string"}]}}));
    assert_eq!(found(&document, &document), []);
}
