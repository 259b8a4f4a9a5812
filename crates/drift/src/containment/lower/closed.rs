//! Closed world: a producer emits only declared properties.
//!
//! The names may be spread over `allOf`, references and alternatives, so they are collected over all that speaks of
//! the same value. Where alternatives name different properties, each alternative is closed by itself. A reference
//! that says nothing beside, and a list of one part, are closed as what they lead to.

use std::collections::BTreeSet;

use openapi_document::{Node, Version};

use super::Lowering;
use crate::containment::definitions::is_prose;
use crate::containment::formula::{Arena, FormulaId, Text};
use crate::containment::literal::Literal;
use crate::containment::reading::{At, Closing};
use crate::containment::types::Kind;

/// The names that a schema declares, so that its producer may emit them.
#[derive(Debug, Default, Clone)]
struct Declared<'d> {
    names: BTreeSet<&'d str>,
    patterns: BTreeSet<&'d str>,
    /// Some of what is declared does not travel in this direction.
    hides: bool,
    /// Required names: they are sent even if nothing declares them.
    required: BTreeSet<&'d str>,
    /// A schema of further properties declares these as well.
    further: bool,
}

/// Schemas that speak of one value through more references than this are taken to be open.
const DEEPEST: usize = 24;

impl<'d> Lowering<'d> {
    /// The formula of a schema of which the producer emits only what it declares.
    pub(super) fn closed(&mut self, at: At<'d>) -> FormulaId {
        match self.lone_reference(at) {
            Some(reference) => {
                let target = self.reference(at, reference);
                self.or_null(at, target)
            }
            None => self.close(at, &Declared::default(), 0),
        }
    }

    /// The reference that an object of keywords is, when nothing beside it speaks of values.
    fn lone_reference(&self, at: At<'d>) -> Option<&'d str> {
        let silent = |key: &str| match key {
            "$ref" | "readOnly" | "writeOnly" => true,
            "$schema" => false,
            key => is_prose(key),
        };
        let alone = self.version(at) == Version::V3_0 || at.node.members().keys().all(silent);
        at.node.text("$ref").filter(|_| alone)
    }

    fn close(&mut self, at: At<'d>, outer: &Declared<'d>, depth: usize) -> FormulaId {
        let at = At {
            mode: at.mode.closing(Closing::Inner),
            ..at
        };
        let inner = self.conjunction(at);
        // The keyword whose schemas are closed each by itself.
        let key = match (at.get("anyOf"), at.get("oneOf"), at.get("allOf")) {
            (Some(_), None, _) => Some("anyOf"),
            (None, Some(_), _) => Some("oneOf"),
            (None, None, Some(parts)) if parts.items().len() == 1 => Some("allOf"),
            _ => None,
        };
        let mut declared = outer.clone();
        if depth > DEEPEST || !self.declare(at, key, &mut declared, depth) {
            return inner;
        }
        if let Some(branches) = key.and_then(|key| at.get(key)).and_then(Node::as_array) {
            let closed: Vec<_> = branches
                .map(|branch| {
                    let closed = self.close_branch(at, branch, &declared, depth + 1);
                    match self.tagged(at, branch) {
                        Some(tagged) => self.arena.and([closed, tagged]),
                        None => closed,
                    }
                })
                .collect();
            // Only objects are closed; what else is admitted, as null may be beside the alternatives, stays.
            let others = self.arena.kinds(Kind::Object.only().not());
            let closed = self.arena.or(closed.into_iter().chain([others]));
            return self.arena.and([inner, closed]);
        }
        let closure = self.closure(&declared);
        self.arena.and([inner, closure])
    }

    fn close_branch(
        &mut self,
        at: At<'d>,
        branch: Node<'d>,
        outer: &Declared<'d>,
        depth: usize,
    ) -> FormulaId {
        let at = at.beside(branch);
        if !branch.is_object() {
            let formula = self.schema(at);
            let closure = self.closure(outer);
            return self.arena.and([formula, closure]);
        }
        if depth <= DEEPEST
            && let Some(reference) = self.lone_reference(at)
        {
            return match self.target(at, reference) {
                // The closed reading of a whole component has a name of its own.
                Some(_) if outer.names.is_empty() && outer.patterns.is_empty() && !outer.hides => self
                    .schema(At {
                        mode: at.mode.closing(Closing::Closed),
                        ..at
                    }),
                Some(target) => self.close_branch(at, target, outer, depth + 1),
                None => self.schema(at),
            };
        }
        self.close(at, outer, depth)
    }

    /// The objects whose tag chooses an alternative: a producer writes the tag of a `discriminator`, one of those that are
    /// mapped to the alternative or the name of its component.
    fn tagged(&mut self, at: At<'d>, branch: Node<'d>) -> Option<FormulaId> {
        let discriminator = at.get("discriminator")?;
        let (name, reference) = (discriminator.text("propertyName")?, branch.text("$ref")?);
        let component = reference.rsplit('/').next()?;
        let mapping = discriminator.get("mapping").into_iter().flat_map(Node::members);
        let leads_here = |target: Node<'d>| {
            let target = target.as_str();
            target == Some(reference) || target == Some(component)
        };
        let mut tags: Vec<Text> = mapping
            .filter(|(_, target)| leads_here(*target))
            .map(|(tag, _)| self.arena.text(tag))
            .collect();
        if tags.is_empty() {
            tags.push(self.arena.text(component));
        }
        tags.sort_unstable();
        let kind = self.arena.kind(Kind::String);
        let tag = self.arena.literal(Literal::StrIn(tags.into()));
        let tag = self.arena.and([kind, tag]);
        let name = self.arena.text(name);
        let parts = [
            self.arena.kind(Kind::Object),
            self.arena.literal(Literal::Has(name)),
            self.arena.literal(Literal::Prop(name, tag)),
        ];
        Some(self.arena.and(parts))
    }

