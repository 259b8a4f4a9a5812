//! The limits of the engine: a question just within a limit is decided, and one just beyond it is undecided.

use openapi_document::Version;
use serde_json::{Map, Value, json};

use super::{Options, Sole, answer, ask};
use crate::containment::engine::{Engine, Question};
use crate::containment::reading::Reading;
use crate::containment::solve::is_deeper;
use crate::containment::verdict::{Verdict, World};
use crate::options::Nullable;

fn nested(times: usize, within: impl Fn(Value) -> Value) -> Value {
    (0..times).fold(json!(true), |inner, _| within(inner))
}

#[test]
fn schemas_nest_so_deep() {
    let deep = |times| nested(times, |inner| json!({ "not": inner }));
    let array = |times| nested(times, |inner| json!({ "allOf": [inner] }));
    let verdict = |schema: &Value| answer(schema, &json!(true), &Options::default()).verdict;
    assert_eq!(verdict(&deep(128)), Verdict::Proved);
    assert_eq!(verdict(&array(64)), Verdict::Proved);
    for schema in [deep(129), array(65)] {
        let too_deep = Verdict::Undecided("a schema is nested too deep".to_owned());
        assert_eq!(verdict(&schema), too_deep);
        let back = answer(&json!(true), &schema, &Options::default());
        assert_eq!((back.verdict, back.faults), (too_deep, 0));
    }
}

#[test]
fn values_nest_so_deep() {
    let listed = |depth: usize| {
        let value = (0..depth).fold(json!(1), |inner, _| json!([inner]));
        (
            json!({ "enum": [value, 7] }),
            json!({ "anyOf": [{ "const": value }, { "type": "integer" }] }),
        )
    };
    let (list, wide) = listed(60);
    assert_eq!(ask(&list, &wide), Verdict::Proved);
    for (levels, is_read) in [(64, true), (65, false)] {
        for link in [|inner: Value| json!([inner]), |inner| json!({"a": inner})] {
            let deep = (0..levels).fold(json!(1), |inner, _| link(inner));
            let verdict = ask(&json!({"allOf": [{"const": deep}]}), &json!(false));
            assert_eq!(
                matches!(verdict, Verdict::Refuted(_)),
                is_read,
                "{levels} of {}: {verdict:?}",
                link(json!(1))
            );
        }
    }
}

#[test]
fn lists_and_objects_nest_alike() {
    for (value, levels) in [
        (json!(1), 0),
        (json!([]), 1),
        (json!({"a": 1}), 1),
        (json!([1, {"a": 1}]), 2),
        (json!({"a": 1, "b": [[]]}), 3),
    ] {
        assert!(!is_deeper(&value, levels), "{value}");
        assert!(levels == 0 || is_deeper(&value, levels - 1), "{value}");
    }
}

/// Whether it is proved that the producer of a schema emits only these names.
fn emits_only(schema: &Value, names: &[&str]) -> bool {
    emits_only_within(usize::MAX, schema, names)
}

/// The same if at most so many schemas are searched for names.
fn emits_only_within(searchable: usize, schema: &Value, names: &[&str]) -> bool {
    let properties: Map<String, Value> = names
        .iter()
        .map(|name| ((*name).to_owned(), json!(true)))
        .collect();
    let closed = json!({"type": "object", "properties": properties, "additionalProperties": false});
    let reading = Reading {
        nullable: Nullable::Lenient,
        formats: false,
    };
    let [schema, closed] = [schema, &closed].map(|it| Sole::new(it, Version::V3_1));
    let mut engine = Engine::new([&schema.document, &closed.document], reading, 200_000);
    engine.solver.lowering.searchable = searchable;
    let verdict = engine.contains(schema.question(0, None), closed.question(1, None), World::Closed);
    verdict == Verdict::Proved
}

