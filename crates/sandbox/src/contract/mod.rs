//! The document the sandbox speaks: which operations there are, what they accept and what they may answer.

mod answer;
mod future_version;
mod reading;
mod request;
mod scalar;
mod schema;
mod template;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

pub(crate) use answer::Spoken;
pub(crate) use future_version::FutureVersion;
pub(crate) use request::Incoming;
pub(crate) use schema::Violation;
use schema::{Direction, Schema, resolve};
use template::Template;

use crate::documents::{Document, InvalidDocument};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// A document, read once and ready to judge.
pub(crate) struct Contract {
    operations: Vec<Operation>,
    /// The path of the document's first server, in front of every operation's path.
    base: String,
}

/// One operation of the document.
pub(crate) struct Operation {
    /// Upper case.
    pub(crate) method: String,
    /// As the document writes it.
    pub(crate) path: String,
    template: Template,
    parameters: Vec<Parameter>,
    body: Option<Body>,
    /// By status, range (`4XX`) or `default`, as the document writes them.
    answers: BTreeMap<String, Declared>,
    /// Its `security` names a bearer token in at least one alternative.
    pub(crate) wants_bearer: bool,
}

/// Headers that follow from the answer itself, whatever a document says of them.
const OF_THE_SERVER: [&str; 4] = [
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
];

/// What the document says of one answer.
struct Declared {
    /// Of its JSON; `None` where it has none.
    schema: Option<Schema>,
    /// The headers it must carry, with the schemas of their values.
    headers: Vec<(String, Schema)>,
}

struct Parameter {
    name: String,
    place: Place,
    required: bool,
    /// Each element of a list, or each property, is a pair of its own.
    explode: bool,
    /// Between elements that travel in one text.
    separator: char,
    /// Properties travel as `name[property]`.
    deep: bool,
    schema: Option<Schema>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

struct Body {
    required: bool,
    /// By media type, lower case.
    content: Vec<(String, Option<Schema>)>,
}

/// What a method and a path lead to.
pub(crate) enum Route<'a> {
    Operation(&'a Operation, Vec<(String, String)>),
    /// The path exists under these methods.
    OtherMethods(Vec<&'a str>),
    Nowhere,
}

impl Contract {
    pub(crate) fn read(document: &Document) -> Result<Self, InvalidDocument> {
        let root = Arc::new(document.root().clone());
        let version = root.get("openapi").and_then(Value::as_str).unwrap_or_default();
        if !version.starts_with("3.0") {
            let found = match (root.get("swagger"), version) {
                (Some(_), _) => "it is Swagger 2.0".to_owned(),
                (None, "") => "it has no `openapi` field".to_owned(),
                (None, other) => format!("it says openapi {other:?}"),
            };
            return Err(InvalidDocument(format!(
                "the sandbox speaks OpenAPI 3.0 documents, and {found}; convert it first"
            )));
        }
        let Some(paths) = root.get("paths").and_then(Value::as_object) else {
            return Err(InvalidDocument(
                "the API document has no `paths` object; nothing could be served".to_owned(),
            ));
        };
        let mut operations = Vec::new();
        for (path, item) in paths {
            let Some(item) = resolve(&root, item) else {
                continue;
            };
            for method in METHODS {
                if let Some(operation) = item.get(method).filter(|found| found.is_object()) {
                    operations.push(Operation::read(&root, path, method, item, operation));
                }
            }
        }
        Ok(Self {
            operations,
            base: base(&root),
        })
    }

    pub(crate) fn route(&self, method: &str, path: &str) -> Route<'_> {
        let Some(path) = path.strip_prefix(self.base.as_str()) else {
            return Route::Nowhere;
        };
        let mut fitting: Vec<_> = self
            .operations
            .iter()
            .filter_map(|operation| operation.template.fits(path).map(|found| (operation, found)))
            .collect();
        // Only the best template counts: a method missing there is not looked for at a vaguer one.
        let Some(best) = fitting
            .iter()
            .map(|(operation, _)| operation.template.weight())
            .max()
        else {
            return Route::Nowhere;
        };
        fitting.retain(|(operation, _)| operation.template.weight() == best);
        match fitting
            .iter()
            .position(|(operation, _)| operation.method == method)
        {
            Some(at) => {
                let (operation, found) = fitting.swap_remove(at);
                Route::Operation(operation, found)
            }
            None => Route::OtherMethods(
                fitting
                    .into_iter()
                    .map(|(operation, _)| operation.method.as_str())
                    .collect(),
            ),
        }
    }

    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation of a method and a path template such as `GET /v1/users/{userId}`, whatever its parameters' names.
    pub(crate) fn named(&self, name: &str) -> Option<&Operation> {
        let (method, path) = name.split_once(' ')?;
        let shape = format!("{} {}", method.to_uppercase(), Template::parse(path).shape());
        self.operations
            .iter()
            .find(|operation| operation.shape() == shape)
    }
}

fn base(root: &Value) -> String {
    let first = root
        .pointer("/servers/0/url")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let path = match first.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => first,
    };
    path.trim_end_matches('/').to_owned()
}

