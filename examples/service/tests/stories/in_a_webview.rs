//! An app opens Plaid Link in a webview and reports what it sees there.

use std::time::Duration;

use ratio_bank::plaid::{ErrorCode, ExitStatus, LinkExit, Navigation};
use ratio_sandbox::Clock;
use serde_json::{Value, json};

use crate::chromium::Within::Page;
use crate::chromium::{Chromium, Tab};
use crate::host;
use crate::stage::{App, Stage};

/// Walks to where the bank asks for a login.
async fn to_the_login(tab: &Tab, bank: &str) {
    tab.click(Page, "Continue").await;
    tab.click(Page, bank).await;
    tab.see(Page, "Sign in at").await;
}

/// Logs in and links the first account.
async fn log_in(tab: &Tab, username: &str) {
    tab.click(Page, &format!("Fill in {username}")).await;
    tab.click(Page, "Sign in").await;
}

async fn open(tab: &Tab, link: &Value) {
    tab.goto(link["opens"]["webviewUrl"].as_str().unwrap()).await;
}

fn id(link: &Value) -> &str {
    link["id"].as_str().unwrap()
}

fn exit(navigation: &Navigation) -> &LinkExit {
    match navigation {
        Navigation::Exit(exit) => exit,
        other => panic!("the customer left, and not: {other:?}"),
    }
}

