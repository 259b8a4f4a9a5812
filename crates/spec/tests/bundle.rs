//! Bundling a document of several files: callers see no change, and no reference leads out of the result.

use std::collections::BTreeMap;

use openapi_document::{Document, Limits, Loader};
use ratio_spec::bundle;
use serde_json::{Value, json};

/// Files in memory.
struct Memory(BTreeMap<&'static str, String>);

impl Loader for Memory {
    fn load(&mut self, name: &str, _: usize) -> Result<Vec<u8>, String> {
        let text = self.0.get(name).ok_or("there is no such file")?;
        Ok(text.clone().into_bytes())
    }
}

fn read(files: &[(&'static str, Value)]) -> Document {
    let files = files.iter().map(|(name, value)| (*name, value.to_string()));
    let mut memory = Memory(files.collect());
    let text = memory.0["v1/api.json"].clone();
    Document::read_with(text, "v1/api.json", &Limits::default(), &mut memory).unwrap()
}

/// Collects the references in a value that lead out of it.
fn leading_out(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| leading_out(item, found)),
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref")
                && !reference.starts_with('#')
            {
                found.push(reference.clone());
            }
            members.values().for_each(|it| leading_out(it, found));
        }
        _ => {}
    }
}

fn shop() -> Vec<(&'static str, Value)> {
    let body = |reference: &str| json!({"content": {"application/json": {"schema": {"$ref": reference}}}});
    vec![
        (
            "v1/api.json",
            json!({
                "openapi": "3.0.3",
                "paths": {
                    "/pets": {"$ref": "paths.json#/~1pets"},
                    "/cats": {"get": {"$ref": "paths.json#/cats"}},
                },
                "components": {"schemas": {
                    "Pet": {"$ref": "../common/Pet.json"},
                    "Name": {"type": "string"},
                    "Any": {"oneOf": [{"$ref": "#/components/schemas/Pet"}], "discriminator": {
                        "propertyName": "kind", "mapping": {"pet": "../common/Pet.json", "cat": "../common/more.json#/Cat"},
                    }},
                }},
            }),
        ),
        (
            "v1/paths.json",
            json!({
                "/pets": {
                    "parameters": [{"$ref": "../common/more.json#/limit"}],
                    "post": {"requestBody": body("../common/Pet.json"), "responses": {"200": {"$ref": "#/ok"}}},
                },
                "cats": {"responses": {"200": {"$ref": "#/ok"}}},
                "ok": {"description": "ok", "headers": {"X-Next": {"$ref": "#/next"}}, "content": {
                    "application/json": {"schema": {"$ref": "../common/more.json#/Name"}, "example": {"$ref": "is data.json"}},
                }},
                "next": {"schema": {"$ref": "api.json#/components/schemas/Name"}},
            }),
        ),
        (
            "common/Pet.json",
            json!({"$id": "https://shop.example/pet", "type": "object", "properties": {
                "mother": {"$ref": "Pet.json"}, "name": {"$ref": "more.json#/Name"},
                "$ref": {"type": "string"},
            }}),
        ),
        (
            "common/more.json",
            json!({
                "Name": {"type": "integer"},
                "Cat": {"allOf": [{"$ref": "Pet.json"}]},
                "limit": {"name": "limit", "in": "query", "schema": {"$ref": "#/Name"}},
            }),
        ),
    ]
}

#[test]
fn a_bundle_leads_nowhere_out_and_names_each_part_once() {
    let whole = bundle(&read(&shop())).unwrap();
    let mut out = Vec::new();
    leading_out(&whole, &mut out);
    assert_eq!(out, ["is data.json"], "an example is data");
    let names = |section: &str| -> Vec<&str> {
        let list = whole["components"][section].as_object().unwrap();
        let mut names: Vec<_> = list.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names("schemas"), ["Any", "Cat", "Name", "Name_2", "Pet"]);
    assert_eq!(
        (names("responses"), names("parameters")),
        (vec!["ok"], vec!["limit"])
    );
    let schemas = &whole["components"]["schemas"];
    assert_eq!(
        schemas["Pet"]["properties"]["mother"]["$ref"],
        "#/components/schemas/Pet"
    );
    assert_eq!(schemas["Pet"]["properties"]["$ref"]["type"], "string");
    assert_eq!(schemas["Pet"].get("$id"), None);
    assert_eq!(schemas["Name_2"]["type"], "integer");
    assert_eq!(
        schemas["Any"]["discriminator"]["mapping"],
        json!({"pet": "#/components/schemas/Pet", "cat": "#/components/schemas/Cat"})
    );
    assert_eq!(
        whole["components"]["headers"]["next"]["schema"]["$ref"],
        "#/components/schemas/Name"
    );
    assert_eq!(
        whole["paths"]["/cats"]["get"]["responses"]["200"]["$ref"],
        "#/components/responses/ok"
    );
    // The same files always give the same bytes.
    assert_eq!(bundle(&read(&shop())).unwrap().to_string(), whole.to_string());
    let again = Document::read(whole.to_string()).unwrap();
    assert_eq!(bundle(&again).unwrap(), whole, "one file stays as it is");
}

#[test]
fn a_section_in_a_file_of_its_own_keeps_its_names() {
    let files = [
        (
            "v1/api.json",
            json!({
                "openapi": "3.1.0",
                "paths": {"$ref": "all.json#/paths"},
                "components": {"schemas": {"$ref": "all.json#/schemas"}},
            }),
        ),
        (
            "v1/all.json",
            json!({
                "paths": {"/a": {"get": {"responses": {"200": {"description": "", "content": {"application/json": {
                    "schema": {"$ref": "api.json#/components/schemas/A"},
                }}}}}}},
                "schemas": {"A": {"type": "object", "properties": {"b": {"$ref": "#/schemas/B"}}}, "B": {}},
            }),
        ),
    ];
    let whole = bundle(&read(&files)).unwrap();
    assert_eq!(
        whole["components"]["schemas"],
        json!({"A": {"type": "object", "properties": {"b": {"$ref": "#/components/schemas/B"}}}, "B": {}})
    );
    let schema = "/paths/~1a/get/responses/200/content/application~1json/schema/$ref";
    assert_eq!(whole.pointer(schema).unwrap(), "#/components/schemas/A");
}

#[test]
fn missing_and_cyclic_references_are_reported_with_their_place() {
    let api = |path: &str| json!({"openapi": "3.1.0", "paths": {"/a": {"$ref": path}}});
    let missing = bundle(&read(&[("v1/api.json", api("a.json")), ("v1/b.json", json!({}))])).unwrap_err();
    assert_eq!(
        (missing.at.as_str(), missing.reference.as_str()),
        ("/paths/~1a", "a.json")
    );
    assert_eq!(missing.why, "there is no such file");

    let round = [
        ("v1/api.json", api("a.json")),
        ("v1/a.json", json!({"$ref": "a.json"})),
    ];
    assert!(bundle(&read(&round)).unwrap_err().why.contains("cycle"));

    let encoding =
        json!({"contentType": "a/b", "encoding": {"a": {"$ref": "e.json"}, "b": {"$ref": "e.json"}}});
    let many = [
        (
            "v1/api.json",
            json!({"openapi": "3.2.0", "paths": {"/a": {"post": {"requestBody": {"content": {"multipart/form-data": {
                "encoding": {"a": {"$ref": "e.json"}},
            }}}}}}}),
        ),
        ("v1/e.json", encoding),
    ];
    let why = bundle(&read(&many)).unwrap_err().why;
    assert!(why.contains("too large") || why.contains("cycle"), "{why}");
}
