//! What happens while nobody asks: verdicts and settlements fall due, webhooks go out.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use tokio::sync::watch;

use crate::server::told_to_stop;
use crate::shared::Shared;
use crate::world::webhooks::Delivery;

pub(crate) async fn run(shared: Arc<Shared>, mut stop: watch::Receiver<bool>) {
    let client = Client::builder()
        .timeout(Duration::from_secs(5))
        .no_proxy()
        .build()
        .ok();
    let bell = shared.world().bell.clone();
    loop {
        let (due, outbox) = {
            let mut world = shared.world();
            (world.next_due(), std::mem::take(&mut world.outbox))
        };
        if let Some(client) = &client {
            for delivery in outbox {
                tokio::spawn(deliver(client.clone(), delivery));
            }
        }
        tokio::select! {
            () = shared.clock.until(due) => {}
            () = bell.notified() => {}
            () = told_to_stop(&mut stop) => return,
        }
    }
}

/// Sends one message, once: who misses it reads the bank instead.
async fn deliver(client: Client, delivery: Delivery) {
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
        Err(error) => tracing::warn!(%error, "a webhook was not delivered"),
    }
}
