//! Comparison of one object with several alternatives, of which one must match.

use openapi_drift::{Document, Level, Options, compare};
use serde_json::{Value, json};

/// A document with one response, whose schema is `Event`.
fn document(schemas: &Value) -> Document {
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Event"}}});
    let answer = json!({"description": "", "content": content});
    Document::read(
        json!({
            "openapi": "3.0.0",
            "paths": {"/events": {"get": {"responses": {"200": answer}}}},
            "components": {"schemas": schemas},
        })
        .to_string(),
    )
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

fn found(base: &Document, revision: &Document) -> Vec<(String, String)> {
    let report = compare(base, revision, &Options::default());
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
            (
                "response-narrowed",
                "`Event` is never `{}` without `comment` any more"
            ),
            (
                "response-property-added",
                "`Event`: the names `discussion` of its alternatives are new"
            ),
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
    // A number matches both alternatives, so both documents refuse it.
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

/// A document in which a request and a response have the same schema.
fn either_way(schema: &Value) -> Document {
    let content = json!({"application/json": {"schema": schema}});
    Document::read(
        json!({
            "openapi": "3.1.0",
            "paths": {"/a": {"post": {
                "requestBody": {"required": true, "content": content},
                "responses": {"200": {"description": "", "content": content}},
            }}},
        })
        .to_string(),
    )
    .expect("an OpenAPI document")
}

fn listing(values: &[&str]) -> Value {
    json!({"type": "string", "enum": values})
}

fn tagged(values: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": {"k": listing(values), "x": {"type": "integer"}},
        "required": ["k"],
    })
}

#[test]
fn a_replaced_alternative_is_neither_lost_nor_new() {
    let whole = json!({"type": "integer"});
    let nothing = json!({"type": "null"});
    for (old, new) in [
        (
            json!({"anyOf": [listing(&["a", "b"]), whole]}),
            json!({"anyOf": [listing(&["a"]), whole, listing(&["b"])]}),
        ),
        (
            json!({"oneOf": [tagged(&["a", "b"]), whole]}),
            json!({"oneOf": [tagged(&["a"]), tagged(&["b"]), whole]}),
        ),
        (
            tagged(&["a", "b"]),
            json!({"oneOf": [tagged(&["a"]), tagged(&["b"])]}),
        ),
        (
            json!({"oneOf": [tagged(&["a", "b"]), tagged(&["c"])]}),
            json!({"oneOf": [tagged(&["a"]), tagged(&["b", "c"])]}),
        ),
        (
            json!({"anyOf": [{"anyOf": [tagged(&["a"]), nothing]}, tagged(&["b"])]}),
            json!({"anyOf": [tagged(&["a"]), tagged(&["b"]), nothing]}),
        ),
        (
            json!({"anyOf": [{"type": ["string", "null"]}, whole]}),
            json!({"anyOf": [{"type": "string"}, {"type": ["integer", "null"]}]}),
        ),
        (
            json!({"items": {"anyOf": [listing(&["a", "b"]), whole]}}),
            json!({"items": {"anyOf": [listing(&["a"]), listing(&["b"]), whole]}}),
        ),
    ] {
        for (old, new) in [(&old, &new), (&new, &old)] {
            assert_eq!(
                found(&either_way(old), &either_way(new)),
                [],
                "{old} is written as {new}"
            );
        }
    }
}

#[test]
fn only_alternatives_without_a_replacement_are_reported() {
    let (whole, logic) = (json!({"type": "integer"}), json!({"type": "boolean"}));
    let lost = |old: Value, new: Value| {
        let found = found(&either_way(&old), &either_way(&new));
        let lost = found
            .into_iter()
            .filter(|(rule, _)| rule.starts_with("response-"));
        lost.map(|(_, title)| title).collect::<Vec<_>>()
    };
    assert_eq!(
        lost(
            json!({"oneOf": [tagged(&["a", "b"]), whole, logic]}),
            json!({"oneOf": [tagged(&["a"]), tagged(&["b"]), whole]}),
        ),
        ["POST /a: the body of answer 200 is never a boolean any more"]
    );
    assert_eq!(
        lost(
            json!({"anyOf": [listing(&["a", "b", "c"]), whole]}),
            json!({"anyOf": [listing(&["a"]), listing(&["b"]), whole]}),
        ),
        ["POST /a: the body of answer 200 is never `c` any more"]
    );
    assert_eq!(
        lost(
            json!({"oneOf": [tagged(&["a", "b"]), tagged(&["c"])]}),
            json!({"oneOf": [tagged(&["a"]), tagged(&["c"])]}),
        ),
        ["POST /a: `k` is never `b` any more"]
    );
    // If a schema is also used alone, its losses are reported at that place.
    let shared = |used: &[&str], other: &[&str]| {
        let shared = json!({"$ref": "#/components/schemas/Shared"});
        let content = json!({"application/json": {"schema": {"properties": {
            "a": {"anyOf": [shared, listing(other)]},
            "b": shared,
        }}}});
        Document::read(
            json!({
                "openapi": "3.1.0",
                "paths": {"/a": {"get": {"responses": {"200": {"description": "", "content": content}}}}},
                "components": {"schemas": {"Shared": listing(used)}},
            })
            .to_string(),
        )
        .expect("an OpenAPI document")
    };
    assert_eq!(
        found(&shared(&["a", "b"], &["c"]), &shared(&["a"], &["b", "c"])),
        said(&[("response-enum-value-lost", "`Shared` is never `b` any more"),])
    );
}

#[test]
fn many_alternatives_are_told_apart_by_a_tag_that_only_some_require() {
    let document_with = |tag: &dyn Fn(String) -> Value| {
        let refers = |n: usize| json!({"$ref": format!("#/components/schemas/T{n}")});
        let mut schemas = json!({"Event": {"oneOf": (0..8).map(refers).collect::<Vec<_>>()}});
        for n in 0..8 {
            let text = json!({"type": "string", "minLength": n + 3});
            let mut required = vec!["number", "type"];
            let mut properties = json!({"type": tag(format!("t{n}")), "number": text});
            if n > 5 {
                properties["code"] = json!({"type": "string", "minLength": 8});
                required.push("code");
            }
            required.retain(|name| n != 7 || *name != "type");
            let schema = json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties});
            schemas[format!("T{n}")] = schema;
        }
        document(&schemas)
    };
    let listed = document_with(&|tag| json!({"enum": [tag]}));
    let constant = document_with(&|tag| json!({"const": tag}));
    assert_eq!(found(&listed, &constant), []);
}
