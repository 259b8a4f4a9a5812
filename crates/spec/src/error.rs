use std::fmt;

/// The reason why a document cannot be used, with its place and a remedy.
///
/// It displays as `place: problem; remedy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    place: String,
    problem: String,
    mend: String,
}

/// The kind of problem that an [`Error`] stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file could not be read.
    Io,
    /// A document could not be fetched.
    Fetch,
    /// A document is larger or more deeply nested than the limits allow.
    Limit,
    /// The bytes are not JSON or YAML.
    Syntax,
    /// The document is not an OpenAPI document of a supported version.
    NotOpenApi,
    /// `pin.toml` is invalid.
    Pin,
    /// The document is not the pinned one.
    Digest,
    /// `pin.toml` names an operation that the document does not have.
    MissingOperation,
    /// A `$ref` cannot be resolved, is part of a cycle, or leads out of the document.
    Reference,
    /// Two objects in the document would have the same name in Rust, or one has a name that the generated code needs.
    Name,
    /// The generator cannot generate code from the document.
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

    /// The kind of problem.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The file and the place in it: a line, or a JSON pointer after `#`.
    pub fn place(&self) -> &str {
        &self.place
    }
}

/// Puts text from a document or the generator on one line. Cargo reads a build script's output line by line, so a line
/// break in a name would let the document give commands to it.
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

/// Whether a character is invisible or changes the direction of text.
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
