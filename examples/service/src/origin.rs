//! Requests that change something must come from pages of this service, or from no page at all.
//!
//! A browser states the origin of a request in `Sec-Fetch-Site`, or in `Origin` if it is older. A native app sends
//! neither and is accepted, since no page of another site can misuse it. Together with `SameSite=Lax` cookies, this
//! prevents cross-site request forgery without tokens in forms. It is the rule of Go's `http.CrossOriginProtection`.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Middleware that refuses changing requests from other sites with 403.
pub(crate) async fn refuse_other_sites(request: Request, next: Next) -> Response {
    if is_safe(request.method()) || is_ours(request.headers()) {
        next.run(request).await
    } else {
        (
            StatusCode::FORBIDDEN,
            "this request came from another site's page",
        )
            .into_response()
    }
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text(header::ORIGIN.as_str()), text(header::HOST.as_str())) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin
            .split_once("://")
            .is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host)),
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|&(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_form_on_another_site_is_not_ours_in_browsers_new_and_old() {
        assert!(!is_ours(&headers(&[
            ("sec-fetch-site", "cross-site"),
            ("host", "shop.test")
        ])));
        assert!(!is_ours(&headers(&[
            ("sec-fetch-site", "same-site"),
            ("host", "shop.test")
        ])));
        assert!(!is_ours(&headers(&[
            ("origin", "https://evil.test"),
            ("host", "shop.test")
        ])));
        assert!(!is_ours(&headers(&[("origin", "null"), ("host", "shop.test")])));
    }

    #[test]
    fn our_own_pages_and_native_apps_are_let_through() {
        assert!(is_ours(&headers(&[
            ("sec-fetch-site", "same-origin"),
            ("host", "shop.test")
        ])));
        assert!(is_ours(&headers(&[
            ("origin", "https://shop.test"),
            ("host", "shop.test")
        ])));
        assert!(is_ours(&headers(&[("host", "shop.test")])));
    }
}
