//! Webhooks: the registered receivers, and the signed messages to them.

use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha512;
use url::Url;

use super::{Answer, Call, Outcome, World, full};
use crate::clock::told;
use crate::problem::Problem;
use crate::random::hex;

/// Maximum number of webhooks, more than any test registers. Each receives every message for its events.
const MOST_WEBHOOKS: usize = 100;

/// Maximum number of messages that wait for delivery. Beyond it the oldest are lost, as in an outage.
const MOST_WAITING: usize = 10_000;

/// The events of webhooks, as the API of 2022-11-30 spells them.
const EVENTS: [&str; 3] = ["kyc.updated", "activity.updated", "bank.updated"];

pub(crate) struct Webhook {
    id: String,
    created: Timestamp,
    updated: Timestamp,
    name: Option<String>,
    url: String,
    events: Vec<String>,
    secret: String,
}

/// A signed message to a webhook that was not sent yet.
pub(crate) struct Delivery {
    pub(crate) url: String,
    pub(crate) body: String,
    pub(crate) timestamp: String,
    pub(crate) signature: String,
}

impl Webhook {
    fn json(&self) -> Value {
        let mut told = json!({
            "id": self.id,
            "createTime": told(self.created),
            "updateTime": told(self.updated),
            "url": self.url,
            "events": self.events,
            "secret": self.secret,
        });
        if let Some(name) = &self.name {
            told["name"] = json!(name);
        }
        told
    }
}

/// The value of `ratio-webhook-signature`: lower-case hexadecimal HMAC-SHA512 over `timestamp.body`.
pub(crate) fn sign(secret: &str, timestamp: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    hex(&mac.finalize().into_bytes())
}

fn events(call: &Call) -> Result<Option<Vec<String>>, Problem> {
    let Some(events) = call.body.get("events") else {
        return Ok(None);
    };
    let invalid = || {
        Problem::new(
            400,
            "INVALID_EVENTS",
            format!("events must be of {}", EVENTS.join(", ")),
        )
    };
    let events = events.as_array().ok_or_else(invalid)?;
    let events: Option<Vec<_>> = events
        .iter()
        .map(|event| event.as_str().map(str::to_owned))
        .collect();
    events.map(Some).ok_or_else(invalid)
}

fn address(call: &Call) -> Result<Option<String>, Problem> {
    let Some(url) = call.text("url") else {
        return Ok(None);
    };
    match Url::parse(&url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => Ok(Some(url)),
        _ => Err(Problem::new(
            400,
            "INVALID_URL",
            "url must be an http or https URL",
        )),
    }
}

impl World {
    #[expect(clippy::unused_self, reason = "behaviours share one signature")]
    pub(crate) fn webhook_events(&mut self, _: &Call) -> Outcome {
        Answer::ok(json!({ "items": EVENTS }))
    }

    pub(crate) fn list_webhooks(&mut self, _: &Call) -> Outcome {
        Answer::ok(json!({"items": self.webhooks.iter().map(Webhook::json).collect::<Vec<_>>()}))
    }

    pub(crate) fn create_webhook(&mut self, call: &Call) -> Outcome {
        let missing = |name: &str| {
            Problem::new(
                400,
                format!("MISSING_{}", name.to_uppercase()),
                format!("{name} is missing"),
            )
        };
        if self.webhooks.len() >= MOST_WEBHOOKS {
            return Err(full("webhooks"));
        }
        let webhook = Webhook {
            id: self.random.uuid(),
            created: call.now,
            updated: call.now,
            name: call.text("name"),
            url: address(call)?.ok_or_else(|| missing("url"))?,
            events: events(call)?.ok_or_else(|| missing("events"))?,
            secret: self.random.hex(32),
        };
        let told = webhook.json();
        self.webhooks.push(webhook);
        Answer::created(told)
    }

    pub(crate) fn get_webhook(&mut self, call: &Call) -> Outcome {
        Answer::ok(self.webhook_of(call)?.json())
    }

    pub(crate) fn update_webhook(&mut self, call: &Call) -> Outcome {
        let (url, events) = (address(call)?, events(call)?);
        let webhook = self.webhook_of(call)?;
        webhook.url = url.unwrap_or_else(|| webhook.url.clone());
        webhook.events = events.unwrap_or_else(|| webhook.events.clone());
        webhook.name = call.text("name").or_else(|| webhook.name.clone());
        webhook.updated = call.now;
        Answer::ok(webhook.json())
    }

    pub(crate) fn delete_webhook(&mut self, call: &Call) -> Outcome {
        self.webhook_of(call)?;
        self.webhooks.retain(|webhook| webhook.id != call.param(0));
        Answer::no_content()
    }

    /// Registers a webhook for every event, whatever the document offers, and returns the secret that signs its
    /// messages.
    pub(crate) fn register_webhook(&mut self, url: &str, now: Timestamp) -> String {
        let secret = self.random.hex(32);
        self.webhooks.push(Webhook {
            id: self.random.uuid(),
            created: now,
            updated: now,
            name: None,
            url: url.to_owned(),
            events: EVENTS.map(str::to_owned).to_vec(),
            secret: secret.clone(),
        });
        secret
    }

    fn webhook_of(&mut self, call: &Call) -> Result<&mut Webhook, Problem> {
        let found = self
            .webhooks
            .iter_mut()
            .find(|webhook| webhook.id == call.param(0));
        found.ok_or_else(|| Problem::new(404, "NOT_FOUND_WEBHOOK", "there is no such webhook"))
    }

    /// Queues a message for every webhook that is registered for the event. `event` is its name since 2022-12-20, and
    /// `older` is the name with which webhooks are registered.
    pub(crate) fn announce(&mut self, event: &str, older: &str, user: &str, data: &Value, now: Timestamp) {
        for webhook in &self.webhooks {
            if !webhook
                .events
                .iter()
                .any(|wanted| wanted == event || wanted == older)
            {
                continue;
            }
            let id = self.random.uuid();
            let body = json!({"userId": user, "event": event, "id": id, "data": data}).to_string();
            let timestamp = now.as_millisecond().to_string();
            let signature = sign(&webhook.secret, &timestamp, &body);
            self.outbox.push_back(Delivery {
                url: webhook.url.clone(),
                body,
                timestamp,
                signature,
            });
            if self.outbox.len() > MOST_WAITING {
                self.outbox.pop_front();
            }
            self.bell.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_covers_the_timestamp_and_the_body() {
        // Computed with `printf '1669809600000.{}' | openssl dgst -sha512 -hmac secret`.
        let known = SIGNATURE_OF_EMPTY_OBJECT;
        assert_eq!(sign("secret", "1669809600000", "{}"), known);
        assert_ne!(sign("secret", "1669809600001", "{}"), known);
    }

    const SIGNATURE_OF_EMPTY_OBJECT: &str = "eafc2b229266f5241ae92895450190c36bc69e169c1f30acdb1f5bdc5c9eb40e15f8a3e20c61d1b6174d01b6e16d2b7c339e44b2e81e011dfc57ad85f371bdbb";
}
