//! The time by the database's clock, so that replicas with different clocks agree on claims.

use std::fmt;
use std::sync::Arc;

/// Returns how far the service's time is ahead of the database's. This is zero, except in a test in which time passes.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> u32 + Send + Sync>);

impl Clock {
    /// The database's clock.
    pub fn database() -> Self {
        Self::ahead_by(|| 0)
    }

    /// A clock that is this many seconds ahead of the database's.
    pub fn ahead_by(seconds: impl Fn() -> u32 + Send + Sync + 'static) -> Self {
        Self(Arc::new(seconds))
    }

    pub(crate) fn ahead(&self) -> u32 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
