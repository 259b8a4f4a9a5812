//! Small pairs of documents with the verdict of another tool. This verdict is an opinion: each disagreement is listed
//! with its reason, and one without a reason is a complaint.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write};
use std::path::Path;

use anyhow::Context as _;
use openapi_drift::{Document, Finding, Level, Options, Report, comparable, compare};
use serde::Deserialize;
use serde_json::Value;

use crate::corpus::Complaints;
use crate::files::write_whole;
use crate::gate;
use crate::text::escape;

#[derive(Deserialize)]
struct Case {
    id: String,
    base: Value,
    revision: Value,
    peer: Vec<Opinion>,
    peer_breaking: bool,
}

#[derive(Deserialize)]
struct Opinion {
    id: String,
    level: String,
}

struct Disagreement {
    case: String,
    peer: Vec<String>,
    ours: Vec<String>,
    reason: Option<&'static str>,
    witness: Option<String>,
}

/// Compares every case, prints the figures, and writes the table of disagreements.
pub(crate) fn run(dir: &Path, table: Option<&Path>, out: &mut dyn Write) -> anyhow::Result<Complaints> {
    let path = dir.join("cases.jsonl");
    let Ok(file) = std::fs::File::open(&path) else {
        return Ok(Complaints::new());
    };
    let (mut cases, mut agreed, mut unread, mut faults, mut asked, mut undecided) = (0, 0, 0, 0, 0, 0);
    let mut disagreements = Vec::new();
    let mut complaints = Complaints::new();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let case: Case = serde_json::from_str(&line?)
            .with_context(|| format!("{} line {}", path.display(), number + 1))?;
        cases += 1;
        let read = |text: &Value| {
            let document = Document::read(text.to_string())?;
            comparable(&document).map(|()| document)
        };
        let (Ok(base), Ok(revision)) = (read(&case.base), read(&case.revision)) else {
            unread += 1;
            continue;
        };
        let report = compare(&base, &revision, &Options::default());
        if report.questions.internal_faults > 0 {
            for finding in report.findings.iter().filter(|it| gate::has_fallen(it)) {
                writeln!(out, "fell in {}: {}", escape(&case.id), gate::told(finding))?;
            }
        }
        faults += report.questions.internal_faults;
        asked += report.questions.asked;
        undecided += report.questions.undecided;
        if (report.verdict == Some(Level::Breaking)) == case.peer_breaking {
            agreed += 1;
        } else {
            disagreements.push(disagreement(&case, &report));
        }
    }

    writeln!(
        out,
        "cases: {cases}, of which {unread} are no OpenAPI 3 documents"
    )?;
    writeln!(out, "  same breaking verdict as the peer: {agreed}")?;
    writeln!(
        out,
        "  schema questions: {asked}, undecided: {undecided}, internal faults: {faults}"
    )?;
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for disagreement in &disagreements {
        *reasons
            .entry(disagreement.reason.unwrap_or("unexplained"))
            .or_default() += 1;
    }
    writeln!(out, "  disagreements: {}", disagreements.len())?;
    for (reason, count) in &reasons {
        writeln!(out, "    {count:4}  {reason}")?;
    }
    if faults > 0 {
        complaints.push(format!(
            "cases: {faults} witnesses were refused by the independent check"
        ));
    }
    if let Some(count) = reasons.get("unexplained") {
        complaints.push(format!("cases: {count} disagreements are unexplained"));
    }
    if let Some(table) = table {
        write_whole(table, &written(&disagreements))
            .with_context(|| format!("cannot write {}", table.display()))?;
    }
    Ok(complaints)
}

fn disagreement(case: &Case, report: &Report) -> Disagreement {
    let errors: Vec<&str> = case
        .peer
        .iter()
        .filter(|it| it.level == "ERR")
        .map(|it| it.id.as_str())
        .collect();
    let breaking: Vec<_> = report
        .findings
        .iter()
        .filter(|it| it.level == Level::Breaking)
        .collect();
    let witness = breaking
        .iter()
        .find_map(|it| it.witness.as_ref())
        .map(|it| it.value.to_string());
    let reason = if case.peer_breaking {
        // Every error of the peer needs its own reason.
        let reasons: Vec<Option<&'static str>> = errors.iter().map(|id| policy(id, report)).collect();
        if reasons.iter().all(Option::is_some) {
            reasons.first().copied().flatten()
        } else {
            None
        }
    } else if breaking.iter().all(|it| it.witness.is_some()) {
        Some("theirs to mend: we show a message that one side allows and the other refuses")
    } else {
        None
    };
    let ours = report
        .findings
        .iter()
        .map(|it| format!("{} ({:?})", it.rule, it.level))
        .collect();
    let peer = case
        .peer
        .iter()
        .map(|it| format!("{} ({})", it.id, it.level))
        .collect();
    Disagreement {
        case: case.id.clone(),
        peer,
        ours,
        reason,
        witness,
    }
}

