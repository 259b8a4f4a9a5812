//! The gate: a breaking finding stands on a message, as it travels, that the one document accepts and that the other
//! refuses at the finding's place or reads there as another value.
//!
//! The message is written and judged by `openapi-wire`, which shares no code with the comparison.

use std::collections::BTreeSet;

use openapi_document::Document;
use openapi_document::pointer::unescape;
use openapi_document::view::{
    Header, MediaName, MediaType, Operation, Requirement, Response as Answer, SecurityScheme, Server,
    template_names,
};
use openapi_wire::{
    Contract, Judgement, Part, Refusal, Request, Response, WriteError, write_header, write_request,
    write_request_by, write_response,
};
use serde_json::{Map, Value};

use crate::comparison::{Comparison, Pair};
use crate::containment::{Carrier, Styled, TextPlace};
use crate::report::{Level, Message, Side};
use crate::rules::credentials::meaning;

/// Operations whose messages are tried for one finding, until one shows it.
const MOST_TRIED: usize = 4;

/// What the gate makes of a finding so far.
#[derive(Debug, Default)]
pub(crate) struct Passage {
    tried: usize,
    outcome: Option<Outcome>,
}

/// What the judge says of a message that should show a finding.
#[derive(Debug)]
enum Outcome {
    /// One document accepts it, and the other does not, or reads something else.
    Shown(Box<Message>),
    /// Nobody can tell, for this reason.
    Open(String),
    /// The judge says otherwise than the engine.
    Contradicted(String),
}

impl Outcome {
    /// Smaller for what says more.
    fn rank(&self) -> u8 {
        match self {
            Self::Shown(_) => 0,
            Self::Open(_) => 1,
            Self::Contradicted(_) => 2,
        }
    }
}

/// A message in values, and what it should show.
pub(crate) struct Claim<'c, 'd> {
    pub(crate) pair: &'c Pair<'d>,
    /// The document that allows the message.
    pub(crate) accepted_by: Side,
    /// The place that the other refuses: a JSON pointer into the message, empty for the operation itself.
    pub(crate) at: &'c str,
    /// The operation itself is what the other document lacks.
    pub(crate) is_removal: bool,
    /// The key of the answer, where the message is one.
    pub(crate) status: Option<&'c str>,
    pub(crate) message: &'c Map<String, Value>,
}

impl Passage {
    /// Whether another message may still show the finding.
    pub(crate) fn is_wanted(&self) -> bool {
        self.tried < MOST_TRIED && !matches!(self.outcome, Some(Outcome::Shown(_)))
    }
}

/// Judges a message that should show the finding at `index`: whether the judge leaves it that it does.
pub(crate) fn judge<'d>(comparison: &mut Comparison<'d>, index: usize, claim: &Claim<'_, 'd>) -> bool {
    let headers = required_headers(comparison, claim);
    let gate = Gate {
        contracts: comparison.schemas.contracts(),
        claim,
        headers,
    };
    let outcome = gate.outcome();
    let stands = !matches!(outcome, Outcome::Contradicted(_));
    let passage = comparison.passages.entry(index).or_default();
    passage.tried += 1;
    let known = passage.outcome.as_ref();
    if known.is_none_or(|it| outcome.rank() < it.rank()) {
        passage.outcome = Some(outcome);
    }
    stands
}

/// Puts its message to each breaking finding, and takes those that none shows for risky: how many of them the engine was
/// wrong about, or showed no message for.
pub(crate) fn settle(comparison: &mut Comparison<'_>) -> usize {
    let mut faults = 0;
    for index in 0..comparison.findings.len() {
        let passage = comparison.passages.remove(&index).unwrap_or_default();
        let finding = comparison.findings.get_mut(index);
        if finding.level != Level::Breaking {
            continue;
        }
        let why = match passage.outcome {
            Some(Outcome::Shown(message)) => {
                if let Some(witness) = &mut finding.witness {
                    witness.message = Some(message);
                }
                continue;
            }
            Some(Outcome::Open(why)) => format!("whether its message is refused cannot be told: {why}"),
            Some(Outcome::Contradicted(why)) => {
                faults += 1;
                format!("the independent check did not confirm its message: {why}")
            }
            None => {
                faults += 1;
                "no message that shows it was found".to_owned()
            }
        };
        finding.level = Level::Risky;
        finding.undecided = Some(why);
    }
    faults
}

