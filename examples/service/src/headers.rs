//! Security headers of every response.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::service::Service;

/// Middleware: pages run only the scripts of the service and of Plaid, and no other page may embed them. They send no
/// referrer, since the address of an OAuth return contains a state, and they are not cached.
pub(crate) async fn harden(State(service): State<Service>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        service.content_security_policy().clone(),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The policy for a service whose Plaid Link comes from `plaid_url`.
pub(crate) fn content_security_policy(plaid_url: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' {plaid_url}; frame-src {plaid_url}; connect-src 'self' {plaid_url}; \
         style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
