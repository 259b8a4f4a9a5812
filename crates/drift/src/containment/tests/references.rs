//! References, names of resources, and recursion.

use openapi_document::{Document, Version};
use serde_json::{Map, Value, json};

use super::{Sole, ask, different, narrower, same, undecided};
use crate::containment::Schemas;
use crate::containment::engine::Engine;
use crate::containment::reading::Reading;
use crate::containment::verdict::{Verdict, World};
use crate::options::Nullable;
use crate::report::{Direction, Side};

#[test]
fn a_reference_is_what_it_refers_to() {
    same(
        &json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}),
        &json!({"type": "string"}),
    );
    same(
        &json!({"$ref": "#/$defs/a~1b%25", "$defs": {"a/b%": {"type": "string"}}}),
        &json!({"type": "string"}),
    );
    same(
        &json!({"$ref": "#name", "$defs": {"a": {"$anchor": "name", "type": "string"}}}),
        &json!({"type": "string"}),
    );
    same(
        &json!({"$dynamicRef": "#name", "$defs": {"a": {"$dynamicAnchor": "name", "type": "string"}}}),
        &json!({"type": "string"}),
    );
    same(
        &json!({"$ref": "#name", "allOf": [{"anyOf": [true, {"$anchor": "name", "type": "string"}]}]}),
        &json!({"type": "string"}),
    );
    narrower(
        &json!({"$ref": "#/$defs/a", "maxLength": 3, "$defs": {"a": {"type": "string"}}}),
        &json!({"type": "string"}),
    );
    same(
        &json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": false}}),
        &json!(false),
    );
}

#[test]
fn a_reference_is_relative_to_the_resource_it_stands_in() {
    let nested = json!({"$id": "http://a.test/outer", "$ref": "inner", "$defs": {
        "x": {"type": "null"},
        "y": {"$id": "inner", "$ref": "#/$defs/x", "$defs": {"x": {"type": "string"}}}}});
    same(&nested, &json!({"type": "string"}));
    let anchored = json!({"$id": "http://a.test/outer", "$ref": "inner#name", "$defs": {
        "x": {"$anchor": "name", "type": "null"},
        "y": {"$id": "inner", "$defs": {"z": {"$anchor": "name", "type": "string"}}}}});
    same(&anchored, &json!({"type": "string"}));
    // The anchors of a resource with its own `$id` are not anchors of the document around it.
    let outside = json!({"$ref": "#name", "$defs": {
        "y": {"$id": "http://a.test/inner", "$anchor": "name", "type": "string"}}});
    assert!(undecided(&json!({"const": 1}).clone(), &outside).contains("reference"));
}

#[test]
fn data_and_unknown_keywords_name_nothing() {
    same(
        &json!({"$ref": "#name", "$defs": {
            "a": {"const": {"$anchor": "name", "type": "null"}},
            "b": {"$anchor": "name", "type": "string"},
            "c": {"unknown": {"$anchor": "name", "type": "null"}}}}),
        &json!({"type": "string"}),
    );
}

#[test]
fn a_dynamic_reference_leads_to_the_anchor_of_the_resource_that_was_entered_first() {
    let tree = |name: &str, kind: &str| {
        json!({"$id": "http://a.test/root", "$ref": name, "$defs": {
            "list": {"$id": "list", "type": "array", "items": {"$dynamicRef": "#item"},
                "$defs": {"any": {"$dynamicAnchor": "item"}}},
            "x": {"$id": name, "$ref": "list", "$defs": {"own": {"$dynamicAnchor": "item", "type": kind}}}}})
    };
    for (source, target) in [
        (json!({"type": "array"}), tree("strings", "string")),
        (json!({"const": [1]}), tree("strings", "string")),
        (tree("strings", "string"), tree("strings", "integer")),
    ] {
        assert!(matches!(ask(&source, &target), Verdict::Refuted(_)), "{source}");
    }
    same(
        &tree("strings", "string"),
        &json!({"type": "array", "items": {"type": "string"}}),
    );
    assert_eq!(
        ask(&json!({"const": ["a"]}), &tree("strings", "string")),
        Verdict::Proved
    );
    assert_eq!(
        ask(&tree("strings", "string"), &tree("strings", "string")),
        Verdict::Proved
    );
}

