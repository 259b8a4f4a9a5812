//! Replays findings about requests: the client sends a request, and it is checked against staging's document.

use std::rc::Rc;

use openapi_drift::Touched;
use openapi_wire::Request;
use ratio_bank::{AchKind, FiatAmount};
use serde_json::Value;

use super::call::{Inputs, call};
use super::message::{refusing, shown};
use super::server::Server;
use super::service::{Reason, Received, Service, concerns};
use super::settings::{SETTINGS, past};
use super::verdict::{Verdict, not_replayed};
use openapi_drift_cli::report::Outcome;

/// The note for values that the documents allow, but the client's types do not.
pub(crate) const UNSENDABLE: &str = "the client has no way to send this value; what it does send is taken";

/// Calls an operation with the values of a finding's message, and returns staging's refusals at the finding's place.
pub(super) async fn replay(
    server: &mut Server,
    staging: &Service<'_>,
    operation: &str,
    touched: &Touched,
    proved: bool,
) -> Verdict {
    let message = touched.message.as_deref();
    let Some(inputs) = Inputs::of(&touched.endpoint.path, message) else {
        return not_replayed("the client has no way to send such a request");
    };
    let mut is_shown = message.is_none();
    for inputs in variants(operation, &touched.at, inputs) {
        let (sent, error) = match send(server, staging, operation, touched, &inputs).await {
            Ok(sent) => sent,
            Err(why) => return not_replayed(&why),
        };
        let refused = reasons(&sent.received.refusals, &touched.at);
        if !refused.is_empty() {
            let mut detail = format!(
                "staging refuses the request: {}; the client reports: {error}",
                refused.join("; ")
            );
            detail.push_str(&remedy(server, staging, operation, touched, &inputs).await);
            return (Outcome::Fails, detail);
        }
        if let Some(why) = reasons(&sent.received.doubts, &touched.at).first() {
            return not_replayed(&format!(
                "staging's document cannot be used to judge requests: {why}"
            ));
        }
        is_shown |= sent.shows(&touched.endpoint.path, message, &touched.at);
    }
    match (is_shown, proved) {
        (true, false) => (
            Outcome::Unaffected,
            "staging takes the request as the client sends it".to_owned(),
        ),
        (true, true) => not_replayed("the check of requests on this machine cannot tell the difference"),
        (false, _) => not_replayed(UNSENDABLE),
    }
}

/// A request that was sent, and staging's judgement of it.
struct Sent {
    request: Request,
    received: Rc<Received>,
}

impl Sent {
    /// Whether the request has the same value as the message at the finding's place, or lacks it like the message.
    fn shows(&self, template: &str, message: Option<&Value>, at: &str) -> bool {
        let Some(message) = message.filter(|_| !at.is_empty()) else {
            return true;
        };
        let sent = shown(&self.request, template, &self.received.texts);
        sent.pointer(at) == message.pointer(at)
    }
}

async fn send(
    server: &mut Server,
    staging: &Service<'_>,
    operation: &str,
    touched: &Touched,
    inputs: &Inputs,
) -> Result<(Sent, String), String> {
    let mut sent = None;
    let url = server.url.clone();
    let answered = server
        .during(call(operation, &url, inputs), |request| {
            let received = staging.receive(&request, &touched.endpoint.path);
            let answer = if received.refusals.is_empty() {
                // The client's reaction to the response does not matter for a request.
                refusing(503, "taken by staging's document")
            } else {
                refusing(received.status, "refused by staging's document")
            };
            sent = Some(Sent { request, received });
            answer
        })
        .await;
    let error = answered.result.err().unwrap_or_default();
    match sent {
        Some(sent) => Ok((sent, error)),
        None => Err(format!("the client sends nothing: {error}")),
    }
}

fn reasons<'r>(of: &'r [Reason], at: &str) -> Vec<&'r str> {
    let concerning = of.iter().filter(|reason| concerns(&reason.at, at));
    concerning.map(|reason| reason.why.as_str()).collect()
}

/// Other values that a caller could send at the place, so that the result does not depend on one harmless example.
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

/// Determines whether a deployed client can avoid the finding with a setting instead of a new release.
async fn remedy(
    server: &mut Server,
    staging: &Service<'_>,
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
        Ok((sent, _)) if reasons(&sent.received.refusals, &touched.at).is_empty() => past(setting),
        _ => String::new(),
    }
}
