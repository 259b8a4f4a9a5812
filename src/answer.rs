//! Reading an answer: bounded in size, tolerant in form, exact about the outcome.

use std::fmt;

use reqwest::Response;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::drift::{DriftEvent, DriftKind, Sensor};
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::reader;
use crate::receipt::{self, Receipt};

/// An answer that came whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Why a body did not come whole.
pub(crate) enum Broken {
    /// It is larger than what is read.
    TooLarge,
    /// The connection was lost.
    Lost(reqwest::Error),
}

/// Reads a body of at most `cap` bytes, whatever length it declares. What came before it broke, or before the future was
/// dropped, stays in `body`.
pub(crate) async fn read_body(mut response: Response, cap: usize, body: &mut Vec<u8>) -> Result<(), Broken> {
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| Broken::Lost(error.without_url()))?
    {
        let fits = chunk.len().min(cap - body.len());
        body.extend_from_slice(&chunk[..fits]);
        if fits < chunk.len() {
            return Err(Broken::TooLarge);
        }
    }
    Ok(())
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as it is read.
    pub(crate) fn json(&self) -> &[u8] {
        json(&self.body)
    }

    /// The value of a success, whatever its content type says. What is unexpected is told to the sensor.
    pub(crate) fn value<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        sensor: &Sensor,
    ) -> Result<T, Error> {
        // No body is promised with these two: everything that may be absent is absent.
        let body = match json(&self.body) {
            b"" if matches!(self.status, 204 | 205) => b"{}",
            body => body,
        };
        let event = |path, kind, value| DriftEvent {
            operation: operation.name,
            path,
            kind,
            value,
        };
        match reader::read::<T>(body) {
            Ok(read) => {
                for path in read.unknown_fields {
                    sensor.tell(&event(path, DriftKind::UnknownField, None));
                }
                for (path, value) in read.unknown_values {
                    sensor.tell(&event(path, DriftKind::UnknownValue, Some(value)));
                }
                Ok(read.value)
            }
            Err(path) => {
                let place = if path.is_empty() {
                    "the body".to_owned()
                } else {
                    format!("`{path}`")
                };
                sensor.tell(&event(path, DriftKind::UnreadableBody, None));
                Err(self.unreadable(format!("{place} is not what the pinned document declares")))
            }
        }
    }

    /// What an operation that is sent once has made: as much of it as can be read, its id first, or an error that carries
    /// the id if there is one.
    pub(crate) fn made<T: DeserializeOwned, M: Default>(
        &self,
        operation: &Operation,
        sensor: &Sensor,
        of: impl Fn(T) -> Option<M>,
    ) -> Result<M, Error> {
        let body = json(&self.body);
        let error = match self.value(operation, sensor).map(&of) {
            // The pin requires nothing of what was made, so that it may be left out.
            Ok(made) if body.starts_with(b"{") => {
                return Ok(made.unwrap_or_default());
            }
            Ok(_) => self.unreadable("it does not tell what was made"),
            Err(error) => error,
        };
        match receipt::rest(operation, body).and_then(of) {
            Some(made) => Ok(made),
            None => Err(error.receipt(Receipt::find(operation, body))),
        }
    }

    /// It succeeded, whatever it says: to send it again would be a second time.
    fn unreadable(&self, why: impl fmt::Display) -> Error {
        let reason = format!("Ratio answered with success, but {why}");
        Error::new(ErrorKind::Unreadable, reason)
            .answered(self.status, None, None)
            .executed_maybe(true)
    }

    /// The vendor's error, as far as the body tells it.
    pub(crate) fn error(&self) -> Error {
        let fields: Value = serde_json::from_slice(json(&self.body)).unwrap_or(Value::Null);
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        Error::new(ErrorKind::Status, "Ratio refused the request").answered(
            self.status,
            text("code"),
            text("message"),
        )
    }
}

/// The JSON of a body, without what some writers put around it: white space, and a byte order mark.
fn json(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii()
}
