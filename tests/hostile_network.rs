//! A network that drops, delays, cuts, reorders and corrupts the traffic between the client and Ratio. No payment is
//! made twice or hidden, every call ends, and no resources accumulate.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ratio_bank::{
    ActivityFilter, BankId, Client, Environment, Error, PublicToken, Session, SessionToken, UserId,
};
use support::{SUCCESS, order};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Number of operations for each client, so that its budget for retries does not end a call.
const PER_CLIENT: u64 = 25;

/// The number of operations: as the environment asks, else a tenth of a manual run.
fn operations() -> u64 {
    let asked = std::env::var("HOSTILE_OPERATIONS").ok();
    asked.map_or(2_000, |it| it.parse().expect("HOSTILE_OPERATIONS is a number"))
}

/// The number of concurrent callers, each behind its own network.
const LINES: u64 = 16;

/// `SplitMix64`: all events depend only on a number.
struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }
}

/// The fate of the bytes of one connection.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Passes,
    /// The connection ends before a byte passes.
    Dropped,
    /// The connection ends after this many bytes of requests.
    CutRequest(usize),
    /// The connection ends after this many bytes of responses.
    CutAnswer(usize),
    /// The connection ends after a request, before its response.
    NoAnswer,
    /// This many bytes pass at a time, and other tasks run in between.
    Trickles(usize),
    /// The two parts of a response are swapped, and the connection ends.
    Reordered,
    /// A byte of a request is changed, and nothing follows.
    CorruptRequest(usize),
    /// A byte of a response after its status line is changed, and the connection ends.
    CorruptAnswer(usize),
    /// A response is sent twice, and the connection ends.
    Repeated,
}

impl Fate {
    fn of(connection: u64) -> Self {
        let mut seeded = Seeded(connection);
        match seeded.below(16) {
            0..=3 => Self::Passes,
            4 => Self::Dropped,
            5 | 6 => Self::CutRequest(seeded.below(900)),
            7 | 8 => Self::CutAnswer(seeded.below(400)),
            9 | 10 => Self::NoAnswer,
            11 => Self::Trickles(1 + seeded.below(40)),
            12 => Self::Reordered,
            13 => Self::CorruptRequest(seeded.below(700)),
            14 => Self::CorruptAnswer(seeded.below(200)),
            _ => Self::Repeated,
        }
    }
}

/// The actions that Ratio has carried out.
#[derive(Default)]
struct Books {
    arrived: AtomicUsize,
    paid: AtomicUsize,
    activated: AtomicUsize,
}

/// Stands in for Ratio: it pays and activates for each complete request. The number of the request decides its
/// response.
async fn ratio(books: Arc<Books>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let books = Arc::clone(&books);
            tokio::spawn(async move { drop(serve(stream, &books).await) });
        }
    });
    port
}

async fn serve(mut stream: TcpStream, books: &Books) -> std::io::Result<()> {
    let mut read = Vec::new();
    loop {
        let Some((head, body)) = request(&mut stream, &mut read).await? else {
            return Ok(());
        };
        let number = books.arrived.fetch_add(1, Ordering::SeqCst);
        // A corrupted body is refused before any action.
        let is_whole = body.is_empty() || serde_json::from_str::<serde_json::Value>(&body).is_ok();
        let mut seeded = Seeded(number as u64 ^ 0x5eed);
        let line = head.lines().next().unwrap_or_default();
        let (pays, activates) = (line.contains("/ach "), line.contains(":activateLink "));
        let is_known = match line.split(' ').next() {
            Some("POST") => pays || activates || line.contains(":requestLink "),
            method => method == Some("GET"),
        };
        let status = if is_whole && is_known {
            [200, 200, 200, 200, 200, 200, 429, 429, 400, 503][seeded.below(10)]
        } else {
            404
        };
        // A service may fail after it has carried out the request.
        let is_done = status == 200 || (status == 503 && seeded.below(2) == 0);
        if is_done && pays {
            books.paid.fetch_add(1, Ordering::SeqCst);
        } else if is_done && activates {
            books.activated.fetch_add(1, Ordering::SeqCst);
        }
        let text = if status == 200 {
            SUCCESS
        } else {
            r#"{"code":"SOME_CODE","message":"no"}"#
        };
        let answer = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
            text.len()
        );
        stream.write_all(answer.as_bytes()).await?;
    }
}

