//! Options of one call that differ from those of the client, and reading one bank.

use std::time::Duration;

use crate::support::{self, Act, Server, bank, in_virtual_time, order};
use ratio_bank::{BankId, CallOptions, Client, Environment, ErrorKind, PublicToken};
use tokio::net::TcpListener;
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_call_is_tried_as_often_as_it_says_and_the_session_goes_on_as_before() {
    in_virtual_time(async {
        let server = Server::start(vec![Act::status(503); 6]).await;
        let session = server.session();
        let once = session.clone().with_options(CallOptions::new().max_attempts(1));
        once.get_user().await.unwrap_err();
        assert_eq!(server.count(), 1);
        session.get_user().await.unwrap_err();
        assert_eq!(server.count(), 4);
        once.request_bank_link().await.unwrap_err();
        assert_eq!(server.count(), 5);
    });
}

#[test]
fn a_read_ends_when_the_call_says_so() {
    in_virtual_time(async {
        let deadline = CallOptions::new().deadline(SECOND);
        let attempt = CallOptions::new().attempt_timeout(SECOND).max_attempts(1);
        for options in [deadline, attempt] {
            // The system accepts the connection, but there is no response.
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let client = Client::builder(Environment::at(&url).unwrap()).client_id("the-product");
            let session = support::session(&client.build().unwrap()).with_options(options);
            let began = Instant::now();
            let error = support::while_time_passes(session.get_user()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Timeout, "{options:?}");
            assert!(began.elapsed() <= 2 * SECOND, "{options:?}");
        }
    });
}

#[test]
fn a_call_may_take_longer_than_the_client_allows() {
    in_virtual_time(async {
        let server = Server::start([Act::Stall]).await;
        let client = server.client().attempt_timeout(SECOND).deadline(SECOND);
        let patient = CallOptions::new()
            .attempt_timeout(20 * SECOND)
            .deadline(20 * SECOND)
            .max_attempts(1);
        let session = support::session(&client.build().unwrap()).with_options(patient);
        let began = Instant::now();
        let error = support::while_time_passes(session.initiate_ach(&bank(), &order())).await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Timeout);
        assert!(began.elapsed() >= 15 * SECOND);
    });
}

#[test]
fn what_changes_something_is_not_sent_where_nobody_could_tell_that_it_was() {
    in_virtual_time(async {
        let server = Server::start([]).await;
        for options in [
            CallOptions::new().attempt_timeout(5 * SECOND),
            CallOptions::new().deadline(5 * SECOND),
            CallOptions::new().deadline(Duration::ZERO),
        ] {
            let session = server.session().with_options(options);
            let refused = [
                session.initiate_ach(&bank(), &order()).await.unwrap_err(),
                session.delete_bank(&bank()).await.unwrap_err(),
                session
                    .activate_bank_link(PublicToken::new("p"))
                    .await
                    .unwrap_err(),
            ];
            for error in refused {
                assert_eq!(error.kind(), ErrorKind::InvalidInput, "{options:?}");
                assert!(!error.may_have_executed(), "{options:?}");
            }
        }
        assert_eq!(server.count(), 0);
        let enough = CallOptions::new().deadline(6 * SECOND);
        let session = server.session().with_options(enough);
        session.initiate_ach(&bank(), &order()).await.unwrap();
        assert_eq!(server.count(), 1);
    });
}

#[test]
fn one_bank_is_read_or_is_not_there() {
    in_virtual_time(async {
        let body = r#"{"connectedBankAccounts":[{"id":"b-0"},{"id":"b-1","linkStatus":"ACTIVE"}]}"#;
        let server = Server::start(vec![Act::body(200, body); 2]).await;
        let session = server.session();
        let account = session.get_bank(&bank()).await.unwrap();
        assert_eq!(account.id, Some(bank()));
        assert!(account.link_status.is_some() && !account.is_ready());
        let error = session.get_bank(&BankId::new("b-2").unwrap()).await.unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.operation(), Some("get_bank"));
    });
}
