//! A session token that is replaced with every response, under a thousand concurrent calls.

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ratio_bank::{BankId, Client, Environment, SessionToken, UserId};
use support::{Act, Server, bank, in_virtual_time, read_request};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

const CALLERS: usize = 1000;
const CALLS_EACH: usize = 5;

/// The `n`-th token that was issued.
fn issued(n: u64) -> String {
    let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"iat":{n},"exp":{}}}"#, n + 300));
    format!("e30.{claims}.s")
}

fn number(token: &str) -> u64 {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    claims["iat"].as_u64().unwrap()
}

/// Issues a token with every response, responds in its own order, and records the token of each call.
#[derive(Default)]
struct Issuer {
    issued: AtomicU64,
    used: Mutex<HashMap<String, u64>>,
}

async fn serve(issuer: Arc<Issuer>, listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(Arc::clone(&issuer), stream));
    }
}

async fn converse(issuer: Arc<Issuer>, mut stream: TcpStream) {
    while let Some((head, _)) = read_request(&mut stream).await {
        let path = head.split(' ').nth(1).unwrap();
        let call = path
            .rsplit('/')
            .next()
            .unwrap()
            .strip_suffix(":requestLink")
            .unwrap();
        let token = head
            .lines()
            .find_map(|line| line.strip_prefix("authorization: Bearer "))
            .unwrap();
        issuer.used.lock().unwrap().insert(call.to_owned(), number(token));
        let new = issuer.issued.fetch_add(1, Ordering::Relaxed) + 1;
        // Some responses are overtaken by hundreds of others.
        for _ in 0..(new * 7919) % 257 {
            tokio::task::yield_now().await;
        }
        let body = r#"{"linkToken":"link-1"}"#;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nratio-authentication-refresh: {}\r\ncontent-length: {}\r\n\r\n{body}",
            issued(new),
            body.len()
        );
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_uses_a_token_that_is_older_than_one_it_could_have_known() {
    let issuer = Arc::new(Issuer::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(serve(Arc::clone(&issuer), listener));

    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&heard);
    let session = Client::builder(Environment::at(&url).unwrap())
        .client_id("c")
        .on_session_refresh(move |_, token| hear.lock().unwrap().push(number(token.reveal())))
        // The timeouts must not depend on how busy the machine is.
        .attempt_timeout(support::EVER)
        .deadline(support::EVER)
        .build()
        .unwrap()
        .session(UserId::new("u").unwrap(), SessionToken::new(issued(0)));

    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let session = session.clone();
            let issuer = Arc::clone(&issuer);
            tokio::spawn(async move {
                for call in 0..CALLS_EACH {
                    let name = format!("b-{caller}-{call}");
                    let known = number(session.token().reveal());
                    session
                        .request_bank_relink(&BankId::new(name.as_str()).unwrap())
                        .await
                        .unwrap();
                    let used = issuer.used.lock().unwrap()[&name];
                    assert!(used >= known, "call {name} used {used}, and {known} was known");
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    server.abort();

    let calls = u64::try_from(CALLERS * CALLS_EACH).unwrap();
    assert_eq!(issuer.issued.load(Ordering::Relaxed), calls);
    assert_eq!(number(session.token().reveal()), calls, "the newest token won");
    let heard = heard.lock().unwrap();
    assert!(
        heard.is_sorted_by(|a, b| a < b),
        "a store hears of newer tokens only"
    );
    assert_eq!(heard.last(), Some(&calls), "and of the newest");
}

#[test]
fn a_refusal_brings_a_new_token_as_any_answer_does() {
    in_virtual_time(async {
        for status in [401, 404, 429, 500] {
            let refused = Act::Answer(status, "ratio-authentication-refresh: new\r\n", String::new());
            let server = Server::start([refused]).await;
            let client = server.client().max_attempts(1).build().unwrap();
            let session = support::session(&client);
            session.delete_bank(&bank()).await.unwrap_err();
            assert_eq!(session.token().reveal(), "new", "{status}");
        }
    });
}

#[test]
fn a_resent_request_carries_the_newest_token() {
    in_virtual_time(async {
        let limited = Act::Answer(429, "ratio-authentication-refresh: new\r\n", String::new());
        let server = Server::start([limited]).await;
        server
            .session()
            .initiate_ach(&bank(), &support::order())
            .await
            .unwrap();
        let arrived = server.arrived();
        assert!(arrived[0].head.contains("authorization: Bearer opaque-token"));
        assert!(arrived[1].head.contains("authorization: Bearer new"));
    });
}

#[test]
fn what_is_no_token_leaves_the_session_as_it_was_and_is_told() {
    in_virtual_time(async {
        let long: &'static str = format!("ratio-authentication-refresh: {}\r\n", "x".repeat(9000)).leak();
        for header in [
            "ratio-authentication-refresh:\r\n",
            "ratio-authentication-refresh:   \r\n",
            "ratio-authentication-refresh: null\r\n",
            "ratio-authentication-refresh: undefined\r\n",
            "ratio-authentication-refresh: Bearer new\r\n",
            "ratio-authentication-refresh: new, newer\r\n",
            "ratio-authentication-refresh: new\r\nratio-authentication-refresh: newer\r\n",
            "ratio-authentication-refresh: t\u{f6}ken\r\n",
            long,
            "",
        ] {
            let server = Server::start([Act::Answer(200, header, "{}".to_owned())]).await;
            let told = Arc::new(Mutex::new(Vec::new()));
            let tell = Arc::clone(&told);
            let client = server
                .client()
                .on_drift(move |event| tell.lock().unwrap().push(event.clone()))
                .build()
                .unwrap();
            let session = support::session(&client);
            session.get_user().await.unwrap();
            assert_eq!(session.token().reveal(), "opaque-token", "{header:?}");
            let told = told.lock().unwrap();
            assert_eq!(told.len(), usize::from(!header.is_empty()), "{header:?} {told:?}");
            for event in told.iter() {
                assert_eq!(event.kind, ratio_bank::DriftKind::UnusableToken);
                assert_eq!((event.path.as_str(), &event.value), ("", &None));
            }
        }
    });
}

#[test]
fn the_successor_of_the_present_token_wins_whatever_its_claims() {
    in_virtual_time(async {
        let header: &'static str = format!("ratio-authentication-refresh: {}\r\n", issued(5)).leak();
        let server = Server::start([Act::Answer(200, header, "{}".to_owned())]).await;
        let client = server.client().build().unwrap();
        let session = client.session(UserId::new("u-1").unwrap(), SessionToken::new(issued(9)));
        session.get_user().await.unwrap();
        assert_eq!(number(session.token().reveal()), 5);
    });
}

#[test]
fn sessions_of_one_store_share_their_token_and_an_own_one_replaces_it() {
    in_virtual_time(async {
        let refreshed = Act::Answer(200, "ratio-authentication-refresh: new\r\n", "{}".to_owned());
        let server = Server::start([refreshed]).await;
        let one = server.session();
        let other = server
            .client()
            .build()
            .unwrap()
            .session_with(one.token_store().clone());
        one.get_user().await.unwrap();
        assert_eq!(other.token().reveal(), "new");
        assert_eq!(other.user(), one.user());
        one.set_token(SessionToken::new("set"));
        other.request_bank_link().await.unwrap();
        assert!(server.arrived()[1].head.contains("authorization: Bearer set"));
    });
}

#[test]
fn a_hook_that_panics_loses_no_result_and_no_token() {
    in_virtual_time(async {
        let refreshed = Act::Answer(
            200,
            "ratio-authentication-refresh: new\r\n",
            support::SUCCESS.to_owned(),
        );
        let server = Server::start([refreshed.clone(), refreshed]).await;
        let client = server
            .client()
            .on_session_refresh(|_, _| panic!("the store is gone"))
            .on_drift(|_| panic!("so is this one"))
            .build()
            .unwrap();
        let session = support::session(&client);
        let bought = session.initiate_ach(&bank(), &support::order()).await.unwrap();
        let id = bought.id.expect("the order has its id");
        assert_eq!(AsRef::<str>::as_ref(&id), "i-1");
        assert_eq!(session.token().reveal(), "new");
        session.request_bank_link().await.unwrap();
    });
}

#[test]
fn a_token_that_no_header_can_hold_sends_nothing() {
    in_virtual_time(async {
        let server = Server::start([]).await;
        let client = server.client().build().unwrap();
        let session = client.session(
            UserId::new("u-1").unwrap(),
            SessionToken::new("a\r\nratio-client-id: b"),
        );
        let error = session
            .initiate_ach(&bank(), &support::order())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ratio_bank::ErrorKind::InvalidInput);
        assert_eq!((server.count(), error.may_have_executed()), (0, false));
    });
}
