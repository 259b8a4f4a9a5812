//! Whether one schema contains another, with two validators as the oracle.
//!
//! An error of the engine is reported only if both validators agree, because each has its own readings.

use openapi_drift::containment::{Options, Verdict, contains};
use openapi_drift::{Document, Limits};
use serde_json::{Value, json};

use crate::parts;

pub(crate) fn containment(bytes: &[u8]) {
    let parts = parts(bytes);
    let Some(second) = parts.get(1) else {
        return;
    };
    let limits = Limits {
        bytes: 1 << 13,
        depth: 40,
        files: 1,
    };
    let read = |bytes: &[u8]| Document::read_schema_within(bytes, &limits).ok();
    let Some((source, target)) = read(parts[0]).zip(read(second)) else {
        return;
    };
    let mut options = Options::default();
    options.fuel = 20_000;
    let answer = contains(&source, &target, &options);
    assert_eq!(
        answer,
        contains(&source, &target, &options),
        "it says otherwise the second time"
    );
    assert_eq!(answer.faults, 0, "{} {}", source.root(), target.root());
    let Some(oracles) = Oracles::new(&source).zip(Oracles::new(&target)) else {
        return;
    };
    match answer.verdict {
        Verdict::Proved => {
            for value in values(parts.get(2)) {
                let is_counterexample =
                    oracles.0.taken(&value) == Some(true) && oracles.1.taken(&value) == Some(false);
                assert!(
                    !is_counterexample,
                    "{} is contained in {}, but for {value}",
                    source.root(),
                    target.root()
                );
            }
        }
        Verdict::Refuted(refutation) => {
            let witness = refutation.witness;
            assert_ne!(
                oracles.0.taken(&witness),
                Some(false),
                "{} takes no {witness}",
                source.root()
            );
            assert_ne!(
                oracles.1.taken(&witness),
                Some(true),
                "{} takes {witness}",
                target.root()
            );
        }
        Verdict::Undecided(why) => assert!(!why.is_empty()),
    }
}

/// Two validators that share no code with the engine.
struct Oracles {
    boon: (boon::Schemas, boon::SchemaIndex),
    jsonschema: jsonschema::Validator,
}

impl Oracles {
    /// Reads a schema; `None` if a validator does not support it, or reads something other than what is written.
    fn new(document: &Document) -> Option<Self> {
        if !document.duplicate_keys().is_empty() || has_words_of_their_own(&document.root().to_string()) {
            return None;
        }
        let schema: Value = serde_json::to_value(document.root()).ok()?;
        let jsonschema = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .build(&schema)
            .ok()?;
        let mut schemas = boon::Schemas::new();
        let mut compiler = boon::Compiler::new();
        compiler.set_default_draft(boon::Draft::V2020_12);
        compiler.add_resource("document:/", schema).ok()?;
        let index = compiler.compile("document:/", &mut schemas).ok()?;
        Some(Self {
            boon: (schemas, index),
            jsonschema,
        })
    }

    /// Whether both accept a value; `None` if they disagree.
    fn taken(&self, value: &Value) -> Option<bool> {
        let boon = self.boon.0.validate(value, self.boon.1).is_ok();
        (self.jsonschema.is_valid(value) == boon).then_some(boon)
    }
}

/// Whether a schema uses features that these validators read differently: long numbers, dialects, identifiers, and
/// keywords of OpenAPI.
fn has_words_of_their_own(text: &str) -> bool {
    let words = [
        "$schema",
        "$id",
        "$dynamic",
        "$vocabulary",
        "$anchor",
        "$recursive",
        "nullable",
        "discriminator",
        "definitions",
        "dependencies",
        "additionalItems",
        "readOnly",
        "writeOnly",
        "id\"",
    ];
    let mut digits = 0_usize;
    let has_long_number = text.bytes().any(|byte| {
        digits = if byte.is_ascii_digit() || byte == b'.' {
            digits + 1
        } else {
            0
        };
        digits > 14 || (digits == 1 && byte == b'e')
    });
    has_long_number
        || text.contains("e+")
        || text.contains("E+")
        || words.iter().any(|word| text.contains(word))
}

/// Values that distinguish many schemas, and one value from the input.
fn values(own: Option<&&[u8]>) -> Vec<Value> {
    let all = json!([
        null, true, false, 0, 1, -1, 2, 3, 1.0, 1.5, 100, "", "a", "b", "ab", "ba", "1", "é", "abab", [], [1], [1, 1], [1.0, 1],
        ["a"], ["a", "b"], [null, 1, "a"], [[], {}], [{"a": 1}, {"a": 1}], {}, {"a": 1}, {"b": 1}, {"a": "a", "b": 1},
        {"a": null}, {"ab": true}, {"a": {"b": 1}}, {"a": [1, "a"], "ab": {}}, {"c": 1}, {"a": 1, "b": 2, "c": 3}
    ]);
    let own = own.and_then(|it| serde_json::from_slice(it).ok());
    all.as_array()
        .cloned()
        .unwrap_or_default()
        .into_iter()
        .chain(own)
        .collect()
}
