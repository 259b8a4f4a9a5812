//! Replaying what is said of answers: staging's document gives one that shows the drift, and the client reads it.

use openapi_document::Node;
use openapi_drift::{Direction, Level, Refusal, Touched};
use serde_json::{Map, Value, json};

use super::call::{Answered, Inputs, call, told};
use super::refusal::{concerns, media_of};
use super::server::{Reply, Server};
use super::service::{Operation, Place, Service, content};
use super::{Outcome, Verdict, not_replayed};
use crate::check_spec::report::Finding;

/// Missing properties that are filled in before an answer counts as one that differs elsewhere too.
const MOST_REPAIRS: usize = 32;

/// Answers tried for one finding, and how far below its place: beyond this a finding is too wide to be read all over.
const MOST_PROBES: usize = 200;
const MOST_PLACES: usize = 48;
const DEEPEST_PROBE: usize = 3;

/// Both documents' idea of one operation.
struct Sides<'s, 'd> {
    staging: &'s mut Service<'d>,
    pinned: &'s mut Service<'d>,
    new: Operation<'d>,
    old: Operation<'d>,
}

/// Gives the client answers that staging's document allows and that show the finding, and says how it takes them.
pub(super) async fn replay<'d>(
    server: &mut Server,
    (pinned, staging): (&mut Service<'d>, &mut Service<'d>),
    operation: &str,
    finding: &Finding,
    touched: &Touched,
) -> Verdict {
    let (old, new) = (
        pinned.operation(&touched.method, &touched.path),
        staging.operation(&touched.method, &touched.path),
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
    let mut worst = read(server, operation, &touched.path, &message, None).await;
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
            let verdict = read(server, operation, &touched.path, &probe, Some(&given)).await;
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

impl Sides<'_, '_> {
    /// An answer `{status, headers, body}` that staging allows and that shows the finding, as far as possible alone.
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

    /// A message about a header alone gets the body that belongs to it.
    fn with_body(&mut self, mut message: Value) -> Value {
        let status = message["status"].as_u64().unwrap_or_default().to_string();
        if message.get("body").is_none()
            && message
                .get("headers")
                .is_some_and(|it| it.get("content-type").is_none())
            && let Some(body) = self.body(&status)
        {
            message["body"] = body;
        }
        message
    }

    fn body(&mut self, status: &str) -> Option<Value> {
        let schema = self.schema(status)?;
        self.staging.values.sample(&schema, Direction::Response)
    }

    /// The pointer of the schema of staging's JSON answer with this status.
    fn schema(&self, status: &str) -> Option<String> {
        let answer = self.staging.answer(&self.new, status)?;
        let content = content(&answer, "application/json")?;
        content.get("schema").map(|schema| schema.at)
    }

    /// An answer for a finding that no value refutes: it holds what is new, or lacks what is gone.
    fn made(&mut self, finding: &Finding, touched: &Touched) -> Result<Value, String> {
        let status = touched
            .status
            .as_deref()
            .ok_or("it concerns no answer in particular")?;
        if self.staging.answer(&self.new, status).is_none() {
            return Err("staging never gives this answer".to_owned());
        }
        let number: u64 = match status.as_bytes() {
            [class @ b'1'..=b'5', _, _] if status.parse::<u16>().is_err() => u64::from(class - b'0') * 100,
            _ => status.parse().unwrap_or(500),
        };
        let mut message = Map::new();
        message.insert("status".to_owned(), number.into());
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
            .staging_at
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

    /// Fills in what the pin requires elsewhere and staging no longer promises, so that the answer shows one drift.
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
            let name = name.replace("~1", "/").replace("~0", "~");
            match repaired.pointer_mut(parent) {
                Some(Value::Object(object)) => drop(object.insert(name, value)),
                _ => break,
            }
        }
        // What staging does not declare it may still not forbid; where it does, the answer stays as it was.
        let allowed = self.staging.answer_refusals(&self.new, &repaired)?.is_empty();
        Ok(if allowed { repaired } else { message })
    }

    /// A value that the pin allows at a place of this answer's body.
    fn pinned_value(&mut self, message: &Value, at: &str) -> Option<Value> {
        let status = message["status"].as_u64()?.to_string();
        let answer = self.pinned.answer(&self.old, &status)?;
        let content = content(&answer, &media_of(message))?;
        let schema = content.get("schema")?.at;
        // The names of a map and the indices of a list do not matter to the schema.
        let way = at.strip_prefix("/body")?;
        let whole = self.pinned.values.sample(&schema, Direction::Response);
        let here = whole.as_ref().and_then(|whole| whole.pointer(way)).cloned();
        here.or_else(|| {
            let below = self.pinned.walk(&schema, way)?;
            self.pinned.values.sample(&below, Direction::Response)
        })
    }

    /// What the pin has against an answer at the place of the finding.
    fn at_fault(&mut self, message: &Value, at: &str) -> Result<Vec<Refusal>, String> {
        let mut refusals = self.pinned.answer_refusals(&self.old, message)?;
        refusals.retain(|refusal| concerns(&refusal.at, at));
        Ok(refusals)
    }

    /// What the pin has against an answer elsewhere.
    fn others(&mut self, message: &Value, at: &str) -> Result<Vec<String>, String> {
        let refusals = self.pinned.answer_refusals(&self.old, message)?;
        let others = refusals.iter().filter(|refusal| !concerns(&refusal.at, at));
        Ok(others
            .map(|refusal| format!("`{}`: {}", refusal.at, refusal.why))
            .collect())
    }

    /// The same answer with every other kind of value at the finding's place and below it that staging allows there and
    /// the pin does not: a client that survives one of them need not survive the next.
    fn probes(&mut self, message: &Value, finding: &Finding, touched: &Touched) -> Vec<(String, Value)> {
        let Some(at) = existing(message, &touched.at).filter(|at| at.starts_with("/body")) else {
            return Vec::new();
        };
        let mut listed_values = Vec::new();
        if let Some(schema) = finding.staging_at.as_deref().and_then(|at| self.staging.at(at)) {
            listed(schema.value, &mut listed_values);
        }
        let mut places = vec![String::new()];
        if let Some(schema) = self.pinned_schema(message, &at) {
            self.pinned.below(&schema, 0, "", &mut places);
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
                    let shown = crate::check_spec::format::value_line(value);
                    probes.push((format!("given `{shown}` at {place}"), probe));
                }
                if probes.len() == MOST_PROBES {
                    return probes;
                }
            }
        }
        probes
    }

    /// An answer with a value at a place, if staging allows it and the pin does not because of the finding.
    fn probe(&mut self, message: &Value, place: &str, value: &Value, at: &str) -> Option<Value> {
        let mut probe = message.clone();
        let put = put(&mut probe, place, value);
        let allowed = |sides: &mut Self, probe: &Value| {
            let refusals = sides.staging.answer_refusals(&sides.new, probe);
            refusals.is_ok_and(|refusals| refusals.is_empty())
        };
        if !put || !allowed(self, &probe) {
            let status = message["status"].as_u64()?.to_string();
            let (schema, way) = (self.schema(&status)?, place.strip_prefix("/body")?);
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

    /// The pin's schema at a place of this answer's body.
    fn pinned_schema(&self, message: &Value, at: &str) -> Option<String> {
        let status = message["status"].as_u64()?.to_string();
        let answer = self.pinned.answer(&self.old, &status)?;
        let schema = content(&answer, &media_of(message))?.get("schema")?.at;
        self.pinned.walk(&schema, at.strip_prefix("/body")?)
    }
}

impl<'d> Service<'d> {
    /// The schema that a schema declares for a place of its values.
    fn walk(&self, schema: &str, way: &str) -> Option<String> {
        let mut place = self.at(schema)?;
        for step in way.split('/').skip(1) {
            let name = step.replace("~1", "/").replace("~0", "~");
            let declared = self.branches(&place).into_iter().find_map(|it| {
                let own = it.get("properties").and_then(|properties| properties.get(&name));
                own.or_else(|| it.get("items"))
                    .or_else(|| it.get("additionalProperties"))
            });
            place = self.follow(declared?);
        }
        Some(place.at)
    }

    /// The places that a schema declares below it, as JSON pointers, a few levels down.
    fn below(&self, schema: &str, depth: usize, way: &str, into: &mut Vec<String>) {
        let Some(place) = self.at(schema).filter(|_| depth < DEEPEST_PROBE) else {
            return;
        };
        for branch in self.branches(&place) {
            let properties = branch.get("properties");
            let named = properties.iter().flat_map(Place::members).map(|(name, it)| {
                (
                    format!("{way}/{}", name.replace('~', "~0").replace('/', "~1")),
                    it,
                )
            });
            let items = branch.get("items").map(|it| (format!("{way}/0"), it));
            for (way, inner) in named.chain(items).collect::<Vec<_>>() {
                if into.len() >= MOST_PLACES {
                    return;
                }
                let inner = self.follow(inner);
                into.push(way.clone());
                self.below(&inner.at, depth + 1, &way, into);
            }
        }
    }

    /// A schema and what it is made of.
    fn branches(&self, place: &Place<'d>) -> Vec<Place<'d>> {
        let parts = place.get("allOf");
        let parts = parts.iter().flat_map(Place::items).map(|it| self.follow(it));
        std::iter::once(place.clone()).chain(parts).collect()
    }
}

/// Calls the client with an answer; `given` says what is in it when it is not the finding's own.
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
    if let Err(why) = Reply::of(message) {
        return not_replayed(&why);
    }
    let mut asked = false;
    let address = server.address.clone();
    let answered = server
        .during(call(operation, &address, &inputs), |_| {
            asked = true;
            Reply::of(message).unwrap_or_else(|why| Reply::refusing(500, &why))
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
        // Callers decide by the code what to do next.
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

/// Whether an error says more than the client can read of it.
fn loses_its_code(message: &Value, answered: &Answered) -> bool {
    match message.get("body") {
        Some(Value::Object(fields)) => {
            answered.code.is_none() && fields.get("code").is_some_and(|code| !code.is_null())
        }
        Some(Value::Null) | None => false,
        Some(_) => true,
    }
}

/// Puts a value at a place, and makes the objects and lists on the way to it; nothing where something else stands there.
fn put(message: &mut Value, at: &str, value: &Value) -> bool {
    let mut here = message;
    for step in at.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
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

/// A place of a message with `*` replaced by the first item or name there; nothing when the message has no such place.
fn existing(message: &Value, at: &str) -> Option<String> {
    let mut here = message;
    let mut pointer = String::new();
    for step in at.split('/').skip(1) {
        let step = match (step, here) {
            ("*", Value::Array(_)) => "0".to_owned(),
            ("*", Value::Object(object)) => object.keys().next()?.replace('~', "~0").replace('/', "~1"),
            _ => step.to_owned(),
        };
        let next = format!("/{step}");
        here = here.pointer(&next)?;
        pointer.push_str(&next);
    }
    Some(pointer)
}

/// The values that a schema spells out, its branches included.
fn listed(schema: Node<'_>, into: &mut Vec<Value>) {
    const MOST: usize = 64;
    for (key, value) in schema.members() {
        match key {
            "enum" => into.extend(value.items().map(Value::from)),
            "const" | "default" | "example" => into.push(value.into()),
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
