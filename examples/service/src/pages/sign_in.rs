//! Signing in. A product has its own way, which must yield a Ratio user, a token of their session, and their wallet.

use axum::Form;
use axum::extract::{RawQuery, State};
use axum::response::Redirect;
use axum_extra::extract::cookie::CookieJar;
use maud::{Markup, html};

use super::{PageProblem, layout};
use crate::config::Credentials;
use crate::cookie;
use crate::problem::Problem;
use crate::service::Service;

/// `GET /sign-in`; `?ended` after a session has ended.
pub(super) async fn show(State(service): State<Service>, RawQuery(query): RawQuery) -> Markup {
    let content = html! {
        @if query.as_deref() == Some("ended") {
            section.notice role="status" {
                p { "Your session has ended. Sign in again to go on; nothing is lost." }
            }
        }
        @if service.has_guests() {
            section {
                h2 { "Look around" }
                p { "A stand-in for Ratio runs next to this service, so you can be a made-up customer. No money moves." }
                form method="post" action="/sign-in/guest" { button { "Be a made-up customer" } }
            }
        }
        section {
            h2 { "With a Ratio session" }
            p.fine { "What Ratio's own sign-in gave your app." }
            form method="post" action="/sign-in" autocomplete="off" {
                label for="userId" { "User id" }
                input #userId name="userId" required;
                label for="sessionToken" { "Session token" }
                input #sessionToken name="sessionToken" type="password" required;
                label for="walletId" { "Wallet id" }
                input #walletId name="walletId" required;
                button.quiet[service.has_guests()] { "Sign in" }
            }
        }
    };
    layout::page("Sign in", &content)
}

/// `POST /sign-in`.
pub(super) async fn submit(
    State(service): State<Service>,
    jar: CookieJar,
    Form(credentials): Form<Credentials>,
) -> Result<(CookieJar, Redirect), PageProblem> {
    let value = match service.sign_in(&credentials).await {
        Err(problem) if problem.is_signed_out() => {
            // The message must not say "sign in again", since the customer comes from that page.
            return Err(Problem::bad_request("Ratio does not accept this session").into());
        }
        outcome => outcome?,
    };
    Ok((cookie::set(&service, jar, value), Redirect::to("/")))
}

/// `POST /sign-in/guest`.
pub(super) async fn as_guest(
    State(service): State<Service>,
    jar: CookieJar,
) -> Result<(CookieJar, Redirect), PageProblem> {
    let credentials = service
        .guest()
        .ok_or_else(|| Problem::not_found("there are no made-up customers here"))?;
    let value = service.sign_in(&credentials).await?;
    Ok((cookie::set(&service, jar, value), Redirect::to("/")))
}

/// `POST /sign-out`.
pub(super) async fn sign_out(
    State(service): State<Service>,
    jar: CookieJar,
) -> Result<(CookieJar, Redirect), PageProblem> {
    if let Some(value) = cookie::value(&service, &jar) {
        service.customers().sign_out(&value).await?;
    }
    Ok((cookie::clear(&service, jar), Redirect::to("/sign-in")))
}
