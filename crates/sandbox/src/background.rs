//! Background work: verdicts and settlements become due, and webhooks are delivered.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use tokio::sync::{Semaphore, watch};
use url::{Host, Url};

use crate::server::told_to_stop;
use crate::shared::Shared;
use crate::world::webhooks::Delivery;

/// Maximum number of messages that wait for their receivers at a time. A slow receiver then delays the others, but
/// memory use stays bounded.
const ON_THEIR_WAY: usize = 64;

pub(crate) async fn run(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let client = Client::builder()
        .timeout(Duration::from_secs(5))
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .ok();
    let on_their_way = Arc::new(Semaphore::new(ON_THEIR_WAY));
    let bell = shared.world().bell.clone();
    loop {
        let (due, outbox) = {
            let mut world = shared.world();
            (world.next_due(), std::mem::take(&mut world.outbox))
        };
        if let Some(client) = &client {
            for delivery in outbox {
                let on_its_way = tokio::select! {
                    free = on_their_way.clone().acquire_owned() => free,
                    () = told_to_stop(&mut stop) => return,
                };
                let delivered = deliver(client.clone(), delivery);
                tokio::spawn(async move {
                    delivered.await;
                    drop(on_its_way);
                });
            }
        }
        tokio::select! {
            () = shared.clock.until(due) => {}
            () = bell.notified() => {}
            () = told_to_stop(&mut stop) => return,
        }
    }
}

/// Sends one message once. A receiver that misses it can read the bank instead. Messages go only to this machine.
async fn deliver(client: Client, delivery: Delivery) {
    if !is_loopback(&delivery.url) {
        tracing::warn!("a webhook was not delivered: its URL does not lead to this machine");
        return;
    }
    let sent = client
        .post(&delivery.url)
        .header("content-type", "application/json")
        .header("ratio-webhook-signature", &delivery.signature)
        .header("ratio-webhook-signature-timestamp", &delivery.timestamp)
        .body(delivery.body)
        .send()
        .await;
    match sent {
        Ok(response) => tracing::debug!(status = response.status().as_u16(), "a webhook was delivered"),
        Err(error) => tracing::warn!(error = %error.without_url(), "a webhook was not delivered"),
    }
}

fn is_loopback(url: &str) -> bool {
    match Url::parse(url).as_ref().map(Url::host) {
        Ok(Some(Host::Ipv4(address))) => address.is_loopback(),
        Ok(Some(Host::Ipv6(address))) => address.is_loopback(),
        Ok(Some(Host::Domain(name))) => name == "localhost",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stay_on_this_machine() {
        for (url, stays) in [
            ("http://127.0.0.1:8080/hook", true),
            ("http://[::1]/", true),
            ("http://localhost:1/", true),
            ("http://localhost.example/", false),
            ("https://example.com/hook", false),
            ("http://192.0.2.1/", false),
            ("not a url", false),
        ] {
            assert_eq!(is_loopback(url), stays, "{url}");
        }
    }
}
