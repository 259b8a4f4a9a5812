//! Judges one message by both documents and combines the two judgements.

use std::collections::HashMap;

use openapi_document::view::MediaType;
use openapi_wire::{
    Cause, Judgement, Part, Read, Refusal, Request, WriteError, Written, base_path, write_request,
    write_request_by, write_response,
};
use serde_json::Value;

use super::place::{Place, Where};
use super::writing::{answers, put_bytes, values};
use super::{Gate, Outcome};
use crate::report::{Message, Side};

/// Why an object in pairs may not be found again.
const UNNAMED: &str = "the document that allows it does not say by which names its pairs are found";

/// Maximum number of other security requirements that are tried for one message.
const MOST_WAYS: usize = 4;

/// The value of a body, and its media type.
type Body<'b, 'd> = Option<(&'b MediaType<'d>, &'b Value)>;

/// Writes a message. The media type can be judged even if the body cannot be written, so a placeholder then takes its
/// place, and the error is returned, too.
fn written<'b, 'd, M>(
    body: Body<'b, 'd>,
    write: impl Fn(Body<'b, 'd>) -> Result<M, WriteError>,
    parts: impl FnOnce(&mut M) -> (&mut Vec<(String, String)>, &mut Option<Vec<u8>>),
) -> Result<(M, Option<WriteError>), WriteError> {
    let (mut message, open) = match write(body) {
        Err(error) if body.is_some() && error.why.is_unknown() => (write(None)?, Some(error)),
        written => (written?, None),
    };
    if let Some((media_type, _)) = body
        && open.is_some()
    {
        let (headers, bytes) = parts(&mut message);
        *bytes = Some(put_bytes(headers, media_type));
    }
    Ok((message, open))
}

impl<'d> Gate<'_, 'd> {
    pub(super) fn outcome(&self) -> Outcome {
        let mut best: Option<Outcome> = None;
        for name in self.media_names() {
            for body in self.bodies(name.as_ref()) {
                let outcome = match self.media_type(name.as_ref()) {
                    Err(why) => Outcome::Contradicted(why),
                    Ok(media_type) => {
                        let body = media_type.as_ref().zip(body.value.as_deref());
                        if self.claim.message.contains_key("status") {
                            self.answer(body)
                        } else {
                            self.request(body)
                        }
                    }
                };
                let outcome = match outcome {
                    Outcome::Shown(_) if body.lacks_tag => Outcome::Untagged,
                    // Without its tag, the body may mean another schema than the finding.
                    Outcome::Contradicted(_) if body.lacks_tag => {
                        Outcome::Open("no value with its tag could be built".to_owned())
                    }
                    Outcome::Contradicted(_) if !self.unbuilt().is_empty() => {
                        Outcome::Open("no value could be built for a part of it".to_owned())
                    }
                    outcome => outcome,
                };
                if let Outcome::Shown(_) = outcome {
                    return outcome;
                }
                if best.as_ref().is_none_or(|it| outcome.rank() < it.rank()) {
                    best = Some(outcome);
                }
            }
        }
        best.unwrap_or_else(|| Outcome::Contradicted("its message has no media type".to_owned()))
    }

    pub(super) fn request(&self, body: Option<(&MediaType<'d>, &Value)>) -> Outcome {
        let (document, operation) = self.writer();
        let unbuilt = self.unbuilt();
        if let Some(open) = self.lacking(&unbuilt) {
            return open;
        }
        let mut values = values(self.claim.message);
        for (part, value) in &mut values {
            if unbuilt.contains(part) {
                *value = "x".into();
            }
        }
        let ways = operation.security(document).unwrap_or_default();
        let brought = self.claim.message.get("credentials").and_then(Value::as_object);
        if let Some(brought) = brought {
            let way = self.way(&ways, brought);
            return self.written(body, unbuilt, |body| {
                write_request_by(document, operation, &values, body, way)
            });
        }
        let outcome = self.written(body, unbuilt.clone(), |body| {
            write_request(document, operation, &values, body)
        });
        if matches!(outcome, Outcome::Shown(_)) || ways.len() < 2 {
            return outcome;
        }
        // A credential may itself be the parameter that the other document requires. Another security requirement lacks
        // it.
        let mut others = ways.iter().take(MOST_WAYS).map(|way| {
            self.written(body, unbuilt.clone(), |body| {
                write_request_by(document, operation, &values, body, Some(way))
            })
        });
        others
            .find(|it| matches!(it, Outcome::Shown(_)))
            .unwrap_or(outcome)
    }

    /// Writes the request with `write`, and returns the outcome of both judgements on it.
    fn written(
        &self,
        body: Body<'_, 'd>,
        unbuilt: Vec<Part>,
        write: impl Fn(Body<'_, 'd>) -> Result<Request, WriteError>,
    ) -> Outcome {
        let written = written(body, write, |it| (&mut it.headers, &mut it.body));
        let (mut request, open) = match written {
            Ok(written) => written,
            Err(error) => return unwritten(&error),
        };
        if self.claim.pair.calls_back {
            // A callback or webhook is addressed by its name, so only the query of the target is part of the message.
            let query = request.target.as_deref().and_then(|it| it.split_once('?'));
            request.target = query.map(|(_, query)| format!("?{query}"));
        }
        let allowed = self.judged_request(self.claim.accepted_by, &request);
        let refused = self.judged_request(self.claim.accepted_by.other(), &request);
        let unsure = Unsure { open, unbuilt };
        self.compared(&allowed, &refused, &unsure, || {
            self.request_told(&request, unsure.told())
        })
    }

    pub(super) fn judged_request(&self, side: Side, request: &Request) -> Judgement {
        let (contract, operation) = (self.contract(side), self.claim.pair.side(side));
        if self.claim.pair.calls_back {
            return contract.named_request(operation, request);
        }
        // The caller means this operation, even if another template also matches the path. Only the request of a
        // removed operation is routed by its path.
        if self.claim.is_removal && side != self.claim.accepted_by {
            return contract.request(request);
        }
        // One document may write in its paths the prefix that the other writes in its server URLs.
        let judgement = contract.request_to(operation, request);
        let (document, own) = self.writer();
        let leads_elsewhere = judgement.refusals.iter().any(|it| it.part == Part::Target);
        let (base, other) = (
            base_path(document, own),
            base_path(contract.document(), operation),
        );
        if !leads_elsewhere || base == other {
            return judgement;
        }
        let mut request = request.clone();
        if let Some(target) = &mut request.target {
            // Server URLs are compared separately, so the base path of the other document is used here.
            let rest = target.strip_prefix(&base).unwrap_or(target);
            *target = other + rest;
        }
        contract.request_to(operation, &request)
    }

    pub(super) fn answer(&self, body: Option<(&MediaType<'d>, &Value)>) -> Outcome {
        let (document, operation) = self.writer();
        let unbuilt = self.unbuilt();
        if let Some(open) = self.lacking(&unbuilt) {
            return open;
        }
        let own = answers(operation, document);
        let Some((code, declared)) = self.code(&own) else {
            let mut all = operation.responses(document).into_iter();
            if let Some(Err(defect)) = all.find(Result::is_err) {
                return Outcome::Open(format!("an answer cannot be read: {defect}"));
            }
            return Outcome::Contradicted("no status is declared on the one side only".to_owned());
        };
        let write = |body: Option<_>| write_response(document, code, body);
        let written = written(body, write, |it| (&mut it.headers, &mut it.body));
        let (mut response, open) = match written {
            Ok(written) => written,
            Err(error) => return unwritten(&error),
        };
        if let Err(error) = self.write_headers(declared, &mut response) {
            return unwritten(&error);
        }
        let judged = |side| {
            let (contract, operation) = (self.contract(side), self.claim.pair.side(side));
            if self.claim.pair.calls_back {
                contract.named_response(operation, &response)
            } else {
                contract.response(operation, &response)
            }
        };
        let allowed = judged(self.claim.accepted_by);
        let refused = judged(self.claim.accepted_by.other());
        let unsure = Unsure { open, unbuilt };
        self.compared(&allowed, &refused, &unsure, || {
            self.answer_told(&response, unsure.told())
        })
    }

    /// Returns an open outcome where a part of the message outside the finding's place has no value. A finding about
    /// the whole operation does not depend on any one part.
    fn lacking(&self, unbuilt: &[Part]) -> Option<Outcome> {
        let place = self.place();
        let mut beside = unbuilt.iter().filter(|part| !place.holds(part));
        let part = beside.next().filter(|_| !self.claim.at.is_empty())?;
        Some(Outcome::Open(format!("no value could be built for {part}")))
    }

    /// Whether the texts of some parts were read as other values than they were written from: a list or an object in one
    /// text is also a plain text, and the pairs of one part may be members of another.
    fn is_read_otherwise(&self, judgement: &Judgement, is_meant: impl Fn(&Part) -> bool) -> bool {
        let body = self.claim.message.get("body").map(|it| (Part::Body, it.clone()));
        let written: HashMap<Part, Value> = values(self.claim.message).into_iter().chain(body).collect();
        let mut read = judgement.read.iter().filter(|(part, _)| is_meant(part));
        read.any(|(part, read)| match (written.get(part), read) {
            (Some(value), Read::Text(read)) => is_other(value, read),
            // A stream of one item is a list, where its schema does not say that it describes the items.
            (Some(value), Read::Json(Value::Array(_))) => !value.is_array(),
            (None, Read::Text(_)) => matches!(part, Part::Query(_) | Part::Cookie(_)),
            _ => false,
        })
    }

    /// Whether a value was written of which nothing is found again: one at the place, or a field of the body whose members
    /// are pairs of their own.
    fn loses_a_value(&self, place: &Place, judgement: &Judgement) -> bool {
        let is_carried = |(part, value): &(Part, Value)| place.holds(part) && !value.is_null();
        let is_carried = values(self.claim.message).iter().any(is_carried);
        if is_carried && !judgement.read.keys().any(|it| place.holds(it)) {
            return true;
        }
        let Some(Read::Text(Written::Members(read))) = judgement.read.get(&Part::Body) else {
            return false;
        };
        let body = self.claim.message.get("body").and_then(Value::as_object);
        let mut fields = body.into_iter().flatten();
        fields.any(|(name, value)| value.is_object() && read.iter().all(|(found, _)| found != name))
    }

    /// The outcome of a message that the document that should allow it refuses, where `counts` tells which refusals
    /// count.
    fn not_allowed(&self, place: &Place, allowed: &Judgement, counts: impl Fn(&Refusal) -> bool) -> Outcome {
        let why = reasons(allowed);
        // The engine treats overlapping alternatives of a `oneOf` as a choice, but a strict reader refuses a value that
        // matches several.
        let mut counted = allowed.refusals.iter().filter(|it| counts(it));
        if counted.all(|it| it.cause == Cause::Ambiguous) {
            return Outcome::Open(format!("by the letter of `oneOf` it was never sent: {why}"));
        }
        if self.loses_a_value(place, allowed) {
            return Outcome::Open(UNNAMED.to_owned());
        }
        // A parameter or header beside the place holds a sample. A sample that is refused is none.
        let mut counted = allowed.refusals.iter().filter(|it| counts(it));
        let is_sample = |part: &Part| {
            let is_text = matches!(
                part,
                Part::Path(_) | Part::Query(_) | Part::Header(_) | Part::Cookie(_)
            );
            is_text && !place.holds(part)
        };
        if counted.all(|it| is_sample(&it.part)) {
            return Outcome::Open(format!("no value could be built for all parts beside it: {why}"));
        }
        let is_refused = |part: &Part| allowed.refusals.iter().any(|it| it.part == *part);
        if self.is_read_otherwise(allowed, |part| place.holds(part) || is_refused(part)) {
            return Outcome::Open(format!(
                "its text may stand for another value, of which holds: {why}"
            ));
        }
        Outcome::Contradicted(format!("the document that should allow it refuses {why}"))
    }

    /// Combines the judgements of both documents into an outcome.
    fn compared(
        &self,
        allowed: &Judgement,
        refused: &Judgement,
        unsure: &Unsure,
        message: impl FnOnce() -> Message,
    ) -> Outcome {
        let open = unsure.open.as_ref();
        let place = self.place();
        let counts = |it: &Refusal| unsure.counts(&it.part);
        if allowed.refusals.iter().any(counts) {
            return self.not_allowed(&place, allowed, counts);
        }
        if let Where::Parameter(names) = &place.part
            && self.claim.at.starts_with("/path_parameters/")
            && !names.iter().any(|name| self.is_in_path(name))
        {
            return Outcome::Open("no request carries it, for the path has no such name".to_owned());
        }
        let is_its_type = |it: &Refusal| it.part == Part::ContentType && place.holds(&it.part);
        if refused.refusals.iter().any(is_its_type) {
            return Outcome::Shown(Box::new(message()));
        }
        if let Some(error) = open
            && !self.claim.is_removal
            && place.holds(&Part::Body)
        {
            return unwritten(error);
        }
        let doubt = |judgement: &Judgement| {
            let doubt = judgement.doubts.iter().find(|it| place.holds(&it.part));
            doubt.map(|it| Outcome::Open(format!("{}: {}", it.part, it.why)))
        };
        if let Some(open) = doubt(allowed) {
            return open;
        }
        let is_refused = refused
            .refusals
            .iter()
            .any(|it| place.holds(&it.part) && place.touches(&it.pointer));
        // For a removed operation any refusal counts, since another operation may match its path.
        let is_refused = is_refused || self.claim.is_removal && refused.refusals.iter().any(counts);
        // Whether the other document reads another value at the place, or finds none there.
        let is_misread = || {
            allowed.read.iter().any(|(part, read)| {
                let other = refused.read.get(part);
                let is_missed = other.is_none() && matches!(place.part, Where::Parameter(_));
                // A parameter that moved is not missed if its new place yields the same value.
                let is_missed = is_missed
                    && !refused
                        .read
                        .iter()
                        .any(|(part, it)| place.holds(part) && it == read);
                place.holds(part) && (is_missed || other.is_some_and(|other| other != read))
            })
        };
        if is_refused || is_misread() {
            return Outcome::Shown(Box::new(message()));
        }
        if let Some(open) = doubt(refused) {
            return open;
        }
        if self.claim.message.contains_key("credentials") && refused.refusals.is_empty() {
            return Outcome::Open(
                "what it brings travels as something that the other asks for does".to_owned(),
            );
        }
        // If a document's target is in doubt, its parameters cannot be located.
        let mut doubts = allowed.doubts.iter().chain(&refused.doubts);
        if let Some(doubt) = doubts.find(|it| it.part == Part::Target) {
            return Outcome::Open(format!("{}: {}", doubt.part, doubt.why));
        }
        if self.claim.is_removal && !refused.refusals.iter().any(counts) {
            return Outcome::Open("another operation answers at its path".to_owned());
        }
        if self.loses_a_value(&place, allowed) {
            return Outcome::Open(UNNAMED.to_owned());
        }
        if place.holds(&Part::Body) && refused.read.get(&Part::Body) == Some(&Read::Opaque) {
            return Outcome::Open("the bytes of its media type are not inspected".to_owned());
        }
        if let Some(part) = unsure.unbuilt.first() {
            return Outcome::Open(format!("no value could be built for {part}"));
        }
        if let Some(error) = open {
            return unwritten(error);
        }
        if [allowed, refused]
            .iter()
            .any(|it| self.is_read_otherwise(it, |part| place.holds(part)))
        {
            return Outcome::Open("its text also stands for another value, which is taken".to_owned());
        }
        Outcome::Contradicted(if refused.refusals.is_empty() {
            "the document that should refuse it accepts it".to_owned()
        } else {
            format!("what is refused is {}", reasons(refused))
        })
    }
}

/// Whether written content stands for another value: of another kind, or with other members or another number of items.
fn is_other(value: &Value, read: &Written) -> bool {
    match (value, read) {
        (_, Written::Json(read)) => is_composite(value) != is_composite(read),
        (Value::Array(items), Written::List(read)) => {
            items.len() != read.len() || items.iter().zip(read).any(|(item, read)| is_other(item, read))
        }
        (Value::Object(members), Written::Members(read)) => {
            let mut all = read.iter();
            members.len() != read.len()
                || all.any(|(name, read)| members.get(name).is_none_or(|own| is_other(own, read)))
        }
        (value, Written::Text(_)) => is_composite(value),
        (_, Written::List(_) | Written::Members(_)) => true,
    }
}

fn is_composite(value: &Value) -> bool {
    value.is_array() || value.is_object()
}

/// The parts of a message whose refusals do not count, since a placeholder stands for a value that could not be built.
struct Unsure {
    /// Why the body cannot be written, if so.
    open: Option<WriteError>,
    /// Parts for which no value could be built.
    unbuilt: Vec<Part>,
}

impl Unsure {
    fn counts(&self, part: &Part) -> bool {
        !(self.open.is_some() && *part == Part::Body || self.unbuilt.contains(part))
    }

    /// The parts that are placeholders, as a report names them.
    fn told(&self) -> Vec<String> {
        let body = self.open.as_ref().map(|_| &Part::Body);
        let body = body.filter(|it| !self.unbuilt.contains(it));
        self.unbuilt.iter().chain(body).map(ToString::to_string).collect()
    }
}

pub(super) fn reasons(judgement: &Judgement) -> String {
    let refusals = judgement.refusals.iter().take(2);
    let told = refusals.map(|it| match it.pointer.as_str() {
        "" => format!("{}: {}", it.part, it.why),
        at => format!("{} at {at}: {}", it.part, it.why),
    });
    told.collect::<Vec<_>>().join("; ")
}

pub(super) fn unwritten(error: &WriteError) -> Outcome {
    if error.why.is_unknown() {
        Outcome::Open(error.to_string())
    } else {
        Outcome::Contradicted(error.to_string())
    }
}
