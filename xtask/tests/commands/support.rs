//! Commands, documents and servers for the tests.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server that answers every connection in the same way while the test runs.
pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) asked: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn new(answer: impl Fn(&mut TcpStream, &str) + Send + 'static) -> Self {
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
                        // A TLS handshake, which never contains an empty line.
                        let _ = stream.read(&mut [0; 4096]);
                        break;
                    }
                }
                answer(&mut stream, &String::from_utf8_lossy(&head));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn answering(status: &'static str, headers: &'static str, body: Vec<u8>) -> Self {
        Self::new(move |stream, _| send(stream, status, headers, &body))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/docs", self.address)
    }
}

/// Sends a complete response. A client that has gone away is ignored.
pub(crate) fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A command of this repository, run outside the repository and without settings from the environment.
pub(crate) fn command(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .args(["--color", "never", name])
        .args(arguments)
        .current_dir(std::env::temp_dir())
        .env_remove("CHECK_SPEC_HEADERS")
        .env_remove("GITHUB_STEP_SUMMARY")
        .env("NO_PROXY", "*");
    command
}

/// `check-spec` with a fixed date.
fn on_a_day(arguments: &[&str]) -> Command {
    command("check-spec", &[&["--today", "2026-11-24"], arguments].concat())
}

pub(crate) fn check_spec(arguments: &[&str]) -> Output {
    on_a_day(arguments).output().unwrap()
}

/// Runs the command with additional environment variables.
pub(crate) fn check_spec_with(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = on_a_day(arguments);
    command.env_remove("NO_PROXY").envs(environment.iter().copied());
    command.output().unwrap()
}

/// Runs the command with a document on standard input, which has the same name on every machine.
pub(crate) fn check_spec_of(document: &[u8], arguments: &[&str]) -> Output {
    let mut child = on_a_day(&[&["--staging", "-"], arguments].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(document).unwrap();
    child.wait_with_output().unwrap()
}

pub(crate) fn pinned() -> Vec<u8> {
    std::fs::read(root().join("spec/api-docs.json")).unwrap()
}

/// The pinned document after a change.
pub(crate) fn changed(change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    let mut document = serde_json::from_slice(&pinned()).unwrap();
    change(&mut document);
    serde_json::to_vec(&document).unwrap()
}

pub(crate) fn without_relink() -> Vec<u8> {
    changed(|document| {
        let paths = document["paths"].as_object_mut().unwrap();
        paths
            .remove("/v1/users/{userId}/banks/{bankId}:requestLink")
            .unwrap();
    })
}

pub(crate) fn file(folder: &tempfile::TempDir, name: &str, bytes: &[u8]) -> String {
    let path = folder.path().join(name);
    std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
    path.display().to_string()
}

pub(crate) fn zipped(size: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let block = vec![b' '; 1_000_000];
    for _ in 0..size / block.len() {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

/// The JSON report of a run that completed its comparison.
pub(crate) fn report(arguments: &[&str]) -> serde_json::Value {
    let output = check_spec(&[arguments, &["--format", "json"]].concat());
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A copy of the repository's pin in a writable folder.
pub(crate) fn own_pin() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["pin.toml", "api-docs.json"] {
        std::fs::copy(root().join("spec").join(name), folder.path().join(name)).unwrap();
    }
    folder
}

/// The content of both files of the pin in a folder.
pub(crate) fn held(folder: &Path) -> (String, Vec<u8>) {
    let read = |name| std::fs::read(folder.join(name)).unwrap();
    (
        String::from_utf8(read("pin.toml")).unwrap(),
        read("api-docs.json"),
    )
}
