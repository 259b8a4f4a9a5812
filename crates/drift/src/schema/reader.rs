//! Reads the schemas of two documents, each once, and knows which properties of a value travel.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use foldhash::fast::FixedState;
use openapi_document::{Document, Located, Node, NodeId, Unresolved};

use super::ast::{Keyword, Schema};
use super::parse::{is_null_only, parse};
use crate::options::Nullable;
use crate::report::{Direction, Side};

impl Side {
    /// The index of the document among both.
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Base => 0,
            Self::Revision => 1,
        }
    }
}

/// Subschemas that are searched for properties that do not travel, at most.
const MOST: usize = 2_000;

/// The same, for all schemas together.
const MOST_IN_ALL: usize = 4_000_000;

/// A set of names that do not travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Unsent(u32);

/// The schemas that were read.
pub(crate) struct Reader<'d> {
    documents: [&'d Document; 2],
    nullable: Nullable,
    schemas: HashMap<NodeId, Rc<Schema<'d>>, FixedState>,
    unsent: HashMap<(NodeId, Direction), Unsent, FixedState>,
    unsent_ids: HashMap<Rc<BTreeSet<&'d str>>, Unsent, FixedState>,
    names: Vec<Rc<BTreeSet<&'d str>>>,
    /// Whether a schema holds a `oneOf`, itself or inside.
    alternatives: HashMap<NodeId, bool, FixedState>,
    /// Subschemas that may still be searched.
    left: usize,
}

impl<'d> Reader<'d> {
    pub(crate) fn new(documents: [&'d Document; 2], nullable: Nullable) -> Self {
        let mut reader = Self {
            documents,
            nullable,
            schemas: HashMap::default(),
            unsent: HashMap::default(),
            unsent_ids: HashMap::default(),
            names: Vec::new(),
            alternatives: HashMap::default(),
            left: MOST_IN_ALL,
        };
        reader.intern(BTreeSet::new());
        reader
    }

    /// The document of an index.
    pub(crate) fn document(&self, source: usize) -> &'d Document {
        self.documents[source]
    }

    /// The schema at a node of a document.
    pub(crate) fn read(&mut self, source: usize, node: Node<'d>) -> Rc<Schema<'d>> {
        let (document, nullable) = (self.documents[source], self.nullable);
        let read = || Rc::new(parse(document, nullable, node));
        Rc::clone(self.schemas.entry(node.id()).or_insert_with(read))
    }

    /// Searches one more subschema beside `searched` others, if that many may be.
    fn may_search(&mut self, searched: usize) -> bool {
        let may = searched < MOST && self.left > 0;
        self.left -= usize::from(may);
        may
    }

    /// Whether the meaning of a schema depends on whether a value may be of several alternatives of a `oneOf`. One that is
    /// made of too many schemas is taken to depend on it.
    pub(crate) fn has_alternatives(&mut self, source: usize, node: Node<'d>) -> bool {
        if let Some(known) = self.alternatives.get(&node.id()) {
            return *known;
        }
        let mut seen: HashSet<NodeId, FixedState> = HashSet::default();
        let mut open = vec![node];
        let mut has = false;
        while let Some(node) = open.pop() {
            match self.alternatives.get(&node.id()).copied() {
                Some(true) => has = true,
                Some(false) => continue,
                None if !self.may_search(seen.len()) => has = true,
                None => {}
            }
            if has {
                break;
            }
            if !seen.insert(node.id()) {
                continue;
            }
            let schema = self.read(source, node);
            let is_several = |it: &Keyword<'d>| matches!(it, Keyword::OneOf(list) if list.clone().len() > 1);
            has = schema.keywords.iter().any(is_several);
            open.extend(schema.in_place());
            open.extend(schema.inside());
        }
        if !has {
            self.alternatives.extend(seen.into_iter().map(|id| (id, false)));
        }
        self.alternatives.insert(node.id(), has);
        has
    }

    /// Whether an alternative stands for null alone: it says so, or `nullable` is its only word.
    pub(crate) fn is_null(&mut self, source: usize, node: Node<'d>) -> bool {
        is_null_only(node) || self.is_only_nullable(source, node)
    }

    /// Whether `nullable` is the only word of an alternative: vendors mean null by it, and anything elsewhere.
    pub(crate) fn is_only_nullable(&mut self, source: usize, node: Node<'d>) -> bool {
        node.members().len() == 1 && {
            let schema = self.read(source, node);
            schema.keywords.is_empty() && schema.adds_null
        }
    }

    /// Follows references of schemas to what is no reference, or says more than one.
    pub(crate) fn follow_alone(&mut self, side: Side, place: Located<'d>) -> Result<Located<'d>, Unresolved> {
        let document = self.documents[side.index()];
        let reader = RefCell::new(self);
        place.follow_while(document, |here| {
            let schema = reader.borrow_mut().read(side.index(), here.node);
            schema.is_reference_alone(false)
        })
    }

    /// The names of properties that do not travel, as any of the subschemas says that speak of the same value.
    pub(crate) fn unsent(&mut self, source: usize, node: Node<'d>, direction: Option<Direction>) -> Unsent {
        let Some(direction) = direction else {
            return Unsent::default();
        };
        if let Some(known) = self.unsent.get(&(node.id(), direction)) {
            return *known;
        }
        let mut names = BTreeSet::new();
        let mut seen = HashSet::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            if !self.may_search(seen.len()) || !seen.insert(node.id()) {
                continue;
            }
            let schema = self.read(source, node);
            for (name, property) in schema.properties() {
                if self.is_unsent(source, property, direction) {
                    names.insert(name);
                }
            }
            open.extend(schema.in_place());
        }
        let unsent = self.intern(names);
        self.unsent.insert((node.id(), direction), unsent);
        unsent
    }

    pub(crate) fn names(&self, unsent: Unsent) -> Rc<BTreeSet<&'d str>> {
        Rc::clone(&self.names[unsent.0 as usize])
    }

    fn intern(&mut self, names: BTreeSet<&'d str>) -> Unsent {
        let next = Unsent(u32::try_from(self.names.len()).expect("fewer than 2^32 schemas"));
        let names = Rc::new(names);
        let id = *self.unsent_ids.entry(Rc::clone(&names)).or_insert(next);
        if id == next {
            self.names.push(names);
        }
        id
    }

    /// Whether a schema carries the flag of what does not travel, itself or through what it is made of. An alternative
    /// does not speak for the whole.
    fn is_unsent(&mut self, source: usize, node: Node<'d>, direction: Direction) -> bool {
        let mut seen = HashSet::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            if !self.may_search(seen.len()) || !seen.insert(node.id()) {
                continue;
            }
            let schema = self.read(source, node);
            if schema.is_unsent(direction) {
                return true;
            }
            for keyword in &schema.keywords {
                match keyword {
                    Keyword::Reference(target) => open.extend(*target),
                    Keyword::AllOf(parts) => open.extend(parts.clone()),
                    _ => {}
                }
            }
        }
        false
    }
}
