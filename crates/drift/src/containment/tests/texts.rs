//! Tests of the engine on values that are sent as text, compared with messages that `openapi-wire` writes and reads.

use openapi_document::pointer::unescape;
use openapi_document::view::Operations;
use openapi_document::{Document, Located};
use openapi_wire::{Cause, Contract, Part, write_request};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::ask;
use crate::containment::carrier::{self, Forms};
use crate::containment::{Carrier, Parting, SchemaId, Schemas, Styled, TextPlace, Verdict, World};
use crate::options::Options;
use crate::report::{Direction, Side};
use crate::rules::wire::Writing;

/// The location and the style of a value.
#[derive(Clone, Copy, Debug)]
struct Slot {
    place: &'static str,
    style: &'static str,
    explode: bool,
}

const FORM: &str = "form field";

fn slot() -> impl Strategy<Value = Slot> {
    let styles = prop::sample::select(vec![
        ("path", "simple"),
        ("path", "label"),
        ("path", "matrix"),
        ("header", "simple"),
        ("query", "form"),
        ("query", "pipeDelimited"),
        ("query", "deepObject"),
        ("cookie", "form"),
        (FORM, "form"),
    ]);
    (styles, any::<bool>()).prop_map(|((place, style), explode)| Slot {
        place,
        style,
        // Pipe-delimited lists are not exploded, and exploded labels would split a fraction at its dot.
        explode: explode && !matches!(style, "pipeDelimited" | "label") || style == "deepObject",
    })
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Read {
    /// The value is refused.
    Refused,
    /// A value with the same parts is read.
    Same,
    /// A value with other parts is read.
    Other,
}

impl Slot {
    fn document(self, schema: &Value) -> Document {
        let operation = if self.place == FORM {
            let fields = json!({"type": "object", "properties": {"v": schema}});
            let content = json!({"application/x-www-form-urlencoded": {
                "schema": fields,
                "encoding": {"v": {"style": self.style, "explode": self.explode}}
            }});
            json!({"requestBody": {"required": true, "content": content}})
        } else {
            json!({"parameters": [{
                "name": "v", "in": self.place, "required": true,
                "style": self.style, "explode": self.explode, "schema": schema
            }]})
        };
        let path = if self.place == "path" { "/a/{v}" } else { "/a" };
        Document::read(json!({"openapi": "3.1.0", "paths": {path: {"post": operation}}}).to_string()).unwrap()
    }

    fn part(self) -> Part {
        let name = "v".to_owned();
        match self.place {
            "path" => Part::Path(name),
            "header" => Part::Header(name),
            "query" => Part::Query(name),
            "cookie" => Part::Cookie(name),
            _ => Part::Body,
        }
    }

    /// The location of the schema, and the carrier of its values.
    fn schema(self, document: &Document) -> (String, Carrier) {
        let path = if self.place == "path" { "~1a~1{v}" } else { "~1a" };
        let place = if self.place == FORM {
            let content = "requestBody/content/application~1x-www-form-urlencoded";
            format!("/paths/{path}/post/{content}")
        } else {
            format!("/paths/{path}/post/parameters/0")
        };
        let steps = place.split('/').skip(1).map(unescape);
        let here = steps.fold(Located::root(document), |here, step| {
            let index = step.parse().ok().and_then(|index: usize| here.items().nth(index));
            index.or_else(|| here.get(&step)).expect("it stands there")
        });
        let (inside, writing) = if self.place == FORM {
            let encoding = here.get("encoding").and_then(|it| it.get("v")).unwrap();
            ("/schema/properties/v", Writing::of_parameter(&encoding, "query"))
        } else {
            ("/schema", Writing::of_parameter(&here, self.place))
        };
        (place + inside, writing.carrier())
    }

    /// The reader's result for a value as its sender writes it; `None` if it has no written form.
    fn read(self, sender: &Document, reader: &Contract<'_>, value: &Value) -> Option<Read> {
        if self.place == FORM && [json!([]), json!("")].contains(value) {
            // The judge reads an empty field as a list of one empty text.
            return None;
        }
        let operations = Operations::of_paths(sender);
        let operation = &operations.list[0];
        let request = if self.place == FORM {
            let body = operation.request_body(sender)?.ok()?;
            let content = body.content();
            let fields = json!({ "v": value });
            write_request(sender, operation, &[], Some((&content[0], &fields))).ok()?
        } else {
            write_request(sender, operation, &[(self.part(), value.clone())], None).ok()?
        };
        if self.place == FORM && request.body.as_ref().is_some_and(Vec::is_empty) {
            return None;
        }
        let judged = reader.request(&request);
        let own = |part: &Part| *part == self.part();
        if judged
            .refusals
            .iter()
            .any(|it| own(&it.part) && it.cause == Cause::Missing)
            || judged.doubts.iter().any(|it| own(&it.part))
        {
            return None;
        }
        if judged.refusals.iter().any(|it| own(&it.part)) {
            return Some(Read::Refused);
        }
        let read = judged.value(&self.part())?;
        let read = if self.place == FORM { &read["v"] } else { read };
        let (_, carrier) = self.schema(sender);
        let form = |value| carrier::written(&Forms::default(), carrier, value).map(parts);
        Some(if form(read) == form(value) {
            Read::Same
        } else {
            Read::Other
        })
    }
}

/// A written form without its texts, because one text may represent several scalars.
fn parts(written: Value) -> Value {
    match written {
        Value::Array(items) => items.into_iter().map(parts).collect(),
        Value::Object(members) => members.into_iter().map(|(name, it)| (name, parts(it))).collect(),
        _ => Value::Null,
    }
}

fn scalar() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-3),
        json!(12),
        json!(1.5),
        json!("1"),
        json!("12"),
        json!("true"),
        json!("a"),
        json!("ab"),
        json!("1.50"),
        json!(""),
    ])
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => scalar(),
        1 => Just(Value::Null),
        2 => prop::collection::vec(scalar(), 0..4).prop_map(Value::from),
        1 => prop::collection::btree_map("[ab]", scalar(), 0..3)
            .prop_map(|it| it.into_iter().collect::<serde_json::Map<_, _>>().into()),
    ]
}

