//! Ratio's webhook, which is accepted only with a valid signature.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::problem::Problem;
use crate::service::Service;

/// `POST /webhooks/ratio`. The body is taken as bytes, since a signature covers the exact bytes.
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
    // A repeated event has arrived as well, so Ratio need not send it again.
    let new = service.bank_updates().record(&event).await?;
    service.counts().webhook_accepted(new);
    // The log names the user's latest run, which the event is probably about. Its id is internal and identifies no
    // person.
    if let Some(user) = &event.user_id {
        let link = service.links().latest_of(user.as_str()).await?;
        tracing::info!(link, new, event = event.event.as_str(), "a webhook was accepted");
    }
    Ok(StatusCode::NO_CONTENT)
}
