//! Why no document arrived, in a sentence that a tired engineer understands.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use ureq::http::StatusCode;

use super::{Address, Elsewhere, Limits};

/// A fetch that brought no document; it says what stood in the way, and no secret.
#[derive(Debug)]
pub struct FetchError {
    address: String,
    problem: Problem,
    tries: usize,
}

/// What was under way when the time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// No answer had begun.
    Connecting,
    /// The body was on its way.
    Reading {
        /// How much of it had come, in bytes after decompression.
        received: usize,
    },
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The request could not be made.
    Setup(String),
    /// No connection.
    Unreachable {
        /// What the library or the system says of it.
        why: String,
    },
    /// No connection that can be trusted.
    Tls {
        /// What the library or the system says of it.
        why: String,
    },
    /// No connection in time.
    ConnectTimeout {
        /// The time that there was.
        after: Duration,
    },
    /// No whole document in time.
    Timeout {
        /// The time that there was.
        after: Duration,
        /// What was under way.
        phase: Phase,
    },
    /// The connection ended too early.
    Interrupted {
        /// How much of the body had come, in bytes.
        received: usize,
        /// What the library or the system says of it.
        why: String,
    },
    /// What came is not HTTP.
    Malformed {
        /// What the library or the system says of it.
        why: String,
    },
    /// The body is not what its headers say.
    Undecodable {
        /// What the library or the system says of it.
        why: String,
    },
    /// Another status than 200, and the pause that the server asks for.
    Status {
        /// The status.
        status: StatusCode,
        /// The pause that the server asks for.
        retry_after: Option<Duration>,
    },
    /// More redirects than are followed.
    RedirectLoop {
        /// How many were followed.
        followed: usize,
    },
    /// A redirect that is not followed.
    Redirect(Elsewhere),
    /// More bytes than are read.
    TooLarge {
        /// How many are read at most.
        limit: u64,
    },
    /// A `Content-Encoding` that is not read.
    Encoding(String),
    /// A page for people, and its media type.
    WebPage {
        /// Its media type, if it has one.
        kind: Option<String>,
    },
    /// No document at all.
    Empty,
}

impl Problem {
    /// Sorts what the HTTP client met before an answer came.
    pub(super) fn of_connection(error: &ureq::Error, limits: &Limits) -> Self {
        use ureq::Error::{
            BadUri, ConnectProxyFailed, ConnectionFailed, HostNotFound, Http, InvalidProxyUrl, Io,
            LargeResponseHeader, Pem, Protocol, Rustls, Timeout, Tls, TlsRequired,
        };
        let why = why(error);
        match error {
            Timeout(ureq::Timeout::Resolve | ureq::Timeout::Connect) => Self::ConnectTimeout {
                after: limits.connect,
            },
            Timeout(_) => Self::Timeout {
                after: limits.total,
                phase: Phase::Connecting,
            },
            // The TLS library reports what it refuses as invalid data.
            Io(error) if error.kind() == io::ErrorKind::InvalidData => Self::Tls { why },
            Tls(_) | Pem(_) | Rustls(_) | TlsRequired => Self::Tls { why },
            // The connection was there.
            Io(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::UnexpectedEof
                        | io::ErrorKind::ConnectionReset
                        | io::ErrorKind::ConnectionAborted
                        | io::ErrorKind::BrokenPipe
                ) =>
            {
                Self::Interrupted { received: 0, why }
            }
            Io(_) | HostNotFound | ConnectionFailed | ConnectProxyFailed(_) => Self::Unreachable { why },
            Protocol(_) | LargeResponseHeader(..) => Self::Malformed { why },
            // The client's own words repeat the address.
            BadUri(_) => Self::Setup("the address cannot be sent".to_owned()),
            Http(_) | InvalidProxyUrl => Self::Setup(why),
            _ => Self::Interrupted { received: 0, why },
        }
    }

    /// Sorts what the HTTP client met after so many bytes of a body.
    pub(super) fn of_body(error: &io::Error, received: usize, limits: &Limits) -> Self {
        let invalid = |error: &io::Error| {
            matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
            )
        };
        let inner = error.get_ref().and_then(|it| it.downcast_ref::<ureq::Error>());
        let is_undecodable = match inner {
            Some(ureq::Error::Timeout(_)) => {
                return Self::Timeout {
                    after: limits.total,
                    phase: Phase::Reading { received },
                };
            }
            Some(ureq::Error::Decompress(_, error) | ureq::Error::Io(error)) => invalid(error),
            Some(ureq::Error::Protocol(_)) => true,
            _ => invalid(error),
        };
        let why = inner.map_or_else(|| error.to_string(), why);
        if is_undecodable {
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
    pub(super) fn new(address: &Address, problem: Problem, tries: usize) -> Self {
        Self {
            address: address.to_string(),
            problem,
            tries,
        }
    }

    /// What went wrong.
    pub fn problem(&self) -> &Problem {
        &self.problem
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
                    "{address} serves more than {} after decompression",
                    size(*limit)
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

/// `100 MB`, `1000 bytes`.
fn size(bytes: u64) -> String {
    if bytes >= 1_000_000 {
        format!("{} MB", bytes / 1_000_000)
    } else {
        format!("{bytes} bytes")
    }
}

/// `30 s`, `0.25 s`.
fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

/// The operating system's or the TLS library's own words, where there are some.
fn why(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) | ureq::Error::Decompress(_, error) => error.to_string(),
        other => other.to_string(),
    }
}
