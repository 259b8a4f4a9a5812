//! Why bytes are not read as a document.

use std::fmt;

/// Why some bytes are not a document that can be read.
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
    /// The document is larger than is read.
    TooLarge {
        /// Its size, in bytes.
        bytes: usize,
        /// What is read at most, in bytes.
        limit: usize,
    },
    /// Objects and arrays are nested deeper than is read.
    TooDeep {
        /// The place, as `line 3, column 7`.
        at: String,
        /// How many levels are read at most.
        limit: usize,
    },
    /// The bytes are not JSON; the text says where and why.
    NotJson(String),
    /// The bytes are not YAML; the text says where and why.
    NotYaml(String),
    /// The document is not OpenAPI of a version that is read here; the text says what it is.
    NotOpenApi(String),
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
            Self::NotJson(why) => write!(f, "not JSON: {why}"),
            Self::NotYaml(why) => write!(f, "not YAML: {why}"),
            Self::NotOpenApi(why) => write!(f, "not an OpenAPI 3.0 or 3.1 document: {why}"),
        }
    }
}

impl std::error::Error for ReadError {}
