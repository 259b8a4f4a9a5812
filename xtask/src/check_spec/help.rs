//! What a reader can do about a finding.

use openapi_drift::{Direction, Level};

use super::replay::{self, UNSENDABLE};
use super::report::Finding;

/// One sentence of advice for a finding, once it is replayed.
pub(crate) fn help(finding: &Finding) -> String {
    if let Some(setting) = replay::setting(finding) {
        return format!(
            "set `{setting}` in every deployed client before this reaches production; that takes no new release of \
             this crate"
        );
    }
    let rule = finding.rule.as_str();
    let calls = finding.replay.iter().flat_map(|replay| &replay.calls);
    let unsendable = finding.replay.is_some() && calls.into_iter().all(|call| call.detail == UNSENDABLE);
    let advice = match (finding.level, finding.direction) {
        _ if rule.starts_with("reference-unresolved") => {
            "tell the vendor: the document refers to a place that it does not hold, so nothing is known about it"
        }
        _ if rule == "schema-admits-nothing" => {
            "tell the vendor: no value can satisfy this schema, so the document says nothing about what is sent"
        }
        _ if finding.undecided.is_some() => {
            "compare the two places by hand: no verdict was reached either way"
        }
        _ if rule == "operation-removed" => {
            "stop calling it before staging's behaviour reaches production; then remove it from spec/pin.toml"
        }
        (Level::Breaking, _) if unsendable => {
            "this client never sends such a value: when nothing else of yours calls Ratio, accept it in \
             spec/drift.toml with that reason"
        }
        (Level::Breaking, Some(Direction::Response)) => {
            "release a client that reads the new answer before it reaches production: `cargo xtask pin-spec`, then \
             mend what no longer compiles"
        }
        (Level::Breaking, _) => {
            "release a client that sends what staging asks for before this reaches production: `cargo xtask \
             pin-spec`, then mend what no longer compiles; ask the vendor for the date"
        }
        (Level::Risky, Some(Direction::Response)) => {
            "look at code that depends on it; if nothing does, accept it in spec/drift.toml with a reason"
        }
        (Level::Risky, _) => {
            "ask the vendor what is meant; if your callers never do this, accept it in spec/drift.toml with a reason"
        }
        (Level::Additive, _) => "nothing to do; `cargo xtask pin-spec` makes it available to callers",
        (Level::Cosmetic, _) => "nothing to do",
    };
    advice.to_owned()
}
