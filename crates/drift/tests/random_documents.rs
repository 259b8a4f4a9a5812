//! Checks reports on random pairs of documents by the meaning of the documents. A rewriting is no drift, and if a
//! report has no drift, no value distinguishes the two documents.

use openapi_drift::{Direction, Document, Level, Options, Report, Version, compare};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};

const NAMES: [&str; 3] = ["a", "b", "c"];
const COMPONENTS: [&str; 3] = ["A", "B", "C"];

fn pick(list: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    proptest::sample::select(list)
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The kind of schemas in a document.
#[derive(Clone, Copy, Debug)]
struct Kind {
    version: Version,
    /// Whether every schema of objects states its names explicitly, so that the values it allows are exactly those that
    /// are sent.
    strict: bool,
}

fn list(values: Value) -> Vec<Value> {
    serde_json::from_value(values).expect("a list")
}

fn leaf(Kind { version, strict }: Kind) -> BoxedStrategy<Value> {
    let mut leaves = list(json!([
        {"type": "string"},
        {"type": "string", "maxLength": 1},
        {"type": "string", "enum": ["a"]},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "string", "pattern": "^a"},
        {"type": "integer"},
        {"type": "integer", "format": "int64"},
        {"type": "number", "maximum": 1},
        {"type": "number", "multipleOf": 0.5},
        {"type": "boolean"},
        {"enum": [1, 2]},
        {"type": "array"},
    ]));
    leaves.extend(list(match version {
        Version::V3_0 => json!([
            {"type": "string", "nullable": true},
            {"type": "string", "nullable": true, "enum": ["a", "b"]},
            {"nullable": true, "enum": ["a", null]},
            {"type": "number", "minimum": 1, "exclusiveMinimum": true},
            {"type": "integer", "nullable": true, "format": "int32"},
        ]),
        _ => json!([
            {"type": ["string", "null"]},
            {"type": ["string", "integer"]},
            {"const": "a"},
            {"const": null},
            {"type": "number", "exclusiveMinimum": 1},
            {"type": "null"},
            {"enum": ["a", 1, null]},
            false,
        ]),
    }));
    if !strict {
        leaves.extend(list(
            json!([{}, {"minLength": 1}, {"type": "object", "minProperties": 1}]),
        ));
        leaves.extend((version == Version::V3_1).then_some(Value::Bool(true)));
    }
    prop_oneof![
        5 => proptest::sample::select(leaves),
        2 => pick(&COMPONENTS).prop_map(reference),
    ]
    .boxed()
}

fn schema(kind: Kind) -> BoxedStrategy<Value> {
    let Kind { version, strict } = kind;
    let inner = leaf(kind).prop_recursive(3, 20, 4, move |inner| {
        let some = || proptest::collection::vec(inner.clone(), 1..4);
        let further = leaf(kind).prop_filter("it says something", Value::is_object);
        let open = if strict { Just(json!(false)) } else { Just(Value::Null) };
        let object = (
            proptest::collection::btree_map(pick(&NAMES), inner.clone(), 0..3),
            proptest::collection::btree_set(pick(&NAMES), 0..2),
            prop_oneof![2 => open, 1 => Just(json!(false)), 1 => further],
            any::<bool>(),
            0..5_u64,
        );
        let object = object.prop_map(|(properties, required, further, typed, least)| {
            let mut object = json!({ "properties": properties });
            if !further.is_null() {
                object["additionalProperties"] = further;
            }
            if !required.is_empty() {
                object["required"] = required.into_iter().collect();
            }
            if typed {
                object["type"] = "object".into();
            }
            if least == 1 {
                object["minProperties"] = least.into();
            }
            object
        })
        .boxed();
        let array = (inner.clone(), any::<bool>(), 0..2_u64).prop_map(|(items, unique, least)| {
            json!({"type": "array", "items": items, "uniqueItems": unique, "minItems": least})
        });
        let union = (pick(&["allOf", "oneOf", "anyOf"]), some(), any::<bool>());
        let union = union.prop_map(move |(key, parts, nullable)| {
            let mut union = json!({ key: parts });
            if nullable && version == Version::V3_0 {
                union["nullable"] = true.into();
            }
            union
        });
        let not = inner.clone().prop_map(move |it| {
            if strict {
                json!({"type": "string", "not": it})
            } else {
                json!({ "not": it })
            }
        });
        let old = prop_oneof![4 => object.clone(), 2 => array, 3 => union, 1 => not];
        if version == Version::V3_0 {
            return old.boxed();
        }
        prop_oneof![
            14 => old,
            1 => (some(), inner.clone())
                .prop_map(|(prefix, rest)| json!({"type": "array", "prefixItems": prefix, "items": rest})),
            1 => inner.clone().prop_map(|it| json!({"type": "array", "contains": it, "minContains": 2})),
            1 => (some(), some()).prop_map(
                |(prefix, parts)| json!({"type": "array", "prefixItems": prefix, "anyOf": parts, "unevaluatedItems": false})
            ),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(it, then, other)| json!({"if": it, "then": then, "else": other})),
            1 => (object, pick(&NAMES), inner.clone()).prop_map(|(mut object, name, it)| {
                object["dependentSchemas"] = json!({ name: it });
                object
            }),
            1 => (pick(&COMPONENTS), inner.clone())
                .prop_map(|(name, it)| json!({"$ref": reference(name)["$ref"], "anyOf": [it]})),
            1 => (some(), inner.clone()).prop_map(|(parts, it)| json!({"anyOf": parts, "unevaluatedProperties": it})),
        ]
        .boxed()
    });
    inner.boxed()
}

