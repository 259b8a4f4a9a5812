//! Waiting until a bank is ready.

use std::time::Duration;

/// How often and how far apart a bank's status is read while it is verified.
///
/// Ratio advises 10 times, 2 seconds apart; verification typically takes less than 5 seconds.
///
/// ```
/// let polling = ratio_bank::Polling::default();
/// assert_eq!((polling.attempts, polling.interval.as_secs()), (10, 2));
/// assert_eq!(polling.deadline.as_secs(), 60);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Polling {
    /// How often the status is read at most.
    pub attempts: u32,
    /// The pause between two reads.
    pub interval: Duration,
    /// How long it all may take, with the time that the reads take.
    pub deadline: Duration,
}

impl Default for Polling {
    fn default() -> Self {
        Self {
            attempts: 10,
            interval: Duration::from_secs(2),
            deadline: Duration::from_mins(1),
        }
    }
}
