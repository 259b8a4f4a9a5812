//! A local server that asks a function for the response to each request.

use std::future::Future;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{self, State};
use axum::http::{self, HeaderName, HeaderValue, StatusCode};
use openapi_wire::{Request, Response};
use tokio::sync::{mpsc, oneshot};

/// The server. It stops when it is dropped.
pub(super) struct Server {
    pub(super) url: String,
    exchanges: mpsc::Receiver<Exchange>,
    task: tokio::task::JoinHandle<()>,
}

/// A request that waits for its response.
type Exchange = (Request, oneshot::Sender<Response>);

/// Maximum size of a request. The client's requests are small.
const LARGEST_REQUEST: usize = 1_000_000;

impl Server {
    pub(super) async fn open() -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (sender, exchanges) = mpsc::channel(1);
        let router = Router::new().fallback(answer).with_state(sender);
        let task = tokio::spawn(async move {
            // The server ends when the task is aborted. An error of a connection is reported by its client.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, exchanges, task })
    }

    /// Runs a call of the client, and answers its requests in the meantime.
    pub(super) async fn during<T>(
        &mut self,
        call: impl Future<Output = T>,
        mut decide: impl FnMut(Request) -> Response,
    ) -> T {
        let mut call = std::pin::pin!(call);
        loop {
            tokio::select! {
                answered = &mut call => return answered,
                Some((request, answer)) = self.exchanges.recv() => {
                    // A client that has gone away does not need a response.
                    let _ = answer.send(decide(request));
                }
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    State(exchanges): State<mpsc::Sender<Exchange>>,
    request: extract::Request,
) -> http::Response<Body> {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter();
    let headers =
        headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    let body = to_bytes(body, LARGEST_REQUEST).await.unwrap_or_default();
    let request = Request {
        method: head.method.to_string(),
        target: Some(
            head.uri
                .path_and_query()
                .map_or_else(String::new, ToString::to_string),
        ),
        headers: headers.collect(),
        body: (!body.is_empty()).then(|| body.into()),
        granted: None,
    };
    let (sender, answer) = oneshot::channel();
    let asked = exchanges.send((request, sender)).await.is_ok();
    let answer = match answer.await {
        Ok(answer) if asked => answer,
        _ => Response {
            status: 500,
            ..Response::default()
        },
    };
    let mut response = http::Response::new(Body::from(answer.body.unwrap_or_default()));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
