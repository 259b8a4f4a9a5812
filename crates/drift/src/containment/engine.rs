//! Questions, answered: the search, then the judge, then the smallest witness.

use std::cell::OnceCell;

use openapi_document::{Document, Node, pointer};
use openapi_wire::{Cause, Contract};
use serde_json::{Map, Value};

use super::carrier::{self, Carrier};
use super::definitions::Definitions;
use super::formula::{self, Arena, FormulaId};
use super::fuel::Fuel;
use super::lower::Lowering;
use super::outcome::{Outcome, parts};
use super::reading::{At, Closing, Mode, Reading, Shared};
use super::shrink::shrink;
use super::solver::Solver;
use super::types::Kind;
use super::verdict::{Refutation, Verdict, World};
use crate::instance::instance;
use crate::options::Nullable;
use crate::report::Direction;
use crate::schema::ast::Keyword;
use crate::schema::reader::Reader;

/// Other schemas of one value, as [`Engine::beside`] keeps them; by default none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Beside(u32);

/// A schema, where it stands and how it is read.
#[derive(Clone, Copy)]
pub(super) struct Question<'d> {
    pub(super) source: usize,
    pub(super) schema: Node<'d>,
    /// The schemas that hold of the same value.
    pub(super) beside: Beside,
    pub(super) direction: Option<Direction>,
    pub(super) carrier: Carrier,
    /// A value may be of several alternatives of a `oneOf`.
    pub(super) takes_overlaps: bool,
}

impl Question<'_> {
    /// The same question of a schema whose alternatives exclude each other.
    fn to_the_letter(self) -> Self {
        Self {
            takes_overlaps: false,
            ..self
        }
    }
}

/// Tanks of fuel that all questions share: at least, more for each megabyte of the documents, and at most.
const LEAST_RESERVE: u64 = 4;
const RESERVE_A_MEGABYTE: u64 = 2;
const LARGEST_RESERVE: u64 = 48;

/// Values that the judge is asked of one by one, at most.
const LISTED: usize = 256;

