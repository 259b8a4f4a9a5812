//! Items, their numbers, and which of them are counted.

use serde_json::{Map as JsonMap, Value};

use super::{At, Lowering, count};
use crate::member::member;
use crate::schema::formula::FormulaId;
use crate::schema::literal::Literal;

impl<'d> Lowering<'d> {
    pub(super) fn arrays(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>, parts: &mut Vec<FormulaId>) {
        let prefix = member(map, "prefixItems").and_then(Value::as_array);
        for (index, schema) in prefix.into_iter().flatten().enumerate() {
            let formula = self.schema(at.inside(schema));
            parts.push(self.arena.literal(Literal::Item(index as u64, formula)));
        }
        if let Some(items @ (Value::Object(_) | Value::Bool(_))) = member(map, "items") {
            let formula = self.schema(at.inside(items));
            let from = prefix.map_or(0, Vec::len) as u64;
            parts.push(self.arena.literal(Literal::Rest(from, formula)));
        }
        if let Some(n) = count(map, "minItems") {
            parts.push(self.arena.literal(Literal::MinItems(n)));
        }
        if let Some(n) = count(map, "maxItems") {
            parts.push(self.arena.literal(Literal::MaxItems(n)));
        }
        if member(map, "uniqueItems") == Some(&Value::Bool(true)) {
            parts.push(self.arena.literal(Literal::Unique));
        }
        if let Some(contains) = member(map, "contains") {
            let formula = self.schema(at.negated(contains));
            let min = count(map, "minContains").unwrap_or(1);
            parts.push(self.arena.literal(Literal::AtLeast(0, formula, min)));
            if let Some(max) = count(map, "maxContains") {
                parts.push(self.arena.literal(Literal::AtMost(0, formula, max)));
            }
        }
    }
}
