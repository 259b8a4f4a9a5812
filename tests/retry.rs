//! The retry table by rows and columns, with attempts counted by the server.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{self, Act, ClosedDoor, Server, bank, in_virtual_time, order};
use ratio_bank::plaid::LinkSuccess;
use ratio_bank::{ActivityFilter, Error, ErrorKind, PublicToken, Session};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    RequestLink,
    RequestRelink,
    GetUser,
    Activity,
    DeleteBank,
    Activate,
    Ach,
}

use Call::{Ach, Activate, Activity, DeleteBank, GetUser, RequestLink, RequestRelink};

const ALL: [Call; 7] = [
    RequestLink,
    RequestRelink,
    GetUser,
    Activity,
    DeleteBank,
    Activate,
    Ach,
];
const REPEATABLE: [Call; 5] = [RequestLink, RequestRelink, GetUser, Activity, DeleteBank];

/// A server that refuses the first attempt, and accepts those that follow.
struct ClosedOnce {
    url: String,
    door: Arc<Mutex<Option<ClosedDoor>>>,
    server: Arc<Mutex<Option<Server>>>,
    script: Vec<Act>,
}

impl ClosedOnce {
    fn new(script: impl IntoIterator<Item = Act>) -> Self {
        let door = ClosedDoor::new();
        Self {
            url: door.url(),
            door: Arc::new(Mutex::new(Some(door))),
            server: Arc::default(),
            script: script.into_iter().collect(),
        }
    }

    fn session(&self) -> Session {
        let (door, server) = (Arc::clone(&self.door), Arc::clone(&self.server));
        let script = self.script.clone();
        let client = ratio_bank::Client::builder(ratio_bank::Environment::at(&self.url).unwrap())
            .client_id("c")
            // Called after the first attempt has failed, to choose the pause before the second.
            .random(move || {
                if let Some(door) = door.lock().unwrap().take() {
                    *server.lock().unwrap() = Some(door.open(script.clone()));
                }
                0
            })
            .build()
            .unwrap();
        support::session(&client)
    }

    fn count(&self) -> usize {
        let server = self.server.lock().unwrap();
        server.as_ref().expect("the first attempt was refused").count()
    }
}

async fn call(call: Call, session: &Session) -> Result<(), Error> {
    match call {
        RequestLink => session.request_bank_link().await.map(drop),
        RequestRelink => session.request_bank_relink(&bank()).await.map(drop),
        GetUser => session.get_user().await.map(drop),
        Activity => {
            let mut pages = session.activity(ActivityFilter::new());
            pages.next_page().await.map(drop)
        }
        DeleteBank => session.delete_bank(&bank()).await,
        Activate => session
            .activate_bank_link(PublicToken::new("public-1"))
            .await
            .map(drop),
        Ach => session.initiate_ach(&bank(), &order()).await.map(drop),
    }
}

/// Calls once against a server that does `act` first and then responds. Returns the outcome and the number of requests.
async fn once(operation: Call, act: Act) -> (Result<(), Error>, usize) {
    let server = Server::start([act]).await;
    let result = call(operation, &server.session()).await;
    (result, server.count())
}

/// Every operation meets `act`. Those in `resent` are sent a second time and succeed, and the others fail at once.
fn column(act: &Act, resent: &[Call], may_have_executed: bool) {
    in_virtual_time(async {
        for operation in ALL {
            let (result, arrived) = once(operation, act.clone()).await;
            if resent.contains(&operation) {
                assert!(result.is_ok(), "{operation:?} after {act:?}: {result:?}");
                assert_eq!(arrived, 2, "{operation:?} after {act:?}");
            } else {
                let error = result.expect_err("it is not sent again");
                assert_eq!(arrived, 1, "{operation:?} after {act:?}: {error}");
                assert_eq!(
                    error.may_have_executed(),
                    may_have_executed,
                    "{operation:?} after {act:?}: {error}"
                );
            }
        }
    });
}

#[test]
fn too_many_requests_are_sent_again_whatever_they_do() {
    column(&Act::status(429), &ALL, false);
}

#[test]
fn a_gateways_error_is_no_answer_to_an_order() {
    for status in [502, 503, 504] {
        column(&Act::status(status), &REPEATABLE, true);
    }
}

#[test]
fn only_a_read_is_repeated_after_an_internal_error() {
    column(&Act::status(500), &[GetUser, Activity], true);
}

