//! Every rule is documented, and a pair of small documents shows it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use openapi_drift::{Document, Level, Options, Report, Rule, compare, rules};

struct Fixture {
    base: String,
    revision: String,
    /// Rules that the pair shows besides its own.
    also: BTreeSet<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")
}

/// Reads a fixture of two YAML documents. A first line `# also: a, b` names the other findings.
fn fixture(rule: &Rule) -> Fixture {
    let path = folder().join(format!("{}.yaml", rule.id));
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("the rule {} has no fixture {}: {error}", rule.id, path.display()));
    let also = text.lines().next().and_then(|line| line.strip_prefix("# also: "));
    let also = also
        .into_iter()
        .flat_map(|line| line.split(", "))
        .map(str::to_owned)
        .collect();
    let (base, revision) = text.split_once("\n---\n").expect("two documents");
    Fixture {
        base: base.to_owned(),
        revision: revision.to_owned(),
        also,
    }
}

fn report(base: &str, revision: &str) -> Report {
    let read = |text: &str| Document::read(text.as_bytes()).expect("a fixture is a document");
    compare(&read(base), &read(revision), &Options::default())
}

#[test]
fn each_rule_is_found_once_in_its_fixture_and_nothing_else() {
    let mut wrong = String::new();
    for rule in rules() {
        let fixture = fixture(&rule);
        let report = report(&fixture.base, &fixture.revision);
        let found: Vec<String> = report
            .findings
            .iter()
            .map(|it| format!("{} ({}) {:?}", it.rule, it.title, it.undecided))
            .collect();
        let own: Vec<_> = report.findings.iter().filter(|it| it.rule == rule.id).collect();
        let others: BTreeSet<String> = report
            .findings
            .iter()
            .map(|it| it.rule.clone())
            .filter(|it| *it != rule.id)
            .collect();
        let sound = own.len() == 1 && own[0].level == rule.level && others == fixture.also;
        if !sound {
            let _ = writeln!(wrong, "{}: {found:#?}", rule.id);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn each_breaking_rule_is_proved_in_its_fixture() {
    for rule in rules().iter().filter(|rule| rule.level == Level::Breaking) {
        let fixture = fixture(rule);
        let report = report(&fixture.base, &fixture.revision);
        assert_eq!(report.questions.internal_faults, 0, "{}", rule.id);
        for finding in report.findings {
            if finding.level == Level::Breaking {
                let message = finding.witness.and_then(|it| it.message);
                assert!(message.is_some(), "{}: {}", rule.id, finding.title);
            }
        }
    }
}

#[test]
fn no_document_of_a_fixture_drifts_from_itself() {
    for rule in rules() {
        let fixture = fixture(&rule);
        for document in [&fixture.base, &fixture.revision] {
            let report = report(document, document);
            assert!(report.findings.is_empty(), "{}: {:#?}", rule.id, report.findings);
        }
    }
}

#[test]
fn each_fixture_belongs_to_a_rule() {
    let known: BTreeSet<String> = rules().iter().map(|rule| format!("{}.yaml", rule.id)).collect();
    let files = std::fs::read_dir(folder())
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap());
    assert_eq!(files.collect::<BTreeSet<_>>(), known);
}

#[test]
fn ids_are_unique_and_explanations_are_sentences() {
    let rules = rules();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), rules.len());
    for rule in rules {
        assert!(
            rule.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
            "{}",
            rule.id
        );
        assert!(rule.explanation.ends_with('.'), "{}", rule.id);
    }
}

/// Compares `docs/rules.md` with the expected text; `BLESS=1` writes it.
#[test]
fn the_page_of_rules_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules.md");
    let expected = page();
    if std::env::var_os("BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(&path)
            .unwrap()
            .write_all(expected.as_bytes())
            .unwrap();
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        page == expected,
        "write it anew: BLESS=1 cargo test -p openapi-drift --test rules"
    );
}

fn page() -> String {
    let mut page = String::from(
        "# Rules\n\n\
         Every kind of drift that `openapi-drift` tells apart. This page is generated from the catalogue \
         (`openapi_drift::rules()`); each name leads to the pair of documents that shows the rule and tests it.\n",
    );
    let levels = [
        (
            Level::Breaking,
            "Breaking",
            "A deployed client sends a request that staging refuses, or gets an answer it cannot read.",
        ),
        (
            Level::Risky,
            "Risky",
            "Nothing is proven to fail, yet callers may notice.",
        ),
        (
            Level::Additive,
            "Additive",
            "Something new that an old client never meets.",
        ),
        (Level::Cosmetic, "Cosmetic", "Nothing of it travels."),
    ];
    for (level, name, meaning) in levels {
        let _ = write!(
            page,
            "\n## {name}\n\n{meaning}\n\n| rule | what it means |\n|---|---|\n"
        );
        for rule in rules().iter().filter(|rule| rule.level == level) {
            let _ = writeln!(
                page,
                "| [`{0}`](../crates/drift/tests/rules/{0}.yaml) | {1} |",
                rule.id, rule.explanation
            );
        }
    }
    page
}
