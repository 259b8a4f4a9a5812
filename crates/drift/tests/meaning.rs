//! Documents that are written differently and have the same meaning, and documents that only seem to have it.

use openapi_drift::{Document, Finding, Level, Options, Report, compare};
use serde_json::{Value, json};

/// A document in which the schema `A` describes both the request and the response.
fn document(version: &str, schemas: Value) -> Document {
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/A"}}});
    let mut root = json!({
        "openapi": version,
        "paths": {"/a": {"post": {
            "requestBody": {"required": true, "content": content},
            "responses": {"200": {"description": "", "content": content}},
        }}},
    });
    root["components"] = json!({});
    root["components"]["schemas"] = schemas;
    Document::read(root.to_string()).expect("an OpenAPI document")
}

fn report(old: (&str, Value), new: (&str, Value)) -> Report {
    let (old, new) = (document(old.0, old.1), document(new.0, new.1));
    let report = compare(&old, &new, &Options::default());
    assert_eq!(report.questions.internal_faults, 0);
    assert_eq!(report.questions.undecided, 0);
    report
}

fn said(report: &Report) -> Vec<&Finding> {
    report
        .findings
        .iter()
        .filter(|it| it.level != Level::Cosmetic)
        .collect()
}

#[track_caller]
fn mean_the_same(old: (&str, Value), new: (&str, Value)) {
    let report = report(old, new);
    let rules: Vec<_> = said(&report).iter().map(|it| it.title.clone()).collect();
    assert_eq!(rules, Vec::<String>::new());
}

#[test]
fn one_of_is_exclusive_by_what_alternatives_admit_not_by_what_is_sent() {
    let to_c = json!({"oneOf": [{}, {"$ref": "#/components/schemas/C"}]});
    let holder = |inner: Value| json!({"type": "object", "properties": {"d": inner}, "required": ["d"]});
    let map = json!({"additionalProperties": true, "properties": {"c": {"type": "string"}}});
    let mut nullable = map.clone();
    nullable["nullable"] = true.into();
    let or_null = json!({"anyOf": [map, {"type": "null"}]});
    mean_the_same(
        ("3.0.3", json!({"A": to_c, "C": holder(nullable)})),
        ("3.1.0", json!({"A": to_c, "C": holder(or_null)})),
    );
}

#[test]
fn an_alternative_that_is_written_anew_is_not_lost() {
    let schemas = |kind: Value| {
        json!({"A": {"oneOf": [
            {"const": "y"},
            {"type": "object", "properties": {"d": kind, "a": {}}, "required": ["a"], "maxProperties": 1},
            {"properties": {"a": {"type": "string"}, "d": kind}, "required": ["a", "d"]},
        ]}})
    };
    let (old, new) = (
        schemas(json!({"type": "object"})),
        schemas(json!({"type": ["object"]})),
    );
    mean_the_same(("3.1.0", old), ("3.1.0", new));
    let schemas = |word: Value| json!({"A": {"oneOf": [{"type": "object"}, {"maxProperties": 2, "patternProperties": {"^a": word}}]}});
    let (old, new) = (
        json!({"type": "boolean"}),
        json!({"allOf": [{"type": "boolean"}]}),
    );
    mean_the_same(("3.1.0", schemas(old)), ("3.1.0", schemas(new)));
}

#[test]
fn another_version_of_openapi_is_told_once() {
    let schemas = |text: Value, above: Value| json!({"A": {"type": "object", "properties": {"text": text, "number": above, "same": {"type": "boolean"}}}});
    let old = schemas(
        json!({"type": "string", "nullable": true}),
        json!({"type": "number", "minimum": 1, "exclusiveMinimum": true}),
    );
    let new = schemas(
        json!({"type": ["string", "null"]}),
        json!({"type": "number", "exclusiveMinimum": 1}),
    );
    let report = report(("3.0.3", old), ("3.1.0", new));
    let rules: Vec<_> = report.findings.iter().map(|it| it.rule.as_str()).collect();
    assert_eq!(rules, ["openapi-version-changed"]);
}

