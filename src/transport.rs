//! Sends one operation, with its attempts, pauses and deadline, and determines what is known about its outcome.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::TryFutureExt as _;
use http_body_util::Full;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName};
use reqwest::{Body, Request, Response, Url};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument as _, Span};

use crate::answer::{Answer, Broken, read_body};
use crate::drift::{DriftEvent, DriftKind, Sensor};
use crate::error::{Error, ErrorKind};
use crate::open_enum::shown;
use crate::operation::{Effect, Operation};
use crate::receipt::Receipt;
use crate::retry::{Budget, Outcome, Policy, retry_after};
use crate::token::SessionToken;
use crate::token_store::{NoToken, Ticket, TokenStore, brought};

/// The state that all clones of a client share.
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    /// Takes requests instead of the HTTP client.
    #[cfg(feature = "test-util")]
    pub(crate) fake: Option<crate::test_util::Fake>,
    /// The headers of every request, which identify the product.
    pub(crate) headers: HeaderMap,
    pub(crate) server: Server,
    pub(crate) policy: Policy,
    pub(crate) budget: Budget,
    pub(crate) sensor: Sensor,
    pub(crate) body_cap: usize,
    /// Whether an error keeps the body of its response.
    pub(crate) raw_bodies: bool,
    pub(crate) clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    pub(crate) random: Arc<dyn Fn() -> u64 + Send + Sync>,
}

/// The address of the server, for spans.
pub(crate) struct Server {
    address: String,
    port: Option<u16>,
}

impl Server {
    pub(crate) fn of(base_url: &Url) -> Self {
        Self {
            address: base_url.host_str().unwrap_or_default().to_owned(),
            port: base_url.port_or_known_default(),
        }
    }
}

/// The values that the span of a call records when the call ends.
#[derive(Default)]
struct Story {
    attempts: u32,
    /// The last request id in a response, if it can be printed.
    request_id: Option<String>,
}

/// A failed attempt: its outcome for the retry table, and its error for the caller.
struct Failed {
    outcome: Outcome,
    error: Error,
    retry_after: Option<Duration>,
}

/// One call of an operation, which all its attempts share.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'a Operation,
    /// Builds the request, the same for each attempt. Returns `None` if an argument cannot be part of a URL.
    pub(crate) build: &'a (dyn Fn() -> Option<Request> + Send + Sync),
    pub(crate) tokens: &'a TokenStore,
    /// The function that receives each new session token.
    pub(crate) hear: &'a (dyn Fn(&SessionToken) + Send + Sync),
    /// The client's policy, with the options of this call applied.
    pub(crate) policy: Policy,
}

/// One attempt of a call.
struct Attempt<'a> {
    ticket: &'a Ticket,
    span: &'a Span,
    until: Instant,
}

impl Transport {
    /// Sends a request as often as the retry table allows, within the deadline. Dropping the future stops it.
    pub(crate) async fn send(&self, call: Call<'_>) -> Result<Answer, Error> {
        let span = tracing::info_span!(
            target: "ratio_bank",
            "ratio_bank.operation",
            otel.kind = "client",
            http.request.method = call.operation.method,
            url.template = call.operation.path,
            operation = call.operation.name,
            server.address = self.server.address,
            server.port = self.server.port,
            ratio_bank.attempts = tracing::field::Empty,
            ratio_bank.request_id = tracing::field::Empty,
            error.type = tracing::field::Empty,
        );
        let mut story = Story::default();
        let answered = self
            .attempts(&call, &mut story)
            .instrument(span.clone())
            .await
            .map_err(|error| error.of(call.operation.name));
        span.record("ratio_bank.attempts", story.attempts);
        if let Some(id) = story.request_id {
            span.record("ratio_bank.request_id", id);
        }
        tell_error(&span, answered.as_ref().err());
        answered
    }

