//! Dialects of JSON Schema and errors of authors are never read with a meaning that they do not have.

use crate::support::findings;
use openapi_drift::{Document, Finding, Level};
use serde_json::{Value, json};

fn document(version: &str, root: &Value, schema: &Value) -> Document {
    let mut text = json!({
        "openapi": version,
        "paths": {"/orders": {"post": {
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
            "responses": {"204": {"description": ""}},
        }}},
        "components": {"schemas": {"Order": schema, "Text": {"type": "string"}}},
    });
    for (key, value) in root.as_object().into_iter().flatten() {
        text[key] = value.clone();
    }
    Document::read(text.to_string()).expect("an OpenAPI document")
}

fn found(version: &str, root: &Value, old: &Value, new: &Value) -> Vec<Finding> {
    let [old, new] = [old, new].map(|schema| document(version, root, schema));
    findings(&old, &new)
}

#[track_caller]
fn is_left_undecided(version: &str, root: &Value, old: &Value, new: &Value, why: &str) {
    let found = found(version, root, old, new);
    let worst: Vec<_> = found.iter().filter(|it| it.level < Level::Additive).collect();
    assert!(!worst.is_empty(), "{found:#?}");
    for finding in worst {
        assert_eq!(finding.level, Level::Risky, "{finding:#?}");
        let told = finding.undecided.as_deref().unwrap_or_default();
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn a_keyword_of_an_earlier_draft_is_left_undecided() {
    let draft7 = json!({"jsonSchemaDialect": "http://json-schema.org/draft-07/schema#"});
    let object = |extra: Value| {
        let mut schema =
            json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}});
        for (key, value) in extra.as_object().into_iter().flatten() {
            schema[key] = value.clone();
        }
        schema
    };
    let plain = object(json!({}));
    is_left_undecided(
        "3.1.0",
        &draft7,
        &plain,
        &object(json!({"dependencies": {"a": ["b"]}})),
        "`dependencies`",
    );
    is_left_undecided(
        "3.1.0",
        &json!({}),
        &object(json!({"$schema": "http://json-schema.org/draft-07/schema#"})),
        &object(json!({"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {"a": ["b"]}})),
        "`dependencies`",
    );
    let to_text = json!({"$ref": "#/components/schemas/Text"});
    let short = json!({"$ref": "#/components/schemas/Text", "maxLength": 3});
    is_left_undecided("3.1.0", &draft7, &to_text, &short, "`$ref`");
}

#[test]
fn a_schema_below_another_dialect_is_of_that_dialect() {
    let list = |dialect: &str, item: Value| json!({"type": "object", "$schema": dialect, "properties": {"lines": {"type": "array", "items": [item]}}});
    let draft = "https://json-schema.org/draft/2019-09/schema";
    is_left_undecided(
        "3.1.0",
        &json!({}),
        &list(draft, json!({"type": "string"})),
        &list(draft, json!({"type": "integer"})),
        "`items`",
    );
}

#[test]
fn keywords_shared_with_an_earlier_draft_are_decided() {
    let draft7 = json!({"jsonSchemaDialect": "http://json-schema.org/draft-07/schema#"});
    let found = found(
        "3.1.0",
        &draft7,
        &json!({"type": "string"}),
        &json!({"type": "string", "maxLength": 3}),
    );
    assert_eq!(
        found.iter().map(|it| it.level).min(),
        Some(Level::Breaking),
        "{found:#?}"
    );
}

#[test]
fn a_dialect_that_nobody_knows_is_left_undecided() {
    let own = json!({"jsonSchemaDialect": "https://shop.example/schema"});
    is_left_undecided(
        "3.1.0",
        &own,
        &json!({"type": "string"}),
        &json!({"type": "string", "maxLength": 3}),
        "`https://shop.example/schema` is not read",
    );
}

#[test]
fn a_list_of_items_is_left_undecided_in_every_version() {
    let list = |kind: &str| json!({"type": "array", "items": [{"type": kind}]});
    for version in ["3.0.3", "3.1.0"] {
        is_left_undecided(
            version,
            &json!({}),
            &list("string"),
            &list("integer"),
            "a list of `items`",
        );
    }
}

#[test]
fn keywords_for_excluded_types_have_no_effect() {
    for (old, new) in [
        (
            json!({"type": "object", "items": {"type": "object", "properties": {"a": {"type": "string"}}}}),
            json!({"type": "object"}),
        ),
        (
            json!({"type": "string", "properties": {"a": {"type": "string"}}, "required": ["a"]}),
            json!({"type": "string"}),
        ),
        (
            json!({"type": "array", "items": {"type": "string"}, "additionalProperties": false}),
            json!({"type": "array", "items": {"type": "string"}, "properties": {"a": {"type": "string"}}}),
        ),
    ] {
        for (old, new) in [(&old, &new), (&new, &old)] {
            let found = found("3.0.3", &json!({}), old, new);
            assert!(found.iter().all(|it| it.level == Level::Cosmetic), "{found:#?}");
        }
    }
}
