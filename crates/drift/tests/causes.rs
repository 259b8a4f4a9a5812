//! One cause gives one finding, however much it changes.

use std::collections::BTreeSet;

use openapi_drift::{Direction, Document, Finding, Level, Options, compare};
use serde_json::{Map, Value, json};

fn findings(base: &Value, revision: &Value) -> Vec<Finding> {
    let read = |root: &Value| Document::read(root.to_string()).expect("an OpenAPI document");
    let report = compare(&read(base), &read(revision), &Options::default());
    assert_eq!(report.questions.internal_faults, 0);
    let more_than_words = report
        .findings
        .into_iter()
        .filter(|it| it.level < Level::Cosmetic);
    more_than_words.collect()
}

fn titles(base: &Value, revision: &Value) -> Vec<String> {
    findings(base, revision).into_iter().map(|it| it.title).collect()
}

/// A document with a `GET` of each path.
fn with_paths(paths: &[&str]) -> Value {
    let item = json!({"get": {"responses": {"200": {"description": "ok"}}}});
    let items: Map<String, Value> = paths
        .iter()
        .map(|path| ((*path).to_owned(), item.clone()))
        .collect();
    json!({"openapi": "3.0.3", "paths": items})
}

#[test]
fn a_document_without_operations_lost_all_at_once() {
    let found = findings(&with_paths(&["/a", "/b", "/c"]), &with_paths(&[]));
    let [gone] = found.as_slice() else {
        panic!("{found:#?}");
    };
    assert_eq!(
        (
            gone.rule.as_str(),
            gone.level,
            gone.title.as_str(),
            gone.operations.len()
        ),
        (
            "operation-removed",
            Level::Breaking,
            "all 3 operations are gone, and there is none left",
            3
        )
    );
    assert!(gone.witness.as_ref().is_some_and(|it| it.message.is_some()));
}

#[test]
fn a_prefix_that_moved_is_one_finding_with_all_that_stood_below_it() {
    let base = with_paths(&["/v1/cats", "/v1/cats/{id}", "/v1/dogs", "/health"]);
    let revision = with_paths(&["/v2/cats", "/v2/cats/{id}", "/v2/dogs", "/health"]);
    assert_eq!(
        titles(&base, &revision),
        ["3 operations below `/v1` are gone, and stand below `/v2` now"]
    );
    let dropped = with_paths(&["/cats", "/cats/{id}", "/dogs", "/health"]);
    assert_eq!(
        titles(&base, &dropped),
        ["3 operations below `/v1` are gone, and stand below `/` now"]
    );
}

#[test]
fn operations_that_did_not_move_with_a_prefix_are_reported_separately() {
    let base = with_paths(&["/v1/cats", "/v1/dogs", "/v1/eels"]);
    let revision = with_paths(&["/v2/cats", "/v2/dogs", "/v2/fish"]);
    assert_eq!(
        titles(&base, &revision),
        [
            "2 operations below `/v1` are gone, and stand below `/v2` now",
            "GET /v1/eels is gone",
            "GET /v2/fish is new"
        ]
    );
}

#[test]
fn operations_that_are_others_did_not_move() {
    let with = |paths: &[&str]| {
        let mut document = with_paths(paths);
        for (path, item) in document["paths"].as_object_mut().expect("paths") {
            item["get"]["operationId"] = json!(path);
        }
        document
    };
    let found = titles(&with(&["/cats/a", "/cats/b"]), &with(&["/dogs/a", "/dogs/b"]));
    assert_eq!(
        found,
        [
            "GET /cats/a is gone",
            "GET /cats/b is gone",
            "GET /dogs/a is new",
            "GET /dogs/b is new"
        ]
    );
}

/// A document with two components, in which the named one is the schema of the responses.
fn answering(name: &str) -> Value {
    json!({
        "openapi": "3.0.3",
        "paths": {"/a": {"get": {"responses": {"200": {"description": "ok", "content": {
            "application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}
        }}}}}},
        "components": {"schemas": {
            "Cat": {"type": "object", "required": ["lives", "name"], "properties": {
                "lives": {"type": "integer"}, "name": {"type": "string"}
            }},
            "Dog": {"type": "object", "properties": {"bark": {"type": "string"}}},
        }}
    })
}

#[test]
fn a_reference_to_another_component_is_one_finding_that_tells_the_rest() {
    let found = findings(&answering("Cat"), &answering("Dog"));
    let [swapped] = found.as_slice() else {
        panic!("{found:#?}");
    };
    assert_eq!(swapped.level, Level::Breaking);
    assert_eq!(
        swapped.title,
        "`Dog` is where `Cat` was: `Cat.lives` is gone though it was required"
    );
    assert_eq!(
        swapped.also,
        ["`Cat.name` is gone though it was required", "`Dog.bark` is new"]
    );
}

#[test]
fn a_reference_to_another_component_is_told_in_each_direction() {
    let both = |name: &str| {
        let mut document = answering(name);
        let content = document.pointer("/paths/~1a/get/responses/200/content").cloned();
        document["paths"]["/b"] = json!({"post": {
            "requestBody": {"required": true, "content": content},
            "responses": {"200": {"description": "ok"}},
        }});
        document["components"]["schemas"]["Dog"]["required"] = json!(["bark"]);
        document
    };
    let found = findings(&both("Cat"), &both("Dog"));
    let told = |it: &Finding| {
        let places = it
            .operations
            .iter()
            .map(|it| format!("{} {}", it.endpoint.path, it.at));
        (it.level, it.direction, places.collect::<BTreeSet<_>>())
    };
    let places =
        |path: &str| BTreeSet::from(["bark", "lives", "name"].map(|it| format!("{path} /body/{it}")));
    let request = (Level::Breaking, Some(Direction::Request), places("/b"));
    let answer = (Level::Breaking, Some(Direction::Response), places("/a"));
    let told: Vec<_> = found.iter().map(told).collect();
    assert_eq!(told, [request, answer], "{found:#?}");
}

#[test]
fn a_component_used_in_many_places_is_one_finding() {
    let with = |kind: &str| {
        let mut document = with_paths(&["/a", "/b", "/c", "/d"]);
        for item in document["paths"].as_object_mut().expect("paths").values_mut() {
            item["get"]["responses"]["200"]["content"] =
                json!({"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}});
        }
        document["components"] =
            json!({"schemas": {"Error": {"type": "object", "properties": {"code": {"type": kind}}}}});
        document
    };
    let found = findings(&with("integer"), &with("string"));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].operations.len(), 4);
}
