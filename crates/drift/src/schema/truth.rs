//! What is known of a formula from what was gathered of a value: at once, or by searching properties and items.

use std::rc::Rc;

use super::facts::{Facts, State};
use super::lit::Lit;
use super::node::{Node, NodeId};
use super::object::Objects;
use super::outcome::Outcome;
use super::solve::{DEEPEST, Solver};
use super::types::Kind;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Truth {
    Holds,
    Fails,
    Open,
}

impl Solver<'_> {
    /// What the facts say of a formula at once.
    pub(super) fn truth(&mut self, state: &State, id: NodeId) -> Truth {
        match self.lowering.arena.get(id) {
            Node::Kinds(kinds) if kinds.has(state.kind) => Truth::Holds,
            Node::Kinds(_) => Truth::Fails,
            Node::Lit(lit) if lit.kind() != state.kind => Truth::Holds,
            Node::Lit(lit) => match &state.facts {
                Facts::Object(objects) => match objects.knows(lit) {
                    Some(true) => Truth::Holds,
                    Some(false) => Truth::Fails,
                    None => Truth::Open,
                },
                Facts::Array(arrays) => match arrays.knows(lit) {
                    Some(true) => Truth::Holds,
                    Some(false) => Truth::Fails,
                    None => Truth::Open,
                },
                Facts::String(strings) if strings.excludes(lit) => Truth::Fails,
                Facts::Bool { yes, no } => match lit {
                    Lit::Bool(true) if !yes => Truth::Fails,
                    Lit::Bool(false) if !no => Truth::Fails,
                    _ => Truth::Open,
                },
                _ => Truth::Open,
            },
            Node::And(parts) => {
                let parts = Rc::clone(parts);
                let mut all = Truth::Holds;
                for part in parts.iter() {
                    match self.truth(state, *part) {
                        Truth::Fails => return Truth::Fails,
                        Truth::Open => all = Truth::Open,
                        Truth::Holds => {}
                    }
                }
                all
            }
            Node::Or(parts) => {
                let parts = Rc::clone(parts);
                let mut any = Truth::Fails;
                for part in parts.iter() {
                    match self.truth(state, *part) {
                        Truth::Holds => return Truth::Holds,
                        Truth::Open => any = Truth::Open,
                        Truth::Fails => {}
                    }
                }
                any
            }
            Node::Ref(_) | Node::NotRef(_) | Node::Opaque(_) | Node::NotOpaque(_) => {
                if state.taken.contains(&id) {
                    return Truth::Holds;
                }
                if self
                    .lowering
                    .arena
                    .known_not(id)
                    .is_some_and(|not| state.taken.contains(&not))
                {
                    return Truth::Fails;
                }
                match self.lowering.arena.get(id).clone() {
                    Node::Ref(_) if !self.may_be(id, state.kind) => Truth::Fails,
                    Node::NotRef(def) => {
                        let reference = self.lowering.arena.reference(def);
                        if self.may_be(reference, state.kind) {
                            Truth::Open
                        } else {
                            Truth::Holds
                        }
                    }
                    _ => Truth::Open,
                }
            }
            Node::OneOf(_) | Node::NotOneOf(_) => Truth::Open,
        }
    }

    /// What the facts say of a formula when the values of properties and items are searched, too.
    pub(super) fn look_closer(&mut self, state: &State, id: NodeId) -> Truth {
        if self.depth >= DEEPEST {
            return Truth::Open;
        }
        let lits: Vec<Lit> = match self.lowering.arena.get(id) {
            Node::Lit(lit) => vec![lit.clone()],
            Node::And(parts) => parts
                .iter()
                .filter_map(|part| match self.lowering.arena.get(*part) {
                    Node::Lit(lit) if lit.kind() == state.kind => Some(lit.clone()),
                    _ => None,
                })
                .collect(),
            _ => return Truth::Open,
        };
        let whole = match self.lowering.arena.get(id) {
            Node::And(parts) => {
                parts.len() == lits.len() || {
                    let others = parts.iter().filter(|part| {
                        !matches!(self.lowering.arena.get(**part), Node::Lit(_) | Node::Kinds(_))
                    });
                    others.count() == 0
                }
            }
            _ => true,
        };
        self.fuel.work(lits.len());
        if let Facts::Object(objects) = &state.facts {
            return self.look_closer_at_properties(objects, &lits, whole);
        }
        self.fuel.work(state.facts.size());
        let mut facts = state.facts.clone();
        if !lits.iter().all(|lit| facts.add(lit)) {
            return Truth::Fails;
        }
        match &facts {
            Facts::Array(arrays) => self.look_closer_at_items(arrays, &lits),
            Facts::Number(numbers) if numbers.solve() == Outcome::Empty => Truth::Fails,
            Facts::String(strings)
                if strings.solve(&self.lowering.arena, &mut self.patterns, &mut self.fuel)
                    == Outcome::Empty =>
            {
                Truth::Fails
            }
            _ => Truth::Open,
        }
    }

    /// For objects: what is added is seen property by property. `whole` when the literals are all that is asked.
    fn look_closer_at_properties(&mut self, objects: &Objects, lits: &[Lit], whole: bool) -> Truth {
        if lits.iter().any(|lit| objects.knows(lit) == Some(false)) {
            return Truth::Fails;
        }
        let mut implied = whole && !lits.is_empty();
        for lit in lits {
            let Lit::Prop(name, node) = lit else {
                implied &= objects.knows(lit) == Some(true);
                continue;
            };
            let before = self.property(objects, *name);
            if objects.must_have(*name) || lits.contains(&Lit::Has(*name)) {
                let mut value = before.clone();
                value.push(*node);
                if self.solve(&value) == Outcome::Empty {
                    return Truth::Fails;
                }
            }
            // Only where it is cheap to see: a tag has few values.
            implied = implied && before.iter().any(|id| self.is_scalar(*id)) && {
                let mut value = before;
                value.push(self.lowering.arena.not(*node));
                self.surely_empty(&value)
            };
        }
        if implied { Truth::Holds } else { Truth::Open }
    }

    /// Whether nothing is of all formulas, whatever the searches under way come to.
    fn surely_empty(&mut self, formulas: &[NodeId]) -> bool {
        let outer = std::mem::replace(&mut self.leans_on, usize::MAX);
        let empty = self.solve(formulas) == Outcome::Empty;
        let alone = self.leans_on == usize::MAX;
        self.leans_on = self.leans_on.min(outer);
        empty && alone
    }

    fn is_scalar(&mut self, id: NodeId) -> bool {
        let mut at = id;
        for _ in 0..8 {
            match self.lowering.arena.get(at) {
                Node::Kinds(kinds) => {
                    return *kinds == kinds.and(Kind::Array.only().or(Kind::Object.only()).not());
                }
                Node::And(parts) => {
                    return parts.iter().any(|part| match self.lowering.arena.get(*part) {
                        Node::Kinds(kinds) => !kinds.has(Kind::Array) && !kinds.has(Kind::Object),
                        _ => false,
                    });
                }
                Node::Ref(def) => {
                    let def = *def;
                    at = self.body(def);
                }
                _ => return false,
            }
        }
        false
    }
}
