//! Formats, listed values, and questions about a single schema.

use openapi_document::Document;
use openapi_wire::Contract;
use serde_json::{Value, json};

use super::{FUEL, answer, ask, ask_within};
use crate::containment::verdict::{Verdict, World};
use crate::containment::{Carrier, Inside, Options, SchemaId, Schemas, Shape};
use crate::report::{Direction, Side};

fn with_formats(source: &Value, target: &Value) -> Verdict {
    let options = Options {
        formats: true,
        ..Options::default()
    };
    let answer = answer(source, target, &options);
    assert_eq!(answer.faults, 0, "{source} in {target}");
    answer.verdict
}

#[test]
fn a_format_that_is_asserted_refuses_strings() {
    for (format, good, bad) in [
        ("date-time", "2024-02-29T12:00:00Z", "2023-02-29T12:00:00Z"),
        ("date", "2024-02-29", "2024-2-29"),
        ("time", "12:00:00Z", "25:00:00Z"),
        ("duration", "P1D", "1D"),
        ("email", "a@b.co", "a"),
        ("hostname", "www.example.com", "-a"),
        ("ipv4", "192.0.2.1", "192.0.2"),
        ("ipv6", "::1", ":1"),
        ("uri", "https://a.test/", "a b"),
        ("uri-reference", "/a", "\\"),
        ("uuid", "00000000-0000-4000-8000-000000000000", "0"),
        ("json-pointer", "/a", "a"),
        ("relative-json-pointer", "0", "/a"),
        ("regex", "a", "["),
    ] {
        let of_format = json!({"type": "string", "format": format});
        assert_eq!(
            with_formats(&json!({ "const": good }), &of_format),
            Verdict::Proved,
            "{format}"
        );
        let refused = with_formats(&json!({ "const": bad }), &of_format);
        assert!(matches!(refused, Verdict::Refuted(_)), "{format}");
        // The engine finds a string of the format, and one that violates it, without hints.
        let some = with_formats(&of_format, &json!({"type": "null"}));
        assert!(matches!(some, Verdict::Refuted(_)), "{format}");
        let other = with_formats(&json!({"type": "string"}), &of_format);
        assert!(matches!(other, Verdict::Refuted(_)), "{format}");
        assert_eq!(
            with_formats(
                &json!({"type": "string", "format": format, "maxLength": 9}),
                &of_format
            ),
            Verdict::Proved
        );
    }
    let both = json!({"format": "ipv4", "type": "string", "minLength": 16});
    assert!(matches!(
        with_formats(&both, &json!(false)),
        Verdict::Undecided(_)
    ));
    assert_eq!(
        with_formats(&json!({"type": "integer"}), &json!({"format": "ipv4"})),
        Verdict::Proved
    );
}

#[test]
fn an_enum_is_decided_against_an_unreadable_schema() {
    let unread = json!({"dependencies": {"a": ["b"]}});
    for source in [
        json!({"enum": [{"a": 1, "b": 2}, {}]}),
        json!({"const": {"b": 1}}),
        json!({"anyOf": [{"const": {}}, {"const": 1}]}),
    ] {
        assert_eq!(ask_within(&source, &unread, FUEL), Verdict::Proved, "{source}");
    }
    for source in [
        json!({"enum": [{"b": 2}, {"a": 1}]}),
        json!({"const": {"a": 1}}),
        json!({"anyOf": [{"const": {}}, {"const": {"a": 1}}]}),
    ] {
        let verdict = ask_within(&source, &unread, FUEL);
        assert!(matches!(verdict, Verdict::Refuted(_)), "{source}: {verdict:?}");
    }
    // This schema also accepts values that it does not list.
    let more = json!({"anyOf": [{"const": {}}, {"type": "object", "maxProperties": 3}]});
    assert!(matches!(ask_within(&more, &unread, FUEL), Verdict::Undecided(_)));
}

