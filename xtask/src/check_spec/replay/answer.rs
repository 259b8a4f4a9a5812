//! Replays findings about responses: makes a response from staging's document that shows the drift, and lets the client
//! read it.

use openapi_document::view::{Operation, Status};
use openapi_document::{Located, Node, pointer};
use openapi_drift::{Direction, Level, Touched};
use serde_json::{Map, Value, json};

use super::call::{Answered, Inputs, call, told};
use super::message::{self, media_of};
use super::server::Server;
use super::service::{Reason, Service, concerns};
use super::verdict::{Verdict, not_replayed};
use openapi_drift_cli::report::{Finding, Outcome};

/// Maximum number of missing properties that are added to a response to remove unrelated differences.
const MOST_REPAIRS: usize = 32;

/// Maximum number of responses that are tried for one finding.
const MOST_PROBES: usize = 200;
const MOST_PLACES: usize = 48;
const DEEPEST_PROBE: usize = 3;

/// One operation in both documents.
struct Sides<'s, 'd> {
    staging: &'s mut Service<'d>,
    pinned: &'s mut Service<'d>,
    new: Operation<'d>,
    old: Operation<'d>,
}

/// Gives the client responses that staging's document allows and that show the finding, and returns the worst outcome.
pub(super) async fn replay<'d>(
    server: &mut Server,
    (pinned, staging): (&mut Service<'d>, &mut Service<'d>),
    operation: &str,
    finding: &Finding,
    touched: &Touched,
) -> Verdict {
    let (old, new) = (
        pinned.operation(&touched.endpoint.method, &touched.endpoint.path),
        staging.operation(&touched.endpoint.method, &touched.endpoint.path),
    );
    let (Some(old), Some(new)) = (old, new) else {
        return not_replayed("only one of the documents has the operation");
    };
    let mut sides = Sides {
        staging,
        pinned,
        new,
        old,
    };
    let message = match sides.message(finding, touched) {
        Ok(message) => message,
        Err(why) => return not_replayed(&why),
    };
    let others = match sides.others(&message, &touched.at) {
        Ok(others) => others,
        Err(why) => return not_replayed(&why),
    };
    let mut worst = read(server, operation, &touched.endpoint.path, &message, None).await;
    if worst.0 == Outcome::Fails && !others.is_empty() {
        return not_replayed(&format!(
            "every answer that shows it differs elsewhere too: {}",
            others.join("; ")
        ));
    }
    if finding.level == Level::Breaking && worst.0 < Outcome::NotReplayed && worst.0 != Outcome::Fails {
        let mut answers = 1;
        for (given, probe) in sides.probes(&message, finding, touched) {
            if worst.0 == Outcome::Fails {
                break;
            }
            answers += 1;
            let verdict = read(server, operation, &touched.endpoint.path, &probe, Some(&given)).await;
            if verdict.0 < worst.0 {
                worst = verdict;
            }
        }
        if worst.0 != Outcome::Fails && answers > 1 {
            worst.1 = format!("all of {answers} answers that show it are read; {}", worst.1);
        }
    }
    worst
}

