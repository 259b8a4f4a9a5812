//! Several replicas on one database: killed at each step, cut off from the database at each step, and many at once.

use std::collections::HashMap;
use std::env;
use std::path::PathBuf;
use std::time::Duration;

use example_service::move_database;
use futures_util::future::join_all;
use ratio_sandbox::{Fault, operation};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::over_sockets::{Process, buyer, complete, path, until, until_finished};
use crate::stage::{App, Stage, create_database};

/// Where a replica is killed, or the database is lost.
#[derive(Clone, Copy, Debug)]
enum Step {
    LinkBegun,
    RatioActivates,
    LinkFinished,
    RatioTakesTheOrder,
    OrderAccepted,
}

const STEPS: [Step; 5] = [
    Step::LinkBegun,
    Step::RatioActivates,
    Step::LinkFinished,
    Step::RatioTakesTheOrder,
    Step::OrderAccepted,
];

fn wish(bank: &Value, id: u32) -> Value {
    json!({ "orderId": format!("{id:032x}"), "bankId": bank, "amount": "25", "currency": "ETH" })
}

/// Asks in a task of its own, since no answer may come.
fn ask(app: &App, path: String, body: Value) -> JoinHandle<()> {
    let app = app.clone();
    tokio::spawn(async move { drop(app.try_ask(Method::POST, &path, body).await) })
}

async fn until_asked(stage: &Stage, operation: &str) {
    until("Ratio is asked", async || {
        stage.sandbox.request_count(operation).unwrap() == 1
    })
    .await;
}

/// What is left of a stage at the end of a story: one line of the table.
async fn line(stage: &Stage, app: &App, step: Step) -> String {
    let sent = |operation| stage.sandbox.request_count(operation).unwrap();
    format!(
        "{:<20} banks {:?}, activations {}, order {}, sent {}, transfers {}",
        format!("{step:?}"),
        app.standings().await,
        sent(operation::ACTIVATE_BANK_LINK),
        stage.order_state(1).await,
        sent(operation::INITIATE_ACH),
        stage.sandbox.ledger().transfers().len(),
    )
}

const WHOLE: &str = r#"banks ["ready"], activations 1, order accepted, sent 1, transfers 1"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_killed_at_any_step_leaves_one_link_and_one_order() {
    let mut table = Vec::new();
    for step in STEPS {
        let stage = Stage::set().await;
        let first = Process::start(&stage).await;
        let app = App::sign_in(&first.url, &stage.user).await;
        let mut first = Some(first);
        let link = app.begin().await;
        let mut app = app;
        // Kills the replica that runs, and goes on with another.
        let mut die = async |app: &mut App| {
            first.take().unwrap().kill().await;
            let second = Process::start(&stage).await;
            *app = app.at(&second.url);
            first = Some(second);
        };
        if let Step::LinkBegun = step {
            die(&mut app).await;
        }
        if let Step::RatioActivates = step {
            stage
                .sandbox
                .inject(operation::ACTIVATE_BANK_LINK, Fault::stall())
                .unwrap();
            let reporting = ask(&app, path(&link, "/success"), complete(&stage, &link));
            until_asked(&stage, operation::ACTIVATE_BANK_LINK).await;
            die(&mut app).await;
            reporting.await.unwrap();
            until_finished(&app, &link).await;
        } else {
            app.post(&path(&link, "/success"), complete(&stage, &link)).await;
        }
        if let Step::LinkFinished = step {
            die(&mut app).await;
        }
        let bank = app.get("/api/banks").await["banks"][0]["id"].clone();
        if let Step::RatioTakesTheOrder = step {
            stage
                .sandbox
                .inject(operation::INITIATE_ACH, Fault::stall())
                .unwrap();
            let buying = ask(&app, "/api/orders".to_owned(), wish(&bank, 1));
            until_asked(&stage, operation::INITIATE_ACH).await;
            die(&mut app).await;
            buying.await.unwrap();
            assert_eq!(stage.order_state(1).await, "sending");
            // Five minutes later.
            stage
                .database_execute("UPDATE orders SET look_at = look_at - 300")
                .await;
        } else {
            app.post("/api/orders", wish(&bank, 1)).await;
        }
        if let Step::OrderAccepted = step {
            die(&mut app).await;
        }
        until("the order is accepted", async || {
            stage.order_state(1).await == "accepted"
        })
        .await;
        // The customer's app does not know, and asks again.
        app.post("/api/orders", wish(&bank, 1)).await;
        table.push(line(&stage, &app, step).await);
    }
    println!("killed at\n{}", table.join("\n"));
    assert!(table.iter().all(|line| line.ends_with(WHOLE)), "{table:#?}");
}

