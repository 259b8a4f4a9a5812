//! Fetching staging's document from servers that misbehave.

use std::io::{Read, Write};
use std::sync::atomic::Ordering;

use crate::support::{Server, check_spec, pinned, send, zipped};

#[expect(clippy::too_many_lines, reason = "it is one table")]
#[test]
fn a_staging_that_misbehaves_is_no_drift_and_says_what_stood_in_the_way() {
    // A port that was free a moment ago may be in use by another test now, but no server listens on this one.
    let unused = "127.0.0.1:1";
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
            // Enough for a busy machine to receive the first byte.
            "5",
            "was still sending after 5 s, with 1 bytes received",
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
fn a_server_that_asks_for_a_longer_pause_than_there_is_time_is_not_waited_for() {
    let busy = Server::answering("503 Service Unavailable", "retry-after: 3600\r\n", Vec::new());
    let output = check_spec(&["--staging", &busy.url(), "--retries", "5"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("answered 503 Service Unavailable instead of the document"),
        "{said}"
    );
    assert_eq!(busy.asked.load(Ordering::SeqCst), 1);
}

/// The server chooses the pause. No number of seconds and no date may cause an overflow.
#[test]
fn no_pause_that_a_server_asks_for_ends_the_command() {
    for pause in [
        "9223372036854775807",
        "18446744073709551614",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999999999999",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        for status in ["503 Service Unavailable", "429 Too Many Requests"] {
            let busy = Server::new(move |stream, _| {
                // If the server does not send its time, the local clock is used.
                let headers = format!("retry-after: {pause}\r\n");
                send(stream, status, &headers, b"");
            });
            let output = check_spec(&["--staging", &busy.url(), "--retries", "18446744073709551615"]);
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(3), "{pause}: {said}");
            assert!(
                said.contains(&format!("answered {status} instead of the document\n")),
                "{said}"
            );
            assert_eq!(busy.asked.load(Ordering::SeqCst), 1, "{pause}");
        }
    }
}

