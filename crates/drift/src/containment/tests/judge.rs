//! The judge by itself: what it admits, beside a second validator that is told what a schema means, and its words.

use openapi_document::Version;
use serde_json::{Value, json};

use super::pools::{arrays, columns, objects, read, told_apart};
use super::{Second, Sole};
use crate::containment::engine::{Engine, Question};
use crate::containment::reading::Reading;
use crate::containment::values::Refusal;
use crate::containment::verdict::Verdict;
use crate::options::Nullable;
use crate::report::Direction;

struct Asked<'v> {
    schema: &'v Value,
    version: Version,
    direction: Option<Direction>,
    reading: Reading,
}

const LENIENT: Reading = Reading {
    nullable: Nullable::Lenient,
    formats: false,
};

impl<'v> Asked<'v> {
    fn new(schema: &'v Value, version: Version) -> Self {
        Self {
            schema,
            version,
            direction: None,
            reading: LENIENT,
        }
    }

    fn with<T>(&self, ask: impl for<'d> FnOnce(&mut Engine<'d>, Question<'d>) -> T) -> T {
        let schema = Sole::new(self.schema, self.version);
        let mut engine = Engine::new([&schema.document; 2], self.reading, 1);
        ask(&mut engine, schema.question(0, self.direction))
    }

    /// The judge says of every value what the second validator says of it.
    #[track_caller]
    fn means(&self, meaning: &Value, values: &[Value]) {
        let second = Second::new(meaning);
        self.with(|engine, question| {
            for value in values {
                let admitted = engine.admits(question, value);
                assert_eq!(admitted, Ok(second.admits(value)), "{value} of {}", self.schema);
                let refused = engine.refusals(question, value).expect("a small schema");
                assert_eq!(
                    refused.is_empty(),
                    second.admits(value),
                    "{value} of {}",
                    self.schema
                );
            }
        });
    }

    fn refusals(&self, value: &Value) -> Result<Vec<Refusal>, String> {
        self.with(|engine, question| engine.refusals(question, value))
    }

    fn admits(&self, value: &Value) -> Result<bool, String> {
        self.with(|engine, question| engine.admits(question, value))
    }
}

fn values() -> Vec<Value> {
    let mut values = told_apart();
    // The second validator divides floats.
    values.retain(|value| *value != json!(1e19));
    values.extend(arrays(
        &[json!(0), json!(1), json!("a"), json!(true), json!(null)],
        3,
    ));
    values.extend(objects(&["a", "b", "c", "ab"], &[json!(1), json!("a")]));
    values
}

#[test]
fn every_keyword_is_handed_on() {
    let values = values();
    for lines in [
        include_str!("pools/kinds.jsonl"),
        include_str!("pools/numbers.jsonl"),
        include_str!("pools/strings.jsonl"),
        include_str!("pools/arrays.jsonl"),
        include_str!("pools/counts.jsonl"),
        include_str!("pools/differences.jsonl"),
        include_str!("pools/objects.jsonl"),
    ] {
        for schema in lines.lines().map(read) {
            Asked::new(&schema, Version::V3_1).means(&schema, &values);
        }
    }
}

#[test]
fn the_older_version_is_read_as_it_is_meant() {
    let values = told_apart();
    for [old, lenient, strict] in columns(include_str!("pools/openapi-3.0.jsonl")) {
        let mut asked = Asked::new(&old, Version::V3_0);
        asked.means(&lenient, &values);
        asked.reading.nullable = Nullable::Strict;
        asked.means(&strict, &values);
    }
}

#[test]
fn what_is_not_sent_is_not_missed() {
    let values = told_apart();
    for [schema, request, response] in columns(include_str!("pools/directions.jsonl")) {
        for dialect in [Version::V3_0, Version::V3_1] {
            let mut asked = Asked::new(&schema, dialect);
            asked.direction = Some(Direction::Request);
            asked.means(&request, &values);
            asked.direction = Some(Direction::Response);
            asked.means(&response, &values);
        }
    }
}

