//! Untrusted text: no document, server, path, environment variable or argument can give commands to the terminal or the
//! runner of a workflow.

use std::process::Output;

use serde_json::json;

use crate::support::{
    Server, changed, check_spec, check_spec_of, check_spec_with, command, file, own_pin, pinned, root,
};

/// Commands for a runner at the start of a line and elsewhere, commands for a terminal, line breaks, and characters
/// that reorder text.
const EVIL: &str = "x\n::error::owned\r\n ::stop-commands::owned ##[error]owned ###[group]owned ##vso[owned] \u{1b}[2Jowned\u{9b}1m\
                    \u{202e}\u{2028}::error::owned\u{85}\u{7f}\u{feff}";

/// A command at the start of a text.
const AT_ONCE: &str = "::error::owned ##[error]owned";

/// Returns the part of a text that would be interpreted as a command, if any.
fn obeyed(text: &str) -> Option<String> {
    // Our own annotations have these forms, and an arrow is not a command.
    let ours = |line: &str| {
        [
            "  ::: ",
            "::error file=",
            "::error title=",
            "::warning file=",
            "::notice file=",
            "::notice title=",
        ]
        .iter()
        .any(|ours| line.starts_with(ours))
    };
    let line = text.split('\n').find(|line| {
        line.trim_start().starts_with("::") && !ours(line)
            || line.contains("##[")
            || line.contains("##vso[")
            || line.chars().any(|c| {
                c.is_control() || matches!(c, '\u{202e}' | '\u{2028}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
            })
    });
    line.map(|line| format!("{line:?}"))
}

/// Asserts that a command ended with the expected code, and that its output contains no command.
fn assert_harmless(name: &str, output: &Output, code: i32) {
    let streams = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8(bytes.clone()).unwrap());
    assert_eq!(output.status.code(), Some(code), "{name}: {streams:?}");
    for text in &streams {
        assert_eq!(obeyed(text), None, "{name}: {text}");
    }
    assert!(
        streams.iter().any(|text| !text.is_empty()),
        "{name} prints nothing"
    );
}

fn api() -> String {
    root().join("spec/api-docs.json").display().to_string()
}

#[test]
fn a_document_commands_nobody() {
    let other = json!({"openapi": "3.0.0", "info": {"title": EVIL}, "paths": {}}).to_string();
    let version = json!({"openapi": EVIL, "paths": {}}).to_string();
    let key = serde_json::to_string(EVIL).unwrap();
    let twice = String::from_utf8(pinned())
        .unwrap()
        .replacen('{', &format!("{{{key}: 1, {key}: 2,"), 1);
    let yaml = format!("openapi: [{EVIL}");
    let gone = changed(|document| {
        let schemas = &mut document["components"]["schemas"];
        schemas["BankAccount"]["properties"][EVIL] = json!({"type": "string"});
        schemas["ActivateBankLinkRequest"]["properties"][AT_ONCE] = json!({"type": "string", "enum": [EVIL]});
        schemas["ActivateBankLinkRequest"]["required"] = json!([AT_ONCE, EVIL, "publicToken"]);
        schemas["User"]["properties"]["kyc"] = json!({"$ref": format!("#/components/schemas/{EVIL}")});
        let get = json!({"summary": EVIL, "responses": {"204": {"description": EVIL}}});
        document["paths"][format!("/{EVIL}/banks")]["get"] = get;
    });
    for format in ["text", "json", "markdown", "github", "sarif", "junit", "html"] {
        for scope in ["bank", "all"] {
            for (name, document, code) in [
                ("title", other.as_bytes(), 1),
                ("version", version.as_bytes(), 3),
                ("key named twice", twice.as_bytes(), 0),
                ("YAML", yaml.as_bytes(), 3),
                ("drift", &gone, 1),
            ] {
                let output = check_spec_of(document, &["--format", format, "--scope", scope, "-v"]);
                assert_harmless(&format!("{name} as {format}"), &output, code);
            }
        }
    }
}

#[test]
fn a_document_that_is_to_be_pinned_commands_nobody() {
    let folder = own_pin();
    let pin = folder.path().join("pin.toml").display().to_string();
    let more = changed(|document| {
        let get = json!({"responses": {"200": {"description": "the bank"}}});
        document["paths"][format!("/{EVIL}/banks")]["get"] = get;
    });
    let new = file(&folder, EVIL, &more);
    let output = command("pin-spec", &["--pin", &pin, "--from", &new])
        .output()
        .unwrap();
    assert_harmless("a new path", &output, 0);
    let other = json!({"openapi": "3.0.0", "info": {"title": EVIL}, "paths": {EVIL: {}}}).to_string();
    let new = file(&folder, AT_ONCE, other.as_bytes());
    let output = command("pin-spec", &["--pin", &pin, "--from", &new])
        .output()
        .unwrap();
    assert_harmless("another API", &output, 2);
}

#[test]
fn a_server_commands_nobody() {
    let owned = "##[error]owned ::error::owned";
    for (name, status, headers) in [
        ("status", "503 ##[error]owned", String::new()),
        (
            "redirect",
            "302 Found",
            format!("location: https://x.example/{owned}\r\n"),
        ),
        ("scheme", "302 Found", format!("location: x{owned}:y\r\n")),
        ("encoding", "200 OK", format!("content-encoding: {owned}\r\n")),
        (
            "media type",
            "200 OK",
            format!("content-type: text/html {owned}\r\n"),
        ),
    ] {
        let server = Server::new(move |stream, _| crate::support::send(stream, status, &headers, b"{}"));
        for format in ["text", "github"] {
            let arguments = ["--staging", &server.url(), "--retries", "0", "--format", format];
            assert_harmless(name, &check_spec(&arguments), 3);
        }
    }
    let garbage = Server::new(|stream, _| {
        let _ = std::io::Write::write_all(stream, b"::error::owned\r\n##[error]owned\r\n\x1b[2J\r\n\r\n");
    });
    assert_harmless("no HTTP", &check_spec(&["--staging", &garbage.url()]), 3);
}

