//! What the real client does when the service behaves as staging describes.

use openapi_drift::Document;
use serde::Serialize;

use super::report::Finding;

/// Calls the real client for each finding.
pub(crate) fn replay(_findings: &mut [Finding], _staging: &Document) {}

/// What happened when the client met a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Replay {
    /// The worst of the calls.
    pub(crate) outcome: Outcome,
    pub(crate) calls: Vec<Call>,
}

/// One call of the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Call {
    /// The operation's Rust name.
    pub(crate) operation: String,
    pub(crate) outcome: Outcome,
    /// The client's error, the drift it noticed, or why there was nothing to call.
    pub(crate) detail: String,
}

/// How the client took it, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// The call failed.
    Fails,
    /// The call went well, and the client noticed the drift.
    Tolerates,
    /// The call went well, and nothing was noticed.
    Unaffected,
    /// There is nothing that the client could be made to send or read.
    NotReplayed,
}

impl Outcome {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::Tolerates => "tolerates",
            Self::Unaffected => "unaffected",
            Self::NotReplayed => "not replayed",
        }
    }
}
