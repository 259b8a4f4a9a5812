//! Properties, the names of properties, and how many there are.

use openapi_document::Node;

use super::Lowering;
use crate::containment::formula::{Arena, FormulaId, Text};
use crate::containment::literal::Literal;
use crate::containment::reading::At;
use crate::containment::types::Kind;
use crate::report::Direction;

/// The most subschemas that are searched for `readOnly` or `writeOnly`.
const MOST_SAYING: usize = 16;

impl<'d> Lowering<'d> {
    pub(super) fn objects(&mut self, at: At<'d>, parts: &mut Vec<FormulaId>) {
        let members = |key: &str| at.get(key).into_iter().flat_map(Node::members);
        for (name, schema) in members("properties") {
            if self.is_hidden(at, name) {
                continue;
            }
            let formula = self.schema(at.inside(schema));
            let name = self.arena.text(name);
            parts.push(self.arena.literal(Literal::Prop(name, formula)));
        }
        let required = at.get("required").into_iter().flat_map(Node::items);
        for name in required.filter_map(Node::as_str) {
            if !self.is_hidden(at, name) {
                let name = self.arena.text(name);
                parts.push(self.arena.literal(Literal::Has(name)));
            }
        }
        for (pattern, schema) in members("patternProperties") {
            let formula = self.schema(at.inside(schema));
            let names = self.names_like(pattern);
            parts.push(self.arena.literal(Literal::Names(names, formula)));
        }
        if let Some(rest) = at.get("additionalProperties") {
            let formula = self.schema(at.inside(rest));
            let names = members("properties")
                .map(|(name, _)| self.arena.text(name))
                .collect();
            let patterns: Vec<&str> = members("patternProperties").map(|(it, _)| it).collect();
            let others = self.names_except(names, &patterns);
            parts.push(self.arena.literal(Literal::Names(others, formula)));
        }
        if let Some(names) = at.get("propertyNames") {
            let names = self.schema(at.negated(names));
            let others = self.arena.not(names);
            parts.push(self.arena.literal(Literal::Names(others, Arena::FALSE)));
        }
        if let Some(n) = at.count("minProperties") {
            parts.push(self.arena.literal(Literal::MinProps(n)));
        }
        if let Some(n) = at.count("maxProperties") {
            parts.push(self.arena.literal(Literal::MaxProps(n)));
        }
        for (name, needs) in members("dependentRequired") {
            let lacks = self.lacks(name);
            let has: Vec<_> = needs
                .items()
                .filter_map(Node::as_str)
                .map(|name| {
                    let name = self.arena.text(name);
                    self.arena.literal(Literal::Has(name))
                })
                .collect();
            let has = self.arena.and(has);
            parts.push(self.arena.or([lacks, has]));
        }
        for (name, schema) in members("dependentSchemas") {
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

    /// Whether a property does not travel in this direction, so that neither its name nor its value counts: it says so
    /// itself, or what it refers to does.
    pub(super) fn is_hidden(&self, at: At<'d>, name: &str) -> bool {
        let key = match at.mode.direction {
            Some(Direction::Request) => "readOnly",
            Some(Direction::Response) => "writeOnly",
            None => return false,
        };
        let property = at.get("properties").and_then(|all| all.get(name));
        let mut open: Vec<_> = property.map(|it| at.beside(it)).into_iter().collect();
        for _ in 0..=MOST_SAYING {
            let Some(here) = open.pop() else { return false };
            if here.is_true(key) {
                return true;
            }
            if let Some(reference) = here.node.text("$ref") {
                open.extend(self.target(here, reference).map(|it| here.beside(it)));
            }
            let all = here.get("allOf").into_iter().flat_map(Node::items);
            open.extend(all.map(|it| here.beside(it)));
        }
        false
    }
}
