//! How much two schemas have in common, to choose the counterpart of an alternative among several possible ones.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use openapi_document::{Node, NodeId};

use crate::report::Side;
use crate::schema::ast::Keyword;
use crate::schema::reader::Reader;

/// Maximum number of features of one schema that are compared: those with the smallest hashes. They are a fair sample,
/// so their share stands for that of all features.
const MOST: usize = 128;

/// Maximum number of steps into the values of a schema. References and parts are no step, so that it does not matter how
/// a schema is divided.
const DEEPEST: usize = 4;

/// Maximum number of features of one schema that are collected, before the sample is taken.
const MOST_COLLECTED: usize = 10_000;

/// The features of a schema: hashes of what it says of a value, and of the parts of this value. They do not depend on
/// the order in which a schema is written, nor on names of components.
pub(crate) struct Features(Vec<u64>);

impl Features {
    /// Collects the features of schemas for the same value until `left` is used up.
    pub(crate) fn of<'d>(
        reader: &mut Reader<'d>,
        side: Side,
        schemas: impl Iterator<Item = Node<'d>>,
        left: &mut usize,
    ) -> Self {
        let mut collector = Collector {
            reader,
            side,
            open: schemas.map(|it| (0, it, 0)).collect(),
            found: Vec::new(),
        };
        let most = MOST_COLLECTED.min(*left);
        let mut seen: HashSet<(u64, NodeId)> = HashSet::new();
        while let Some((path, schema, depth)) = collector.open.pop() {
            let is_spent = collector.found.len() + seen.len() >= most;
            if depth <= DEEPEST && !is_spent && seen.insert((path, schema.id())) {
                collector.schema(path, schema, depth);
            }
        }
        let mut found = collector.found;
        *left = left.saturating_sub(found.len() + seen.len());
        // What several alternatives say counts for each of them.
        found.sort_unstable();
        found.truncate(MOST);
        Self(found)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

struct Collector<'r, 'd> {
    reader: &'r mut Reader<'d>,
    side: Side,
    /// The hash of the path to each schema that is still to be read, and the number of steps in it.
    open: Vec<(u64, Node<'d>, usize)>,
    found: Vec<u64>,
}

impl<'d> Collector<'_, 'd> {
    /// Reads a part of the value later. That there is something to say of it is a feature, too.
    fn enter(&mut self, path: u64, schema: Node<'d>, depth: usize) {
        self.found.push(path);
        self.open.push((path, schema, depth + 1));
    }

    fn schema(&mut self, path: u64, schema: Node<'d>, depth: usize) {
        let schema = self.reader.read(self.side.index(), schema);
        if schema.adds_null {
            self.found.push(hash((path, "null")));
        }
        for keyword in &schema.keywords {
            match keyword {
                Keyword::Types(types) => self.found.push(hash((path, types))),
                Keyword::Const(value) => self.found.push(hash((path, value))),
                Keyword::Enum(values) => self.found.extend(values.clone().map(|it| hash((path, it)))),
                Keyword::Required(names) => {
                    let required = names.clone().filter_map(Node::as_str);
                    self.found
                        .extend(required.map(|name| hash((path, "required", name))));
                }
                Keyword::Properties(properties) => {
                    for (name, it) in properties.clone() {
                        self.enter(hash((path, "/", name)), it, depth);
                    }
                }
                Keyword::PatternProperties(named) => {
                    for (pattern, it) in named.iter() {
                        self.enter(hash((path, "~", pattern)), *it, depth);
                    }
                }
                Keyword::AdditionalProperties(further)
                | Keyword::EveryProperty(_, further)
                | Keyword::UnevaluatedProperties(further) => self.enter(hash((path, "{}")), *further, depth),
                Keyword::Items(items) | Keyword::UnevaluatedItems(items) | Keyword::Contains(items, ..) => {
                    self.enter(hash((path, "[]")), *items, depth);
                }
                Keyword::PrefixItems(items) => {
                    for (index, it) in items.clone().enumerate() {
                        self.enter(hash((path, "[]", index)), it, depth);
                    }
                }
                Keyword::Minimum(_)
                | Keyword::Maximum(_)
                | Keyword::MinLength(_)
                | Keyword::MaxLength(_)
                | Keyword::MinItems(_)
                | Keyword::MaxItems(_)
                | Keyword::Pattern(_) => self.found.push(hash((path, format!("{keyword:?}")))),
                // Parts, alternatives and what applies under a condition are about the same value.
                _ => {
                    let mut parts = Vec::new();
                    keyword.in_place(&mut parts);
                    self.open.extend(parts.into_iter().map(|it| (path, it, depth)));
                }
            }
        }
    }
}

/// The same on every run and machine.
fn hash(part: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    part.hash(&mut hasher);
    hasher.finish()
}

/// The common features of two schemas among a thousand of both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Likeness(usize);

impl Likeness {
    pub(crate) fn of(one: &Features, other: &Features) -> Self {
        let (mut one, mut other) = (&*one.0, &*other.0);
        let all = one.len() + other.len();
        let mut common = 0;
        while let ([first, rest @ ..], [second, others @ ..]) = (one, other) {
            if first <= second {
                one = rest;
            }
            if second <= first {
                other = others;
            }
            common += usize::from(first == second);
        }
        Self(2_000 * common / all.max(1))
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;
    use serde_json::{Value, json};

    use super::*;
    use crate::options::Nullable;

    fn likeness(one: &Value, other: &Value) -> Likeness {
        let root = json!({"openapi": "3.1.0", "one": one, "other": other,
            "components": {"schemas": {"Ring": {"items": {"$ref": "#/components/schemas/Ring"}}}}});
        let document = Document::read(root.to_string()).unwrap();
        let mut reader = Reader::new([&document, &document], Nullable::Lenient);
        let mut left = 1_000;
        let [one, other] = ["one", "other"].map(|name| {
            let schema = document.root().get(name).unwrap();
            Features::of(&mut reader, Side::Base, std::iter::once(schema), &mut left)
        });
        Likeness::of(&one, &other)
    }

    #[test]
    fn order_wrappers_and_keywords_without_effect_do_not_count() {
        let one = json!({"type": "object", "required": ["a", "b"],
            "properties": {"a": {"enum": [1, 2]}, "b": {"type": "string"}}});
        let other = json!({"properties": {"b": {"allOf": [{"type": "string", "minLength": 0, "title": "B"}]},
            "a": {"enum": [2, 1]}}, "required": ["b", "a"], "type": "object"});
        assert_eq!(likeness(&one, &other), Likeness(1_000));
    }

    #[test]
    fn what_is_deeper_inside_counts_as_well() {
        let holding = |name: &str| json!({"properties": {"target": {"properties": {"owner": {}, name: {}}}}});
        let same = likeness(&holding("branch"), &holding("branch"));
        let other = likeness(&holding("branch"), &holding("slug"));
        assert!(same > other && other > likeness(&holding("branch"), &json!({"type": "string"})));
    }

    #[test]
    fn a_ring_of_references_ends() {
        let ring = json!({"$ref": "#/components/schemas/Ring"});
        assert_eq!(likeness(&ring, &ring), Likeness(1_000));
    }
}
