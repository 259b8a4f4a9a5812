//! `unevaluatedProperties` and `unevaluatedItems`: the names and items they apply to depend on which alternatives
//! hold, so the schema is split by that.

use std::collections::BTreeSet;

use openapi_document::{Node, Version};

use super::Lowering;
use crate::containment::formula::{Arena, FormulaId};
use crate::containment::literal::Literal;
use crate::containment::reading::At;

/// More combinations of alternatives than this stay undecided.
const WIDEST: usize = 64;
const DEEPEST: usize = 16;

/// The properties and items that the keywords of a schema have evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Seen<'d> {
    names: BTreeSet<&'d str>,
    patterns: BTreeSet<&'d str>,
    all_names: bool,
    prefix: u64,
    all_items: bool,
    /// Items of one of these schemas are seen.
    contains: BTreeSet<FormulaId>,
}

impl Seen<'_> {
    fn merge(&mut self, other: &Self) {
        self.names.extend(&other.names);
        self.patterns.extend(&other.patterns);
        self.all_names |= other.all_names;
        self.prefix = self.prefix.max(other.prefix);
        self.all_items |= other.all_items;
        self.contains.extend(&other.contains);
    }
}

/// The ways in which the alternatives can turn out: a condition, and what is evaluated where it holds. The conditions
/// exclude each other.
type Ways<'d> = Vec<(FormulaId, Seen<'d>)>;

impl<'d> Lowering<'d> {
    pub(super) fn unevaluated(&mut self, at: At<'d>, parts: &mut Vec<FormulaId>) {
        let (names, items) = (at.get("unevaluatedProperties"), at.get("unevaluatedItems"));
        if names.is_none() && items.is_none() {
            return;
        }
        let at = At {
            mode: at.mode.open(),
            ..at
        };
        let Some(ways) = self.ways(at, true, 0) else {
            parts.push(self.opaque_schema(at, "what is unevaluated depends on too many alternatives"));
            return;
        };
        let names = names.map(|schema| self.schema(at.beside(schema)));
        let items = items.map(|schema| self.schema(at.beside(schema)));
        let mut split = Vec::new();
        for (condition, seen) in ways {
            let mut this = vec![condition];
            if let Some(schema) = names
                && !seen.all_names
            {
                let names = seen.names.iter().map(|name| self.arena.text(name)).collect();
                let patterns: Vec<&str> = seen.patterns.iter().copied().collect();
                let others = self.names_except(names, &patterns);
                this.push(self.arena.literal(Literal::Names(others, schema)));
            }
            if let Some(schema) = items
                && !seen.all_items
            {
                let allowed = self.arena.or(seen.contains.iter().copied().chain([schema]));
                this.push(self.arena.literal(Literal::Rest(seen.prefix, allowed)));
            }
            split.push(self.arena.and(this));
        }
        let formula = self.arena.or(split);
        parts.push(formula);
    }

    fn ways(&mut self, at: At<'d>, outermost: bool, depth: usize) -> Option<Ways<'d>> {
        if depth > DEEPEST {
            return None;
        }
        let mut own = Seen::default();
        let members = |key: &str| at.get(key).into_iter().flat_map(Node::members);
        let items = |key: &str| at.get(key).into_iter().flat_map(Node::items);
        let says = |key: &str| at.get(key).is_some();
        own.names.extend(members("properties").map(|(name, _)| name));
        own.patterns
            .extend(members("patternProperties").map(|(pattern, _)| pattern));
        own.all_names = says("additionalProperties") || (!outermost && says("unevaluatedProperties"));
        own.prefix = items("prefixItems").count() as u64;
        own.all_items = says("items") || (!outermost && says("unevaluatedItems"));
        if let Some(contains) = at.get("contains") {
            let formula = self.schema(at.beside(contains));
            own.contains.insert(formula);
        }
        let mut ways: Ways<'d> = vec![(Arena::TRUE, own)];
        for key in ["$ref", "$dynamicRef"] {
            let Some(reference) = at.node.text(key) else {
                continue;
            };
            if key == "$dynamicRef" && self.documents[at.source].has_dynamic_scopes() {
                return None;
            }
            let target = self.target(at, reference)?;
            let inner = self.ways_of(at, target, depth)?;
            ways = self.both(ways, &inner)?;
            if self.version(at) == Version::V3_0 {
                return Some(ways);
            }
        }
        for part in items("allOf") {
            let inner = self.ways_of(at, part, depth)?;
            ways = self.both(ways, &inner)?;
        }
        for key in ["anyOf", "oneOf"] {
            for part in items(key) {
                let inner = self.when(at, part, None, depth)?;
                ways = self.both(ways, &inner)?;
            }
        }
        if let Some(condition) = at.get("if") {
            let holds = self.schema(at.beside(condition));
            let not = self.arena.not(holds);
            let mut split = Vec::new();
            for (key, guard) in [("then", holds), ("else", not)] {
                let mut branch: Ways<'d> = vec![(guard, Seen::default())];
                if key == "then" {
                    let inner = self.ways_of(at, condition, depth)?;
                    branch = self.both(branch, &inner)?;
                }
                if let Some(schema) = at.get(key) {
                    let inner = self.ways_of(at, schema, depth)?;
                    branch = self.both(branch, &inner)?;
                }
                split.extend(branch);
            }
            ways = self.both(ways, &split)?;
        }
        for (name, schema) in members("dependentSchemas") {
            let lacks = self.lacks(name);
            let has = self.arena.not(lacks);
            let inner = self.when(at, schema, Some(has), depth)?;
            ways = self.both(ways, &inner)?;
        }
        Some(ways)
    }

    /// The ways of a subschema that must hold.
    fn ways_of(&mut self, at: At<'d>, schema: Node<'d>, depth: usize) -> Option<Ways<'d>> {
        if schema.is_object() {
            self.ways(at.beside(schema), false, depth + 1)
        } else {
            Some(vec![(Arena::TRUE, Seen::default())])
        }
    }

    /// The ways of a subschema that may hold or not: it evaluates only where it holds (or where its guard does).
    fn when(
        &mut self,
        at: At<'d>,
        schema: Node<'d>,
        guard: Option<FormulaId>,
        depth: usize,
    ) -> Option<Ways<'d>> {
        let inner = self.ways_of(at, schema, depth)?;
        if inner.iter().all(|(_, seen)| *seen == Seen::default()) {
            return Some(vec![(Arena::TRUE, Seen::default())]);
        }
        let holds = match guard {
            Some(guard) => guard,
            None => self.schema(at.beside(schema)),
        };
        let mut ways: Ways<'d> = Vec::new();
        for (condition, seen) in inner {
            ways.push((self.arena.and([holds, condition]), seen));
        }
        ways.push((self.arena.not(holds), Seen::default()));
        Some(ways)
    }

    fn both(&mut self, left: Ways<'d>, right: &Ways<'d>) -> Option<Ways<'d>> {
        if left.len() * right.len() > WIDEST {
            return None;
        }
        let mut both = Vec::new();
        for (condition, seen) in left {
            for (other, also) in right {
                let condition = self.arena.and([condition, *other]);
                if condition == Arena::FALSE {
                    continue;
                }
                let mut seen = seen.clone();
                seen.merge(also);
                both.push((condition, seen));
            }
        }
        Some(both)
    }
}