fn plain() -> impl Strategy<Value = Value> {
    let kind = || prop::sample::select(vec!["boolean", "integer", "number", "string", "null"]);
    let leaf = prop_oneof![
        3 => kind().prop_map(|kind| json!({"type": kind})),
        1 => (kind(), kind()).prop_map(|(one, other)| if one == other {
            json!({"type": one})
        } else {
            json!({"type": [one, other]})
        }),
        2 => prop::collection::vec(scalar(), 1..4).prop_map(|values| json!({"enum": values})),
        1 => (0..3_u64).prop_map(|n| json!({"type": "string", "minLength": n})),
        1 => (0..3_u64).prop_map(|n| json!({"type": "string", "maxLength": n})),
        1 => (-2..14_i64).prop_map(|n| json!({"type": "integer", "minimum": n})),
        1 => (-2..14_i64).prop_map(|n| json!({"type": "number", "maximum": n})),
        1 => prop::sample::select(vec!["^[0-9]+$", "^-?[0-9.]+$", "^[a-z]*$", "^.$"])
            .prop_map(|pattern| json!({"type": "string", "pattern": pattern})),
    ];
    leaf.prop_recursive(2, 8, 2, |inner| {
        let some = || prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            some().prop_map(|parts| json!({"allOf": parts})),
            some().prop_map(|parts| json!({"anyOf": parts})),
            some().prop_map(|parts| json!({"oneOf": parts})),
        ]
    })
}

fn schema() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => plain(),
        2 => (plain(), 0..3_u64, prop::option::of(1..4_u64)).prop_map(|(items, least, most)| {
            let mut list = json!({"type": "array", "items": items, "minItems": least});
            if let Some(most) = most {
                list["maxItems"] = most.into();
            }
            list
        }),
        1 => (plain(), plain(), any::<bool>()).prop_map(|(a, b, is_closed)| {
            let mut object = json!({"type": "object", "properties": {"a": a, "b": b}});
            if is_closed {
                object["additionalProperties"] = false.into();
            }
            object
        }),
        1 => (plain(), plain()).prop_map(|(one, items)| {
            json!({"anyOf": [one, {"type": "array", "items": items}]})
        }),
    ]
}

/// Both schemas of a slot, lowered for a comparison.
fn lowered<'d>(slot: Slot, base: &'d Document, revision: &'d Document) -> (Schemas<'d>, [SchemaId; 2]) {
    let mut schemas = Schemas::new(base, revision, &Options::default());
    let mut lower = |side, document: &'d Document| {
        let (at, carrier) = slot.schema(document);
        let schema = document.root().pointer(&at).expect("a schema");
        schemas.lower_carried(side, schema, Direction::Request, carrier)
    };
    let ids = [lower(Side::Base, base), lower(Side::Revision, revision)];
    (schemas, ids)
}

/// The verdict on two schemas in a slot.
fn verdict(slot: Slot, old: &Value, new: &Value) -> Verdict {
    let (base, revision) = (slot.document(old), slot.document(new));
    let (mut schemas, [source, target]) = lowered(slot, &base, &revision);
    let verdict = schemas.contains(source, target, World::Open);
    assert_eq!(schemas.faults(), 0, "{old} {new}");
    verdict
}

const QUERY: Slot = Slot {
    place: "query",
    style: "form",
    explode: true,
};
const HEADER: Slot = Slot {
    place: "header",
    style: "simple",
    explode: false,
};

#[test]
fn a_list_of_texts_contains_what_its_schema_demands() {
    let list =
        |demanded: Value| json!({"type": "array", "items": {"enum": ["a", "b", "c"]}, "contains": demanded});
    let (a, a_or_b, b) = (
        json!({"const": "a"}),
        json!({"enum": ["a", "b"]}),
        json!({"const": "b"}),
    );
    assert_eq!(
        verdict(QUERY, &list(a.clone()), &list(a_or_b.clone())),
        Verdict::Proved
    );
    for (old, new) in [(&a, &b), (&a_or_b, &a)] {
        let verdict = verdict(QUERY, &list(old.clone()), &list(new.clone()));
        assert!(matches!(verdict, Verdict::Refuted(_)), "{old} {new}: {verdict:?}");
    }
}

#[test]
fn a_list_of_texts_contains_its_first_item_as_any_other() {
    let list = json!({
        "type": "array", "prefixItems": [{"const": "a"}], "items": {"enum": ["b", "c"]},
        "contains": {"const": "a"}, "minItems": 2,
    });
    let short = json!({"type": "array", "maxItems": 1});
    assert_ne!(verdict(QUERY, &list, &short), Verdict::Proved);
}

#[test]
fn a_list_of_texts_may_match_several_alternatives_that_exclude_each_other() {
    let items = json!({"enum": ["a", "b"]});
    let both = json!({"type": "array", "items": items, "not": {"oneOf": [{"maxItems": 2}, {"minItems": 2}]}});
    let pairs = json!({"type": "array", "items": items, "minItems": 2, "maxItems": 2});
    let singles = json!({"type": "array", "items": items, "maxItems": 1});
    assert_eq!(verdict(QUERY, &both, &pairs), Verdict::Proved);
    let refuted = verdict(QUERY, &both, &singles);
    assert!(matches!(refuted, Verdict::Refuted(_)), "{refuted:?}");
}

