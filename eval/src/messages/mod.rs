//! Whole messages of an operation, written under one document and judged under another.

mod candidates;
mod instance;

use openapi_document::view::{Operation, Operations, ParameterIn, RequestBody, Response as Declared, Status};
use openapi_drift::Document;
use openapi_wire::{
    Contract, Judgement, Part, Read, Request, Response, Verdict, Written, write_header, write_request,
    write_response,
};
use serde_json::Value;

pub(crate) use candidates::candidates;
pub(crate) use instance::{Instances, Size, Step, names};

/// The kind of location from which an operation is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Called {
    Path,
    Webhook,
    Callback,
}

/// A document with its JSON value and its judge.
pub(crate) struct Judged<'d> {
    pub(crate) document: &'d Document,
    pub(crate) value: &'d Value,
    pub(crate) contract: Contract<'d>,
}

impl<'d> Judged<'d> {
    pub(crate) fn new(document: &'d Document, value: &'d Value) -> Self {
        Self {
            document,
            value,
            contract: Contract::new(document),
        }
    }

    /// The operation at a pointer.
    pub(crate) fn operation(&self, at: &str) -> Option<(Called, Operation<'d>)> {
        operations(self.document)
            .into_iter()
            .find(|(_, it)| *it.here.at == *at)
    }

    pub(crate) fn judge(&self, called: Called, operation: &Operation<'d>, message: &Message) -> Judgement {
        match (message, called) {
            (Message::Request(request), Called::Path) => self.contract.request(request),
            (Message::Request(request), _) => self.contract.named_request(operation, request),
            (Message::Response(response), Called::Path) => self.contract.response(operation, response),
            (Message::Response(response), _) => self.contract.named_response(operation, response),
        }
    }
}

/// All operations of a document: those of its paths, its webhooks and its callbacks.
pub(crate) fn operations(document: &Document) -> Vec<(Called, Operation<'_>)> {
    let paths = Operations::of_paths(document).list;
    let callbacks: Vec<_> = paths
        .iter()
        .flat_map(|it| it.callbacks(document).into_iter().flatten())
        .flat_map(|it| Operations::of_callback(document, &it).list)
        .collect();
    let webhooks = Operations::of_webhooks(document).list;
    let with = |called| move |it| (called, it);
    let mut all: Vec<_> = paths.into_iter().map(with(Called::Path)).collect();
    all.extend(webhooks.into_iter().map(with(Called::Webhook)));
    all.extend(callbacks.into_iter().map(with(Called::Callback)));
    all
}

/// A request or a response.
pub(crate) enum Message {
    Request(Request),
    Response(Response),
}

/// The part of an operation's messages that a schema describes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Spot {
    Parameter(Part),
    Body { media: String },
    Answer { status: String, media: String },
    AnswerHeader { status: String, name: String },
}

/// A value to be placed at a location.
#[derive(Clone, Copy)]
pub(crate) struct Focus<'f> {
    pub(crate) spot: &'f Spot,
    pub(crate) way: &'f [Step],
    pub(crate) value: &'f Value,
}

/// The messages that a writer sends: minimal and maximal ones, in each media type and with each status.
pub(crate) fn messages(
    writer: &Judged<'_>,
    called: Called,
    operation: &Operation<'_>,
    sends_request: bool,
    focus: Option<Focus<'_>>,
) -> Vec<Message> {
    let sizes: &[Size] = match focus {
        Some(_) => &[Size::Minimal],
        None => &[Size::Minimal, Size::Maximal],
    };
    let mut found = Vec::new();
    for size in sizes {
        if sends_request {
            requests(writer, called, operation, *size, focus, &mut found);
        } else {
            responses(writer, operation, *size, focus, &mut found);
        }
    }
    found
}

/// The value of a schema at a location, with the focus in it if the focus is there.
fn value_at(
    instances: Instances<'_>,
    at: &str,
    size: Size,
    is_focus: bool,
    focus: Option<Focus<'_>>,
) -> Option<Value> {
    let schema = instances.document.pointer(at)?;
    match focus {
        Some(focus) if is_focus => instances.around(schema, focus.way, focus.value),
        _ => instances.of(schema, size),
    }
}