fn components(kind: Kind) -> impl Strategy<Value = Vec<Value>> {
    proptest::collection::vec(schema(kind), COMPONENTS.len())
        .prop_filter("a schema that stands for itself says nothing", |all| {
            is_founded(all)
        })
}

/// Whether no component refers to itself for the same value.
fn is_founded(components: &[Value]) -> bool {
    const STEPS: [&str; 8] = [
        "properties",
        "additionalProperties",
        "items",
        "prefixItems",
        "contains",
        "unevaluatedItems",
        "unevaluatedProperties",
        "$ref",
    ];
    fn reached(schema: &Value, into: &mut Vec<usize>) {
        into.extend(referred(schema));
        match schema {
            Value::Object(map) => {
                let beside = map.iter().filter(|(key, _)| !STEPS.contains(&key.as_str()));
                beside.for_each(|(_, value)| reached(value, into));
            }
            Value::Array(items) => items.iter().for_each(|it| reached(it, into)),
            _ => {}
        }
    }
    (0..components.len()).all(|start| {
        let (mut open, mut met) = (vec![start], Vec::new());
        while let Some(at) = open.pop() {
            let mut next = Vec::new();
            reached(&components[at], &mut next);
            if next.contains(&start) {
                return false;
            }
            open.extend(next.into_iter().filter(|it| !met.contains(it)));
            met.push(at);
        }
        true
    })
}

/// The component to which a schema refers.
fn referred(schema: &Value) -> Option<usize> {
    let name = schema.get("$ref")?.as_str()?.rsplit('/').next()?;
    COMPONENTS.iter().position(|it| *it == name)
}

fn document(version: Version, components: &[Value]) -> Value {
    let schemas: Map<String, Value> = COMPONENTS
        .iter()
        .zip(components)
        .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
        .collect();
    let content = json!({"application/json": {"schema": reference("A")}});
    json!({
        "openapi": if version == Version::V3_0 { "3.0.3" } else { "3.1.0" },
        "paths": {"/a": {"post": {
            "requestBody": {"required": true, "content": content},
            "responses": {"200": {"description": "", "content": content}},
        }}},
        "components": {"schemas": schemas},
    })
}

fn versions() -> impl Strategy<Value = Version> {
    prop_oneof![Just(Version::V3_0), Just(Version::V3_1)]
}

fn report(base: &Value, revision: &Value) -> Report {
    let read = |root: &Value| Document::read(root.to_string()).expect("shallow enough");
    compare(&read(base), &read(revision), &Options::default())
}

/// Applies `change` to each schema of a document, deeper ones first.
fn rewritten(schema: &Value, change: &mut dyn FnMut(Value) -> Value) -> Value {
    rewritten_except(&[], schema, change)
}

