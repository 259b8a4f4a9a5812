//! A customer clicks through the service's own pages, where Plaid's web SDK shows Link in a frame.

use ratio_sandbox::{Fault, operation};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::chromium::Within::{Page, PlaidLink};
use crate::chromium::{Chromium, Tab};
use crate::over_sockets::buyer;
use crate::stage::Stage;

async fn sign_in(tab: &mut Tab, stage: &Stage) {
    sign_in_at(tab, stage, &stage.service.url).await;
}

async fn sign_in_at(tab: &mut Tab, stage: &Stage, url: &str) {
    tab.goto(&format!("{url}/")).await;
    tab.see(Page, "Sign in").await;
    tab.shoot("sign-in").await;
    tab.fill(Page, "User id", stage.user.id()).await;
    tab.fill(Page, "Session token", stage.user.session_token()).await;
    tab.fill(Page, "Wallet id", stage.user.wallet_id()).await;
    tab.click(Page, "Sign in").await;
    tab.see(Page, "Your bank").await;
}

/// From the page of a run through Link to the end of it.
async fn through_plaid_link(tab: &mut Tab) {
    tab.click(Page, "Continue").await;
    tab.see(PlaidLink, "Continue").await;
    tab.shoot("plaid-link").await;
    tab.click(PlaidLink, "Continue").await;
    tab.click(PlaidLink, "Tartan Bank").await;
    tab.click(PlaidLink, "Fill in custom_ratio_good").await;
    tab.click(PlaidLink, "Sign in").await;
    tab.click(PlaidLink, "Link this account").await;
    tab.click(PlaidLink, "Finish").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_of_a_service_without_tls_can_sign_in() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let port = stage.service.url.rsplit_once(':').unwrap().1;
    let mut tab = chromium.tab("without-tls").await;
    sign_in_at(&mut tab, &stage, &format!("http://shop.test:{port}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_links_a_bank_buys_repairs_it_and_unlinks_it() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let mut tab = chromium.tab("pages").await;
    sign_in(&mut tab, &stage).await;
    tab.shoot("no-bank").await;

    tab.click(Page, "Link a bank").await;
    tab.see(Page, "Link your bank").await;
    tab.shoot("link").await;
    through_plaid_link(&mut tab).await;
    tab.see(Page, "You can buy with this account").await;
    tab.shoot("ready").await;

    tab.click(Page, "Buy").await;
    tab.see(Page, "Accepted").await;
    tab.shoot("bought").await;
    assert_eq!(stage.sandbox.ledger().transfers().len(), 1);

    let app = stage.app().await;
    let bank = app.get("/api/banks").await["banks"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    stage.sandbox.break_link(&bank).unwrap();
    tab.goto(&stage.service.url).await;
    tab.see(Page, "Needs a new login").await;
    tab.shoot("needs-login").await;
    tab.click(Page, "Log in again").await;
    tab.see(Page, "Log in again at ").await;
    tab.shoot("relink").await;
    tab.click(Page, "Continue").await;
    tab.click(PlaidLink, "Continue").await;
    assert!(
        tab.html().await.contains("<main inert"),
        "the page behind Link cannot be reached"
    );
    tab.click(PlaidLink, "Fill in custom_ratio_good").await;
    tab.click(PlaidLink, "Sign in").await;
    tab.click(PlaidLink, "Finish").await;
    tab.see(Page, "You can buy with this account").await;

    tab.click(Page, "Unlink").await;
    tab.see(Page, "You will not be able to buy with").await;
    tab.shoot("unlink").await;
    tab.click(Page, "Keep it").await;
    tab.see(Page, "You can buy with this account").await;
    tab.click(Page, "Unlink").await;
    tab.click(Page, "Unlink it").await;
    tab.see(Page, "Link a bank").await;
    assert!(app.standings().await.is_empty());
    tab.click(Page, "Sign out").await;
    tab.see(Page, "Session token").await;
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_order_says_how_it_stands_and_what_to_do_about_it() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    let buy = async |id: u32, amount: &str| {
        let wish =
            json!({ "orderId": format!("{id:032x}"), "bankId": bank, "amount": amount, "currency": "ETH" });
        app.post("/api/orders", wish).await
    };
    let in_doubt = |fault| stage.sandbox.inject(operation::INITIATE_ACH, fault).unwrap();
    let settle_for_hours = async || {
        for _ in 0..200 {
            stage.pass(30);
            stage.service.service.settle_unclear_orders().await;
        }
    };
    // Ratio took two that look alike, and one it never saw.
    for id in [1, 2] {
        in_doubt(Fault::reset_after());
        buy(id, "20").await;
    }
    in_doubt(Fault::status(503));
    buy(3, "21.5").await;
    settle_for_hours().await;
    // Its list could not be read all the while.
    in_doubt(Fault::reset_after());
    buy(4, "22").await;
    stage
        .sandbox
        .inject(operation::LIST_ACTIVITY, Fault::status(403).times(100))
        .unwrap();
    settle_for_hours().await;
    stage.sandbox.clear_faults();
    buy(5, "5000").await;
    buy(6, "30").await;
    in_doubt(Fault::reset_after());
    buy(7, "24").await;

    let mut tab = chromium.tab("pages-orders").await;
    sign_in(&mut tab, &stage).await;
    for words in [
        "We are looking for it, for about an hour",
        "Ratio has more than one that may be it",
        "We could not look for it",
        "as far as we can tell, no money moves",
        "over your limit",
        "$30.00 of ETH",
        "00000000000000000000000000000007",
        " UTC",
    ] {
        tab.see(Page, words).await;
    }
    tab.shoot("orders").await;
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_plaid_link_can_try_again() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let mut tab = chromium.tab("pages-leave").await;
    sign_in(&mut tab, &stage).await;
    tab.click(Page, "Link a bank").await;
    tab.click(Page, "Continue").await;
    tab.click(PlaidLink, "Cancel").await;
    tab.see(Page, "You left before your bank was linked").await;
    tab.shoot("left").await;
    tab.click(Page, "Try again").await;
    through_plaid_link(&mut tab).await;
    tab.see(Page, "You can buy with this account").await;
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_banks_own_page_sends_the_customer_back_to_where_link_goes_on() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let mut tab = chromium.tab("pages-oauth").await;
    sign_in(&mut tab, &stage).await;
    tab.click(Page, "Link a bank").await;
    tab.click(Page, "Continue").await;
    tab.click(PlaidLink, "Continue").await;
    tab.click(PlaidLink, "Platypus OAuth Bank").await;
    tab.click(PlaidLink, "Go to the bank").await;
    tab.click(Page, "Sign in and allow").await;
    tab.see(Page, "Welcome back from your bank").await;
    tab.shoot("returned").await;
    tab.click(PlaidLink, "Link this account").await;
    tab.click(PlaidLink, "Finish").await;
    tab.see(Page, "You can buy with this account").await;
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_under_review_becomes_ready_on_the_open_page() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::with(|sandbox| sandbox.verification_delay(std::time::Duration::from_hours(1))).await;
    let mut tab = chromium.tab("pages-review").await;
    sign_in(&mut tab, &stage).await;
    tab.click(Page, "Link a bank").await;
    through_plaid_link(&mut tab).await;
    tab.see(Page, "Being checked").await;
    tab.shoot("being-checked").await;
    let bank = stage.app().await.get("/api/banks").await["banks"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    stage.sandbox.approve(&bank).unwrap();
    tab.see(Page, "You can buy with this account").await;
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_holds_a_token() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let mut tab = chromium.tab("pages-secrets").await;
    sign_in(&mut tab, &stage).await;
    let home = tab.html().await;
    tab.click(Page, "Link a bank").await;
    tab.see(Page, "Link your bank").await;
    let link = tab.html().await;
    for page in [home, link] {
        assert!(!page.contains("link-sandbox-"), "a link token is in {page}");
        assert!(
            !page.contains(stage.user.session_token()),
            "the session token is in {page}"
        );
    }
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_and_an_address_that_leads_nowhere_say_so() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let mut tab = chromium.tab("pages-ended").await;
    tab.goto(&stage.service.url).await;
    tab.see(Page, "Session token").await;
    assert!(!tab.html().await.contains("has ended"), "there was none");
    sign_in(&mut tab, &stage).await;
    tab.goto(&format!("{}/nowhere", stage.service.url)).await;
    tab.see(Page, "here is nothing at this address").await;
    stage.pass(13 * 60 * 60);
    tab.goto(&stage.service.url).await;
    tab.see(Page, "Your session has ended").await;
    tab.shoot("ended").await;
    chromium.stop().await;
    let (status, answer) = stage.app().await.ask(Method::GET, "/api/nowhere", None).await;
    assert_eq!(
        (status, &answer["code"]),
        (StatusCode::NOT_FOUND, &json!("NOT_FOUND"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_failed_says_so() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let mut tab = chromium.tab("pages-failed").await;
    sign_in(&mut tab, &stage).await;
    tab.click(Page, "Link a bank").await;
    tab.see(Page, "Link your bank").await;
    let app = stage.app().await;
    let link = app.begin().await;
    let id = link["id"].as_str().unwrap();
    let link = app
        .post(
            &format!("/api/links/{id}/success"),
            json!({ "publicToken": "public-sandbox-invented", "metadata": {} }),
        )
        .await;
    assert_eq!(link["state"], "failed");
    tab.goto(&format!("{}/links/{id}", stage.service.url)).await;
    tab.see(Page, "Ratio could not link this bank").await;
    tab.shoot("failed").await;
    tab.goto(&format!("{}/links/nowhere", stage.service.url)).await;
    tab.see(Page, "That did not work").await;
    tab.shoot("not-found").await;
    chromium.stop().await;
}
