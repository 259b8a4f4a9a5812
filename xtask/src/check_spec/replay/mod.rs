//! What the real client does when the service behaves as staging describes.

mod answer;
mod call;
mod message;
mod request;
mod server;
mod service;

use openapi_drift::{Direction, Document, Level, Touched};
use serde::Serialize;

pub(crate) use request::UNSENDABLE;
use server::Server;
use service::Service;

use super::report::Finding;

/// Headers that a deployed client sends when its owner set them, by their place in a request, and how.
const SETTINGS: [(&str, &str); 2] = [
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

fn past(setting: &str) -> String {
    format!("; a client that sets `{setting}` gets past this")
}

/// How a call ended, and what there is to say about it.
type Verdict = (Outcome, String);

fn not_replayed(why: &str) -> Verdict {
    (Outcome::NotReplayed, why.to_owned())
}

/// Calls the real client for each finding that touches an operation it has.
///
/// # Errors
/// When no server can be opened on this machine.
pub(crate) fn replay(findings: &mut [Finding], pinned: &Document, staging: &Document) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut replaying = Replaying {
            server: Server::open().await?,
            pinned: Service::new(pinned),
            staging: Service::new(staging),
        };
        for finding in findings {
            let verdicts = replaying.finding(finding).await;
            soften(finding, &verdicts);
            finding.replay = Replay::of(verdicts);
        }
        Ok(())
    })
}

struct Replaying<'d> {
    server: Server,
    pinned: Service<'d>,
    staging: Service<'d>,
}

impl Replaying<'_> {
    /// One verdict for each operation and place at which the finding is met.
    async fn finding(&mut self, finding: &Finding) -> Vec<(String, Verdict)> {
        let mut verdicts = Vec::new();
        let Some(direction) = finding.direction else {
            return verdicts;
        };
        for touched in &finding.operations {
            let Some(name) = touched.name.as_deref() else {
                continue;
            };
            let verdict = if call::KNOWN.contains(&name) {
                self.touched(finding, direction, name, touched).await
            } else {
                not_replayed("the client on this machine does not have it")
            };
            verdicts.push((name.to_owned(), verdict));
        }
        verdicts
    }

    async fn touched(
        &mut self,
        finding: &Finding,
        direction: Direction,
        name: &str,
        touched: &Touched,
    ) -> Verdict {
        let Self {
            server,
            pinned,
            staging,
        } = self;
        match direction {
            Direction::Request => {
                let proved = finding.level == Level::Breaking || finding.witness.is_some();
                request::replay(server, staging, name, touched, proved).await
            }
            Direction::Response => answer::replay(server, (pinned, staging), name, finding, touched).await,
        }
    }
}

/// An answer breaks no deployed client when the real one reads it, wherever it can be met. What was not called proves
/// nothing.
fn soften(finding: &mut Finding, verdicts: &[(String, Verdict)]) {
    let survived = |outcome| matches!(outcome, Outcome::Tolerates | Outcome::Unaffected);
    let everywhere = verdicts.len() == finding.operations.len()
        && !verdicts.is_empty()
        && verdicts.iter().all(|(_, (outcome, _))| survived(*outcome));
    if finding.level == Level::Breaking && finding.direction == Some(Direction::Response) && everywhere {
        finding.level = Level::Risky;
        finding.level_because = Some(
            "breaking by the documents alone, but the real client reads each answer that shows it".to_owned(),
        );
    }
}

/// What happened when the client met a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Replay {
    /// The worst of the calls.
    pub(crate) outcome: Outcome,
    /// One for each operation, its worst.
    pub(crate) calls: Vec<Call>,
}

impl Replay {
    fn of(verdicts: Vec<(String, Verdict)>) -> Option<Self> {
        let mut calls: Vec<Call> = Vec::new();
        for (operation, (outcome, detail)) in verdicts {
            let call = Call {
                operation,
                outcome,
                detail,
            };
            match calls.iter_mut().find(|known| known.operation == call.operation) {
                Some(known) if call.outcome < known.outcome => *known = call,
                Some(_) => {}
                None => calls.push(call),
            }
        }
        let outcome = calls.iter().map(|call| call.outcome).min()?;
        Some(Self { outcome, calls })
    }
}

/// One call of the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Call {
    /// The operation's Rust name.
    pub(crate) operation: String,
    pub(crate) outcome: Outcome,
    /// The client's error, the drift it noticed, or why there was nothing to call.
    pub(crate) detail: String,
}

/// How the client took it, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// The call failed.
    Fails,
    /// The call went well, and the client noticed the drift.
    Tolerates,
    /// The call went well, and nothing was noticed.
    Unaffected,
    /// There is nothing that the client could be made to send or read.
    NotReplayed,
}