/// Such a list is never written like its only item.
#[test]
fn a_list_of_texts_that_repeats_one_or_counts_several_has_more_than_one_item() {
    let single = json!({"type": "string"});
    for several in [
        json!({"not": {"uniqueItems": true}}),
        json!({"contains": {"const": "a"}, "minContains": 2}),
    ] {
        let mut list = json!({"type": "array", "items": {"enum": ["a", "b"]}});
        list.as_object_mut()
            .unwrap()
            .extend(several.as_object().unwrap().clone());
        let longer = json!({"type": "array", "minItems": 2});
        for slot in [QUERY, HEADER] {
            assert_eq!(
                verdict(slot, &list, &longer),
                Verdict::Proved,
                "{several} {slot:?}"
            );
        }
        let refuted = verdict(QUERY, &single, &list);
        assert!(matches!(refuted, Verdict::Refuted(_)), "{several}: {refuted:?}");
    }
}

#[test]
fn a_list_of_texts_matches_exactly_one_alternative() {
    let items = json!({"enum": ["a", "b"]});
    let list = |more: Value| json!({"allOf": [{"type": "array", "items": items}, more]});
    let one = list(json!({"oneOf": [{"maxItems": 2}, {"minItems": 2}]}));
    let others = list(json!({"anyOf": [{"maxItems": 1}, {"minItems": 3}]}));
    assert_eq!(verdict(QUERY, &one, &others), Verdict::Proved);
    for short in [json!({"maxItems": 1}), json!({"minItems": 3})] {
        let refuted = verdict(QUERY, &one, &list(short));
        assert!(matches!(refuted, Verdict::Refuted(_)), "{refuted:?}");
    }
}

#[test]
fn a_list_without_items_is_not_written_like_an_item() {
    let none = json!({"type": "array", "maxItems": 0});
    assert_eq!(verdict(QUERY, &none, &json!(false)), Verdict::Proved);
    let empty = json!({"type": "string", "maxLength": 0});
    assert_eq!(verdict(HEADER, &none, &empty), Verdict::Proved);
}

#[test]
fn an_object_without_a_property_may_be_written_as_an_empty_text() {
    let document = HEADER.document(&json!({"type": "object", "properties": {"a": {"type": "string"}}}));
    let (mut schemas, [id, _]) = lowered(HEADER, &document, &document);
    assert_eq!(schemas.sample_without(id, "a"), Some(json!({})));
}

#[test]
fn an_object_of_texts_has_the_property_that_its_schema_demands() {
    let some = json!({"type": "object", "additionalProperties": {"enum": ["a", "b"]},
        "not": {"additionalProperties": {"const": "a"}}});
    let refuted = verdict(HEADER, &some, &json!({"type": "object", "maxProperties": 0}));
    assert!(matches!(refuted, Verdict::Refuted(_)), "{refuted:?}");
}

#[test]
fn a_list_that_holds_one_list_is_sent() {
    let pair = json!({"type": "array", "items": {"type": "string"}, "minItems": 2});
    let list = json!({"type": "array", "items": pair, "minItems": 1, "maxItems": 1});
    for slot in [QUERY, HEADER] {
        assert_ne!(verdict(slot, &list, &json!(false)), Verdict::Proved, "{slot:?}");
    }
}

#[test]
fn a_number_that_is_no_integer_has_a_text() {
    let fraction = json!({"type": "number", "not": {"type": "integer"}});
    assert_eq!(
        verdict(QUERY, &fraction, &json!({"type": "number"})),
        Verdict::Proved
    );
    match verdict(QUERY, &fraction, &json!({"type": "integer"})) {
        Verdict::Refuted(refutation) => {
            assert!(
                refutation.witness.as_f64().is_some_and(|it| it.fract() != 0.0),
                "{:?}",
                refutation.witness
            );
        }
        other => panic!("{other:?}"),
    }
}

/// Bounds of so many digits are not written as a pattern.
#[test]
fn no_text_of_a_number_is_made_up_where_its_bounds_are_too_long() {
    let large = json!({"type": "integer", "minimum": 1e60});
    for short in [
        json!({"type": "integer", "maximum": 5}),
        json!({"type": "string", "maxLength": 9}),
    ] {
        assert_ne!(verdict(QUERY, &large, &short), Verdict::Proved, "{short}");
    }
}

/// The texts of numbers are compared with the texts that a pattern matches.
#[test]
fn the_texts_of_numbers_are_those_that_their_conditions_admit() {
    let number = |more: Value| {
        let mut schema = json!({"type": "number"});
        schema
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        schema
    };
    let whole = |mut more: Value| {
        more["type"] = json!("integer");
        number(more)
    };
    let (whole, fraction) = (&whole, number(json!({"not": {"multipleOf": 1}})));
    for (numbers, pattern, is_proved) in [
        (whole(json!({})), "^(0|-?[1-9][0-9]*)$", true),
        (whole(json!({})), "^[0-9]+$", false),
        (whole(json!({"multipleOf": 7, "minimum": 1})), "^[14789]", false),
        (
            whole(json!({"multipleOf": 7, "minimum": 1, "maximum": 15})),
            "^(7|14)$",
            true,
        ),
        (whole(json!({"minimum": 5, "maximum": 9})), "^[5-9]$", true),
        (
            whole(json!({"exclusiveMinimum": 4, "exclusiveMaximum": 10})),
            "^[5-9]$",
            true,
        ),
        (
            whole(json!({"exclusiveMinimum": 4.5, "exclusiveMaximum": 9.5})),
            "^[5-9]$",
            true,
        ),
        (
            whole(json!({"exclusiveMinimum": 4, "exclusiveMaximum": 10})),
            "^[5-8]$",
            false,
        ),
        (
            whole(json!({"exclusiveMinimum": 4, "exclusiveMaximum": 10})),
            "^[6-9]$",
            false,
        ),
        (
            whole(json!({"exclusiveMinimum": -3, "exclusiveMaximum": 0})),
            "^-[12]$",
            true,
        ),
        (
            whole(json!({"exclusiveMinimum": -3, "exclusiveMaximum": 0})),
            "^-1$",
            false,
        ),
        (fraction.clone(), "^-?[0-9]+[.][0-9]+$", true),
        (fraction, "[.]5$", false),
    ] {
        let verdict = verdict(QUERY, &numbers, &json!({"type": "string", "pattern": pattern}));
        let is_right = match verdict {
            Verdict::Proved => is_proved,
            Verdict::Refuted(_) => !is_proved,
            Verdict::Undecided(_) => false,
        };
        assert!(is_right, "{numbers} as {pattern}: {verdict:?}");
    }
}