    async fn attempts(&self, call: &Call<'_>, story: &mut Story) -> Result<Answer, Error> {
        let policy = &call.policy;
        let connected_within = self.connected_within(call)?;
        let deadline = later(Instant::now(), policy.deadline);
        let mut may_have_executed = false;
        let mut paid = None;
        loop {
            let ticket = call.tokens.ticket();
            let request = self.request(call, &ticket)?;
            story.attempts += 1;
            let until = deadline.min(later(Instant::now(), policy.attempt_timeout));
            let span = tracing::debug_span!(
                target: "ratio_bank",
                "ratio_bank.attempt",
                http.request.resend_count = story.attempts - 1,
                http.response.status_code = tracing::field::Empty,
                error.type = tracing::field::Empty,
            );
            let attempt = Attempt {
                ticket: &ticket,
                span: &span,
                until,
            };
            let answered = {
                // The waiting code receives a reference, so that this large state is moved only once.
                let sending = pin!(self.exchange(call.operation, request));
                self.attempt(call, &attempt, story, sending)
                    .instrument(span.clone())
                    .await
            };
            tell_error(&span, answered.as_ref().err().map(|failed| &failed.error));
            let failed = match answered {
                Ok(answer) => {
                    self.budget.refund(paid);
                    return Ok(answer);
                }
                Err(failed) if may_have_executed && failed.is_gone(call.operation) => {
                    return Ok(Answer {
                        status: 404,
                        body: Vec::new(),
                    });
                }
                Err(failed) => failed,
            };
            may_have_executed |= failed.outcome.may_have_executed();
            let outcome = failed.outcome;
            let error = failed
                .error
                .executed_maybe(may_have_executed)
                .retry_after_of(failed.retry_after);
            if !outcome.is_resent(call.operation.effect()) {
                return Err(error);
            }
            let fits = |delay: &Duration| {
                // Do not begin an attempt that may end before its connection is made: it would be unknown whether it
                // was sent.
                later(Instant::now(), delay.saturating_add(connected_within)) < deadline
            };
            let delay = match self.pause(call, outcome, story.attempts, error.retry_after(), fits) {
                Ok((delay, cost)) => {
                    paid = Some(cost);
                    delay
                }
                Err(why) => {
                    tracing::warn!(
                        target: "ratio_bank",
                        operation = call.operation.name,
                        attempts = story.attempts,
                        error.type = &*error.error_type(),
                        why,
                        "given up",
                    );
                    return Err(error);
                }
            };
            tracing::info!(
                target: "ratio_bank",
                operation = call.operation.name,
                attempts = story.attempts,
                error.type = &*error.error_type(),
                delay = ?delay,
                "sending again",
            );
            tokio::time::sleep(delay).await;
        }
    }

