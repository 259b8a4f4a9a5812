//! From schemas as written to formulas: one conjunct per keyword.

mod arrays;
mod closed;
mod objects;
mod scalars;
mod unevaluated;
mod values;

use std::borrow::Cow;

use openapi_document::{Document, Node, Version};

use super::carrier::Forms;
use super::definitions::{Defined, Definitions};
use super::formula::{Arena, DefId, Formula, FormulaId};
use super::reading::{At, Closing, Reading};
use super::types::Kind;
use crate::options::Nullable;

/// Schemas nested deeper than this without a reference are read through one, so that no stack overflows.
const DEEPEST: usize = 48;
/// Longer lists of alternatives stay undecided.
pub(super) const WIDEST: usize = 4_096;

/// Everything that lowering reads and fills.
pub(super) struct Lowering<'d> {
    pub(super) arena: Arena,
    pub(super) documents: [&'d Document; 2],
    pub(super) reading: Reading,
    pub(super) definitions: Definitions<'d>,
    pub(super) forms: Forms,
}

impl<'d> Lowering<'d> {
    /// The formula of a schema.
    pub(super) fn schema(&mut self, at: At<'d>) -> FormulaId {
        if at.node.as_bool() == Some(false) {
            return Arena::FALSE;
        }
        // A value that is no schema admits everything.
        if at.node.members().is_empty() {
            return Arena::TRUE;
        }
        if at.depth > DEEPEST {
            return self.definition(at);
        }
        if let Some(reference) = at.node.text("$ref")
            && self.version(at) == Version::V3_0
        {
            let target = self.reference(at, reference);
            return self.or_null(at, target);
        }
        if at.mode.closing == Closing::Closed {
            return self.closed(at);
        }
        self.conjunction(at)
    }

    /// The version of OpenAPI by which a schema is read.
    fn version(&self, at: At<'d>) -> Version {
        self.documents[at.source].version()
    }

    fn definition(&mut self, at: At<'d>) -> FormulaId {
        let def = self.definitions.define(At { depth: 0, ..at });
        self.arena.reference(def)
    }

    /// The formula of a schema that is referred to, read when it is first needed.
    pub(super) fn body(&mut self, id: DefId) -> FormulaId {
        let definition = self.definitions.get(id);
        if let Some(body) = definition.body {
            return body;
        }
        let Defined::Schema(at) = definition.of else {
            return Arena::TRUE;
        };
        let body = self.schema(at);
        self.definitions.set_body(id, body);
        body
    }

    pub(super) fn opaque(&mut self, text: &str, why: &str) -> FormulaId {
        let opaque = self.definitions.opaque(text, why);
        self.arena.opaque(opaque)
    }

    /// A schema of which only that it equals itself is known.
    pub(super) fn opaque_schema(&mut self, at: At<'d>, why: &str) -> FormulaId {
        let text = self.definitions.identity(at, self.documents[at.source]);
        self.opaque(&text, why)
    }

    /// Why an object of keywords is not read: it has a keyword that is not supported and changes the meaning of others.
    fn unread(&self, at: At<'d>) -> Option<Cow<'static, str>> {
        let document = self.documents[at.source];
        if document.has_dynamic_scopes() {
            return Some("what a `$dynamicRef` means depends on the way that leads to it".into());
        }
        crate::dialect::unread(document, at.node).map(Cow::Owned)
    }

    /// What a reference that stands in a schema names.
    fn target(&self, at: At<'d>, reference: &str) -> Option<Node<'d>> {
        let target = self.documents[at.source].resolve(at.node, reference).ok()?;
        Some(target.node)
    }

    fn reference(&mut self, at: At<'d>, reference: &str) -> FormulaId {
        match self.target(at, reference) {
            Some(target) => self.definition(at.beside(target)),
            None => self.opaque_schema(at, "a reference leads out of the document or to nothing"),
        }
    }

    /// The formula of all keywords of an object, as `beside` others.
    pub(super) fn conjunction(&mut self, at: At<'d>) -> FormulaId {
        if let Some(why) = self.unread(at) {
            return self.opaque_schema(at, &why);
        }
        let mut parts = Vec::new();
        self.kinds_and_values(at, &mut parts);
        self.numbers(at, &mut parts);
        self.strings(at, &mut parts);
        self.objects(at, &mut parts);
        self.arrays(at, &mut parts);
        self.applicators(at, &mut parts);
        self.unevaluated(at, &mut parts);
        let formula = self.arena.and(parts);
        self.or_null(at, formula)
    }

    /// Whether `nullable` adds null to whatever stands beside it, a reference included.
    fn adds_null(&self, at: At<'d>) -> bool {
        let lenient = self.reading.nullable == Nullable::Lenient;
        self.version(at) == Version::V3_0 && lenient && at.is_true("nullable")
    }

    fn or_null(&mut self, at: At<'d>, formula: FormulaId) -> FormulaId {
        if !self.adds_null(at) {
            return formula;
        }
        let null = self.arena.kind(Kind::Null);
        self.arena.or([formula, null])
    }

    fn applicators(&mut self, at: At<'d>, parts: &mut Vec<FormulaId>) {
        for key in ["$ref", "$dynamicRef"] {
            if let Some(reference) = at.node.text(key) {
                let formula = self.reference(at, reference);
                parts.push(formula);
            }
        }
        for part in at.get("allOf").into_iter().flat_map(Node::items) {
            let formula = self.schema(at.beside(part));
            parts.push(formula);
        }
        for key in ["anyOf", "oneOf"] {
            let Some(branches) = self.branches(at, key) else {
                continue;
            };
            let mut formulas = Vec::with_capacity(2);
            if key == "oneOf" {
                // That its producer leaves names out does not keep a value from being of two alternatives.
                let at = At {
                    mode: at.mode.open(),
                    ..at
                };
                let open = self.branches(at, key).unwrap_or_default();
                if open != branches {
                    formulas.push(self.arena.or(branches));
                }
                formulas.push(self.arena.one_of(open));
            } else {
                formulas.push(self.arena.or(branches));
            }
            let is_wide = formulas.iter().any(|formula| match self.arena.get(*formula) {
                Formula::Or(parts) | Formula::OneOf(parts) => parts.len() > WIDEST,
                _ => false,
            });
            if is_wide {
                formulas = vec![self.opaque_schema(at, "it has too many alternatives")];
            }
            parts.extend(formulas);
        }
        if let Some(schema) = at.get("not") {
            let formula = self.schema(at.negated(schema));
            let not = self.arena.not(formula);
            parts.push(not);
        }
        if let Some(condition) = at.get("if") {
            let condition = self.schema(at.negated(condition));
            let otherwise = self.arena.not(condition);
            if let Some(then) = at.get("then") {
                let then = self.schema(at.beside(then));
                parts.push(self.arena.or([otherwise, then]));
            }
            if let Some(then) = at.get("else") {
                let then = self.schema(at.beside(then));
                parts.push(self.arena.or([condition, then]));
            }
        }
    }

    fn branches(&mut self, at: At<'d>, key: &str) -> Option<Vec<FormulaId>> {
        let branches = at.get(key)?.as_array()?;
        Some(
            branches
                .map(|branch| {
                    let branch = at.beside(branch);
                    // As the only word of an alternative `nullable` means null.
                    if self.adds_null(branch) && branch.node.members().len() == 1 {
                        return self.arena.kind(Kind::Null);
                    }
                    self.schema(branch)
                })
                .collect(),
        )
    }
}