/// Stands between the services and their database, and can be cut.
struct Cable {
    address: String,
    is_whole: watch::Sender<bool>,
    _carrying: JoinHandle<()>,
}

impl Cable {
    async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (user, server) = server.split_once('@').unwrap();
        let address = format!("{user}@{}", listener.local_addr().unwrap());
        let server = server.to_owned();
        let (is_whole, whole) = watch::channel(true);
        let carrying = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let (server, mut whole) = (server.clone(), whole.clone());
                connections.spawn(async move {
                    if *whole.borrow_and_update() {
                        let mut far = TcpStream::connect(server).await.unwrap();
                        tokio::select! {
                            _ = copy_bidirectional(&mut near, &mut far) => {}
                            _ = whole.wait_for(|whole| !whole) => {}
                        }
                    }
                });
            }
        });
        Self {
            address,
            is_whole,
            _carrying: carrying,
        }
    }

    fn cut(&self) {
        self.is_whole.send_replace(false);
    }

    fn mend(&self) {
        self.is_whole.send_replace(true);
    }
}

/// A file is not lost and back; a server is.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_lost_at_any_step_and_back_leaves_one_link_and_one_order() {
    let Some(server) = env::var("POSTGRES").ok().filter(|_| crate::ON_POSTGRES) else {
        return;
    };
    let mut table = Vec::new();
    for step in STEPS {
        let cable = Cable::to(&server).await;
        let stage = Stage::on(Some(&cable.address)).await;
        let app = stage.app().await;
        // While it is away the service says so, and goes on when it is back.
        let lose = async |meanwhile: JoinHandle<()>| {
            cable.cut();
            until("it is missed", async || {
                app.status("/ready").await == StatusCode::SERVICE_UNAVAILABLE
            })
            .await;
            cable.mend();
            meanwhile.await.unwrap();
            until("it is back", async || {
                app.status("/ready").await == StatusCode::NO_CONTENT
            })
            .await;
        };
        let link = app.begin().await;
        if let Step::LinkBegun = step {
            lose(tokio::spawn(async {})).await;
        }
        if let Step::RatioActivates = step {
            let late = Fault::latency(Duration::from_millis(500));
            stage.sandbox.inject(operation::ACTIVATE_BANK_LINK, late).unwrap();
            let reporting = ask(&app, path(&link, "/success"), complete(&stage, &link));
            until_asked(&stage, operation::ACTIVATE_BANK_LINK).await;
            lose(reporting).await;
            stage.pass(61);
            until("the link is finished", async || {
                stage.service.service.finish_left_over().await;
                app.get(&path(&link, "")).await["state"] == "finished"
            })
            .await;
        } else {
            app.post(&path(&link, "/success"), complete(&stage, &link)).await;
        }
        if let Step::LinkFinished = step {
            lose(tokio::spawn(async {})).await;
        }
        let bank = app.get("/api/banks").await["banks"][0]["id"].clone();
        if let Step::RatioTakesTheOrder = step {
            let late = Fault::latency(Duration::from_millis(500));
            stage.sandbox.inject(operation::INITIATE_ACH, late).unwrap();
            let buying = ask(&app, "/api/orders".to_owned(), wish(&bank, 1));
            until_asked(&stage, operation::INITIATE_ACH).await;
            lose(buying).await;
        } else {
            app.post("/api/orders", wish(&bank, 1)).await;
        }
        if let Step::OrderAccepted = step {
            lose(tokio::spawn(async {})).await;
        }
        until("the order is accepted", async || {
            stage.order_state(1).await == "accepted"
        })
        .await;
        app.post("/api/orders", wish(&bank, 1)).await;
        table.push(line(&stage, &app, step).await);
    }
    println!("database lost at\n{}", table.join("\n"));
    assert!(table.iter().all(|line| line.ends_with(WHOLE)), "{table:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_order_asked_of_four_replicas_at_once_is_sent_once() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    let replicas = [
        stage.replica().await,
        stage.replica().await,
        stage.replica().await,
    ];
    for id in 1..=8 {
        let asked: Vec<_> = replicas
            .iter()
            .chain([&stage.service])
            .map(|replica| ask(&app.at(&replica.url), "/api/orders".to_owned(), wish(&bank, id)))
            .collect();
        for asked in asked {
            asked.await.unwrap();
        }
        assert_eq!(
            stage.sandbox.request_count(operation::INITIATE_ACH).unwrap(),
            id as usize
        );
    }
}

/// What makes a process believe in another time; Debian's package `libfaketime`.
fn faketime() -> Option<PathBuf> {
    let found = places().into_iter().find(|path| path.exists());
    if found.is_none() {
        let why = "no libfaketime here (Debian: apt-get install libfaketime)";
        assert!(env::var_os("CI").is_none(), "{why}");
        eprintln!("skipped: {why}");
    }
    found
}

