//! Verifies and reads Ratio's webhooks (feature `webhook`).
//!
//! Ratio signs `timestamp + "." + raw body` with HMAC-SHA512. It sends the lower-case hex in `ratio-webhook-signature`,
//! and the timestamp in `ratio-webhook-signature-timestamp` (since 2022-12-20). Verify the bytes exactly as they
//! arrived: a body that was parsed and serialized again has another signature.
//!
//! A signature is valid for a few minutes, so an attacker who captured a delivery could replay it for that long.
//! [`WebhookVerifier::verify_once`] prevents this: it checks in a store, shared by all replicas, whether the delivery
//! was seen before.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, Mac};
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use sha2::Sha512;

use crate::id::UserId;
use crate::open_enum::open_enum;
use crate::timestamp;

/// Name of the header that carries the signature.
pub const SIGNATURE_HEADER: &str = "ratio-webhook-signature";

/// Name of the header that carries the time of signing.
pub const TIMESTAMP_HEADER: &str = "ratio-webhook-signature-timestamp";

open_enum! {
    /// The subject of a webhook.
    WebhookEventName {
        /// A linked bank changed.
        BANK_UPDATED = "BANK_UPDATED",
        /// A linked bank changed: the name of this event before 2022-12-20.
        BANK_UPDATED_LEGACY = "bank.updated",
    }
}

/// Verifies webhooks with the secret that Ratio showed when the webhook was created.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use ratio_bank::webhook::{WebhookVerifier, sign};
///
/// let verifier = WebhookVerifier::new("whsec")?;
/// let body = br#"{"userId":"u","event":"BANK_UPDATED","id":"e","data":{}}"#;
/// let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
/// assert!(verifier.verify(&sign("whsec", "1700000000", body), "1700000000", body, now).is_ok());
/// assert!(verifier.verify("00", "1700000000", body, now).is_err());
/// # Ok::<(), ratio_bank::webhook::InvalidSecret>(())
/// ```
#[doc(alias = "webhook")]
pub struct WebhookVerifier {
    secrets: Vec<SecretString>,
    tolerance: Duration,
}

impl WebhookVerifier {
    /// Makes a verifier with the webhook's secret. It accepts signatures that are up to five minutes old or early.
    ///
    /// # Errors
    /// When the secret is empty or blank, since then anybody could sign.
    ///
    /// ```
    /// use ratio_bank::webhook::WebhookVerifier;
    ///
    /// assert!(WebhookVerifier::new("").is_err());
    /// ```
    pub fn new(secret: impl Into<String>) -> Result<Self, InvalidSecret> {
        let verifier = Self {
            secrets: Vec::new(),
            tolerance: Duration::from_secs(5 * 60),
        };
        verifier.and_secret(secret)
    }

    /// Adds another secret, for the time while one replaces another. A signature by any of them is accepted.
    ///
    /// # Errors
    /// When the secret is empty or blank.
    ///
    /// ```
    /// use ratio_bank::webhook::WebhookVerifier;
    ///
    /// let verifier = WebhookVerifier::new("the new one")?.and_secret("the old one")?;
    /// # Ok::<(), ratio_bank::webhook::InvalidSecret>(())
    /// ```
    pub fn and_secret(mut self, secret: impl Into<String>) -> Result<Self, InvalidSecret> {
        let secret = secret.into();
        if secret.chars().all(|c| c.is_whitespace() || c.is_control()) {
            return Err(InvalidSecret);
        }
        self.secrets.push(SecretString::from(secret));
        Ok(self)
    }

