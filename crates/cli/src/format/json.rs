//! The report for programs, as `report.schema.json` defines it. Each operation, finding and remark is on one line.

use std::collections::HashMap;
use std::io::{self, Write};

use foldhash::fast::RandomState;
use openapi_drift::{Endpoint, Side, Witness};
use serde::Serialize;
use serde::ser::{Error as _, SerializeMap as _, Serializer as _};
use serde_json::{Value, json, to_value};

use crate::report::{Finding, Report};
use crate::untrusted::is_unsafe;
use crate::words::Words;

/// The distinct operations of a report, by method and path.
#[derive(Default)]
struct Operations<'r> {
    by_name: HashMap<(&'r str, &'r str), usize, RandomState>,
    list: Vec<Value>,
}

impl<'r> Operations<'r> {
    fn index(&mut self, endpoint: &'r Endpoint) -> usize {
        let list = &mut self.list;
        *self
            .by_name
            .entry((&endpoint.method, &endpoint.path))
            .or_insert_with(|| {
                list.push(json!(endpoint));
                list.len() - 1
            })
    }
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut operations = Operations::default();
    let findings: Vec<String> = report
        .findings
        .iter()
        .map(|finding| told(finding, &report.words, &mut operations))
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

/// The content of one key of the report: a value on one line, or a list with one item per line.
enum Part {
    One(Value),
    Many(Vec<String>),
}

/// Serializes a finding as one line. It is written directly, since there may be tens of thousands of findings.
fn told<'r>(
    finding: &'r Finding,
    words: &Words,
    operations: &mut Operations<'r>,
) -> serde_json::Result<String> {
    let met = met_at(finding, operations);
    let (base, revision) = (words.base_key, words.revision);
    let mut line = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut line);
    let mut told = serializer.serialize_map(None)?;
    told.serialize_entry("id", &finding.id)?;
    told.serialize_entry("rule", &finding.rule)?;
    told.serialize_entry("level", &finding.level)?;
    told.serialize_entry("level_because", &finding.level_because)?;
    told.serialize_entry("title", &finding.title)?;
    told.serialize_entry("direction", &finding.direction)?;
    told.serialize_entry(&format!("{base}_at"), &finding.base_at)?;
    told.serialize_entry(&format!("{revision}_at"), &finding.revision_at)?;
    told.serialize_entry(&format!("{base}_position"), &finding.base_position)?;
    told.serialize_entry(&format!("{revision}_position"), &finding.revision_position)?;
    told.serialize_entry("met_at", &met)?;
    let witness = finding.witness.as_ref().map(|it| Proof::of(it, words));
    told.serialize_entry("witness", &witness)?;
    told.serialize_entry("undecided", &finding.undecided)?;
    told.serialize_entry("also", &finding.also)?;
    told.serialize_entry("accepted", &finding.accepted)?;
    told.serialize_entry("ended", &finding.ended)?;
    told.serialize_entry("replay", &finding.replay)?;
    told.serialize_entry("rust", &finding.rust)?;
    told.serialize_entry("mend", &finding.help)?;
    told.end()?;
    String::from_utf8(line).map_err(serde_json::Error::custom)
}

/// The witness of a finding. Missing parts of its message are null.
#[derive(Serialize)]
struct Proof<'r> {
    value: &'r Value,
    accepted_by: &'static str,
    rejected_by: &'static str,
    because: &'r str,
    message: Option<Message<'r>>,
}

#[derive(Serialize)]
struct Message<'r> {
    method: &'r str,
    target: Option<&'r str>,
    name: Option<&'r str>,
    status: Option<u16>,
    headers: &'r [(String, String)],
    body: Option<&'r str>,
    body_hex: Option<&'r str>,
    unbuilt: &'r [String],
}

impl<'r> Proof<'r> {
    fn of(witness: &'r Witness, words: &Words) -> Self {
        let side = |side: Side| match side {
            Side::Base => words.base,
            Side::Revision => words.revision,
        };
        let message = witness.message.as_ref().map(|it| Message {
            method: &it.method,
            target: it.target.as_deref(),
            name: it.name.as_deref(),
            status: it.status,
            headers: &it.headers,
            body: it.body.as_deref(),
            body_hex: it.body_hex.as_deref(),
            unbuilt: &it.unbuilt,
        });
        Self {
            value: &witness.value,
            accepted_by: side(witness.accepted_by),
            rejected_by: side(witness.rejected_by),
            because: &witness.because,
            message,
        }
    }
}

/// A place in messages, with the operations that a finding affects there, and their example messages.
#[derive(Serialize)]
struct Met<'r> {
    status: Option<&'r str>,
    at: &'r str,
    operations: Vec<usize>,
    messages: Vec<Told<'r>>,
}

#[derive(Serialize)]
struct Told<'r> {
    operation: usize,
    message: &'r Value,
}

/// Groups the operations of a finding by their place in messages, since hundreds of operations may use a shared
/// component at the same place.
fn met_at<'r>(finding: &'r Finding, operations: &mut Operations<'r>) -> Vec<Met<'r>> {
    let mut by_place: HashMap<(Option<&str>, &str), usize, RandomState> = HashMap::default();
    let mut places: Vec<Met<'r>> = Vec::new();
    for touched in &finding.operations {
        let (status, at) = (touched.status.as_deref(), &*touched.at);
        let index = *by_place.entry((status, at)).or_insert_with(|| {
            places.push(Met {
                status,
                at,
                operations: Vec::new(),
                messages: Vec::new(),
            });
            places.len() - 1
        });
        let operation = operations.index(&touched.endpoint);
        let place = &mut places[index];
        place.operations.push(operation);
        let message = touched.message.as_deref();
        place
            .messages
            .extend(message.map(|message| Told { operation, message }));
    }
    places
}

/// Writes JSON in which characters that a terminal or a CI runner would interpret are escaped.
///
/// # Errors
/// When `value` cannot be serialized or `out` cannot be written to.
pub fn write_safely(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    safely(&serde_json::to_string_pretty(value)?, out)?;
    out.write_all(b"\n")
}

/// Escapes these characters. They can occur only within strings.
fn safely(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut written = 0;
    // Skip printable ASCII quickly, since nearly all bytes are of this kind.
    let may_act = |byte: u8| byte == b'#' || !(0x20..0x7f).contains(&byte);
    let mut at = 0;
    while let Some(found) = text.as_bytes()[at..].iter().position(|byte| may_act(*byte)) {
        at += found;
        let Some(c) = text[at..].chars().next() else { break };
        let is_command = c == '#' && text[at + 1..].starts_with('#');
        if c != '\n' && (is_command || is_unsafe(c)) {
            out.write_all(&text.as_bytes()[written..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            written = at + c.len_utf8();
        }
        at += c.len_utf8();
    }
    out.write_all(&text.as_bytes()[written..])
}
