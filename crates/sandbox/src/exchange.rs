//! One request and its response: it is routed, checked, carried out, and expressed in the form of the document.

use std::io;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use http_body_util::StreamBody;
use hyper::body::Frame;
use serde_json::{Value, json};

use crate::contract::{Operation, Route, Spoken};
use crate::faults::{Kind, Trouble};
use crate::operations::behaviour;
use crate::problem::Problem;
use crate::server::Cutter;
use crate::session::SignedIn;
use crate::shared::Shared;
use crate::world::{Answer, Call, World};

/// The header that carries a new session token.
pub(crate) const REFRESH: HeaderName = HeaderName::from_static("ratio-authentication-refresh");

/// Maximum size of an oversized response, which is enough for any client to refuse it.
const LARGEST_ANSWER: usize = 256 << 20;

/// A response before it is serialized.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
    /// Headers that the document requires.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) refresh: Option<String>,
}

/// Responds to a request for an operation of the document, unless a fault applies.
pub(crate) async fn exchange(shared: &Shared, parts: &Parts, body: &Bytes) -> Response<Body> {
    let path = parts.uri.path();
    let contract = shared.contract();
    let (operation, found) = match contract.route(parts.method.as_str(), path) {
        Route::Operation(operation, found) => (operation, found),
        Route::OtherMethods(methods) => {
            let mut response = refusal(shared, 405, "NOT_FOUND_ENDPOINT", "the path knows no such method");
            if let Ok(allowed) = HeaderValue::from_str(&methods.join(", ")) {
                response.headers_mut().insert(header::ALLOW, allowed);
            }
            return response;
        }
        Route::Nowhere => {
            tracing::info!(status = 404, "a path that the document does not have");
            return refusal(
                shared,
                404,
                "NOT_FOUND_ENDPOINT",
                "the API document has no such path; GET /_sandbox says what there is beside it",
            );
        }
    };
    let Trouble { delay, kind } = shared.trouble(operation);
    let late = async || {
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    };
    match &kind {
        Kind::Status {
            status,
            body,
            retry_after,
        } => {
            late().await;
            shared.saw(operation, Some(*status));
            return made_up(shared, *status, body.as_ref(), *retry_after);
        }
        Kind::ResetBefore => {
            late().await;
            shared.saw(operation, None);
            return cut(parts).await;
        }
        _ => {}
    }
    let reply = answer(shared, operation, found, parts, body, kind == Kind::RotateToken);
    let answered = !matches!(kind, Kind::ResetAfter | Kind::Stall);
    shared.saw(operation, answered.then_some(reply.status));
    // Only the response is late: a caller who stops waiting has caused the effect all the same.
    late().await;
    match kind {
        Kind::ResetAfter => cut(parts).await,
        Kind::Stall => std::future::pending().await,
        kind => reply.troubled(operation, &kind),
    }
}

async fn cut(parts: &Parts) -> Response<Body> {
    match parts.extensions.get::<Cutter>() {
        Some(cutter) => match cutter.cut().await {},
        // Without control of the connection, an endless wait comes closest to a cut.
        None => std::future::pending().await,
    }
}

/// The response of a fault that replaces the real one.
fn made_up(shared: &Shared, status: u16, body: Option<&Value>, retry_after: Option<u32>) -> Response<Body> {
    let mut response = match body {
        Some(Value::String(text)) => Response::new(Body::from(text.clone())),
        Some(body) => Reply {
            status,
            body: Some(body.clone()),
            headers: Vec::new(),
            refresh: None,
        }
        .into_response(),
        None => refusal(
            shared,
            status,
            "INJECTED_FAULT",
            "this answer was asked for, it is not real",
        ),
    };
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn answer(
    shared: &Shared,
    operation: Operation<'_>,
    path: Vec<String>,
    parts: &Parts,
    body: &Bytes,
    rotate: bool,
) -> Reply {
    let now = shared.clock.now();
    let mut world = shared.world();
    let world = &mut *world;
    let mut signed_in = None;
    let outcome = judge(world, shared, operation, path, parts, body, &mut signed_in);
    let spoken = match &outcome {
        Ok(answer) => operation.speak(answer.status, answer.body.as_ref()),
        Err(problem) => operation.refuse(problem, &problem.body(now)),
    };
    let refresh =
        signed_in.and_then(|signed_in| world.sessions.rotate(&signed_in, rotate, now, &mut world.random));
    Reply {
        refresh,
        ..held_to_contract(shared, operation, spoken)
    }
}

fn judge(
    world: &mut World,
    shared: &Shared,
    operation: Operation<'_>,
    path: Vec<String>,
    parts: &Parts,
    body: &Bytes,
    signed_in: &mut Option<SignedIn>,
) -> Result<Answer, Problem> {
    let now = shared.clock.now();
    if let Some(problem) = operation.missing_credential(&parts.headers) {
        return Err(problem);
    }
    check_client(world, operation, &parts.headers)?;
    let authorization = parts
        .headers
        .get(header::AUTHORIZATION)
        .map(|value| value.to_str().unwrap_or_default());
    // A caller who signs in has no session yet, whatever the document says.
    let signs_in = operation.path().contains("/auth/");
    if (operation.wants_bearer() && !signs_in) || authorization.is_some() {
        *signed_in = Some(world.sessions.check(authorization, now)?);
    }
    let user = signed_in.as_ref().map(|signed_in| signed_in.user.clone());
    let changes = !matches!(parts.method, Method::GET | Method::HEAD);
    if changes
        && user
            .as_ref()
            .and_then(|id| world.users.get(id))
            .is_some_and(|user| !user.flags.is_empty())
    {
        return Err(
            Problem::new(403, "USER_BLOCKED", "this user is under review and may only read")
                .even_if_undeclared(),
        );
    }
    let checked = operation.check(parts, body)?;
    let Some(behaviour) = behaviour(&operation.shape()) else {
        // Only the document defines this operation, so the response is the minimum that the document requires.
        return Ok(Answer {
            status: 200,
            body: None,
        });
    };
    // Documents rarely limit the length of a text, and the stand-in keeps the texts that it receives.
    if longest(&checked.body) > LONGEST_TEXT {
        let message = format!("the stand-in keeps no text longer than {LONGEST_TEXT} bytes");
        return Err(Problem::new(400, "INVALID_BODY", message));
    }
    let call = Call {
        now,
        path,
        query: checked.query,
        body: checked.body,
        signed_in: user,
    };
    behaviour(world, &call)
}

/// Maximum length of a text, more than the API needs.
const LONGEST_TEXT: usize = 4096;

/// The length of the longest text in a value.
fn longest(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(all) => all.iter().map(longest).max().unwrap_or(0),
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| name.len().max(longest(value)))
            .max()
            .unwrap_or(0),
        _ => 0,
    }
}

