//! The rules: what a verdict is called, one file per family.

pub(crate) mod annotations;
pub(crate) mod bodies;
pub(crate) mod by_witness;
pub(crate) mod callbacks;
pub(crate) mod credentials;
pub(crate) mod discriminators;
pub(crate) mod format;
pub(crate) mod headers;
pub(crate) mod lifecycle;
pub(crate) mod links;
pub(crate) mod media;
pub(crate) mod message;
pub(crate) mod naming;
pub(crate) mod object;
pub(crate) mod operations;
pub(crate) mod parameters;
pub(crate) mod presence;
pub(crate) mod references;
pub(crate) mod responses;
pub(crate) mod security;
pub(crate) mod servers;
pub(crate) mod statuses;
pub(crate) mod union;
pub(crate) mod values;
pub(crate) mod wire;
pub(crate) mod xml;