#[test]
fn null_of_a_parameter_is_read_alike_in_both_versions() {
    let document = |version: &str, schema: Value| {
        let mut root = json!({"openapi": version, "paths": {"/a": {"get": {"responses": {}}}}});
        let operation = &mut root["paths"]["/a"]["get"];
        operation["parameters"] = json!([{"name": "q", "in": "query"}]);
        operation["parameters"][0]["schema"] = schema;
        Document::read(root.to_string()).expect("an OpenAPI document")
    };
    let old = document("3.0.3", json!({"type": "string", "nullable": true}));
    let new = document("3.1.0", json!({"type": ["string", "null"]}));
    for (old, new) in [(&old, &new), (&new, &old)] {
        let report = compare(old, new, &Options::default());
        assert_eq!(said(&report), Vec::<&Finding>::new());
    }
    // Only the text of one value can be sent, which a list accepts as its only item.
    let old_list = json!({"type": "array", "items": {"type": "string", "nullable": true}});
    let new_list = json!({"type": ["array", "null"], "items": {"type": ["string", "null"]}});
    for (text, list) in [
        (&old, document("3.0.3", old_list.clone())),
        (&new, document("3.1.0", new_list.clone())),
        (&old, document("3.1.0", new_list)),
        (&new, document("3.0.3", old_list)),
    ] {
        let report = compare(text, &list, &Options::default());
        assert!(!report.reaches(Level::Risky), "{:#?}", said(&report));
    }
}

#[test]
fn two_empty_schemas_are_no_drift() {
    let nothing =
        |name: &str| json!({"allOf": [{"type": "integer"}, {"type": "string", "description": name}]});
    let schemas = |inner: Value| json!({"A": {"type": "object", "properties": {"a": inner}}});
    mean_the_same(
        ("3.0.3", schemas(nothing("x"))),
        ("3.0.3", schemas(json!({"anyOf": [nothing("y")]}))),
    );
}

#[test]
fn a_property_is_read_only_where_what_it_refers_to_is() {
    let schemas = |id: Value| {
        json!({
            "A": {"type": "object", "properties": {"id": id}, "required": ["id"]},
            "Id": {"type": "string", "readOnly": true},
        })
    };
    let inline = json!({"type": "string", "readOnly": true});
    let referred = json!({"$ref": "#/components/schemas/Id"});
    for other in [referred.clone(), json!({"allOf": [referred]})] {
        mean_the_same(
            ("3.0.3", schemas(inline.clone())),
            ("3.0.3", schemas(other.clone())),
        );
        mean_the_same(("3.1.0", schemas(other)), ("3.1.0", schemas(inline.clone())));
    }
}

#[test]
fn a_property_that_is_not_sent_is_no_name_of_the_map_beside_it() {
    let schemas = |flag: bool| {
        json!({"A": {
            "type": "object",
            "properties": {"a": {"type": "boolean", "writeOnly": flag}},
            "additionalProperties": {"type": "string"},
        }})
    };
    let report = report(("3.0.3", schemas(false)), ("3.0.3", schemas(true)));
    assert_eq!(report.counts.breaking, 0, "{:?}", said(&report));
}

#[test]
fn a_message_shows_drift_of_a_map_under_a_name_that_is_no_property() {
    let schemas = |values: &str| {
        json!({"A": {
            "type": "object",
            "properties": {"a": {}, "name0": {"readOnly": true}},
            "required": ["a"],
            "additionalProperties": {"type": values},
        }})
    };
    let report = report(("3.0.3", schemas("string")), ("3.0.3", schemas("integer")));
    let sent = |it: &&&Finding| it.rule == "request-type-refused";
    let findings = said(&report);
    let message = findings.iter().find(sent).expect("a finding").operations[0]
        .message
        .as_ref();
    let body = &message.expect("a whole message")["body"];
    assert_eq!(body["name1"], "", "{body}");
}

