//! A server that does what a script says and counts what arrives, and virtual time for the client beside it.
#![allow(dead_code, reason = "each test uses its part")]

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ratio_bank::{AchKind, AchOrder, BankId, Client, ClientBuilder, CryptoCurrency, Environment};
use ratio_bank::{PublicToken, Session, SessionToken, UserId, WalletId};
use ratio_sandbox::{Document, Sandbox};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// The document that this client is built from.
pub(crate) const PINNED: &str = include_str!("../../spec/api-docs.json");

/// A stand-in that speaks the document that this client is built from.
pub(crate) fn stand_in() -> ratio_sandbox::Builder {
    Sandbox::builder().document(Document::parse(PINNED).unwrap())
}

/// The longest one attempt takes in these tests, and so how far a stall moves the clock.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(15);

/// Longer than anything takes on the busiest machine.
pub(crate) const EVER: Duration = Duration::from_secs(60 * 60);

/// What the server does with one request that it has read whole.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Answers with this status, these header lines and this body, and keeps the connection.
    Answer(u16, &'static str, String),
    /// Answers this status with a body of this content type, or of none.
    Typed(u16, &'static str, String),
    /// Closes the connection.
    Close,
    /// Answers nothing until the client's patience is over. Time is virtual: this takes none.
    Stall,
    /// Answers this status with a body that is cut in the middle.
    Truncate(u16),
    /// Answers this status and never the whole of its body, until the client's patience is over.
    StallWithin(u16),
    /// Answers this status, these header lines (a length included or not) and these bytes, and then this.
    Raw(u16, &'static str, String, After),
}

/// What comes after the bytes of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum After {
    /// The end of the connection.
    Close,
    /// Nothing, until the client's patience is over.
    Stall,
}

/// A success for each of the operations: fields of the one are unknown to the other.
pub(crate) const SUCCESS: &str =
    r#"{"linkToken":"link-sandbox-1","bankAccount":{"id":"b-1"},"activityItem":{"id":"i-1"},"items":[]}"#;

impl Act {
    pub(crate) fn status(status: u16) -> Self {
        Self::Answer(
            status,
            "",
            r#"{"message":"refused","code":"SOME_CODE"}"#.to_owned(),
        )
    }

    pub(crate) fn success() -> Self {
        Self::Answer(200, "", SUCCESS.to_owned())
    }

    pub(crate) fn body(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, "", body.into())
    }
}

/// One request as it arrived: its head, its body, and which connection brought it.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub(crate) connection: usize,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A scripted server on the loopback interface. When the script is over, it answers with success.
pub(crate) struct Server {
    pub(crate) url: String,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Server {
    pub(crate) async fn start(script: impl IntoIterator<Item = Act>) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), script)
    }

    fn listen(listener: TcpListener, script: impl IntoIterator<Item = Act>) -> Self {
        let url = format!("http://{}", listener.local_addr().unwrap());
        let script = Arc::new(Mutex::new(script.into_iter().collect::<VecDeque<_>>()));
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&arrived);
        tokio::spawn(async move {
            let mut connection = 0;
            while let Ok((stream, _)) = listener.accept().await {
                connection += 1;
                tokio::spawn(converse(
                    stream,
                    connection,
                    Arc::clone(&script),
                    Arc::clone(&record),
                ));
            }
        });
        Self { url, arrived }
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.arrived.lock().unwrap().len()
    }

    /// A client of this server that waits for nothing between attempts.
    pub(crate) fn client(&self) -> ClientBuilder {
        Client::builder(Environment::at(&self.url).unwrap())
            .client_id("the-product")
            .attempt_timeout(ATTEMPT)
            .random(|| 0)
    }

    pub(crate) fn session(&self) -> Session {
        session(&self.client().build().unwrap())
    }
}

async fn answer(stream: &mut TcpStream, status: u16, headers: &str, body: &str) -> std::io::Result<()> {
    let length = match status {
        204 => String::new(),
        _ => format!("content-length: {}\r\n", body.len()),
    };
    let answer = format!("HTTP/1.1 {status} X\r\n{headers}{length}\r\n{body}");
    stream.write_all(answer.as_bytes()).await
}

fn half_an_answer(status: u16) -> String {
    format!("HTTP/1.1 {status} X\r\ncontent-length: 100\r\n\r\n{{\"linkToken\":")
}

