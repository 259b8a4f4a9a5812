//! `unevaluatedProperties` and `unevaluatedItems`: the names and items they apply to depend on which alternatives
//! hold, so the schema is split by that.

use std::collections::BTreeSet;

use serde_json::{Map as JsonMap, Value};

use super::{At, Lowering};
use crate::member::member;
use crate::schema::formula::{Arena, FormulaId};
use crate::schema::literal::Literal;
use crate::schema::source::Dialect;

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
    pub(super) fn unevaluated(
        &mut self,
        at: At<'d>,
        map: &'d JsonMap<String, Value>,
        parts: &mut Vec<FormulaId>,
    ) {
        let (names, items) = (
            member(map, "unevaluatedProperties"),
            member(map, "unevaluatedItems"),
        );
        if names.is_none() && items.is_none() {
            return;
        }
        let at = At {
            mode: at.mode.open(),
            ..at
        };
        let Some(ways) = self.ways(at, map, true, 0) else {
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

    fn ways(
        &mut self,
        at: At<'d>,
        map: &'d JsonMap<String, Value>,
        outermost: bool,
        depth: usize,
    ) -> Option<Ways<'d>> {
        if depth > DEEPEST {
            return None;
        }
        let mut own = Seen::default();
        if let Some(Value::Object(properties)) = member(map, "properties") {
            own.names.extend(properties.keys().map(String::as_str));
        }
        if let Some(Value::Object(properties)) = member(map, "patternProperties") {
            own.patterns.extend(properties.keys().map(String::as_str));
        }
        own.all_names = map.contains_key("additionalProperties")
            || (!outermost && map.contains_key("unevaluatedProperties"));
        if let Some(Value::Array(prefix)) = member(map, "prefixItems") {
            own.prefix = prefix.len() as u64;
        }
        own.all_items = map.contains_key("items") || (!outermost && map.contains_key("unevaluatedItems"));
        if let Some(contains) = member(map, "contains") {
            let formula = self.schema(at.beside(contains));
            own.contains.insert(formula);
        }
        let mut ways: Ways<'d> = vec![(Arena::TRUE, own)];
        for key in ["$ref", "$dynamicRef"] {
            let Some(Value::String(reference)) = member(map, key) else {
                continue;
            };
            if key == "$dynamicRef" && self.sources[at.source].depends_on_the_way {
                return None;
            }
            let target = self.sources[at.source].resolve(reference, map)?;
            let inner = self.ways_of(at, target, depth)?;
            ways = self.both(ways, &inner)?;
            if self.sources[at.source].dialect == Dialect::OpenApi30 {
                return Some(ways);
            }
        }
        for part in member(map, "allOf")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let inner = self.ways_of(at, part, depth)?;
            ways = self.both(ways, &inner)?;
        }
        for key in ["anyOf", "oneOf"] {
            for part in member(map, key).and_then(Value::as_array).into_iter().flatten() {
                let inner = self.when(at, part, None, depth)?;
                ways = self.both(ways, &inner)?;
            }
        }
        if let Some(condition) = member(map, "if") {
            let holds = self.schema(at.beside(condition));
            let not = self.arena.not(holds);
            let mut split = Vec::new();
            for (key, guard) in [("then", holds), ("else", not)] {
                let mut branch: Ways<'d> = vec![(guard, Seen::default())];
                if key == "then" {
                    let inner = self.ways_of(at, condition, depth)?;
                    branch = self.both(branch, &inner)?;
                }
                if let Some(schema) = member(map, key) {
                    let inner = self.ways_of(at, schema, depth)?;
                    branch = self.both(branch, &inner)?;
                }
                split.extend(branch);
            }
            ways = self.both(ways, &split)?;
        }
        if let Some(Value::Object(dependent)) = member(map, "dependentSchemas") {
            for (name, schema) in dependent {
                let lacks = self.lacks(name);
                let has = self.arena.not(lacks);
                let inner = self.when(at, schema, Some(has), depth)?;
                ways = self.both(ways, &inner)?;
            }
        }
        Some(ways)
    }

    /// The ways of a subschema that must hold.
    fn ways_of(&mut self, at: At<'d>, schema: &'d Value, depth: usize) -> Option<Ways<'d>> {
        match schema {
            Value::Object(map) => self.ways(at.beside(schema), map, false, depth + 1),
            _ => Some(vec![(Arena::TRUE, Seen::default())]),
        }
    }

    /// The ways of a subschema that may hold or not: it evaluates only where it holds (or where its guard does).
    fn when(
        &mut self,
        at: At<'d>,
        schema: &'d Value,
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
