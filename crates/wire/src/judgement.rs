//! The result of judging a message.

use std::collections::BTreeMap;
use std::fmt;

use openapi_document::view::{Parameter, ParameterIn};
use serde_json::Value;

use crate::written::Written;

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Part {
    /// The method and the path.
    Target,
    /// The credentials.
    Security,
    /// A parameter in the path.
    Path(String),
    /// A parameter in the query.
    Query(String),
    /// A header, by its lower-case name.
    Header(String),
    /// A cookie.
    Cookie(String),
    /// The status of a response.
    Status,
    /// The media type of the body.
    ContentType,
    /// The body.
    Body,
}

impl Part {
    /// The part of a message that carries a parameter.
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
            // Header names are case-insensitive.
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

/// The content that was read from a part.
#[derive(Clone, Debug, PartialEq)]
pub enum Read {
    /// A JSON value.
    Json(Value),
    /// Text, split by its style; the type of each text depends on the schema alone.
    Text(Written),
    /// Bytes that are not inspected.
    Opaque,
}

/// The cause of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Cause {
    /// No operation has this path.
    NoSuchPath,
    /// The path has no operation with this method.
    NoSuchMethod,
    /// A required part or property is absent.
    Missing,
    /// The bytes or the text cannot be read as the document defines.
    Malformed,
    /// The schema refuses the value.
    Schema,
    /// Several alternatives of a `oneOf` accept the value, although exactly one must.
    Ambiguous,
    /// The document does not list the status or the media type.
    NotListed,
}

/// One reason to refuse a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The part of the message.
    pub part: Part,
    /// JSON Pointer within the part's value. A missing property is identified by its own pointer.
    pub pointer: String,
    /// The kind of reason.
    pub cause: Cause,
    /// The schema keyword that refuses the value, if there is one.
    pub keyword: Option<String>,
    /// The reason, as the end of a sentence that names the part.
    pub why: String,
}

/// A question that cannot be decided from the document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Doubt {
    /// The part of the message.
    pub part: Part,
    /// The reason why it is undecided, as the end of a sentence that names the part.
    pub why: String,
}

/// The judgement of a message: the content that was read, and all objections to it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Judgement {
    /// The content of each part. For a refused part, this is the reading that was tried, if any.
    pub read: BTreeMap<Part, Read>,
    /// Every reason to refuse the message.
    pub refusals: Vec<Refusal>,
    /// Questions that could not be decided.
    pub doubts: Vec<Doubt>,
    /// The accepted values of the texts in `read`.
    pub(crate) values: BTreeMap<Part, Value>,
}

/// The summary of a judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The message conforms to the document.
    Accepted,
    /// The message does not conform, even if other questions are undecided.
    Refused,
    /// Nothing refuses the message, but some question is undecided.
    CannotTell,
}

impl Judgement {
    /// Summarizes the judgement.
    pub fn verdict(&self) -> Verdict {
        match (self.refusals.is_empty(), self.doubts.is_empty()) {
            (false, _) => Verdict::Refused,
            (true, false) => Verdict::CannotTell,
            (true, true) => Verdict::Accepted,
        }
    }

    /// The value of a part: JSON as it was read, or the value that the schema accepts for a text.
    ///
    /// `None` if nothing was read, for bytes that are not inspected, and for a text that is refused or undecided.
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