#[test]
fn prose_changes_nothing_even_where_nothing_is_read() {
    let unread = json!({"dependencies": {"a": ["b"]}});
    for key in [
        "title",
        "description",
        "examples",
        "default",
        "deprecated",
        "$comment",
        "x-note",
    ] {
        let mut told = unread.clone();
        told[key] = json!(["something"]);
        assert_eq!(ask(&told, &unread), Verdict::Proved, "{key}");
        assert_eq!(ask(&unread, &told), Verdict::Proved, "{key}");
    }
    let mut other = unread.clone();
    other["minimum"] = json!(1);
    assert_ne!(ask_within(&unread, &other, FUEL), Verdict::Proved);
}

fn document() -> Document {
    let text = r#"{"openapi": "3.1.0", "paths": {}, "components": {"schemas": {
        "None": {"type": "string", "minLength": 2, "maxLength": 1},
        "Pet": {"type": "object", "required": ["name", "tags"], "additionalProperties": false, "properties": {
            "name": {"enum": ["cat", "dog"]},
            "tags": {"type": "array", "items": {"type": "object", "properties": {"a/b": {"type": "integer"}}}}}}}}}"#;
    Document::read(text.as_bytes()).unwrap()
}

#[test]
fn one_schema_is_empty_or_has_a_sample() {
    let document = document();
    let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
    let mut at = |name: &str| {
        let pointer = format!("/components/schemas/{name}");
        schemas
            .lower_at(Side::Revision, &pointer, Direction::Response)
            .unwrap()
    };
    let (none, pet) = (at("None"), at("Pet"));
    assert_eq!(schemas.is_empty(none), Some(true));
    assert_eq!(schemas.sample(none), None);
    assert_eq!(schemas.is_empty(pet), Some(false));
    let sample = schemas.sample(pet).unwrap();
    assert_eq!(schemas.accepts(pet, &sample), Ok(true));
    assert_eq!(
        schemas.accepts(pet, &json!({"name": "cow", "tags": []})),
        Ok(false)
    );
}

#[test]
fn a_sample_is_what_the_producer_emits_if_it_emits_anything() {
    let text = r##"{"openapi": "3.1.0", "paths": {}, "components": {"schemas": {
        "Named": {"type": "object", "properties": {"name": {"const": 1}}, "minProperties": 1},
        "More": {"type": "object", "properties": {"name": {"const": 1}}, "minProperties": 2},
        "Any": {"type": "object", "properties": {"z": {"enum": [1, 2]}, "a": {"const": 1}}, "patternProperties": {"^q": false}, "not": {"required": ["a"]}, "minProperties": 1},
        "Circle": {"$ref": "#/components/schemas/Circle"}, "Text": {"type": "string"}}}}"##;
    let document = Document::read(text.as_bytes()).unwrap();
    let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
    let mut at = |name: &str| {
        let pointer = format!("/components/schemas/{name}");
        schemas
            .lower_at(Side::Base, &pointer, Direction::Response)
            .unwrap()
    };
    let [named, more, any, circle, text] = ["Named", "More", "Any", "Circle", "Text"].map(&mut at);
    assert_eq!(schemas.sample(named), Some(json!({"name": 1})));
    assert_eq!(schemas.sample(any), Some(json!({"z": 1})));
    let sample = schemas.sample(more).unwrap();
    assert_eq!(sample.as_object().map(serde_json::Map::len), Some(2));
    // A circular schema is only known to equal itself, however often it is asked about.
    for target in [text, circle, more] {
        let verdict = schemas.contains(circle, target, World::Open);
        assert_eq!(verdict == Verdict::Proved, target == circle, "{verdict:?}");
        assert_eq!(schemas.is_empty(circle), None);
    }
}