/// Links a bank without a browser, and gives its id.
async fn linked_already(stage: &Stage, app: &App) -> String {
    let link = app.begin().await;
    let public_token = stage
        .sandbox
        .plaid()
        .complete(link["opens"]["linkToken"].as_str().unwrap())
        .unwrap();
    let success = json!({ "publicToken": public_token, "metadata": {} });
    let link = app
        .post(&format!("/api/links/{}/success", id(&link)), success)
        .await;
    assert_eq!(link["state"], "finished");
    app.get("/api/banks").await["banks"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_is_linked_from_the_first_click_to_the_purchase() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let app = stage.app().await;
    let mut tab = chromium.tab("webview-link").await;

    let link = app.begin().await;
    open(&tab, &link).await;
    tab.see(Page, "Continue").await;
    tab.shoot("consent").await;
    tab.click(Page, "Continue").await;
    tab.see(Page, "Tartan Bank").await;
    tab.shoot("choose-a-bank").await;
    tab.click(Page, "Tartan Bank").await;
    tab.see(Page, "Sign in at").await;
    tab.shoot("log-in").await;
    log_in(&tab, "custom_ratio_good").await;
    tab.see(Page, "Link this account").await;
    tab.shoot("choose-an-account").await;
    tab.click(Page, "Link this account").await;
    tab.see(Page, "Finish").await;
    tab.shoot("done").await;
    tab.click(Page, "Finish").await;

    let outcome = host::until_over(&mut tab, &app, id(&link)).await;
    assert!(
        matches!(outcome.last, Navigation::Connected(_)),
        "{:?}",
        outcome.last
    );
    assert_eq!(outcome.events.first().map(String::as_str), Some("OPEN"));
    assert_eq!(outcome.events.last().map(String::as_str), Some("HANDOFF"));
    assert_eq!(outcome.link["state"], "finished");
    assert_eq!(app.standings().await, ["ready"]);

    let bank = app.get("/api/banks").await["banks"][0]["id"].clone();
    let wish = json!({ "orderId": "0123456789abcdef0123456789abcdef", "bankId": bank, "amount": "25.00", "currency": "ETH" });
    assert_eq!(app.post("/api/orders", wish.clone()).await["state"], "accepted");
    assert_eq!(
        app.post("/api/orders", wish).await["state"],
        "accepted",
        "asked again, and not bought again"
    );
    assert_eq!(stage.sandbox.ledger().transfers().len(), 1);
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_or_twice_changes_nothing() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let app = stage.app().await;
    let mut tab = chromium.tab("webview-late").await;

    let link = app.begin().await;
    open(&tab, &link).await;
    to_the_login(&tab, "Tartan Bank").await;
    log_in(&tab, "custom_ratio_good").await;
    tab.click(Page, "Link this account").await;
    tab.click(Page, "Finish").await;
    let outcome = host::until_over(&mut tab, &app, id(&link)).await;

    let path = format!("/api/links/{}/navigation", id(&link));
    for late in [
        outcome.address.as_str(),
        "plaidlink://exit?status&error_code",
        "plaidlink://exit",
        "plaidlink://event?event_name=OPEN",
    ] {
        assert_eq!(
            app.post(&path, json!({ "url": late })).await["state"],
            "finished",
            "{late}"
        );
    }
    assert_eq!(app.standings().await, ["ready"]);
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customer_may_leave_at_each_step() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let app = stage.app().await;
    let mut tab = chromium.tab("webview-leave").await;

    let steps: [(&str, &[&str], ExitStatus); 5] = [
        ("consent", &[], ExitStatus::REQUIRES_CREDENTIALS),
        ("choose a bank", &["Continue"], ExitStatus::REQUIRES_CREDENTIALS),
        (
            "log in",
            &["Continue", "Tartan Bank"],
            ExitStatus::REQUIRES_CREDENTIALS,
        ),
        (
            "the bank's own page",
            &["Continue", "Platypus OAuth Bank"],
            ExitStatus::REQUIRES_OAUTH,
        ),
        (
            "choose an account",
            &["Continue", "Tartan Bank", "Fill in custom_ratio_good", "Sign in"],
            ExitStatus::REQUIRES_ACCOUNT_SELECTION,
        ),
    ];
    for (step, way, status) in steps {
        let link = app.begin().await;
        open(&tab, &link).await;
        for words in way {
            tab.click(Page, words).await;
        }
        // The account pane comes after the server's answer, and has a Cancel as the pane before it has.
        if status == ExitStatus::REQUIRES_ACCOUNT_SELECTION {
            tab.see(Page, "Link this account").await;
        }
        tab.click(Page, "Cancel").await;
        let outcome = host::until_over(&mut tab, &app, id(&link)).await;
        let exit = exit(&outcome.last);
        assert!(exit.is_cancelled(), "{step}");
        assert_eq!(exit.status, Some(status), "{step}");
        assert_eq!(outcome.link["state"], "left", "{step}");
        assert_eq!(outcome.link["reason"], "CANCELLED", "{step}");
    }
    assert!(app.standings().await.is_empty());
    tab.shoot("left").await;
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_login_is_said_and_can_be_mended() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let app = stage.app().await;
    let mut tab = chromium.tab("webview-bad-login").await;

    let link = app.begin().await;
    open(&tab, &link).await;
    to_the_login(&tab, "Tartan Bank").await;
    tab.fill(Page, "Username", "custom_ratio_good").await;
    tab.fill(Page, "Password", "pass_wrong").await;
    tab.click(Page, "Sign in").await;
    tab.see(Page, "The username or the password is wrong").await;
    tab.shoot("refused").await;
    log_in(&tab, "custom_ratio_good").await;
    tab.click(Page, "Link this account").await;
    tab.click(Page, "Finish").await;

    let outcome = host::until_over(&mut tab, &app, id(&link)).await;
    assert!(
        outcome.events.iter().any(|name| name == "ERROR"),
        "{:?}",
        outcome.events
    );
    assert_eq!(outcome.link["state"], "finished");
    assert_eq!(app.standings().await, ["ready"]);
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_may_ask_for_a_code_after_the_password() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let app = stage.app().await;
    let mut tab = chromium.tab("webview-code").await;

    // The first time they have no code at hand.
    for leaves in [true, false] {
        let link = app.begin().await;
        open(&tab, &link).await;
        to_the_login(&tab, "Tartan Bank").await;
        log_in(&tab, "custom_ratio_good / mfa_device").await;
        tab.see(Page, "Enter the code").await;
        if leaves {
            tab.shoot("code").await;
            tab.click(Page, "Cancel").await;
            let outcome = host::until_over(&mut tab, &app, id(&link)).await;
            assert_eq!(exit(&outcome.last).status, Some(ExitStatus::REQUIRES_CODE));
            continue;
        }
        tab.fill(Page, "Code", "4321").await;
        tab.click(Page, "Continue").await;
        tab.see(Page, "The code is wrong").await;
        tab.shoot("refused").await;
        tab.fill(Page, "Code", "1234").await;
        tab.click(Page, "Continue").await;
        tab.click(Page, "Link this account").await;
        tab.click(Page, "Finish").await;
        let outcome = host::until_over(&mut tab, &app, id(&link)).await;
        assert!(outcome.events.iter().any(|name| name == "SUBMIT_MFA"));
        assert_eq!(outcome.link["state"], "finished");
    }
    assert_eq!(app.standings().await, ["ready"]);
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_ratio_declines_is_shown_as_declined() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let app = stage.app().await;
    let mut tab = chromium.tab("webview-declined").await;

    let link = app.begin().await;
    open(&tab, &link).await;
    to_the_login(&tab, "Unhealthy Platypus Bank - Degraded").await;
    log_in(&tab, "custom_ratio_bad").await;
    tab.see(Page, "The bank did not answer. Try again.").await;
    tab.shoot("degraded").await;
    tab.click(Page, "Sign in").await;
    tab.click(Page, "Link this account").await;
    tab.click(Page, "Finish").await;

    let outcome = host::until_over(&mut tab, &app, id(&link)).await;
    assert_eq!(outcome.link["state"], "finished");
    assert_eq!(app.standings().await, ["declined"]);
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_is_down_ends_in_an_exit_with_its_error() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let app = stage.app().await;
    let mut tab = chromium.tab("webview-down").await;

    let link = app.begin().await;
    open(&tab, &link).await;
    tab.click(Page, "Continue").await;
    tab.click(Page, "Unhealthy Platypus Bank - Down").await;
    tab.see(Page, "Close").await;
    tab.shoot("down").await;
    tab.click(Page, "Close").await;

    let outcome = host::until_over(&mut tab, &app, id(&link)).await;
    assert!(!exit(&outcome.last).is_cancelled());
    assert_eq!(outcome.link["state"], "left");
    assert_eq!(outcome.link["reason"], "INSTITUTION_DOWN");
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_banks_own_page_leads_back_into_the_same_link() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let app = stage.app().await;
    let mut tab = chromium.tab("webview-oauth").await;
    let redirect_uri = format!("{}/oauth-return", stage.service.url);

    // The first time they think better of it.
    for (decision, banks) in [("Do not allow", 0), ("Sign in and allow", 1)] {
        let link = app.begin().await;
        open(&tab, &link).await;
        tab.click(Page, "Continue").await;
        tab.click(Page, "Platypus OAuth Bank").await;
        tab.see(Page, "Go to the bank").await;
        tab.shoot("leaving").await;
        tab.click(Page, "Go to the bank").await;
        tab.see(Page, "Sign in and allow").await;
        tab.shoot("at-the-bank").await;
        tab.click(Page, decision).await;

        // A webview host sees where its own redirect URI is opened, and opens Link again instead.
        let received = host::until_sent_back(&mut tab, &app, id(&link), &redirect_uri).await;
        let resume = app
            .post(
                &format!("/api/links/{}/oauth-return", id(&link)),
                json!({ "url": received }),
            )
            .await;
        tab.goto(resume["webviewUrl"].as_str().unwrap()).await;
        if banks == 0 {
            tab.click(Page, "Close").await;
        } else {
            tab.click(Page, "Link this account").await;
            tab.click(Page, "Finish").await;
        }
        let outcome = host::until_over(&mut tab, &app, id(&link)).await;
        assert_eq!(
            outcome.link["state"],
            if banks == 0 { "left" } else { "finished" }
        );
        assert_eq!(app.standings().await.len(), banks);
    }
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_wants_a_new_login_is_repaired_and_not_activated_again() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let app = stage.app().await;
    let mut tab = chromium.tab("webview-repair").await;
    let bank = linked_already(&stage, &app).await;

    stage.sandbox.break_link(&bank).unwrap();
    assert_eq!(app.standings().await, ["needs-login"]);
    let wish = json!({ "orderId": "0123456789abcdef0123456789abcdef", "bankId": bank, "amount": "25.00", "currency": "ETH" });
    let refused = app.post("/api/orders", wish).await;
    assert_eq!(
        (refused["state"].as_str(), refused["reason"].as_str()),
        (Some("refused"), Some("PLAID_LOGIN_ERROR"))
    );

    let link = app.post("/api/links", json!({ "repairsBank": bank })).await;
    open(&tab, &link).await;
    tab.see(Page, "Continue").await;
    tab.shoot("consent").await;
    tab.click(Page, "Continue").await;
    log_in(&tab, "custom_ratio_good").await;
    tab.click(Page, "Finish").await;
    let outcome = host::until_over(&mut tab, &app, id(&link)).await;
    assert_eq!(outcome.link["state"], "finished", "{}", outcome.link);
    assert_eq!(app.standings().await, ["ready"]);

    let wish = json!({ "orderId": "fedcba9876543210fedcba9876543210", "bankId": bank, "amount": "25.00", "currency": "ETH" });
    assert_eq!(app.post("/api/orders", wish).await["state"], "accepted");
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_token_that_has_run_out_asks_for_a_new_one() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::with(|sandbox| sandbox.clock(Clock::ticking())).await;
    let app = stage.app().await;
    let mut tab = chromium.tab("webview-expired").await;

    let link = app.begin().await;
    stage.sandbox.clock().advance(Duration::from_hours(4));
    open(&tab, &link).await;
    tab.see(Page, "Close").await;
    tab.shoot("expired").await;
    tab.click(Page, "Close").await;
    let outcome = host::until_over(&mut tab, &app, id(&link)).await;
    let exit = exit(&outcome.last);
    assert!(exit.needs_new_link_token());
    assert_eq!(
        exit.error.as_ref().unwrap().error_code,
        Some(ErrorCode::INVALID_LINK_TOKEN)
    );
    assert_eq!(outcome.link["state"], "left");
    assert_eq!(outcome.link["reason"], "INVALID_LINK_TOKEN");
    chromium.stop().await;
}
