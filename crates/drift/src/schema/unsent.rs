//! The properties of a value that are not sent in a direction, because `readOnly` or `writeOnly` says so.
//!
//! Each alternative decides for its own values. A name that one alternative hides and another one declares is therefore
//! sent, though not where the first one is chosen.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use foldhash::fast::FixedState;
use openapi_document::{Node, NodeId};

use super::ast::{Keyword, Schema};
use super::reader::{Known, Reader};
use crate::report::Direction;

/// Maximum number of subschemas of one schema that are searched for properties that are not sent.
const MOST: usize = 2_000;

/// The same limit for all schemas with such properties together.
const MOST_IN_ALL: usize = 1_000_000;

/// Maximum nesting of alternatives that decide separately.
const DEEPEST: usize = 24;

/// An interned set of names that are not sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Unsent(u32);

type Names<'d> = Rc<BTreeSet<&'d str>>;

/// What a schema says of the names in its value.
#[derive(Default)]
struct Said<'d> {
    hidden: BTreeSet<&'d str>,
    /// The names that some alternatives hide and none declares.
    perhaps_hidden: BTreeSet<&'d str>,
    sent: BTreeSet<&'d str>,
}

/// The answers so far.
pub(super) struct UnsentNames<'d> {
    said: HashMap<(NodeId, Direction), Rc<Said<'d>>, FixedState>,
    of: HashMap<(NodeId, Direction), Unsent, FixedState>,
    ids: HashMap<Names<'d>, Unsent, FixedState>,
    names: Vec<Names<'d>>,
    /// Whether a schema has the flag for properties that are not sent, and whether a part for the same value has a
    /// property with the flag.
    flagged: [Known; 2],
    holding_flagged: [Known; 2],
    /// Number of subschemas that may still be searched.
    left: usize,
}

impl<'d> UnsentNames<'d> {
    pub(super) fn new() -> Self {
        let mut new = Self {
            said: HashMap::default(),
            of: HashMap::default(),
            ids: HashMap::default(),
            names: Vec::new(),
            flagged: Default::default(),
            holding_flagged: Default::default(),
            left: MOST_IN_ALL,
        };
        new.intern(BTreeSet::new());
        new
    }

    fn intern(&mut self, names: BTreeSet<&'d str>) -> Unsent {
        let next = Unsent(u32::try_from(self.names.len()).expect("fewer than 2^32 schemas"));
        let names = Rc::new(names);
        let id = *self.ids.entry(Rc::clone(&names)).or_insert(next);
        if id == next {
            self.names.push(names);
        }
        id
    }
}

impl<'d> Reader<'d> {
    /// The names of the properties that are not sent in a value of a schema.
    pub(crate) fn unsent(&mut self, source: usize, node: Node<'d>, direction: Option<Direction>) -> Unsent {
        let Some(direction) = direction else {
            return Unsent::default();
        };
        if let Some(known) = self.unsent.of.get(&(node.id(), direction)) {
            return *known;
        }
        let mut names = BTreeSet::new();
        if self.holds_unsent(source, node, direction) {
            let said = self.said(source, node, direction, 0);
            names.extend(said.hidden.union(&said.perhaps_hidden));
        }
        let unsent = self.unsent.intern(names);
        self.unsent.of.insert((node.id(), direction), unsent);
        unsent
    }

    /// The names that are not sent where an alternative is chosen.
    pub(crate) fn unsent_in_alternative(
        &mut self,
        source: usize,
        outer: Unsent,
        node: Node<'d>,
        direction: Option<Direction>,
    ) -> Unsent {
        let own = self.unsent(source, node, direction);
        let names = self.names(outer).union(&self.names(own)).copied().collect();
        self.unsent.intern(names)
    }

