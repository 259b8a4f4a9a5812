//! Settings for waiting until a bank is ready.

use std::time::Duration;

/// Limits on how often, and for how long, a bank's status is read while the bank is verified.
///
/// Ratio recommends 10 reads, 2 seconds apart. Verification typically takes less than 5 seconds.
///
/// ```
/// use std::time::Duration;
/// use ratio_bank::Polling;
///
/// let polling = Polling::default();
/// assert_eq!((polling.attempts, polling.interval.as_secs()), (10, 2));
/// assert_eq!(polling.deadline.as_secs(), 60);
///
/// let patient = Polling::default().attempts(60).deadline(Duration::from_secs(300));
/// assert_eq!((patient.attempts, patient.interval), (60, polling.interval));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Polling {
    /// Maximum number of times that the status is read.
    pub attempts: u32,
    /// The pause between two reads.
    pub interval: Duration,
    /// Maximum time for the whole wait, including the time that the reads take.
    pub deadline: Duration,
}

impl Polling {
    /// Sets the maximum number of times that the status is read.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the pause between two reads.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Sets the maximum time for the whole wait, including the time that the reads take.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

impl Default for Polling {
    fn default() -> Self {
        Self {
            attempts: 10,
            interval: Duration::from_secs(2),
            deadline: Duration::from_secs(60),
        }
    }
}
