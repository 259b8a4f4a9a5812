//! Compares two documents, with the judge of messages as the oracle.

use std::collections::HashSet;

use openapi_document::Node;
use openapi_document::view::{
    self, Operations, Parameter, ParameterIn, Server, Style, same_shape, template_names,
};
use openapi_drift::report::{Message, Report};
use openapi_drift::{Document, Level, Limits, Operation, Options, Scope, Side, comparable};
use openapi_wire::{Contract, Judgement, Part, Request, Response, Verdict, write_request};
use serde_json::{Value, json};

use crate::parts;

fn read(bytes: &[u8]) -> Option<Document> {
    let limits = Limits {
        bytes: 1 << 15,
        depth: 60,
        files: 1,
    };
    let document = Document::read_within(bytes, &limits).ok()?;
    comparable(&document).ok().map(|()| document)
}

/// Little fuel, so that many inputs are tried; harder questions stay undecided.
fn options() -> Options {
    let mut options = Options::default();
    options.fuel = 5_000;
    options
}

/// The same options for the first operation alone.
fn options_of_one(base: &Document) -> Options {
    let mut options = options();
    let first = Operations::of_paths(base).list.into_iter().next();
    options.scope = Scope::Operations(Vec::from_iter(first.map(|it| Operation {
        method: it.method.to_string(),
        path: it.path.to_string(),
        name: Some("the_first".to_owned()),
    })));
    options
}

pub(crate) fn compare(bytes: &[u8]) {
    let parts = parts(bytes);
    let Some((base, revision)) = parts
        .get(1)
        .and_then(|second| Some((read(parts[0])?, read(second)?)))
    else {
        return;
    };
    let own = openapi_drift::compare(&base, &base, &options());
    assert!(
        !own.reaches(Level::Additive),
        "a document drifts from itself: {:#?}",
        own.findings
    );
    for (base, revision) in [(&base, &revision), (&revision, &base)] {
        let of_one = openapi_drift::compare(base, revision, &options_of_one(base));
        breaking_findings_are_shown(base, revision, &of_one);
        let report = openapi_drift::compare(base, revision, &options());
        assert_eq!(
            report,
            openapi_drift::compare(base, revision, &options()),
            "it says otherwise the second time"
        );
        let text = serde_json::to_string(&report).expect("a report is JSON");
        let again: Report = serde_json::from_str(&text).expect("a report reads back");
        assert_eq!(again, report);
        breaking_findings_are_shown(base, revision, &report);
        assert_eq!(
            report.questions.internal_faults, 0,
            "the engine is sure and the judge says otherwise: {:#?}",
            report.findings
        );
        if !report.reaches(Level::Risky) {
            nothing_is_kept_silent(base, revision);
        }
    }
}

/// Checks that the message of each breaking finding is accepted and refused as the finding says.
fn breaking_findings_are_shown(base: &Document, revision: &Document, report: &Report) {
    let contracts = [Contract::new(base), Contract::new(revision)];
    let breaking = report.findings.iter().filter(|it| it.level == Level::Breaking);
    for finding in breaking {
        let witness = finding
            .witness
            .as_ref()
            .expect("a breaking finding has a witness");
        let message = witness
            .message
            .as_ref()
            .expect("a breaking finding has a message");
        let (allowing, refusing) = match witness.accepted_by {
            Side::Base => (&contracts[0], &contracts[1]),
            Side::Revision => (&contracts[1], &contracts[0]),
        };
        // The scopes and the issuer of a token are not part of a message.
        let is_bearer = |(name, value): &(String, String)| {
            name.eq_ignore_ascii_case("authorization") && value.to_ascii_lowercase().starts_with("bearer ")
        };
        let is_lost = finding.rule == "security-alternative-lost" && message.headers.iter().any(is_bearer);
        if finding.rule == "security-scope-required" || is_lost {
            continue;
        }
        // The finding is about one of several operations that a request may mean.
        let is_ambiguous = |document| {
            let operations = Operations::of_paths(document).list;
            let named = finding.operations.first().map(|it| &it.endpoint);
            let mut alike = operations.iter().filter(|it| {
                named.is_some_and(|named| *it.method == *named.method && same_shape(&it.path, &named.path))
            });
            alike.nth(1).is_some()
        };
        if is_ambiguous(base) || is_ambiguous(revision) {
            continue;
        }
        // An operation that is called by its name has no address that both documents know.
        let (Some(taken), Some(refused)) = (judged(allowing, message), judged(refusing, message)) else {
            continue;
        };
        // A doubt elsewhere in the message does not concern the finding.
        let is_taken = taken
            .refusals
            .iter()
            .all(|it| it.part == Part::Security || message.unbuilt.contains(&it.part.to_string()));
        assert!(is_taken, "{finding:#?} {:#?}", taken.refusals);
        let is_shown =
            refused.verdict() == Verdict::Refused || taken.read != refused.read || taken != refused;
        assert!(is_shown, "both documents take it alike: {finding:#?}");
    }
}

fn judged(contract: &Contract<'_>, message: &Message) -> Option<Judgement> {
    if message.name.is_some() && message.status.is_none() || message.body_hex.is_some() {
        return None;
    }
    let body = message.body.as_ref().map(|it| it.as_bytes().to_vec());
    let headers = message.headers.clone();
    if let Some(status) = message.status {
        let operation = contract.operation(&message.method, message.name.as_deref()?)?;
        let response = Response {
            status,
            headers,
            body,
        };
        return Some(contract.response(operation, &response));
    }
    let request = Request {
        method: message.method.clone(),
        target: message.target.clone(),
        headers,
        body,
        granted: None,
    };
    // The sender has the credentials for any security requirement.
    Some(contract.request(&request))
}

