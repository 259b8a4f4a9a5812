//! The formats: deterministic, valid against their schemas, and safe for any text in a document.

use serde_json::{Value, json};

use crate::support::{changed, check_spec, check_spec_of, file, pinned, root, without_relink};

const FORMATS: [&str; 7] = ["text", "json", "markdown", "github", "sarif", "junit", "html"];

/// A document of staging with findings of many kinds: refused, unreadable, tolerated, removed, new, accepted, prose.
fn rich() -> Vec<u8> {
    changed(|document| {
        let paths = document["paths"].as_object_mut().unwrap();
        paths
            .remove("/v1/users/{userId}/banks/{bankId}:requestLink")
            .unwrap();
        let link = &mut paths["/v1/users/{userId}/banks:requestLink"]["post"];
        let secret = json!({"in": "header", "name": "ratio-client-secret", "required": true, "schema": {"type": "string"}});
        link["parameters"].as_array_mut().unwrap().push(secret);
        let get = json!({"responses": {"200": {"description": "the bank"}}});
        paths["/v1/users/{userId}/banks/{bankId}"]["get"] = get;
        let delete = &mut paths["/v1/users/{userId}/banks/{bankId}"]["delete"];
        delete["description"] = "other words".into();
        delete["responses"]["429"] = delete["responses"]["404"].clone();
        let schemas = &mut document["components"]["schemas"];
        schemas["InitiateAchRequest"]["properties"]["cryptoCurrency"]["enum"] = json!(["ETH", "MATIC"]);
        schemas["BankAccount"]["properties"]["name"]["nullable"] = true.into();
        schemas["BankAccount"]["properties"]["linkStatus"]["enum"]
            .as_array_mut()
            .unwrap()
            .push("FROZEN".into());
        schemas["Wallet"]["properties"]["network"] = json!({"type": "integer"});
        schemas["User"]["properties"]
            .as_object_mut()
            .unwrap()
            .remove("preferredMfaMethod")
            .unwrap();
    })
}

fn policy() -> String {
    root()
        .join("xtask/tests/commands/drift.toml")
        .display()
        .to_string()
}

fn printed(document: &[u8], format: &str) -> String {
    let output = check_spec_of(document, &["--format", format, "--policy", &policy()]);
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    if format == "html" {
        // Style and script are checked in their own files.
        let (head, rest) = text.split_once("<style>").unwrap();
        let (_, rest) = rest.split_once("</style>").unwrap();
        let (body, rest) = rest.split_once("<script>").unwrap();
        let (_, tail) = rest.split_once("</script>").unwrap();
        return format!("{head}{}{tail}", body.replace("><", ">\n<"));
    }
    text
}

#[test]
fn drift_is_told_in_every_format() {
    for format in FORMATS {
        insta::assert_snapshot!(format!("drift.{format}"), printed(&rich(), format));
    }
}

#[test]
fn no_drift_is_told_in_every_format() {
    for format in FORMATS {
        let output = check_spec_of(&pinned(), &["--format", format]);
        assert_eq!(output.status.code(), Some(0));
        if format != "html" {
            insta::assert_snapshot!(
                format!("clean.{format}"),
                String::from_utf8(output.stdout).unwrap()
            );
        }
    }
}

/// A report about no comparison could be mistaken for a report without drift. Only the workflow format prints an
/// annotation.
#[test]
fn a_check_that_could_not_be_made_prints_no_report() {
    for format in FORMATS {
        let output = check_spec_of(b"{\"openapi\": \"3.0.0\"", &["--format", format]);
        assert_eq!(output.status.code(), Some(3));
        let printed = String::from_utf8(output.stdout).unwrap();
        if format == "github" {
            insta::assert_snapshot!("unable.github", printed);
        } else {
            assert_eq!(printed, "", "{format}");
        }
        insta::assert_snapshot!("unable.stderr", String::from_utf8(output.stderr).unwrap());
    }
}