/// The head and the body of the next complete request.
async fn request(stream: &mut TcpStream, read: &mut Vec<u8>) -> std::io::Result<Option<(String, String)>> {
    loop {
        let text = String::from_utf8_lossy(read);
        if let Some((head, rest)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse::<usize>())
            });
            // An unreadable head ends the connection, as in real servers.
            let Ok(length) = length.transpose().map(Option::unwrap_or_default) else {
                return Ok(None);
            };
            if rest.len() >= length && rest.is_char_boundary(length) {
                let found = (head.to_owned(), rest[..length].to_owned());
                let used = head.len() + 4 + length;
                read.drain(..used.min(read.len()));
                return Ok(Some(found));
            }
        }
        if stream.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
}

/// A network between the client and `port`. Each of its connections has its own fate.
async fn network(port: u16, seed: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut connection = seed;
        while let Ok((client, _)) = listener.accept().await {
            connection += 1;
            let fate = Fate::of(connection);
            tokio::spawn(async move {
                if matches!(fate, Fate::Dropped) {
                    return;
                }
                let Ok(service) = TcpStream::connect(("127.0.0.1", port)).await else {
                    return;
                };
                let (from_client, to_client) = client.into_split();
                let (from_service, to_service) = service.into_split();
                // The end of either direction ends both directions.
                tokio::select! {
                    _ = requests(fate, from_client, to_service) => {}
                    _ = answers(fate, from_service, to_client) => {}
                }
            });
        }
    });
    url
}

async fn requests(fate: Fate, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> std::io::Result<()> {
    let mut buffer = vec![0; 4096];
    let mut passed = 0;
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        let mut bytes = buffer[..length].to_vec();
        match fate {
            Fate::CutRequest(at) if passed + length > at => {
                to.write_all(&bytes[..at - passed]).await?;
                return Ok(());
            }
            Fate::CorruptRequest(at) if passed <= at && at < passed + length => {
                bytes[at - passed] ^= 1 << (at % 7);
                to.write_all(&bytes).await?;
                to.shutdown().await?;
                // The response may still arrive, and its end is the end of the connection.
                std::future::pending::<()>().await;
            }
            Fate::Trickles(size) => {
                for piece in bytes.chunks(size) {
                    to.write_all(piece).await?;
                    tokio::task::yield_now().await;
                }
            }
            _ => to.write_all(&bytes).await?,
        }
        passed += length;
    }
}

async fn answers(fate: Fate, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> std::io::Result<()> {
    let mut buffer = vec![0; 4096];
    let mut passed = 0;
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        let bytes = &mut buffer[..length];
        match fate {
            Fate::NoAnswer => return Ok(()),
            Fate::CutAnswer(at) if passed + length > at => {
                return to.write_all(&bytes[..at - passed]).await;
            }
            Fate::Reordered => {
                let (first, second) = bytes.split_at(length / 2);
                to.write_all(second).await?;
                return to.write_all(first).await;
            }
            Fate::CorruptAnswer(at) if at + 20 < length => {
                bytes[at + 20] ^= 1 << (at % 7);
                return to.write_all(bytes).await;
            }
            // Both are sent in one piece, so that they arrive before the next request.
            Fate::Repeated => return to.write_all(&bytes.repeat(2)).await,
            Fate::Trickles(size) => {
                for piece in bytes.chunks(size) {
                    to.write_all(piece).await?;
                    tokio::task::yield_now().await;
                }
            }
            _ => to.write_all(bytes).await?,
        }
        passed += length;
    }
}

fn session(url: &str) -> Session {
    let client = Client::builder(Environment::at(url).unwrap())
        .client_id("the-product")
        .random(|| 0)
        .build()
        .unwrap();
    client.session(UserId::new("u-1").unwrap(), SessionToken::new("a.b.c"))
}

