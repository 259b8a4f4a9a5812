//! Questions, answered: the search, then the judge, then the smallest witness.

use openapi_document::{Document, Node};
use serde_json::Value;

use super::definitions::Definitions;
use super::formula::FormulaId;
use super::judge::Judge;
use super::lower::Lowering;
use super::outcome::Outcome;
use super::reading::{At, Closing, Mode, Reading};
use super::shrink::shrink;
use super::solve::Solver;
use super::translation::Subject;
use super::values::Refusal;
use super::verdict::{Refutation, Verdict, World};
use crate::instance::instance;
use crate::report::Direction;
use crate::schema::reader::Reader;

/// A schema, where it stands and how it is read.
#[derive(Clone, Copy)]
pub(super) struct Question<'d> {
    pub(super) source: usize,
    pub(super) schema: Node<'d>,
    pub(super) direction: Option<Direction>,
}

/// Values that the judge is asked of one by one, at most.
const LISTED: usize = 256;

pub(super) struct Engine<'d> {
    pub(super) solver: Solver<'d>,
    judge: Judge,
    faults: u64,
}

impl<'d> Engine<'d> {
    pub(super) fn new(documents: [&'d Document; 2], reading: Reading, fuel: u64) -> Self {
        let mut definitions = Definitions::default();
        definitions.classify(&documents);
        let reader = Reader::new(documents, reading.nullable);
        Self {
            solver: Solver::new(Lowering::new(reader, reading, definitions), fuel),
            judge: Judge::default(),
            faults: 0,
        }
    }

    pub(super) fn faults(&self) -> u64 {
        self.faults
    }

    /// The cost of the last question, in small operations.
    #[cfg(test)]
    pub(super) fn cost(&self) -> u64 {
        self.solver.fuel.taken()
    }

    /// The formula of a schema: a reference, so that what is alike in both documents is one.
    pub(super) fn formula(&mut self, question: Question<'d>, world: World) -> FormulaId {
        let closing = match world {
            World::Open => Closing::Open,
            World::Closed => Closing::Closed,
        };
        let Question {
            source,
            schema,
            direction,
        } = question;
        let lowering = &mut self.solver.lowering;
        let unsent = lowering.reader.unsent(source, schema, direction);
        let mode = Mode {
            direction,
            closing,
            unsent,
        };
        lowering.schema(At {
            source,
            node: schema,
            mode,
            depth: 0,
        })
    }

    pub(super) fn contains(&mut self, source: Question<'d>, target: Question<'d>, world: World) -> Verdict {
        let same_version = self.document(source).version() == self.document(target).version();
        let (open, wide) = (
            self.formula(source, World::Open),
            self.formula(target, World::Open),
        );
        if open == wide || same_version && self.roots_are_equal(source, target) {
            return Verdict::Proved;
        }
        let formula = self.formula(source, world);
        if self.solver.subsumes((formula, wide), &[]) {
            return Verdict::Proved;
        }
        let verdict = self.search(source, target, (formula, wide));
        if verdict == Verdict::Proved {
            self.solver.note_proved((formula, wide));
        }
        verdict
    }

    /// Searches for a value of the first formula that is none of the second.
    pub(super) fn search(
        &mut self,
        source: Question<'d>,
        target: Question<'d>,
        (formula, wide): (FormulaId, FormulaId),
    ) -> Verdict {
        let not = self.solver.arena().not(wide);
        let outcome = self.solver.ask(&[formula, not]);
        let verdict = match outcome {
            Outcome::Unsat => return Verdict::Proved,
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

    fn document(&self, question: Question<'d>) -> &'d Document {
        self.solver.lowering.reader.document(question.source)
    }

    /// Two whole documents that are the same text mean the same, whatever they say.
    fn roots_are_equal(&self, source: Question<'d>, target: Question<'d>) -> bool {
        let is_root = |it: Question<'d>| self.document(it).root().id() == it.schema.id();
        is_root(source) && is_root(target) && source.schema == target.schema
    }

    /// A source that lists its values is decided by asking the judge of each.
    fn finite(&mut self, source: Question<'d>, target: Question<'d>) -> Option<Verdict> {
        let only = |schema: Node<'d>| schema.members().next().filter(|_| schema.members().len() == 1);
        let listed: Vec<Node<'d>> = match only(source.schema)? {
            ("const", value) => vec![value],
            ("enum", values) => values.as_array()?.collect(),
            ("anyOf", branches) => branches
                .as_array()?
                .map(|branch| {
                    only(branch)
                        .filter(|(key, _)| *key == "const")
                        .map(|(_, value)| value)
                })
                .collect::<Option<_>>()?,
            _ => return None,
        };
        if listed.len() > LISTED {
            return None;
        }
        for value in listed.into_iter().map(instance) {
            match self.verified(source, target, &value) {
                Ok(refutation) => return Some(Verdict::Refuted(refutation)),
                Err(_) if self.admits(target, &value).ok()? => {}
                Err(_) => return None,
            }
        }
        Some(Verdict::Proved)
    }

    pub(super) fn admits(&mut self, question: Question<'d>, value: &Value) -> Result<bool, String> {
        let subject = self.subject(question);
        self.judge.admits(subject, self.solver.lowering.reading, value)
    }

    fn refusal(&mut self, question: Question<'d>, value: &Value) -> Result<Option<String>, String> {
        let subject = self.subject(question);
        self.judge.refusal(subject, self.solver.lowering.reading, value)
    }

    pub(super) fn refusals(&mut self, question: Question<'d>, value: &Value) -> Result<Vec<Refusal>, String> {
        let subject = self.subject(question);
        self.judge.refusals(subject, self.solver.lowering.reading, value)
    }

    fn subject(&self, question: Question<'d>) -> Subject<'d> {
        Subject {
            document: self.document(question),
            schema: question.schema,
            direction: question.direction,
        }
    }

    fn verified(
        &mut self,
        source: Question<'d>,
        target: Question<'d>,
        witness: &Value,
    ) -> Result<Refutation, Doubt> {
        let accepted = self.admits(source, witness).map_err(Doubt::Why)?;
        let refused = !self.admits(target, witness).map_err(Doubt::Why)?;
        if !accepted || !refused {
            return Err(Doubt::Disagrees(
                "the independent check did not confirm the witness".to_owned(),
            ));
        }
        let witness = shrink(witness.clone(), |smaller| {
            self.admits(source, smaller) == Ok(true) && self.admits(target, smaller) == Ok(false)
        });
        let because = self.refusal(target, &witness).ok().flatten().unwrap_or_default();
        Ok(Refutation { witness, because })
    }

    pub(super) fn is_empty(&mut self, question: Question<'d>) -> Option<bool> {
        let formula = self.formula(question, World::Open);
        match self.solver.ask(&[formula]) {
            Outcome::Unsat => Some(true),
            Outcome::Sat(_) => Some(false),
            Outcome::Unknown { .. } => None,
        }
    }

    /// Whether the producer of a schema has a value which also is of the formula that `also` makes.
    pub(super) fn has_value(
        &mut self,
        question: Question<'d>,
        also: impl FnOnce(&mut Lowering<'d>) -> FormulaId,
    ) -> bool {
        let formula = self.formula(question, World::Closed);
        let also = also(&mut self.solver.lowering);
        matches!(self.solver.ask(&[formula, also]), Outcome::Sat(_))
    }

    /// A small value of the schema which also is of the formula that `also` makes.
    pub(super) fn sample(
        &mut self,
        question: Question<'d>,
        also: impl FnOnce(&mut Lowering<'d>) -> FormulaId,
    ) -> Option<Value> {
        let formula = self.formula(question, World::Closed);
        let also = also(&mut self.solver.lowering);
        let mut found = self.solver.ask(&[formula, also]);
        if !matches!(found, Outcome::Sat(_)) {
            let formula = self.formula(question, World::Open);
            found = self.solver.ask(&[formula, also]);
        }
        let (Outcome::Sat(value)
        | Outcome::Unknown {
            candidate: Some(value),
            ..
        }) = found
        else {
            return None;
        };
        (self.admits(question, &value) == Ok(true)).then(|| (*value).clone())
    }
}

enum Doubt {
    /// The judge says otherwise than the engine.
    Disagrees(String),
    Why(String),
}
