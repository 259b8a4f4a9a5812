//! Writes messages in the form in which they travel, as the allowing document describes it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use openapi_document::Document;
use openapi_document::view::{
    Header, MediaName, MediaType, Operation, Requirement, Response as Answer, SecurityScheme,
};
use openapi_wire::{Direction, Part, Request, Response, WriteError, write_header};
use serde_json::{Map, Value};

use super::{Claim, Gate};
use crate::comparison::Comparison;
use crate::containment::{Carrier, Parting, Styled, TextPlace};
use crate::report::Message;
use crate::rules::credentials::meaning;

/// The headers that a response must have, with a value for each.
pub(super) fn required_headers<'d>(
    comparison: &mut Comparison<'d>,
    claim: &Claim<'_, 'd>,
) -> Vec<(String, Value)> {
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
                    parting: Parting::Comma,
                    ..Styled::default()
                });
                let schemas = &mut comparison.schemas;
                let id = schemas.lower_carried(side, schema.node, direction, carrier);
                comparison.schemas.sample(id)
            });
            (header.name.to_owned(), value.unwrap_or_default())
        })
        .collect()
}

pub(super) fn answers<'d>(operation: &Operation<'d>, document: &'d Document) -> Vec<Answer<'d>> {
    operation.responses(document).into_iter().flatten().collect()
}

pub(super) fn code_of(message: &Map<String, Value>) -> Option<u16> {
    u16::try_from(message.get("status")?.as_u64()?).ok()
}

/// Maximum number of ways in which missing tags are added to a body.
const MOST_TAGGED: usize = 4;

/// A candidate body that may show a finding.
#[derive(Default)]
pub(super) struct Body<'c> {
    pub(super) value: Option<Cow<'c, Value>>,
    /// Whether the body leaves out a discriminator's property that it could have.
    pub(super) lacks_tag: bool,
}

