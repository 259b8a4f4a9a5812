//! A payment arrives once, even if connections are reused.

use std::time::Duration;

use crate::support::{self, Act, After, Server, bank, in_virtual_time, order};
use ratio_bank::{ActivityId, BankId, ErrorKind, PublicToken};
use tokio::io::AsyncWriteExt as _;

#[test]
fn an_order_read_whole_on_a_reused_connection_that_then_closes_is_never_sent_again() {
    in_virtual_time(async {
        let server = Server::start([Act::success(), Act::Close]).await;
        let session = server.session();
        session.get_user().await.unwrap();
        let error = session.initiate_ach(&bank(), &order()).await.unwrap_err();
        assert!(error.may_have_executed(), "{error}");
        // Gives time for anything that would still be sent in the background.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        let arrived = server.arrived();
        assert_eq!(arrived.len(), 2);
        assert_eq!(
            arrived[0].connection, arrived[1].connection,
            "the order went over the pooled connection"
        );
        assert!(arrived[1].head.starts_with("POST /v1/users/u-1/banks/b-1/ach "));
    });
}

#[test]
fn a_redirect_is_not_followed_with_an_order() {
    in_virtual_time(async {
        for status in [301, 302, 303, 307, 308] {
            let redirect = Act::Answer(status, "location: /elsewhere\r\n", String::new());
            let server = Server::start([redirect]).await;
            let error = server
                .session()
                .initiate_ach(&bank(), &order())
                .await
                .unwrap_err();
            assert_eq!((server.count(), error.status()), (1, Some(status)));
        }
    });
}

/// Successful responses that do not match the pin, but still name the created item. `ID` stands for the id, as JSON.
const ODD: [&str; 9] = [
    // A wallet lacks a property that the pin requires.
    r#"{"ENVELOPE":{"id":ID,"crypto":{"wallet":{"id":"w-1","address":"0x"}},"bankAccount":{"id":7}}}"#,
    // A string is written as a number, an object as a string, and a string as an object.
    r#"{"ENVELOPE":{"createTime":1669766400,"fiat":{"amount":49.99},"name":{"first":"x"},"id":ID}}"#,
    r#"{"ENVELOPE":{"id":ID,"fiat":"49.99 USD","mask":["1","2"]}}"#,
    // A name occurs twice.
    r#"{"ENVELOPE":{"id":ID},"ENVELOPE":{"id":ID,"createTime":"t"}}"#,
    r#"{"ENVELOPE":{"id":ID,"id":ID}}"#,
    // A list replaces an object.
    r#"{"ENVELOPE":[{"id":ID}]}"#,
    r#"[{"ENVELOPE":{"id":ID}}]"#,
    r#"{"ENVELOPE":{"id":[ID],"fiat":[],"crypto":[1,2]}}"#,
    // Further text follows.
    r#"{"ENVELOPE":{"id":ID}} {"more":1} trailing"#,
];

fn odd(envelope: &str, id: &str) -> impl Iterator<Item = String> {
    ODD.map(|body| body.replace("ENVELOPE", envelope).replace("ID", id))
        .into_iter()
}

#[test]
fn an_order_that_succeeded_is_told_with_its_id_whatever_else_the_answer_holds() {
    in_virtual_time(async {
        for (id, told) in [(r#""i-1""#, "i-1"), ("4711", "4711")] {
            for body in odd("activityItem", id) {
                let server = Server::start([Act::body(202, body.as_str())]).await;
                let item = server.session().initiate_ach(&bank(), &order()).await.unwrap();
                assert_eq!(item.id.unwrap().as_str(), told, "{body}");
                assert_eq!(server.count(), 1);
            }
        }
    });
}

#[test]
fn a_link_that_was_activated_is_told_with_its_bank_whatever_else_the_answer_holds() {
    in_virtual_time(async {
        for body in odd("bankAccount", r#""b-1""#) {
            let server = Server::start([Act::body(200, body.as_str())]).await;
            let activated = server.session().activate_bank_link(PublicToken::new("p")).await;
            assert_eq!(activated.unwrap().id.unwrap().as_str(), "b-1", "{body}");
            assert_eq!(server.count(), 1);
        }
    });
}

#[test]
fn what_can_be_read_of_an_order_is_read() {
    in_virtual_time(async {
        let body = r#"{"activityItem":{"id":"i-1","fiat":{"amount":49.5,"status":"PENDING","fundingMethod":7},
            "crypto":{"currency":"ETH","wallet":{"id":"w-1"},"direction":"SIDEWAYS"},"createTime":null}}"#;
        let server = Server::start([Act::body(202, body)]).await;
        let item = server.session().initiate_ach(&bank(), &order()).await.unwrap();
        let (fiat, crypto) = (item.fiat.unwrap(), item.crypto.unwrap());
        assert_eq!(fiat.amount.as_deref(), Some("49.5"));
        assert_eq!(fiat.status.unwrap().as_str(), "PENDING");
        // The document decides whether it is a string or an open enum.
        assert_eq!(serde_json::to_value(&crypto.currency).unwrap(), "ETH");
        assert_eq!(crypto.direction.unwrap().as_str(), "SIDEWAYS");
        assert!(crypto.wallet.is_none(), "the pin requires more of it");
    });
}

