//! One document as a judge of messages.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use openapi_document::view::{
    Defect, Header, MediaName, MediaType, Operation, Operations, Parameter, ParameterIn, Server,
};
use openapi_document::view::{Response as Declared, Style, template_names};
use openapi_document::{Document, Located, Node, Version};

use crate::body::{self, Held, Unread};
use crate::judgement::{Cause, Judgement, Part, Read, Refusal};
use crate::message::{Request, Response, header};
use crate::percent;
use crate::route::{Reached, Route, Routes, Template, bases};
use crate::schema::{Direction, Judge, MOST_REASONS, Reading, has_further, property_names};
use crate::security;
use crate::style::{self, Form, Raw};
use crate::types::{Types, types_at};
use crate::written::{Written, readings};

/// A document as a judge of messages.
///
/// # Examples
/// ```
/// use openapi_document::Document;
/// use openapi_wire::{Contract, Request, Verdict};
///
/// let document = Document::read(r#"{"openapi": "3.0.3", "paths": {"/pets/{id}": {"get": {
///     "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
///     "responses": {"200": {"description": "a pet"}}
/// }}}}"#)?;
/// let contract = Contract::new(&document);
/// let get = |target: &str| Request {
///     method: "GET".to_owned(),
///     target: Some(target.to_owned()),
///     ..Request::default()
/// };
/// assert_eq!(contract.request(&get("/pets/7")).verdict(), Verdict::Accepted);
///
/// let refused = contract.request(&get("/pets/tom"));
/// assert_eq!(refused.verdict(), Verdict::Refused);
/// assert_eq!(refused.refusals[0].part.to_string(), "path parameter `id`");
/// # Ok::<(), openapi_document::ReadError>(())
/// ```
pub struct Contract<'d> {
    document: &'d Document,
    operations: Operations<'d>,
    routes: OnceLock<Routes>,
    judge: Arc<Mutex<Judge>>,
    quotes_values: bool,
}

impl<'d> Contract<'d> {
    /// The contract that a document is.
    pub fn new(document: &'d Document) -> Self {
        Self::judged_by(document, Arc::default())
    }

    /// The contract of a document by a judge that has seen this document and no other.
    pub(crate) fn judged_by(document: &'d Document, judge: Arc<Mutex<Judge>>) -> Self {
        Self {
            document,
            operations: Operations::of_paths(document),
            routes: OnceLock::new(),
            judge,
            quotes_values: false,
        }
    }

    /// The same contract with the refused value in the reasons of a schema, cut where it is long.
    ///
    /// A value may be a secret, so that a contract by itself tells no more than the keyword.
    ///
    /// ```
    /// use openapi_document::Document;
    /// use openapi_wire::{Contract, Request};
    ///
    /// let document = Document::read(r#"{"openapi": "3.0.3", "paths": {"/pets": {"get": {"parameters": [
    ///     {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["cat", "dog"]}}
    /// ]}}}}"#)?;
    /// let target = Some("/pets?kind=cow".to_owned());
    /// let request = Request { method: "GET".to_owned(), target, ..Request::default() };
    /// let contract = Contract::new(&document).quoting_values();
    /// assert_eq!(contract.request(&request).refusals[0].why, r#""cow" is not one of "cat" or "dog""#);
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    #[must_use]
    pub fn quoting_values(self) -> Self {
        Self {
            quotes_values: true,
            ..self
        }
    }

    /// The same contract with a `format` held against values, as [`SharedContract::holding_formats`] does.
    ///
    /// [`SharedContract::holding_formats`]: crate::SharedContract::holding_formats
    #[must_use]
    pub fn holding_formats(self) -> Self {
        self.read_by(|reading| reading.holds_formats = true)
    }

    /// The same contract with 3.0's `nullable` read to the letter: it counts beside a `type` only, and an `enum` must list
    /// null itself. Otherwise it adds null to whatever stands beside it, a `$ref` included.
    ///
    /// ```
    /// use openapi_document::Document;
    /// use openapi_wire::{Contract, Direction};
    /// use serde_json::Value;
    ///
    /// let document = Document::read(r#"{"openapi": "3.0.3", "components": {"schemas": {
    ///     "Kind": {"type": "string", "nullable": true, "enum": ["cat", "dog"]}
    /// }}}"#)?;
    /// let kind = document.root().pointer("/components/schemas/Kind").unwrap();
    /// let contract = Contract::new(&document);
    /// assert_eq!(contract.admits(kind, Direction::Request, &Value::Null), Ok(true));
    /// let strict = contract.reading_nullable_strictly();
    /// assert_eq!(strict.admits(kind, Direction::Request, &Value::Null), Ok(false));
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    #[must_use]
    pub fn reading_nullable_strictly(self) -> Self {
        self.read_by(|reading| reading.strict_null = true)
    }

