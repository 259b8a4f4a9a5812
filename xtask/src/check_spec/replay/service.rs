//! An OpenAPI document as the service that it describes: the requests that it accepts, its responses, and its refusals.

use std::cell::RefCell;
use std::rc::Rc;

use openapi_document::view::{MediaName, Operation, ParameterIn, Response, Server, template_names};
use openapi_document::{Document, Located, pointer};
use openapi_drift::Values;
use openapi_wire::{Cause, Contract, Direction, Part, Refusal, Request, Route, chosen};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::message;

/// A document and the values of its schemas.
pub(super) struct Service<'d> {
    /// The judge. It may quote values, because all messages here come from the client or are made up.
    contract: Contract<'d>,
    pub(super) values: Values<'d>,
    /// The last request and its judgement, kept because most findings of an operation are replayed with the same
    /// request.
    last: RefCell<Option<(Request, String, Rc<Received>)>>,
}

/// A refusal or doubt about a place in a message.
pub(super) struct Reason {
    /// The place in the message, in the form that findings use; `/credentials` for the security requirements.
    pub(super) at: String,
    pub(super) why: String,
}

/// The judgement of a request.
pub(super) struct Received {
    /// The texts of the path's parameters, in order.
    pub(super) texts: Vec<String>,
    pub(super) refusals: Vec<Reason>,
    /// Parts that the document leaves open.
    pub(super) doubts: Vec<Reason>,
    /// The status of the response to a refused request.
    pub(super) status: u16,
}

