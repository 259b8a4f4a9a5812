//! What a document says of a message.

use std::collections::BTreeMap;
use std::fmt;

use openapi_document::view::{Parameter, ParameterIn};
use serde_json::Value;

use crate::written::Written;

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Part {
    /// Method and path.
    Target,
    /// The way in.
    Security,
    /// A parameter in the path.
    Path(String),
    /// A parameter in the query.
    Query(String),
    /// A header, by its lower-case name.
    Header(String),
    /// A cookie.
    Cookie(String),
    /// The status of an answer.
    Status,
    /// The media type of the body.
    ContentType,
    /// The body.
    Body,
}

impl Part {
    /// The part in which a parameter travels.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    /// use openapi_document::view::Operations;
    /// use openapi_wire::Part;
    ///
    /// let document = Document::read(r#"{"openapi": "3.1.0", "paths": {"/pets": {"get": {"parameters": [
    ///     {"name": "X-Trace", "in": "header"}
    /// ]}}}}"#)?;
    /// let operations = Operations::of_paths(&document);
    /// let parameters: Vec<_> = operations.list[0].parameters(&document).into_iter().flatten().collect();
    /// assert_eq!(Part::of(&parameters[0]), Part::Header("x-trace".into()));
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn of(parameter: &Parameter<'_>) -> Self {
        let name = parameter.name.to_owned();
        match parameter.place {
            ParameterIn::Path => Self::Path(name),
            ParameterIn::Query | ParameterIn::QueryString => Self::Query(name),
            // Names of headers have no case.
            ParameterIn::Header => Self::Header(name.to_ascii_lowercase()),
            ParameterIn::Cookie => Self::Cookie(name),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target => f.write_str("the target"),
            Self::Security => f.write_str("the credentials"),
            Self::Path(name) => write!(f, "path parameter `{name}`"),
            Self::Query(name) => write!(f, "query parameter `{name}`"),
            Self::Header(name) => write!(f, "header `{name}`"),
            Self::Cookie(name) => write!(f, "cookie `{name}`"),
            Self::Status => f.write_str("the status"),
            Self::ContentType => f.write_str("the media type"),
            Self::Body => f.write_str("the body"),
        }
    }
}

/// What was read of a part.
#[derive(Clone, Debug, PartialEq)]
pub enum Read {
    /// A JSON value.
    Json(Value),
    /// Text, as its style takes it apart; what type each text has depends on the schema alone.
    Text(Written),
    /// Bytes that nobody looks into.
    Opaque,
}

/// Why a part is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Cause {
    /// No operation is at this path.
    NoSuchPath,
    /// No operation is at this path under this method.
    NoSuchMethod,
    /// It must be there, and is not.
    Missing,
    /// Its bytes or text cannot be taken apart as the document says.
    Malformed,
    /// The schema refuses its value.
    Schema,
    /// Several alternatives of a `oneOf` take its value, where exactly one may.
    Ambiguous,
    /// The document lists no such status or media type.
    NotListed,
}

/// One reason to refuse a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The part of the message.
    pub part: Part,
    /// JSON pointer within the part's value; a missing property is named by its own pointer.
    pub pointer: String,
    /// What kind of reason it is.
    pub cause: Cause,
    /// The keyword of the schema that refuses the value, where one does.
    pub keyword: Option<String>,
    /// The reason, as the end of a sentence that names the part.
    pub why: String,
}

/// One thing that the document does not let anyone decide.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Doubt {
    /// The part of the message.
    pub part: Part,
    /// Why it stays open, as the end of a sentence that names the part.
    pub why: String,
}

/// What a document says of a message: what it reads, and all that it has against it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Judgement {
    /// What was read, by part; of a refused part, what it was taken for if it could be taken for anything.
    pub read: BTreeMap<Part, Read>,
    /// Every reason to refuse the message.
    pub refusals: Vec<Refusal>,
    /// What could not be decided.
    pub doubts: Vec<Doubt>,
    /// What the texts among `read` stand for, where their schemas take that.
    pub(crate) values: BTreeMap<Part, Value>,
}

/// A judgement in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The message keeps to the document.
    Accepted,
    /// It does not, whatever stays open beside.
    Refused,
    /// Nothing refuses it, and something stays open.
    CannotTell,
}

impl Judgement {
    /// The judgement in one word.
    pub fn verdict(&self) -> Verdict {
        match (self.refusals.is_empty(), self.doubts.is_empty()) {
            (false, _) => Verdict::Refused,
            (true, false) => Verdict::CannotTell,
            (true, true) => Verdict::Accepted,
        }
    }

    /// The value of a part: JSON as it was read, and text as the value that its schema takes. `None` where nothing was
    /// read, where bytes are not looked into, and where a text is refused or stays open.
    pub fn value(&self, part: &Part) -> Option<&Value> {
        match self.read.get(part)? {
            Read::Json(value) => Some(value),
            Read::Text(_) => self.values.get(part),
            Read::Opaque => None,
        }
    }

    pub(crate) fn refuse(&mut self, part: Part, cause: Cause, why: impl Into<String>) {
        self.refusals.push(Refusal {
            part,
            pointer: String::new(),
            cause,
            keyword: None,
            why: why.into(),
        });
    }

    pub(crate) fn doubt(&mut self, part: Part, why: impl Into<String>) {
        self.doubts.push(Doubt {
            part,
            why: why.into(),
        });
    }
}
