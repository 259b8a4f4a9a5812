//! What became of one call.

use openapi_drift_cli::report::Outcome;

/// How a call ended, and what there is to say about it.
pub(super) type Verdict = (Outcome, String);

pub(super) fn not_replayed(why: &str) -> Verdict {
    (Outcome::NotReplayed, why.to_owned())
}
