//! Which path leads where: the document, then everything the document describes.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, header};
use axum::response::IntoResponse as _;
use axum::routing::get;

use crate::shared::Shared;
use crate::{control, exchange, plaid};

/// More than any request of the API needs.
const LARGEST_BODY: usize = 1 << 20;

pub(crate) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/api-docs", get(api_docs))
        .merge(plaid::router())
        .nest("/_sandbox", control::router())
        .fallback(operation)
        .with_state(shared)
}

async fn api_docs(State(shared): State<Arc<Shared>>) -> Response<Body> {
    (
        [(header::CONTENT_TYPE, shared.document.media())],
        shared.document.bytes().to_vec(),
    )
        .into_response()
}

async fn operation(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return exchange::refusal(&shared, 413, "INVALID_BODY", "the body is larger than a megabyte");
    };
    exchange::exchange(&shared, &parts, &body).await
}
