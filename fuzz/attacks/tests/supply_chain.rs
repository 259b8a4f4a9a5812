//! Checks the project's packages: their sources, their licences, their duplicates, and those that run with a client.
//!
//! `deny.toml` defines what is allowed, for cargo-deny and for these tests, which need neither cargo-deny nor the
//! network.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs the cargo of this test. It fetches packages of other platforms from the registry, since no build here needs
/// them.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .arg("--locked")
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn packages() -> Vec<Value> {
    let mut metadata: Value = serde_json::from_str(&cargo(&["metadata", "--format-version", "1"])).unwrap();
    serde_json::from_value(metadata["packages"].take()).unwrap()
}

fn deny() -> toml::Table {
    std::fs::read_to_string(root().join("deny.toml"))
        .unwrap()
        .parse()
        .unwrap()
}

fn texts(list: &toml::Value) -> BTreeSet<&str> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|it| it.as_str().unwrap())
        .collect()
}

/// Whether an SPDX expression can be satisfied by allowed licences, which are recorded as used.
fn is_allowed<'a>(expression: &str, allowed: &BTreeSet<&'a str>, used: &mut BTreeSet<&'a str>) -> bool {
    let expression = expression.trim();
    let mut depth = 0_usize;
    // The last operator outside of parentheses; `OR` binds less tightly than `AND`.
    let mut split = |operator: &str| {
        let mut found = None;
        for (at, c) in expression.char_indices() {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ if depth == 0 && expression[at..].starts_with(operator) => {
                    found = Some((at, operator.len()));
                }
                _ => {}
            }
        }
        found
    };
    if let Some((at, length)) = split(" OR ").or_else(|| split("/")) {
        let first = is_allowed(&expression[..at], allowed, used);
        return is_allowed(&expression[at + length..], allowed, used) || first;
    }
    if let Some((at, length)) = split(" AND ") {
        return is_allowed(&expression[..at], allowed, used)
            && is_allowed(&expression[at + length..], allowed, used);
    }
    if let Some(inner) = expression.strip_prefix('(').and_then(|it| it.strip_suffix(')')) {
        return is_allowed(inner, allowed, used);
    }
    let known = allowed.get(expression);
    used.extend(known);
    known.is_some()
}

#[test]
fn every_package_may_be_used_as_we_use_it_and_comes_from_the_registry() {
    let deny = deny();
    let allowed = texts(&deny["licenses"]["allow"]);
    let mut used = BTreeSet::new();
    let registry = format!(
        "registry+{}",
        deny["sources"]["allow-registry"][0].as_str().unwrap()
    );
    for package in packages() {
        let name = &package["name"];
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(
            is_allowed(licence, &allowed, &mut used),
            "{name} is under {licence:?}, which deny.toml does not allow"
        );
        match package["source"].as_str() {
            Some(source) => assert_eq!(source, registry, "{name}"),
            None => assert!(
                package["manifest_path"]
                    .as_str()
                    .unwrap()
                    .starts_with(root().canonicalize().unwrap().to_str().unwrap())
            ),
        }
    }
    let unused: Vec<_> = allowed.difference(&used).collect();
    assert!(
        unused.is_empty(),
        "deny.toml allows licences that nothing is under: {unused:?}"
    );
}

#[test]
fn each_package_is_there_once_or_has_a_reason() {
    let deny = deny();
    let skipped: BTreeMap<&str, &str> = deny["bans"]["skip"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["crate"].as_str().unwrap(), it["reason"].as_str().unwrap()))
        .collect();
    assert!(skipped.values().all(|reason| reason.len() > 5));
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        let text = |name: &str| package[name].as_str().unwrap().to_owned();
        versions.entry(text("name")).or_default().insert(text("version"));
    }
    // Packages in the lock file that are only for other systems and never built do not count.
    let built: BTreeSet<String> = cargo(&[
        "tree",
        "--workspace",
        "--target",
        "all",
        "--prefix",
        "none",
        "--all-features",
    ])
    .lines()
    .filter_map(|line| {
        let (name, rest) = line.split_once(" v")?;
        Some(format!("{name}@{}", rest.split(' ').next()?))
    })
    .collect();
    let mut needed = BTreeSet::new();
    for (name, versions) in &versions {
        let there: Vec<String> = versions
            .iter()
            .map(|it| format!("{name}@{it}"))
            .filter(|it| built.contains(it))
            .collect();
        let unexplained = there
            .iter()
            .filter(|it| !skipped.contains_key(it.as_str()))
            .count();
        assert!(
            unexplained <= 1,
            "deny.toml gives no reason for more than one of {there:?}"
        );
        if there.len() > 1 {
            needed.extend(there.into_iter().filter(|it| skipped.contains_key(it.as_str())));
        }
    }
    let stale: Vec<_> = skipped.keys().filter(|it| !needed.contains(**it)).collect();
    assert!(
        stale.is_empty(),
        "deny.toml gives reasons for what is there once: {stale:?}"
    );
}

/// Checks the list in `docs/dependencies.md` of the packages that run with a client; `BLESS=1` writes it.
#[test]
fn dependencies_of_a_client_are_listed() {
    let tree = |depth: &str| -> BTreeSet<String> {
        let arguments = [
            "tree",
            "--package",
            "ratio-bank",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--target",
            "x86_64-unknown-linux-gnu",
            "--depth",
            depth,
        ];
        let names = cargo(&arguments);
        let names = names.lines().filter_map(|line| line.split(' ').next());
        names
            .filter(|it| *it != "ratio-bank")
            .map(str::to_owned)
            .collect()
    };
    let path = root().join("docs/dependencies.md");
    let text = std::fs::read_to_string(&path).unwrap();
    for direct in tree("1") {
        assert!(
            text.contains(&format!("\n| `{direct}` | ")),
            "{direct} has no reason in docs/dependencies.md"
        );
    }
    for row in text.lines().filter_map(|line| line.strip_prefix("| `")) {
        let name = row.split('`').next().unwrap();
        let is_optional = row.contains("feature `");
        assert!(
            is_optional || tree("1").contains(name),
            "{name} is no dependency any more"
        );
    }
    let all = tree("99");
    let mut listed = format!("{} packages:\n", all.len());
    for name in &all {
        let _ = write!(listed, " {name}");
    }
    let (before, rest) = text.split_once("```text\n").unwrap();
    let (written, after) = rest.split_once("\n```").unwrap();
    if std::env::var_os("BLESS").is_some() {
        let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap()).unwrap();
        write!(file, "{before}```text\n{listed}\n```{after}").unwrap();
        file.persist(&path).unwrap();
    } else {
        assert_eq!(
            written,
            listed,
            "write {} anew with BLESS=1, and say why it is more",
            path.display()
        );
    }
}
