//! Settings of the client by which deployed ones get past a finding.

use openapi_drift_cli::report::Finding;

/// Headers that a deployed client sends when its owner set them, by their place in a request, and how.
pub(super) const SETTINGS: [(&str, &str); 2] = [
    ("/headers/ratio-client-secret", "ClientBuilder::client_secret"),
    ("/headers/ratio-device-fingerprint", "Session::with_device"),
];

/// The setting by which deployed clients get past a finding without a new release, where the replay showed that.
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
