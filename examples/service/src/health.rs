//! Whether this process lives, and whether requests should be sent to it.

use axum::extract::State;
use axum::http::StatusCode;

use crate::service::Service;

/// `GET /health`: it answers, so it lives. Who runs it restarts it when it does not.
pub(crate) async fn lives() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// `GET /ready`: it is not stopping, and the database answers. Ratio is not asked: when it is away, so it is for every
/// replica, and this one still shows what it knows.
pub(crate) async fn ready(State(service): State<Service>) -> StatusCode {
    if service.is_stopping() || service.database().now().await.is_err() {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::NO_CONTENT
    }
}
