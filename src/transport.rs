//! Sends one operation: attempts, pauses, deadline, and what is known in the end.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Request, Response};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::answer::{Answer, Broken, body};
use crate::drift::{DriftEvent, DriftKind, Sensor};
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::retry::{Budget, Outcome, Policy, retry_after};
use crate::rotation::{Rotation, Ticket};
use crate::token::SessionToken;

/// What all clones of a client share.
pub(crate) struct Transport {
    pub(crate) http: reqwest::Client,
    /// Sent with every request: who the product is.
    pub(crate) headers: HeaderMap,
    pub(crate) policy: Policy,
    pub(crate) budget: Budget,
    pub(crate) sensor: Sensor,
    pub(crate) body_cap: usize,
    pub(crate) clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    pub(crate) random: Arc<dyn Fn() -> u64 + Send + Sync>,
}

const REFRESH: HeaderName = HeaderName::from_static("ratio-authentication-refresh");

/// A failed attempt: how it ended for the retry table, and for the caller.
struct Failed {
    outcome: Outcome,
    error: Error,
    retry_after: Option<Duration>,
}

impl Transport {
    /// Sends `request` as often as the table allows, within the deadline. Dropping the future stops it.
    pub(crate) async fn send(
        &self,
        operation: &Operation,
        request: Request,
        rotation: &Rotation,
        hook: &(dyn Fn(&SessionToken) + Send + Sync),
    ) -> Result<Answer, Error> {
        let span = tracing::info_span!(
            target: "ratio_bank",
            "ratio_bank.operation",
            otel.kind = "client",
            http.request.method = operation.method,
            url.template = operation.path,
            operation = operation.name,
        );
        self.attempts(operation, request, rotation, hook)
            .instrument(span)
            .await
            .map_err(|error| error.of(operation.name))
    }

    async fn attempts(
        &self,
        operation: &Operation,
        request: Request,
        rotation: &Rotation,
        hook: &(dyn Fn(&SessionToken) + Send + Sync),
    ) -> Result<Answer, Error> {
        let deadline = Instant::now() + self.policy.deadline;
        let effect = operation.effect();
        let mut may_have_executed = false;
        let mut paid = None;
        let mut attempt = 1;
        loop {
            // Requests are made of bytes, so that each can be copied.
            let copy = request
                .try_clone()
                .ok_or_else(|| Error::new(ErrorKind::InvalidInput, "the request cannot be sent twice"))?;
            let ticket = rotation.ticket();
            let failed = match self
                .attempt(operation, copy, &ticket, rotation, hook, attempt, deadline)
                .await
            {
                Ok(answer) => {
                    self.budget.refund(paid);
                    return Ok(answer);
                }
                // What an earlier attempt may have deleted is gone now, and that is what was asked for.
                Err(failed)
                    if attempt > 1
                        && operation.name == "delete_bank"
                        && failed.outcome == Outcome::Answered(404) =>
                {
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
            if attempt >= self.policy.max_attempts || !failed.outcome.is_resent(effect) {
                return Err(error);
            }
            attempt += 1;
            let delay = self.policy.delay(attempt, failed.retry_after, (self.random)());
            if Instant::now() + delay >= deadline {
                return Err(error);
            }
            paid = self.budget.pay(failed.outcome);
            if paid.is_none() {
                return Err(error);
            }
            tokio::time::sleep(delay).await;
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one attempt is made of all that the loop knows"
    )]
    async fn attempt(
        &self,
        operation: &Operation,
        mut request: Request,
        ticket: &Ticket,
        rotation: &Rotation,
        hook: &(dyn Fn(&SessionToken) + Send + Sync),
        attempt: u32,
        deadline: Instant,
    ) -> Result<Answer, Failed> {
        let authorization = bearer(&ticket.token).map_err(|error| Failed {
            outcome: Outcome::Answered(0),
            error,
            retry_after: None,
        })?;
        let headers = request.headers_mut();
        headers.extend(
            self.headers
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        headers.insert(AUTHORIZATION, authorization);

        let span = tracing::debug_span!(
            target: "ratio_bank",
            "ratio_bank.attempt",
            http.request.resend_count = attempt - 1,
            http.response.status_code = tracing::field::Empty,
        );
        let until = deadline.min(Instant::now() + self.policy.attempt_timeout);
        let answered = async {
            let response = self
                .http
                .execute(request)
                .await
                .map_err(|error| Failed::sending(error.without_url()))?;
            tracing::Span::current().record("http.response.status_code", response.status().as_u16());
            self.accept(operation, response, ticket, rotation, hook).await
        };
        tokio::time::timeout_at(until, answered.instrument(span))
            .await
            .unwrap_or_else(|elapsed| {
                Err(Failed {
                    outcome: Outcome::TimedOut,
                    error: Error::new(ErrorKind::Timeout, "no answer came in time").because(elapsed),
                    retry_after: None,
                })
            })
    }

    async fn accept(
        &self,
        operation: &Operation,
        response: Response,
        ticket: &Ticket,
        rotation: &Rotation,
        hook: &(dyn Fn(&SessionToken) + Send + Sync),
    ) -> Result<Answer, Failed> {
        let status = response.status().as_u16();
        if let Some(token) = response
            .headers()
            .get(REFRESH)
            .and_then(|token| token.to_str().ok())
            && !token.trim().is_empty()
        {
            rotation.refresh(ticket, token.trim(), hook);
        }
        if !operation.statuses.contains(&status) {
            self.sensor.tell(&DriftEvent {
                operation: operation.name,
                path: String::new(),
                kind: DriftKind::UndeclaredStatus,
                value: Some(status.to_string()),
            });
        }
        let retry_after = retry_after(response.headers(), (self.clock)());
        let outcome = Outcome::Answered(status);
        let answer = match body(response, self.body_cap).await {
            Ok(body) => Answer { status, body },
            // An error's status says all that the table asks; its body would only have explained it.
            Err(_) if !(200..300).contains(&status) => Answer {
                status,
                body: Vec::new(),
            },
            Err(Broken::Lost(error)) => {
                return Err(Failed {
                    outcome: Outcome::Lost,
                    error: Error::new(
                        ErrorKind::ConnectionLost,
                        "the connection was lost within the answer",
                    )
                    .answered(status, None, None)
                    .because(error),
                    retry_after,
                });
            }
            Err(Broken::TooLarge) => {
                let reason = format!(
                    "the answer is larger than the {} bytes that are read",
                    self.body_cap
                );
                return Err(Failed {
                    outcome,
                    error: Error::new(ErrorKind::Unreadable, reason)
                        .answered(status, None, None)
                        .executed_maybe(true),
                    retry_after,
                });
            }
        };
        if answer.is_success() {
            Ok(answer)
        } else {
            Err(Failed {
                outcome,
                error: answer.error(outcome.may_have_executed()),
                retry_after,
            })
        }
    }
}

impl Failed {
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

fn bearer(token: &SessionToken) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.reveal())).map_err(|_| {
        Error::new(
            ErrorKind::InvalidInput,
            "the session token has a character that no header can hold",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}
