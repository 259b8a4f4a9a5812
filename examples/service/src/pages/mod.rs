//! The pages of the service: plain HTML, with only the scripts that Plaid Link needs.
//!
//! `maud` escapes every value in a page, so a bank called `<script>` is only an odd name.

mod home;
mod layout;
mod link;
mod sign_in;

use axum::Router;
use axum::http::{Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::html;

use crate::problem::Problem;
use crate::service::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/", get(home::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-in/guest", post(sign_in::as_guest))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/links", post(link::begin))
        .route("/links/{id}", get(link::show))
        .route("/oauth-return", get(link::resume))
        .route("/banks/{id}/repair", post(link::begin_repair))
        .route("/banks/{id}/unlink", get(home::ask_to_unlink).post(home::unlink))
        .route("/orders", post(home::buy))
        .route(
            "/style.css",
            get(async || asset("text/css", include_str!("style.css"))),
        )
        .route(
            "/link.js",
            get(async || asset("text/javascript", include_str!("link.js"))),
        )
        .route(
            "/waiting.js",
            get(async || asset("text/javascript", include_str!("waiting.js"))),
        )
        .fallback(nothing_here)
}

/// The response for an unknown address: a page for a person, JSON for an app.
async fn nothing_here(address: Uri) -> Response {
    let problem = Problem::not_found("there is nothing at this address");
    if address.path().starts_with("/api/") {
        problem.into_response()
    } else {
        PageProblem(problem).into_response()
    }
}

fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "max-age=300"),
        ],
        text,
    )
}

/// A problem, shown as a page. A customer who is signed out is asked to sign in.
pub(crate) struct PageProblem(Problem);

impl From<Problem> for PageProblem {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for PageProblem {
    fn into_response(self) -> Response {
        let Self(problem) = self;
        if problem.is_signed_out() {
            let ended = problem.code == "SIGNED_OUT";
            return Redirect::to(if ended { "/sign-in?ended" } else { "/sign-in" }).into_response();
        }
        let page = layout::page(
            "That did not work",
            &html! {
                p.sentence { (problem.message) "." }
                p.fine { "Code: " code { (problem.code) } }
                p { a.button href="/" { "Back to your bank" } }
            },
        );
        (problem.status, page).into_response()
    }
}
