//! How patiently one call is made, where it differs from the client's others.

use std::time::Duration;

use crate::retry::Policy;

/// What one call does otherwise than [`ClientBuilder`](crate::ClientBuilder) says, for
/// [`Session::with_options`](crate::Session::with_options). What is not set stays as the client has it.
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
    /// Everything as the client has it.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long one attempt may take.
    ///
    /// A connection may take as long to be made as the client was built to allow. For what changes something
    /// (`activate_bank_link`, `initiate_ach`, `delete_bank`), attempt and deadline have to be longer than that: otherwise
    /// nobody could tell whether anything was sent, and the call is refused.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// How long a call may take with all its attempts and pauses.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// How often a request is sent at most. One means never again.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts.max(1));
        self
    }

    /// The client's policy with what is set here.
    pub(crate) fn over(&self, policy: &Policy) -> Policy {
        Policy {
            attempt_timeout: self.attempt_timeout.unwrap_or(policy.attempt_timeout),
            deadline: self.deadline.unwrap_or(policy.deadline),
            max_attempts: self.max_attempts.unwrap_or(policy.max_attempts),
            ..policy.clone()
        }
    }
}
