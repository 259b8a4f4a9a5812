//! The GitHub action's scripts, with a stand-in for `gh` and a real git repository.
#![cfg(unix)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Tells what it was asked, and keeps the body that it was given; `GH_IDS` are the comments that it finds, and `GH_FAILS`
/// what it may not do.
const GH: &str = r#"#!/usr/bin/env bash
echo "$*" >> "$GH_LOG"
for argument in "$@"; do
    case "$argument" in
        body=@*) cp "${argument#body=@}" "$GH_LOG.body" ;;
    esac
done
if [ -n "$GH_FAILS" ] && [[ "$*" == *"$GH_FAILS"* ]]; then
    echo "gh: Resource not accessible by integration (HTTP 403)" >&2
    exit 1
fi
if [[ "$*" == *--jq* ]]; then printf '%s' "$GH_IDS"; fi
"#;

/// A repository with a document, a stand-in for `gh`, and what a runner hands to an action.
struct Job {
    folder: TempDir,
}

impl Job {
    fn new(base: &Value, revision: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let job = Self { folder };
        job.lay("bin/gh", GH);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(job.path("bin/gh"), mode).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_openapi-drift"), job.path("bin/openapi-drift"))
            .unwrap();
        job.lay("repository/openapi.json", &base.to_string());
        for arguments in [&["init", "-q"][..], &["add", "."], &["commit", "-qm", "base"]] {
            let git = Command::new("git")
                .args(["-c", "user.name=x", "-c", "user.email=x@x.example"])
                .args(arguments)
                .current_dir(job.path("repository"))
                .status();
            assert!(git.unwrap().success());
        }
        job.lay("repository/openapi.json", &revision.to_string());
        job
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn lay(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(path)
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn script(&self, name: &str, environment: &[(&str, &str)]) -> Output {
        let actions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../action");
        let path = format!(
            "{}:{}",
            self.path("bin").display(),
            std::env::var("PATH").unwrap()
        );
        Command::new("bash")
            .arg(actions.join(name))
            .current_dir(self.path("repository"))
            .env("PATH", path)
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_OUTPUT", self.path("output"))
            .env("GITHUB_STEP_SUMMARY", self.path("summary"))
            .env("GITHUB_REPOSITORY", "us/pets")
            .env("GITHUB_RUN_ID", "7")
            .env("GH_LOG", self.path("gh"))
            .env("GH_IDS", "")
            .env("GH_FAILS", "")
            .env("NAME", "api")
            .env("PULL_REQUEST", "5")
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }

    /// Compares what was committed with what is there, and returns an output of the step by its name.
    fn check(&self, environment: &[(&str, &str)]) -> impl Fn(&str) -> String {
        let fixed = [
            ("BASE", "HEAD:openapi.json"),
            ("REVISION", "openapi.json"),
            ("FAIL_ON", "breaking"),
            ("ARGUMENTS", "--today\n2026-11-24\n"),
            ("POLICY", ""),
        ];
        let ran = self.script("check.sh", &[&fixed, environment].concat());
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let outputs = self.read("output");
        move |name| {
            let line = outputs
                .lines()
                .filter_map(|line| line.split_once('='))
                .find(|(key, _)| *key == name);
            line.map_or_else(String::new, |(_, value)| value.to_owned())
        }
    }

    /// Comments on what a check came to; what was asked of `gh`, and the body that it was given.
    fn comment(&self, exit: &str, environment: &[(&str, &str)]) -> (String, String) {
        let folder = self.path("temp/openapi-drift-api").display().to_string();
        let fixed = [("EXIT", exit), ("FOLDER", folder.as_str())];
        let ran = self.script("comment.sh", &[&fixed, environment].concat());
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let said = String::from_utf8(ran.stdout).unwrap();
        (self.read("gh") + &said, self.read("gh.body"))
    }
}

fn document(limit: u32, prose: &str) -> Value {
    let schema = json!({"type": "object", "properties": {"name": {"type": "string", "maxLength": limit}}});
    let body = json!({"content": {"application/json": {"schema": schema}}});
    let post =
        json!({"description": prose, "requestBody": body, "responses": {"204": {"description": "made"}}});
    json!({"openapi": "3.0.3", "paths": {"/pets": {"post": post}}})
}

#[test]
fn no_drift_is_green_and_writes_no_comment() {
    let job = Job::new(&document(100, ""), &document(100, ""));
    let output = job.check(&[]);
    assert_eq!(
        [output("exit"), output("breaking"), output("risky")],
        ["0", "0", "0"]
    );
    assert!(job.read("summary").contains("## API check: 0 breaking"));
    let (asked, _) = job.comment("0", &[]);
    assert!(!asked.contains("POST") && !asked.contains("PATCH"), "{asked}");
}

#[test]
fn drift_is_red_and_told_in_a_comment_that_is_edited_from_then_on() {
    let job = Job::new(&document(100, ""), &document(10, ""));
    let output = job.check(&[]);
    assert_eq!([output("exit"), output("breaking")], ["1", "1"]);
    for report in ["drift.json", "drift.md", "drift.html", "drift.sarif"] {
        assert!(Path::new(&output("folder")).join(report).exists(), "{report}");
    }
    let (asked, body) = job.comment("1", &[]);
    assert!(
        asked.contains("--method POST repos/us/pets/issues/5/comments"),
        "{asked}"
    );
    assert!(
        body.starts_with("<!-- openapi-drift:api -->\n## API drift: 1 breaking"),
        "{body}"
    );
    assert!(body.contains("actions/runs/7"), "{body}");

    let (asked, _) = job.comment("1", &[("GH_IDS", "41\n42\n")]);
    assert!(
        asked.contains("--method PATCH repos/us/pets/issues/comments/41 "),
        "{asked}"
    );
}

#[test]
fn a_comment_says_when_the_drift_is_gone() {
    let job = Job::new(&document(100, ""), &document(100, ""));
    let _ = job.check(&[]);
    let (asked, body) = job.comment("0", &[("GH_IDS", "41")]);
    assert!(
        asked.contains("PATCH") && body.contains("## API check: 0 breaking"),
        "{asked} {body}"
    );
}

#[test]
fn accepted_drift_is_green() {
    let job = Job::new(&document(100, ""), &document(10, ""));
    let accept = Command::new(env!("CARGO_BIN_EXE_openapi-drift"))
        .args([
            "accept",
            "HEAD:openapi.json",
            "openapi.json",
            "--all",
            "--until",
            "2027-01-31",
            "--reason",
            "known",
        ])
        .args(["--today", "2026-11-24", "--policy", "policy.toml"])
        .current_dir(job.path("repository"))
        .output()
        .unwrap();
    assert!(
        accept.status.success(),
        "{}",
        String::from_utf8_lossy(&accept.stderr)
    );
    let output = job.check(&[("POLICY", "policy.toml")]);
    assert_eq!([output("exit"), output("breaking")], ["0", "0"]);
}

#[test]
fn a_failed_check_is_neither_green_nor_drift() {
    let job = Job::new(&document(100, ""), &json!({"openapi": "3.0.3"}));
    let output = job.check(&[("REVISION", "nowhere.json")]);
    assert_eq!([output("exit"), output("breaking")], ["3", ""]);
    let (asked, body) = job.comment("3", &[]);
    assert!(
        asked.contains("POST") && body.contains("could not check"),
        "{asked} {body}"
    );
    assert!(job.read("summary").contains("could not check"));
}

#[test]
fn a_fork_that_may_not_comment_fails_nothing() {
    let job = Job::new(&document(100, ""), &document(10, ""));
    let _ = job.check(&[]);
    for (fails, word) in [("--paginate", "looked for"), ("--method POST", "written")] {
        let (asked, _) = job.comment("1", &[("GH_FAILS", fails)]);
        assert!(
            asked.contains(&format!("the comment could not be {word}")),
            "{asked}"
        );
    }
}

#[test]
fn a_report_longer_than_a_comment_is_told_by_its_first_line() {
    let job = Job::new(&document(100, ""), &document(10, ""));
    let output = job.check(&[]);
    let long = format!("## API drift: 1 breaking\n\n{}\n", "é".repeat(40_000));
    job.lay("temp/openapi-drift-api/drift.md", &long);
    assert!(output("folder").ends_with("openapi-drift-api"));
    let (_, body) = job.comment("1", &[]);
    assert!(
        body.len() < 1_000 && body.contains("## API drift: 1 breaking\n"),
        "{body}"
    );
    assert!(body.contains("longer than a comment can be"), "{body}");
}

#[test]
fn an_input_is_no_command() {
    let job = Job::new(&document(100, ""), &document(10, ""));
    let output = job.check(&[("NAME", "../x; touch owned")]);
    assert_eq!(output("exit"), "2");
    let output = job.check(&[
        ("BASE", "$(touch owned)"),
        ("ARGUMENTS", "--tag\n`touch owned`\n"),
    ]);
    assert!(["2", "3"].contains(&output("exit").as_str()) && !job.path("repository/owned").exists());
}

#[test]
fn a_binary_that_is_not_the_released_one_is_refused() {
    let job = Job::new(&document(100, ""), &document(100, ""));
    let actions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../action");
    // The script with a checksum of its own, and a release that holds something else.
    std::fs::create_dir_all(job.path("action")).unwrap();
    std::fs::copy(actions.join("install.sh"), job.path("action/install.sh")).unwrap();
    let targets = [
        "x86_64-unknown-linux-musl",
        "aarch64-unknown-linux-musl",
        "aarch64-apple-darwin",
        "x86_64-apple-darwin",
    ];
    let sums = targets.map(|target| format!("9.9.9 {target} {}\n", "0".repeat(64)));
    job.lay("action/checksums.txt", &sums.concat());
    for target in targets {
        job.lay(
            &format!("releases/v9.9.9/openapi-drift-{target}.tar.gz"),
            "something else",
        );
    }
    let ran = Command::new("bash")
        .arg(job.path("action/install.sh"))
        .env("VERSION", "9.9.9")
        .env("RUNNER_TEMP", job.path("temp"))
        .env("RELEASES", format!("file://{}", job.path("releases").display()))
        .output()
        .unwrap();
    assert_eq!(
        ran.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    assert!(String::from_utf8_lossy(&ran.stdout).contains("is not the one that was released"));
}
