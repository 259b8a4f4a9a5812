//! Judges messages against one document.

mod answers;
mod content;
mod forms;
mod requests;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use openapi_document::view::{Operation, Operations, Server};
use openapi_document::{Document, Node};

pub(crate) use forms::{form_of, is_ignored, plain_form, requires_authorization};

use crate::judgement::{Cause, Judgement, Part};
use crate::message::{Request, Response};
use crate::route::{Reached, Route, Routes, Template, bases};
use crate::schema::{Direction, Judge, Reading};
use crate::types::{Step, Types, types_at};

/// Number of operations with which every target is compared.
const FREE: usize = 64;
/// Maximum number of comparisons of an operation with a target that more than [`FREE`] operations may match.
const MOST_COMPARED: usize = 300_000;

/// Judges messages against a document.
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
    /// The paths of the operations that cannot be read.
    unread: OnceLock<Routes>,
    /// The number of operations that were compared with targets so far.
    compared: AtomicUsize,
    judge: Arc<Mutex<Judge>>,
    quotes_values: bool,
}

impl<'d> Contract<'d> {
    /// Creates the contract of a document.
    pub fn new(document: &'d Document) -> Self {
        Self::judged_by(document, Arc::default())
    }

    /// Creates the contract of a document with a judge, which must not have been used for another document.
    pub(crate) fn judged_by(document: &'d Document, judge: Arc<Mutex<Judge>>) -> Self {
        Self {
            document,
            operations: Operations::of_paths(document),
            routes: OnceLock::new(),
            unread: OnceLock::new(),
            compared: AtomicUsize::new(0),
            judge,
            quotes_values: false,
        }
    }

    /// Includes the refused value in the reasons of a schema, truncated if it is long.
    ///
    /// Otherwise a reason names only the keyword, because the value may be a secret.
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

    /// Checks `format` against values, like [`SharedContract::holding_formats`].
    ///
    /// [`SharedContract::holding_formats`]: crate::SharedContract::holding_formats
    #[must_use]
    pub fn holding_formats(self) -> Self {
        self.read_by(|reading| reading.holds_formats = true)
    }

    /// Reads the `nullable` of OpenAPI 3.0 literally: it applies only beside a `type`, and an `enum` must list null
    /// itself. Otherwise `nullable` adds null to any schema, including one with a `$ref`.
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

    /// Reads every `oneOf` as an `anyOf`, so that a value may match several alternatives at once.
    ///
    /// A `oneOf` under `not`, `if`, `contains` or `propertyNames` keeps its exact meaning. The resulting contract
    /// therefore accepts every value that the original contract accepts.
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

    /// Starts with an empty judge, because what it keeps depends on the reading.
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

    /// The operations under the document's paths.
    pub fn operations(&self) -> &[Operation<'d>] {
        &self.operations.list
    }

