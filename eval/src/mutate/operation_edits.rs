//! Edits of an operation outside its schemas: parameters, bodies, responses, headers, security and servers.

use openapi_document::pointer::join;
use openapi_document::view::{Operation, Parameter, ParameterIn, Status};
use openapi_drift::Side;
use serde_json::{Map, Value, json};

use super::edit::{Change, Edit, ShownBy, Weight};
use super::place::{Position, has_body};
use super::schema_edits::ADDED;
use crate::messages::{Called, Judged};

use Weight::{Additive, Breaking, Cosmetic, Nothing, Risky};

/// The levels of an edit that restricts the values of the writer.
fn narrowed(writer: Side) -> Levels {
    if writer == Side::Base { REFUSED } else { GAINED }
}

/// The levels of an edit that extends the values of the writer.
fn widened(writer: Side) -> Levels {
    if writer == Side::Base { GAINED } else { REFUSED }
}

/// All edits of an operation, each with the part of the message under which it is counted.
pub(crate) fn edits(judged: &Judged<'_>, called: Called, operation: &Operation<'_>) -> Vec<(Position, Edit)> {
    let mut edits = Edits {
        judged,
        called,
        operation,
        found: Vec::new(),
    };
    edits.whole();
    edits.parameters();
    edits.body();
    edits.answers();
    if called == Called::Path {
        edits.security();
        edits.servers();
    }
    edits.found
}

struct Edits<'e, 'd> {
    judged: &'e Judged<'d>,
    called: Called,
    operation: &'e Operation<'d>,
    found: Vec<(Position, Edit)>,
}

type Levels = (Weight, Option<Weight>, ShownBy);

/// At most cosmetic.
const PROSE: Levels = (Nothing, Some(Cosmetic), ShownBy::Document);
/// Callers or readers gain something.
const GAINED: Levels = (Nothing, Some(Additive), ShownBy::Document);
/// A message is refused.
const REFUSED: Levels = (Breaking, None, ShownBy::Refused);
/// A message is refused, or read as something else.
const MISREAD: Levels = (Breaking, None, ShownBy::Misread);
/// A promised part is missing, or an undeclared part may appear.
const LOST_OR_MORE: Levels = (Risky, None, ShownBy::Document);
/// The same, but nothing more severe.
const NOTICED: Levels = (Risky, Some(Risky), ShownBy::Document);

impl Edits<'_, '_> {
    fn at(&self) -> &str {
        &self.operation.here.at
    }

    fn value(&self, at: &str) -> &Value {
        self.judged.value.pointer(at).unwrap_or(&Value::Null)
    }

    fn request_by(&self) -> Side {
        if self.called == Called::Path {
            Side::Base
        } else {
            Side::Revision
        }
    }

    fn answer_by(&self) -> Side {
        if self.called == Called::Path {
            Side::Revision
        } else {
            Side::Base
        }
    }

    fn push(
        &mut self,
        position: Position,
        kind: &'static str,
        writer: Side,
        (least, most, shown_by): Levels,
        changes: Vec<(String, Change)>,
    ) {
        let position = match self.called {
            Called::Path => position,
            Called::Webhook => Position::Webhook,
            Called::Callback => Position::Callback,
        };
        self.found.push((
            position,
            Edit {
                kind,
                changes,
                least,
                most,
                writer,
                shown_by,
            },
        ));
    }

    /// Adds an edit of an object in the document.
    fn set(
        &mut self,
        position: Position,
        kind: &'static str,
        writer: Side,
        levels: Levels,
        at: &str,
        edit: impl FnOnce(&mut Map<String, Value>),
    ) {
        let Value::Object(mut object) = self.value(at).clone() else {
            return;
        };
        edit(&mut object);
        self.push(
            position,
            kind,
            writer,
            levels,
            vec![(at.to_owned(), Change::Set(object.into()))],
        );
    }