/// Values of the headers that an answer must have, whatever its message says.
fn required_headers<'d>(comparison: &mut Comparison<'d>, claim: &Claim<'_, 'd>) -> Vec<(String, Value)> {
    let Some(code) = code_of(claim.message) else {
        return Vec::new();
    };
    let (side, direction) = (claim.accepted_by, claim.pair.answers());
    let document = comparison.document(side);
    let answers = answers(claim.pair.side(side), document);
    let Some(answer) = Answer::declared_for(&answers, code) else {
        return Vec::new();
    };
    let required = answer.headers(document).into_iter().flatten();
    let required = required.filter(Header::required);
    required
        .map(|header| {
            let schema = header.schema().or_else(|| header.content()?.schema());
            let value = schema.and_then(|schema| {
                let carrier = Carrier::Styled(Styled {
                    place: TextPlace::Header,
                    ..Styled::default()
                });
                let schemas = &mut comparison.schemas;
                let id = schemas.lower_carried(side, schema.node, direction, carrier);
                comparison.schemas.sample(id)
            });
            (header.name.to_owned(), value.unwrap_or_else(|| "x".into()))
        })
        .collect()
}

fn answers<'d>(operation: &Operation<'d>, document: &'d Document) -> Vec<Answer<'d>> {
    operation.responses(document).into_iter().flatten().collect()
}

fn code_of(message: &Map<String, Value>) -> Option<u16> {
    u16::try_from(message.get("status")?.as_u64()?).ok()
}

/// One message before both documents.
struct Gate<'c, 'd> {
    contracts: &'c [Contract<'d>; 2],
    claim: &'c Claim<'c, 'd>,
    /// Headers that an answer must have.
    headers: Vec<(String, Value)>,
}

