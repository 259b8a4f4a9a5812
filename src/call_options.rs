//! Timeouts and retries of one call, where they differ from the client's.

use std::time::Duration;

use crate::retry::Policy;

/// Settings for single calls that replace those of [`ClientBuilder`](crate::ClientBuilder), for
/// [`Session::with_options`](crate::Session::with_options). A setting that is absent here keeps the client's value.
///
/// ```
/// use std::time::Duration;
/// use ratio_bank::CallOptions;
///
/// let impatient = CallOptions::new().max_attempts(1).deadline(Duration::from_secs(3));
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct CallOptions {
    attempt_timeout: Option<Duration>,
    deadline: Option<Duration>,
    max_attempts: Option<u32>,
}

impl CallOptions {
    /// Makes options that keep all of the client's settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum time for one attempt.
    ///
    /// The time to make a connection stays as the client was built. For operations that change something
    /// (`activate_bank_link`, `initiate_ach`, `delete_bank`), the attempt timeout and the deadline must be longer than
    /// that time. Otherwise the client could not know whether the request was sent, so it refuses the call.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// Sets the maximum time for a call with all its attempts and pauses.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Sets the maximum number of times that a request is sent. One means no retries.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts.max(1));
        self
    }

    /// The client's policy, with these options applied.
    pub(crate) fn over(&self, policy: &Policy) -> Policy {
        Policy {
            attempt_timeout: self.attempt_timeout.unwrap_or(policy.attempt_timeout),
            deadline: self.deadline.unwrap_or(policy.deadline),
            max_attempts: self.max_attempts.unwrap_or(policy.max_attempts),
            ..policy.clone()
        }
    }
}