#[test]
fn what_is_no_keyword_of_the_right_kind_says_nothing() {
    for odd in [
        json!({"properties": 1, "patternProperties": [], "dependentSchemas": null, "items": [{"type": "null"}]}),
        json!({"allOf": {}, "anyOf": 1, "oneOf": "x", "prefixItems": true, "required": "a", "allOf": []}),
        json!({"minimum": "1", "multipleOf": null, "minLength": -1, "maxItems": 1.5, "minProperties": "2"}),
        json!({"uniqueItems": 1, "pattern": 7, "type": 3, "enum": "a", "$ref": 4, "nullable": "yes", "format": "ipv4"}),
        json!({"minContains": "x", "title": {"type": "string"}, "x-a": {"type": "string"}, "exclusiveMinimum": true}),
    ] {
        Asked::new(&odd, Version::V3_1).means(&json!(true), &told_apart());
    }
    let twice = json!({"required": ["a", "a", "b"], "minLength": 1.0});
    Asked::new(&twice, Version::V3_1).means(&json!({"required": ["a", "b"], "minLength": 1}), &told_apart());
}

#[test]
fn references_are_followed_in_the_document_only() {
    let document = |reference: &str| {
        json!({"$ref": reference, "$defs": {"a": {"type": "string"}, "a/b ~c%": {"type": "null"}, "a_b": {"type": "null"},
            "a b": {"$ref": "#/$defs/a"}, "list": {"items": {"$ref": "#/$defs/list"}, "type": "array"}}})
    };
    for (reference, meaning) in [
        ("#/$defs/a", json!({"type": "string"})),
        ("#/$defs/a~1b%20~0c%25", json!({"type": "null"})),
        ("#/$defs/a%20b", json!({"type": "string"})),
        ("#/%24defs/a_b", json!({"type": "null"})),
        (
            "#/$defs/list",
            json!({"type": "array", "items": {"type": "array", "items": {"type": "array"}}}),
        ),
    ] {
        for dialect in [Version::V3_0, Version::V3_1] {
            Asked::new(&document(reference), dialect).means(&meaning, &told_apart());
        }
    }
    for reference in ["#/$defs/none", "other.json#/a", "#/$defs/%zz", "#/$defs/%4", "a"] {
        let schema = document(reference);
        let why = Asked::new(&schema, Version::V3_1).admits(&json!(1)).unwrap_err();
        assert_eq!(why, format!("the judge cannot follow the reference {reference}"));
    }
}