#[test]
fn a_stall_ends_with_the_attempt_and_only_what_is_repeatable_is_sent_again() {
    column(&Act::Stall, &REPEATABLE, true);
}

#[test]
fn a_connection_lost_after_the_request_is_ambiguous() {
    column(&Act::Close, &REPEATABLE, true);
}

#[test]
fn an_answer_that_is_cut_or_late_within_its_body_is_ambiguous() {
    for act in [Act::Truncate(200), Act::StallWithin(200)] {
        in_virtual_time(async {
            for operation in [RequestLink, RequestRelink, GetUser, Activity] {
                let (result, arrived) = once(operation, act.clone()).await;
                assert!(result.is_ok(), "{operation:?} after {act:?}: {result:?}");
                assert_eq!(arrived, 2, "{operation:?} after {act:?}");
            }
            for operation in [Activate, Ach] {
                let (result, arrived) = once(operation, act.clone()).await;
                let error = result.unwrap_err();
                assert!(error.may_have_executed(), "{error}");
                assert_eq!((error.status(), arrived), (Some(200), 1), "{error}");
            }
            // A successful deletion has no information besides its status.
            let (result, arrived) = once(DeleteBank, act.clone()).await;
            assert!(result.is_ok() && arrived == 1, "{result:?}");
        });
    }
}

#[test]
fn a_refusal_whose_body_is_cut_or_late_is_as_certain_as_any() {
    for act in [Act::Truncate(422), Act::StallWithin(422)] {
        in_virtual_time(async {
            for operation in ALL {
                let (result, arrived) = once(operation, act.clone()).await;
                let error = result.unwrap_err();
                assert_eq!(
                    (error.status(), arrived),
                    (Some(422), 1),
                    "{operation:?}: {error}"
                );
                assert!(!error.may_have_executed(), "{operation:?}: {error}");
            }
        });
    }
}

#[test]
fn too_many_requests_are_sent_again_though_their_body_is_cut() {
    column(&Act::Truncate(429), &ALL, false);
}

#[test]
fn a_refusal_is_final_and_certain() {
    for status in [400, 401, 403, 404, 409, 422, 425, 451] {
        column(&Act::status(status), &[], false);
    }
}

#[test]
fn what_a_gateway_says_of_a_late_service_is_no_refusal() {
    for status in [408, 499, 501, 505] {
        column(&Act::status(status), &[], true);
    }
}

#[test]
fn a_connection_that_was_refused_is_tried_again_whatever_it_is_for() {
    in_virtual_time(async {
        for operation in ALL {
            let door = ClosedOnce::new([]);
            call(operation, &door.session()).await.unwrap();
            assert_eq!(door.count(), 1, "{operation:?}");
        }
    });
}

#[test]
fn an_earlier_attempt_without_an_answer_is_not_forgotten() {
    in_virtual_time(async {
        let server = Server::start([Act::Close, Act::status(403)]).await;
        let error = server.session().delete_bank(&bank()).await.unwrap_err();
        assert_eq!((server.count(), error.status()), (2, Some(403)));
        assert!(error.may_have_executed(), "{error}");
        let server = Server::start([Act::status(429), Act::status(403)]).await;
        let error = server.session().delete_bank(&bank()).await.unwrap_err();
        assert!(!error.may_have_executed(), "{error}");
    });
}

/// A refusal that asks the client to wait.
fn wait(retry_after: &'static str) -> Act {
    Act::Answer(429, retry_after, "{}".to_owned())
}

#[test]
fn a_pause_longer_than_any_that_is_made_ends_the_call_at_once() {
    in_virtual_time(async {
        for (headers, asked) in [
            ("retry-after: 21\r\n", Some(Duration::from_secs(21))),
            ("retry-after: 20.5\r\n", Some(Duration::from_millis(20_500))),
            ("retry-after: 3600\r\n", Some(Duration::from_secs(60 * 60))),
            (
                "retry-after: 9223372036854775807\r\n",
                Some(Duration::from_secs(i64::MAX.unsigned_abs())),
            ),
            (
                "retry-after: 18446744073709551615\r\n",
                Some(Duration::from_secs(u64::MAX)),
            ),
            (
                "retry-after: 99999999999999999999999999\r\n",
                Some(Duration::from_secs(u64::MAX)),
            ),
            ("retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n", None),
        ] {
            let server = Server::start([wait(headers)]).await;
            let began = tokio::time::Instant::now();
            let session = server.session();
            let error = support::while_time_passes(session.get_user()).await.unwrap_err();
            assert!(error.is_rate_limited(), "{headers}: {error}");
            assert!(error.retry_after() > Some(Duration::from_secs(20)), "{headers}");
            assert!(asked.is_none() || error.retry_after() == asked, "{headers}");
            assert_eq!(
                (server.count(), began.elapsed()),
                (1, Duration::ZERO),
                "{headers}"
            );
        }
    });
}

