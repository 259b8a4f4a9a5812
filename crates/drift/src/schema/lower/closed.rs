//! Closed world: a producer emits only declared properties.
//!
//! The names may be spread over `allOf`, references and alternatives, so they are collected over all that speaks of
//! the same value. Where alternatives name different properties, each alternative is closed by itself. A reference
//! that says nothing beside, and a list of one part, are closed as what they lead to.

use std::collections::BTreeSet;

use serde_json::{Map as JsonMap, Value};

use super::{At, Lowering};
use crate::member::member;
use crate::schema::definitions::is_prose;
use crate::schema::formula::{Arena, FormulaId};
use crate::schema::literal::Literal;
use crate::schema::source::{Closing, Dialect};
use crate::schema::types::Kind;

/// The names that a schema declares, so that its producer may emit them.
#[derive(Debug, Default, Clone)]
struct Declared<'d> {
    names: BTreeSet<&'d str>,
    patterns: BTreeSet<&'d str>,
    /// Required names: they are sent even if nothing declares them.
    required: BTreeSet<&'d str>,
    /// A schema of further properties declares these as well.
    further: bool,
}

/// Schemas that speak of one value through more references than this are taken to be open.
const DEEPEST: usize = 24;

impl<'d> Lowering<'d> {
    /// The formula of a schema of which the producer emits only what it declares.
    pub(super) fn closed(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>) -> FormulaId {
        match self.lone_reference(at, map) {
            Some(reference) => self.reference(at, map, reference),
            None => self.close(at, map, &Declared::default(), 0),
        }
    }

    /// The reference that an object of keywords is, when nothing beside it speaks of values.
    fn lone_reference(&self, at: At<'d>, map: &'d JsonMap<String, Value>) -> Option<&'d str> {
        let silent = |key: &String| match key.as_str() {
            "$ref" | "readOnly" | "writeOnly" => true,
            "$schema" => false,
            key => is_prose(key),
        };
        let alone = self.sources[at.source].dialect == Dialect::OpenApi30 || map.keys().all(silent);
        member(map, "$ref").and_then(Value::as_str).filter(|_| alone)
    }

    fn close(
        &mut self,
        at: At<'d>,
        map: &'d JsonMap<String, Value>,
        outer: &Declared<'d>,
        depth: usize,
    ) -> FormulaId {
        let at = At {
            mode: at.mode.closing(Closing::Inner),
            ..at
        };
        let inner = self.conjunction(at, map);
        // The keyword whose schemas are closed each by itself.
        let key = match (member(map, "anyOf"), member(map, "oneOf"), member(map, "allOf")) {
            (Some(_), None, _) => Some("anyOf"),
            (None, Some(_), _) => Some("oneOf"),
            (None, None, Some(Value::Array(parts))) if parts.len() == 1 => Some("allOf"),
            _ => None,
        };
        let mut declared = outer.clone();
        if depth > DEEPEST || !self.declare(at, map, key, &mut declared, depth) {
            return inner;
        }
        if let Some(branches) = key.and_then(|key| member(map, key)).and_then(Value::as_array) {
            let closed: Vec<_> = branches
                .iter()
                .map(|branch| self.close_branch(at, branch, &declared, depth + 1))
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
        branch: &'d Value,
        outer: &Declared<'d>,
        depth: usize,
    ) -> FormulaId {
        let at = at.beside(branch);
        let Value::Object(map) = branch else {
            let formula = self.schema(at);
            let closure = self.closure(outer);
            return self.arena.and([formula, closure]);
        };
        if depth <= DEEPEST
            && let Some(reference) = self.lone_reference(at, map)
        {
            return match self.sources[at.source].resolve(reference, map) {
                // The closed reading of a whole component has a name of its own.
                Some(_) if outer.names.is_empty() && outer.patterns.is_empty() => self.schema(At {
                    mode: at.mode.closing(Closing::Closed),
                    ..at
                }),
                Some(target) => self.close_branch(at, target, outer, depth + 1),
                None => self.schema(at),
            };
        }
        self.close(at, map, outer, depth)
    }

    fn closure(&mut self, declared: &Declared<'d>) -> FormulaId {
        if declared.further || (declared.names.is_empty() && declared.patterns.is_empty()) {
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
    fn declare(
        &self,
        at: At<'d>,
        map: &'d JsonMap<String, Value>,
        except: Option<&str>,
        into: &mut Declared<'d>,
        depth: usize,
    ) -> bool {
        if depth > DEEPEST {
            return false;
        }
        if let Some(Value::String(reference)) = member(map, "$ref") {
            if let Some(Value::Object(target)) = self.sources[at.source].resolve(reference, map)
                && !self.declare(at, target, None, into, depth + 1)
            {
                return false;
            }
            if self.sources[at.source].dialect == Dialect::OpenApi30 {
                return true;
            }
        }
        for (key, names) in [
            ("properties", &mut into.names),
            ("patternProperties", &mut into.patterns),
        ] {
            if let Some(Value::Object(properties)) = member(map, key) {
                names.extend(properties.keys().map(String::as_str));
            }
        }
        let required = member(map, "required").and_then(Value::as_array);
        into.required
            .extend(required.into_iter().flatten().filter_map(Value::as_str));
        into.further |=
            matches!(member(map, "additionalProperties"), Some(Value::Object(it)) if !it.is_empty());
        into.further |=
            matches!(member(map, "unevaluatedProperties"), Some(Value::Object(it)) if !it.is_empty());
        let lists = ["allOf", "anyOf", "oneOf"]
            .into_iter()
            .filter(|key| Some(*key) != except);
        let listed = lists.filter_map(|key| member(map, key)?.as_array()).flatten();
        let single = ["then", "else", "if"]
            .into_iter()
            .filter_map(|key| member(map, key));
        let dependent = member(map, "dependentSchemas").and_then(Value::as_object);
        let dependent = dependent.into_iter().flatten().map(|(_, schema)| schema);
        for schema in listed.chain(single).chain(dependent) {
            if let Value::Object(map) = schema
                && !self.declare(at, map, None, into, depth + 1)
            {
                return false;
            }
        }
        true
    }
}
