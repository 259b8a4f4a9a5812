//! A property that ends at any depth is told, in whatever order the rest is written.

use openapi_drift::{Document, Level, Options, compare};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};

/// The keywords whose schemas apply to the same value, or to a part of it.
const LISTS: [&str; 3] = ["allOf", "anyOf", "oneOf"];

/// Objects inside alternatives, parts, maps, lists and conditions. Their names are given later.
fn schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({"type": "string"})),
        Just(json!({"type": "integer"})),
        Just(json!({"type": "string", "enum": ["a", "b"]})),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let object = (proptest::collection::vec((inner.clone(), any::<bool>()), 1..4)).prop_map(object);
        let objects = proptest::collection::vec(object.clone(), 2..4);
        let lists = (
            proptest::sample::select(&LISTS[1..]),
            proptest::collection::vec(inner.clone(), 2..4),
        );
        let two = (objects.clone(), objects.clone());
        prop_oneof![
            4 => object,
            2 => lists.prop_map(|(key, list)| json!({key: list})),
            1 => objects.prop_map(|list| json!({"allOf": list})),
            1 => two.prop_map(|(one, other)| json!({"allOf": [{"anyOf": one}, {"anyOf": other}]})),
            1 => inner.clone().prop_map(|it| json!({"type": "array", "items": it})),
            1 => inner.clone().prop_map(|it| map(&it)),
            1 => inner.prop_map(|it| json!({"type": "object", "patternProperties": {"^x-": it}})),
        ]
    })
}

/// A map whose schema takes no whole property of an object, since it would declare that name, too.
fn map(values: &Value) -> Value {
    json!({"type": "object", "additionalProperties": {"type": "array", "items": values, "minItems": 1}})
}

fn object(properties: Vec<(Value, bool)>) -> Value {
    let of = |index: usize| format!("{index}");
    let required = properties.iter().enumerate().filter(|(_, it)| it.1);
    let required: Vec<String> = required.map(|(index, _)| of(index)).collect();
    let properties = properties.into_iter().enumerate();
    let properties: Map<String, Value> = properties.map(|(index, it)| (of(index), it.0)).collect();
    json!({"type": "object", "required": required, "properties": properties})
}

/// Gives each property of the schema a name of its own.
fn name(schema: &mut Value, count: &mut usize) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let old = std::mem::take(properties);
        let mut names = Map::new();
        for (name, schema) in old {
            *count += 1;
            names.insert(name, format!("p{count}").into());
            properties.insert(format!("p{count}"), schema);
        }
        for required in schema["required"].as_array_mut().into_iter().flatten() {
            *required = names[required.as_str().expect("a name")].clone();
        }
    }
    parts(schema, &mut |part| name(part, count));
}

/// Visits the schemas in a schema.
fn parts(schema: &mut Value, visit: &mut dyn FnMut(&mut Value)) {
    for key in LISTS {
        schema[key]
            .as_array_mut()
            .into_iter()
            .flatten()
            .for_each(&mut *visit);
    }
    for key in ["properties", "patternProperties"] {
        let named = schema[key].as_object_mut();
        named.into_iter().flat_map(Map::values_mut).for_each(&mut *visit);
    }
    for key in ["items", "additionalProperties"] {
        if schema[key].is_object() {
            visit(&mut schema[key]);
        }
    }
    let own = schema.as_object_mut().expect("a schema");
    own.retain(|_, value| !value.is_null());
}

/// Reverses all lists of alternatives and parts.
fn turn(schema: &mut Value) {
    for key in LISTS {
        schema[key].as_array_mut().into_iter().for_each(|it| it.reverse());
    }
    parts(schema, &mut turn);
}

/// Removes a property by its name.
fn remove(schema: &mut Value, name: &str) {
    if let Some(properties) = schema["properties"].as_object_mut()
        && properties.remove(name).is_some()
    {
        let required = schema["required"].as_array_mut().expect("a list");
        required.retain(|it| it != name);
    }
    parts(schema, &mut |part| remove(part, name));
}

fn document(schema: &Value) -> Document {
    let content = json!({"application/json": {"schema": schema}});
    let root = json!({"openapi": "3.1.0", "paths": {"/a": {"post": {
        "requestBody": {"required": true, "content": content},
        "responses": {"200": {"description": "", "content": content}},
    }}}});
    Document::read(root.to_string()).expect("shallow enough")
}

/// A few fixed cases, unless `PROPTEST_CASES` asks for others.
fn config() -> ProptestConfig {
    let is_asked = std::env::var_os("PROPTEST_CASES").is_some();
    let mut config = ProptestConfig {
        failure_persistence: None,
        max_global_rejects: u32::MAX,
        ..ProptestConfig::default()
    };
    if !is_asked {
        (config.cases, config.rng_seed) = (200, RngSeed::Fixed(1));
    }
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_lost_at_any_depth_is_told(mut schema in schema(), pick in any::<prop::sample::Index>()) {
        let mut count = 0;
        name(&mut schema, &mut count);
        prop_assume!(count > 0);
        let lost = format!("p{}", pick.index(count) + 1);
        let mut other = schema.clone();
        turn(&mut other);
        let compared = |other: &Value| compare(&document(&schema), &document(other), &Options::default());
        let turned = compared(&other);
        prop_assert!(!turned.reaches(Level::Additive), "{schema}\n{other}\n{:#?}", turned.findings);
        remove(&mut other, &lost);
        let report = compared(&other);
        for status in [None, Some("200")] {
            let is_told = report.findings.iter().any(|it| {
                let here = it.operations.iter().any(|touched| touched.status.as_deref() == status);
                it.level <= Level::Risky && here
            });
            prop_assert!(is_told, "{lost} {status:?}: {schema}\n{other}\n{:#?}", report.findings);
        }
        prop_assert_eq!(report.questions.internal_faults, 0);
    }
}
