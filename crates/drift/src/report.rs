//! What a comparison says: a [`Report`] of [`Finding`]s, each with a [`Level`] and, where it can be proved, a [`Witness`].

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How much a finding matters to a caller that was built from the pinned document, most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A deployed client sends a request that staging refuses, or gets an answer it cannot read.
    Breaking,
    /// Nothing is proven to fail, yet callers may notice.
    Risky,
    /// Something new that an old client never meets.
    Additive,
    /// Prose, examples, ordering, names of components.
    Cosmetic,
}

/// Which way the values of a schema travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From caller to service: staging must accept all that the pin lets callers send.
    Request,
    /// From service to caller: the pin must accept all that staging may send.
    Response,
}

/// One of the two documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The document the client was built from.
    Pin,
    /// The document the vendor serves now.
    Staging,
}

/// A concrete value that one document allows and the other refuses at the places a finding names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Witness {
    /// The value, an instance at `pinned_at` and `staging_at` of its finding.
    pub value: Value,
    /// The document whose schema accepts it.
    pub accepted_by: Side,
    /// The document whose schema refuses it.
    pub rejected_by: Side,
    /// Why it is refused, in one sentence.
    pub because: String,
}
