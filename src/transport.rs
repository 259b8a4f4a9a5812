//! Sends one operation: attempts, pauses, deadline, and what is known in the end.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::Full;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::{Body, Request, Response, Url};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;

use crate::answer::{Answer, Broken, read_body};
use crate::drift::{DriftEvent, DriftKind, Sensor};
use crate::error::{Error, ErrorKind};
use crate::operation::{Effect, Operation};
use crate::receipt::Receipt;
use crate::retry::{Budget, Outcome, Policy, retry_after};
use crate::token::SessionToken;
use crate::token_store::{NoToken, Ticket, TokenStore, brought};

/// What all clones of a client share.
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    /// Sent with every request: who the product is.
    pub(crate) headers: HeaderMap,
    pub(crate) policy: Policy,
    pub(crate) budget: Budget,
    pub(crate) sensor: Sensor,
    pub(crate) body_cap: usize,
    /// Whether an error keeps the body that it came of.
    pub(crate) raw_bodies: bool,
    pub(crate) clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    pub(crate) random: Arc<dyn Fn() -> u64 + Send + Sync>,
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
        );
        self.attempts(&call)
            .instrument(span)
            .await
            .map_err(|error| error.of(call.operation.name))
    }

    async fn attempts(&self, call: &Call<'_>) -> Result<Answer, Error> {
        let policy = &call.policy;
        let connected_within = self.connected_within(call)?;
        let deadline = later(Instant::now(), policy.deadline);
        let mut may_have_executed = false;
        let mut paid = None;
        let mut attempt = 1;
        loop {
            let ticket = call.tokens.ticket();
            let request = self.request(call, &ticket)?;
            let asked = request.url().clone();
            let sending = self.http.execute(request);
            let until = deadline.min(later(Instant::now(), policy.attempt_timeout));
            let span = tracing::debug_span!(
                target: "ratio_bank",
                "ratio_bank.attempt",
                http.request.resend_count = attempt - 1,
                http.response.status_code = tracing::field::Empty,
            );
            let answered = self.attempt(call, &ticket, &asked, sending, until);
            let failed = match answered.instrument(span).await {
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
            let error = failed
                .error
                .executed_maybe(may_have_executed)
                .retry_after_of(failed.retry_after);
            if attempt >= policy.max_attempts || !failed.outcome.is_resent(call.operation.effect()) {
                return Err(error);
            }
            attempt += 1;
            // Who asks for more patience than there is gets none: the caller is told at once. An attempt that may end
            // before its connection is made is not begun, since nobody could tell whether it was sent.
            let delay = policy.delay(attempt, failed.retry_after, (self.random)());
            let ends_too_late = |delay: &Duration| {
                let connected = delay.saturating_add(connected_within);
                later(Instant::now(), connected) >= deadline
            };
            let Some(delay) = delay.filter(|delay| !ends_too_late(delay)) else {
                return Err(error);
            };
            paid = self.budget.pay(failed.outcome);
            if paid.is_none() {
                return Err(error);
            }
            tokio::time::sleep(delay).await;
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
    fn notice(&self, call: &Call<'_>, ticket: &Ticket, response: &Response) {
        let status = response.status().as_u16();
        tracing::Span::current().record("http.response.status_code", status);
        match brought(response.headers()) {
            Ok(None) => {}
            Ok(Some(token)) => call.tokens.refresh(ticket, token, call.hear),
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
        ticket: &Ticket,
        asked: &Url,
        sending: impl Future<Output = reqwest::Result<Response>>,
        until: Instant,
    ) -> Result<Answer, Failed> {
        let response = timeout_at(until, sending)
            .await
            .map_err(|elapsed| Failed::late(None, elapsed))?
            .map_err(|error| Failed::sending(error.without_url()))?;
        if response.url() != asked {
            return Err(Failed::elsewhere());
        }
        let status = response.status().as_u16();
        self.notice(call, ticket, &response);
        let retry_after = retry_after(response.headers(), (self.clock)());
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

    fn elsewhere() -> Self {
        let reason = "the HTTP client followed a redirect, so that the answer is not Ratio's; build it with \
                      `redirect::Policy::none()`";
        Self {
            outcome: Outcome::Elsewhere,
            error: Error::new(ErrorKind::Unreadable, reason),
            retry_after: None,
        }
    }

    fn sending(error: reqwest::Error) -> Self {
        let (outcome, kind, reason) = if error.is_connect() || error.is_builder() {
            (
                Outcome::NotSent,
                ErrorKind::Connect,
                "no connection could be made, so nothing was sent",
            )
        } else if error.is_timeout() {
            (Outcome::TimedOut, ErrorKind::Timeout, "no answer came in time")
        } else {
            (
                Outcome::Lost,
                ErrorKind::ConnectionLost,
                "the connection was lost before an answer came",
            )
        };
        Self {
            outcome,
            error: Error::new(kind, reason).because(error),
            retry_after: None,
        }
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
