//! The browser is driven as a person would: nobody clicks on what they cannot see yet.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::chromium::Chromium;
use crate::chromium::Within::Page;

const PAGE: &str = "<!doctype html><title>Late</title><link rel=stylesheet href=/late.css>\
    <button onclick=\"this.textContent = 'Pressed'\">Press</button>";

#[tokio::test(flavor = "multi_thread")]
async fn a_click_waits_until_the_page_is_painted() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let (asked, may_come) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let style = {
        let (asked, may_come) = (asked.clone(), may_come.clone());
        async move || {
            asked.add_permits(1);
            let _come = may_come.acquire().await;
            (
                [(header::CONTENT_TYPE, "text/css")],
                "button { margin: 300px 0 0 200px }",
            )
        }
    };
    let router = Router::new()
        .route("/", get(async || Html(PAGE)))
        .route("/late.css", get(style));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    let tab = chromium.tab("late").await;
    tab.goto(&url).await;
    let style_comes = async {
        let _asked = asked.acquire().await;
        // The button is there and looks as if it could be clicked.
        assert!(tab.html().await.contains("Press"));
        may_come.add_permits(1);
    };
    tokio::join!(tab.click(Page, "Press"), style_comes);
    tab.see(Page, "Pressed").await;
    chromium.stop().await;
    serving.abort();
}