#[test]
fn an_argument_commands_nobody() {
    let option = format!("--{EVIL}");
    let report = format!("{EVIL}=x");
    let unwritable = format!("html=no-such-folder/{EVIL}");
    for evil in [EVIL, AT_ONCE] {
        for (arguments, code) in [
            (vec!["--format", evil], 2),
            (vec!["--scope", evil], 2),
            (vec!["--today", evil], 2),
            (vec!["--timeout", evil], 2),
            (vec!["--retries", evil], 2),
            (vec!["--header", evil], 2),
            (vec!["--report", evil], 2),
            (vec!["--report", &report], 2),
            (vec!["--report", &unwritable, "--no-replay"], 3),
            (vec![evil], 2),
            (vec![&option], 2),
            (vec!["--staging", evil], 3),
            (vec!["--pinned", evil], 3),
            (vec!["--pin", evil], 2),
            (vec!["--policy", evil], 2),
        ] {
            let mut all = arguments.clone();
            if !arguments.contains(&"--staging") {
                let api = api();
                all.extend(["--staging", api.leak()]);
            }
            let output = command("check-spec", &all).output().unwrap();
            assert_harmless(&format!("{arguments:?}"), &output, code);
        }
        for (name, arguments) in [
            (evil, vec![]),
            ("pin-spec", vec!["--from", "x", "--retrieved", evil]),
            ("corpus", vec!["--dir", evil]),
            ("corpus", vec!["--dir", "/", "--only", evil]),
            ("bench", vec![evil]),
            ("demo", vec![evil]),
            ("help", vec![evil]),
        ] {
            let output = command(name, &arguments).output().unwrap();
            assert_harmless(&format!("{name} {arguments:?}"), &output, 2);
        }
    }
}

#[test]
fn the_environment_commands_nobody() {
    let staging = ["--staging", &api(), "--format", "github"];
    for evil in [EVIL, AT_ONCE] {
        let output = check_spec_with(&staging, &[("CHECK_SPEC_HEADERS", evil)]);
        assert_harmless("CHECK_SPEC_HEADERS", &output, 2);
        let output = check_spec_with(
            &staging,
            &[("GITHUB_STEP_SUMMARY", &format!("no-such-folder/{evil}"))],
        );
        assert_harmless("GITHUB_STEP_SUMMARY", &output, 3);
        let output = check_spec_with(&staging, &[("CARGO_MANIFEST_DIR", &format!("{evil}/xtask"))]);
        assert_harmless("CARGO_MANIFEST_DIR", &output, 2);
        let output = check_spec_with(
            &["--staging", "https://staging.invalid/docs", "--retries", "0"],
            &[("HTTPS_PROXY", evil)],
        );
        assert_harmless("HTTPS_PROXY", &output, 3);
    }
}

/// Quotes a text as a TOML string.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| format!("\\U{:08x}", u32::from(c)));
    format!("\"{}\"", escaped.collect::<String>())
}

#[test]
fn a_configuration_file_commands_nobody() {
    let folder = own_pin();
    let toml = std::fs::read_to_string(folder.path().join("pin.toml")).unwrap();
    let quoted = quoted(EVIL);
    let entry =
        |name: &str| format!("{toml}\n[[operation]]\nmethod = {quoted}\npath = {quoted}\nname = {name}\n");
    for (name, text) in [
        ("key", format!("{quoted} = 1\n{toml}")),
        ("syntax", format!("{toml}\n{EVIL}")),
        ("operation", entry("\"owned\"")),
        ("name", entry(&quoted)),
    ] {
        let pin = file(&folder, AT_ONCE, text.as_bytes());
        let output = check_spec(&["--pin", &pin, "--staging", &api()]);
        assert_harmless(name, &output, 2);
    }

    let accept = |rule: &str, at: &str| {
        format!("[[accept]]\nrule = {rule}\nat = {at}\nreason = {quoted}\nexpires = 2027-01-01\n")
    };
    let rule = "\"response-property-lost\"";
    let lost = "\"/components/schemas/User/properties/lastName\"";
    let at = quoted.replacen('"', "\"/", 1);
    let staging = file(
        &folder,
        EVIL,
        &changed(|document| {
            let user = &mut document["components"]["schemas"]["User"]["properties"];
            user.as_object_mut().unwrap().remove("lastName").unwrap();
        }),
    );
    for (name, text, code) in [
        ("key", format!("{quoted} = 1\n"), 2),
        ("syntax", EVIL.to_owned(), 2),
        ("rule", accept(&quoted, lost), 2),
        (
            "level",
            format!("[levels]\n\"operation-removed\" = {quoted}\n"),
            2,
        ),
        ("unused", accept(rule, &at), 0),
        ("reason", accept(rule, lost), 0),
    ] {
        let policy = file(&folder, AT_ONCE, text.as_bytes());
        for format in ["text", "json", "markdown", "github", "sarif", "junit", "html"] {
            let arguments = [
                "--policy",
                &policy,
                "--staging",
                &staging,
                "--format",
                format,
                "-v",
            ];
            assert_harmless(&format!("{name} as {format}"), &check_spec(&arguments), code);
        }
    }
}
