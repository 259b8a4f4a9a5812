//! Where documents come from, and which of their operations are compared.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::mpsc;

use serde_json::json;

use crate::support::{Place, other_pets, pets};

#[test]
fn two_files_are_compared_and_the_exit_code_says_how() {
    let place = Place::with(&pets(), &other_pets());
    let ran = place.compare(&[]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("breaking[request-"), "{}", ran.out);
    assert_eq!(place.run(&["base.json", "base.json"]).code, 0);
    assert_eq!(place.compare(&["--fail-on", "never"]).code, 0);
    assert_eq!(place.run(&["base.json"]).code, 2);
    assert_eq!(place.run(&["base.json", "nowhere.json"]).code, 3);
}

#[test]
fn a_document_may_be_a_folder_of_several_files() {
    let place = Place::new();
    let root = "openapi: 3.0.3\npaths:\n  /pets:\n    get:\n      responses:\n        '200':\n          description: ok\n          \
                content:\n            application/json:\n              schema:\n                $ref: schemas/pet.yaml#/Pet\n";
    for (folder, kind) in [("old", "string"), ("new", "integer")] {
        place.lay(&format!("{folder}/openapi.yaml"), root);
        let pet = format!(
            "Pet:\n  type: object\n  required: [name]\n  properties:\n    name:\n      type: {kind}\n"
        );
        place.lay(&format!("{folder}/schemas/pet.yaml"), &pet);
    }
    let ran = place.run(&["old", "new"]);
    assert_eq!(ran.code, 1, "{} {}", ran.out, ran.err);
    assert!(ran.out.contains("old/schemas/pet.yaml:5:5"), "{}", ran.out);

    let ran = place.run(&["old/schemas", "new"]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("the folder holds no document"), "{}", ran.err);
}

#[test]
fn standard_input_is_one_of_the_documents() {
    let place = Place::with(&pets(), &other_pets());
    let ran = place.run_with(&pets().to_string(), &["-", "revision.json"], &[]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.out.contains("base: <stdin>"), "{}", ran.out);
    let both = place.run_with("", &["-", "-"], &[]);
    assert_eq!(both.code, 2);
    assert!(
        both.err.contains("cannot both") || both.err.contains("both documents"),
        "{}",
        both.err
    );
}

