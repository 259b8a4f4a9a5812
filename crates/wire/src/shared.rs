//! A contract that can be stored together with its document.

use std::fmt;
use std::sync::{Arc, Mutex};

use openapi_document::Document;

use crate::contract::Contract;
use crate::schema::{Judge, Reading};

/// A document with what was found out about its schemas. It outlives a [`Contract`] and can be shared
/// between threads.
///
/// # Examples
/// ```
/// use openapi_document::Document;
/// use openapi_wire::{Request, SharedContract, Verdict};
///
/// let document = Document::read(r#"{"openapi": "3.0.3", "paths": {"/pets": {"get": {}}}}"#)?;
/// let shared = SharedContract::new(document);
/// let request = Request { method: "GET".to_owned(), target: Some("/pets".to_owned()), ..Request::default() };
/// let elsewhere = shared.clone();
/// let judged = std::thread::spawn(move || elsewhere.contract().request(&request).verdict());
/// assert_eq!(judged.join().unwrap(), Verdict::Accepted);
/// # Ok::<(), openapi_document::ReadError>(())
/// ```
#[derive(Clone)]
pub struct SharedContract {
    document: Arc<Document>,
    judge: Arc<Mutex<Judge>>,
}

impl SharedContract {
    /// Creates the shared contract of a document.
    pub fn new(document: impl Into<Arc<Document>>) -> Self {
        Self {
            document: document.into(),
            judge: Arc::default(),
        }
    }

    /// Checks every `format` that the judge knows.
    ///
    /// Otherwise a `format` is only an annotation, as in JSON Schema and in a [`Contract`] by itself.
    ///
    /// ```
    /// use openapi_document::Document;
    /// use openapi_wire::{Request, SharedContract};
    ///
    /// let text = r#"{"openapi": "3.0.3", "paths": {"/pets": {"get": {"parameters": [
    ///     {"name": "born", "in": "query", "schema": {"type": "string", "format": "date"}}
    /// ]}}}}"#;
    /// let target = Some("/pets?born=yesterday".to_owned());
    /// let request = Request { method: "GET".to_owned(), target, ..Request::default() };
    /// let shared = SharedContract::new(Document::read(text)?);
    /// assert!(shared.contract().request(&request).refusals.is_empty());
    /// let strict = shared.holding_formats();
    /// assert_eq!(strict.contract().request(&request).refusals[0].keyword.as_deref(), Some("format"));
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    #[must_use]
    pub fn holding_formats(self) -> Self {
        Self {
            document: self.document,
            judge: Arc::new(Mutex::new(Judge::by(Reading {
                holds_formats: true,
                ..Reading::default()
            }))),
        }
    }

    /// The document.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Creates the contract. Its operations are collected again, but what was found out about its schemas is reused.
    pub fn contract(&self) -> Contract<'_> {
        Contract::judged_by(&self.document, self.judge.clone())
    }
}

impl fmt::Debug for SharedContract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedContract")
            .field("document", &self.document)
            .finish_non_exhaustive()
    }
}