#[test]
fn a_sample_carries_what_it_is_told_to() {
    let document = document();
    let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
    let pet = schemas
        .lower_at(Side::Base, "/components/schemas/Pet", Direction::Response)
        .unwrap();
    let carrying = schemas.instance_with(pet, "/name", &json!("dog")).unwrap();
    assert_eq!(carrying["name"], json!("dog"));
    assert_eq!(schemas.instance_with(pet, "/name", &json!("cow")), None);
    let carrying = schemas.instance_with(pet, "/tags/1/a~1b", &json!(7)).unwrap();
    assert_eq!(carrying["tags"][1]["a/b"], json!(7));
    let carrying = schemas.instance_with(pet, "/tags/*/*", &json!(8)).unwrap();
    assert!(carrying["tags"].as_array().unwrap().iter().any(|tag| {
        tag["a/b"] == json!(8)
            || tag
                .as_object()
                .is_some_and(|tag| tag.values().any(|it| *it == json!(8)))
    }));
    assert_eq!(schemas.instance_with(pet, "/tags/name", &json!(7)), None);
    assert_eq!(schemas.instance_with(pet, "/tags/name", &json!({"a/b": 1})), None);
    assert_eq!(schemas.instance_with(pet, "/other", &json!(7)), None);
    let whole = json!({"name": "cat", "tags": []});
    assert_eq!(schemas.instance_with(pet, "", &whole), Some(whole.clone()));
}

#[test]
fn a_producer_can_hold_what_its_schema_declares() {
    let document = document();
    let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
    let mut at = |pointer: &str| {
        schemas
            .lower_at(Side::Base, pointer, Direction::Response)
            .unwrap()
    };
    let pet = at("/components/schemas/Pet");
    let tags = at("/components/schemas/Pet/properties/tags");
    let tag = at("/components/schemas/Pet/properties/tags/items");
    let none = at("/components/schemas/None");
    for (id, inside, can) in [
        (pet, Inside::Itself, true),
        (pet, Inside::Property("name"), true),
        (pet, Inside::Property("other"), false),
        (pet, Inside::Item(0), false),
        (tag, Inside::Property("a/b"), true),
        (tag, Inside::Property("a/c"), false),
        (tags, Inside::Item(0), true),
        (tags, Inside::Property("0"), false),
        (none, Inside::Property("name"), false),
    ] {
        assert_eq!(schemas.can_hold(id, inside), can, "{inside:?} of {id:?}");
    }
    // An object that was found before is not searched again.
    let spent = schemas.engine.solver.fuel.total();
    assert!(schemas.can_hold(pet, Inside::Property("name")));
    assert_eq!(schemas.engine.solver.fuel.total(), spent);
}

#[test]
fn the_values_of_one_document_are_named_by_their_place() {
    let document = document();
    let mut values = crate::Values::new(&document);
    let pet = "/components/schemas/Pet";
    let sample = values.sample(pet, Direction::Request);
    assert_eq!(sample, Some(json!({"name": "cat", "tags": []})));
    let dog = values.carrying(pet, Direction::Request, "/name", &json!("dog"));
    assert_eq!(dog, Some(json!({"name": "dog", "tags": []})));
    for nothing in ["/components/schemas/None", "/components/schemas/Absent"] {
        assert_eq!(values.sample(nothing, Direction::Request), None);
    }
}

