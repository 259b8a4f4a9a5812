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
    /// Two things of the document would have one name in Rust, or one has a name that the generated code needs.
    Name,
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
            place: in_a_line(&place.into()),
            problem: in_a_line(&problem.into()),
            mend: in_a_line(&mend.into()),
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

/// What a document or the generator says, as part of one line: a build script's output is read line by line, so that a
/// line break in a name would let the document give commands to cargo.
fn in_a_line(text: &str) -> String {
    const LONGEST: usize = 1_000;
    let mut line = String::new();
    for (index, word) in text.split_whitespace().enumerate() {
        if index > 0 {
            line.push(' ');
        }
        for c in word.chars() {
            if c.is_control() || is_invisible(c) {
                line.extend(c.escape_unicode());
            } else {
                line.push(c);
            }
        }
        if line.len() > LONGEST {
            let end = (0..=LONGEST).rev().find(|end| line.is_char_boundary(*end));
            line.truncate(end.unwrap_or_default());
            line.push('…');
            break;
        }
    }
    line
}

/// Characters that take no room or turn the direction of writing.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.problem, self.mend)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_of_bounded_length_whatever_the_document_says() {
        let hostile = format!(
            "a\ncargo::rustc-env=A=B\u{1b}[2J\u{2028}\u{202e}{}",
            "x".repeat(100_000)
        );
        let text = Error::new(ErrorKind::Name, &hostile, &hostile, "mend").to_string();
        assert!(text.len() < 3_000, "{}", text.len());
        assert!(!text.contains(['\n', '\u{1b}', '\u{2028}', '\u{202e}']), "{text}");
        assert!(text.starts_with("a cargo::rustc-env=A=B\\u{1b}[2J"), "{text}");
    }
}