impl<'d> Gate<'_, 'd> {
    fn contract(&self, side: Side) -> &Contract<'d> {
        match side {
            Side::Base => &self.contracts[0],
            Side::Revision => &self.contracts[1],
        }
    }

    fn writer(&self) -> (&'d Document, &Operation<'d>) {
        let side = self.claim.accepted_by;
        (self.contract(side).document(), self.claim.pair.side(side))
    }

    fn reader(&self) -> (&'d Document, &Operation<'d>) {
        let side = self.claim.accepted_by.other();
        (self.contract(side).document(), self.claim.pair.side(side))
    }

    fn outcome(&self) -> Outcome {
        let mut best: Option<Outcome> = None;
        for name in self.media_names() {
            let outcome = if self.claim.message.contains_key("status") {
                self.answer(name.as_ref())
            } else {
                self.request(name.as_ref())
            };
            if let Outcome::Shown(_) = outcome {
                return outcome;
            }
            if best.as_ref().is_none_or(|it| outcome.rank() < it.rank()) {
                best = Some(outcome);
            }
        }
        best.unwrap_or_else(|| Outcome::Contradicted("its message has no media type".to_owned()))
    }

    /// The media types that the body may be sent in: the one of the message, and where that is within a range, one that
    /// nobody lists.
    fn media_names(&self) -> Vec<Option<MediaName>> {
        let Some(own) = content_type(self.claim.message).filter(|_| self.claim.message.contains_key("body"))
        else {
            return vec![None];
        };
        let unlisted = own
            .essence()
            .split_once('/')
            .map(|(kind, _)| format!("{kind}/x-any"));
        let unlisted = unlisted.map(|it| MediaName::parse(&it));
        std::iter::once(Some(own)).chain(unlisted.map(Some)).collect()
    }

    fn request(&self, name: Option<&MediaName>) -> Outcome {
        let (document, operation) = self.writer();
        let content = match operation.request_body(document) {
            Some(Ok(body)) => body.content(),
            _ => Vec::new(),
        };
        let body = match self.body(&content, name) {
            Ok(body) => body,
            Err(why) => return Outcome::Contradicted(why),
        };
        let values = values(self.claim.message);
        let body = body.as_ref().zip(self.claim.message.get("body"));
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

    /// The way in of these credentials.
    fn way<'w>(
        &self,
        ways: &'w [Requirement<'d>],
        brought: &Map<String, Value>,
    ) -> Option<&'w Requirement<'d>> {
        let (document, _) = self.writer();
        let is_brought = |way: &&Requirement<'d>| {
            let schemes = way.schemes.iter().map(|(name, _)| {
                let scheme = SecurityScheme::named(document, name)?.ok()?;
                Some(meaning(&scheme.here))
            });
            let asked: Option<BTreeSet<String>> = schemes.collect();
            asked.is_some_and(|asked| asked.iter().eq(brought.keys().collect::<BTreeSet<_>>()))
        };
        ways.iter().find(is_brought)
    }

    fn judged_request(&self, side: Side, request: &Request) -> Judgement {
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

    fn answer(&self, name: Option<&MediaName>) -> Outcome {
        let (document, operation) = self.writer();
        let own = answers(operation, document);
        let Some((code, declared)) = self.code(&own) else {
            return Outcome::Contradicted("no status is declared on the one side only".to_owned());
        };
        let content = declared.content();
        let body = match self.body(&content, name) {
            Ok(body) => body,
            Err(why) => return Outcome::Contradicted(why),
        };
        let body = body.as_ref().zip(self.claim.message.get("body"));
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
            self.contract(side)
                .response(self.claim.pair.side(side), &response)
        };
        let allowed = judged(self.claim.accepted_by);
        let refused = judged(self.claim.accepted_by.other());
        self.compared(&allowed, &refused, open.as_ref(), || self.answer_told(&response))
    }

    /// The status to answer with, and how the allowing document declares it.
    fn code<'a>(&self, own: &'a [Answer<'d>]) -> Option<(u16, &'a Answer<'d>)> {
        let code = code_of(self.claim.message)?;
        let (document, operation) = self.reader();
        let others = answers(operation, document);
        let key = self.claim.status.unwrap_or_default();
        let is_free = |code: &u16| match Answer::declared_for(own, *code) {
            // Of a range or a default, a status that it is there for, and that the claim is about.
            Some(it) => {
                let is_own = it.written.eq_ignore_ascii_case(key) || key.parse() == Ok(*code);
                is_own && Answer::declared_for(&others, *code).is_none() == self.claim.at.is_empty()
            }
            None => false,
        };
        let codes = std::iter::once(code)
            .chain(500..600)
            .chain(400..500)
            .chain(200..204);
        let codes = codes.chain(205..400).chain(100..200);
        let code = codes.into_iter().find(is_free).unwrap_or(code);
        Some((code, Answer::declared_for(own, code)?))
    }

    fn write_headers(&self, declared: &Answer<'d>, response: &mut Response) -> Result<(), WriteError> {
        let own = self.claim.message.get("headers").and_then(Value::as_object);
        let own = own.into_iter().flatten();
        let values: Vec<(&String, &Value)> = own
            .chain(self.headers.iter().map(|(name, value)| (name, value)))
            .collect();
        let (document, _) = self.writer();
        for header in declared.headers(document).into_iter().flatten() {
            let named = |(name, _): &&(&String, &Value)| name.eq_ignore_ascii_case(header.name);
            if !header.name.eq_ignore_ascii_case("content-type")
                && let Some((_, value)) = values.iter().find(named)
            {
                let text = write_header(&header, value)?;
                response.headers.push((header.name.to_owned(), text));
            }
        }
        Ok(())
    }

    /// The media type that the body is written in, as the allowing document lists it.
    fn body(
        &self,
        content: &[MediaType<'d>],
        name: Option<&MediaName>,
    ) -> Result<Option<MediaType<'d>>, String> {
        if !self.claim.message.contains_key("body") {
            return Ok(None);
        }
        let name = name.ok_or("its message has a body without a media type")?;
        let listed = content.iter().find(|it| it.name == *name);
        let in_range = || {
            let mut ranges = content.iter().filter(|it| it.name.is_range());
            ranges.find(|it| it.name.covers(name))
        };
        if let Some(listed) = listed.or_else(in_range) {
            let mut listed = listed.clone();
            listed.name = name.clone();
            return Ok(Some(listed));
        }
        // Its parameters are those of the document that sends it.
        let kin = content.iter().find(|it| it.name.essence() == name.essence());
        kin.cloned()
            .map(Some)
            .ok_or_else(|| format!("{name} is not listed where its message is sent"))
    }

    /// What both judgements say together. A body that nobody here can write is `open`: it is another one that was judged.
    fn compared(
        &self,
        allowed: &Judgement,
        refused: &Judgement,
        open: Option<&WriteError>,
        message: impl FnOnce() -> Message,
    ) -> Outcome {
        // Where another body stands for one that cannot be written, what is said of it does not count.
        let counts = |it: &Refusal| open.is_none() || it.part != Part::Body;
        if allowed.refusals.iter().any(counts) {
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
        if self.claim.is_removal && refused.refusals.is_empty() {
            return Outcome::Open("another operation answers at its path".to_owned());
        }
        Outcome::Contradicted(if refused.refusals.is_empty() {
            "the document that should refuse it accepts it".to_owned()
        } else {
            format!("what is refused is {}", reasons(refused))
        })
    }

    fn place(&self) -> Place {
        let mut steps = self
            .claim
            .at
            .split('/')
            .skip(1)
            .map(|it| unescape(it).into_owned());
        let (group, name) = (steps.next(), steps.next());
        let mut inside: Vec<String> = steps.collect();
        let part = match (group.as_deref(), name) {
            (None, _) if self.claim.is_removal => Where::Address,
            (None, _) => Where::Operation,
            (Some("body"), step) => {
                inside.splice(0..0, step);
                Where::Body
            }
            (Some("headers"), Some(name)) if name.eq_ignore_ascii_case("content-type") => Where::MediaType,
            (Some("path_parameters"), Some(name)) => {
                let index = |(_, operation): (&Document, &Operation<'_>), name: &str| {
                    template_names(&operation.path).iter().position(|it| *it == name)
                };
                let index = index(self.writer(), &name).or_else(|| index(self.reader(), &name));
                let own = |operation: &Operation<'_>| {
                    let names = template_names(&operation.path);
                    index.and_then(|index| names.get(index).map(|it| (*it).to_owned()))
                };
                let (writer, reader) = (own(self.writer().1), own(self.reader().1));
                Where::Parameter([Some(name), writer, reader].into_iter().flatten().collect())
            }
            (Some(_), name) => Where::Parameter(name.into_iter().collect()),
        };
        Place { part, inside }
    }

    fn is_in_path(&self, name: &str) -> bool {
        let has =
            |(_, operation): (&Document, &Operation<'_>)| template_names(&operation.path).contains(&name);
        has(self.writer()) || has(self.reader())
    }

    fn request_told(&self, request: &Request) -> Message {
        Message {
            method: request.method.clone(),
            target: request.target.clone(),
            ..self.told(None, &request.headers, request.body.as_deref())
        }
    }

    fn answer_told(&self, response: &Response) -> Message {
        self.told(Some(response.status), &response.headers, response.body.as_deref())
    }

    /// A message without the target of a request.
    fn told(&self, status: Option<u16>, headers: &[(String, String)], body: Option<&[u8]>) -> Message {
        let (_, operation) = self.writer();
        let body = body.map(|it| std::str::from_utf8(it).map_err(|_| it));
        Message {
            method: operation.method.to_string(),
            target: None,
            name: (self.claim.pair.calls_back || status.is_some()).then(|| operation.path.to_string()),
            status,
            headers: headers.to_vec(),
            body: body.and_then(Result::ok).map(str::to_owned),
            body_hex: body.and_then(Result::err).map(hex),
        }
    }
}

