//! The same keywords, as OpenAPI 3.0 and 3.1 read them.

use openapi_document::Version;
use serde_json::{Value, json};

use super::Sole;
use crate::containment::engine::Engine;
use crate::containment::reading::Reading;
use crate::containment::verdict::{Verdict, World};
use crate::options::Nullable;
use crate::report::Direction;

const OLD: Version = Version::V3_0;
const NEW: Version = Version::V3_1;

struct Asked<'v> {
    source: (&'v Value, Version),
    target: (&'v Value, Version),
    direction: Option<Direction>,
    nullable: Nullable,
    world: World,
}

impl Asked<'_> {
    #[track_caller]
    fn verdict(&self) -> Verdict {
        let reading = Reading {
            nullable: self.nullable,
            formats: false,
        };
        let [source, target] = [self.source, self.target].map(|(schema, version)| Sole::new(schema, version));
        let mut engine = Engine::new([&source.document, &target.document], reading, 200_000);
        let verdict = engine.contains(
            source.question(0, self.direction),
            target.question(1, self.direction),
            self.world,
        );
        assert_eq!(engine.faults(), 0, "{} in {}", self.source.0, self.target.0);
        verdict
    }
}

#[track_caller]
fn verdict(source: (&Value, Version), target: (&Value, Version), direction: Option<Direction>) -> Verdict {
    Asked {
        source,
        target,
        direction,
        nullable: Nullable::Lenient,
        world: World::Open,
    }
    .verdict()
}

/// Asserts that a schema of 3.0 and one of 3.1 accept the same values.
#[track_caller]
fn same(old: &Value, new: &Value) {
    assert_eq!(
        verdict((old, OLD), (new, NEW), None),
        Verdict::Proved,
        "{old} in {new}"
    );
    assert_eq!(
        verdict((new, NEW), (old, OLD), None),
        Verdict::Proved,
        "{new} in {old}"
    );
}

#[track_caller]
fn refuted(verdict: &Verdict) {
    assert!(matches!(verdict, Verdict::Refuted(_)), "{verdict:?}");
}

#[test]
fn null_is_written_in_two_ways() {
    same(
        &json!({"type": "string", "nullable": true}),
        &json!({"type": ["string", "null"]}),
    );
    same(
        &json!({"type": "string", "nullable": false}),
        &json!({"type": "string"}),
    );
    same(
        &json!({"type": "string", "nullable": true, "enum": ["a"]}),
        &json!({"enum": ["a", null]}),
    );
    // 3.1 does not know the keyword.
    refuted(&verdict(
        (&json!({"type": "string", "nullable": true}), OLD),
        (&json!({"type": "string", "nullable": true}), NEW),
        None,
    ));
}

/// Only as an alternative, a schema with nothing but `nullable` means null.
#[test]
fn a_name_that_one_of_two_parts_only_lets_be_null_is_emitted_with_other_values() {
    let part = |own: Value| json!({"properties": {"a": own}});
    let both = json!({"allOf": [part(json!({"nullable": true})), part(json!({"type": "string"}))]});
    let asked = Asked {
        source: (&both, OLD),
        target: (&part(json!({"maxLength": 0})), OLD),
        direction: None,
        nullable: Nullable::Lenient,
        world: World::Closed,
    };
    refuted(&asked.verdict());
}

#[test]
fn to_the_letter_null_needs_a_type_and_a_place_in_the_list() {
    let strictly = |old: &Value, new: &Value| {
        for (source, target) in [((old, OLD), (new, NEW)), ((new, NEW), (old, OLD))] {
            let asked = Asked {
                source,
                target,
                direction: None,
                nullable: Nullable::Strict,
                world: World::Open,
            };
            assert_eq!(asked.verdict(), Verdict::Proved, "{old} beside {new}");
        }
    };
    strictly(
        &json!({"type": "string", "nullable": true, "enum": ["a"]}),
        &json!({"const": "a"}),
    );
    strictly(
        &json!({"nullable": true, "allOf": [{"type": "string"}]}),
        &json!({"type": "string"}),
    );
    strictly(
        &json!({"type": "string", "nullable": true}),
        &json!({"type": ["string", "null"]}),
    );
}

#[test]
fn bounds_are_excluded_by_a_flag_or_by_themselves() {
    same(
        &json!({"type": "number", "minimum": 1, "exclusiveMinimum": true, "maximum": 3, "exclusiveMaximum": true}),
        &json!({"type": "number", "exclusiveMinimum": 1, "exclusiveMaximum": 3}),
    );
    same(
        &json!({"minimum": 1, "exclusiveMinimum": false, "exclusiveMaximum": true}),
        &json!({"minimum": 1}),
    );
}

