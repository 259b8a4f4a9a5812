//! All routes of the service.

use std::panic::resume_unwind;

use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::Next;
use axum::response::Response;
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
            .layer(middleware::from_fn(handle_to_the_end))
            .with_state(self.clone())
    }
}

/// Middleware: a request is handled to its end even if its client hangs up. Otherwise a token that Ratio has replaced
/// meanwhile, or its answer to an order, would not be stored.
async fn handle_to_the_end(request: Request, next: Next) -> Response {
    let handled = tokio::spawn(next.run(request)).await;
    handled.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}
