//! Webhooks: is this really from Ratio, and what does it say (feature `webhook`).
//!
//! Ratio signs `timestamp + "." + raw body` with HMAC-SHA512 and sends the lower-case hex in `ratio-webhook-signature`,
//! the timestamp in `ratio-webhook-signature-timestamp` (since 2022-12-20). Verify the bytes as they arrived: a body that
//! was parsed and written again has another signature.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha512;

use crate::open_enum::open_enum;

/// Name of the header that carries the signature.
pub const SIGNATURE_HEADER: &str = "ratio-webhook-signature";

/// Name of the header that carries the time of signing.
pub const TIMESTAMP_HEADER: &str = "ratio-webhook-signature-timestamp";

open_enum! {
    /// What a webhook is about.
    WebhookEventName {
        /// A linked bank changed.
        BANK_UPDATED = "BANK_UPDATED",
        /// A linked bank changed, as it was called before 2022-12-20.
        BANK_UPDATED_LEGACY = "bank.updated",
    }
}

/// Checks webhooks against the secret that Ratio showed when the webhook was created.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use ratio_bank::webhook::WebhookVerifier;
///
/// let verifier = WebhookVerifier::new("whsec");
/// let body = br#"{"userId":"u","event":"BANK_UPDATED","id":"b","data":{}}"#;
/// let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
/// assert!(verifier.verify("00", "1700000000", body, now).is_err());
/// ```
pub struct WebhookVerifier {
    secret: SecretString,
    tolerance: Duration,
}

impl WebhookVerifier {
    /// Takes the webhook's secret. A signature may be up to five minutes old or early.
    pub fn new(secret: impl Into<String>) -> Self {
        Self {
            secret: SecretString::from(secret.into()),
            tolerance: Duration::from_mins(5),
        }
    }

    /// Says how old or early a signature may be, so that a captured one cannot be replayed for long.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Checks the signature (in constant time) and its age, then reads the body.
    ///
    /// `signature` and `timestamp` are the two headers, `body` the bytes as they arrived, `now` the time.
    ///
    /// # Errors
    /// When the signature is not Ratio's, too old or too early, or the body is not an event. Answer any of them with 400.
    ///
    /// ```
    /// # use std::time::{Duration, UNIX_EPOCH};
    /// use ratio_bank::webhook::{WebhookError, WebhookVerifier};
    ///
    /// let forged = WebhookVerifier::new("whsec").verify(&"00".repeat(64), "1700000000", b"{}", UNIX_EPOCH);
    /// assert_eq!(forged.unwrap_err(), WebhookError::Signature);
    /// ```
    pub fn verify(
        &self,
        signature: &str,
        timestamp: &str,
        body: &[u8],
        now: SystemTime,
    ) -> Result<WebhookEvent, WebhookError> {
        let mut mac = Hmac::<Sha512>::new_from_slice(self.secret.expose_secret().as_bytes())
            .map_err(|_| WebhookError::Signature)?;
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        let claimed = from_hex(signature.trim()).ok_or(WebhookError::Signature)?;
        mac.verify_slice(&claimed).map_err(|_| WebhookError::Signature)?;

        let signed_at = read_timestamp(timestamp).ok_or(WebhookError::Timestamp)?;
        let age = now
            .duration_since(signed_at)
            .unwrap_or_else(|early| early.duration());
        if age > self.tolerance {
            return Err(WebhookError::Stale);
        }
        serde_json::from_slice(body).map_err(|_| WebhookError::Body)
    }
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifier")
            .field("tolerance", &self.tolerance)
            .finish_non_exhaustive()
    }
}

/// A webhook that was proved to come from Ratio.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WebhookEvent {
    /// Whom it is about.
    pub user_id: String,
    /// What happened.
    pub event: WebhookEventName,
    /// Identifier of the thing that changed.
    pub id: String,
    /// The thing as it is now, in the shape that the API answers with.
    #[serde(default)]
    pub data: Value,
}

impl WebhookEvent {
    /// Whether a linked bank changed, under its present or its earlier name.
    pub fn is_bank_updated(&self) -> bool {
        self.event == WebhookEventName::BANK_UPDATED || self.event == WebhookEventName::BANK_UPDATED_LEGACY
    }
}

impl fmt::Debug for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEvent")
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

/// Why a webhook is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookError {
    /// The signature does not belong to these bytes and this secret.
    Signature,
    /// The signature is good, but its timestamp cannot be read.
    Timestamp,
    /// The signature is good, but too old or from the future.
    Stale,
    /// The signature is good, but the body is not an event.
    Body,
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signature => "the webhook's signature does not match; check the secret, and verify the bytes as they arrived",
            Self::Timestamp => "the webhook's timestamp is neither a Unix time nor RFC 3339",
            Self::Stale => "the webhook was signed too long ago or in the future; check this machine's clock",
            Self::Body => "the webhook is signed, but its body is not an event",
        })
    }
}

