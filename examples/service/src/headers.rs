//! Security headers of every response.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::service::Service;

/// Middleware: pages run only the scripts of the service and of Plaid, and no other page may embed them. They send no
/// referrer to other sites, since the address of an OAuth return contains a state, and they are not cached.
///
/// The referrer policy is not `no-referrer`: forms would then be sent with `Origin: null`, which [`origin`](crate::origin)
/// refuses where the browser sends no `Sec-Fetch-Site`, such as without TLS.
pub(crate) async fn harden(State(service): State<Service>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        service.content_security_policy().clone(),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The servers that Plaid's own script asks while Link is open.
const PLAID_SERVERS: &str = "https://production.plaid.com https://sandbox.plaid.com";

/// The policy for a service whose Plaid Link comes from `plaid_url`. Plaid's script gives style attributes to the frame
/// that it adds to the page.
pub(crate) fn content_security_policy(plaid_url: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' {plaid_url}; frame-src {plaid_url}; \
         connect-src 'self' {plaid_url} {PLAID_SERVERS}; style-src 'self'; style-src-attr 'unsafe-inline'; \
         img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plaid's documentation of Link for the web lists these directives.
    #[test]
    fn the_policy_lets_plaids_own_link_work() {
        let policy = content_security_policy("https://cdn.plaid.com");
        let sources = |name: &str| {
            let directive = policy.split("; ").find_map(|it| it.strip_prefix(name));
            directive.unwrap().split_whitespace().collect::<Vec<_>>()
        };
        assert!(sources("script-src ").contains(&"https://cdn.plaid.com"));
        assert!(sources("frame-src ").contains(&"https://cdn.plaid.com"));
        for server in ["https://production.plaid.com", "https://sandbox.plaid.com"] {
            assert!(sources("connect-src ").contains(&server), "{server}");
        }
        assert_eq!(sources("style-src-attr "), ["'unsafe-inline'"]);
        assert!(!sources("script-src ").contains(&"'unsafe-inline'"));
    }
}