/// Where not every text of the numbers is known, no text is made up.
#[test]
fn no_text_is_taken_for_that_of_a_number_beyond_the_bounds() {
    for (bounds, pattern) in [
        (json!({"type": "number", "maximum": 5}), "^(-|[0-4]|5$)"),
        (json!({"type": "number", "minimum": 5}), "^[1-9]"),
    ] {
        let verdict = verdict(QUERY, &bounds, &json!({"type": "string", "pattern": pattern}));
        assert!(!matches!(verdict, Verdict::Refuted(_)), "{bounds}: {verdict:?}");
    }
}

#[test]
fn a_list_in_one_text_proves_nothing_where_both_take_it_for_a_text() {
    let either = |item: &str, more: Value| {
        let mut schema = json!({"type": ["string", "array"], "items": {"enum": [item]}});
        schema
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        schema
    };
    let sent = either("aa", json!({"pattern": "aa,aa", "minItems": 2}));
    let both = verdict(HEADER, &sent, &either("bb", json!({"pattern": "a"})));
    assert!(matches!(both, Verdict::Undecided(_)), "{both:?}");
    let one = verdict(HEADER, &sent, &either("bb", json!({"pattern": "b"})));
    assert!(matches!(one, Verdict::Refuted(_)), "{one:?}");
}

#[test]
fn a_text_is_read_as_a_number_only_in_its_canonical_spelling_for_certain() {
    let digits = |pattern: &str| json!({"type": "string", "pattern": pattern});
    let read = |pattern: &str| verdict(QUERY, &digits(pattern), &json!({"type": "integer"}));
    assert_eq!(read("^[1-9][0-9]*$"), Verdict::Proved);
    assert!(matches!(read("^[1-9][.]0$"), Verdict::Undecided(_)));
    assert!(matches!(read("^[1-9][.][05]$"), Verdict::Refuted(_)));
}

#[test]
fn so_many_alternatives_of_lists_are_written_as_texts() {
    let alternatives = |count: usize| {
        let list = |n| json!({"type": "array", "items": {"const": n}, "minItems": 2});
        json!({"anyOf": (0..count).map(list).collect::<Vec<_>>()})
    };
    let integers = json!({"type": "array", "items": {"type": "integer"}});
    assert_eq!(verdict(QUERY, &alternatives(512), &integers), Verdict::Proved);
    let beyond = verdict(QUERY, &alternatives(513), &integers);
    assert!(matches!(beyond, Verdict::Undecided(_)), "{beyond:?}");
    let one_of = |count: usize| {
        let parts: Vec<Value> = (1..=count).map(|n| json!({"minItems": n})).collect();
        json!({"type": "array", "items": {"type": "integer"}, "oneOf": parts})
    };
    let short = json!({"type": "array", "maxItems": 1});
    assert_eq!(verdict(QUERY, &one_of(512), &short), Verdict::Proved);
    let product = |counts: [usize; 2]| {
        let any_of =
            |count| json!({"anyOf": (1..=count).map(|n: usize| json!({"minItems": n})).collect::<Vec<_>>()});
        json!({"type": "array", "items": {"type": "integer"}, "allOf": counts.map(any_of)})
    };
    assert_eq!(verdict(QUERY, &product([32, 16]), &integers), Verdict::Proved);
    let beyond = verdict(QUERY, &product([27, 19]), &integers);
    assert!(matches!(beyond, Verdict::Undecided(_)), "{beyond:?}");
    let beyond = verdict(QUERY, &one_of(513), &short);
    assert!(matches!(beyond, Verdict::Undecided(_)), "{beyond:?}");
}

#[test]
fn so_many_items_of_lists_are_told_apart_as_texts() {
    let positions = |count: usize| {
        let mut items = vec![json!(true); count - 1];
        items.push(json!({"type": "integer"}));
        json!({"type": "array", "prefixItems": items, "minItems": 2, "maxItems": 3})
    };
    let several = json!({"type": "array", "minItems": 2});
    assert_eq!(verdict(QUERY, &positions(512), &several), Verdict::Proved);
    let beyond = verdict(QUERY, &positions(513), &several);
    assert!(matches!(beyond, Verdict::Undecided(_)), "{beyond:?}");
}

