//! Compares seeded edits of one document, as the base and as the revision, in both scopes. The report must have no
//! fault, regardless of the edit.

use std::sync::Mutex;

use attacks::{PARTING, attack, mutated_json};
use fastrand::Rng;
use serde_json::Value;

/// The number of edits: as the environment requests, or else a tenth of those tried by hand. Each is compared six
/// times.
fn mutations() -> u64 {
    let asked = std::env::var("MUTATIONS").ok();
    asked.map_or(1_000, |it| it.parse().expect("MUTATIONS is a number"))
}

const DOCUMENT: &str = include_str!("../../seeds/compare/whole");

#[test]
fn no_edit_of_a_document_makes_the_comparison_wrong() {
    let (base, other) = DOCUMENT.split_once("\n---\n").unwrap();
    let read = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let (base, other) = (read(base), read(other));
    let all = mutations();
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for half in 0..2 {
            let (base, other, wrong) = (&base, &other, &wrong);
            scope.spawn(move || {
                for seed in (half..all).step_by(2) {
                    let mutated = mutated_json(base, other, &mut Rng::with_seed(seed));
                    let pair = [base.to_string().as_bytes(), mutated.to_string().as_bytes()].join(PARTING);
                    if std::panic::catch_unwind(|| attack("compare", &pair)).is_err() {
                        wrong.lock().unwrap().push(seed);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "of {all} edits, those of these seeds break a promise: {wrong:?}"
    );
}
