//! Documents of real vendors: reports must be complete, the same on every run, and have one finding per changed
//! component.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use openapi_drift::{Document, Level, Options, Report, comparable, compare};

use crate::corpus::Complaints;
use crate::gate;

/// Compares each `specs/NAME-old.json` with its `NAME-new.json`.
pub(crate) fn run(dir: &Path, runs: usize, out: &mut dyn Write) -> anyhow::Result<Complaints> {
    let mut complaints = Complaints::new();
    for (name, old, new) in found(&dir.join("specs")) {
        let read = |path: &Path| -> anyhow::Result<Document> {
            let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            let read = Document::read(bytes);
            let read = read.and_then(|it| comparable(&it).map(|()| it));
            read.with_context(|| path.display().to_string())
        };
        let (old, new) = (read(&old)?, read(&new)?);
        let options = Options::default();
        let mut reports = BTreeSet::new();
        let mut last = None;
        for _ in 0..runs.max(1) {
            let report = compare(&old, &new, &options);
            reports.insert(serde_json::to_string(&report)?);
            last = Some(report);
        }
        let Some(report) = last else { continue };
        print(&name, &report, reports.len(), runs, out)?;

        if reports.len() > 1 {
            complaints.push(format!(
                "{name}: {} different reports in {runs} runs",
                reports.len()
            ));
        }
        if report.questions.internal_faults > 0 {
            for finding in report.findings.iter().filter(|it| gate::has_fallen(it)) {
                writeln!(out, "  fell: {}", gate::told(finding))?;
            }
            complaints.push(format!(
                "{name}: {} internal faults",
                report.questions.internal_faults
            ));
        }
        if report.questions.undecided * 20 > report.questions.asked {
            complaints.push(format!(
                "{name}: more than 5 % of the schema questions are undecided"
            ));
        }
        if let Some(twice) = repeated(&report) {
            complaints.push(format!("{name}: found more than once: {twice}"));
        }
        let own = compare(&new, &new, &options);
        if own.reaches(Level::Additive) {
            complaints.push(format!("{name}: a document drifts from itself"));
        }
    }
    Ok(complaints)
}

fn found(specs: &Path) -> Vec<(String, PathBuf, PathBuf)> {
    let entries = std::fs::read_dir(specs).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix("-old.json")?.to_owned()))
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let path = |age: &str| specs.join(format!("{name}-{age}.json"));
            let (old, new) = (path("old"), path("new"));
            (name, old, new)
        })
        .filter(|(_, _, new)| new.is_file())
        .collect()
}

/// The title of a finding that has the same rule and location as another one.
fn repeated(report: &Report) -> Option<String> {
    let mut met = BTreeSet::new();
    let key = |it: &openapi_drift::Finding| {
        (
            it.rule.clone(),
            it.base_at.clone(),
            it.revision_at.clone(),
            it.title.clone(),
        )
    };
    report
        .findings
        .iter()
        .find(|it| !met.insert(key(it)))
        .map(|it| it.title.clone())
}

fn print(
    name: &str,
    report: &Report,
    reports: usize,
    runs: usize,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let questions = report.questions;
    let same = if reports == 1 { "identical" } else { "DIFFERENT" };
    writeln!(
        out,
        "{name}: {} findings, {same} in {runs} runs",
        report.findings.len()
    )?;
    #[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
    let share = 100.0 * questions.undecided as f64 / questions.asked.max(1) as f64;
    writeln!(
        out,
        "  schema questions: {}, undecided: {} ({share:.1} %), internal faults: {}",
        questions.asked, questions.undecided, questions.internal_faults
    )?;
    let counts = report.counts;
    writeln!(
        out,
        "  breaking {}, risky {}, additive {}, cosmetic {}",
        counts.breaking, counts.risky, counts.additive, counts.cosmetic
    )?;
    let mut rules: BTreeMap<(Level, &str), (usize, usize)> = BTreeMap::new();
    for finding in &report.findings {
        let (findings, reached) = rules.entry((finding.level, &finding.rule)).or_default();
        *findings += 1;
        *reached = (*reached).max(finding.operations.len());
    }
    for ((level, rule), (findings, reached)) in rules {
        let level = format!("{level:?}").to_lowercase();
        writeln!(
            out,
            "    {level:9} {findings:5}  {rule} (one reaches {reached} operations at most)"
        )?;
    }
    Ok(())
}