#[test]
fn a_value_has_one_written_form_or_none() {
    let header = HEADER.schema(&HEADER.document(&json!({}))).1;
    let segment = Slot {
        place: "path",
        ..HEADER
    };
    let segment = segment.schema(&segment.document(&json!({}))).1;
    let (a, list) = (json!("a"), json!(["a", "b"]));
    for (carrier, value, written) in [
        (Carrier::Xml, json!(null), Some(json!(null))),
        (Carrier::Text, json!(null), None),
        (Carrier::Text, json!(true), Some(json!("true"))),
        (Carrier::Text, json!(1.0), Some(json!("1"))),
        (header, a.clone(), Some(a.clone())),
        (header, json!(" a"), None),
        (header, json!("a,b"), Some(json!("a,b"))),
        (header, list.clone(), Some(list.clone())),
        (header, json!(["a,b", "c"]), None),
        (header, json!([]), Some(json!(""))),
        (header, json!({"a": 1}), Some(json!({"a": "1"}))),
        (header, json!({"a,b": 1}), None),
        (segment, json!(".a"), Some(json!(".a"))),
        (segment, json!(".."), None),
        (segment, json!([]), None),
        (Carrier::Field, json!([]), None),
        (Carrier::Field, json!(["a"]), Some(a)),
        (
            Carrier::Field,
            json!(["a", {"b": [1]}]),
            Some(json!(["a", {"b": [1]}])),
        ),
        (
            Carrier::Field,
            json!({"b": [null, 1]}),
            Some(json!({"b": [null, 1]})),
        ),
        (Carrier::Part, json!([1, null]), Some(json!([1, null]))),
        (Carrier::Deep, json!([]), None),
        (Carrier::Field, json!([["a"]]), Some(json!([["a"]]))),
        (
            Carrier::Deep,
            json!({"a": {"b": 1}}),
            Some(json!({"a": {"b": "1"}})),
        ),
    ] {
        let found = carrier::written(&Forms::default(), carrier, &value);
        assert_eq!(found, written, "{value} by {carrier:?}");
    }
    for (parting, text) in [
        (Parting::Escaped, "a,b"),
        (Parting::Comma, "a,b"),
        (Parting::CommaOrSemicolon, "a,b"),
        (Parting::Dot, "a.b"),
        (Parting::Space, "a b"),
        (Parting::Bar, "a|b"),
    ] {
        let styled = Styled {
            spells_empty: true,
            place: TextPlace::Named,
            parting,
            is_deep: false,
        };
        let joined = carrier::joined(Carrier::Styled(styled), &list);
        assert_eq!(joined.as_deref(), Some(text), "{parting:?}");
    }
}

#[test]
fn the_values_of_a_written_form_are_listed_up_to_a_number() {
    let readings = |items: usize| {
        let document = QUERY.document(&json!({}));
        let (_, carrier) = QUERY.schema(&document);
        carrier::readings(&Forms::default(), carrier, &json!(vec!["1"; items])).map(|it| it.len())
    };
    // Each text is read as a string and as a number.
    assert_eq!(readings(1), Some(2));
    assert_eq!(readings(8), Some(256));
    assert_eq!(readings(9), None);

    let mut forms = Forms::default();
    let form = Carrier::Form(forms.intern(Vec::new()));
    let listed = |written: Value| carrier::readings(&forms, form, &written).map(|it| it.len());
    let of_field = carrier::readings(&Forms::default(), Carrier::Field, &json!({"a": 1}));
    assert_eq!(of_field, Some(vec![json!({"a": 1}), json!([{"a": 1}])]));
    // Each field is also read as a list of one item.
    assert_eq!(listed(json!({"a": "x", "b": "1", "c": "1", "d": "1"})), Some(128));
    assert_eq!(
        listed(json!({"a": "x", "b": "1", "c": "1", "d": "1", "e": "1"})),
        None
    );
}

/// Some styles write an empty list and an empty object as an empty text, which may also be a text or a list of one.
#[test]
fn an_empty_text_is_read_as_a_list_and_an_object_where_they_are_written_so() {
    for spells_empty in [true, false] {
        let carrier = Carrier::Styled(Styled {
            spells_empty,
            place: TextPlace::Header,
            parting: Parting::Comma,
            is_deep: false,
        });
        let readings = |text: &str| carrier::readings(&Forms::default(), carrier, &json!(text)).unwrap();
        let empty = readings("");
        assert!(
            empty.contains(&json!("")) && empty.contains(&json!([""])),
            "{empty:?}"
        );
        for nothing in [json!([]), json!({})] {
            assert_eq!(empty.contains(&nothing), spells_empty, "{nothing}");
            assert!(!readings("a").contains(&nothing), "{nothing}");
        }
    }
}

#[test]
fn only_objects_are_written_as_deep_objects() {
    let deep = Slot {
        place: "query",
        style: "deepObject",
        explode: true,
    };
    let schema = |kind: Value| json!({"type": kind, "properties": {"a": {"type": "integer"}}});
    let (several, objects) = (
        schema(json!(["object", "array", "string"])),
        schema(json!("object")),
    );
    assert_eq!(verdict(deep, &several, &objects), Verdict::Proved);
}

#[test]
fn a_value_that_is_written_as_one_text_has_it() {
    let document = HEADER.document(&json!({}));
    let schemas = Schemas::new(&document, &document, &Options::default());
    let (_, header) = HEADER.schema(&document);
    for (carrier, value, text) in [
        (header, json!("x"), Some("x")),
        (header, json!([1, "a"]), Some("1,a")),
        (Carrier::Json, json!([1]), None),
    ] {
        assert_eq!(schemas.text_of(carrier, &value).as_deref(), text, "{value}");
    }
}

#[test]
fn an_empty_object_is_written_as_an_empty_text_or_not_at_all() {
    for (slot, expected) in [(QUERY, None), (HEADER, Some(json!("")))] {
        let document = slot.document(&json!({}));
        let (_, carrier) = slot.schema(&document);
        assert_eq!(
            carrier::written(&Forms::default(), carrier, &json!({})),
            expected,
            "{slot:?}"
        );
    }
}