#[test]
fn properties_declared_within_the_limit_are_emitted() {
    let leaf = json!({"type": "object", "properties": {"a": true}});
    let chain =
        |times: usize, link: fn(Value) -> Value| (0..times).fold(leaf.clone(), |inner, _| link(inner));
    let all_of = |inner| json!({ "allOf": [inner] });
    assert!(emits_only(&chain(24, all_of), &["a"]));
    assert!(!emits_only(&chain(26, all_of), &["a"]));
    let any_of = |inner| json!({ "anyOf": [inner, {"type": "null"}], "type": "object" });
    assert!(emits_only(&chain(24, any_of), &["a"]));
    assert!(!emits_only(&chain(26, any_of), &["a"]));
    let referring = |times: usize| {
        let mut definitions: Map<String, Value> = (0..times)
            .map(|n| {
                (
                    format!("d{n}"),
                    json!({"allOf": [{"$ref": format!("#/$defs/d{}", n + 1)}, {}]}),
                )
            })
            .collect();
        definitions.insert(format!("d{times}"), leaf.clone());
        json!({"type": "object", "allOf": [{"$ref": "#/$defs/d0"}, {}], "$defs": definitions})
    };
    assert!(emits_only(&referring(100), &["a"]));
    // Components that only refer to each other end nowhere.
    let to = |name: &str| json!({"$ref": format!("#/$defs/{name}")});
    let circle = json!({
        "type": "object", "properties": {"a": true}, "anyOf": [to("one"), {"type": "object"}],
        "$defs": {"one": to("other"), "other": to("one")},
    });
    assert!(!emits_only(&circle, &[]));
    let wide = |count: usize| {
        let parts: Vec<Value> = (1..count).map(|_| json!({"minProperties": 1})).collect();
        json!({"type": "object", "allOf": [leaf, {"allOf": parts}]})
    };
    assert!(emits_only(&wide(4_095), &["a"]));
    assert!(!emits_only(&wide(4_096), &["a"]));
    // The schemas that were searched for one answer are missing for the next ones.
    assert!(emits_only_within(21, &wide(20), &["a"]));
    assert!(!emits_only_within(20, &wide(20), &["a"]));
}

#[test]
fn names_that_several_schemas_declare_are_put_together_so_deep() {
    let within = |levels: usize, name: &str| {
        let leaf = json!({"type": "object", "properties": {name: true}});
        (0..levels).fold(
            leaf,
            |inner, _| json!({"type": "object", "properties": {"a": inner}}),
        )
    };
    let both = |levels| json!({"type": "object", "allOf": [within(levels, "x"), within(levels, "y")]});
    let [first, second] = ["/allOf/0", "/allOf/1"];
    let reading = Reading {
        nullable: Nullable::Lenient,
        formats: false,
    };
    for (levels, together) in [(8, true), (9, false)] {
        let one = (0..levels).fold(
            json!({"maxProperties": 0}),
            |inner, _| json!({"properties": {"a": inner}}),
        );
        let [sent, taken] = [&both(levels), &one].map(|it| Sole::new(it, Version::V3_1));
        let mut engine = Engine::new([&sent.document, &taken.document], reading, 200_000);
        let whole = sent.question(0, None);
        let part = |at| whole.schema.pointer(at).expect("a part");
        // The two parts may also belong to the same value without a schema around them.
        let beside = Question {
            schema: part(first),
            beside: engine.beside(vec![part(second)]),
            ..whole
        };
        for question in [whole, beside] {
            let verdict = engine.contains(question, taken.question(1, None), World::Closed);
            assert_eq!(
                matches!(verdict, Verdict::Refuted(_)),
                together,
                "{levels}: {verdict:?}"
            );
        }
    }
}

#[test]
fn unevaluated_parts_are_found_within_the_limit() {
    let chain = |times: usize| {
        let inner = (0..times).fold(
            json!({"properties": {"a": true}}),
            |inner, _| json!({ "allOf": [inner] }),
        );
        json!({"type": "object", "allOf": [inner], "unevaluatedProperties": false})
    };
    let closed = json!({"type": "object", "properties": {"a": true}, "additionalProperties": false});
    assert_eq!(ask(&chain(15), &closed), Verdict::Proved);
    assert!(matches!(ask(&chain(16), &closed), Verdict::Undecided(_)));
    let wide = |count: usize| {
        let many: Vec<Value> = (0..count)
            .map(|n| json!({"properties": {format!("p{n}"): {"const": n}}}))
            .collect();
        json!({"type": "object", "anyOf": many, "unevaluatedProperties": false})
    };
    assert_eq!(
        ask(&wide(6), &json!({"propertyNames": {"pattern": "^p[0-5]$"}})),
        Verdict::Proved
    );
    assert!(matches!(
        ask(&wide(7), &json!({"propertyNames": {"pattern": "^p[0-6]$"}})),
        Verdict::Undecided(_)
    ));
    // The ways of two parts are multiplied.
    let two = |counts: [usize; 2]| {
        let parts = counts.map(|count| json!({"anyOf": wide(count)["anyOf"]}));
        json!({"type": "object", "allOf": parts, "unevaluatedProperties": false})
    };
    let names = json!({"propertyNames": {"pattern": "^p[0-3]$"}});
    assert_eq!(ask(&two([3, 3]), &names), Verdict::Proved);
    assert!(matches!(ask(&two([3, 4]), &names), Verdict::Undecided(_)));
}

