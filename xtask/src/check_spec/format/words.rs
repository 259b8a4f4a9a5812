//! Wording that several formats share.

use std::fmt::Write as _;

use serde_json::Value;

use crate::check_spec::report::{FailOn, Finding, Report, step_word};

/// Longest value that is printed on a line, in characters.
const LONGEST_VALUE: usize = 300;

/// `4 breaking, 2 risky, 5 additive, 0 cosmetic; next release: major`, and what that means for the build.
pub(super) fn summary(report: &Report) -> String {
    let counts = report.counts;
    let mut text = format!(
        "{} breaking, {} risky, {} additive, {} cosmetic",
        counts.breaking, counts.risky, counts.additive, counts.cosmetic
    );
    if counts.accepted > 0 {
        let _ = write!(text, ", {} accepted", counts.accepted);
    }
    if report.pinned.sha256 == report.staging.sha256 {
        text.push_str("; staging serves the pinned document");
    } else {
        let _ = write!(
            text,
            "; semver step of the next release: {}",
            step_word(report.semver)
        );
    }
    match (report.failed, report.fail_on) {
        (true, level) => {
            let _ = write!(text, "; failed by --fail-on {}", level.as_str());
        }
        (false, FailOn::Never) => text.push_str("; nothing fails with --fail-on never"),
        (false, _) => {}
    }
    text
}

/// Who meets a finding: one line per operation, however many of its answers do.
pub(super) fn met_by(finding: &Finding) -> Vec<String> {
    let mut lines: Vec<(String, Vec<&str>, String)> = Vec::new();
    for operation in &finding.operations {
        let name = operation
            .name
            .as_deref()
            .map_or_else(String::new, |name| format!("{name}, "));
        let head = format!("{name}{} {}", operation.method, operation.path);
        let at = if operation.at.is_empty() {
            String::new()
        } else {
            format!(", at {}", operation.at)
        };
        let status = operation.status.as_deref();
        match lines.iter_mut().find(|line| line.0 == head && line.2 == at) {
            Some(line) => line.1.extend(status),
            None => lines.push((head, status.into_iter().collect(), at)),
        }
    }
    lines
        .into_iter()
        .map(|(head, statuses, at)| {
            let statuses = if statuses.is_empty() {
                String::new()
            } else {
                format!(", status {}", statuses.join(" "))
            };
            format!("{head}{statuses}{at}")
        })
        .collect()
}

/// A value on one line, cut where it is long.
pub(super) fn value_line(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}… ({} bytes in all)", &text[..end], text.len()),
        None => text,
    }
}

pub(super) fn plural(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
