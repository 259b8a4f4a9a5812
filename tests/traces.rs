//! The spans and events of a call, as a subscriber receives them.

mod support;

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use ratio_bank::{Error, Session};
use support::{Act, Printed, Server, bank, in_virtual_time, order, session, while_time_passes};
use tracing::{Instrument as _, Level};
use tracing_subscriber::fmt::format::FmtSpan;

/// Only one subscriber at a time, since all subscribers together decide which spans are created.
static ALONE: Mutex<()> = Mutex::new(());

/// The lines that a subscriber up to `level` receives about a call within its own span.
fn heard<F>(level: Level, script: Vec<Act>, call: impl FnOnce(Session) -> F) -> Vec<String>
where
    F: Future<Output = Result<(), Error>>,
{
    heard_of(level, script, Server::session, call)
}

/// The same for a session that the test creates.
fn heard_of<F>(
    level: Level,
    script: Vec<Act>,
    session: impl FnOnce(&Server) -> Session,
    call: impl FnOnce(Session) -> F,
) -> Vec<String>
where
    F: Future<Output = Result<(), Error>>,
{
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let printed = Printed::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(Mutex::new(printed.clone()))
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .without_time()
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        in_virtual_time(async {
            let server = Server::start(script).await;
            let mine = tracing::error_span!(
                "mine",
                http.response.status_code = tracing::field::Empty,
                error.type = tracing::field::Empty,
            );
            let _ = call(session(&server)).instrument(mine).await;
        });
    });
    let text = String::from_utf8(printed.0.lock().unwrap().clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

async fn get_user(session: Session) -> Result<(), Error> {
    session.get_user().await.map(drop)
}

async fn buy(session: Session) -> Result<(), Error> {
    session.initiate_ach(&bank(), &order()).await.map(drop)
}

fn one<'a>(lines: &'a [String], of: &str) -> &'a str {
    let mut found = lines.iter().filter(|line| line.contains(of));
    let line = found.next().unwrap_or_else(|| panic!("{of} in {lines:#?}"));
    assert!(found.next().is_none(), "{of} in {lines:#?}");
    line
}

fn closed(line: &str) -> bool {
    line.contains("close")
}

#[test]
fn a_call_tells_where_it_went_how_often_and_by_which_name_the_service_knows_it() {
    let answer = Act::Answer(200, "x-request-id: r-7f.3\r\n", "{}".to_owned());
    let lines = heard(Level::INFO, vec![Act::status(503), answer], get_user);
    let again = one(&lines, "sending again");
    for told in ["attempts=1", "error.type=\"503\"", "delay="] {
        assert!(again.contains(told), "{told} in {again}");
    }
    let call: Vec<String> = lines
        .iter()
        .filter(|line| closed(line) && line.contains("ratio_bank.operation{"))
        .cloned()
        .collect();
    let call = one(&call, "get_user");
    for told in [
        "server.address=\"127.0.0.1\"",
        "server.port=",
        "ratio_bank.attempts=2",
        "ratio_bank.request_id=\"r-7f.3\"",
        "/v1/users/{userId}",
    ] {
        assert!(call.contains(told), "{told} in {call}");
    }
    assert!(!call.contains("error.type"), "{call}");
    assert!(!lines.iter().any(|line| line.contains("given up")), "{lines:#?}");
}

#[test]
fn the_longest_pause_doubles_with_every_attempt() {
    let longest = |server: &Server| {
        let client = server.client().random(|| u64::MAX).max_attempts(4);
        session(&client.build().unwrap())
    };
    let lines = heard_of(Level::INFO, vec![Act::status(503); 4], longest, |session| {
        while_time_passes(async move { session.get_user().await.map(drop) })
    });
    let pauses: Vec<&String> = lines
        .iter()
        .filter(|line| line.contains("sending again"))
        .collect();
    assert_eq!(pauses.len(), 3, "{lines:#?}");
    for (pause, told) in pauses.into_iter().zip(["199.9", "399.9", "799.9"]) {
        assert!(pause.contains(&format!("delay={told}")), "{pause}");
    }
}

#[test]
fn who_gives_up_says_after_what_and_why() {
    let lines = heard(Level::WARN, vec![Act::status(503); 3], get_user);
    let given_up = one(&lines, "given up");
    for told in ["attempts=3", "error.type=\"503\"", "why=\"attempts\""] {
        assert!(given_up.contains(told), "{told} in {given_up}");
    }
    let later = Act::Answer(429, "retry-after: 3600\r\n", "{}".to_owned());
    let lines = heard(Level::WARN, vec![later], buy);
    assert!(
        one(&lines, "given up").contains("why=\"retry-after\""),
        "{lines:#?}"
    );
    // If nothing is sent again, the error is an ordinary one, and no attempt was given up.
    for script in [vec![Act::Close], vec![Act::status(422)]] {
        let lines = heard(Level::WARN, script, buy);
        assert!(!lines.iter().any(|line| line.contains("given up")), "{lines:#?}");
    }
}

#[test]
fn each_attempt_and_the_call_tell_what_kind_of_failure_it_was() {
    let lines = heard(
        Level::DEBUG,
        vec![Act::status(500), Act::Close, Act::status(404)],
        get_user,
    );
    let attempts: Vec<&String> = lines
        .iter()
        .filter(|line| closed(line) && line.contains("ratio_bank.attempt{"))
        .collect();
    assert_eq!(attempts.len(), 3, "{lines:#?}");
    for (attempt, told) in attempts.into_iter().zip(["500", "connection_lost", "404"]) {
        assert!(attempt.contains(&format!("error.type=\"{told}\"")), "{attempt}");
    }
    let call = lines
        .iter()
        .rfind(|line| closed(line) && line.contains("ratio_bank.operation{"))
        .unwrap();
    assert!(
        call.contains("ratio_bank.attempts=3 error.type=\"404\""),
        "{call}"
    );
}

#[test]
fn a_request_id_that_is_no_token_is_not_shown() {
    let answer = Act::Answer(200, "x-request-id: Jane Doe, 1 Main Street\r\n", "{}".to_owned());
    let lines = heard(Level::DEBUG, vec![answer], get_user);
    assert!(lines.iter().any(|line| line.contains("ratio_bank.request_id")));
    assert!(!lines.iter().any(|line| line.contains("Jane")), "{lines:#?}");
}

#[test]
fn a_span_of_the_callers_is_left_alone() {
    let lines = heard(Level::ERROR, vec![Act::status(404)], get_user);
    let mine = lines.iter().find(|line| line.contains("mine")).unwrap();
    assert!(!mine.contains("404"), "{mine}");
}
