//! Annotations of a GitHub workflow: one command per finding, at its line of the pinned document.

use std::io::{self, Write};

use openapi_drift::Level;

use super::phrases::{facts, summary};
use crate::check_spec::report::{Finding, Report, level_word};
use crate::exit::Failure;
use crate::untrusted;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    // GitHub shows ten annotations of each kind and step; what matters most comes first.
    for finding in report.open().filter(|finding| finding.level < Level::Cosmetic) {
        annotate(report, finding, out)?;
    }
    for remark in &report.policy {
        let mut parts = remark.place.rsplitn(3, ':');
        let (column, line, file) = (parts.next(), parts.next(), parts.next());
        writeln!(
            out,
            "::warning file={},line={},col={},title=policy::{}",
            property(file.unwrap_or_default()),
            property(line.unwrap_or("1")),
            property(column.unwrap_or("1")),
            data(std::slice::from_ref(&remark.message))
        )?;
    }
    let word = if report.failed { "error" } else { "notice" };
    writeln!(out, "::{word} title=check-spec::{}", data(&[summary(report)]))
}

/// Says that nothing was compared, and how to mend that.
pub(crate) fn unable(failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = vec![failure.to_string()];
    lines.extend(failure.lines().iter().cloned());
    lines.extend(failure.help().map(|hint| format!("help: {hint}")));
    writeln!(out, "::error title=check-spec could not check::{}", data(&lines))
}

fn annotate(report: &Report, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let command = match finding.level {
        Level::Breaking => "error",
        Level::Risky => "warning",
        Level::Additive | Level::Cosmetic => "notice",
    };
    let mut lines = vec![finding.title.clone()];
    lines.extend(facts(report, finding));
    let title = format!("{}[{}]", level_word(finding.level), finding.rule);
    writeln!(
        out,
        "::{command} file={},line={},title={}::{}",
        property(&report.pinned_file(finding)),
        finding.pinned_line.unwrap_or(1),
        property(&title),
        data(&lines)
    )
}

/// Lines, escaped as the runner unescapes: <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>.
fn data(lines: &[String]) -> String {
    untrusted::lines(lines.iter().map(String::as_str))
        .replace('%', "%25")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&[text.to_owned()]).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn a_document_cannot_issue_workflow_commands() {
        let data = |text: &str| data(&["ours".to_owned(), text.to_owned()]);
        assert_eq!(
            data("x\n::set-output name=a::b"),
            "ours%0Ax\\u{a}::set-output name=a::b"
        );
        assert_eq!(data("::error::x"), "ours%0A\\u{3a}:error::x");
        assert_eq!(data("100%\r"), "ours%0A100%25\\u{d}");
        assert_eq!(property("a,line=1::b"), "a%2Cline=1%3A%3Ab");
    }
}