#[test]
fn beside_a_reference_nothing_counts_in_the_older_version() {
    let with = |extra: Value| {
        let mut schema =
            json!({"$ref": "#/components/schemas/A", "components": {"schemas": {"A": {"type": "string"}}}});
        schema["maxLength"] = extra;
        schema
    };
    let schema = with(json!(3));
    same(&schema, &json!({"type": "string"}));
    refuted(&verdict((&schema, OLD), (&schema.clone(), NEW), None));
    let (source, target) = ((&schema, NEW), (&json!({"type": "string", "maxLength": 3}), NEW));
    assert_eq!(verdict(source, target, None), Verdict::Proved);
    assert_eq!(verdict(target, source, None), Verdict::Proved);
}

#[test]
fn integers_have_the_bounds_of_their_format() {
    same(
        &json!({"type": "integer", "format": "int32"}),
        &json!({"type": "integer", "minimum": i32::MIN, "maximum": i32::MAX}),
    );
    same(
        &json!({"type": ["integer", "null"], "format": "int64"}),
        &json!({"type": ["integer", "null"], "minimum": i64::MIN, "maximum": i64::MAX}),
    );
    same(
        &json!({"type": "number", "format": "int32"}),
        &json!({"type": "number"}),
    );
    refuted(&verdict(
        (&json!({"type": "integer", "format": "int64"}), OLD),
        (&json!({"type": "integer", "format": "int32"}), OLD),
        None,
    ));
}

#[test]
fn an_unsent_property_is_not_required() {
    let schema = json!({"type": "object", "required": ["id", "secret"], "properties": {
        "id": {"type": "string", "readOnly": true}, "secret": {"type": "string", "writeOnly": true}}});
    let requiring = |name: &str| json!({"type": "object", "required": [name]});
    for dialect in [OLD, NEW] {
        for (direction, required, free) in [
            (Direction::Request, "secret", "id"),
            (Direction::Response, "id", "secret"),
        ] {
            let (required, free) = (requiring(required), requiring(free));
            let within = |target: &Value| verdict((&schema, dialect), (target, dialect), Some(direction));
            assert_eq!(within(&required), Verdict::Proved);
            refuted(&within(&free));
        }
    }
}

#[test]
fn a_discriminator_that_selects_no_alternative_leaves_them_exclusive() {
    let object = json!({"type": "object"});
    let twice = json!({"oneOf": [object, object], "discriminator": {"propertyName": "kind"}});
    refuted(&verdict((&object, NEW), (&twice, NEW), None));
}

#[test]
fn an_enum_on_an_array_is_that_of_its_items() {
    same(
        &json!({"type": "array", "items": {"type": "string"}, "enum": ["a", "b"]}),
        &json!({"type": "array", "items": {"enum": ["a", "b"]}}),
    );
    same(
        &json!({"type": "array", "enum": [["a"], ["b"]]}),
        &json!({"enum": [["a"], ["b"]]}),
    );
    same(
        &json!({"type": "array", "nullable": true, "enum": ["a"]}),
        &json!({"type": ["array", "null"], "items": {"const": "a"}}),
    );
}