#[test]
fn a_source_that_lists_so_many_values_is_asked_of_each() {
    let unread = json!({"dependencies": {"a": ["b"]}});
    let listing = |count: usize| json!({"enum": (0..count).collect::<Vec<_>>()});
    assert_eq!(ask(&listing(256), &unread), Verdict::Proved);
    assert!(matches!(ask(&listing(257), &unread), Verdict::Undecided(_)));
    let mut told = listing(3);
    told["title"] = json!("Numbers");
    assert_eq!(ask(&told, &unread), Verdict::Proved);
}

/// Whether the schema is proved to have a value. Only a search for one can decide this.
fn is_inhabited(schema: &Value) -> Option<bool> {
    match ask(schema, &json!(false)) {
        Verdict::Refuted(_) => Some(true),
        Verdict::Proved => Some(false),
        Verdict::Undecided(_) => None,
    }
}

#[test]
fn arrays_and_objects_are_built_to_a_size() {
    for (keyword, kind, most) in [("minItems", "array", 1_000), ("minProperties", "object", 300)] {
        let sized = |least: u64| json!({"type": kind, keyword: least});
        assert_eq!(is_inhabited(&sized(most)), Some(true), "{keyword}");
        assert_eq!(is_inhabited(&sized(most + 1)), None, "{keyword}");
    }
    let required: Vec<String> = (0..301).map(|n| n.to_string()).collect();
    assert_eq!(
        is_inhabited(&json!({"type": "object", "required": required, "minProperties": 301})),
        Some(true)
    );
    let named = |sets: usize| {
        let patterns: Map<String, Value> = (0..sets)
            .map(|n| (format!("^{n}"), json!({"const": n})))
            .collect();
        json!({"type": "object", "patternProperties": patterns, "minProperties": 1})
    };
    for sets in [6, 7, 30] {
        assert_eq!(is_inhabited(&named(sets)), Some(true), "{sets}");
    }
    // Each name is in a set whose values contradict the demand: by itself, or only together with another set.
    let hopeless = |values: [Value; 2]| {
        let own = |n: usize| (format!("^[{n}]"), values[n % 2].clone());
        let mut patterns: Map<String, Value> = (0..8).map(own).collect();
        patterns.insert("^[^0-7]".to_owned(), json!({"type": "string"}));
        patterns.insert("^[0-7]".to_owned(), json!({"maximum": 4}));
        json!({"type": "object", "patternProperties": patterns, "propertyNames": {"minLength": 1},
            "not": {"additionalProperties": {"not": {"type": "integer"}}}})
    };
    let text = json!({"type": "string"});
    assert_eq!(is_inhabited(&hopeless([text.clone(), text.clone()])), Some(false));
    assert_eq!(is_inhabited(&hopeless([text, json!({"minimum": 5})])), None);
    let counting = |count: usize| {
        let all: Vec<Value> = (0..count).map(|n| json!({"contains": {"const": n}})).collect();
        json!({"type": "array", "allOf": all})
    };
    assert_eq!(is_inhabited(&counting(6)), Some(true));
    assert_eq!(is_inhabited(&counting(7)), None);
    // There is an array of 25 ones and 25 twos, but not all partial ones are kept.
    let halves = |n: usize| {
        let half = |it: i32| json!({"contains": {"const": it}, "minContains": n});
        json!({"type": "array", "allOf": [half(1), half(2)], "maxItems": 2 * n, "minItems": 2 * n})
    };
    assert_eq!(is_inhabited(&halves(10)), Some(true));
    assert_eq!(is_inhabited(&halves(25)), None);
    let different = |length: usize| {
        let positions: Vec<Value> = (0..length).map(|n| json!({"enum": [n, n + 1]})).collect();
        json!({"type": "array", "uniqueItems": true, "minItems": length, "items": false,
            "prefixItems": positions, "contains": {"const": length}})
    };
    assert_eq!(is_inhabited(&different(9)), Some(true));
}

