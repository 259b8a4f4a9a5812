//! Items, their numbers, and which of them are counted.

use openapi_document::Node;

use super::Lowering;
use crate::containment::formula::FormulaId;
use crate::containment::literal::Literal;
use crate::containment::reading::At;

impl<'d> Lowering<'d> {
    pub(super) fn arrays(&mut self, at: At<'d>, parts: &mut Vec<FormulaId>) {
        let prefix = || at.get("prefixItems").into_iter().flat_map(Node::items);
        for (index, schema) in prefix().enumerate() {
            let formula = self.schema(at.inside(schema));
            parts.push(self.arena.literal(Literal::Item(index as u64, formula)));
        }
        let items = at.get("items");
        if let Some(items) = items.filter(|it| it.is_object() || it.as_bool().is_some()) {
            let formula = self.schema(at.inside(items));
            let from = prefix().count() as u64;
            parts.push(self.arena.literal(Literal::Rest(from, formula)));
        }
        if let Some(n) = at.count("minItems") {
            parts.push(self.arena.literal(Literal::MinItems(n)));
        }
        if let Some(n) = at.count("maxItems") {
            parts.push(self.arena.literal(Literal::MaxItems(n)));
        }
        if at.is_true("uniqueItems") {
            parts.push(self.arena.literal(Literal::Unique));
        }
        if let Some(contains) = at.get("contains") {
            let formula = self.schema(at.negated(contains));
            let min = at.count("minContains").unwrap_or(1);
            parts.push(self.arena.literal(Literal::AtLeast(0, formula, min)));
            if let Some(max) = at.count("maxContains") {
                parts.push(self.arena.literal(Literal::AtMost(0, formula, max)));
            }
        }
    }
}
