//! A server on this machine that asks for the answer to each request it gets.

use std::future::Future;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot};

use super::call::Address;
use super::refusal::{media_of, names, plain};
use super::service::essence;

/// Runs until it is dropped.
pub(super) struct Server {
    pub(super) address: Address,
    exchanges: mpsc::Receiver<(Seen, oneshot::Sender<Reply>)>,
    task: tokio::task::JoinHandle<()>,
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) path: String,
    query: String,
    headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The template of the operation that the client called, as pinned.
    pub(super) pinned: String,
}

/// What is answered.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// The client's requests are small; more than this is none of them.
const LARGEST_REQUEST: usize = 1_000_000;

impl Server {
    pub(super) async fn open() -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = Address {
            url: format!("http://{}", listener.local_addr()?),
        };
        let (sender, exchanges) = mpsc::channel(1);
        let router = Router::new().fallback(answer).with_state(sender);
        let task = tokio::spawn(async move {
            // Serving ends when the task is aborted; an error of one connection is its client's to report.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            exchanges,
            task,
        })
    }

    /// Waits for a call of the client, and answers its requests meanwhile.
    pub(super) async fn during<T>(
        &mut self,
        call: impl Future<Output = T>,
        mut decide: impl FnMut(Seen) -> Reply,
    ) -> T {
        let mut call = std::pin::pin!(call);
        loop {
            tokio::select! {
                answered = &mut call => return answered,
                Some((seen, reply)) = self.exchanges.recv() => {
                    // A client that is gone needs no answer.
                    let _ = reply.send(decide(seen));
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
    State(exchanges): State<mpsc::Sender<(Seen, oneshot::Sender<Reply>)>>,
    request: Request,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let seen = Seen {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: to_bytes(body, LARGEST_REQUEST).await.unwrap_or_default().into(),
        pinned: String::new(),
    };
    let (sender, reply) = oneshot::channel();
    let asked = exchanges.send((seen, sender)).await.is_ok();
    let reply = match reply.await {
        Ok(reply) if asked => reply,
        _ => Reply::refusing(500, ""),
    };
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.find_map(|(own, value)| (own == name).then(|| value.into_owned()))
    }

    pub(super) fn cookie(&self, name: &str) -> bool {
        let cookies = self.header("cookie").unwrap_or_default();
        cookies
            .split(';')
            .any(|pair| pair.split('=').next().is_some_and(|own| own.trim() == name))
    }

    /// The path without what was filled into it.
    pub(super) fn template(&self) -> &str {
        &self.pinned
    }

    /// The request as a message `{path_parameters, query, headers, body}`, to be looked into at a finding's place.
    pub(super) fn message(&self, captured: &[String]) -> Value {
        let mut message = Map::new();
        let parameters = names(&self.pinned).zip(captured);
        let parameters: Map<String, Value> = parameters
            .map(|(name, value)| (name.to_owned(), value.as_str().into()))
            .collect();
        message.insert("path_parameters".to_owned(), parameters.into());
        let query: Map<String, Value> = url::form_urlencoded::parse(self.query.as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
            .collect();
        message.insert("query".to_owned(), query.into());
        let headers: Map<String, Value> = self
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.into())))
            .collect();
        message.insert("headers".to_owned(), headers.into());
        if let Ok(body) = serde_json::from_slice(&self.body) {
            message.insert("body".to_owned(), body);
        }
        message.into()
    }
}

impl Reply {
    /// An error as the vendor shapes them; its code is not known.
    pub(super) fn refusing(status: u16, why: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: serde_json::json!({ "message": why }).to_string().into_bytes(),
        }
    }

    /// The answer `{status, headers, body}`.
    ///
    /// # Errors
    /// When such an answer cannot be made here; the text says why.
    pub(super) fn of(message: &Value) -> Result<Self, String> {
        let status = message["status"].as_u64().and_then(|it| u16::try_from(it).ok());
        let status = status.filter(|status| (200..600).contains(status));
        let status = status.ok_or("its status is none that an answer ends with")?;
        let given = message.get("headers").and_then(Value::as_object);
        let mut headers: Vec<(String, String)> = given
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.to_ascii_lowercase(), plain(value)))
            .collect();
        let body = match message.get("body") {
            None => Vec::new(),
            Some(body) => {
                let media = media_of(message);
                let essence = essence(&media);
                let bytes = if essence.ends_with("/json") || essence.ends_with("+json") {
                    body.to_string()
                } else if let (true, Value::String(text)) = (essence.starts_with("text/"), body) {
                    text.clone()
                } else {
                    return Err(format!("nothing here writes {essence}"));
                };
                if !headers.iter().any(|(name, _)| name == "content-type") {
                    headers.push(("content-type".to_owned(), media));
                }
                bytes.into_bytes()
            }
        };
        Ok(Self {
            status,
            headers,
            body,
        })
    }
}
