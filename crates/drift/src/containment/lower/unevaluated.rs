//! `unevaluatedProperties` and `unevaluatedItems`: the names and items to which they apply depend on the alternatives
//! that hold, so the schema is split into cases.

use std::collections::BTreeSet;

use openapi_document::Node;

use super::Lowering;
use super::closed::Step;
use crate::containment::formula::{Arena, FormulaId};
use crate::containment::literal::Literal;
use crate::containment::reading::At;
use crate::schema::ast::{Keyword, Schema};

/// Maximum number of combinations of alternatives; a schema with more stays undecided.
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
    /// Items that match one of these schemas are evaluated.
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

/// The cases of the alternatives: a condition, and the parts that are evaluated if it holds. The conditions exclude
/// each other.
type Ways<'d> = Vec<(FormulaId, Seen<'d>)>;

impl<'d> Lowering<'d> {
    pub(super) fn unevaluated(&mut self, at: At<'d>, schema: &Schema<'d>, parts: &mut Vec<FormulaId>) {
        let (mut names, mut items) = (None, None);
        for keyword in &schema.keywords {
            match keyword {
                Keyword::UnevaluatedProperties(schema) => names = Some(*schema),
                Keyword::UnevaluatedItems(schema) => items = Some(*schema),
                _ => {}
            }
        }
        if names.is_none() && items.is_none() {
            return;
        }
        let Some(ways) = self.ways(at.open(), schema, true, 0) else {
            parts.push(self.opaque_schema(at.open(), "what is unevaluated depends on too many alternatives"));
            return;
        };
        let names = names.map(|schema| self.inside(at.open(), Step::UNLISTED, schema));
        let items = items.map(|schema| self.inside(at.open(), Step::Item, schema));
        let unsent = self.reader.names(at.mode.unsent);
        let mut split = Vec::new();
        for (condition, seen) in ways {
            let mut this = vec![condition];
            if let Some(schema) = names
                && !seen.all_names
            {
                let names = seen.names.iter().chain(&*unsent);
                let names = names.map(|name| self.arena.text(name)).collect();
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

    fn ways(&mut self, at: At<'d>, schema: &Schema<'d>, outermost: bool, depth: usize) -> Option<Ways<'d>> {
        if depth > DEEPEST {
            return None;
        }
        let mut own = Seen::default();
        for keyword in &schema.keywords {
            match keyword {
                Keyword::Properties(all) => own.names.extend(all.clone().keys()),
                Keyword::PatternProperties(all) => own.patterns.extend(all.iter().map(|(it, _)| *it)),
                Keyword::EveryProperty(..) | Keyword::AdditionalProperties(_) => own.all_names = true,
                Keyword::UnevaluatedProperties(_) => own.all_names |= !outermost,
                Keyword::Items(_) => own.all_items = true,
                Keyword::UnevaluatedItems(_) => own.all_items |= !outermost,
                Keyword::Contains(item, ..) => {
                    let formula = self.inside(at.to_the_letter(), Step::Item, *item);
                    own.contains.insert(formula);
                }
                _ => {}
            }
        }
        own.prefix = schema.prefix_items();
        let mut ways: Ways<'d> = vec![(Arena::TRUE, own)];
        for keyword in &schema.keywords {
            match keyword {
                Keyword::Reference(None) | Keyword::DynamicReference(..) | Keyword::Unread(_) => return None,
                Keyword::Reference(Some(target)) => {
                    let inner = self.ways_of(at, *target, depth)?;
                    ways = self.both(ways, &inner)?;
                }
                Keyword::AllOf(list) => {
                    for part in list.clone() {
                        let inner = self.ways_of(at, part, depth)?;
                        ways = self.both(ways, &inner)?;
                    }
                }
                Keyword::AnyOf(list) | Keyword::OneOf(list) => {
                    for part in list.clone() {
                        let at = self.alternative(at, list, part);
                        let inner = self.when(at, part, None, depth)?;
                        ways = self.both(ways, &inner)?;
                    }
                }
                Keyword::Conditional {
                    condition,
                    then,
                    otherwise,
                } => {
                    let holds = self.schema(at.beside(*condition));
                    let fails = self.arena.not(holds);
                    let tested = self.ways_of(at, *condition, depth)?;
                    let mut split = self.both(vec![(holds, Seen::default())], &tested)?;
                    if let Some(then) = then {
                        let inner = self.ways_of(at, *then, depth)?;
                        split = self.both(split, &inner)?;
                    }
                    let mut other: Ways<'d> = vec![(fails, Seen::default())];
                    if let Some(otherwise) = otherwise {
                        let inner = self.ways_of(at, *otherwise, depth)?;
                        other = self.both(other, &inner)?;
                    }
                    split.extend(other);
                    ways = self.both(ways, &split)?;
                }
                Keyword::DependentSchemas(all) => {
                    for (name, schema) in all.clone() {
                        let lacks = self.lacks(at, name);
                        let has = self.arena.not(lacks);
                        let inner = self.when(at, schema, Some(has), depth)?;
                        ways = self.both(ways, &inner)?;
                    }
                }
                _ => {}
            }
        }
        Some(ways)
    }

    /// The cases of a subschema that must hold.
    fn ways_of(&mut self, at: At<'d>, schema: Node<'d>, depth: usize) -> Option<Ways<'d>> {
        let at = at.beside(schema);
        let schema = self.read(at);
        self.ways(at, &schema, false, depth + 1)
    }

    /// The cases of a subschema that may hold or not. It evaluates parts only if it holds, or if its guard does.
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
