//! The interned form of schemas: boolean formulas over literals, each of which restricts one kind of value.
//!
//! A literal holds for every value of another kind, like a JSON Schema keyword: `minLength` does not restrict
//! numbers. Equal formulas have equal ids, and the negation of each formula is cached.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use foldhash::fast::FixedState;

use super::literal::{Literal, Strict};
use super::sorted::distinct;
use super::types::{Kind, Kinds};

/// A map with a fast hash that is the same on every run. Its order must never matter.
pub(super) type Map<K, V> = HashMap<K, V, FixedState>;

/// A set with the same hash.
pub(super) type Set<K> = HashSet<K, FixedState>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct FormulaId(pub(super) u32);

/// A property name or a pattern, interned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Text(pub(super) u32);

/// A referenced schema, whose body is lowered when it is first needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct DefId(pub(super) u32);

/// A schema that could not be lowered to a formula. It is only known to equal itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct OpaqueId(pub(super) u32);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Formula {
    /// The value has one of these kinds. All kinds: every value; none: no value.
    Kinds(Kinds),
    Literal(Literal),
    /// Sorted, without duplicates, two or more.
    And(Rc<[FormulaId]>),
    /// Sorted, without duplicates, two or more.
    Or(Rc<[FormulaId]>),
    /// Exactly one holds; the same formula may occur twice.
    OneOf(Rc<[FormulaId]>),
    NotOneOf(Rc<[FormulaId]>),
    Ref(DefId),
    NotRef(DefId),
    Opaque(OpaqueId),
    NotOpaque(OpaqueId),
}

/// All formulas of a comparison.
#[derive(Debug)]
pub(super) struct Arena {
    formulas: Vec<Formula>,
    ids: Map<Formula, FormulaId>,
    negations: Vec<Option<FormulaId>>,
    /// The reference to each definition that has one, by the number of the definition.
    references: Vec<Option<FormulaId>>,
    texts: Vec<Rc<str>>,
    text_ids: Map<Rc<str>, Text>,
}

/// Maximum size of a conjunction that is merged into an outer one. A larger one stays a single part, so that the
/// conditions on an object with thousands of properties are not repeated for each of them.
pub(super) const WIDE: usize = 256;

impl Arena {
    pub(super) const FALSE: FormulaId = FormulaId(0);
    pub(super) const TRUE: FormulaId = FormulaId(1);

    pub(super) fn new() -> Self {
        let mut arena = Self {
            formulas: Vec::new(),
            ids: Map::default(),
            negations: Vec::new(),
            references: Vec::new(),
            texts: Vec::new(),
            text_ids: Map::default(),
        };
        arena.intern(Formula::Kinds(Kinds::NONE));
        arena.intern(Formula::Kinds(Kinds::ALL));
        arena
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.formulas.len()
    }

    pub(super) fn get(&self, id: FormulaId) -> &Formula {
        &self.formulas[id.0 as usize]
    }

