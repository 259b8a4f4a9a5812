//! `check-spec` as CI meets it: a command with exit codes, against servers that misbehave.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server that answers every connection in the same way, for as long as the test runs.
struct Server {
    address: String,
    asked: Arc<AtomicUsize>,
}

impl Server {
    fn new(answer: impl Fn(&mut TcpStream, &str) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                count.fetch_add(1, Ordering::SeqCst);
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                    head.push(byte[0]);
                    if head == [0x16] {
                        // A TLS handshake, which never ends in an empty line.
                        let _ = stream.read(&mut [0; 4096]);
                        break;
                    }
                }
                answer(&mut stream, &String::from_utf8_lossy(&head));
            }
        });
        Self { address, asked }
    }

    fn answering(status: &'static str, headers: &'static str, body: Vec<u8>) -> Self {
        Self::new(move |stream, _| {
            let head = format!(
                "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
                body.len()
            );
            let _ = stream
                .write_all(head.as_bytes())
                .and_then(|()| stream.write_all(&body));
        })
    }

    fn url(&self) -> String {
        format!("http://{}/docs", self.address)
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn check_spec(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args([
            "--color",
            "never",
            "check-spec",
            "--today",
            "2026-11-24",
            "--no-replay",
        ])
        .args(arguments)
        .env_remove("CHECK_SPEC_HEADERS")
        .env_remove("GITHUB_STEP_SUMMARY")
        .env("NO_PROXY", "*")
        .output()
        .unwrap()
}

fn pinned() -> Vec<u8> {
    std::fs::read(root().join("spec/api-docs.json")).unwrap()
}

/// The pinned document after a change.
fn changed(change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    let mut document = serde_json::from_slice(&pinned()).unwrap();
    change(&mut document);
    serde_json::to_vec(&document).unwrap()
}

fn without_relink() -> Vec<u8> {
    changed(|document| {
        let paths = document["paths"].as_object_mut().unwrap();
        paths
            .remove("/v1/users/{userId}/banks/{bankId}:requestLink")
            .unwrap();
    })
}

fn file(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
    path.display().to_string()
}

fn zipped(size: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let block = vec![b' '; 1_000_000];
    for _ in 0..size / block.len() {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

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

#[test]
fn the_pin_agrees_with_itself_from_any_folder() {
    let document = root().join("spec/api-docs.json").display().to_string();
    let output = check_spec(&["--staging", &document, "--fail-on", "additive"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("staging serves the pinned document"));
}

#[test]
fn an_operation_that_is_gone_fails_the_build_until_it_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let staging = file(&folder, "staging.json", &without_relink());
    let red = check_spec(&["--staging", &staging]);
    let text = String::from_utf8(red.stdout).unwrap();
    assert_eq!(red.status.code(), Some(1), "{text}");
    assert!(text.contains("breaking[operation-removed]"), "{text}");
    assert!(
        text.contains("rust: Client::request_bank_relink removed"),
        "{text}"
    );
    assert!(text.contains("semver step of the next release: major"), "{text}");
    assert_eq!(
        check_spec(&["--staging", &staging, "--fail-on", "never"])
            .status
            .code(),
        Some(0)
    );

    let entry = |expires: &str| {
        format!(
            "[[accept]]\nrule = \"operation-removed\"\nat = \"/paths/~1v1~1users~1{{userId}}~1banks~1{{bankId}}:requestLink/post\"\n\
             reason = \"we never relink\"\nexpires = {expires}\n"
        )
    };
    let policy = file(&folder, "current.toml", entry("2026-11-24").as_bytes());
    let green = check_spec(&["--staging", &staging, "--policy", &policy]);
    let text = String::from_utf8(green.stdout).unwrap();
    assert_eq!(green.status.code(), Some(0), "{text}");
    assert!(
        text.contains("until 2026-11-24: we never relink") && text.contains("1 accepted"),
        "{text}"
    );

    let policy = file(&folder, "late.toml", entry("2026-11-23").as_bytes());
    let late = check_spec(&["--staging", &staging, "--policy", &policy]);
    let text = String::from_utf8(late.stdout).unwrap();
    assert_eq!(late.status.code(), Some(1), "{text}");
    assert!(
        text.contains("late.toml:1:1: the acceptance of") && text.contains("ended on 2026-11-23"),
        "{text}"
    );

    let pin = root().join("spec/api-docs.json").display().to_string();
    let unused = check_spec(&["--staging", &pin, "--policy", &policy]);
    assert_eq!(unused.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&unused.stdout).contains("remove the entry"));
}

#[test]
fn a_policy_that_cannot_be_meant_is_named_with_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let document = root().join("spec/api-docs.json").display().to_string();
    let entry =
        "[[accept]]\nrule = \"operation-removed\"\nat = \"/paths\"\nreason = \"x\"\nexpires = 2027-01-01\n";
    for (text, place, sentence) in [
        (
            entry.replace("operation-removed", "operation-remove"),
            "2:8",
            "did you mean `operation-removed`?",
        ),
        (entry.replace("\"/paths\"", "\"paths\""), "3:6", "JSON pointer"),
        (entry.replace("\"x\"", "\" \""), "4:10", "`reason` is empty"),
        (
            entry.replace("2027-01-01", "2027-01-01T00:00:00Z"),
            "5:11",
            "is a day",
        ),
        (
            entry.replace("reason = \"x\"\n", ""),
            "1:1",
            "missing field `reason`",
        ),
        (
            "[levels]\n\"operation-removed\" = \"fatal\"\n".to_owned(),
            "2:23",
            "there is no level `fatal`",
        ),
        ("[[accept]\n".to_owned(), "1:10", ""),
        ("ignore = []\n".to_owned(), "1:1", "unknown field `ignore`"),
    ] {
        let policy = file(&folder, "drift.toml", text.as_bytes());
        let output = check_spec(&["--staging", &document, "--policy", &policy]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}: {said}");
        assert!(
            said.contains(&format!("drift.toml:{place}: ")) && said.contains(sentence),
            "{text}: {said}"
        );
    }
}

#[test]
fn two_runs_give_the_same_bytes_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let staging = file(&folder, "staging.json", &without_relink());
    for format in ["text", "json", "markdown", "github", "sarif", "junit", "html"] {
        let run = |name: &str| {
            let path = folder.path().join(name).display().to_string();
            let report = format!("{format}={path}");
            let output = check_spec(&["--staging", &staging, "--format", format, "--report", &report]);
            assert_eq!(
                output.status.code(),
                Some(1),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            (output.stdout, std::fs::read(path).unwrap())
        };
        let (first, second) = (run("first"), run("second"));
        assert!(first == second, "{format}");
        assert!(!first.0.is_empty() && !first.1.is_empty(), "{format}");
    }
}

#[test]
fn the_json_report_keeps_to_its_published_schema() {
    let folder = tempfile::tempdir().unwrap();
    let schema = std::fs::read(root().join("spec/report.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_slice(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let policy = file(
        &folder,
        "drift.toml",
        b"[levels]\n\"response-property-lost\" = \"additive\"\n",
    );
    for (name, bytes) in [("same", pinned()), ("gone", without_relink())] {
        let staging = file(&folder, name, &bytes);
        for scope in ["bank", "all"] {
            let output = check_spec(&[
                "--staging",
                &staging,
                "--format",
                "json",
                "--scope",
                scope,
                "--policy",
                &policy,
            ]);
            let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&report)
                .map(|e| format!("{} {e}", e.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{name} {scope}: {errors:?}");
        }
    }
    let mut stray = serde_json::json!({"schema": "ratio-drift/1"});
    stray["nonsense"] = true.into();
    assert!(
        !validator.is_valid(&stray),
        "the schema refuses what is no report"
    );
}

#[test]
fn what_a_document_says_cannot_break_out_of_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "\u{1b}[2J</pre><script>alert(1)</script>\n::error::x ]]> `";
    let staging = changed(|document| {
        let paths = document["paths"].as_object_mut().unwrap();
        let get = serde_json::json!({"get": {"summary": evil, "responses": {"204": {"description": evil}}}});
        paths.insert(format!("/v1/users/{{userId}}/banks/{evil}"), get);
    });
    let staging = file(&folder, "staging.json", &staging);
    for format in ["text", "json", "markdown", "github", "sarif", "junit", "html"] {
        let output = check_spec(&["--staging", &staging, "--format", format, "--scope", "all", "-v"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains('\u{1b}'), "{format}");
        if format == "github" {
            assert!(!text.lines().any(|line| line.starts_with("::error::x")), "{text}");
        }
        if matches!(format, "html" | "junit") {
            assert!(!text.contains("<script>alert"), "{format}: {text}");
        }
    }
}