/// A schema that lists its values is decided value by value also where another schema applies beside it.
#[test]
fn an_enum_beside_another_schema_is_decided() {
    let document = json!({"openapi": "3.1.0", "components": {"schemas": {
        "Listed": {"enum": ["aa", "ab", "cc"]}, "A": {"pattern": "a"}, "NoB": {"not": {"pattern": "b"}},
        "Unread": {"pattern": r"^(\w)\1$"}}}});
    let document = Document::read(document.to_string()).unwrap();
    let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
    let at = |name: &str| document.at(&format!("/components/schemas/{name}")).unwrap();
    let mut ask = |beside: &str| {
        let all = ["Listed", beside].map(at);
        let source = schemas.lower_together(Side::Base, &all, Direction::Request, Carrier::Json);
        let target = schemas.lower(Side::Revision, at("Unread"), Direction::Request);
        schemas.contains(source, target, World::Open)
    };
    assert_eq!(ask("NoB"), Verdict::Proved);
    match ask("A") {
        Verdict::Refuted(refutation) => assert_eq!(refutation.witness, json!("ab")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_value_that_one_of_several_schemas_refuses_is_refused_though_another_cannot_be_read() {
    let root = json!({"openapi": "3.1.0", "components": {"schemas": {
        "Text": {"type": "string"}, "Unread": {"$ref": "other.json"}}}});
    let document = Document::read(root.to_string()).unwrap();
    let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
    for names in [["Text", "Unread"], ["Unread", "Text"]] {
        let both = names.map(|it| document.at(&format!("/components/schemas/{it}")).unwrap());
        let id = schemas.lower_together(Side::Base, &both, Direction::Request, Carrier::Json);
        assert_eq!(schemas.accepts(id, &json!(1)), Ok(false), "{names:?}");
        assert!(schemas.accepts(id, &json!("a")).is_err(), "{names:?}");
    }
}

#[test]
fn a_refutation_inside_counts_outside_only_if_its_value_can_be_sent_there() {
    let either = json!({"type": ["integer", "string"]});
    let (integer, text) = (json!({"type": "integer"}), json!({"type": "string"}));
    let schema = |inside: Inside<'_>, part: &Value, more: &Value| {
        let mut schema = match inside {
            Inside::Item(_) => json!({"type": "array", "items": part}),
            _ => json!({"type": "object", "properties": {"a": part}}),
        };
        let members = schema.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        schema
    };
    let lifts = |inside: Inside<'_>, part: &Value, more: &Value| {
        let [source, target] = [part, &integer].map(|part| schema(inside, part, more).to_string());
        let [base, revision] = [source, target].map(|it| Document::read_schema(it).unwrap());
        let mut schemas = Schemas::new(&base, &revision, &crate::Options::default());
        let step = match inside {
            Inside::Item(_) => "/items",
            _ => "/properties/a",
        };
        let [outer, inner] = pairs(&mut schemas, ["", step]);
        schemas.lifts(outer, inside, inner)
    };
    let some_number = json!({"not": {"additionalProperties": text}, "maxProperties": 1});
    let some_integer = json!({"contains": integer, "maxItems": 1});
    let (property, item, second) = (Inside::Property("a"), Inside::Item(0), Inside::Item(1));
    for (inside, more, expected) in [
        (property, json!({}), true),
        (property, json!({"required": ["a"]}), true),
        (property, some_number, false),
        (property, json!({"patternProperties": {"^a": integer}}), false),
        (
            property,
            json!({"anyOf": [{"required": ["b"]}, {"properties": {"a": integer}}]}),
            false,
        ),
        (property, json!({"not": {"required": ["a"]}}), false),
        (item, json!({}), true),
        (item, json!({"minItems": 2}), true),
        (item, some_integer, false),
        (item, json!({"maxItems": 0}), false),
        (second, json!({"prefixItems": [{}]}), true),
        (second, json!({"prefixItems": [{}], "uniqueItems": true}), false),
        (
            second,
            json!({"prefixItems": [{}], "not": {"uniqueItems": true}}),
            false,
        ),
    ] {
        assert_eq!(lifts(inside, &either, &more), expected, "{inside:?} {more}");
    }
    // Any item can be put into a list of different ones.
    assert!(lifts(item, &json!({}), &json!({"uniqueItems": true})));
}

/// The schemas of two documents at some places, as pairs.
fn pairs<const N: usize>(schemas: &mut Schemas<'_>, places: [&str; N]) -> [(SchemaId, SchemaId); N] {
    places.map(|at| {
        let mut lower = |side| schemas.lower_at(side, at, Direction::Request).unwrap();
        (lower(Side::Base), lower(Side::Revision))
    })
}

#[test]
fn structure_proves_a_pair_if_the_pairs_inside_are_given() {
    let read = |a: &str| {
        let schema = json!({"type": "object", "properties": {"a": {"type": "string", "pattern": a}}});
        Document::read_schema(schema.to_string()).unwrap()
    };
    let (base, revision) = (read("^aa$"), read("^a+$"));
    let mut schemas = Schemas::new(&base, &revision, &crate::Options::default());
    let [outer, inner] = pairs(&mut schemas, ["", "/properties/a"]);
    assert!(schemas.subsumes(outer, &[inner]));
    // The given assumption counts for one proof only.
    assert!(!schemas.subsumes(outer, &[]));
}

#[test]
fn structure_proves_what_follows_in_each_case_that_has_values() {
    let schema =
        |cases: Value| json!({"type": "object", "required": ["b"], "maxProperties": 1, "anyOf": cases});
    let integer = json!({"properties": {"b": {"type": "integer"}}});
    for (cases, is_proved) in [
        // A second property is one too many.
        (json!([{"required": ["c"]}, integer]), true),
        (json!([{"required": ["b"]}, integer]), false),
    ] {
        let [base, revision] = [schema(cases), json!({"properties": {"b": {"type": "number"}}})]
            .map(|it| Document::read_schema(it.to_string()).unwrap());
        let mut schemas = Schemas::new(&base, &revision, &crate::Options::default());
        let [pair] = pairs(&mut schemas, [""]);
        assert_eq!(schemas.subsumes(pair, &[]), is_proved);
    }
}

#[test]
fn a_part_stands_where_it_is_put() {
    let schema = Document::read_schema("{}").unwrap();
    let mut schemas = Schemas::new(&schema, &schema, &crate::Options::default());
    let id = schemas.lower_at(Side::Base, "", Direction::Request).unwrap();
    for (inside, whole) in [
        (Inside::Itself, json!(7)),
        (Inside::Property("a"), json!({"a": 7})),
        (Inside::Item(0), json!([7])),
        (Inside::Item(1), json!([null, 7])),
    ] {
        assert_eq!(schemas.with_part(id, inside, json!(7)), Some(whole));
    }
}

#[test]
fn schemas_with_the_same_meaning_need_no_proof() {
    let document = document();
    let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
    let both = ["Pet", "None"].map(|it| document.at(&format!("/components/schemas/{it}")).unwrap());
    let mut lower = |side| schemas.lower_together(side, &both, Direction::Request, Carrier::Json);
    let pair = (lower(Side::Base), lower(Side::Revision));
    assert!(schemas.subsumes(pair, &[]));
    assert_eq!(schemas.engine.solver.fuel.total(), 0);
}

#[test]
fn a_value_refutes_a_pair_if_it_is_sent_and_refused() {
    let read =
        |a: &str| Document::read_schema(json!({"properties": {"a": {"type": a}}}).to_string()).unwrap();
    let (base, revision) = (read("string"), read("integer"));
    let mut schemas = Schemas::new(&base, &revision, &crate::Options::default());
    let [(source, target)] = pairs(&mut schemas, [""]);
    for (value, is_refuted) in [
        (json!({"a": "x"}), true),
        (json!({"a": 1}), false),
        (json!({"b": 1}), false),
    ] {
        let refutation = schemas.refuted_by(source, target, &value);
        assert_eq!(refutation.map(|it| it.witness), is_refuted.then_some(value));
    }
}

#[test]
fn values_are_built_until_the_budget_is_spent() {
    let document = document();
    let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
    let pet = schemas
        .lower_at(Side::Base, "/components/schemas/Pet", Direction::Response)
        .unwrap();
    let name = schemas
        .lower_at(
            Side::Base,
            "/components/schemas/Pet/properties/name",
            Direction::Response,
        )
        .unwrap();
    schemas.engine.unbuilt = 2;
    // A value without parts costs nothing.
    assert!(schemas.sample(name).is_some());
    assert_eq!(schemas.engine.unbuilt, 2);
    assert!(schemas.sample(pet).is_some());
    assert!(schemas.is_spent());
    assert_eq!(schemas.sample_of(pet, Shape::Members), None);
    let granted = |schemas: &mut Schemas<'_>| {
        let fuel = &mut schemas.engine.solver.fuel;
        fuel.refill();
        fuel.granted()
    };
    let whole = granted(&mut schemas);
    while granted(&mut schemas) == whole {
        while schemas.engine.solver.fuel.step() {}
    }
    schemas.renew_fuel();
    assert!(!schemas.is_spent());
    assert_eq!(granted(&mut schemas), whole);
    assert_eq!(schemas.take_doubt(), None);
    assert!(schemas.instance_with(pet, "/name", &json!("cat")).is_some());
}