/// Checks that the revision refuses no request of the base if no finding is risky or worse.
fn nothing_is_kept_silent(base: &Document, revision: &Document) {
    let (sender, receiver) = (Contract::new(base), Contract::new(revision));
    let answering = Operations::of_paths(revision).list;
    let described = Described::of(base);
    for operation in Operations::of_paths(base).list {
        let parameters: Vec<_> = operation.parameters(base).into_iter().flatten().collect();
        let twin = answering
            .iter()
            .find(|it| it.method == operation.method && it.path == operation.path);
        // The engine takes a path parameter of another name for the one that the template means.
        if has_misnamed(base, &operation) || twin.is_some_and(|it| has_misnamed(revision, it)) {
            continue;
        }
        // A whole query contains only declared names, which is not true of the values here.
        if parameters.iter().any(|it| it.place == ParameterIn::QueryString) {
            continue;
        }
        // A header `Authorization` is read as credentials, which the messages here lack.
        if parameters
            .iter()
            .any(|it| it.name.eq_ignore_ascii_case("authorization"))
        {
            continue;
        }
        let bodies = operation.request_body(base).and_then(Result::ok);
        let media_types = bodies
            .as_ref()
            .map(openapi_document::view::RequestBody::content)
            .unwrap_or_default();
        let required = bodies
            .as_ref()
            .is_some_and(openapi_document::view::RequestBody::required);
        // For a parameter without a description, the engine assumes that any single text is sent.
        let is_undescribed = |it: &Parameter<'_>| it.schema().is_none() && it.content().is_none();
        let is_one_text = parameters.iter().any(is_undescribed);
        let is_deep = parameters.iter().any(|it| it.style == Style::DeepObject);
        let is_sent = |it: &Value| {
            let is_of_kind = (!is_one_text || it.is_string()) && (!is_deep || !it.is_array());
            is_of_kind && described.is_sent(it)
        };
        for value in values().into_iter().filter(is_sent) {
            let own: Vec<(Part, Value)> = parameters
                .iter()
                .map(|it| (Part::of(it), value.clone()))
                .collect();
            let contents = media_types.iter().map(Some).chain((!required).then_some(None));
            for content in contents {
                let body = content.map(|it| (it, &value));
                let Ok(mut request) = write_request(base, &operation, &own, body) else {
                    continue;
                };
                // The sender has the credentials for any security requirement, regardless of its name.
                request.granted = None;
                if sender.request(&request).verdict() != Verdict::Accepted {
                    continue;
                }
                // The address of the service is compared separately, because it may contain text that no path does.
                let own = base_path(base, &operation);
                let rest = request.target.as_deref().and_then(|it| it.strip_prefix(&own));
                if let Some((twin, rest)) = twin.zip(rest) {
                    request.target = Some(base_path(revision, twin) + rest);
                }
                let judgement = receiver.request(&request);
                assert_ne!(
                    judgement.verdict(),
                    Verdict::Refused,
                    "silent: {} {:?} with {value}: {:#?}",
                    operation.label(),
                    request.target,
                    judgement.refusals
                );
            }
        }
    }
}

/// Whether an operation has a path parameter whose name its template lacks.
fn has_misnamed(document: &Document, operation: &view::Operation<'_>) -> bool {
    let names = template_names(&operation.path);
    let parameters = operation.parameters(document);
    let mut in_path = parameters
        .iter()
        .flatten()
        .filter(|it| it.place == ParameterIn::Path);
    in_path.any(|it| !names.contains(&it.name))
}

/// What the schemas of a document describe, from which the engine concludes what is sent: no names that nobody
/// describes, and where keywords of objects or strings stand without a type, only these.
#[derive(Default)]
struct Described {
    names: HashSet<String>,
    has_open_names: bool,
    has_objects_without_type: bool,
    has_strings_without_type: bool,
}

impl Described {
    fn of(document: &Document) -> Self {
        let mut described = Self::default();
        let parts = ["paths", "webhooks", "components"];
        let mut open: Vec<Node<'_>> = parts.iter().filter_map(|it| document.root().get(it)).collect();
        while let Some(node) = open.pop() {
            open.extend(node.items().chain(node.members().values()));
            let properties = node.get("properties");
            for name in properties.into_iter().flat_map(|it| it.members().keys()) {
                described.names.insert(name.to_owned());
            }
            let is_open = |it: Node<'_>| it.as_bool() != Some(false);
            described.has_open_names |= [
                "additionalProperties",
                "patternProperties",
                "unevaluatedProperties",
            ]
            .iter()
            .any(|key| node.get(key).is_some_and(is_open));
            let has_any = |keys: &[&str]| keys.iter().any(|key| node.get(key).is_some());
            if !has_any(&["type"]) {
                described.has_objects_without_type |= properties.is_some();
                described.has_strings_without_type |= has_any(&["minLength", "maxLength", "pattern"]);
            }
        }
        described
    }

    fn is_sent(&self, value: &Value) -> bool {
        match value {
            Value::Object(members) => {
                let is_described = |name: &String| self.has_open_names || self.names.contains(name);
                members.keys().all(is_described)
            }
            Value::String(_) => !self.has_objects_without_type,
            _ => !self.has_objects_without_type && !self.has_strings_without_type,
        }
    }
}

/// The base path of an operation.
fn base_path(document: &Document, operation: &view::Operation<'_>) -> String {
    operation
        .servers(document)
        .first()
        .map_or_else(String::new, Server::base_path)
}

/// Values of every kind.
fn values() -> Vec<Value> {
    let all = json!([
        null, true, 0, 1, -1, 1.5, "", "a", "ab", "1", [], ["a"], [1, 1], {}, {"a": 1}, {"a": "a", "b": null},
        {"name": "a", "id": 1}
    ]);
    all.as_array().cloned().unwrap_or_default()
}