    /// Sets how old or early a signature may be. A short time limits how long a captured delivery can be replayed.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Verifies the signature (in constant time) and its age, then reads the body.
    ///
    /// `signature` and `timestamp` are the values of the two headers, `body` is the bytes as they arrived, and `now` is
    /// the current time.
    ///
    /// Ratio documents the timestamp's header but not its format, so Unix seconds, Unix milliseconds and RFC 3339 in
    /// UTC are accepted. The unit of a number is not guessed from its length: at most one of its two readings is near
    /// `now`.
    ///
    /// # Errors
    /// When the signature is not Ratio's, too old or too early, or the body is not an event. Respond to all of these
    /// with 400.
    ///
    /// ```
    /// # use std::time::{Duration, UNIX_EPOCH};
    /// use ratio_bank::webhook::{WebhookError, WebhookVerifier};
    ///
    /// let verifier = WebhookVerifier::new("whsec")?;
    /// let forged = verifier.verify(&"00".repeat(64), "1700000000", b"{}", UNIX_EPOCH);
    /// assert_eq!(forged.unwrap_err(), WebhookError::Signature);
    /// # Ok::<(), ratio_bank::webhook::InvalidSecret>(())
    /// ```
    pub fn verify(
        &self,
        signature: &str,
        timestamp: &str,
        body: &[u8],
        now: SystemTime,
    ) -> Result<WebhookEvent, WebhookError> {
        let mut claimed = [0; 64];
        hex::decode_to_slice(signature.trim(), &mut claimed).map_err(|_| WebhookError::Signature)?;
        let is_signed = |secret: &SecretString| {
            let mac = mac(secret.expose_secret(), timestamp, body);
            mac.verify_slice(&claimed).is_ok()
        };
        if !self.secrets.iter().any(is_signed) {
            return Err(WebhookError::Signature);
        }

        let readings = readings(timestamp);
        if readings.iter().all(Option::is_none) {
            return Err(WebhookError::Timestamp);
        }
        let is_fresh = |signed_at: &SystemTime| {
            let age = now.duration_since(*signed_at);
            age.unwrap_or_else(|early| early.duration()) <= self.tolerance
        };
        let signed_at = readings.into_iter().flatten().find(is_fresh);
        let signed_at = signed_at.ok_or(WebhookError::Stale)?;
        // An unlimited tolerance would exceed the range of the clock, so the time for remembering a delivery is
        // limited.
        let stale_at = signed_at.checked_add(self.tolerance.min(A_CENTURY));

        let mut event = WebhookEvent::read(body).ok_or(WebhookError::Body)?;
        event.delivery = hex::encode(claimed);
        event.stale_at = stale_at.ok_or(WebhookError::Timestamp)?;
        Ok(event)
    }

    /// Verifies like [`verify`](Self::verify), but takes the signature and timestamp from the request's headers. Each
    /// of them must occur exactly once.
    ///
    /// # Errors
    /// The errors of [`verify`](Self::verify), and when a header is missing, repeated or not text.
    ///
    /// ```
    /// # use std::time::{Duration, UNIX_EPOCH};
    /// # use ratio_bank::reqwest::header::HeaderMap;
    /// use ratio_bank::webhook::{SIGNATURE_HEADER, TIMESTAMP_HEADER, WebhookVerifier, sign};
    ///
    /// let body = br#"{"event":"BANK_UPDATED"}"#;
    /// let mut headers = HeaderMap::new();
    /// headers.insert(TIMESTAMP_HEADER, "1700000000".parse()?);
    /// headers.insert(SIGNATURE_HEADER, sign("whsec", "1700000000", body).parse()?);
    ///
    /// let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    /// assert!(WebhookVerifier::new("whsec")?.verify_headers(&headers, body, now)?.is_bank_updated());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify_headers(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<WebhookEvent, WebhookError> {
        let only = |name: &str| {
            let mut values = headers.get_all(name).iter();
            match (values.next(), values.next()) {
                (Some(value), None) => value.to_str().map_err(|_| WebhookError::Headers),
                _ => Err(WebhookError::Headers),
            }
        };
        self.verify(only(SIGNATURE_HEADER)?, only(TIMESTAMP_HEADER)?, body, now)
    }

    /// Verifies like [`verify_headers`](Self::verify_headers), and returns `None` if `store` has seen the same delivery
    /// before. Respond to a repeated delivery as to the first one, since Ratio may not have received that response.
    ///
    /// The delivery is stored before the event is handled. If handling may fail, instead store
    /// [`WebhookEvent::delivery`] in the same transaction as the effects.
    ///
    /// # Errors
    /// The errors of [`verify_headers`](Self::verify_headers), and when the store fails.
    ///
    /// ```
    /// # use std::time::SystemTime;
    /// # use ratio_bank::reqwest::header::HeaderMap;
    /// use ratio_bank::webhook::{ReplayStore, WebhookVerifier};
    ///
    /// async fn receive<S: ReplayStore>(
    ///     verifier: &WebhookVerifier, headers: &HeaderMap, body: &[u8], now: SystemTime, store: &S,
    /// ) -> Result<(), S::Error> {
    ///     if let Some(event) = verifier.verify_once(headers, body, now, store).await? {
    ///         println!("new: {}", event.event);
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn verify_once<S: ReplayStore>(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
        store: &S,
    ) -> Result<Option<WebhookEvent>, S::Error> {
        let event = self.verify_headers(headers, body, now)?;
        let is_new = store.remember(&event.delivery, event.stale_at).await?;
        Ok(is_new.then_some(event))
    }
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifier")
            .field("secrets", &self.secrets.len())
            .field("tolerance", &self.tolerance)
            .finish_non_exhaustive()
    }
}

