//! The cost of questions in small operations, which is the same on every machine. A pool only limits its cost; here a change of
//! any price is seen. `BLESS=1` writes the table anew.
#![expect(
    clippy::disallowed_methods,
    reason = "the table is written by whoever renews it, at their desk"
)]

use std::fmt::Write as _;
use std::path::Path;

use openapi_document::{Document, Version};
use serde_json::{Map, Value, json};

use super::Sole;
use super::pools::{columns, read};
use crate::containment::carrier::{Parting, Styled, TextPlace};
use crate::containment::engine::Engine;
use crate::containment::reading::Reading;
use crate::containment::verdict::World;
use crate::containment::{Carrier, Options, Schemas};
use crate::options::Nullable;
use crate::report::{Direction, Side};

/// The cost of the questions whether the first schema is within the second and the reverse, each asked twice.
fn cost(schemas: [&Value; 2], carrier: Carrier, world: World) -> u64 {
    let reading = Reading {
        nullable: Nullable::Lenient,
        formats: false,
    };
    let [one, other] = schemas.map(|it| Sole::new(it, Version::JsonSchema));
    let mut engine = Engine::new([&one.document, &other.document], reading, Options::default().fuel);
    let mut one = one.question(0, None);
    let mut other = other.question(1, None);
    (one.carrier, other.carrier) = (carrier, carrier);
    // A known answer costs less.
    for _ in 0..2 {
        engine.contains(one, other, world);
        engine.contains(other, one, world);
    }
    engine.solver.fuel.total()
}

/// The cost of asking whether what a producer emits is within a target whose alternatives may overlap.
fn emitted(one: &Value, other: &Value) -> u64 {
    let reading = Reading {
        nullable: Nullable::Lenient,
        formats: false,
    };
    let [one, other] = [one, other].map(|it| Sole::new(it, Version::JsonSchema));
    let mut engine = Engine::new([&one.document, &other.document], reading, Options::default().fuel);
    let mut target = other.question(1, None);
    target.takes_overlaps = true;
    engine.contains(one.question(0, None), target, World::Closed);
    engine.solver.fuel.total()
}

fn as_json(one: &Value, other: &Value) -> u64 {
    cost([one, other], Carrier::Json, World::Open)
}

/// The cost of asking about each schema of a pool and the next one.
fn neighbours(pool: &[Value], carrier: Carrier, world: World) -> u64 {
    let costs = pool
        .windows(2)
        .map(|two| cost([&two[0], &two[1]], carrier, world));
    costs.sum()
}

fn numbered(count: usize, schema: impl Fn(usize) -> Value) -> Vec<Value> {
    (0..count).map(schema).collect()
}