#[test]
fn so_many_choices_of_different_items_are_tried() {
    // There is one item more than there are values, and each choice of those that are low is tried.
    let crowded = |count: usize| {
        let values: Vec<usize> = (0..count).collect();
        json!({"type": "array", "uniqueItems": true, "items": {"enum": values}, "minItems": count + 1,
            "maxItems": count + 1, "contains": {"enum": values[..count / 2]}})
    };
    assert_eq!(is_inhabited(&crowded(6)), Some(false));
    assert_eq!(is_inhabited(&crowded(14)), None);
}

#[test]
fn so_many_names_are_required() {
    let names = |count: usize| json!({"required": (0..count).map(|n| n.to_string()).collect::<Vec<_>>()});
    for (count, is_read) in [(100_000, true), (100_001, false)] {
        let verdict = ask(&names(count), &json!({"required": ["7"]}));
        assert_eq!(verdict == Verdict::Proved, is_read, "{count}: {verdict:?}");
    }
}

#[test]
fn so_many_alternatives_are_read() {
    let one_of_many = |count: usize| {
        let branches: Vec<Value> = (0..count)
            .map(|n| json!({"required": [format!("v{n}")]}))
            .collect();
        json!({ "anyOf": branches })
    };
    let one = json!({"type": "object", "required": ["v7"]});
    assert_eq!(ask(&one, &one_of_many(4_096)), Verdict::Proved);
    assert!(matches!(ask(&one, &one_of_many(4_097)), Verdict::Undecided(_)));
    let listed = |count: usize| json!({"enum": (0..count).map(|n| json!([n])).collect::<Vec<_>>()});
    let all = json!({"type": "array"});
    assert_eq!(ask(&listed(4_096), &all), Verdict::Proved);
    assert!(matches!(ask(&listed(4_097), &all), Verdict::Undecided(_)));
}

#[test]
fn so_many_parts_of_listed_values_are_read_in_all() {
    // A list and its item are two parts, and a text is none.
    let both = json!({"prefixItems": [{"enum": ["a", [1]]}, {"const": [2]}]});
    let both = Sole::new(&both, Version::V3_1);
    let all = Sole::new(
        &json!({"prefixItems": [{"type": ["string", "array"]}, {"type": "array"}]}),
        Version::V3_1,
    );
    let reading = Reading {
        nullable: Nullable::Lenient,
        formats: false,
    };
    for (listable, is_read) in [(4, true), (3, false)] {
        let mut engine = Engine::new([&both.document, &all.document], reading, 200_000);
        engine.solver.lowering.listable = listable;
        let verdict = engine.contains(both.question(0, None), all.question(1, None), World::Open);
        assert_eq!(verdict == Verdict::Proved, is_read, "{listable}: {verdict:?}");
    }
}

/// Definitions that each lead to the next one. The last one has no value, which is known without a search.
fn leading_to_nothing(levels: usize, link: impl Fn(Value) -> Value) -> Value {
    let definitions: Map<String, Value> = (0..=levels)
        .map(|n| {
            let next = json!({"$ref": format!("#/$defs/{}", n + 1)});
            let is_last = n == levels;
            (n.to_string(), if is_last { json!(false) } else { link(next) })
        })
        .collect();
    let last = json!({"type": "object", "required": ["z"], "properties": {"z": {"$ref": format!("#/$defs/{levels}")}}});
    json!({"anyOf": [last, {"$ref": "#/$defs/0"}], "$defs": definitions})
}

#[test]
fn searches_nest_so_deep() {
    let step = |next: Value| json!({"type": "object", "required": ["n"], "properties": {"n": next}});
    assert_eq!(is_inhabited(&leading_to_nothing(160, step)), Some(false));
    assert_eq!(is_inhabited(&leading_to_nothing(161, step)), None);
    // Alternatives need more of the stack.
    let either = |next: Value| {
        json!({"type": "object", "required": ["n"], "properties": {"n": next},
            "anyOf": [{"required": ["a"]}, {"required": ["b"]}]})
    };
    assert_eq!(is_inhabited(&leading_to_nothing(140, either)), Some(false));
    assert_eq!(is_inhabited(&leading_to_nothing(141, either)), None);
}