/// Applies `change` to each schema of a document except those under some keywords.
fn rewritten_except(kept: &[&str], schema: &Value, change: &mut dyn FnMut(Value) -> Value) -> Value {
    let inside = match schema {
        Value::Object(map) => {
            let members = map.iter().map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    (key, value) if kept.contains(&key) => value.clone(),
                    ("enum" | "const" | "required" | "type" | "$ref", data) => data.clone(),
                    ("properties" | "dependentSchemas", Value::Object(named)) => {
                        let named = named
                            .iter()
                            .map(|(name, it)| (name.clone(), rewritten_except(kept, it, change)));
                        Value::Object(named.collect())
                    }
                    (_, Value::Array(list)) => {
                        list.iter().map(|it| rewritten_except(kept, it, change)).collect()
                    }
                    (_, it @ Value::Object(_)) => rewritten_except(kept, it, change),
                    // A schema may be `true` or `false`, but a flag is not a schema.
                    (_, scalar) => scalar.clone(),
                };
                (key.clone(), value)
            });
            Value::Object(members.collect())
        }
        other => other.clone(),
    };
    change(inside)
}

/// Reverses the keys, and the lists whose order has no meaning.
fn turned(schema: Value) -> Value {
    let Value::Object(map) = schema else { return schema };
    let members = map.into_iter().rev().map(|(key, value)| {
        let listed = matches!(key.as_str(), "allOf" | "enum" | "required" | "type");
        let value = match value {
            Value::Array(items) if listed => items.into_iter().rev().collect(),
            Value::Object(named) if key == "properties" => Value::Object(named.into_iter().rev().collect()),
            other => other,
        };
        (key, value)
    });
    Value::Object(members.collect())
}

/// Reverses alternatives that have no inner alternatives. Others keep their order, by which they are recognized.
fn reordered(mut schema: Value) -> Value {
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(alternatives)) = schema.get_mut(key)
            && !alternatives.iter().any(|it| it.to_string().contains("Of\":"))
        {
            alternatives.reverse();
        }
    }
    schema
}

/// Replaces references by the components, unless the components lead back to themselves.
fn inlined(components: &[Value], schema: &Value, open: &[usize]) -> Value {
    rewritten(schema, &mut |it| match referred(&it) {
        Some(target) if it.as_object().is_some_and(|it| it.len() == 1) && !open.contains(&target) => {
            inlined(components, &components[target], &[open, &[target]].concat())
        }
        _ => it,
    })
}

/// The rewritings that keep the meaning, by name.
fn rewritings(components: &[Value], seed: u64) -> Vec<(&'static str, Vec<Value>)> {
    let all = |change: &mut dyn FnMut(Value) -> Value| -> Vec<Value> {
        components.iter().map(|it| rewritten(it, change)).collect()
    };
    let mut state = seed;
    let mut wrapped = |it: Value| {
        // An alternative that is only null is recognized by its form, so it stays.
        if it == json!({"const": null}) || it == json!({"type": "null"}) {
            return it;
        }
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        match (state >> 33) % 9 {
            0 => json!({"allOf": [it]}),
            1 => json!({"oneOf": [it]}),
            2 => json!({"anyOf": [it]}),
            _ => it,
        }
    };
    let inline = components.iter().map(|it| inlined(components, it, &[])).collect();
    vec![
        ("turned", all(&mut turned)),
        ("reordered", all(&mut reordered)),
        ("wrapped", all(&mut wrapped)),
        ("inlined", inline),
    ]
}

/// The document with other names for its components.
fn renamed(version: Version, components: &[Value]) -> Value {
    let mut text = document(version, components).to_string();
    for name in COMPONENTS {
        text = text.replace(&format!("/{name}\""), &format!("/{name}1\""));
        text = text.replace(&format!("\"{name}\":"), &format!("\"{name}1\":"));
    }
    serde_json::from_str(&text).expect("still JSON")
}

/// A schema of a document, compiled by the second validator for each of its readings: first by the letter, last with
/// alternatives that do not exclude each other, and in between with an object that is meant by properties without a
/// `type`, also where a condition or a negation has them, or only elsewhere.
///
/// See readings 3 and 4 in `docs/readings.md`.
struct Second {
    readings: [Compiled; 4],
}

