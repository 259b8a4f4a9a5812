//! Decides when a request is sent again, and after which pause.
//!
//! The rules are those of the `standard` mode of the AWS SDKs: exponential backoff with full jitter, and a retry
//! budget. All clones of a client share the budget, so that retries do not multiply the load on a service in trouble.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

use crate::operation::Effect;

/// The way in which one attempt ended without the requested response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No connection was made, so nothing was sent.
    NotSent,
    /// The request was sent, and no response came in time.
    TimedOut,
    /// The request was sent, and the connection was lost before the whole response came.
    Lost,
    /// A response came.
    Answered(u16),
}

impl Outcome {
    /// Whether the request may have been executed, because no response rules it out.
    ///
    /// A refusal rules it out: a 4xx, even with an incomplete body, and 307 and 308, which ask for the same request at
    /// another place. The following outcomes do not rule it out:
    ///
    /// - 408 and 499: gateways send them when the service behind them is late. A server that closes an idle connection
    ///   also sends a 408, which the client then takes as the response to its next request.
    /// - Any other 3xx: 303 (See Other) is a common response to a POST that was executed.
    /// - A success that cannot be read was still a success.
    /// - A 5xx does not say how far the request came: a gateway does not know, and a service may fail after its work is
    ///   done.
    /// - A 1xx is not a final response.
    pub(crate) fn may_have_executed(self) -> bool {
        match self {
            Self::NotSent => false,
            Self::TimedOut | Self::Lost => true,
            Self::Answered(status) => !matches!(status, 307 | 308 | 400..=407 | 409..=498),
        }
    }

    /// The retry table: whether a request with this effect is sent again after this outcome.
    pub(crate) fn is_resent(self, effect: Effect) -> bool {
        match self {
            Self::NotSent | Self::Answered(429) => true,
            Self::TimedOut | Self::Lost | Self::Answered(502..=504) => effect != Effect::Once,
            Self::Answered(500) => effect == Effect::ReadOnly,
            Self::Answered(_) => false,
        }
    }

    fn cost(self) -> u32 {
        if self == Self::TimedOut { 10 } else { 5 }
    }
}

/// The number of attempts, the pauses and the timeouts.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) max_attempts: u32,
    pub(crate) base_delay: Duration,
    pub(crate) max_delay: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            base_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(20),
            attempt_timeout: Duration::from_secs(15),
            deadline: Duration::from_secs(60),
        }
    }
}

impl Policy {
    /// Maximum time to make a connection. It is shorter than an attempt and than the deadline, so that a failed
    /// connection can be distinguished from a missing response.
    pub(crate) fn connect_timeout(&self) -> Duration {
        let shortest = self.attempt_timeout.min(self.deadline);
        (shortest / 2).min(Duration::from_secs(5))
    }

    /// Returns the pause before attempt `next` (the second attempt is 2), or `None` if the server asks for more than
    /// the maximum pause.
    ///
    /// Without a `Retry-After`, the pause is exponential backoff with full jitter: uniform from zero to the ceiling.
    /// With one, the pause is that time, but at least the base delay, plus the same jitter. The jitter keeps clients
    /// that received the same `Retry-After` from returning at the same moment. `random` must be uniform over its range.
    pub(crate) fn delay(&self, next: u32, asked: Option<Duration>, random: u64) -> Option<Duration> {
        let doublings = next.saturating_sub(2).min(16);
        let ceiling = self.base_delay.saturating_mul(1 << doublings).min(self.max_delay);
        let nanos = (u128::from(random) * ceiling.as_nanos()) >> 64;
        let jitter = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        match asked {
            None => Some(jitter),
            Some(asked) if asked > self.max_delay => None,
            Some(asked) => Some(asked.max(self.base_delay).saturating_add(jitter)),
        }
    }
}

/// The retry budget: retries cost tokens, and successes return them. All clones of a client share it.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<u32>);

const BUDGET: u32 = 500;

impl Default for Budget {
    fn default() -> Self {
        Self(Mutex::new(BUDGET))
    }
}

