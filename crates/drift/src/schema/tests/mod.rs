//! What the engine says of schemas, beside two validators that share nothing with it or with each other.

mod dialects;
mod fuel;
mod judge;
mod keywords;
mod limits;
mod pools;
mod properties;
mod references;
mod values;

use serde_json::Value;

use super::containment::{Options, contains};
use super::verdict::Verdict;

/// Little enough that an unbounded search would show.
const FUEL: u64 = 4_000;

/// The engine's answer; a witness is put to a second validator as well.
#[track_caller]
fn ask(source: &Value, target: &Value) -> Verdict {
    let verdict = ask_within(source, target, Options::default().fuel);
    if let Verdict::Refuted(refutation) = &verdict {
        let witness = &refutation.witness;
        assert!(
            admits(source, witness),
            "{source} does not admit the witness {witness}"
        );
        assert!(!admits(target, witness), "{target} admits the witness {witness}");
    }
    verdict
}

#[track_caller]
fn ask_within(source: &Value, target: &Value, fuel: u64) -> Verdict {
    let options = Options {
        fuel,
        ..Options::default()
    };
    let answer = contains(source, target, &options);
    assert_eq!(
        answer.faults, 0,
        "the judge refused a witness: {source} in {target}"
    );
    answer.verdict
}

/// What `boon` says.
#[track_caller]
fn admits(schema: &Value, value: &Value) -> bool {
    Second::new(schema).admits(value)
}

/// A schema as `boon` reads it.
struct Second {
    schemas: boon::Schemas,
    index: boon::SchemaIndex,
}

impl Second {
    #[track_caller]
    fn new(schema: &Value) -> Self {
        let mut schemas = boon::Schemas::new();
        let mut compiler = boon::Compiler::new();
        compiler.set_default_draft(boon::Draft::V2020_12);
        compiler
            .add_resource("document:/", schema.clone())
            .expect("a schema can be added");
        let index = compiler
            .compile("document:/", &mut schemas)
            .unwrap_or_else(|error| panic!("{schema}: {error}"));
        Self { schemas, index }
    }

    fn admits(&self, value: &Value) -> bool {
        self.schemas.validate(value, self.index).is_ok()
    }
}

/// All values of the one are values of the other, and not the other way round.
#[track_caller]
fn narrower(narrow: &Value, wide: &Value) {
    let within = ask(narrow, wide);
    assert_eq!(within, Verdict::Proved, "{narrow} in {wide}");
    let back = ask(wide, narrow);
    assert!(
        matches!(back, Verdict::Refuted(_)),
        "{wide} in {narrow}: {back:?}"
    );
}

/// Both admit the same values.
#[track_caller]
fn same(one: &Value, other: &Value) {
    assert_eq!(ask(one, other), Verdict::Proved, "{one} in {other}");
    assert_eq!(ask(other, one), Verdict::Proved, "{other} in {one}");
}

/// Each admits a value that the other refuses.
#[track_caller]
fn different(one: &Value, other: &Value) {
    for (source, target) in [(one, other), (other, one)] {
        let verdict = ask(source, target);
        assert!(
            matches!(verdict, Verdict::Refuted(_)),
            "{source} in {target}: {verdict:?}"
        );
    }
}

#[track_caller]
fn undecided(source: &Value, target: &Value) -> String {
    match ask(source, target) {
        Verdict::Undecided(why) => why,
        other => panic!("{source} in {target}: {other:?}"),
    }
}
