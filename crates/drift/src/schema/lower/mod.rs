//! From schemas as written to formulas: one conjunct per keyword.

mod arrays;
mod closed;
mod objects;
mod scalars;
mod unevaluated;
mod values;

use serde_json::{Map as JsonMap, Value};

use super::definitions::Definitions;
use super::formula::{Arena, DefId, Formula, FormulaId};
use super::source::{Closing, Dialect, Mode, Reading, Source};
use super::types::Kind;
use crate::member::member;
use crate::options::Nullable;

/// Schemas nested deeper than this without a reference are read through one, so that no stack overflows.
const DEEPEST: usize = 48;
/// Longer lists of alternatives stay undecided.
pub(super) const WIDEST: usize = 4_096;

/// A schema as written, and how it is to be read.
#[derive(Clone, Copy)]
pub(super) struct At<'d> {
    pub(super) source: usize,
    pub(super) value: &'d Value,
    pub(super) mode: Mode,
    pub(super) depth: usize,
}

impl<'d> At<'d> {
    fn of(self, value: &'d Value, mode: Mode) -> Self {
        Self {
            value,
            mode,
            depth: self.depth + 1,
            ..self
        }
    }

    /// A schema that speaks of the value of a property or an item.
    fn inside(self, value: &'d Value) -> Self {
        self.of(value, self.mode.inside())
    }

    /// A schema that speaks of the same value.
    pub(super) fn beside(self, value: &'d Value) -> Self {
        self.of(value, self.mode)
    }

    /// A schema that also says what is not: nobody emits by it.
    fn negated(self, value: &'d Value) -> Self {
        self.of(value, self.mode.open())
    }
}

/// Everything that lowering reads and fills.
pub(super) struct Lowering<'d> {
    pub(super) arena: Arena,
    pub(super) sources: Vec<Source<'d>>,
    pub(super) reading: Reading,
    pub(super) definitions: Definitions<'d>,
}

impl<'d> Lowering<'d> {
    /// The formula of a schema.
    pub(super) fn schema(&mut self, at: At<'d>) -> FormulaId {
        let map = match at.value {
            Value::Bool(false) => return Arena::FALSE,
            Value::Object(map) if !map.is_empty() => map,
            // A value that is no schema admits everything.
            _ => return Arena::TRUE,
        };
        if at.depth > DEEPEST {
            return self.definition(at);
        }
        if let Some(Value::String(reference)) = member(map, "$ref")
            && self.sources[at.source].dialect == Dialect::OpenApi30
        {
            return self.reference(at, map, reference);
        }
        if at.mode.closing == Closing::Closed {
            return self.closed(at, map);
        }
        self.conjunction(at, map)
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
        let at = definition.at;
        let body = self.schema(at);
        self.definitions.set_body(id, body);
        body
    }

    fn opaque(&mut self, text: &str, why: &str) -> FormulaId {
        let opaque = self.definitions.opaque(text, why);
        self.arena.opaque(opaque)
    }

    /// A schema of which only that it equals itself is known.
    pub(super) fn opaque_schema(&mut self, at: At<'d>, why: &str) -> FormulaId {
        let text = self.definitions.identity(at, &self.sources[at.source]);
        self.opaque(&text, why)
    }

