//! When a request is sent again, and after how long.
//!
//! The mode is the `standard` one of the AWS SDKs: exponential backoff with full jitter, and a budget that all clones of
//! a client share, so that a service in trouble is not met with a multiple of its load.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};

use crate::operation::Effect;

/// How one attempt ended without the answer that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No connection was made, so nothing was sent.
    NotSent,
    /// It was sent, and no answer came in time.
    TimedOut,
    /// It was sent, and the connection was lost before the whole answer came.
    Lost,
    /// An answer came.
    Answered(u16),
}

impl Outcome {
    /// Whether the request could have been carried out: nothing came that says it was not.
    ///
    /// A refusal says so: a 4xx, whether its body came whole or not, and 307 and 308, which ask for the same request at
    /// another place. These say less than they seem to:
    ///
    /// - 408 and 499 are what gateways answer when the service behind them is late. A server that gives up on an idle
    ///   connection sends a 408 as well, which then reads as the answer to the next request.
    /// - Any other 3xx: “see other” is a common answer to a POST that was carried out.
    /// - A success that cannot be read was a success.
    /// - A 5xx does not say how far the request came: a gateway speaks for itself alone, and a service may fail after its
    ///   work is done.
    /// - A 1xx is no final answer.
    pub(crate) fn may_have_executed(self) -> bool {
        match self {
            Self::NotSent => false,
            Self::TimedOut | Self::Lost => true,
            Self::Answered(status) => !matches!(status, 307 | 308 | 400..=407 | 409..=498),
        }
    }

    /// The table: which operation is sent again after what.
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

/// How often and how patiently requests are sent.
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
    /// How long it may take to make a connection: shorter than an attempt and than all of them, so that a connection that
    /// is never made is told from an answer that never comes.
    pub(crate) fn connect_timeout(&self) -> Duration {
        let shortest = self.attempt_timeout.min(self.deadline);
        (shortest / 2).min(Duration::from_secs(5))
    }

    /// How long to wait before attempt `next` (the second is 2); nothing when the server asks for more than is waited.
    ///
    /// Without a word of the server it is full jitter over an exponential: any time from nothing to the whole of it. What
    /// the server asks for is waited and never less than the shortest pause, with the same jitter on top: clients that
    /// were all told the same, were it zero or a date that is past, do not come back at once. `random` is uniform over its
    /// range.
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

/// Tokens that retries cost and successes bring back; shared by all clones of a client.
#[derive(Debug)]
pub(crate) struct Budget(Mutex<u32>);

const BUDGET: u32 = 500;

impl Default for Budget {
    fn default() -> Self {
        Self(Mutex::new(BUDGET))
    }
}

impl Budget {
    /// Pays for a retry; nothing when the budget is spent.
    pub(crate) fn pay(&self, after: Outcome) -> Option<u32> {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = tokens.checked_sub(after.cost())?;
        Some(after.cost())
    }

    /// A success brings back what its last retry had cost, and one token when it needed none.
    pub(crate) fn refund(&self, paid: Option<u32>) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *tokens = (*tokens + paid.unwrap_or(1)).min(BUDGET);
    }
}

/// `Retry-After`, in seconds or as a date; the longest of several, and nothing of what is neither.
///
/// More seconds than can be told are as many as can be told, a date that is past is no time at all.
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

/// Seconds as digits, and after a point such of a second, which the standard does not know and some servers send.
fn seconds(text: &str) -> Option<Duration> {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    if !is_digits(whole) || !is_digits(part) {
        return None;
    }
    // Digits fail to be a number only by being too many.
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
