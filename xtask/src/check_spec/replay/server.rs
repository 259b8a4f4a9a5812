//! A server on this machine that behaves as staging's document says.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode, header};
use serde_json::{Value, json};

use super::contract::{Contract, Refusal};

/// How the server answers.
pub(super) enum Behaviour {
    /// Holds the request to a contract: 400 with the reasons, or an empty object.
    Validate(Contract),
    /// Gives this answer: `{status, headers, body}`.
    Answer(Value),
}

/// Runs until it is dropped.
pub(super) struct Server {
    pub(super) address: String,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

struct Shared {
    behaviour: Behaviour,
    refusals: Mutex<Vec<Refusal>>,
}

/// The client's requests are small; more than this is none of them.
const LARGEST_REQUEST: usize = 1_000_000;

impl Server {
    pub(super) async fn open(behaviour: Behaviour) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = format!("http://{}", listener.local_addr()?);
        let shared = Arc::new(Shared {
            behaviour,
            refusals: Mutex::default(),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            // Serving ends when the task is aborted; an error of one connection is its client's to report.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            shared,
            task,
        })
    }

    /// What the contract had against the requests so far.
    pub(super) fn refusals(&self) -> Vec<Refusal> {
        self.shared
            .refusals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let (status, body) = match &shared.behaviour {
        Behaviour::Validate(contract) => {
            let body = to_bytes(body, LARGEST_REQUEST).await.unwrap_or_default();
            let refusals = contract.refusals(&head.headers, &body);
            let refused = !refusals.is_empty();
            shared
                .refusals
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(refusals);
            let error = json!({"code": "INVALID_BODY", "message": "refused by staging's document"});
            if refused {
                (400, Some(error))
            } else {
                (200, Some(json!({})))
            }
        }
        Behaviour::Answer(message) => {
            let status = message["status"]
                .as_u64()
                .and_then(|status| u16::try_from(status).ok())
                .unwrap_or(200);
            (
                status,
                message.get("body").filter(|body| !body.is_null()).cloned(),
            )
        }
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = Response::new(body.map_or_else(Body::empty, |body| Body::from(body.to_string())));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
