//! Containment questions: whether the values of one schema are values of another, compared with the label if there is
//! one.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use openapi_drift::containment::{Options, Verdict, contains};
use openapi_drift::{Document, ReadError};
use serde::Deserialize;
use serde_json::Value;

use super::Complaints;

/// Wrong labels of the public suite, with the cause of each error. This list does not decide whether a label is
/// wrong: two validators that are independent of the engine and of each other must contradict it.
const MISLABELLED: &[(&str, u64, &str)] = &[
    (
        "nonvalid/dynamicRef.json",
        1,
        "the `not` around the second schema was lost",
    ),
    (
        "nonvalid/dynamicRef.json",
        2,
        "the `not` around the second schema was lost",
    ),
    (
        "universal/anchor.json",
        4,
        "the anchor was renamed within the data of an `enum` as well",
    ),
    (
        "universal/id.json",
        2,
        "the identifier was renamed within the data of an `enum` as well",
    ),
    (
        "universal/dynamicRef.json",
        3,
        "the `not` covers `items` only, so that `type` stays outside",
    ),
    (
        "universal/dynamicRef.json",
        9,
        "the `not` covers `$ref` only, so that `type` stays outside",
    ),
    (
        "universal/dynamicRef.json",
        10,
        "the `not` covers `$ref` only, so that `type` stays outside",
    ),
    (
        "universal/items.json",
        4,
        "the `not` covers `prefixItems` only, so that `type` stays outside",
    ),
    (
        "unsatisfiable/ref.json",
        12,
        "the tree's own recursion runs through the `not`, so that it turns around at each level",
    ),
    (
        "unsatisfiable/dynamicRef.json",
        1,
        "the `not` around the second schema was lost",
    ),
    (
        "unsatisfiable/dynamicRef.json",
        2,
        "the `not` around the second schema was lost",
    ),
];

/// The file that reads `\d` and `\w` as Unicode classes. ECMA-262, to which JSON Schema refers, reads them as ASCII
/// with and without the `u` flag, and so does the suite's own `ecmascript-regex.json`. The public suite has since
/// withdrawn this file.
const UNICODE_CLASSES: &str = "optional/unicode.json";

/// Keywords that also exist in OpenAPI 3.0. A question that uses only these must not stay undecided.
const PLAIN: &[&str] = &[
    "type",
    "enum",
    "const",
    "multipleOf",
    "maximum",
    "minimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "title",
    "description",
    "default",
];

/// Two schemas. `a` is whether the second contains the first, and `b` is the reverse, if known.
#[derive(Deserialize)]
struct Question {
    #[serde(rename = "f")]
    file: String,
    id: Value,
    s1: Value,
    s2: Value,
    a: Option<bool>,
    b: Option<bool>,
}

#[derive(Default)]
struct Tally {
    asked: usize,
    proved: usize,
    refuted: usize,
    undecided: usize,
    plain_undecided: usize,
    mislabelled: Vec<String>,
    against: Vec<String>,
    faults: u64,
    reasons: BTreeMap<String, usize>,
}

pub(super) fn run(dir: &Path, out: &mut dyn Write) -> anyhow::Result<Complaints> {
    let mut complaints = Complaints::new();
    for (name, labelled, most) in [("suite", true, 4.0), ("plaid", false, 2.0)] {
        let path = dir.join("containment").join(format!("{name}.jsonl"));
        if !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let mut tally = Tally::default();
        for (number, line) in text.lines().enumerate() {
            let question: Question = serde_json::from_str(line)
                .with_context(|| format!("{}, line {}", path.display(), number + 1))?;
            ask(&question, labelled, &mut tally)
                .with_context(|| format!("{}, line {}", path.display(), number + 1))?;
        }
        print(name, &tally, out)?;
        complaints.extend(
            tally
                .against
                .iter()
                .map(|it| format!("{name}: against the label: {it}")),
        );
        if tally.faults > 0 {
            complaints.push(format!(
                "{name}: {} witnesses did not pass the independent check",
                tally.faults
            ));
        }
        if percent(tally.undecided, tally.asked) > most {
            complaints.push(format!("{name}: more than {most} % stayed undecided"));
        }
        if labelled && tally.plain_undecided > 0 {
            complaints.push(format!(
                "{name}: {} questions with keywords of OpenAPI 3.0 only stayed undecided",
                tally.plain_undecided
            ));
        }
    }
    Ok(complaints)
}

