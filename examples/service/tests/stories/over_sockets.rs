//! The service over real sockets: killed and started again, twice on one database, and lied to.

use std::process::Stdio;
use std::time::Duration;

use ratio_bank::webhook::{SIGNATURE_HEADER, TIMESTAMP_HEADER};
use ratio_sandbox::{Fault, User, operation};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, interval, timeout_at};

use crate::chromium::PATIENCE;
use crate::stage::{App, Stage};

/// The service as a process of its own.
pub(crate) struct Process {
    child: Child,
    pub(crate) url: String,
}

impl Process {
    pub(crate) async fn start(stage: &Stage) -> Self {
        Self::start_with(stage, &[]).await
    }

    pub(crate) async fn start_with(stage: &Stage, more: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_example-service"))
            .env_clear()
            .envs(stage.environment())
            .envs(more.iter().copied())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let line = timeout_at(deadline, lines.next_line())
                .await
                .unwrap()
                .unwrap()
                .expect("it says where it listens");
            if let Some(url) = line.strip_prefix("listening on ") {
                return Self {
                    child,
                    url: url.to_owned(),
                };
            }
        }
    }

    /// As a power cut would: nothing gets to clean up.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

pub(crate) fn complete(stage: &Stage, link: &Value) -> Value {
    let token = link["opens"]["linkToken"].as_str().unwrap();
    json!({ "publicToken": stage.sandbox.plaid().complete(token).unwrap(), "metadata": {} })
}

pub(crate) fn path(link: &Value, rest: &str) -> String {
    format!("/api/links/{}{rest}", link["id"].as_str().unwrap())
}

/// Asks again until it is so; nobody tells an app when.
pub(crate) async fn until(so: &str, is_so: impl AsyncFn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    let mut again = interval(Duration::from_millis(20));
    while !is_so().await {
        assert!(Instant::now() < deadline, "in vain until {so}");
        again.tick().await;
    }
}

