//! Builds an object that satisfies its constraints: the required names, further names if needed, and a value for each
//! name.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::formula::{Arena, Formula, FormulaId, Text};
use super::fuel::SPENT;
use super::literal::Literal;
use super::object::Objects;
use super::outcome::Outcome;
use super::solver::Solver;
use super::sorted::distinct;
use super::types::Kind;

/// Maximum number of different name sets whose combinations are all listed. With more sets, new names are searched one
/// by one.
const SETS: usize = 6;
/// Maximum number of properties that are invented to reach a minimum number.
const MADE_UP: u64 = 300;

/// The cost of looking up whether a set contains a name, in small operations.
const NAMED: usize = 16;

/// The properties chosen so far, with the schemas of their values.
type Chosen = BTreeMap<Text, Vec<FormulaId>>;

impl Solver<'_> {
    /// The conjuncts that the value of a property must satisfy.
    pub(super) fn property(&mut self, objects: &Objects, name: Text) -> Vec<FormulaId> {
        let mut value: Vec<FormulaId> = objects.props.of(name).collect();
        for (names, formula) in &objects.names {
            match self.is_name(*names, name) {
                Some(true) => value.push(*formula),
                Some(false) => {}
                None => {
                    let doubt = self
                        .lowering
                        .definitions
                        .opaque("a set of names", "a set of names is unknown");
                    value.push(self.lowering.arena.opaque(doubt));
                    if self.fuel.is_spent() {
                        break;
                    }
                }
            }
        }
        value
    }

    /// Whether a set contains a name; `None` if this is unknown.
    pub(super) fn is_name(&mut self, names: FormulaId, name: Text) -> Option<bool> {
        if !self.fuel.work(NAMED) {
            return None;
        }
        if let Some(known) = self.is_text(names, name) {
            return Some(known);
        }
        let this = self.arena().literal(Literal::StrIn([name].as_slice().into()));
        let string = self.arena().kind(Kind::String);
        match self.solve(&[names, this, string]) {
            Outcome::Sat(_) => Some(true),
            Outcome::Unsat => Some(false),
            Outcome::Unknown { .. } => None,
        }
    }

    /// Decides the same by the structure of the formula; `None` if a search is needed.
    fn is_text(&mut self, names: FormulaId, name: Text) -> Option<bool> {
        match self.lowering.arena.get(names) {
            Formula::Kinds(kinds) => Some(kinds.has(Kind::String)),
            Formula::Literal(literal) if literal.kind() != Kind::String => Some(true),
            Formula::Literal(Literal::StrIn(set)) => Some(set.binary_search(&name).is_ok()),
            Formula::Literal(Literal::StrNotIn(set)) => Some(set.binary_search(&name).is_err()),
            Formula::Literal(Literal::Pattern(pattern)) => {
                let arena = &self.lowering.arena;
                self.patterns.matches_name(arena, *pattern, name, &mut self.fuel)
            }
            Formula::Literal(Literal::NotPattern(pattern)) => {
                let arena = &self.lowering.arena;
                let matches = self.patterns.matches_name(arena, *pattern, name, &mut self.fuel);
                matches.map(|matches| !matches)
            }
            Formula::And(parts) => {
                let parts = Rc::clone(parts);
                let mut all = Some(true);
                for part in parts.iter() {
                    match self.is_text(*part, name) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => all = None,
                    }
                }
                all
            }
            _ => None,
        }
    }

    pub(super) fn solve_object(&mut self, objects: &Objects) -> Outcome {
        let mut chosen = Chosen::new();
        for name in objects.has.iter() {
            let value = self.property(objects, name);
            match self.solve(&value) {
                Outcome::Unsat => return Outcome::Unsat,
                _ => chosen.insert(name, value),
            };
        }
        self.place(objects, &objects.some, chosen)
    }

    /// Chooses a property for each demand that some property satisfies a formula, and then adds properties up to the
    /// minimum number.
    fn place(&mut self, objects: &Objects, demands: &[(FormulaId, FormulaId)], chosen: Chosen) -> Outcome {
        let Some(((names, formula), rest)) = demands.split_first() else {
            return self.fill(objects, chosen);
        };
        if !self.fuel.work(8 * (chosen.len() + objects.props.len())) {
            return Outcome::unknown(SPENT);
        }
        let known: BTreeSet<Text> = chosen.keys().copied().chain(objects.props.keys()).collect();
        let mut end = Outcome::Unsat;
        for name in &known {
            if objects.lacks.contains(*name) {
                continue;
            }
            match self.is_name(*names, *name) {
                Some(false) => continue,
                Some(true) => {}
                None => {
                    end = end.or(Outcome::unknown("a set of names is unknown"));
                    continue;
                }
            }
            let mut value = match chosen.get(name) {
                Some(value) => value.clone(),
                None => self.property(objects, *name),
            };
            value.push(*formula);
            if self.solve(&value) == Outcome::Unsat {
                continue;
            }
            self.fuel.work(4 * chosen.len());
            let mut next = chosen.clone();
            next.insert(*name, value);
            end = end.or(self.nested(1, |this| this.place(objects, rest, next)));
            if matches!(end, Outcome::Sat(_)) {
                return end;
            }
        }
        let (fresh, complete) = self.fresh(objects, (*names, *formula), &known);
        for (name, mut value) in fresh {
            value.push(*formula);
            if self.solve(&value) == Outcome::Unsat {
                continue;
            }
            let mut next = chosen.clone();
            next.insert(name, value);
            end = end.or(self.nested(1, |this| this.place(objects, rest, next)));
            if matches!(end, Outcome::Sat(_)) {
                return end;
            }
        }
        if complete {
            end
        } else {
            end.or(Outcome::unknown("the names that are left are not known"))
        }
    }

    /// Returns one new name for each combination of name sets that can contain it, with the conjuncts of its value. The
    /// name is in a demanded set, and its value should satisfy the demanded formula. The flag is set if there are
    /// certainly no more combinations.
    fn fresh(
        &mut self,
        objects: &Objects,
        (within, demanded): (FormulaId, FormulaId),
        known: &BTreeSet<Text>,
    ) -> (Vec<(Text, Vec<FormulaId>)>, bool) {
        let sets = objects.names.iter().chain(&objects.some).map(|(names, _)| *names);
        let sets = distinct(sets.filter(|set| *set != Arena::TRUE));
        let taken = distinct(known.iter().copied().chain(objects.lacks.iter()));
        let mut base = vec![self.arena().kind(Kind::String)];
        if !taken.is_empty() {
            base.push(self.arena().literal(Literal::StrNotIn(taken.into())));
        }
        if within != Arena::TRUE {
            base.push(within);
        }
        if sets.len() > SETS {
            return self.one_fresh(objects, (within, demanded), base, sets.len());
        }
        let mut complete = true;
        let mut ways: Vec<(Vec<FormulaId>, Vec<FormulaId>)> = vec![(base, Vec::new())];
        for set in &sets {
            let not = self.arena().not(*set);
            let mut split = Vec::new();
            for (name, inside) in ways {
                for (side, is_in) in [(*set, true), (not, false)] {
                    let mut name = name.clone();
                    name.push(side);
                    match self.solve(&name) {
                        Outcome::Unsat => continue,
                        Outcome::Sat(_) => {}
                        Outcome::Unknown { .. } => {
                            complete = false;
                            continue;
                        }
                    }
                    let mut inside = inside.clone();
                    if is_in {
                        inside.push(*set);
                    }
                    split.push((name, inside));
                }
            }
            ways = split;
        }
        let mut fresh = Vec::new();
        for (name, inside) in ways {
            match self.name_of(&name) {
                Outcome::Sat(text) => {
                    let text = self.arena().text(text.as_str().unwrap_or_default());
                    let value = objects
                        .names
                        .iter()
                        .filter(|(set, _)| *set == Arena::TRUE || inside.contains(set))
                        .map(|(_, formula)| *formula)
                        .collect();
                    fresh.push((text, value));
                }
                Outcome::Unsat => {}
                Outcome::Unknown { .. } => complete = false,
            }
        }
        (fresh, complete)
    }

    /// Returns one new name that satisfies `base` and whose value may satisfy the demanded formula, with the conjuncts of
    /// its value. The flag is set if there is certainly no such name.
    ///
    /// Each set that contains a name adds a conjunct to its value. So if the conjunct of one set contradicts the demand,
    /// no name of this set helps, and only the names outside of it are searched further.
    fn one_fresh(
        &mut self,
        objects: &Objects,
        (within, demanded): (FormulaId, FormulaId),
        mut base: Vec<FormulaId>,
        sets: usize,
    ) -> (Vec<(Text, Vec<FormulaId>)>, bool) {
        let is_everywhere = |set: FormulaId| set == Arena::TRUE || set == within;
        let (everywhere, elsewhere): (Vec<_>, Vec<_>) = objects
            .names
            .iter()
            .copied()
            .partition(|(set, _)| is_everywhere(*set));
        let least: Vec<FormulaId> = everywhere.into_iter().map(|(_, formula)| formula).collect();
        let is_hopeless = |this: &mut Self, formulas: &[FormulaId]| {
            let value = [least.as_slice(), formulas, &[demanded]].concat();
            this.solve(&value) == Outcome::Unsat
        };
        if is_hopeless(self, &[]) {
            return (Vec::new(), true);
        }
        let mut complete = true;
        for _ in 0..=sets {
            self.fuel.work(8 * elsewhere.len());
            let name = match self.name_of(&base) {
                Outcome::Sat(text) => self.arena().text(text.as_str().unwrap_or_default()),
                Outcome::Unsat => return (Vec::new(), complete),
                Outcome::Unknown { .. } => break,
            };
            let mut inside = Vec::new();
            for (set, formula) in &elsewhere {
                match self.is_name(*set, name) {
                    Some(true) => inside.push((*set, *formula)),
                    Some(false) => {}
                    None => return (Vec::new(), false),
                }
            }
            let formulas: Vec<FormulaId> = inside.iter().map(|(_, formula)| *formula).collect();
            if !is_hopeless(self, &formulas) {
                return (vec![(name, [least, formulas].concat())], false);
            }
            let alone: Vec<_> = inside
                .iter()
                .filter(|(_, formula)| is_hopeless(self, &[*formula]))
                .copied()
                .collect();
            // Only all of these sets together contradict the demand, so names in some of them are given up.
            complete &= !alone.is_empty();
            let excluded = if alone.is_empty() { inside } else { alone };
            for (set, _) in excluded {
                base.push(self.arena().not(set));
            }
        }
        (Vec::new(), false)
    }

    /// A text of all these formulas. An empty name has no form in some styles and is confusing in a report, so other
    /// names are preferred.
    fn name_of(&mut self, formulas: &[FormulaId]) -> Outcome {
        let empty = self.arena().text("");
        let is_spelled = self.arena().literal(Literal::StrNotIn(vec![empty].into()));
        match self.solve(&[formulas, &[is_spelled]].concat()) {
            Outcome::Sat(text) => Outcome::Sat(text),
            Outcome::Unsat | Outcome::Unknown { .. } => self.solve(formulas),
        }
    }

    fn fill(&mut self, objects: &Objects, mut chosen: Chosen) -> Outcome {
        if objects.max.is_some_and(|max| chosen.len() as u64 > max) {
            return Outcome::Unsat;
        }
        let mut doubt: Option<&str> = None;
        if (chosen.len() as u64) < objects.min {
            if objects.min > MADE_UP {
                return Outcome::unknown("so many properties are not made up");
            }
            for name in objects.props.keys() {
                if chosen.len() as u64 >= objects.min {
                    break;
                }
                if chosen.contains_key(&name) || objects.lacks.contains(name) {
                    continue;
                }
                let value = self.property(objects, name);
                match self.solve(&value) {
                    Outcome::Sat(_) => {
                        chosen.insert(name, value);
                    }
                    Outcome::Unsat => {}
                    Outcome::Unknown { .. } => doubt = Some("a property could not be decided"),
                }
            }
            while (chosen.len() as u64) < objects.min {
                let known = chosen.keys().copied().chain(objects.props.keys()).collect();
                let (fresh, complete) = self.fresh(objects, (Arena::TRUE, Arena::TRUE), &known);
                if !complete {
                    doubt = Some("the names that are left are not known");
                }
                let mut added = false;
                for (name, value) in fresh {
                    match self.solve(&value) {
                        Outcome::Sat(_) => {
                            chosen.insert(name, value);
                            added = true;
                            break;
                        }
                        Outcome::Unsat => {}
                        Outcome::Unknown { .. } => doubt = Some("a property could not be decided"),
                    }
                }
                if !added {
                    return Outcome::unsat_unless(doubt.is_some(), doubt.unwrap_or_default());
                }
            }
        }
        let (mut names, mut values, mut unknown) = (Vec::new(), Vec::new(), None);
        for (name, value) in chosen {
            let value = match self.solve(&value) {
                Outcome::Sat(value) => value,
                Outcome::Unsat => return Outcome::Unsat,
                Outcome::Unknown { why, candidate } => {
                    unknown = Some(Rc::clone(&why));
                    match candidate {
                        Some(candidate) => candidate,
                        None => return Outcome::Unknown { why, candidate: None },
                    }
                }
            };
            names.push(self.arena().str(name).to_string());
            values.push(value);
        }
        let members = names.into_iter().zip(&values);
        let whole = Outcome::whole(&values, || {
            members.map(|(name, it)| (name, (**it).clone())).collect()
        });
        whole.unless(unknown)
    }
}