    /// The operation with a method and a path template: by exact spelling, or else by the shape of the template.
    pub fn operation(&self, method: &str, template: &str) -> Option<&Operation<'d>> {
        self.operations.get(method, template)
    }

    /// Finds the operation for a method and a target. The query matters only if a path in the document has a query.
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
        self.routes()
            .reached(self.document, &self.operations.list, method, target)
    }

    fn routes(&self) -> &Routes {
        let routes = || Routes::of(self.document, &self.operations.list);
        self.routes.get_or_init(routes)
    }

    /// Whether too many operations were compared with the targets of requests. A document may declare thousands of
    /// operations that match the same targets.
    fn is_exhausted_by(&self, target: &str) -> bool {
        let near = self.routes().near(target).count();
        near > FREE && self.compared.fetch_add(near, Ordering::Relaxed) + near > MOST_COMPARED
    }

    /// The operation that a request reaches.
    pub fn operation_of(&self, request: &Request) -> Option<&Operation<'d>> {
        match self.route(&request.method, request.target.as_deref()?) {
            Route::Operation(operation, _) => Some(operation),
            Route::NoSuchMethod(_) | Route::NoSuchPath => None,
        }
    }

    /// Whether the operation of a request may be behind a reference that cannot be followed.
    fn may_be_unread(&self, method: &str, target: &str) -> bool {
        let all = &self.operations.unread;
        let bases = bases(&Server::of_document(self.document));
        let routes = self.unread.get_or_init(|| {
            let mut routes = Routes::default();
            for (index, unread) in all.iter().enumerate() {
                if let Some(path) = &unread.path {
                    routes.add(index, path, &bases);
                }
            }
            routes
        });
        let is_method =
            |own: &Option<Arc<str>>| own.as_deref().is_none_or(|it| it.eq_ignore_ascii_case(method));
        let is_at = |path: &str| Template::of(path).matched(&bases, target).is_some();
        all.iter().any(|it| it.path.is_none() && is_method(&it.method))
            || routes
                .near(target)
                .any(|index| is_method(&all[index].method) && all[index].path.as_deref().is_some_and(is_at))
    }

    /// Judges a request to one of the paths. If several operations match equally well, the judgement with the fewest
    /// refusals, and then the fewest doubts, is returned.
    pub fn request(&self, request: &Request) -> Judgement {
        let target = request.target.as_deref().unwrap_or_default();
        if self.is_exhausted_by(target) {
            let mut judgement = Judgement::default();
            judgement.doubt(Part::Target, "too many operations match the targets of requests");
            return judgement;
        }
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

    /// Judges a request to the given operation, without checking whether another operation matches the path.
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

    /// Judges a request that is identified by the name of its operation, such as a webhook or a callback.
    ///
    /// The service sends this request, so `writeOnly` properties are left out, as in a response.
    pub fn named_request(&self, operation: &Operation<'d>, request: &Request) -> Judgement {
        let mut judgement = Judgement::default();
        if !operation.method.eq_ignore_ascii_case(&request.method) {
            let why = format!("it is sent by {}", operation.method);
            judgement.refuse(Part::Target, Cause::NoSuchMethod, why);
        }
        self.judge_request(operation, request, None, Direction::Response, &mut judgement);
        judgement
    }

    /// Judges a value under a schema of the document.
    pub fn value(&self, schema: Node<'d>, direction: Direction, value: &serde_json::Value) -> Judgement {
        let mut judgement = Judgement::default();
        self.judge_node(&Part::Body, schema, value, direction, &mut judgement);
        judgement
    }

    /// Whether a schema of the document accepts a value. This is faster than [`value`](Self::value), because it
    /// collects no reasons. In a standalone JSON Schema the direction does not matter.
    ///
    /// # Errors
    /// If the judge cannot decide; the text contains the reason.
    pub fn admits(
        &self,
        schema: Node<'d>,
        direction: Direction,
        value: &serde_json::Value,
    ) -> Result<bool, String> {
        let mut judge = self.judge.lock().unwrap_or_else(PoisonError::into_inner);
        judge.admits(self.document, schema, direction, value)
    }

    /// Whether a text at a path into a schema's values may be meant to be read as `value`. Under a schema with keywords
    /// of strings and without a `type`, a text is a scalar, and no list of one text. A schema with keywords of objects
    /// only means no list either.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    /// use openapi_wire::Contract;
    /// use serde_json::json;
    ///
    /// let document = Document::read_schema(r#"{"maxLength": 3}"#)?;
    /// let contract = Contract::new(&document);
    /// assert!(contract.may_mean(document.root(), &[], &json!("1000")));
    /// assert!(!contract.may_mean(document.root(), &[], &json!(["1000"])));
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn may_mean(&self, schema: Node<'d>, way: &[Step], value: &serde_json::Value) -> bool {
        let types = types_at(self.document, schema, way);
        let is_text = types.has(Types::STRING) || value.is_array();
        !is_text || types.has(Types::of_value(value))
    }

    /// Adds the missing tags of discriminators to a value, in the `nth` way in which a tag selects a schema that
    /// accepts the result. `None` if no tag is missing, or if there are fewer ways.
    ///
    /// OpenAPI does not define which schema applies if a tag is missing ([Discriminator
    /// Object](https://spec.openapis.org/oas/v3.1.1#discriminator-object)).
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

    /// Judges a response of an operation.
    pub fn response(&self, operation: &Operation<'d>, response: &Response) -> Judgement {
        self.judge_response(operation, response, Direction::Response)
    }

    /// Judges a response to a webhook or a callback.
    ///
    /// The client of the API sends this response, so `readOnly` properties are left out, as in a request.
    pub fn named_response(&self, operation: &Operation<'d>, response: &Response) -> Judgement {
        self.judge_response(operation, response, Direction::Request)
    }
}