impl Second {
    fn new(version: Version, components: &[Value]) -> Self {
        let all = |kept: &[&str], change: &mut dyn FnMut(Value) -> Value| -> Vec<Value> {
            components
                .iter()
                .map(|it| rewritten_except(kept, it, change))
                .collect()
        };
        let readings = [
            components.to_vec(),
            all(&[], &mut meant),
            all(&["not", "if"], &mut meant),
            all(&[], &mut overlapping),
        ];
        Self {
            readings: readings.map(|it| Compiled::new(version, &it)),
        }
    }

    /// Whether a value is sent. `None` if this depends on the reading.
    fn sends(&self, value: &Value) -> Option<bool> {
        let [first, others @ ..] = self.readings.each_ref().map(|it| it.admits(value));
        others.iter().all(|it| *it == first).then_some(first)
    }

    /// Whether a value is accepted. `None` if this depends on the object that is meant.
    fn reads(&self, value: &Value) -> Option<bool> {
        let [first, others @ .., _] = self.readings.each_ref().map(|it| it.admits(value));
        others.iter().all(|it| *it == first).then_some(first)
    }

    fn admits_by_letter(&self, value: &Value) -> bool {
        self.readings[0].admits(value)
    }
}

/// Accepts values that match several alternatives. No generated schema has both keywords.
fn overlapping(mut schema: Value) -> Value {
    if let Some(alternatives) = schema.as_object_mut().and_then(|it| it.remove("oneOf")) {
        schema["anyOf"] = alternatives;
    }
    schema
}

/// Adds the type of an object to properties without a `type`.
fn meant(mut schema: Value) -> Value {
    if schema.get("properties").is_some() && schema.get("type").is_none() {
        schema["type"] = "object".into();
    }
    schema
}

/// A schema of a document, compiled by the second validator.
struct Compiled {
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Compiled {
    fn new(version: Version, components: &[Value]) -> Self {
        let translated = |it: &Value| {
            rewritten(it, &mut |it| match version {
                Version::V3_0 => plain(it),
                _ => bounded(it),
            })
        };
        let schemas: Map<String, Value> = COMPONENTS
            .iter()
            .zip(components)
            .map(|(name, schema)| ((*name).to_owned(), translated(schema)))
            .collect();
        let mut root = reference("A");
        root["components"] = json!({ "schemas": schemas });
        let mut schemas = boon::Schemas::new();
        let mut compiler = boon::Compiler::new();
        compiler.set_default_draft(boon::Draft::V2020_12);
        compiler
            .add_resource("document:/", root.clone())
            .expect("a schema can be added");
        let index = compiler
            .compile("document:/", &mut schemas)
            .unwrap_or_else(|error| panic!("{root}: {error}"));
        Self { schemas, index }
    }

    fn admits(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.index).is_ok()
    }
}

/// Translates a schema of OpenAPI 3.0 to JSON Schema.
fn plain(schema: Value) -> Value {
    let Value::Object(mut map) = bounded(schema) else {
        unreachable!("3.0 has no other schemas")
    };
    if map.contains_key("$ref") {
        map.retain(|key, _| key == "$ref");
    }
    if map.remove("exclusiveMinimum") == Some(Value::Bool(true))
        && let Some(bound) = map.remove("minimum")
    {
        map.insert("exclusiveMinimum".to_owned(), bound);
    }
    match map.remove("nullable") {
        Some(Value::Bool(true)) => json!({"anyOf": [map, {"type": "null"}]}),
        _ => Value::Object(map),
    }
}

/// Replaces formats of integers by bounds.
fn bounded(mut schema: Value) -> Value {
    match schema["format"].as_str() {
        Some("int32") => (schema["minimum"], schema["maximum"]) = (i32::MIN.into(), i32::MAX.into()),
        // The validator rounds numbers to doubles, which hold 2⁶³ but not the integer before it.
        Some("int64") => {
            (schema["minimum"], schema["exclusiveMaximum"]) = (i64::MIN.into(), (1_u64 << 63).into());
        }
        _ => {}
    }
    schema
}