#[test]
fn two_runs_give_the_same_bytes_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let staging = file(&folder, "staging.json", &rich());
    let run = |name: &str| {
        let reports = FORMATS.map(|format| {
            format!(
                "{format}={}",
                folder.path().join(format!("{name}.{format}")).display()
            )
        });
        let mut arguments = vec!["--staging", &staging];
        arguments.extend(reports.iter().flat_map(|report| ["--report", report]));
        let output = check_spec(&arguments);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        FORMATS.map(|format| std::fs::read(folder.path().join(format!("{name}.{format}"))).unwrap())
    };
    let (first, second) = (run("first"), run("second"));
    for (format, (first, second)) in FORMATS.iter().zip(first.iter().zip(&second)) {
        assert!(first == second, "{format}");
        assert!(!first.is_empty(), "{format}");
    }
}

fn schema() -> Value {
    let schema = std::fs::read(root().join("spec/report.schema.json")).unwrap();
    serde_json::from_slice(&schema).unwrap()
}

#[test]
fn the_json_report_keeps_to_its_published_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (name, bytes) in [("same", pinned()), ("gone", without_relink()), ("rich", rich())] {
        for scope in ["bank", "all"] {
            let output = check_spec_of(
                &bytes,
                &["--format", "json", "--scope", scope, "--policy", &policy()],
            );
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&report)
                .map(|e| format!("{} {e}", e.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{name} {scope}: {errors:?}");
        }
    }
}

/// A schema that allows anything would not verify the report.
#[test]
fn the_published_schema_names_and_requires_every_field() {
    let mut open = vec![(String::new(), schema())];
    let mut objects = 0;
    while let Some((at, value)) = open.pop() {
        if let Value::Object(map) = &value {
            let properties = map
                .get("properties")
                .and_then(Value::as_object)
                .filter(|_| map.contains_key("type"));
            if let Some(properties) = properties {
                objects += 1;
                assert_eq!(map.get("additionalProperties"), Some(&json!(false)), "{at}");
                let required = map["required"].as_array().unwrap();
                // The parts of a message are present only if a message was made.
                let optional = properties.keys().filter(|name| !required.contains(&json!(name)));
                assert!(
                    optional.clone().all(|name| name == "message"),
                    "{at}: {:?}",
                    optional.collect::<Vec<_>>()
                );
            }
        }
        match value {
            Value::Object(map) => {
                open.extend(map.into_iter().map(|(key, value)| (format!("{at}/{key}"), value)));
            }
            Value::Array(items) => open.extend(items.into_iter().map(|value| (format!("{at}/-"), value))),
            _ => {}
        }
    }
    assert!(objects > 8, "the schema describes {objects} objects");
}

#[test]
fn a_workflow_gets_a_summary_beside_its_annotations() {
    let folder = tempfile::tempdir().unwrap();
    let summary = file(&folder, "summary.md", b"before\n");
    let staging = file(&folder, "staging.json", &without_relink());
    let output = crate::support::check_spec_with(
        &["--staging", &staging, "--format", "github"],
        &[("GITHUB_STEP_SUMMARY", &summary)],
    );
    let annotations = String::from_utf8(output.stdout).unwrap();
    assert!(
        annotations.starts_with("::error title=check-spec::1 breaking")
            && annotations.contains("\n::error file=spec/api-docs.json,line="),
        "{annotations}"
    );
    assert!(
        annotations.lines().all(|line| line.starts_with("::")),
        "{annotations}"
    );
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(
        summary.starts_with("before\n## API drift: 1 breaking"),
        "{summary}"
    );
}

/// In `check-spec | head`, the closed pipe is not an error, and the exit code is still that of the drift.
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    use std::io::Read;
    let folder = tempfile::tempdir().unwrap();
    let staging = file(&folder, "staging.json", &rich());
    let mut child = crate::support::command(
        "check-spec",
        &["--staging", &staging, "--scope", "all", "--format", "json"],
    )
    .stdout(std::process::Stdio::piped())
    .stderr(std::process::Stdio::piped())
    .spawn()
    .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 10]).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn quiet_is_a_line_for_what_fails_and_verbose_is_everything() {
    let printed = |argument| {
        let output = check_spec_of(&rich(), &["--policy", &policy(), argument]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.lines().all(|line| line.starts_with("detail: ")), "{said}");
        assert_eq!(said.is_empty(), argument == "--quiet", "{said}");
        String::from_utf8(output.stdout).unwrap()
    };
    let quiet = printed("--quiet");
    assert_eq!(quiet.lines().count(), 4, "{quiet}");
    let usual = String::from_utf8(check_spec_of(&rich(), &["--policy", &policy()]).stdout).unwrap();
    assert!(usual.ends_with(&quiet), "a report ends with what -q prints");
    assert!(
        quiet.lines().take(3).all(|line| line.starts_with("breaking[")),
        "{quiet}"
    );
    let verbose = printed("-v");
    assert!(verbose.contains("cosmetic[prose-changed]") && verbose.contains("additive[operation-added]"));
    assert!(
        !quiet.contains('\u{1b}') && !verbose.contains('\u{1b}'),
        "colours are for terminals"
    );
}

