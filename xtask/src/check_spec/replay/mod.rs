//! Replays findings: calls the real client against a server that behaves as staging's document describes.

mod answer;
mod call;
mod message;
mod request;
mod server;
mod service;
mod settings;
mod verdict;

use openapi_drift::{Direction, Document, Level, Touched};

pub(crate) use request::UNSENDABLE;
use server::Server;
use service::Service;
pub(crate) use settings::setting;
use verdict::{Verdict, not_replayed};

use openapi_drift_cli::report::{Call, Finding, Outcome, Replay};

/// Maximum number of calls for one report, since each is a request over the local network.
const MOST_CALLS: usize = 300;

/// Calls the real client for each finding that affects one of its operations.
///
/// # Errors
/// When no local server can be started.
pub(crate) fn replay(findings: &mut [Finding], pinned: &Document, staging: &Document) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut replaying = Replaying {
            server: Server::open().await?,
            pinned: Service::new(pinned),
            staging: Service::new(staging),
            left: MOST_CALLS,
        };
        for finding in findings {
            let verdicts = replaying.finding(finding).await;
            soften(finding, &verdicts);
            finding.replay = summed_up(verdicts);
        }
        Ok(())
    })
}

struct Replaying<'d> {
    server: Server,
    pinned: Service<'d>,
    staging: Service<'d>,
    /// Number of calls that may still be made.
    left: usize,
}

impl Replaying<'_> {
    /// Returns one verdict for each operation and place at which the finding is met.
    async fn finding(&mut self, finding: &Finding) -> Vec<(String, Verdict)> {
        let mut verdicts = Vec::new();
        let Some(direction) = finding.direction else {
            return verdicts;
        };
        for touched in &finding.operations {
            let Some(name) = touched.endpoint.name.as_deref() else {
                continue;
            };
            let verdict = if self.left == 0 {
                not_replayed("the client was called for others so often that this report has enough of it")
            } else if call::KNOWN.contains(&name) {
                self.left -= 1;
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
            ..
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

/// Lowers a breaking finding about responses to risky if the real client can read the response of every affected
/// operation. Operations that were not called prove nothing.
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

/// Keeps the worst call of each operation.
fn summed_up(verdicts: Vec<(String, Verdict)>) -> Option<Replay> {
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
    Some(Replay { outcome, calls })
}
