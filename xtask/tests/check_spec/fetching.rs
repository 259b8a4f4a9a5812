//! Fetching staging's document from servers that misbehave.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::Ordering;

use crate::support::{Server, check_spec, pinned, zipped};

#[expect(clippy::too_many_lines, reason = "it is one table")]
#[test]
fn a_staging_that_misbehaves_is_no_drift_and_says_what_stood_in_the_way() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let plain = Server::answering("200 OK", "", Vec::new());
    let silent = Server::new(|stream, _| {
        let _ = stream.read(&mut [0]);
    });
    let drip = Server::new(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{");
        let _ = stream.read(&mut [0]);
    });
    let missing = Server::answering("404 Not Found", "", b"no".to_vec());
    let broken = Server::answering("500 Internal Server Error", "", b"no".to_vec());
    let login = Server::answering(
        "200 OK",
        "content-type: text/html\r\n",
        b"<!doctype html><form>".to_vec(),
    );
    let whole = pinned();
    let truncated = Server::answering("200 OK", "", whole[..whole.len() / 2].to_vec());
    let bomb = Server::answering("200 OK", "content-encoding: gzip\r\n", zipped(120_000_000));
    let circle = Server::answering("302 Found", "location: /docs\r\n", Vec::new());
    let elsewhere = Server::answering(
        "302 Found",
        "location: https://elsewhere.example/docs\r\n",
        Vec::new(),
    );
    let large = Server::new(|stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        let block = vec![b' '; 1_000_000];
        for _ in 0..101 {
            if stream.write_all(&block).is_err() {
                break;
            }
        }
    });
    let table = [
        (
            "refused",
            format!("http://{unused}/docs"),
            "30",
            "could not be reached: Connection refused",
        ),
        (
            "TLS failure",
            format!("https://{}/docs", plain.address),
            "30",
            "no trusted TLS connection",
        ),
        ("timeout", silent.url(), "0.3", "did not answer within 0.3 s"),
        (
            "slow drip",
            drip.url(),
            "0.3",
            "was still sending after 0.3 s, with 1 bytes received",
        ),
        (
            "404",
            missing.url(),
            "30",
            "answered 404 Not Found instead of the document",
        ),
        (
            "500",
            broken.url(),
            "30",
            "answered 500 Internal Server Error instead of the document",
        ),
        (
            "login page",
            login.url(),
            "30",
            "serves a web page (text/html), perhaps a login",
        ),
        ("truncated", truncated.url(), "30", "cannot be compared: not JSON"),
        (
            "gzip bomb",
            bomb.url(),
            "30",
            "serves more than 100 MB after decompression",
        ),
        (
            "redirect loop",
            circle.url(),
            "30",
            "redirects without end: 5 redirects were followed",
        ),
        (
            "redirect elsewhere",
            elsewhere.url(),
            "30",
            "redirects to https://elsewhere.example, which is another host",
        ),
        (
            "101 MB",
            large.url(),
            "30",
            "serves more than 100 MB after decompression",
        ),
    ];
    for (name, url, timeout, sentence) in table {
        let output = check_spec(&["--staging", &url, "--timeout", timeout, "--retries", "0"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{name}: {said}");
        assert!(said.contains(sentence), "{name}: {said}");
        assert!(said.contains("help: "), "{name}: {said}");
        assert!(output.stdout.is_empty(), "{name}: a report on nothing");
    }
}

#[test]
fn only_failures_that_may_pass_are_tried_again() {
    let busy = Server::answering("503 Service Unavailable", "", Vec::new());
    let output = check_spec(&["--staging", &busy.url(), "--retries", "1"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("(tried 2 times)"));
    assert_eq!(busy.asked.load(Ordering::SeqCst), 2);

    let missing = Server::answering("404 Not Found", "", Vec::new());
    check_spec(&["--staging", &missing.url(), "--retries", "5"]);
    assert_eq!(missing.asked.load(Ordering::SeqCst), 1);
}

#[test]
fn a_secret_header_reaches_the_server_and_nothing_else() {
    let body = pinned();
    let guarded = Server::new(move |stream, head| {
        let allowed = head.contains("x-api-key: hunter2");
        let (status, body) = if allowed {
            ("200 OK", body.as_slice())
        } else {
            ("403 Forbidden", &b""[..])
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let _ = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body));
    });
    assert_eq!(check_spec(&["--staging", &guarded.url()]).status.code(), Some(3));
    let output = check_spec(&[
        "--staging",
        &guarded.url(),
        "--header",
        "X-Api-Key: hunter2",
        "-v",
    ]);
    assert_eq!(output.status.code(), Some(0));
    let all = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&all).contains("hunter2"));
}
