//! Counters for the operator of the service, in the text format of Prometheus. They contain no names, ids or amounts.
//!
//! The client notices when Ratio's responses drift from the document from which it was built. These counters are the
//! early warning: they rise in production before `cargo xtask check-spec` runs next.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use axum::extract::State;
use axum::http::{HeaderName, header};
use ratio_bank::DriftEvent;

use crate::problem::Problem;
use crate::service::Service;

/// Counters since the start of this process.
#[derive(Default)]
pub(crate) struct Counts {
    drift: Mutex<BTreeMap<(&'static str, String), u64>>,
    webhooks_accepted: AtomicU64,
    webhooks_repeated: AtomicU64,
    webhooks_refused: AtomicU64,
}

impl Counts {
    /// Counts by operation and kind. The log has the places and values.
    pub(crate) fn drifted(&self, event: &DriftEvent) {
        let mut drift = self.drift.lock().unwrap_or_else(PoisonError::into_inner);
        *drift
            .entry((event.operation, event.kind.to_string()))
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

/// `GET /metrics`.
pub(crate) async fn show(
    State(service): State<Service>,
) -> Result<([(HeaderName, &'static str); 1], String), Problem> {
    let counts = service.counts();
    let mut text = String::new();

    let what =
        "What Ratio's answers held that the pinned document does not declare, since this process started.";
    family(&mut text, "ratio_drift_total", "counter", what);
    let drift = counts
        .drift
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    for ((operation, kind), count) in drift {
        sample(
            &mut text,
            "ratio_drift_total",
            &[("operation", operation), ("kind", &kind)],
            count,
        );
    }

    family(
        &mut text,
        "service_webhooks_total",
        "counter",
        "Webhooks that came, since this process started.",
    );
    for (result, counter) in [
        ("accepted", &counts.webhooks_accepted),
        ("repeated", &counts.webhooks_repeated),
        ("refused", &counts.webhooks_refused),
    ] {
        let count = counter.load(Ordering::Relaxed);
        sample(&mut text, "service_webhooks_total", &[("result", result)], count);
    }

    for (name, what, states) in [
        (
            "service_links",
            "Runs through Plaid Link by where they stand, over all replicas.",
            service.links().counts().await?,
        ),
        (
            "service_orders",
            "Orders by where they stand, over all replicas.",
            service.orders().counts().await?,
        ),
    ] {
        family(&mut text, name, "gauge", what);
        for (state, count) in states {
            sample(&mut text, name, &[("state", &state)], count);
        }
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}

fn family(text: &mut String, name: &str, kind: &str, what: &str) {
    let _ = writeln!(text, "# HELP {name} {what}\n# TYPE {name} {kind}");
}

/// Writes a sample. The values of labels are constants of this program or of the client, so they need no escaping.
fn sample(text: &mut String, name: &str, labels: &[(&str, &str)], value: impl Display) {
    let labels: Vec<_> = labels
        .iter()
        .map(|(label, value)| format!("{label}=\"{value}\""))
        .collect();
    let _ = writeln!(text, "{name}{{{}}} {value}", labels.join(","));
}