/// Values that distinguish many small schemas.
fn values() -> Vec<Value> {
    let small = json!([
        null,
        true,
        0,
        1,
        2,
        0.5,
        1.5,
        3_000_000_000_u64,
        "",
        "a",
        "b",
        "ab",
        [],
        {}
    ]);
    let Value::Array(small) = small else {
        unreachable!("a list")
    };
    let mut values = small.clone();
    for one in &small {
        values.extend([
            json!([one]),
            json!([one, one]),
            json!(["a", one]),
            json!([1, one, null]),
            json!([[one]]),
            json!([{ "a": one }]),
            json!({"a": one}),
            json!({"b": one}),
            json!({"c": one}),
            json!({"x": one}),
            json!({"a": one, "b": one}),
            json!({"a": "a", "b": one}),
            json!({"a": one, "c": 1}),
            json!({"a": one, "b": 1, "c": "a"}),
            json!({"a": {"a": one}}),
            json!({"b": {"a": one}}),
            json!({"a": [one]}),
            json!({"b": [one, 1]}),
        ]);
    }
    values
}

/// The findings between two documents in which one schema changes.
fn found(version: Version, old: Value, new: Value) -> Vec<(Level, Option<Direction>, String)> {
    let text = json!({"type": "string"});
    let one = |schema| document(version, &[schema, text.clone(), text.clone()]);
    let report = report(&one(old), &one(new));
    let findings = report.findings.into_iter();
    findings.map(|it| (it.level, it.direction, it.title)).collect()
}

#[test]
fn two_empty_schemas_are_only_written_differently() {
    let nothing = |one: &str, other: &str| json!({"allOf": [{"type": one}, {"type": other}]});
    let found = found(
        Version::V3_0,
        nothing("string", "integer"),
        nothing("integer", "string"),
    );
    assert!(found.iter().all(|it| it.0 == Level::Cosmetic), "{found:?}");
}

#[test]
fn a_deeper_refusal_does_not_hide_an_empty_schema() {
    let listed = |kind: &str| json!({"type": "array", "items": {"type": kind}});
    let nothing = json!({"allOf": [listed("integer"), {"type": "string"}]});
    let found = found(Version::V3_0, listed("string"), nothing);
    let answers = found.iter().find(|it| it.1 == Some(Direction::Response));
    assert_eq!(answers.expect("a finding").0, Level::Risky, "{found:?}");
}

#[test]
fn a_value_that_another_alternative_accepts_is_not_refused() {
    let (short, text) = (
        json!({"type": "string", "maxLength": 1}),
        json!({"type": "string"}),
    );
    let old = json!({"type": "string", "nullable": true});
    let found = found(
        Version::V3_0,
        old,
        json!({"oneOf": [short, text], "nullable": true}),
    );
    let of = |level: Level| {
        let all = found.iter().filter(move |it| it.0 == level);
        all.map(|it| it.2.as_str()).collect::<Vec<_>>()
    };
    assert!(of(Level::Breaking).is_empty(), "{found:?}");
    // An empty text matches both alternatives, which only the letter of `oneOf` refuses.
    assert_eq!(
        of(Level::Risky),
        ["`A` takes an empty text as several alternatives of its `oneOf` at once"],
        "{found:?}"
    );
}

#[test]
fn of_several_lists_those_values_count_that_all_have() {
    let listed = |values: &[&str]| json!({"type": "string", "enum": values});
    let (wide, narrow) = (listed(&["a", "b"]), listed(&["a"]));
    let found = found(
        Version::V3_0,
        json!({"allOf": [wide, narrow]}),
        json!({"allOf": [narrow, wide]}),
    );
    assert!(found.iter().all(|it| it.0 == Level::Cosmetic), "{found:?}");
}

