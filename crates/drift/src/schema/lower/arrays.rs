//! Items, their numbers, and which of them are counted.

use serde_json::{Map as JsonMap, Value};

use super::{At, Lowering, count};
use crate::member::member;
use crate::schema::lit::Lit;
use crate::schema::node::NodeId;

impl<'d> Lowering<'d> {
    pub(super) fn arrays(&mut self, at: At<'d>, map: &'d JsonMap<String, Value>, parts: &mut Vec<NodeId>) {
        let prefix = member(map, "prefixItems").and_then(Value::as_array);
        for (index, schema) in prefix.into_iter().flatten().enumerate() {
            let node = self.schema(at.inside(schema));
            parts.push(self.arena.lit(Lit::Item(index as u64, node)));
        }
        if let Some(items @ (Value::Object(_) | Value::Bool(_))) = member(map, "items") {
            let node = self.schema(at.inside(items));
            let from = prefix.map_or(0, Vec::len) as u64;
            parts.push(self.arena.lit(Lit::Rest(from, node)));
        }
        if let Some(n) = count(map, "minItems") {
            parts.push(self.arena.lit(Lit::MinItems(n)));
        }
        if let Some(n) = count(map, "maxItems") {
            parts.push(self.arena.lit(Lit::MaxItems(n)));
        }
        if member(map, "uniqueItems") == Some(&Value::Bool(true)) {
            parts.push(self.arena.lit(Lit::Unique));
        }
        if let Some(contains) = member(map, "contains") {
            let node = self.schema(at.negated(contains));
            let min = count(map, "minContains").unwrap_or(1);
            parts.push(self.arena.lit(Lit::AtLeast(0, node, min)));
            if let Some(max) = count(map, "maxContains") {
                parts.push(self.arena.lit(Lit::AtMost(0, node, max)));
            }
        }
    }
}
