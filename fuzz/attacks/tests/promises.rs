//! Checks that each promise of the project's pages refers to the tests that show it, and that these tests exist.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file's text with single spaces for all white space, because lines may be broken anywhere.
fn text(file: &str) -> String {
    let path = root().join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rows of the table of promises: the promise, its page, and the tests that show it.
fn promises() -> Vec<[String; 3]> {
    let threats = std::fs::read_to_string(root().join("docs/threats.md")).unwrap();
    let (_, table) = threats
        .split_once("| promise | in | shown by |\n|---|---|---|\n")
        .unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let cells: [&str; 3] = cells.try_into().expect("a row has three cells");
        cells.map(str::to_owned)
    })
    .collect()
}

/// Whether a file has a test of this name that CI runs, or the function of a fuzz target, which the test of the seeds
/// runs.
fn shows(file: &str, function: &str) -> bool {
    let path = root().join(file);
    let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let declares = |line: &&str| {
        let begins = ["fn ", "async fn ", "pub(crate) fn "]
            .iter()
            .find_map(|it| line.strip_prefix(it));
        begins
            .and_then(|it| it.strip_prefix(function))
            .is_some_and(|rest| rest.starts_with(['(', '<']))
    };
    let Some(at) = lines.iter().position(declares) else {
        return false;
    };
    let is_target = attacks::TARGETS.iter().any(|(target, _)| *target == function);
    if file.starts_with("fuzz/attacks/src/") {
        return is_target;
    }
    let attributes = lines[..at]
        .iter()
        .rev()
        .take_while(|line| line.starts_with("#[") || line.starts_with("//"));
    let has = |begin: &str| attributes.clone().any(|line| line.starts_with(begin));
    // A slow test is ignored by default, and CI runs it explicitly.
    let stem = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
    let is_run = !has("#[ignore") || {
        let ci = std::fs::read_to_string(root().join(".ci/run")).unwrap();
        ci.lines()
            .any(|line| line.contains(&format!("--test {stem} ")) && line.contains("--ignored"))
    };
    (has("#[test]") || has("#[tokio::test")) && is_run
}

#[test]
fn a_name_without_a_test_shows_nothing() {
    let own = "fuzz/attacks/tests/promises.rs";
    assert!(shows(own, "a_name_without_a_test_shows_nothing"));
    assert!(!shows(own, "a_name_without_a_test"));
    assert!(!shows(own, "promises"), "it is no test");
    assert!(shows("fuzz/attacks/src/webhook.rs", "webhook"));
    assert!(!shows("fuzz/attacks/src/parts.rs", "parts"), "it is no target");
}

#[test]
fn each_promise_is_made_where_it_is_said_and_names_tests_that_are_there() {
    let promises = promises();
    assert!(promises.len() > 25);
    for [promise, page, tests] in &promises {
        assert!(
            text(page).contains(promise.as_str()),
            "{page} does not promise: {promise}"
        );
        let names: Vec<&str> = tests.split(", ").map(|it| it.trim_matches('`')).collect();
        assert!(!names.is_empty());
        for name in names {
            let (file, function) = name
                .split_once("::")
                .unwrap_or_else(|| panic!("{name} is no test of a file"));
            assert!(
                shows(file, function),
                "{name} is no test that is run, which is to show: {promise}"
            );
        }
    }
}

#[test]
fn each_file_of_tests_is_a_program_or_part_of_one() {
    for package in [".", "crates/document", "crates/drift", "crates/wire"] {
        let package = root().join(package);
        let read = |file: &str| std::fs::read_to_string(package.join(file)).unwrap();
        let (manifest, main) = (read("Cargo.toml"), read("tests/main.rs"));
        for entry in std::fs::read_dir(package.join("tests")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy();
            let is_named =
                manifest.contains(&format!("name = \"{name}\"")) || main.contains(&format!("mod {name};"));
            let is_file = path.extension().is_some_and(|it| it == "rs") && name != "main";
            let is_source = is_file || path.join("main.rs").exists();
            assert!(is_named || !is_source, "{} is not compiled", path.display());
        }
    }
}

#[test]
fn every_promise_of_the_security_page_is_in_the_table() {
    let page = std::fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let (_, list) = page.split_once("## What we promise").unwrap();
    let (list, _) = list.split_once("## What we do not promise").unwrap();
    let made: Vec<&str> = list.lines().filter_map(|line| line.strip_prefix("- ")).collect();
    assert!(made.len() > 12);
    let told = promises();
    for promise in made {
        let is_told = told
            .iter()
            .any(|[it, page, _]| it == promise && page == "SECURITY.md");
        assert!(is_told, "docs/threats.md does not say what shows: {promise}");
    }
}

/// Checks that the only comparison of a secret is `verify_slice`, whose time does not depend on where two signatures
/// differ.
#[test]
fn a_signature_is_compared_by_its_library_alone() {
    let source = text("src/webhook.rs");
    let (source, _tests) = source.split_once("#[cfg(test)]").unwrap();
    assert_eq!(source.matches("mac.verify_slice(&claimed).is_ok()").count(), 1);
    for other in [
        "claimed ==",
        "== claimed",
        "signature ==",
        "== signature",
        ".eq_ignore_ascii_case(",
    ] {
        assert!(!source.contains(other), "a signature is compared by `{other}`");
    }
    for file in ["src/secret.rs", "src/token.rs"] {
        assert!(
            !text(file).contains("PartialEq"),
            "what {file} holds cannot be compared at all"
        );
    }
}

#[test]
fn every_crate_keeps_the_lints_of_the_workspace() {
    let manifest = text("Cargo.toml");
    assert!(manifest.contains(r#"unsafe_code = "forbid""#));
    let (_, members) = manifest.split_once("members = [").unwrap();
    let (members, _) = members.split_once(']').unwrap();
    let members: Vec<&str> = members.split(", ").map(|it| it.trim_matches('"')).collect();
    assert!(members.len() > 8);
    for member in members.into_iter().chain([""]) {
        let manifest = text(&Path::new(member).join("Cargo.toml").to_string_lossy());
        assert!(
            manifest.contains("[lints] workspace = true"),
            "{member} has lints of its own"
        );
    }
}