impl Budget {
    /// Takes the cost of a retry from the budget, or returns `None` if the budget is used up.
    pub(crate) fn pay(&self, after: Outcome) -> Option<u32> {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = tokens.checked_sub(after.cost())?;
        Some(after.cost())
    }

    /// Returns tokens after a success: the cost of its last retry, or one token if there was no retry.
    pub(crate) fn refund(&self, paid: Option<u32>) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = (*tokens + paid.unwrap_or(1)).min(BUDGET);
    }
}

/// Reads `Retry-After`, in seconds or as a date. Takes the longest of several values, and ignores invalid ones.
///
/// Too large a number of seconds becomes the maximum, and a date in the past becomes zero.
pub(crate) fn retry_after(headers: &HeaderMap, now: &dyn Fn() -> SystemTime) -> Option<Duration> {
    let read = |value: &HeaderValue| {
        let value = value.to_str().ok()?.trim();
        seconds(value).or_else(|| {
            let date = httpdate::parse_http_date(value).ok()?;
            Some(date.duration_since(now()).unwrap_or_default())
        })
    };
    headers.get_all(RETRY_AFTER).iter().filter_map(read).max()
}

/// Parses seconds, optionally with a decimal fraction, which some servers send although the standard does not allow it.
fn seconds(text: &str) -> Option<Duration> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if !is_digits(whole) || !is_digits(part) {
        return None;
    }
    // Parsing digits fails only if the number is too large.
    let whole = Duration::from_secs(whole.parse().unwrap_or(u64::MAX));
    let nanos = format!("{:0<9}", part.get(..9).unwrap_or(part)).parse().ok()?;
    Some(whole.saturating_add(Duration::from_nanos(nanos)))
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_server_may_ask_for_the_longest_pause_and_for_no_longer_one() {
        let policy = Policy::default();
        let longest = policy.max_delay;
        assert_eq!(policy.delay(2, Some(longest), 0), Some(longest));
        assert_eq!(policy.delay(2, Some(longest + Duration::from_nanos(1)), 0), None);
    }

    #[test]
    fn the_table_says_what_is_sent_again() {
        use Effect::{Harmless, Idempotent, Once, ReadOnly};
        for (outcome, resent) in [
            (Outcome::NotSent, &[Harmless, ReadOnly, Idempotent, Once][..]),
            (Outcome::Answered(429), &[Harmless, ReadOnly, Idempotent, Once]),
            (Outcome::TimedOut, &[Harmless, ReadOnly, Idempotent]),
            (Outcome::Lost, &[Harmless, ReadOnly, Idempotent]),
            (Outcome::Answered(502), &[Harmless, ReadOnly, Idempotent]),
            (Outcome::Answered(503), &[Harmless, ReadOnly, Idempotent]),
            (Outcome::Answered(504), &[Harmless, ReadOnly, Idempotent]),
            (Outcome::Answered(500), &[ReadOnly]),
            (Outcome::Answered(501), &[]),
            (Outcome::Answered(400), &[]),
            (Outcome::Answered(401), &[]),
            (Outcome::Answered(404), &[]),
            (Outcome::Answered(409), &[]),
            (Outcome::Answered(408), &[]),
            (Outcome::Answered(422), &[]),
            (Outcome::Answered(425), &[]),
        ] {
            for effect in [Harmless, ReadOnly, Idempotent, Once] {
                assert_eq!(
                    outcome.is_resent(effect),
                    resent.contains(&effect),
                    "{outcome:?} {effect:?}"
                );
            }
        }
    }

    #[test]
    fn what_may_be_sent_again_after_payment_was_not_carried_out() {
        for status in 100..600 {
            let outcome = Outcome::Answered(status);
            assert!(
                !(outcome.is_resent(Effect::Once) && outcome.may_have_executed()),
                "{status}"
            );
        }
    }

    #[test]
    fn only_a_refusal_says_that_nothing_was_carried_out() {
        for status in [307, 308, 400, 401, 403, 404, 409, 422, 425, 429, 451] {
            assert!(!Outcome::Answered(status).may_have_executed(), "{status}");
        }
        for status in [
            101, 200, 202, 204, 301, 302, 303, 304, 408, 499, 500, 501, 503, 599, 999,
        ] {
            assert!(Outcome::Answered(status).may_have_executed(), "{status}");
        }
        assert!(!Outcome::NotSent.may_have_executed());
        for outcome in [Outcome::TimedOut, Outcome::Lost] {
            assert!(outcome.may_have_executed(), "{outcome:?}");
        }
    }

    #[test]
    fn the_budget_runs_dry_and_fills_up_again() {
        let budget = Budget::default();
        let mut paid = 0;
        while budget.pay(Outcome::Lost).is_some() {
            paid += 1;
        }
        assert_eq!(paid, 100);
        budget.refund(Some(5));
        assert_eq!(budget.pay(Outcome::Lost), Some(5));
        assert_eq!(budget.pay(Outcome::Lost), None);
        for _ in 0..10 {
            budget.refund(None);
        }
        assert_eq!(budget.pay(Outcome::TimedOut), Some(10));
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = || UNIX_EPOCH + Duration::from_secs(784_111_777);
        let read = |value: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
            retry_after(&headers, &now)
        };
        for (value, told) in [
            ("120", Some(Duration::from_mins(2))),
            (" 120 ", Some(Duration::from_mins(2))),
            ("0", Some(Duration::ZERO)),
            ("0.5", Some(Duration::from_millis(500))),
            ("1.000000000999", Some(Duration::from_secs(1))),
            (
                "9223372036854775807",
                Some(Duration::from_secs(i64::MAX.unsigned_abs())),
            ),
            ("18446744073709551615", Some(Duration::from_secs(u64::MAX))),
            ("18446744073709551615.999999999", Some(Duration::MAX)),
            ("18446744073709551616", Some(Duration::from_secs(u64::MAX))),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(Duration::from_secs(10))),
            ("Sun, 06 Nov 1994 08:49:07 GMT", Some(Duration::ZERO)),
            ("soon", None),
            ("-1", None),
            ("+1", None),
            ("1e3", None),
            ("1.", None),
            (".5", None),
            ("1.5.2", None),
            ("inf", None),
            ("", None),
        ] {
            assert_eq!(read(value), told, "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), &now), None);
        let mut several = HeaderMap::new();
        for value in ["1", "30", "soon", "0"] {
            several.append(RETRY_AFTER, value.parse().unwrap());
        }
        assert_eq!(retry_after(&several, &now), Some(Duration::from_secs(30)));
    }

    proptest! {
        #[test]
        fn a_pause_has_its_floor_its_ceiling_and_its_cap(next: u32, random: u64, asked: Option<u64>) {
            let policy = Policy::default();
            let jitter = policy.delay(next, None, random).unwrap();
            prop_assert!(jitter <= policy.max_delay);
            if next < 9 {
                prop_assert!(jitter <= policy.base_delay * (1 << next.saturating_sub(2)));
            }
            if let Some(asked) = asked.map(Duration::from_millis) {
                match policy.delay(next, Some(asked), random) {
                    Some(pause) => {
                        prop_assert!(pause >= asked && pause >= policy.base_delay);
                        prop_assert_eq!(pause, asked.max(policy.base_delay) + jitter);
                    }
                    None => prop_assert!(asked > policy.max_delay),
                }
            }
        }

        #[test]
        fn no_header_panics(value in "[0-9.]{0,40}|\\PC*", now: u64) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                let headers = HeaderMap::from_iter([(RETRY_AFTER, value)]);
                let now = UNIX_EPOCH.checked_add(Duration::from_secs(now)).unwrap_or(UNIX_EPOCH);
                let asked = retry_after(&headers, &|| now);
                let _ = Policy::default().delay(2, asked, u64::MAX);
            }
        }
    }
}
