//! The meaning of each keyword is written twice: where the engine lowers schemas, and where the judge of messages translates
//! them. Over generated schemas the two hold each other.

#[path = "../../crates/wire/tests/generated/mod.rs"]
mod generated;

use openapi_drift::Document;
use openapi_drift::containment::{Options, Verdict, contains};
use openapi_wire::{Contract, Direction, Verdict as Judged};
use proptest::prelude::*;
use serde_json::{Value, json};

use generated::{plain, schema, value, values};

fn taken(document: &Document, value: &Value) -> Judged {
    let contract = Contract::new(document);
    contract
        .value(document.root(), Direction::Request, value)
        .verdict()
}

/// Two schemas, some of them contained in one another by how they are made.
fn pair() -> impl Strategy<Value = (Value, Value)> {
    prop_oneof![
        (schema(), schema()),
        (plain(), plain()).prop_map(|(one, other)| (one.clone(), json!({"anyOf": [one, other]}))),
        (plain(), plain()).prop_map(|(one, other)| (json!({"allOf": [one.clone(), other]}), one)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_and_the_judge_read_schemas_alike(
        (source, target) in pair(),
        own in prop::collection::vec(value(), 0..6),
    ) {
        let read = |schema: &Value| Document::read_schema(schema.to_string()).unwrap();
        let (from, to) = (read(&source), read(&target));
        let answer = contains(&from, &to, &Options::default());
        prop_assert_eq!(answer.faults, 0, "{} {}", source, target);
        match answer.verdict {
            Verdict::Proved => {
                for value in values().into_iter().chain(own) {
                    let is_counterexample =
                        taken(&from, &value) == Judged::Accepted && taken(&to, &value) == Judged::Refused;
                    prop_assert!(!is_counterexample, "{} is contained in {}, but for {}", source, target, value);
                }
            }
            Verdict::Refuted(refutation) => {
                let witness = refutation.witness;
                prop_assert_eq!(taken(&from, &witness), Judged::Accepted, "{} {}", source, witness);
                prop_assert_eq!(taken(&to, &witness), Judged::Refused, "{} {}", target, witness);
            }
            Verdict::Undecided(_) => {}
        }
    }
}