impl<'d> Sides<'_, 'd> {
    /// Makes a response `{status, headers, body}` that staging allows and that shows the finding, if possible without
    /// other differences.
    fn message(&mut self, finding: &Finding, touched: &Touched) -> Result<Value, String> {
        let given = touched.message.as_deref().cloned();
        let proved = given.is_some();
        let message = match given {
            Some(message) => self.with_body(message),
            None if finding.undecided.is_some() => return Err("no value is known that shows it".to_owned()),
            None if finding.witness.is_some() => {
                return Err("no whole answer was made that shows it".to_owned());
            }
            None => self.made(finding, touched)?,
        };
        if let Some(refusal) = self.staging.answer_refusals(&self.new, &message)?.first() {
            return Err(format!(
                "no answer that staging allows could be made: {}",
                refusal.why
            ));
        }
        let message = self.alone(message, &touched.at)?;
        if proved && self.at_fault(&message, &touched.at)?.is_empty() {
            return Err("the answer that was made does not show it".to_owned());
        }
        Ok(message)
    }

    /// Adds a body to a message that has only a header.
    fn with_body(&mut self, mut message: Value) -> Value {
        if message.get("body").is_none()
            && message
                .get("headers")
                .is_some_and(|it| it.get("content-type").is_none())
            && let Some(schema) = self.schema(status_of(&message))
            && let Some(body) = self.staging.values.sample(&schema, Direction::Response)
        {
            message["body"] = body;
        }
        message
    }

    /// The pointer of the schema of staging's JSON response with this status.
    fn schema(&self, status: u16) -> Option<String> {
        let schema = self.staging.schema(&self.new, status, "application/json")?;
        Some(schema.at.to_string())
    }

    /// Makes a response for a finding without a witness: it has the new part, or lacks the removed one.
    fn made(&mut self, finding: &Finding, touched: &Touched) -> Result<Value, String> {
        let status = touched
            .status
            .as_deref()
            .ok_or("it concerns no answer in particular")?;
        let declared = |status: &u16, wanted: Status| {
            let answer = self.staging.answer(&self.new, *status);
            // Skip a status with a more specific declaration than the finding's.
            answer.is_some_and(|answer| answer.status >= wanted)
        };
        let status = Status::parse(status).and_then(|wanted| {
            let mut statuses = match wanted {
                Status::Code(code) => code..=code,
                Status::Range(class) => u16::from(class) * 100..=u16::from(class) * 100 + 99,
                Status::Default => 500..=599,
            };
            statuses.find(|status| declared(status, wanted))
        });
        let status = status.ok_or("staging never gives this answer")?;
        let mut message = Map::new();
        message.insert("status".to_owned(), status.into());
        let Some(schema) = self.schema(status) else {
            return Ok(message.into());
        };
        message.insert("headers".to_owned(), json!({"content-type": "application/json"}));
        let way = touched.at.strip_prefix("/body").unwrap_or_default();
        let way = if finding.rule.ends_with("-lost") {
            way.rsplit_once('/').map_or("", |(parent, _)| parent)
        } else {
            way
        };
        let values = &mut self.staging.values;
        let part = finding
            .revision_at
            .as_deref()
            .filter(|_| !way.is_empty())
            .and_then(|at| values.sample(at, Direction::Response));
        let body = match part {
            Some(part) => values.carrying(&schema, Direction::Response, way, &part),
            None => values.sample(&schema, Direction::Response),
        };
        message.insert("body".to_owned(), body.ok_or("no such answer could be made")?);
        Ok(message.into())
    }

    /// Adds properties that the pin requires elsewhere and staging no longer promises, so that the response shows only
    /// one drift.
    fn alone(&mut self, message: Value, at: &str) -> Result<Value, String> {
        let mut repaired = message.clone();
        for _ in 0..MOST_REPAIRS {
            let refusals = self.pinned.answer_refusals(&self.old, &repaired)?;
            let missing = refusals.iter().find(|refusal| {
                !concerns(&refusal.at, at)
                    && refusal.at.starts_with("/body/")
                    && repaired.pointer(&refusal.at).is_none()
            });
            let Some(missing) = missing.map(|refusal| refusal.at.clone()) else {
                break;
            };
            let Some(value) = self.pinned_value(&repaired, &missing) else {
                break;
            };
            let (parent, name) = missing.rsplit_once('/').unwrap_or_default();
            let name = pointer::unescape(name);
            match repaired.pointer_mut(parent) {
                Some(Value::Object(object)) => drop(object.insert(name.into_owned(), value)),
                _ => break,
            }
        }
        // Staging usually allows properties that it does not declare. If it does not, keep the response as it was.
        let allowed = self.staging.answer_refusals(&self.new, &repaired)?.is_empty();
        Ok(if allowed { repaired } else { message })
    }

    /// A value that the pin allows at a place in the body of this response.
    fn pinned_value(&mut self, message: &Value, at: &str) -> Option<Value> {
        let schema = self.pinned_schema(message)?;
        // The names in a map and the indices of a list do not affect the schema.
        let way = at.strip_prefix("/body")?;
        let whole = self.pinned.values.sample(&schema.at, Direction::Response);
        let here = whole.as_ref().and_then(|whole| whole.pointer(way)).cloned();
        here.or_else(|| {
            let below = self.pinned.walk(schema, way)?;
            self.pinned.values.sample(&below.at, Direction::Response)
        })
    }

    /// The pin's refusals of a response at the place of the finding.
    fn at_fault(&mut self, message: &Value, at: &str) -> Result<Vec<Reason>, String> {
        let mut refusals = self.pinned.answer_refusals(&self.old, message)?;
        refusals.retain(|refusal| concerns(&refusal.at, at));
        Ok(refusals)
    }

    /// The pin's refusals of a response at other places.
    fn others(&mut self, message: &Value, at: &str) -> Result<Vec<String>, String> {
        let refusals = self.pinned.answer_refusals(&self.old, message)?;
        let others = refusals.iter().filter(|refusal| !concerns(&refusal.at, at));
        Ok(others
            .map(|refusal| format!("`{}`: {}", refusal.at, refusal.why))
            .collect())
    }

    /// Makes variants of the response with other kinds of values at and below the finding's place, which staging allows
    /// and the pin does not. A client that accepts one of them may still fail on another.
    fn probes(&mut self, message: &Value, finding: &Finding, touched: &Touched) -> Vec<(String, Value)> {
        let Some(at) = existing(message, &touched.at).filter(|at| at.starts_with("/body")) else {
            return Vec::new();
        };
        let mut listed_values = Vec::new();
        let staging = self.staging.document();
        let schema = finding.revision_at.as_deref().and_then(|at| {
            let (node, at) = (staging.root().pointer(at)?, at.into());
            Located { node, at }.follow(staging).ok()
        });
        if let Some(schema) = schema {
            listed(schema.node, &mut listed_values);
        }
        let mut places = vec![String::new()];
        let way = at.strip_prefix("/body").unwrap_or_default();
        if let Some(schema) = self
            .pinned_schema(message)
            .and_then(|it| self.pinned.walk(it, way))
        {
            below(self.pinned, &schema, 0, "", &mut places);
        }
        let kinds = [
            json!(null),
            json!(true),
            json!(0),
            json!(-1),
            json!(0.5),
            json!(u64::MAX),
            json!(""),
            json!("replay"),
            json!([]),
            json!({}),
        ];
        let mut probes = Vec::new();
        for place in places {
            let place = format!("{at}{place}");
            for value in kinds.iter().chain(&listed_values) {
                if message.pointer(&place) == Some(value) {
                    continue;
                }
                if let Some(probe) = self.probe(message, &place, value, &touched.at) {
                    let shown = openapi_drift_cli::value_line(value);
                    probes.push((format!("given `{shown}` at {place}"), probe));
                }
                if probes.len() == MOST_PROBES {
                    return probes;
                }
            }
        }
        probes
    }

    /// Makes a response with a value at a place, if staging allows it and the pin refuses it because of the finding.
    fn probe(&mut self, message: &Value, place: &str, value: &Value, at: &str) -> Option<Value> {
        let mut probe = message.clone();
        let put = put(&mut probe, place, value);
        let allowed = |sides: &mut Self, probe: &Value| {
            let refusals = sides.staging.answer_refusals(&sides.new, probe);
            refusals.is_ok_and(|refusals| refusals.is_empty())
        };
        if !put || !allowed(self, &probe) {
            let (schema, way) = (self.schema(status_of(message))?, place.strip_prefix("/body")?);
            let body = self
                .staging
                .values
                .carrying(&schema, Direction::Response, way, value)?;
            probe.as_object_mut()?.insert("body".to_owned(), body);
            if !allowed(self, &probe) {
                return None;
            }
        }
        let shows = self.at_fault(&probe, at);
        shows.is_ok_and(|refusals| !refusals.is_empty()).then_some(probe)
    }

    /// The pin's schema of this response's body.
    fn pinned_schema(&self, message: &Value) -> Option<Located<'d>> {
        self.pinned
            .schema(&self.old, status_of(message), &media_of(message))
    }
}

