//! From two documents to a judged report: compare, replay, build, apply the policy. No clock, no network but loopback.

use jiff::civil::Date;
use openapi_drift::{Level, Operation, Options, Step, compare};
use ratio_spec::Pin;

use super::api_diff;
use super::document::Loaded;
use super::excerpt::excerpt;
use super::help::help;
use super::policy::Policy;
use super::report::{Counts, FailOn, Finding, Report, SCHEMA, Scope};
use super::{document, replay};

/// How the documents are judged.
pub(crate) struct Settings {
    pub(crate) scope: Scope,
    pub(crate) fail_on: FailOn,
    /// Whether the real client is called.
    pub(crate) replay: bool,
    pub(crate) today: Date,
}

/// Compares what staging serves with the pin, and judges what it finds.
pub(crate) fn check(
    pinned: &Loaded,
    staging: &Loaded,
    pin: &Pin,
    policy: &Policy,
    settings: &Settings,
) -> std::io::Result<Report> {
    let mut options = Options::default();
    options.scope = match settings.scope {
        Scope::All => openapi_drift::Scope::All,
        Scope::Bank => openapi_drift::Scope::Operations(pin.operations().iter().map(operation).collect()),
    };
    if settings.scope == Scope::Bank {
        // Each place at which a finding is met is replayed.
        options.messages = usize::MAX;
    }
    let compared = compare(&pinned.document, &staging.document, &options);
    let mut findings = judged(compared.findings, pinned, staging);
    let mut rust = None;
    // The client is built from the pin's operations: beyond them there is nothing to call or to generate.
    if settings.scope == Scope::Bank {
        if settings.replay {
            replay::replay(&mut findings, &pinned.document, &staging.document)?;
        }
        let mut api_diff = api_diff::between(pinned, staging, pin);
        api_diff::attribute(&mut api_diff, &mut findings, pin);
        rust = Some(api_diff);
    }
    for finding in &mut findings {
        finding.help = help(finding);
    }
    let remarks = policy.apply(&mut findings, settings.today);
    let mut report = Report {
        schema: SCHEMA,
        pinned: pinned.origin.clone(),
        staging: staging.origin.clone(),
        scope: settings.scope,
        fail_on: settings.fail_on,
        failed: false,
        verdict: None,
        semver: Step::None,
        counts: Counts::default(),
        findings,
        rust,
        policy: remarks,
    };
    report.conclude();
    Ok(report)
}

fn operation(operation: &ratio_spec::Operation) -> Operation {
    Operation {
        method: operation.method.clone(),
        path: operation.path.clone(),
        name: Some(operation.name.clone()),
    }
}

/// Gives each finding what the comparison does not know: an id, lines, an excerpt.
fn judged(found: Vec<openapi_drift::Finding>, pinned: &Loaded, staging: &Loaded) -> Vec<Finding> {
    let at = |loaded: &Loaded, pointer: &Option<String>| {
        let pointer = pointer.as_deref()?;
        loaded
            .document
            .at(pointer)
            .and_then(|it| serde_json::to_value(it).ok())
    };
    found
        .into_iter()
        .map(|finding| Finding {
            id: id(&finding),
            level: finding.level,
            level_because: None,
            pinned_line: {
                let at = finding.base_at.as_deref();
                at.and_then(|at| pinned.document.location(at)).map(|it| it.line)
            },
            excerpt: {
                // A place that is gone is paired with what used to hold it, which would show as one great change.
                let holds = |whole: &Option<String>, part: &Option<String>| {
                    let below = part
                        .as_deref()
                        .and_then(|part| part.strip_prefix(whole.as_deref()?));
                    below.is_some_and(|below| below.starts_with('/'))
                };
                let gone = holds(&finding.revision_at, &finding.base_at);
                let new = holds(&finding.base_at, &finding.revision_at);
                excerpt(
                    at(pinned, &finding.base_at).filter(|_| !new).as_ref(),
                    at(staging, &finding.revision_at).filter(|_| !gone).as_ref(),
                    finding.level == Level::Cosmetic,
                )
            },
            help: String::new(),
            rule: finding.rule,
            title: finding.title,
            direction: finding.direction,
            operations: finding.operations,
            pinned_at: finding.base_at,
            staging_at: finding.revision_at,
            witness: finding.witness,
            undecided: finding.undecided,
            accepted: None,
            replay: None,
            rust: Vec::new(),
        })
        .collect()
}

/// What identifies a finding from run to run: its rule, its places and what it says.
fn id(finding: &openapi_drift::Finding) -> String {
    let place = |at: &Option<String>| at.clone().unwrap_or_default();
    let key = [
        finding.rule.clone(),
        place(&finding.base_at),
        place(&finding.revision_at),
        finding.title.clone(),
    ];
    document::sha256(key.join("\0").as_bytes())[..12].to_owned()
}
