//! The client beside a hand-written call with `reqwest`, against the sandbox on this machine: `cargo xtask bench client`.
//!
//! Both do the same: POST with the same headers, status, decode. They take turns, so that whatever else the machine does
//! falls on both, and only their ratios are figures.

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use allocation_counter::measure;
use futures_util::future::join_all;
use ratio_bank::{
    AchKind, AchOrder, BankId, Client, CryptoCurrency, Environment, PublicToken, Session, SessionToken,
    UserId, WalletId,
};
use ratio_sandbox::{Clock, Sandbox, User};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Calls of each side that warm up, and calls of each side that count.
const WARM_UP: usize = 500;
const CALLS: usize = 5_000;
/// Rounds of each side per level of concurrency, and calls per round.
const ROUNDS: usize = 101;
const CALLS_PER_ROUND: usize = 1_024;

fn main() -> Result<(), AnyError> {
    let sandbox = sandbox_on_its_own_thread()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let ours = ours(&sandbox, &sandbox.user())?;
    let theirs = Theirs::new(&sandbox, &sandbox.user())?;

    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    if let Some(side) = arguments.next() {
        let calls: usize = arguments.next().unwrap_or_default().parse()?;
        return only(&runtime, &side, calls, &ours, &theirs);
    }
    latency(&runtime, &ours, &theirs)?;
    for concurrency in [64, 512] {
        throughput(&runtime, concurrency, &ours, &theirs)?;
    }
    allocations(&runtime, &sandbox)?;
    instructions()
}

/// The sandbox on a thread of its own, so that its allocations are not counted. Its clock stands still, so that no
/// session ends.
fn sandbox_on_its_own_thread() -> Result<Sandbox, AnyError> {
    let (ready, started) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async move {
            let clock = Clock::still_at("2023-01-01T00:00:00Z")?;
            ready.send(Sandbox::builder().clock(clock).start().await?)?;
            std::future::pending::<Result<(), AnyError>>().await
        })
    });
    Ok(started.recv()?)
}

fn ours(sandbox: &Sandbox, user: &User) -> Result<Session, AnyError> {
    let client = Client::builder(Environment::at(sandbox.url())?)
        .client_id(sandbox.client_id())
        .build()?;
    Ok(client.session(UserId::new(user.id())?, SessionToken::new(user.session_token())))
}

/// What one writes without this crate.
struct Theirs {
    http: reqwest::Client,
    base_url: String,
    client_id: String,
    user: String,
    token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkAnswer {
    link_token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AchAnswer {
    activity_item: Option<ratio_bank::types::ActivityItem>,
}

impl Theirs {
    fn new(sandbox: &Sandbox, user: &User) -> Result<Self, AnyError> {
        Ok(Self {
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .timeout(Duration::from_secs(15))
                .tcp_nodelay(true)
                .http1_max_headers(1024)
                .no_proxy()
                .build()?,
            base_url: sandbox.url().to_owned(),
            client_id: sandbox.client_id(),
            user: user.id().to_owned(),
            token: user.session_token().to_owned(),
        })
    }

    async fn call<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, AnyError> {
        let answer = request
            .header("accept", "application/json")
            .header("user-agent", "by-hand/1")
            .header("ratio-client-id", &self.client_id)
            .bearer_auth(&self.token)
            .send()
            .await?
            .error_for_status()?;
        Ok(serde_json::from_slice(&answer.bytes().await?)?)
    }

    async fn request_bank_link(&self) -> Result<String, AnyError> {
        let url = format!("{}/v1/users/{}/banks:requestLink", self.base_url, self.user);
        let answer: LinkAnswer = self.call(self.http.post(url)).await?;
        Ok(answer.link_token)
    }

    async fn get_user(&self) -> Result<ratio_bank::types::User, AnyError> {
        let url = format!("{}/v1/users/{}", self.base_url, self.user);
        self.call(self.http.get(url)).await
    }

    async fn initiate_ach(&self, bank: &BankId, order: &AchOrder) -> Result<(), AnyError> {
        let url = format!(
            "{}/v1/users/{}/banks/{}/ach",
            self.base_url,
            self.user,
            bank.as_str()
        );
        let body = json!({
            "fiatAmount": order.amount.to_string(), "cryptoCurrency": order.currency,
            "walletId": order.wallet, "type": order.kind,
        });
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&body)?);
        let answer: AchAnswer = self.call(request).await?;
        black_box(answer.activity_item);
        Ok(())
    }
}

/// Calls of one side alone, for a program that counts what this one does.
fn only(
    runtime: &Runtime,
    side: &str,
    calls: usize,
    ours: &Session,
    theirs: &Theirs,
) -> Result<(), AnyError> {
    for _ in 0..calls {
        match side {
            "ours" => drop(black_box(runtime.block_on(ours.request_bank_link())?)),
            "by-hand" => drop(black_box(runtime.block_on(theirs.request_bank_link())?)),
            other => return Err(format!("no side is called {other}").into()),
        }
    }
    Ok(())
}

fn latency(runtime: &Runtime, ours: &Session, theirs: &Theirs) -> Result<(), AnyError> {
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    for call in 0..WARM_UP + CALLS {
        // Who comes second finds everything warm, so each comes first by turns.
        for is_ours in [call % 2 == 0, call % 2 == 1] {
            let began = Instant::now();
            let times = if is_ours {
                black_box(runtime.block_on(ours.request_bank_link())?);
                &mut our_times
            } else {
                black_box(runtime.block_on(theirs.request_bank_link())?);
                &mut their_times
            };
            if call >= WARM_UP {
                times.push(began.elapsed());
            }
        }
    }
    let (ours, theirs) = (median(our_times), median(their_times));
    println!(
        "latency, one call at a time:     {:.3}× (median of {CALLS}: {ours:.1?} beside {theirs:.1?})",
        ours.as_secs_f64() / theirs.as_secs_f64()
    );
    Ok(())
}

