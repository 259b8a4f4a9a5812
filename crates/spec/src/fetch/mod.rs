//! Fetches a document over HTTP, with limits on time and size, from a single origin, and with clear errors.

mod address;
mod error;
mod headers;
mod origin;
mod proxy;
mod source;

use std::io::Read as _;
use std::time::{Duration, Instant, SystemTime};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use ureq::http::header::{
    ACCEPT, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, ETAG, HeaderName, IF_NONE_MATCH, LOCATION,
    RETRY_AFTER,
};
use ureq::http::{Response, StatusCode};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

pub use address::{Address, AddressError, Elsewhere, redacted};
pub use error::{FetchError, Phase, Problem};
pub use headers::{Header, HeaderError, Headers};
pub use origin::Origin;

/// The limits of a fetch.
///
/// ```
/// let limits = ratio_spec::fetch::Limits::default();
/// assert_eq!((limits.connect.as_secs(), limits.total.as_secs()), (10, 30));
/// assert_eq!((limits.bytes, limits.redirects), (100_000_000, 5));
/// assert_eq!((limits.retries, limits.pause.as_millis()), (2, 500));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum time to open a connection, including TLS.
    pub connect: Duration,
    /// Maximum time for the whole fetch, including redirects, retries and their pauses.
    pub total: Duration,
    /// Maximum size of the body, in bytes after decompression.
    pub bytes: u64,
    /// Maximum number of redirects, all of them within one origin.
    pub redirects: usize,
    /// Maximum number of retries after transient failures.
    pub retries: usize,
    /// The pause before the first retry. It doubles each time.
    pub pause: Duration,
}

impl Default for Limits {
    /// Returns the limits: 10 seconds to connect, 30 in total, 100 MB, 5 redirects, 2 retries.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(30),
            bytes: 100_000_000,
            redirects: 5,
            retries: 2,
            pause: Duration::from_millis(500),
        }
    }
}

/// The result of a fetch.
#[derive(Debug)]
pub enum Fetched {
    /// The document.
    Document {
        /// Its bytes, after decompression.
        bytes: Vec<u8>,
        /// The `ETag`, with which the next fetch can ask whether the document has changed.
        etag: Option<String>,
    },
    /// The server says that the document has not changed since the given `ETag`.
    Unchanged,
}

/// Fetches the document at `address`. `etag` is the `ETag` of a known copy, if there is one.
///
/// Redirects are followed only within the origin, and transient failures are retried. The proxy of the environment
/// (`HTTPS_PROXY`, `NO_PROXY`) and the certificates of the system are used.
///
/// # Errors
/// When no complete document was received within `limits`.
///
/// ```
/// use ratio_spec::fetch::{Headers, Limits, Problem, fetch};
///
/// // Nobody listens on the port 0.
/// let limits = Limits { retries: 0, ..Limits::default() };
/// let error = fetch(&"http://127.0.0.1:0/".parse()?, &Headers::default(), None, limits).unwrap_err();
/// assert!(matches!(error.problem(), Problem::Unreachable { .. }));
/// # Ok::<(), ratio_spec::fetch::AddressError>(())
/// ```
pub fn fetch(
    address: &Address,
    headers: &Headers,
    etag: Option<&str>,
    limits: Limits,
) -> Result<Fetched, FetchError> {
    let (outcome, tries) = match Fetch::new(address, headers, etag, limits) {
        Ok(fetch) => fetch.run(),
        Err(problem) => (Err(problem), 1),
    };
    outcome.map_err(|problem| FetchError::new(address, problem, tries))
}

struct Fetch<'a> {
    address: &'a Address,
    headers: &'a Headers,
    etag: Option<&'a str>,
    limits: Limits,
    deadline: Instant,
    agent: Agent,
}