#[test]
fn a_pause_that_is_asked_for_is_never_so_short_that_attempts_come_in_a_burst() {
    in_virtual_time(async {
        for headers in [
            "retry-after: 0\r\n",
            "retry-after: 0.0\r\n",
            "retry-after: 0.01\r\n",
            "retry-after: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        ] {
            // With the least jitter, only the floor of the pause is left.
            let server = Server::start([wait(headers), wait(headers)]).await;
            let session = server.session();
            let began = tokio::time::Instant::now();
            support::while_time_passes(session.initiate_ach(&bank(), &order()))
                .await
                .unwrap();
            assert_eq!(server.count(), 3, "{headers}");
            assert!(began.elapsed() >= Duration::from_millis(400), "{headers}");
        }
    });
}

#[test]
fn a_pause_that_is_asked_for_of_everybody_is_made_longer_by_chance() {
    in_virtual_time(async {
        let server = Server::start([wait("retry-after: 5\r\n")]).await;
        let client = server.client().random(|| u64::MAX).build().unwrap();
        let session = support::session(&client);
        let began = tokio::time::Instant::now();
        let call = tokio::spawn(async move { session.get_user().await });
        while server.count() == 0 {
            tokio::task::yield_now().await;
        }
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        tokio::time::advance(Duration::from_millis(5100)).await;
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            server.count(),
            1,
            "what was asked for is over, and the jitter is not"
        );
        support::while_time_passes(call).await.unwrap().unwrap();
        assert!(began.elapsed() >= Duration::from_millis(5100));
        assert_eq!(server.count(), 2);
    });
}

#[test]
fn a_pause_until_a_date_is_kept_by_the_clients_clock() {
    in_virtual_time(async {
        let limited = Act::Answer(
            503,
            "retry-after: Sun, 06 Nov 1994 08:49:47 GMT\r\n",
            "{}".to_owned(),
        );
        let server = Server::start([limited]).await;
        let now = std::time::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let client = server.client().clock(move || now).build().unwrap();
        let session = support::session(&client);
        let began = tokio::time::Instant::now();
        support::while_time_passes(session.get_user()).await.unwrap();
        let waited = began.elapsed().as_secs();
        assert!((10..=11).contains(&waited), "{waited} s");
    });
}

#[test]
fn a_deadline_without_end_is_one() {
    in_virtual_time(async {
        let server = Server::start([Act::status(503)]).await;
        let client = server
            .client()
            .deadline(Duration::MAX)
            .attempt_timeout(Duration::MAX)
            .build()
            .unwrap();
        support::session(&client).get_user().await.unwrap();
        assert_eq!(server.count(), 2);
    });
}

#[test]
fn nothing_was_sent_where_no_connection_could_be_made() {
    in_virtual_time(async {
        for operation in ALL {
            let closed = {
                let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
                format!("http://{}", listener.local_addr().unwrap())
            };
            let environment = ratio_bank::Environment::at(&closed).unwrap();
            let client = ratio_bank::Client::builder(environment)
                .client_id("c")
                .random(|| 0)
                .build()
                .unwrap();
            let error = call(operation, &support::session(&client)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Connect);
            assert!(!error.may_have_executed(), "{operation:?}");
        }
    });
}

/// Accepts connections, and never answers the TLS handshake.
async fn mute() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    });
    url
}

