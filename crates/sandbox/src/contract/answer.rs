//! Responses in the form of the document: the known values, cut and filled until they match the schema.
//!
//! An operation's behaviour supplies all values that it knows (a wallet's `network` and its `type`), and the document
//! selects those to send. So one implementation serves every version of the API, and an operation without behaviour
//! still has a valid response.

use openapi_document::Node;
use openapi_document::view::{Header, MediaName, Response, Status};
use openapi_wire::{Contract as Judge, Direction, Part, Refusal, chosen, write_header};
use serde_json::{Map, Value};

use super::Operation;
use super::parts::{Parts, Steps};
use super::scalar::scalar;
use crate::problem::{Problem, nearest};

/// A response with a status that the document declares and a body that matches its schema.
pub(crate) struct Spoken {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
    /// Headers that the document requires.
    pub(crate) headers: Vec<(String, String)>,
    /// The violation of the document that remains, if any. It is an error of the sandbox or of the document.
    pub(crate) violation: Option<Refusal>,
}

/// Headers that follow from the response itself, whatever a document says about them.
const OF_THE_SERVER: [&str; 4] = [
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
];

/// The media type of bodies.
const JSON: &str = "application/json";

impl<'c> Operation<'c> {
    /// Expresses a success as the document declares it: with its own 2xx status and its own fields.
    pub(crate) fn speak(self, status: u16, known: Option<&Value>) -> Spoken {
        let responses = self.responses();
        let first_success = || {
            let codes = responses.iter().filter_map(|it| match it.status {
                Status::Code(code) if (200..300).contains(&code) => Some(code),
                _ => None,
            });
            codes.min()
        };
        let status = match declared(&responses, status) {
            Some(_) => status,
            None => first_success().unwrap_or(status),
        };
        self.told(declared(&responses, status), status, known)
    }

    /// Expresses a refusal as the document declares it: with the declared status that is closest in meaning.
    pub(crate) fn refuse(self, problem: &Problem, body: &Value) -> Spoken {
        let responses = self.responses();
        let near = nearest(problem.status)
            .iter()
            .copied()
            .find(|status| declared(&responses, *status).is_some());
        let status = near.filter(|_| !problem.undeclared).unwrap_or(problem.status);
        self.told(declared(&responses, status), status, Some(body))
    }

    /// The responses that the document declares, as far as they can be read.
    pub(super) fn responses(self) -> Vec<Response<'c>> {
        let responses = self.declared.responses(self.document());
        responses.into_iter().flatten().collect()
    }

    fn told(self, answer: Option<&Response<'c>>, status: u16, known: Option<&Value>) -> Spoken {
        let speaker = Speaker::new(self.judge);
        let has_json = answer.is_some_and(has_json);
        // A 204 has no body, whatever the document says about it.
        let body = match answer.and_then(schema) {
            _ if status == 204 => None,
            Some(schema) => Some(speaker.speak(known, &[schema], None, 0)),
            None if has_json => Some(known.cloned().unwrap_or_else(|| Value::Object(Map::new()))),
            None => known.cloned(),
        };
        let headers = answer.map(|it| it.headers(self.document())).unwrap_or_default();
        let required = headers
            .iter()
            .flatten()
            .filter(|it| it.required() && !is_of_the_server(it.name));
        let headers: Vec<_> = required.filter_map(|it| made_up(self.judge, it)).collect();
        let violation = self.violation(status, body.as_ref(), &headers, has_json);
        Spoken {
            status,
            body,
            headers,
            violation,
        }
    }

    /// The violation of the document by a response. A missing property precedes all others.
    fn violation(
        self,
        status: u16,
        body: Option<&Value>,
        headers: &[(String, String)],
        has_json: bool,
    ) -> Option<Refusal> {
        let mut headers = headers.to_vec();
        headers.extend(body.map(|_| ("content-type".to_owned(), JSON.to_owned())));
        let response = openapi_wire::Response {
            status,
            headers,
            body: body.map(|body| body.to_string().into_bytes()),
        };
        let judgement = self.judge.response(self.declared, &response);
        for doubt in &judgement.doubts {
            tracing::warn!(
                "{} answering {status}: the document leaves {} open: {}",
                self.name(),
                doubt.part,
                doubt.why
            );
        }
        let counts = |it: &Refusal| match &it.part {
            // The vendor also responds with statuses that it does not declare.
            Part::Status => false,
            Part::Header(name) => !is_of_the_server(name),
            // The sandbox writes only JSON, so nothing is checked if the document declares other media types only.
            Part::ContentType | Part::Body => has_json,
            _ => true,
        };
        let refusals = judgement.refusals.into_iter().filter(counts);
        refusals.min_by_key(|it| it.cause != openapi_wire::Cause::Missing)
    }
}