impl Operation {
    fn read(root: &Arc<Value>, path: &str, method: &str, item: &Value, operation: &Value) -> Self {
        let mut parameters: Vec<Parameter> = Vec::new();
        // An operation's parameter replaces the path's of the same name and place.
        for source in [operation, item] {
            for found in source
                .get("parameters")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                if let Some(parameter) = resolve(root, found).and_then(|found| Parameter::read(root, found))
                    && !parameters
                        .iter()
                        .any(|p| p.name == parameter.name && p.place == parameter.place)
                {
                    parameters.push(parameter);
                }
            }
        }
        let body = operation
            .get("requestBody")
            .and_then(|body| resolve(root, body))
            .map(|body| Body {
                required: body.get("required") == Some(&Value::Bool(true)),
                content: content(root, body, Direction::Request),
            });
        let answers = operation
            .get("responses")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        let answers = answers
            .map(|(status, answer)| {
                let declared = Declared::read(root, resolve(root, answer).unwrap_or(&Value::Null));
                (status.clone(), declared)
            })
            .collect();
        let security = operation.get("security").or_else(|| root.get("security"));
        Self {
            method: method.to_uppercase(),
            path: path.to_owned(),
            template: Template::parse(path),
            parameters,
            body,
            answers,
            wants_bearer: security.is_some_and(|security| names_bearer(root, security)),
        }
    }

    /// `POST /v1/users/{}/banks:requestLink`: the same for every document that means the same operation.
    pub(crate) fn shape(&self) -> String {
        format!("{} {}", self.method, self.template.shape())
    }

    /// `POST /v1/users/{userId}/banks:requestLink`, as the document writes it.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl Declared {
    fn read(root: &Arc<Value>, answer: &Value) -> Self {
        let json = content(root, answer, Direction::Response)
            .into_iter()
            .find(|(media, _)| is_json(media));
        let headers = answer.get("headers").and_then(Value::as_object);
        let required = headers.into_iter().flatten().filter_map(|(name, header)| {
            let header =
                resolve(root, header).filter(|header| header.get("required") == Some(&Value::Bool(true)))?;
            let raw = header.get("schema").cloned().unwrap_or_default();
            let described = !OF_THE_SERVER.iter().any(|ours| ours.eq_ignore_ascii_case(name));
            described.then(|| (name.clone(), Schema::new(root.clone(), raw, Direction::Response)))
        });
        Self {
            schema: json.and_then(|(_, schema)| schema),
            headers: required.collect(),
        }
    }
}

impl Parameter {
    fn read(root: &Arc<Value>, found: &Value) -> Option<Self> {
        let place = match found.get("in")?.as_str()? {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            _ => return None,
        };
        let in_pairs = matches!(place, Place::Query | Place::Cookie);
        let style =
            found
                .get("style")
                .and_then(Value::as_str)
                .unwrap_or(if in_pairs { "form" } else { "simple" });
        // A path that writes `;id=7` or `.7` is only asked for.
        let schema = found
            .get("schema")
            .filter(|_| !matches!(style, "label" | "matrix"));
        let name = found.get("name")?.as_str()?;
        Some(Self {
            // Header names do not care for case.
            name: if place == Place::Header {
                name.to_ascii_lowercase()
            } else {
                name.to_owned()
            },
            place,
            required: place == Place::Path || found.get("required") == Some(&Value::Bool(true)),
            explode: found
                .get("explode")
                .and_then(Value::as_bool)
                .unwrap_or(style == "form"),
            separator: match style {
                "pipeDelimited" => '|',
                "spaceDelimited" => ' ',
                _ => ',',
            },
            deep: style == "deepObject",
            schema: schema.map(|raw| Schema::new(root.clone(), raw.clone(), Direction::Request)),
        })
    }
}

fn content(root: &Arc<Value>, holder: &Value, direction: Direction) -> Vec<(String, Option<Schema>)> {
    let found = holder
        .get("content")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    found
        .map(|(media, content)| {
            let raw = content.get("schema");
            (
                media.to_ascii_lowercase(),
                raw.map(|raw| Schema::new(root.clone(), raw.clone(), direction)),
            )
        })
        .collect()
}

fn is_json(media: &str) -> bool {
    let essence = media.split(';').next().unwrap_or_default().trim();
    matches!(essence, "application/json" | "*/*" | "application/*") || essence.ends_with("+json")
}

fn names_bearer(root: &Value, security: &Value) -> bool {
    let schemes = root.pointer("/components/securitySchemes");
    let is_bearer = |name: &String| {
        schemes
            .and_then(|schemes| schemes.get(name))
            .and_then(|scheme| resolve(root, scheme))
            .and_then(|scheme| scheme.get("scheme")?.as_str())
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
    };
    let alternatives = security.as_array().into_iter().flatten();
    alternatives
        .filter_map(Value::as_object)
        .any(|one| one.keys().any(is_bearer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_has_thirty_operations_and_the_later_document_seven() {
        assert_eq!(Contract::read(&Document::pin()).unwrap().operations().len(), 30);
        assert_eq!(Contract::read(&Document::later()).unwrap().operations().len(), 7);
    }

    #[test]
    fn a_swagger_document_is_refused_by_name() {
        let document = Document::parse(r#"{"swagger": "2.0", "paths": {}}"#).unwrap();
        let error = Contract::read(&document).err().unwrap().to_string();
        assert!(error.contains("Swagger 2.0"), "{error}");
    }

    #[test]
    fn the_path_of_the_server_stands_in_front() {
        let document =
            r#"{"openapi": "3.0.0", "servers": [{"url": "https://h/api/"}], "paths": {"/x": {"get": {}}}}"#;
        let contract = Contract::read(&Document::parse(document).unwrap()).unwrap();
        assert!(matches!(contract.route("GET", "/api/x"), Route::Operation(..)));
        assert!(
            matches!(contract.route("POST", "/api/x"), Route::OtherMethods(methods) if methods == ["GET"])
        );
        assert!(matches!(contract.route("GET", "/x"), Route::Nowhere));
    }

    #[test]
    fn a_method_missing_at_the_best_template_is_not_looked_for_at_a_vaguer_one() {
        let contract = Contract::read(&Document::pin()).unwrap();
        assert!(matches!(
            contract.route("DELETE", "/v1/webhooks/events"),
            Route::OtherMethods(_)
        ));
    }
}
