use std::fmt::{self, Write as _};

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
        // Places and problems repeat what documents, servers and paths say, and cargo obeys whole lines of a build
        // script: an error is one line, on which nothing acts.
        for c in format!("{}: {}; {}", self.place, self.problem, self.mend).chars() {
            let reorders =
                matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if c == '\n' {
                // A generator's reason may be a whole schema, written out.
                f.write_char(' ')?;
            } else if c.is_control() || reorders || matches!(c, '\u{2028}' | '\u{2029}') {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_whatever_it_repeats() {
        let error = Error::new(
            ErrorKind::Pin,
            "a\n::error::b",
            "x\r\u{1b}[2J\u{202e}\ncargo::rustc-cfg=y",
            "mend it",
        );
        assert_eq!(
            error.to_string(),
            "a ::error::b: x\\u{d}\\u{1b}[2J\\u{202e} cargo::rustc-cfg=y; mend it"
        );
    }
}
