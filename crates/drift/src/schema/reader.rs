//! Reads each schema of two documents once.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use foldhash::fast::FixedState;
use openapi_document::{Document, Items, Located, Node, NodeId, Unresolved};

use super::ast::{Keyword, Schema};
use super::meant::MOST_IN_ALL;
use super::parse::{is_null_only, parse};
use super::unsent::UnsentNames;
use super::wrapper::MOST_WRAPPERS;
use crate::options::Nullable;
use crate::report::Side;

impl Side {
    /// The index of the document among both.
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Base => 0,
            Self::Revision => 1,
        }
    }
}

/// Cached answers about schemas, by their nodes.
pub(crate) type Known = HashMap<NodeId, bool, FixedState>;

/// The schemas that were read.
pub(crate) struct Reader<'d> {
    documents: [&'d Document; 2],
    nullable: Nullable,
    schemas: HashMap<NodeId, Rc<Schema<'d>>, FixedState>,
    pub(super) unsent: UnsentNames<'d>,
    /// Whether a schema contains a `oneOf`, at any depth.
    alternatives: Known,
    /// Whether a schema contains a reference whose target depends on the way to it, at any depth.
    dynamic: Known,
    /// Whether each document mentions a text.
    said: HashMap<(usize, &'static str), bool, FixedState>,
    /// The schema at the end of each chain of references.
    aliases: HashMap<NodeId, Node<'d>, FixedState>,
    /// The values of each `enum`, except null, by its schema.
    lists: HashMap<NodeId, Rc<[Node<'d>]>, FixedState>,
    /// Budget of parts that may still be flattened into schemas that have many.
    unflattened: usize,
    /// The number of schemas that may still be visited for the types that schemas without a `type` mean.
    pub(super) left_for_types: usize,
}

/// Maximum number of parts that are flattened into all schemas, beyond the first ones of each. Thousands of schemas may
/// have the same hundreds of parts.
const MOST_FLATTENED: usize = 250_000;

impl<'d> Reader<'d> {
    pub(crate) fn new(documents: [&'d Document; 2], nullable: Nullable) -> Self {
        Self {
            documents,
            nullable,
            schemas: HashMap::default(),
            unsent: UnsentNames::new(),
            alternatives: Known::default(),
            dynamic: Known::default(),
            said: HashMap::default(),
            aliases: HashMap::default(),
            lists: HashMap::default(),
            unflattened: MOST_FLATTENED,
            left_for_types: MOST_IN_ALL,
        }
    }

    /// The document with an index.
    pub(crate) fn document(&self, source: usize) -> &'d Document {
        self.documents[source]
    }

    /// The length of both documents, by which some limits grow.
    pub(crate) fn bytes(&self) -> usize {
        self.documents.iter().map(|it| it.text().len()).sum()
    }

    /// The schema at a node of a document.
    pub(crate) fn read(&mut self, source: usize, node: Node<'d>) -> Rc<Schema<'d>> {
        let (document, nullable) = (self.documents[source], self.nullable);
        let read = || Rc::new(parse(document, nullable, node));
        Rc::clone(self.schemas.entry(node.id()).or_insert_with(read))
    }

    /// The values of the `enum` of a schema, except null. All that refer to the schema share them.
    pub(crate) fn listed(&mut self, schema: Node<'d>, list: &Items<'d>) -> Rc<[Node<'d>]> {
        let listed = || list.clone().filter(|it| !it.is_null()).collect();
        Rc::clone(self.lists.entry(schema.id()).or_insert_with(listed))
    }

    /// Whether the budget allows another part to be flattened into a schema that has many.
    pub(crate) fn may_flatten(&mut self) -> bool {
        let may = self.unflattened > 0;
        self.unflattened = self.unflattened.saturating_sub(1);
        may
    }

    /// Whether a schema, or one that it leads to, satisfies `is_meant`. All results are cached in `known`, so that
    /// many questions look at each schema only once.
    pub(crate) fn reaches(
        &mut self,
        source: usize,
        node: Node<'d>,
        known: &mut Known,
        mut is_meant: impl FnMut(&mut Self, &Schema<'d>) -> bool,
        next: impl Fn(&Schema<'d>) -> Vec<Node<'d>>,
    ) -> bool {
        if let Some(known) = known.get(&node.id()) {
            return *known;
        }
        let mut nodes = vec![node];
        let mut places: HashMap<NodeId, usize, FixedState> = HashMap::default();
        // The schemas that lead to each schema.
        let mut above: Vec<Vec<usize>> = vec![Vec::new()];
        let mut meant: Vec<usize> = Vec::new();
        let mut at = 0;
        while let Some(node) = nodes.get(at).copied() {
            let schema = self.read(source, node);
            let mut is_found = is_meant(self, &schema);
            for child in if is_found { Vec::new() } else { next(&schema) } {
                if let Some(own) = known.get(&child.id()) {
                    is_found |= own;
                } else {
                    let place = *places.entry(child.id()).or_insert_with(|| {
                        nodes.push(child);
                        above.push(Vec::new());
                        nodes.len() - 1
                    });
                    above[place].push(at);
                }
            }
            if is_found {
                meant.push(at);
            }
            at += 1;
        }
        known.extend(nodes.iter().map(|it| (it.id(), false)));
        while let Some(at) = meant.pop() {
            if known.insert(nodes[at].id(), true) != Some(true) {
                meant.append(&mut above[at]);
            }
        }
        known[&node.id()]
    }

    /// Whether a document contains a text anywhere.
    pub(super) fn mentions(&mut self, source: usize, text: &'static str) -> bool {
        let document = self.documents[source];
        let is_said = self.said.entry((source, text));
        *is_said.or_insert_with(|| document.mentions(text))
    }

    /// Whether the meaning of a schema depends on whether a value may match several alternatives of a `oneOf`.
    pub(crate) fn has_alternatives(&mut self, source: usize, node: Node<'d>) -> bool {
        if !self.mentions(source, "oneOf") {
            return false;
        }
        let mut known = std::mem::take(&mut self.alternatives);
        let is_several = |it: &Keyword<'d>| matches!(it, Keyword::OneOf(list) if list.clone().len() > 1);
        let has = self.reaches(
            source,
            node,
            &mut known,
            |_, schema| schema.keywords.iter().any(is_several),
            |schema| {
                let mut next = schema.in_place();
                next.append(&mut schema.inside());
                next
            },
        );
        self.alternatives = known;
        has
    }

    /// Whether the meaning of a schema depends on whether `parts` lead to it.
    pub(crate) fn depends_on(&mut self, source: usize, node: Node<'d>, parts: &[Located<'d>]) -> bool {
        let document = self.documents[source];
        let declares = |it: &Located<'d>| document.has_dynamic_anchor(document.resource(it.node));
        if !document.has_dynamic_scopes() || !parts.iter().any(declares) {
            return false;
        }
        let mut known = std::mem::take(&mut self.dynamic);
        let is_dynamic = |it: &Keyword<'d>| matches!(it, Keyword::DynamicReference(..));
        let depends = self.reaches(
            source,
            node,
            &mut known,
            |_, schema| schema.keywords.iter().any(is_dynamic),
            Schema::all,
        );
        self.dynamic = known;
        depends
    }

    /// The schema that a node stands for, after following references without other keywords, unless these form a
    /// cycle.
    pub(crate) fn meant(&mut self, source: usize, node: Node<'d>) -> Node<'d> {
        let mut way = Vec::new();
        let mut seen: HashSet<NodeId, FixedState> = HashSet::default();
        let mut at = node;
        let end = loop {
            if let Some(known) = self.aliases.get(&at.id()) {
                break *known;
            }
            if !seen.insert(at.id()) {
                // The references form a cycle, so they stand for nothing else.
                return node;
            }
            match self.read(source, at).lone_reference() {
                Some(Some(target)) => {
                    way.push(at);
                    at = target;
                }
                _ => break at,
            }
        };
        self.aliases.extend(way.into_iter().map(|it| (it.id(), end)));
        end
    }

    /// Whether an alternative accepts only null: explicitly, or because `nullable` is its only keyword.
    pub(crate) fn is_null(&mut self, source: usize, node: Node<'d>) -> bool {
        let mut node = node;
        for _ in 0..MOST_WRAPPERS {
            let schema = self.read(source, node);
            match schema.keywords.as_ref() {
                [Keyword::Reference(Some(only))] if !schema.adds_null => node = *only,
                [Keyword::AllOf(list) | Keyword::AnyOf(list) | Keyword::OneOf(list)]
                    if !schema.adds_null && list.clone().len() == 1 =>
                {
                    node = list.clone().next().unwrap_or(node);
                }
                _ => break,
            }
        }
        is_null_only(node) || self.is_only_nullable(source, node)
    }

    /// Whether `nullable` is the only keyword of an alternative. Vendors mean null by it there; elsewhere it accepts
    /// any value.
    pub(crate) fn is_only_nullable(&mut self, source: usize, node: Node<'d>) -> bool {
        node.members().len() == 1 && {
            let schema = self.read(source, node);
            schema.keywords.is_empty() && schema.adds_null
        }
    }

    /// Whether a schema admits every value, or none. `None` if this does not show behind references, negations and
    /// lists of one schema.
    pub(crate) fn admits_all_or_none(&mut self, source: usize, node: Node<'d>) -> Option<bool> {
        let (mut at, mut is_negated) = (node, false);
        for _ in 0..MOST_WRAPPERS {
            let schema = self.read(source, at);
            let mut speaking = schema.keywords.iter().filter(|it| it.speaks());
            let only = match (speaking.next(), speaking.next()) {
                (None, _) => return Some(!is_negated),
                (Some(only), None) if !schema.adds_null => only,
                _ => return None,
            };
            at = match only {
                Keyword::Boolean(admits) => return Some(*admits != is_negated),
                Keyword::Reference(target) => (*target)?,
                Keyword::Not(inner) => {
                    is_negated = !is_negated;
                    *inner
                }
                Keyword::AllOf(list) | Keyword::AnyOf(list) | Keyword::OneOf(list)
                    if list.clone().len() == 1 =>
                {
                    list.clone().next()?
                }
                _ => return None,
            };
        }
        None
    }

    /// Follows references to a schema that is not a reference, or has other keywords.
    pub(crate) fn follow_alone(&mut self, side: Side, place: Located<'d>) -> Result<Located<'d>, Unresolved> {
        let document = self.documents[side.index()];
        let reader = RefCell::new(self);
        place.follow_while(document, |here| {
            let schema = reader.borrow_mut().read(side.index(), here.node);
            schema.is_reference_alone(false)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Null is added to what an alternative says, so that it may accept more than null.
    #[test]
    fn a_list_of_one_schema_beside_nullable_is_not_followed_to_null() {
        let root = json!({"openapi": "3.0.3", "components": {"schemas": {
            "A": {"nullable": true, "allOf": [{"enum": [null]}]}, "B": {"allOf": [{"enum": [null]}]}}}});
        let document = Document::read(root.to_string()).unwrap();
        let mut reader = Reader::new([&document, &document], Nullable::Lenient);
        for (name, is_null) in [("A", false), ("B", true)] {
            let node = document.at(&format!("/components/schemas/{name}")).unwrap();
            assert_eq!(reader.is_null(0, node), is_null, "{name}");
        }
    }

    #[test]
    fn the_length_of_both_documents_counts() {
        let [one, other] = [r#"{"type": "null"}"#, "{}"].map(|it| Document::read_schema(it).unwrap());
        assert_eq!(Reader::new([&one, &other], Nullable::Lenient).bytes(), 18);
    }

    #[test]
    fn a_boolean_schema_is_found_behind_what_adds_nothing() {
        let one = |keyword: &str, inner: &Value| json!({keyword: [inner]});
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let deep = |levels: usize| (0..levels).fold(json!(true), |inner, _| one("anyOf", &inner));
        for (schema, admits) in [
            (json!(true), Some(true)),
            (json!(false), Some(false)),
            (json!({"description": "x", "readOnly": true}), Some(true)),
            (json!({"not": {}}), Some(false)),
            (
                one("allOf", &one("oneOf", &json!({"not": {"not": {}}}))),
                Some(true),
            ),
            (to("None"), Some(false)),
            (json!({"not": to("None")}), Some(true)),
            (to("Gone"), None),
            (json!({"type": "string"}), None),
            (json!({"anyOf": [true, {"type": "string"}]}), None),
            (json!({"not": {}, "minLength": 1}), None),
            (deep(7), Some(true)),
            (deep(8), None),
        ] {
            let root = json!({"openapi": "3.1.0", "components": {"schemas": {"None": false, "A": schema}}});
            let document = Document::read(root.to_string()).unwrap();
            let mut reader = Reader::new([&document, &document], Nullable::Lenient);
            let node = document.at("/components/schemas/A").unwrap();
            assert_eq!(reader.admits_all_or_none(0, node), admits, "{schema}");
        }
    }

    /// Otherwise very long chains would be followed again for each of their references.
    #[test]
    fn a_chain_of_references_is_followed_once_for_all_of_them() {
        let root = json!({"openapi": "3.1.0", "components": {"schemas": {
            "A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/C"}, "C": {}}}});
        let document = Document::read(root.to_string()).unwrap();
        let mut reader = Reader::new([&document, &document], Nullable::Lenient);
        let [a, b, c] = ["A", "B", "C"].map(|it| document.at(&format!("/components/schemas/{it}")).unwrap());
        assert_eq!(reader.meant(0, a), c);
        assert_eq!(reader.aliases, HashMap::from_iter([(a.id(), c), (b.id(), c)]));
    }

    #[test]
    fn what_is_known_of_a_part_is_known_of_the_whole() {
        let part = json!({"$ref": "#/components/schemas/Part"});
        for whole in [
            part.clone(),
            json!({"properties": {"a": part}}),
            json!({"patternProperties": {"^a": part}}),
            json!({"patternProperties": {".*": part}}),
            json!({"additionalProperties": part}),
            json!({"unevaluatedProperties": part}),
            json!({"prefixItems": [{}, part]}),
            json!({"items": part}),
            json!({"unevaluatedItems": part}),
            json!({"allOf": [{}, part]}),
            json!({"anyOf": [{}, part]}),
            json!({"oneOf": [part]}),
            json!({"if": {}, "then": part}),
            json!({"if": {}, "else": part}),
            json!({"dependentSchemas": {"a": part}}),
        ] {
            let root = json!({"openapi": "3.1.0", "components": {"schemas": {"Part": {"oneOf": [{}, {}]}, "Whole": whole}}});
            let document = Document::read(root.to_string()).unwrap();
            let mut reader = Reader::new([&document, &document], Nullable::Lenient);
            for name in ["Part", "Whole"] {
                let node = document.at(&format!("/components/schemas/{name}")).unwrap();
                assert!(reader.has_alternatives(0, node), "{name} of {root}");
            }
        }
    }

    #[test]
    fn negations_and_conditions_are_parts_of_a_schema() {
        for keyword in ["not", "propertyNames", "contains", "if", "items", "then"] {
            let schema = json!({"if": {}, keyword: {"type": "string"}});
            let document = Document::read_schema(schema.to_string()).unwrap();
            let mut reader = Reader::new([&document, &document], Nullable::Lenient);
            let parts = reader.read(0, document.root()).all();
            let part = document.root().get(keyword).unwrap();
            assert!(parts.iter().any(|it| it.id() == part.id()), "{keyword}");
        }
    }

    #[test]
    fn a_schema_that_accepts_only_null_says_so_itself() {
        for (schema, is_null) in [
            (json!({"type": "null"}), true),
            (json!({"type": ["null"]}), true),
            (json!({"type": ["string"]}), false),
            (json!({"type": ["null", "string"]}), false),
            (json!({"type": "string", "const": null}), false),
            (json!({"enum": [null]}), true),
            (json!({"enum": [1]}), false),
            (json!({"enum": [null, 1]}), false),
            (json!({"const": null}), true),
            (json!({"const": 1}), false),
            (json!({"anyOf": [{"allOf": [{"type": "null"}]}]}), true),
            (json!({"anyOf": [{"type": "null"}, {"type": "string"}]}), false),
            (json!({}), false),
        ] {
            let document = Document::read_schema(schema.to_string()).unwrap();
            let mut reader = Reader::new([&document, &document], Nullable::Lenient);
            assert_eq!(reader.is_null(0, document.root()), is_null, "{schema}");
        }
    }
}
