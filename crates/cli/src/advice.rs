//! What a reader can do about a finding.

use openapi_drift::{Direction, Level};

use crate::report::Finding;
use crate::words::Words;

/// One sentence of advice for a finding.
pub fn advice(finding: &Finding, words: &Words) -> String {
    let rule = finding.rule.as_str();
    let (mend, policy) = (words.mend, words.policy);
    let revision = Words::definite(words.revision);
    match (finding.level, finding.direction) {
        _ if rule.starts_with("reference-unresolved") => {
            "tell the vendor: the document refers to a place that it does not hold, so nothing is known about it"
                .to_owned()
        }
        _ if rule == "schema-admits-nothing" => {
            "tell the vendor: no value can satisfy this schema, so the document says nothing about what is sent".to_owned()
        }
        _ if finding.undecided.is_some() => {
            "compare the two places by hand: no verdict was reached either way".to_owned()
        }
        _ if rule == "operation-removed" => {
            format!("stop calling it before what {revision} says reaches production")
        }
        (Level::Breaking, Some(Direction::Response)) => {
            format!("release a client that reads the new answer before it reaches production: {mend}")
        }
        (Level::Breaking, _) => format!(
            "release a client that sends what {revision} asks for before this reaches production: {mend}; ask the vendor \
             for the date"
        ),
        (Level::Risky, Some(Direction::Response)) => {
            format!("look at code that depends on it; if nothing does, accept it in {policy} with a reason")
        }
        (Level::Risky, _) => {
            format!("ask the vendor what is meant; if your callers never do this, accept it in {policy} with a reason")
        }
        (Level::Additive, _) => format!("nothing to do; {}", words.adopt),
        (Level::Cosmetic, _) => "nothing to do".to_owned(),
    }
}

/// What mends a finding, in two or three words.
pub fn mended_by(finding: &Finding) -> &'static str {
    let rule = finding.rule.as_str();
    if rule.starts_with("reference-unresolved") || rule == "schema-admits-nothing" {
        return "the vendor";
    }
    match finding.level {
        _ if finding.undecided.is_some() => "a look by hand",
        Level::Breaking => "a release",
        Level::Risky => "a look",
        Level::Additive | Level::Cosmetic => "nothing",
    }
}