/// The response that the document declares for a status: its own entry, its range, or `default`.
pub(super) fn declared<'a, 'd>(responses: &'a [Response<'d>], status: u16) -> Option<&'a Response<'d>> {
    Response::declared_for(responses, status)
}

/// The schema of a response's JSON.
pub(super) fn schema<'d>(answer: &Response<'d>) -> Option<Node<'d>> {
    let content = answer.content();
    let json = chosen(&content, &MediaName::parse(JSON), Direction::Response)?;
    json.schema().map(|it| it.node)
}

/// Whether a response may be JSON.
fn has_json(answer: &Response<'_>) -> bool {
    chosen(&answer.content(), &MediaName::parse(JSON), Direction::Response).is_some()
}

fn is_of_the_server(name: &str) -> bool {
    OF_THE_SERVER.iter().any(|ours| ours.eq_ignore_ascii_case(name))
}

/// A header with a value that matches its schema; `None` if the value cannot be written.
fn made_up<'c>(judge: &'c Judge<'c>, header: &Header<'c>) -> Option<(String, String)> {
    let content = header.content();
    let schema = content.map_or_else(|| header.schema(), |it| it.schema());
    let schemas: Vec<_> = schema.into_iter().map(|it| it.node).collect();
    let value = Speaker::new(judge).speak(None, &schemas, None, 0);
    let text = write_header(header, &value).ok()?;
    Some((header.name.to_owned(), text))
}

struct Speaker<'c> {
    judge: &'c Judge<'c>,
    steps: Steps,
}

impl<'c> Speaker<'c> {
    fn new(judge: &'c Judge<'c>) -> Self {
        Self {
            judge,
            steps: Steps::default(),
        }
    }

