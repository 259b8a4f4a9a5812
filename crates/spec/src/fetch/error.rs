//! The reasons why a document cannot be fetched, with clear messages.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;

use ureq::http::StatusCode;

use super::{Address, Elsewhere, Limits};

/// A failed fetch. Its message says what the problem was, but contains no secret.
#[derive(Debug)]
pub struct FetchError {
    address: String,
    problem: Problem,
    tries: usize,
}

/// The step of a fetch that was in progress when the time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// No response had begun.
    Connecting,
    /// The body was being received.
    Reading {
        /// Number of bytes received, after decompression.
        received: usize,
    },
}

/// The problem of a failed fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The request could not be set up.
    Setup(String),
    /// No connection could be made.
    Unreachable {
        /// The message of the library or the system.
        why: String,
    },
    /// No trusted TLS connection could be made.
    Tls {
        /// The message of the library or the system.
        why: String,
    },
    /// No connection was made in time.
    ConnectTimeout {
        /// The time limit.
        after: Duration,
    },
    /// The document was not complete in time.
    Timeout {
        /// The time limit.
        after: Duration,
        /// The step that was in progress.
        phase: Phase,
    },
    /// The connection ended too early.
    Interrupted {
        /// Number of bytes of the body received.
        received: usize,
        /// The message of the library or the system.
        why: String,
    },
    /// The response is not valid HTTP.
    Malformed {
        /// The message of the library or the system.
        why: String,
    },
    /// The body does not match its headers.
    Undecodable {
        /// The message of the library or the system.
        why: String,
    },
    /// The status is not 200.
    Status {
        /// The status.
        status: StatusCode,
        /// The pause that the server asks for.
        retry_after: Option<Duration>,
    },
    /// There are too many redirects.
    RedirectLoop {
        /// Number of redirects that were followed.
        followed: usize,
    },
    /// There is a redirect that is not followed.
    Redirect(Elsewhere),
    /// The body exceeds the size limit.
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The `Content-Encoding` is not supported.
    Encoding(String),
    /// The response is a web page.
    WebPage {
        /// Its media type, if it has one.
        kind: Option<String>,
    },
    /// The body is empty.
    Empty,
}

