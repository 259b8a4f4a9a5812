//! Ratio's webhook: believed only when it is signed.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::problem::Problem;
use crate::service::Service;

/// `POST /webhooks/ratio`. The body is taken as bytes: a signature covers them exactly as they came.
pub(crate) async fn receive(
    State(service): State<Service>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let verifier = service.webhook_verifier().ok_or_else(|| {
        Problem::not_found("this service listens to no webhook: RATIO_WEBHOOK_SECRET is not set")
    })?;
    let now = service.database().now().await?;
    let event = verifier.verify_headers(&headers, &body, now).map_err(|error| {
        service.counts().webhook_refused();
        tracing::warn!(%error, "a webhook was refused");
        Problem::new(StatusCode::BAD_REQUEST, "WEBHOOK_REFUSED", error)
    })?;
    // Repeated or not, it has arrived: Ratio need not send it again.
    let new = service.bank_updates().record(&event).await?;
    service.counts().webhook_accepted(new);
    // The run that it is about, as far as can be told: the user's latest. Its id is ours, and names nobody.
    if let Some(user) = &event.user_id {
        let link = service.links().latest_of(user.as_str()).await?;
        tracing::info!(link, new, event = event.event.as_str(), "a webhook was accepted");
    }
    Ok(StatusCode::NO_CONTENT)
}