/// A store of deliveries for [`WebhookVerifier::verify_once`]: a table with a unique key, or Redis' `SET … NX PXAT`.
///
/// ```
/// use std::collections::HashMap;
/// use std::sync::Mutex;
/// use std::time::SystemTime;
/// use ratio_bank::webhook::{ReplayStore, WebhookError};
///
/// /// Good for a single process.
/// struct InMemory(Mutex<HashMap<String, SystemTime>>);
///
/// impl ReplayStore for InMemory {
///     type Error = WebhookError;
///
///     async fn remember(&self, delivery: &str, stale_at: SystemTime) -> Result<bool, WebhookError> {
///         let mut seen = self.0.lock().expect("nobody panics here");
///         Ok(seen.insert(delivery.to_owned(), stale_at).is_none())
///     }
/// }
/// ```
pub trait ReplayStore {
    /// The error when the store fails or the webhook is refused.
    type Error: From<WebhookError>;

    /// Stores `delivery`, which has 128 characters, and returns whether it is new. Of two concurrent calls, only one
    /// may return true.
    ///
    /// The delivery may be removed after `stale_at`, since the verifier then refuses it by its age.
    fn remember(
        &self,
        delivery: &str,
        stale_at: SystemTime,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;
}

/// A webhook that verifiably comes from Ratio.
#[derive(Clone)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The kind of event.
    pub event: WebhookEventName,
    /// The user whom the event is about.
    pub user_id: Option<UserId>,
    /// The id of the event, which stays the same if Ratio repeats it.
    pub id: Option<String>,
    /// The changed object in its current state, in the form that the API returns.
    pub data: Value,
    /// The id of this delivery: its signature, as 128 characters of lower-case hex.
    pub delivery: String,
    /// The time at which the delivery becomes too old to be accepted again.
    pub stale_at: SystemTime,
}

impl WebhookEvent {
    /// Whether a linked bank changed, by the current or the earlier name of the event.
    pub fn is_bank_updated(&self) -> bool {
        self.event == WebhookEventName::BANK_UPDATED || self.event == WebhookEventName::BANK_UPDATED_LEGACY
    }

    /// Reads a body. Only `event` is required: if another field is missing or has another type, only that field is
    /// lost.
    fn read(body: &[u8]) -> Option<Self> {
        let mut fields: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let event = fields.get("event")?.as_str()?;
        let event = (!event.trim().is_empty()).then(|| event.into())?;
        Some(Self {
            event,
            user_id: fields
                .remove("userId")
                .and_then(|id| serde_json::from_value(id).ok()),
            id: fields.get("id").and_then(Value::as_str).map(str::to_owned),
            data: fields.remove("data").unwrap_or_default(),
            delivery: String::new(),
            stale_at: UNIX_EPOCH,
        })
    }
}

impl fmt::Debug for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookEvent")
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

