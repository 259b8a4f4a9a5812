//! Structural subsumption: proves that one formula is within another by comparing their literals.
//!
//! Each kind of value is handled separately. The conjuncts of the source are asserted as in a search, and the target
//! must follow from them. The values of properties and items are pairs of their own. Such pairs may depend on each
//! other in cycles (coinduction), because each step into a property or an item leads to a smaller value. A pair that
//! is not proved here is left to the search.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::array::Arrays;
use super::constraints::{Constraints, SearchState};
use super::formula::{Arena, Formula, FormulaId, Text};
use super::literal::Literal;
use super::memo::Within;
use super::object::Objects;
use super::outcome::Outcome;
use super::solver::{Effort, Solver};
use super::types::Kind;

/// Number of calls on the stack between a formula and the next one inside it.
const CALLS: usize = 3;
/// Maximum number of nested splits on clauses of the source.
const SPLITS: usize = 2;
/// Maximum number of positions of an array that are checked one by one.
const POSITIONS: u64 = 64;

/// A step from a value to a part of it, or to the value itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inside<'s> {
    /// The value itself, as one of several alternatives.
    Itself,
    /// A property.
    Property(&'s str),
    /// An item.
    Item(u64),
}

impl<'s> Inside<'s> {
    /// A step of a path, in which `*` stands for any item or name; `None` for an alternative.
    pub(crate) fn step(step: Option<&'s str>, into_items: bool) -> Self {
        match step {
            None => Self::Itself,
            Some("*") if into_items => Self::Item(0),
            Some(index) if into_items => Self::Item(index.parse().unwrap_or(u64::MAX)),
            Some("*") => Self::Property("name0"),
            Some(name) => Self::Property(name),
        }
    }
}

/// The literals that are asserted for a source, and the formulas from which they come.
#[derive(Clone)]
pub(super) struct Premise {
    state: SearchState,
    given: Vec<FormulaId>,
}

