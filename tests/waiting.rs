//! Waiting until a bank is ready, and finishing a link, against a scripted server.

use std::error::Error as _;
use std::time::Duration;

use crate::support::{self, Act, Server, bank, in_virtual_time};
use ratio_bank::enums::LinkStatus;
use ratio_bank::types::BankAccount;
use ratio_bank::{Error, ErrorKind, LinkRecord, Polling, PublicToken, Session};

/// A user whose bank has these statuses.
fn user(link: &str, verification: &str) -> Act {
    let account = format!(r#"{{"id":"b-1","linkStatus":"{link}","verificationStatus":"{verification}"}}"#);
    Act::body(
        200,
        format!(r#"{{"connectedBankAccounts":[{{"id":"other"}},{account}]}}"#),
    )
}

fn ready() -> Act {
    user("ACTIVE", "APPROVED")
}

fn without_bank() -> Act {
    Act::body(
        200,
        r#"{"connectedBankAccounts":[{"id":"other","linkStatus":"LOGIN_REQUIRED"}]}"#,
    )
}

fn at_once(attempts: u32) -> Polling {
    Polling::default()
        .attempts(attempts)
        .interval(Duration::ZERO)
        .deadline(Duration::from_secs(60 * 60))
}

/// A session without retries, so that each read is one request.
fn session(server: &Server) -> Session {
    support::session(&server.client().max_attempts(1).build().unwrap())
}

async fn wait(
    script: impl IntoIterator<Item = Act>,
    polling: Polling,
) -> (Result<BankAccount, Error>, usize) {
    let server = Server::start(script).await;
    let waited = session(&server).wait_for_bank(&bank(), polling).await;
    (waited, server.count())
}

#[test]
fn a_read_that_fails_in_passing_is_one_of_the_reads() {
    in_virtual_time(async {
        for failing in [
            Act::status(429),
            Act::status(500),
            Act::status(502),
            Act::status(503),
            Act::status(504),
            Act::status(408),
            Act::Close,
            Act::Stall,
            Act::Truncate(200),
        ] {
            let script = [
                failing.clone(),
                user("INACTIVE", "IN_REVIEW"),
                failing.clone(),
                ready(),
            ];
            let (waited, reads) = wait(script, at_once(4)).await;
            assert!(waited.is_ok() && reads == 4, "{failing:?}: {waited:?}");

            let (waited, reads) = wait(vec![failing.clone(); 3], at_once(3)).await;
            let error = waited.unwrap_err();
            assert_eq!((error.kind(), reads), (ErrorKind::NotReady, 3), "{failing:?}");
            let last = error.source().unwrap().downcast_ref::<Error>().unwrap();
            assert_eq!(last.operation(), Some("get_user"), "{failing:?}");
            if let Act::Answer(status, ..) = failing {
                assert_eq!(last.status(), Some(status));
            }
        }
        // A refusal does not end by itself.
        for status in [400, 401, 403, 404] {
            let (waited, reads) = wait([Act::status(status), ready()], at_once(3)).await;
            let error = waited.unwrap_err();
            assert_eq!((error.status(), reads), (Some(status), 1), "{error}");
        }
    });
}

#[test]
fn an_end_without_a_ready_bank_tells_how_the_bank_stood() {
    in_virtual_time(async {
        for (script, status, login, missing) in [
            (
                vec![user("INACTIVE", "IN_REVIEW")],
                Some("INACTIVE"),
                false,
                false,
            ),
            (
                vec![user("LOGIN_REQUIRED", "APPROVED")],
                Some("LOGIN_REQUIRED"),
                true,
                false,
            ),
            (vec![user("FROZEN", "APPROVED")], Some("FROZEN"), false, false),
            (vec![without_bank()], None, false, true),
            (
                vec![without_bank(), user("INACTIVE", "IN_REVIEW")],
                Some("INACTIVE"),
                false,
                false,
            ),
            (
                vec![user("INACTIVE", "IN_REVIEW"), without_bank()],
                None,
                false,
                true,
            ),
            (
                vec![user("LOGIN_REQUIRED", "APPROVED"), Act::status(503)],
                Some("LOGIN_REQUIRED"),
                true,
                false,
            ),
            (vec![Act::status(503)], None, false, false),
        ] {
            let reads = u32::try_from(script.len()).unwrap();
            let error = wait(script.clone(), at_once(reads)).await.0.unwrap_err();
            let told = format!("{script:?}: {error}");
            let account = error.last_account();
            let link = account.and_then(|account| account.link_status.as_ref());
            assert_eq!(link.map(LinkStatus::as_str), status, "{told}");
            assert_eq!(error.is_login_required(), login, "{told}");
            assert_eq!(error.is_not_found(), missing, "{told}");
            assert_eq!(error.kind(), ErrorKind::NotReady, "{told}");
            assert_eq!(error.operation(), Some("wait_for_bank"), "{told}");
            assert!(!error.may_have_executed(), "{told}");
            assert!(!format!("{error:?}").contains("b-1"), "{told}");
        }
        let error = wait([user("INACTIVE", "DECLINED")], at_once(9))
            .await
            .0
            .unwrap_err();
        assert!(error.is_declined() && error.last_account().is_some());
        assert_eq!(error.operation(), Some("wait_for_bank"));
    });
}

#[test]
fn a_deadline_within_a_read_or_a_pause_tells_what_was_seen_before() {
    in_virtual_time(async {
        let polling = at_once(9)
            .interval(Duration::from_secs(1))
            .deadline(Duration::from_secs(5));
        let server = Server::start([user("INACTIVE", "IN_REVIEW"), Act::Stall]).await;
        let session = session(&server);
        let error = support::while_time_passes(session.wait_for_bank(&bank(), polling))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotReady);
        assert!(error.last_account().is_some(), "{error}");
    });
}

#[test]
fn a_read_waits_as_long_as_it_is_asked_to_or_is_not_made() {
    in_virtual_time(async {
        let limited = |seconds| Act::Answer(429, seconds, "{}".to_owned());
        let polling = |deadline| {
            at_once(9)
                .interval(Duration::from_secs(1))
                .deadline(Duration::from_secs(deadline))
        };
        let server = Server::start([limited("retry-after: 40\r\n"), ready()]).await;
        let session = session(&server);
        let began = tokio::time::Instant::now();
        support::while_time_passes(session.wait_for_bank(&bank(), polling(90)))
            .await
            .unwrap();
        assert!(began.elapsed() >= Duration::from_secs(40));

        for seconds in ["retry-after: 91\r\n", "retry-after: 18446744073709551615\r\n"] {
            let server = Server::start([limited(seconds)]).await;
            let session = self::session(&server);
            let began = tokio::time::Instant::now();
            let waited = support::while_time_passes(session.wait_for_bank(&bank(), polling(90))).await;
            let error = waited.unwrap_err();
            assert_eq!((error.kind(), server.count()), (ErrorKind::NotReady, 1));
            assert!(error.retry_after() > Some(Duration::from_secs(90)));
            assert!(began.elapsed() < Duration::from_secs(20));
        }
    });
}

/// The stored record of a link: of this user, and of this bank if it is a repair.
fn record(user: &str, kind: &str, bank: Option<&str>) -> LinkRecord {
    let expires = serde_json::json!({"secs_since_epoch": 1, "nanos_since_epoch": 0});
    let record = serde_json::json!({"user": user, "kind": kind, "bank": bank, "expires_at": expires});
    serde_json::from_value(record).unwrap()
}

#[test]
fn a_link_that_another_user_began_is_not_finished() {
    in_virtual_time(async {
        for (kind, bank) in [("new", None), ("relink", Some("b-1"))] {
            let server = Server::start([]).await;
            let session = session(&server);
            let link = record("u-2", kind, bank);
            let finished = session.finish_bank_link(&link, PublicToken::new("p")).await;
            let error = finished.unwrap_err();
            assert_eq!((error.kind(), server.count()), (ErrorKind::InvalidInput, 0));
            assert_eq!(error.operation(), Some("finish_bank_link"));
            assert!(!format!("{error} {error:?}").contains("u-2"));
        }
    });
}

#[test]
fn a_link_is_finished_with_one_call_that_does_not_wait() {
    in_virtual_time(async {
        let activated = Act::body(200, r#"{"bankAccount":{"id":"b-1","linkStatus":"INACTIVE"}}"#);
        for (act, link) in [
            (activated, record("u-1", "new", None)),
            (
                user("LOGIN_REQUIRED", "APPROVED"),
                record("u-1", "relink", Some("b-1")),
            ),
        ] {
            let server = Server::start([act]).await;
            let finished = session(&server)
                .finish_bank_link(&link, PublicToken::new("p"))
                .await;
            assert!(finished.unwrap().id == Some(bank()) && server.count() == 1);
        }
        let server = Server::start([without_bank()]).await;
        let link = record("u-1", "relink", Some("b-1"));
        let finished = session(&server)
            .finish_bank_link(&link, PublicToken::new("p"))
            .await;
        let error = finished.unwrap_err();
        assert!(error.is_not_found() && server.count() == 1, "{error}");
        assert_eq!(error.operation(), Some("finish_bank_link"));
    });
}