impl<'d> Gate<'_, 'd> {
    /// The media types to try for the body: the message's own type, and an unlisted subtype in case a range covers it.
    pub(super) fn media_names(&self) -> Vec<Option<MediaName>> {
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

    /// The bodies to try: the message's own body with its missing tags added, in a few ways, and the body unchanged.
    pub(super) fn bodies(&self, name: Option<&MediaName>) -> Vec<Body<'_>> {
        let Some(own) = self.claim.message.get("body") else {
            return vec![Body::default()];
        };
        let is_answer = self.claim.message.contains_key("status");
        let direction = if is_answer == self.claim.pair.calls_back {
            Direction::Request
        } else {
            Direction::Response
        };
        let media_type = self.media_type(name).ok().flatten();
        let schema = media_type.and_then(|it| it.schema());
        let contract = self.contract(self.claim.accepted_by);
        let tagged = |nth| contract.tagged(schema.as_ref()?.node, direction, own, nth);
        let mut bodies: Vec<Body<'_>> = (0..MOST_TAGGED)
            .map_while(tagged)
            .map(|value| Body {
                value: Some(Cow::Owned(value)),
                lacks_tag: false,
            })
            .collect();
        bodies.push(Body {
            value: Some(Cow::Borrowed(own)),
            lacks_tag: !bodies.is_empty(),
        });
        bodies
    }

    /// Whether null is the real value of the claim's part, written as JSON, and not the mark of a value that could not be
    /// built.
    fn is_null_said(&self, part: &Part) -> bool {
        let place = self.place();
        if !place.inside.is_empty() || !place.holds(part) {
            return false;
        }
        let is_json = |content: Option<MediaType<'_>>| content.is_some_and(|it| it.name.is_json());
        let (document, operation) = self.writer();
        let answers = answers(operation, document);
        let answer = code_of(self.claim.message).and_then(|code| Answer::declared_for(&answers, code));
        let headers = answer.map(|it| it.headers(document)).unwrap_or_default();
        let mut headers = headers.into_iter().flatten();
        let mut parameters = operation.parameters(document).into_iter().flatten();
        if self.claim.message.contains_key("status") {
            let is_part = |it: &Header<'_>| *part == Part::Header(it.name.to_ascii_lowercase());
            headers.find(is_part).is_some_and(|it| is_json(it.content()))
        } else {
            let parameter = parameters.find(|it| Part::of(it) == *part);
            parameter.is_some_and(|it| is_json(it.content()))
        }
    }

    /// The parts of the message that should have a value and lack one.
    pub(super) fn unbuilt(&self) -> Vec<Part> {
        let message = self.claim.message;
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| (Part::Header(name.to_ascii_lowercase()), value.clone()));
        let mut parts: Vec<Part> = values(message)
            .into_iter()
            .chain(headers)
            .filter(|(part, value)| value.is_null() && !self.is_null_said(part))
            .map(|(part, _)| part)
            .collect();
        let (document, operation) = self.writer();
        let is_asked = || {
            // Without a listed media type, no body can be written.
            let body = operation.request_body(document).and_then(Result::ok);
            body.is_some_and(|body| body.required() && body.content().is_empty())
        };
        let is_answer = message.contains_key("status");
        if !message.contains_key("body") && (content_type(message).is_some() || !is_answer && is_asked()) {
            parts.push(Part::Body);
        }
        parts
    }

    pub(super) fn content(&self) -> Vec<MediaType<'d>> {
        self.content_of(self.writer())
    }

    fn reader_content(&self) -> Vec<MediaType<'d>> {
        self.content_of(self.reader())
    }

    fn content_of(&self, (document, operation): (&'d Document, &Operation<'d>)) -> Vec<MediaType<'d>> {
        if !self.claim.message.contains_key("status") {
            return match operation.request_body(document) {
                Some(Ok(body)) => body.content(),
                _ => Vec::new(),
            };
        }
        let own = answers(operation, document);
        self.code(&own)
            .map_or_else(Vec::new, |(_, declared)| declared.content())
    }

    /// The media type in which the body is written, as the allowing document lists it.
    pub(super) fn media_type(&self, name: Option<&MediaName>) -> Result<Option<MediaType<'d>>, String> {
        let content = self.content();
        if !self.claim.message.contains_key("body") {
            return Ok(None);
        }
        let name = name.ok_or("its message has a body without a media type")?;
        // One document describes the items of a stream, the other the list of them: the list is written by the latter.
        if self.claim.is_list
            && let Some(listed) = self.reader_content().into_iter().find(|it| it.name == *name)
        {
            return Ok(Some(listed));
        }
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
        // A listed media type that differs only in its parameters stands for it.
        let kin = content.iter().find(|it| it.name.essence() == name.essence());
        kin.cloned()
            .map(Some)
            .ok_or_else(|| format!("{name} is not listed where its message is sent"))
    }

    /// The security requirement that asks for exactly these credentials, with the same scopes if there is one.
    pub(super) fn way<'w>(
        &self,
        ways: &'w [Requirement<'d>],
        brought: &Map<String, Value>,
    ) -> Option<&'w Requirement<'d>> {
        let (document, _) = self.writer();
        let asked = |way: &'w Requirement<'d>| {
            let mut asked: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
            for (name, scopes) in &way.schemes {
                let scheme = SecurityScheme::named(document, name)?.ok()?;
                asked.entry(meaning(&scheme.here)).or_default().extend(scopes);
            }
            Some(asked)
        };
        let is_alike = |way: &&'w Requirement<'d>| {
            asked(way).is_some_and(|it| it.keys().eq(brought.keys().collect::<BTreeSet<_>>()))
        };
        let has_scopes = |way: &&'w Requirement<'d>| {
            let asked = asked(way).unwrap_or_default();
            let mut all = asked.iter();
            all.all(|(name, own)| {
                let scopes = brought[name].as_array().into_iter().flatten();
                *own == scopes.filter_map(Value::as_str).collect::<BTreeSet<_>>()
            })
        };
        let mut alike = ways.iter().filter(is_alike);
        let first = alike.clone().next();
        alike.find(has_scopes).or(first)
    }

    /// The status code of the response, and the response that the allowing document declares for it.
    pub(super) fn code<'a>(&self, own: &'a [Answer<'d>]) -> Option<(u16, &'a Answer<'d>)> {
        let code = code_of(self.claim.message)?;
        let (document, operation) = self.reader();
        let others = answers(operation, document);
        let key = self.claim.status.unwrap_or_default();
        let is_free = |code: &u16| match Answer::declared_for(own, *code) {
            // The code must belong to the entry of the claim. If the claim is about the status itself, the other
            // document must lack the code; otherwise it must declare it.
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

    pub(super) fn write_headers(
        &self,
        declared: &Answer<'d>,
        response: &mut Response,
    ) -> Result<(), WriteError> {
        let own = self.claim.message.get("headers").and_then(Value::as_object);
        let own = own.into_iter().flatten();
        let values: Vec<(&String, &Value)> = own
            .chain(self.headers.iter().map(|(name, value)| (name, value)))
            .filter(|(name, value)| {
                !value.is_null() || self.is_null_said(&Part::Header(name.to_ascii_lowercase()))
            })
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

    pub(super) fn request_told(&self, request: &Request, unbuilt: Vec<String>) -> Message {
        Message {
            method: request.method.clone(),
            target: request.target.clone(),
            ..self.told(None, &request.headers, request.body.as_deref(), unbuilt)
        }
    }

    pub(super) fn answer_told(&self, response: &Response, unbuilt: Vec<String>) -> Message {
        let body = response.body.as_deref();
        self.told(Some(response.status), &response.headers, body, unbuilt)
    }

    /// Describes a message for the report, without the target of a request.
    pub(super) fn told(
        &self,
        status: Option<u16>,
        headers: &[(String, String)],
        body: Option<&[u8]>,
        unbuilt: Vec<String>,
    ) -> Message {
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
            unbuilt,
        }
    }
}

/// The values of a message's parameters and headers, each with its part.
pub(super) fn values(message: &Map<String, Value>) -> Vec<(Part, Value)> {
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

pub(super) fn content_type(message: &Map<String, Value>) -> Option<MediaName> {
    let headers = message.get("headers")?.as_object()?;
    let mut headers = headers.iter();
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case("content-type"))?;
    value.as_str().map(MediaName::parse)
}

/// Adds the content type and returns placeholder bytes, for a media type in which no value can be written.
pub(super) fn put_bytes(headers: &mut Vec<(String, String)>, media_type: &MediaType<'_>) -> Vec<u8> {
    let (name, essence) = (media_type.name.to_string(), media_type.name.essence());
    // A multipart type needs a boundary. The placeholder body has no parts.
    if essence.starts_with("multipart/") && media_type.name.parameter("boundary").is_none() {
        headers.push(("Content-Type".to_owned(), format!("{name};boundary=parts")));
        return b"--parts--\r\n".to_vec();
    }
    headers.push(("Content-Type".to_owned(), name));
    let is_xml = essence.ends_with("/xml") || essence.ends_with("+xml");
    if is_xml { b"<a/>".to_vec() } else { b"0".to_vec() }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
