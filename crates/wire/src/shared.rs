//! A contract that can be kept beside its document.

use std::fmt;
use std::sync::{Arc, Mutex};

use openapi_document::Document;

use crate::contract::Contract;
use crate::schema::Judge;

/// A document with the validators that were built of its schemas: what outlives a [`Contract`], and can be shared between
/// threads.
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
    /// The contract that a document is.
    pub fn new(document: impl Into<Arc<Document>>) -> Self {
        Self {
            document: document.into(),
            judge: Arc::default(),
        }
    }

    /// The document.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The contract: its operations are listed anew, its validators are not built again.
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
