//! The cookie that says who is signed in.
//!
//! Scripts cannot read it (`HttpOnly`), other sites' forms do not send it (`SameSite=Lax`), and the
//! bank's page that sends a customer back with a link still does, which `Strict` would not allow.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use crate::customers::Customer;
use crate::problem::Problem;
use crate::service::Service;

/// The cookie's name. The prefix makes browsers refuse it from elsewhere, but needs HTTPS.
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

/// Gives the browser or app its cookie. The browser forgets it when it closes; the service, after
/// [`SIGN_IN_SECONDS`](crate::customers::SIGN_IN_SECONDS).
pub(crate) fn set(service: &Service, jar: CookieJar, value: String) -> CookieJar {
    jar.add(with_value(service, value))
}

/// Takes the cookie away.
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

/// A handler that takes a [`Customer`] is open to signed-in customers only.
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
