//! Plaid's own React component, as npm has it, before the stand-in's Link: what it hands to a page is read by
//! `ratio_bank::plaid`. It asks for Plaid's script at Plaid's address, and the browser takes it from the stand-in.

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Html;
use axum::routing::{get, post};
use ratio_bank::plaid::{ErrorCode, EventName, ExitStatus, LinkEvent, LinkExit, LinkSuccess};
use ratio_sandbox::{Sandbox, User};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::chromium::Within::{Page, PlaidLink};
use crate::chromium::{Chromium, PATIENCE, Tab};
use crate::npm;

const PLAID: &str = "https://cdn.plaid.com";

/// The page of an application, as Plaid's guide to its component has it: the link token is kept for the way back from a
/// bank's own page, and what the component hands over is told as JSON.
const PAGE: &str = r#"<!doctype html>
<html lang="en"><meta charset="utf-8"><title>An application</title><main id="app"></main>
<script src="/react.js"></script><script src="/react-dom.js"></script><script src="/react-plaid-link.js"></script>
<script>
const query = new URLSearchParams(location.search);
const returned = query.has("oauth_state_id");
const token = returned ? localStorage.getItem("token") : query.get("token");
localStorage.setItem("token", token);
// What is told as the page is left is told all the same.
const told = (kind, what) =>
  fetch("/told", { method: "POST", body: JSON.stringify({ kind, what }), keepalive: true });

function Application() {
  const [end, setEnd] = React.useState(null);
  const { open, ready } = window.PlaidLink.usePlaidLink({
    token,
    receivedRedirectUri: returned ? location.href : undefined,
    onSuccess: (public_token, metadata) => { told("success", { public_token, metadata }); setEnd("Linked"); },
    onExit: (error, metadata) => { told("exit", { error, metadata }); setEnd("Left"); },
    onEvent: (eventName, metadata) => told("event", { eventName, metadata }),
  });
  React.useEffect(() => { if (returned && ready) open(); }, [ready]);
  return React.createElement("button", { disabled: !ready, onClick: () => open() }, end ?? "Connect a bank");
}
ReactDOM.createRoot(document.getElementById("app")).render(React.createElement(Application));
</script></html>"#;

/// An application in a browser, and what it was handed.
struct Application {
    url: String,
    told: UnboundedReceiver<Value>,
    serving: JoinHandle<()>,
}

/// What one run through Link came to.
struct Run {
    events: Vec<LinkEvent>,
    /// `success` or `exit`, and what came with it.
    end: (String, Value),
}

impl Application {
    /// Serves the page; `None` where the component was not installed.
    async fn serve() -> Option<Self> {
        let mut router = Router::new()
            .route("/", get(async || Html(PAGE)))
            .route("/told", post(tell));
        for (path, file) in [
            ("/react.js", "react/umd/react.production.min.js"),
            ("/react-dom.js", "react-dom/umd/react-dom.production.min.js"),
            ("/react-plaid-link.js", "react-plaid-link/dist/index.umd.js"),
        ] {
            let script = npm::file(file)?;
            let kind = [(header::CONTENT_TYPE, "text/javascript")];
            router = router.route(path, get(async move || (kind, script)));
        }
        let (telling, told) = unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = router.with_state(telling);
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Some(Self { url, told, serving })
    }

    /// Waits until Link has handed over how it ended. Events may come around that in any order.
    async fn run(&mut self) -> Run {
        let (mut events, mut end) = (Vec::new(), None);
        let is_last = |event: &LinkEvent| [EventName::HANDOFF, EventName::EXIT].contains(&event.name);
        while end.is_none() || !events.iter().any(is_last) {
            let told = timeout(PATIENCE, self.told.recv()).await;
            let told = told.expect("Link hands something over").unwrap();
            match told["kind"].as_str().unwrap() {
                "event" => events.push(read(&told["what"])),
                kind => end = Some((kind.to_owned(), told["what"].clone())),
            }
        }
        Run {
            events,
            end: end.unwrap(),
        }
    }
}

impl Run {
    fn success(&self) -> LinkSuccess {
        assert_eq!(self.end.0, "success", "{}", self.end.1);
        read(&self.end.1)
    }

    fn exit(&self) -> LinkExit {
        assert_eq!(self.end.0, "exit");
        read(&self.end.1)
    }