/// The reason why an error of the peer is not one of ours. It names our own finding, and applies only if we have it.
fn policy(id: &str, report: &Report) -> Option<&'static str> {
    let ours = |rules: &[&str]| report.findings.iter().any(|it| rules.contains(&it.rule.as_str()));
    let any = |parts: &[&str]| parts.iter().any(|part| id.contains(part));
    if any(&["removed-before-sunset", "sunset-parse"]) && ours(&["parameter-lost"]) {
        return Some("our level: a parameter that is no longer known is ignored at best, which is risky");
    }
    if id.contains("response-media-type-removed") && ours(&["response-media-type-never-sent"]) {
        return Some("our level: another media type that callers read is left, so the lost one is risky");
    }
    let travels_nowhere = |it: &Finding| {
        let why = it.undecided.as_deref();
        why.is_some_and(|it| it.contains("no request carries it"))
    };
    if id.starts_with("request-parameter-") && report.findings.iter().any(travels_nowhere) {
        return Some("our level: a parameter that its path does not have travels nowhere, which we say");
    }
    if any(&["sunset", "stability", "deprecation", "deprecated"]) && !id.contains("-removed") {
        return Some("their policy: deprecation, sunset and stability are announcements, no message fails");
    }
    if any(&["x-extensible-enum"]) {
        return Some("their policy: an extension, which no validator looks at");
    }
    if any(&["content-encoding", "content-media-type", "content-schema"]) {
        return Some("their policy: annotations of JSON Schema, which refuse no value");
    }
    if id.contains("default-value") && ours(&["request-default-changed"]) {
        return Some("our level: a changed default is risky, no message is refused");
    }
    if id.starts_with("response-")
        && any(&["enum", "const"])
        && ours(&["response-enum-value-added", "response-enum-opened"])
    {
        return Some("our level: an answer outside a known enum is risky");
    }
    if id.contains("type-changed") && ours(&["format-changed"]) {
        return Some("our level: a changed format is risky, formats refuse no value");
    }
    let undecided_by = |part: &str| {
        let mut open = report.findings.iter().filter_map(|it| it.undecided.as_deref());
        open.any(|why| why.contains(part))
    };
    let reason = match id {
        "request-parameter-type-changed" if ours(&["parameter-text-parted"]) => {
            "our level: a text that is read as a list now is parted by its commas, which is risky"
        }
        "response-media-type-name-generalized" if ours(&["media-type-changed"]) => {
            "our level: who reads answers takes any type of JSON, so a changed one is risky"
        }
        _ if undecided_by("how XML is read") => {
            "our level: a value proves nothing of how XML is read, so a change of it is risky"
        }
        "response-success-status-removed" if ours(&["response-status-lost"]) => {
            "our level: another success that callers know is left, so the lost one is risky"
        }
        "request-body-removed" if ours(&["request-body-lost"]) => {
            "our level: a body that is no longer known is ignored at best, which is risky"
        }
        "webhook-removed" if ours(&["callback-lost"]) => {
            "our level: a call that no longer comes is lost, which is risky"
        }
        _ if ours(&["schema-admits-nothing"]) => {
            "theirs to mend: one of the schemas admits no value, which we say; nothing can fail"
        }
        _ if is_no_schema(report) => {
            "theirs to mend: the schema is none, so that we leave it undecided and say so"
        }
        // The remaining rules concern keywords. If the change was examined and every question is answered, values
        // contradict these rules.
        _ if is_decided(report) => "theirs to mend: it is proved that everything sent is taken",
        _ => return None,
    };
    Some(reason)
}

/// Whether schemas differ and every question about them is answered.
fn is_decided(report: &Report) -> bool {
    let about_values = |it: &Finding| it.direction.is_some() && it.undecided.is_none();
    report.questions.asked > 0
        && report.questions.undecided == 0
        && report.findings.iter().any(about_values)
        && report
            .findings
            .iter()
            .all(|it| it.undecided.is_none() || it.level == Level::Cosmetic)
}

/// Whether everything that stayed undecided did so because no validator reads the schema.
fn is_no_schema(report: &Report) -> bool {
    let mut reasons = report
        .findings
        .iter()
        .filter_map(|it| it.undecided.as_deref())
        .peekable();
    reasons.peek().is_some() && reasons.all(|why| why.contains("the judge cannot read the schema"))
}

fn written(disagreements: &[Disagreement]) -> String {
    let mut text = String::from("| case | peer | ours | reason | witness |\n|---|---|---|---|---|\n");
    for it in disagreements {
        let cell = |text: &str| text.replace('|', "\\|");
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            it.case,
            it.peer.join("<br>"),
            it.ours.join("<br>"),
            it.reason.unwrap_or("**unexplained**"),
            it.witness
                .as_deref()
                .map(|it| format!("`{}`", cell(it)))
                .unwrap_or_default()
        ));
    }
    text
}