#[test]
fn a_connection_that_is_never_made_has_sent_nothing_however_short_the_deadline() {
    in_virtual_time(async {
        let millis = Duration::from_millis;
        for (attempt, deadline) in [
            (millis(15_000), millis(1)),
            (millis(15_000), millis(1000)),
            (millis(15_000), millis(4999)),
            // There is time for two attempts and a part of a third.
            (millis(15_000), millis(12_000)),
            (millis(15_000), millis(60_000)),
            (millis(1000), millis(1200)),
            (millis(1), millis(60_000)),
        ] {
            for operation in ALL {
                let client = ratio_bank::Client::builder(ratio_bank::Environment::at(&mute().await).unwrap())
                    .client_id("c")
                    .attempt_timeout(attempt)
                    .deadline(deadline)
                    .random(|| 0)
                    .build()
                    .unwrap();
                let session = support::session(&client);
                let began = tokio::time::Instant::now();
                let error = support::while_time_passes(call(operation, &session))
                    .await
                    .unwrap_err();
                let told = format!("{operation:?}, {attempt:?}, {deadline:?}: {error}");
                assert_eq!(error.kind(), ErrorKind::Connect, "{told}");
                assert!(!error.may_have_executed(), "{told}");
                assert!(began.elapsed() <= deadline + Duration::from_secs(1), "{told}");
            }
        }
    });
}

#[test]
fn without_any_time_nothing_is_sent() {
    in_virtual_time(async {
        let server = Server::start([]).await;
        for (attempt, deadline) in [
            (Duration::ZERO, Duration::from_secs(60)),
            (support::ATTEMPT, Duration::ZERO),
        ] {
            let client = server
                .client()
                .attempt_timeout(attempt)
                .deadline(deadline)
                .build()
                .unwrap();
            for operation in ALL {
                let error = call(operation, &support::session(&client)).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidInput, "{operation:?}: {error}");
                assert!(!error.may_have_executed(), "{operation:?}: {error}");
            }
        }
        assert_eq!(server.count(), 0);
    });
}

#[test]
fn an_operation_gives_up_after_its_attempts_and_the_last_answer_is_the_error() {
    in_virtual_time(async {
        let server = Server::start([Act::status(503), Act::status(502), Act::status(504)]).await;
        let error = server.session().get_user().await.unwrap_err();
        assert_eq!((server.count(), error.status()), (3, Some(504)));
    });
}

