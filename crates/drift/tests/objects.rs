//! The rules that drifts about the names of objects have.

use openapi_drift::{Document, Finding, Level, Options, compare};
use serde_json::{Value, json};

/// A document whose request body has this schema.
fn taking(schema: &Value) -> Document {
    let root = json!({"openapi": "3.1.0", "paths": {"/a": {"post": {
        "requestBody": {"required": true, "content": {"application/json": {"schema": schema}}},
        "responses": {},
    }}}});
    Document::read(root.to_string()).expect("an OpenAPI document")
}

fn findings(old: &Value, new: &Value) -> Vec<Finding> {
    let report = compare(&taking(old), &taking(new), &Options::default());
    assert_eq!(report.questions.internal_faults, 0);
    report.findings
}

#[track_caller]
fn is_called(old: &Value, new: &Value, title: &str) {
    let titles: Vec<String> = findings(old, new).into_iter().map(|it| it.title).collect();
    assert_eq!(titles, [format!("POST /a: {title}")]);
}

#[test]
fn a_property_beside_a_map_is_called_by_its_name() {
    let object = |more: Value| {
        let mut object =
            json!({"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "string"}});
        object["properties"]
            .as_object_mut()
            .expect("properties")
            .extend(more.as_object().cloned().unwrap_or_default());
        object
    };
    is_called(
        &object(json!({})),
        &object(json!({"n": {"type": "integer"}})),
        "`n` no longer takes a string",
    );
    let listed =
        |object: Value| json!({"type": "object", "properties": {"list": {"type": "array", "items": object}}});
    is_called(
        &listed(object(json!({}))),
        &listed(object(json!({"n": {"type": "integer"}}))),
        "`list[].n` no longer takes a string",
    );
}

#[test]
fn a_property_of_a_pattern_is_called_by_the_way_to_it() {
    let object = |inner: Value| {
        json!({"type": "object", "properties": {"d": {
            "type": "object",
            "patternProperties": {"^properties": {"type": "object", "properties": inner}},
        }}})
    };
    is_called(
        &object(json!({"a": {}, "n": {}})),
        &object(json!({"a": {}})),
        "`d.*.n` is no longer known",
    );
}

#[test]
fn a_name_that_every_alternative_excludes_on_both_sides_is_not_new() {
    // A value with `a` matches both alternatives, so neither document allows it.
    let object = |kind: &str| {
        json!({
            "type": "object", "properties": {"a": {}, "b": {"type": kind}}, "additionalProperties": false,
            "oneOf": [{"required": ["b"]}, {"required": ["a", "b"]}],
        })
    };
    is_called(
        &object("string"),
        &object("integer"),
        "`b` no longer takes a string",
    );
}

#[test]
fn a_schema_that_admits_all_or_nothing_may_be_written_in_several_ways() {
    let object = |name: Value, others: Value| json!({"type": "object", "properties": {"a": name}, "additionalProperties": others});
    let ways = |admits: bool| {
        [
            json!(admits),
            json!({"anyOf": [admits]}),
            json!({"allOf": [{"not": !admits}]}),
        ]
    };
    for (name, others) in [(true, true), (false, true), (true, false)] {
        for (old_name, new_name) in ways(name).iter().zip(ways(name).iter().rev()) {
            for old_others in ways(others) {
                let old = object(old_name.clone(), old_others);
                let new = object(new_name.clone(), json!(others));
                for (one, other) in [(&old, &new), (&new, &old)] {
                    let found = findings(one, other);
                    assert!(
                        found.iter().all(|it| it.level == Level::Cosmetic),
                        "{one} {other} {found:#?}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_body_that_nothing_was_allowed_for_is_wider_with_any_other_schema() {
    let found = findings(&json!(false), &json!({"type": "string"}));
    let levels: Vec<Level> = found.iter().map(|it| it.level).collect();
    assert_eq!(levels, [Level::Additive], "{found:#?}");
}

#[test]
fn a_limit_on_names_or_items_is_told_with_the_one_before() {
    let object = |word: &str, n: u64| {
        json!({"type": "object", "properties": {"d": {
            "type": "object", "properties": {"a": {}, "b": {}, "c": {}}, word: n,
        }}})
    };
    is_called(
        &object("maxProperties", 3),
        &object("maxProperties", 2),
        "`d`: at most 2 properties, was 3",
    );
    is_called(
        &object("minProperties", 1),
        &object("minProperties", 0),
        "`d`: no longer at least 1 property",
    );
    let list = |n: u64| json!({"type": "object", "properties": {"l": {"type": "array", "minItems": n}}});
    is_called(&list(1), &list(2), "`l`: at least 2 items, was 1");
}

#[test]
fn a_refused_object_is_shown_as_a_whole() {
    let object = |needed: Value| {
        json!({"type": "object", "properties": {"d": {
            "type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "dependentRequired": {"a": needed},
        }}})
    };
    is_called(
        &object(json!([])),
        &object(json!(["b"])),
        "`d` no longer takes `{\"a\":\"\"}` without `b`",
    );
}

#[test]
fn two_changes_of_one_object_are_both_told() {
    let old = json!({"type": "object", "properties": {"d": {"type": "object", "properties": {"x": {"type": "string"}}}}});
    let mut new = old.clone();
    new["properties"]["d"]["properties"]["x"] = json!({"type": "integer"});
    new["properties"]["d"]["additionalProperties"] = false.into();
    let mut rules: Vec<String> = findings(&old, &new).into_iter().map(|it| it.rule).collect();
    rules.sort();
    assert_eq!(rules, ["request-type-refused", "request-undeclared-name-refused"]);
}
