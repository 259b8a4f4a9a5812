//! Tests of the engine against two validators that share no code with it or with each other.

mod costs;
mod dialects;
mod fuel;
mod judge;
mod keywords;
mod limits;
mod pools;
mod properties;
mod references;
mod texts;
mod values;

use openapi_document::{Document, Node, Version};
use serde_json::{Value, json};

use super::engine::{Beside, Question};
use super::question::{Answer, Options, contains};
use super::verdict::Verdict;
use crate::report::Direction;

/// Little fuel, so that an unbounded search is noticed.
const FUEL: u64 = 4_000;

/// A standalone schema.
struct Sole {
    document: Document,
    at: &'static str,
}

impl Sole {
    /// Creates the schema as a version of OpenAPI reads it.
    #[track_caller]
    fn new(schema: &Value, version: Version) -> Self {
        let openapi = match version {
            Version::V3_0 => "3.0.3",
            Version::V3_1 => "3.1.0",
            _ => {
                let document = Document::read_schema(schema.to_string()).expect("a schema");
                return Self { document, at: "" };
            }
        };
        // References start at the root of the document, so a schema that may contain some is placed there.
        let (mut whole, at) = if schema.to_string().contains("\"$") {
            (schema.clone(), "")
        } else {
            (json!({ "schema": schema }), "/schema")
        };
        whole["openapi"] = openapi.into();
        let document = Document::read(whole.to_string()).expect("a document");
        Self { document, at }
    }

    fn node(&self) -> Node<'_> {
        self.document.root().pointer(self.at).expect("it stands there")
    }

    fn question(&self, source: usize, direction: Option<Direction>) -> Question<'_> {
        Question {
            source,
            schema: self.node(),
            beside: Beside::default(),
            direction,
            carrier: crate::containment::Carrier::Json,
            takes_overlaps: false,
        }
    }
}

/// Whether every value of one schema is a value of the other.
#[track_caller]
fn answer(source: &Value, target: &Value, options: &Options) -> Answer {
    let [source, target] = [source, target].map(|it| Sole::new(it, Version::JsonSchema).document);
    contains(&source, &target, options)
}

/// The engine's answer. A second validator checks the witness, too.
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
    let answer = answer(source, target, &options);
    assert_eq!(
        answer.faults, 0,
        "the judge refused a witness: {source} in {target}"
    );
    answer.verdict
}

/// Whether `boon` accepts a value.
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

/// Asserts that all values of one schema are values of the other, but not the reverse.
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

/// Asserts that both schemas accept the same values.
#[track_caller]
fn same(one: &Value, other: &Value) {
    assert_eq!(ask(one, other), Verdict::Proved, "{one} in {other}");
    assert_eq!(ask(other, one), Verdict::Proved, "{other} in {one}");
}

/// Asserts that each schema accepts a value that the other refuses.
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
