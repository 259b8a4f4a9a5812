//! Errors, with a message for the person and a status for the program.

use std::error::Error as _;
use std::fmt::Display;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use ratio_bank::ErrorKind;
use serde_json::json;

use crate::seal::Unopened;

/// The reason why a request failed. An API response has it as JSON; pages show it as a page.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// A code for programs: one of this service, or Ratio's code.
    pub(crate) code: String,
    /// A message for people.
    pub(crate) message: String,
    /// Seconds to wait, if waiting helps.
    pub(crate) retry_after: Option<u64>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: impl Into<String>, message: impl Display) -> Self {
        Self {
            status,
            code: code.into(),
            message: message.to_string(),
            retry_after: None,
        }
    }

    pub(crate) fn bad_request(message: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
    }

    pub(crate) fn not_found(message: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", message)
    }

    /// The customer's cookie has expired, or Ratio has ended their session.
    pub(crate) fn signed_out() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "SIGNED_OUT",
            "your session has ended; sign in again",
        )
    }

    /// No customer is signed in.
    pub(crate) fn nobody() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "NOT_SIGNED_IN", "sign in first")
    }

    pub(crate) fn is_signed_out(&self) -> bool {
        self.status == StatusCode::UNAUTHORIZED
    }

    /// Whether the problem may be temporary.
    pub(crate) fn is_passing_by(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE
    }

    /// An error that only the operator can fix. The log has the details, and the response has none.
    fn internal(what: &'static str, error: &dyn Display) -> Self {
        tracing::error!(%error, "{what}");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            "something went wrong on our side; try again",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_after = self
            .retry_after
            .map(|seconds| [(header::RETRY_AFTER, seconds.to_string())]);
        let body = Json(json!({ "code": self.code, "message": self.message }));
        match retry_after {
            Some(headers) => (self.status, headers, body).into_response(),
            None => (self.status, body).into_response(),
        }
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        // The statements are constant texts with parameters, so the error shows neither values nor secrets.
        // `PostgreSQL` keeps no NUL in a text. What the service makes up itself has none.
        if matches!(&error, E::Database(error) if error.code().as_deref() == Some("22021")) {
            return Self::bad_request("a text has a character that cannot be stored");
        }
        let problem = Self::internal("the database refused", &error);
        let is_away = match &error {
            E::Io(_) | E::Tls(_) | E::Protocol(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => {
                true
            }
            // Connections that ended, too many connections, a server that stops or starts, or a file that another
            // process locked.
            E::Database(error) => error.code().is_some_and(|code| {
                ["08", "53", "57P"]
                    .iter()
                    .any(|class| code.len() == 5 && code.starts_with(class))
                    || matches!(&*code, "5" | "6" | "261" | "517")
            }),
            _ => false,
        };
        if is_away {
            let message = "we cannot answer just now; try again in a moment";
            return Self {
                retry_after: Some(5),
                ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "DATABASE_AWAY", message)
            };
        }
        problem
    }
}

impl From<Unopened> for Problem {
    fn from(error: Unopened) -> Self {
        Self::internal("a secret could not be opened", &error)
    }
}

/// Ratio's code in an error, unless it is a text that no code is: it is stored and shown.
pub(crate) fn code_of(error: &ratio_bank::Error) -> Option<&str> {
    let is_of_code = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    error
        .code()
        .filter(|code| code.len() <= 64 && code.bytes().all(is_of_code))
}

/// Converts a refusal by Ratio, or a missing response.
impl From<ratio_bank::Error> for Problem {
    fn from(error: ratio_bank::Error) -> Self {
        if error.is_unauthorized() {
            return Self::signed_out();
        }
        // The error prints neither secrets nor bank data.
        tracing::warn!(%error, "Ratio refused");
        match error.kind() {
            ErrorKind::InvalidInput => return Self::bad_request(error),
            // If the last read failed, Ratio is unavailable, so the bank is not reported as unready.
            ErrorKind::NotReady if error.source().is_none() => {
                return Self::new(StatusCode::BAD_GATEWAY, "NOT_READY", "the bank is not ready yet");
            }
            ErrorKind::Declined => {
                let message = "the account is not yours by its bank's records; link another one";
                return Self::new(StatusCode::UNPROCESSABLE_ENTITY, "BANK_DECLINED", message);
            }
            _ => {}
        }
        let code = code_of(&error).unwrap_or("RATIO_UNAVAILABLE").to_owned();
        let status = error.status().unwrap_or(StatusCode::BAD_GATEWAY.as_u16());
        let (status, message) = match status {
            404 => (StatusCode::NOT_FOUND, "Ratio does not know this bank any more"),
            409 if error.is_already_linked() => {
                (StatusCode::CONFLICT, "a bank is linked already; unlink it first")
            }
            409 => (StatusCode::CONFLICT, "Ratio refused this as things stand"),
            403 => (StatusCode::FORBIDDEN, "Ratio has put your account under review"),
            400 | 422 => (StatusCode::UNPROCESSABLE_ENTITY, "Ratio refused this"),
            429 => (
                StatusCode::TOO_MANY_REQUESTS,
                "too many requests; try again in a moment",
            ),
            _ => (
                StatusCode::BAD_GATEWAY,
                "Ratio does not answer as it should; try again in a moment",
            ),
        };
        let retry_after = error.retry_after().map(|wait| wait.as_secs().max(1));
        Self {
            retry_after,
            ..Self::new(status, code, message)
        }
    }
}
