//! What the real client does when the service behaves as staging describes.

mod call;
mod contract;
mod server;

use openapi_drift::{Direction, Document, Level};
use serde::Serialize;
use serde_json::Value;

use call::Answered;
use contract::{Contract, Refusal};
use server::{Behaviour, Server};

use super::report::Finding;

/// Calls the real client for each finding that touches an operation it has.
///
/// # Errors
/// When no server can be opened on this machine.
pub(crate) fn replay(findings: &mut [Finding], staging: &Document) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        for finding in findings {
            let calls = calls(finding, staging).await?;
            if let Some(outcome) = calls.iter().map(|call| call.outcome).min() {
                soften(finding, outcome);
                finding.replay = Some(Replay { outcome, calls });
            }
        }
        Ok(())
    })
}

async fn calls(finding: &Finding, staging: &Document) -> std::io::Result<Vec<Call>> {
    let mut calls: Vec<Call> = Vec::new();
    for touched in &finding.operations {
        let Some(operation) = touched.name.as_deref().filter(|name| call::KNOWN.contains(name)) else {
            continue;
        };
        // One call for an operation, however many of its answers show the same drift.
        let known = calls
            .iter()
            .any(|call| call.operation == operation && call.outcome != Outcome::NotReplayed);
        if known {
            continue;
        }
        let (outcome, detail) = match (finding.direction, &touched.message) {
            (Some(Direction::Request), message) => {
                let server = Server::open(Behaviour::Validate(Contract::new(staging, touched))).await?;
                let answered = call::call(operation, &server.address, message.as_deref()).await;
                request_outcome(&server.refusals(), &touched.at, &answered)
            }
            (Some(Direction::Response), Some(message)) => {
                let server = Server::open(Behaviour::Answer((**message).clone())).await?;
                let answered = call::call(operation, &server.address, None).await;
                response_outcome(message, &answered)
            }
            _ => continue,
        };
        calls.push(Call {
            operation: operation.to_owned(),
            outcome,
            detail,
        });
    }
    Ok(calls)
}

/// What staging's contract said to the client's request, as far as it is this finding's concern.
fn request_outcome(refusals: &[Refusal], at: &str, answered: &Answered) -> (Outcome, String) {
    let concerns = |refusal: &&Refusal| refusal.at.starts_with(at) || at.starts_with(&refusal.at);
    let reasons: Vec<&str> = refusals
        .iter()
        .filter(concerns)
        .map(|refusal| refusal.why.as_str())
        .collect();
    match &answered.result {
        _ if answered.unsendable => (
            Outcome::NotReplayed,
            "the client has no way to send such a request".to_owned(),
        ),
        Err(error) if !reasons.is_empty() => (
            Outcome::Fails,
            format!(
                "staging refuses the request: {}; the client reports: {error}",
                reasons.join("; ")
            ),
        ),
        _ => (
            Outcome::Unaffected,
            "staging takes the request as the client sends it".to_owned(),
        ),
    }
}

fn response_outcome(message: &Value, answered: &Answered) -> (Outcome, String) {
    let status = message["status"].as_u64().unwrap_or(200);
    let noticed = answered.noticed.join(", ");
    match &answered.result {
        Err(error) if status < 300 => (Outcome::Fails, error.clone()),
        Err(error) if noticed.is_empty() => {
            (Outcome::Unaffected, format!("the caller gets the error: {error}"))
        }
        Err(error) => (
            Outcome::Tolerates,
            format!("it notices {noticed}; the caller gets the error: {error}"),
        ),
        Ok(()) if noticed.is_empty() => (
            Outcome::Unaffected,
            "the answer is read, and nothing is noticed".to_owned(),
        ),
        Ok(()) => (
            Outcome::Tolerates,
            format!("the answer is read; it notices {noticed}"),
        ),
    }
}

/// An answer that every call of the real client survives breaks no deployed client.
fn soften(finding: &mut Finding, outcome: Outcome) {
    let survived = matches!(outcome, Outcome::Tolerates | Outcome::Unaffected);
    if finding.level == Level::Breaking && finding.direction == Some(Direction::Response) && survived {
        finding.level = Level::Risky;
        finding.level_because =
            Some("breaking by the documents alone; the real client reads the answer all the same".to_owned());
    }
}

/// What happened when the client met a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Replay {
    /// The worst of the calls.
    pub(crate) outcome: Outcome,
    pub(crate) calls: Vec<Call>,
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
#[allow(
    dead_code,
    reason = "the report reserves the words; no finding is replayed yet"
)]
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

impl Outcome {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::Tolerates => "tolerates",
            Self::Unaffected => "unaffected",
            Self::NotReplayed => "not replayed",
        }
    }
}
