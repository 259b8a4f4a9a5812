//! Closed world: a producer emits only declared properties.
//!
//! The names may be spread over `allOf`, references and alternatives, so they are collected over all that speaks of
//! the same value. Where alternatives name different properties, each alternative is closed by itself. A reference
//! that says nothing beside, and a list of one part, are closed as what they lead to.

use std::collections::{BTreeSet, HashSet};

use openapi_document::Node;

use super::Lowering;
use crate::containment::formula::{Arena, FormulaId};
use crate::containment::literal::Literal;
use crate::containment::reading::{At, Closing};
use crate::containment::types::Kind;
use crate::schema::ast::{Keyword, Schema};

/// The names that a schema declares, so that its producer may emit them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Declared<'d> {
    names: BTreeSet<&'d str>,
    patterns: BTreeSet<&'d str>,
    /// Required names: they are sent even if nothing declares them.
    required: BTreeSet<&'d str>,
    /// A schema of further properties declares these as well.
    further: bool,
}

impl Declared<'_> {
    fn is_bare(&self) -> bool {
        self.names.is_empty() && self.patterns.is_empty()
    }
}

/// Alternatives within alternatives deeper than this are taken to be open.
const DEEPEST: usize = 24;
/// Schemas that are searched for the names that they declare, at most; one that is made of more is taken to be open.
const MOST: usize = 4_096;

impl<'d> Lowering<'d> {
    /// The formula of a schema of which the producer emits only what it declares.
    pub(super) fn closed(&mut self, at: At<'d>, schema: &Schema<'d>) -> FormulaId {
        match schema.lone_reference() {
            Some(target) => self.reference(at, target),
            None => self.close(at, schema, Declared::default(), 0),
        }
    }

    /// The formula of a schema beside others that declare names.
    fn close(&mut self, at: At<'d>, schema: &Schema<'d>, outer: Declared<'d>, depth: usize) -> FormulaId {
        let at = at.closing(Closing::Inner);
        let inner = self.schema(at);
        if depth > DEEPEST {
            return inner;
        }
        let key = (at.node.id(), at.mode, outer);
        if let Some(known) = self.known_closed.get(&key) {
            return *known;
        }
        // Where a schema that inherits from this one was chosen, the alternatives have nothing left to say.
        let is_chosen = at.mode.is_chosen && schema.discriminator().is_some();
        let branches = closed_by_branch(schema).filter(|_| !is_chosen);
        let Some(declared) = self.declared(at, schema, branches, key.2.clone()) else {
            return inner;
        };
        let closure =
            if let Some(Keyword::AnyOf(list) | Keyword::OneOf(list) | Keyword::AllOf(list)) = branches {
                let inherits = matches!(branches, Some(Keyword::AllOf(_))) && !schema.is_wrapper();
                let tags: Vec<_> = list
                    .clone()
                    .map(|branch| self.tagged(at, schema, branch))
                    .collect();
                let tagged = self.arena.or(tags.iter().flatten().copied());
                // An alternative that no tag chooses does not hold in place of one that is chosen.
                let untagged = self.arena.not(tagged);
                let closed: Vec<_> = list
                    .clone()
                    .zip(tags)
                    .map(|(branch, tagged)| {
                        let part = if inherits { at.inheriting() } else { at };
                        let closed = self.close_branch(part, branch, &declared, depth + 1);
                        self.arena.and([closed, tagged.unwrap_or(untagged)])
                    })
                    .collect();
                // Only objects are closed; what else is admitted, as null may be beside the alternatives, stays.
                let others = self.arena.kinds(Kind::Object.only().not());
                self.arena.or(closed.into_iter().chain([others]))
            } else {
                let own = self.closure(at, &declared);
                self.closed_by_tag(at, schema, own)
            };
        let formula = self.arena.and([inner, closure]);
        self.known_closed.insert(key, formula);
        formula
    }