    /// Adds an edit that makes a required part optional, or an optional one required.
    fn toggle_required(
        &mut self,
        position: Position,
        [optional, required]: [&'static str; 2],
        writer: Side,
        at: &str,
        is_required: bool,
    ) {
        let (kind, levels) = if is_required {
            (optional, widened(writer))
        } else {
            (required, narrowed(writer))
        };
        self.set(position, kind, writer, levels, at, |it| {
            it.insert("required".to_owned(), json!(!is_required));
        });
    }

    fn whole(&mut self) {
        let (at, by) = (self.at().to_owned(), self.request_by());
        let here = Position::Operation;
        let gone = match self.called {
            Called::Path => REFUSED,
            // The service no longer makes this call.
            Called::Webhook | Called::Callback => NOTICED,
        };
        self.push(
            here,
            "operation-removed",
            by,
            gone,
            vec![(at.clone(), Change::Remove)],
        );
        self.set(here, "summary-changed", by, PROSE, &at, |it| {
            it.insert("summary".to_owned(), json!("Another summary"));
        });
        if self.value(&at).get("deprecated").is_none() {
            let said = (Cosmetic, Some(Risky), ShownBy::Document);
            self.set(here, "operation-deprecated", by, said, &at, |it| {
                it.insert("deprecated".to_owned(), json!(true));
            });
        }
        let names: Vec<String> = self
            .operation
            .callbacks(self.judged.document)
            .into_iter()
            .flatten()
            .map(|it| it.name.to_owned())
            .collect();
        for name in names {
            let callbacks = join(&at, "callbacks");
            self.push(
                here,
                "callback-removed",
                by,
                NOTICED,
                vec![(join(&callbacks, &name), Change::Remove)],
            );
        }
    }

    fn parameters(&mut self) {
        self.added_parameters();
        let ignored = ["accept", "content-type", "authorization"];
        for parameter in self
            .operation
            .parameters(self.judged.document)
            .into_iter()
            .flatten()
        {
            let position = match parameter.place {
                ParameterIn::Path => Position::Path,
                ParameterIn::Query => Position::Query,
                ParameterIn::Header => Position::Header,
                ParameterIn::Cookie => Position::Cookie,
                ParameterIn::QueryString => continue,
            };
            let name = parameter.name.to_ascii_lowercase();
            if position == Position::Header && ignored.contains(&name.as_str()) {
                continue;
            }
            if position != Position::Path {
                self.presence(position, &parameter);
            }
            if parameter.content().is_none() {
                self.serialization(position, &parameter);
            }
        }
    }

    fn added_parameters(&mut self) {
        let by = self.request_by();
        let at = join(self.at(), "parameters");
        let own = self.value(&at).as_array().cloned().unwrap_or_default();
        for (place, position) in [
            ("query", Position::Query),
            ("header", Position::Header),
            ("cookie", Position::Cookie),
        ] {
            for (kind, required) in [
                ("required-parameter-added", true),
                ("optional-parameter-added", false),
            ] {
                let levels = if required { narrowed(by) } else { GAINED };
                let added =
                    json!({"name": ADDED, "in": place, "required": required, "schema": {"type": "string"}});
                let all = [own.as_slice(), &[added]].concat();
                self.push(
                    position,
                    kind,
                    by,
                    levels,
                    vec![(at.clone(), Change::Set(all.into()))],
                );
            }
        }
    }

    /// Whether a security scheme of the document uses the parameter as a key.
    fn is_key(&self, parameter: &Parameter<'_>) -> bool {
        let declared = self.value("/components/securitySchemes").as_object();
        declared.into_iter().flat_map(|all| all.values()).any(|scheme| {
            scheme["type"] == "apiKey"
                && scheme["in"].as_str().and_then(ParameterIn::named) == Some(parameter.place)
                && scheme["name"]
                    .as_str()
                    .is_some_and(|name| name.eq_ignore_ascii_case(parameter.name))
        })
    }

    /// Adds edits that remove or move a parameter, or change whether it is required.
    fn presence(&mut self, position: Position, parameter: &Parameter<'_>) {
        let by = self.request_by();
        let at = &parameter.here.at;
        let all = join(self.at(), "parameters");
        let own = self.value(&all).as_array().into_iter().flatten();
        let index = own
            .map(|it| self.resolved(it))
            .position(|it| it == self.value(at));
        // A parameter beside the operation also belongs to other operations, and a credential is sent in any case.
        if let Some(index) = index
            && !self.is_key(parameter)
        {
            let entry = join(&all, &index.to_string());
            let gone = match (self.called, parameter.required) {
                (Called::Path, _) | (_, false) => NOTICED,
                (_, true) => REFUSED,
            };
            self.push(
                position,
                "parameter-removed",
                by,
                gone,
                vec![(entry.clone(), Change::Remove)],
            );
            let to = if position == Position::Query {
                "header"
            } else {
                "query"
            };
            let levels = if parameter.required { REFUSED } else { LOST_OR_MORE };
            let mut moved = self.value(at).clone();
            moved["in"] = json!(to);
            if let Value::Object(moved) = &mut moved {
                moved.shift_remove("style");
                moved.shift_remove("explode");
            }
            self.push(
                position,
                "parameter-moved",
                by,
                levels,
                vec![(entry, Change::Set(moved))],
            );
        }
        let kinds = ["parameter-made-optional", "parameter-made-required"];
        self.toggle_required(position, kinds, by, at, parameter.required);
    }

    /// Adds edits that change how the values of a parameter are written.
    fn serialization(&mut self, position: Position, parameter: &Parameter<'_>) {
        let by = self.request_by();
        let at = &parameter.here.at;
        let explode = !parameter.explode;
        self.set(position, "explode-changed", by, MISREAD, at, |it| {
            it.insert("explode".to_owned(), json!(explode));
        });
        let style = match (position, self.value(at).get("style").and_then(Value::as_str)) {
            (Position::Query, None | Some("form")) => "pipeDelimited",
            (Position::Query, _) => "form",
            (Position::Path, _) => "label",
            _ => return,
        };
        self.set(position, "style-changed", by, MISREAD, at, |it| {
            it.insert("style".to_owned(), json!(style));
        });
        self.set(position, "content-instead-of-schema", by, MISREAD, at, |it| {
            let schema = it.shift_remove("schema");
            it.shift_remove("style");
            it.shift_remove("explode");
            it.insert(
                "content".to_owned(),
                json!({"application/json": {"schema": schema}}),
            );
        });
    }

    /// An object, after following its reference.
    fn resolved<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|it| it.strip_prefix('#'))
        {
            Some(at) => self.value(at),
            None => value,
        }
    }

    fn body(&mut self) {
        let by = self.request_by();
        let Some(Ok(body)) = self.operation.request_body(self.judged.document) else {
            let at = join(self.at(), "requestBody");
            let schema =
                json!({"required": true, "content": {"application/json": {"schema": {"type": "object"}}}});
            let levels = narrowed(by);
            if self.value(&at).is_null() && self.called == Called::Path {
                self.push(
                    Position::Json,
                    "required-body-added",
                    by,
                    levels,
                    vec![(at, Change::Set(schema))],
                );
            }
            return;
        };
        let kinds = ["body-made-optional", "body-made-required"];
        self.toggle_required(Position::Json, kinds, by, &body.here.at, body.required());
        self.push(
            Position::Json,
            "body-removed",
            by,
            LOST_OR_MORE,
            vec![(join(self.at(), "requestBody"), Change::Remove)],
        );
        let content = join(&body.here.at, "content");
        self.media_types(Position::Json, by, &content);
    }

    fn media_types(&mut self, position: Position, by: Side, at: &str) {
        let Value::Object(content) = self.value(at).clone() else {
            return;
        };
        let is_request = by == self.request_by();
        let has_range = content.keys().any(|it| it.contains('*'));
        for name in content.keys() {
            if has_range || openapi_document::view::MediaName::parse(name).is_range() {
                continue;
            }
            if content.len() > 1 {
                let levels = if is_request && by == Side::Base {
                    MISREAD
                } else {
                    (Nothing, Some(Risky), ShownBy::Document)
                };
                self.push(
                    position,
                    "media-type-removed",
                    by,
                    levels,
                    vec![(join(at, name), Change::Remove)],
                );
            }
            let renamed = |to: &str| {
                let mut content = content.clone();
                let own = content.shift_remove(name).unwrap_or_default();
                content.insert(to.to_owned(), own);
                vec![(at.to_owned(), Change::Set(content.into()))]
            };
            if name == "application/json" && content.len() == 1 {
                // A reader of responses accepts any `+json` type; a server reads only the types that it lists.
                let levels = if by == Side::Base && is_request {
                    REFUSED
                } else {
                    LOST_OR_MORE
                };
                self.push(
                    position,
                    "media-type-renamed",
                    by,
                    levels,
                    renamed("application/vnd.edited+json"),
                );
                let levels = LOST_OR_MORE;
                self.push(
                    position,
                    "charset-changed",
                    by,
                    levels,
                    renamed("application/json; charset=utf-16"),
                );
                let levels = if by == Side::Base && is_request {
                    REFUSED
                } else {
                    LOST_OR_MORE
                };
                self.push(position, "media-type-replaced", by, levels, renamed("text/csv"));
            }
            if name == "text/plain" && content.len() == 1 {
                let levels = LOST_OR_MORE;
                self.push(
                    position,
                    "charset-changed",
                    by,
                    levels,
                    renamed("text/plain; charset=utf-16"),
                );
            }
        }
        if !has_range && !content.is_empty() {
            let levels = if by == Side::Base {
                GAINED
            } else {
                // Callers request the type that they read, but the types of a callback are not negotiated.
                let most = (self.called == Called::Path).then_some(Risky);
                (Nothing, most, ShownBy::Document)
            };
            self.push(
                position,
                "media-type-added",
                by,
                levels,
                vec![(
                    join(at, "application/x-edited"),
                    Change::Set(json!({"schema": {"type": "string"}})),
                )],
            );
        }
    }

    fn answers(&mut self) {
        let by = self.answer_by();
        let at = join(self.at(), "responses");
        let answers: Vec<_> = self
            .operation
            .responses(self.judged.document)
            .into_iter()
            .flatten()
            .collect();
        let has_default = answers.iter().any(|it| it.status == Status::Default);
        let has_ranges = answers.iter().any(|it| matches!(it.status, Status::Range(_)));
        let Value::Object(declared) = self.value(&at).clone() else {
            return;
        };
        if self.called == Called::Path && !has_ranges && !has_default {
            for status in ["299", "499"] {
                if !declared.contains_key(status) {
                    let added = Change::Set(json!({"description": "Added"}));
                    self.push(
                        Position::Answer,
                        "status-added",
                        by,
                        NOTICED,
                        vec![(join(&at, status), added)],
                    );
                }
            }
            if declared.len() > 1 {
                let codes: Vec<&String> = declared.keys().filter(|it| !it.starts_with("x-")).collect();
                for code in codes
                    .iter()
                    .filter(|it| codes.iter().any(|other| other != *it && other.starts_with('2')))
                {
                    let removed = vec![(join(&at, code), Change::Remove)];
                    self.push(Position::Answer, "status-removed", by, NOTICED, removed);
                }
            }
            for code in declared.keys().filter(|it| it.starts_with('2') && it.len() == 3) {
                let mut answers = declared.clone();
                let own = answers.shift_remove(code).unwrap_or_default();
                answers.insert("2XX".to_owned(), own);
                let levels = LOST_OR_MORE;
                self.push(
                    Position::Answer,
                    "range-introduced",
                    by,
                    levels,
                    vec![(at.clone(), Change::Set(answers.into()))],
                );
            }
        }
        for answer in &answers {
            let here = answer.here.at.to_string();
            self.set(
                Position::Answer,
                "answer-described-otherwise",
                by,
                PROSE,
                &here,
                |it| {
                    it.insert("description".to_owned(), json!("Another description"));
                },
            );
            if has_body(answer.written) {
                self.media_types(Position::Answer, by, &join(&here, "content"));
            }
            for header in answer.headers(self.judged.document).into_iter().flatten() {
                let kinds = ["header-made-optional", "header-made-required"];
                let (position, at) = (Position::AnswerHeader, &*header.here.at);
                self.toggle_required(position, kinds, by, at, header.required());
                let levels = match (self.called, header.required()) {
                    (Called::Path, true) => REFUSED,
                    (Called::Path, false) => NOTICED,
                    _ => (Nothing, Some(Risky), ShownBy::Document),
                };
                let own = join(&join(&here, "headers"), header.name);
                self.push(
                    Position::AnswerHeader,
                    "header-removed",
                    by,
                    levels,
                    vec![(own, Change::Remove)],
                );
            }
        }
    }

    fn security(&mut self) {
        let here = Position::Operation;
        let by = self.request_by();
        let own = join(self.at(), "security");
        let ways = match self.value(&own) {
            Value::Null => self.value("/security").clone(),
            own => own.clone(),
        };
        let ways = ways.as_array().cloned().unwrap_or_default();
        let is_open = ways.is_empty() || ways.contains(&json!({}));
        let scheme = json!({"type": "apiKey", "in": "header", "name": "X-Added-By-An-Edit"});
        let declared = (join("/components/securitySchemes", ADDED), Change::Set(scheme));
        let set = |ways: Vec<Value>| (own.clone(), Change::Set(ways.into()));
        let mut base = Vec::new();
        if self.value("/components/securitySchemes").is_null() {
            base.push(("/components/securitySchemes".to_owned(), Change::Set(json!({}))));
        }
        base.push(declared);
        let with = |changes: (String, Change)| base.iter().cloned().chain([changes]).collect::<Vec<_>>();
        if is_open {
            let required = with(set(vec![json!({ ADDED: [] })]));
            self.push(here, "security-introduced", by, REFUSED, required);
        } else {
            let both = ways.iter().map(|it| {
                let mut way = it.clone();
                way[ADDED] = json!([]);
                way
            });
            let both = with(set(both.collect()));
            self.push(here, "scheme-required-as-well", by, REFUSED, both);
            let more = ways.iter().cloned().chain([json!({ ADDED: [] })]).collect();
            self.push(here, "way-in-added", by, GAINED, with(set(more)));
            self.push(here, "security-dropped", by, GAINED, vec![set(Vec::new())]);
            if ways.len() > 1 {
                // What a key in `Authorization` is to its reader is not said: it may be a token.
                let is_key = |name: &String| {
                    let scheme = self.value(&join("/components/securitySchemes", name));
                    let name = scheme.get("name").and_then(Value::as_str);
                    name.is_some_and(|it| it.eq_ignore_ascii_case("authorization"))
                };
                let mut names = ways.iter().filter_map(Value::as_object).flat_map(Map::keys);
                let levels = if names.any(is_key) { LOST_OR_MORE } else { REFUSED };
                self.push(here, "way-in-dropped", by, levels, vec![set(ways[1..].to_vec())]);
            }
        }
        for (index, way) in ways.iter().enumerate() {
            for (name, scopes) in way.as_object().into_iter().flatten() {
                let kind = self.value(&join("/components/securitySchemes", name)).get("type");
                if kind != Some(&json!("oauth2")) || ways.len() > 1 {
                    continue;
                }
                let mut ways = ways.clone();
                let scopes = scopes.as_array().cloned().unwrap_or_default();
                ways[index][name.as_str()] = [scopes.as_slice(), &[json!(ADDED)]].concat().into();
                self.push(here, "scope-required-as-well", by, REFUSED, vec![set(ways)]);
            }
        }
    }

    fn servers(&mut self) {
        let Some(Value::Array(servers)) = self.judged.value.get("servers") else {
            return;
        };
        let is_shared =
            self.operation.here.get("servers").is_none() && self.operation.shared_servers.is_none();
        let absolute = servers.len() == 1
            && servers[0]["url"]
                .as_str()
                .is_some_and(|it| it.starts_with("https://"));
        if !is_shared || !absolute || servers[0].get("variables").is_some() {
            return;
        }
        let by = self.request_by();
        let url = servers[0]["url"]
            .as_str()
            .unwrap_or_default()
            .trim_end_matches('/');
        let moved = [
            ("server-host-changed", "https://edited.example/".to_owned()),
            ("server-base-changed", format!("{url}/edited")),
        ];
        for (kind, url) in moved {
            let levels = LOST_OR_MORE;
            let changes = vec![("/servers".to_owned(), Change::Set(json!([{"url": url}])))];
            self.push(Position::Operation, kind, by, levels, changes);
        }
        let url = url.to_ascii_uppercase().replace("HTTPS:", "https:");
        // Hosts are case-insensitive; paths are not.
        if url.matches('/').count() == 2 {
            let changes = vec![("/servers".to_owned(), Change::Set(json!([{"url": url}])))];
            self.push(Position::Operation, "server-host-in-capitals", by, PROSE, changes);
        }
    }
}
