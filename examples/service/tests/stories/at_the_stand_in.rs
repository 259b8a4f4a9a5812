//! Somebody opens the stand-in's own page, and makes something happen there.

use crate::chromium::Chromium;
use crate::chromium::Within::Page;
use crate::over_sockets::buyer;
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_is_broken_on_the_page_of_the_stand_in() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let stage = Stage::set().await;
    let (app, bank) = buyer(&stage).await;
    let mut tab = chromium.tab("stand-in").await;
    tab.goto(stage.sandbox.url()).await;
    tab.see(Page, "custom_ratio_good").await;
    tab.see(Page, &stage.sandbox.client_id()).await;
    tab.shoot("stand-in").await;
    tab.click(Page, "Make up a person").await;
    tab.see(Page, "walletId").await;
    tab.fill(Page, "Bank", bank.as_str().unwrap()).await;
    tab.click(Page, "Change it").await;
    tab.see(Page, "Done.").await;
    assert_eq!(app.standings().await, ["needs-login"]);
    tab.fill(Page, "Bank", "nowhere").await;
    tab.click(Page, "Change it").await;
    tab.see(Page, "error").await;
    chromium.stop().await;
}