pub(crate) async fn until_finished(app: &App, link: &Value) {
    until("the link is finished", async || {
        app.get(&path(link, "")).await["state"] == "finished"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_killed_before_the_customer_is_done_finishes_the_link_after_its_restart() {
    let stage = Stage::set().await;
    let first = Process::start(&stage).await;
    let app = App::sign_in(&first.url, &stage.user).await;
    let link = app.begin().await;
    first.kill().await;

    let second = Process::start(&stage).await;
    let app = app.at(&second.url);
    let there = app.get(&path(&link, "")).await;
    assert_eq!(
        there["opens"], link["opens"],
        "the sealed link opens where it did"
    );
    let link = app.post(&path(&link, "/success"), complete(&stage, &link)).await;
    assert_eq!(link["state"], "finished");
    assert_eq!(app.standings().await, ["ready"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_killed_while_ratio_activates_finishes_the_link_after_its_restart() {
    let stage = Stage::set().await;
    let first = Process::start(&stage).await;
    let app = App::sign_in(&first.url, &stage.user).await;
    let link = app.begin().await;
    // Ratio takes the token and never answers: nobody can know, and the token works only once.
    stage
        .sandbox
        .inject(operation::ACTIVATE_BANK_LINK, Fault::stall())
        .unwrap();
    let success = complete(&stage, &link);
    let reporting = tokio::spawn({
        let (app, path) = (app.clone(), path(&link, "/success"));
        async move { app.try_ask(Method::POST, &path, success).await }
    });
    until("Ratio is asked", async || {
        stage
            .sandbox
            .request_count(operation::ACTIVATE_BANK_LINK)
            .unwrap()
            == 1
    })
    .await;
    first.kill().await;
    // The app has no answer, or one that the link is not finished: the service's own round may have claimed it first.
    let _ = reporting.await.unwrap();

    let second = Process::start(&stage).await;
    let app = app.at(&second.url);
    until_finished(&app, &link).await;
    assert_eq!(app.standings().await, ["ready"]);
    assert_eq!(
        stage
            .sandbox
            .request_count(operation::ACTIVATE_BANK_LINK)
            .unwrap(),
        1,
        "the token was not used twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_started_on_one_replica_is_finished_on_the_other() {
    let stage = Stage::set().await;
    let other = stage.replica().await;
    let app = stage.app().await;
    let link = app.begin().await;
    let at_the_other = app.at(&other.url);
    let finished = at_the_other
        .post(&path(&link, "/success"), complete(&stage, &link))
        .await;
    assert_eq!(finished["state"], "finished");
    assert_eq!(app.standings().await, ["ready"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_that_hear_of_one_success_activate_once() {
    let stage = Stage::set().await;
    let other = stage.replica().await;
    let app = stage.app().await;
    let at_the_other = app.at(&other.url);
    let link = app.begin().await;
    let success = complete(&stage, &link);
    let path_of_success = path(&link, "/success");
    tokio::join!(
        app.post(&path_of_success, success.clone()),
        at_the_other.post(&path_of_success, success.clone()),
        app.post(&path_of_success, success.clone()),
        at_the_other.post(&path_of_success, success.clone()),
    );
    until_finished(&app, &link).await;
    assert_eq!(
        stage
            .sandbox
            .request_count(operation::ACTIVATE_BANK_LINK)
            .unwrap(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_two_replicas_are_asked_for_is_sent_once() {
    let stage = Stage::set().await;
    let other = stage.replica().await;
    let app = stage.app().await;
    let link = app.begin().await;
    app.post(&path(&link, "/success"), complete(&stage, &link)).await;
    let bank = app.get("/api/banks").await["banks"][0]["id"].clone();
    let wish = json!({ "orderId": "0123456789abcdef0123456789abcdef", "bankId": bank, "amount": "25", "currency": "ETH" });
    let at_the_other = app.at(&other.url);
    tokio::join!(
        app.post("/api/orders", wish.clone()),
        at_the_other.post("/api/orders", wish.clone())
    );
    assert_eq!(app.post("/api/orders", wish).await["state"], "accepted");
    assert_eq!(stage.sandbox.ledger().transfers().len(), 1);
}

/// Orders 25 dollars of ETH by this id, which the service answers with how the order stands.
async fn order(app: &App, bank: &Value, id: u32) -> Value {
    let wish = json!({ "orderId": format!("{id:032x}"), "bankId": bank, "amount": "25", "currency": "ETH" });
    app.post("/api/orders", wish).await["state"].clone()
}

/// A customer whose bank is linked.
pub(crate) async fn buyer(stage: &Stage) -> (App, Value) {
    let app = stage.app().await;
    let link = app.begin().await;
    app.post(&path(&link, "/success"), complete(stage, &link)).await;
    let bank = app.get("/api/banks").await["banks"][0]["id"].clone();
    (app, bank)
}

fn in_doubt(stage: &Stage, fault: Fault) {
    stage.sandbox.inject(operation::INITIATE_ACH, fault).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_without_an_answer_that_ratio_took_is_found_once_and_is_not_sent_again() {
    let stage = Stage::set().await;
    let other = stage.replica().await;
    let (app, bank) = buyer(&stage).await;
    in_doubt(&stage, Fault::reset_after());
    assert_eq!(order(&app, &bank, 1).await, "unclear");
    assert_eq!(order(&app, &bank, 1).await, "unclear", "it is early yet");
    stage.pass(31);
    tokio::join!(
        stage.service.service.settle_unclear_orders(),
        other.service.settle_unclear_orders()
    );
    assert_eq!(stage.sandbox.request_count(operation::LIST_ACTIVITY).unwrap(), 1);
    assert_eq!(order(&app, &bank, 1).await, "accepted");
    assert_eq!(stage.sandbox.request_count(operation::INITIATE_ACH).unwrap(), 1);
    stage.pass(24 * 3600);
    stage.service.service.settle_unclear_orders().await;
    assert_eq!(stage.sandbox.request_count(operation::LIST_ACTIVITY).unwrap(), 1);
}

/// A database may take fewer characters than JSON: `PostgreSQL` takes no NUL.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_settled_by_its_answer_whatever_texts_the_answer_holds() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    let odd = "a\0 text \u{202e}";
    let answers = [
        (202, json!({ "activityItem": { "id": odd } }), "accepted"),
        (
            202,
            json!({ "activityItem": { "id": odd, "fiat": 1 } }),
            "accepted",
        ),
        (422, json!({ "code": odd, "message": odd }), "refused"),
    ];
    for (id, (status, body, state)) in (1..).zip(answers) {
        in_doubt(&stage, Fault::status(status).body(body));
        assert_eq!(order(&app, &bank, id).await, state);
        assert_eq!(stage.order_state(id).await, state);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_names_an_order_names_no_other() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    assert_eq!(order(&app, &bank, 1).await, "accepted");
    let wish = |amount: &str, currency: &str| json!({ "orderId": format!("{:032x}", 1), "bankId": bank, "amount": amount, "currency": currency });
    for other in [wish("26", "ETH"), wish("25", "BTC")] {
        let (status, answer) = app.ask(Method::POST, "/api/orders", Some(other)).await;
        assert_eq!(
            (status, &answer["code"]),
            (StatusCode::CONFLICT, &json!("ORDER_ID_TAKEN"))
        );
    }
    assert_eq!(
        app.post("/api/orders", wish("25.00", "ETH")).await["state"],
        "accepted"
    );
    assert_eq!(stage.sandbox.request_count(operation::INITIATE_ACH).unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_ratio_never_took_is_looked_for_within_a_bound() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    in_doubt(&stage, Fault::status(503));
    let placed = stage.seconds();
    assert_eq!(order(&app, &bank, 1).await, "unclear");
    let looks = || stage.sandbox.request_count(operation::LIST_ACTIVITY).unwrap();
    let mut absent_after = None;
    for _ in 0..1000 {
        stage.pass(30);
        stage.service.service.settle_unclear_orders().await;
        if looks() == 8 && absent_after.is_none() {
            absent_after = Some(stage.seconds() - placed);
        }
    }
    assert_eq!(looks(), 8, "and no more");
    assert!(
        (3600..2 * 3600).contains(&absent_after.unwrap()),
        "{absent_after:?}"
    );
    assert_eq!(stage.order_state(1).await, "absent");
    assert_eq!(stage.sandbox.request_count(operation::INITIATE_ACH).unwrap(), 1);
    assert!(stage.sandbox.ledger().transfers().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_late_at_ratio_is_found_by_a_later_look() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    in_doubt(&stage, Fault::reset_after());
    assert_eq!(order(&app, &bank, 1).await, "unclear");
    // The list cannot be read at first: that is no proof of anything.
    for fault in [Fault::status(500), Fault::status(403)] {
        stage
            .sandbox
            .inject(operation::LIST_ACTIVITY, fault.times(3))
            .unwrap();
        stage.pass(130);
        stage.service.service.settle_unclear_orders().await;
        assert_eq!(stage.order_state(1).await, "unclear");
        stage.sandbox.clear_faults();
    }
    stage.pass(250);
    stage.service.service.settle_unclear_orders().await;
    assert_eq!(stage.order_state(1).await, "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_settles_one_order_and_what_is_alike_is_left_to_a_person() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    assert_eq!(order(&app, &bank, 1).await, "accepted");
    // Ratio did not take this one; the one before looks the same, and is known.
    in_doubt(&stage, Fault::status(502));
    assert_eq!(order(&app, &bank, 2).await, "unclear");
    stage.pass(31);
    stage.service.service.settle_unclear_orders().await;
    assert_eq!(
        stage.order_state(2).await,
        "unclear",
        "the item of the first is not its own"
    );

    // Of these two Ratio took both: which is whose, nobody can tell.
    for id in [3, 4] {
        in_doubt(&stage, Fault::reset_after());
        assert_eq!(order(&app, &bank, id).await, "unclear");
    }
    for _ in 0..200 {
        stage.pass(30);
        stage.service.service.settle_unclear_orders().await;
    }
    for id in [2, 3, 4] {
        assert_eq!(stage.order_state(id).await, "unclear");
    }
    assert_eq!(stage.sandbox.request_count(operation::INITIATE_ACH).unwrap(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_taken_without_a_word_of_its_item_lends_it_to_no_other() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    assert_eq!(order(&app, &bank, 1).await, "accepted");
    // As when Ratio's answer was a success and little else.
    stage.database_execute("UPDATE orders SET item_id = NULL").await;
    // Ratio never saw this one.
    in_doubt(&stage, Fault::status(502));
    assert_eq!(order(&app, &bank, 2).await, "unclear");
    for _ in 0..200 {
        stage.pass(30);
        stage.service.service.settle_unclear_orders().await;
    }
    assert_eq!(stage.order_state(2).await, "unclear", "a person has to decide");
    assert_eq!(stage.sandbox.ledger().transfers().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_answer_is_on_its_way_lends_its_item_to_no_other() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    // Ratio never saw this one.
    in_doubt(&stage, Fault::status(502));
    assert_eq!(order(&app, &bank, 1).await, "unclear");
    in_doubt(&stage, Fault::latency(Duration::from_secs(3)));
    let second = tokio::spawn({
        let (app, bank) = (app.clone(), bank.clone());
        async move { order(&app, &bank, 2).await }
    });
    until("Ratio has taken the second", async || {
        stage.sandbox.ledger().transfers().len() == 1
    })
    .await;
    stage.pass(31);
    stage.service.service.settle_unclear_orders().await;
    assert_eq!(second.await.unwrap(), "accepted");
    for _ in 0..200 {
        stage.pass(30);
        stage.service.service.settle_unclear_orders().await;
    }
    assert_eq!(stage.order_state(1).await, "absent");
    assert_eq!(stage.order_state(2).await, "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_orders_alike_of_which_ratio_took_one_are_not_settled_by_the_same_item() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    for (id, fault) in [(1, Fault::reset_after()), (2, Fault::status(502))] {
        in_doubt(&stage, fault);
        assert_eq!(order(&app, &bank, id).await, "unclear");
    }
    stage.pass(31);
    for _ in 0..200 {
        stage.service.service.settle_unclear_orders().await;
        stage.pass(30);
    }
    let states = (stage.order_state(1).await, stage.order_state(2).await);
    assert_ne!(
        states,
        ("accepted".to_owned(), "accepted".to_owned()),
        "one transfer is no two orders"
    );
    assert_eq!(stage.sandbox.ledger().transfers().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_whose_process_died_is_looked_for() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    assert_eq!(order(&app, &bank, 1).await, "accepted");
    stage
        .database_execute("UPDATE orders SET state = 'sending', item_id = NULL, look_at = placed_at + 300")
        .await;
    stage.pass(290);
    stage.service.service.settle_unclear_orders().await;
    assert_eq!(stage.order_state(1).await, "sending", "it may still be at it");
    stage.pass(20);
    stage.service.service.settle_unclear_orders().await;
    assert_eq!(stage.order_state(1).await, "accepted");
    assert_eq!(stage.sandbox.request_count(operation::INITIATE_ACH).unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_is_signed_out_does_not_use_up_the_looks() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    in_doubt(&stage, Fault::reset_after());
    assert_eq!(order(&app, &bank, 1).await, "unclear");
    stage
        .sandbox
        .inject(operation::LIST_ACTIVITY, Fault::status(401))
        .unwrap();
    let looks = || stage.sandbox.request_count(operation::LIST_ACTIVITY).unwrap();
    for _ in 0..100 {
        stage.pass(60);
        stage.service.service.settle_unclear_orders().await;
    }
    assert_eq!((looks(), stage.order_state(1).await.as_str()), (1, "unclear"));
    stage.app().await;
    stage.service.service.settle_unclear_orders().await;
    assert_eq!((looks(), stage.order_state(1).await.as_str()), (2, "accepted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_signs_in_while_a_look_is_refused_is_looked_for_again() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    in_doubt(&stage, Fault::reset_after());
    assert_eq!(order(&app, &bank, 1).await, "unclear");
    let refused = Fault::status(401).delayed(Duration::from_secs(2));
    stage.sandbox.inject(operation::LIST_ACTIVITY, refused).unwrap();
    stage.pass(31);
    let service = stage.service.service.clone();
    let looking = tokio::spawn(async move { service.settle_unclear_orders().await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    stage.app().await;
    looking.await.unwrap();
    stage.service.service.settle_unclear_orders().await;
    assert_eq!(stage.order_state(1).await, "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_a_slow_attempt_finished_is_not_failed_by_the_next_one() {
    let stage = Stage::set().await;
    let app = stage.app().await;
    let link = app.begin().await;
    let success = complete(&stage, &link);
    let token = success["publicToken"].as_str().unwrap().to_owned();
    stage
        .sandbox
        .inject(operation::ACTIVATE_BANK_LINK, Fault::status(502))
        .unwrap();
    let reported = app.post(&path(&link, "/success"), success).await;
    assert_eq!(reported["state"], "connected", "nobody knows what Ratio did");
    let slow = Fault::latency(Duration::from_secs(2));
    stage.sandbox.inject(operation::GET_USER, slow).unwrap();
    let read = || stage.sandbox.request_count(operation::GET_USER).unwrap();
    let before = read();
    let service = stage.service.service.clone();
    let finishing = tokio::spawn(async move { service.finish_left_over().await });
    until("the next attempt reads the banks", async || read() > before).await;
    // Only now does Ratio carry out what the first attempt sent.
    let client = ratio_bank::Client::builder(ratio_bank::Environment::at(stage.sandbox.url()).unwrap())
        .client_id(stage.sandbox.client_id())
        .build()
        .unwrap();
    let user = ratio_bank::UserId::new(stage.user.id()).unwrap();
    let session = client.session(user, ratio_bank::SessionToken::new(stage.user.session_token()));
    session
        .activate_bank_link(ratio_bank::PublicToken::new(token))
        .await
        .unwrap();
    finishing.await.unwrap();
    assert_eq!(app.get(&path(&link, "")).await["state"], "finished");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_with_a_wrong_signature_is_refused() {
    let stage = Stage::set().await;
    let answer = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .post(format!("{}/webhooks/ratio", stage.service.url))
        .header(SIGNATURE_HEADER, "00".repeat(64))
        .header(TIMESTAMP_HEADER, "1700000000")
        .body(r#"{"userId":"u","event":"BANK_UPDATED","id":"b","data":{}}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let metrics = stage.app().await.metrics().await;
    for (result, count) in [("accepted", 0), ("repeated", 0), ("refused", 1)] {
        let sample = format!("service_webhooks_total{{result=\"{result}\"}}");
        assert_eq!(metrics[&sample], count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_webhook_tells_that_a_bank_changed() {
    let stage = Stage::set().await;
    let app = stage.app().await;
    let link = app.begin().await;
    app.post(&path(&link, "/success"), complete(&stage, &link)).await;
    until("a webhook arrives", async || {
        app.get("/api/updates").await["version"] != 0
    })
    .await;
    let metrics = app.metrics().await;
    assert_eq!(metrics["service_webhooks_total{result=\"refused\"}"], 0);
    assert_eq!(metrics["service_links{state=\"finished\"}"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_sees_no_other_customers_link() {
    let stage = Stage::set().await;
    let link = stage.app().await.begin().await;
    let stranger: User = stage.sandbox.user();
    let app = App::sign_in(&stage.service.url, &stranger).await;
    let (status, _) = app.ask(Method::GET, &path(&link, ""), None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_cannot_be_read_is_refused_in_json() {
    let stage = Stage::set().await;
    let app = stage.app().await;
    let link = app.begin().await;
    let (status, refusal) = app
        .ask(
            Method::POST,
            &path(&link, "/navigation"),
            Some(json!({ "url": 7 })),
        )
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refusal["code"], "BAD_REQUEST", "{refusal}");
    let (status, refusal) = app.ask(Method::POST, "/api/orders", None).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(refusal["code"], "BAD_REQUEST", "{refusal}");
}

/// A database may take fewer characters than JSON: `PostgreSQL` takes no NUL.
#[tokio::test(flavor = "multi_thread")]
async fn no_text_of_an_app_is_an_error_of_the_service() {
    let stage = Stage::set().await;
    let app = stage.app().await;
    let link = app.begin().await;
    let exit = json!({ "error": { "error_code": "a\0 sentence" }, "metadata": {} });
    let left = app.post(&path(&link, "/exit"), exit).await;
    assert_eq!(
        (&left["state"], &left["reason"]),
        (&json!("left"), &json!("(unprintable value)"))
    );
    let (status, _) = app.ask(Method::GET, "/api/links/%00", None).await;
    assert!(status.is_client_error(), "{status}");
    let wallet = json!({
        "userId": stage.user.id(), "sessionToken": stage.user.session_token(), "walletId": "a\0",
    });
    let (status, _) = app.ask(Method::POST, "/api/sign-in", Some(wallet)).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

/// What stands in the way of unlinking is not a bank that has to be unlinked.
#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_told_as_what_it_is() {
    let stage = Stage::set().await;
    let (app, _) = buyer(&stage).await;
    for (code, told) in [
        ("OTHER_CONFLICT", "as things stand"),
        ("ALREADY_EXISTS_BANK", "unlink it first"),
    ] {
        let refused = Fault::status(409).body(json!({ "code": code }));
        stage
            .sandbox
            .inject(operation::REQUEST_BANK_LINK, refused)
            .unwrap();
        let (status, answer) = app.ask(Method::POST, "/api/links", Some(json!({}))).await;
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(answer["message"].as_str().unwrap().contains(told), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ratio_adds_is_counted_as_drift() {
    let stage = Stage::set().await;
    let app = stage.app().await;
    stage
        .sandbox
        .inject(operation::GET_USER, Fault::extra_fields())
        .unwrap();
    app.standings().await;
    let metrics = app.metrics().await;
    let sample = "ratio_drift_total{operation=\"get_user\",kind=\"unknown-field\"}";
    assert!(metrics[sample] >= 1, "{metrics:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_lies_readable_in_the_database() {
    let stage = Stage::set().await;
    let app = stage.app().await;
    let link = app.begin().await;
    let stored = stage.stored().await;
    let has = |bytes: &[u8]| stored.windows(bytes.len()).any(|window| window == bytes);
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let holds = |text: &str| has(text.as_bytes()) || has(hex(text).as_bytes());
    assert!(holds(link["id"].as_str().unwrap()), "the link is in there");
    assert!(!holds(link["opens"]["linkToken"].as_str().unwrap()));
    assert!(!holds(stage.user.session_token()));
    assert!(!holds(app.cookie.split_once('=').unwrap().1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_told_to_stop_finishes_the_order_that_is_under_way() {
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    let service = &stage.service.service;
    assert_eq!(app.status("/ready").await, StatusCode::NO_CONTENT);

    stage
        .sandbox
        .inject(operation::INITIATE_ACH, Fault::latency(Duration::from_secs(1)))
        .unwrap();
    let wish = json!({ "orderId": format!("{:032x}", 1), "bankId": bank, "amount": "25", "currency": "ETH" });
    let asking = tokio::spawn({
        let app = app.clone();
        async move { app.try_ask(Method::POST, "/api/orders", wish).await }
    });
    until("Ratio is asked", async || {
        stage.sandbox.request_count(operation::INITIATE_ACH).unwrap() == 1
    })
    .await;
    // The app hangs up, and the service is told to stop.
    asking.abort();
    service.stop();
    assert_eq!(app.status("/ready").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.status("/health").await, StatusCode::NO_CONTENT);
    service.finished().await;
    assert_eq!(stage.order_state(1).await, "accepted");
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_told_with_what_is_in_the_way() {
    let start = async |database: std::net::SocketAddr| {
        let started = Command::new(env!("CARGO_BIN_EXE_example-service"))
            .env_clear()
            .env("LISTEN", "127.0.0.1:0")
            .env("DATABASE", format!("postgres://service@{database}/none"))
            .output()
            .await
            .unwrap();
        assert!(!started.status.success());
        String::from_utf8(started.stderr).unwrap()
    };
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mute = start(address).await;
    assert!(mute.contains("DATABASE") && mute.contains("timed out"), "{mute}");
    drop(listener);
    let gone = start(address).await;
    assert!(gone.contains("DATABASE") && gone.contains("refused"), "{gone}");
}
