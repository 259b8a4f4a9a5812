//! The cookie that identifies the signed-in customer.
//!
//! Scripts cannot read it (`HttpOnly`), and forms of other sites do not send it (`SameSite=Lax`). The bank's page that
//! returns a customer by a link still sends it, which `Strict` would not allow.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use crate::customers::Customer;
use crate::problem::Problem;
use crate::service::Service;

/// The cookie's name. With the prefix, browsers refuse the cookie from other hosts, but the prefix needs HTTPS.
fn name(service: &Service) -> &'static str {
    if service.is_https() {
        "__Host-customer"
    } else {
        "customer"
    }
}

/// The value of the cookie, if one was sent.
pub(crate) fn value(service: &Service, jar: &CookieJar) -> Option<String> {
    jar.get(name(service)).map(|cookie| cookie.value().to_owned())
}

/// Sets the cookie of the browser or app. The browser forgets it when it closes, and the service after
/// [`SIGN_IN_SECONDS`](crate::customers::SIGN_IN_SECONDS).
pub(crate) fn set(service: &Service, jar: CookieJar, value: String) -> CookieJar {
    jar.add(with_value(service, value))
}

/// Removes the cookie.
pub(crate) fn clear(service: &Service, jar: CookieJar) -> CookieJar {
    jar.remove(with_value(service, String::new()))
}

fn with_value(service: &Service, value: String) -> Cookie<'static> {
    Cookie::build((name(service), value))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(service.is_https())
        .path("/")
        .build()
}

/// Makes a handler that takes a [`Customer`] open to signed-in customers only.
impl FromRequestParts<Service> for Customer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Self, Problem> {
        let jar = CookieJar::from_headers(&parts.headers);
        let value = value(service, &jar).ok_or_else(Problem::nobody)?;
        service
            .customers()
            .by_cookie(&value)
            .await?
            .ok_or_else(Problem::signed_out)
    }
}
