//! Whether this process lives, and whether it should receive requests.

use axum::extract::State;
use axum::http::StatusCode;

use crate::service::Service;

/// `GET /health`: the process responds, so it lives. If it does not respond, its supervisor restarts it.
pub(crate) async fn lives() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// `GET /ready`: the process is not stopping, and the database responds. Ratio is not checked: if it is unavailable,
/// this affects every replica, and this one can still show its stored data.
pub(crate) async fn ready(State(service): State<Service>) -> StatusCode {
    if service.is_stopping() || service.database().now().await.is_err() {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::NO_CONTENT
    }
}
