//! Faults that are injected on purpose: per operation, for a number of requests, or at random from the seed.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::contract::FutureVersion;
use crate::random::Random;

/// A fault in the handling of a request. It applies once, unless set otherwise.
///
/// # Examples
///
/// The purchase is carried out and its response is lost. A client must never send it again:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use ratio_sandbox::{Fault, Sandbox, operation};
///
/// let sandbox = Sandbox::builder().start().await.unwrap();
/// sandbox.inject(operation::INITIATE_ACH, Fault::reset_after()).unwrap();
/// sandbox.inject(operation::ANY, Fault::status(429).retry_after(2).times(3)).unwrap();
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The delay of the response. In the control API: milliseconds.
    #[serde(rename = "delayMilliseconds", default, with = "milliseconds")]
    delay: Duration,
    #[serde(default)]
    kind: Kind,
    /// The number of requests that it affects; `None` for all.
    #[serde(default = "once")]
    times: Option<u32>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Kind {
    /// Only the delay.
    #[default]
    None,
    Status {
        status: u16,
        #[serde(default)]
        body: Option<Value>,
        #[serde(default)]
        retry_after: Option<u32>,
    },
    ResetBefore,
    ResetAfter,
    Stall,
    Truncate,
    ContentType(String),
    Oversized {
        bytes: usize,
    },
    FutureVersion(FutureVersion),
    RotateToken,
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the type of the field")]
fn once() -> Option<u32> {
    Some(1)
}

mod milliseconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(delay: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

impl Fault {
    fn of(kind: Kind) -> Self {
        Self {
            delay: Duration::ZERO,
            kind,
            times: once(),
        }
    }

    /// The request is carried out, and the response is delayed by `delay` of real time.
    pub fn latency(delay: Duration) -> Self {
        Self::of(Kind::None).delayed(delay)
    }

    /// The request is not carried out. The response has this status and the vendor's error format.
    pub fn status(status: u16) -> Self {
        Self::of(Kind::Status {
            status,
            body: None,
            retry_after: None,
        })
    }

    /// The connection is reset before the request is carried out.
    pub fn reset_before() -> Self {
        Self::of(Kind::ResetBefore)
    }

    /// The request is carried out, then the connection is reset without a response.
    pub fn reset_after() -> Self {
        Self::of(Kind::ResetAfter)
    }

    /// The request is carried out without a response, and the connection stays open.
    pub fn stall() -> Self {
        Self::of(Kind::Stall)
    }

    /// The request is carried out, and half of the response's body arrives.
    pub fn truncate() -> Self {
        Self::of(Kind::Truncate)
    }

    /// The request is carried out, and the response claims this media type, such as `text/html`.
    pub fn content_type(media: impl Into<String>) -> Self {
        Self::of(Kind::ContentType(media.into()))
    }

    /// The request is carried out, and the response grows to at least `bytes` bytes of valid JSON (256 MiB at most).
    pub fn oversized(bytes: usize) -> Self {
        Self::of(Kind::Oversized { bytes })
    }

    /// The request is carried out, and every enum in the response has a value that the document does not list.
    pub fn unknown_enum() -> Self {
        Self::of(Kind::FutureVersion(FutureVersion::UnknownEnum))
    }

    /// The request is carried out, and every object in the response has a field that the document does not declare.
    pub fn extra_fields() -> Self {
        Self::of(Kind::FutureVersion(FutureVersion::ExtraFields))
    }

    /// The request is carried out, and the response has only the fields that the document requires.
    pub fn missing_optional() -> Self {
        Self::of(Kind::FutureVersion(FutureVersion::MissingOptional))
    }

    /// The request is carried out, and the response carries a new session token.
    pub fn rotate_token() -> Self {
        Self::of(Kind::RotateToken)
    }

    /// One fault of each kind as the control API writes it, for the list of commands.
    pub(crate) fn samples() -> Vec<Value> {
        let faults = [
            Self::latency(Duration::ZERO),
            Self::status(429).retry_after(2).body(json!({"code": "TOO_MANY"})),
            Self::reset_before(),
            Self::reset_after(),
            Self::stall(),
            Self::truncate(),
            Self::content_type("text/html"),
            Self::oversized(1 << 20),
            Self::unknown_enum(),
            Self::extra_fields(),
            Self::missing_optional(),
            Self::rotate_token(),
        ];
        let kinds = faults.into_iter().map(|fault| serde_json::to_value(fault.kind));
        kinds.map(|kind| kind.expect("a fault is plain data")).collect()
    }

    /// Gives a [`Fault::status`] this body instead of the vendor's error format. A string is sent as it is, and an
    /// empty one as no body at all.
    #[must_use]
    pub fn body(mut self, with: Value) -> Self {
        if let Kind::Status { body, .. } = &mut self.kind {
            *body = Some(with);
        }
        self
    }

    /// Gives a [`Fault::status`] a `retry-after` header, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        if let Kind::Status { retry_after, .. } = &mut self.kind {
            *retry_after = Some(seconds);
        }
        self
    }

    /// Adds a delay of `delay` in real time.
    #[must_use]
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Applies the fault to the next `times` requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Applies the fault to every request until the faults are cleared.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }
}

