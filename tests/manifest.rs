//! The crate's requirements of its users: a Rust version, versions of other crates, and a choice of TLS.

use std::collections::HashMap;
use std::process::Command;

use serde_json::Value;

/// Runs the cargo of this test. It fetches packages of other platforms from the registry, since no build here needs
/// them. Returns whether it succeeded, its output and its messages.
fn cargo(arguments: &[&str]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.success(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn packages() -> Vec<Value> {
    let (done, metadata, said) = cargo(&["metadata", "--locked", "--format-version", "1"]);
    assert!(done, "{said}");
    let mut metadata: Value = serde_json::from_str(&metadata).unwrap();
    serde_json::from_value(metadata["packages"].take()).unwrap()
}

/// Parses a version such as `1.88` or `1.88.0` into numbers.
fn version(text: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = text.split('.').map(|number| number.parse().unwrap()).collect();
    numbers.resize(3, 0);
    numbers
}

/// Only declared versions are compared. A package without a declaration may need any version.
#[test]
fn no_dependency_declares_a_newer_rust_than_this_crate_does() {
    let declared: HashMap<(String, String), String> = packages()
        .iter()
        .filter_map(|package| {
            let text = |name: &str| Some(package[name].as_str()?.to_owned());
            Some(((text("name")?, text("version")?), text("rust_version")?))
        })
        .collect();
    for published in ["ratio-bank", "ratio-spec", "openapi-document"] {
        // The client has all features except the system's own TLS, which this workspace does not build. The others have
        // the features that the client enables.
        let features = if published == "ratio-bank" {
            "--features=webhook,fetch-spec"
        } else {
            "--no-default-features"
        };
        let (done, tree, said) = cargo(&[
            "tree",
            "--locked",
            "--package",
            published,
            "--edges",
            "normal,build",
            "--target",
            "all",
            "--prefix",
            "none",
            features,
        ]);
        assert!(done, "{said}");
        let ours = env!("CARGO_PKG_RUST_VERSION");
        let mut compared = 0;
        for line in tree.lines() {
            let mut words = line.split(' ');
            let (name, number) = (words.next().unwrap(), words.next().unwrap_or_default());
            let key = (name.to_owned(), number.trim_start_matches('v').to_owned());
            if let Some(theirs) = declared.get(&key) {
                assert!(
                    version(theirs) <= version(ours),
                    "{line} needs {theirs}, {published} {ours}"
                );
                compared += 1;
            }
        }
        assert!(compared > 1, "{tree}");
    }
}

#[test]
fn a_service_may_choose_the_versions_of_what_it_runs_with() {
    let packages = packages();
    let ours = packages.iter().find(|package| package["name"] == "ratio-bank");
    let dependencies = ours.unwrap()["dependencies"].as_array().unwrap();
    let at_run_time: Vec<&Value> = dependencies
        .iter()
        .filter(|dependency| dependency["kind"].is_null())
        .collect();
    assert!(at_run_time.len() > 10);
    for dependency in at_run_time {
        let required = dependency["req"].as_str().unwrap();
        assert!(required.starts_with('^'), "{} {required}", dependency["name"]);
    }
}

/// Both licences ask that their text goes along with what is distributed.
#[test]
fn every_published_package_holds_its_licences() {
    let is_published = |package: &&Value| package["source"].is_null() && package["publish"].is_null();
    let packages = packages();
    let published: Vec<&Value> = packages.iter().filter(is_published).collect();
    assert!(published.len() > 1);
    for package in published {
        let name = package["name"].as_str().unwrap();
        let (done, list, said) = cargo(&["package", "--list", "--allow-dirty", "--package", name]);
        assert!(done, "{said}");
        for file in ["LICENSE-APACHE", "LICENSE-MIT", "README.md"] {
            assert!(list.lines().any(|line| line == file), "{name} lacks {file}");
        }
    }
}

#[test]
fn without_tls_there_is_no_client_but_a_sentence() {
    let (done, _, said) = cargo(&[
        "check",
        "--lib",
        "--package",
        "ratio-bank",
        "--no-default-features",
    ]);
    assert!(!done);
    assert!(
        said.contains("ratio-bank has no TLS to reach Ratio with: enable its feature `rustls-tls`"),
        "{said}"
    );
}
