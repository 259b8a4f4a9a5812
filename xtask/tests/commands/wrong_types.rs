//! Replaces nodes of the pin with values of other JSON types, in either document. The command must report this and
//! never panic.
//!
//! By default, a tenth of the nodes is tried, each with one other type, chosen by a seed. `WRONG_TYPES=all` tries all
//! nodes with all types.

use std::sync::atomic::{AtomicUsize, Ordering};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::support::{check_spec, file, pinned, root};

const SEED: u64 = 21;

/// Keys under which a wrong type may go unreported, since their values have no effect on the API.
const PROSE: &[&str] = &[
    "description",
    "summary",
    "example",
    "examples",
    "tags",
    "externalDocs",
];

/// One value of each JSON type.
fn values() -> [Value; 6] {
    [
        json!({"a": 1}),
        json!(["a", 1]),
        json!("text"),
        json!(7),
        json!(true),
        Value::Null,
    ]
}

/// Collects a JSON pointer for each node.
fn nodes(value: &Value, place: &str, into: &mut Vec<String>) {
    into.push(place.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                nodes(value, &format!("{place}/{name}"), into);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                nodes(value, &format!("{place}/{index}"), into);
            }
        }
        _ => {}
    }
}

/// The places and their new values.
fn edits(pin: &Value) -> Vec<(String, Value)> {
    let mut places = Vec::new();
    nodes(pin, "", &mut places);
    let others = |place: &str| {
        let there = pin.pointer(place).unwrap();
        let mut others = Vec::from(values());
        others.retain(|other| std::mem::discriminant(other) != std::mem::discriminant(there));
        others
    };
    let all = std::env::var("WRONG_TYPES").is_ok_and(|which| which == "all");
    let mut rng = Rng::with_seed(SEED);
    if !all {
        rng.shuffle(&mut places);
        places.truncate(places.len() / 10);
    }
    let mut edits = Vec::new();
    for place in places {
        let mut others = others(&place);
        if !all {
            others = vec![others.swap_remove(rng.usize(..others.len()))];
        }
        edits.extend(others.into_iter().map(|other| (place.clone(), other)));
    }
    edits
}

/// Describes the problems with the command's reaction to an edit, if any.
fn wrong(folder: &tempfile::TempDir, number: usize, pin: &Value, place: &str, other: &Value) -> Vec<String> {
    let mut edited = pin.clone();
    *edited.pointer_mut(place).unwrap() = other.clone();
    let edited = file(
        folder,
        &format!("{number}.json"),
        &serde_json::to_vec(&edited).unwrap(),
    );
    let pin = root().join("spec/api-docs.json").display().to_string();
    let is_prose = place.split('/').any(|step| PROSE.contains(&step));
    // `true` is a schema that is equivalent to the previous one here: the body of a 204, which is never sent.
    let is_schema = other.is_boolean() && place.ends_with("/204/content/application~1json/schema");
    let mut wrong = Vec::new();
    for (side, [base, revision]) in [("staging", [&pin, &edited]), ("pinned", [&edited, &pin])] {
        let arguments = [
            "--pinned",
            base,
            "--staging",
            revision,
            "--scope",
            "all",
            "--no-replay",
            "--format",
            "json",
        ];
        let output = check_spec(&arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code();
        let is_told = match code {
            Some(0 | 1) => serde_json::from_slice::<Value>(&output.stdout)
                .is_ok_and(|report| report["findings"].as_array().is_some_and(|all| !all.is_empty())),
            // The document cannot be compared, and a message says why.
            Some(3) => said.contains("error: "),
            _ => false,
        };
        let may_be_quiet = is_prose || is_schema || !place.starts_with("/paths/");
        if !(is_told || may_be_quiet && code == Some(0)) || said.contains("panicked") {
            wrong.push(format!("{place} as {other} in {side}: {code:?} {said}"));
        }
    }
    std::fs::remove_file(edited).unwrap();
    wrong
}

#[test]
fn a_node_of_another_type_is_told_or_is_prose_and_never_a_panic() {
    let pin: Value = serde_json::from_slice(&pinned()).unwrap();
    let edits = edits(&pin);
    let folder = tempfile::tempdir().unwrap();
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let work = || {
            let mut found = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some((place, other)) = edits.get(number) else {
                    return found;
                };
                found.extend(wrong(&folder, number, &pin, place, other));
            }
        };
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap())
            .collect()
    });
    println!("{} edits of the pin, on either side", edits.len());
    assert!(edits.len() > 200 && wrong.is_empty(), "{}", wrong.join("\n"));
}