    fn closure(&mut self, declared: &Declared<'d>) -> FormulaId {
        let says_none = declared.names.is_empty() && declared.patterns.is_empty() && !declared.hides;
        if declared.further || says_none {
            return Arena::TRUE;
        }
        let names = declared.names.union(&declared.required);
        let names = names.map(|name| self.arena.text(name)).collect();
        let patterns: Vec<&str> = declared.patterns.iter().copied().collect();
        let others = self.names_except(names, &patterns);
        self.arena.literal(Literal::Names(others, Arena::FALSE))
    }

    /// Collects what an object of keywords declares of its value, without the alternatives under `except`; `false`
    /// when that leads too deep.
    fn declare(&self, at: At<'d>, except: Option<&str>, into: &mut Declared<'d>, depth: usize) -> bool {
        if depth > DEEPEST {
            return false;
        }
        if let Some(reference) = at.node.text("$ref") {
            if let Some(target) = self.target(at, reference)
                && target.is_object()
                && !self.declare(at.beside(target), None, into, depth + 1)
            {
                return false;
            }
            if self.version(at) == Version::V3_0 {
                return true;
            }
        }
        for name in at
            .get("properties")
            .into_iter()
            .flat_map(|it| it.members().keys())
        {
            if self.is_hidden(at, name) {
                into.hides = true;
            } else {
                into.names.insert(name);
            }
        }
        let patterns = at.get("patternProperties").into_iter();
        into.patterns.extend(patterns.flat_map(|it| it.members().keys()));
        let required = at.get("required").into_iter().flat_map(Node::items);
        let required = required.filter_map(Node::as_str);
        into.required
            .extend(required.filter(|name| !self.is_hidden(at, name)));
        let says_more = |key: &str| at.get(key).is_some_and(|it| !it.members().is_empty());
        into.further |= says_more("additionalProperties") || says_more("unevaluatedProperties");
        let lists = ["allOf", "anyOf", "oneOf"]
            .into_iter()
            .filter(|key| Some(*key) != except);
        let listed = lists.filter_map(|key| at.get(key)?.as_array()).flatten();
        let single = ["then", "else", "if"].into_iter().filter_map(|key| at.get(key));
        let dependent = at.get("dependentSchemas").into_iter();
        let dependent = dependent.flat_map(|it| it.members().values());
        for schema in listed.chain(single).chain(dependent) {
            if schema.is_object() && !self.declare(at.beside(schema), None, into, depth + 1) {
                return false;
            }
        }
        true
    }
}