fn check_client(world: &World, operation: Operation<'_>, headers: &HeaderMap) -> Result<(), Problem> {
    let sent = |name: &str| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default().trim())
    };
    let is_uuid = |text: &str| uuid::Uuid::try_parse(text).is_ok();
    match sent("ratio-client-id") {
        Some(id) if !is_uuid(id) => {
            return Err(Problem::new(
                401,
                "INVALID_CLIENT_ID",
                "ratio-client-id is no UUID",
            ));
        }
        Some(id) if id != world.settings.client_id => {
            return Err(Problem::new(
                401,
                "NOT_FOUND_CLIENT",
                "there is no client with this ratio-client-id",
            ));
        }
        _ => {}
    }
    // A secret that the document does not require is not checked.
    if operation.requires_header("ratio-client-secret")
        && sent("ratio-client-secret").is_some_and(|secret| secret != world.settings.client_secret)
    {
        return Err(Problem::new(
            401,
            "INVALID_CLIENT_SECRET",
            "ratio-client-secret is not this client's secret",
        ));
    }
    Ok(())
}

/// Sends a response only if the document allows it. Any other response is an error of the sandbox or the document, and
/// becomes a 500.
fn held_to_contract(shared: &Shared, operation: Operation<'_>, spoken: Spoken) -> Reply {
    let Some(violation) = spoken.violation else {
        return Reply {
            status: spoken.status,
            body: spoken.body,
            headers: spoken.headers,
            refresh: None,
        };
    };
    let at = if violation.pointer.is_empty() {
        String::new()
    } else {
        format!(" at {}", violation.pointer)
    };
    let what = format!(
        "{} answering {}: {}{at}: {}",
        operation.name(),
        spoken.status,
        violation.part,
        violation.why
    );
    tracing::error!(%what, "the sandbox broke the contract it speaks");
    shared.broke_contract(what.clone());
    plain(&Problem::new(500, "SANDBOX_BROKE_CONTRACT", what), shared)
}

fn plain(problem: &Problem, shared: &Shared) -> Reply {
    Reply {
        status: problem.status,
        body: Some(problem.body(shared.clock.now())),
        headers: Vec::new(),
        refresh: None,
    }
}

impl Reply {
    /// The response with the fault applied.
    fn troubled(mut self, operation: Operation<'_>, kind: &Kind) -> Response<Body> {
        if let (Kind::FutureVersion(version), Some(body)) = (kind, &mut self.body) {
            operation.answer_as(self.status, body, *version);
        }
        if let (Kind::Oversized { bytes }, Some(Value::Object(body))) = (kind, &mut self.body) {
            body.insert(
                "padding".to_owned(),
                Value::String("x".repeat((*bytes).min(LARGEST_ANSWER))),
            );
        }
        let text = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        let mut response = self.into_response();
        match kind {
            Kind::ContentType(media) => {
                if let Ok(media) = HeaderValue::from_str(media) {
                    response.headers_mut().insert(header::CONTENT_TYPE, media);
                }
            }
            Kind::Truncate => {
                response
                    .headers_mut()
                    .insert(header::CONTENT_LENGTH, text.len().into());
                *response.body_mut() = Body::new(half(&text));
            }
            _ => {}
        }
        response
    }

    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        if let Some(body) = self.body {
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(header::CONTENT_TYPE, json);
            *response.body_mut() = Body::from(body.to_string());
        }
        if let Some(token) = self.refresh.and_then(|token| HeaderValue::from_str(&token).ok()) {
            response.headers_mut().insert(REFRESH, token);
        }
        response
    }
}

/// Sends half of a text and then an error, so that the connection ends before the promised length is reached.
fn half(text: &str) -> StreamBody<impl Stream<Item = Result<Frame<Bytes>, io::Error>> + use<>> {
    let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    let begun = stream::iter([Ok(Frame::data(half))]);
    // Yields once without a result, so that the first half is sent before the connection ends.
    let ended = stream::once(async {
        tokio::task::yield_now().await;
        Err(io::Error::other("truncated on purpose"))
    });
    StreamBody::new(begun.chain(ended))
}

/// A refusal outside the document's operations.
pub(crate) fn refusal(shared: &Shared, status: u16, code: &'static str, message: &str) -> Response<Body> {
    plain(&Problem::new(status, code, message).with(json!({})), shared).into_response()
}
