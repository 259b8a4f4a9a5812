//! Asks the independent judge whether a schema accepts a value, why not, and whether the value is a witness.

use std::collections::BTreeSet;

use openapi_document::{Document, Node, pointer};
use openapi_wire::{Cause, Contract, Step};
use serde_json::{Map, Value};

use super::carrier::{self, Carrier};
use super::engine::{Engine, Question};
use super::literal::Literal;
use super::outcome::Outcome;
use super::reading::Reading;
use super::shrink::shrink;
use super::types::Kind;
use super::verdict::{Refutation, World};
use crate::options::Nullable;
use crate::report::Direction;

const SPELLED: &str = "a number is read in whatever way it is spelled";
const JOINED: &str = "a list or an object stands in a text that both documents take for another value";

/// The reason why a value is not a witness.
pub(super) enum Doubt {
    /// The judge contradicts the engine.
    Disagrees(String),
    Why(String),
}

impl<'d> Engine<'d> {
    /// Whether the independent judge accepts a value in one of the readings of its written form.
    pub(super) fn admits(&self, question: Question<'d>, value: &Value) -> Result<bool, String> {
        Ok(self.read(question, value)?.is_some())
    }

    fn judged(&self, question: Question<'d>, value: &Value) -> Result<bool, String> {
        let (judge, direction) = (self.judge(question), travelling(question));
        let mut schemas = self.schemas(question);
        if !schemas.all(|it| self.may_mean(judge, it, (question.carrier, &[]), value)) {
            return Ok(false);
        }
        let mut all = self
            .schemas(question)
            .map(|it| judge.admits(it, direction, value));
        let mut admits = true;
        // A refusal by one schema decides, even if the judge cannot decide for another schema.
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

    /// Whether each text in a value may be meant to be read like this: see [`Contract::may_mean`].
    fn may_mean(
        &self,
        judge: &Contract<'d>,
        schema: Node<'d>,
        (carrier, way): (Carrier, &[Step]),
        value: &Value,
    ) -> bool {
        let forms = &self.solver.lowering.forms;
        let inside = |step: Step, carrier: Carrier, value: &Value| {
            let way: Vec<Step> = way.iter().cloned().chain([step]).collect();
            self.may_mean(judge, schema, (carrier, &way), value)
        };
        match value {
            _ if matches!(carrier, Carrier::Json | Carrier::Xml) => true,
            Value::Array(items) => {
                // A list of one item is written like the item, and an empty one as an empty text or not at all.
                let is_single = match items.as_slice() {
                    [] => true,
                    [one] => !one.is_array(),
                    _ => false,
                };
                let is_text = is_single && carrier.joins_lists();
                let mut items = items.iter().enumerate();
                (!is_text || judge.may_mean(schema, way, value))
                    && items.all(|(index, item)| inside(Step::Item(index), carrier.item(), item))
            }
            Value::Object(members) => members.iter().all(|(name, value)| {
                inside(Step::Property(name.clone()), forms.member(carrier, name), value)
            }),
            _ => judge.may_mean(schema, way, value),
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

    /// The value that a schema reads from the written form of another value. `None` if it refuses all readings of the
    /// form, or if the value has no written form.
    pub(super) fn read(&self, question: Question<'d>, value: &Value) -> Result<Option<Value>, String> {
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

    /// Does the same for an object with many properties: tries further readings of the properties that are refused.
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
            let refused = refusals.iter().filter_map(|it| it.pointer.split('/').nth(1));
            let refused: BTreeSet<String> =
                refused.map(|step| pointer::unescape(step).into_owned()).collect();
            let mut next = refused.into_iter().filter_map(|name| {
                let next = choices.get_mut(&name)?.as_array_mut()?.pop()?;
                Some((name, next))
            });
            let Some((name, first)) = next.next() else {
                return Ok(None);
            };
            value.insert(name, first);
            value.extend(next);
        }
    }

    /// The reason why the judge refuses a value; `None` if it accepts the value.
    pub(super) fn refusal(&self, question: Question<'d>, value: &Value) -> Option<String> {
        let forms = &self.solver.lowering.forms;
        let written = carrier::written(forms, question.carrier, value);
        let readings = written.and_then(|it| carrier::readings(forms, question.carrier, &it));
        let mut told = None;
        for value in readings.unwrap_or_else(|| vec![value.clone()]) {
            let why = self.refusal_of(question, &value);
            // If there are several readings, the refusal of one with the right type is the better reason.
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

    /// The reason why the judge refuses a value that is sent as JSON for what it is as a whole, not for what is inside it.
    pub(super) fn refusal_as_whole(&self, question: Question<'d>, value: &Value) -> Option<String> {
        let judge = &self.judges[question.source];
        let mut refusals = self
            .schemas(question)
            .flat_map(|it| judge.value(it, travelling(question), value).refusals);
        refusals.find(|it| it.pointer.is_empty()).map(|it| it.why)
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
            // A missing property has no location of its own, so the location of its object is used.
            Cause::Missing => refusal.pointer.rsplit_once('/').map_or("", |(around, _)| around),
            _ => &refusal.pointer,
        };
        Some(Refutation::reason(at, &refusal.why))
    }

    /// Whether a schema means a text, if the value is one: properties without a `type` also accept texts, but mean objects.
    fn means(&mut self, question: Question<'d>, value: &Value) -> bool {
        let Some(text) = value.as_str() else {
            return true;
        };
        let meant = self.values(question, World::Closed);
        let arena = self.solver.arena();
        let text = [arena.text(text)];
        let parts = [
            meant,
            arena.kind(Kind::String),
            arena.literal(Literal::StrIn(text.as_slice().into())),
        ];
        matches!(self.solver.ask(&parts), Outcome::Sat(_))
    }

    pub(super) fn verified(
        &mut self,
        source: Question<'d>,
        target: Question<'d>,
        witness: &Value,
    ) -> Result<Refutation, Doubt> {
        let accepted = self.admits(source, witness).map_err(Doubt::Why)?;
        let refused = !self.admits(target, witness).map_err(Doubt::Why)?;
        // The search compares listed numbers in their canonical text, but a reader accepts every spelling.
        let is_text = source.carrier.is_text();
        if accepted && !refused && is_text && carrier::is_spelled_otherwise(witness) {
            return Err(Doubt::Why(SPELLED.to_owned()));
        }
        if !accepted || !refused {
            // The judge has no message to read if it is not defined how the value is written.
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
        for alike in carrier::written_alike(forms, source.carrier, &written) {
            let is_taken = |question| self.judged(question, &alike) == Ok(true);
            if is_taken(source) && is_taken(target) && self.means(source, &alike) {
                return Err(Doubt::Why(JOINED.to_owned()));
            }
        }
        Ok(Refutation { witness, because })
    }
}

/// Creates the judge of a document's schemas. Its reasons may quote the value, because they are reported with the
/// witness.
pub(super) fn judge(document: &Document, reading: Reading) -> Contract<'_> {
    let mut contract = Contract::new(document).quoting_values();
    if reading.formats {
        contract = contract.holding_formats();
    }
    if reading.nullable == Nullable::Strict {
        contract = contract.reading_nullable_strictly();
    }
    contract
}

/// The direction in which the values of a schema are sent. A standalone schema has none, so either direction is
/// correct.
fn travelling(question: Question<'_>) -> openapi_wire::Direction {
    match question.direction {
        Some(Direction::Request) | None => openapi_wire::Direction::Request,
        Some(Direction::Response) => openapi_wire::Direction::Response,
    }
}
