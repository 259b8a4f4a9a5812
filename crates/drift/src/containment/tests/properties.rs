//! Properties that hold for all schemas, tested on random ones.

use openapi_document::Version;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Second, Sole, ask};
use crate::containment::engine::Engine;
use crate::containment::reading::Reading;
use crate::containment::verdict::{Verdict, World};
use crate::options::Nullable;

const NAMES: [&str; 3] = ["a", "b", "ab"];
const PATTERNS: [&str; 7] = ["^a", "b$", "^[ab]*$", "^.{2}$", "^$", "^[^a]*$", r"^\w+$"];
const KINDS: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

fn scalar() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(""),
        json!("a"),
        json!("b"),
        json!("ab"),
    ])
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map(name(), inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(NAMES.to_vec()).prop_map(str::to_owned)
}

fn pattern() -> impl Strategy<Value = &'static str> {
    prop::sample::select(PATTERNS.to_vec())
}

fn schema() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(KINDS.to_vec());
    let count = 0..3_u64;
    let leaf = prop_oneof![
        4 => kind.prop_map(|kind| json!({ "type": kind })),
        1 => prop::sample::subsequence(KINDS.to_vec(), 2).prop_map(|kinds| json!({ "type": kinds })),
        1 => any::<bool>().prop_map(Value::Bool),
        2 => value().prop_map(|value| json!({ "const": value })),
        2 => prop::collection::vec(scalar(), 1..4).prop_map(|values| json!({ "enum": values })),
        2 => (prop::sample::select(vec!["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]),
              prop::sample::select(vec![json!(-1), json!(0), json!(1), json!(1.5)]))
            .prop_map(|(keyword, n)| json!({ keyword: n })),
        1 => prop::sample::select(vec![json!(1), json!(2), json!(0.5)]).prop_map(|n| json!({ "multipleOf": n })),
        2 => (prop::sample::select(vec!["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]), count)
            .prop_map(|(keyword, n)| json!({ keyword: n })),
        1 => pattern().prop_map(|pattern| json!({ "pattern": pattern })),
        1 => Just(json!({"uniqueItems": true})),
        1 => name().prop_map(|name| json!({ "required": [name] })),
        1 => (name(), name()).prop_map(|(one, other)| json!({"dependentRequired": {one: [other]}})),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let some = || prop::collection::vec(inner.clone(), 1..4);
        let named = || prop::collection::btree_map(name(), inner.clone(), 1..3);
        prop_oneof![
            4 => (named(), prop::collection::btree_set(name(), 0..2), prop::option::of(inner.clone())).prop_map(
                |(properties, required, rest)| {
                    let mut schema = json!({"type": "object", "properties": properties, "required": required});
                    if let Some(rest) = rest {
                        schema["additionalProperties"] = rest;
                    }
                    schema
                }
            ),
            1 => (pattern(), inner.clone()).prop_map(|(pattern, schema)| json!({"patternProperties": {pattern: schema}})),
            1 => inner.clone().prop_map(|schema| json!({ "propertyNames": schema })),
            1 => (name(), inner.clone()).prop_map(|(name, schema)| json!({"dependentSchemas": {name: schema}})),
            2 => inner.clone().prop_map(|schema| json!({"type": "array", "items": schema})),
            1 => (some(), inner.clone()).prop_map(|(prefix, rest)| json!({"prefixItems": prefix, "items": rest})),
            1 => (inner.clone(), 0..2_u64, 1..3_u64)
                .prop_map(|(schema, min, max)| json!({"contains": schema, "minContains": min, "maxContains": max})),
            2 => some().prop_map(|parts| json!({ "allOf": parts })),
            2 => some().prop_map(|parts| json!({ "anyOf": parts })),
            2 => some().prop_map(|parts| json!({ "oneOf": parts })),
            1 => inner.clone().prop_map(|schema| json!({ "not": schema })),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(condition, then, otherwise)| json!({"if": condition, "then": then, "else": otherwise})),
            1 => (named(), some()).prop_map(|(properties, parts)| json!({"properties": properties, "anyOf": parts, "unevaluatedProperties": false})),
            1 => (some(), some()).prop_map(|(prefix, parts)| json!({"prefixItems": prefix, "anyOf": parts, "unevaluatedItems": false})),
        ]
    })
}

/// Values that distinguish many small schemas.
fn values() -> Vec<Value> {
    let mut values: Vec<Value> = vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(2),
        json!(-1),
        json!(1.5),
        json!(0.5),
        json!(-2),
        json!(3),
        json!(""),
        json!("a"),
        json!("b"),
        json!("ab"),
        json!("ba"),
        json!("aa"),
        json!("x"),
        json!("abc"),
        json!([]),
        json!({}),
    ];
    let inside = values.clone();
    for one in &inside {
        values.push(json!([one]));
        values.push(json!([one, one]));
        values.push(json!([one, "a"]));
        values.push(json!([1, one, null]));
        for name in ["a", "b", "ab", "x", ""] {
            values.push(json!({ name: one }));
        }
        values.push(json!({"a": one, "b": 1}));
        values.push(json!({"b": one, "ab": "a", "a": {}}));
        values.push(json!({"a": {"a": one}}));
        values.push(json!({"a": [one]}));
        values.push(json!([[one]]));
        values.push(json!([{ "b": one }]));
    }
    values
}

/// Checks an answer against a second validator on many values.
fn hold(source: &Value, target: &Value) -> Result<Verdict, TestCaseError> {
    let verdict = ask(source, target);
    if verdict == Verdict::Proved {
        let (in_source, in_target) = (Second::new(source), Second::new(target));
        for value in values() {
            prop_assert!(
                !in_source.admits(&value) || in_target.admits(&value),
                "{} is in {} and not in {}",
                value,
                source,
                target
            );
        }
    }
    Ok(verdict)
}

/// The same schema with its keys and its alternatives in reverse order.
fn shuffled(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let turned = map.iter().rev().map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    ("const", value) => value.clone(),
                    ("allOf" | "anyOf" | "oneOf" | "required" | "enum", Value::Array(items)) => {
                        let data = key == "enum" || key == "required";
                        items
                            .iter()
                            .rev()
                            .map(|it| if data { it.clone() } else { shuffled(it) })
                            .collect()
                    }
                    ("prefixItems", Value::Array(items)) => items.iter().map(shuffled).collect(),
                    (_, value @ Value::Object(_)) => shuffled(value),
                    (_, value) => value.clone(),
                };
                (key.clone(), value)
            });
            Value::Object(turned.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// The number of cases to try: few, unless `PROPTEST_CASES` asks for more.
fn cases(few: u32) -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|it| it.parse().ok()).unwrap_or(few)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(192), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_verdict_survives_a_second_validator(source in schema(), target in schema()) {
        hold(&source, &target)?;
        hold(&target, &source)?;
    }

    #[test]
    fn everything_is_within_itself(schema in schema()) {
        prop_assert_eq!(ask(&schema, &schema), Verdict::Proved);
        prop_assert_eq!(ask(&json!({"allOf": [schema, {}]}), &schema), Verdict::Proved);
    }

    #[test]
    fn nothing_is_both_itself_and_not(schema in schema()) {
        let apart = hold(&json!({"allOf": [schema, {"not": schema}]}), &json!(false))?;
        prop_assert!(!matches!(apart, Verdict::Refuted(_)));
        let whole = hold(&json!(true), &json!({"anyOf": [schema, {"not": schema}]}))?;
        prop_assert!(!matches!(whole, Verdict::Refuted(_)));
    }

    #[test]
    fn a_value_is_within_what_admits_it(schema in schema(), value in value()) {
        let one = json!({ "const": value });
        let admitted = Second::new(&schema).admits(&value);
        let (within, apart) = (ask(&one, &schema), ask(&one, &json!({ "not": schema })));
        if admitted {
            prop_assert_eq!(within, Verdict::Proved);
            prop_assert!(matches!(apart, Verdict::Refuted(_)));
        } else {
            prop_assert!(matches!(within, Verdict::Refuted(_)));
            prop_assert_eq!(apart, Verdict::Proved);
        }
    }

    #[test]
    fn what_is_widened_holds_what_it_was(schema in schema(), more in schema()) {
        for wide in [json!({"anyOf": [more, schema]}), json!({"not": {"allOf": [{"not": schema}, {"not": more}]}})] {
            let verdict = hold(&schema, &wide)?;
            prop_assert!(!matches!(verdict, Verdict::Refuted(_)), "{:?}", verdict);
        }
    }

    #[test]
    fn what_is_narrowed_is_proved_equal_only_if_nothing_was_lost(schema in schema(), less in schema()) {
        let narrow = json!({"allOf": [schema, less]});
        let verdict = hold(&narrow, &schema)?;
        prop_assert!(!matches!(verdict, Verdict::Refuted(_)));
        hold(&schema, &narrow)?;
    }

    #[test]
    fn rewriting_changes_no_verdict(source in schema(), target in schema()) {
        let verdict = std::mem::discriminant(&ask(&source, &target));
        let named = |schema: &Value| json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": schema}});
        let renamed = |schema: &Value| json!({"$ref": "#/$defs/z", "$defs": {"z": schema}});
        for (one, other) in [
            (shuffled(&source), shuffled(&target)),
            (named(&source), target.clone()),
            (source.clone(), named(&target)),
            (named(&source), renamed(&target)),
            (json!({"oneOf": [source]}), json!({"anyOf": [target]})),
        ] {
            prop_assert_eq!(std::mem::discriminant(&ask(&one, &other)), verdict, "{} in {}", one, other);
        }
    }

    #[test]
    fn a_producer_that_emits_less_is_never_refused_where_one_that_emits_all_is_not(source in schema(), target in schema()) {
        for version in [Version::V3_0, Version::V3_1] {
            let reading = Reading { nullable: Nullable::Lenient, formats: false };
            let [source, target] = [&source, &target].map(|it| Sole::new(it, version));
            let mut engine = Engine::new([&source.document, &target.document], reading, 200_000);
            let (source, target) = (source.question(0, None), target.question(1, None));
            let open = engine.contains(source, target, World::Open);
            let closed = engine.contains(source, target, World::Closed);
            prop_assert_eq!(engine.faults(), 0);
            if open == Verdict::Proved {
                prop_assert!(!matches!(closed, Verdict::Refuted(_)), "{:?}", closed);
            }
        }
    }
}