#[derive(Debug, Default)]
struct Tally {
    paid: usize,
    told: usize,
    doubted: usize,
    failed: usize,
}

/// Checks the result of a call that may move money against the actions of Ratio meanwhile.
fn hold<T>(number: u64, result: Result<T, Error>, done: usize, tally: &mut Tally) {
    assert!(done <= 1, "operation {number} is done {done} times");
    match result {
        Ok(_) => {
            assert_eq!(done, 1, "operation {number} succeeds and nothing is done");
            tally.told += 1;
        }
        Err(error) if error.may_have_executed() => tally.doubted += 1,
        Err(error) => {
            assert_eq!(done, 0, "operation {number} hides what was done: {error}");
            tally.failed += 1;
        }
    }
    tally.paid += done;
}

/// Open descriptors and resident memory in KiB, if the system reports them.
fn held() -> Option<(usize, usize)> {
    let descriptors = std::fs::read_dir("/proc/self/fd").ok()?.count();
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let resident = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some((descriptors, resident))
}

/// Runs one caller behind its own network, and returns the outcomes of the calls.
async fn line(seed: u64, operations: u64) -> (Tally, usize, Option<(usize, usize)>) {
    let books = Arc::new(Books::default());
    let port = ratio(Arc::clone(&books)).await;
    let url = network(port, seed).await;
    let bank = BankId::new("b-1").unwrap();
    let mut session = session(&url);
    let mut tally = Tally::default();
    let mut early = None;
    for number in 0..operations {
        if number % PER_CLIENT == 0 {
            session = self::session(&url);
        }
        if number == operations / 4 {
            early = held();
        }
        match number % 8 {
            0..=3 => {
                let before = books.paid.load(Ordering::SeqCst);
                let result = session.initiate_ach(&bank, &order()).await;
                // A request in progress is refused or carried out before the next call.
                let done = books.paid.load(Ordering::SeqCst) - before;
                hold(number, result, done, &mut tally);
            }
            4 => {
                let before = books.activated.load(Ordering::SeqCst);
                let result = session.activate_bank_link(PublicToken::new("public-1")).await;
                let done = books.activated.load(Ordering::SeqCst) - before;
                hold(number, result, done, &mut tally);
            }
            5 => drop(session.get_user().await),
            6 => drop(session.request_bank_link().await),
            _ => drop(session.activity(ActivityFilter::new()).next_page().await),
        }
    }
    (tally, books.arrived.load(Ordering::SeqCst), early)
}

#[tokio::test]
async fn a_network_that_breaks_everything_pays_nobody_twice_and_hides_no_payment() {
    // Most of the time is spent waiting, so several callers run at once.
    let each = operations() / LINES;
    let lines = (0..LINES).map(|nth| line(nth * each, each));
    let (mut tally, mut arrived, mut early) = (Tally::default(), 0, None);
    for (told, requests, held) in futures_util::future::join_all(lines).await {
        tally.paid += told.paid;
        tally.told += told.told;
        tally.doubted += told.doubted;
        tally.failed += told.failed;
        arrived += requests;
        early = early.max(held);
    }
    let operations = each * LINES;
    println!("{operations} operations, {arrived} requests arrived, {tally:?}");
    // The network is as bad as intended, and not worse.
    let enough = usize::try_from(operations / 20).unwrap();
    assert!(
        tally.told > enough && tally.doubted > enough && tally.failed > enough / 2,
        "{tally:?}"
    );
    if let (Some((descriptors, resident)), Some((now, resident_now))) = (early, held()) {
        println!("descriptors {descriptors}, then {now}; resident KiB {resident}, then {resident_now}");
        assert!(
            now <= descriptors + 30,
            "descriptors pile up: {descriptors}, then {now}"
        );
        assert!(
            resident_now <= resident + 20_000,
            "memory piles up: {resident} KiB, then {resident_now}"
        );
    }
}