#[test]
fn an_answer_that_is_no_answer_is_not_called_unreachable() {
    let raw = |bytes: &'static [u8]| {
        Server::new(move |stream, _| {
            let _ = stream.write_all(bytes);
        })
    };
    let zip = Server::answering(
        "200 OK",
        "content-encoding: gzip\r\n",
        b"{\"openapi\": \"3.0.0\"}".to_vec(),
    );
    for (name, server, sentence) in [
        (
            "other protocol",
            raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
            "that is not HTTP",
        ),
        (
            "header",
            raw(b"HTTP/1.1 200 OK\r\nx y: z\r\n\r\n{}"),
            "that is not HTTP",
        ),
        ("status", raw(b"HTTP/1.1 2000 OK\r\n\r\n{}"), "that is not HTTP"),
        (
            "length",
            raw(b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n{}"),
            "that is not HTTP",
        ),
        ("no bytes", raw(b""), "broke off after 0 bytes"),
        (
            "half a head",
            raw(b"HTTP/1.1 200 OK\r\nserv"),
            "broke off after 0 bytes",
        ),
        (
            "chunk",
            raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}"),
            "sent a body that cannot be decoded",
        ),
        ("compression", zip, "sent a body that cannot be decoded"),
        (
            "half a body",
            raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}"),
            "broke off after 2 bytes",
        ),
    ] {
        let output = check_spec(&["--staging", &server.url(), "--retries", "0"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{name}: {said}");
        assert!(
            said.contains(sentence) && !said.contains("could not be reached"),
            "{name}: {said}"
        );
    }
}

#[test]
fn a_redirect_that_is_not_followed_is_called_what_it_is() {
    for (location, sentence) in [
        (
            "file:///etc/passwd",
            "redirects to a `file:` address, which is not fetched",
        ),
        ("data:application/json,{}", "redirects to a `data:` address"),
        ("blob:http://HOST/docs", "redirects to a `blob:` address"),
        (
            "http://me:hunter2@HOST/docs",
            "redirects to its own host with credentials in the address, which are not sent",
        ),
        (
            "//me:hunter2@HOST/docs",
            "redirects to its own host with credentials",
        ),
        (
            "https://HOST/docs",
            "redirects to https://HOST, which is another host, scheme or port",
        ),
        ("http://[x/docs", "redirects to an address that cannot be read"),
    ] {
        let server = Server::new(move |stream, head| {
            let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
            let header = format!("location: {}\r\n", location.replace("HOST", host));
            send(stream, "302 Found", &header, b"");
        });
        let output = check_spec(&["--staging", &server.url()]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(
            said.contains(&sentence.replace("HOST", &server.address)),
            "{said}"
        );
        assert!(!said.contains("null") && !said.contains("hunter2"), "{said}");
        assert_eq!(server.asked.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_redirect_within_the_origin_is_followed_and_one_elsewhere_is_not_even_asked() {
    let other = Server::answering("200 OK", "", pinned());
    let elsewhere = format!("http://{}/docs", other.address);
    let body = pinned();
    let server = Server::new(move |stream, head| {
        let secret = head.contains("x-api-key: hunter2");
        let (status, header, body) = match head.split(' ').nth(1) {
            Some("/docs") => ("302 Found", "location: /new\r\n".to_owned(), &b""[..]),
            Some("/new") if secret => ("200 OK", String::new(), body.as_slice()),
            _ => ("302 Found", format!("location: {elsewhere}\r\n"), &b""[..]),
        };
        send(stream, status, &header, body);
    });
    let secret = ["--header", "X-Api-Key: hunter2"];
    let within = check_spec(&[&["--staging", &server.url()], &secret[..]].concat());
    assert_eq!(
        within.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&within.stderr)
    );

    let leaving = format!("http://{}/elsewhere", server.address);
    let output = check_spec(&[&["--staging", &leaving], &secret[..]].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains(&format!(
            "redirects to http://{}, which is another host",
            other.address
        )),
        "{said}"
    );
    assert!(
        said.contains("headers are never sent on to another host"),
        "{said}"
    );
    assert_eq!(
        other.asked.load(Ordering::SeqCst),
        0,
        "neither the headers nor the request left"
    );
}

#[test]
fn the_proxy_of_the_environment_is_used_and_told_nothing_secret() {
    let heard = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let told = std::sync::Arc::clone(&heard);
    let proxy = Server::new(move |stream, head| {
        told.lock().unwrap().push_str(head);
        let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    });
    let output = crate::support::check_spec_with(
        &[
            "--staging",
            "https://staging.invalid/docs",
            "--retries",
            "0",
            "--header",
            "X-Api-Key: hunter2",
        ],
        &[("HTTPS_PROXY", &format!("http://{}", proxy.address))],
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains("https://staging.invalid/docs could not be reached"),
        "{said}"
    );
    assert!(said.contains("HTTPS_PROXY"), "{said}");
    let heard = heard.lock().unwrap();
    assert!(
        heard.starts_with("CONNECT staging.invalid:443 HTTP/1.1"),
        "{heard}"
    );
    assert!(!heard.contains("hunter2") && !said.contains("hunter2"));
}

#[test]
fn headers_may_come_from_the_environment() {
    let body = pinned();
    let guarded = Server::new(move |stream, head| {
        let both = head.contains("x-one: 1") && head.contains("x-two: 2");
        let (status, body) = if both {
            ("200 OK", body.as_slice())
        } else {
            ("401 Unauthorized", &b""[..])
        };
        send(stream, status, "", body);
    });
    let with = |value| {
        crate::support::check_spec_with(&["--staging", &guarded.url()], &[("CHECK_SPEC_HEADERS", value)])
    };
    assert_eq!(with("X-One: 1\n\nX-Two: 2\n").status.code(), Some(0));
    let lacking = with("X-One: 1");
    let said = String::from_utf8(lacking.stderr).unwrap();
    assert_eq!(lacking.status.code(), Some(3));
    assert!(
        said.contains("pass credentials with --header or in `CHECK_SPEC_HEADERS`"),
        "{said}"
    );
    let wrong = with("hunter2");
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        said.contains("CHECK_SPEC_HEADERS: a header is written `Name: value`") && !said.contains("hunter2"),
        "{said}"
    );
}

#[test]
fn a_compressed_document_is_read() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&pinned()).unwrap();
    let server = Server::answering("200 OK", "content-encoding: gzip\r\n", encoder.finish().unwrap());
    let output = check_spec(&["--staging", &server.url()]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn what_is_no_place_to_fetch_from_is_wrong_usage() {
    for (place, sentence) in [
        (
            "http://staging.example/docs",
            "plain http to `staging.example` can be changed on its way",
        ),
        ("ftp://staging.example/docs", "`ftp:` is not fetched"),
        (
            "https://me:hunter2@staging.example/docs",
            "the URL carries credentials",
        ),
    ] {
        let output = check_spec(&["--staging", place]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(sentence), "{said}");
    }
    let output = check_spec(&["--staging", "no-such-file.json"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-file.json: No such file"));
}

#[test]
fn a_document_of_another_api_is_drift_and_doubted() {
    let pets =
        br#"{"openapi": "3.1.0", "info": {"title": "Pets"}, "paths": {"/pets": {"get": {"responses": {}}}}}"#;
    // If nothing is left of the API, this is a single cause.
    for (document, title, breaking) in [
        (&pets[..], "Pets", "7 breaking"),
        (br#"{"openapi": "3.0.0", "paths": {}}"#, "untitled", "1 breaking"),
    ] {
        let output = crate::support::check_spec_of(document, &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(
            said.contains(&format!("it calls itself `{title}`: is it the right document?")),
            "{said}"
        );
        assert!(
            text.contains(breaking) && text.contains("it has none of the operations"),
            "{text}"
        );
    }
    for (document, sentence) in [
        (&b"[]"[..], "it is not an object"),
        (b"{}", "it has no `openapi` field"),
        (
            br#"{"swagger": "2.0"}"#,
            "it is Swagger 2.0; convert it to OpenAPI 3 first",
        ),
    ] {
        let output = crate::support::check_spec_of(document, &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains(sentence), "{said}");
    }
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
        send(stream, status, "", body);
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