/// Writes the beginning of an answer and lets the client's patience pass.
async fn stall_after(stream: &mut TcpStream, beginning: &str) {
    let _ = stream.write_all(beginning.as_bytes()).await;
    // What was written has to arrive before the time is over.
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    tokio::time::advance(ATTEMPT + Duration::from_millis(1)).await;
}

async fn converse(
    mut stream: TcpStream,
    connection: usize,
    script: Arc<Mutex<VecDeque<Act>>>,
    record: Arc<Mutex<Vec<Arrived>>>,
) {
    while let Some((head, body)) = read_request(&mut stream).await {
        record.lock().unwrap().push(Arrived {
            connection,
            head,
            body,
        });
        let act = script.lock().unwrap().pop_front().unwrap_or_else(Act::success);
        match act {
            Act::Answer(status, headers, body) => {
                let headers = format!("content-type: application/json\r\n{headers}");
                if answer(&mut stream, status, &headers, &body).await.is_err() {
                    return;
                }
            }
            Act::Typed(status, content_type, body) => {
                let headers = match content_type {
                    "" => String::new(),
                    content_type => format!("content-type: {content_type}\r\n"),
                };
                if answer(&mut stream, status, &headers, &body).await.is_err() {
                    return;
                }
            }
            Act::Close => return,
            Act::Stall => tokio::time::advance(ATTEMPT + Duration::from_millis(1)).await,
            Act::Truncate(status) => {
                let _ = stream.write_all(half_an_answer(status).as_bytes()).await;
                return;
            }
            Act::StallWithin(status) => stall_after(&mut stream, &half_an_answer(status)).await,
            Act::Raw(status, headers, bytes, after) => {
                let answer = format!("HTTP/1.1 {status} X\r\n{headers}\r\n{bytes}");
                match after {
                    After::Close => {
                        let _ = stream.write_all(answer.as_bytes()).await;
                        return;
                    }
                    After::Stall => stall_after(&mut stream, &answer).await,
                }
            }
        }
    }
}

pub(crate) async fn read_request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length: usize = head
                .lines()
                .find_map(|line| {
                    line.to_ascii_lowercase()
                        .strip_prefix("content-length:")?
                        .trim()
                        .parse()
                        .ok()
                })
                .unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                let body = String::from_utf8_lossy(&bytes[end + 4..end + 4 + length]).into_owned();
                return Some((head, body));
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}

pub(crate) fn session(client: &Client) -> Session {
    client.session(UserId::new("u-1").unwrap(), SessionToken::new("opaque-token"))
}

pub(crate) fn bank() -> BankId {
    BankId::new("b-1").unwrap()
}

pub(crate) fn order() -> AchOrder {
    AchOrder::new(
        "49.99".parse().unwrap(),
        CryptoCurrency::Eth,
        WalletId::new("w-1").unwrap(),
        AchKind::Standard,
    )
}

/// A port that refuses connections until it is opened.
pub(crate) struct ClosedDoor(TcpSocket);

impl ClosedDoor {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self(socket)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    /// From now on there is a server that does what the script says.
    pub(crate) fn open(self, script: impl IntoIterator<Item = Act>) -> Server {
        Server::listen(self.0.listen(64).unwrap(), script)
    }
}

/// Waits for `call` while virtual time passes, a second at a time.
pub(crate) async fn while_time_passes<T>(call: impl Future<Output = T>) -> T {
    let passing = async {
        loop {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            tokio::time::advance(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        biased;
        result = call => result,
        () = passing => unreachable!("time never ends"),
    }
}

/// Runs a test whose clock stands still until the test moves it.
///
/// A paused tokio clock jumps to the next timer whenever the runtime waits, also when it waits for a real socket; it
/// does not while something blocks in the background.
pub(crate) fn in_virtual_time(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let (over, wait) = std::sync::mpsc::channel::<()>();
    runtime.block_on(async {
        let guard = tokio::task::spawn_blocking(move || wait.recv());
        test.await;
        drop(over);
        let _ = guard.await;
    });
}

/// Links a bank of the sandbox, which is not verified yet.
pub(crate) async fn linked_bank(session: &Session, sandbox: &Sandbox) -> BankId {
    let link = session.request_bank_link().await.unwrap();
    let token = PublicToken::new(sandbox.plaid().complete(link.token()).unwrap());
    session.activate_bank_link(token).await.unwrap().id.unwrap()
}

/// Everything that was printed, in whatever way.
#[derive(Clone, Default)]
pub(crate) struct Printed(pub(crate) Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
