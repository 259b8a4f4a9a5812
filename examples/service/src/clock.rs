//! What time it is: the database's own time, so that replicas whose clocks differ agree on who may do what.

use std::fmt;
use std::sync::Arc;

/// Tells how far the service's time is ahead of the database's: not at all, but for a test in which time passes.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> u32 + Send + Sync>);

impl Clock {
    /// The database's clock.
    pub fn database() -> Self {
        Self::ahead_by(|| 0)
    }

    /// A clock that is so many seconds ahead of it.
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