#[test]
fn the_reading_of_a_schema_with_overlaps_is_another_one_only_if_there_are_alternatives() {
    let schema =
        Document::read_schema(r#"{"items": {"oneOf": [{}, {"type": "string"}]}, "not": {}}"#).unwrap();
    let mut schemas = Schemas::new(&schema, &schema, &crate::Options::default());
    for (at, is_other) in [("", true), ("/not", false)] {
        let id = schemas.lower_at(Side::Base, at, Direction::Request).unwrap();
        let lenient = schemas.taking_overlaps(id);
        assert_eq!(lenient != id, is_other, "{at}");
        assert_eq!(schemas.taking_overlaps(id), lenient, "it is made once");
    }
}

type Ask<'a> = &'a dyn Fn(&mut Schemas<'_>) -> bool;

#[test]
fn an_answer_is_kept() {
    let [base, revision] = ["integer", "string"].map(|kind| {
        let part = json!({"type": kind});
        let schema = json!({"type": "object", "required": ["a", "b"], "properties": {"a": part, "b": part}});
        Document::read_schema(schema.to_string()).unwrap()
    });
    let mut schemas = Schemas::new(&base, &revision, &crate::Options::default());
    let [(source, target)] = pairs(&mut schemas, [""]);
    let asks: [(&str, Ask<'_>); 5] = [
        ("soon", &|it| {
            matches!(
                it.contains_soon(source, target, World::Open),
                Some(Verdict::Refuted(_))
            )
        }),
        ("contains", &|it| {
            matches!(it.contains(target, source, World::Open), Verdict::Refuted(_))
        }),
        ("sample", &|it| it.sample(source).is_some()),
        ("shape", &|it| it.sample_of(source, Shape::Members).is_some()),
        ("holds", &|it| {
            it.can_hold(source, Inside::Property("a")) && it.can_hold(source, Inside::Property("b"))
        }),
    ];
    for (name, ask) in asks {
        assert!(ask(&mut schemas), "{name}");
        let total = schemas.engine.solver.fuel.total();
        assert!(ask(&mut schemas), "{name}");
        assert_eq!(schemas.engine.solver.fuel.total(), total, "{name}");
    }
    // A copy costs a fraction of what is built.
    let list = Document::read_schema(r#"{"type": "array", "minItems": 40}"#).unwrap();
    let mut lists = Schemas::new(&list, &list, &crate::Options::default());
    let [(source, _)] = pairs(&mut lists, [""]);
    let mut left = vec![lists.engine.unbuilt];
    for _ in 0..3 {
        assert!(lists.sample_of(source, Shape::List(1)).is_some());
        left.push(lists.engine.unbuilt);
    }
    let costs: Vec<usize> = left.windows(2).map(|it| it[0] - it[1]).collect();
    assert_eq!(costs, [40, 2, 2]);
    // A large copy costs what a part that is built does.
    schemas.engine.unbuilt = 1;
    schemas.engine.pay_for_copy(&json!(vec![0; 14]));
    assert!(!schemas.is_spent());
    schemas.engine.pay_for_copy(&json!(vec![0; 15]));
    assert!(schemas.is_spent());
}

#[test]
fn why_a_value_could_not_be_built_is_told_once() {
    let schema = Document::read_schema(r#"{"type": "array", "minItems": 1001}"#).unwrap();
    let mut schemas = Schemas::new(&schema, &schema, &crate::Options::default());
    let id = schemas.lower_at(Side::Base, "", Direction::Request).unwrap();
    assert_eq!(schemas.sample(id), None);
    let why = "an array of that length or with that many counts is not built";
    assert_eq!(schemas.take_doubt().as_deref(), Some(why));
    assert_eq!(schemas.take_doubt(), None);
}

#[test]
fn names_that_no_object_has_are_not_declared() {
    let schema =
        json!({"type": "object", "properties": {"a": {"type": "string"}, "b": false, "c": {"type": "null"}}});
    let document = Document::read_schema(schema.to_string()).unwrap();
    let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
    let id = schemas.lower(Side::Base, document.root(), Direction::Request);
    let formula = schemas.engine.formula(schemas.place(id), World::Open);
    let names = schemas.engine.solver.declared_names(formula);
    let arena = &schemas.engine.solver.lowering.arena;
    let mut names: Vec<&str> = names.iter().map(|it| &**arena.str(*it)).collect();
    names.sort_unstable();
    assert_eq!(names, ["a", "c"]);
}

#[test]
fn an_object_that_another_schema_refuses_is_found() {
    let read = |kind: &str| {
        let schema = json!({"type": "object", "properties": {"a": {"type": kind}}});
        Document::read_schema(schema.to_string()).unwrap()
    };
    let (base, revision) = (read("integer"), read("string"));
    let mut schemas = Schemas::new(&base, &revision, &crate::Options::default());
    let [pair] = pairs(&mut schemas, [""]);
    let found = schemas.refused_apart(pair, std::iter::empty()).unwrap();
    // It may take less fuel than a sample.
    let granted = schemas.engine.solver.fuel.granted();
    assert!(schemas.sample(pair.0).is_some());
    assert!(granted < schemas.engine.solver.fuel.granted());
    assert_eq!(schemas.accepts(pair.0, &found), Ok(true), "{found}");
    assert_eq!(schemas.accepts(pair.1, &found), Ok(false), "{found}");
}

#[test]
fn a_list_of_values_that_its_schema_refuses_is_made_of_values_of_both_others() {
    let schema = json!({"$defs": {"a": {"type": ["integer", "string"]}, "b": {"type": ["boolean", "integer"]},
        "list": {"type": "array", "maxItems": 0}}});
    let document = Document::read_schema(schema.to_string()).unwrap();
    let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
    let [a, b, list] = ["a", "b", "list"].map(|it| {
        let at = format!("/$defs/{it}");
        schemas.lower_at(Side::Base, &at, Direction::Request).unwrap()
    });
    assert_eq!(schemas.refused_list([a, b], list), Some(json!([0])));
}

#[test]
fn a_sample_has_the_shape_that_is_asked_for() {
    let schema = json!({"enum": ["", true, 7, [], ["a", "b"], {}, {"a": 1}, null]});
    let document = Document::read_schema(schema.to_string()).unwrap();
    let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
    let id = schemas.lower(Side::Base, document.root(), Direction::Request);
    for (shape, samples) in [
        (Shape::String, &[json!("")][..]),
        (Shape::Number, &[json!(true), json!(7)]),
        (Shape::List(0), &[json!([])]),
        (Shape::List(2), &[json!(["a", "b"])]),
        (Shape::Members, &[json!({"a": 1})]),
    ] {
        let sample = schemas.sample_of(id, shape).unwrap();
        assert!(samples.contains(&sample), "{shape:?}: {sample}");
    }
    assert_eq!(schemas.sample_of(id, Shape::List(3)), None);
}

/// Only a defect of the engine leads to this, so here the judge reads `nullable` in another way.
#[test]
fn a_witness_that_the_judge_refuses_is_a_fault_and_decides_nothing() {
    let read = |schema: Value| {
        let document = json!({"openapi": "3.0.3", "components": {"schemas": {"A": schema}}});
        Document::read(document.to_string()).unwrap()
    };
    let (base, revision) = (
        read(json!({"allOf": [{"type": "string"}], "nullable": true})),
        read(json!({"type": "string"})),
    );
    let mut schemas = Schemas::new(&base, &revision, &crate::Options::default());
    let strict = [&base, &revision].map(|it| Contract::new(it).reading_nullable_strictly());
    schemas.engine.judges = strict;
    let mut lower = |side| {
        schemas
            .lower_at(side, "/components/schemas/A", Direction::Request)
            .unwrap()
    };
    let (source, target) = (lower(Side::Base), lower(Side::Revision));
    let verdict = schemas.contains(source, target, World::Open);
    assert!(matches!(verdict, Verdict::Undecided(_)), "{verdict:?}");
    assert_eq!(schemas.faults(), 1);
}
