//! `docs/api.md`, the list of public items and their reasons, matches the items of the crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The source of a file, without its modules of tests.
fn source(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(name)
        .with_extension("rs");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    // Items in a module of tests are not public.
    text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned()
}

/// The names that the root re-exports, without those of generated types' module paths.
fn exported(root: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for statement in root.split(';') {
        let Some((_, used)) = statement.rsplit_once("\npub use ") else {
            continue;
        };
        let used = used.replace(['\n', ' '], "");
        let (_, last) = used.rsplit_once("::{").unwrap_or_else(|| {
            let (module, name) = used.rsplit_once("::").unwrap_or(("", &used));
            (module, name)
        });
        names.extend(
            last.trim_end_matches('}')
                .split(',')
                .filter(|name| !name.is_empty())
                .map(str::to_owned),
        );
    }
    names
}

/// `Type::method` of each public method in a file's blocks `impl Type`.
fn methods(text: &str, of: &BTreeSet<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut of_type = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("impl ") {
            let name = rest.trim_end_matches(" {");
            of_type = of.contains(name).then_some(name);
        } else if line == "}" {
            of_type = None;
        } else if let Some(name) = of_type {
            let line = line.trim_start();
            let function = ["pub fn ", "pub async fn ", "pub const fn "];
            if let Some(rest) = function.iter().find_map(|start| line.strip_prefix(start)) {
                let end = rest.find(['(', '<']).unwrap();
                found.insert(format!("{name}::{}", &rest[..end]));
            }
        }
    }
    found
}

#[test]
fn each_public_item_has_a_reason_and_each_reason_an_item() {
    let root = source("lib");
    let mut items = exported(&root);
    items.extend(root.lines().filter_map(|line| {
        let name = line
            .strip_prefix("pub mod ")
            .or_else(|| line.strip_prefix("pub fn "))?;
        Some(name.split([';', '(']).next().unwrap().to_owned())
    }));
    let types = items.clone();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(directory).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if let Some(module) = name.strip_suffix(".rs").filter(|name| *name != "test_util") {
            items.extend(methods(&source(module), &types));
        }
    }
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/api.md");
    let listed: Vec<String> = fs::read_to_string(document)
        .unwrap()
        .lines()
        .filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned()))
        .collect();
    let told: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), told.len(), "an item is listed twice");
    let lacking: Vec<_> = items.difference(&told).collect();
    let gone: Vec<_> = told.difference(&items).collect();
    assert!(
        lacking.is_empty() && gone.is_empty(),
        "without a reason: {lacking:?}; without an item: {gone:?}"
    );
    assert!(
        items.contains("Session::find_order") && items.len() > 100,
        "the source was read"
    );
}