impl Solver<'_> {
    /// Whether structure proves that the source is within the target, given that this holds for all `given` pairs.
    pub(super) fn subsumes(&mut self, pair: Within, given: &[Within]) -> bool {
        self.fuel.refill();
        if !given.is_empty() {
            self.subsumption.conditional = Some(Vec::new());
        }
        let own = (self.unfolded(pair.0), self.unfolded(pair.1));
        for &(source, target) in given {
            let premise = (self.unfolded(source), self.unfolded(target));
            // Two parts of a schema may mean the same as the schema, which does not prove itself.
            if premise != own {
                self.subsumption.prove(premise);
            }
        }
        let shown = self.is_within(pair.0, pair.1);
        for premise in self.subsumption.conditional.take().into_iter().flatten() {
            self.subsumption.proved.remove(&premise);
        }
        shown
    }

    /// Records a pair that is proved because the pairs on which it depends are proved.
    pub(super) fn note_proved(&mut self, (source, target): Within) {
        let pair = (self.unfolded(source), self.unfolded(target));
        self.subsumption.proved.insert(pair);
    }

    /// Records a pair that a search proved. Further pairs may be provable with it.
    pub(super) fn note_found(&mut self, pair: Within) {
        self.note_proved(pair);
        self.subsumption.failed.clear();
    }

    /// Records a pair that does not hold, or cannot be decided.
    pub(super) fn note_failed(&mut self, (source, target): Within) {
        let pair = (self.unfolded(source), self.unfolded(target));
        self.subsumption.refuted.insert(pair);
    }

    /// Whether a refutation of the inner pair refutes the outer one. At the location of the inner pair, the outer
    /// source must allow every value of the inner source, and the outer target must accept no more than the inner
    /// target.
    pub(super) fn lifts(&mut self, outer: Within, inside: Inside<'_>, inner: Within) -> bool {
        self.fuel.refill();
        let (kind, literal) = match inside {
            Inside::Itself => {
                let lifts = self.is_within(inner.0, outer.0)
                    && Kind::ALL
                        .into_iter()
                        .all(|kind| self.holds_of(kind, &[inner.0, outer.1], inner.1));
                return lifts && !self.fuel.is_spent();
            }
            Inside::Property(name) => {
                let name = self.arena().text(name);
                (Kind::Object, Literal::Prop(name, inner.1))
            }
            Inside::Item(index) => (Kind::Array, Literal::Item(index, inner.1)),
        };
        let Some(source) = self.premise_again(0, kind, outer.0) else {
            return false;
        };
        let value = match (&source.state.constraints, inside) {
            _ if !source.state.clauses.is_empty() => return false,
            (Constraints::Object(objects), Inside::Property(name)) if objects.some.is_empty() => {
                let name = self.arena().text(name);
                self.property(objects, name)
            }
            // If all items have the same constraints, the item can be put into any list of that length.
            (Constraints::Array(arrays), Inside::Item(index))
                if !arrays.counts() && (arrays.alike_from() == 0 || !arrays.unique && !arrays.repeats) =>
            {
                arrays.at(index)
            }
            _ => return false,
        };
        let value = self.arena().and(value);
        if self.unfolded(value) != self.unfolded(inner.0) {
            return false;
        }
        // A target that accepts no value of this kind refuses it for another reason.
        let lifts = self
            .premise_again(1, kind, outer.1)
            .is_some_and(|target| self.entails_literal(&target.state, &literal));
        lifts && !self.fuel.is_spent()
    }

    /// The formula that a reference stands for, after following chains of references.
    pub(super) fn unfolded(&mut self, id: FormulaId) -> FormulaId {
        let mut way = Vec::new();
        let mut at = id;
        while let Formula::Ref(def) = *self.lowering.arena.get(at) {
            if let Some(known) = self.subsumption.unfolded.get(&at) {
                at = *known;
                break;
            }
            way.push(at);
            at = self.body(def);
        }
        // All of these references were checked for cycles, so their formulas are final.
        let way = way.into_iter().map(|it| (it, at));
        self.subsumption.unfolded.extend(way);
        at
    }

    fn is_within(&mut self, source: FormulaId, target: FormulaId) -> bool {
        if source == target || self.wider(source).contains(&Some(target)) {
            return true;
        }
        let pair = (self.unfolded(source), self.unfolded(target));
        if pair.0 == pair.1
            || pair.0 == Arena::FALSE
            || pair.1 == Arena::TRUE
            || self.subsumption.proved.contains(&pair)
        {
            return true;
        }
        if let Some(place) = self.subsumption.assumed.get(&pair) {
            self.subsumption.leans_on = self.subsumption.leans_on.min(*place);
            return true;
        }
        if self.subsumption.failed.contains(&pair) || self.subsumption.refuted.contains(&pair) {
            return false;
        }
        if !self.fuel.step() {
            return false;
        }
        let gave_up = std::mem::take(&mut self.subsumption.gave_up);
        let leans_on = std::mem::replace(&mut self.subsumption.leans_on, usize::MAX);
        let place = self.subsumption.trail.len();
        self.subsumption.assumed.insert(pair, place);
        self.subsumption.trail.push(pair);
        let mut kinds = Kind::ALL.into_iter();
        let holds = kinds.all(|kind| self.holds_of(kind, &[source], target)) && !self.fuel.is_spent();
        let known = &mut self.subsumption;
        if holds && known.leans_on < place {
            // The pair holds if an outer pair does.
            known.leans_on = known.leans_on.min(leans_on);
        } else {
            // The pairs that were proved since then depend on no outer pair, so this pair decides about them.
            for shown in known.trail.split_off(place) {
                known.assumed.remove(&shown);
                if holds {
                    known.prove(shown);
                }
            }
            known.leans_on = leans_on;
            if !holds && !known.gave_up && !self.fuel.is_spent() {
                known.failed.insert(pair);
            }
        }
        known.gave_up |= gave_up;
        holds
    }

    /// Whether the target follows from the sources for values of one kind.
    fn holds_of(&mut self, kind: Kind, sources: &[FormulaId], target: FormulaId) -> bool {
        match self.premise(kind, sources) {
            Some(premise) => self.entails(&premise, target, SPLITS),
            None => true,
        }
    }

    /// The sources as a premise; `None` if they have no value of that kind.
    fn premise(&mut self, kind: Kind, sources: &[FormulaId]) -> Option<Premise> {
        let mut state = SearchState::new(kind);
        let alive = sources.iter().all(|id| self.assert(&mut state, *id));
        (alive && self.propagate(&mut state, Effort::Quick)).then(|| Premise {
            state,
            given: sources.to_vec(),
        })
    }

    /// The names that a source declares for its objects and that none of them lacks, apart from alternatives.
    pub(super) fn declared_names(&mut self, source: FormulaId) -> Vec<Text> {
        self.fuel.refill();
        let premise = self.premise_again(0, Kind::Object, source);
        match premise.as_deref().map(|it| &it.state.constraints) {
            Some(Constraints::Object(objects)) => {
                let names = objects.props.keys();
                names.filter(|name| !objects.lacks.contains(*name)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The same for one source, or `None` if fuel does not suffice. A schema with thousands of properties is asked about
    /// each of them, one after another, so the last premise in each role is kept.
    fn premise_again(&mut self, role: usize, kind: Kind, source: FormulaId) -> Option<Rc<Premise>> {
        let key = (kind, source);
        if let Some((known, premise)) = &self.last_premises[role]
            && *known == key
        {
            return premise.clone();
        }
        let premise = self.premise(kind, &[source]).map(Rc::new);
        let premise = premise.filter(|_| !self.fuel.is_spent());
        self.last_premises[role] = Some((key, premise.clone()));
        premise
    }

    /// Whether the target follows from the premise.
    fn entails(&mut self, premise: &Premise, target: FormulaId, splits: usize) -> bool {
        let follows = self.descend(CALLS, |this| this.entails_so_deep(premise, target, splits));
        self.subsumption.gave_up |= follows.is_err();
        follows == Ok(true)
    }

    fn entails_so_deep(&mut self, premise: &Premise, target: FormulaId, splits: usize) -> bool {
        if premise.state.asserted.contains(target) {
            return true;
        }
        let kind = premise.state.kind;
        let at_once = match self.lowering.arena.get(target).clone() {
            Formula::And(parts) => {
                // Conditions on the value itself are checked first, because they fail sooner.
                let (deeper, own): (Vec<FormulaId>, Vec<FormulaId>) =
                    parts.iter().partition(|part| self.leads_deeper(**part));
                let mut parts = own.into_iter().chain(deeper);
                return parts.all(|part| self.entails(premise, part, splits));
            }
            Formula::Kinds(kinds) => kinds.has(kind),
            Formula::Literal(literal) => {
                literal.kind() != kind || self.entails_literal(&premise.state, &literal)
            }
            Formula::Or(parts) => {
                let parts = self.in_reach(premise, &parts);
                let inner = if parts.len() == 1 { splits } else { 0 };
                self.is_given(premise, &parts) || parts.iter().any(|part| self.entails(premise, *part, inner))
            }
            Formula::OneOf(parts) => {
                let parts = self.in_reach(premise, &parts);
                (0..parts.len()).any(|index| {
                    (self.is_given(premise, &parts[index..=index]) || self.entails(premise, parts[index], 0))
                        && (0..parts.len())
                            .all(|other| other == index || self.excludes(premise, parts[other]))
                })
            }
            Formula::NotOneOf(parts) => {
                parts.iter().all(|part| self.excludes(premise, *part))
                    || parts
                        .iter()
                        .filter(|part| self.entails(premise, **part, 0))
                        .nth(1)
                        .is_some()
            }
            Formula::Ref(def) => {
                if self.is_given(premise, &[target]) {
                    return true;
                }
                let body = self.body(def);
                return self.entails(premise, body, splits);
            }
            Formula::NotRef(def) => {
                let body = self.body(def);
                let not = self.arena().not(body);
                return self.entails(premise, not, splits);
            }
            Formula::Opaque(_) | Formula::NotOpaque(_) => false,
        };
        at_once || splits > 0 && self.entails_by_cases(premise, target, splits - 1)
    }

    /// The alternatives that can hold for values of the premise, as far as kinds and tags show it.
    fn in_reach(&mut self, premise: &Premise, alternatives: &[FormulaId]) -> Vec<FormulaId> {
        let mut kept = alternatives.to_vec();
        kept.retain(|it| self.may_be(*it, premise.state.kind) && !self.is_out_of_reach(premise, *it));
        kept
    }

    /// Whether a tag of the premise shows that the formula admits none of its values.
    fn is_out_of_reach(&mut self, premise: &Premise, id: FormulaId) -> bool {
        premise.state.kind == Kind::Object && premise.given.iter().any(|given| self.are_apart(*given, id))
    }

    /// Whether a formula may restrict the values of properties or items.
    fn leads_deeper(&self, id: FormulaId) -> bool {
        matches!(
            self.lowering.arena.get(id),
            Formula::Literal(Literal::Prop(..) | Literal::Names(..) | Literal::Item(..) | Literal::Rest(..))
                | Formula::Or(_)
                | Formula::OneOf(_)
                | Formula::Ref(_)
        )
    }

    /// Whether no value of the premise satisfies a formula.
    fn excludes(&mut self, premise: &Premise, id: FormulaId) -> bool {
        let not = self.arena().not(id);
        self.entails(premise, not, 0)
    }

    /// Whether a formula of the premise is known to be within one of the targets.
    fn is_given(&mut self, premise: &Premise, targets: &[FormulaId]) -> bool {
        let targets: Vec<FormulaId> = targets.iter().map(|it| self.unfolded(*it)).collect();
        premise.given.iter().any(|source| {
            let source = self.unfolded(*source);
            let mut targets = targets.iter();
            targets.any(|target| source == *target || self.subsumption.proved.contains(&(source, *target)))
        })
    }

    /// Whether the target follows in every case of some clause.
    fn entails_by_cases(&mut self, premise: &Premise, target: FormulaId, splits: usize) -> bool {
        (0..premise.state.clauses.len()).any(|index| {
            premise.state.clauses[index].iter().all(|option| {
                if !self.fuel.work(premise.state.size()) {
                    return false;
                }
                let Some(case) = self.case(premise, index, *option) else {
                    return true;
                };
                self.entails(&case, target, splits)
            })
        })
    }

    /// The premise extended by one alternative of a clause, or `None` if no value remains.
    fn case(&mut self, premise: &Premise, clause: usize, option: FormulaId) -> Option<Premise> {
        let mut case = premise.clone();
        case.state.clauses.swap_remove(clause);
        case.given.push(option);
        let parts = self.lowering.arena.conjuncts(option);
        let is_reference = |it: &FormulaId| matches!(self.lowering.arena.get(*it), Formula::Ref(_));
        case.given.extend(parts.iter().copied().filter(is_reference));
        for part in parts {
            // A negated alternative that a tag already excludes adds nothing.
            let rival = match *self.lowering.arena.get(part) {
                Formula::NotRef(def) => self.lowering.arena.known_reference(def),
                _ => None,
            };
            let is_idle = rival.is_some_and(|it| self.is_out_of_reach(&case, it));
            if !is_idle && !self.assert(&mut case.state, part) {
                return None;
            }
        }
        self.propagate(&mut case.state, Effort::Quick).then_some(case)
    }

    fn entails_literal(&mut self, state: &SearchState, literal: &Literal) -> bool {
        match &state.constraints {
            Constraints::Object(objects) => {
                objects.knows(literal) == Some(true) || self.entails_of_object(objects, literal)
            }
            Constraints::Array(arrays) => {
                arrays.knows(literal) == Some(true) || self.entails_of_array(arrays, literal)
            }
            Constraints::Null => true,
            _ => {
                let id = self.arena().literal(literal.clone());
                let not = self.arena().not(id);
                let mut without = state.clone();
                if !self.assert(&mut without, not) {
                    return true;
                }
                match &without.constraints {
                    Constraints::Number(numbers) => numbers.solve(&mut self.fuel) == Outcome::Unsat,
                    Constraints::String(strings) if strings.is_finite() => {
                        strings.solve(&self.lowering.arena, &mut self.patterns, &mut self.fuel)
                            == Outcome::Unsat
                    }
                    _ => false,
                }
            }
        }
    }

    fn entails_of_object(&mut self, objects: &Objects, literal: &Literal) -> bool {
        match literal {
            Literal::Prop(name, target) => self.property_is_within(objects, *name, *target),
            Literal::Lacks(name) => self.property_is_within(objects, *name, Arena::FALSE),
            Literal::Names(names, target) => {
                // The names that the source restricts individually.
                let mut known: BTreeSet<Text> = objects.props.keys().collect();
                for (set, _) in &objects.names {
                    known.extend(self.excluded_names(*set));
                }
                let known_hold = known.iter().all(|name| {
                    self.is_name(*names, *name) == Some(false)
                        || self.property_is_within(objects, *name, *target)
                });
                known_hold && {
                    let others = objects
                        .names
                        .iter()
                        .filter(|(set, _)| self.covers_unknown(*set, *names));
                    let others: Vec<FormulaId> = others.map(|(_, formula)| *formula).collect();
                    let others = self.arena().and(others);
                    self.is_within(others, *target)
                }
            }
            _ => false,
        }
    }

    fn property_is_within(&mut self, objects: &Objects, name: Text, target: FormulaId) -> bool {
        if objects.lacks.contains(name) {
            return true;
        }
        let value = self.property(objects, name);
        let value = self.arena().and(value);
        self.is_within(value, target)
    }

    fn entails_of_array(&mut self, arrays: &Arrays, literal: &Literal) -> bool {
        let mut at = |index: u64, target: FormulaId| {
            arrays.max.is_some_and(|max| max <= index) || {
                let item = self.lowering.arena.and(arrays.at(index));
                self.is_within(item, target)
            }
        };
        match literal {
            Literal::Item(index, target) => at(*index, *target),
            Literal::Rest(from, target) => {
                let alike = arrays.alike_from().max(*from);
                alike - from <= POSITIONS && (*from..=alike).all(|index| at(index, *target))
            }
            _ => false,
        }
    }

    /// The names that a set of names excludes individually.
    fn excluded_names(&self, set: FormulaId) -> Vec<Text> {
        let mut names = Vec::new();
        for part in self.lowering.arena.conjuncts(set) {
            if let Formula::Literal(Literal::StrNotIn(out)) = self.lowering.arena.get(part) {
                names.extend(out.iter().copied());
            }
        }
        names
    }

    /// Whether a set contains all names of another one, except for those that it excludes individually.
    fn covers_unknown(&self, set: FormulaId, other: FormulaId) -> bool {
        let others = self.lowering.arena.conjuncts(other);
        self.lowering
            .arena
            .conjuncts(set)
            .iter()
            .all(|part| match self.lowering.arena.get(*part) {
                Formula::Kinds(kinds) => kinds.has(Kind::String),
                Formula::Literal(Literal::StrNotIn(_)) => true,
                _ => others.contains(part),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_item_or_name() {
        for (step, into_items, inside) in [
            (None, false, "Itself"),
            (Some("*"), true, "Item(0)"),
            (Some("7"), true, "Item(7)"),
            (Some("x"), true, "Item(18446744073709551615)"),
            (Some("*"), false, r#"Property("name0")"#),
            (Some("7"), false, r#"Property("7")"#),
        ] {
            assert_eq!(format!("{:?}", Inside::step(step, into_items)), inside);
        }
    }
}
