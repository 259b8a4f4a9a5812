//! Decides whether every value of one JSON Schema is a value of another, with proof.

use openapi_document::{Document, Node};

use super::carrier::Carrier;
use super::engine::{Beside, Engine, Question};
use super::reading::Reading;
use super::verdict::{Verdict, World};
use crate::options::Nullable;

/// The settings for a comparison of two schemas.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Whether `format` restricts strings; by default it is an annotation.
    pub formats: bool,
    /// Maximum number of steps before the question stays undecided.
    pub fuel: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            formats: false,
            fuel: 200_000,
        }
    }
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Answer {
    /// The verdict.
    pub verdict: Verdict,
    /// The number of witnesses that the independent validator refused. Each is a fault of the engine.
    pub faults: u64,
}

/// Maximum nesting of schemas; deeper ones stay undecided.
const DEEPEST: usize = 128;

/// Whether every value of `source` is a value of `target`, both read by [`Document::read_schema`].
///
/// # Examples
/// ```
/// use openapi_drift::Document;
/// use openapi_drift::containment::{Options, Verdict, contains};
///
/// let narrow = Document::read_schema(r#"{"type": "integer"}"#)?;
/// let wide = Document::read_schema(r#"{"type": "number"}"#)?;
/// assert_eq!(contains(&narrow, &wide, &Options::default()).verdict, Verdict::Proved);
///
/// let Verdict::Refuted(refutation) = contains(&wide, &narrow, &Options::default()).verdict else {
///     panic!("a number need not be whole");
/// };
/// assert!(refutation.witness.is_f64());
/// # Ok::<(), openapi_drift::ReadError>(())
/// ```
pub fn contains(source: &Document, target: &Document, options: &Options) -> Answer {
    if is_too_deep(source.root()) || is_too_deep(target.root()) {
        return Answer {
            verdict: Verdict::Undecided("a schema is nested too deep".to_owned()),
            faults: 0,
        };
    }
    let reading = Reading {
        nullable: Nullable::Strict,
        formats: options.formats,
    };
    let mut engine = Engine::new([source, target], reading, options.fuel);
    let question = |source: usize, schema| Question {
        source,
        schema,
        beside: Beside::default(),
        direction: None,
        carrier: Carrier::Json,
        takes_overlaps: false,
    };
    let verdict = engine.contains(
        question(0, source.root()),
        question(1, target.root()),
        World::Open,
    );
    Answer {
        verdict,
        faults: engine.faults(),
    }
}

fn is_too_deep(schema: Node<'_>) -> bool {
    let mut open = vec![(schema, 0)];
    while let Some((node, depth)) = open.pop() {
        if depth > DEEPEST {
            return true;
        }
        let inside = node.items().chain(node.members().values());
        open.extend(inside.map(|it| (it, depth + 1)));
    }
    false
}
