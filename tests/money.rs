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

/// A client as one builds it without a thought: it follows redirects, and sends again whatever it can.
#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the type of the argument has no public name"
)]
fn thoughtless() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .retry(reqwest::retry::for_host("127.0.0.1").classify_fn(|attempt| attempt.retryable()))
        .build()
        .unwrap()
}

#[test]
fn a_client_that_was_brought_along_cannot_send_an_order_twice() {
    in_virtual_time(async {
        for act in [
            Act::Answer(307, "location: /elsewhere\r\n", String::new()),
            Act::Answer(308, "location: /elsewhere\r\n", String::new()),
            Act::status(503),
            Act::Close,
        ] {
            let server = Server::start([act.clone()]).await;
            let client = server.client().http_client(thoughtless()).build().unwrap();
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
fn an_answer_from_where_a_redirect_leads_is_not_ratios() {
    in_virtual_time(async {
        for status in [301, 302, 303] {
            let redirect = Act::Answer(status, "location: /login\r\n", String::new());
            let login = Act::Answer(200, "ratio-authentication-refresh: theirs\r\n", "{}".to_owned());
            let server = Server::start([redirect, login]).await;
            let client = server.client().http_client(thoughtless()).build().unwrap();
            let session = support::session(&client);
            let error = session.initiate_ach(&bank(), &order()).await.unwrap_err();
            assert!(error.may_have_executed(), "{error}");
            assert_eq!(error.status(), None, "{error}");
            let arrived = server.arrived();
            assert!(arrived[1].head.starts_with("GET /login "));
            let orders = arrived.iter().filter(|request| request.head.starts_with("POST "));
            assert_eq!(orders.count(), 1);
            assert_eq!(session.token().reveal(), "opaque-token");
        }
        let redirect = Act::Answer(302, "location: /login\r\n", String::new());
        let server = Server::start([redirect]).await;
        let follows = reqwest::Client::builder().no_proxy().build().unwrap();
        let client = server.client().http_client(follows).build().unwrap();
        let deleted = support::session(&client).delete_bank(&bank()).await;
        assert!(deleted.is_err(), "a login page deletes nothing");
    });
}
