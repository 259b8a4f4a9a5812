//! Compares the judge with two other validators.

use openapi_document::Document;
use openapi_wire::{Contract, Direction, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::generated::{plain, schema, value, values};

/// Whether boon takes each value; `None` where it does not read the schema.
fn taken_by_boon(schema: &Value, values: &[Value]) -> Option<Vec<bool>> {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.set_default_draft(boon::Draft::V2020_12);
    compiler.add_resource("document:/", schema.clone()).ok()?;
    let index = compiler.compile("document:/", &mut schemas).ok()?;
    Some(
        values
            .iter()
            .map(|it| schemas.validate(it, index).is_ok())
            .collect(),
    )
}

/// Whether the `jsonschema` validator takes each value. The judge uses it for single keywords only.
fn taken_by_jsonschema(schema: &Value, values: &[Value]) -> Vec<bool> {
    let validator = jsonschema::draft202012::new(schema).expect("jsonschema reads these schemas");
    values.iter().map(|it| validator.is_valid(it)).collect()
}

/// Whether the judge takes each value under a schema by itself.
fn taken(schema: &Value, values: &[Value]) -> Vec<Result<bool, String>> {
    let document = Document::read_schema(schema.to_string()).unwrap();
    let contract = Contract::new(&document);
    let admits = |it| contract.admits(document.root(), Direction::Request, it);
    values.iter().map(admits).collect()
}

/// Fails unless the judge and both other validators take the same values.
#[track_caller]
fn agree(schema: &Value, values: &[Value]) {
    let boon = taken_by_boon(schema, values).expect("boon reads these schemas");
    let jsonschema = taken_by_jsonschema(schema, values);
    for (index, taken) in taken(schema, values).into_iter().enumerate() {
        let value = &values[index];
        assert_eq!(taken, Ok(boon[index]), "boon: {schema} {value}");
        assert_eq!(taken, Ok(jsonschema[index]), "jsonschema: {schema} {value}");
    }
}

/// A schema whose `unevaluatedProperties` and `unevaluatedItems` depend on every applicator beside them.
fn layered() -> impl Strategy<Value = Value> {
    let layer = |inner: BoxedStrategy<Value>| {
        let applied = (
            prop::sample::subsequence(
                vec![
                    "allOf",
                    "anyOf",
                    "oneOf",
                    "if",
                    "not",
                    "$ref",
                    "dependentSchemas",
                    "contains",
                    "propertyNames",
                    "items",
                    "prefixItems",
                    "properties",
                    "patternProperties",
                    "additionalProperties",
                    "unevaluatedProperties",
                    "unevaluatedItems",
                ],
                1..5,
            ),
            prop::collection::vec(inner, 6),
        );
        applied.prop_map(|(keywords, parts)| {
            let mut schema = json!({});
            for (index, keyword) in keywords.iter().enumerate() {
                let (one, other) = (&parts[index], &parts[index + 1]);
                schema[*keyword] = match *keyword {
                    "allOf" | "anyOf" | "oneOf" | "prefixItems" => json!([one, other]),
                    "properties" => json!({"a": one, "ab": other}),
                    "patternProperties" => json!({"^a": one}),
                    "dependentSchemas" => json!({"a": one, "b": other}),
                    "$ref" => json!("#/$defs/referred"),
                    "if" => {
                        schema["then"] = other.clone();
                        schema["else"] = parts[index + 2].clone();
                        one.clone()
                    }
                    _ => one.clone(),
                };
            }
            schema
        })
    };
    let flat = layer(plain().boxed());
    let nested = layer(prop_oneof![flat.boxed(), Just(json!(false)), plain()].boxed());
    (layer(nested.boxed()), plain()).prop_map(|(mut schema, referred)| {
        schema["$defs"] = json!({ "referred": referred });
        schema
    })
}

/// Shapes of schemas in which validators have been wrong, with values that tell the readings apart.
#[test]
#[expect(clippy::too_many_lines, reason = "a table has as many lines as it has rows")]
fn three_validators_agree_on_shapes_that_are_hard() {
    let values = json!([
        null, 0, 1, 1.0, -0.0, 1e20, 100_000_000_000_000_000_000.0, 9_007_199_254_740_993_u64, 0.5, "", "a", "é", "😀😀",
        [], [1], [1, 2], [1, "a"], ["a", 1], [1, 1.0], [[1], [1.0]], [{"a": 1}, {"a": 1.0}], [0, false], [1, true],
        ["a", "b", "c"], {}, {"a": 1}, {"a": "x"}, {"b": 1}, {"a": 1, "b": 1}, {"a": 1, "c": 1}, {"a": {"b": 1}}, {"a": [1]},
        {"a": 1, "b": 1, "c": 1}, {"foo": 1}, {"foo": "x", "bar": 1}, {"": 1}, {"__proto__": 1}, {"$ref": "a"}
    ]);
    let values = values.as_array().unwrap();
    let unevaluated = |mut schema: Value| {
        schema["unevaluatedProperties"] = json!(false);
        schema
    };
    let unevaluated_items = |mut schema: Value| {
        schema["unevaluatedItems"] = json!(false);
        schema
    };
    let named = |name: &str| json!({"properties": {name: true}});
    for schema in [
        unevaluated(json!({})),
        unevaluated(json!({"allOf": [named("a"), named("b")]})),
        unevaluated(json!({"anyOf": [named("a"), {"required": ["b"], "properties": {"b": true}}]})),
        unevaluated(
            json!({"oneOf": [{"required": ["a"], "properties": {"a": true}}, {"required": ["b"], "properties": {"b": true}}]}),
        ),
        unevaluated(
            json!({"if": {"required": ["a"], "properties": {"a": true}}, "then": named("b"), "else": named("c")}),
        ),
        unevaluated(json!({"if": {"required": ["a"], "properties": {"a": true}}})),
        unevaluated(json!({"not": {"not": named("a")}})),
        unevaluated(json!({"dependentSchemas": {"a": named("b")}, "properties": {"a": true}})),
        unevaluated(json!({"$ref": "#/$defs/a", "$defs": {"a": named("a")}})),
        unevaluated(json!({"allOf": [{"additionalProperties": true}]})),
        unevaluated(json!({"allOf": [{"unevaluatedProperties": true}]})),
        unevaluated(json!({"patternProperties": {"^a": true}})),
        unevaluated(json!({"propertyNames": {"maxLength": 1}})),
        json!({"allOf": [named("a"), unevaluated(json!({}))]}),
        json!({"allOf": [unevaluated(named("a")), named("b")]}),
        json!({"properties": {"a": unevaluated(named("b"))}, "unevaluatedProperties": {"type": "integer"}}),
        unevaluated_items(json!({})),
        unevaluated_items(
            json!({"prefixItems": [true], "allOf": [{"prefixItems": [true, {"type": "integer"}]}]}),
        ),
        unevaluated_items(json!({"contains": {"type": "integer"}})),
        unevaluated_items(json!({"allOf": [{"contains": {"type": "string"}}, {"contains": {"const": 1}}]})),
        unevaluated_items(
            json!({"anyOf": [{"items": {"type": "integer"}}, {"prefixItems": [{"type": "string"}]}]}),
        ),
        unevaluated_items(json!({"contains": true, "minContains": 0})),
        json!({"prefixItems": [{"type": "integer"}], "unevaluatedItems": {"type": "string"}}),
        json!({"contains": {"type": "integer"}, "maxContains": 1}),
        json!({"contains": {"type": "integer"}, "minContains": 2}),
        json!({"contains": {"type": "integer"}, "minContains": 0, "maxContains": 0}),
        json!({"minContains": 2, "maxContains": 0}),
        json!({"contains": false}),
        json!({"items": false}),
        json!({"uniqueItems": true}),
        json!({"prefixItems": [true, true], "items": false, "uniqueItems": true}),
        json!({"const": 1}),
        json!({"const": [1]}),
        json!({"const": {"a": 1.0}}),
        json!({"enum": [0, [1], {"a": 1}, "a"]}),
        json!({"enum": (0..40).map(|it| json!([it])).collect::<Vec<_>>()}),
        json!({"const": false}),
        json!({"const": 9_007_199_254_740_992_u64}),
        json!({"type": "integer"}),
        json!({"type": ["integer", "null"]}),
        json!({"multipleOf": 0.25}),
        json!({"exclusiveMinimum": 0, "maximum": 1}),
        json!({"exclusiveMaximum": 9_007_199_254_740_993_u64}),
        json!({"minLength": 2}),
        json!({"maxLength": 1}),
        json!({"minProperties": 1, "maxProperties": 1}),
        json!({"required": ["__proto__"]}),
        json!({"properties": {"__proto__": {"type": "string"}, "$ref": {"type": "integer"}}}),
        json!({"dependentRequired": {"a": ["b"], "b": ["c"]}}),
        json!({"dependentSchemas": {"a": false}}),
        json!({"propertyNames": false}),
        json!({"propertyNames": {"$ref": "#/$defs/short"}, "$defs": {"short": {"maxLength": 1, "minLength": 1}}}),
        json!({"then": false, "else": false}),
        json!({"if": false, "then": false}),
        json!({"if": true, "else": false}),
        json!({"$ref": "#/$defs/a%25b", "$defs": {"a%b": {"type": "object"}}}),
        json!({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "object"}}}),
        json!({"$ref": "#here", "$defs": {"a": {"$anchor": "here", "type": "object"}}}),
        json!({"$id": "http://x.example/root", "$ref": "item", "$defs": {"a": {"$id": "item", "type": "object"}}}),
        json!({"$ref": "https://json-schema.org/draft/2020-12/schema"}),
        json!({"properties": {"a": {"$ref": "#"}}, "additionalProperties": false}),
        json!({"$dynamicRef": "#t", "$defs": {"a": {"$dynamicAnchor": "t", "type": "object"}}}),
        json!({
            "$id": "http://x.example/strict", "$dynamicAnchor": "node", "$ref": "tree", "unevaluatedProperties": false,
            "$defs": {"tree": {
                "$id": "tree", "$dynamicAnchor": "node", "type": "object",
                "properties": {"b": true, "a": {"$dynamicRef": "#node"}}
            }}
        }),
        json!({
            "$id": "http://x.example/list", "$ref": "generic",
            "$defs": {
                "texts": {"$dynamicAnchor": "item", "type": "string"},
                "generic": {
                    "$id": "generic", "items": {"$dynamicRef": "#item"},
                    "$defs": {"any": {"$dynamicAnchor": "item"}}
                }
            }
        }),
        json!({
            "$id": "http://x.example/choice", "if": {"required": ["a"]}, "then": {"$ref": "one"}, "else": {"$ref": "two"},
            "$defs": {
                "one": {"$id": "one", "$ref": "base", "$defs": {"x": {"$dynamicAnchor": "x", "maxProperties": 1}}},
                "two": {"$id": "two", "$ref": "base", "$defs": {"x": {"$dynamicAnchor": "x", "maxProperties": 0}}},
                "base": {"$id": "base", "$dynamicRef": "#x", "$defs": {"x": {"$dynamicAnchor": "x"}}}
            }
        }),
    ] {
        agree(&schema, values);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn boon_takes_what_the_judge_takes(schema in schema(), own in prop::collection::vec(value(), 0..6)) {
        // A document that is no object is YAML.
        prop_assume!(schema.is_object());
        let values: Vec<Value> = values().into_iter().chain(own).collect();
        let boon = taken_by_boon(&schema, &values).expect("boon reads generated schemas");
        let document = Document::read_schema(schema.to_string()).unwrap();
        let contract = Contract::new(&document);
        for (value, taken) in values.iter().zip(boon) {
            for direction in [Direction::Request, Direction::Response] {
                let judgement = contract.value(document.root(), direction, value);
                prop_assert_ne!(judgement.verdict(), Verdict::CannotTell, "{} {}", schema, value);
                prop_assert_eq!(judgement.verdict() == Verdict::Accepted, taken, "{} {}", schema, value);
            }
        }
    }

    #[test]
    fn three_validators_agree(schema in schema(), own in prop::collection::vec(value(), 0..6)) {
        prop_assume!(schema.is_object());
        agree(&schema, &values().into_iter().chain(own).collect::<Vec<_>>());
    }

    #[test]
    fn three_validators_agree_on_what_is_evaluated(schema in layered(), own in prop::collection::vec(value(), 0..6)) {
        agree(&schema, &values().into_iter().chain(own).collect::<Vec<_>>());
    }

    #[test]
    fn boon_takes_what_the_judge_takes_inside_a_component_of_3_1(schema in schema()) {
        let values = values();
        let boon = taken_by_boon(&schema, &values).expect("boon reads generated schemas");
        // References are written from the root of their document.
        let schema = schema.to_string().replace("#/$defs/", "#/components/schemas/S/$defs/");
        let text = format!(r#"{{"openapi": "3.1.0", "paths": {{}}, "components": {{"schemas": {{"S": {schema}}}}}}}"#);
        let document = Document::read(text).unwrap();
        let contract = Contract::new(&document);
        let node = document.root().pointer("/components/schemas/S").unwrap();
        for (value, taken) in values.iter().zip(boon) {
            let judgement = contract.value(node, Direction::Request, value);
            prop_assert_eq!(judgement.verdict() == Verdict::Accepted, taken, "{} {}", schema, value);
        }
    }
}
