use std::fmt;

/// Why a document cannot be used, where, and how to mend it.
///
/// Reads as `place: problem; mend`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    place: String,
    problem: String,
    mend: String,
}

/// What sort of trouble an [`Error`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file could not be read.
    Io,
    /// A document could not be fetched.
    Fetch,
    /// A document is larger or nested deeper than the limits allow.
    Limit,
    /// The bytes are not JSON or YAML.
    Syntax,
    /// The document is not an OpenAPI document of a version that is read here.
    NotOpenApi,
    /// `pin.toml` says something that cannot be.
    Pin,
    /// The document is not the one that was pinned.
    Digest,
    /// `pin.toml` names an operation that the document lacks.
    MissingOperation,
    /// A `$ref` leads nowhere, in a circle or out of the document.
    Reference,
    /// The generator cannot make code of the document.
    Generation,
}

impl Error {
    pub(crate) fn new(
        kind: ErrorKind,
        place: impl Into<String>,
        problem: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            place: place.into(),
            problem: problem.into(),
            mend: mend.into(),
        }
    }

    /// What sort of trouble this is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The file and the place in it: a line, or a JSON pointer after `#`.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.problem, self.mend)
    }
}

impl std::error::Error for Error {}