pub(super) struct Engine<'d> {
    pub(super) solver: Solver<'d>,
    /// The independent judge of each document's schemas.
    judges: [Contract<'d>; 2],
    /// The same, where a value may be of several alternatives.
    lenient_judges: [OnceCell<Contract<'d>>; 2],
    /// Searches that ran out of fuel, with what they took: less will not decide them.
    spent: formula::Map<(FormulaId, FormulaId), (u64, Outcome)>,
    /// The schemas that stand beside others, the first list for those that stand alone.
    beside: Vec<Vec<Node<'d>>>,
    faults: u64,
    /// Parts of values that may still be built to show something.
    unbuilt: usize,
}

/// Parts of all values that are built to show something, at most, once for drifts by themselves and once for messages.
const MOST_BUILT: usize = 300_000;

const SPELLED: &str = "a number is read in whatever way it is spelled";
const JOINED: &str = "a list stands in a text that both documents take for a text";

impl<'d> Engine<'d> {
    pub(super) fn new(documents: [&'d Document; 2], reading: Reading, fuel: u64) -> Self {
        let mut definitions = Definitions::default();
        definitions.classify(&documents);
        let reader = Reader::new(documents, reading.nullable);
        let megabytes = documents.iter().map(|it| it.text().len() as u64).sum::<u64>() / 1_000_000;
        let fuel = Fuel::new(
            fuel,
            (LEAST_RESERVE + RESERVE_A_MEGABYTE * megabytes).min(LARGEST_RESERVE),
        );
        Self {
            solver: Solver::new(Lowering::new(reader, reading, definitions), fuel),
            judges: documents.map(|document| judge(document, reading)),
            lenient_judges: Default::default(),
            spent: formula::Map::default(),
            beside: vec![Vec::new()],
            faults: 0,
            unbuilt: MOST_BUILT,
        }
    }

    /// Keeps schemas that hold of the same value as another one.
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

    /// Renews what all questions share.
    pub(super) fn renew(&mut self) {
        self.solver.fuel.renew();
        self.unbuilt = MOST_BUILT;
    }

    /// Whether no further value is built to show something.
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

    /// The written forms that a schema's readers take.
    pub(super) fn formula(&mut self, question: Question<'d>, world: World) -> FormulaId {
        let values = self.values(question, world);
        self.solver.fuel.refill();
        self.solver.texts(values, question.carrier.as_read())
    }

    /// The written forms of the values that the sender of a schema has, for readers of another.
    pub(super) fn sent(&mut self, source: Question<'d>, target: Question<'d>, world: World) -> FormulaId {
        let values = self.values(source, world);
        let taken = self.values(target, World::Open);
        self.solver.fuel.refill();
        self.solver.sent_texts(values, taken, source.carrier)
    }

    /// The formula of a schema: a reference, so that what is alike in both documents is one.
    fn values(&mut self, question: Question<'d>, world: World) -> FormulaId {
        let closing = match world {
            World::Open => Closing::Open,
            World::Closed => Closing::Closed,
        };
        self.values_closing(question, closing)
    }

    fn values_closing(&mut self, question: Question<'d>, closing: Closing) -> FormulaId {
        let schemas: Vec<Node<'d>> = self.schemas(question).collect();
        let Question {
            source,
            direction,
            takes_overlaps,
            ..
        } = question;
        let lowering = &mut self.solver.lowering;
        let mut at = |node: Node<'d>| At {
            source,
            node,
            mode: Mode {
                direction,
                closing,
                unsent: lowering.reader.unsent(source, node, direction),
                is_chosen: false,
                takes_overlaps,
                shared: Shared::default(),
            },
            depth: 0,
        };
        match schemas.as_slice() {
            [only] => {
                let at = at(*only);
                lowering.schema(at)
            }
            all => {
                let all: Vec<At<'d>> = all.iter().map(|node| at(*node)).collect();
                lowering.together(&all)
            }
        }
    }

    pub(super) fn contains(&mut self, source: Question<'d>, target: Question<'d>, world: World) -> Verdict {
        let same_version = self.document(source).version() == self.document(target).version();
        let (open, wide) = (
            self.formula(source, World::Open),
            self.formula(target, World::Open),
        );
        let is_same = open == wide || open == self.formula(target.to_the_letter(), World::Open);
        if is_same || same_version && self.roots_are_equal(source, target) {
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

    /// Whether every object of `source` is a value of `target` where its producer emits names that nothing declares, but
    /// for those that are listed; further in it emits declared ones only.
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

    /// Searches for a value of the first formula that is none of the second.
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

    /// The outcome of a search for a value of the first formula that is none of the second.
    fn outcome(&mut self, (formula, wide): (FormulaId, FormulaId)) -> Outcome {
        self.solver.begin();
        let granted = self.solver.fuel.granted();
        if let Some((taken, outcome)) = self.spent.get(&(formula, wide))
            && *taken >= granted
        {
            return outcome.clone();
        }
        let not = self.solver.arena().not(wide);
        let outcome = self.solver.ask(&[formula, not]);
        if self.solver.fuel.is_spent() && matches!(outcome, Outcome::Unknown { .. }) {
            self.spent.insert((formula, wide), (granted, outcome.clone()));
        }
        outcome
    }

    /// The same as [`Engine::contains`] where it takes little to decide; nothing where more fuel may tell more.
    pub(super) fn contains_soon(
        &mut self,
        source: Question<'d>,
        target: Question<'d>,
        world: World,
    ) -> Option<Verdict> {
        self.solver.fuel.try_first(true);
        let verdict = self.contains(source, target, world);
        self.solver.fuel.try_first(false);
        let is_spent = self.solver.fuel.is_spent() && matches!(verdict, Verdict::Undecided(_));
        (!is_spent).then_some(verdict)
    }

    /// The refutation that a value is, if the judge says so.
    pub(super) fn refuted_by(
        &mut self,
        source: Question<'d>,
        target: Question<'d>,
        value: &Value,
    ) -> Option<Refutation> {
        self.verified(source, target, value).ok()
    }

    fn document(&self, question: Question<'d>) -> &'d Document {
        self.solver.lowering.reader.document(question.source)
    }

    /// Two whole documents that are the same text mean the same, whatever they say.
    fn roots_are_equal(&self, source: Question<'d>, target: Question<'d>) -> bool {
        let is_root = |it: Question<'d>| self.document(it).root().id() == it.schema.id();
        let is_alone = |it: Question<'d>| it.beside == Beside::default();
        let is_whole = |it| is_root(it) && is_alone(it);
        is_whole(source) && is_whole(target) && source.schema == target.schema
    }

    /// A source that lists its values is decided by asking the judge of each.
    fn finite(&mut self, source: Question<'d>, target: Question<'d>) -> Option<Verdict> {
        if !source.carrier.proves() || source.beside != Beside::default() {
            return None;
        }
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

    /// Whether the independent judge takes a value, in one of those that its written form can stand for.
    pub(super) fn admits(&self, question: Question<'d>, value: &Value) -> Result<bool, String> {
        Ok(self.read(question, value)?.is_some())
    }

    fn judged(&self, question: Question<'d>, value: &Value) -> Result<bool, String> {
        let (judge, direction) = (self.judge(question), travelling(question));
        let mut all = self
            .schemas(question)
            .map(|it| judge.admits(it, direction, value));
        let mut admits = true;
        // One that refuses it has the last word, whether or not another one can be read.
        let unread = all.find_map(|it| match it {
            Ok(own) => {
                admits &= own;
                None
            }
            Err(why) => Some(why),
        });
        match unread {
            Some(why) if admits && !all.any(|it| it == Ok(false)) => Err(why),
            unread => Ok(admits && unread.is_none()),
        }
    }

    fn judge(&self, question: Question<'d>) -> &Contract<'d> {
        if !question.takes_overlaps {
            return &self.judges[question.source];
        }
        self.lenient_judges[question.source].get_or_init(|| {
            let lowering = &self.solver.lowering;
            judge(lowering.reader.document(question.source), lowering.reading).taking_overlaps()
        })
    }

    /// The value that a schema reads from the written form of another; nothing when it refuses all that the form can
    /// stand for, or when there is none.
    fn read(&self, question: Question<'d>, value: &Value) -> Result<Option<Value>, String> {
        if question.carrier == Carrier::Json {
            return Ok(self.judged(question, value)?.then(|| value.clone()));
        }
        if !question.carrier.proves() {
            return Err(question.carrier.unproven().to_owned());
        }
        let forms = &self.solver.lowering.forms;
        let Some(written) = carrier::written(forms, question.carrier, value) else {
            return Ok(None);
        };
        if self.judged(question, value)? {
            return Ok(Some(value.clone()));
        }
        let Some(readings) = carrier::readings(forms, question.carrier, &written) else {
            return self.read_by_member(question, &written);
        };
        for value in readings {
            if self.judged(question, &value)? {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The same for an object of many properties: each is read anew for as long as it is refused.
    fn read_by_member(&self, question: Question<'d>, written: &Value) -> Result<Option<Value>, String> {
        const TOO_MANY: &str = "a text stands for too many values to be judged";
        let forms = &self.solver.lowering.forms;
        let members = written.as_object().ok_or(TOO_MANY)?;
        let mut choices = Map::new();
        let mut value = Map::new();
        for (name, member) in members {
            let inside = forms.member(question.carrier, name);
            let mut readings = carrier::readings(forms, inside, member).ok_or(TOO_MANY)?;
            value.insert(name.clone(), readings.remove(0));
            readings.reverse();
            choices.insert(name.clone(), Value::Array(readings));
        }
        loop {
            let whole = Value::Object(value.clone());
            if self.judged(question, &whole)? {
                return Ok(Some(whole));
            }
            let judge = self.judge(question);
            let refusals: Vec<_> = self
                .schemas(question)
                .flat_map(|it| judge.value(it, travelling(question), &whole).refusals)
                .collect();
            if refusals.iter().any(|it| it.pointer.is_empty()) {
                return Err(TOO_MANY.to_owned());
            }
            let mut refused = refusals.iter().filter_map(|it| it.pointer.split('/').nth(1));
            let next = refused.find_map(|step| {
                let name = pointer::unescape(step).into_owned();
                let next = choices.get_mut(&name)?.as_array_mut()?.pop()?;
                Some((name, next))
            });
            let Some((name, next)) = next else {
                return Ok(None);
            };
            value.insert(name, next);
        }
    }

    /// Why the judge refuses a value; nothing where it does not.
    pub(super) fn refusal(&self, question: Question<'d>, value: &Value) -> Option<String> {
        let forms = &self.solver.lowering.forms;
        let written = carrier::written(forms, question.carrier, value);
        let readings = written.and_then(|it| carrier::readings(forms, question.carrier, &it));
        let mut told = None;
        for value in readings.unwrap_or_else(|| vec![value.clone()]) {
            let why = self.refusal_of(question, &value);
            // Of several readings, one of the right type is refused for the better reason.
            let is_better = why.as_ref().is_some_and(|why| !why.contains(" is not of type"));
            if told.is_none() || is_better {
                told = why;
            }
            if is_better {
                break;
            }
        }
        told
    }

    fn refusal_of(&self, question: Question<'d>, value: &Value) -> Option<String> {
        let judge = &self.judges[question.source];
        let mut schemas = self.schemas(question);
        let refusal = schemas.find_map(|it| {
            judge
                .value(it, travelling(question), value)
                .refusals
                .into_iter()
                .next()
        })?;
        let at = match refusal.cause {
            // A name that is missing has no place of its own: its object has.
            Cause::Missing => refusal.pointer.rsplit_once('/').map_or("", |(around, _)| around),
            _ => &refusal.pointer,
        };
        Some(if at.is_empty() {
            refusal.why
        } else {
            format!("at {at}: {}", refusal.why)
        })
    }

    fn verified(
        &mut self,
        source: Question<'d>,
        target: Question<'d>,
        witness: &Value,
    ) -> Result<Refutation, Doubt> {
        let accepted = self.admits(source, witness).map_err(Doubt::Why)?;
        let refused = !self.admits(target, witness).map_err(Doubt::Why)?;
        // Listed numbers are searched for as they are written, and read however they are spelled.
        let is_text = source.carrier.is_text();
        if accepted && !refused && is_text && carrier::is_spelled_otherwise(witness) {
            return Err(Doubt::Why(SPELLED.to_owned()));
        }
        if !accepted || !refused {
            // Of what nobody can write the judge has no message to read.
            if !carrier::is_defined(&self.solver.lowering.forms, source.carrier, witness) {
                return Err(Doubt::Why(source.carrier.unproven().to_owned()));
            }
            return Err(Doubt::Disagrees(
                "the independent check did not confirm the witness".to_owned(),
            ));
        }
        let witness = shrink(witness.clone(), |smaller| {
            self.admits(source, smaller) == Ok(true) && self.admits(target, smaller) == Ok(false)
        });
        let because = self.refusal(target, &witness).unwrap_or_default();
        let witness = self.read(source, &witness).ok().flatten().unwrap_or(witness);
        let forms = &self.solver.lowering.forms;
        let written = carrier::written(forms, source.carrier, &witness);
        let Some(written) = written.filter(|it| carrier::is_defined(forms, source.carrier, it)) else {
            return Err(Doubt::Why(source.carrier.unproven().to_owned()));
        };
        if let Some(text) = carrier::joined(source.carrier, &written).map(Value::from)
            && self.judged(source, &text) == Ok(true)
            && self.judged(target, &text) == Ok(true)
        {
            return Err(Doubt::Why(JOINED.to_owned()));
        }
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
        let formula = self.values(question, World::Closed);
        let also = also(&mut self.solver.lowering);
        let formula = self.also(question, formula, also);
        matches!(self.solver.ask(&[formula]), Outcome::Sat(_))
    }

    /// Whether no value of the schema is of the formula that `also` makes, whatever its producer declares.
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

    /// A small value of the schema which also is of the formula that `also` makes.
    pub(super) fn sample(
        &mut self,
        question: Question<'d>,
        also: impl FnOnce(&mut Lowering<'d>) -> FormulaId,
    ) -> Option<Value> {
        self.sample_beside(question, also, Arena::TRUE)
    }

    /// The same, where the target is to refuse it.
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

    /// An object that the producer of a schema emits, travelling as JSON, and that a target refuses, as do others but for
    /// what has one of the names listed beside each.
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
        self.solver.fuel.try_first(true);
        let found = self.solver.ask(&all);
        self.solver.fuel.try_first(false);
        match found {
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
        let mut found = Outcome::Unsat;
        // What another schema is to refuse as well is looked for no longer than one may for a message.
        self.solver.fuel.try_first(beside != Arena::TRUE);
        for world in [World::Closed, World::Open] {
            let formula = self.values(question, world);
            let formula = self.also(question, formula, also);
            found = self.solver.ask(&[formula, beside]);
            if matches!(found, Outcome::Sat(_)) {
                break;
            }
        }
        self.solver.fuel.try_first(false);
        let (Outcome::Sat(value)
        | Outcome::Unknown {
            candidate: Some(value),
            ..
        }) = found
        else {
            return None;
        };
        self.unbuilt = self.unbuilt.saturating_sub(parts(&value) - 1);
        let value = self.read(question, &value).ok().flatten()?;
        let forms = &self.solver.lowering.forms;
        carrier::written(forms, question.carrier, &value).map(|_| value)
    }

    /// A value that has a written form and that the schema refuses.
    pub(super) fn outside(&mut self, question: Question<'d>) -> Option<Value> {
        let formula = self.formula(question, World::Open);
        // Where nothing is said of a value, it is any text.
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

    /// The written forms of the values that are also of another formula.
    fn also(&mut self, question: Question<'d>, values: FormulaId, also: FormulaId) -> FormulaId {
        let both = self.solver.arena().and([values, also]);
        self.solver.fuel.refill();
        self.solver.texts(both, question.carrier)
    }
}

/// The judge of a document's schemas. What it says of a witness is told with the witness, and so may quote it.
fn judge(document: &Document, reading: Reading) -> Contract<'_> {
    let mut contract = Contract::new(document).quoting_values();
    if reading.formats {
        contract = contract.holding_formats();
    }
    if reading.nullable == Nullable::Strict {
        contract = contract.reading_nullable_strictly();
    }
    contract
}

/// Which way the values of a schema travel. Those of one that stands by itself do not, so that either way will do.
fn travelling(question: Question<'_>) -> openapi_wire::Direction {
    match question.direction {
        Some(Direction::Request) | None => openapi_wire::Direction::Request,
        Some(Direction::Response) => openapi_wire::Direction::Response,
    }
}

enum Doubt {
    /// The judge says otherwise than the engine.
    Disagrees(String),
    Why(String),
}
