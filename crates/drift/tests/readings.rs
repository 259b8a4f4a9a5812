//! Ambiguous documents are read as `docs/readings.md` says. Pairs of small documents show each reading.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use openapi_drift::{Document, Level, Options, Report, compare};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readings")
}

/// A pair of documents, and the rules above cosmetic that it shows.
struct Shown {
    name: String,
    finds: BTreeSet<String>,
    base: String,
    revision: String,
}

/// All pairs. Each has two YAML documents after a first line `# finds: a, b`, which names no rule if the documents have
/// the same meaning.
fn all() -> Vec<Shown> {
    let files = std::fs::read_dir(folder()).expect("the folder of readings");
    let mut all: Vec<Shown> = files
        .map(|file| {
            let path = file.expect("a file").path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let text = std::fs::read_to_string(&path).expect("a text");
            let (first, rest) = text.split_once('\n').expect("a first line");
            let finds = first
                .strip_prefix("# finds:")
                .unwrap_or_else(|| panic!("{name} does not say what is found"));
            let finds = finds.split(',').map(str::trim).filter(|it| !it.is_empty());
            let (base, revision) = rest.split_once("\n---\n").expect("two documents");
            Shown {
                finds: finds.map(str::to_owned).collect(),
                base: base.to_owned(),
                revision: revision.to_owned(),
                name,
            }
        })
        .collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

fn report(base: &str, revision: &str) -> Report {
    let read = |text: &str| Document::read(text.as_bytes()).expect("a document");
    compare(&read(base), &read(revision), &Options::default())
}

#[test]
fn each_reading_finds_what_it_shows_and_nothing_else() {
    let mut wrong = Vec::new();
    for shown in all() {
        let report = report(&shown.base, &shown.revision);
        let above = report.findings.iter().filter(|it| it.level < Level::Cosmetic);
        let found: BTreeSet<String> = above.map(|it| it.rule.clone()).collect();
        let faults = report.questions.internal_faults;
        if found != shown.finds || faults > 0 {
            let titles: Vec<String> = report
                .findings
                .iter()
                .map(|it| format!("{}: {}", it.rule, it.title))
                .collect();
            wrong.push(format!("{}: {faults} internal faults, {titles:#?}", shown.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Either both documents accept such a message, or both refuse it by the letter, so no message shows a refusal.
#[test]
fn what_an_alternative_leaves_unread_is_told_without_a_message() {
    let mut told = 0;
    for shown in all() {
        for finding in report(&shown.base, &shown.revision).findings {
            if finding.rule.ends_with("-alternative-ignored") {
                told += 1;
                assert!(finding.witness.is_none(), "{}: {finding:#?}", shown.name);
            }
        }
    }
    assert!(told >= 4, "{told}");
}

#[test]
fn no_document_of_a_reading_drifts_from_itself() {
    for shown in all() {
        for document in [&shown.base, &shown.revision] {
            let mut findings = report(document, document).findings;
            // A reference that is unresolved in both is no drift, but it is still reported.
            findings.retain(|it| it.rule != "reference-unresolved-in-both");
            assert!(findings.is_empty(), "{}: {findings:#?}", shown.name);
        }
    }
}

#[test]
fn without_fuel_no_verdict_is_contradicted() {
    for shown in all() {
        for fuel in [0, 1, 2] {
            let mut options = Options::default();
            options.fuel = fuel;
            let read = |text: &str| Document::read(text.as_bytes()).expect("a document");
            let report = compare(&read(&shown.base), &read(&shown.revision), &options);
            let faults = report.questions.internal_faults;
            assert_eq!(
                faults, 0,
                "{} with {fuel} steps: {:#?}",
                shown.name, report.findings
            );
        }
    }
}

#[test]
fn each_pair_is_told_on_the_page_of_readings() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/readings.md");
    let page = std::fs::read_to_string(page).expect("the page of readings");
    for shown in all() {
        let link = format!("(../crates/drift/tests/readings/{})", shown.name);
        assert!(page.contains(&link), "{} is not told", shown.name);
    }
    let linked = page.matches("(../crates/drift/tests/readings/").count();
    assert_eq!(linked, all().len(), "a link to a pair that is not there");
}