/// The faults that wait for their requests.
pub(crate) struct Faults {
    queue: VecDeque<(Option<String>, Fault)>,
    per_mille: u16,
    random: Random,
}

/// The fault of one request.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    pub(crate) delay: Duration,
    pub(crate) kind: Kind,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        // The seed differs from that of the identifiers, so that the number of faults does not change them.
        Self {
            queue: VecDeque::new(),
            per_mille: 0,
            random: Random::new(!seed),
        }
    }

    /// Queues a fault. `shape` names an operation; without one, the fault applies to all.
    pub(crate) fn inject(&mut self, shape: Option<String>, fault: Fault) {
        if fault.times != Some(0) {
            self.queue.push_back((shape, fault));
        }
    }

    pub(crate) fn at_random(&mut self, per_mille: u16) {
        self.per_mille = per_mille.min(1000);
    }

    pub(crate) fn clear(&mut self) {
        self.queue.clear();
        self.per_mille = 0;
    }

    /// The fault of a request: the oldest fault that waits for its operation, or a random one.
    pub(crate) fn next(&mut self, shape: &str) -> Trouble {
        let waits = |(on, _): &(Option<String>, Fault)| on.as_deref().is_none_or(|on| on == shape);
        if let Some(at) = self.queue.iter().position(waits) {
            let fault = &mut self.queue[at].1;
            let trouble = Trouble {
                delay: fault.delay,
                kind: fault.kind.clone(),
            };
            if let Some(times) = &mut fault.times {
                *times = times.saturating_sub(1);
                if *times == 0 {
                    self.queue.remove(at);
                }
            }
            return trouble;
        }
        if self.per_mille > 0 && self.random.chance(self.per_mille) {
            self.any()
        } else {
            Trouble::default()
        }
    }

    /// A random fault that networks and busy services cause by themselves. None of them misreports the outcome.
    fn any(&mut self) -> Trouble {
        let status = |status| Fault::status(status).kind;
        let kinds = [
            Kind::None,
            status(429),
            status(500),
            status(502),
            status(503),
            status(504),
            Kind::ResetBefore,
            Kind::ResetAfter,
            Kind::Truncate,
            Kind::RotateToken,
        ];
        let delay = Duration::from_millis(self.random.below(20) as u64);
        let kind = kinds[self.random.below(kinds.len())].clone();
        Trouble { delay, kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_waits_for_its_operation_and_happens_as_often_as_told() {
        let mut faults = Faults::new(0);
        faults.inject(Some("a".to_owned()), Fault::stall().times(2));
        assert_eq!(faults.next("b").kind, Kind::None);
        assert_eq!(faults.next("a").kind, Kind::Stall);
        assert_eq!(faults.next("a").kind, Kind::Stall);
        assert_eq!(faults.next("a").kind, Kind::None);
    }

    #[test]
    fn the_oldest_fault_goes_first_and_one_for_always_stays() {
        let mut faults = Faults::new(0);
        faults.inject(None, Fault::truncate());
        faults.inject(None, Fault::stall().always());
        let kinds: Vec<_> = (0..3).map(|_| faults.next("x").kind).collect();
        assert_eq!(kinds, [Kind::Truncate, Kind::Stall, Kind::Stall]);
        faults.clear();
        assert_eq!(faults.next("x").kind, Kind::None);
    }

    #[test]
    fn random_faults_follow_from_the_seed() {
        let run = |seed| {
            let mut faults = Faults::new(seed);
            faults.at_random(500);
            (0..50)
                .map(|_| format!("{:?}", faults.next("x")))
                .collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }

    #[test]
    fn the_control_api_writes_a_fault_as_json() {
        let fault: Fault = serde_json::from_str(
            r#"{"delayMilliseconds": 5, "kind": {"status": {"status": 429, "retryAfter": 2}}, "times": 3}"#,
        )
        .unwrap();
        assert_eq!(
            fault,
            Fault::status(429)
                .retry_after(2)
                .delayed(Duration::from_millis(5))
                .times(3)
        );
        let fault: Fault = serde_json::from_str(r#"{"kind": {"futureVersion": "unknownEnum"}}"#).unwrap();
        assert_eq!(fault, Fault::unknown_enum());
        let fault: Fault = serde_json::from_str(r#"{"kind": "resetAfter"}"#).unwrap();
        assert_eq!(fault, Fault::reset_after());
    }
}
