//! Builds values that show something about a schema: values that it accepts, and values that it refuses.

use std::rc::Rc;

use serde_json::Value;

use super::carrier::{self, Carrier};
use super::engine::{Engine, Question};
use super::formula::{Arena, Formula, FormulaId};
use super::literal::Literal;
use super::lower::Lowering;
use super::outcome::{Outcome, parts};
use super::solver::Solver;
use super::types::Kind;
use super::verdict::World;

/// The number of copied parts that cost as much as one that is built.
const COPIES: usize = 16;

impl<'d> Engine<'d> {
    pub(super) fn is_empty(&mut self, question: Question<'d>) -> Option<bool> {
        let formula = self.formula(question, World::Open);
        match self.solver.ask(&[formula]) {
            Outcome::Unsat => Some(true),
            Outcome::Sat(_) => Some(false),
            Outcome::Unknown { .. } => None,
        }
    }

    /// The written form of a value that the producer of a schema emits, and that also satisfies the formula of `also`.
    pub(super) fn value_with(
        &mut self,
        question: Question<'d>,
        also: impl FnOnce(&mut Lowering<'d>) -> FormulaId,
    ) -> Option<Rc<Value>> {
        let formula = self.values(question, World::Closed);
        let also = also(&mut self.solver.lowering);
        let formula = self.also(question, formula, also);
        match self.solver.ask(&[formula]) {
            Outcome::Sat(value) => Some(value),
            _ => None,
        }
    }

    /// Whether no value of the schema satisfies the formula of `also`, even in the open world.
    pub(super) fn has_none(
        &mut self,
        question: Question<'d>,
        also: impl FnOnce(&mut Lowering<'d>) -> FormulaId,
    ) -> bool {
        let formula = self.values(question, World::Open);
        let also = also(&mut self.solver.lowering);
        let formula = self.also(question, formula, also);
        matches!(self.solver.ask(&[formula]), Outcome::Unsat)
    }

    /// A small value of the schema that also satisfies the formula of `also`.
    pub(super) fn sample(
        &mut self,
        question: Question<'d>,
        also: impl FnOnce(&mut Lowering<'d>) -> FormulaId,
    ) -> Option<Value> {
        self.sample_beside(question, also, Arena::TRUE)
    }

    /// The same, for a value that the target refuses.
    pub(super) fn sample_outside(
        &mut self,
        question: Question<'d>,
        target: Question<'d>,
        also: impl FnOnce(&mut Lowering<'d>) -> FormulaId,
    ) -> Option<Value> {
        let taken = self.formula(target, World::Open);
        let refused = self.solver.arena().not(taken);
        self.sample_beside(question, also, refused)
    }

    /// An object that the producer of a schema emits as JSON, that a target refuses, and that satisfies the conditions.
    pub(super) fn sample_apart(
        &mut self,
        question: Question<'d>,
        target: Question<'d>,
        mut conditions: Vec<FormulaId>,
    ) -> Option<Value> {
        let sent = self.sent(question, target, World::Closed);
        let taken = self.formula(target, World::Open);
        let arena = self.solver.arena();
        conditions.extend([sent, arena.kind(Kind::Object), arena.not(taken)]);
        match self.soon(|this| this.solver.ask(&conditions)) {
            Outcome::Sat(value) => self.read(question, &value).ok().flatten(),
            _ => None,
        }
    }

    fn sample_beside(
        &mut self,
        question: Question<'d>,
        also: impl FnOnce(&mut Lowering<'d>) -> FormulaId,
        beside: FormulaId,
    ) -> Option<Value> {
        if self.unbuilt == 0 {
            return None;
        }
        let also = also(&mut self.solver.lowering);
        let search = |this: &mut Self| {
            let mut found = Outcome::Unsat;
            for world in [World::Closed, World::Open] {
                let formula = this.values(question, world);
                let formula = this.also(question, formula, also);
                found = this.solver.ask(&[formula, beside]);
                if matches!(found, Outcome::Sat(_)) {
                    break;
                }
            }
            found
        };
        let found = if beside == Arena::TRUE {
            search(self)
        } else {
            // A value that a second schema must refuse gets only the small budget of a message.
            self.soon(search)
        };
        let (Outcome::Sat(value)
        | Outcome::Unknown {
            candidate: Some(value),
            ..
        }) = found
        else {
            if let Outcome::Unknown { why, .. } = found {
                self.doubt = Some(why);
            }
            return None;
        };
        self.as_sent(question, &value)
    }

    /// The value that the schema reads from the written form of `value`, if it accepts that.
    pub(super) fn as_sent(&mut self, question: Question<'d>, value: &Value) -> Option<Value> {
        self.unbuilt = self.unbuilt.saturating_sub(parts([value]) - 1);
        let value = match self.read(question, value) {
            Ok(value) => value?,
            Err(why) => {
                self.doubt = Some(why.into());
                return None;
            }
        };
        let forms = &self.solver.lowering.forms;
        carrier::written(forms, question.carrier, &value).map(|_| value)
    }

    /// Charges the budget for values that are built with a small fraction of a copy, so that only large copies count.
    pub(super) fn pay_for_copy(&mut self, value: &Value) {
        self.unbuilt = self.unbuilt.saturating_sub(parts([value]) / COPIES);
    }

    /// A value that has a written form and that the schema refuses, if there is any.
    pub(super) fn outside(&mut self, question: Question<'d>) -> Result<Option<Value>, String> {
        let formula = self.formula(question, World::Open);
        // Without other conditions, a value that is written in one text can be any string.
        let any = if question.carrier.is_one_text() {
            self.solver.arena().kind(Kind::String)
        } else {
            Arena::TRUE
        };
        let any = self.solver.texts(any, question.carrier);
        let not = self.solver.arena().not(formula);
        match self.solver.ask(&[any, not]) {
            Outcome::Sat(value) if self.admits(question, &value)? => {
                Err("the independent check did not confirm a value".to_owned())
            }
            Outcome::Sat(value) => Ok(Some((*value).clone())),
            Outcome::Unsat => Ok(None),
            Outcome::Unknown { why, .. } => Err(why.to_string()),
        }
    }

    /// A list of values of both schemas that the whole refuses.
    pub(super) fn refused_list(
        &mut self,
        [sent, taken]: [Question<'d>; 2],
        whole: Question<'d>,
    ) -> Option<Value> {
        let item = [self.values(sent, World::Closed), self.formula(taken, World::Open)];
        let whole_formula = self.formula(whole, World::Open);
        let arena = self.solver.arena();
        let item = arena.and(item);
        let list = [
            arena.kind(Kind::Array),
            arena.literal(Literal::Rest(0, item)),
            arena.not(whole_formula),
        ];
        let Outcome::Sat(value) = self.solver.ask(&list) else {
            return None;
        };
        let is_sent = |item: &Value| self.admits(sent, item) == Ok(true);
        let are_sent = value.as_array().is_some_and(|items| items.iter().all(is_sent));
        (are_sent && self.admits(whole, &value) == Ok(false)).then(|| (*value).clone())
    }

    /// The written forms of the values that also satisfy another formula.
    pub(super) fn also(&mut self, question: Question<'d>, values: FormulaId, also: FormulaId) -> FormulaId {
        self.solver.fuel.refill();
        // The fields of a form have the names of the object's properties. Its thousands of fields are then written
        // once, not again for each name that is asked for.
        let is_form = matches!(question.carrier, Carrier::Form(_) | Carrier::Query(_));
        if is_form && self.solver.is_of_names(also) {
            let texts = self.solver.texts(values, question.carrier);
            return self.solver.arena().and([texts, also]);
        }
        let both = self.solver.arena().and([values, also]);
        self.solver.texts(both, question.carrier)
    }
}

impl Solver<'_> {
    /// Whether a formula only asks for objects, and for names that they have or lack.
    fn is_of_names(&self, id: FormulaId) -> bool {
        let arena = &self.lowering.arena;
        let object = Kind::Object.only();
        let mut parts = arena.conjuncts(id).into_iter();
        parts.all(|part| match arena.get(part) {
            Formula::Kinds(kinds) => *kinds == object,
            Formula::Literal(Literal::Has(_) | Literal::Lacks(_)) => true,
            _ => false,
        })
    }
}