fn requests(
    writer: &Judged<'_>,
    called: Called,
    operation: &Operation<'_>,
    size: Size,
    focus: Option<Focus<'_>>,
    found: &mut Vec<Message>,
) {
    let instances = Instances::new(writer.value, true);
    let mut values = Vec::new();
    for parameter in operation.parameters(writer.document).into_iter().flatten() {
        let name = parameter.name.to_owned();
        let part = match parameter.place {
            ParameterIn::Path => Part::Path(name),
            ParameterIn::Query | ParameterIn::QueryString => Part::Query(name),
            ParameterIn::Header => Part::Header(name.to_ascii_lowercase()),
            ParameterIn::Cookie => Part::Cookie(name),
        };
        let is_focus = focus.is_some_and(|it| matches!(it.spot, Spot::Parameter(own) if *own == part));
        if !(is_focus || parameter.required || size == Size::Maximal) {
            continue;
        }
        let schema = parameter
            .schema()
            .or_else(|| parameter.content().and_then(|it| it.schema()));
        let value = schema.and_then(|it| value_at(instances, &it.at, size, is_focus, focus));
        match value {
            Some(value) => values.push((part, value)),
            None if is_focus || parameter.required => return,
            None => {}
        }
    }
    let mut push = |body: Option<(&_, &Value)>| {
        if let Ok(mut request) = write_request(writer.document, operation, &values, body) {
            if called != Called::Path && request.target.as_ref().is_some_and(|it| !it.contains('?')) {
                request.target = None;
            }
            found.push(Message::Request(request));
        }
    };
    let body = operation.request_body(writer.document).and_then(Result::ok);
    let is_in_body =
        |own: &str| focus.is_some_and(|it| matches!(it.spot, Spot::Body { media } if media == own));
    let focuses_body = focus.is_some_and(|it| matches!(it.spot, Spot::Body { .. }));
    if !focuses_body && body.as_ref().is_none_or(|it| !it.required()) {
        push(None);
    }
    for media_type in body.iter().flat_map(RequestBody::content) {
        let is_focus = is_in_body(media_type.written);
        let value = match media_type.schema() {
            Some(schema) => value_at(instances, &schema.at, size, is_focus, focus),
            None => Some("a".into()),
        };
        if let Some(value) = value.filter(|_| is_focus || !focuses_body) {
            push(Some((&media_type, &value)));
        }
    }
}

/// A status that this response describes, and no other response of the operation.
fn status_of(declared: &[Declared<'_>], own: &Declared<'_>) -> Option<u16> {
    let means_own =
        |code: &u16| Declared::declared_for(declared, *code).is_some_and(|it| it.here.at == own.here.at);
    match own.status {
        Status::Code(code) => Some(code),
        _ => [200, 202, 207, 226, 302, 307, 404, 418, 429, 500, 502, 103]
            .into_iter()
            .find(means_own),
    }
}

fn responses(
    writer: &Judged<'_>,
    operation: &Operation<'_>,
    size: Size,
    focus: Option<Focus<'_>>,
    found: &mut Vec<Message>,
) {
    let instances = Instances::new(writer.value, false);
    let declared: Vec<_> = operation
        .responses(writer.document)
        .into_iter()
        .flatten()
        .collect();
    for answer in &declared {
        let own_status = answer.here.at.to_string();
        let (is_elsewhere, in_media, in_header) = match focus.map(|it| it.spot) {
            Some(Spot::Answer { status, media }) => (*status != own_status, Some(media), None),
            Some(Spot::AnswerHeader { status, name }) => (*status != own_status, None, Some(name)),
            Some(_) => (true, None, None),
            None => (false, None, None),
        };
        let Some(status) = status_of(&declared, answer).filter(|_| !is_elsewhere) else {
            continue;
        };
        let mut headers = Vec::new();
        let mut is_whole = true;
        for header in answer.headers(writer.document).into_iter().flatten() {
            let is_focus = in_header.is_some_and(|it| it == header.name);
            if !(is_focus || header.required() || size == Size::Maximal) {
                continue;
            }
            let schema = header
                .schema()
                .or_else(|| header.content().and_then(|it| it.schema()));
            let value = schema.and_then(|it| value_at(instances, &it.at, size, is_focus, focus));
            match value.and_then(|it| write_header(&header, &it).ok()) {
                Some(text) => headers.push((header.name.to_owned(), text)),
                None => is_whole &= !(is_focus || header.required()),
            }
        }
        if !is_whole {
            continue;
        }
        let mut push = |body: Option<(&_, &Value)>| {
            if let Ok(mut response) = write_response(writer.document, status, body) {
                response.headers.extend(headers.iter().cloned());
                found.push(Message::Response(response));
            }
        };
        let content = answer.content();
        if content.is_empty() {
            push(None);
        }
        for media_type in content {
            let is_focus = in_media.is_some_and(|it| it == media_type.written);
            if in_media.is_some() && !is_focus {
                continue;
            }
            let value = match media_type.schema() {
                Some(schema) => value_at(instances, &schema.at, size, is_focus, focus),
                None => Some("a".into()),
            };
            if let Some(value) = value {
                push(Some((&media_type, &value)));
            }
        }
    }
}

/// The result of sending a message from a writer to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The writer's own document refuses the message, or cannot decide.
    Unsendable,
    /// The reader accepts the message as it is meant.
    Taken,
    /// The reader accepts the message, but reads something else.
    ReadOtherwise,
    /// The reader refuses the message.
    Refused,
    /// The judge cannot decide for the reader.
    Open,
}

