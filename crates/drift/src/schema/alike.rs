//! Finds schemas of two documents that are alike: they differ only in prose, order of members, and names of
//! components. Schemas with the same meaning may also differ in the order of alternatives and parts, and in
//! schemas around a single one, but not in tags.

use std::collections::HashMap;

use openapi_document::{Document, Kind, Members, Node, NodeId, Version};

use super::canonical::same_set;
use super::discriminator::Discriminator;
use super::keywords::{KeyRole, is_prose, is_set, says_nothing};
use super::wrapper::wrapped;

/// Maximum nesting of references that are followed. Schemas with deeper references are not alike.
const DEEPEST: usize = 1_000;
/// Maximum number of parts that are compared in another order, in all schemas; beyond it no schemas have the same meaning.
const MOST_REORDERED: usize = 40_000;
/// Maximum number of consecutive references, without other keywords, that are followed.
const MOST_HOPS: usize = 64;

/// The result for a pair of schemas.
#[derive(Clone, Copy)]
enum Known {
    /// The pair is being compared, at this depth.
    Open(usize),
    /// The pair is alike if some enclosing pair that is still being compared is alike.
    Unsure,
    Alike,
    Apart,
}

/// The pairs of schemas that were compared so far. A pair that occurs again inside itself is assumed to be alike
/// there, so that recursive components can be compared, too.
pub(crate) struct Alike<'d> {
    documents: [&'d Document; 2],
    known: HashMap<(NodeId, NodeId), Known>,
    /// The pairs that are alike only if a pair in progress is alike.
    unsure: Vec<(NodeId, NodeId)>,
    /// The number of nested pairs in progress.
    depth: usize,
    /// The depth of the outermost pair on which the last result depends.
    leans_on: usize,
    /// The number of parts that may still be compared in another order, if only the meaning counts.
    by_meaning: Option<usize>,
}

