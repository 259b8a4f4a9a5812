//! Somebody without a mouse: Tab, Enter and letters lead from signing in to a purchase and to a repaired bank.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::chromium::Within::{self, Page, PlaidLink};
use crate::chromium::{Chromium, Tab};
use crate::stage::Stage;

async fn type_at(tab: &Tab, within: Within, label: &str, text: &str) {
    tab.tab_to(within, label).await;
    tab.type_text(text).await;
}

async fn push(tab: &Tab, within: Within, words: &str) {
    tab.see(within, words).await;
    tab.tab_to(within, words).await;
    tab.press("Enter").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_is_linked_used_and_repaired_by_keyboard_alone() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let tab = chromium.tab("keyboard").await;
    tab.goto(&stage.service.url).await;
    tab.see(Page, "Session token").await;
    type_at(&tab, Page, "User id", stage.user.id()).await;
    type_at(&tab, Page, "Session token", stage.user.session_token()).await;
    type_at(&tab, Page, "Wallet id", stage.user.wallet_id()).await;
    push(&tab, Page, "Sign in").await;

    push(&tab, Page, "Link a bank").await;
    push(&tab, Page, "Continue").await;
    push(&tab, PlaidLink, "Continue").await;
    push(&tab, PlaidLink, "Tartan Bank").await;
    tab.see(PlaidLink, "Sign in at").await;
    type_at(&tab, PlaidLink, "Username", "custom_ratio_good").await;
    type_at(&tab, PlaidLink, "Password", "mfa_device").await;
    // A form is sent by Enter in its last field.
    tab.press("Enter").await;
    tab.see(PlaidLink, "Enter the code").await;
    tab.type_text("1234").await;
    tab.press("Enter").await;
    push(&tab, PlaidLink, "Link this account").await;
    push(&tab, PlaidLink, "Finish").await;
    tab.see(Page, "You can buy with this account").await;
    push(&tab, Page, "Buy").await;
    tab.see(Page, "Accepted").await;

    let app = stage.app().await;
    let bank = app.get("/api/banks").await["banks"][0]["id"].clone();
    stage.sandbox.break_link(bank.as_str().unwrap()).unwrap();
    tab.goto(&stage.service.url).await;
    push(&tab, Page, "Log in again").await;
    push(&tab, Page, "Continue").await;
    push(&tab, PlaidLink, "Continue").await;
    tab.see(PlaidLink, "Sign in at").await;
    tab.tab_to(PlaidLink, "Fill in custom_ratio_good").await;
    tab.press("Enter").await;
    // The button to sign in has the keyboard now.
    tab.press("Enter").await;
    push(&tab, PlaidLink, "Finish").await;
    tab.see(Page, "You can buy with this account").await;
    chromium.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_bank_is_asked_link_says_so_and_takes_nothing_but_cancel() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let app = stage.app().await;
    let mut tab = chromium.tab("loading").await;
    let may_answer = Arc::new(Semaphore::new(0));
    tab.hold("*/link/visit/*", &may_answer).await;
    let link = app.begin().await;
    tab.goto(link["opens"]["webviewUrl"].as_str().unwrap()).await;
    tab.see(Page, "Opening…").await;
    tab.shoot("opening").await;
    may_answer.add_permits(1);
    tab.click(Page, "Continue").await;
    tab.click(Page, "Tartan Bank").await;
    tab.click(Page, "Fill in custom_ratio_good").await;
    tab.press("Enter").await;
    tab.see(Page, "Signing in at Tartan Bank…").await;
    tab.shoot("signing-in").await;
    // Neither a second Enter nor Tab does anything to the login that is on its way.
    tab.press("Enter").await;
    tab.tab_to(Page, "Cancel").await;
    may_answer.add_permits(1);
    tab.see(Page, "Choose an account").await;
    chromium.stop().await;
}