/// The closed object requires a name that it does not allow, so that nothing satisfies it. The second document says the
/// same with its references written out, so far that no search decides it.
#[test]
fn an_object_that_nothing_satisfies_gains_no_names() {
    let within = |b: &Value, c: &Value| {
        let closed = json!({
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": {"b": {"properties": {"b": b, "c": c}}, "c": {}},
            "dependentSchemas": {"c": c},
        });
        json!({"required": ["b"], "properties": {"b": closed}})
    };
    let unless_text =
        |other: &Value| json!({"if": {"type": "string"}, "then": {"type": "string"}, "else": other});
    let (a, b) = (reference("A"), reference("B"));
    let short = [within(&b, &a), unless_text(&a), json!({})];
    let inner = within(&unless_text(&a), &a);
    let long = [
        within(&unless_text(&short[0]), &inner),
        unless_text(&inner),
        json!({}),
    ];
    let report = report(&document(Version::V3_1, &short), &document(Version::V3_1, &long));
    assert!(!report.reaches(Level::Additive), "{:#?}", report.findings);
}

/// A few fixed cases, unless `PROPTEST_CASES` asks for others.
fn config() -> ProptestConfig {
    let failure_persistence = None;
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return ProptestConfig {
            failure_persistence,
            ..ProptestConfig::default()
        };
    }
    ProptestConfig {
        cases: 32,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_is_written_differently_is_no_drift(
        (version, components) in versions().prop_flat_map(|version| {
            (Just(version), components(Kind { version, strict: false }))
        }),
        seed in any::<u64>(),
    ) {
        let original = document(version, &components);
        let changed = rewritings(&components, seed)
            .into_iter()
            .map(|(name, components)| (name, document(version, &components)))
            .chain([("renamed", renamed(version, &components))]);
        for (name, changed) in changed {
            for (base, revision) in [(&original, &changed), (&changed, &original)] {
                let report = report(base, revision);
                prop_assert_eq!(report.questions.internal_faults, 0);
                prop_assert!(
                    !report.reaches(Level::Additive),
                    "{}: {}\n{}\n{:#?}", name, base["components"], revision["components"], report.findings
                );
            }
        }
    }

    #[test]
    fn what_values_tell_apart_is_found(
        ((from, old), (to, new)) in (versions(), versions(), any::<bool>()).prop_flat_map(|(from, other, same)| {
            let to = if same { from } else { other };
            let strict = |version| (Just(version), components(Kind { version, strict: true }));
            (strict(from), strict(to))
        }),
        kept in 0..4_usize,
    ) {
        // In most cases, one component changes.
        let mut new = new;
        if from == to && kept < COMPONENTS.len() {
            let mut other = old.clone();
            other[kept] = new[kept].clone();
            if is_founded(&other) {
                new = other;
            }
        }
        let (base, revision) = (document(from, &old), document(to, &new));
        let report = report(&base, &revision);
        prop_assert_eq!(report.questions.internal_faults, 0, "{}\n{}", base["components"], revision["components"]);
        let (before, after) = (Second::new(from, &old), Second::new(to, &new));
        for direction in [Direction::Request, Direction::Response] {
            let (source, target) = match direction {
                Direction::Request => (&before, &after),
                Direction::Response => (&after, &before),
            };
            let worst = report.findings.iter().filter(|it| it.direction == Some(direction)).map(|it| it.level).min();
            for value in values() {
                let (Some(sent), Some(read)) = (source.sends(&value), target.reads(&value)) else {
                    continue;
                };
                let least = match (sent, read) {
                    (true, false) => Level::Risky,
                    (false, true) => Level::Additive,
                    _ => continue,
                };
                prop_assert!(
                    worst.is_some_and(|worst| worst <= least),
                    "{:?}: {} is {} sent and {} read: {}\n{}\n{:#?}",
                    direction, value, sent, read, base["components"], revision["components"], report.findings
                );
            }
            for finding in report.findings.iter().filter(|it| it.level == Level::Breaking && it.direction == Some(direction)) {
                // A message does not state whether a `*` on the path is an item or a name.
                for touched in finding.operations.iter().filter(|it| !it.at.contains('*')) {
                    let Some(body) = touched.message.as_ref().and_then(|it| it.get("body")) else { continue };
                    prop_assert!(
                        source.admits_by_letter(body) && !target.admits_by_letter(body),
                        "{} shows nothing: {}\n{}\n{:#?}",
                        body, base["components"], revision["components"], finding
                    );
                }
            }
        }
    }
}