fn ask(question: &Question, labelled: bool, tally: &mut Tally) -> Result<(), ReadError> {
    let mut options = Options::default();
    // In this part of the suite, formats restrict strings; elsewhere they are annotations.
    options.formats = question.file.contains("optional/format/");
    let ways = [
        ("a", question.a, &question.s1, &question.s2),
        ("b", question.b, &question.s2, &question.s1),
    ];
    for (way, label, source, target) in ways {
        if labelled && label.is_none() {
            continue;
        }
        let read = |schema: &Value| Document::read_schema(schema.to_string());
        let answer = contains(&read(source)?, &read(target)?, &options);
        tally.asked += 1;
        tally.faults += answer.faults;
        let said = match &answer.verdict {
            Verdict::Proved => {
                tally.proved += 1;
                Some(true)
            }
            Verdict::Refuted(_) => {
                tally.refuted += 1;
                Some(false)
            }
            Verdict::Undecided(why) => {
                tally.undecided += 1;
                if is_plain(source) && is_plain(target) && !options.formats {
                    tally.plain_undecided += 1;
                }
                *tally.reasons.entry(why.clone()).or_default() += 1;
                None
            }
        };
        if let (Some(said), Some(label)) = (said, label)
            && said != label
        {
            let place = format!("{} {} {way}", question.file, question.id);
            let values: Vec<&Value> = match &answer.verdict {
                Verdict::Refuted(refutation) => vec![&refutation.witness],
                _ => listed(source),
            };
            if !values.is_empty()
                && values
                    .into_iter()
                    .all(|value| contradicts(source, target, value, label))
            {
                tally.mislabelled.push(format!("{place}: {}", reason(question)));
            } else {
                tally.against.push(place);
            }
        }
    }
    Ok(())
}

/// Whether a second validator confirms that a value contradicts the label. The source must admit the value, and the
/// target must refuse it under a positive label, or admit it under a negative one.
fn contradicts(source: &Value, target: &Value, value: &Value, label: bool) -> bool {
    let admits = |schema: &Value| {
        let mut schemas = boon::Schemas::new();
        let mut compiler = boon::Compiler::new();
        compiler.set_default_draft(boon::Draft::V2020_12);
        compiler.add_resource("document:/", schema.clone()).ok()?;
        let index = compiler.compile("document:/", &mut schemas).ok()?;
        Some(schemas.validate(value, index).is_ok())
    };
    admits(source) == Some(true) && admits(target) == Some(!label)
}

/// The values of a schema that only lists them.
fn listed(schema: &Value) -> Vec<&Value> {
    match (schema.get("const"), schema.get("enum").and_then(Value::as_array)) {
        (Some(value), None) => vec![value],
        (None, Some(values)) => values.iter().collect(),
        _ => Vec::new(),
    }
}

fn reason(question: &Question) -> &'static str {
    if question.file.ends_with(UNICODE_CLASSES) {
        return "`\\d` and `\\w` are classes of ASCII";
    }
    let known = MISLABELLED
        .iter()
        .find(|(file, id, _)| *file == question.file && question.id.as_u64() == Some(*id));
    known.map_or("see the witness", |(_, _, why)| why)
}

fn is_plain(schema: &Value) -> bool {
    let Value::Object(map) = schema else { return true };
    map.iter().all(|(key, value)| {
        PLAIN.contains(&key.as_str())
            && match (key.as_str(), value) {
                ("properties", Value::Object(all)) => all.values().all(is_plain),
                ("enum" | "const" | "default", _) => true,
                (_, Value::Array(all)) => all.iter().all(is_plain),
                (_, value) => is_plain(value),
            }
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts of questions are small")]
fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn print(name: &str, tally: &Tally, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(
        out,
        "containment/{name}: {} questions: {} proved, {} refuted, {} undecided ({:.1} %, {} of them plain), {} against \
         the label, {} mislabelled, {} internal faults",
        tally.asked,
        tally.proved,
        tally.refuted,
        tally.undecided,
        percent(tally.undecided, tally.asked),
        tally.plain_undecided,
        tally.against.len(),
        tally.mislabelled.len(),
        tally.faults,
    )?;
    for (why, count) in &tally.reasons {
        writeln!(out, "  undecided {count}: {why}")?;
    }
    for label in &tally.mislabelled {
        writeln!(out, "  mislabelled: {label}")?;
    }
    Ok(())
}
