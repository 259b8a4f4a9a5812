//! Answers questions: a search, then a check by the independent judge, and then a reduction to the smallest witness.

use std::cell::OnceCell;
use std::rc::Rc;

use openapi_document::{Document, Node};
use openapi_wire::Contract;
use serde_json::Value;

use super::carrier::Carrier;
use super::definitions::Definitions;
use super::formula::{self, FormulaId};
use super::fuel::Fuel;
use super::judged::{Doubt, judge};
use super::lower::Lowering;
use super::outcome::Outcome;
use super::reading::{At, Closing, Mode, Reading, Scope, Shared};
use super::shrink::shrink;
use super::solver::Solver;
use super::types::Kind;
use super::verdict::{Refutation, Verdict, World};
use crate::instance::{exact_numbers, instance};
use crate::report::Direction;
use crate::schema::ast::Keyword;
use crate::schema::reader::Reader;

/// The other schemas of the same value, stored by [`Engine::beside`]; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Beside(u32);

/// A schema, its document, and how it is read.
#[derive(Clone, Copy)]
pub(super) struct Question<'d> {
    pub(super) source: usize,
    pub(super) schema: Node<'d>,
    /// The other schemas that apply to the same value.
    pub(super) beside: Beside,
    pub(super) direction: Option<Direction>,
    pub(super) carrier: Carrier,
    /// Whether a value may match several alternatives of a `oneOf`.
    pub(super) takes_overlaps: bool,
}

impl Question<'_> {
    /// The same question for a schema with exclusive alternatives.
    fn to_the_letter(self) -> Self {
        Self {
            takes_overlaps: false,
            ..self
        }
    }
}

/// The reserve that all questions share, in tanks of fuel: the minimum, the addition for each megabyte of the
/// documents, and the maximum.
const LEAST_RESERVE: u64 = 16;
const RESERVE_A_MEGABYTE: u64 = 8;
const LARGEST_RESERVE: u64 = 64;

/// The reserve for documents of a length in bytes.
pub(super) fn reserve(bytes: usize) -> u64 {
    let megabytes = bytes as u64 / 1_000_000;
    (LEAST_RESERVE + RESERVE_A_MEGABYTE * megabytes).min(LARGEST_RESERVE)
}

/// Maximum number of values that the judge is asked about one by one.
const LISTED: usize = 256;

