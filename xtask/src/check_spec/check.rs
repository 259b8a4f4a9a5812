//! Makes the report from two documents: compares, replays, generates, and applies the policy. It does not use the
//! clock, and no network except loopback.

use jiff::civil::Date;
use openapi_drift::{Operation, Options};
use openapi_drift_cli::report::{FailOn, Report};
use openapi_drift_cli::{Loaded, Policy, Settings as Judged, Words, findings, judge};
use ratio_spec::Pin;

use super::advice::advise;
use super::args::Scope;
use super::{api_diff, replay};
use crate::workspace;

/// Settings for the check.
pub(crate) struct Settings {
    pub(crate) scope: Scope,
    pub(crate) fail_on: FailOn,
    /// Whether findings are replayed with the real client.
    pub(crate) replay: bool,
    pub(crate) today: Date,
}

/// Compares staging's document with the pin, and judges the findings.
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
        // Replay each place at which a finding is met.
        options.messages = usize::MAX;
    }
    // The client is built from the pin's operations, so other operations cannot be called or generated.
    let is_bank = settings.scope == Scope::Bank;
    let (mut found, mut rust) = std::thread::scope(|scope| {
        // Generation runs in other processes at the same time, since it takes as long as the rest of the check.
        let rust = is_bank.then(|| scope.spawn(|| api_diff::between(pinned, staging, pin)));
        let mut found = findings(pinned, staging, &options);
        let replayed = if is_bank && settings.replay {
            replay::replay(&mut found.findings, &pinned.document, &staging.document)
        } else {
            Ok(())
        };
        let rust = rust.map(api_diff::joined);
        replayed.map(|()| (found, rust))
    })?;
    if let Some(api_diff) = &mut rust {
        api_diff::attribute(api_diff, &found.findings, pin);
        let public = api_diff::Public::read(&workspace::root().join("src"));
        api_diff::publish(api_diff, &mut found.findings, &public);
    }
    found.findings.iter_mut().for_each(advise);
    let mut judged = Judged::new(Words::CHECK_SPEC, settings.fail_on, settings.today);
    judged.scope = settings.scope.as_str();
    Ok(judge((pinned, staging), found, rust, policy, &judged))
}

fn operation(operation: &ratio_spec::Operation) -> Operation {
    Operation {
        method: operation.method.clone(),
        path: operation.path.clone(),
        name: Some(operation.name.clone()),
    }
}
