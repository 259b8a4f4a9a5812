//! The formats: the same bytes on every run, held to their schemas, safe against what a document says.

use crate::support::{changed, check_spec, file, pinned, root, without_relink};

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