pub(super) struct Engine<'d> {
    pub(super) solver: Solver<'d>,
    /// The independent judge of each document's schemas.
    pub(super) judges: [Contract<'d>; 2],
    /// The same judges for questions in which a value may match several alternatives.
    pub(super) lenient_judges: [OnceCell<Contract<'d>>; 2],
    /// Searches that ran out of fuel, with the fuel that they were granted. They cannot be decided with less.
    spent: formula::Map<(FormulaId, FormulaId), (u64, Outcome)>,
    /// Whether the last question is one of these, so that it was answered without a search.
    is_known_spent: bool,
    /// The lists of other schemas of the same value; the first list is empty.
    beside: Vec<Vec<Node<'d>>>,
    faults: u64,
    /// Budget of value parts that may still be built to show something.
    pub(super) unbuilt: usize,
    /// The reason why a value could be neither built nor ruled out, since it was last asked for.
    pub(super) doubt: Option<Rc<str>>,
}

/// Maximum number of parts in all values that are built to show something. The budget is granted once for drifts by
/// themselves, and once more for messages.
const MOST_BUILT: usize = 150_000;

impl<'d> Engine<'d> {
    pub(super) fn new(documents: [&'d Document; 2], reading: Reading, fuel: u64) -> Self {
        let mut definitions = Definitions::default();
        definitions.classify(&documents);
        let reader = Reader::new(documents, reading.nullable);
        let fuel = Fuel::new(fuel, reserve(reader.bytes()));
        Self {
            solver: Solver::new(Lowering::new(reader, reading, definitions), fuel),
            judges: documents.map(|document| judge(document, reading)),
            lenient_judges: Default::default(),
            spent: formula::Map::default(),
            is_known_spent: false,
            beside: vec![Vec::new()],
            faults: 0,
            unbuilt: MOST_BUILT,
            doubt: None,
        }
    }

    /// Stores schemas that apply to the same value as another one.
    pub(super) fn beside(&mut self, schemas: Vec<Node<'d>>) -> Beside {
        self.beside.push(schemas);
        Beside(u32::try_from(self.beside.len() - 1).expect("fewer than 2^32 schemas"))
    }

    /// The schema of a question and those beside it.
    pub(super) fn schemas(&self, question: Question<'d>) -> impl Iterator<Item = Node<'d>> {
        let beside = &self.beside[question.beside.0 as usize];
        std::iter::once(question.schema).chain(beside.iter().copied())
    }

    pub(super) fn faults(&self) -> u64 {
        self.faults
    }

    pub(super) fn judges(&self) -> &[Contract<'d>; 2] {
        &self.judges
    }

    /// Renews the budgets that all questions share.
    pub(super) fn renew(&mut self) {
        self.solver.fuel.renew();
        self.unbuilt = MOST_BUILT;
    }

    /// Whether the budget for building values is spent.
    pub(super) fn is_spent(&self) -> bool {
        self.unbuilt == 0
    }

    /// The cost of the last question, in small operations.
    #[cfg(test)]
    pub(super) fn cost(&self) -> u64 {
        self.solver.fuel.taken()
    }

    /// The number of formulas so far.
    #[cfg(test)]
    pub(super) fn formulas(&self) -> usize {
        self.solver.lowering.arena.len()
    }

    pub(super) fn form(&mut self, fields: Vec<(String, Carrier)>) -> Carrier {
        Carrier::Form(self.solver.lowering.forms.intern(fields))
    }

    pub(super) fn carrier_inside(&self, carrier: Carrier, step: &str, items: bool) -> Carrier {
        if items {
            carrier.item()
        } else {
            self.solver.lowering.forms.member(carrier, step)
        }
    }

    /// The written forms that the readers of a schema accept.
    pub(super) fn formula(&mut self, question: Question<'d>, world: World) -> FormulaId {
        let values = self.values(question, world);
        self.solver.fuel.refill();
        self.solver.texts(values, question.carrier.as_read())
    }

    /// The written forms of the values that are sent under one schema to readers of another one.
    pub(super) fn sent(&mut self, source: Question<'d>, target: Question<'d>, world: World) -> FormulaId {
        let values = self.values(source, world);
        let taken = self.values(target, World::Open);
        self.solver.fuel.refill();
        self.solver.sent_texts(values, taken, source.carrier)
    }

    /// The formula of a schema. It is a reference, so that identical schemas in both documents have the same formula.
    pub(super) fn values(&mut self, question: Question<'d>, world: World) -> FormulaId {
        let closing = match world {
            World::Open => Closing::Open,
            World::Closed => Closing::Closed,
        };
        self.values_closing(question, closing)
    }

    fn values_closing(&mut self, question: Question<'d>, closing: Closing) -> FormulaId {
        let schemas: Vec<Node<'d>> = self.schemas(question).collect();
        let all: Vec<At<'d>> = schemas
            .iter()
            .map(|node| self.at(question, closing, *node))
            .collect();
        let lowering = &mut self.solver.lowering;
        let formula = match all.as_slice() {
            [only] => lowering.schema(*only),
            all => lowering.together(all),
        };
        lowering.as_meant(all[0], &schemas, formula)
    }

    fn at(&mut self, question: Question<'d>, closing: Closing, node: Node<'d>) -> At<'d> {
        let Question {
            source,
            direction,
            carrier,
            takes_overlaps,
            ..
        } = question;
        At {
            source,
            node,
            mode: Mode {
                scope: Scope::default(),
                carrier,
                direction,
                closing,
                unsent: self.solver.lowering.reader.unsent(source, node, direction),
                is_chosen: false,
                takes_overlaps,
                shared: Shared::default(),
            },
            depth: 0,
        }
    }

    /// A value of `source` beyond the limits that some parts of the schema of `target` set, whatever else the target asks.
    pub(super) fn beyond_limits(
        &mut self,
        source: Question<'d>,
        target: Question<'d>,
        parts: &[Node<'d>],
    ) -> Option<Refutation> {
        let mut limits = Vec::new();
        for part in parts {
            let at = self.at(target, Closing::Open, *part);
            let lowering = &mut self.solver.lowering;
            let schema = lowering.reader.read(target.source, *part);
            for keyword in schema.keywords.iter().filter(|it| it.is_limit()) {
                lowering.keyword(at, &schema, keyword, &mut limits);
            }
        }
        let wide = self.solver.arena().and(limits);
        let formula = self.sent(source, target, World::Closed);
        let Outcome::Sat(found) = self.outcome((formula, wide)) else {
            return None;
        };
        // The target may refuse the value for what is inside it as well, which is no limit.
        let refused = |this: &Self, value: &Value| match this.admits(source, value) {
            Ok(true) => this.refusal_as_whole(target, value),
            _ => None,
        };
        let witness = shrink((*found).clone(), |smaller| refused(self, smaller).is_some());
        let because = refused(self, &witness)?;
        Some(Refutation { witness, because })
    }

    pub(super) fn contains(&mut self, source: Question<'d>, target: Question<'d>, world: World) -> Verdict {
        let (open, wide) = (
            self.formula(source, World::Open),
            self.formula(target, World::Open),
        );
        let is_same = open == wide || open == self.formula(target.to_the_letter(), World::Open);
        if is_same || self.roots_are_equal(source, target) {
            return Verdict::Proved;
        }
        let formula = self.sent(source, target, world);
        if self.solver.subsumes((formula, wide), &[]) {
            return Verdict::Proved;
        }
        let verdict = self.search(source, target, (formula, wide));
        if verdict == Verdict::Proved {
            self.solver.note_found((formula, wide));
        } else {
            self.solver.note_failed((formula, wide));
        }
        verdict
    }

    /// Whether every object of `source` is a value of `target` if its producer also emits undeclared names, except
    /// for the listed ones. Objects further inside contain only declared names.
    pub(super) fn contains_further(
        &mut self,
        source: Question<'d>,
        target: Question<'d>,
        except: &[&str],
    ) -> Verdict {
        let values = self.values_closing(source, Closing::Inner);
        let lowering = &mut self.solver.lowering;
        let mut parts = vec![lowering.arena.kind(Kind::Object)];
        parts.extend(except.iter().map(|name| lowering.lacks_text(name)));
        let also = lowering.arena.and(parts);
        let wide = self.formula(target, World::Open);
        let formula = self.also(source, values, also);
        if self.solver.subsumes((formula, wide), &[]) {
            return Verdict::Proved;
        }
        self.search(source, target, (formula, wide))
    }

    /// Searches for a value that satisfies the first formula but not the second.
    pub(super) fn search(
        &mut self,
        source: Question<'d>,
        target: Question<'d>,
        (formula, wide): (FormulaId, FormulaId),
    ) -> Verdict {
        let outcome = self.outcome((formula, wide));
        let verdict = match outcome {
            Outcome::Unsat => return Verdict::Proved,
            _ if !source.carrier.proves() => Err(Doubt::Why(source.carrier.unproven().to_owned())),
            Outcome::Sat(witness) => {
                let verdict = self.verified(source, target, &witness);
                if matches!(verdict, Err(Doubt::Disagrees(_))) {
                    self.faults += 1;
                }
                verdict
            }
            Outcome::Unknown { why, candidate } => {
                let by_guess = candidate.and_then(|candidate| self.verified(source, target, &candidate).ok());
                by_guess.ok_or_else(|| Doubt::Why(why.to_string()))
            }
        };
        match verdict {
            Ok(refutation) => Verdict::Refuted(refutation),
            Err(Doubt::Disagrees(why) | Doubt::Why(why)) => {
                self.finite(source, target).unwrap_or(Verdict::Undecided(why))
            }
        }
    }

    /// The outcome of a search for a value that satisfies the first formula but not the second.
    fn outcome(&mut self, (formula, wide): (FormulaId, FormulaId)) -> Outcome {
        self.solver.fuel.refill();
        let granted = self.solver.fuel.granted();
        if let Some((taken, outcome)) = self.spent.get(&(formula, wide))
            && *taken >= granted
        {
            self.is_known_spent = true;
            return outcome.clone();
        }
        let not = self.solver.arena().not(wide);
        let outcome = self.solver.ask(&[formula, not]);
        if self.solver.fuel.is_spent() && matches!(outcome, Outcome::Unknown { .. }) {
            self.spent.insert((formula, wide), (granted, outcome.clone()));
        }
        outcome
    }

    /// The same as [`Engine::contains`] with little fuel; `None` if more fuel may decide the question.
    pub(super) fn contains_soon(
        &mut self,
        source: Question<'d>,
        target: Question<'d>,
        world: World,
    ) -> Option<Verdict> {
        self.is_known_spent = false;
        let verdict = self.soon(|this| this.contains(source, target, world));
        let is_spent = self.is_known_spent || self.solver.fuel.is_spent();
        (!is_spent || !matches!(verdict, Verdict::Undecided(_))).then_some(verdict)
    }

    /// Asks with the little fuel of a first attempt.
    pub(super) fn soon<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> T {
        self.solver.fuel.try_first(true);
        let answer = ask(self);
        self.solver.fuel.try_first(false);
        answer
    }

    /// The refutation by a value, if the judge confirms it.
    pub(super) fn refuted_by(
        &mut self,
        source: Question<'d>,
        target: Question<'d>,
        value: &Value,
    ) -> Option<Refutation> {
        self.verified(source, target, value).ok()
    }

    pub(super) fn document(&self, question: Question<'d>) -> &'d Document {
        self.solver.lowering.reader.document(question.source)
    }

    /// Whether both schemas are whole documents with the same text, which have the same meaning in any case.
    fn roots_are_equal(&self, source: Question<'d>, target: Question<'d>) -> bool {
        let is_root = |it: Question<'d>| self.document(it).root().id() == it.schema.id();
        let is_alone = |it: Question<'d>| it.beside == Beside::default();
        let is_whole = |it| is_root(it) && is_alone(it);
        is_whole(source) && is_whole(target) && source.schema == target.schema
    }

    /// Decides a source that lists its values by asking the judge about each of them.
    fn finite(&mut self, source: Question<'d>, target: Question<'d>) -> Option<Verdict> {
        let reader = &mut self.solver.lowering.reader;
        let mut only = |schema: Node<'d>| match &*reader.read(source.source, schema).keywords {
            [only] => Some(only.clone()),
            _ => None,
        };
        let listed: Vec<Node<'d>> = match only(source.schema)? {
            Keyword::Const(value) => vec![value],
            Keyword::Enum(values) => values.collect(),
            Keyword::AnyOf(branches) => {
                let constant = |branch| match only(branch) {
                    Some(Keyword::Const(value)) => Some(value),
                    _ => None,
                };
                branches.map(constant).collect::<Option<_>>()?
            }
            _ => return None,
        };
        if listed.len() > LISTED || exact_numbers(listed.iter().copied()).next().is_some() {
            return None;
        }
        for value in listed.into_iter().map(instance) {
            match self.verified(source, target, &value) {
                Ok(refutation) => return Some(Verdict::Refuted(refutation)),
                // A schema beside the list may refuse the value.
                Err(_) if !self.admits(source, &value).ok()? || self.admits(target, &value).ok()? => {}
                Err(_) => return None,
            }
        }
        Some(Verdict::Proved)
    }
}
