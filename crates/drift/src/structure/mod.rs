//! The rules about everything that is not a schema.

pub(crate) mod bodies;
pub(crate) mod callbacks;
pub(crate) mod format;
pub(crate) mod headers;
pub(crate) mod lifecycle;
pub(crate) mod media;
pub(crate) mod message;
pub(crate) mod naming;
pub(crate) mod operations;
pub(crate) mod parameters;
pub(crate) mod references;
pub(crate) mod responses;
pub(crate) mod security;
pub(crate) mod servers;
pub(crate) mod wire;