impl<'d> Alike<'d> {
    pub(crate) fn new(documents: [&'d Document; 2]) -> Self {
        Self {
            documents,
            known: HashMap::new(),
            unsure: Vec::new(),
            depth: 0,
            leans_on: usize::MAX,
            by_meaning: None,
        }
    }

    /// Finds schemas with the same meaning instead.
    pub(crate) fn by_meaning(documents: [&'d Document; 2]) -> Self {
        Self {
            by_meaning: Some(MOST_REORDERED),
            ..Self::new(documents)
        }
    }

    /// Whether a schema of the first document is like one of the second.
    pub(crate) fn are(&mut self, one: Node<'d>, other: Node<'d>) -> bool {
        let pair = (one.id(), other.id());
        match self.known.get(&pair) {
            Some(Known::Alike) => return true,
            Some(Known::Apart) => return false,
            Some(Known::Open(depth)) => {
                self.leans_on = self.leans_on.min(*depth);
                return true;
            }
            Some(Known::Unsure) => {
                self.leans_on = 0;
                return true;
            }
            None => {}
        }
        let (own, first_unsure) = (self.depth, self.unsure.len());
        let around = std::mem::replace(&mut self.leans_on, usize::MAX);
        self.known.insert(pair, Known::Open(own));
        self.unsure.push(pair);
        self.depth += 1;
        let is_alike = self.written_out(one, other);
        self.depth -= 1;
        if !is_alike {
            for inner in self.unsure.drain(first_unsure..) {
                self.known.remove(&inner);
            }
            self.known.insert(pair, Known::Apart);
        } else if self.leans_on >= own {
            for inner in self.unsure.drain(first_unsure..) {
                self.known.insert(inner, Known::Alike);
            }
        } else {
            self.known.insert(pair, Known::Unsure);
        }
        self.leans_on = around.min(self.leans_on);
        is_alike
    }

    /// Compares two schemas after following references that have no other keywords.
    fn written_out(&mut self, one: Node<'d>, other: Node<'d>) -> bool {
        if self.depth > DEEPEST {
            return self.members(one, other, KeyRole::Keywords);
        }
        let ((own, adds_null), (others, other_adds_null)) = (self.target(0, one), self.target(1, other));
        if adds_null != other_adds_null {
            return false;
        }
        if own.id() == one.id() && others.id() == other.id() {
            self.members(own, others, KeyRole::Keywords)
        } else {
            self.are(own, others)
        }
    }

    /// The target of a reference whose siblings have no effect, and whether a reference on the way adds null, as
    /// vendors use 3.0.
    fn target(&self, side: usize, mut node: Node<'d>) -> (Node<'d>, bool) {
        let document = self.documents[side];
        let is_old = document.version() == Version::V3_0;
        let mut adds_null = false;
        for _ in 0..MOST_HOPS {
            if let Some(only) = self.wrapped(node) {
                node = only;
                continue;
            }
            let is_alone = is_old || node.members().keys().all(|key| key == "$ref" || is_prose(key));
            if !is_alone {
                break;
            }
            let Some(target) = document.schema_target(node) else {
                break;
            };
            adds_null |= is_old && node.get("nullable").and_then(Node::as_bool) == Some(true);
            node = target;
        }
        (node, adds_null)
    }

    /// The schema inside of one that adds nothing, if only the meaning counts.
    fn wrapped(&self, schema: Node<'d>) -> Option<Node<'d>> {
        self.by_meaning.and_then(|_| wrapped(schema))
    }

    fn members(&mut self, one: Node<'d>, other: Node<'d>, role: KeyRole) -> bool {
        match (one.kind(), other.kind()) {
            (Kind::Object(own), Kind::Object(others)) => {
                let is_schema = role == KeyRole::Keywords;
                let counts = |(key, value): &(&str, Node<'_>)| !is_schema || !says_nothing(key, *value);
                let mut matched = 0;
                for (key, value) in own.filter(counts) {
                    let Some(partner) = others.get(key) else {
                        let is_listed =
                            is_schema && self.by_meaning.is_some() && is_only_value(key, value, &others);
                        if !is_listed {
                            return false;
                        }
                        matched += 1;
                        continue;
                    };
                    let is_alike = match key {
                        "$ref" if is_schema => self.references(one, other),
                        "discriminator" if is_schema && self.by_meaning.is_some() => self.tags(one, other),
                        "allOf" | "anyOf" | "oneOf" if is_schema && self.by_meaning.is_some() => {
                            self.in_any_order(value, partner, role.under(key))
                        }
                        _ if is_schema && is_set(key) => same_set(key, value, partner),
                        _ => self.parts(value, partner, role.under(key)),
                    };
                    if !is_alike {
                        return false;
                    }
                    matched += 1;
                }
                matched == others.filter(counts).count()
            }
            (Kind::Array(own), Kind::Array(others)) => {
                own.len() == others.len() && own.zip(others).all(|(one, other)| self.parts(one, other, role))
            }
            _ => one == other,
        }
    }

    /// Compares two parts of schemas. They are schemas themselves if they may contain a reference.
    fn parts(&mut self, one: Node<'d>, other: Node<'d>, role: KeyRole) -> bool {
        let leads_on = |node: Node<'d>| node.text("$ref").is_some() || self.wrapped(node).is_some();
        if role == KeyRole::Keywords && (leads_on(one) || leads_on(other)) {
            self.are(one, other)
        } else {
            self.members(one, other, role)
        }
    }

    /// Whether two lists have parts that are alike, in any order.
    fn in_any_order(&mut self, one: Node<'d>, other: Node<'d>, role: KeyRole) -> bool {
        let (Kind::Array(own), Kind::Array(others)) = (one.kind(), other.kind()) else {
            return self.parts(one, other, role);
        };
        let mut open: Vec<Node<'d>> = others.collect();
        let has_as_many = own.len() == open.len();
        has_as_many
            && own.into_iter().all(|part| {
                let partner = open.iter().position(|it| {
                    self.by_meaning = self.by_meaning.map(|left| left.saturating_sub(1));
                    self.by_meaning != Some(0) && self.parts(part, *it, role)
                });
                partner.map(|index| open.remove(index)).is_some()
            })
    }

    /// Whether the discriminators of two schemas select schemas that are alike by the same tags. The name of a component
    /// may be a tag.
    fn tags(&mut self, one: Node<'d>, other: Node<'d>) -> bool {
        let [own, others] =
            [(0, one), (1, other)].map(|(side, it)| Discriminator::of(self.documents[side], it));
        let (Some(own), Some(others)) = (own, others) else {
            return false;
        };
        self.depth <= DEEPEST
            && own.property == others.property
            && own.tags.len() == others.tags.len()
            && own.tags.iter().all(|own| {
                let other = others.tag(&own.value);
                other.is_some_and(|other| self.are(own.target.node, other.target.node))
            })
    }

    /// Whether two references with other keywords beside them lead to schemas that are alike. References that cannot
    /// be resolved are alike if they are written alike.
    fn references(&mut self, one: Node<'d>, other: Node<'d>) -> bool {
        let [base, revision] = self.documents;
        match (base.schema_target(one), revision.schema_target(other)) {
            (Some(one), Some(other)) => self.depth <= DEEPEST && self.are(one, other),
            (None, None) => one.get("$ref") == other.get("$ref"),
            _ => false,
        }
    }
}

/// Whether one schema has a `const`, and the other an `enum` with this value only.
fn is_only_value(key: &str, value: Node<'_>, others: &Members<'_>) -> bool {
    fn only(list: Node<'_>) -> Option<Node<'_>> {
        list.at(0).filter(|_| list.items().len() == 1)
    }
    match key {
        "const" => others.get("enum").and_then(only).is_some_and(|it| it == value),
        "enum" => only(value).is_some_and(|it| others.get("const") == Some(it)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::{Document, pointer};
    use serde_json::{Value, json};

    use super::{Alike, DEEPEST, MOST_REORDERED};

    fn document(version: &str, schemas: &Value) -> Document {
        let root = json!({"openapi": version, "components": {"schemas": schemas}});
        Document::read(root.to_string()).unwrap()
    }

    fn schema<'d>(document: &'d Document, name: &str) -> openapi_document::Node<'d> {
        document.at(&pointer::join("/components/schemas", name)).unwrap()
    }

    fn to(name: &str) -> Value {
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    #[test]
    fn names_of_components_do_not_count_and_what_they_hold_does() {
        let base = document(
            "3.0.3",
            &json!({
                "A": {"properties": {"next": to("A"), "x": to("Text")}}, "Text": {"type": "string", "title": "T"},
                "Null": {"$ref": "#/components/schemas/Text", "nullable": true},
                "Twice": {"$ref": "#/components/schemas/Null", "nullable": true},
                "Then": {"$ref": "#/components/schemas/Null"},
            }),
        );
        let revision = document(
            "3.0.3",
            &json!({
                "B": {"properties": {"x": {"type": "string"}, "next": to("B")}},
                "C": {"properties": {"x": {"type": "integer"}, "next": to("C")}},
                "Alias": to("B"), "Text": {"type": "string"},
                "Maybe": {"$ref": "#/components/schemas/Text", "nullable": true},
            }),
        );
        let mut alike = Alike::new([&base, &revision]);
        let mut are = |one, other| alike.are(schema(&base, one), schema(&revision, other));
        assert!(are("A", "B"));
        assert!(are("A", "Alias"));
        assert!(!are("A", "C"));
        assert!(!are("Text", "B"));
        assert!(are("Text", "Text"));
        assert!(!are("Null", "Text"));
        for null in ["Null", "Twice", "Then"] {
            assert!(are(null, "Maybe"), "{null}");
        }
    }

    #[test]
    fn only_the_meaning_depends_on_tags_and_not_on_order() {
        let schemas = |name: &str, turned: bool| {
            let mut parts = vec![to(name), json!({"enum": ["a", "b"]})];
            if turned {
                parts = vec![json!({"enum": ["b", "a"]}), to(name)];
            }
            let pet = json!({"oneOf": [to(name)], "discriminator": {"propertyName": "kind"}});
            let wrapped = if turned {
                json!({"oneOf": [to(name)]})
            } else {
                to(name)
            };
            let tagged = json!({"properties": {"kind": {"type": "string"}}, "required": ["kind"]});
            json!({"Pet": pet, name: tagged, "Parts": {"allOf": parts}, "Wrapped": {"not": wrapped}})
        };
        let base = document("3.1.0", &schemas("Cat", false));
        for (name, turned, of, is_alike, is_meant) in [
            ("Cat", false, "Pet", true, true),
            ("Dog", false, "Pet", true, false),
            ("Dog", false, "Parts", true, true),
            ("Dog", true, "Parts", false, true),
            ("Cat", true, "Wrapped", false, true),
        ] {
            let revision = document("3.1.0", &schemas(name, turned));
            let (one, other) = (schema(&base, of), schema(&revision, of));
            let are = Alike::new([&base, &revision]).are(one, other);
            let mean = Alike::by_meaning([&base, &revision]).are(one, other);
            assert_eq!((are, mean), (is_alike, is_meant), "{name} {turned} {of}");
        }
    }

    #[test]
    fn a_value_means_the_same_as_a_list_of_it_alone() {
        let (one, other) = (json!({"const": 1}), json!({"const": 2}));
        for (list, value, are_alike) in [
            (json!([1]), &one, true),
            (json!([1]), &other, false),
            (json!([1, 2]), &one, false),
        ] {
            let [lists, values] =
                [&json!({"enum": list}), value].map(|it| document("3.1.0", &json!({"A": it})));
            for both in [[&lists, &values], [&values, &lists]] {
                let [base, revision] = both.map(|it| schema(it, "A"));
                assert!(!Alike::new(both).are(base, revision), "{list} {value}");
                assert_eq!(
                    Alike::by_meaning(both).are(base, revision),
                    are_alike,
                    "{list} {value}"
                );
            }
        }
    }

    #[test]
    fn parts_are_compared_in_another_order_within_a_limit() {
        for (count, is_meant) in [(100, true), (1_000, false)] {
            let [one, other]: [Vec<usize>; 2] = [(0..count).collect(), (0..count).rev().collect()];
            let [base, revision] = [one, other].map(|order| {
                let parts: Vec<Value> = order.iter().map(|it| json!({"const": it})).collect();
                document("3.1.0", &json!({"A": {"anyOf": parts}}))
            });
            let mut alike = Alike::by_meaning([&base, &revision]);
            assert_eq!(
                alike.are(schema(&base, "A"), schema(&revision, "A")),
                is_meant,
                "{count}"
            );
        }
    }

    #[test]
    fn what_stands_beside_a_reference_counts_since_3_1() {
        let schemas = |more: Value| {
            let mut named = to("A");
            named
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            json!({"A": {"type": "string"}, "Named": named})
        };
        for (version, is_alike) in [("3.0.3", true), ("3.1.0", false)] {
            let base = document(version, &schemas(json!({"title": "x"})));
            let revision = document(version, &schemas(json!({"maxLength": 3})));
            let mut alike = Alike::new([&base, &revision]);
            assert_eq!(
                alike.are(schema(&base, "Named"), schema(&revision, "Named")),
                is_alike,
                "{version}"
            );
        }
    }

    #[test]
    fn a_reference_with_nothing_but_prose_is_its_target() {
        let target = json!({"type": "string", "maxLength": 3});
        let base = document("3.1.0", &json!({"A": target}));
        for (beside, is_alike) in [
            (json!({}), true),
            (json!({"description": "x"}), true),
            (json!({"minLength": 1}), false),
        ] {
            let mut named = to("A");
            named
                .as_object_mut()
                .unwrap()
                .extend(beside.as_object().unwrap().clone());
            let revision = document("3.1.0", &json!({"A": target, "Named": named}));
            let are = Alike::new([&base, &revision]).are(schema(&base, "A"), schema(&revision, "Named"));
            assert_eq!(are, is_alike, "{beside}");
        }
    }

    #[test]
    fn references_with_keywords_beside_them_are_alike_if_their_targets_are_or_both_lead_nowhere() {
        let schemas = |kind: &str| {
            let short = |at: &str| json!({"$ref": at, "maxLength": 3});
            let all = json!({"A": {"type": kind}, "Short": short("#/components/schemas/A"), "Lost": short("#/gone")});
            document("3.1.0", &all)
        };
        let (base, same, other) = (schemas("string"), schemas("string"), schemas("integer"));
        let gone = document(
            "3.1.0",
            &json!({"Short": {"$ref": "#/components/schemas/A", "maxLength": 3}}),
        );
        for (revision, name, is_alike) in [
            (&gone, "Short", false),
            (&same, "Short", true),
            (&other, "Short", false),
            (&other, "Lost", true),
        ] {
            let mut alike = Alike::new([&base, revision]);
            let are = alike.are(schema(&base, name), schema(revision, name));
            assert_eq!(are, is_alike, "{name}");
        }
    }

    /// A result that depends on a pair which turns out to differ is not kept.
    #[test]
    fn a_pair_taken_to_be_alike_inside_one_that_is_not_is_compared_again() {
        let schemas = |leaf: &str| {
            json!({
                "Outer": {"properties": {"a": to("Inner"), "z": {"type": leaf}}},
                "Inner": {"properties": {"out": to("Outer")}},
            })
        };
        let (base, revision) = (
            document("3.1.0", &schemas("string")),
            document("3.1.0", &schemas("integer")),
        );
        let mut alike = Alike::new([&base, &revision]);
        assert!(!alike.are(schema(&base, "Outer"), schema(&revision, "Outer")));
        assert!(!alike.are(schema(&base, "Inner"), schema(&revision, "Inner")));
    }

    #[test]
    fn a_pair_is_compared_once() {
        let schemas = |leaf: &str| {
            let parts = json!([{"type": leaf}, {"minLength": 1}]);
            document("3.1.0", &json!({"A": {"anyOf": parts}}))
        };
        let (base, other) = (schemas("string"), schemas("integer"));
        for (revision, is_alike) in [(&base, true), (&other, false)] {
            let mut alike = Alike::by_meaning([&base, revision]);
            let mut left = [MOST_REORDERED; 2];
            for left in &mut left {
                let are = alike.are(schema(&base, "A"), schema(revision, "A"));
                assert_eq!(are, is_alike);
                *left = alike.by_meaning.unwrap();
            }
            assert!(left[0] < MOST_REORDERED);
            assert_eq!(left[0], left[1]);
        }
    }

    #[test]
    fn schemas_that_are_nested_too_deeply_to_be_compared_are_not_alike() {
        let chain = |levels: usize, prefix: &str, is_written_out: bool| {
            let leaf = json!({"type": "string"});
            let mut schemas = serde_json::Map::new();
            for level in 0..levels {
                let next = if is_written_out && level + 1 == levels {
                    leaf.clone()
                } else {
                    to(&format!("{prefix}{}", level + 1))
                };
                schemas.insert(format!("{prefix}{level}"), json!({"properties": {"a": next}}));
            }
            schemas.insert(format!("{prefix}{levels}"), leaf);
            document("3.1.0", &Value::Object(schemas))
        };
        // Each level is a reference and its target.
        for (levels, is_alike) in [(DEEPEST / 2, true), (DEEPEST / 2 + 1, false)] {
            for (prefix, is_written_out) in [("L", false), ("M", false), ("M", true)] {
                let (base, revision) = (chain(levels, "L", false), chain(levels, prefix, is_written_out));
                let mut alike = Alike::new([&base, &revision]);
                let first = schema(&revision, &format!("{prefix}0"));
                assert_eq!(
                    alike.are(schema(&base, "L0"), first),
                    is_alike,
                    "{levels} {prefix} {is_written_out}"
                );
            }
        }
    }

    /// Each level refers to the next one twice. If each level is compared once, this takes hardly any time.
    #[test]
    fn references_that_double_with_each_level_are_compared_once() {
        let tower = |leaf: &str, prefix: &str| {
            let mut schemas = serde_json::Map::new();
            for level in 0..500 {
                let next = to(&format!("{prefix}{}", level + 1));
                schemas.insert(
                    format!("{prefix}{level}"),
                    json!({"properties": {"a": next, "b": {"items": next}}}),
                );
            }
            schemas.insert(format!("{prefix}500"), json!({"type": leaf}));
            Value::Object(schemas)
        };
        let base = document("3.1.0", &tower("string", "L"));
        let (same, other) = (
            document("3.1.0", &tower("string", "M")),
            document("3.1.0", &tower("integer", "M")),
        );
        assert!(Alike::new([&base, &same]).are(schema(&base, "L0"), schema(&same, "M0")));
        assert!(!Alike::new([&base, &other]).are(schema(&base, "L0"), schema(&other, "M0")));
    }
}