    fn names(&self) -> Vec<&str> {
        self.events.iter().map(|event| event.name.as_str()).collect()
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn tell(State(telling): State<UnboundedSender<Value>>, told: String) -> StatusCode {
    telling.send(serde_json::from_str(&told).unwrap()).unwrap();
    StatusCode::NO_CONTENT
}

fn read<T: DeserializeOwned>(handed_over: &Value) -> T {
    serde_json::from_str(&handed_over.to_string()).unwrap()
}

/// Asks the stand-in for something on behalf of a user.
async fn ask(sandbox: &Sandbox, user: &User, path: &str, body: Value) -> Value {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http
        .post(format!("{}/v1/users/{}/{path}", sandbox.url(), user.id()))
        .header("ratio-client-id", sandbox.client_id())
        .bearer_auth(user.session_token())
        .json(&body);
    request.send().await.unwrap().json().await.unwrap()
}

async fn open(tab: &Tab, application: &Application, link: &Value) {
    let token = link["linkToken"].as_str().unwrap();
    tab.goto(&format!("{}?token={token}", application.url)).await;
    tab.click(Page, "Connect a bank").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plaids_own_component_hands_over_what_is_read() {
    let Some(chromium) = Chromium::start().await else {
        return;
    };
    let Some(mut application) = Application::serve().await else {
        return;
    };
    let sandbox = Sandbox::builder().redirect_uri(application.url.clone());
    let sandbox = sandbox.start().await.unwrap();
    let user = sandbox.user();
    let tab = chromium.tab("react").await;
    tab.reroute(PLAID, sandbox.url()).await;
    let new_link = async || ask(&sandbox, &user, "banks:requestLink", json!({})).await;

    // They think better of it.
    open(&tab, &application, &new_link().await).await;
    tab.click(PlaidLink, "Continue").await;
    tab.click(PlaidLink, "Tartan Bank").await;
    tab.see(PlaidLink, "Sign in at").await;
    tab.click(PlaidLink, "Cancel").await;
    let run = application.run().await;
    let exit = run.exit();
    assert!(exit.is_cancelled());
    assert_eq!(exit.status, Some(ExitStatus::REQUIRES_CREDENTIALS));
    assert_eq!(exit.institution.unwrap().name.as_deref(), Some("Tartan Bank"));
    assert_eq!(run.names().first(), Some(&"OPEN"));
    tab.see(Page, "Left").await;

    // The bank is down.
    open(&tab, &application, &new_link().await).await;
    tab.click(PlaidLink, "Continue").await;
    tab.click(PlaidLink, "Unhealthy Platypus Bank - Down").await;
    tab.click(PlaidLink, "Close").await;
    let run = application.run().await;
    let exit = run.exit();
    assert!(!exit.is_cancelled());
    assert_eq!(exit.error.unwrap().error_code, Some(ErrorCode::INSTITUTION_DOWN));
    assert!(run.names().contains(&"ERROR"), "{:?}", run.names());

    // The bank's own page, and back.
    open(&tab, &application, &new_link().await).await;
    tab.click(PlaidLink, "Continue").await;
    tab.click(PlaidLink, "Platypus OAuth Bank").await;
    tab.click(PlaidLink, "Go to the bank").await;
    tab.click(Page, "Sign in and allow").await;
    tab.click(PlaidLink, "Link this account").await;
    tab.click(PlaidLink, "Finish").await;
    let run = application.run().await;
    let success = run.success();
    assert_eq!(
        success.institution.as_ref().unwrap().id.as_deref(),
        Some("ins_127287")
    );
    assert_eq!(success.accounts.len(), 1);
    assert_eq!(success.accounts[0].mask.as_deref(), Some("0000"));
    let [opened, closed] = ["OPEN_OAUTH", "CLOSE_OAUTH"].map(|name| run.names().contains(&name));
    assert!(opened && closed, "{:?}", run.names());
    let sessions = run.events.iter().map(|event| event.link_session_id.as_ref());
    assert!(
        sessions
            .into_iter()
            .all(|session| session == success.link_session_id.as_ref())
    );
    tab.see(Page, "Linked").await;

    // Its public token is a real one; the relink of that bank has nothing to activate.
    let token = success.public_token.unwrap();
    let activate = json!({ "publicToken": token.reveal() });
    let bank = ask(&sandbox, &user, "banks:activateLink", activate).await;
    let bank = bank["bankAccount"]["id"].as_str().unwrap();
    sandbox.approve(bank).unwrap();
    sandbox.break_link(bank).unwrap();
    let relink = ask(&sandbox, &user, &format!("banks/{bank}:requestLink"), json!({})).await;
    open(&tab, &application, &relink).await;
    tab.click(PlaidLink, "Continue").await;
    tab.click(PlaidLink, "Go to the bank").await;
    tab.click(Page, "Sign in and allow").await;
    tab.click(PlaidLink, "Finish").await;
    let run = application.run().await;
    assert!(run.success().public_token.is_some());
    assert!(run.events.iter().any(|event| event.is_update_mode == Some(true)));
    chromium.stop().await;
}
