//! What both documents say of a message.

use openapi_document::view::MediaType;
use openapi_wire::{
    Judgement, Part, Refusal, Request, WriteError, write_request, write_request_by, write_response,
};
use serde_json::Value;

use super::place::Where;
use super::writing::{answers, base_path, content_type, put_bytes, retype, values};
use super::{Gate, Outcome};
use crate::report::{Message, Side};

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
        let values = values(self.claim.message);
        let ways = operation.security(document).unwrap_or_default();
        let brought = self.claim.message.get("credentials").and_then(Value::as_object);
        let write = |body| match brought {
            Some(brought) => {
                let way = self.way(&ways, brought);
                write_request_by(document, operation, &values, body, way)
            }
            None => write_request(document, operation, &values, body),
        };
        let written = write(body);
        let (written, open) = match (written, body) {
            // Whether the media type is taken can be told whatever the body says.
            (Err(error), Some((media_type, _))) if error.why.is_unknown() => {
                let written = write(None).map(|mut request| {
                    request.body = Some(put_bytes(&mut request.headers, media_type));
                    request
                });
                (written, Some(error))
            }
            (written, _) => (written, None),
        };
        let mut request = match written {
            Ok(request) => request,
            Err(error) => return unwritten(&error),
        };
        if let Some((media_type, _)) = body {
            retype(&mut request.headers, media_type);
        }
        if self.claim.pair.calls_back {
            // It is addressed by its name; only what is asked beside travels.
            let query = request.target.as_deref().and_then(|it| it.split_once('?'));
            request.target = query.map(|(_, query)| format!("?{query}"));
        }
        let allowed = self.judged_request(self.claim.accepted_by, &request);
        let refused = self.judged_request(self.claim.accepted_by.other(), &request);
        self.compared(&allowed, &refused, open.as_ref(), || self.request_told(&request))
    }

    pub(super) fn judged_request(&self, side: Side, request: &Request) -> Judgement {
        let (contract, operation) = (self.contract(side), self.claim.pair.side(side));
        if self.claim.pair.calls_back {
            return contract.named_request(operation, request);
        }
        // Who sends it means the operation, whatever other template takes its path.
        if self.claim.is_removal && side != self.claim.accepted_by {
            return contract.request(request);
        }
        let mut request = request.clone();
        if let Some(target) = &mut request.target {
            let (document, own) = self.writer();
            // Where the service stands is compared by itself.
            let rest = target.strip_prefix(&base_path(own, document)).unwrap_or(target);
            *target = base_path(operation, contract.document()) + rest;
        }
        contract.request_to(operation, &request)
    }

    pub(super) fn answer(&self, body: Option<(&MediaType<'d>, &Value)>) -> Outcome {
        let (document, operation) = self.writer();
        let own = answers(operation, document);
        let Some((code, declared)) = self.code(&own) else {
            return Outcome::Contradicted("no status is declared on the one side only".to_owned());
        };
        let written = write_response(document, code, body);
        let (written, open) = match (written, body) {
            (Err(error), Some((media_type, _))) if error.why.is_unknown() => {
                let written = write_response(document, code, None).map(|mut response| {
                    response.body = Some(put_bytes(&mut response.headers, media_type));
                    response
                });
                (written, Some(error))
            }
            (written, _) => (written, None),
        };
        let mut response = match written {
            Ok(response) => response,
            Err(error) => return unwritten(&error),
        };
        if let Some((media_type, _)) = body {
            retype(&mut response.headers, media_type);
        }
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
        self.compared(&allowed, &refused, open.as_ref(), || self.answer_told(&response))
    }

    /// Whether a part beside the place of the finding must be there, and no value is known that it can have.
    fn is_unknown(&self, part: &Part) -> bool {
        if self.place().holds(part) {
            return false;
        }
        let (document, operation) = self.writer();
        let of_header = |name: &str| {
            let own = answers(operation, document);
            let (_, declared) = self.code(&own)?;
            let mut headers = declared.headers(document).into_iter().flatten();
            let header = headers.find(|it| it.name.eq_ignore_ascii_case(name))?;
            header.schema().or_else(|| header.content()?.schema())
        };
        let of_parameter = || {
            let mut parameters = operation.parameters(document).into_iter().flatten();
            let parameter = parameters.find(|it| Part::of(it) == *part)?;
            parameter.schema().or_else(|| parameter.content()?.schema())
        };
        let schema = match part {
            // Where no media type is listed, no body can be sent.
            Part::Body if !self.claim.message.contains_key("body") => return self.content().is_empty(),
            Part::Body => {
                let name = content_type(self.claim.message);
                let media_type = self.media_type(name.as_ref()).ok().flatten();
                media_type.and_then(|it| it.schema())
            }
            Part::Header(name) if self.claim.message.contains_key("status") => of_header(name),
            _ => of_parameter(),
        };
        schema.is_some_and(|it| self.schemas.lacks_sample(self.claim.accepted_by, it.node.id()))
    }

    /// What both judgements say together. A body that nobody here can write is `open`: it is another one that was judged.
    pub(super) fn compared(
        &self,
        allowed: &Judgement,
        refused: &Judgement,
        open: Option<&WriteError>,
        message: impl FnOnce() -> Message,
    ) -> Outcome {
        // Where another body stands for one that cannot be written, what is said of it does not count.
        let counts = |it: &Refusal| open.is_none() || it.part != Part::Body;
        if allowed.refusals.iter().any(counts) {
            let mut counted = allowed.refusals.iter().filter(|it| counts(it));
            let unknown = allowed.refusals.iter().find(|it| counts(it));
            if let Some(unknown) = unknown.filter(|_| counted.all(|it| self.is_unknown(&it.part))) {
                return Outcome::Open(format!("no value of {} is known that can be sent", unknown.part));
            }
            let why = reasons(allowed);
            return Outcome::Contradicted(format!("the document that should allow it refuses {why}"));
        }
        let place = self.place();
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
        if let Some(error) = open {
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
        // What the one reads at a parameter, the other reads as another value, or finds nothing there.
        let is_misread = || {
            allowed.read.iter().any(|(part, read)| {
                let other = refused.read.get(part);
                let is_missed = other.is_none() && matches!(place.part, Where::Parameter(_));
                place.holds(part) && (is_missed || other.is_some_and(|other| other != read))
            })
        };
        if is_refused || is_misread() {
            return Outcome::Shown(Box::new(message()));
        }
        if let Some(open) = doubt(refused) {
            return open;
        }
        // A parameter that cannot be read stands nowhere.
        let mut doubts = allowed.doubts.iter().chain(&refused.doubts);
        if let Some(doubt) = doubts.find(|it| it.part == Part::Target) {
            return Outcome::Open(format!("{}: {}", doubt.part, doubt.why));
        }
        if self.claim.is_removal && refused.refusals.is_empty() {
            return Outcome::Open("another operation answers at its path".to_owned());
        }
        Outcome::Contradicted(if refused.refusals.is_empty() {
            "the document that should refuse it accepts it".to_owned()
        } else {
            format!("what is refused is {}", reasons(refused))
        })
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