/// The fields of a form have so many readings together that they are tried one by one.
#[test]
fn a_form_of_many_fields_is_read_field_by_field() {
    let form = |most: i64| {
        let names: Vec<String> = (0..12).map(|at| format!("p{at}")).collect();
        let mut fields: serde_json::Map<_, _> = names
            .iter()
            .map(|it| (it.clone(), json!({"type": ["integer", "array"], "maximum": 9})))
            .collect();
        fields["p7"] = json!({"type": "integer", "maximum": most});
        fields["p3"] = json!({"enum": ["1", 1]});
        let schema = json!({"type": "object", "minProperties": 12, "properties": fields});
        Document::read_schema(schema.to_string()).unwrap()
    };
    let (low, high) = (form(5), form(9));
    for (old, new, is_refuted) in [(&low, &high, false), (&high, &low, true)] {
        let mut schemas = Schemas::new(old, new, &Options::default());
        let carrier = schemas.form(Vec::new());
        let mut lower = |side, document| {
            schemas.lower_carried(side, Document::root(document), Direction::Request, carrier)
        };
        let [source, target] = [lower(Side::Base, old), lower(Side::Revision, new)];
        match schemas.contains(source, target, World::Open) {
            Verdict::Proved => assert!(!is_refuted),
            Verdict::Refuted(refutation) => {
                let mut witness = refutation.witness;
                assert!(is_refuted && witness["p7"].as_i64() > Some(5), "{witness}");
                // A text is read as it is where it can be, and as a number before it is read as a list of one item.
                assert_eq!(witness["p3"].take(), json!("1"));
                witness["p3"] = json!(1);
                let mut fields = witness.as_object().unwrap().values();
                assert!(fields.all(Value::is_number), "{witness}");
            }
            Verdict::Undecided(why) => panic!("{why}"),
        }
    }
}

#[test]
fn fields_of_a_form_that_are_written_in_their_own_way_are_not_written_as_others_are() {
    let schema = json!({"type": "object", "required": ["a", "b", "c"], "additionalProperties": {"const": 1}});
    let document = Document::read_schema(schema.to_string()).unwrap();
    let nothing = Document::read_schema("false").unwrap();
    let mut schemas = Schemas::new(&document, &nothing, &Options::default());
    let fields = ["c", "b", "a"].map(|name| (name.to_owned(), Carrier::Json));
    let carrier = schemas.form(fields.to_vec());
    let source = schemas.lower_carried(Side::Base, document.root(), Direction::Request, carrier);
    let target = schemas.lower_carried(Side::Revision, nothing.root(), Direction::Request, carrier);
    let verdict = schemas.contains(source, target, World::Open);
    assert!(matches!(verdict, Verdict::Refuted(_)), "{verdict:?}");
}

#[test]
fn another_spelling_of_a_number_is_found_in_any_part_of_a_written_form() {
    for (written, is_other) in [
        (json!("1.50"), true),
        (json!("1.5"), false),
        (json!("x"), false),
        (json!(["1", "1.0"]), true),
        (json!(["1"]), false),
        (json!({"a": "01e1"}), false),
        (json!({"a": "1.0"}), true),
        (json!({"a": "1"}), false),
        (json!(1.0), false),
    ] {
        assert_eq!(carrier::is_spelled_otherwise(&written), is_other, "{written}");
    }
}

/// Only a number is read in whatever way it is spelled.
#[test]
fn a_text_that_spells_a_number_otherwise_is_a_witness() {
    let (one, other) = (json!({"const": "1.50"}), json!({"const": "2"}));
    for slot in [QUERY, HEADER] {
        let refuted = verdict(slot, &one, &other);
        assert!(matches!(refuted, Verdict::Refuted(_)), "{slot:?}: {refuted:?}");
    }
    let refuted = ask(&one, &other);
    assert!(matches!(refuted, Verdict::Refuted(_)), "{refuted:?}");
}

#[test]
fn a_text_of_a_certain_form_may_be_that_of_a_number() {
    let but = |step: u64| json!({"type": "number", "not": {"multipleOf": step}});
    for (numbers, pattern, is_found) in [
        (but(3), "^7[01]$", true),
        (but(1), "^7[01]$", false),
        (but(1), "^7[.]5+$", true),
        (json!({"type": "number", "multipleOf": 5}), "^7[0-9]$", true),
        (json!({"type": "number", "multipleOf": 5}), "^7[1-4]$", false),
        (json!({"type": "number", "multipleOf": 0.5}), "^7[.][0-9]$", true),
        (
            json!({"type": "integer", "exclusiveMinimum": 71, "maximum": 73.5}),
            "^7[0-9]$",
            true,
        ),
        (
            json!({"type": "integer", "exclusiveMinimum": 71, "exclusiveMaximum": 73}),
            "^7[0134]$",
            false,
        ),
        (
            json!({"type": "integer", "minimum": 70.5, "maximum": 72}),
            "^7[034]$",
            false,
        ),
    ] {
        let [source, target] = [&numbers, &json!({"type": "string", "not": {"pattern": pattern}})]
            .map(|it| Document::read_schema(it.to_string()).unwrap());
        let mut schemas = Schemas::new(&source, &target, &Options::default());
        let [source, target] = [Side::Base, Side::Revision].map(|side| {
            let schema = if side == Side::Base {
                source.root()
            } else {
                target.root()
            };
            schemas.lower_carried(side, schema, Direction::Request, Carrier::Text)
        });
        let verdict = schemas.contains(source, target, World::Open);
        assert_eq!(
            matches!(verdict, Verdict::Refuted(_)),
            is_found,
            "{numbers} {pattern}: {verdict:?}"
        );
        assert_eq!(
            verdict == Verdict::Proved,
            !is_found,
            "{numbers} {pattern}: {verdict:?}"
        );
    }
}