    /// Whether a formula is a conjunction of more than [`WIDE`] formulas.
    pub(super) fn is_wide(&self, id: FormulaId) -> bool {
        matches!(self.get(id), Formula::And(parts) if parts.len() > WIDE)
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

    fn intern(&mut self, formula: Formula) -> FormulaId {
        if let Some(id) = self.ids.get(&formula) {
            return *id;
        }
        let id = FormulaId(u32::try_from(self.formulas.len()).expect("fewer than 2^32 formulas"));
        if let Formula::Ref(def) = formula {
            let place = def.0 as usize;
            if self.references.len() <= place {
                self.references.resize(place + 1, None);
            }
            self.references[place] = Some(id);
        }
        self.formulas.push(formula.clone());
        self.negations.push(None);
        self.ids.insert(formula, id);
        id
    }

    pub(super) fn kinds(&mut self, kinds: Kinds) -> FormulaId {
        self.intern(Formula::Kinds(kinds))
    }

    pub(super) fn kind(&mut self, kind: Kind) -> FormulaId {
        self.kinds(kind.only())
    }

    pub(super) fn reference(&mut self, def: DefId) -> FormulaId {
        let known = self.known_reference(def);
        known.unwrap_or_else(|| self.intern(Formula::Ref(def)))
    }

    /// The reference, if it exists.
    pub(super) fn known_reference(&self, def: DefId) -> Option<FormulaId> {
        self.references.get(def.0 as usize).copied().flatten()
    }

    pub(super) fn opaque(&mut self, opaque: OpaqueId) -> FormulaId {
        self.intern(Formula::Opaque(opaque))
    }

    /// A literal in its canonical form. A literal without effect becomes true; one that cannot hold excludes its
    /// kind.
    pub(super) fn literal(&mut self, literal: Literal) -> FormulaId {
        let literal = match literal {
            Literal::MinLen(0) | Literal::MinItems(0) | Literal::MinProps(0) | Literal::AtLeast(_, _, 0) => {
                return Self::TRUE;
            }
            Literal::Spells(Self::FALSE) => return self.kinds(Kind::String.only().not()),
            Literal::Unspells(Self::FALSE)
            | Literal::Prop(_, Self::TRUE)
            | Literal::Item(_, Self::TRUE)
            | Literal::Rest(_, Self::TRUE)
            | Literal::Names(_, Self::TRUE)
            | Literal::Names(Self::FALSE, _)
            | Literal::AtMost(_, Self::FALSE, _) => return Self::TRUE,
            Literal::AtLeast(_, Self::FALSE, _) => return self.kinds(Kind::Array.only().not()),
            Literal::SomeName(Self::FALSE, _) | Literal::SomeName(_, Self::FALSE) => {
                return self.kinds(Kind::Object.only().not());
            }
            Literal::Prop(name, Self::FALSE) => Literal::Lacks(name),
            Literal::Item(index, Self::FALSE) | Literal::Rest(index, Self::FALSE) => Literal::MaxItems(index),
            Literal::AtLeast(from, Self::TRUE, count) => Literal::MinItems(from.saturating_add(count)),
            Literal::AtMost(from, Self::TRUE, count) => Literal::MaxItems(from.saturating_add(count)),
            Literal::AtMost(from, formula, 0) => {
                let not = self.not(formula);
                return self.literal(Literal::Rest(from, not));
            }
            Literal::SomeName(Self::TRUE, Self::TRUE) => Literal::MinProps(1),
            Literal::Names(Self::TRUE, Self::FALSE) => Literal::MaxProps(0),
            literal => literal,
        };
        self.intern(Formula::Literal(literal))
    }

    pub(super) fn and(&mut self, parts: impl IntoIterator<Item = FormulaId>) -> FormulaId {
        let mut kinds = Kinds::ALL;
        let nested = |it: &Formula| match it {
            Formula::And(inner) if inner.len() <= WIDE => Some(Rc::clone(inner)),
            _ => None,
        };
        let mut flat = self.flat(parts, nested, |other| kinds = kinds.and(other));
        if kinds == Kinds::NONE {
            return Self::FALSE;
        }
        // A literal of an excluded kind has no effect.
        flat.retain(|id| match self.get(*id) {
            Formula::Literal(literal) => kinds.has(literal.kind()),
            _ => true,
        });
        if kinds != Kinds::ALL {
            flat.push(self.kinds(kinds));
        }
        self.joined(flat, Formula::And, Self::TRUE, Self::FALSE)
    }

    pub(super) fn or(&mut self, parts: impl IntoIterator<Item = FormulaId>) -> FormulaId {
        let mut kinds = Kinds::NONE;
        let nested = |it: &Formula| match it {
            Formula::Or(inner) => Some(Rc::clone(inner)),
            _ => None,
        };
        let mut flat = self.flat(parts, nested, |other| kinds = kinds.or(other));
        if kinds == Kinds::ALL {
            return Self::TRUE;
        }
        self.unite_sets(&mut flat);
        if kinds != Kinds::NONE {
            flat.push(self.kinds(kinds));
        }
        self.joined(flat, Formula::Or, Self::FALSE, Self::TRUE)
    }

    /// The parts of a junction, with those of a nested one in its place. `on_kinds` receives the kinds among them.
    fn flat(
        &self,
        parts: impl IntoIterator<Item = FormulaId>,
        nested: impl Fn(&Formula) -> Option<Rc<[FormulaId]>>,
        mut on_kinds: impl FnMut(Kinds),
    ) -> Vec<FormulaId> {
        let mut flat = Vec::new();
        let mut add = |id: FormulaId| match self.get(id) {
            Formula::Kinds(kinds) => on_kinds(*kinds),
            _ => flat.push(id),
        };
        for id in parts {
            match nested(self.get(id)) {
                Some(inner) => inner.iter().for_each(|id| add(*id)),
                None => add(id),
            }
        }
        flat
    }

    /// The junction of parts in canonical form: `empty` if there are none, `settled` if one is the complement of another.
    fn joined(
        &mut self,
        parts: Vec<FormulaId>,
        junction: fn(Rc<[FormulaId]>) -> Formula,
        empty: FormulaId,
        settled: FormulaId,
    ) -> FormulaId {
        let parts = distinct(parts);
        if self.has_complements(&parts) {
            return settled;
        }
        match parts.as_slice() {
            [] => empty,
            [one] => *one,
            _ => self.intern(junction(parts.into())),
        }
    }

    /// The parts of a conjunction, or else the formula itself.
    pub(super) fn conjuncts(&self, id: FormulaId) -> Vec<FormulaId> {
        match self.get(id) {
            Formula::And(parts) => parts.to_vec(),
            _ => vec![id],
        }
    }

    /// The set of strings or numbers that a formula lists, if it has no other conditions.
    pub(super) fn set(&self, id: FormulaId) -> Option<&Literal> {
        let Formula::And(parts) = self.get(id) else {
            return None;
        };
        let [one, other] = **parts else { return None };
        match (self.get(one), self.get(other)) {
            (Formula::Kinds(kinds), Formula::Literal(literal @ (Literal::StrIn(_) | Literal::NumIn(_))))
            | (Formula::Literal(literal @ (Literal::StrIn(_) | Literal::NumIn(_))), Formula::Kinds(kinds)) => {
                (*kinds == literal.kind().only()).then_some(literal)
            }
            _ => None,
        }
    }

    /// Merges all listed strings into one set, and all listed numbers into another.
    fn unite_sets(&mut self, parts: &mut Vec<FormulaId>) {
        let (mut texts, mut numbers) = (Vec::new(), Vec::new());
        parts.retain(|id| {
            match self.set(*id) {
                Some(Literal::StrIn(set)) => texts.extend(set.iter().copied()),
                Some(Literal::NumIn(set)) => numbers.extend(set.iter().cloned()),
                _ => return true,
            }
            false
        });
        let (texts, numbers) = (distinct(texts), distinct(numbers));
        let mut united = Vec::new();
        if !texts.is_empty() {
            united.push(Literal::StrIn(texts.into()));
        }
        if !numbers.is_empty() {
            united.push(Literal::NumIn(numbers.into()));
        }
        for literal in united {
            let kind = self.kind(literal.kind());
            let literal = self.literal(literal);
            parts.push(self.and([kind, literal]));
        }
    }

    /// Whether no value satisfies two of the formulas, as far as listed values and kinds show it.
    fn are_apart(&self, parts: &[FormulaId]) -> bool {
        let mut kinds = Kinds::NONE;
        let (mut texts, mut numbers) = (Vec::new(), Vec::new());
        for id in parts {
            match (self.get(*id), self.set(*id)) {
                (Formula::Kinds(other), _) if kinds.and(*other) == Kinds::NONE => kinds = kinds.or(*other),
                (_, Some(Literal::StrIn(set))) => texts.extend(set.iter().copied()),
                (_, Some(Literal::NumIn(set))) => numbers.extend(set.iter().cloned()),
                _ => return false,
            }
        }
        let (all_texts, all_numbers) = (texts.len(), numbers.len());
        let (texts, numbers) = (distinct(texts), distinct(numbers));
        (texts.len(), numbers.len()) == (all_texts, all_numbers)
            && (texts.is_empty() || !kinds.has(Kind::String))
            && (numbers.is_empty() || !kinds.has(Kind::Number))
    }

    /// Whether a formula occurs together with its negation. Only existing negations are checked; the solver finds the
    /// rest.
    fn has_complements(&self, sorted: &[FormulaId]) -> bool {
        sorted
            .iter()
            .any(|id| self.negations[id.0 as usize].is_some_and(|not| sorted.binary_search(&not).is_ok()))
    }

    pub(super) fn one_of(&mut self, mut parts: Vec<FormulaId>) -> FormulaId {
        parts.retain(|id| *id != Self::FALSE);
        parts.sort_unstable();
        match parts.as_slice() {
            [one] => *one,
            [one, other] if *one == Self::TRUE => {
                let other = *other;
                self.not(other)
            }
            all if self.are_apart(all) => self.or(parts),
            _ => self.intern(Formula::OneOf(parts.into())),
        }
    }

    /// The negation, if it exists.
    pub(super) fn known_not(&self, id: FormulaId) -> Option<FormulaId> {
        self.negations[id.0 as usize]
    }

    pub(super) fn not(&mut self, id: FormulaId) -> FormulaId {
        if let Some(not) = self.negations[id.0 as usize] {
            return not;
        }
        let not = match self.get(id).clone() {
            Formula::Kinds(kinds) => self.kinds(kinds.not()),
            Formula::And(parts) => {
                let parts: Vec<_> = parts.iter().map(|id| self.not(*id)).collect();
                self.or(parts)
            }
            Formula::Or(parts) => {
                let parts: Vec<_> = parts.iter().map(|id| self.not(*id)).collect();
                self.and(parts)
            }
            Formula::OneOf(parts) => self.intern(Formula::NotOneOf(parts)),
            Formula::NotOneOf(parts) => self.intern(Formula::OneOf(parts)),
            Formula::Ref(def) => self.intern(Formula::NotRef(def)),
            Formula::NotRef(def) => self.intern(Formula::Ref(def)),
            Formula::Opaque(opaque) => self.intern(Formula::NotOpaque(opaque)),
            Formula::NotOpaque(opaque) => self.intern(Formula::Opaque(opaque)),
            Formula::Literal(literal) => {
                let kind = self.kind(literal.kind());
                let parts = self.not_literal(literal);
                self.and(parts.into_iter().chain([kind]))
            }
        };
        self.negations[id.0 as usize] = Some(not);
        self.negations[not.0 as usize].get_or_insert(id);
        not
    }

    /// The negation of a literal among values of its kind, as conjuncts.
    fn not_literal(&mut self, literal: Literal) -> Vec<FormulaId> {
        let flip = |strict| match strict {
            Strict::No => Strict::Yes,
            Strict::Yes => Strict::No,
        };
        let not = match literal {
            Literal::Bool(b) => Literal::Bool(!b),
            Literal::NumMin(n, strict) => Literal::NumMax(n, flip(strict)),
            Literal::NumMax(n, strict) => Literal::NumMin(n, flip(strict)),
            Literal::Multiple(n) => Literal::NotMultiple(n),
            Literal::NotMultiple(n) => Literal::Multiple(n),
            Literal::NumIn(set) => Literal::NumNotIn(set),
            Literal::NumNotIn(set) => Literal::NumIn(set),
            Literal::MinLen(n) => Literal::MaxLen(n - 1),
            Literal::MaxLen(n) => match n.checked_add(1) {
                Some(n) => Literal::MinLen(n),
                None => return vec![Self::FALSE],
            },
            Literal::Pattern(p) => Literal::NotPattern(p),
            Literal::NotPattern(p) => Literal::Pattern(p),
            Literal::StrIn(set) => Literal::StrNotIn(set),
            Literal::StrNotIn(set) => Literal::StrIn(set),
            Literal::Format(f) => Literal::NotFormat(f),
            Literal::NotFormat(f) => Literal::Format(f),
            Literal::Spells(numbers) => Literal::Unspells(numbers),
            Literal::Unspells(numbers) => Literal::Spells(numbers),
            Literal::MinItems(n) => Literal::MaxItems(n - 1),
            Literal::MaxItems(n) => match n.checked_add(1) {
                Some(n) => Literal::MinItems(n),
                None => return vec![Self::FALSE],
            },
            Literal::Item(index, formula) => {
                let not = self.not(formula);
                return vec![
                    self.literal(Literal::MinItems(index.saturating_add(1))),
                    self.literal(Literal::Item(index, not)),
                ];
            }
            Literal::Rest(from, formula) => Literal::AtLeast(from, self.not(formula), 1),
            Literal::AtLeast(from, formula, n) => Literal::AtMost(from, formula, n - 1),
            Literal::AtMost(from, formula, n) => match n.checked_add(1) {
                Some(n) => Literal::AtLeast(from, formula, n),
                None => return vec![Self::FALSE],
            },
            Literal::Unique => Literal::NotUnique,
            Literal::NotUnique => Literal::Unique,
            Literal::Has(name) => Literal::Lacks(name),
            Literal::Lacks(name) => Literal::Has(name),
            Literal::Prop(name, formula) => {
                let not = self.not(formula);
                return vec![
                    self.literal(Literal::Has(name)),
                    self.literal(Literal::Prop(name, not)),
                ];
            }
            Literal::Names(names, formula) => Literal::SomeName(names, self.not(formula)),
            Literal::SomeName(names, formula) => Literal::Names(names, self.not(formula)),
            Literal::MinProps(n) => Literal::MaxProps(n - 1),
            Literal::MaxProps(n) => match n.checked_add(1) {
                Some(n) => Literal::MinProps(n),
                None => return vec![Self::FALSE],
            },
        };
        vec![self.literal(not)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only then do equal formulas have equal ids.
    #[test]
    fn literals_that_mean_the_same_are_one_formula() {
        const TRUE: FormulaId = Arena::TRUE;
        const FALSE: FormulaId = Arena::FALSE;
        let mut arena = Arena::new();
        let name = arena.text("a");
        let own = arena.literal(Literal::MinLen(3));
        let not_own = arena.not(own);
        let except = |arena: &mut Arena, kind: Kind| arena.kinds(kind.only().not());
        let [no_text, no_list, no_object] =
            [Kind::String, Kind::Array, Kind::Object].map(|kind| except(&mut arena, kind));
        for (literal, meaning) in [
            (Literal::MinLen(0), TRUE),
            (Literal::MinItems(0), TRUE),
            (Literal::MinProps(0), TRUE),
            (Literal::AtLeast(2, own, 0), TRUE),
            (Literal::Spells(FALSE), no_text),
            (Literal::Unspells(FALSE), TRUE),
            (Literal::Prop(name, TRUE), TRUE),
            (Literal::Item(2, TRUE), TRUE),
            (Literal::Rest(2, TRUE), TRUE),
            (Literal::Names(own, TRUE), TRUE),
            (Literal::Names(FALSE, own), TRUE),
            (Literal::AtMost(2, FALSE, 1), TRUE),
            (Literal::AtLeast(2, FALSE, 1), no_list),
            (Literal::SomeName(FALSE, own), no_object),
            (Literal::SomeName(own, FALSE), no_object),
        ] {
            assert_eq!(arena.literal(literal.clone()), meaning, "{literal:?}");
        }
        for (literal, same) in [
            (Literal::Prop(name, FALSE), Literal::Lacks(name)),
            (Literal::Item(2, FALSE), Literal::MaxItems(2)),
            (Literal::Rest(2, FALSE), Literal::MaxItems(2)),
            (Literal::AtLeast(2, TRUE, 3), Literal::MinItems(5)),
            (Literal::AtMost(2, TRUE, 3), Literal::MaxItems(5)),
            (Literal::AtMost(2, own, 0), Literal::Rest(2, not_own)),
            (Literal::SomeName(TRUE, TRUE), Literal::MinProps(1)),
            (Literal::Names(TRUE, FALSE), Literal::MaxProps(0)),
        ] {
            assert_eq!(arena.literal(literal.clone()), arena.literal(same), "{literal:?}");
        }
    }
}
