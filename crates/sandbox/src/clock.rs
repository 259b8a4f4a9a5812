//! The sandbox's time: the system's or a fixed time, which a test can move forward.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

/// The sandbox's time, which a test may move forward.
///
/// Session tokens, link tokens, verification and daily limits read this clock, so a test need not wait for them to
/// expire. Clones share one time.
///
/// ```
/// use std::time::Duration;
/// use ratio_sandbox::Clock;
///
/// let clock = Clock::still_at("2022-11-30T12:00:00Z").unwrap();
/// clock.advance(Duration::from_secs(300));
/// assert_eq!(clock.to_string(), "2022-11-30T12:05:00Z");
/// ```
#[derive(Clone)]
pub struct Clock {
    inner: Arc<Inner>,
}

struct Inner {
    source: Source,
    ahead: Mutex<Duration>,
    moved: Notify,
}

enum Source {
    /// Starts at the system's time and ticks with a monotonic clock, so that it never runs backwards.
    Ticking {
        began: Timestamp,
        since: Instant,
    },
    Still(Timestamp),
}

impl Clock {
    /// A clock that ticks, beginning at the system's time.
    pub fn ticking() -> Self {
        Self::new(Source::Ticking {
            began: Timestamp::now(),
            since: Instant::now(),
        })
    }

    /// A clock that stands at `time` (RFC 3339) until it is advanced.
    ///
    /// # Errors
    ///
    /// When `time` is not a time of RFC 3339.
    pub fn still_at(time: &str) -> Result<Self, InvalidTime> {
        let at = time.parse().map_err(|_| InvalidTime(time.to_owned()))?;
        Ok(Self::new(Source::Still(at)))
    }

    fn new(source: Source) -> Self {
        Self {
            inner: Arc::new(Inner {
                source,
                ahead: Mutex::new(Duration::ZERO),
                moved: Notify::new(),
            }),
        }
    }

    /// Moves the time forward by `by`. Everything that becomes due happens before the next response.
    pub fn advance(&self, by: Duration) {
        let mut ahead = self.inner.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = ahead.saturating_add(by);
        drop(ahead);
        self.inner.moved.notify_one();
    }

    pub(crate) fn now(&self) -> Timestamp {
        let ahead = *self.inner.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, ran) = match &self.inner.source {
            Source::Ticking { began, since } => (*began, since.elapsed()),
            Source::Still(at) => (*at, Duration::ZERO),
        };
        later(start, ran.saturating_add(ahead))
    }

    /// Waits until `due`, or until the clock is advanced. A clock that stands still only waits to be advanced.
    pub(crate) async fn until(&self, due: Option<Timestamp>) {
        let ticks = matches!(self.inner.source, Source::Ticking { .. });
        let left = due
            .filter(|_| ticks)
            .map(|due| Duration::try_from(due.duration_since(self.now())).unwrap_or_default());
        match left {
            None => self.inner.moved.notified().await,
            Some(left) => tokio::select! {
                () = self.inner.moved.notified() => {}
                () = tokio::time::sleep(left) => {}
            },
        }
    }
}

/// `start` plus `by`, stopping at the end of representable time.
pub(crate) fn later(start: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by)
        .ok()
        .and_then(|by| start.checked_add(by).ok())
        .unwrap_or(Timestamp::MAX)
}

/// Formats a time as the API does: RFC 3339, in UTC, to the millisecond.
pub(crate) fn told(time: Timestamp) -> String {
    format!("{time:.3}")
}

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.now().fmt(f)
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({self})")
    }
}

/// A text that is not a time of RFC 3339, such as `2022-11-30T12:00:00Z`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidTime(String);

impl std::fmt::Display for InvalidTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?} is not a time of RFC 3339; write it like 2022-11-30T12:00:00Z",
            self.0
        )
    }
}

impl std::error::Error for InvalidTime {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_advanced_past_the_end_of_time_stays_there() {
        let clock = Clock::still_at("2022-11-30T12:00:00Z").unwrap();
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }

    #[test]
    fn a_text_that_is_no_time_is_refused_by_name() {
        let error = Clock::still_at("noon").unwrap_err();
        assert!(error.to_string().contains("\"noon\""), "{error}");
    }
}
