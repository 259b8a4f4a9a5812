//! All routes of the service.

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};

use crate::service::Service;
use crate::{api, headers, health, metrics, origin, pages, webhooks};

/// Maximum size of a request body. Tokens, addresses and forms are smaller.
const BODY_LIMIT: usize = 64 * 1024;

impl Service {
    /// All routes of the service.
    pub fn router(&self) -> Router {
        Router::new()
            .merge(pages::routes())
            .merge(api::routes())
            .route("/webhooks/ratio", post(webhooks::receive))
            .route("/metrics", get(metrics::show))
            .route("/health", get(health::lives))
            .route("/ready", get(health::ready))
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(middleware::from_fn(origin::refuse_other_sites))
            .layer(middleware::from_fn_with_state(self.clone(), headers::harden))
            .with_state(self.clone())
    }
}
