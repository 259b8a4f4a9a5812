//! Why no document arrived, in a sentence that a tired engineer understands.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;

use super::{Address, Elsewhere};

/// A fetch that brought no document.
#[derive(Debug)]
pub(crate) struct FetchError {
    address: String,
    problem: Problem,
    tries: usize,
}

/// What was under way when the time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Connecting,
    Reading { received: usize },
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    Setup(String),
    Unreachable {
        why: String,
    },
    Tls {
        why: String,
    },
    ConnectTimeout {
        after: Duration,
    },
    Timeout {
        after: Duration,
        phase: Phase,
    },
    Interrupted {
        received: usize,
        why: String,
    },
    /// What came is not HTTP.
    Malformed {
        why: String,
    },
    /// The body is not what its headers say.
    Undecodable {
        why: String,
    },
    Status {
        status: StatusCode,
        retry_after: Option<Duration>,
    },
    RedirectLoop {
        followed: usize,
    },
    Redirect(Elsewhere),
    TooLarge {
        limit: u64,
    },
    Encoding(String),
    WebPage {
        kind: Option<String>,
    },
    Empty,
}

impl Problem {
    /// Sorts what the HTTP library met before an answer came.
    pub(super) fn of_connection(error: &reqwest::Error, connect: Duration) -> Self {
        if error.is_timeout() {
            return Self::ConnectTimeout { after: connect };
        }
        let why = innermost(error);
        let http = sources(error).find_map(|it| it.downcast_ref::<hyper::Error>());
        if is_tls(error) {
            Self::Tls { why }
        } else if error.is_connect() {
            Self::Unreachable { why }
        } else if http.is_some_and(hyper::Error::is_parse) {
            Self::Malformed { why }
        } else if error.is_builder() {
            Self::Setup(why)
        } else {
            // The connection was there.
            Self::Interrupted { received: 0, why }
        }
    }

    /// Sorts what the HTTP library met after so many bytes of a body.
    pub(super) fn of_body(error: &reqwest::Error, received: usize) -> Self {
        let why = innermost(error);
        let invalid = |kind| matches!(kind, io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput);
        let mut io = sources(error).filter_map(|it| it.downcast_ref::<io::Error>());
        if io.any(|io| invalid(io.kind())) {
            Self::Undecodable { why }
        } else {
            Self::Interrupted { received, why }
        }
    }

