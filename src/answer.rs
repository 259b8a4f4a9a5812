//! Reads responses: bounded in size, tolerant of their form, exact about the outcome.

use std::fmt;

use reqwest::Response;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::drift::{DriftEvent, DriftKind, Sensor};
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;
use crate::reader;
use crate::receipt::{self, Receipt};

/// A response that was received completely.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// The reason why a body was not received completely.
pub(crate) enum Broken {
    /// It is larger than the limit.
    TooLarge,
    /// The connection was lost.
    Lost(reqwest::Error),
}

/// Reads a body of at most `cap` bytes, regardless of its declared length. The bytes received before an error, or
/// before the future was dropped, stay in `body`.
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

    /// The JSON of the body.
    pub(crate) fn json(&self) -> &[u8] {
        json(&self.body)
    }

    /// Reads the value of a success, regardless of its content type. Reports unknown parts to the sensor.
    pub(crate) fn value<T: DeserializeOwned>(
        &self,
        operation: &Operation,
        sensor: &Sensor,
    ) -> Result<T, Error> {
        // These two statuses have no body, so read it as an object without optional properties.
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

    /// Reads what a once-only operation has made, as far as the body can be read, provided that its id can be read.
    /// Otherwise returns an error that carries the id if it was found.
    pub(crate) fn made<T: DeserializeOwned, M: Default>(
        &self,
        operation: &Operation,
        sensor: &Sensor,
        of: impl Fn(T) -> Option<M>,
    ) -> Result<M, Error> {
        let body = json(&self.body);
        let error = match self.value(operation, sensor).map(&of) {
            Ok(Some(made)) => return Ok(made),
            Ok(None) => {
                let error = self.unreadable("it does not tell what was made");
                let is_refusal = error.code().or(error.vendor_message()).is_some();
                // The pin does not require the object, so it may be absent. No body, or an error in its place, does not
                // say that anything was made.
                if body.starts_with(b"{") && !is_refusal {
                    return Ok(M::default());
                }
                error
            }
            Err(error) => error,
        };
        match receipt::rest(operation, body).and_then(of) {
            Some(made) => Ok(made),
            None => Err(error.receipt(Receipt::find(operation, body))),
        }
    }

    /// The error for an unreadable success. The request was executed, so sending it again would execute it twice.
    fn unreadable(&self, why: impl fmt::Display) -> Error {
        let reason = format!("Ratio answered with success, but {why}");
        self.told(Error::new(ErrorKind::Unreadable, reason))
            .executed_maybe(true)
    }

    /// The vendor's error.
    pub(crate) fn error(&self) -> Error {
        self.told(Error::new(ErrorKind::Status, "Ratio refused the request"))
    }

    /// Adds the status to an error, and the code and message that the body has.
    fn told(&self, error: Error) -> Error {
        let fields: Value = serde_json::from_slice(json(&self.body)).unwrap_or(Value::Null);
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        error.answered(self.status, text("code"), text("message"))
    }
}

/// The JSON of a body, without surrounding white space and a byte order mark.
fn json(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii()
}
