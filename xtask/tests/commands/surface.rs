//! What re-pinning does to callers.
