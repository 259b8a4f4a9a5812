//! Secrets on the command line and in addresses: they are used, but never printed.

use std::path::Path;

use crate::support::{Server, check_spec_with, command, held, own_pin, pinned, send};

/// Runs a command and returns its exit code and output. Asserts that the output does not contain the secret.
fn said(name: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let output = command(name, arguments).output().unwrap();
    let all = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    for part in ["hunter2", "hun", "ter2"] {
        assert!(!all.contains(part), "{name} {arguments:?}: {all}");
    }
    (output.status.code(), all)
}

/// Addresses with their parts in the wrong places, as in common mistakes.
const ADDRESSES: [&str; 14] = [
    "https://me:hunter2/docs",
    "https:me:hunter2",
    "https://me:hunter2@staging.example/docs",
    "https:me:hunter2@staging.example/docs",
    "https:/me:hunter2@staging.example/docs",
    "HTTPS:\\\\me:hunter2@staging.example/docs",
    " https:me:hunter2@staging.example/docs",
    "https://hunter2@staging.example/docs",
    "https://me:hun/ter2@staging.example/docs",
    "https://me:hunter2@staging.example:port/docs",
    "https://staging.example:port/docs?token=hunter2",
    "ftp://me:hunter2@staging.example/docs",
    "http://staging.example/docs?token=hunter2#hunter2",
    "file:///docs?hunter2",
];

#[test]
fn an_address_that_is_refused_is_shown_without_what_may_be_a_secret() {
    for address in ADDRESSES {
        for (name, option) in [("check-spec", "--staging"), ("pin-spec", "--from")] {
            let (code, all) = said(name, &[option, address]);
            assert_eq!(code, Some(2), "{all}");
            assert!(all.contains(option), "{all}");
            let (code, all) = said(name, &[&format!("{option}={address}")]);
            assert_eq!(code, Some(2), "{all}");
        }
    }
    // Without a scheme, it is a file that does not exist.
    for address in [
        "me:hunter2@staging.example/docs",
        "staging.example/docs?token=hunter2",
    ] {
        let (code, all) = said("check-spec", &["--staging", address]);
        assert_eq!(code, Some(3), "{all}");
        assert!(all.contains("staging.example/docs"), "{all}");
    }
}

#[test]
fn an_address_in_the_place_of_something_else_is_no_more_told() {
    for address in ADDRESSES {
        for arguments in [
            &["--pin", address][..],
            &["--policy", address],
            &["--today", address],
            &["--format", address],
            &["--timeout", address],
            &["--report", address],
            &["--header", address, "--format", "x"],
            &["--headr", address],
            &[address],
            &["--", address],
        ] {
            let (code, all) = said("check-spec", arguments);
            assert_eq!(code, Some(2), "{all}");
        }
        let (code, all) = said(address, &[]);
        assert_eq!(code, Some(2), "{all}");
        let (code, all) = said("pin-spec", &["--retrieved", address]);
        assert_eq!(code, Some(2), "{all}");
    }
}

#[test]
fn a_header_that_cannot_be_read_is_not_shown() {
    for arguments in [
        &["--header", "Bearer hunter2"][..],
        &["--header", "hunter2"],
        &["--header=hunter2"],
        &["--header", "hunter2 b: x"],
        &["--header", "X-Key: hunter2\u{7f}"],
        &["--header", "Authorization: Bearer hunter2\nX: y"],
        // Quotes are missing.
        &["--header", "Authorization:", "Bearer", "hunter2"],
        &["--header", "Authorization:", "hunter2"],
        &["--header", "Authorization:", "hunter"],
        &["--header", "Authorization:", "Bearer", "--", "hunter"],
        &["--headr=Authorization: hunter2"],
        &["--header", "X-Key: y", "-Xhunter2"],
    ] {
        let (code, all) = said("check-spec", arguments);
        assert_eq!(code, Some(2), "{all}");
    }
    for lines in ["Bearer hunter2", "X-Key: y\nhunter2 b: x"] {
        let output = check_spec_with(&["--staging", "-"], &[("CHECK_SPEC_HEADERS", lines)]);
        let all = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{all}");
        assert!(
            all.contains("CHECK_SPEC_HEADERS: ") && !all.contains("hunter2"),
            "{all}"
        );
    }
}

#[test]
fn a_mistake_that_is_no_secret_is_named() {
    let (_, all) = said("check-spec", &["--format", "xml"]);
    assert!(
        all.contains("'xml'") && all.contains("possible values: text, json"),
        "{all}"
    );
    let (_, all) = said("check-spec", &["--stagin", "x"]);
    assert!(all.contains("'--stagin'") && all.contains("'--staging'"), "{all}");
    let (_, all) = said("chek-spec", &[]);
    assert!(
        all.contains("'chek-spec'") && all.contains("'check-spec'"),
        "{all}"
    );
    let (_, all) = said("check-spec", &["--staging", "http://staging.example/docs"]);
    assert!(all.contains("'http://staging.example/docs'"), "{all}");
}

#[test]
fn a_token_in_an_address_is_sent_and_is_in_no_file() {
    let body = pinned();
    let server = Server::new(move |stream, head| {
        let (status, body) = if head.starts_with("GET /docs?token=hunter2 ") {
            ("200 OK", body.as_slice())
        } else {
            ("403 Forbidden", &b""[..])
        };
        send(stream, status, "etag: \"v1\"\r\n", &[body, b"\n"].concat());
    });
    let folder = own_pin();
    let pin = folder.path().join("pin.toml").display().to_string();
    let from = format!("{}?token=hunter2#hunter2", server.url());
    let (code, all) = said("pin-spec", &["--pin", &pin, "--from", &from, "--quiet"]);
    assert_eq!(code, Some(0), "{all}");
    assert!(all.contains("left out of pin.toml"), "{all}");
    let (toml, _) = held(folder.path());
    assert!(toml.contains(&format!("\"{}\"", server.url())), "{toml}");
    // The `ETag` belongs to the complete address.
    assert!(!toml.contains("hunter2") && !toml.contains("etag"), "{toml}");
    assert!(files_hold_no_secret(folder.path()));
}

fn files_hold_no_secret(folder: &Path) -> bool {
    let files = std::fs::read_dir(folder).unwrap();
    let mut bytes = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
    bytes.all(|bytes| !String::from_utf8_lossy(&bytes).contains("hunter2"))
}

/// A token in the pin's source is reported before it is built into the crate.
#[test]
fn a_pin_whose_source_may_hold_a_secret_is_refused() {
    let folder = own_pin();
    let (toml, _) = held(folder.path());
    for secret in [
        "https://me:hunter2@a.example/docs",
        "https://a.example/docs?token=hunter2",
    ] {
        let toml = toml.replace("https://api.staging.ratio.me/v1/api-docs", secret);
        let pin = crate::support::file(&folder, "secret.toml", toml.as_bytes());
        for name in ["check-spec", "pin-spec"] {
            let (code, all) = said(name, &["--pin", &pin]);
            assert_eq!(code, Some(2), "{all}");
            assert!(all.contains("secret.toml:6: `source` carries"), "{all}");
        }
    }
}