#[test]
fn the_judge_follows_names() {
    for schema in [
        json!({"$ref": "#name", "$defs": {"a": {"$anchor": "name", "type": "string"}}}),
        json!({"$ref": "http://a.test/s", "$defs": {"a": {"$id": "http://a.test/s", "type": "string"}}}),
        json!({"$id": "http://a.test/s", "$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}),
        json!({"$id": "http://a.test/s", "type": "string"}),
    ] {
        Asked::new(&schema, Version::V3_1).means(&json!({"type": "string"}), &told_apart());
    }
}

#[test]
fn what_the_judge_does_not_read_it_says() {
    for (schema, dialect, told) in [
        (
            json!({"$dynamicRef": "#a"}),
            Version::V3_1,
            "does not follow `$dynamicRef`",
        ),
        (json!({"anyOf": []}), Version::V3_1, "an empty `anyOf`"),
        (json!({"oneOf": []}), Version::V3_0, "an empty `oneOf`"),
        (json!({"pattern": "("}), Version::V3_1, "cannot read the schema"),
        (
            json!({"$schema": "http://json-schema.org/draft-04/schema#"}),
            Version::JsonSchema,
            "no other dialect",
        ),
        (
            json!({"allOf": [{"$schema": "http://json-schema.org/draft-04/schema#"}]}),
            Version::JsonSchema,
            "no other dialect",
        ),
        (
            json!({"enum": vec![json!({}); 40_001]}),
            Version::JsonSchema,
            "too large for the judge",
        ),
        (
            json!({"not": {"$schema": "http://json-schema.org/draft-04/schema#"}}),
            Version::V3_1,
            "no other dialect",
        ),
    ] {
        let why = Asked::new(&schema, dialect).admits(&json!("a")).unwrap_err();
        assert!(why.contains(told), "{why}");
    }
    let listing = |objects: usize| json!({ "enum": vec![json!({}); objects - 1] });
    let admits = |schema: &Value| Asked::new(schema, Version::JsonSchema).admits(&json!({}));
    assert_eq!(admits(&listing(40_000)), Ok(true));
    assert!(admits(&listing(40_001)).is_err());
    let known = json!({"$schema": "https://json-schema.org/draft/2020-12/schema#", "type": "null"});
    assert_eq!(
        Asked::new(&known, Version::JsonSchema).admits(&json!(null)),
        Ok(true)
    );
}

#[test]
fn what_the_value_does_not_meet_is_not_read() {
    let no = json!({"$ref": "#/nowhere"});
    for (schema, met, other) in [
        (
            json!({"properties": {"a": no}}),
            json!({"a": 1}),
            json!({"b": {"a": 1}}),
        ),
        (
            json!({"properties": {"a": {"properties": {"b": no}}}}),
            json!({"a": {"b": 1}}),
            json!({"b": 1, "a": {}}),
        ),
        (
            json!({"properties": {"a": {"properties": {"b": no}}}}),
            json!({"a": {"b": 1}}),
            json!({"a": {"c": {"b": 1}}}),
        ),
        (
            json!({"dependentSchemas": {"a": no}}),
            json!({"a": 1}),
            json!({"b": {"a": 1}}),
        ),
        (json!({"additionalProperties": no}), json!({"a": 1}), json!({})),
        (
            json!({"patternProperties": {"a": no}}),
            json!({"a": 1}),
            json!({}),
        ),
        (json!({"items": no}), json!([1]), json!([])),
        (json!({"items": {"items": no}}), json!([[1]]), json!([[], 1])),
        (json!({"prefixItems": [no]}), json!([1]), json!("a")),
        (json!({"propertyNames": no}), json!({"a": 1}), json!("")),
        (json!({"propertyNames": {"not": no}}), json!({"a": 1}), json!(1)),
    ] {
        let asked = Asked::new(&schema, Version::V3_1);
        assert!(asked.admits(&met).is_err(), "{met} of {schema}");
        assert_eq!(asked.admits(&other), Ok(true), "{other} of {schema}");
    }
    for (names, value, admitted) in [
        (json!({"maxLength": 1}), json!({"a": {"bb": 1}}), true),
        (json!({"maxLength": 1}), json!({"bb": 1}), false),
        // Nothing lies in a name.
        (
            json!({"items": no, "properties": {"a": no}}),
            json!({"a": {"a": [1]}}),
            true,
        ),
    ] {
        let schema = json!({ "propertyNames": names });
        assert_eq!(
            Asked::new(&schema, Version::V3_1).admits(&value),
            Ok(admitted),
            "{value}"
        );
    }
}

#[test]
fn formats_refuse_only_where_they_are_asserted() {
    let schema = json!({"format": "ipv4"});
    for dialect in [Version::V3_0, Version::V3_1, Version::JsonSchema] {
        let mut asked = Asked::new(&schema, dialect);
        assert_eq!(asked.admits(&json!("a")), Ok(true));
        asked.reading.formats = true;
        assert_eq!(asked.admits(&json!("a")), Ok(false));
        assert_eq!(asked.admits(&json!("192.0.2.1")), Ok(true));
    }
}

#[test]
fn a_refusal_has_its_place() {
    let schema = json!({"type": "object", "required": ["a/b"], "properties": {"list": {"items": {"type": "integer"}}}});
    let refusals = Asked::new(&schema, Version::V3_1)
        .refusals(&json!({"list": [1, "x"]}))
        .unwrap();
    let told: Vec<_> = refusals
        .iter()
        .map(|it| (it.at.as_str(), it.why.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("/a~1b", r#""a/b" is a required property"#),
            ("/list/1", r#""x" is not of type "integer""#)
        ]
    );
    let long = json!({ "list": ["y".repeat(300)] });
    let refusals = Asked::new(&schema, Version::V3_1).refusals(&long).unwrap();
    let why = &refusals[1].why;
    assert_eq!((why.chars().count(), why.ends_with('…')), (161, true), "{why}");
}

/// Why a schema refuses a value, in the words that go with a witness.
#[track_caller]
fn because(schema: &Value, value: &Value) -> String {
    match super::ask(&json!({ "const": value }), schema) {
        Verdict::Refuted(refutation) => refutation.because,
        other => panic!("{other:?}"),
    }
}

#[test]
fn why_a_witness_is_refused_is_told_with_its_place() {
    assert_eq!(
        because(&json!({"items": {"type": "integer"}}), &json!(["x"])),
        r#"at /0: "x" is not of type "integer""#
    );
    assert_eq!(
        because(&json!({"type": "integer"}), &json!("x")),
        r#""x" is not of type "integer""#
    );
}

#[test]
fn lists_of_types_are_read_like_one_type() {
    for (written, meaning) in [
        (
            json!({"type": ["integer", "null"], "format": "int32"}),
            json!({"type": ["integer", "null"], "minimum": i32::MIN, "maximum": i32::MAX}),
        ),
        (
            json!({"type": ["string", "null"], "format": "int32"}),
            json!({"type": ["string", "null"]}),
        ),
        (
            json!({"type": ["array", "null"], "enum": ["a"]}),
            json!({"type": ["array", "null"], "items": {"const": "a"}}),
        ),
        (
            json!({"type": ["array", "string"], "enum": ["a"]}),
            json!({"const": "a"}),
        ),
        (json!({"type": "array", "enum": [null, "a"]}), json!(false)),
    ] {
        Asked::new(&written, Version::V3_1).means(&meaning, &told_apart());
    }
}

#[test]
fn what_is_told_is_cut_beyond_its_limit_only() {
    let schema = json!({"type": "integer"});
    for (letters, length) in [(133, 160), (134, 161)] {
        let told = Asked::new(&schema, Version::V3_1)
            .refusals(&json!("y".repeat(letters)))
            .unwrap();
        let why = &told[0].why;
        assert_eq!(
            (why.chars().count(), why.ends_with('…')),
            (length, letters > 133),
            "{why}"
        );
    }
}

#[test]
fn objects_in_arrays_are_judged_whole() {
    let schema = json!({"items": {"properties": {"a": {"type": "integer"}, "b": false}}});
    let values = [
        json!([{"a": 1}]),
        json!([{"a": "x"}]),
        json!([{"b": 1}]),
        json!([[{"b": 1}], {"c": 1}]),
    ];
    Asked::new(&schema, Version::V3_1).means(&schema, &values);
}

#[test]
fn schemas_nest_so_deep_for_the_judge() {
    for wrap in [
        |inner: Value| json!({ "not": inner }),
        |inner: Value| json!({ "allOf": [inner] }),
        |inner: Value| json!({"properties": {"a": inner}}),
    ] {
        let nested = |times: usize| (0..times).fold(json!({"type": "object"}), |inner, _| wrap(inner));
        let value = (0..101).fold(json!({}), |inner, _| json!({ "a": inner }));
        let admits = |schema: &Value| Asked::new(schema, Version::V3_1).admits(&value);
        assert!(admits(&nested(100)).is_ok());
        let why = admits(&nested(101)).unwrap_err();
        assert!(why.contains("too large for the judge"), "{why}");
    }
}

#[test]
fn so_many_applications_are_judged_and_fewer_are_told() {
    let list = |applications: usize| json!(vec![0; applications - 1]);
    let any = json!({"items": true});
    let admits = |value: &Value| Asked::new(&any, Version::JsonSchema).admits(value);
    assert_eq!(admits(&list(500_000)), Ok(true));
    assert!(admits(&list(500_001)).unwrap_err().contains("too many steps"));
    let none = json!({"items": true, "maxItems": 0});
    let (told, untold) = (list(20_000), list(20_001));
    let asked = Asked::new(&none, Version::JsonSchema);
    assert_eq!(asked.refusals(&told).map(|all| all.len()), Ok(1));
    assert!(asked.refusals(&untold).unwrap_err().contains("too large to tell"));
    for (value, words) in [(told, "[0,0,"), (untold, "more steps than can be told")] {
        let because = because(&none, &value);
        assert!(because.contains(words), "{because}");
    }
}