/// The reason why a webhook is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookError {
    /// A header is missing, repeated or not text.
    Headers,
    /// The signature does not belong to these bytes and this secret.
    Signature,
    /// The signature is valid, but its timestamp cannot be read.
    Timestamp,
    /// The signature is valid, but too old or in the future.
    Stale,
    /// The signature is valid, but the body is not an event.
    Body,
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Headers => "the webhook does not have each of its two headers once: its signature and its timestamp",
            Self::Signature => "the webhook's signature does not match; check the secret, and verify the bytes as they arrived",
            Self::Timestamp => "the webhook's timestamp is neither a Unix time nor RFC 3339 in UTC",
            Self::Stale => "the webhook was signed too long ago or in the future; check this machine's clock",
            Self::Body => "the webhook is signed, but its body is not an event",
        })
    }
}

impl std::error::Error for WebhookError {}

/// The error for a webhook's secret that is empty or blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSecret;

impl fmt::Display for InvalidSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the webhook's secret is empty or blank; set the one that Ratio showed when the webhook was created")
    }
}

impl std::error::Error for InvalidSecret {}

/// Signs a body as Ratio does, in lower-case hex. For tests of code that receives webhooks.
///
/// ```
/// use ratio_bank::webhook::sign;
///
/// assert_eq!(sign("whsec", "1700000000", b"{}").len(), 128);
/// ```
pub fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
    hex::encode(mac(secret, timestamp, body).finalize().into_bytes())
}

const A_CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