/// Where a finding is: a part of a message, and the steps into its value.
struct Place {
    part: Where,
    inside: Vec<String>,
}

enum Where {
    /// What leads to the operation.
    Address,
    /// The operation as a whole.
    Operation,
    /// The body and its media type.
    Body,
    /// The media type of the body, whatever the body is.
    MediaType,
    /// A parameter or header by one of these names, wherever it travels.
    Parameter(Vec<String>),
}

impl Place {
    fn holds(&self, part: &Part) -> bool {
        match (&self.part, part) {
            (Where::Address, Part::Target | Part::Path(_))
            | (Where::Operation, Part::Target | Part::Security | Part::Status | Part::ContentType)
            | (Where::Body, Part::Body)
            | (Where::MediaType, Part::ContentType) => true,
            // Where the place is inside the body, another media type is another matter.
            (Where::Body, Part::ContentType) => self.inside.is_empty(),
            (
                Where::Parameter(names),
                Part::Path(own) | Part::Query(own) | Part::Header(own) | Part::Cookie(own),
            ) => names.iter().any(|name| name.eq_ignore_ascii_case(own)),
            _ => false,
        }
    }

    /// Whether a pointer is the place, around it or inside it; `*` stands for any step.
    fn touches(&self, pointer: &str) -> bool {
        let steps = pointer.split('/').skip(1).map(unescape);
        steps
            .zip(&self.inside)
            .all(|(step, own)| own == "*" || *own == step)
    }
}

