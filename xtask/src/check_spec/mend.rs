//! What a reader can do about a finding.

use openapi_drift::{Direction, Level};

/// One sentence of advice for a finding of `rule`.
pub(crate) fn mend(rule: &str, level: Level, direction: Option<Direction>, undecided: bool) -> String {
    let advice = match (level, direction) {
        _ if rule.starts_with("reference-unresolved") => {
            "tell the vendor: the document refers to a place that it does not hold, so nothing is known about it"
        }
        _ if rule == "schema-admits-nothing" => {
            "tell the vendor: no value can satisfy this schema, so the document says nothing about what is sent"
        }
        _ if undecided => "compare the two places by hand: no verdict was reached either way",
        _ if rule == "operation-removed" => {
            "stop calling it before staging's behaviour reaches production; then remove it from spec/pin.toml"
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