    /// The same contract with every `oneOf` read as an `anyOf`: a value may be of several alternatives at once. A `oneOf`
    /// under `not`, `if`, `contains` or `propertyNames` is read to the letter, so that this contract takes whatever the
    /// contract by itself takes.
    ///
    /// ```
    /// use openapi_document::Document;
    /// use openapi_wire::{Contract, Direction};
    /// use serde_json::json;
    ///
    /// let document = Document::read(r#"{"openapi": "3.0.3", "components": {"schemas": {
    ///     "Size": {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 10}]}
    /// }}}"#)?;
    /// let size = document.root().pointer("/components/schemas/Size").unwrap();
    /// let contract = Contract::new(&document);
    /// assert_eq!(contract.admits(size, Direction::Request, &json!(12)), Ok(false));
    /// let lenient = contract.taking_overlaps();
    /// assert_eq!(lenient.admits(size, Direction::Request, &json!(12)), Ok(true));
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    #[must_use]
    pub fn taking_overlaps(self) -> Self {
        self.read_by(|reading| reading.takes_overlaps = true)
    }

    /// What was judged under another reading is built again.
    fn read_by(self, change: impl FnOnce(&mut Reading)) -> Self {
        let mut reading = self.judge.lock().unwrap_or_else(PoisonError::into_inner).reading;
        change(&mut reading);
        Self {
            judge: Arc::new(Mutex::new(Judge::by(reading))),
            ..self
        }
    }

    /// The document.
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// The operations under its paths.
    pub fn operations(&self) -> &[Operation<'d>] {
        &self.operations.list
    }

