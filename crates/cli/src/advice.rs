//! Advice on how to handle a finding.

use openapi_drift::{Direction, Level};

use crate::report::Finding;
use crate::words::Words;

/// Returns one sentence of advice for a finding.
pub fn advice(finding: &Finding, words: &Words) -> String {
    let (mend, policy) = (words.mend, words.policy);
    let rule = openapi_drift::rule(&finding.rule);
    let what = as_clause(rule.map_or("Compare the two places by hand.", |rule| rule.mend));
    match (finding.level, finding.direction) {
        _ if is_mistake(finding) => what,
        _ if finding.undecided.is_some() => {
            "compare the two places by hand: no verdict was reached either way".to_owned()
        }
        (Level::Breaking, direction) => {
            let date = match direction {
                Some(Direction::Response) => "",
                _ => "; ask the vendor for the date",
            };
            format!("{what}; release a client that does so before this reaches production: {mend}{date}")
        }
        (Level::Risky, _) => {
            format!("{what}; if your callers are not affected, accept it in {policy} with a reason")
        }
        (Level::Additive, _) => format!("nothing to do; {}", words.adopt),
        (Level::Cosmetic, _) => "nothing to do".to_owned(),
    }
}

/// A sentence, worded for the beginning of a longer one: without its capital letter and its full stop.
fn as_clause(sentence: &str) -> String {
    let mut clause = sentence.trim_end_matches('.').to_owned();
    if let Some(first) = clause.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    clause
}

/// Whether the finding is about a mistake in the document, which only the vendor can correct.
fn is_mistake(finding: &Finding) -> bool {
    let rule = finding.rule.as_str();
    rule.starts_with("reference-unresolved") || rule == "schema-admits-nothing"
}

/// The remedy for a finding, in two or three words.
pub fn mended_by(finding: &Finding) -> &'static str {
    match finding.level {
        _ if is_mistake(finding) => "the vendor",
        _ if finding.undecided.is_some() => "a look by hand",
        Level::Breaking => "a release",
        Level::Risky => "a look",
        Level::Additive | Level::Cosmetic => "nothing",
    }
}