#[test]
fn what_a_property_says_of_itself_is_read_to_an_end() {
    let holder = |id: Value| json!({"type": "object", "required": ["id"], "properties": {"id": id}});
    let itself = json!({"$ref": "#/components/schemas/B"});
    for all in [
        json!([{"readOnly": true}, true]),
        Value::Array(vec![itself.clone(); 30]),
    ] {
        for version in ["3.0.3", "3.1.0"] {
            let schemas = json!({"A": holder(itself.clone()), "B": {"allOf": all}});
            let mut rewritten = schemas.clone();
            rewritten["A"] = json!({ "allOf": [schemas["A"]] });
            mean_the_same((version, schemas), (version, rewritten));
        }
    }
}

#[test]
fn a_schema_is_found_by_every_name_that_a_document_gives_it() {
    for (reference, name) in [
        ("#pet", json!({"$anchor": "pet"})),
        ("https://x.example/pet", json!({"$id": "https://x.example/pet"})),
        (
            "#/components/schemas/Pet",
            json!({"$id": "https://x.example/pet"}),
        ),
    ] {
        let schemas = |kind: &str| {
            // A reference beside an `$id` is still relative to the whole document.
            let mut pet = json!({"type": "object", "required": ["x"],
                "properties": {"x": {"$ref": "#/components/schemas/X"}}});
            pet.as_object_mut()
                .unwrap()
                .extend(name.as_object().unwrap().clone());
            json!({"A": {"$ref": reference}, "Pet": pet, "X": {"type": kind}})
        };
        let report = report(("3.1.0", schemas("string")), ("3.1.0", schemas("integer")));
        let said: Vec<_> = said(&report).iter().map(|it| it.rule.clone()).collect();
        assert_eq!(
            said,
            ["request-type-refused", "response-type-unreadable"],
            "{reference}"
        );
    }
}

#[test]
fn what_is_listed_under_two_spellings_is_paired_by_its_spelling() {
    let content = |of: &str| json!({"schema": {"type": of}});
    let answer = json!({"responses": {"200": {"description": "", "content": {
        "application/json": content("string"), "application/json; charset=utf-8": content("integer"),
    }}}});
    let body = json!({"requestBody": {"content": {
        "application/json": content("boolean"), "application/json;charset=UTF-8": content("array"),
    }}});
    let path =
        |name: &str| json!([{"name": name, "in": "path", "required": true, "schema": {"type": "string"}}]);
    let root = json!({"openapi": "3.0.3", "paths": {
        "/a/{id}": {"parameters": path("id"), "get": answer},
        "/a/{name}": {"parameters": path("name"), "get": {"responses": {"204": {"description": ""}}}},
        "/b": {"put": body},
    }});
    let mut reversed = root.clone();
    let paths = reversed["paths"].as_object_mut().unwrap();
    let (first, second) = (
        paths.shift_remove("/a/{id}").unwrap(),
        paths.shift_remove("/b").unwrap(),
    );
    paths.insert("/b".to_owned(), second);
    paths.insert("/a/{id}".to_owned(), first);
    for other in [&root, &reversed] {
        let [old, new] = [&root, other].map(|it| Document::read(it.to_string()).unwrap());
        let report = compare(&old, &new, &Options::default());
        assert_eq!(report.findings, []);
    }
}

#[test]
fn schemes_that_grant_tokens_in_two_ways_may_stand_in_any_order() {
    let scheme = |flow: &str| {
        json!({"type": "oauth2", "flows": {flow: {
            "authorizationUrl": "https://a.example/auth", "tokenUrl": "https://a.example/token", "scopes": {"read": ""}
        }}})
    };
    let asking = |names: [&str; 2]| {
        let mut asked = serde_json::Map::new();
        for name in names {
            asked.insert(name.to_owned(), json!(["read"]));
        }
        let root = json!({
            "openapi": "3.0.3",
            "paths": {"/a": {"get": {"security": [asked], "responses": {"200": {"description": ""}}}}},
            "components": {"securitySchemes": {"browser": scheme("implicit"), "server": scheme("authorizationCode")}},
        });
        Document::read(root.to_string()).unwrap()
    };
    let (old, new) = (asking(["browser", "server"]), asking(["server", "browser"]));
    assert_eq!(compare(&old, &new, &Options::default()).findings, []);
}