/// Ratio's own response that it does not know the bank.
fn unknown_bank() -> Act {
    Act::body(404, r#"{"code":"NOT_FOUND_BANK"}"#)
}

#[test]
fn a_bank_that_is_unknown_after_an_attempt_that_may_have_deleted_it_counts_as_deleted() {
    in_virtual_time(async {
        for first in [
            Act::Close,
            Act::Stall,
            Act::status(502),
            Act::status(503),
            Act::status(504),
        ] {
            let server = Server::start([first.clone(), unknown_bank()]).await;
            let deleted = server.session().delete_bank(&bank()).await;
            assert!(deleted.is_ok() && server.count() == 2, "{first:?}: {deleted:?}");
            // A refusal in between does not change the outcome.
            let server = Server::start([first.clone(), Act::status(429), unknown_bank()]).await;
            let deleted = server.session().delete_bank(&bank()).await;
            assert!(deleted.is_ok() && server.count() == 3, "{first:?}: {deleted:?}");
        }
    });
}

#[test]
fn a_bank_that_is_unknown_although_nothing_can_have_deleted_it_is_an_error() {
    in_virtual_time(async {
        for acts in [
            vec![unknown_bank()],
            vec![Act::status(429), unknown_bank()],
            vec![Act::status(429), Act::status(429), unknown_bank()],
        ] {
            let server = Server::start(acts.clone()).await;
            let error = server.session().delete_bank(&bank()).await.unwrap_err();
            assert!(error.is_not_found(), "{acts:?}: {error}");
            assert!(!error.may_have_executed(), "{acts:?}: {error}");
            assert_eq!(server.count(), acts.len());
        }
        let refused = ClosedOnce::new([unknown_bank()]);
        let error = refused.session().delete_bank(&bank()).await.unwrap_err();
        assert!(error.is_not_found() && !error.may_have_executed(), "{error}");
    });
}

#[test]
fn what_else_is_not_found_does_not_make_a_bank_deleted() {
    in_virtual_time(async {
        for (content_type, body) in [
            ("application/json", r#"{"code":"NOT_FOUND_USER"}"#),
            ("application/json", r#"{"code":"NOT_FOUND_ENDPOINT"}"#),
            ("application/json", r#"{"code":"SOME_CODE"}"#),
            ("application/json", r#"{"code":null,"message":"NOT_FOUND_BANK"}"#),
            ("application/json", r#"["NOT_FOUND_BANK"]"#),
            ("application/json", "{}"),
            ("application/json", ""),
            ("text/html", "<html>no such page</html>"),
        ] {
            for first in [Act::Close, Act::status(502)] {
                let not_found = Act::Typed(404, content_type, body.to_owned());
                let server = Server::start([first, not_found]).await;
                let error = server.session().delete_bank(&bank()).await.unwrap_err();
                assert!(error.is_not_found(), "{body}: {error}");
                assert!(error.may_have_executed(), "{body}: {error}");
            }
        }
    });
}

#[test]
fn a_retried_request_has_the_same_bytes() {
    in_virtual_time(async {
        let server = Server::start([Act::status(429), Act::status(429)]).await;
        server.session().initiate_ach(&bank(), &order()).await.unwrap();
        let arrived = server.arrived();
        assert_eq!(arrived.len(), 3);
        assert!(
            arrived[0].body.contains(r#""fiatAmount":"49.99""#),
            "{}",
            arrived[0].body
        );
        for again in &arrived[1..] {
            assert_eq!((&again.head, &again.body), (&arrived[0].head, &arrived[0].body));
        }
    });
}

#[test]
fn a_pause_that_leaves_no_time_for_an_attempt_is_not_made() {
    in_virtual_time(async {
        // After a pause of 5 seconds, the next attempt could not be sure to connect within its 5 seconds.
        for (headers, asked) in [("retry-after: 15\r\n", 15), ("retry-after: 5\r\n", 5)] {
            let server = Server::start([wait(headers)]).await;
            let client = server.client().deadline(Duration::from_secs(10)).build().unwrap();
            let began = tokio::time::Instant::now();
            let session = support::session(&client);
            let error = support::while_time_passes(session.get_user()).await.unwrap_err();
            assert!(error.is_rate_limited());
            assert_eq!(error.retry_after(), Some(Duration::from_secs(asked)));
            assert_eq!(server.count(), 1);
            assert!(began.elapsed() < Duration::from_secs(10));
        }
    });
}

#[test]
fn the_deadline_covers_all_attempts() {
    in_virtual_time(async {
        let server = Server::start([Act::Stall, Act::Stall, Act::Stall]).await;
        let client = server
            .client()
            .deadline(support::ATTEMPT + support::ATTEMPT / 2)
            .build()
            .unwrap();
        let began = tokio::time::Instant::now();
        let error = support::session(&client).get_user().await.unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(server.count(), 2);
        // The stand-in moves the clock by whole attempts, so the last one ends up to one attempt late.
        assert!(began.elapsed() <= support::ATTEMPT * 2 + Duration::from_secs(1));
    });
}

#[test]
fn clones_share_a_budget_so_that_an_outage_is_not_met_with_a_flood() {
    in_virtual_time(async {
        let server = Server::start(std::iter::repeat_n(Act::status(503), 10_000)).await;
        let session = server.session();
        let mut sent = 0;
        for call in 0..200 {
            let before = server.count();
            session.clone().get_user().await.unwrap_err();
            sent = server.count();
            if call >= 150 {
                assert_eq!(
                    sent - before,
                    1,
                    "the budget is spent: one attempt for call {call}"
                );
            }
        }
        // 200 first attempts, and a budget of 500 tokens at 5 for each retry.
        assert_eq!(sent, 300);
    });
}

#[test]
fn a_dropped_call_sends_nothing_more() {
    in_virtual_time(async {
        let server = Server::start([Act::status(503)]).await;
        // With the most jitter, there is a pause before the second attempt that can be cut short.
        let client = server.client().random(|| u64::MAX).build().unwrap();
        let session = support::session(&client);
        let call = tokio::spawn(async move { session.get_user().await });
        while server.count() == 0 {
            tokio::task::yield_now().await;
        }
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        tokio::time::advance(Duration::from_secs(2 * 60)).await;
        assert_eq!(server.count(), 1);
    });
}

#[test]
fn a_success_without_a_public_token_sends_nothing() {
    in_virtual_time(async {
        let server = Server::start([]).await;
        let success: LinkSuccess = serde_json::from_str(r#"{"publicToken":null,"metadata":{}}"#).unwrap();
        let error = server.session().activate_bank_link(success).await.unwrap_err();
        assert_eq!((error.kind(), server.count()), (ErrorKind::InvalidInput, 0));
    });
}