    /// Why an object of keywords is not read: it has a keyword that is not supported and changes the meaning of others.
    fn unread(&self, at: At<'d>, map: &'d JsonMap<String, Value>) -> Option<&'static str> {
        let source = &self.sources[at.source];
        if source.dialect == Dialect::OpenApi30 {
            return None;
        }
        if source.depends_on_the_way {
            return Some("what a `$dynamicRef` means depends on the way that leads to it");
        }
        if map
            .get("$schema")
            .is_some_and(|dialect| !is_known_dialect(dialect))
        {
            return Some("its `$schema` names another dialect");
        }
        (source.dialect == Dialect::JsonSchema && map.contains_key("dependencies"))
            .then_some("`dependencies` is of an earlier dialect, and read by some validators only")
    }

    fn reference(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>, reference: &str) -> FormulaId {
        match self.sources[at.source].resolve(reference, map) {
            Some(value) => self.definition(at.beside(value)),
            None => self.opaque_schema(at, "a reference leads out of the document or to nothing"),
        }
    }

    /// The formula of all keywords of an object, as `beside` others.
    pub(super) fn conjunction(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>) -> FormulaId {
        if let Some(why) = self.unread(at, map) {
            return self.opaque_schema(at, why);
        }
        let mut parts = Vec::new();
        self.kinds_and_values(at, map, &mut parts);
        self.numbers(at, map, &mut parts);
        self.strings(map, &mut parts);
        self.objects(at, map, &mut parts);
        self.arrays(at, map, &mut parts);
        self.applicators(at, map, &mut parts);
        self.unevaluated(at, map, &mut parts);
        let formula = self.arena.and(parts);
        let lenient = self.reading.nullable == Nullable::Lenient;
        if self.sources[at.source].dialect == Dialect::OpenApi30
            && lenient
            && member(map, "nullable") == Some(&Value::Bool(true))
        {
            let null = self.arena.kind(Kind::Null);
            return self.arena.or([formula, null]);
        }
        formula
    }

    fn applicators(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>, parts: &mut Vec<FormulaId>) {
        for key in ["$ref", "$dynamicRef"] {
            if let Some(Value::String(reference)) = member(map, key) {
                let formula = self.reference(at, map, reference);
                parts.push(formula);
            }
        }
        for part in member(map, "allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let formula = self.schema(at.beside(part));
            parts.push(formula);
        }
        for key in ["anyOf", "oneOf"] {
            let Some(branches) = self.branches(at, map, key) else {
                continue;
            };
            let mut formulas = Vec::with_capacity(2);
            if key == "oneOf" {
                // That its producer leaves names out does not keep a value from being of two alternatives.
                let at = At {
                    mode: at.mode.open(),
                    ..at
                };
                let open = self.branches(at, map, key).unwrap_or_default();
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
        if let Some(schema) = member(map, "not") {
            let formula = self.schema(at.negated(schema));
            let not = self.arena.not(formula);
            parts.push(not);
        }
        if let Some(condition) = member(map, "if") {
            let condition = self.schema(at.negated(condition));
            let otherwise = self.arena.not(condition);
            if let Some(then) = member(map, "then") {
                let then = self.schema(at.beside(then));
                parts.push(self.arena.or([otherwise, then]));
            }
            if let Some(then) = member(map, "else") {
                let then = self.schema(at.beside(then));
                parts.push(self.arena.or([condition, then]));
            }
        }
    }

    fn branches(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>, key: &str) -> Option<Vec<FormulaId>> {
        let branches = member(map, key)?.as_array()?;
        Some(
            branches
                .iter()
                .map(|branch| self.schema(at.beside(branch)))
                .collect(),
        )
    }
}

/// Whether a `$schema` names a dialect whose keywords mean what they mean here.
pub(super) fn is_known_dialect(name: &Value) -> bool {
    name.as_str().is_none_or(|name| {
        matches!(
            name.trim_end_matches('#'),
            "https://json-schema.org/draft/2020-12/schema"
                | "https://spec.openapis.org/oas/3.1/dialect/base"
                | "https://spec.openapis.org/oas/3.1/dialect/2024-10-25"
                | "https://spec.openapis.org/oas/3.1/dialect/2024-11-10"
        )
    })
}

/// A count as a keyword has it; `2.0` counts too.
pub(super) fn count(map: &JsonMap<String, Value>, key: &str) -> Option<u64> {
    let value = member(map, key)?;
    value.as_u64().or_else(|| {
        let float = value.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is a whole number in range"
        )]
        (float.fract() == 0.0 && (0.0..=9e15).contains(&float)).then_some(float as u64)
    })
}