fn objects(kind: &str, count: usize) -> Value {
    let properties: Map<String, Value> = (0..count)
        .map(|n| (format!("p{n}"), json!({"type": kind})))
        .collect();
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

/// Alternatives that a tag tells apart, each with a value of some kind.
fn tagged(keyword: &str, kind: &str) -> Value {
    let own = |n: usize| {
        let properties = json!({"tag": {"const": format!("t{n}")}, "value": {"type": kind}});
        json!({"type": "object", "required": ["tag"], "properties": properties})
    };
    json!({keyword: numbered(5, own)})
}

/// Questions about tagged alternatives.
fn alternatives() -> Vec<(&'static str, u64)> {
    // The alternatives as references to definitions.
    let named = |kind: &str| {
        let mut tagged = tagged("oneOf", kind);
        let all = std::mem::take(tagged["oneOf"].as_array_mut().expect("alternatives"));
        let names = numbered(all.len(), |n| json!({"$ref": format!("#/$defs/{n}")}));
        let definitions: Map<String, Value> = all
            .into_iter()
            .enumerate()
            .map(|(n, it)| (n.to_string(), it))
            .collect();
        json!({"oneOf": names, "$defs": definitions})
    };
    vec![
        (
            "tagged, one of several references",
            as_json(&named("integer"), &named("number")),
        ),
        (
            "tagged, any of",
            as_json(&tagged("anyOf", "integer"), &tagged("anyOf", "number")),
        ),
        (
            "tagged, one of",
            as_json(&tagged("oneOf", "integer"), &tagged("oneOf", "number")),
        ),
        (
            "tagged, not one of",
            as_json(
                &json!({"not": tagged("oneOf", "integer")}),
                &json!({"not": tagged("oneOf", "number")}),
            ),
        ),
    ]
}

/// Questions that cost more than those of the pools: each has very many parts of one kind.
fn large() -> Vec<(&'static str, u64)> {
    let wide = |kind: &str| {
        let own = objects(kind, 300);
        json!({"allOf": [{"$ref": "#/$defs/wide"}, {"required": ["p1"]}], "anyOf": [{"required": ["p2"]}, {"required": ["p3"]}], "$defs": {"wide": own}})
    };
    let beside = |kind: &str| json!({"allOf": [objects(kind, 300), {"required": ["p1"]}]});
    let positions = |kind: &str| json!({"type": "array", "prefixItems": numbered(300, |_| json!({"type": kind})), "minItems": 2});
    let nested = |leaf: Value| {
        (0..9).fold(leaf, |inner, n| {
            let own = json!({"required": [format!("a{n}")]});
            json!({"anyOf": [{"allOf": [inner, own]}, {"required": [format!("b{n}")]}]})
        })
    };
    let many = |keyword: &str, count: usize| {
        let parts = numbered(count, |n| json!({"required": [format!("a{n}")]}));
        let own = json!({"allOf": [{keyword: parts}, {"minProperties": 2}]});
        json!({"type": "object", "anyOf": [own, {"required": ["z"]}]})
    };
    let chain = |kind: &str| {
        let mut definitions: Map<String, Value> = (0..8)
            .map(|n| (n.to_string(), json!({"$ref": format!("#/$defs/{}", n + 1)})))
            .collect();
        definitions.insert("8".to_owned(), json!({"type": kind}));
        let own = |tag: &str| json!({"required": ["a", tag], "properties": {"a": {"type": "string"}}});
        json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/0"}}, "anyOf": [own("b"), own("c")], "$defs": definitions})
    };
    let implied = |kind: &str| json!({"type": "object", "required": ["a"], "properties": {"a": {"const": "x"}, "b": {"type": kind}}, "anyOf": [{"properties": {"a": {"enum": ["x", "y"]}}}, {"required": ["b", "c"]}]});
    let long = |class: &str| json!({"type": "string", "pattern": format!("^{class}{{80}}$")});
    let unread = |kind: &str| json!({"type": [kind, "string"], "anyOf": [{"dependencies": {"b": ["a"]}}, {"dependencies": {"a": ["b"]}}]});
    let excluded = |count: usize| {
        let texts: Vec<String> = (0..count).map(|n| format!("a{n}")).collect();
        json!({"type": "string", "pattern": "^a[0-9]+$", "not": {"enum": texts}})
    };
    let demands = |kind: &str| {
        let all = ["a", "b", "c"].map(|it| json!({"not": {"additionalProperties": {"not": {"const": it}}}}));
        json!({"type": "object", "allOf": all, "required": ["p", "q", "r", "s"], "additionalProperties": {"type": ["string", kind]}})
    };
    let differing = |length: usize| json!({"type": "array", "uniqueItems": true, "minItems": length, "items": {"enum": numbered(12, |n| json!(n))}});
    let repeating = |constant: usize| json!({"type": "array", "not": {"uniqueItems": true}, "items": {"const": 1}, "contains": {"const": constant}});
    let alike = |length: usize| json!({"type": "array", "minItems": length, "items": {"type": "string"}});
    let looking = |letter: char| json!({"type": "string", "pattern": format!("^(?!.*{letter}z)(?=.*y)(?!{letter})[a-z]{{3,6}}(?<!x)$")});
    let refused = |kind: &str| json!({"type": "object", "properties": {"a": false}, "additionalProperties": {"type": kind}});
    vec![
        ("many properties", as_json(&wide("integer"), &wide("number"))),
        (
            "many properties beside others",
            as_json(&beside("integer"), &beside("number")),
        ),
        (
            "many positions",
            as_json(&positions("integer"), &positions("number")),
        ),
        (
            "nested alternatives",
            as_json(
                &nested(json!({"minProperties": 3})),
                &nested(json!({"minProperties": 4})),
            ),
        ),
        (
            "conjunctions of 64 and 65",
            as_json(&many("allOf", 63), &many("allOf", 64)),
        ),
        (
            "choices of 64 and 65",
            as_json(&many("anyOf", 64), &many("anyOf", 65)),
        ),
        (
            "a chain of references",
            as_json(&chain("string"), &chain("number")),
        ),
        (
            "an alternative that is implied",
            as_json(&implied("integer"), &implied("number")),
        ),
        ("a long pattern", as_json(&long("[a-z]"), &long("[b-z]"))),
        (
            "unread alternatives",
            as_json(&unread("boolean"), &unread("null")),
        ),
        ("excluded texts", as_json(&excluded(9), &excluded(40))),
        (
            "demands on some property",
            as_json(&demands("integer"), &demands("null")),
        ),
        ("items that differ", as_json(&differing(9), &differing(12))),
        ("items that repeat", as_json(&repeating(1), &repeating(2))),
        ("items that are alike", as_json(&alike(90), &alike(80))),
        (
            "a pattern that looks around",
            as_json(&looking('a'), &looking('b')),
        ),
        (
            "a name that is refused",
            as_json(&refused("integer"), &refused("number")),
        ),
    ]
}

/// Questions about many patterns, tags, multiples and positions.
fn many() -> Vec<(&'static str, u64)> {
    let patterns = |patterns: usize, count: usize| {
        let own = (0..patterns).map(|n| (format!("^[a{n}]"), json!({"minimum": n})));
        let own: Map<String, Value> = own.collect();
        json!({"type": "object", "patternProperties": own, "minProperties": count})
    };
    // The names are in another order in each alternative.
    let tags = |kind: &str| {
        let own = |n: usize| {
            let names = (0..40).map(|at| if n == 0 { at } else { 39 - at });
            let tag = |at| {
                (
                    format!("t{at}"),
                    json!({"const": if at == 7 { n } else { at }.to_string()}),
                )
            };
            let mut properties: Map<String, Value> = names.map(tag).collect();
            properties.insert("value".to_owned(), json!({"type": kind}));
            json!({"type": "object", "required": ["t7"], "properties": properties})
        };
        json!({"anyOf": numbered(2, own)})
    };
    let unread_pattern =
        |letter: &str| json!({"type": "string", "pattern": format!("^(?=[a-c](?!{letter}))[a-c]{{3}}$")});
    let multiples = |count: u64| {
        let excluded = numbered(usize::try_from(count).expect("few"), |n| json!(3 * n));
        json!({"type": "integer", "multipleOf": 3, "minimum": 0, "not": {"enum": excluded}})
    };
    let long_multiples =
        json!({"type": "integer", "multipleOf": 1e90, "exclusiveMinimum": 0, "maximum": 3e90});
    let text = json!({"type": "string"});
    let rest = |kind: &str| json!({"type": "array", "prefixItems": numbered(300, |_| json!({})), "items": {"type": kind}});
    let new_names = |kind: &str| {
        let demand = |value: u64| json!({"not": {"additionalProperties": {"not": {"const": value}}}});
        json!({"type": "object", "allOf": [demand(1), demand(2)], "patternProperties": {"^a": {"type": [kind, "integer"]}, "b$": {"maximum": 9}}, "not": {"required": ["a"]}})
    };
    vec![
        (
            "all combinations of patterns of names",
            as_json(&patterns(6, 2), &patterns(6, 3)),
        ),
        (
            "many patterns of names",
            as_json(&patterns(8, 2), &patterns(8, 3)),
        ),
        ("many tags", as_json(&tags("integer"), &tags("number"))),
        (
            "patterns that are not read",
            as_json(&unread_pattern("a"), &unread_pattern("b")),
        ),
        ("multiples far from a bound", as_json(&multiples(30), &text)),
        ("long multiples", as_json(&long_multiples, &text)),
        (
            "numbers beyond a long one",
            as_json(&json!({"type": "number", "exclusiveMinimum": 1e200}), &text),
        ),
        (
            "items after many positions",
            as_json(&rest("integer"), &rest("number")),
        ),
        (
            "demands on new names",
            as_json(&new_names("integer"), &new_names("null")),
        ),
    ]
}

/// The pools, asked about as JSON.
fn pools() -> Vec<(&'static str, u64)> {
    let as_json = |lines: &str| {
        let pool: Vec<Value> = lines.lines().map(read).collect();
        neighbours(&pool, Carrier::Json, World::Open)
    };
    let emitted: Vec<[Value; 2]> = columns(include_str!("pools/emitted.jsonl"));
    let emitted: Vec<Value> = emitted.into_iter().map(|[written, _]| written).collect();
    vec![
        ("pool of kinds", as_json(include_str!("pools/kinds.jsonl"))),
        ("pool of numbers", as_json(include_str!("pools/numbers.jsonl"))),
        ("pool of strings", as_json(include_str!("pools/strings.jsonl"))),
        ("pool of arrays", as_json(include_str!("pools/arrays.jsonl"))),
        ("pool of counts", as_json(include_str!("pools/counts.jsonl"))),
        (
            "pool of differences",
            as_json(include_str!("pools/differences.jsonl")),
        ),
        ("pool of objects", as_json(include_str!("pools/objects.jsonl"))),
        (
            "pool of references",
            as_json(include_str!("pools/references.jsonl")),
        ),
        (
            "pool of what is emitted",
            neighbours(&emitted, Carrier::Json, World::Closed),
        ),
    ]
}

/// The same schemas, sent by several carriers.
fn texts() -> Vec<(&'static str, u64)> {
    let styled = |place, parting| {
        Carrier::Styled(Styled {
            spells_empty: true,
            place,
            parting,
            is_deep: false,
        })
    };
    let list = |kind: &str| json!({"type": "array", "items": {"type": kind}});
    let circle = json!({"type": "object", "properties": {"a": {"$ref": "#", "maxProperties": 3}, "b": {"enum": [1, 2]}}});
    let pool = [
        json!({"type": "integer", "minimum": 3, "maximum": 20}),
        json!({"type": "number", "not": {"multipleOf": 1}}),
        json!({"enum": [1, 2.5, "x", true]}),
        json!({"enum": [1, 2, 3], "minimum": 2}),
        json!({"type": "string", "pattern": "^[0-9]$"}),
        json!({"type": "integer", "minimum": 7}),
        json!({"type": "string", "minLength": 1}),
        list("integer"),
        list("string"),
        json!({"type": "array", "prefixItems": [{"type": "integer"}], "contains": {"type": "string"}}),
        json!({"oneOf": [list("integer"), list("number"), {"type": "string"}]}),
        json!({"not": {"oneOf": [list("integer"), list("number")]}, "type": "array"}),
        json!({"type": "object", "properties": {"a": list("integer")}, "patternProperties": {"^b": {"type": "number"}}}),
        circle,
    ];
    let carriers = [
        ("texts", Carrier::Text),
        ("texts of a header", styled(TextPlace::Header, Parting::Comma)),
        ("texts of a path", styled(TextPlace::Segment, Parting::Escaped)),
        ("fields", Carrier::Field),
        ("XML", Carrier::Xml),
        ("events", Carrier::Event),
        ("parts of objects", Carrier::Deep),
    ];
    let cost = |carrier| neighbours(&pool, carrier, World::Open);
    carriers.map(|(name, carrier)| (name, cost(carrier))).into()
}

/// Questions about what a producer emits.
fn closed() -> Vec<(&'static str, u64)> {
    let tree = |more: Value| {
        let leaf = json!({"type": "object", "required": ["leaf"]});
        let node =
            json!({"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/$defs/tree"}}});
        json!({"allOf": [{"$ref": "#/$defs/tree"}, more], "$defs": {"tree": {"oneOf": [leaf, node]}}})
    };
    // What both have in common is read as it is emitted on one side, and as it is accepted on the other.
    let around = |most: u64| {
        let circle =
            json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/circle"}, "b": {"minimum": 1}}});
        json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/circle"}, "b": {"maximum": most}}, "$defs": {"circle": circle}})
    };
    let shared = |most: u64| {
        let name = |own: Value| json!({"type": "object", "properties": {"a": own}});
        json!({"allOf": [name(json!({"type": "string"})), name(json!({"maxLength": most}))]})
    };
    vec![
        (
            "a reference to alternatives that overlap",
            emitted(&tree(json!({"required": ["a"]})), &tree(json!({}))),
        ),
        ("a name in two parts", emitted(&shared(3), &shared(4))),
        (
            "parts of objects that are emitted",
            cost([&around(2), &around(3)], Carrier::Deep, World::Closed),
        ),
    ]
}

/// The cost of asking for one field of a form after another.
fn fields() -> Vec<(&'static str, u64)> {
    let document = Document::read_schema(objects("integer", 40).to_string()).expect("a schema");
    let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
    let form = schemas.form(Vec::new());
    let id = schemas.lower_carried(Side::Base, document.root(), Direction::Request, form);
    for name in ["p1", "p2", "p3"] {
        assert!(schemas.sample_without(id, name).is_some());
    }
    vec![("fields that a form lacks", schemas.engine.solver.fuel.total())]
}

#[test]
fn each_question_costs_what_it_did() {
    let mut table = String::new();
    for (name, cost) in [
        pools(),
        alternatives(),
        large(),
        many(),
        texts(),
        closed(),
        fields(),
    ]
    .concat()
    {
        writeln!(table, "{name}: {cost}").expect("a text takes it");
    }
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/containment/tests/costs.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&place, &table).expect("the table is written");
    }
    let kept = std::fs::read_to_string(&place).expect("the table; BLESS=1 writes it");
    for (kept, now) in kept.lines().zip(table.lines()) {
        assert_eq!(now, kept, "if that is meant, renew the table with BLESS=1");
    }
    assert_eq!(kept, table);
}