#[test]
fn equal_references_may_lead_to_different_schemas() {
    // There are too many alternatives to determine what is unevaluated, so only equality could be a proof.
    let with = |kind: &str| {
        let many: Vec<Value> = (0..9)
            .map(|n| json!({"properties": {format!("p{n}"): true}}))
            .collect();
        json!({"type": "object", "anyOf": many, "$ref": "#/$defs/a", "unevaluatedProperties": false,
            "$defs": {"a": {"properties": {"a": {"type": kind}}}}})
    };
    let verdict = ask(&with("string"), &with("number"));
    assert_ne!(verdict, Verdict::Proved);
    assert_eq!(ask(&with("string"), &with("string")), Verdict::Proved);
}

#[test]
fn a_property_may_be_called_like_a_keyword() {
    for name in ["title", "description", "default", "enum", "$ref", "x-a"] {
        let of = |kind: &str| json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "properties": {name: {"type": kind}}}}});
        narrower(&of("integer"), &of("number"));
    }
    let ordered = |prefix: Value| json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "prefixItems": prefix}}});
    different(
        &ordered(json!([{"type": "string"}, {"type": "null"}])),
        &ordered(json!([{"type": "null"}, {"type": "string"}])),
    );
    let required =
        |names: Value| json!({"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "required": names}}});
    narrower(&required(json!(["a", "b"])), &required(json!(["a"])));
}

#[test]
fn recursion_is_followed_to_its_end() {
    let list = |value: &str, more: Value| {
        json!({"$ref": "#/$defs/list", "$defs": {"list": {"type": "object", "required": more,
            "properties": {"value": {"type": value}, "next": {"$ref": "#/$defs/list"}}}}})
    };
    narrower(&list("integer", json!([])), &list("number", json!([])));
    narrower(&list("integer", json!(["value"])), &list("integer", json!([])));
    // No finite value has an endless chain of next ones.
    same(&list("integer", json!(["next"])), &json!(false));
    let renamed = json!({"$ref": "#/$defs/a", "$defs": {
        "a": {"type": "object", "properties": {"value": {"type": "integer"}, "next": {"$ref": "#/$defs/b"}}},
        "b": {"type": "object", "properties": {"value": {"type": "integer"}, "next": {"$ref": "#/$defs/a"}}}}});
    same(&renamed, &list("integer", json!([])));
    let tree = |leaf: &str| {
        json!({"$ref": "#/$defs/tree", "$defs": {
            "tree": {"oneOf": [{"type": leaf}, {"type": "array", "items": {"$ref": "#/$defs/tree"}}]}}})
    };
    narrower(&tree("integer"), &tree("number"));
}

#[test]
fn mutual_recursion_that_leans_on_what_fails_is_asked_again() {
    let graph = |c: &str| {
        json!({"$ref": "#/$defs/a", "$defs": {
            "a": {"type": "object", "properties": {"b": {"$ref": "#/$defs/b"}, "c": {"$ref": "#/$defs/c"}}},
            "b": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}},
            "c": {"type": "object", "properties": {"b": {"$ref": "#/$defs/b"}, "leaf": {"type": c}}}}})
    };
    narrower(&graph("integer"), &graph("number"));
    let of_b = |c: &str| {
        let mut schema = graph(c);
        schema["$ref"] = json!("#/$defs/b");
        schema
    };
    narrower(&of_b("integer"), &of_b("number"));
}

