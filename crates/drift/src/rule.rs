//! The description of one kind of drift.

use std::fmt;

use crate::report::Level;

/// One kind of drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Name in kebab-case, stable across versions because policies refer to it.
    pub id: &'static str,
    /// The severity of the rule's findings.
    pub level: Level,
    /// Who notices the drift.
    pub affects: Affects,
    /// The meaning of the drift, in one to three sentences.
    pub explanation: &'static str,
    /// What those who are affected can do, in one or two sentences.
    pub mend: &'static str,
    /// Numbers of the sections of `docs/readings.md` that the rule depends on.
    pub readings: &'static [u8],
}

/// The people and programs that notice a drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Affects {
    /// Callers of an operation.
    Callers,
    /// Whoever sends a message: callers, or services that answer a webhook or callback.
    Senders,
    /// Whoever reads a message: callers, or services that receive a webhook or callback.
    Readers,
    /// Whoever sends or reads a message.
    Both,
    /// Services that receive webhooks and callbacks.
    Receivers,
    /// Developers who read the document or generate code from it.
    Developers,
    /// Nobody.
    Nobody,
}

impl fmt::Display for Affects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Callers => "callers of the operation",
            Self::Senders => "callers that send requests, and services that answer webhooks and callbacks",
            Self::Readers => "callers that read responses, and services that receive webhooks and callbacks",
            Self::Both => "whoever sends or reads the message",
            Self::Receivers => "services that receive webhooks and callbacks",
            Self::Developers => "developers who read the document or generate code from it",
            Self::Nobody => "nobody",
        })
    }
}
