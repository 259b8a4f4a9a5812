//! The binary, started as a person would.
//!
//! Apart from the other tests: a process that is being started holds their sockets open for a moment, and a port that
//! was just closed would still accept.

#![cfg(feature = "cli")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};

use ratio_sandbox::documents;

struct Running {
    child: Child,
    url: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        Self::with_log(arguments, Stdio::inherit())
    }

    fn with_log(arguments: &[&str], log: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ratio-sandbox"))
            .args(["--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line
            .trim()
            .strip_prefix("listening on ")
            .expect("a greeting")
            .to_owned();
        Self { child, url }
    }

    async fn document(&self) -> String {
        reqwest::get(format!("{}/v1/api-docs", self.url))
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn fails(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_ratio-sandbox"))
        .args(arguments)
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn it_speaks_the_document_it_is_given_by_name_file_or_url() {
    assert_eq!(Running::start(&[]).document().await, documents::EARLIER);
    let later = Running::start(&["--spec", "later"]);
    assert_eq!(later.document().await, documents::LATER);
    let url = format!("{}/v1/api-docs", later.url);
    assert_eq!(
        Running::start(&["--spec", &url]).document().await,
        documents::LATER
    );

    let yaml = "openapi: 3.0.0\npaths:\n  /x:\n    get:\n      responses:\n        '200':\n          description: ''\n";
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(yaml.as_bytes()).unwrap();
    let running = Running::start(&["--spec", file.path().to_str().unwrap()]);
    assert_eq!(running.document().await, yaml);
    assert_eq!(
        reqwest::get(format!("{}/x", running.url)).await.unwrap().status(),
        200
    );
}

#[tokio::test]
async fn its_log_tells_what_was_asked_and_no_secret() {
    let log = tempfile::NamedTempFile::new().unwrap();
    let running = Running::with_log(&["--log", "info"], log.reopen().unwrap().into());
    let control = format!("{}/_sandbox", running.url);
    let client = reqwest::Client::new();
    let user: serde_json::Value = client
        .post(format!("{control}/users"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let guide: serde_json::Value = client.get(control).send().await.unwrap().json().await.unwrap();
    let (id, token) = (
        user["id"].as_str().unwrap(),
        user["sessionToken"].as_str().unwrap(),
    );
    let request = client
        .post(format!("{}/v1/users/{id}/banks:requestLink", running.url))
        .header("ratio-client-id", guide["clientId"].as_str().unwrap())
        .bearer_auth(token);
    let link: serde_json::Value = request.send().await.unwrap().json().await.unwrap();
    drop(running);
    let told = std::fs::read_to_string(log.path()).unwrap();
    assert!(
        told.contains("POST /v1/users/{userId}/banks:requestLink"),
        "{told}"
    );
    assert!(told.contains("status=200"), "{told}");
    for secret in [token, link["linkToken"].as_str().unwrap()] {
        assert!(!told.contains(secret));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn it_ends_well_when_it_is_told_to() {
    for signal in ["INT", "TERM"] {
        let mut running = Running::start(&[]);
        let kill = Command::new("kill")
            .args(["-s", signal, &running.child.id().to_string()])
            .status()
            .unwrap();
        assert!(kill.success());
        assert!(running.child.wait().unwrap().success(), "{signal}");
    }
}

#[test]
fn a_mistake_on_the_command_line_is_named() {
    for (arguments, status, named) in [
        (["--prot", "1"], 2, "--prot"),
        (["--port", "many"], 2, "many"),
        (["--spec", "/no/such/file"], 1, "/no/such/file"),
        (["--spec", "http://vendor.example/docs"], 1, "https"),
    ] {
        let (found, error) = fails(&arguments);
        assert_eq!(found, Some(status), "{error}");
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (status, error) = fails(&["--port", &port]);
    assert_eq!(status, Some(1));
    assert!(error.contains(&port), "{error}");
}

#[test]
fn the_story_of_the_readme_is_true() {
    let running = Running::start(&["--seed", "7"]);
    let readme = include_str!("../README.md");
    let (_, story) = readme.split_once("## The story of a bank by hand").unwrap();
    let (_, story) = story.split_once("```sh\n").unwrap();
    let (story, _) = story.split_once("```").unwrap();
    let story = story.replacen("http://127.0.0.1:8787", &running.url, 1);
    let told = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &story])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&told.stderr), "", "{told:?}");
    let lines: Vec<_> = std::str::from_utf8(&told.stdout).unwrap().lines().collect();
    // What stands behind the lines that print.
    let said: Vec<_> = story
        .lines()
        .filter_map(|line| Some((line, line.rsplit_once("  # ")?.1)))
        .filter(|(line, _)| line.starts_with("as $user/banks/$bank/ach") || line.contains("/ledger"))
        .map(|(_, said)| said)
        .collect();
    assert_eq!(lines, said);
    assert_eq!(lines.len(), 4);
}
