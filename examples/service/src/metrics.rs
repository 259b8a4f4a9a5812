//! Counts for whoever runs the service. Counts only: no names, no ids, no amounts.
//!
//! The client notices when Ratio's answers drift from the document it was built from. Those counts are
//! the early warning: they rise in production before `cargo xtask check-spec` runs next.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use ratio_bank::DriftEvent;
use serde::Serialize;

use crate::problem::Problem;
use crate::service::Service;

/// Counts since this process started.
#[derive(Default)]
pub(crate) struct Counts {
    drift: Mutex<BTreeMap<String, u64>>,
    webhooks_accepted: AtomicU64,
    webhooks_repeated: AtomicU64,
    webhooks_refused: AtomicU64,
}

impl Counts {
    /// Counts by operation and kind: the places and values are in the log.
    pub(crate) fn drifted(&self, event: &DriftEvent) {
        let mut drift = self.drift.lock().unwrap_or_else(PoisonError::into_inner);
        *drift
            .entry(format!("{}/{}", event.operation, event.kind))
            .or_default() += 1;
    }

    pub(crate) fn webhook_accepted(&self, new: bool) {
        let counter = if new {
            &self.webhooks_accepted
        } else {
            &self.webhooks_repeated
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn webhook_refused(&self) {
        self.webhooks_refused.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Serialize)]
pub(crate) struct Metrics {
    /// What Ratio's answers held that the pin does not declare, by operation and kind.
    drift: BTreeMap<String, u64>,
    /// Runs through Plaid Link by where they stand, over all replicas.
    links: BTreeMap<String, i64>,
    webhooks: Webhooks,
}

#[derive(Serialize)]
struct Webhooks {
    accepted: u64,
    repeated: u64,
    refused: u64,
}

/// `GET /metrics`.
pub(crate) async fn show(State(service): State<Service>) -> Result<Json<Metrics>, Problem> {
    let counts = service.counts();
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let drift = counts
        .drift
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    Ok(Json(Metrics {
        drift,
        links: service.links().counts().await?.into_iter().collect(),
        webhooks: Webhooks {
            accepted: read(&counts.webhooks_accepted),
            repeated: read(&counts.webhooks_repeated),
            refused: read(&counts.webhooks_refused),
        },
    }))
}