#[test]
fn it_is_told_whether_openapi_defines_how_a_value_is_written() {
    let mut forms = Forms::default();
    let form = Carrier::Form(forms.intern(Vec::new()));
    let parted = |is_deep| {
        Carrier::Styled(Styled {
            is_deep,
            parting: Parting::Comma,
            ..Styled::default()
        })
    };
    let deep = parted(true);
    let named = json!({"a,b": "x"});
    assert_eq!(carrier::written(&forms, deep, &named), Some(named.clone()));
    assert_eq!(carrier::written(&forms, parted(false), &named), None);
    for (carrier, written, is_defined) in [
        (deep, json!({"a": "x"}), true),
        (deep, json!("x"), false),
        (deep, json!(["x"]), false),
        (deep, json!({"a": {"b": ["x"]}}), true),
        (parted(false), json!({"a": {"b": "x"}}), false),
        (form, json!({}), true),
        (form, json!({"a": "x"}), true),
        (form, json!("x"), false),
        (form, json!([]), false),
        (Carrier::Event, json!({"data": "x", "event": "y"}), true),
        (Carrier::Event, json!({"event": "y"}), false),
        (Carrier::Text, json!("x"), true),
        (Carrier::Text, json!(["x"]), false),
        (Carrier::Json, json!([{}]), true),
        (Carrier::Xml, json!("x"), false),
    ] {
        assert_eq!(
            carrier::is_defined(&forms, carrier, &written),
            is_defined,
            "{carrier:?} {written}"
        );
    }
}