/// Where the library lies, whatever the machine's architecture.
fn places() -> Vec<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    folders
        .map(|folder| folder.path().join("faketime/libfaketime.so.1"))
        .collect()
}

/// A file belongs to one machine, which has one clock.
#[tokio::test(flavor = "multi_thread")]
async fn replicas_whose_clocks_differ_by_hours_agree() {
    if env::var_os("POSTGRES").is_none() || !crate::ON_POSTGRES {
        return;
    }
    let Some(faketime) = faketime() else {
        return;
    };
    let faketime = faketime.to_str().unwrap();
    let stage = Stage::set().await;
    let replica = async |time| {
        let more = [
            ("LD_PRELOAD", faketime),
            ("FAKETIME", time),
            ("CLAIM_SECONDS", "60"),
        ];
        Process::start_with(&stage, &more).await
    };
    let (early, late) = (replica("-2h").await, replica("+2h").await);
    let app = App::sign_in(&early.url, &stage.user).await;
    let link = app.begin().await;

    // One finishes the link; the other, for whom that claim ran out hours ago, comes by meanwhile.
    let slow = Fault::latency(Duration::from_secs(1));
    stage.sandbox.inject(operation::ACTIVATE_BANK_LINK, slow).unwrap();
    let reporting = ask(&app, path(&link, "/success"), complete(&stage, &link));
    until_asked(&stage, operation::ACTIVATE_BANK_LINK).await;
    assert_eq!(app.at(&late.url).status_signed_in("/").await, StatusCode::OK);
    reporting.await.unwrap();
    until_finished(&app.at(&late.url), &link).await;
    assert_eq!(
        stage
            .sandbox
            .request_count(operation::ACTIVATE_BANK_LINK)
            .unwrap(),
        1
    );

    // An order is on its way for as long as either says.
    let bank = app.get("/api/banks").await["banks"][0]["id"].clone();
    stage
        .sandbox
        .inject(operation::INITIATE_ACH, Fault::stall())
        .unwrap();
    let buying = ask(&app, "/api/orders".to_owned(), wish(&bank, 1));
    until_asked(&stage, operation::INITIATE_ACH).await;
    let there = app.at(&late.url).post("/api/orders", wish(&bank, 1)).await;
    assert_eq!(there["state"], "sending");
    assert_eq!(stage.sandbox.request_count(operation::LIST_ACTIVITY).unwrap(), 0);
    buying.abort();
    println!(
        "clocks four hours apart: activations 1, order {}, sent {}, looked for 0",
        there["state"],
        stage.sandbox.request_count(operation::INITIATE_ACH).unwrap(),
    );
    assert_eq!(stage.sandbox.request_count(operation::INITIATE_ACH).unwrap(), 1);

    // A webhook that is signed now is neither old nor early.
    for replica in [&early, &late] {
        let told = stage.tell_webhook(&replica.url).await;
        assert_eq!(told, StatusCode::NO_CONTENT);
    }
}