    /// Returns the pause before the next attempt and its cost, or the reason why there is no further attempt.
    ///
    /// If the server asks for a longer pause than allowed, the caller gets the error at once.
    fn pause(
        &self,
        call: &Call<'_>,
        outcome: Outcome,
        attempts: u32,
        asked: Option<Duration>,
        fits: impl FnOnce(&Duration) -> bool,
    ) -> Result<(Duration, u32), &'static str> {
        if attempts >= call.policy.max_attempts {
            return Err("attempts");
        }
        let delay = call.policy.delay(attempts + 1, asked, (self.random)());
        let delay = delay.ok_or("retry-after")?;
        if !fits(&delay) {
            return Err("deadline");
        }
        let cost = self.budget.pay(outcome).ok_or("retry budget")?;
        Ok((delay, cost))
    }

    /// Sends a request and waits for the head of its response. The returned response holds no copy of the request.
    #[cfg(not(feature = "test-util"))]
    fn exchange(
        &self,
        _: &Operation,
        request: Request,
    ) -> impl Future<Output = Result<Response, Failed>> + use<> {
        self.http.execute(request).map_err(Failed::sending)
    }

    /// Sends a request and waits for the head of its response. If there is a fake, it replies instead.
    #[cfg(feature = "test-util")]
    fn exchange(
        &self,
        operation: &Operation,
        request: Request,
    ) -> impl Future<Output = Result<Response, Failed>> + use<> {
        use futures_util::future::{Either, ready};
        match &self.fake {
            Some(fake) => {
                let response = fake.take(operation.name).response();
                Either::Left(ready(response.map_err(Failed::unanswered)))
            }
            None => Either::Right(self.http.execute(request).map_err(Failed::sending)),
        }
    }

    /// Maximum time to make a connection in this call.
    ///
    /// The HTTP client has one connect timeout for all calls. If an attempt ends before that timeout, it is unknown
    /// whether the request was sent. This matters only for operations that change something.
    fn connected_within(&self, call: &Call<'_>) -> Result<Duration, Error> {
        let (built, asked) = (self.policy.connect_timeout(), call.policy.connect_timeout());
        let refuse = |reason| Err(Error::new(ErrorKind::InvalidInput, reason));
        if built.is_zero() || asked.is_zero() {
            return refuse(
                "the attempt timeout and the deadline leave no time to send anything; make them longer",
            );
        }
        let changes = matches!(call.operation.effect(), Effect::Idempotent | Effect::Once);
        if changes && call.policy.attempt_timeout.min(call.policy.deadline) <= built {
            return refuse(
                "the attempt timeout and the deadline of this call are no longer than a connection may take to be made, so \
                 that nobody could tell whether it was sent; make them longer, or those of the client shorter",
            );
        }
        Ok(if changes { built } else { built.min(asked) })
    }

    /// Builds the request of one attempt, with the headers that identify the product and the session.
    fn request(&self, call: &Call<'_>, ticket: &Ticket) -> Result<Request, Error> {
        let mut request = (call.build)()
            .ok_or_else(|| Error::new(ErrorKind::InvalidInput, "the request cannot be built"))?;
        let authorization = ticket.authorization()?;
        let headers = request.headers_mut();
        headers.reserve(self.headers.len() + 1);
        for (name, value) in &self.headers {
            headers.insert(name, value.clone());
        }
        headers.insert(AUTHORIZATION, authorization);
        if call.operation.effect() == Effect::Once
            && let Some(body) = request.body_mut()
        {
            *body = sent_once(body);
        }
        Ok(request)
    }

    /// Handles the parts of a response's head that affect more than this call: a new session token, and an undeclared
    /// status.
    fn notice(&self, call: &Call<'_>, attempt: &Attempt<'_>, response: &Response, story: &mut Story) {
        let status = response.status().as_u16();
        attempt.span.record("http.response.status_code", status);
        if let Some(id) = request_id(response.headers()) {
            story.request_id = Some(id);
        }
        match brought(response.headers()) {
            Ok(None) => {}
            Ok(Some(token)) => call.tokens.refresh(attempt.ticket, token, call.hear),
            Err(NoToken) => self.sensor.tell(&DriftEvent {
                operation: call.operation.name,
                path: String::new(),
                kind: DriftKind::UnusableToken,
                value: None,
            }),
        }
        if !call.operation.statuses.contains(&status) {
            self.sensor.tell(&DriftEvent {
                operation: call.operation.name,
                path: String::new(),
                kind: DriftKind::UndeclaredStatus,
                value: Some(status.to_string()),
            });
        }
    }

    /// Runs one attempt. The request is passed as a pinned future, so that the future of this function is small:
    /// services hold many of them.
    async fn attempt(
        &self,
        call: &Call<'_>,
        attempt: &Attempt<'_>,
        story: &mut Story,
        sending: Pin<&mut impl Future<Output = Result<Response, Failed>>>,
    ) -> Result<Answer, Failed> {
        let until = attempt.until;
        let response = timeout_at(until, sending)
            .await
            .map_err(|elapsed| Failed::late(None, elapsed))??;
        let status = response.status().as_u16();
        self.notice(call, attempt, &response, story);
        let retry_after = retry_after(response.headers(), &*self.clock);
        let outcome = Outcome::Answered(status);
        // The status of an error is all that the retry table needs, and some successes carry no further information
        // either. A body that is incomplete, too large or late is then ignored.
        let is_told = !(200..300).contains(&status) || call.operation.is_told_by_status();
        let mut body = Vec::new();
        let read = timeout_at(until, read_body(response, self.body_cap, &mut body)).await;
        let broken = match read {
            Ok(Ok(())) => None,
            _ if is_told => None,
            Err(elapsed) => Some(Failed::late(Some(status), elapsed)),
            Ok(Err(Broken::Lost(error))) => Some(Failed {
                outcome: Outcome::Lost,
                error: Error::new(
                    ErrorKind::ConnectionLost,
                    "the connection was lost within the answer",
                )
                .answered(status, None, None)
                .because(error),
                retry_after,
            }),
            Ok(Err(Broken::TooLarge)) => {
                let reason = format!(
                    "the answer is larger than the {} bytes that are read",
                    self.body_cap
                );
                Some(Failed {
                    outcome,
                    error: Error::new(ErrorKind::Unreadable, reason).answered(status, None, None),
                    retry_after,
                })
            }
        };
        if let Some(mut failed) = broken {
            let receipt = Receipt::find(call.operation, &body);
            failed.error = self.keep(failed.error.receipt(receipt), body);
            return Err(failed);
        }
        let answer = Answer { status, body };
        if answer.is_success() {
            Ok(answer)
        } else {
            Err(Failed {
                outcome,
                error: self.keep(answer.error(), answer.body),
                retry_after,
            })
        }
    }

    /// Adds the body to an error, if raw bodies are kept.
    pub(crate) fn keep(&self, error: Error, body: Vec<u8>) -> Error {
        if self.raw_bodies { error.raw(body) } else { error }
    }
}

impl Failed {
    /// Whether Ratio says that the object to delete does not exist. After an attempt that may have deleted it, this is
    /// a success.
    ///
    /// A 404 without this code may come from a gateway, and a missing user or endpoint says nothing about the bank.
    fn is_gone(&self, operation: &Operation) -> bool {
        operation.effect() == Effect::Idempotent
            && self.outcome == Outcome::Answered(404)
            && self.error.code() == Some("NOT_FOUND_BANK")
    }