    /// A value that contains as much of `known` as the schemas allow. If there are `values`, it is one of them.
    fn speak(
        &self,
        known: Option<&Value>,
        schemas: &[Node<'c>],
        values: Option<Node<'c>>,
        depth: usize,
    ) -> Value {
        if !self.steps.step(depth) {
            return known.cloned().unwrap_or(Value::Null);
        }
        let takes = |value: &Value| {
            let takes = |schema: &Node<'c>| {
                let judgement = self.judge.value(*schema, Direction::Response, value);
                judgement.refusals.is_empty()
            };
            schemas.iter().all(takes)
        };
        let choose = |all: Vec<Node<'c>>| {
            let suiting = all.iter().find(|one| self.suits(known, **one));
            suiting.or(all.first()).copied().into_iter().collect()
        };
        let parts = Parts::of(self.judge.document(), schemas, &self.steps, &choose);
        if let Some(null) = known.filter(|known| known.is_null() && takes(known)) {
            return null.clone();
        }
        let kinds = parts.kinds();
        let own = || parts.get("enum").filter(|_| parts.values_of_items().is_none());
        if let Some(values) = values.or_else(own) {
            return one_of(known, values.items(), &takes);
        }
        if let Some(value) = parts.get("const") {
            return one_of(known, [value].into_iter(), &takes);
        }
        match kind(known, &kinds) {
            Some("object") => self.object(known, &parts, depth),
            Some("array") => self.array(known, &parts, depth),
            Some(kind @ ("string" | "integer" | "number" | "boolean")) => scalar(known, kind, &parts, &takes),
            Some("null") => Value::Null,
            _ => known.cloned().unwrap_or_else(|| Value::Object(Map::new())),
        }
    }

    fn object(&self, known: Option<&Value>, parts: &Parts<'c>, depth: usize) -> Value {
        let known = known.and_then(Value::as_object);
        let (properties, required) = (parts.properties(), parts.required());
        let mut out = Map::new();
        for (name, schemas) in &properties {
            let value = known.and_then(|known| known.get(*name));
            if value.is_some() || required.contains(name) {
                out.insert((*name).to_owned(), self.speak(value, schemas, None, depth + 1));
            }
        }
        for name in required {
            if !out.contains_key(name) {
                let value = known.and_then(|known| known.get(name)).cloned();
                out.insert(
                    name.to_owned(),
                    value.unwrap_or_else(|| Value::String(String::new())),
                );
            }
        }
        // An object without declared properties is free-form. Otherwise, undeclared properties are left out.
        let free = parts.get("additionalProperties");
        let said = free.and_then(Node::as_bool);
        if (properties.is_empty() && said != Some(false)) || said == Some(true) {
            for (name, value) in known.into_iter().flatten() {
                if !out.contains_key(name) {
                    let value = match free.filter(|free| free.is_object()) {
                        Some(of_values) => self.speak(Some(value), &[of_values], None, depth + 1),
                        None => value.clone(),
                    };
                    out.insert(name.clone(), value);
                }
            }
        }
        Value::Object(out)
    }

    fn array(&self, known: Option<&Value>, parts: &Parts<'c>, depth: usize) -> Value {
        let values = parts.values_of_items();
        let item =
            |index: usize, known: Option<&Value>| self.speak(known, &parts.items(index), values, depth + 1);
        let known = known.and_then(Value::as_array);
        let known = known.into_iter().flatten().enumerate();
        let mut out: Vec<Value> = known.map(|(index, value)| item(index, Some(value))).collect();
        let bounds = |keyword| {
            let bounds = parts.all(keyword).filter_map(Node::as_count);
            bounds.filter_map(|bound| usize::try_from(bound).ok())
        };
        // A huge bound must not use up the memory.
        let least = bounds("minItems").max().unwrap_or(0).min(1000);
        while out.len() < least {
            out.push(item(out.len(), None));
        }
        out.truncate(bounds("maxItems").min().unwrap_or(usize::MAX));
        Value::Array(out)
    }

    /// Whether `known` is meant for an alternative: it has the right type and all required names.
    fn suits(&self, known: Option<&Value>, schema: Node<'c>) -> bool {
        let Some(known) = known else { return false };
        let parts = Parts::of(self.judge.document(), &[schema], &self.steps, &|_| Vec::new());
        let kinds = parts.kinds();
        match known {
            Value::Object(known) => {
                (kinds.is_empty() || kinds.contains(&"object"))
                    && parts.required().iter().all(|name| known.contains_key(*name))
            }
            Value::Null => self
                .judge
                .value(schema, Direction::Response, known)
                .refusals
                .is_empty(),
            known => kinds.iter().any(|kind| is_of(known, kind)),
        }
    }
}

/// The known value if it is among `values`, else the first of them that the schema accepts.
fn one_of<'d>(
    known: Option<&Value>,
    values: impl Iterator<Item = Node<'d>>,
    takes: &dyn Fn(&Value) -> bool,
) -> Value {
    // A node is a JSON value, which serializes into one.
    let values: Vec<Value> = values
        .map(|it| serde_json::to_value(it).unwrap_or_default())
        .collect();
    let known = known.filter(|known| values.contains(known));
    let fitting = || values.iter().find(|it| takes(it));
    let found = known.or_else(fitting).or(values.first());
    found.cloned().unwrap_or_default()
}

/// Selects one of several types: the type of the known value, else the first type other than null.
fn kind<'d>(known: Option<&Value>, kinds: &[&'d str]) -> Option<&'d str> {
    let own = known.and_then(|known| kinds.iter().find(|kind| is_of(known, kind)));
    let telling = || kinds.iter().find(|kind| **kind != "null");
    own.or_else(telling).or(kinds.first()).copied()
}

