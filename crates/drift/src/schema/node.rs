//! The interned form of schemas: boolean formulas over literals, each of which speaks of one kind of value.
//!
//! A literal holds for every value of another kind, as a JSON Schema keyword does (`minLength` says nothing of
//! numbers). Equal formulas have equal ids, and each formula knows its negation.

use std::collections::HashMap;
use std::rc::Rc;

use foldhash::fast::FixedState;

use super::lit::{Lit, Strict};
use super::types::{Kind, Kinds};

/// A map whose order never matters, hashed fast and alike on every run.
pub(super) type Map<K, V> = HashMap<K, V, FixedState>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NodeId(pub(super) u32);

/// A property name or a pattern, interned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Text(pub(super) u32);

/// A schema that something refers to; its body is lowered when it is first needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct DefId(pub(super) u32);

/// A schema that could not be read as a formula: only that it equals itself is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct OpaqueId(pub(super) u32);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Node {
    /// The value is of one of these kinds. All kinds: every value; none: no value.
    Kinds(Kinds),
    Lit(Lit),
    /// Sorted, without duplicates, two or more.
    And(Rc<[NodeId]>),
    /// Sorted, without duplicates, two or more.
    Or(Rc<[NodeId]>),
    /// Exactly one holds; the same formula may stand in it twice.
    OneOf(Rc<[NodeId]>),
    NotOneOf(Rc<[NodeId]>),
    Ref(DefId),
    NotRef(DefId),
    Opaque(OpaqueId),
    NotOpaque(OpaqueId),
}

/// All formulas of a comparison.
#[derive(Debug)]
pub(super) struct Arena {
    nodes: Vec<Node>,
    ids: Map<Node, NodeId>,
    negations: Vec<Option<NodeId>>,
    texts: Vec<Rc<str>>,
    text_ids: Map<Rc<str>, Text>,
}

impl Arena {
    pub(super) const FALSE: NodeId = NodeId(0);
    pub(super) const TRUE: NodeId = NodeId(1);

    pub(super) fn new() -> Self {
        let mut arena = Self {
            nodes: Vec::new(),
            ids: Map::default(),
            negations: Vec::new(),
            texts: Vec::new(),
            text_ids: Map::default(),
        };
        arena.intern(Node::Kinds(Kinds::NONE));
        arena.intern(Node::Kinds(Kinds::ALL));
        arena
    }

