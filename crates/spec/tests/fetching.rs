//! The behaviour of a fetch for each kind of response: retries, pauses, and the final message.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use openapi_document::Loader as _;
use ratio_spec::fetch::{Address, FetchError, Fetched, Headers, Limits, Origin, Problem, fetch};

/// A server that answers its connections one after another, depending on their number, and counts them.
struct Server {
    address: Address,
    asked: Arc<AtomicUsize>,
}

impl Server {
    fn new(answer: impl Fn(usize) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/docs", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                    head.push(byte[0]);
                }
                let before = count.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(answer(before).as_bytes());
            }
        });
        Self {
            address: address.parse().unwrap(),
            asked,
        }
    }

    fn always(answer: String) -> Self {
        Self::new(move |_| answer.clone())
    }

    fn fetch(&self, limits: Limits) -> Result<Fetched, FetchError> {
        fetch(&self.address, &Headers::default(), None, limits)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
}

/// Limits with two retries and almost no pause.
fn limits() -> Limits {
    Limits {
        pause: Duration::from_millis(1),
        ..Limits::default()
    }
}

fn bytes(fetched: Result<Fetched, FetchError>) -> Vec<u8> {
    match fetched.unwrap() {
        Fetched::Document { bytes, .. } => bytes,
        Fetched::Unchanged => panic!("it is a document"),
    }
}

#[test]
fn a_status_that_may_pass_is_tried_again_and_another_is_not() {
    for (status, passes) in [
        (408, true),
        (429, true),
        (500, true),
        (502, true),
        (503, true),
        (504, true),
        (400, false),
        (401, false),
        (404, false),
        (410, false),
        (501, false),
        (505, false),
    ] {
        let server = Server::always(answer(status, "", ""));
        let error = server.fetch(limits()).unwrap_err();
        assert!(matches!(error.problem(), Problem::Status { status: told, .. } if *told == status));
        assert_eq!(server.asked(), if passes { 3 } else { 1 }, "{status}");
        let told = error.to_string();
        assert_eq!(told.ends_with(" (tried 3 times)"), passes, "{told}");
        assert_eq!(told.contains("tried"), passes, "{told}");
    }
}

#[test]
fn a_document_that_comes_at_the_last_try_is_read() {
    let server = Server::new(|before| match before {
        0 => answer(503, "", ""),
        // No response at all.
        1 => String::new(),
        _ => answer(200, "", "{}"),
    });
    assert_eq!(bytes(server.fetch(limits())), b"{}");
    assert_eq!(server.asked(), 3);
}

#[test]
fn a_missing_or_disconnecting_server_is_asked_again() {
    let server = Server::always(String::new());
    let error = server.fetch(limits()).unwrap_err();
    assert!(matches!(error.problem(), Problem::Interrupted { received: 0, why } if !why.is_empty()));
    assert_eq!(server.asked(), 3);

    // No server listens on port 0.
    let nobody = "http://127.0.0.1:0/".parse().unwrap();
    let error = fetch(&nobody, &Headers::default(), None, limits()).unwrap_err();
    assert!(matches!(error.problem(), Problem::Unreachable { why } if !why.is_empty()));
    assert!(error.to_string().ends_with(" (tried 3 times)"), "{error}");
}

#[test]
fn a_response_that_is_no_http_is_not_retried() {
    let server = Server::always("220 mail.example ESMTP\r\n\r\n".to_owned());
    let error = server.fetch(limits()).unwrap_err();
    assert!(matches!(error.problem(), Problem::Malformed { why } if !why.is_empty()));
    assert_eq!(server.asked(), 1);
}

#[test]
fn a_pause_that_is_longer_than_the_time_left_ends_the_tries_and_is_told() {
    for (headers, pause) in [
        ("retry-after: 3600\r\n", Duration::from_hours(1)),
        (
            "date: Thu, 26 Nov 2026 12:00:00 GMT\r\nretry-after: Thu, 26 Nov 2026 12:10:00 GMT\r\n",
            Duration::from_mins(10),
        ),
    ] {
        let server = Server::always(answer(503, headers, ""));
        let error = server.fetch(limits()).unwrap_err();
        let Problem::Status { retry_after, .. } = error.problem() else {
            panic!("{error}");
        };
        assert_eq!(*retry_after, Some(pause));
        assert_eq!(server.asked(), 1);
    }
    // A pause of zero does not shorten or lengthen the normal one.
    let server = Server::always(answer(503, "retry-after: 0\r\n", ""));
    server.fetch(limits()).unwrap_err();
    assert_eq!(server.asked(), 3);
}

#[test]
fn a_pause_is_made_before_each_retry() {
    let server = Server::always(answer(503, "retry-after: 1\r\n", ""));
    let limits = Limits {
        total: Duration::from_millis(1_500),
        retries: 100,
        ..limits()
    };
    server.fetch(limits).unwrap_err();
    assert!(server.asked() <= 2, "there is time for one pause");
}

/// An idle connection may be closed by the server just when it is used again.
#[test]
fn no_connection_is_used_for_two_requests() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/docs", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let moved = "HTTP/1.1 302 X\r\nlocation: /new\r\ncontent-length: 0\r\n\r\n".to_owned();
        let mut open = Vec::new();
        // Each connection stays open, but only its first request is answered.
        for answer in [moved, answer(200, "", "{}")] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
            open.push(stream);
        }
    });
    let fetched = fetch(&address.parse().unwrap(), &Headers::default(), None, limits());
    assert_eq!(bytes(fetched), b"{}");
}

#[test]
fn a_document_of_just_the_largest_size_is_read() {
    let limits = Limits { bytes: 5, ..limits() };
    let unsized_answer = |body: &str| format!("HTTP/1.1 200 X\r\nconnection: close\r\n\r\n{body}");
    for (largest, larger) in [
        (answer(200, "", "{\"a\"}"), answer(200, "", "{\"ab\"}")),
        (unsized_answer("{\"a\"}"), unsized_answer("{\"ab\"}")),
    ] {
        assert_eq!(bytes(Server::always(largest).fetch(limits)).len(), 5);
        let error = Server::always(larger).fetch(limits).unwrap_err();
        assert_eq!(*error.problem(), Problem::TooLarge { limit: 5 });
    }
}

#[test]
fn unchanged_is_an_answer_to_who_asked_with_a_tag_alone() {
    let ask = |answer: String, etag| {
        let server = Server::always(answer);
        fetch(&server.address, &Headers::default(), etag, limits())
    };
    assert!(matches!(
        ask(answer(304, "", ""), Some("\"1\"")),
        Ok(Fetched::Unchanged)
    ));
    assert!(ask(answer(304, "", ""), None).is_err());
    let changed = ask(answer(200, "etag: \"2\"\r\n", "{}"), Some("\"1\"")).unwrap();
    assert!(matches!(changed, Fetched::Document { etag: Some(etag), .. } if etag == "\"2\""));
}

/// A timeout is reported with the time that was left. Later files fail at once, since the total time is used up.
#[test]
fn all_files_of_an_origin_share_one_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/api.json", listener.local_addr().unwrap());
    let limits = Limits {
        total: Duration::from_millis(300),
        retries: 0,
        ..limits()
    };
    let mut origin = Origin::new(&address.parse().unwrap(), Headers::default(), limits).unwrap();
    for _ in 0..2 {
        let told = origin.load("pet.json", 100).unwrap_err();
        assert!(!told.contains("within 0.3 s"), "{told}");
    }
    let told = origin.load("pet.json", 100).unwrap_err();
    assert!(told.contains("is used up"), "{told}");
}
