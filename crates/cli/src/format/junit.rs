//! The report for viewers of test reports: a test case for the check, and one for each finding.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report as JunitReport, TestCase, TestCaseStatus, TestSuite};

use super::phrases::{facts, places, summary};
use crate::report::{Finding, Report, level_word};
use crate::untrusted::Untrusted;

/// Maximum length of the text in one element, in characters.
const LONGEST: usize = 10_000;

pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let command = report.words.command.rsplit(' ').next().unwrap_or_default();
    let mut suite = TestSuite::new(command);
    let (revision, level) = (report.words.revision, report.fail_on.as_str());
    let title = format!("{revision} has no drift at or above {level}");
    let mut status = TestCaseStatus::success();
    if report.failed {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(summary(report));
    }
    suite.add_test_case(TestCase::new(title, status));
    for finding in &report.findings {
        suite.add_test_case(test_case(report, command, finding));
    }
    let mut junit = JunitReport::new(command);
    junit.add_test_suite(suite);
    junit.serialize(&mut *out).map_err(io::Error::other)
}

fn test_case(report: &Report, command: &str, finding: &Finding) -> TestCase {
    let mut status = if let Some(accepted) = &finding.accepted {
        let mut status = TestCaseStatus::skipped();
        status.set_message(safe(&format!(
            "accepted until {}: {}",
            accepted.expires, accepted.reason
        )));
        status
    } else if report.fail_on.hits(finding.level) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_message(safe(&finding.title))
            .set_type(finding.rule.clone());
        status
    } else {
        TestCaseStatus::success()
    };
    let text = description(report, finding);
    // A failed or skipped case carries the text itself, but viewers show only the output of a successful case.
    let succeeds = matches!(status, TestCaseStatus::Success { .. });
    if !succeeds {
        status.set_description(text.clone());
    }
    let mut case = TestCase::new(safe(&format!("{} [{}]", finding.title, finding.id)), status);
    case.set_classname(format!(
        "{command}.{}.{}",
        level_word(finding.level),
        finding.rule
    ));
    if succeeds {
        case.set_system_out(text);
    }
    case
}

fn description(report: &Report, finding: &Finding) -> String {
    let places = places(report, finding);
    let mut lines: Vec<String> = places.map(|(name, place)| format!("{name}: {place}")).collect();
    lines.extend(facts(report, finding));
    let lines: Vec<String> = lines.iter().map(|line| safe(line)).collect();
    let text = lines.join("\n");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Replaces control characters, since XML cannot contain most of them, and viewers show names and messages unfiltered.
fn safe(text: &str) -> String {
    Untrusted::new(text).up_to(LONGEST).to_string()
}