#[test]
fn a_value_without_a_defined_text_proves_nothing() {
    let [text, integer, null] = ["string", "integer", "null"].map(|kind| json!({"type": kind}));
    let unreadable = json!({"type": "string", "pattern": r"^(a)\1$"});
    for (carrier, why) in [(Carrier::Xml, "XML"), (Carrier::Nested, "OpenAPI does not say")] {
        let ask = |kinds: [&Value; 2]| {
            let [base, revision] = kinds.map(|it| Document::read_schema(it.to_string()).unwrap());
            let mut schemas = Schemas::new(&base, &revision, &Options::default());
            let mut lower = |side, document| {
                schemas.lower_carried(side, Document::root(document), Direction::Request, carrier)
            };
            let [source, target] = [lower(Side::Base, &base), lower(Side::Revision, &revision)];
            match schemas.contains(source, target, World::Open) {
                Verdict::Undecided(told) => assert!(told.contains(why), "{told}"),
                Verdict::Proved => assert_eq!((carrier, kinds[0]), (Carrier::Nested, &null)),
                Verdict::Refuted(refutation) => panic!("{carrier:?}: {refutation:?}"),
            }
        };
        ask([&text, &integer]);
        // Null has no text, but a form in XML.
        ask([&null, &text]);
        // This is the reason even where no value is found.
        ask([&unreadable, &integer]);
        let document = Document::read_schema(r#"{"type": "string"}"#).unwrap();
        let mut schemas = Schemas::new(&document, &document, &Options::default());
        let text = schemas.lower_carried(Side::Base, document.root(), Direction::Request, carrier);
        assert_eq!(schemas.sample(text), None);
        assert!(schemas.take_doubt().is_some_and(|told| told.contains(why)));
    }
}

#[test]
fn a_text_without_a_type_is_read_as_what_its_keywords_speak_of() {
    let styled = |slot: Slot| slot.schema(&slot.document(&json!({}))).1;
    let (query, header) = (styled(QUERY), styled(HEADER));
    let only = |value: Value| json!({ "const": value });
    let list = |items: Value| {
        let count = items.as_array().unwrap().len();
        json!({"type": "array", "prefixItems": items, "minItems": count, "maxItems": count})
    };
    let object = json!({"type": "object", "properties": {"a": {"const": "b"}}, "required": ["a"]});
    let short = json!({"maxLength": 3});
    let letters = json!({"type": "string", "pattern": "^[a-z]+$"});
    for (carrier, sent, read, expected) in [
        // A sender keeps to what is meant.
        (query, short.clone(), json!({"type": "string"}), "proved"),
        (query, json!({"minimum": 1}), json!({"type": "number"}), "proved"),
        (Carrier::Json, short.clone(), json!({"type": "string"}), "refuted"),
        (
            Carrier::Xml,
            short.clone(),
            json!({"type": "string"}),
            "undecided",
        ),
        // A text that spells a number may be read as one, to which the limit does not apply.
        (query, only(json!(1000)), short.clone(), "proved"),
        (query, only(json!(100)), short.clone(), "proved"),
        (Carrier::Json, only(json!(1000)), short.clone(), "proved"),
        // Not each text is a number or an object.
        (query, letters.clone(), json!({"minimum": 1}), "undecided"),
        (query, letters, json!({"minProperties": 1}), "undecided"),
        (query, only(json!("2")), json!({"minimum": 1}), "proved"),
        // A list or an object may be read as such, unless it is written like a text that is refused.
        (
            query,
            list(json!([only(json!("a")), only(json!("b"))])),
            short.clone(),
            "undecided",
        ),
        (query, object, short.clone(), "undecided"),
        (
            query,
            list(json!([only(json!("abcd"))])),
            short.clone(),
            "refuted",
        ),
        (query, list(json!([only(json!("abc"))])), short.clone(), "proved"),
        (
            header,
            list(json!([])),
            json!({"minLength": 1, "minProperties": 1}),
            "refuted",
        ),
        // A list in a list is no text.
        (
            Carrier::Field,
            list(json!([list(json!([only(json!("abcd"))]))])),
            short.clone(),
            "undecided",
        ),
        (
            Carrier::Data,
            list(json!([only(json!("abcd"))])),
            short,
            "undecided",
        ),
    ] {
        let (told, verdict) = carried(carrier, [&sent, &read], World::Closed);
        assert_eq!(told, expected, "{carrier:?}: {sent} in {read}: {verdict:?}");
    }
}

/// The verdict on two schemas with a carrier, and what it is called in a table.
fn carried(carrier: Carrier, schemas: [&Value; 2], world: World) -> (&'static str, Verdict) {
    let [base, revision] = schemas.map(|it| Document::read_schema(it.to_string()).unwrap());
    let mut schemas = Schemas::new(&base, &revision, &Options::default());
    let mut lower =
        |side, document| schemas.lower_carried(side, Document::root(document), Direction::Request, carrier);
    let [source, target] = [lower(Side::Base, &base), lower(Side::Revision, &revision)];
    let verdict = schemas.contains(source, target, world);
    assert_eq!(schemas.faults(), 0, "{carrier:?}: {base:?} {revision:?}");
    let told = match &verdict {
        Verdict::Proved => "proved",
        Verdict::Refuted(_) => "refuted",
        Verdict::Undecided(_) => "undecided",
    };
    (told, verdict)
}

#[test]
fn a_reader_of_a_text_without_a_type_may_take_what_is_not_written_like_what_it_means() {
    let query = QUERY.schema(&QUERY.document(&json!({}))).1;
    let object = json!({"type": "object"});
    let text = json!({"type": "string", "maxLength": 3});
    let list = |least: usize| json!({"type": "array", "minItems": least});
    let nested =
        json!({"type": "array", "items": {"type": ["array", "object"]}, "minItems": 1, "maxItems": 1});
    let short = json!({"maxLength": 3});
    for (carrier, taken, expected) in [
        (query, vec![&text, &object, &nested], "refuted"),
        (query, vec![&text, &object, &list(3), &nested], "refuted"),
        (Carrier::Field, vec![&text, &object, &list(2)], "refuted"),
        (Carrier::Data, vec![&text, &object, &list(2)], "refuted"),
    ] {
        let taken = json!({ "anyOf": taken });
        let (told, verdict) = carried(carrier, [&short, &taken], World::Open);
        assert_eq!(told, expected, "{carrier:?}: {taken}: {verdict:?}");
    }
}

/// Whether a schema contains a number of a value as a text in another spelling than the canonical one, such as
/// `1.50`.
fn is_spelled_otherwise(value: &Value, schema: &Value) -> bool {
    match (value, schema) {
        (Value::Array(items), _) => items.iter().any(|it| is_spelled_otherwise(it, schema)),
        (Value::Object(members), _) => members.values().any(|it| is_spelled_otherwise(it, schema)),
        (Value::Number(number), Value::String(text)) => {
            let written = number.to_string();
            text.parse() == written.parse::<f64>() && *text != written
        }
        (Value::Number(_), Value::Array(items)) => items.iter().any(|it| is_spelled_otherwise(value, it)),
        (Value::Number(_), Value::Object(members)) => {
            members.values().any(|it| is_spelled_otherwise(value, it))
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_message_contradicts_a_verdict(
        slot in slot(),
        old in schema(),
        new in schema(),
        values in prop::collection::vec(value(), 24),
    ) {
        // The members of an object in a form cannot be distinguished from other fields. If a text or a list is
        // accepted there, the judge reads only one of them.
        let is_told = |it: &Value| slot.place != FORM || it["anyOf"][1]["type"] != "array" && it["type"] != "object";
        prop_assume!(is_told(&old) && is_told(&new));
        let (base, revision) = (slot.document(&old), slot.document(&new));
        let (mut schemas, [source, target]) = lowered(slot, &base, &revision);
        let (sender, reader) = (Contract::new(&base), Contract::new(&revision));
        match schemas.contains(source, target, World::Open) {
            Verdict::Proved => {
                let (at, _) = slot.schema(&base);
                let schema = base.root().pointer(&at).expect("a schema");
                for value in &values {
                    // The judge does not read the text of an empty object in style `matrix`.
                    let is_sent = slot.read(&base, &sender, value) != Some(Read::Refused);
                    if is_sent && sender.admits(schema, openapi_wire::Direction::Request, value) == Ok(true) {
                        // If texts and lists are accepted, the reader may read either of them.
                        let takes_both = [&old, &new].iter().any(|it| it["anyOf"][1]["type"] == "array");
                        let read = slot.read(&base, &reader, value);
                        let is_read = read != Some(Read::Refused) && (takes_both || read != Some(Read::Other));
                        prop_assert!(is_read, "{slot:?}: {value} is not read: {read:?}");
                    }
                }
            }
            Verdict::Refuted(refutation) => {
                let value = &refutation.witness;
                let (own, read) = (slot.read(&base, &sender, value), slot.read(&base, &reader, value));
                prop_assert!(own != Some(Read::Refused), "{slot:?}: {value} is not sent: {own:?}");
                // A reader of one pair does not find a value that is written as several pairs.
                let is_read = own == Some(Read::Same) && read == Some(Read::Same);
                // The reader may refuse another spelling of a number than the one in the message.
                let is_read = is_read && !is_spelled_otherwise(value, &new);
                prop_assert!(!is_read, "{slot:?}: {value} is read: {read:?}");
            }
            Verdict::Undecided(_) => {}
        }
        prop_assert_eq!(schemas.faults(), 0);
    }
}