impl<'a> Fetch<'a> {
    fn new(
        address: &'a Address,
        headers: &'a Headers,
        etag: Option<&'a str>,
        limits: Limits,
    ) -> Result<Self, Problem> {
        let deadline = Instant::now().checked_add(limits.total);
        let deadline = deadline.ok_or_else(|| Problem::Setup("there is no time so far ahead".to_owned()))?;
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier);
        let mut config = Agent::config_builder()
            .timeout_connect(Some(limits.connect))
            .max_redirects(0)
            .http_status_as_error(false)
            // Do not keep idle connections, since the server may close them in the meantime.
            .max_idle_connections(0)
            .tls_config(tls.build())
            .user_agent(concat!("ratio-spec/", env!("CARGO_PKG_VERSION")));
        // For a proxy, a loopback address is its own machine, so the request would leave this machine unencrypted.
        config = config.proxy(if address.is_loopback() {
            None
        } else {
            proxy::of_environment()?
        });
        Ok(Self {
            address,
            headers,
            etag,
            limits,
            deadline,
            agent: config.build().new_agent(),
        })
    }

    /// Repeats the request until it succeeds, or until it fails for good or out of time. Also returns the number of
    /// attempts.
    fn run(&self) -> (Result<Fetched, Problem>, usize) {
        let mut pauses = ExponentialBuilder::new()
            .with_min_delay(self.limits.pause)
            .with_max_times(self.limits.retries)
            .build();
        let mut tries = 0_usize;
        loop {
            tries = tries.saturating_add(1);
            let problem = match self.attempt() {
                Err(problem) if problem.may_pass() => problem,
                outcome => return (outcome, tries),
            };
            let Some(pause) = pauses.next() else {
                return (Err(problem), tries);
            };
            let pause = pause.max(problem.retry_after().unwrap_or_default());
            // A pause beyond the deadline would replace the actual problem with a timeout. The server chooses the
            // pause, which may be very long.
            let next = Instant::now().checked_add(pause);
            if next.is_none_or(|next| next >= self.deadline) {
                return (Err(problem), tries);
            }
            std::thread::sleep(pause);
        }
    }

    fn attempt(&self) -> Result<Fetched, Problem> {
        let mut address = self.address.clone();
        for _ in 0..=self.limits.redirects {
            let response = self.ask(&address)?;
            let status = response.status();
            if status == StatusCode::NOT_MODIFIED && self.etag.is_some() {
                return Ok(Fetched::Unchanged);
            }
            if moves(status) {
                address = next(&address, &response)?;
                continue;
            }
            if status != StatusCode::OK {
                return Err(Problem::Status {
                    status,
                    retry_after: retry_after(&response),
                });
            }
            return self.read(response);
        }
        Err(Problem::RedirectLoop {
            followed: self.limits.redirects,
        })
    }

    fn ask(&self, address: &Address) -> Result<Response<Body>, Problem> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let mut request = self
            .agent
            .get(address.as_str())
            .header(ACCEPT, "application/json, application/yaml;q=0.9, */*;q=0.1");
        for (name, value) in self.headers.iter() {
            request = request.header(name, value);
        }
        if let Some(etag) = self.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        request
            .config()
            .timeout_global(Some(left))
            .build()
            .call()
            .map_err(|error| Problem::of_connection(&error, &self.limits))
    }

    /// Reads the body in chunks, so that a body over the limit is refused early.
    fn read(&self, mut response: Response<Body>) -> Result<Fetched, Problem> {
        let too_large = Problem::TooLarge {
            limit: self.limits.bytes,
        };
        // The decoder removes this header if it supports the encoding.
        if let Some(encoding) = header(&response, CONTENT_ENCODING).filter(|e| e != "identity") {
            return Err(Problem::Encoding(encoding));
        }
        let length = header(&response, CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
        if length.is_some_and(|length| length > self.limits.bytes) {
            return Err(too_large);
        }
        let etag = header(&response, ETAG);
        let kind = header(&response, CONTENT_TYPE);
        let mut reader = response.body_mut().as_reader();
        let mut bytes = Vec::new();
        let mut chunk = vec![0; 1 << 16];
        loop {
            let read = reader
                .read(&mut chunk)
                .map_err(|error| Problem::of_body(&error, bytes.len(), &self.limits))?;
            if read == 0 {
                break;
            }
            if bytes.len().saturating_add(read) as u64 > self.limits.bytes {
                return Err(too_large);
            }
            bytes.extend_from_slice(&chunk[..read]);
        }
        if is_web_page(kind.as_deref(), &bytes) {
            return Err(Problem::WebPage { kind });
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Problem::Empty);
        }
        Ok(Fetched::Document { bytes, etag })
    }
}

/// Whether a status is a redirect that can be followed. 300 offers a choice, 304 is the answer to a conditional
/// request, and 305 and 306 concern proxies. See [RFC 9110, section
/// 15.4](https://www.rfc-editor.org/rfc/rfc9110#section-15.4).
fn moves(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Returns the target of a redirect, if it may be followed.
fn next(from: &Address, response: &Response<Body>) -> Result<Address, Problem> {
    let location = header(response, LOCATION).ok_or(Problem::Status {
        status: response.status(),
        retry_after: None,
    })?;
    from.redirected(&location).map_err(Problem::Redirect)
}

fn header(response: &Response<Body>, name: HeaderName) -> Option<String> {
    response
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// The pause that a server asks for, in seconds or as a date. A date is compared with the server's own clock if the
/// response has it.
fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let sent = header(response, DATE).and_then(|sent| date(&sent));
    pause(header(response, RETRY_AFTER)?.trim(), sent.unwrap_or_else(now))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a server that does not tell its own time is taken to have this machine's"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

fn pause(text: &str, sent: SystemTime) -> Option<Duration> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that is too large becomes the maximum.
        return Some(text.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    Some(until.duration_since(sent).unwrap_or_default())
}

/// Whether the response is a web page, such as a login page or the error page of a gateway.
fn is_web_page(kind: Option<&str>, bytes: &[u8]) -> bool {
    kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
        || bytes.trim_ascii_start().starts_with(b"<")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::pause;

    #[test]
    fn a_pause_is_told_in_seconds_or_as_a_date_and_never_overflows() {
        let sent = httpdate::parse_http_date("Thu, 26 Nov 2026 12:00:00 GMT").unwrap();
        assert_eq!(pause("3", sent), Some(Duration::from_secs(3)));
        assert_eq!(
            pause("18446744073709551615", sent),
            Some(Duration::from_secs(u64::MAX))
        );
        assert_eq!(pause("18446744073709551616", sent), Some(Duration::MAX));
        assert_eq!(
            pause("Thu, 26 Nov 2026 12:01:00 GMT", sent),
            Some(Duration::from_mins(1))
        );
        assert_eq!(pause("Thu, 26 Nov 2026 11:00:00 GMT", sent), Some(Duration::ZERO));
        for unknown in ["", "-1", "soon", "1.5"] {
            assert_eq!(pause(unknown, sent), None);
        }
    }
}