impl Problem {
    /// Classifies an error of the HTTP client before a response came.
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
            // The TLS library reports its errors as invalid data.
            Io(error) if error.kind() == io::ErrorKind::InvalidData => Self::Tls { why },
            Tls(_) | Pem(_) | Rustls(_) | TlsRequired => Self::Tls { why },
            // The connection was made, and then lost.
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
            // Do not use the client's message, since it repeats the address.
            BadUri(_) => Self::Setup("the address cannot be sent".to_owned()),
            Http(_) | InvalidProxyUrl => Self::Setup(why),
            _ => Self::Interrupted { received: 0, why },
        }
    }

    /// Classifies an error of the HTTP client after `received` bytes of a body.
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

    /// Whether the same request may succeed if it is repeated.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::ConnectTimeout { .. } | Self::Interrupted { .. } => true,
            Self::Status { status, .. } => matches!(status.as_u16(), 408 | 429 | 500 | 502..=504),
            _ => false,
        }
    }

    /// The pause that the server asked for.
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

    /// The problem.
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
                    "{address} answers in the encoding `{}`, which cannot be read",
                    shown(encoding)
                )
            }
            Problem::WebPage { kind } => {
                write!(f, "{address} serves a web page")?;
                if let Some(kind) = kind {
                    write!(f, " ({})", shown(kind))?;
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

/// The value of a header for use in a message: shortened, and with control characters such as tabs escaped.
fn shown(value: &str) -> String {
    const LONGEST: usize = 60;
    let short: String = value
        .chars()
        .take(LONGEST)
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let plain = escaped.is_none().then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect();
    if value.chars().nth(LONGEST).is_some() {
        short + "…"
    } else {
        short
    }
}

/// Formats a size: `100 MB`, `1000 bytes`.
fn size(bytes: u64) -> String {
    if bytes >= 1_000_000 {
        format!("{} MB", bytes / 1_000_000)
    } else {
        format!("{bytes} bytes")
    }
}

/// Formats a time: `30 s`, `0.25 s`.
fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

/// The message of the operating system or the TLS library, if there is one.
fn why(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) | ureq::Error::Decompress(_, error) => error.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(problem: Problem, tries: usize) -> String {
        let address = "https://api.example/docs?token=hunter2".parse().unwrap();
        FetchError::new(&address, problem, tries).to_string()
    }

    #[test]
    fn what_stood_in_the_way_is_told_with_its_figures() {
        let after = Duration::from_millis(1500);
        let why = || "the cat sat on it".to_owned();
        let received = 7;
        for (problem, words) in [
            (
                Problem::Setup(why()),
                "the request to https://api.example/docs?… could not be set up: the cat sat on it",
            ),
            (
                Problem::ConnectTimeout { after },
                "https://api.example/docs?… did not take a connection within 1.5 s",
            ),
            (
                Problem::Timeout {
                    after,
                    phase: Phase::Connecting,
                },
                "https://api.example/docs?… did not answer within 1.5 s",
            ),
            (
                Problem::Timeout {
                    after,
                    phase: Phase::Reading { received },
                },
                "https://api.example/docs?… was still sending after 1.5 s, with 7 bytes received",
            ),
            (
                Problem::Interrupted { received, why: why() },
                "https://api.example/docs?… broke off after 7 bytes: the cat sat on it",
            ),
            (
                Problem::TooLarge { limit: 2_500_000 },
                "https://api.example/docs?… serves more than 2 MB after decompression",
            ),
            (
                Problem::TooLarge { limit: 999_999 },
                "https://api.example/docs?… serves more than 999999 bytes after decompression",
            ),
            (Problem::Empty, "https://api.example/docs?… answered with nothing"),
        ] {
            assert_eq!(told(problem.clone(), 1), words);
            assert_eq!(told(problem, 2), format!("{words} (tried 2 times)"));
        }
    }

    #[test]
    fn what_the_client_met_is_called_what_it_is() {
        let limits = Limits::default();
        let of = |error: &ureq::Error| Problem::of_connection(error, &limits);
        let io = |kind: io::ErrorKind| of(&ureq::Error::Io(io::Error::new(kind, "the system's words")));
        let why = || "the system's words".to_owned();
        assert_eq!(
            of(&ureq::Error::Timeout(ureq::Timeout::Connect)),
            Problem::ConnectTimeout {
                after: limits.connect
            }
        );
        assert_eq!(
            of(&ureq::Error::Timeout(ureq::Timeout::Resolve)),
            Problem::ConnectTimeout {
                after: limits.connect
            }
        );
        assert_eq!(
            of(&ureq::Error::Timeout(ureq::Timeout::RecvResponse)),
            Problem::Timeout {
                after: limits.total,
                phase: Phase::Connecting
            }
        );
        assert_eq!(io(io::ErrorKind::InvalidData), Problem::Tls { why: why() });
        for kind in [
            io::ErrorKind::UnexpectedEof,
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::ConnectionAborted,
            io::ErrorKind::BrokenPipe,
        ] {
            assert_eq!(
                io(kind),
                Problem::Interrupted {
                    received: 0,
                    why: why()
                }
            );
        }
        for kind in [
            io::ErrorKind::ConnectionRefused,
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::Other,
        ] {
            assert_eq!(io(kind), Problem::Unreachable { why: why() });
        }
        for error in [ureq::Error::HostNotFound, ureq::Error::ConnectionFailed] {
            assert!(matches!(of(&error), Problem::Unreachable { why } if !why.is_empty()));
        }
        for error in [ureq::Error::Tls("a bad certificate"), ureq::Error::TlsRequired] {
            assert!(matches!(of(&error), Problem::Tls { why } if !why.is_empty()));
        }
        // An error that the client cannot meet as it is set up.
        assert!(matches!(
            of(&ureq::Error::TooManyRedirects),
            Problem::Interrupted { received: 0, why } if !why.is_empty()
        ));
        // An address may hold a secret, and the client's message repeats it.
        assert_eq!(
            of(&ureq::Error::BadUri("https://hunter2".to_owned())),
            Problem::Setup("the address cannot be sent".to_owned())
        );
        assert!(matches!(of(&ureq::Error::InvalidProxyUrl), Problem::Setup(why) if why.contains("proxy")));
    }

    #[test]
    fn a_header_of_the_answer_is_told_short_and_without_what_controls() {
        let encoding = format!("a\tb{}", "c".repeat(100));
        let told = told(Problem::Encoding(encoding), 1);
        let expected = format!("answers in the encoding `a\\tb{}…`", "c".repeat(57));
        assert!(told.contains(&expected), "{told}");
    }
}
