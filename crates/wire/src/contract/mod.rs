//! One document as a judge of messages.

mod answers;
mod content;
mod forms;
mod requests;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use openapi_document::view::{Operation, Operations, Server};
use openapi_document::{Document, Node};

pub(crate) use forms::{form_of, is_ignored, plain_form};

use crate::judgement::{Cause, Judgement, Part};
use crate::message::{Request, Response};
use crate::route::{Reached, Route, Routes, Template, bases};
use crate::schema::{Direction, Judge, Reading};

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
}
