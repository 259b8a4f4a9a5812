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
