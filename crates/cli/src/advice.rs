//! Advice on how to handle a finding.

use openapi_drift::{Direction, Level};

use crate::report::Finding;
use crate::words::Words;

/// Returns one sentence of advice for a finding.
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
            let what = first_step(rule).unwrap_or("reads the new answer");
            format!("release a client that {what} before it reaches production: {mend}")
        }
        (Level::Breaking, _) => {
            let what = first_step(rule).map_or_else(|| format!("sends what {revision} asks for"), str::to_owned);
            format!("release a client that {what} before this reaches production: {mend}; ask the vendor for the date")
        }
        (Level::Risky, Some(Direction::Response)) if is_open_enum(rule) => format!(
            "see that your code goes on with a value that it does not know; if it does, accept it in {policy} with a reason"
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

/// The first thing that a client has to change for a breaking finding of this rule, worded to follow "a client that".
/// `None` if the rule gives no more advice than its level.
fn first_step(rule: &str) -> Option<&'static str> {
    Some(match rule {
        "parameter-required-added" | "parameter-became-required" => "always sends the parameter",
        "request-body-required-added" | "request-body-became-required" => "always sends a body",
        "request-property-required-added" | "request-property-became-required" => "always sends the property",
        "request-property-refused" | "request-undeclared-name-refused" => "no longer sends the property",
        "request-enum-value-refused" | "request-enum-closed" => "stops sending those values",
        "request-value-refused" | "parameter-restricted" => "keeps to the new limit",
        "request-null-refused" => "leaves the value out instead of sending null",
        "request-media-type-refused" => "sends another media type",
        "security-required" | "security-alternative-lost" | "security-scope-required" => {
            "brings the credentials"
        }
        "response-null-unreadable" => "reads null there",
        "response-property-became-optional" | "response-required-property-removed" => {
            "reads the answer without the property"
        }
        "response-header-required-lost" => "does without the header",
        "response-body-lost" => "does without the body",
        "response-alternative-unreadable" => "reads the new alternative",
        "response-type-unreadable" => "reads the new type",
        "response-property-refused" => "reads the answer with the property",
        "response-media-type-lost" => "asks for another media type",
        _ => return None,
    })
}

/// Whether the rule reports values in a response that were not listed before.
fn is_open_enum(rule: &str) -> bool {
    matches!(
        rule,
        "response-enum-value-added" | "response-enum-opened" | "extensible-enum-value-added"
    )
}

/// The remedy for a finding, in two or three words.
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

#[cfg(test)]
mod tests {
    use openapi_drift::rules;

    use super::{first_step, is_open_enum};

    #[test]
    fn advice_is_for_rules_that_there_are() {
        let source = include_str!("advice.rs");
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let known: Vec<&str> = rules().iter().map(|rule| rule.id).collect();
        let named = code
            .split('"')
            .filter(|text| text.contains('-') && !text.contains(' '));
        for id in named {
            let is_prefix = known.iter().any(|rule| rule.starts_with(id));
            assert!(is_prefix, "{id} is no rule");
        }
        assert!(first_step("response-null-unreadable").is_some() && is_open_enum("response-enum-opened"));
    }
}
