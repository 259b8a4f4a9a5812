//! The pages for a browser: Plaid Link itself, the web SDK's script, a bank's own page, and the start page.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Form, Query, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::{get, post};
use serde::Deserialize;
use url::Url;

use super::{Persona, link_api};
use crate::shared::Shared;
use crate::world::links::{Decision, OAuth};

const LINK: &str = include_str!("../../page/link.html");
const STYLE: &str = include_str!("../../page/link.css");
const SCRIPT: &str = include_str!("../../page/link.js");
const SDK: &str = include_str!("../../page/link-initialize.js");
const BANK: &str = include_str!("../../page/bank.html");
const INDEX: &str = include_str!("../../page/index.html");
const INDEX_STYLE: &str = include_str!("../../page/index.css");
const INDEX_SCRIPT: &str = include_str!("../../page/index.js");

/// The path of Plaid's own page on its content host.
const LINK_PATH: &str = "/link/v2/stable/link.html";

/// Maximum size of a form, more than a person types.
const LARGEST_FORM: usize = 16 << 10;

/// Content security policy: only the sandbox's own files. Any page may embed this one, as the web SDK does.
const POLICY: &str = "default-src 'self'; img-src data:; base-uri 'none'; object-src 'none'";

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route(LINK_PATH, get(async || file("text/html; charset=utf-8", LINK)))
        .route(
            "/link/v2/stable/link.css",
            get(async || file("text/css; charset=utf-8", STYLE)),
        )
        .route(
            "/link/v2/stable/link.js",
            get(async || file("text/javascript; charset=utf-8", SCRIPT)),
        )
        .route("/link/v2/stable/link-initialize.js", get(sdk))
        .route("/", get(async || alone("text/html; charset=utf-8", INDEX)))
        .route(
            "/index.css",
            get(async || alone("text/css; charset=utf-8", INDEX_STYLE)),
        )
        .route(
            "/index.js",
            get(async || alone("text/javascript; charset=utf-8", INDEX_SCRIPT)),
        )
        .route("/link/bank", get(bank).post(decide))
        .route("/link/visit/open", post(link_api::open))
        .route("/link/visit/sign-in", post(link_api::sign_in))
        .route("/link/visit/code", post(link_api::code))
        .route("/link/visit/oauth", post(link_api::oauth))
        .route("/link/visit/connect", post(link_api::connect))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
}

async fn sdk(State(shared): State<Arc<Shared>>) -> Response<Body> {
    file(
        "text/javascript; charset=utf-8",
        SDK.replace("{{home}}", &shared.url),
    )
}

fn file(kind: &'static str, text: impl Into<Body>) -> Response<Body> {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text.into()).into_response()
}

/// A file of the page at `/`. No other page may embed it, since a click there changes something.
fn alone(kind: &'static str, text: &'static str) -> Response<Body> {
    let mut response = file(kind, text);
    let policy = HeaderValue::from_static(
        "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    );
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

#[derive(Deserialize)]
struct BankQuery {
    #[serde(default)]
    state: String,
}

/// The page of a bank that signs people in itself.
async fn bank(State(shared): State<Arc<Shared>>, Query(query): Query<BankQuery>) -> Response<Body> {
    if shared.world().oauth(&query.state).is_none() {
        return unknown_state();
    }
    // A known state is a UUID that the sandbox created, so it needs no escaping.
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, BANK.replace("{{state}}", &query.state)).into_response()
}

#[derive(Deserialize)]
struct Decided {
    state: String,
    #[serde(default)]
    username: String,
    decision: String,
}

/// Returns the person to the page from which they came, with the state and nothing else.
async fn decide(State(shared): State<Arc<Shared>>, Form(form): Form<Decided>) -> Response<Body> {
    let mut world = shared.world();
    let Some((token, oauth)) = world.oauth(&form.state) else {
        return unknown_state();
    };
    let persona = if form.username == Persona::Bad.username() {
        Persona::Bad
    } else {
        Persona::Good
    };
    oauth.decision = Some(if form.decision == "allow" {
        Decision::Allowed(persona)
    } else {
        Decision::Denied
    });
    match back(&token, oauth) {
        Ok(url) => Redirect::to(url.as_str()).into_response(),
        Err(error) => {
            let text = format!("the redirect URI {:?} is unusable: {error}", oauth.back);
            (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
        }
    }
}

fn back(token: &str, oauth: &OAuth) -> Result<Url, url::ParseError> {
    let mut received = Url::parse(&oauth.back)?;
    received
        .query_pairs_mut()
        .append_pair("oauth_state_id", &oauth.state_id);
    if !oauth.stays {
        return Ok(received);
    }
    let mut link = received.join(LINK_PATH)?;
    link.query_pairs_mut()
        .append_pair("isWebview", if oauth.webview { "true" } else { "false" })
        .append_pair("token", token)
        .append_pair("receivedRedirectUri", received.as_str());
    if let Some(host) = &oauth.host {
        link.query_pairs_mut().append_pair("hostOrigin", host);
    }
    Ok(link)
}

fn unknown_state() -> Response<Body> {
    (
        StatusCode::NOT_FOUND,
        "nobody was sent to this bank with this state; start again at the Link page",
    )
        .into_response()
}