/// Collects the places that a schema declares, as JSON pointers, down to a maximum depth.
fn below<'d>(service: &Service<'d>, schema: &Located<'d>, depth: usize, way: &str, into: &mut Vec<String>) {
    if depth == DEEPEST_PROBE {
        return;
    }
    for branch in service.branches(schema) {
        let named = branch.entries_of("properties");
        let named = named.map(|(name, it)| (pointer::join(way, name), it));
        let items = branch.get("items").map(|it| (format!("{way}/0"), it));
        for (way, inner) in named.chain(items) {
            if into.len() >= MOST_PLACES {
                return;
            }
            into.push(way.clone());
            if let Ok(inner) = inner.follow(service.document()) {
                below(service, &inner, depth + 1, &way, into);
            }
        }
    }
}

/// The status of a response, or 0 if it has none.
fn status_of(message: &Value) -> u16 {
    let status = message["status"].as_u64();
    status.and_then(|it| u16::try_from(it).ok()).unwrap_or_default()
}

/// Calls the client with a response. `given` describes it if it is not the witness of the finding.
async fn read(
    server: &mut Server,
    operation: &str,
    template: &str,
    message: &Value,
    given: Option<&str>,
) -> Verdict {
    let Some(inputs) = Inputs::of(template, None) else {
        return not_replayed("the client has no way to ask for it");
    };
    let answer = match message::answer(message) {
        Ok(answer) => answer,
        Err(why) => return not_replayed(&why),
    };
    let mut asked = false;
    let url = server.url.clone();
    let answered = server
        .during(call(operation, &url, &inputs), |_| {
            asked = true;
            answer.clone()
        })
        .await;
    if !asked {
        return not_replayed("the client sends nothing that could be answered");
    }
    let (outcome, detail) = taken(message, &answered);
    match given {
        Some(given) => (outcome, format!("{given}, {detail}")),
        None => (outcome, detail),
    }
}

