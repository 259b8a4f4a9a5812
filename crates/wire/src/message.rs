//! HTTP messages.

use std::fmt;

/// A request.
///
/// `Debug` prints neither values nor bytes, because the headers and the body may contain secrets.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// The path and query, such as `/pets/7?tag=a`; `None` for a request that is identified by its name, such as a
    /// webhook.
    pub target: Option<String>,
    /// Headers in order; their names are case-insensitive.
    pub headers: Vec<(String, String)>,
    /// The body's bytes, if there is a body.
    pub body: Option<Vec<u8>>,
    /// The scopes that the credentials in the message grant, if they matter.
    pub granted: Option<Granted>,
}

/// The scopes that a caller's credentials grant. The message itself does not contain this information.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Granted {
    /// Each scheme by its name in the document, with its scopes.
    pub schemes: Vec<(String, Vec<String>)>,
}

/// A response.
///
/// `Debug` prints neither values nor bytes.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Response {
    /// The status, such as 200.
    pub status: u16,
    /// Headers in order; their names are case-insensitive.
    pub headers: Vec<(String, String)>,
    /// The body's bytes, if there is a body.
    pub body: Option<Vec<u8>>,
}

fn names(headers: &[(String, String)]) -> Vec<&str> {
    headers.iter().map(|(name, _)| name.as_str()).collect()
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("headers", &names(&self.headers))
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &names(&self.headers))
            .field("body_bytes", &self.body.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// The values of a header, in order.
pub(crate) fn header<'m>(headers: &'m [(String, String)], name: &str) -> impl Iterator<Item = &'m str> {
    let named = headers
        .iter()
        .filter(move |(own, _)| own.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_str())
}
