//! Builds values that show something about a schema: values that it accepts, and values that it refuses.

use serde_json::Value;

use super::carrier;
use super::engine::{Engine, Question};
use super::formula::{Arena, FormulaId};
use super::literal::Literal;
use super::lower::Lowering;
use super::outcome::{Outcome, parts};
use super::types::Kind;
use super::verdict::World;

impl<'d> Engine<'d> {
    pub(super) fn is_empty(&mut self, question: Question<'d>) -> Option<bool> {
        let formula = self.formula(question, World::Open);
        match self.solver.ask(&[formula]) {
            Outcome::Unsat => Some(true),
            Outcome::Sat(_) => Some(false),
            Outcome::Unknown { .. } => None,
        }
    }

    /// Whether the producer of a schema emits a value that also satisfies the formula of `also`.
    pub(super) fn has_value(
        &mut self,
        question: Question<'d>,
        also: impl FnOnce(&mut Lowering<'d>) -> FormulaId,
    ) -> bool {
        let formula = self.values(question, World::Closed);
        let also = also(&mut self.solver.lowering);
        let formula = self.also(question, formula, also);
        matches!(self.solver.ask(&[formula]), Outcome::Sat(_))
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

    /// An object that the producer of a schema emits as JSON and that a target refuses. Each of the others must
    /// refuse it, too, unless the object has one of the names listed with it.
    pub(super) fn sample_apart(
        &mut self,
        question: Question<'d>,
        target: Question<'d>,
        others: &[(Question<'d>, &[&str])],
    ) -> Option<Value> {
        let sent = self.sent(question, target, World::Closed);
        let taken = self.formula(target, World::Open);
        let arena = self.solver.arena();
        let mut all = vec![sent, arena.kind(Kind::Object), arena.not(taken)];
        for (other, names) in others {
            let taken = self.formula(*other, World::Open);
            let lowering = &mut self.solver.lowering;
            let lacks: Vec<_> = names.iter().map(|name| lowering.lacks_text(name)).collect();
            let knowing = lowering.arena.and(lacks.into_iter().chain([taken]));
            all.push(lowering.arena.not(knowing));
        }
        match self.soon(|this| this.solver.ask(&all)) {
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
        self.unbuilt = self.unbuilt.saturating_sub(parts(value) - 1);
        let value = self.read(question, value).ok().flatten()?;
        let forms = &self.solver.lowering.forms;
        carrier::written(forms, question.carrier, &value).map(|_| value)
    }

    /// A value that has a written form and that the schema refuses.
    pub(super) fn outside(&mut self, question: Question<'d>) -> Option<Value> {
        let formula = self.formula(question, World::Open);
        // Without other conditions, a value that is written in one text can be any string.
        let any = if question.carrier.is_one_text() {
            self.solver.arena().kind(Kind::String)
        } else {
            Arena::TRUE
        };
        let any = self.solver.texts(any, question.carrier);
        let not = self.solver.arena().not(formula);
        let Outcome::Sat(value) = self.solver.ask(&[any, not]) else {
            return None;
        };
        (self.admits(question, &value) == Ok(false)).then(|| (*value).clone())
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
        self.solver.fuel.refill();
        let Outcome::Sat(value) = self.solver.ask(&list) else {
            return None;
        };
        let is_sent = |item: &Value| self.admits(sent, item) == Ok(true);
        let are_sent = value.as_array().is_some_and(|items| items.iter().all(is_sent));
        (are_sent && self.admits(whole, &value) == Ok(false)).then(|| (*value).clone())
    }

    /// The written forms of the values that also satisfy another formula.
    pub(super) fn also(&mut self, question: Question<'d>, values: FormulaId, also: FormulaId) -> FormulaId {
        let both = self.solver.arena().and([values, also]);
        self.solver.fuel.refill();
        self.solver.texts(both, question.carrier)
    }
}