#[test]
fn an_order_whose_answer_breaks_off_leaves_its_id() {
    in_virtual_time(async {
        let body = r#"{"activityItem":{"id":"i-1","fiat":{"amount":"#;
        let long = format!("{body}\"{}\"}}}}}}", "5".repeat(5000));
        let headers = "content-length: 9999\r\n";
        for (act, kind) in [
            (
                Act::Raw(202, headers, body.to_owned(), After::Close),
                ErrorKind::ConnectionLost,
            ),
            (
                Act::Raw(202, headers, body.to_owned(), After::Stall),
                ErrorKind::Timeout,
            ),
            (Act::body(202, body), ErrorKind::Unreadable),
            (Act::body(202, long), ErrorKind::Unreadable),
        ] {
            let server = Server::start([act.clone()]).await;
            let client = server.client().max_answer_bytes(100).build().unwrap();
            let session = support::session(&client);
            let error = session.initiate_ach(&bank(), &order()).await.unwrap_err();
            assert_eq!((error.kind(), error.status()), (kind, Some(202)), "{act:?}");
            assert_eq!(
                error.activity_id().map(ActivityId::as_str),
                Some("i-1"),
                "{act:?}"
            );
            assert!(error.may_have_executed() && error.bank_id().is_none());
            assert!(!format!("{error} {error:?}").contains("i-1"), "{error:?}");
            assert_eq!(server.count(), 1);
        }
        let body = r#"{"bankAccount":{"id":"b-1","#;
        let server = Server::start([Act::body(200, body)]).await;
        let activated = server.session().activate_bank_link(PublicToken::new("p")).await;
        let error = activated.unwrap_err();
        assert_eq!(error.bank_id().map(BankId::as_str), Some("b-1"));
        assert!(error.may_have_executed() && error.activity_id().is_none());
    });
}

#[test]
fn an_order_that_succeeded_without_an_id_may_have_been_executed() {
    in_virtual_time(async {
        for body in [
            "",
            "null",
            "garbage",
            "[]",
            // The pin does not require an item, but an error is none.
            r#"{"code":"INSUFFICIENT_BALANCE","message":"no"}"#,
            r#"{"activityItem":{"id":7.5}}"#,
            r#"["t",null,null,"i-1"]"#,
            r#"{"activityItem":["t",null,null,"i-1"]}"#,
            r#"{"activityItem":[{"id":"i-1"},{"id":"i-2"}]}"#,
            r#"{"activityItem":{"id":"i-1","id":"i-2"}}"#,
            "{\"activityItem\":",
        ] {
            let server = Server::start([Act::body(202, body)]).await;
            let error = server
                .session()
                .initiate_ach(&bank(), &order())
                .await
                .unwrap_err();
            assert_eq!((error.kind(), error.status()), (ErrorKind::Unreadable, Some(202)));
            assert!(error.may_have_executed(), "{body}: {error}");
            assert!(error.activity_id().is_none(), "{body}: {error}");
            let code = body.contains("code").then_some("INSUFFICIENT_BALANCE");
            assert_eq!(error.code(), code, "{body}");
            assert_eq!(server.count(), 1);
        }
        let server = Server::start([Act::body(200, r#"{"message":"no"}"#)]).await;
        let activated = server.session().activate_bank_link(PublicToken::new("p")).await;
        let error = activated.unwrap_err();
        assert_eq!(
            (error.kind(), error.vendor_message()),
            (ErrorKind::Unreadable, Some("no"))
        );
        assert!(error.may_have_executed() && server.count() == 1);
    });
}

#[test]
fn a_body_is_kept_for_who_asks_for_it_and_never_printed() {
    in_virtual_time(async {
        let half = Act::Raw(
            202,
            "content-length: 9999\r\n",
            "{\"4711".to_owned(),
            After::Close,
        );
        for (act, body) in [
            (Act::body(202, "<html>4711</html>"), "<html>4711</html>"),
            (
                Act::body(422, r#"{"code":"X","more":"4711"}"#),
                r#"{"code":"X","more":"4711"}"#,
            ),
            (half, "{\"4711"),
        ] {
            for keep in [true, false] {
                let server = Server::start([act.clone()]).await;
                let client = server.client().keep_raw_bodies(keep).build().unwrap();
                let session = support::session(&client);
                let error = session.initiate_ach(&bank(), &order()).await.unwrap_err();
                assert_eq!(error.raw_body(), keep.then_some(body.as_bytes()), "{error}");
                assert!(
                    !format!("{error} {error:?} {error:#?}").contains("4711"),
                    "{error:?}"
                );
            }
        }
        let server = Server::start([Act::body(200, "{}")]).await;
        let client = server.client().keep_raw_bodies(true).build().unwrap();
        let error = support::session(&client).request_bank_link().await.unwrap_err();
        assert_eq!(error.raw_body(), Some(&b"{}"[..]));
    });
}

#[test]
fn more_headers_than_usual_lose_no_result() {
    in_virtual_time(async {
        for count in [90, 101, 150, 500, 1000] {
            let headers: String = (0..count).map(|at| format!("x-gateway-{at}: {at}\r\n")).collect();
            let answer = Act::Answer(202, headers.leak(), support::SUCCESS.to_owned());
            let server = Server::start([answer]).await;
            let item = server.session().initiate_ach(&bank(), &order()).await;
            assert_eq!(item.unwrap().id.unwrap().as_str(), "i-1", "{count}");
        }
        // Beyond the limit for headers, the order is in doubt and not denied.
        let headers = "x-gateway: 1\r\n".repeat(5000);
        let server = Server::start([Act::Answer(202, headers.leak(), support::SUCCESS.to_owned())]).await;
        let error = server
            .session()
            .initiate_ach(&bank(), &order())
            .await
            .unwrap_err();
        assert!(error.may_have_executed() && server.count() == 1, "{error}");
    });
}

#[test]
fn interim_answers_without_end_end_with_the_attempt_and_are_no_answer() {
    in_virtual_time(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            support::read_request(&mut stream).await.unwrap();
            while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.is_ok() {
                tokio::time::advance(Duration::from_millis(100)).await;
            }
            listener
        });
        let client = ratio_bank::Client::builder(ratio_bank::Environment::at(&url).unwrap())
            .client_id("c")
            .build()
            .unwrap();
        let session = support::session(&client);
        let error = session.initiate_ach(&bank(), &order()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.may_have_executed(), "{error}");
        // The connection is closed, and no other was opened.
        let listener = server.await.unwrap();
        let other = tokio::time::timeout(Duration::ZERO, listener.accept());
        assert!(other.await.is_err());
    });
}

/// An HTTP client with a careless setup: it follows redirects, and resends all that it can.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the type of the argument has no public name"
)]
fn thoughtless(http: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    http.redirect(reqwest::redirect::Policy::limited(10))
        .retry(reqwest::retry::for_host("127.0.0.1").classify_fn(|attempt| attempt.retryable()))
}

