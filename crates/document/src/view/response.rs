//! Responses, by status.

use std::fmt;

use super::defect::Defect;
use super::header::{self, Header};
use super::media_type::{self, MediaType};
use crate::document::Document;
use crate::located::Located;

/// The statuses for which a response is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// One code, such as 404.
    Code(u16),
    /// A range of a hundred codes, such as `4XX`.
    Range(u8),
    /// All codes without another declaration.
    Default,
}

impl Status {
    /// Reads a key of `responses`.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::view::Status;
    ///
    /// assert_eq!(Status::parse("404"), Some(Status::Code(404)));
    /// assert_eq!(Status::parse("4xx"), Some(Status::Range(4)));
    /// assert_eq!(Status::parse("default"), Some(Status::Default));
    /// assert_eq!(Status::parse("4X4"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        if text == "default" {
            return Some(Self::Default);
        }
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        let hundreds = bytes[0].checked_sub(b'0').filter(|it| (1..=5).contains(it))?;
        if bytes[1..].eq_ignore_ascii_case(b"XX") {
            return Some(Self::Range(hundreds));
        }
        let is_code = bytes.iter().all(u8::is_ascii_digit);
        text.parse().ok().filter(|_| is_code).map(Self::Code)
    }

    /// Whether it includes this code.
    pub fn covers(self, code: u16) -> bool {
        match self {
            Self::Code(own) => own == code,
            Self::Range(hundreds) => u16::from(hundreds) == code / 100,
            Self::Default => true,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Range(hundreds) => write!(f, "{hundreds}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One response of an operation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response<'d> {
    /// The response object, with references followed.
    pub here: Located<'d>,
    /// The key as written.
    pub written: &'d str,
    /// The statuses for which it is declared.
    pub status: Status,
}

impl<'d> Response<'d> {
    /// The headers that it may carry, in document order.
    pub fn headers(&self, document: &'d Document) -> Vec<Result<Header<'d>, Defect>> {
        header::all(document, &self.here)
    }

    /// The media types of its body, in document order.
    pub fn content(&self) -> Vec<MediaType<'d>> {
        media_type::all(&self.here)
    }

    /// Its links to other operations, by name.
    pub fn links(&self, document: &'d Document) -> Vec<(&'d str, Result<Located<'d>, Defect>)> {
        let entries = self.here.entries_of("links");
        entries
            .map(|(name, here)| (name, here.follow(document).map_err(Defect::from)))
            .collect()
    }
}

impl Response<'_> {
    /// Selects the response that is declared for a code: by the code itself, else by its range, else the default.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    /// use openapi_document::view::{Operations, Response};
    ///
    /// let document = Document::read(r#"{"openapi": "3.0.0", "paths": {"/": {"get": {"responses": {
    ///     "default": {}, "4XX": {}, "404": {}
    /// }}}}}"#)?;
    /// let operations = Operations::of_paths(&document);
    /// let responses: Vec<_> = operations.list[0].responses(&document).into_iter().flatten().collect();
    /// let written = |code| Response::declared_for(&responses, code).unwrap().written;
    /// assert_eq!((written(404), written(409), written(200)), ("404", "4XX", "default"));
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn declared_for<'a, 'd>(responses: &'a [Response<'d>], code: u16) -> Option<&'a Response<'d>> {
        let covering = responses.iter().filter(|it| it.status.covers(code));
        covering.min_by_key(|it| it.status)
    }
}

/// The responses of an operation, in document order.
pub(super) fn all<'d>(document: &'d Document, operation: &Located<'d>) -> Vec<Result<Response<'d>, Defect>> {
    let entries = operation.entries_of("responses");
    entries
        .filter(|(written, _)| !written.starts_with("x-"))
        .map(|(written, here)| {
            let why = "an answer's key is a status, a range such as 4XX, or `default`";
            let status = Status::parse(written).ok_or_else(|| Defect::malformed(&here, why))?;
            let here = here.follow(document)?;
            Ok(Response {
                here,
                written,
                status,
            })
        })
        .collect()
}