/// Sends a message from one document to another, which may lack the operation.
pub(crate) fn sent<'w, 'r>(
    writer: &Judged<'w>,
    written_by: (Called, &Operation<'w>),
    reader: &Judged<'r>,
    read_by: Option<(Called, &Operation<'r>)>,
    message: &Message,
) -> Outcome {
    let own = writer.judge(written_by.0, written_by.1, message);
    if own.verdict() != Verdict::Accepted {
        return Outcome::Unsendable;
    }
    let other = match (read_by, message) {
        (Some((called, operation)), _) => reader.judge(called, operation, message),
        // A request to a removed operation is judged by its path.
        (None, Message::Request(request)) if written_by.0 == Called::Path => reader.contract.request(request),
        (None, _) => return Outcome::Refused,
    };
    match other.verdict() {
        Verdict::Refused => Outcome::Refused,
        Verdict::CannotTell => Outcome::Open,
        Verdict::Accepted if !reads_alike(&own, &other) => Outcome::ReadOtherwise,
        Verdict::Accepted => Outcome::Taken,
    }
}

/// Whether two documents read each part alike. A part that only one of them declares does not count.
fn reads_alike(own: &Judgement, other: &Judgement) -> bool {
    own.read
        .iter()
        .all(|(part, read)| match (read, other.read.get(part)) {
            (Read::Text(read), Some(Read::Text(other))) => told_apart(read) == told_apart(other),
            (Read::Text(text), Some(Read::Json(value))) | (Read::Json(value), Some(Read::Text(text))) => {
                is_text_of(text, value)
            }
            (read, Some(other)) => read == other,
            (_, None) => true,
        })
}

/// Whether a text is that of a number or a boolean, which is also its JSON.
fn is_text_of(written: &Written, value: &Value) -> bool {
    let Written::Text(text) = written else {
        return false;
    };
    (value.is_number() || value.is_boolean())
        && serde_json::from_str(text).is_ok_and(|it: Value| it == *value)
}

/// Removes differences that no style can express: an empty list becomes an empty text, and a list of one item becomes
/// that item.
fn told_apart(written: &Written) -> Written {
    match written {
        Written::List(items) if items.is_empty() => Written::Text(String::new()),
        Written::List(items) if items.len() == 1 => told_apart(&items[0]),
        Written::List(items) => Written::List(items.iter().map(told_apart).collect()),
        Written::Members(members) => {
            let members = members
                .iter()
                .map(|(name, member)| (name.clone(), told_apart(member)));
            Written::Members(members.collect())
        }
        whole => whole.clone(),
    }
}