#[test]
fn an_http_client_that_was_set_up_by_the_caller_sends_nothing_twice() {
    in_virtual_time(async {
        for act in [
            Act::Answer(307, "location: /elsewhere\r\n", String::new()),
            Act::Answer(308, "location: /elsewhere\r\n", String::new()),
            Act::status(503),
            Act::Close,
        ] {
            let server = Server::start([act.clone()]).await;
            let client = server.client().http_client(thoughtless).build().unwrap();
            let error = support::session(&client)
                .initiate_ach(&bank(), &order())
                .await
                .unwrap_err();
            assert_eq!(server.count(), 1, "{act:?}: {error}");
            let redirected = matches!(act, Act::Answer(307 | 308, ..));
            assert_eq!(error.may_have_executed(), !redirected, "{act:?}: {error}");
        }
    });
}

#[test]
fn no_redirect_takes_a_secret_to_another_origin() {
    in_virtual_time(async {
        for status in [300, 301, 302, 303, 304, 307, 308] {
            for operation in 0..3 {
                let thief = Server::start([]).await;
                // Header lines in these scripts must live as long as the process.
                let location: &'static str = format!("location: {}/login\r\n", thief.url).leak();
                let server = Server::start([Act::Answer(status, location, String::new())]).await;
                let client = server
                    .client()
                    .client_secret("the-secret")
                    .http_client(thoughtless)
                    .build()
                    .unwrap();
                let session = support::session(&client);
                let error = match operation {
                    0 => session.get_user().await.map(drop).unwrap_err(),
                    1 => session.delete_bank(&bank()).await.unwrap_err(),
                    _ => session
                        .initiate_ach(&bank(), &order())
                        .await
                        .map(drop)
                        .unwrap_err(),
                };
                assert_eq!((thief.count(), server.count()), (0, 1), "{status} {error}");
                assert_eq!(error.status(), Some(status));
                assert_eq!(session.token().reveal(), "opaque-token");
                assert!(
                    server.arrived()[0]
                        .head
                        .contains("ratio-client-secret: the-secret")
                );
            }
        }
    });
}

#[test]
fn what_the_caller_sets_up_besides_is_kept() {
    in_virtual_time(async {
        let proxy = Server::start([]).await;
        let all = reqwest::Proxy::all(&proxy.url).unwrap();
        let headers = [("x-of-the-caller".parse().unwrap(), "kept".parse().unwrap())];
        let server = Server::start([]).await;
        let client = server
            .client()
            .http_client(|http| http.proxy(all).default_headers(headers.into_iter().collect()))
            .build()
            .unwrap();
        support::session(&client).request_bank_link().await.unwrap();
        assert_eq!((proxy.count(), server.count()), (1, 0));
        assert!(proxy.arrived()[0].head.contains("x-of-the-caller: kept"));
    });
}
