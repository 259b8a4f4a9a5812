//! The acceptances in drift.toml, and the findings that it cannot hide.

use serde_json::Value;

use crate::support::{changed, check_spec, file, report, root, without_relink};

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
        text.contains("rust: Session::request_bank_relink removed"),
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

fn accept(rule: &str, at: &str) -> String {
    format!("[[accept]]\nrule = \"{rule}\"\nat = \"{at}\"\nreason = \"known\"\nexpires = 2027-01-01\n")
}

fn with_policy(document: &[u8], policy: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let staging = file(&folder, "staging.json", document);
    let policy = file(&folder, "drift.toml", policy.as_bytes());
    report(&["--staging", &staging, "--policy", &policy])
}

/// The findings: rule, level, and whether each is accepted.
fn told(report: &Value) -> Vec<(String, String, bool)> {
    let findings = report["findings"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .iter()
        .map(|it| (text(&it["rule"]), text(&it["level"]), it["accepted"].is_object()))
        .collect()
}

fn without_names() -> Vec<u8> {
    changed(|document| {
        let user = document["components"]["schemas"]["User"]["properties"]
            .as_object_mut()
            .unwrap();
        user.remove("firstName").unwrap();
        user.remove("lastName").unwrap();
    })
}

#[test]
fn an_acceptance_holds_for_one_place_and_nothing_beside_it() {
    let lost = "response-property-lost";
    let report = with_policy(
        &without_names(),
        &accept(lost, "/components/schemas/User/properties/lastName"),
    );
    assert_eq!(
        told(&report),
        [
            (lost.to_owned(), "risky".to_owned(), false),
            (lost.to_owned(), "risky".to_owned(), true)
        ]
    );
    assert_eq!(
        report["findings"][0]["pinned_at"],
        "/components/schemas/User/properties/firstName"
    );
    assert_eq!(
        (&report["counts"]["risky"], &report["counts"]["accepted"]),
        (&1.into(), &1.into())
    );

    // The container of a removed part is not its place, since the entry would also accept the next removal.
    let report = with_policy(&without_names(), &accept(lost, "/components/schemas/User"));
    assert!(told(&report).iter().all(|(_, _, accepted)| !accepted));
    assert_eq!(report["policy"][0]["kind"], "unused");
}

#[test]
fn what_is_new_is_accepted_by_its_place_in_staging() {
    let staging = changed(|document| {
        let post = &mut document["paths"]["/v1/users/{userId}/banks:requestLink"]["post"];
        let header =
            serde_json::json!({"in": "header", "name": "x", "required": true, "schema": {"type": "string"}});
        post["parameters"].as_array_mut().unwrap().push(header);
    });
    let at = "/paths/~1v1~1users~1{userId}~1banks:requestLink/post/parameters/2";
    let report = with_policy(&staging, &accept("parameter-required-added", at));
    assert_eq!(report["failed"], false);
    assert_eq!(report["verdict"], Value::Null);
    assert_eq!(
        report["semver"], "major",
        "the next client is another one all the same"
    );
}

#[test]
fn a_rule_gets_another_level_and_the_report_says_who_said_so() {
    let policy = "[levels]\n\"response-property-lost\" = \"breaking\"\n\"operation-removed\" = \"risky\"\n";
    let report = with_policy(&without_names(), policy);
    assert_eq!(report["failed"], true);
    for finding in report["findings"].as_array().unwrap() {
        assert_eq!(finding["level"], "breaking");
        let because = finding["level_because"].as_str().unwrap();
        assert!(
            because.ends_with("drift.toml says so at line 2; it was risky"),
            "{because}"
        );
    }
    let remark = &report["policy"][0];
    assert_eq!(
        (&remark["kind"], &remark["message"]),
        (&"unused".into(), &"no finding of rule `operation-removed`".into())
    );
    assert!(
        remark["place"].as_str().unwrap().ends_with("drift.toml:3:1"),
        "{remark}"
    );
}

/// A level in the policy takes precedence over the result of the replay.
#[test]
fn a_level_of_the_policy_stands_over_what_the_replay_made_of_it() {
    let nullable = changed(|document| {
        document["components"]["schemas"]["BankAccount"]["properties"]["name"]["nullable"] = true.into();
    });
    assert_eq!(told(&with_policy(&nullable, ""))[0].1, "risky");
    let report = with_policy(
        &nullable,
        "[levels]\n\"response-null-unreadable\" = \"breaking\"\n",
    );
    assert_eq!(told(&report)[0].1, "breaking");
}

#[test]
fn a_policy_that_was_asked_for_has_to_be_there() {
    let document = root().join("spec/api-docs.json").display().to_string();
    let output = check_spec(&["--staging", &document, "--policy", "no-such-policy.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no-such-policy.toml: there is no such policy"));
}

/// An operation that no document has cannot be checked, and its author would not notice.
#[test]
fn an_operation_that_neither_document_has_is_named_with_its_line() {
    let folder = crate::support::own_pin();
    let toml = std::fs::read_to_string(folder.path().join("pin.toml")).unwrap();
    let line = toml.lines().count() + 1;
    let staging = root().join("spec/api-docs.json").display().to_string();
    for (method, path) in [
        ("GET", "/v1/users/{userId}/nothing"),
        ("PUT", "/v1/users/{userId}"),
        ("GET", "/v1/users/{userId}/"),
        ("PARAMETERS", "/v1/users/{userId}"),
    ] {
        let entry = format!("[[operation]]\nmethod = \"{method}\"\npath = \"{path}\"\nname = \"typo\"\n");
        let pin = file(&folder, "typo.toml", format!("{toml}{entry}").as_bytes());
        let output = check_spec(&["--pin", &pin, "--staging", &staging]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(
            said.contains(&format!("typo.toml:{line}: {method} {path}\n")),
            "{said}"
        );
        assert!(output.stdout.is_empty());
    }
    // A comparison of all operations ignores the operations in the pin.
    let entry = "[[operation]]\nmethod = \"GET\"\npath = \"/nowhere\"\nname = \"typo\"\n";
    let pin = file(&folder, "typo.toml", format!("{toml}{entry}").as_bytes());
    let output = check_spec(&["--pin", &pin, "--staging", &staging, "--scope", "all"]);
    assert_eq!(output.status.code(), Some(0));
    let many: String = (0..1_000)
        .map(|n| format!("[[operation]]\nmethod = \"GET\"\npath = \"/{n}\"\nname = \"many{n}\"\n"))
        .collect();
    let pin = file(&folder, "many.toml", format!("{toml}{many}").as_bytes());
    let output = check_spec(&["--pin", &pin, "--staging", &staging]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("GET /49\n… and 950 more\n"), "{said}");
    // An operation that only staging has is new there, regardless of the names of its parameters.
    let more = changed(|document| {
        let get = serde_json::json!({"responses": {"204": {"description": "nothing"}}});
        document["paths"]["/v1/users/{id}/nothing"]["get"] = get;
    });
    let entry =
        "[[operation]]\nmethod = \"GET\"\npath = \"/v1/users/{userId}/nothing\"\nname = \"get_nothing\"\n";
    let pin = file(&folder, "new.toml", format!("{toml}{entry}").as_bytes());
    let staging = file(&folder, "staging.json", &more);
    let output = check_spec(&["--pin", &pin, "--staging", &staging]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_pin_that_names_no_operation_is_refused_with_its_line() {
    let folder = crate::support::own_pin();
    let toml = std::fs::read_to_string(folder.path().join("pin.toml")).unwrap();
    let (document, _) = toml.split_once("[[operation]]").unwrap();
    for (text, place) in [
        (
            format!("operation = []\n{document}"),
            "none.toml:1: no operation is named",
        ),
        (document.to_owned(), "missing field `operation`"),
    ] {
        let pin = file(&folder, "none.toml", text.as_bytes());
        for name in ["check-spec", "pin-spec"] {
            let output = crate::support::command(name, &["--pin", &pin]).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{said}");
            assert!(said.contains(place), "{said}");
        }
    }
}

#[test]
fn each_of_many_acceptances_is_told_with_its_place() {
    let number = 20_000;
    let entries = (0..number).map(|n| accept("response-property-lost", &format!("/components/schemas/S{n}")));
    let in_lines: String = entries.collect();
    let inline = (0..number).map(|n| {
        format!(
            "{{rule = \"response-property-lost\", at = \"/s/{n}\", reason = \"x\", expires = 2027-01-01}}, "
        )
    });
    let in_one = format!("accept = [{}]\n", inline.collect::<String>());
    for (policy, last) in [
        (in_lines, format!("drift.toml:{}:1", 5 * number - 4)),
        (
            in_one.clone(),
            format!("drift.toml:1:{}", in_one.rfind('{').unwrap() + 1),
        ),
    ] {
        let report = with_policy(&without_names(), &policy);
        let remarks = report["policy"].as_array().unwrap();
        assert_eq!(remarks.len(), number);
        let place = remarks[number - 1]["place"].as_str().unwrap();
        assert!(place.ends_with(&last), "{place} instead of {last}");
    }
}

/// The command writes entries that `check-spec` reads, to a file that does not exist yet.
#[test]
fn a_finding_is_accepted_by_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let staging = file(&folder, "staging.json", &without_relink());
    let policy = folder.path().join("drift.toml").display().to_string();
    let found = report(&["--staging", &staging]);
    let id = found["findings"][0]["id"].as_str().unwrap();
    let output = crate::support::command(
        "accept",
        &[
            &id[..8],
            "--until",
            "2027-01-31",
            "--reason",
            "we never relink",
            "--staging",
            &staging,
            "--policy",
            &policy,
            "--today",
            "2026-11-24",
        ],
    )
    .output()
    .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        check_spec(&["--staging", &staging, "--policy", &policy])
            .status
            .code(),
        Some(0)
    );
}
