//! The workflow for consumers, which this repository also runs itself. Its issue is kept by a stand-in for `gh`.
#![cfg(unix)]

use std::io::Write as _;
use std::process::Command;

use crate::support::root;

/// A script that answers like `gh` from the files in its folder, and records its arguments and input.
const GH: &str = r#"#!/usr/bin/env bash
echo "$*" >> "$GH/asked"
while [ $# -gt 0 ]; do
    if [ "$1" = --body-file ]; then cp "$2" "$GH/given-$(basename "$2")"; fi
    case "$1 $2" in
        "issue list") cat "$GH/issue" 2>/dev/null ;;
        "issue view") cat "$GH/body" 2>/dev/null ;;
        "run list") cat "$GH/runs" 2>/dev/null ;;
        api*/jobs) cat "$GH/ended" 2>/dev/null ;;
    esac
    shift
done
exit 0
"#;

fn workflow() -> String {
    std::fs::read_to_string(root().join("docs/check-spec-workflow.yml")).unwrap()
}

/// The script of a step, extracted from its YAML block.
fn script(step: &str) -> String {
    let text = workflow();
    let (_, rest) = text.split_once(&format!("- name: {step}\n")).unwrap();
    let (_, rest) = rest.split_once("run: |\n").unwrap();
    let lines = rest
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with("          "));
    lines
        .map(|line| line.get(10..).unwrap_or_default().to_owned() + "\n")
        .collect()
}

struct Job(tempfile::TempDir);

impl Job {
    fn new() -> Self {
        let job = Self(tempfile::tempdir().unwrap());
        job.lay("bin/gh", GH);
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(job.0.path().join("bin/gh"), mode).unwrap();
        job.lay("drift.md", "## API drift: 1 breaking\n");
        job
    }

    fn lay(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(path)
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap_or_default()
    }

    /// Runs a step like the runner, and returns the calls of `gh`.
    fn step(&self, name: &str) -> String {
        let path = format!(
            "{}:{}",
            self.0.path().join("bin").display(),
            std::env::var("PATH").unwrap()
        );
        let ran = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script(name)])
            .current_dir(self.0.path())
            .env("PATH", path)
            .env("GH", self.0.path())
            .env("GH_REPO", "us/service")
            .env("WORKFLOW", "check-spec")
            .env("RUN_ID", "9")
            .env("RUN", "https://runs.example/9")
            .output()
            .unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        self.read("asked")
    }
}

const ISSUE: &str = "Open, update or close the issue";
const UNCHECKED: &str = "Staging could not be checked";

fn findings(list: &[(&str, &str, bool)]) -> String {
    let findings = list.iter().map(|(id, level, accepted)| {
        serde_json::json!({"id": id, "level": level, "title": format!("`{id}` has changed"),
            "accepted": accepted.then_some("x")})
    });
    serde_json::json!({"findings": findings.collect::<Vec<_>>()}).to_string()
}

#[test]
fn the_repository_runs_the_workflow_that_it_offers() {
    let own = std::fs::read_to_string(root().join(".github/workflows/check-spec.yml")).unwrap();
    assert!(
        own == workflow(),
        "copy docs/check-spec-workflow.yml to .github/workflows/check-spec.yml"
    );
}

#[test]
fn drift_opens_one_issue_and_a_later_run_says_what_is_new() {
    let job = Job::new();
    job.lay(
        "drift.json",
        &findings(&[
            ("aaaaaaaaaaaa", "breaking", false),
            ("bbbbbbbbbbbb", "additive", false),
        ]),
    );
    assert!(job.step(ISSUE).contains("issue create --label api-drift"));
    let body = job.read("given-body.md");
    assert!(body.contains("<!-- known: aaaaaaaaaaaa  -->"), "{body}");

    job.lay("issue", "12\n");
    job.lay("body", &body);
    job.lay("asked", "");
    let asked = job.step(ISSUE);
    assert!(
        asked.contains("issue edit 12") && !asked.contains("comment"),
        "{asked}"
    );

    job.lay(
        "drift.json",
        &findings(&[
            ("aaaaaaaaaaaa", "breaking", false),
            ("cccccccccccc", "risky", false),
        ]),
    );
    let asked = job.step(ISSUE);
    assert!(asked.contains("issue comment 12"), "{asked}");
    let comment = job.read("given-comment.md");
    assert!(
        comment.contains("risky: cccccccccccc has changed") && !comment.contains("aaaaaaaaaaaa"),
        "{comment}"
    );
}

/// The author of a document controls the quotes in a title, including line breaks.
#[test]
fn a_title_writes_no_line_of_the_issue() {
    let title = "`a\n--><h1>owned</h1>@someone\r\u{85}``` @someone` has changed";
    let finding =
        serde_json::json!({"id": "cccccccccccc", "level": "risky", "title": title, "accepted": null});
    let job = Job::new();
    job.lay(
        "drift.json",
        &serde_json::json!({"findings": [finding]}).to_string(),
    );
    job.step(ISSUE);
    let body = job.read("given-body.md");
    assert!(body.contains("<!-- known: cccccccccccc  -->"), "{body}");
    job.lay("issue", "12\n");
    job.lay("body", "<!-- known:  -->");
    job.step(ISSUE);
    let comment = job.read("given-comment.md");
    let told: Vec<&str> = comment.lines().filter(|it| it.starts_with("- ")).collect();
    assert_eq!(
        told,
        ["- ``` risky: a --><h1>owned</h1>@someone  @someone has changed ```"],
        "{comment}"
    );
}

#[test]
fn the_issue_is_closed_when_nothing_at_or_above_risky_is_open() {
    for (left, closes) in [
        (&[("aaaaaaaaaaaa", "risky", false)][..], false),
        (
            &[
                ("aaaaaaaaaaaa", "breaking", true),
                ("bbbbbbbbbbbb", "additive", false),
            ],
            true,
        ),
        (&[], true),
    ] {
        let job = Job::new();
        job.lay("issue", "12\n");
        job.lay("drift.json", &findings(left));
        assert_eq!(job.step(ISSUE).contains("issue close 12"), closes, "{left:?}");
    }
    let job = Job::new();
    job.lay("drift.json", &findings(&[]));
    let asked = job.step(ISSUE);
    assert!(!asked.contains("create") && !asked.contains("close"), "{asked}");
}

#[test]
fn the_third_check_in_a_row_that_could_not_be_made_is_told() {
    for (runs, ended, tells) in [
        ("8\n", "success\n", false),
        ("8\n7\n", "success\n", true),
        ("8\n7\n", "skipped\n", false),
    ] {
        let job = Job::new();
        job.lay("runs", runs);
        job.lay("ended", ended);
        assert_eq!(
            job.step(UNCHECKED).contains("issue create --label api-unchecked"),
            tells,
            "{runs:?} {ended:?}"
        );
    }
    let job = Job::new();
    job.lay("issue", "3\n");
    job.lay("runs", "8\n7\n");
    job.lay("ended", "success\n");
    assert!(!job.step(UNCHECKED).contains("create"), "one is open already");
    assert!(job.step("Staging can be checked again").contains("issue close 3"));
}