fn reasons(judgement: &Judgement) -> String {
    let refusals = judgement.refusals.iter().take(2);
    let told = refusals.map(|it| match it.pointer.as_str() {
        "" => format!("{}: {}", it.part, it.why),
        at => format!("{} at {at}: {}", it.part, it.why),
    });
    told.collect::<Vec<_>>().join("; ")
}

fn unwritten(error: &WriteError) -> Outcome {
    if error.why.is_unknown() {
        Outcome::Open(error.to_string())
    } else {
        Outcome::Contradicted(error.to_string())
    }
}

/// The values of a request's parameters by their parts.
fn values(message: &Map<String, Value>) -> Vec<(Part, Value)> {
    type Named = fn(String) -> Part;
    let groups: [(&str, Named); 4] = [
        ("path_parameters", Part::Path),
        ("query", Part::Query),
        ("headers", |name| Part::Header(name.to_ascii_lowercase())),
        ("cookies", Part::Cookie),
    ];
    let mut values = Vec::new();
    for (group, part) in groups {
        let members = message.get(group).and_then(Value::as_object);
        for (name, value) in members.into_iter().flatten() {
            values.push((part(name.clone()), value.clone()));
        }
    }
    values
}

fn content_type(message: &Map<String, Value>) -> Option<MediaName> {
    let headers = message.get("headers")?.as_object()?;
    let mut headers = headers.iter();
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"))?;
    value.as_str().map(MediaName::parse)
}

/// Bytes of a media type in which no value can be written, with their header.
fn put_bytes(headers: &mut Vec<(String, String)>, media_type: &MediaType<'_>) -> Vec<u8> {
    headers.push(("Content-Type".to_owned(), media_type.name.to_string()));
    b"0".to_vec()
}

/// What is sent under a range is sent as one type of it.
fn retype(headers: &mut [(String, String)], media_type: &MediaType<'_>) {
    if !MediaName::parse(media_type.written).is_range() {
        return;
    }
    for (name, value) in headers {
        if name.eq_ignore_ascii_case("content-type") {
            *value = media_type.name.to_string();
        }
    }
}

/// What stands before the path of an operation.
fn base_path(operation: &Operation<'_>, document: &Document) -> String {
    let servers = operation.servers(document);
    servers.first().map_or_else(String::new, Server::base_path)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
