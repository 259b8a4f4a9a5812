//! Schemas of 2020-12 at random, and values that tell many of them apart.

use proptest::prelude::*;
use serde_json::{Value, json};

const NAMES: [&str; 3] = ["a", "b", "ab"];
const PATTERNS: [&str; 6] = ["^a", "b$", "^[ab]*$", "^.{2}$", "^$", "^[^a]*$"];
const KINDS: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

fn scalar() -> impl Strategy<Value = Value> {
    let all = json!([
        null, true, false, 0, 1, -1, 2, 1.0, 1.5, 1e20, "", "a", "b", "ab", "1", "é"
    ]);
    prop::sample::select(all.as_array().cloned().unwrap_or_default())
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned)
}

fn pattern() -> impl Strategy<Value = &'static str> {
    prop::sample::select(PATTERNS.to_vec())
}

/// A value, nested twice at most.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map(name(), inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A schema, some of them with a definition that they refer to.
pub(crate) fn schema() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => plain(),
        1 => (plain(), plain()).prop_map(|(own, referred)| {
            json!({"$ref": "#/$defs/referred", "allOf": [own], "$defs": {"referred": referred}})
        }),
    ]
}

/// A schema without references, nested three times at most.
pub(crate) fn plain() -> impl Strategy<Value = Value> {
    let numbers = || prop::sample::select(vec![json!(-1), json!(0), json!(1), json!(1.5)]);
    let lengths = [
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
    ];
    let limits = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
    let leaf = prop_oneof![
        4 => prop::sample::select(KINDS.to_vec()).prop_map(|kind| json!({ "type": kind })),
        1 => prop::sample::subsequence(KINDS.to_vec(), 2).prop_map(|kinds| json!({ "type": kinds })),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => value().prop_map(|value| json!({ "const": value })),
        2 => prop::collection::vec(scalar(), 1..4).prop_map(|values| json!({ "enum": values })),
        2 => (prop::sample::select(limits.to_vec()), numbers()).prop_map(|(keyword, n)| json!({ keyword: n })),
        1 => prop::sample::select(vec![json!(1), json!(2), json!(0.5)]).prop_map(|n| json!({ "multipleOf": n })),
        2 => (prop::sample::select(lengths.to_vec()), 0..3_u64).prop_map(|(keyword, n)| json!({ keyword: n })),
        1 => pattern().prop_map(|pattern| json!({ "pattern": pattern })),
        1 => Just(json!({"uniqueItems": true})),
        1 => name().prop_map(|name| json!({ "required": [name] })),
        1 => (name(), name()).prop_map(|(one, other)| json!({"dependentRequired": {one: [other]}})),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let some = || prop::collection::vec(inner.clone(), 1..4);
        let named = || prop::collection::btree_map(name(), inner.clone(), 1..3);
        let one = || inner.clone();
        prop_oneof![
            4 => (named(), prop::collection::btree_set(name(), 0..2), prop::option::of(one())).prop_map(
                |(properties, required, further)| {
                    let mut schema = json!({"type": "object", "properties": properties, "required": required});
                    if let Some(further) = further {
                        schema["additionalProperties"] = further;
                    }
                    schema
                }
            ),
            1 => (pattern(), one()).prop_map(|(pattern, schema)| json!({"patternProperties": {pattern: schema}})),
            1 => one().prop_map(|schema| json!({ "propertyNames": schema })),
            1 => (name(), one()).prop_map(|(name, schema)| json!({"dependentSchemas": {name: schema}})),
            2 => one().prop_map(|schema| json!({"type": "array", "items": schema})),
            1 => (some(), one()).prop_map(|(prefix, rest)| json!({"prefixItems": prefix, "items": rest})),
            1 => (one(), 0..2_u64, 1..3_u64)
                .prop_map(|(schema, min, max)| json!({"contains": schema, "minContains": min, "maxContains": max})),
            2 => some().prop_map(|parts| json!({ "allOf": parts })),
            2 => some().prop_map(|parts| json!({ "anyOf": parts })),
            2 => some().prop_map(|parts| json!({ "oneOf": parts })),
            1 => one().prop_map(|schema| json!({ "not": schema })),
            1 => (one(), one(), one()).prop_map(|(condition, then, otherwise)| {
                json!({"if": condition, "then": then, "else": otherwise})
            }),
            1 => (named(), some()).prop_map(|(properties, parts)| {
                json!({"properties": properties, "anyOf": parts, "unevaluatedProperties": false})
            }),
            1 => (some(), some()).prop_map(|(prefix, parts)| {
                json!({"prefixItems": prefix, "anyOf": parts, "unevaluatedItems": false})
            }),
        ]
    })
}

/// Values that tell many small schemas apart.
pub(crate) fn values() -> Vec<Value> {
    let all = json!([
        null, true, false, 0, 1, -1, 2, 1.0, 1.5, 1e20, "", "a", "b", "ab", "ba", "1", "é", "abab",
        [], [1], [1, 1], [1.0, 1], ["a"], ["a", "b"], [null, 1, "a"], [[], {}], [{"a": 1}, {"a": 1}],
        {}, {"a": 1}, {"b": 1}, {"a": "a", "b": 1}, {"a": null}, {"ab": true}, {"a": {"b": 1}}, {"a": [1, "a"], "ab": {}},
        {"c": 1}, {"a": 1, "b": 2, "c": 3}
    ]);
    all.as_array().cloned().unwrap_or_default()
}
