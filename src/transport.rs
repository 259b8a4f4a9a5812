//! Sends one operation: attempts, pauses, deadline, and what is known in the end.

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

/// What all clones of a client share.
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    /// Takes requests instead of the HTTP client.
    #[cfg(feature = "test-util")]
    pub(crate) fake: Option<crate::test_util::Fake>,
    /// Sent with every request: who the product is.
    pub(crate) headers: HeaderMap,
    pub(crate) server: Server,
    pub(crate) policy: Policy,
    pub(crate) budget: Budget,
    pub(crate) sensor: Sensor,
    pub(crate) body_cap: usize,
    /// Whether an error keeps the body that it came of.
    pub(crate) raw_bodies: bool,
    pub(crate) clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    pub(crate) random: Arc<dyn Fn() -> u64 + Send + Sync>,
}

/// Where requests go, as spans tell it.
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

/// What the span of a call tells when the call is over.
#[derive(Default)]
struct Story {
    attempts: u32,
    /// The last one that an answer had, if it can be shown.
    request_id: Option<String>,
}

/// A failed attempt: how it ended for the retry table, and for the caller.
struct Failed {
    outcome: Outcome,
    error: Error,
    retry_after: Option<Duration>,
}

/// One call of an operation, as all its attempts see it.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'a Operation,
    /// Builds the request, the same each time; nothing when no URL can hold its parts.
    pub(crate) build: &'a (dyn Fn() -> Option<Request> + Send + Sync),
    pub(crate) tokens: &'a TokenStore,
    /// Hears of each new session token.
    pub(crate) hear: &'a (dyn Fn(&SessionToken) + Send + Sync),
    /// How patiently it is made: the client's way, but for what this call sets.
    pub(crate) policy: Policy,
}

/// One attempt of a call.
struct Attempt<'a> {
    ticket: &'a Ticket,
    span: &'a Span,
    until: Instant,
}

impl Transport {
    /// Sends a request as often as the table allows, within the deadline. Dropping the future stops it.
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
                // Whoever waits for it is handed a reference, so that this large state is moved once.
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
                // An attempt that may end before its connection is made is not begun, since nobody could tell whether it
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

    /// How long to wait before the next attempt, and what it costs; or why there is none.
    ///
    /// Who asks for more patience than there is gets none: the caller is told at once.
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

    /// Sends a request and waits for the head of its answer. What is returned holds no copy of the request.
    #[cfg(not(feature = "test-util"))]
    fn exchange(
        &self,
        _: &Operation,
        request: Request,
    ) -> impl Future<Output = Result<Response, Failed>> + use<> {
        self.http.execute(request).map_err(Failed::sending)
    }

    /// Sends a request and waits for the head of its answer, or has the fake reply, if there is one.
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

    /// How long making a connection may take at most in this call.
    ///
    /// The HTTP client has one bound for all calls. An attempt that ends before it cannot tell whether anything was sent,
    /// which only matters to what changes something.
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

    /// The request of one attempt, with what identifies the product and the session.
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

    /// Takes from an answer's head what concerns more than this call: a new session token, a status that is not declared.
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

    /// Takes what is on its way already, so that the waiting itself is small: services hold many of these.
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
        // An error's status says all that the table asks, and so does a success that has nothing to tell: a body that
        // was cut, too large or late would only have explained it.
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

    /// An error, with the body that it came of if that is wanted.
    pub(crate) fn keep(&self, error: Error, body: Vec<u8>) -> Error {
        if self.raw_bodies { error.raw(body) } else { error }
    }
}

impl Failed {
    /// Whether Ratio says that it does not know what is to be deleted. After an attempt that may have deleted it, that
    /// is what was asked for.
    ///
    /// A 404 without this code may be a gateway's, and a user or endpoint that is not found says nothing about the bank.
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

    /// No answer came, and this is how far it went.
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

/// By which name the service's own logs know a request, if its answer says so in the usual header and it can be shown.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(X_REQUEST_ID).or_else(|| headers.get(REQUEST_ID))?;
    Some(shown(value.to_str().ok()?).to_owned())
}

/// Says of a failure what kind it is, on a span that somebody looks at.
fn tell_error(span: &Span, error: Option<&Error>) {
    if let Some(error) = error
        && !span.is_disabled()
    {
        span.record("error.type", &*error.error_type());
    }
}

/// Far enough for any caller, where the sum is more than a clock can say.
pub(crate) fn later(now: Instant, by: Duration) -> Instant {
    now.checked_add(by)
        .unwrap_or_else(|| now + Duration::from_secs(365 * 24 * 60 * 60))
}

/// The same body in a form that nobody can copy: neither a redirect nor a retry of the HTTP client can send it again.
fn sent_once(body: &Body) -> Body {
    let bytes = Bytes::copy_from_slice(body.as_bytes().unwrap_or_default());
    Body::wrap(Full::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_no_clock_can_say_is_far_enough_for_any_caller() {
        let now = Instant::now();
        let month = Duration::from_secs(30 * 24 * 60 * 60);
        assert_eq!(later(now, month), now + month);
        for beyond in [Duration::MAX, Duration::from_secs(u64::MAX)] {
            assert!(later(now, beyond) > now + 10 * month);
        }
    }
}
