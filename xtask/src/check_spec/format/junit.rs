//! The report for test report viewers: a test case for the check, and one for each finding.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report as JunitReport, TestCase, TestCaseStatus, TestSuite};

use super::words::{met_by, summary, value_line};
use crate::check_spec::report::{Finding, Report, level_word};

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut suite = TestSuite::new("check-spec");
    let title = format!("staging has no drift at or above {}", report.fail_on.as_str());
    let mut status = TestCaseStatus::success();
    if report.failed {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(summary(report));
    }
    suite.add_test_case(TestCase::new(title, status));
    for finding in &report.findings {
        suite.add_test_case(test_case(report, finding));
    }
    let mut junit = JunitReport::new("ratio-bank");
    junit.add_test_suite(suite);
    junit.serialize(&mut *out).map_err(io::Error::other)
}

fn test_case(report: &Report, finding: &Finding) -> TestCase {
    let mut status = if let Some(accepted) = &finding.accepted {
        let mut status = TestCaseStatus::skipped();
        status.set_message(format!(
            "accepted until {}: {}",
            accepted.expires, accepted.reason
        ));
        status
    } else if report.fail_on.hits(finding.level) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status
            .set_message(finding.title.clone())
            .set_type(finding.rule.clone());
        status
    } else {
        TestCaseStatus::success()
    };
    let text = description(finding);
    if !matches!(status, TestCaseStatus::Success { .. }) {
        status.set_description(text.clone());
    }
    let mut case = TestCase::new(format!("{} [{}]", finding.title, finding.id), status);
    case.set_classname(format!(
        "check-spec.{}.{}",
        level_word(finding.level),
        finding.rule
    ));
    case.set_system_out(text);
    case
}

fn description(finding: &Finding) -> String {
    let mut lines = Vec::new();
    lines.extend(finding.pinned_at.iter().map(|at| format!("pin: {at}")));
    lines.extend(finding.staging_at.iter().map(|at| format!("staging: {at}")));
    lines.extend(met_by(finding).into_iter().map(|line| format!("met by: {line}")));
    if let Some(witness) = &finding.witness {
        lines.push(format!(
            "witness: {}: {}",
            value_line(&witness.value),
            witness.because
        ));
    }
    lines.extend(
        finding
            .undecided
            .iter()
            .map(|reason| format!("undecided: {reason}")),
    );
    for call in finding.replay.iter().flat_map(|replay| &replay.calls) {
        lines.push(format!(
            "replay: {} {}: {}",
            call.operation,
            call.outcome.as_str(),
            call.detail
        ));
    }
    lines.extend(finding.rust.iter().map(|item| format!("rust: {item}")));
    lines.push(format!("help: {}", finding.mend));
    lines.join("\n")
}