fn throughput(
    runtime: &Runtime,
    concurrency: usize,
    ours: &Session,
    theirs: &Theirs,
) -> Result<(), AnyError> {
    let rate =
        |time: Duration| f64::from(u32::try_from(CALLS_PER_ROUND).unwrap_or(u32::MAX)) / time.as_secs_f64();
    let each = CALLS_PER_ROUND / concurrency;
    let mut ratios = Vec::new();
    let (mut our_rates, mut their_rates) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let began = Instant::now();
        let calls = join_all((0..concurrency).map(|_| async {
            for _ in 0..each {
                black_box(ours.request_bank_link().await?);
            }
            Ok::<_, AnyError>(())
        }));
        runtime.block_on(calls).into_iter().collect::<Result<(), _>>()?;
        let ours = rate(began.elapsed());
        let began = Instant::now();
        let calls = join_all((0..concurrency).map(|_| async {
            for _ in 0..each {
                black_box(theirs.request_bank_link().await?);
            }
            Ok::<_, AnyError>(())
        }));
        runtime.block_on(calls).into_iter().collect::<Result<(), _>>()?;
        let theirs = rate(began.elapsed());
        // The first round opens the connections.
        if round > 0 {
            ratios.push(ours / theirs);
            our_rates.push(ours);
            their_rates.push(theirs);
        }
    }
    println!(
        "throughput, {concurrency:3} calls at a time: {:.3}× (median of {ROUNDS} rounds: {:.0}/s beside {:.0}/s)",
        median(ratios),
        median(our_rates),
        median(their_rates)
    );
    Ok(())
}

fn allocations(runtime: &Runtime, sandbox: &Sandbox) -> Result<(), AnyError> {
    let user = sandbox.user();
    let session = ours(sandbox, &user)?;
    let bank = runtime.block_on(async {
        let link = session.request_bank_link().await?;
        let public_token = PublicToken::new(sandbox.plaid().complete(link.token())?);
        let bank = session.activate_bank_link(public_token).await?;
        Ok::<_, AnyError>(bank.id.ok_or("the bank has no id")?)
    })?;
    sandbox.approve(bank.as_str())?;
    let order = AchOrder::new(
        "49.99".parse()?,
        CryptoCurrency::Eth,
        WalletId::new(user.wallet_id())?,
        AchKind::Standard,
    );
    let theirs = Theirs::new(sandbox, &user)?;

    let ours = counted(9, || runtime.block_on(session.request_bank_link()).map(drop))?;
    let other = counted(9, || runtime.block_on(theirs.request_bank_link()).map(drop))?;
    allocated("request_bank_link", ours, other);
    let ours = counted(9, || runtime.block_on(session.get_user()).map(drop))?;
    let other = counted(9, || runtime.block_on(theirs.get_user()).map(drop))?;
    allocated("get_user", ours, other);
    // Ratio takes four orders a day.
    let ours = counted(2, || {
        runtime.block_on(session.initiate_ach(&bank, &order)).map(drop)
    })?;
    let other = counted(2, || runtime.block_on(theirs.initiate_ach(&bank, &order)))?;
    allocated("initiate_ach", ours, other);
    Ok(())
}

/// The fewest allocations that a call did; its first ones open a connection.
fn counted<E>(calls: usize, mut call: impl FnMut() -> Result<(), E>) -> Result<u64, E> {
    let mut fewest = u64::MAX;
    for _ in 0..calls {
        let mut outcome = Ok(());
        fewest = fewest.min(measure(|| outcome = call()).count_total);
        outcome?;
    }
    Ok(fewest)
}

fn allocated(operation: &str, ours: u64, theirs: u64) {
    let number = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    println!(
        "allocations, {operation:19} {:.3}× ({ours} beside {theirs})",
        number(ours) / number(theirs)
    );
}

/// What the thread of the caller does for one call, counted by valgrind's callgrind where that is installed.
fn instructions() -> Result<(), AnyError> {
    let folder = tempfile::tempdir()?;
    let counted = |side: &str, calls: usize| -> Result<f64, AnyError> {
        let out = folder.path().join(format!("{side}-{calls}"));
        let status = Command::new("valgrind")
            .args(["--tool=callgrind", "--separate-threads=yes", "--quiet"])
            .arg(format!("--callgrind-out-file={}", out.display()))
            .arg(std::env::current_exe()?)
            .args([side, &calls.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if !status.success() {
            return Err(format!("valgrind ended with {status}").into());
        }
        // The first thread is the caller's, the sandbox has another one.
        let told = std::fs::read_to_string(folder.path().join(format!("{side}-{calls}-01")))?;
        let totals = told.lines().find_map(|line| line.strip_prefix("totals: "));
        Ok(totals.ok_or("callgrind told no total")?.trim().parse()?)
    };
    // What it takes to begin is in both runs of a side.
    let each = |side: &str| Ok::<_, AnyError>((counted(side, 300)? - counted(side, 100)?) / 200.0);
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("instructions, request_bank_link  not counted: there is no valgrind");
        return Ok(());
    }
    let (ours, theirs) = (each("ours")?, each("by-hand")?);
    println!(
        "instructions, request_bank_link  {:.3}× ({ours:.0} beside {theirs:.0})",
        ours / theirs
    );
    Ok(())
}

fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values[values.len() / 2]
}
