//! Fetches one document over HTTP: bounded in time and size, faithful to one origin, and able to say what went wrong.

mod address;
mod error;
mod headers;

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use backon::{ExponentialBuilder, Retryable};
use reqwest::header::{
    ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, DATE, ETAG, IF_NONE_MATCH, LOCATION, RETRY_AFTER,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use tokio::time::{Instant, timeout_at};

use crate::{clock, files};

use address::Elsewhere;
pub(crate) use address::{Address, AddressError, redacted};
pub(crate) use error::{FetchError, Phase, Problem};
pub(crate) use headers::{Header, HeaderError, Headers};

/// How far a fetch may go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Time to open a connection, TLS included.
    pub(crate) connect: Duration,
    /// Time for everything: redirects, retries and their pauses.
    pub(crate) total: Duration,
    /// Largest body, in bytes after decompression.
    pub(crate) bytes: u64,
    /// Redirects followed, all within one origin.
    pub(crate) redirects: usize,
    /// Tries after the first one, for failures that may pass.
    pub(crate) retries: usize,
    /// Pause before the first retry; it doubles each time.
    pub(crate) pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(30),
            bytes: files::DOCUMENT,
            redirects: 5,
            retries: 2,
            pause: Duration::from_millis(500),
        }
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) enum Fetched {
    /// The document, and the tag by which the next fetch can ask whether it changed.
    Document { bytes: Vec<u8>, etag: Option<String> },
    /// The server says that the document still carries the tag we sent.
    Unchanged,
}

/// Fetches the document at `address`; `etag` is the tag of the copy at hand, if there is one.
///
/// # Errors
/// When no whole document arrived within `limits`, and why.
pub(crate) fn fetch(
    address: &Address,
    headers: &Headers,
    etag: Option<&str>,
    limits: Limits,
) -> Result<Fetched, FetchError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| FetchError::new(address, Problem::Setup(error.to_string())))?;
    runtime.block_on(Fetch::new(address, headers, etag, limits)?.run())
}

struct Fetch<'a> {
    address: &'a Address,
    headers: &'a Headers,
    etag: Option<&'a str>,
    limits: Limits,
    client: Client,
    /// What is being done, for the message of a timeout.
    phase: Cell<Phase>,
}

impl<'a> Fetch<'a> {
    fn new(
        address: &'a Address,
        headers: &'a Headers,
        etag: Option<&'a str>,
        limits: Limits,
    ) -> Result<Self, FetchError> {
        let mut builder = Client::builder()
            .connect_timeout(limits.connect)
            .redirect(Policy::none())
            .user_agent(concat!("ratio-bank-check-spec/", env!("CARGO_PKG_VERSION")));
        if address.is_loopback() {
            // A proxy's loopback is another machine's, and plain text must not leave this one.
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| FetchError::new(address, Problem::Setup(error::causes(&error))))?;
        Ok(Self {
            address,
            headers,
            etag,
            limits,
            client,
            phase: Cell::new(Phase::Connecting),
        })
    }

    async fn run(self) -> Result<Fetched, FetchError> {
        let deadline = Instant::now().checked_add(self.limits.total);
        let deadline = deadline.ok_or_else(|| {
            FetchError::new(
                self.address,
                Problem::Setup("there is no time so far ahead".to_owned()),
            )
        })?;
        let tries = Cell::new(0_usize);
        let backoff = ExponentialBuilder::new()
            .with_min_delay(self.limits.pause)
            .with_max_times(self.limits.retries);
        let attempts = (|| {
            tries.set(tries.get().saturating_add(1));
            self.attempt()
        })
        .retry(backoff)
        .when(|error: &Problem| error.may_pass())
        .adjust(|error, pause| {
            let pause = pause?.max(error.retry_after().unwrap_or_default());
            // To wait beyond the deadline would only hide why. The pause is a server's to choose, however long.
            let next = Instant::now().checked_add(pause)?;
            (next < deadline).then_some(pause)
        });
        let outcome = timeout_at(deadline, attempts).await.unwrap_or_else(|_| {
            Err(Problem::Timeout {
                after: self.limits.total,
                phase: self.phase.get(),
            })
        });
        outcome.map_err(|problem| FetchError::new(self.address, problem).after_tries(tries.get()))
    }