    pub(super) fn get(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(super) fn text(&mut self, text: &str) -> Text {
        if let Some(id) = self.text_ids.get(text) {
            return *id;
        }
        let id = Text(u32::try_from(self.texts.len()).expect("fewer than 2^32 names"));
        let shared: Rc<str> = text.into();
        self.texts.push(Rc::clone(&shared));
        self.text_ids.insert(shared, id);
        id
    }

    pub(super) fn str(&self, text: Text) -> &Rc<str> {
        &self.texts[text.0 as usize]
    }

    fn intern(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.ids.get(&node) {
            return *id;
        }
        let id = NodeId(u32::try_from(self.nodes.len()).expect("fewer than 2^32 formulas"));
        self.nodes.push(node.clone());
        self.negations.push(None);
        self.ids.insert(node, id);
        id
    }

    pub(super) fn kinds(&mut self, kinds: Kinds) -> NodeId {
        self.intern(Node::Kinds(kinds))
    }

    pub(super) fn kind(&mut self, kind: Kind) -> NodeId {
        self.kinds(kind.only())
    }

    pub(super) fn reference(&mut self, def: DefId) -> NodeId {
        self.intern(Node::Ref(def))
    }

    /// The reference, if it was ever made.
    pub(super) fn known_reference(&self, def: DefId) -> Option<NodeId> {
        self.ids.get(&Node::Ref(def)).copied()
    }

    pub(super) fn opaque(&mut self, opaque: OpaqueId) -> NodeId {
        self.intern(Node::Opaque(opaque))
    }

    /// A literal in its canonical form: one that says nothing is true, one that cannot hold excludes its kind.
    pub(super) fn lit(&mut self, lit: Lit) -> NodeId {
        let lit = match lit {
            Lit::MinLen(0) | Lit::MinItems(0) | Lit::MinProps(0) | Lit::AtLeast(_, _, 0) => {
                return Self::TRUE;
            }
            Lit::Prop(_, Self::TRUE)
            | Lit::Item(_, Self::TRUE)
            | Lit::Rest(_, Self::TRUE)
            | Lit::Names(_, Self::TRUE)
            | Lit::Names(Self::FALSE, _)
            | Lit::AtMost(_, Self::FALSE, _) => return Self::TRUE,
            Lit::AtLeast(_, Self::FALSE, _) => return self.kinds(Kind::Array.only().not()),
            Lit::SomeName(Self::FALSE, _) | Lit::SomeName(_, Self::FALSE) => {
                return self.kinds(Kind::Object.only().not());
            }
            Lit::Prop(name, Self::FALSE) => Lit::Lacks(name),
            Lit::Item(index, Self::FALSE) | Lit::Rest(index, Self::FALSE) => Lit::MaxItems(index),
            Lit::AtLeast(from, Self::TRUE, count) => Lit::MinItems(from.saturating_add(count)),
            Lit::AtMost(from, Self::TRUE, count) => Lit::MaxItems(from.saturating_add(count)),
            Lit::AtMost(from, node, 0) => {
                let not = self.not(node);
                return self.lit(Lit::Rest(from, not));
            }
            Lit::SomeName(Self::TRUE, Self::TRUE) => Lit::MinProps(1),
            Lit::Names(Self::TRUE, Self::FALSE) => Lit::MaxProps(0),
            lit => lit,
        };
        self.intern(Node::Lit(lit))
    }

    pub(super) fn and(&mut self, parts: impl IntoIterator<Item = NodeId>) -> NodeId {
        let mut kinds = Kinds::ALL;
        let mut flat = Vec::new();
        for id in parts {
            match self.get(id) {
                Node::Kinds(other) => kinds = kinds.and(*other),
                Node::And(inner) => {
                    for id in inner.iter() {
                        match self.get(*id) {
                            Node::Kinds(other) => kinds = kinds.and(*other),
                            _ => flat.push(*id),
                        }
                    }
                }
                _ => flat.push(id),
            }
        }
        if kinds == Kinds::NONE {
            return Self::FALSE;
        }
        // A literal of a kind that is excluded says nothing.
        flat.retain(|id| match self.get(*id) {
            Node::Lit(lit) => kinds.has(lit.kind()),
            _ => true,
        });
        if kinds != Kinds::ALL {
            flat.push(self.kinds(kinds));
        }
        flat.sort_unstable();
        flat.dedup();
        if self.has_complements(&flat) {
            return Self::FALSE;
        }
        match flat.as_slice() {
            [] => Self::TRUE,
            [one] => *one,
            _ => self.intern(Node::And(flat.into())),
        }
    }

    pub(super) fn or(&mut self, parts: impl IntoIterator<Item = NodeId>) -> NodeId {
        let mut kinds = Kinds::NONE;
        let mut flat = Vec::new();
        for id in parts {
            match self.get(id) {
                Node::Kinds(other) => kinds = kinds.or(*other),
                Node::Or(inner) => {
                    for id in inner.iter() {
                        match self.get(*id) {
                            Node::Kinds(other) => kinds = kinds.or(*other),
                            _ => flat.push(*id),
                        }
                    }
                }
                _ => flat.push(id),
            }
        }
        if kinds == Kinds::ALL {
            return Self::TRUE;
        }
        self.unite_sets(&mut flat);
        if kinds != Kinds::NONE {
            flat.push(self.kinds(kinds));
        }
        flat.sort_unstable();
        flat.dedup();
        if self.has_complements(&flat) {
            return Self::TRUE;
        }
        match flat.as_slice() {
            [] => Self::FALSE,
            [one] => *one,
            _ => self.intern(Node::Or(flat.into())),
        }
    }

    /// The set that a formula is, where it lists strings or numbers and says no more.
    fn set(&self, id: NodeId) -> Option<&Lit> {
        let Node::And(parts) = self.get(id) else {
            return None;
        };
        let [one, other] = **parts else { return None };
        match (self.get(one), self.get(other)) {
            (Node::Kinds(kinds), Node::Lit(lit @ (Lit::StrIn(_) | Lit::NumIn(_))))
            | (Node::Lit(lit @ (Lit::StrIn(_) | Lit::NumIn(_))), Node::Kinds(kinds)) => {
                (*kinds == lit.kind().only()).then_some(lit)
            }
            _ => None,
        }
    }

    /// Makes one set of all listed strings and one of all listed numbers.
    fn unite_sets(&mut self, parts: &mut Vec<NodeId>) {
        let (mut texts, mut numbers) = (Vec::new(), Vec::new());
        let mut sets = 0;
        for id in parts.iter() {
            match self.set(*id) {
                Some(Lit::StrIn(set)) => texts.extend(set.iter().copied()),
                Some(Lit::NumIn(set)) => numbers.extend(set.iter().cloned()),
                _ => continue,
            }
            sets += 1;
        }
        if sets < 2 {
            return;
        }
        parts.retain(|id| self.set(*id).is_none());
        texts.sort_unstable();
        texts.dedup();
        numbers.sort_unstable();
        numbers.dedup();
        let mut united = Vec::new();
        if !texts.is_empty() {
            united.push(Lit::StrIn(texts.into()));
        }
        if !numbers.is_empty() {
            united.push(Lit::NumIn(numbers.into()));
        }
        for lit in united {
            let kind = self.kind(lit.kind());
            let lit = self.lit(lit);
            parts.push(self.and([kind, lit]));
        }
    }

    /// Whether no value is of two of them, as far as listed values and kinds show it.
    fn are_apart(&self, parts: &[NodeId]) -> bool {
        let mut kinds = Kinds::NONE;
        let (mut texts, mut numbers) = (Vec::new(), Vec::new());
        for id in parts {
            match (self.get(*id), self.set(*id)) {
                (Node::Kinds(other), _) if kinds.and(*other) == Kinds::NONE => kinds = kinds.or(*other),
                (_, Some(Lit::StrIn(set))) => texts.extend(set.iter().copied()),
                (_, Some(Lit::NumIn(set))) => numbers.extend(set.iter().cloned()),
                _ => return false,
            }
        }
        let (all_texts, all_numbers) = (texts.len(), numbers.len());
        texts.sort_unstable();
        texts.dedup();
        numbers.sort_unstable();
        numbers.dedup();
        (texts.len(), numbers.len()) == (all_texts, all_numbers)
            && (texts.is_empty() || !kinds.has(Kind::String))
            && (numbers.is_empty() || !kinds.has(Kind::Number))
    }

    /// Only negations that were already made are seen; the solver finds the rest.
    fn has_complements(&self, sorted: &[NodeId]) -> bool {
        sorted
            .iter()
            .any(|id| self.negations[id.0 as usize].is_some_and(|not| sorted.binary_search(&not).is_ok()))
    }

    pub(super) fn one_of(&mut self, mut parts: Vec<NodeId>) -> NodeId {
        parts.retain(|id| *id != Self::FALSE);
        parts.sort_unstable();
        match parts.as_slice() {
            [] => Self::FALSE,
            [one] => *one,
            [one, other] if *one == Self::TRUE => {
                let other = *other;
                self.not(other)
            }
            all if self.are_apart(all) => self.or(parts),
            _ => self.intern(Node::OneOf(parts.into())),
        }
    }

    /// The negation, if it was ever made.
    pub(super) fn known_not(&self, id: NodeId) -> Option<NodeId> {
        self.negations[id.0 as usize]
    }

    pub(super) fn not(&mut self, id: NodeId) -> NodeId {
        if let Some(not) = self.negations[id.0 as usize] {
            return not;
        }
        let not = match self.get(id).clone() {
            Node::Kinds(kinds) => self.kinds(kinds.not()),
            Node::And(parts) => {
                let parts: Vec<_> = parts.iter().map(|id| self.not(*id)).collect();
                self.or(parts)
            }
            Node::Or(parts) => {
                let parts: Vec<_> = parts.iter().map(|id| self.not(*id)).collect();
                self.and(parts)
            }
            Node::OneOf(parts) => self.intern(Node::NotOneOf(parts)),
            Node::NotOneOf(parts) => self.intern(Node::OneOf(parts)),
            Node::Ref(def) => self.intern(Node::NotRef(def)),
            Node::NotRef(def) => self.intern(Node::Ref(def)),
            Node::Opaque(opaque) => self.intern(Node::NotOpaque(opaque)),
            Node::NotOpaque(opaque) => self.intern(Node::Opaque(opaque)),
            Node::Lit(lit) => {
                let kind = self.kind(lit.kind());
                let parts = self.not_lit(lit);
                self.and(parts.into_iter().chain([kind]))
            }
        };
        self.negations[id.0 as usize] = Some(not);
        self.negations[not.0 as usize].get_or_insert(id);
        not
    }

    /// What holds of values of the literal's kind of which the literal does not hold.
    fn not_lit(&mut self, lit: Lit) -> Vec<NodeId> {
        let flip = |strict| match strict {
            Strict::No => Strict::Yes,
            Strict::Yes => Strict::No,
        };
        let not = match lit {
            Lit::Bool(b) => Lit::Bool(!b),
            Lit::NumMin(n, strict) => Lit::NumMax(n, flip(strict)),
            Lit::NumMax(n, strict) => Lit::NumMin(n, flip(strict)),
            Lit::Multiple(n) => Lit::NotMultiple(n),
            Lit::NotMultiple(n) => Lit::Multiple(n),
            Lit::NumIn(set) => Lit::NumNotIn(set),
            Lit::NumNotIn(set) => Lit::NumIn(set),
            Lit::MinLen(n) => Lit::MaxLen(n - 1),
            Lit::MaxLen(n) => match n.checked_add(1) {
                Some(n) => Lit::MinLen(n),
                None => return vec![Self::FALSE],
            },
            Lit::Pattern(p) => Lit::NotPattern(p),
            Lit::NotPattern(p) => Lit::Pattern(p),
            Lit::StrIn(set) => Lit::StrNotIn(set),
            Lit::StrNotIn(set) => Lit::StrIn(set),
            Lit::Format(f) => Lit::NotFormat(f),
            Lit::NotFormat(f) => Lit::Format(f),
            Lit::MinItems(n) => Lit::MaxItems(n - 1),
            Lit::MaxItems(n) => match n.checked_add(1) {
                Some(n) => Lit::MinItems(n),
                None => return vec![Self::FALSE],
            },
            Lit::Item(index, node) => {
                let not = self.not(node);
                return vec![
                    self.lit(Lit::MinItems(index.saturating_add(1))),
                    self.lit(Lit::Item(index, not)),
                ];
            }
            Lit::Rest(from, node) => Lit::AtLeast(from, self.not(node), 1),
            Lit::AtLeast(from, node, n) => Lit::AtMost(from, node, n - 1),
            Lit::AtMost(from, node, n) => match n.checked_add(1) {
                Some(n) => Lit::AtLeast(from, node, n),
                None => return vec![Self::FALSE],
            },
            Lit::Unique => Lit::NotUnique,
            Lit::NotUnique => Lit::Unique,
            Lit::Has(name) => Lit::Lacks(name),
            Lit::Lacks(name) => Lit::Has(name),
            Lit::Prop(name, node) => {
                let not = self.not(node);
                return vec![self.lit(Lit::Has(name)), self.lit(Lit::Prop(name, not))];
            }
            Lit::Names(names, node) => Lit::SomeName(names, self.not(node)),
            Lit::SomeName(names, node) => Lit::Names(names, self.not(node)),
            Lit::MinProps(n) => Lit::MaxProps(n - 1),
            Lit::MaxProps(n) => match n.checked_add(1) {
                Some(n) => Lit::MinProps(n),
                None => return vec![Self::FALSE],
            },
        };
        vec![self.lit(not)]
    }
}