fn taken(message: &Value, answered: &Answered) -> Verdict {
    let success = message["status"].as_u64().is_some_and(|status| status < 300);
    let noticed: Vec<String> = answered.noticed.iter().map(told).collect();
    let noticed = noticed.join(", ");
    match &answered.result {
        Err(error) if success => (Outcome::Fails, format!("the client reports: {error}")),
        // Callers use the code to decide what to do next.
        Err(error) if loses_its_code(message, answered) => (
            Outcome::Fails,
            format!("the caller gets the error without its code: {error}"),
        ),
        Err(error) if noticed.is_empty() => {
            (Outcome::Unaffected, format!("the caller gets the error: {error}"))
        }
        Err(error) => (
            Outcome::Tolerates,
            format!("the client notices {noticed}; the caller gets the error: {error}"),
        ),
        Ok(()) if noticed.is_empty() => (
            Outcome::Unaffected,
            "the client reads the answer and notices nothing".to_owned(),
        ),
        Ok(()) => (
            Outcome::Tolerates,
            format!("the client reads the answer and notices {noticed}"),
        ),
    }
}

/// Whether an error has more information than the client can read.
fn loses_its_code(message: &Value, answered: &Answered) -> bool {
    match message.get("body") {
        Some(Value::Object(fields)) => {
            answered.code.is_none() && fields.get("code").is_some_and(|code| !code.is_null())
        }
        Some(Value::Null) | None => false,
        Some(_) => true,
    }
}

/// Puts a value at a place, and creates the objects and lists on the path to it. Returns false if another kind of value
/// is in the way.
fn put(message: &mut Value, at: &str, value: &Value) -> bool {
    let mut here = message;
    for step in at.split('/').skip(1) {
        let name = pointer::unescape(step);
        if here.is_null() {
            *here = if name == "0" { json!([]) } else { json!({}) };
        }
        here = match here {
            Value::Object(object) => object.entry(name).or_insert(Value::Null),
            Value::Array(items) if name == "0" => {
                if items.is_empty() {
                    items.push(Value::Null);
                }
                &mut items[0]
            }
            _ => return false,
        };
    }
    here.clone_from(value);
    true
}

/// A place in a message with each `*` replaced by the first item or name. `None` if the message has no such place.
fn existing(message: &Value, at: &str) -> Option<String> {
    let mut here = message;
    let mut pointer = String::new();
    for step in at.split('/').skip(1) {
        let step = match (step, here) {
            ("*", Value::Array(_)) => "0".to_owned(),
            ("*", Value::Object(object)) => pointer::escape(object.keys().next()?),
            _ => step.to_owned(),
        };
        let next = format!("/{step}");
        here = here.pointer(&next)?;
        pointer.push_str(&next);
    }
    Some(pointer)
}

/// Collects the values that a schema lists, including those in its branches.
fn listed(schema: Node<'_>, into: &mut Vec<Value>) {
    const MOST: usize = 64;
    for (key, value) in schema.members() {
        match key {
            "enum" => into.extend(value.items().filter_map(|it| serde_json::to_value(it).ok())),
            "const" | "default" | "example" => into.extend(serde_json::to_value(value).ok()),
            "oneOf" | "anyOf" | "allOf" => {
                for branch in value.items() {
                    listed(branch, into);
                }
            }
            _ => {}
        }
    }
    into.truncate(MOST);
}
