//! Endless files: each is refused at its limit with a message.
#![cfg(unix)]

use std::io::Write;
use std::process::Stdio;

use crate::support::{check_spec_of, command, file, own_pin, pinned, root, without_relink};

#[test]
fn a_file_that_never_ends_is_given_up() {
    let api = root().join("spec/api-docs.json").display().to_string();
    let folder = own_pin();
    let pin = folder.path().join("pin.toml").display().to_string();
    for (name, arguments, code) in [
        ("check-spec", ["--pin", "/dev/zero", "--staging", &api], 2),
        ("check-spec", ["--policy", "/dev/zero", "--staging", &api], 2),
        ("check-spec", ["--pinned", "/dev/zero", "--staging", &api], 3),
        ("check-spec", ["--staging", "/dev/zero", "--scope", "bank"], 3),
        ("pin-spec", ["--pin", "/dev/zero", "--from", &api], 2),
        ("pin-spec", ["--pin", &pin, "--from", "/dev/zero"], 3),
    ] {
        let output = command(name, &arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(
            said.contains("/dev/zero: ") && said.contains("larger than"),
            "{said}"
        );
    }
    // The same limit applies to the document next to a pin.
    std::fs::remove_file(folder.path().join("api-docs.json")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("api-docs.json")).unwrap();
    let output = command("check-spec", &["--pin", &pin, "--staging", &api])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("api-docs.json: larger than 100 MB"), "{said}");
}

#[test]
fn a_pipe_that_never_ends_is_given_up() {
    let api = root().join("spec/api-docs.json").display().to_string();
    for (option, code) in [("--pin", 2), ("--policy", 2), ("--pinned", 3)] {
        let mut child = command("check-spec", &[option, "/dev/stdin", "--staging", &api])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let lines = "# and so on\n".repeat(10_000);
        // Write until the reader closes the pipe.
        while pipe.write_all(lines.as_bytes()).is_ok() {}
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(
            said.contains("/dev/stdin: ") && said.contains("larger than"),
            "{said}"
        );
    }
}

/// A pipe can be read only once.
#[test]
fn a_pin_may_come_through_a_pipe() {
    let api = root().join("spec/api-docs.json").display().to_string();
    let folder = tempfile::tempdir().unwrap();
    let staging = file(&folder, "staging.json", &without_relink());
    let mut child = command(
        "check-spec",
        &["--pin", "/dev/stdin", "--pinned", &api, "--staging", &staging],
    )
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let toml = std::fs::read(root().join("spec/pin.toml")).unwrap();
    child.stdin.take().unwrap().write_all(&toml).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("Session::request_bank_relink"), "{text}");
}

#[test]
fn a_document_cannot_fill_the_terminal() {
    let long = "x".repeat(1_000_000);
    let other = serde_json::json!({"openapi": "3.0.0", "info": {"title": long}, "paths": {}}).to_string();
    let version = serde_json::json!({"openapi": long, "paths": {}}).to_string();
    let twice: String = (0..10_000).map(|n| format!("\"{n}\": 1, \"{n}\": 2, ")).collect();
    let twice = String::from_utf8(pinned())
        .unwrap()
        .replacen('{', &format!("{{{twice}"), 1);
    for (document, code) in [(&other, 1), (&version, 3), (&twice, 0)] {
        let output = check_spec_of(document.as_bytes(), &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code));
        assert!(said.len() < 10_000, "{} bytes", said.len());
    }
}