impl<'d> Service<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Self {
            contract: Contract::new(document).quoting_values(),
            values: Values::new(document),
            last: RefCell::default(),
        }
    }

    pub(super) fn document(&self) -> &'d Document {
        self.contract.document()
    }

    /// The operation at a template, regardless of the names of its parameters.
    pub(super) fn operation(&self, method: &str, template: &str) -> Option<Operation<'d>> {
        self.contract.operation(method, template).cloned()
    }

    /// Judges a request that the client sends for the operation at a template of the pin.
    pub(super) fn receive(&self, request: &Request, pinned: &str) -> Rc<Received> {
        if let Some((known, template, received)) = &*self.last.borrow()
            && (known, template.as_str()) == (request, pinned)
        {
            return Rc::clone(received);
        }
        let received = Rc::new(self.judged(request, pinned));
        *self.last.borrow_mut() = Some((request.clone(), pinned.to_owned(), Rc::clone(&received)));
        received
    }

    fn judged(&self, request: &Request, pinned: &str) -> Received {
        let request = &self.addressed(request, pinned);
        let (operation, texts) = match self.contract.route(&request.method, path(request)) {
            Route::Operation(operation, texts) => (Some(operation), texts),
            Route::NoSuchMethod(_) | Route::NoSuchPath => (None, Vec::new()),
        };
        let body = operation.and_then(|it| it.request_body(self.document())?.ok());
        let lists_media_types = body.is_some_and(|it| !it.content().is_empty());
        let parameters = operation.map(|it| it.parameters(self.document()));
        let parameters = parameters.into_iter().flatten().flatten();
        let headers = parameters.filter(|it| it.place == ParameterIn::Header);
        let headers: Vec<&str> = headers.map(|it| it.name).collect();
        let renamed = |part: Part| match part {
            // Use the pin's names for the path's parameters, as the client does.
            Part::Path(name) => {
                let named = texts.iter().map(|(own, _)| own).zip(template_names(pinned));
                let own = named.into_iter().find(|(own, _)| **own == name);
                Part::Path(own.map_or(name.clone(), |(_, pinned)| pinned.to_owned()))
            }
            part => spelled(part, &headers),
        };
        let judgement = self.contract.request(request);
        let mut status = 400;
        let mut refusals = Vec::new();
        for refusal in judgement.refusals {
            if refusal.part == Part::ContentType && !lists_media_types {
                continue;
            }
            let (own, why) = match (&refusal.part, refusal.cause) {
                (_, cause @ (Cause::NoSuchPath | Cause::NoSuchMethod)) => {
                    let status = if cause == Cause::NoSuchPath { 404 } else { 405 };
                    (
                        status,
                        Some(format!("staging has no {} {pinned}", request.method)),
                    )
                }
                (Part::Security, _) => (401, Some("no credentials that suffice are there".to_owned())),
                (Part::ContentType, _) => (415, None),
                _ if lacks_body(&refusal) => (400, Some("the required body is missing".to_owned())),
                _ => (400, None),
            };
            status = status.max(own);
            let part = renamed(refusal.part.clone());
            refusals.push(Reason {
                at: place(&part) + &refusal.pointer,
                why: why.unwrap_or_else(|| told(&part, &refusal)),
            });
        }
        let doubts = judgement.doubts.into_iter().map(|doubt| Reason {
            why: format!("{}: {}", doubt.part, doubt.why),
            at: place(&renamed(doubt.part)),
        });
        let doubts = doubts.collect();
        let decoded = |(_, text): &(String, String)| percent_decode_str(text).decode_utf8_lossy().into();
        Received {
            texts: texts.iter().map(decoded).collect(),
            refusals,
            doubts,
            status,
        }
    }

    /// The request with the base path of the document's server. The client was given the local URL, which replaces the
    /// document's server URL.
    fn addressed(&self, request: &Request, pinned: &str) -> Request {
        let named = self.contract.operation(&request.method, pinned);
        let named = named.or_else(|| self.contract.operations().first());
        let servers = named.map(|it| it.servers(self.document())).unwrap_or_default();
        let base = servers.first().map(Server::base_path).unwrap_or_default();
        Request {
            target: request.target.as_ref().map(|target| base + target),
            ..request.clone()
        }
    }

    /// Returns everything in a response `{status, headers, body}` that the document does not describe.
    ///
    /// # Errors
    /// The reason why the response cannot be made, or why the document cannot be used to judge it.
    pub(super) fn answer_refusals(
        &self,
        operation: &Operation<'d>,
        message: &Value,
    ) -> Result<Vec<Reason>, String> {
        let response = message::answer(message)?;
        let judgement = self.contract.response(operation, &response);
        if let Some(doubt) = judgement.doubts.first() {
            return Err(format!("{}: {}", doubt.part, doubt.why));
        }
        let is_bodiless = BODILESS.contains(&response.status);
        let declared = self.answer(operation, response.status);
        let headers = declared.as_ref().map(|it| it.headers(self.document()));
        let headers = headers.into_iter().flatten().flatten();
        let headers: Vec<&str> = headers.map(|it| it.name).collect();
        let mut found = Vec::new();
        for refusal in judgement.refusals {
            if is_bodiless && matches!(refusal.part, Part::Body | Part::ContentType) {
                continue;
            }
            let part = spelled(refusal.part.clone(), &headers);
            found.push(Reason {
                at: place(&part) + &refusal.pointer,
                why: match part {
                    Part::Status => format!("no answer {} is declared", response.status),
                    _ if lacks_body(&refusal) => "there is no body".to_owned(),
                    part => told(&part, &refusal),
                },
            });
        }
        let has_content = declared.is_none_or(|it| !it.content().is_empty());
        if response.body.is_some() && !is_bodiless && !has_content {
            found.push(Reason {
                at: "/body".to_owned(),
                why: "no body is declared".to_owned(),
            });
        }
        Ok(found)
    }

    /// The declaration for a status: for the status itself, its range, or the default.
    pub(super) fn answer(&self, operation: &Operation<'d>, status: u16) -> Option<Response<'d>> {
        let answers: Vec<_> = operation
            .responses(self.document())
            .into_iter()
            .flatten()
            .collect();
        Response::declared_for(&answers, status).cloned()
    }

    /// The schema of a response's body with this status and media type.
    pub(super) fn schema(&self, operation: &Operation<'d>, status: u16, media: &str) -> Option<Located<'d>> {
        let content = self.answer(operation, status)?.content();
        chosen(&content, &MediaName::parse(media), Direction::Response)?.schema()
    }

    /// The schema that a schema declares for a place in its values.
    pub(super) fn walk(&self, schema: Located<'d>, way: &str) -> Option<Located<'d>> {
        let mut here = schema.follow(self.document()).ok()?;
        for name in pointer::steps(way)? {
            let declared = self.branches(&here).into_iter().find_map(|it| {
                let own = it.get("properties").and_then(|properties| properties.get(&name));
                own.or_else(|| it.get("items"))
                    .or_else(|| it.get("additionalProperties"))
            });
            here = declared?.follow(self.document()).ok()?;
        }
        Some(here)
    }

    /// A schema and the branches of its `allOf`.
    pub(super) fn branches(&self, schema: &Located<'d>) -> Vec<Located<'d>> {
        let parts = schema.get("allOf");
        let parts = parts.iter().flat_map(Located::items);
        let parts = parts.filter_map(|it| it.follow(self.document()).ok());
        std::iter::once(schema.clone()).chain(parts).collect()
    }
}

/// Statuses whose responses never have a body, regardless of the document.
const BODILESS: [u16; 3] = [204, 205, 304];

fn path(request: &Request) -> &str {
    let target = request.target.as_deref().unwrap_or_default();
    target.split_once('?').map_or(target, |(path, _)| path)
}

/// A header with its name as written in the document, since the judge compares names of headers without case.
fn spelled(part: Part, declared: &[&str]) -> Part {
    match part {
        Part::Header(name) => {
            let own = declared.iter().find(|it| it.eq_ignore_ascii_case(&name));
            Part::Header(own.map_or(name, |own| (*own).to_owned()))
        }
        part => part,
    }
}

fn lacks_body(refusal: &Refusal) -> bool {
    refusal.part == Part::Body && refusal.cause == Cause::Missing && refusal.pointer.is_empty()
}

/// The place of a message part, in the form that findings use.
fn place(part: &Part) -> String {
    let (group, name) = match part {
        Part::Security => return "/credentials".to_owned(),
        Part::ContentType | Part::Body => return "/body".to_owned(),
        Part::Path(name) => ("/path_parameters", name),
        Part::Query(name) => ("/query", name),
        Part::Header(name) => ("/headers", name),
        Part::Cookie(name) => ("/cookies", name),
        _ => return String::new(),
    };
    pointer::join(group, name)
}

fn told(part: &Part, refusal: &Refusal) -> String {
    match (part, refusal.cause) {
        (Part::Header(name), Cause::Missing) => format!("the required header `{name}` is missing"),
        (Part::Query(name), Cause::Missing) => format!("the required query `{name}` is missing"),
        (Part::Cookie(name), Cause::Missing) => format!("the required cookie `{name}` is missing"),
        // Use the validator's own sentence, which quotes the value.
        _ if refusal.keyword.is_some() => refusal.why.clone(),
        _ => format!("{part}: {}", refusal.why),
    }
}

/// Whether a statement about one place of a message also concerns another: they are equal, or one contains the other.
pub(super) fn concerns(said_of: &str, at: &str) -> bool {
    if at.is_empty() {
        return matches!(said_of, "" | "/credentials");
    }
    said_of
        .split('/')
        .zip(at.split('/'))
        .all(|(own, other)| own == other || own == "*" || other == "*")
}

#[cfg(test)]
mod tests {
    use openapi_drift::Document;
    use openapi_wire::Request;
    use serde_json::json;

    use super::{Reason, Service, concerns};

    #[test]
    fn what_is_said_of_a_place_concerns_what_it_holds_and_what_holds_it() {
        assert!(concerns("/body/a/b", "/body/a"));
        assert!(concerns("/body", "/body/a"));
        assert!(concerns("", "/body/a"));
        assert!(concerns("/body/lines/0/sku", "/body/lines/*/sku"));
        assert!(!concerns("/body/ab", "/body/a"));
        assert!(!concerns("/headers/x", ""));
        assert!(concerns("/credentials", ""));
    }

    #[test]
    fn a_request_reaches_the_paths_of_the_document_wherever_its_server_has_them() {
        let document = Document::read(
            br##"{"openapi": "3.0.0", "servers": [{"url": "https://h.example/api"}], "paths": {
            "/u/{user}": {"get": {"parameters": [
                {"in": "path", "name": "user", "required": true, "schema": {"type": "string", "maxLength": 3}}]}},
            "/u/me": {"$ref": "#/x"}}, "x": {"get": {}}}"##,
        )
        .unwrap();
        let service = Service::new(&document);
        let received = |method: &str, target: &str| {
            let request = Request {
                method: method.to_owned(),
                target: Some(target.to_owned()),
                ..Request::default()
            };
            let received = service.receive(&request, "/u/{id}");
            (
                received.status,
                received.texts.join(" "),
                told(&received.refusals).join("; "),
            )
        };
        assert_eq!(
            received("GET", "/u/a%20b"),
            (400, "a b".to_owned(), String::new())
        );
        assert_eq!(received("GET", "/u/me"), (400, String::new(), String::new()));
        let long = "/path_parameters/id: \"long\" is longer than 3 characters";
        assert_eq!(
            received("GET", "/u/long"),
            (400, "long".to_owned(), long.to_owned())
        );
        let none = ": staging has no PUT /u/{id}";
        assert_eq!(received("PUT", "/u/you"), (405, String::new(), none.to_owned()));
        assert_eq!(received("PUT", "/v"), (404, String::new(), none.to_owned()));
    }
    fn told(reasons: &[Reason]) -> Vec<String> {
        reasons
            .iter()
            .map(|it| format!("{}: {}", it.at, it.why))
            .collect()
    }

    #[test]
    fn what_a_document_has_against_an_answer_is_told_by_the_names_of_the_document() {
        let document = Document::read(
            br#"{"openapi": "3.0.0", "paths": {"/u": {"get": {"responses": {
            "200": {"headers": {"X-Left": {"required": true, "schema": {"type": "integer"}}},
                "content": {"application/json": {"schema": {"required": ["a/b"]}}}},
            "204": {}, "4XX": {}}}}}}"#,
        )
        .unwrap();
        let service = Service::new(&document);
        let operation = service.operation("GET", "/u").unwrap();
        let told = |answer| told(&service.answer_refusals(&operation, &answer).unwrap());
        let missing = "/headers/X-Left: the required header `X-Left` is missing";
        assert_eq!(told(json!({"status": 200})), [missing, "/body: there is no body"]);
        let answer = json!({"status": 200, "headers": {"x-left": 7}, "body": {}});
        assert_eq!(told(answer), ["/body/a~1b: \"a/b\" is a required property"]);
        assert_eq!(told(json!({"status": 204, "body": {}})), [""; 0]);
        assert_eq!(
            told(json!({"status": 404, "body": {}})),
            ["/body: no body is declared"]
        );
        assert_eq!(told(json!({"status": 500})), [": no answer 500 is declared"]);
        let answer = json!({"status": 200, "headers": {"content-type": "image/png"}, "body": ""});
        let refused = service.answer_refusals(&operation, &answer);
        assert_eq!(refused.err().as_deref(), Some("nothing here writes image/png"));
    }

    #[test]
    fn what_stays_open_of_one_part_of_a_request_leaves_the_others_judged() {
        let document = Document::read(
            br#"{"openapi": "3.0.0", "paths": {"/u": {"post": {"security": [{"undeclared": []}],
            "requestBody": {"required": true}, "parameters": [{"in": "header", "name": "X-Key", "required": true}]}}}}"#,
        )
        .unwrap();
        let request = Request {
            method: "POST".to_owned(),
            target: Some("/u".to_owned()),
            ..Request::default()
        };
        let received = Service::new(&document).receive(&request, "/u");
        let missing = "/headers/X-Key: the required header `X-Key` is missing";
        assert_eq!(
            told(&received.refusals),
            [missing, "/body: the required body is missing"]
        );
        assert_eq!(
            told(&received.doubts),
            ["/credentials: the credentials: the document does not declare the scheme `undeclared`"]
        );
    }
}
