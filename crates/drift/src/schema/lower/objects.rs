//! Properties, the names of properties, and how many there are.

use serde_json::{Map as JsonMap, Value};

use super::{At, Lowering, count};
use crate::member::member;
use crate::report::Direction;
use crate::schema::formula::{Arena, FormulaId, Text};
use crate::schema::literal::Literal;
use crate::schema::types::Kind;

/// The most subschemas that are searched for `readOnly` or `writeOnly`.
const MOST_SAYING: usize = 16;

impl<'d> Lowering<'d> {
    pub(super) fn objects(
        &mut self,
        at: At<'d>,
        map: &'d JsonMap<String, Value>,
        parts: &mut Vec<FormulaId>,
    ) {
        let properties = member(map, "properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            let formula = self.schema(at.inside(schema));
            let name = self.arena.text(name);
            parts.push(self.arena.literal(Literal::Prop(name, formula)));
        }
        if let Some(Value::Array(required)) = member(map, "required") {
            for name in required.iter().filter_map(Value::as_str) {
                if !self.is_hidden(at, properties, name) {
                    let name = self.arena.text(name);
                    parts.push(self.arena.literal(Literal::Has(name)));
                }
            }
        }
        let patterns = member(map, "patternProperties").and_then(Value::as_object);
        for (pattern, schema) in patterns.into_iter().flatten() {
            let formula = self.schema(at.inside(schema));
            let names = self.names_like(pattern);
            parts.push(self.arena.literal(Literal::Names(names, formula)));
        }
        if let Some(rest) = member(map, "additionalProperties") {
            let formula = self.schema(at.inside(rest));
            let names = properties
                .into_iter()
                .flatten()
                .map(|(name, _)| self.arena.text(name))
                .collect();
            let patterns: Vec<&str> = patterns
                .into_iter()
                .flatten()
                .map(|(it, _)| it.as_str())
                .collect();
            let others = self.names_except(names, &patterns);
            parts.push(self.arena.literal(Literal::Names(others, formula)));
        }
        if let Some(names) = member(map, "propertyNames") {
            let names = self.schema(at.negated(names));
            let others = self.arena.not(names);
            parts.push(self.arena.literal(Literal::Names(others, Arena::FALSE)));
        }
        if let Some(n) = count(map, "minProperties") {
            parts.push(self.arena.literal(Literal::MinProps(n)));
        }
        if let Some(n) = count(map, "maxProperties") {
            parts.push(self.arena.literal(Literal::MaxProps(n)));
        }
        let dependent = member(map, "dependentRequired").and_then(Value::as_object);
        for (name, needs) in dependent.into_iter().flatten() {
            let lacks = self.lacks(name);
            let needs: Vec<_> = needs
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let has: Vec<_> = needs
                .into_iter()
                .map(|name| {
                    let name = self.arena.text(name);
                    self.arena.literal(Literal::Has(name))
                })
                .collect();
            let has = self.arena.and(has);
            parts.push(self.arena.or([lacks, has]));
        }
        let dependent = member(map, "dependentSchemas").and_then(Value::as_object);
        for (name, schema) in dependent.into_iter().flatten() {
            let lacks = self.lacks(name);
            let formula = self.schema(at.beside(schema));
            parts.push(self.arena.or([lacks, formula]));
        }
    }

    /// The formula that no object with this property satisfies, and every other value does.
    pub(super) fn lacks(&mut self, name: &str) -> FormulaId {
        let name = self.arena.text(name);
        self.arena.literal(Literal::Lacks(name))
    }

    fn names_like(&mut self, pattern: &str) -> FormulaId {
        let pattern = self.arena.text(pattern);
        let string = self.arena.kind(Kind::String);
        let like = self.arena.literal(Literal::Pattern(pattern));
        self.arena.and([string, like])
    }

    /// The strings that are none of these names and match none of these patterns.
    pub(super) fn names_except(&mut self, mut names: Vec<Text>, patterns: &[&str]) -> FormulaId {
        names.sort_unstable();
        names.dedup();
        let mut parts = vec![self.arena.kind(Kind::String)];
        if names.is_empty() && patterns.is_empty() {
            return Arena::TRUE;
        }
        if !names.is_empty() {
            parts.push(self.arena.literal(Literal::StrNotIn(names.into())));
        }
        for pattern in patterns {
            let pattern = self.arena.text(pattern);
            parts.push(self.arena.literal(Literal::NotPattern(pattern)));
        }
        self.arena.and(parts)
    }

    /// Whether a property is not sent in this direction, so that nobody can require it: it says so itself, or what it
    /// refers to does.
    fn is_hidden(&self, at: At<'d>, properties: Option<&'d JsonMap<String, Value>>, name: &str) -> bool {
        let key = match at.mode.direction {
            Some(Direction::Request) => "readOnly",
            Some(Direction::Response) => "writeOnly",
            None => return false,
        };
        let mut open: Vec<_> = properties.and_then(|all| all.get(name)).into_iter().collect();
        for _ in 0..=MOST_SAYING {
            let Some(value) = open.pop() else { return false };
            let Value::Object(map) = value else { continue };
            if member(map, key) == Some(&Value::Bool(true)) {
                return true;
            }
            if let Some(Value::String(reference)) = member(map, "$ref") {
                open.extend(self.sources[at.source].resolve(reference, map));
            }
            let all = member(map, "allOf").and_then(Value::as_array);
            open.extend(all.into_iter().flatten());
        }
        false
    }
}
