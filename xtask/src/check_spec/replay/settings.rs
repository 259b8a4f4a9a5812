//! Settings of the client with which deployed clients can avoid a finding.

use openapi_drift_cli::report::Finding;

/// Headers that a deployed client sends if they are configured: their places in a request, and the setting for each.
pub(super) const SETTINGS: [(&str, &str); 2] = [
    ("/headers/ratio-client-secret", "ClientBuilder::client_secret"),
    ("/headers/ratio-device-fingerprint", "Session::with_device"),
];

/// The setting with which deployed clients avoid a finding without a new release, if the replay showed this.
pub(crate) fn setting(finding: &Finding) -> Option<&'static str> {
    let first = finding.operations.first()?;
    let (_, setting) = SETTINGS.iter().find(|(at, _)| *at == &*first.at)?;
    let calls = &finding.replay.as_ref()?.calls;
    calls
        .iter()
        .all(|call| call.detail.ends_with(&past(setting)))
        .then_some(setting)
}

pub(super) fn past(setting: &str) -> String {
    format!("; a client that sets `{setting}` gets past this")
}