#[test]
fn a_schema_that_is_only_itself_stays_undecided() {
    let circle = json!({"$ref": "#"});
    undecided(&circle, &json!({"type": "string"}));
    undecided(&json!({"type": "string"}), &circle);
    let pair = json!({"$ref": "#/$defs/a", "$defs": {
        "a": {"anyOf": [{"$ref": "#/$defs/b"}, {"type": "null"}]}, "b": {"$ref": "#/$defs/a"}}});
    undecided(&pair, &json!({"type": "string"}));
    let two = json!({"$ref": "#/$defs/a", "$defs": {
        "a": {"anyOf": [{"$ref": "#/$defs/b"}, {"type": "null"}]},
        "b": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "integer"}]}}});
    undecided(&json!({"type": "string"}), &two);
    // Each of them is the opposite of the other one, which they are at the same time.
    let opposites = json!({"$ref": "#/$defs/a", "$defs": {
        "a": {"not": {"$ref": "#/$defs/b"}}, "b": {"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}}});
    undecided(&json!({"type": "string"}), &opposites);
    undecided(&opposites, &json!({"type": "null"}));
    assert_eq!(ask(&circle, &json!({})), Verdict::Proved);
}

#[test]
fn equal_schemas_differ_where_their_references_lead_elsewhere() {
    let schema = json!({"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"type": "integer"}}});
    let inside = json!({"$defs": {"x": {"type": "string"}, "inside": schema}});
    let [one, other] = [&schema, &inside].map(|it| Sole::new(it, Version::JsonSchema));
    let reading = Reading {
        nullable: Nullable::Lenient,
        formats: false,
    };
    let mut engine = Engine::new([&one.document, &other.document], reading, 200_000);
    let mut target = other.question(1, None);
    target.schema = other.document.root().pointer("/$defs/inside").unwrap();
    let verdict = engine.contains(one.question(0, None), target, World::Open);
    assert!(matches!(verdict, Verdict::Refuted(_)), "{verdict:?}");
}

#[test]
fn alternatives_are_found_behind_long_chains_of_references() {
    let link = |n: usize| {
        (
            n.to_string(),
            json!({"allOf": [{"$ref": format!("#/$defs/{}", n + 1)}]}),
        )
    };
    let mut definitions: Map<String, Value> = (0..12).map(link).collect();
    definitions.insert("12".to_owned(), json!({"type": "string"}));
    let chain = json!({"oneOf": [{"$ref": "#/$defs/0"}, {"type": "null"}], "$defs": definitions});
    same(&chain, &json!({"type": ["string", "null"]}));
}

#[test]
fn schemas_that_are_alike_are_not_searched() {
    let graph = |a: &str, b: &str, note: &str| {
        json!({"$ref": format!("#/components/schemas/{a}"), "components": {"schemas": {
            a: {"type": "object", "description": note, "required": ["x", "b"], "properties": {
                "b": {"$ref": format!("#/components/schemas/{b}")}, "x": {"enum": ["u", "v"]}}},
            b: {"type": "object", "properties": {"a": {"$ref": format!("#/components/schemas/{a}")}, "n": {"type": "integer"}}}}}})
    };
    for world in [World::Open, World::Closed] {
        let (one, other) = (graph("A", "B", "old"), graph("C", "D", "new"));
        assert_eq!(
            in_documents(&one, &other, world),
            (Verdict::Proved, 0),
            "{world:?}"
        );
    }
    let mut wider = graph("C", "D", "new");
    wider["components"]["schemas"]["D"]["properties"]["n"] = json!({"type": "number"});
    let (verdict, cost) = in_documents(&graph("A", "B", "old"), &wider, World::Open);
    assert_eq!(verdict, Verdict::Proved);
    assert!(cost > 0);
}

#[test]
fn references_to_what_is_no_object_are_alike_only_if_it_is_the_same() {
    let with = |holder: Value, leaf: &Value| json!({"$ref": "#/components/schemas/Holder", "components": {"schemas": {"Holder": holder, "Leaf": leaf}}});
    let leaf = json!({"$ref": "#/components/schemas/Leaf"});
    let object = |leaf_value: &Value| {
        with(
            json!({"type": "object", "required": ["x"], "properties": {"x": leaf}}),
            leaf_value,
        )
    };
    for value in [json!(true), json!(false), json!([])] {
        for one in [object(&value), with(leaf.clone(), &value)] {
            let mut other = one.clone();
            other["description"] = "new".into();
            let answer = in_documents(&one, &other, World::Open);
            assert_eq!(answer, (Verdict::Proved, 0), "{one}");
        }
    }
    let (verdict, _) = in_documents(&object(&json!(true)), &object(&json!(false)), World::Open);
    assert!(matches!(verdict, Verdict::Refuted(_)), "{verdict:?}");
}

#[test]
fn schemas_that_are_only_written_differently_are_not_searched() {
    for (one, other) in [
        (json!({"type": "string", "minimum": 3}), json!({"type": "string"})),
        (
            json!({"anyOf": [{"anyOf": [{"type": "string"}, {"minimum": 3}]}, {"type": "null"}]}),
            json!({"anyOf": [{"minimum": 3}, {"type": ["string", "null"]}]}),
        ),
        (
            json!({"anyOf": [{"const": "a"}, {"const": "b"}]}),
            json!({"enum": ["b", "a"]}),
        ),
        (
            json!({"oneOf": [{"type": "string"}, {"type": "null"}]}),
            json!({"type": ["null", "string"]}),
        ),
        (json!({"oneOf": [{"minimum": 3}]}), json!({"minimum": 3})),
        (
            json!({"anyOf": [{"minimum": 3}, {"not": {"minimum": 3}}]}),
            json!({}),
        ),
    ] {
        for (source, target) in [(&one, &other), (&other, &one)] {
            let answer = in_documents(source, target, World::Open);
            assert_eq!(answer, (Verdict::Proved, 0), "{source} in {target}");
        }
    }
}

#[test]
fn chains_of_references_are_alike_however_long_and_told_apart_where_they_end_in_a_circle() {
    let chain = |links: usize, end: &Value, note: &str| {
        let mut components: Map<String, Value> = (0..links)
            .map(|n| {
                let next = format!("#/components/schemas/{}", n + 1);
                (n.to_string(), json!({"items": {"$ref": next}}))
            })
            .collect();
        components.insert(links.to_string(), end.clone());
        json!({"$ref": "#/components/schemas/0", "note": note, "components": {"schemas": components}})
    };
    let alike = |links, end: &Value| {
        in_documents(&chain(links, end, "old"), &chain(links, end, "new"), World::Open).1 == 0
    };
    assert!(alike(10_000, &json!({"type": "string"})));
    let circle = |links: usize| json!({"items": {"$ref": format!("#/components/schemas/{links}")}});
    assert!(alike(100, &circle(100)));
    // One round distinguishes the last link from the cycle, and each further round one more link.
    let other =
        |links: usize| json!({"additionalProperties": {"$ref": format!("#/components/schemas/{links}")}});
    assert!(alike(150, &other(150)));
    assert!(!alike(151, &other(151)));
}

#[test]
fn schemas_nested_so_deep_are_told_apart_without_a_search() {
    let nested = |times: usize, leaf: &str| {
        (0..times).fold(
            json!({ "type": leaf }),
            |inner, _| json!({"type": "array", "items": inner}),
        )
    };
    let alike = |times: usize| {
        let mut other = nested(times, "integer");
        other["description"] = json!("new");
        let (verdict, cost) = in_documents(&nested(times, "integer"), &other, World::Open);
        assert_eq!(verdict, Verdict::Proved, "{times}");
        cost == 0
    };
    assert!(alike(48));
    assert!(!alike(49));
    // Whole documents with the same text have the same meaning, however deep they are.
    let mut whole = nested(60, "integer");
    whole["$comment"] = json!("placed at the root");
    assert_eq!(in_documents(&whole, &whole, World::Open), (Verdict::Proved, 0));
    let (narrow, wide) = (nested(60, "integer"), nested(60, "number"));
    assert_eq!(in_documents(&narrow, &wide, World::Open).0, Verdict::Proved);
    let back = in_documents(&wide, &narrow, World::Open).0;
    assert!(matches!(back, Verdict::Refuted(_)), "{back:?}");
}

#[test]
fn a_reference_that_leads_out_of_both_documents_leads_to_the_same() {
    let outside = |note: &str| json!({"$ref": "other.json#/a", "description": note});
    let (one, other) = (outside("old"), outside("new"));
    assert_eq!(in_documents(&one, &other, World::Open), (Verdict::Proved, 0));
    // If both documents define an `$id`, the reference may lead to something else.
    let named = |note: &str| json!({"$id": "http://a.test/", "allOf": [outside(note)]});
    let verdict = in_documents(&named("old"), &named("new"), World::Open).0;
    assert!(matches!(verdict, Verdict::Undecided(_)), "{verdict:?}");
    // In a copy of the document, it leads to the same.
    let verdict = in_documents(&named("old"), &named("old"), World::Open).0;
    assert_eq!(verdict, Verdict::Proved);
}

#[test]
fn a_dynamic_reference_leads_to_the_like_in_both_documents() {
    let list = |note: &str| {
        json!({"$ref": "#/components/schemas/List", "components": {"schemas": {"List": {"description": note,
            "$dynamicAnchor": "list", "type": "array", "items": {"$dynamicRef": "#list"}}}}})
    };
    let (one, other) = (list("old"), list("new"));
    assert_eq!(in_documents(&one, &other, World::Open), (Verdict::Proved, 0));
}

#[test]
fn a_schema_that_depends_on_its_path_is_alike_to_no_other() {
    let document = |kind: &str| {
        json!({"allOf": [{"$ref": "#/components/schemas/List"}], "components": {"schemas": {
            "List": {"$id": "http://a.test/list", "items": {"$dynamicRef": "#item"}},
            "Any": {"$id": "http://a.test/any", "$dynamicAnchor": "item"},
            "Item": {"$id": "http://a.test/item", "$dynamicAnchor": "item", "type": kind}}}})
    };
    let verdict = in_documents(&document("string"), &document("number"), World::Open).0;
    assert!(matches!(verdict, Verdict::Undecided(_)), "{verdict:?}");
}

#[test]
fn values_are_compared_as_they_are_whatever_they_look_like() {
    let listing = |key: &str, value: Value| json!({"$ref": "#/$defs/x", "$defs": {"x": {key: value}, "p": {"type": "null"}, "q": {"type": "null"}}});
    different(
        &listing("const", json!({"title": "a"})),
        &listing("const", json!({"title": "b"})),
    );
    different(
        &listing("enum", json!([{"description": 1}])),
        &listing("enum", json!([{"description": 2}])),
    );
    different(
        &listing("const", json!("#/$defs/p")),
        &listing("const", json!("#/$defs/q")),
    );
}

#[test]
fn anchors_in_data_are_ignored() {
    let of_strings = |document: &Value| in_documents(document, &json!({"type": "string"}), World::Open).0;
    for key in ["const", "enum", "default", "example", "examples"] {
        let document = json!({"$ref": "#name", "components": {"schemas": {
            "A": {key: [{"$anchor": "name", "type": "null"}]}, "B": {"$anchor": "name", "type": "string"}}}});
        assert_eq!(of_strings(&document), Verdict::Proved, "{key}");
    }
    // A component may still have such a name.
    for key in ["const", "enum", "default", "properties", "allOf"] {
        let document =
            json!({"$ref": "#name", "components": {"schemas": {key: {"$anchor": "name", "type": "string"}}}});
        assert_eq!(of_strings(&document), Verdict::Proved, "{key}");
    }
}

/// A pair inside another one may hold only as long as the other one is assumed to hold.
#[test]
fn what_follows_from_a_pair_that_does_not_hold_is_not_kept() {
    let document = |leaf: &str, names: [&str; 2]| {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let [first, last] = names;
        let root = json!({"openapi": "3.1.0", "components": {"schemas": {
            "Outer": {"properties": {first: to("Inner"), last: {"type": leaf}}},
            "Inner": {"properties": {"out": to("Outer")}}}}});
        Document::read(root.to_string()).unwrap()
    };
    for names in [["a", "z"], ["z", "a"]] {
        let [base, revision] = ["string", "integer"].map(|leaf| document(leaf, names));
        let mut schemas = Schemas::new(&base, &revision, &crate::Options::default());
        for name in ["Outer", "Inner"] {
            let at = format!("/components/schemas/{name}");
            let [source, target] = [Side::Base, Side::Revision]
                .map(|side| schemas.lower_at(side, &at, Direction::Request).unwrap());
            let verdict = schemas.contains(source, target, World::Open);
            assert!(
                matches!(verdict, Verdict::Refuted(_)),
                "{name} {names:?}: {verdict:?}"
            );
        }
    }
}

/// The root of a document refers to other schemas than a part with the same text.
#[test]
fn a_part_with_the_text_of_a_whole_document_may_mean_something_else() {
    let inner = json!({"type": "object", "required": ["a"], "properties": {"a": {"$dynamicRef": "#/$defs/x"}}, "$defs": {"x": {"type": "string"}}});
    let outer = json!({"properties": {"part": inner}, "$defs": {"x": {"type": "integer"}}});
    let [whole, around] = [&inner, &outer].map(|it| Document::read_schema(it.to_string()).unwrap());
    for (base, revision, places) in [
        (&whole, &around, ["", "/properties/part"]),
        (&around, &whole, ["/properties/part", ""]),
    ] {
        let mut schemas = Schemas::new(base, revision, &crate::Options::default());
        let source = schemas
            .lower_at(Side::Base, places[0], Direction::Request)
            .unwrap();
        let target = schemas
            .lower_at(Side::Revision, places[1], Direction::Request)
            .unwrap();
        let verdict = schemas.contains(source, target, World::Open);
        assert!(matches!(verdict, Verdict::Refuted(_)), "{verdict:?}");
    }
}

/// A producer emits the names that both parts declare for the value behind a name, except those of two alternatives,
/// which are assumed to exclude each other.
#[test]
fn names_that_several_parts_declare_inside_one_name_are_emitted_together() {
    let inside = |name: &str| json!({"properties": {"a": {"type": "object", "properties": {name: {"$ref": "#/$defs/any"}}}}});
    let (x, y, other) = (inside("x"), inside("y"), json!({"required": ["b"]}));
    let never_both = json!({"properties": {"a": {"not": {"type": "object", "required": ["x", "y"]}}}});
    for (parts, emits_both) in [
        (json!({"allOf": [x, y]}), true),
        (json!({"allOf": [x], "anyOf": [y, other]}), true),
        (json!({"allOf": [x], "anyOf": [other, y]}), true),
        (json!({"allOf": [y], "oneOf": [x, other]}), true),
        (json!({"anyOf": [x, y]}), false),
        // A single alternative is none.
        (json!({"anyOf": [x], "oneOf": [y]}), true),
        (json!({"oneOf": [x], "anyOf": [y]}), true),
        (json!({"oneOf": [x], "anyOf": [y, other]}), true),
        (json!({"anyOf": [x], "oneOf": [y, other]}), true),
    ] {
        let mut schema = json!({"type": "object", "$defs": {"any": true}});
        schema
            .as_object_mut()
            .unwrap()
            .extend(parts.as_object().unwrap().clone());
        let (verdict, _) = in_documents(&schema, &never_both, World::Closed);
        assert_eq!(
            matches!(verdict, Verdict::Refuted(_)),
            emits_both,
            "{parts}: {verdict:?}"
        );
        assert!(!matches!(verdict, Verdict::Undecided(_)), "{parts}: {verdict:?}");
    }
}

/// A schema that inherits from one with a discriminator is not selected by it once more.
#[test]
fn heirs_are_emitted_where_a_schema_is_an_alternative_and_not_where_it_is_a_base() {
    let components = json!({"schemas": {
        "Pet": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}, "discriminator": {"propertyName": "kind"}},
        "Dog": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "properties": {"bark": {"type": "boolean"}}}]}}});
    let of_names = |names: &[&str]| {
        let properties: Map<String, Value> = names.iter().map(|it| ((*it).to_owned(), json!(true))).collect();
        json!({"type": "object", "properties": properties, "additionalProperties": false})
    };
    for (list, kind, has_heirs) in [
        ("anyOf", Some("object"), true),
        ("oneOf", None, true),
        ("allOf", Some("object"), false),
        ("allOf", None, true),
    ] {
        let mut schema = json!({list: [{"$ref": "#/components/schemas/Pet"}], "components": components});
        schema
            .as_object_mut()
            .unwrap()
            .extend(kind.map(|kind| ("type".to_owned(), kind.into())));
        let emits =
            |names: &[&str]| in_documents(&schema, &of_names(names), World::Closed).0 == Verdict::Proved;
        assert_eq!(emits(&["kind"]), !has_heirs, "{list} {kind:?}");
        assert!(emits(&["kind", "bark"]), "{list} {kind:?}");
    }
}