fn mac(secret: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha512> {
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

/// The possible readings of a timestamp: Unix seconds and Unix milliseconds for a number, else RFC 3339 in UTC.
fn readings(signed_at: &str) -> [Option<SystemTime>; 2] {
    let text = signed_at.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let Ok(number) = text.parse() else {
            return [None; 2];
        };
        return [Duration::from_secs(number), Duration::from_millis(number)]
            .map(|since| UNIX_EPOCH.checked_add(since));
    }
    [timestamp::parse(text), None]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Mutex;

    use super::*;

    const BODY: &[u8] =
        br#"{"userId":"u-1","event":"BANK_UPDATED","id":"e-1","data":{"linkStatus":"LOGIN_REQUIRED"}}"#;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn verifier(secret: &str) -> WebhookVerifier {
        WebhookVerifier::new(secret).unwrap()
    }

    /// Verifies a body that was signed at the current time.
    fn signed(body: &[u8]) -> Result<WebhookEvent, WebhookError> {
        verifier("s").verify(&sign("s", "1", body), "1", body, at(1))
    }

    /// Verifies a signed timestamp, 100 seconds after 1700000000.
    fn timed(timestamp: &str) -> Result<WebhookEvent, WebhookError> {
        verifier("s").verify(&sign("s", timestamp, BODY), timestamp, BODY, at(1_700_000_100))
    }

    #[test]
    fn a_signed_event_is_read_whatever_form_its_time_has() {
        for timestamp in [
            "1700000000",
            "1700000000000",
            "2023-11-14T22:13:20Z",
            "2023-11-14T22:13:20.5Z",
            "2023-11-14T22:13:20+00:00",
        ] {
            let event = timed(timestamp).unwrap();
            assert!(event.is_bank_updated());
            assert_eq!(event.user_id.unwrap().as_str(), "u-1");
            assert_eq!(event.id.as_deref(), Some("e-1"));
            assert_eq!(event.data["linkStatus"], "LOGIN_REQUIRED");
        }
    }

    #[test]
    fn a_time_is_read_in_no_unit_but_seconds_and_thousandths() {
        for (timestamp, why) in [
            ("1700000000000000", WebhookError::Stale),
            ("1700000000000000000", WebhookError::Stale),
            ("17000000000", WebhookError::Stale),
            ("1700000", WebhookError::Stale),
            ("0", WebhookError::Stale),
            ("+1700000000", WebhookError::Timestamp),
            ("-1700000000", WebhookError::Timestamp),
            ("1700000000.0", WebhookError::Timestamp),
            ("1.7e9", WebhookError::Timestamp),
            ("99999999999999999999", WebhookError::Timestamp),
            ("2023-11-14T23:13:20+01:00", WebhookError::Timestamp),
            ("2023-11-14", WebhookError::Timestamp),
            ("soon", WebhookError::Timestamp),
            ("", WebhookError::Timestamp),
        ] {
            assert_eq!(timed(timestamp).unwrap_err(), why, "{timestamp}");
        }
        // Two readings are near each other only in 1970. Even then, the age of a signature is not extended.
        let early = verifier("s").with_tolerance(Duration::from_secs(1));
        let stale = early.verify(&sign("s", "5000", BODY), "5000", BODY, at(3000));
        assert_eq!(stale.unwrap_err(), WebhookError::Stale);
    }

    #[test]
    fn the_earlier_name_of_the_event_is_understood() {
        let event = signed(br#"{"userId":"u","event":"bank.updated","id":"e"}"#).unwrap();
        assert!(event.is_bank_updated());
        for other in ["ACTIVITY_UPDATED", "bank_updated", "BANK_UPDATED ", "NEW"] {
            let event = signed(format!(r#"{{"event":"{other}"}}"#).as_bytes()).unwrap();
            assert!(!event.is_bank_updated(), "{other}");
        }
    }

    #[test]
    fn only_the_event_is_needed_of_a_body() {
        for body in [
            r#"{"event":"NEW"}"#,
            r#"{"event":"NEW","userId":null,"id":null,"data":null}"#,
            r#"{"event":"NEW","userId":7,"id":7,"more":[]}"#,
        ] {
            let event = signed(body.as_bytes()).unwrap();
            assert_eq!(event.event.as_str(), "NEW");
            assert!(
                event.user_id.is_none() && event.id.is_none() && event.data.is_null(),
                "{body}"
            );
        }
        for body in [
            "",
            "[]",
            r#"["NEW"]"#,
            "{}",
            r#"{"event":7}"#,
            r#"{"event":" "}"#,
            r#"{"event":null}"#,
        ] {
            assert_eq!(signed(body.as_bytes()).unwrap_err(), WebhookError::Body, "{body}");
        }
    }

    #[test]
    fn a_secret_with_which_anybody_could_sign_is_refused() {
        for secret in ["", " ", "\n", "\t \r\n", "\0", "\u{a0}"] {
            assert_eq!(WebhookVerifier::new(secret).unwrap_err(), InvalidSecret);
            assert_eq!(verifier("s").and_secret(secret).unwrap_err(), InvalidSecret);
        }
    }

    #[test]
    fn any_of_the_secrets_may_have_signed() {
        let both = verifier("new").and_secret("old").unwrap();
        for (secret, good) in [("new", true), ("old", true), ("older", false), ("", false)] {
            let verified = both.verify(&sign(secret, "1", BODY), "1", BODY, at(1));
            assert_eq!(verified.is_ok(), good, "{secret}");
        }
    }

    #[test]
    fn a_webhook_with_another_signature_or_time_is_refused() {
        let good = sign("s", "1700000000", BODY);
        let other = sign("other", "1700000000", BODY);
        let long = format!("{good}00");
        let now = 1_700_000_000;
        for (signature, timestamp, body, now, why) in [
            (other.as_str(), "1700000000", BODY, now, WebhookError::Signature),
            (&good, "1700000001", BODY, now, WebhookError::Signature),
            (&good, "1700000000", b"{}", now, WebhookError::Signature),
            ("", "1700000000", BODY, now, WebhookError::Signature),
            (&good[..127], "1700000000", BODY, now, WebhookError::Signature),
            (&good[..126], "1700000000", BODY, now, WebhookError::Signature),
            (&long, "1700000000", BODY, now, WebhookError::Signature),
            ("gg", "1700000000", BODY, now, WebhookError::Signature),
            (&good, "1700000000", BODY, now + 301, WebhookError::Stale),
            (&good, "1700000000", BODY, now - 301, WebhookError::Stale),
        ] {
            let refused = verifier("s").verify(signature, timestamp, body, at(now));
            assert_eq!(refused.unwrap_err(), why, "{signature} {timestamp} {now}");
        }
        assert!(
            verifier("s")
                .verify(&good, "1700000000", BODY, at(now + 300))
                .is_ok()
        );
        // Computed with `printf '1669809600000.{}' | openssl dgst -sha512 -hmac secret`.
        assert!(sign("secret", "1669809600000", b"{}").starts_with("eafc2b229266f5241ae92895450190c3"));
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn each_header_has_to_come_once() {
        let good = sign("s", "1", BODY);
        let verify =
            |lines: &[(&'static str, &str)]| verifier("s").verify_headers(&headers(lines), BODY, at(1));
        let (signature, timestamp) = ((SIGNATURE_HEADER, good.as_str()), (TIMESTAMP_HEADER, "1"));
        assert!(verify(&[signature, timestamp, ("content-type", "text/plain")]).is_ok());
        for lines in [
            &[signature][..],
            &[timestamp],
            &[],
            &[signature, signature, timestamp],
            &[(SIGNATURE_HEADER, "00"), signature, timestamp],
            &[signature, timestamp, (TIMESTAMP_HEADER, "2")],
            &[signature, (TIMESTAMP_HEADER, "\u{e9}")],
        ] {
            assert_eq!(verify(lines).unwrap_err(), WebhookError::Headers, "{lines:?}");
        }
    }

    #[derive(Debug, PartialEq)]
    enum Failed {
        Refused(WebhookError),
        Store,
    }

    impl From<WebhookError> for Failed {
        fn from(error: WebhookError) -> Self {
            Self::Refused(error)
        }
    }

    /// A store that can fail.
    #[derive(Default)]
    struct Store {
        seen: Mutex<HashSet<(String, SystemTime)>>,
        broken: bool,
    }

    impl ReplayStore for Store {
        type Error = Failed;

        async fn remember(&self, delivery: &str, stale_at: SystemTime) -> Result<bool, Failed> {
            if self.broken {
                return Err(Failed::Store);
            }
            Ok(self.seen.lock().unwrap().insert((delivery.to_owned(), stale_at)))
        }
    }

    #[tokio::test]
    async fn a_delivery_is_taken_once_within_its_window() {
        let store = Store::default();
        let good = sign("s", "1000", BODY);
        let take = async |signature: &str, now: u64| {
            let headers = headers(&[(SIGNATURE_HEADER, signature), (TIMESTAMP_HEADER, "1000")]);
            let taken = verifier("s").verify_once(&headers, BODY, at(now), &store).await;
            taken.map(|event| event.is_some())
        };
        assert_eq!(take(&good, 1000).await, Ok(true));
        // The same delivery in upper case, or at another time, is not new.
        assert_eq!(take(&good, 1300).await, Ok(false));
        assert_eq!(take(&good.to_uppercase(), 700).await, Ok(false));
        // A delivery that the store may now forget is refused by its age.
        assert!(store.seen.lock().unwrap().contains(&(good.clone(), at(1300))));
        assert_eq!(take(&good, 1301).await, Err(Failed::Refused(WebhookError::Stale)));
        // A webhook with a wrong signature is not stored.
        assert_eq!(
            take(&sign("other", "1000", BODY), 1000).await,
            Err(Failed::Refused(WebhookError::Signature))
        );
        assert_eq!(store.seen.lock().unwrap().len(), 1);

        // The store remembers a delivery as long as its signature is valid, however long that is.
        let endless = verifier("s").with_tolerance(Duration::MAX);
        let event = endless.verify(&good, "1000", BODY, at(9_000_000_000)).unwrap();
        assert_eq!(
            event.stale_at,
            at(1000) + Duration::from_secs(3_153_600_000),
            "a century"
        );

        let broken = Store {
            broken: true,
            ..Store::default()
        };
        let lines = headers(&[(SIGNATURE_HEADER, &good), (TIMESTAMP_HEADER, "1000")]);
        let failed = verifier("s").verify_once(&lines, BODY, at(1000), &broken).await;
        assert_eq!(failed.unwrap_err(), Failed::Store);
    }

    #[test]
    fn neither_the_secret_nor_the_event_prints() {
        let verifier = verifier("canary-secret");
        assert!(!format!("{verifier:?}").contains("canary"));
        let body =
            br#"{"userId":"canary-user","event":"BANK_UPDATED","id":"canary-bank","data":{"mask":"canary"}}"#;
        let event = verifier
            .verify(&sign("canary-secret", "1", body), "1", body, at(1))
            .unwrap();
        assert!(!format!("{event:?}").contains("canary"));
        assert!(!format!("{event:?}").contains(&event.delivery));
    }
}
