//! A payment arrives once, also where connections are reused.

mod support;

use support::{Act, Server, bank, in_virtual_time, order};

#[test]
fn an_order_read_whole_on_a_reused_connection_that_then_closes_is_never_sent_again() {
    in_virtual_time(async {
        let server = Server::start([Act::success(), Act::Close]).await;
        let session = server.session();
        session.get_user().await.unwrap();
        let error = session.initiate_ach(&bank(), &order()).await.unwrap_err();
        assert!(error.may_have_executed(), "{error}");
        // Time for anything that would still be sent behind our back.
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

#[test]
fn an_order_that_succeeded_with_an_unreadable_answer_may_have_been_executed() {
    in_virtual_time(async {
        for body in [
            "garbage",
            "[]",
            r#"{"activityItem":{"id":7}}"#,
            "{\"activityItem\":",
        ] {
            let server = Server::start([Act::body(202, body)]).await;
            let error = server
                .session()
                .initiate_ach(&bank(), &order())
                .await
                .unwrap_err();
            assert!(error.may_have_executed(), "{body}: {error}");
            assert_eq!(server.count(), 1);
        }
    });
}

/// An HTTP client as one sets it up without a thought: it follows redirects, and sends again whatever it can.
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
                // Header lines live as long as the process in these scripts.
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