fn is_of(value: &Value, kind: &str) -> bool {
    match value {
        Value::Null => kind == "null",
        Value::Bool(_) => kind == "boolean",
        Value::Number(number) => kind == "number" || (kind == "integer" && !number.is_f64()),
        Value::String(_) => kind == "string",
        Value::Array(_) => kind == "array",
        Value::Object(_) => kind == "object",
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;
    use serde_json::json;

    use super::*;

    /// Expresses `known` by a document of the given version. The result matches the schema.
    fn speak_in(version: &str, known: &Value, schema: &Value) -> Value {
        let document = json!({"openapi": version, "components": {"schemas": {
            "It": schema,
            "Base": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
            "Loop": {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#/components/schemas/Base"}}},
        }}});
        let document = Document::read(document.to_string()).unwrap();
        let shared = openapi_wire::SharedContract::new(document).holding_formats();
        let judge = shared.contract();
        let schema = judge.document().root().pointer("/components/schemas/It").unwrap();
        let spoken = Speaker::new(&judge).speak(Some(known), &[schema], None, 0);
        let judgement = judge.value(schema, Direction::Response, &spoken);
        assert_eq!(judgement.refusals, [], "{spoken} under {schema}");
        spoken
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "schemas are written where they are used"
    )]
    fn speak(known: &Value, schema: Value) -> Value {
        speak_in("3.0.3", known, &schema)
    }

    #[test]
    fn a_document_of_3_1_is_spoken_too() {
        for (known, schema, told) in [
            (json!(null), json!({"type": ["string", "null"]}), json!(null)),
            (json!("a"), json!({"type": ["null", "string"]}), json!("a")),
            (json!("a"), json!({"const": "b"}), json!("b")),
            (
                json!("a"),
                json!({"type": ["null", "integer"], "exclusiveMinimum": 7}),
                json!(8),
            ),
            (
                json!({"id": "x", "n": "7"}),
                json!({"$ref": "#/components/schemas/Base", "properties": {"n": {"type": "integer"}}}),
                json!({"id": "x", "n": 7}),
            ),
            (
                json!([1, 2]),
                json!({"type": "array", "prefixItems": [{"type": "string"}]}),
                json!(["1", 2]),
            ),
        ] {
            assert_eq!(speak_in("3.1.0", &known, &schema), told, "{schema}");
        }
    }

    #[test]
    fn what_the_document_does_not_declare_is_not_told() {
        let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
        assert_eq!(speak(&json!({"a": "1", "b": "2"}), schema), json!({"a": "1"}));
    }

    #[test]
    fn what_the_document_requires_is_made_up() {
        let schema = json!({"type": "object", "required": ["when"], "properties": {
            "when": {"type": "string", "format": "date-time"}, "other": {"type": "string"},
        }});
        assert_eq!(speak(&json!({}), schema), json!({"when": "2022-11-30T12:00:00Z"}));
    }

    #[test]
    fn a_value_outside_the_enum_becomes_one_inside() {
        assert_eq!(
            speak(&json!("BTC"), json!({"type": "string", "enum": ["ETH", "MATIC"]})),
            json!("ETH")
        );
    }

    #[test]
    fn a_decimal_text_becomes_a_number_where_one_is_wanted() {
        assert_eq!(
            speak(&json!("12.50"), json!({"type": "number"})).as_f64(),
            Some(12.5)
        );
    }

    #[test]
    fn a_value_that_breaks_its_schema_is_made_to_fit() {
        for schema in [
            json!({"type": "string", "pattern": "^[A-Z]{3}-(a|b)+[0-9]{2,}$"}),
            json!({"type": "string", "minLength": 30, "maxLength": 40}),
            json!({"type": "string", "maxLength": 2}),
            json!({"type": "string", "format": "uuid"}),
            json!({"type": "integer", "minimum": 5, "exclusiveMinimum": true}),
            json!({"type": "number", "maximum": -3}),
            json!({"type": "integer", "multipleOf": 7, "minimum": 50}),
            json!({"type": "boolean"}),
        ] {
            for known in [json!("far too long or not"), json!(4), json!(null)] {
                speak(&known, schema.clone());
            }
        }
    }

    #[test]
    fn the_values_of_a_map_are_told_in_its_words() {
        let schema = json!({"type": "object", "additionalProperties": {"type": "number"}});
        assert_eq!(speak(&json!({"a": "1.5"}), schema), json!({"a": 1.5}));
    }

    #[test]
    fn the_parts_of_an_all_of_are_told_together() {
        let schema = json!({"allOf": [
            {"$ref": "#/components/schemas/Base"},
            {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}},
        ]});
        assert_eq!(
            speak(&json!({"id": "x", "n": 3, "z": 1}), schema),
            json!({"id": "x", "n": 3})
        );
    }

    #[test]
    fn of_alternatives_the_one_that_suits_is_told() {
        let schema = json!({"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Base"}]});
        assert_eq!(speak(&json!({"id": "x"}), schema), json!({"id": "x"}));
    }
}