/// A fact about one of them then holds for the others.
#[test]
fn schemas_of_one_document_with_the_same_text_are_one_unless_their_place_may_matter() {
    let large = |count: usize| json!({"enum": (0..count).collect::<Vec<_>>()});
    for (schema, is_one) in [
        (json!({"type": "string", "maxLength": 3}), true),
        (json!({"items": {"$ref": "#/components/schemas/C"}}), false),
        (json!({"$comment": "c"}), false),
        (
            json!({"type": "object", "discriminator": {"propertyName": "a"}}),
            false,
        ),
        // With the schema and the list, these are 64 parts and 65.
        (large(62), true),
        (large(63), false),
    ] {
        let document = json!({"openapi": "3.1.0", "components": {"schemas": {
            "A": schema, "B": schema, "C": {"type": "string"}}}});
        let document = Document::read(document.to_string()).unwrap();
        let mut schemas = Schemas::new(&document, &document, &crate::Options::default());
        let [a, b] = ["A", "B"].map(|name| {
            let at = format!("/components/schemas/{name}");
            schemas.lower_at(Side::Base, &at, Direction::Request).unwrap()
        });
        assert_eq!(a == b, is_one, "{schema}");
    }
}

/// The answer for two documents of OpenAPI 3.1, and its cost.
fn in_documents(source: &Value, target: &Value, world: World) -> (Verdict, u64) {
    let reading = Reading {
        nullable: Nullable::Lenient,
        formats: false,
    };
    let [source, target] = [source, target].map(|it| Sole::new(it, Version::V3_1));
    let mut engine = Engine::new([&source.document, &target.document], reading, 200_000);
    let verdict = engine.contains(source.question(0, None), target.question(1, None), world);
    (verdict, engine.cost())
}
