//! Every rule is documented, and a pair of small documents shows it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use openapi_drift::{Document, Level, Message, Options, Report, Rule, compare, rules};
use similar::TextDiff;

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
        assert!(
            rule.explanation.ends_with('.') && rule.mend.ends_with('.'),
            "{}",
            rule.id
        );
        assert!(!rule.readings.is_empty(), "{}", rule.id);
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
        "write it anew: BLESS=1 cargo test -p openapi-drift --test all rules"
    );
}

fn page() -> String {
    let mut page = String::from(
        "# Rules\n\n\
         Every kind of drift that `openapi-drift` reports, by level. Each rule has an example: the change between two \
         documents, and for a breaking rule the message that one of them accepts and the other refuses. The name of a \
         rule leads to both documents, with which the rule is tested. This page is generated from \
         `openapi_drift::rules()`.\n",
    );
    let levels = [
        (
            Level::Breaking,
            "Breaking",
            "A message that one document allows is refused or misread under the other. A message proves each finding.",
        ),
        (
            Level::Risky,
            "Risky",
            "It is not proved that anything fails, but somebody may notice the change.",
        ),
        (
            Level::Additive,
            "Additive",
            "Something is new or allowed that callers of the base never meet.",
        ),
        (Level::Cosmetic, "Cosmetic", "No message changes."),
    ];
    for (level, name, meaning) in levels {
        let _ = write!(page, "\n## {name}\n\n{meaning}\n");
        for rule in rules().iter().filter(|rule| rule.level == level) {
            page.push_str(&section(rule));
        }
    }
    page
}

/// The description of one rule.
fn section(rule: &Rule) -> String {
    let fixture = fixture(rule);
    let mut section = format!(
        "\n### [{0}](../crates/drift/tests/rules/{0}.yaml)\n\n{1}\n\n- Affected: {2}.\n- What to do: {3}\n- Based on: {4}.\n\n```diff\n{5}```\n",
        rule.id,
        rule.explanation,
        rule.affects,
        rule.mend,
        readings(rule),
        excerpt(&fixture.base, &fixture.revision),
    );
    let report = report(&fixture.base, &fixture.revision);
    let own = report.findings.into_iter().find(|it| it.rule == rule.id);
    if let Some(message) = own.and_then(|it| it.witness?.message) {
        let _ = write!(section, "\n```http\n{}```\n", written(&message));
    }
    section
}

/// Links to the sections of `docs/readings.md` that a rule depends on.
fn readings(rule: &Rule) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/readings.md");
    let text = std::fs::read_to_string(path).expect("the page of readings");
    let link = |number: &u8| {
        let start = format!("## {number}. ");
        let heading = text.lines().find_map(|line| line.strip_prefix(&start));
        let heading =
            heading.unwrap_or_else(|| panic!("{} depends on reading {number}, which is missing", rule.id));
        let anchor = format!("{number}-{}", heading.to_lowercase().replace(' ', "-"));
        format!(
            "[reading {number}, {}](readings.md#{anchor})",
            heading.to_lowercase()
        )
    };
    rule.readings.iter().map(link).collect::<Vec<_>>().join("; ")
}

/// The lines that differ, with one line around each change.
fn excerpt(base: &str, revision: &str) -> String {
    // The base lost its last line break where the two documents were parted.
    let base = format!("{base}\n");
    let diff = TextDiff::from_lines(base.as_str(), revision);
    let hunks = diff.grouped_ops(1);
    let hunks = hunks.iter().map(|hunk| {
        let changes = hunk.iter().flat_map(|op| diff.iter_changes(op));
        let line = |change: similar::Change<&str>| format!("{}{}\n", change.tag(), change.value().trim_end());
        changes.map(line).collect::<String>()
    });
    hunks.collect::<Vec<_>>().join("@@\n")
}

/// A message in the form of HTTP/1.1, without the parts that do not depend on the document.
fn written(message: &Message) -> String {
    let start = match (message.status, &message.target, &message.name) {
        (Some(status), ..) => format!("HTTP/1.1 {status}"),
        (None, Some(target), _) => format!("{} {target}", message.method),
        (None, None, name) => format!("{} {}", message.method, name.as_deref().unwrap_or_default()),
    };
    let mut text = format!("{start}\n");
    for (name, value) in &message.headers {
        let _ = writeln!(text, "{name}: {value}");
    }
    if let Some(body) = &message.body {
        let _ = writeln!(text, "\n{body}");
    }
    text
}