impl std::error::Error for WebhookError {}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let nibble = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|nibble| u8::try_from(nibble).ok())
    };
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
            _ => None,
        })
        .collect()
}

/// Seconds since 1970 or thousandths, millionths or billionths of them, or RFC 3339 in UTC: Ratio publishes the header,
/// not its form.
fn read_timestamp(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    if let Ok(number) = text.parse::<u64>() {
        // Eleven digits of seconds last until the year 5138, twelve of milliseconds began in 1973, and so on.
        let since = match text.len() {
            0..=11 => Duration::from_secs(number),
            12..=14 => Duration::from_millis(number),
            15..=17 => Duration::from_micros(number),
            _ => Duration::from_nanos(number),
        };
        return UNIX_EPOCH.checked_add(since);
    }
    let utc = text.strip_suffix("+00:00").map(|time| format!("{time}Z"));
    humantime::parse_rfc3339(utc.as_deref().unwrap_or(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] =
        br#"{"userId":"u-1","event":"BANK_UPDATED","id":"b-1","data":{"linkStatus":"LOGIN_REQUIRED"}}"#;

    fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
        use std::fmt::Write;
        let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(timestamp.as_bytes());
        mac.update(b".");
        mac.update(body);
        mac.finalize()
            .into_bytes()
            .iter()
            .fold(String::new(), |mut hex, byte| {
                write!(hex, "{byte:02x}").unwrap();
                hex
            })
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_signed_event_is_read_whatever_form_its_time_has() {
        for timestamp in [
            "1700000000",
            "1700000000000",
            "1700000000000000",
            "1700000000000000000",
            "2023-11-14T22:13:20Z",
            "2023-11-14T22:13:20.5Z",
            "2023-11-14T22:13:20+00:00",
        ] {
            let event = WebhookVerifier::new("s")
                .verify(&sign("s", timestamp, BODY), timestamp, BODY, at(1_700_000_100))
                .unwrap();
            assert!(event.is_bank_updated());
            assert_eq!((event.user_id.as_str(), event.id.as_str()), ("u-1", "b-1"));
            assert_eq!(event.data["linkStatus"], "LOGIN_REQUIRED");
        }
    }

    #[test]
    fn the_earlier_name_of_the_event_is_understood() {
        let body = br#"{"userId":"u","event":"bank.updated","id":"b"}"#;
        let event = WebhookVerifier::new("s")
            .verify(&sign("s", "1", body), "1", body, at(1))
            .unwrap();
        assert!(event.is_bank_updated());
    }

    #[test]
    fn what_is_not_signed_for_us_now_is_refused() {
        let verifier = WebhookVerifier::new("s");
        let good = sign("s", "1700000000", BODY);
        let check = |signature: &str, timestamp: &str, body: &[u8], now| {
            verifier.verify(signature, timestamp, body, at(now)).unwrap_err()
        };
        assert_eq!(
            check(
                &sign("other", "1700000000", BODY),
                "1700000000",
                BODY,
                1_700_000_000
            ),
            WebhookError::Signature
        );
        assert_eq!(
            check(&good, "1700000001", BODY, 1_700_000_000),
            WebhookError::Signature
        );
        assert_eq!(
            check(&good, "1700000000", b"{}", 1_700_000_000),
            WebhookError::Signature
        );
        assert_eq!(
            check("", "1700000000", BODY, 1_700_000_000),
            WebhookError::Signature
        );
        assert_eq!(
            check(&good[..127], "1700000000", BODY, 1_700_000_000),
            WebhookError::Signature
        );
        assert_eq!(
            check("gg", "1700000000", BODY, 1_700_000_000),
            WebhookError::Signature
        );
        assert_eq!(
            check(&good, "1700000000", BODY, 1_700_000_301),
            WebhookError::Stale
        );
        assert_eq!(
            check(&good, "1700000000", BODY, 1_699_999_699),
            WebhookError::Stale
        );
        assert_eq!(
            check(&sign("s", "soon", BODY), "soon", BODY, 1_700_000_000),
            WebhookError::Timestamp
        );
        assert_eq!(check(&sign("s", "1", b"[]"), "1", b"[]", 1), WebhookError::Body);
    }

    #[test]
    fn neither_the_secret_nor_the_event_prints() {
        let verifier = WebhookVerifier::new("canary-secret");
        assert!(!format!("{verifier:?}").contains("canary"));
        let body =
            br#"{"userId":"canary-user","event":"BANK_UPDATED","id":"canary-bank","data":{"mask":"canary"}}"#;
        let event = verifier
            .verify(&sign("canary-secret", "1", body), "1", body, at(1))
            .unwrap();
        assert!(!format!("{event:?}").contains("canary"));
    }
}