#[test]
fn a_producer_that_names_what_it_emits_emits_nothing_else() {
    let pet = json!({"type": "object", "properties": {"name": {"type": "string"}}});
    let strict =
        json!({"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": false});
    let within = |world, source: &Value, target: &Value| {
        Asked {
            source: (source, OLD),
            target: (target, OLD),
            direction: Some(Direction::Response),
            nullable: Nullable::Lenient,
            world,
        }
        .verdict()
    };
    refuted(&within(World::Open, &pet, &strict));
    assert_eq!(within(World::Closed, &pet, &strict), Verdict::Proved);
    let parts = json!({"allOf": [pet, {"type": "object", "properties": {"age": {"type": "integer"}}}]});
    let both = json!({"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}, "additionalProperties": false});
    assert_eq!(within(World::Closed, &parts, &both), Verdict::Proved);
    refuted(&within(World::Closed, &parts, &strict));
    let either = json!({"oneOf": [
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
        {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}}]});
    let one = json!({"type": "object", "maxProperties": 1});
    assert_eq!(within(World::Closed, &either, &one), Verdict::Proved);
    refuted(&within(World::Open, &either, &one));
    let more = json!({"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": {"type": "string"}});
    refuted(&within(World::Closed, &more, &strict));
    let nested = json!({"type": "object", "properties": {"pet": pet}});
    let nested_strict = json!({"type": "object", "properties": {"pet": strict}});
    assert_eq!(within(World::Closed, &nested, &nested_strict), Verdict::Proved);
    refuted(&within(World::Open, &nested, &nested_strict));
    let listed = json!({"type": "array", "items": pet});
    assert_eq!(
        within(World::Closed, &listed, &json!({"type": "array", "items": strict})),
        Verdict::Proved
    );
}

#[test]
fn a_schema_of_another_dialect_is_not_read() {
    let of = |dialect: &str| json!({"$schema": dialect, "type": "object", "minProperties": 1});
    let any = json!({"type": "object"});
    for known in [
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2020-12/schema#",
        "https://spec.openapis.org/oas/3.1/dialect/base",
    ] {
        refuted(&verdict((&any, NEW), (&of(known), NEW), None));
        assert_eq!(verdict((&of(known), NEW), (&any, NEW), None), Verdict::Proved);
    }
    let unknown = verdict(
        (&any, NEW),
        (&of("https://example.com/a/dialect/of/our/own"), NEW),
        None,
    );
    assert!(matches!(unknown, Verdict::Undecided(_)), "{unknown:?}");
    // These keywords have the same meaning in an earlier draft.
    let earlier = of("http://json-schema.org/draft-04/schema#");
    refuted(&verdict((&any, NEW), (&earlier, NEW), None));
    // OpenAPI 3.0 does not have this keyword.
    refuted(&verdict((&any, OLD), (&earlier, OLD), None));
}

#[test]
fn a_producer_emits_the_same_whether_alternatives_are_written_out_or_referred_to() {
    let named = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}});
    let either = json!({"anyOf": [named("a"), named("b")]});
    let one_name = json!({"properties": {"it": {"maxProperties": 1}}});
    let reference = json!({"$ref": "#/components/schemas/Either"});
    let described = json!({"$ref": "#/components/schemas/Either", "description": "one of two"});
    for it in [
        json!({"allOf": [either]}),
        json!({"oneOf": [{"allOf": [reference]}]}),
        either.clone(),
        reference,
        described,
    ] {
        let document = json!({"properties": {"it": it}, "components": {"schemas": {"Either": either}}});
        for dialect in [OLD, NEW] {
            let asked = Asked {
                source: (&document, dialect),
                target: (&one_name, dialect),
                direction: Some(Direction::Response),
                nullable: Nullable::Lenient,
                world: World::Closed,
            };
            assert_eq!(asked.verdict(), Verdict::Proved, "{document}");
        }
    }
}

#[test]
fn a_list_of_no_types_says_nothing() {
    same(&json!({"type": []}), &json!({}));
    same(&json!({}), &json!({"type": []}));
}

#[test]
fn a_keyword_of_another_type_says_nothing() {
    let any = json!({});
    for odd in [
        json!({"maxItems": 1.5}),
        json!({"maxLength": -1}),
        json!({"maxProperties": -1.0}),
        json!({"minItems": "1"}),
        json!({"multipleOf": 0}),
        json!({"oneOf": {}}),
        json!({"anyOf": {}}),
        json!({"enum": {}}),
        json!({"pattern": 1}),
        json!({"minimum": "1"}),
        json!({"multipleOf": "1"}),
        json!({"uniqueItems": 1}),
    ] {
        for dialect in [OLD, NEW] {
            let verdict = verdict((&any, dialect), (&odd, dialect), None);
            assert_eq!(verdict, Verdict::Proved, "{odd}");
        }
    }
    same(&json!({"maxItems": 1.0}), &json!({"maxItems": 1}));
    same(
        &json!({"minProperties": 1e300}),
        &json!({"minProperties": u64::MAX}),
    );
}

#[test]
fn a_producer_of_an_unreadable_schema_emits_its_values() {
    let document = |note: &str| {
        json!({"description": note, "type": "object", "required": [note],
            "properties": {"a": {"$ref": "#/components/schemas/A"}}, "components": {"schemas": {
            "A": {"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"b": true}}}}})
    };
    let (one, mut other) = (document("a"), document("a"));
    other["minProperties"] = json!(1);
    let asked = Asked {
        source: (&one, NEW),
        target: (&other, NEW),
        direction: Some(Direction::Response),
        nullable: Nullable::Lenient,
        world: World::Closed,
    };
    assert_eq!(asked.verdict(), Verdict::Proved);
}

#[test]
fn a_list_beside_something_else_is_not_all_that_a_schema_admits() {
    // There are more alternatives than the engine reads, so it could only ask the judge about the listed values.
    let mut many = vec![json!({"type": "string"}), json!({"maxItems": 1, "type": "array"})];
    many.extend((0..4_096).map(|n| json!({ "required": [n.to_string()], "type": "object" })));
    let target = json!({ "anyOf": many });
    for keyword in [
        json!({"const": "a"}),
        json!({"enum": ["a"]}),
        json!({"anyOf": [{"const": "a"}]}),
    ] {
        let mut beside = keyword.clone();
        beside["$ref"] = json!("#/components/schemas/List");
        beside["components"] = json!({"schemas": {"List": {"type": "array"}}});
        let answer = verdict((&beside, OLD), (&target, OLD), None);
        assert_ne!(answer, Verdict::Proved, "{beside}");
        let answer = verdict((&keyword, OLD), (&target, OLD), None);
        assert_eq!(answer, Verdict::Proved, "{keyword}");
    }
}
