//! The client as a drift sensor: it reports what it receives in production that the pin does not declare.

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::{Duration, Instant};

/// Something in a response that the pinned document does not declare.
///
/// It carries no value from the response, except an unknown enum value of at most 64 token characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DriftEvent {
    /// The operation that was called, such as `initiate_ach`.
    pub operation: &'static str,
    /// The place in the response, as a JSON pointer. It is empty for the response as a whole.
    pub path: String,
    /// The kind of deviation.
    pub kind: DriftKind,
    /// The undeclared status or enum value.
    pub value: Option<String>,
}

/// The kind of deviation in a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DriftKind {
    /// A field that the pin does not declare.
    UnknownField,
    /// An enum value that the pin does not declare.
    UnknownValue,
    /// A status that the pin does not declare for the operation.
    UndeclaredStatus,
    /// A body that does not have the form that the pin declares.
    UnreadableBody,
    /// A header for a new session token (`ratio-authentication-refresh`) whose value is not a token. The session keeps
    /// its current token.
    UnusableToken,
}

impl DriftKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::UnknownField => "unknown-field",
            Self::UnknownValue => "unknown-value",
            Self::UndeclaredStatus => "undeclared-status",
            Self::UnreadableBody => "unreadable-body",
            Self::UnusableToken => "unusable-token",
        }
    }
}

impl fmt::Display for DriftKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

pub(crate) type Hook = Arc<dyn Fn(&DriftEvent) + Send + Sync>;

/// Reports deviations: each distinct event once per minute, and at most 32 events per minute.
#[derive(Default)]
pub(crate) struct Sensor {
    hook: Option<Hook>,
    recent: Mutex<Option<Window>>,
}

struct Window {
    began: Instant,
    told: HashSet<DriftEvent>,
}

const WINDOW: Duration = Duration::from_secs(60);
const PER_WINDOW: usize = 32;

impl Sensor {
    pub(crate) fn new(hook: Option<Hook>) -> Self {
        Self {
            hook,
            recent: Mutex::default(),
        }
    }

    pub(crate) fn tell(&self, event: &DriftEvent) {
        if !self.is_new(event) {
            return;
        }
        tracing::warn!(
            target: "ratio_bank::drift",
            operation = event.operation,
            path = event.path,
            kind = event.kind.as_str(),
            value = event.value.as_deref(),
            "an answer is not what the pin declares"
        );
        // A panic in the hook must not lose the response of the call.
        if let Some(hook) = &self.hook
            && catch_unwind(AssertUnwindSafe(|| hook(event))).is_err()
        {
            tracing::error!(target: "ratio_bank", "the hook for drift panicked");
        }
    }

    fn is_new(&self, event: &DriftEvent) -> bool {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let window = match recent.take() {
            Some(window) if now.duration_since(window.began) < WINDOW => recent.insert(window),
            _ => recent.insert(Window {
                began: now,
                told: HashSet::new(),
            }),
        };
        window.told.len() < PER_WINDOW && window.told.insert(event.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_surprise_is_told_once_a_minute_and_a_flood_is_cut() {
        let told = Arc::new(Mutex::new(0));
        let count = Arc::clone(&told);
        let sensor = Sensor::new(Some(Arc::new(move |_: &DriftEvent| *count.lock().unwrap() += 1)));
        let event = |path: usize| DriftEvent {
            operation: "get_user",
            path: path.to_string(),
            kind: DriftKind::UnknownField,
            value: None,
        };
        sensor.tell(&event(0));
        sensor.tell(&event(0));
        assert_eq!(*told.lock().unwrap(), 1);
        for path in 0..1000 {
            sensor.tell(&event(path));
        }
        assert_eq!(*told.lock().unwrap(), PER_WINDOW);
        tokio::time::advance(WINDOW).await;
        sensor.tell(&event(0));
        assert_eq!(*told.lock().unwrap(), PER_WINDOW + 1);
    }
}
