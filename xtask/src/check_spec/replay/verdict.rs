//! The outcome of a call.

use openapi_drift_cli::report::Outcome;

/// The outcome of a call, with a description.
pub(super) type Verdict = (Outcome, String);

pub(super) fn not_replayed(why: &str) -> Verdict {
    (Outcome::NotReplayed, why.to_owned())
}