fn git(place: &Place, arguments: &[&str]) {
    let ran = Command::new("git")
        .args([
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@x.example",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .current_dir(place.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

#[test]
fn a_file_or_a_folder_of_a_commit_is_a_document() {
    let place = Place::new();
    git(&place, &["init", "-q"]);
    place.lay("api/openapi.json", &pets().to_string());
    place.lay("api/shared.json", "{}");
    git(&place, &["add", "."]);
    git(&place, &["commit", "-qm", "one"]);
    place.lay("api/openapi.json", &other_pets().to_string());
    for base in ["HEAD:api/openapi.json", "HEAD:api", "main:./api/openapi.json"] {
        let ran = place.run(&[base, "api/openapi.json"]);
        assert_eq!(ran.code, 1, "{base}: {}", ran.err);
        assert!(
            ran.out.contains("HEAD:api/openapi.json:1:") || base.starts_with("main"),
            "{}",
            ran.out
        );
    }
    assert_eq!(place.run(&["HEAD:api", "HEAD:api"]).code, 0);

    for (base, says) in [
        ("HEAD:nowhere.json", "does not exist"),
        ("nowhere:api", "invalid object name"),
    ] {
        let ran = place.run(&[base, "api/openapi.json"]);
        assert_eq!(ran.code, 3, "{base}");
        assert!(ran.err.to_lowercase().contains(says), "{}", ran.err);
        assert!(
            ran.err.contains("`REV:PATH` names a file of a commit"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn other_files_of_a_commits_document_come_from_that_commit() {
    let place = Place::new();
    git(&place, &["init", "-q"]);
    let root = json!({"openapi": "3.0.3", "paths": {"/pets": {"get": {"responses": {"200": {"description": "ok",
        "content": {"application/json": {"schema": {"$ref": "pet.json#/Pet"}}}}}}}}});
    place.lay("openapi.json", &root.to_string());
    place.lay("pet.json", r#"{"Pet": {"type": "string"}}"#);
    git(&place, &["add", "."]);
    git(&place, &["commit", "-qm", "one"]);
    place.lay("pet.json", r#"{"Pet": {"type": "integer"}}"#);
    let ran = place.run(&["HEAD:openapi.json", "openapi.json"]);
    assert_eq!(ran.code, 1, "{} {}", ran.out, ran.err);
    assert!(!ran.out.contains("the very same document"), "{}", ran.out);
    assert!(ran.out.contains("HEAD:pet.json:1:2"), "{}", ran.out);
}

#[test]
fn a_secret_header_is_for_the_server_of_the_revision() {
    let serve = |body: String| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/openapi.json", listener.local_addr().unwrap());
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            let answer = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            let _ = stream.write_all(answer.as_bytes());
            tell.send(String::from_utf8(head).unwrap()).unwrap();
        });
        (url, told)
    };
    let (base, base_was_sent) = serve(pets().to_string());
    let (revision, revision_was_sent) = serve(other_pets().to_string());
    let place = Place::new();
    let ran = place.run_with(
        "",
        &[&base, &revision],
        &[("OPENAPI_DRIFT_HEADERS", "X-Key: hunter2")],
    );
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(!base_was_sent.recv().unwrap().contains("hunter2"));
    assert!(revision_was_sent.recv().unwrap().contains("hunter2"));
    assert!(!format!("{ran:?}").contains("hunter2"));
}

#[test]
fn only_what_a_caller_uses_is_compared() {
    let place = Place::with(&pets(), &other_pets());
    place.lay(
        "used.txt",
        "# what we call\nGET /pets/{petId}\n\ndelete /pets/{id} # rarely\n",
    );
    let rules = |arguments: &[&str]| -> Vec<String> {
        let report = place.report(arguments);
        let findings = report["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|it| it["rule"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(rules(&[]).len(), 4);
    for chosen in [
        &["--operation", "GET /pets/{any}"][..],
        &["--tag", "read"],
        &["--operations", "used.txt"],
    ] {
        let rules = rules(chosen);
        assert!(
            rules.contains(&"response-property-lost".to_owned()),
            "{chosen:?}: {rules:?}"
        );
        assert!(
            !rules.iter().any(|rule| rule.starts_with("request-")),
            "{chosen:?}: {rules:?}"
        );
    }
    assert_eq!(rules(&["--path-prefix", "/pets"]).len(), 4);
    assert_eq!(place.report(&["--tag", "read"])["compared"], 1);
    assert_eq!(place.compare(&["--operation", "DELETE /pets/{id}"]).code, 0);

    for (unknown, says) in [
        (["--operation", "PUT /pets"], "PUT /pets (the path has POST)"),
        (
            ["--path-prefix", "/pet"],
            "--path-prefix /pet (it ends where a part of a path does)",
        ),
        (
            ["--tag", "Read"],
            "--tag Read (no operation has it, in this spelling)",
        ),
        (["--operation", "pets"], "METHOD PATH"),
        (["--operations", "nowhere.txt"], "nowhere.txt"),
    ] {
        let ran = place.compare(&unknown);
        assert_eq!(ran.code, 2, "{unknown:?}");
        assert!(ran.err.contains(says), "{unknown:?}: {}", ran.err);
    }
}

#[test]
fn a_failed_comparison_writes_a_report_without_an_all_clear() {
    let empty = json!({"openapi": "3.0.3", "paths": {}});
    let place = Place::with(&empty, &pets());
    let ran = place.compare(&["--format", "json"]);
    assert_eq!(ran.code, 3);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["compared"], 0);
    assert!(ran.err.contains("no operation could be compared"), "{}", ran.err);
}

/// What leaves the machine is to go through the proxy; the HTTP client would go without one that it cannot read.
#[test]
fn a_proxy_that_cannot_be_used_is_told_and_not_passed_by() {
    let place = Place::with(&pets(), &pets());
    for (proxy, told) in [
        (
            "socks5://me:hunter2@127.0.0.1:1",
            "`HTTPS_PROXY` names a proxy of another kind",
        ),
        (
            "ftp://me:hunter2@127.0.0.1:1",
            "`HTTPS_PROXY` is no address of a proxy",
        ),
        (
            "http://me:hun ter2@127.0.0.1:1",
            "`HTTPS_PROXY` is no address of a proxy",
        ),
        ("http://me:hunter2@[::1", "`HTTPS_PROXY` is no address of a proxy"),
    ] {
        let environment = [("HTTPS_PROXY", proxy), ("ALL_PROXY", ""), ("all_proxy", "")];
        let arguments = ["base.json", "https://docs.invalid/api.json", "--retries", "0"];
        let ran = place.run_with("", &arguments, &environment);
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert!(ran.err.contains(told), "{proxy}: {}", ran.err);
        assert!(
            !ran.err.contains("hunter2") && !ran.err.contains("ter2"),
            "{}",
            ran.err
        );
    }
}

#[test]
fn an_address_without_its_scheme_is_shown_without_what_may_be_a_secret() {
    let place = Place::with(&pets(), &pets());
    for address in [
        "localhost:8080/docs?token=hunter2",
        "api.example:443/docs?hunter2#hunter2",
        "api.example:443/docs#hunter2",
        "me:hunter2@api.example/docs",
    ] {
        let ran = place.run(&["base.json", address]);
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert!(ran.err.contains("/docs"), "{}", ran.err);
        assert!(!ran.err.contains("hunter2"), "{}", ran.err);
    }
}
