//! Replaying what is said of requests: the client sends one, and staging's document is asked whether it takes it.

use openapi_drift::{Refusal, Touched};
use ratio_bank::{AchKind, FiatAmount};
use serde_json::Value;

use super::call::{Inputs, call};
use super::refusal::concerns;
use super::server::{Reply, Seen, Server};
use super::service::Service;
use super::{Outcome, SETTINGS, Verdict, not_replayed, past};

/// What there is to say when the client's types rule out what the documents allow.
pub(crate) const UNSENDABLE: &str = "the client has no way to send this value; what it does send is taken";

/// Calls an operation the way a finding's message does, and says what staging has against it at the finding's place.
pub(super) async fn replay(
    server: &mut Server,
    staging: &mut Service<'_>,
    operation: &str,
    touched: &Touched,
    proved: bool,
) -> Verdict {
    let message = touched.message.as_deref();
    let Some(inputs) = Inputs::of(&touched.path, message) else {
        return not_replayed("the client has no way to send such a request");
    };
    let mut shown = message.is_none();
    for inputs in variants(operation, &touched.at, inputs) {
        let (sent, error) = match send(server, staging, operation, touched, &inputs).await {
            Ok(sent) => sent,
            Err(why) => return not_replayed(&why),
        };
        let reasons = reasons(&sent.refusals, &touched.at);
        if !reasons.is_empty() {
            let mut detail = format!(
                "staging refuses the request: {}; the client reports: {error}",
                reasons.join("; ")
            );
            detail.push_str(&remedy(server, staging, operation, touched, &inputs).await);
            return (Outcome::Fails, detail);
        }
        shown |= shows(&sent.seen, &sent.captured, message, &touched.at);
    }
    match (shown, proved) {
        (true, false) => (
            Outcome::Unaffected,
            "staging takes the request as the client sends it".to_owned(),
        ),
        (true, true) => not_replayed("the check of requests on this machine cannot tell the difference"),
        (false, _) => not_replayed(UNSENDABLE),
    }
}

/// A request that was sent, and what staging has against it.
struct Sent {
    seen: Seen,
    captured: Vec<String>,
    refusals: Vec<Refusal>,
}

async fn send(
    server: &mut Server,
    staging: &mut Service<'_>,
    operation: &str,
    touched: &Touched,
    inputs: &Inputs,
) -> Result<(Sent, String), String> {
    let mut sent = None;
    let address = server.address.clone();
    let answered = server
        .during(call(operation, &address, inputs), |mut seen| {
            touched.path.as_ref().clone_into(&mut seen.pinned);
            let judged = staging.request_refusals(&seen);
            let reply = match &judged {
                Ok((status, refusals)) if !refusals.is_empty() => {
                    Reply::refusing(*status, "refused by staging's document")
                }
                // What the client makes of the answer is no concern of a request.
                _ => Reply::refusing(503, "taken by staging's document"),
            };
            sent = Some(judged.map(|(_, refusals)| {
                let captured = staging.route(&seen.method, &seen.path);
                Sent {
                    captured: captured.map(|(_, captured)| captured).unwrap_or_default(),
                    seen,
                    refusals,
                }
            }));
            reply
        })
        .await;
    let error = answered.result.err().unwrap_or_default();
    match sent {
        Some(Ok(sent)) => Ok((sent, error)),
        Some(Err(why)) => Err(format!(
            "staging's document cannot be used to judge requests: {why}"
        )),
        None => Err(format!("the client sends nothing: {error}")),
    }
}

fn reasons<'r>(refusals: &'r [Refusal], at: &str) -> Vec<&'r str> {
    let concerning = refusals.iter().filter(|refusal| concerns(&refusal.at, at));
    concerning.map(|refusal| refusal.why.as_str()).collect()
}

/// Whether the request has at the finding's place what the message has there, a gap included.
fn shows(seen: &Seen, captured: &[String], message: Option<&Value>, at: &str) -> bool {
    let Some(message) = message.filter(|_| !at.is_empty()) else {
        return true;
    };
    seen.message(captured).pointer(at) == message.pointer(at)
}

/// What else a caller could say at the place, so that one harmless example does not stand for all.
fn variants(operation: &str, at: &str, inputs: Inputs) -> Vec<Inputs> {
    let mut list = vec![inputs];
    let concerned = |name: &str| operation == "initiate_ach" && concerns(at, &format!("/body/{name}"));
    if concerned("fiatAmount") {
        for cents in [1, 4999, 100_000, 99_999_999_999] {
            let mut next = list[0].clone();
            if let Ok(amount) = FiatAmount::from_cents(cents) {
                next.order.amount = amount;
                list.push(next);
            }
        }
    }
    if concerned("type") {
        for kind in [AchKind::Standard, AchKind::Instant] {
            let mut next = list[0].clone();
            next.order.kind = kind;
            list.push(next);
        }
    }
    list
}

/// How a deployed client gets through without a new release, where that is a matter of its settings.
async fn remedy(
    server: &mut Server,
    staging: &mut Service<'_>,
    operation: &str,
    touched: &Touched,
    inputs: &Inputs,
) -> String {
    let Some((_, setting)) = SETTINGS.iter().find(|(at, _)| *at == &*touched.at) else {
        return String::new();
    };
    let mut inputs = inputs.clone();
    inputs.client_secret = true;
    inputs.device = true;
    match send(server, staging, operation, touched, &inputs).await {
        Ok((sent, _)) if reasons(&sent.refusals, &touched.at).is_empty() => past(setting),
        _ => String::new(),
    }
}