    async fn attempt(&self) -> Result<Fetched, Problem> {
        let mut address = self.address.clone();
        for _ in 0..=self.limits.redirects {
            let response = self.ask(&address).await?;
            let status = response.status();
            if status == StatusCode::NOT_MODIFIED && self.etag.is_some() {
                return Ok(Fetched::Unchanged);
            }
            if status.is_redirection() {
                address = next(&address, &response)?;
                continue;
            }
            if status != StatusCode::OK {
                return Err(Problem::Status {
                    status,
                    retry_after: retry_after(&response),
                });
            }
            return self.read(response).await;
        }
        Err(Problem::RedirectLoop {
            followed: self.limits.redirects,
        })
    }

    async fn ask(&self, address: &Address) -> Result<Response, Problem> {
        self.phase.set(Phase::Connecting);
        let mut request = self
            .client
            .get(address.url().clone())
            .headers(self.headers.to_map())
            .header(ACCEPT, "application/json, application/yaml;q=0.9, */*;q=0.1");
        if let Some(etag) = self.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let response = request
            .send()
            .await
            .map_err(|error| Problem::of_connection(&error, self.limits.connect))?;
        self.phase.set(Phase::Reading { received: 0 });
        Ok(response)
    }

    /// Reads the body piece by piece, so that what is too large is given up as soon as it is.
    async fn read(&self, mut response: Response) -> Result<Fetched, Problem> {
        // The decoder removes this header where it knows the encoding.
        if let Some(encoding) = header(&response, CONTENT_ENCODING).filter(|e| e != "identity") {
            return Err(Problem::Encoding(encoding));
        }
        if response
            .content_length()
            .is_some_and(|length| length > self.limits.bytes)
        {
            return Err(Problem::TooLarge {
                limit: self.limits.bytes,
            });
        }
        let etag = header(&response, ETAG);
        let kind = header(&response, CONTENT_TYPE);
        let mut bytes = Vec::new();
        loop {
            let chunk = response
                .chunk()
                .await
                .map_err(|error| Problem::of_body(&error, bytes.len()))?;
            let Some(chunk) = chunk else { break };
            if bytes.len().saturating_add(chunk.len()) as u64 > self.limits.bytes {
                return Err(Problem::TooLarge {
                    limit: self.limits.bytes,
                });
            }
            bytes.extend_from_slice(&chunk);
            self.phase.set(Phase::Reading {
                received: bytes.len(),
            });
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

/// Where a redirect leads, if it may be followed.
fn next(from: &Address, response: &Response) -> Result<Address, Problem> {
    let location = header(response, LOCATION).ok_or(Problem::Status {
        status: response.status(),
        retry_after: None,
    })?;
    from.redirected(&location).map_err(Problem::Redirect)
}

fn header(response: &Response, name: reqwest::header::HeaderName) -> Option<String> {
    response
        .headers()
        .get(name)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// The pause a server asks for, in seconds or as a date, which is compared with the server's own clock where it tells.
fn retry_after(response: &Response) -> Option<Duration> {
    let date = |text: &str| httpdate::parse_http_date(text).ok();
    let sent = header(response, DATE).and_then(|sent| date(&sent));
    pause(
        header(response, RETRY_AFTER)?.trim(),
        sent.unwrap_or_else(clock::system),
    )
}

fn pause(text: &str, sent: SystemTime) -> Option<Duration> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than can be counted are more than anybody waits.
        return Some(text.parse().map_or(Duration::MAX, Duration::from_secs));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    Some(until.duration_since(sent).unwrap_or_default())
}

/// A login page, a captive portal, a gateway's apology: none of them is an API document.
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
