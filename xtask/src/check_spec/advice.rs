//! Advice on a finding after its replay.

use openapi_drift::Level;
use openapi_drift_cli::report::Finding;
use openapi_drift_cli::{Words, advice, mended_by};

use super::replay::{self, UNSENDABLE};

/// Sets the advice of a finding, as a sentence and in short form.
pub(crate) fn advise(finding: &mut Finding) {
    let (help, by) = special(finding).unwrap_or_else(|| {
        let general = advice(finding, &Words::CHECK_SPEC);
        (general, mended_by(finding))
    });
    finding.help = help;
    finding.mended_by = by;
}

/// Advice that is specific to this repository.
fn special(finding: &Finding) -> Option<(String, &'static str)> {
    if let Some(setting) = replay::setting(finding) {
        let help = format!(
            "set `{setting}` in every deployed client before this reaches production; that takes no new release of \
             this crate"
        );
        return Some((help, "a setting"));
    }
    if finding.rule == "operation-removed" {
        let help = "stop calling it before staging's behaviour reaches production; then remove it from spec/pin.toml";
        return Some((help.to_owned(), "a release"));
    }
    let calls = finding.replay.iter().flat_map(|replay| &replay.calls);
    let unsendable = finding.replay.is_some() && calls.into_iter().all(|call| call.detail == UNSENDABLE);
    if finding.level == Level::Breaking && finding.undecided.is_none() && unsendable {
        let help = "this client never sends such a value: when nothing else of yours calls Ratio, accept it in \
                    spec/drift.toml with that reason";
        return Some((help.to_owned(), "an acceptance"));
    }
    None
}