/// A document with everything that a vendor or an attacker could put into it: markup, terminal commands, line breaks,
/// characters that reorder text, very long texts.
#[test]
fn what_a_document_says_cannot_break_out_of_a_report() {
    let evil = "\u{1b}[2J\u{9b}1m\u{202e}\u{fffe}\u{ffff}##[error]www.evil.example</pre></script><script>alert(1)</script>\r\n::error::x ]]> ` | \" ' <!-- %0A @all";
    let long = "x".repeat(200_000);
    let document = changed(|document| {
        let paths = document["paths"].as_object_mut().unwrap();
        let get = json!({"get": {"summary": evil, "responses": {"204": {"description": evil}}}});
        paths.insert(format!("/v1/users/{{userId}}/banks/{evil}"), get);
        let link = &mut paths["/v1/users/{userId}/banks:requestLink"]["post"];
        link["parameters"]
            .as_array_mut()
            .unwrap()
            .push(json!({"in": "header", "name": evil, "required": true, "schema": {"type": "string"}}));
        let schemas = &mut document["components"]["schemas"];
        let status = &mut schemas["BankAccount"]["properties"]["linkStatus"]["enum"];
        status.as_array_mut().unwrap().extend([json!(evil), json!(long)]);
        schemas["BankAccount"]["properties"][evil] = json!({"type": "string"});
        schemas["BankAccount"]["properties"][&long] = json!({"type": "string"});
        let required = json!(["linkToken", evil, long]);
        schemas["ActivateBankLinkRequest"]["required"] = required;
        schemas["ActivateBankLinkRequest"]["properties"][evil] =
            json!({"type": "string", "description": evil});
    });
    let folder = tempfile::tempdir().unwrap();
    for scope in ["bank", "all"] {
        let path = |format: &str| folder.path().join(format).display().to_string();
        let reports = FORMATS.map(|format| format!("{format}={}", path(format)));
        let mut arguments = vec!["--scope", scope];
        arguments.extend(reports.iter().flat_map(|report| ["--report", report]));
        let output = check_spec_of(&document, &arguments);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        for format in FORMATS {
            let text = std::fs::read_to_string(path(format)).unwrap();
            let acted_on = |c: char| "\u{1b}\u{9b}\u{202e}\r\u{fffe}\u{ffff}".contains(c);
            assert!(!text.contains(acted_on), "{format}: a terminal acts on it");
            assert!(!text.contains("##[error]"), "{format}: a runner acts on it");
            match format {
                "text" => assert!(text.lines().all(|line| line.len() < 5_000), "a line without end"),
                "github" => assert!(
                    text.lines()
                        .all(|line| line.starts_with("::") && !line.starts_with("::error::x"))
                        && text.lines().count() <= 60
                ),
                "html" => assert!(!text.contains("<script>alert"), "{format}"),
                "junit" => {
                    assert!(!text.contains("<script>alert"));
                    quick_junit::Report::deserialize_from_str(&text).unwrap();
                }
                "markdown" => {
                    assert!(text.len() < 65_536, "GitHub takes no more: {}", text.len());
                    let outside_code = text.lines().filter(|line| !line.contains('`'));
                    let outside_code = outside_code.collect::<String>();
                    assert!(
                        !outside_code.contains("<script>") && !outside_code.contains("www."),
                        "{text}"
                    );
                }
                _ => drop(serde_json::from_str::<Value>(&text).unwrap()),
            }
        }
    }
}
