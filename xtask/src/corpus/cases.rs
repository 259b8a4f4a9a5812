//! Small pairs of documents with another tool's verdict. Its verdict is an opinion: each disagreement is listed with
//! the reason, and one without a reason is a complaint.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use anyhow::Context as _;
use openapi_drift::{Document, Level, Options, Report, compare};
use serde::Deserialize;
use serde_json::Value;

use crate::corpus::Complaints;
use crate::printer::Printer;

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
pub(crate) fn run(dir: &Path, table: Option<&Path>, printer: &mut Printer) -> anyhow::Result<Complaints> {
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
        let documents = (
            Document::from_value(case.base.clone()),
            Document::from_value(case.revision.clone()),
        );
        let (Ok(base), Ok(revision)) = documents else {
            unread += 1;
            continue;
        };
        let report = compare(&base, &revision, &Options::default());
        faults += report.questions.internal_faults;
        asked += report.questions.asked;
        undecided += report.questions.undecided;
        if (report.verdict == Some(Level::Breaking)) == case.peer_breaking {
            agreed += 1;
        } else {
            disagreements.push(disagreement(&case, &report));
        }
    }

    let out = printer.out();
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
        // Every error of the peer needs a reason of its own.
        let reasons: Vec<Option<&'static str>> = errors.iter().map(|id| policy(id)).collect();
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

/// Why an error of the peer is none of ours.
fn policy(id: &str) -> Option<&'static str> {
    let _ = id;
    None
}

/// Writes a file whole or not at all.
fn write_whole(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path
        .parent()
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
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