    /// Whether the same request may succeed a moment later.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::ConnectTimeout { .. } | Self::Interrupted { .. } => true,
            Self::Status { status, .. } => matches!(status.as_u16(), 408 | 429 | 500 | 502..=504),
            _ => false,
        }
    }

    /// The pause the server asked for before the next try.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl FetchError {
    pub(super) fn new(address: &Address, problem: Problem) -> Self {
        Self {
            address: address.to_string(),
            problem,
            tries: 1,
        }
    }

    pub(super) fn after_tries(mut self, tries: usize) -> Self {
        self.tries = tries;
        self
    }

    /// How to mend it.
    pub(crate) fn hint(&self) -> &'static str {
        match &self.problem {
            Problem::Setup(_) => {
                "the proxy settings and the certificate store of this machine are worth a look"
            }
            Problem::Unreachable { .. } => {
                "check the address, the network and `HTTPS_PROXY`, or try again later"
            }
            Problem::ConnectTimeout { .. } => {
                "check the network and `HTTPS_PROXY`; a firewall that drops packets looks like this"
            }
            Problem::Tls { .. } => {
                "check the address and the clock; behind a proxy that opens TLS, name its certificate in `SSL_CERT_FILE`"
            }
            Problem::Timeout { .. } => "try again later, or allow more time with --timeout",
            Problem::Interrupted { .. } => {
                "try again later; nothing was concluded from the part that arrived"
            }
            Problem::Status { status, .. } => match status.as_u16() {
                401 | 403 => "pass credentials with --header or in `CHECK_SPEC_HEADERS`",
                404 | 410 => {
                    "check the address; the document may have moved, then name the new place with --staging"
                }
                _ => "try again later; this says nothing about drift",
            },
            Problem::RedirectLoop { .. } => "open the address in a browser to see where it leads",
            Problem::Malformed { .. } => {
                "check the address and the port: something else may be listening there"
            }
            Problem::Undecodable { .. } => {
                "try again later, or ask the server's owner; nothing was concluded"
            }
            Problem::Redirect(Elsewhere::Origin(_)) => {
                "if the new place is trusted, name it with --staging: headers are never sent on to another host"
            }
            Problem::Redirect(_) => {
                "ask the server's owner where the document is, and name it with --staging"
            }
            Problem::TooLarge { .. } => "an API document is far smaller; check what the address serves",
            Problem::Encoding(_) => {
                "ask the server's owner why it compresses in a way that was not asked for"
            }
            Problem::WebPage { .. } => "log in first, pass credentials with --header, or check the address",
            Problem::Empty => "check what the address serves",
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = &self.address;
        match &self.problem {
            Problem::Setup(why) => write!(f, "the request to {address} could not be set up: {why}"),
            Problem::Unreachable { why } => write!(f, "{address} could not be reached: {why}"),
            Problem::Tls { why } => write!(f, "no trusted TLS connection to {address}: {why}"),
            Problem::ConnectTimeout { after } => {
                write!(
                    f,
                    "{address} did not take a connection within {}",
                    seconds(*after)
                )
            }
            Problem::Timeout {
                after,
                phase: Phase::Connecting,
            } => {
                write!(f, "{address} did not answer within {}", seconds(*after))
            }
            Problem::Timeout {
                after,
                phase: Phase::Reading { received },
            } => {
                write!(
                    f,
                    "{address} was still sending after {}, with {received} bytes received",
                    seconds(*after)
                )
            }
            Problem::Interrupted { received, why } => {
                write!(f, "{address} broke off after {received} bytes: {why}")
            }
            Problem::Malformed { why } => {
                write!(f, "{address} answered with something that is not HTTP: {why}")
            }
            Problem::Undecodable { why } => {
                write!(f, "{address} sent a body that cannot be decoded: {why}")
            }
            Problem::Status { status, .. } => {
                write!(f, "{address} answered {status} instead of the document")
            }
            Problem::RedirectLoop { followed } => {
                write!(
                    f,
                    "{address} redirects without end: {followed} redirects were followed"
                )
            }
            Problem::Redirect(Elsewhere::Origin(to)) => {
                write!(
                    f,
                    "{address} redirects to {to}, which is another host, scheme or port, and was not followed"
                )
            }
            Problem::Redirect(Elsewhere::Scheme(scheme)) => {
                write!(
                    f,
                    "{address} redirects to a `{scheme}:` address, which is not fetched"
                )
            }
            Problem::Redirect(Elsewhere::Credentials) => {
                write!(
                    f,
                    "{address} redirects to its own host with credentials in the address, which are not sent"
                )
            }
            Problem::Redirect(Elsewhere::Unreadable(why)) => {
                write!(f, "{address} redirects to an address that cannot be read: {why}")
            }
            Problem::TooLarge { limit } => {
                write!(
                    f,
                    "{address} serves more than {} MB after decompression",
                    limit / 1_000_000
                )
            }
            Problem::Encoding(encoding) => {
                write!(
                    f,
                    "{address} answers in the encoding `{encoding}`, which cannot be read"
                )
            }
            Problem::WebPage { kind } => {
                write!(f, "{address} serves a web page")?;
                if let Some(kind) = kind {
                    write!(f, " ({kind})")?;
                }
                write!(f, ", perhaps a login, instead of an API document")
            }
            Problem::Empty => write!(f, "{address} answered with nothing"),
        }?;
        if self.tries > 1 {
            write!(f, " (tried {} times)", self.tries)
        } else {
            Ok(())
        }
    }
}

impl Error for FetchError {}

/// `30 s`, `0.25 s`.
fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

/// An error and its causes, outermost first.
fn sources(error: &dyn Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&error| error.source())
}

/// The chain of causes, outermost first.
pub(super) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    for cause in sources(error) {
        text.push_str(": ");
        text.push_str(&cause.to_string());
    }
    text
}

/// The last cause: the operating system's or the TLS library's own words, without the address around them.
fn innermost(error: &dyn Error) -> String {
    let last = sources(error).last();
    last.map_or_else(|| error.to_string(), ToString::to_string)
}

/// Whether the handshake failed: the TLS library reports what it refuses as invalid data.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            if io.kind() == io::ErrorKind::InvalidData {
                return true;
            }
            // An io::Error's own source skips what it wraps.
            if let Some(inner) = io.get_ref()
                && is_tls(inner)
            {
                return true;
            }
        }
        next = error.source();
    }
    false
}