/// As many as `MANY` says: each customer links a bank and buys once, over four replicas that take turns, while one request
/// in twenty for an order goes wrong in a way that leaves it open.
#[tokio::test(flavor = "multi_thread")]
async fn many_links_and_orders_over_four_replicas_balance_to_the_cent() {
    let many: u32 = env::var("MANY").map_or(60, |many| many.parse().unwrap());
    let stage = Stage::set().await;
    let replicas = [
        stage.replica().await,
        stage.replica().await,
        stage.replica().await,
    ];
    let urls: Vec<_> = replicas
        .iter()
        .chain([&stage.service])
        .map(|replica| replica.url.clone())
        .collect();
    let http = App::http();
    let asked = async |id: u32| {
        let user = stage.sandbox.user();
        let at = |step: u32| urls[((id + step) % 4) as usize].as_str();
        let app = App::sign_in_by(http.clone(), at(0), &user).await;
        let link = app.at(at(1)).begin().await;
        app.at(at(2))
            .post(&path(&link, "/success"), complete(&stage, &link))
            .await;
        let bank = app.at(at(3)).get("/api/banks").await["banks"][0]["id"].clone();
        let fault = match id % 80 {
            0 => Some(Fault::reset_after()),
            20 => Some(Fault::status(503)),
            40 => Some(Fault::truncate()),
            60 => Some(Fault::reset_before()),
            _ => None,
        };
        if let Some(fault) = fault {
            stage.sandbox.inject(operation::INITIATE_ACH, fault).unwrap();
        }
        let amount = format!("{}.{:02}", 10 + id % 90, id % 100);
        let wish =
            json!({ "orderId": format!("{id:032x}"), "bankId": bank, "amount": amount, "currency": "ETH" });
        // Twice, as an impatient app does.
        let (first, second) = (app.at(at(0)), app.at(at(1)));
        tokio::join!(
            first.post("/api/orders", wish.clone()),
            second.post("/api/orders", wish)
        );
        (id, user)
    };
    let settle = async || {
        for replica in replicas.iter().chain([&stage.service]) {
            replica.service.settle_unclear_orders().await;
        }
    };
    let (mut next, mut customers) = (1..=many, HashMap::new());
    loop {
        let some: Vec<_> = next.by_ref().take(16).map(&asked).collect();
        if some.is_empty() {
            break;
        }
        customers.extend(join_all(some).await);
        settle().await;
    }
    // Sessions end after five minutes, and orders that are still open are looked for within the hour.
    for (id, state, _) in stage.orders().await {
        if state != "accepted" {
            let id = u32::from_str_radix(&id, 16).unwrap();
            let user = stage.sandbox.sign_in(customers[&id].id()).unwrap();
            App::sign_in(&urls[0], &user).await;
        }
    }
    for _ in 0..130 {
        stage.pass(30);
        settle().await;
    }
    let orders: Vec<_> = stage.orders().await;
    let sent = stage.sandbox.request_count(operation::INITIATE_ACH).unwrap();
    let ledger = stage.sandbox.ledger();
    let moved: i64 = ledger
        .transfers()
        .iter()
        .map(|transfer| transfer.amount.get())
        .sum();
    let accepted: i64 = orders
        .iter()
        .filter(|(_, state, _)| state == "accepted")
        .map(|(_, _, cents)| cents)
        .sum();
    let count = |state: &str| orders.iter().filter(|(_, is, _)| is == state).count();
    println!(
        "{many} links and orders: {} accepted, {} absent, {} unclear; {sent} sent; {accepted} cents bought, {moved} moved",
        count("accepted"),
        count("absent"),
        count("unclear"),
    );
    assert_eq!(orders.len(), many as usize);
    assert_eq!(count("accepted") + count("absent"), many as usize);
    assert_eq!(count("accepted"), ledger.transfers().len());
    assert_eq!(accepted, moved);
}

/// A file of an older version is in the unit tests of the database.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_the_version_before_is_brought_to_the_present_one() {
    if env::var_os("POSTGRES").is_none() || !crate::ON_POSTGRES {
        return;
    }
    let stage = Stage::set().await;
    let (app, _) = buyer(&stage).await;
    stage
        .database_execute("DROP INDEX sign_ins_by_expiry; UPDATE schema_version SET version = 3")
        .await;
    let replica = stage.replica().await;
    assert_eq!(app.at(&replica.url).standings().await, ["ready"]);
    // It fails where the index is not there.
    stage.database_execute("DROP INDEX sign_ins_by_expiry").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_goes_on_with_what_was_moved_from_its_file() {
    let Some(server) = env::var("POSTGRES").ok().filter(|_| crate::ON_POSTGRES) else {
        return;
    };
    // It began on a file.
    let before = Stage::on_file().await;
    let (app, bank) = buyer(&before).await;
    app.post("/api/orders", wish(&bank, 1)).await;
    let open = app.begin().await;
    before
        .sandbox
        .inject(operation::INITIATE_ACH, Fault::reset_after())
        .unwrap();
    assert_eq!(app.post("/api/orders", wish(&bank, 2)).await["state"], "unclear");
    let to = create_database(&server).await;
    let moved = move_database(&before.address(), &to).await.unwrap();
    assert_eq!(
        moved[..4],
        [("customers", 1), ("sign_ins", 1), ("links", 2), ("orders", 2)]
    );

    // It goes on elsewhere: the cookie, the open link and the order that is looked for.
    let replica = before.replica_on(&to).await;
    let app = app.at(&replica.url);
    assert_eq!(app.get(&path(&open, "")).await["opens"], open["opens"]);
    assert_eq!(app.post("/api/orders", wish(&bank, 1)).await["state"], "accepted");
    before.pass(31);
    replica.service.settle_unclear_orders().await;
    assert_eq!(app.post("/api/orders", wish(&bank, 2)).await["state"], "accepted");
    assert_eq!(before.sandbox.request_count(operation::INITIATE_ACH).unwrap(), 2);
    println!("moved from a file to a server: {moved:?}; both orders accepted, 2 sent");
    let again = move_database(&before.address(), &to).await.unwrap_err();
    assert!(again.to_string().contains("holds customers already"), "{again}");
}