    fn late(status: Option<u16>, elapsed: Elapsed) -> Self {
        let error = match status {
            None => Error::new(ErrorKind::Timeout, "no answer came in time"),
            Some(status) => Error::new(ErrorKind::Timeout, "the whole of the answer did not come in time")
                .answered(status, None, None),
        };
        Self {
            outcome: Outcome::TimedOut,
            error: error.because(elapsed),
            retry_after: None,
        }
    }

    fn sending(error: reqwest::Error) -> Self {
        let failed = Self::unanswered(if error.is_connect() || error.is_builder() {
            Outcome::NotSent
        } else if error.is_timeout() {
            Outcome::TimedOut
        } else {
            Outcome::Lost
        });
        Self {
            error: failed.error.because(error.without_url()),
            ..failed
        }
    }

    /// Makes the error for an attempt without a response.
    fn unanswered(outcome: Outcome) -> Self {
        let (kind, reason) = match outcome {
            Outcome::NotSent => (
                ErrorKind::Connect,
                "no connection could be made, so nothing was sent",
            ),
            Outcome::TimedOut => (ErrorKind::Timeout, "no answer came in time"),
            Outcome::Lost | Outcome::Answered(_) => (
                ErrorKind::ConnectionLost,
                "the connection was lost before an answer came",
            ),
        };
        Self {
            outcome,
            error: Error::new(kind, reason),
            retry_after: None,
        }
    }
}

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// The request id in the server's own logs, if the response has it in a usual header and it can be printed.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(X_REQUEST_ID).or_else(|| headers.get(REQUEST_ID))?;
    Some(shown(value.to_str().ok()?).to_owned())
}

/// Records the kind of failure on a span that is enabled.
fn tell_error(span: &Span, error: Option<&Error>) {
    if let Some(error) = error
        && !span.is_disabled()
    {
        span.record("error.type", &*error.error_type());
    }
}

/// Adds a duration to an instant. If the sum is out of range, the result is one year from `now`.
pub(crate) fn later(now: Instant, by: Duration) -> Instant {
    now.checked_add(by)
        .unwrap_or_else(|| now + Duration::from_secs(365 * 24 * 60 * 60))
}

/// Copies the body into a form that cannot be cloned, so that no redirect or retry of the HTTP client can send it
/// again.
fn sent_once(body: &Body) -> Body {
    let bytes = Bytes::copy_from_slice(body.as_bytes().unwrap_or_default());
    Body::wrap(Full::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> crate::Client {
        let builder = crate::Client::builder(crate::Environment::Staging);
        builder.client_id("product").build().unwrap()
    }

    fn tokens() -> TokenStore {
        TokenStore::new(crate::UserId::new("user").unwrap(), SessionToken::new("token"))
    }

    fn call<'a>(operation: &'a Operation, tokens: &'a TokenStore, policy: Policy) -> Call<'a> {
        Call {
            operation,
            build: &|| {
                let request = reqwest::Client::new().post("https://ratio.example").body("{}");
                request.build().ok()
            },
            tokens,
            hear: &|_| {},
            policy,
        }
    }

    /// Neither a redirect nor a retry of the HTTP client can repeat a body that it cannot copy.
    #[test]
    fn only_the_body_of_an_operation_that_is_sent_once_cannot_be_copied() {
        let (client, tokens) = (client(), tokens());
        for operation in crate::generated::operations::ALL {
            let call = call(operation, &tokens, Policy::default());
            let request = client.inner.transport.request(&call, &tokens.ticket()).unwrap();
            let can_be_copied = request.try_clone().is_some();
            assert_eq!(
                can_be_copied,
                operation.effect() != Effect::Once,
                "{}",
                operation.name
            );
        }
    }

    #[test]
    fn a_call_without_time_to_send_anything_is_refused() {
        let (client, tokens) = (client(), tokens());
        for operation in crate::generated::operations::ALL {
            for deadline in [Duration::ZERO, Duration::from_secs(60)] {
                let policy = Policy {
                    deadline,
                    ..Policy::default()
                };
                let within = client
                    .inner
                    .transport
                    .connected_within(&call(operation, &tokens, policy));
                assert_eq!(within.is_err(), deadline.is_zero(), "{}", operation.name);
            }
        }
    }

    #[test]
    fn a_time_that_no_clock_can_say_is_a_year_away() {
        let now = Instant::now();
        let day = Duration::from_secs(24 * 60 * 60);
        assert_eq!(later(now, 30 * day), now + 30 * day);
        for beyond in [Duration::MAX, Duration::from_secs(u64::MAX)] {
            assert_eq!(later(now, beyond), now + 365 * day);
        }
    }
}
