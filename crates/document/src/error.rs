//! The reasons why bytes cannot be read as a document.

use std::fmt;

use crate::limits::Limits;

/// The reason why bytes cannot be read as a document.
///
/// # Examples
/// ```
/// use openapi_document::Document;
///
/// let error = Document::read(b"{\"openapi\": oops}").unwrap_err();
/// assert_eq!(error.to_string(), "not JSON: expected value at line 1 column 13");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// The document exceeds the size limit.
    TooLarge {
        /// Its size, in bytes.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// Objects and arrays are nested too deeply.
    TooDeep {
        /// The start of the first level beyond the limit.
        at: Position,
        /// The maximum number of levels.
        limit: usize,
    },
    /// The document has too many values.
    TooMany {
        /// The first value beyond the limit.
        at: Position,
    },
    /// The aliases and merge keys (`<<`) of a YAML document expand to too many values.
    TooRepetitive {
        /// The position where the limit is first exceeded.
        at: Position,
    },
    /// The bytes are not JSON.
    NotJson {
        /// The problem, without its position.
        why: String,
        /// The position, if the problem has one.
        at: Option<Position>,
    },
    /// The bytes are not YAML.
    NotYaml {
        /// The problem, without its position.
        why: String,
        /// The position, if the problem has one.
        at: Option<Position>,
    },
    /// The document does not have a supported OpenAPI version. The text says what it is.
    NotOpenApi(String),
}

impl ReadError {
    /// The position of the problem, if it has one.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    ///
    /// let at = Document::read("{\n  \"openapi\": oops}").unwrap_err().position().unwrap();
    /// assert_eq!((at.line, at.column), (2, 14));
    /// ```
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::TooDeep { at, .. } | Self::TooMany { at } | Self::TooRepetitive { at } => Some(*at),
            Self::NotJson { at, .. } | Self::NotYaml { at, .. } => *at,
            Self::TooLarge { .. } | Self::NotOpenApi(_) => None,
        }
    }

    /// Makes an error for text that is not JSON, without a position.
    pub(crate) fn not_json(why: impl Into<String>) -> Self {
        let why = why.into();
        Self::NotJson { why, at: None }
    }

    /// Makes an error for text that is not YAML, without a position.
    pub(crate) fn not_yaml(why: impl Into<String>) -> Self {
        let why = why.into();
        Self::NotYaml { why, at: None }
    }
}

/// A line and a column of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, counted from one.
    pub line: usize,
    /// The column, counted from one: in bytes for JSON, in characters for YAML.
    pub column: usize,
}

/// Displays as `line 3 column 7`.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes, limit } => write!(
                f,
                "too large: {bytes} bytes, of which at most {limit} are read; raise the limit to read it"
            ),
            Self::TooDeep { at, limit } => write!(
                f,
                "nested too deep: more than {limit} levels at {at}; raise the limit if that is meant"
            ),
            Self::TooMany { at } => write!(
                f,
                "too large: more than {} values at {at}; compare it in parts",
                Limits::MOST_VALUES
            ),
            Self::TooRepetitive { at } => write!(
                f,
                "too large: written out, what its aliases and `<<` repeat is more than is read, at {at}; write fewer of them"
            ),
            Self::NotJson { why, at: None } => write!(f, "not JSON: {why}"),
            Self::NotYaml { why, at: None } => write!(f, "not YAML: {why}"),
            Self::NotJson { why, at: Some(at) } => write!(f, "not JSON: {why} at {at}"),
            Self::NotYaml { why, at: Some(at) } => write!(f, "not YAML: {why} at {at}"),
            Self::NotOpenApi(why) => write!(f, "not an OpenAPI 3.0, 3.1 or 3.2 document: {why}"),
        }
    }
}

impl std::error::Error for ReadError {}