    pub(crate) fn names(&self, unsent: Unsent) -> Names<'d> {
        Rc::clone(&self.unsent.names[unsent.0 as usize])
    }

    /// What a schema says of names, together with all others that apply to the same value.
    fn said(&mut self, source: usize, node: Node<'d>, direction: Direction, depth: usize) -> Rc<Said<'d>> {
        if let Some(known) = self.unsent.said.get(&(node.id(), direction)) {
            return Rc::clone(known);
        }
        // A schema that is an alternative of itself says nothing more.
        self.unsent.said.insert((node.id(), direction), Rc::default());
        let mut said = Said::default();
        let mut required = BTreeSet::new();
        let mut alternatives = Vec::new();
        let mut seen: HashSet<NodeId, FixedState> = HashSet::default();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            if seen.len() == MOST || self.unsent.left == 0 || !seen.insert(node.id()) {
                continue;
            }
            self.unsent.left -= 1;
            let schema = self.read(source, node);
            for (name, property) in schema.properties() {
                if self.is_unsent(source, property, direction) {
                    said.hidden.insert(name);
                } else {
                    said.sent.insert(name);
                }
            }
            for keyword in &schema.keywords {
                match keyword {
                    Keyword::Required(names) => required.extend(names.clone().filter_map(Node::as_str)),
                    Keyword::AnyOf(list) | Keyword::OneOf(list)
                        if list.clone().len() > 1 && depth < DEEPEST =>
                    {
                        alternatives.push(list.clone());
                    }
                    _ => keyword.in_place(&mut open),
                }
            }
        }
        for list in alternatives {
            let all: Vec<_> = list
                .map(|it| self.said(source, it, direction, depth + 1))
                .collect();
            let sent: BTreeSet<&str> = all.iter().flat_map(|it| &it.sent).copied().collect();
            for name in all.iter().flat_map(|it| it.hidden.union(&it.perhaps_hidden)) {
                // A name that is required beside the alternatives could otherwise not be left out of any of them.
                if all.iter().all(|it| it.hidden.contains(name)) || required.contains(name) {
                    said.hidden.insert(name);
                } else if !sent.contains(name) {
                    said.perhaps_hidden.insert(name);
                }
            }
            said.sent.extend(sent);
        }
        let Said {
            hidden,
            perhaps_hidden,
            sent,
        } = &mut said;
        sent.retain(|it| !hidden.contains(it));
        perhaps_hidden.retain(|it| !hidden.contains(it) && !sent.contains(it));
        let said = Rc::new(said);
        self.unsent.said.insert((node.id(), direction), Rc::clone(&said));
        said
    }

    /// Whether a schema has a property that is not sent, as declared by any subschema for the same value.
    fn holds_unsent(&mut self, source: usize, node: Node<'d>, direction: Direction) -> bool {
        if !self.mentions(source, direction.flag()) {
            return false;
        }
        let mut known = std::mem::take(&mut self.unsent.holding_flagged[direction.index()]);
        let holds = self.reaches(
            source,
            node,
            &mut known,
            |reader, schema| {
                let mut properties = schema.properties();
                properties.any(|(_, property)| reader.is_unsent(source, property, direction))
            },
            Schema::in_place,
        );
        self.unsent.holding_flagged[direction.index()] = known;
        holds
    }

    /// Whether a schema has the flag for properties that are not sent, by itself or through `$ref` and `allOf`. One of
    /// several alternatives does not count, because it may not apply.
    fn is_unsent(&mut self, source: usize, node: Node<'d>, direction: Direction) -> bool {
        let mut known = std::mem::take(&mut self.unsent.flagged[direction.index()]);
        let is_unsent = self.reaches(
            source,
            node,
            &mut known,
            |_, schema| schema.is_unsent(direction),
            Schema::parts,
        );
        self.unsent.flagged[direction.index()] = known;
        is_unsent
    }
}

impl Direction {
    fn index(self) -> usize {
        match self {
            Self::Request => 0,
            Self::Response => 1,
        }
    }

    /// The keyword that marks properties which are not sent in this direction.
    fn flag(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;
    use serde_json::{Value, json};

    use super::*;
    use crate::options::Nullable;

    /// The names that are not sent in a request with a schema if at most so many subschemas may be searched.
    fn unsent_within(left: usize, schema: &Value) -> Vec<String> {
        let document = Document::read_schema(schema.to_string()).unwrap();
        let mut reader = Reader::new([&document, &document], Nullable::Lenient);
        reader.unsent.left = left;
        let unsent = reader.unsent(0, document.root(), Some(Direction::Request));
        let names = reader.names(unsent);
        names.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn properties_are_unsent_so_far_as_subschemas_are_searched() {
        let hidden = json!({"properties": {"id": {"readOnly": true}}});
        // The last part is searched first.
        let after = |others: usize| {
            let mut parts = vec![hidden.clone()];
            parts.resize(others + 1, json!({}));
            json!({"allOf": parts})
        };
        assert_eq!(unsent_within(MOST_IN_ALL, &after(MOST - 2)), ["id"]);
        assert!(unsent_within(MOST_IN_ALL, &after(MOST - 1)).is_empty());
        assert_eq!(unsent_within(7, &after(5)), ["id"]);
        assert!(unsent_within(6, &after(5)).is_empty());
        // A schema without such properties takes nothing from the others.
        let document =
            Document::read_schema(json!({"a": {"allOf": [{}, {}]}, "b": hidden}).to_string()).unwrap();
        let mut reader = Reader::new([&document, &document], Nullable::Lenient);
        reader.unsent.left = 1;
        let unsent = ["a", "b"].map(|it| {
            let schema = document.root().get(it).unwrap();
            let unsent = reader.unsent(0, schema, Some(Direction::Request));
            reader.names(unsent).len()
        });
        assert_eq!(unsent, [0, 1]);
        // Alternatives decide separately up to a nesting. Deeper ones count together, so that one hides the name for all.
        let within = |levels: usize| {
            (0..levels).fold(
                json!({"anyOf": [hidden, {"properties": {"id": {}}}]}),
                |inner, _| json!({"anyOf": [inner, {"properties": {"a": {}}}]}),
            )
        };
        assert!(unsent_within(MOST_IN_ALL, &within(DEEPEST - 1)).is_empty());
        assert_eq!(unsent_within(MOST_IN_ALL, &within(DEEPEST)), ["id"]);
    }

    #[test]
    fn unsent_properties_depend_on_the_direction() {
        let schema = json!({
            "allOf": [{"properties": {"id": {"type": "string", "readOnly": true}}}],
            "properties": {"name": {"type": "string"}, "secret": {"type": "string", "writeOnly": true}},
        });
        let document = Document::read_schema(schema.to_string()).unwrap();
        let mut reader = Reader::new([&document, &document], Nullable::Lenient);
        for (direction, expected) in [
            (Some(Direction::Request), &["id"][..]),
            (Some(Direction::Response), &["secret"]),
            (None, &[]),
        ] {
            let unsent = reader.unsent(0, document.root(), direction);
            let names: Vec<&str> = reader.names(unsent).iter().copied().collect();
            assert_eq!(names, expected, "{direction:?}");
        }
        let left = reader.unsent.left;
        assert_eq!(
            left,
            MOST_IN_ALL - 4,
            "the schema and its part, in two directions"
        );
        reader.unsent(0, document.root(), Some(Direction::Request));
        assert_eq!(
            reader.unsent.left, left,
            "a schema is searched once in each direction"
        );
    }
}
