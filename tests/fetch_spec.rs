//! Feature `fetch-spec`: the build script takes the document that `RATIO_API_DOCS` names, or the build fails.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;

/// Builds the crate from `documents` with the cargo that runs this test: whether it succeeded, and what it said.
fn build_from(documents: &str) -> (bool, String) {
    let output = Command::new(env!("CARGO"))
        .args([
            "build",
            "--offline",
            "--lib",
            "--package",
            "ratio-bank",
            "--features",
            "fetch-spec",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("RATIO_API_DOCS", documents)
        .output()
        .unwrap();
    (
        output.status.success(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Serves `answer` to one request after the other, and tells where.
fn serve(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/api-docs", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&answer);
        }
    });
    url
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

// One test, since cargo lets one build at a time into its target folder.
#[test]
#[ignore = "builds the crate eight times; cargo test --test fetch_spec -- --ignored"]
fn the_named_document_is_built_from_or_nothing_is() {
    let pinned = include_str!("../spec/api-docs.json");
    let other = pinned.replacen("Staging.", "Another description.", 1);
    assert_ne!(pinned, other);
    let (built, said) = build_from(&serve(answer("200 OK", &other)));
    assert!(built, "{said}");
    assert!(said.contains("differs from the pin"), "{said}");

    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    for (documents, why) in [
        (serve(answer("503 Busy", "")), "503"),
        (
            serve(answer("302 Found\r\nlocation: https://elsewhere.example/", "")),
            "not followed",
        ),
        (serve(answer("200 OK", "<html>")), "not "),
        (serve(answer("200 OK", r#"{"swagger":"2.0"}"#)), "Swagger"),
        (closed, "could not be fetched"),
        ("http://api.example/v1/api-docs".to_owned(), "https"),
        ("no-such-file.json".to_owned(), "no-such-file.json"),
    ] {
        let (built, said) = build_from(&documents);
        assert!(!built, "{documents} must not fall back to the pin");
        assert!(said.contains(why), "{documents}: {said}");
    }
}
