//! Routes: the document itself, then everything that it describes.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, header};
use axum::response::IntoResponse as _;
use axum::routing::get;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;

use crate::shared::Shared;
use crate::{control, exchange, plaid};

/// Maximum size of a request body that is kept, more than the API needs.
const LARGEST_BODY: usize = 1 << 20;

/// Maximum number of bytes that are read from one request.
const MOST_READ: usize = 64 << 20;

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
        shared.document.bytes(),
    )
        .into_response()
}

async fn operation(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Some(body) = read(body).await else {
        return exchange::refusal(&shared, 413, "INVALID_BODY", "the body is larger than a megabyte");
    };
    exchange::exchange(&shared, &parts, &body).await
}

/// Reads a body, if it is small enough to keep. A larger one is read to its end, since a client that is still sending
/// does not read the response.
async fn read(body: Body) -> Option<Bytes> {
    let (mut kept, mut length) = (BytesMut::new(), 0);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.ok()?;
        length += chunk.len();
        if length <= LARGEST_BODY {
            kept.extend_from_slice(&chunk);
        } else if length > MOST_READ {
            break;
        }
    }
    (length <= LARGEST_BODY).then(|| kept.freeze())
}