    fn close_branch(
        &mut self,
        at: At<'d>,
        branch: Node<'d>,
        outer: &Declared<'d>,
        depth: usize,
    ) -> FormulaId {
        if self.reader.is_only_nullable(at.source, branch) {
            return self.arena.kind(Kind::Null);
        }
        let at = at.beside(branch);
        let schema = self.read(at);
        if let Some(target) = schema.lone_reference().filter(|_| depth <= DEEPEST) {
            return match target {
                Some(target) if !outer.is_bare() => self.close_branch(at, target, outer, depth + 1),
                // The closed reading of a whole component has a name of its own.
                _ => self.schema(at.closing(Closing::Closed)),
            };
        }
        self.close(at, &schema, outer.clone(), depth)
    }

    fn closure(&mut self, at: At<'d>, declared: &Declared<'d>) -> FormulaId {
        if declared.further || declared.is_bare() {
            return Arena::TRUE;
        }
        let unsent = self.reader.names(at.mode.unsent);
        let names = declared.names.union(&declared.required);
        let names: Vec<_> = names
            .filter(|name| !unsent.contains(*name))
            .map(|name| self.arena.text(name))
            .collect();
        let patterns: Vec<&str> = declared.patterns.iter().copied().collect();
        let others = self.names_except(names, &patterns);
        self.arena.literal(Literal::Names(others, Arena::FALSE))
    }

    /// All that a schema declares of its value beside what others do, without the alternatives under `except`; nothing
    /// when it is made of too many schemas.
    fn declared(
        &mut self,
        at: At<'d>,
        schema: &Schema<'d>,
        except: Option<&Keyword<'d>>,
        outer: Declared<'d>,
    ) -> Option<Declared<'d>> {
        let mut declared = outer;
        let mut seen = HashSet::new();
        let mut open = self.declare(at, schema, except, &mut declared);
        while let Some(node) = open.pop() {
            if seen.len() == MOST {
                return None;
            }
            if seen.insert(node.id()) {
                let schema = self.read(at.beside(node));
                open.extend(self.declare(at, &schema, None, &mut declared));
            }
        }
        Some(declared)
    }

    /// Collects what the keywords of a schema declare; returns the subschemas that speak of the same value.
    fn declare(
        &mut self,
        at: At<'d>,
        schema: &Schema<'d>,
        except: Option<&Keyword<'d>>,
        into: &mut Declared<'d>,
    ) -> Vec<Node<'d>> {
        let mut deeper = Vec::new();
        for keyword in &schema.keywords {
            match keyword {
                Keyword::Properties(all) => into.names.extend(all.clone().keys()),
                Keyword::PatternProperties(all) => into.patterns.extend(all.clone().keys()),
                Keyword::Required(names) => into.required.extend(names.clone().filter_map(Node::as_str)),
                Keyword::AdditionalProperties(rest) | Keyword::UnevaluatedProperties(rest) => {
                    // What only describes further names declares none.
                    into.further |= rest.is_object() && !self.read(at.beside(*rest)).is_silent();
                }
                Keyword::Conditional { condition, .. } => deeper.push(*condition),
                _ => {}
            }
            if !except.is_some_and(|except| std::ptr::eq(except, keyword)) {
                keyword.in_place(&mut deeper);
            }
        }
        deeper
    }
}

/// The alternatives, or the only part, of which each is closed by itself.
fn closed_by_branch<'s, 'd>(schema: &'s Schema<'d>) -> Option<&'s Keyword<'d>> {
    let is_list = |it: &&Keyword<'d>| matches!(it, Keyword::AnyOf(_) | Keyword::OneOf(_));
    let mut lists = schema.keywords.iter().filter(is_list);
    match (lists.next(), lists.next()) {
        (Some(list), None) => Some(list),
        (None, _) => {
            let mut all = schema.keywords.iter();
            all.find(|it| matches!(it, Keyword::AllOf(list) if list.clone().len() == 1))
        }
        _ => None,
    }
}