#[test]
fn alternatives_one_after_another_do_not_nest() {
    let some: Vec<Value> = (0..1_000)
        .map(|n| json!({"not": {"additionalProperties": {"not": {"const": n}}}}))
        .collect();
    let schema = json!({"type": "object", "additionalProperties": {"type": "string"}, "anyOf": some});
    assert_eq!(is_inhabited(&schema), Some(false));
}

/// The number of formulas to which a schema is lowered in the open and in the closed world.
fn formulas(schema: &Value) -> usize {
    let reading = Reading {
        nullable: Nullable::Lenient,
        formats: false,
    };
    let schema = Sole::new(schema, Version::V3_1);
    let mut engine = Engine::new([&schema.document, &schema.document], reading, 4_000);
    for world in [World::Open, World::Closed] {
        engine.formula(schema.question(0, None), world);
    }
    engine.formulas()
}

type Link = fn(Value) -> Value;

/// Each function puts a schema into keywords that are read more than once.
const LINKS: [(&str, Link); 6] = [
    ("oneOf", |inner| json!({"oneOf": [{"type": "string"}, inner]})),
    (
        "not",
        |inner| json!({"not": {"oneOf": [{"type": "string"}, inner]}}),
    ),
    (
        "anyOf",
        |inner| json!({"properties": {"b": true}, "anyOf": [inner], "unevaluatedProperties": {"type": "string"}}),
    ),
    ("if", |inner| json!({"if": inner, "unevaluatedProperties": false})),
    (
        "dependentSchemas",
        |inner| json!({"dependentSchemas": {"a": inner}, "unevaluatedProperties": false}),
    ),
    (
        "allOf",
        |inner| json!({"properties": {"b": true}, "allOf": [inner], "oneOf": [{"type": "object"}, {"type": "null"}]}),
    ),
];

fn tower(link: Link, levels: usize) -> Value {
    let leaf = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    (0..levels).fold(leaf, |inner, _| link(inner))
}

#[test]
fn a_schema_that_is_nested_in_alternatives_is_lowered_once_a_level() {
    for (name, link) in LINKS {
        let (few, more) = (formulas(&tower(link, 20)), formulas(&tower(link, 40)));
        assert!(more < 4 * few, "{name}: {few} formulas, then {more}");
    }
}

#[test]
fn a_question_about_towers_ends() {
    let leaf = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
    let reading = Reading {
        nullable: Nullable::Lenient,
        formats: false,
    };
    for (name, link) in LINKS {
        let other = (0..60).fold(leaf.clone(), |inner, _| link(inner));
        let [one, other] = [tower(link, 60), other].map(|it| Sole::new(&it, Version::V3_1));
        for world in [World::Open, World::Closed] {
            let mut engine = Engine::new([&one.document, &other.document], reading, 4_000);
            let verdict = engine.contains(one.question(0, None), other.question(1, None), world);
            assert_ne!(verdict, Verdict::Proved, "{name}");
        }
    }
}

/// Each level contains the next one twice, so the smallest value of forty levels has 2^40 parts, more than fits into
/// memory.
#[test]
fn a_value_that_is_too_large_is_not_built() {
    let levels = |count: usize, leaf: &str| {
        let mut definitions: Map<String, Value> = (0..count)
            .map(|level| {
                let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
                let object =
                    json!({"type": "object", "required": ["a", "b"], "properties": {"a": next, "b": next}});
                (level.to_string(), object)
            })
            .collect();
        definitions.insert(count.to_string(), json!({ "type": leaf }));
        json!({"$ref": "#/$defs/0", "$defs": definitions})
    };
    let within = |count| {
        let options = Options::default();
        answer(&levels(count, "string"), &levels(count, "integer"), &options).verdict
    };
    assert!(matches!(within(4), Verdict::Refuted(_)));
    let verdict = within(40);
    assert!(matches!(verdict, Verdict::Undecided(_)), "{verdict:?}");
}
