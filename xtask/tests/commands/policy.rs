//! What drift.toml accepts, and what it cannot hide.

use crate::support::{check_spec, file, root, without_relink};

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
