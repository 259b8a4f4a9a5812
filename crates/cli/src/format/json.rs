//! The report for programs, held by `report.schema.json`: a line for each operation, finding and remark.

use std::collections::HashMap;
use std::io::{self, Write};

use openapi_drift::{Side, Touched, Witness};
use serde::Serialize;
use serde_json::{Map, Value, json, to_value};

use crate::report::{Finding, Report};
use crate::untrusted::is_unsafe;
use crate::words::Words;

/// The operations of a report, each once, by method and path.
#[derive(Default)]
struct Operations<'r> {
    by_name: HashMap<(&'r str, &'r str), usize>,
    list: Vec<Value>,
}

impl<'r> Operations<'r> {
    fn index(&mut self, touched: &'r Touched) -> usize {
        let list = &mut self.list;
        *self
            .by_name
            .entry((&touched.method, &touched.path))
            .or_insert_with(|| {
                list.push(json!({"method": touched.method, "path": touched.path, "name": touched.name}));
                list.len() - 1
            })
    }
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut operations = Operations::default();
    let findings: Vec<String> = report
        .findings
        .iter()
        .map(|finding| Ok(told(finding, &report.words, &mut operations)?.to_string()))
        .collect::<serde_json::Result<_>>()?;
    let words = &report.words;
    let rust = match &report.rust {
        None => Value::Null,
        Some(rust) => to_value(rust)?,
    };
    let one = |key: &str, value: Value| (key.to_owned(), Part::One(value));
    let line = |value: &Value| value.to_string();
    let parts = [
        one("schema", json!(words.schema)),
        one(words.base_key, to_value(&report.base)?),
        one(words.revision, to_value(&report.revision)?),
        one("scope", json!(report.scope)),
        one("fail_on", to_value(report.fail_on)?),
        one("failed", json!(report.failed)),
        one("verdict", to_value(report.verdict)?),
        one("semver", to_value(report.semver)?),
        one("compared", json!(report.compared)),
        one("counts", to_value(report.counts)?),
        (
            "operations".to_owned(),
            Part::Many(operations.list.iter().map(line).collect()),
        ),
        ("findings".to_owned(), Part::Many(findings)),
        one("rust", rust),
        (
            "policy".to_owned(),
            Part::Many(
                report
                    .policy
                    .iter()
                    .map(serde_json::to_string)
                    .collect::<Result<_, _>>()?,
            ),
        ),
    ];
    let mut before = "{\n";
    for (key, part) in parts {
        let key = serde_json::to_string(&key)?;
        safely(&format!("{before}  {key}: "), out)?;
        before = ",\n";
        match part {
            Part::One(value) => safely(&value.to_string(), out)?,
            Part::Many(list) if list.is_empty() => out.write_all(b"[]")?,
            Part::Many(list) => {
                let mut before = "[\n    ";
                for line in list {
                    out.write_all(before.as_bytes())?;
                    safely(&line, out)?;
                    before = ",\n    ";
                }
                out.write_all(b"\n  ]")?;
            }
        }
    }
    out.write_all(b"\n}\n")
}

/// What stands under a key of the report: on one line, or each of a list on its own.
enum Part {
    One(Value),
    Many(Vec<String>),
}

fn told<'r>(
    finding: &'r Finding,
    words: &Words,
    operations: &mut Operations<'r>,
) -> serde_json::Result<Value> {
    let met = met_at(finding, operations);
    let (base, revision) = (words.base_key, words.revision);
    let mut told = Map::new();
    for (key, value) in [
        ("id".to_owned(), json!(finding.id)),
        ("rule".to_owned(), json!(finding.rule)),
        ("level".to_owned(), to_value(finding.level)?),
        ("level_because".to_owned(), json!(finding.level_because)),
        ("title".to_owned(), json!(finding.title)),
        ("direction".to_owned(), to_value(finding.direction)?),
        (format!("{base}_at"), json!(finding.base_at)),
        (format!("{revision}_at"), json!(finding.revision_at)),
        (format!("{base}_position"), to_value(finding.base_position)?),
        (
            format!("{revision}_position"),
            to_value(finding.revision_position)?,
        ),
        ("met_at".to_owned(), met.into()),
        (
            "witness".to_owned(),
            json!(finding.witness.as_ref().map(|it| witness(it, words))),
        ),
        ("undecided".to_owned(), json!(finding.undecided)),
        ("also".to_owned(), json!(finding.also)),
        ("accepted".to_owned(), to_value(&finding.accepted)?),
        ("ended".to_owned(), to_value(&finding.ended)?),
        ("replay".to_owned(), to_value(&finding.replay)?),
        ("rust".to_owned(), json!(finding.rust)),
        ("mend".to_owned(), json!(finding.help)),
    ] {
        told.insert(key, value);
    }
    Ok(told.into())
}

/// The proof; a part that a message lacks is null.
fn witness(witness: &Witness, words: &Words) -> Value {
    let side = |side: Side| match side {
        Side::Base => words.base,
        Side::Revision => words.revision,
    };
    let message = witness.message.as_ref().map(|it| {
        json!({
            "method": it.method,
            "target": it.target,
            "name": it.name,
            "status": it.status,
            "headers": it.headers,
            "body": it.body,
            "body_hex": it.body_hex,
            "unbuilt": it.unbuilt,
        })
    });
    json!({
        "value": witness.value,
        "accepted_by": side(witness.accepted_by),
        "rejected_by": side(witness.rejected_by),
        "because": witness.because,
        "message": message,
    })
}

/// The places in messages at which a finding is met, each with the operations that meet it there: a shared component is
/// met by hundreds of operations at the same place.
fn met_at<'r>(finding: &'r Finding, operations: &mut Operations<'r>) -> Vec<Value> {
    type Place<'r> = (Option<&'r str>, &'r str);
    let mut by_place: HashMap<Place<'_>, usize> = HashMap::new();
    let mut places: Vec<(Place<'_>, Vec<usize>, Vec<Value>)> = Vec::new();
    for touched in &finding.operations {
        let place = (touched.status.as_deref(), &*touched.at);
        let index = *by_place.entry(place).or_insert_with(|| {
            places.push((place, Vec::new(), Vec::new()));
            places.len() - 1
        });
        let operation = operations.index(touched);
        let (_, met_by, messages) = &mut places[index];
        met_by.push(operation);
        if let Some(message) = &touched.message {
            messages.push(json!({"operation": operation, "message": message}));
        }
    }
    let told = places.into_iter().map(|((status, at), met_by, messages)| {
        json!({"status": status, "at": at, "operations": met_by, "messages": messages})
    });
    told.collect()
}

/// Writes JSON in which characters that something acts on are escaped.
///
/// # Errors
/// When `value` cannot be serialized or `out` cannot be written to.
pub fn write_safely(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    safely(&serde_json::to_string_pretty(value)?, out)?;
    out.write_all(b"\n")
}

/// They can only stand within strings.
fn safely(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut written = 0;
    for (at, c) in text.char_indices() {
        let is_command = c == '#' && text[at + 1..].starts_with('#');
        if c != '\n' && (is_command || is_unsafe(c)) {
            out.write_all(&text.as_bytes()[written..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            written = at + c.len_utf8();
        }
    }
    out.write_all(&text.as_bytes()[written..])
}