    /// The operation that a method and a template name: by exact spelling, else by the template's shape.
    pub fn operation(&self, method: &str, template: &str) -> Option<&Operation<'d>> {
        self.operations.get(method, template)
    }

    /// Where a method and a target lead. The query counts only where a path of the document is written with one.
    pub fn route(&self, method: &str, target: &str) -> Route<'_, 'd> {
        match self.reached(method, target) {
            Ok(mut reached) => {
                let (operation, texts) = reached.swap_remove(0);
                Route::Operation(operation, texts)
            }
            Err(nowhere) => nowhere,
        }
    }

    fn reached(&self, method: &str, target: &str) -> Result<Vec<Reached<'_, 'd>>, Route<'_, 'd>> {
        let operations = &self.operations.list;
        let routes = self.routes.get_or_init(|| Routes::of(self.document, operations));
        routes.reached(self.document, operations, method, target)
    }

    /// The operation that a request reaches.
    pub fn operation_of(&self, request: &Request) -> Option<&Operation<'d>> {
        match self.route(&request.method, request.target.as_deref()?) {
            Route::Operation(operation, _) => Some(operation),
            Route::NoSuchMethod(_) | Route::NoSuchPath => None,
        }
    }

    /// Whether what a request reaches may stand behind a reference that cannot be followed.
    fn may_be_unread(&self, method: &str, target: &str) -> bool {
        let bases = bases(&Server::of_document(self.document));
        let is_at = |template: &str| Template::of(template).matched(&bases, target).is_some();
        self.operations.unread.iter().any(|unread| {
            let own = unread.method.as_deref();
            own.is_none_or(|own| own.eq_ignore_ascii_case(method)) && unread.path.as_deref().is_none_or(is_at)
        })
    }

    /// Judges a request to one of the paths. Where several operations answer there alike, it is that of the one which has
    /// the least to say against it.
    pub fn request(&self, request: &Request) -> Judgement {
        let target = request.target.as_deref().unwrap_or_default();
        let nowhere = match self.reached(&request.method, target) {
            Ok(reached) => {
                let judged = reached.into_iter().map(|(operation, texts)| {
                    let mut judgement = Judgement::default();
                    let texts = Some(&*texts);
                    self.judge_request(operation, request, texts, Direction::Request, &mut judgement);
                    judgement
                });
                let least = judged.min_by_key(|it| (it.refusals.len(), it.doubts.len()));
                return least.unwrap_or_default();
            }
            Err(nowhere) => nowhere,
        };
        let mut judgement = Judgement::default();
        match nowhere {
            _ if self.may_be_unread(&request.method, target) => {
                let why = "the operation may stand behind a reference that cannot be followed";
                judgement.doubt(Part::Target, why);
            }
            Route::NoSuchMethod(_) => {
                let why = format!("there is no {} at this path", request.method);
                judgement.refuse(Part::Target, Cause::NoSuchMethod, why);
            }
            Route::NoSuchPath | Route::Operation(..) => {
                judgement.refuse(Part::Target, Cause::NoSuchPath, "there is no such path");
            }
        }
        judgement
    }

    /// Judges a request to an operation that the caller names: it is not asked whether another one answers at its path.
    pub fn request_to(&self, operation: &Operation<'d>, request: &Request) -> Judgement {
        let target = request.target.as_deref().unwrap_or_default();
        let mut judgement = Judgement::default();
        let bases = bases(&operation.servers(self.document));
        match Template::of(&operation.path).matched(&bases, target) {
            Some(texts) => {
                self.judge_request(
                    operation,
                    request,
                    Some(&texts),
                    Direction::Request,
                    &mut judgement,
                );
            }
            None => judgement.refuse(Part::Target, Cause::NoSuchPath, "it is not written as its path"),
        }
        judgement
    }

    /// Judges a request that is addressed by the name of its operation, as those of webhooks and callbacks are: the service
    /// sends it, so that what it never sends, such as a `writeOnly` property, does not count.
    pub fn named_request(&self, operation: &Operation<'d>, request: &Request) -> Judgement {
        let mut judgement = Judgement::default();
        if !operation.method.eq_ignore_ascii_case(&request.method) {
            let why = format!("it is sent by {}", operation.method);
            judgement.refuse(Part::Target, Cause::NoSuchMethod, why);
        }
        self.judge_request(operation, request, None, Direction::Response, &mut judgement);
        judgement
    }

    /// Judges all but the target; `texts` are those of the path's parameters, where a path is what leads to the operation.
    fn judge_request(
        &self,
        operation: &Operation<'d>,
        request: &Request,
        texts: Option<&[(String, String)]>,
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        security::judge(self.document, operation, request, judgement);
        let target = request.target.as_deref().unwrap_or_default();
        let whole = target.split_once('?').map_or("", |(_, query)| query);
        let whole = whole.split('#').next().unwrap_or_default();
        let query = body::pairs(whole);
        let cookies: Vec<_> = security::cookies(request).collect();
        let parameters = operation.parameters(self.document);
        let map = self.map_in_query(&parameters, &query);
        let in_path: HashSet<&str> = template_names(&operation.path).into_iter().collect();
        let mut in_target: HashMap<&str, &str> = HashMap::new();
        for (name, text) in texts.unwrap_or_default() {
            in_target.entry(name).or_insert(text);
        }
        for parameter in &parameters {
            let parameter = match parameter {
                Ok(parameter) => parameter,
                Err(defect) => {
                    doubtful(judgement, Part::Target, defect);
                    continue;
                }
            };
            let is_ignored = is_ignored(parameter);
            let is_path = parameter.place == ParameterIn::Path;
            // No request carries a name that its path does not have.
            let is_unplaced = is_path && !in_path.contains(parameter.name);
            if is_ignored || is_unplaced || (is_path && texts.is_none()) {
                continue;
            }
            if parameter.place == ParameterIn::QueryString {
                self.judge_query(parameter, whole, direction, judgement);
                continue;
            }
            let is_header = parameter.place == ParameterIn::Header;
            let joined = is_header
                .then(|| joined_header(&request.headers, parameter.name))
                .flatten();
            let raw = match parameter.place {
                ParameterIn::Path => in_target.get(parameter.name).map(|text| Raw::Segment(text)),
                ParameterIn::Header => joined.as_deref().map(Raw::Header),
                ParameterIn::Query | ParameterIn::QueryString => Some(Raw::Pairs(&query)),
                ParameterIn::Cookie => Some(Raw::Pairs(&cookies)),
            };
            let further = match &map {
                Some((name, names)) if parameter.place == ParameterIn::Query && parameter.name == *name => {
                    names.as_slice()
                }
                _ => &[],
            };
            self.judge_parameter(parameter, (raw, further), direction, judgement);
        }
        self.judge_request_body(operation, request, direction, judgement);
    }

    fn judge_parameter(
        &self,
        parameter: &Parameter<'d>,
        (raw, further): (Option<Raw<'_>>, &[String]),
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let part = Part::of(parameter);
        let schema = parameter.schema();
        let (form, mut names) = if parameter.content().is_some() {
            // A value in a media type stands there as one text.
            (plain_form(parameter), Vec::new())
        } else {
            let names = schema.as_ref().map(|it| property_names(self.document, it.node));
            (form_of(parameter), names.unwrap_or_default())
        };
        names.extend_from_slice(further);
        let found = match raw.map(|raw| style::read(&form, &raw, &names)) {
            None => Vec::new(),
            Some(Some(found)) => found,
            Some(None) => {
                judgement.refuse(part, Cause::Malformed, "its text is not written in its style");
                return;
            }
        };
        if found.is_empty() {
            if parameter.required {
                judgement.refuse(part, Cause::Missing, "it is required");
            }
            return;
        }
        match parameter.content() {
            Some(content) => self.judge_content(part, &content, &found, direction, judgement),
            None => self.judge_texts(part, schema.as_ref(), &found, direction, judgement),
        }
    }

    /// The parameter that is a map whose members are written apart, and the names in the query that nothing else has a use
    /// for, which are its members. Of several such maps none says which names are its own.
    fn map_in_query(
        &self,
        parameters: &[Result<Parameter<'d>, Defect>],
        query: &[(String, String)],
    ) -> Option<(&'d str, Vec<String>)> {
        if query.is_empty() {
            return None;
        }
        let parameters = parameters.iter().flatten();
        let parameters: Vec<_> = parameters.filter(|it| it.place == ParameterIn::Query).collect();
        let mut maps = parameters.iter().filter(|it| {
            let is_apart = it.style == Style::Form && it.explode && it.content().is_none();
            let schema = it.schema().filter(|_| is_apart);
            schema.is_some_and(|it| has_further(self.document, it.node))
        });
        let (Some(map), None) = (maps.next(), maps.next()) else {
            return None;
        };
        let mut used: HashSet<String> = security::query_keys(self.document).map(str::to_owned).collect();
        for parameter in &parameters {
            used.insert(parameter.name.to_owned());
            let schema = parameter.schema().filter(|_| parameter.name != map.name);
            used.extend(
                schema
                    .into_iter()
                    .flat_map(|it| property_names(self.document, it.node)),
            );
        }
        let is_used = |name: &String| {
            // What stands before a bracket names the object that the name is a member of.
            let object = name.split('[').next().unwrap_or_default();
            used.contains(name) || used.contains(object)
        };
        let names = query.iter().filter_map(|(name, _)| percent::form_decoded(name));
        Some((map.name, names.filter(|name| !is_used(name)).collect()))
    }

    /// Judges a query as a whole, which is written as a body of its media type (OpenAPI 3.2).
    fn judge_query(
        &self,
        parameter: &Parameter<'d>,
        query: &str,
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let part = Part::of(parameter);
        if query.is_empty() {
            if parameter.required {
                judgement.refuse(part, Cause::Missing, "it is required");
            }
            return;
        }
        let media_type = parameter.content().map(|it| it.followed(self.document));
        let media_type = match media_type {
            Some(Ok(media_type)) => media_type,
            Some(Err(defect)) => return doubtful(judgement, part, &defect),
            None => return judgement.doubt(part, "it says no media type"),
        };
        let is_form = media_type.name.essence() == "application/x-www-form-urlencoded";
        // A form escapes by itself; any other text is escaped as a whole.
        let text = if is_form {
            Some(query.to_owned())
        } else {
            percent::decoded(query)
        };
        let Some(text) = text else {
            return judgement.refuse(part, Cause::Malformed, "its escapes are no UTF-8");
        };
        self.judge_held(
            part,
            &media_type,
            &media_type.name,
            text.as_bytes(),
            direction,
            judgement,
        );
    }

    /// Judges a parameter or header that is written in a media type.
    fn judge_content(
        &self,
        part: Part,
        content: &MediaType<'d>,
        found: &[Written],
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let Some(Written::Text(text)) = found.first() else {
            judgement.refuse(part, Cause::Malformed, "it is one text, and several are there");
            return;
        };
        if !content.name.is_json() {
            let found = vec![Written::Text(text.clone())];
            self.judge_texts(part, content.schema().as_ref(), &found, direction, judgement);
            return;
        }
        match serde_json::from_str(text) {
            Ok(value) => {
                self.judge_value(&part, content.schema().as_ref(), &value, direction, judgement);
                judgement.read.insert(part, Read::Json(value));
            }
            Err(_) => judgement.refuse(part, Cause::Malformed, "it is not JSON"),
        }
    }

    /// Judges what a text can stand for: one reading that the schema takes is enough.
    fn judge_texts(
        &self,
        part: Part,
        schema: Option<&Located<'d>>,
        found: &[Written],
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let types = schema.map_or(Types::STRING, |it| types_at(self.document, it.node, &[]));
        let scalar = [Types::STRING, Types::INTEGER, Types::BOOLEAN]
            .iter()
            .any(|it| types.has(*it));
        let fits = |it: &&Written| match it {
            Written::Text(_) => scalar,
            Written::List(_) => types.has(Types::ARRAY),
            Written::Members(_) => types.has(Types::OBJECT),
            Written::Json(_) => true,
        };
        let fitting: Vec<&Written> = found.iter().filter(fits).collect();
        let tried = if fitting.is_empty() {
            vec![&found[0]]
        } else {
            fitting
        };
        let mut first: Option<Judgement> = None;
        let mut is_cut = false;
        for written in &tried {
            let readings = readings(self.document, schema.map(|it| it.node), written);
            is_cut |= readings.is_cut;
            for value in readings.values {
                let mut own = Judgement::default();
                self.judge_value(&part, schema, &value, direction, &mut own);
                if own.refusals.is_empty() && own.doubts.is_empty() {
                    judgement.values.insert(part.clone(), value);
                    judgement.read.insert(part, Read::Text((*written).clone()));
                    return;
                }
                // A reading that stays open counts before one that is refused.
                if first
                    .as_ref()
                    .is_none_or(|it| own.refusals.is_empty() && !it.refusals.is_empty())
                {
                    first = Some(own);
                }
            }
        }
        judgement.read.insert(part.clone(), Read::Text(tried[0].clone()));
        if is_cut {
            judgement.doubt(part, "its text can be read in too many ways");
        } else if let Some(own) = first {
            judgement.refusals.extend(own.refusals);
            judgement.doubts.extend(own.doubts);
        }
    }

    fn judge_value(
        &self,
        part: &Part,
        schema: Option<&Located<'d>>,
        value: &serde_json::Value,
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        if let Some(schema) = schema {
            self.judge_node(part, schema.node, value, direction, judgement);
        }
    }

    fn judge_node(
        &self,
        part: &Part,
        schema: Node<'d>,
        value: &serde_json::Value,
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        // A judge whose holder panicked has lost no validator.
        let mut judge = self.judge.lock().unwrap_or_else(PoisonError::into_inner);
        match judge.refusals(self.document, schema, direction, value, self.quotes_values) {
            Ok(refusals) => {
                if refusals.len() == MOST_REASONS {
                    judgement.doubt(part.clone(), "it is refused for more reasons than are told");
                }
                judgement.refusals.extend(refusals.into_iter().map(|it| Refusal {
                    part: part.clone(),
                    pointer: it.pointer,
                    cause: it.cause,
                    keyword: it.keyword,
                    why: it.why,
                }));
            }
            Err(why) => judgement.doubt(part.clone(), why),
        }
    }

    fn judge_request_body(
        &self,
        operation: &Operation<'d>,
        request: &Request,
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let declared = match operation.request_body(self.document) {
            None => return,
            Some(Ok(declared)) => declared,
            Some(Err(defect)) => return doubtful(judgement, Part::Body, &defect),
        };
        let Some(bytes) = &request.body else {
            if declared.required() {
                judgement.refuse(Part::Body, Cause::Missing, "a body is required");
            }
            return;
        };
        let sent = header(&request.headers, "content-type").next();
        self.judge_body(&declared.content(), sent, bytes, direction, judgement);
    }

    fn judge_body(
        &self,
        content: &[MediaType<'d>],
        sent: Option<&str>,
        bytes: &[u8],
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let Some(sent) = sent.map(MediaName::parse) else {
            judgement.refuse(
                Part::ContentType,
                Cause::Missing,
                "a body without a media type cannot be read",
            );
            return;
        };
        let Some(media_type) = body::chosen(content, &sent, direction) else {
            let listed: Vec<_> = content.iter().map(|it| it.written).collect();
            let why = format!("{sent} is not listed; what is listed is {}", listed.join(", "));
            judgement.refuse(Part::ContentType, Cause::NotListed, why);
            return;
        };
        let media_type = match media_type.followed(self.document) {
            Ok(media_type) => media_type,
            Err(defect) => return judgement.doubt(Part::Body, defect.to_string()),
        };
        // A schema of no lists says what each item of a stream is, as authors mean it.
        let meant = media_type.schema().filter(|it| {
            let is_stream = self.document.version() == Version::V3_2 && body::is_stream(&sent);
            is_stream && body::is_composite(self.document, it, &["object"])
        });
        if let Some(schema) = media_type.item_schema().or(meant) {
            return self.judge_stream(&schema, &sent, bytes, direction, judgement);
        }
        self.judge_held(Part::Body, &media_type, &sent, bytes, direction, judgement);
    }

    /// Judges what bytes of a media type hold.
    fn judge_held(
        &self,
        part: Part,
        media_type: &MediaType<'d>,
        sent: &MediaName,
        bytes: &[u8],
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let schema = media_type.schema();
        match body::read(self.document, media_type, sent, bytes) {
            Ok(Held::Json(value)) => {
                self.judge_value(&part, schema.as_ref(), &value, direction, judgement);
                judgement.read.insert(part, Read::Json(value));
            }
            Ok(Held::Text(written)) => {
                self.judge_texts(part, schema.as_ref(), &[written], direction, judgement);
            }
            Ok(Held::Opaque) => {
                judgement.read.insert(part, Read::Opaque);
            }
            Err(Unread::Malformed(why)) => judgement.refuse(part, Cause::Malformed, why),
            Err(Unread::CannotTell(why)) => judgement.doubt(part, why),
        }
    }

    /// Judges a stream item by item; what it is as a whole says no more than its items.
    fn judge_stream(
        &self,
        schema: &Located<'d>,
        sent: &MediaName,
        bytes: &[u8],
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        match body::items(sent, bytes) {
            Some(Ok(items)) => {
                for item in &items {
                    self.judge_value(&Part::Body, Some(schema), item, direction, judgement);
                }
                judgement.read.insert(Part::Body, Read::Json(items.into()));
            }
            Some(Err(why)) => judgement.refuse(Part::Body, Cause::Malformed, why),
            None => judgement.doubt(Part::Body, format!("a stream in {sent} is not judged here")),
        }
    }

    /// Judges a value by itself under a schema of the document.
    pub fn value(&self, schema: Node<'d>, direction: Direction, value: &serde_json::Value) -> Judgement {
        let mut judgement = Judgement::default();
        self.judge_node(&Part::Body, schema, value, direction, &mut judgement);
        judgement
    }

    /// Whether a schema of the document takes a value: [`value`](Self::value) without the reasons, and so faster. In a
    /// schema that stands by itself no direction matters.
    ///
    /// # Errors
    /// When nobody can tell; the text says why.
    pub fn admits(
        &self,
        schema: Node<'d>,
        direction: Direction,
        value: &serde_json::Value,
    ) -> Result<bool, String> {
        let mut judge = self.judge.lock().unwrap_or_else(PoisonError::into_inner);
        judge.admits(self.document, schema, direction, value)
    }

    /// A value with the tags that it leaves out, though a discriminator of its schema looks for them: the `nth` way in which
    /// some tag chooses a schema that takes the value then. `None` where no tag is left out, and beyond the last way.
    ///
    /// What holds where a tag is left out, OpenAPI leaves open
    /// ([Discriminator Object](https://spec.openapis.org/oas/v3.1.1#discriminator-object)).
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    /// use openapi_wire::{Contract, Direction};
    /// use serde_json::json;
    ///
    /// let document = Document::read(r##"{"openapi": "3.0.3", "components": {"schemas": {
    ///     "Pet": {"oneOf": [{"$ref": "#/components/schemas/Cat"}], "discriminator": {"propertyName": "is"}},
    ///     "Cat": {"type": "object", "properties": {"is": {"type": "string"}}}
    /// }}}"##)?;
    /// let pet = document.root().pointer("/components/schemas/Pet").unwrap();
    /// let contract = Contract::new(&document);
    /// let tagged = |value| contract.tagged(pet, Direction::Request, &value, 0);
    /// assert_eq!(tagged(json!({})), Some(json!({"is": "Cat"})));
    /// assert_eq!(tagged(json!({"is": "Cat"})), None);
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn tagged(
        &self,
        schema: Node<'d>,
        direction: Direction,
        value: &serde_json::Value,
        nth: usize,
    ) -> Option<serde_json::Value> {
        let mut judge = self.judge.lock().unwrap_or_else(PoisonError::into_inner);
        judge.tagged(self.document, schema, direction, value, nth)
    }

    /// Judges an answer of an operation.
    pub fn response(&self, operation: &Operation<'d>, response: &Response) -> Judgement {
        self.judge_response(operation, response, Direction::Response)
    }

    /// Judges our answer to a webhook or a callback, which travels as a request does elsewhere.
    pub fn named_response(&self, operation: &Operation<'d>, response: &Response) -> Judgement {
        self.judge_response(operation, response, Direction::Request)
    }

    fn judge_response(
        &self,
        operation: &Operation<'d>,
        response: &Response,
        direction: Direction,
    ) -> Judgement {
        let mut judgement = Judgement::default();
        let mut declared = Vec::new();
        for answer in operation.responses(self.document) {
            match answer {
                Ok(answer) => declared.push(answer),
                Err(defect) => doubtful(&mut judgement, Part::Status, &defect),
            }
        }
        let Some(answer) = Declared::declared_for(&declared, response.status) else {
            let why = format!("{} is not declared", response.status);
            judgement.refuse(Part::Status, Cause::NotListed, why);
            return judgement;
        };
        for header in answer.headers(self.document) {
            match header {
                Ok(header) => self.judge_header(&header, response, direction, &mut judgement),
                Err(defect) => doubtful(&mut judgement, Part::Status, &defect),
            }
        }
        let content = answer.content();
        let has_none = operation.method.eq_ignore_ascii_case("head")
            || matches!(response.status, 100..=199 | 204 | 304)
            || content.is_empty();
        match &response.body {
            _ if has_none => {}
            None => judgement.refuse(Part::Body, Cause::Missing, "a body is declared"),
            Some(bytes) => {
                let sent = header(&response.headers, "content-type").next();
                self.judge_body(&content, sent, bytes, direction, &mut judgement);
            }
        }
        judgement
    }

    fn judge_header(
        &self,
        declared: &Header<'d>,
        response: &Response,
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let part = Part::Header(declared.name.to_ascii_lowercase());
        let Some(text) = joined_header(&response.headers, declared.name) else {
            if declared.required() {
                judgement.refuse(part, Cause::Missing, "it is required");
            }
            return;
        };
        let form = Form {
            name: declared.name,
            style: Style::Simple,
            explode: declared.explode(),
            allow_reserved: false,
        };
        let found = style::read(&form, &Raw::Header(&text), &[]).unwrap_or_default();
        match declared.content() {
            Some(content) => self.judge_content(part, &content, &found, direction, judgement),
            None => self.judge_texts(part, declared.schema().as_ref(), &found, direction, judgement),
        }
    }
}

fn doubtful(judgement: &mut Judgement, part: Part, defect: &Defect) {
    judgement.doubt(part, defect.to_string());
}

/// The lines of a header as one (RFC 9110, section 5.3).
fn joined_header(headers: &[(String, String)], name: &str) -> Option<String> {
    let lines: Vec<&str> = header(headers, name).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// Whether OpenAPI says that a header is told elsewhere, so that its parameter says nothing.
pub(crate) fn is_ignored(parameter: &Parameter<'_>) -> bool {
    let elsewhere = ["accept", "content-type", "authorization"];
    parameter.place == ParameterIn::Header
        && elsewhere.iter().any(|it| parameter.name.eq_ignore_ascii_case(it))
}

pub(crate) fn form_of<'d>(parameter: &Parameter<'d>) -> Form<'d> {
    // A header has no style but `simple`, whatever it says.
    let style = match parameter.place {
        ParameterIn::Header => Style::Simple,
        _ => parameter.style,
    };
    Form {
        name: parameter.name,
        style,
        explode: parameter.explode,
        allow_reserved: parameter.here.is_true("allowReserved"),
    }
}

/// One text, as a value in a media type stands in a parameter.
pub(crate) fn plain_form<'d>(parameter: &Parameter<'d>) -> Form<'d> {
    let style = match parameter.place {
        ParameterIn::Path | ParameterIn::Header => Style::Simple,
        _ => Style::Form,
    };
    Form {
        style,
        explode: true,
        allow_reserved: false,
        name: parameter.name,
    }
}
