//! Annotations of a GitHub workflow: the verdict, the remarks on the policy, and the worst findings at their lines of
//! the base.

use std::io::{self, Write};

use openapi_drift::Level;

use super::phrases::{facts, summary};
use crate::exit::Failure;
use crate::report::{Finding, Remark, Report, level_word};
use crate::untrusted;

/// Maximum number of findings. GitHub shows ten annotations of each kind per step, and the verdict is one of them.
const MOST_FINDINGS: usize = 9;

/// Maximum number of remarks on the policy.
const MOST_REMARKS: usize = 9;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let word = if report.failed { "error" } else { "notice" };
    let command = report.words.command.rsplit(' ').next().unwrap_or_default();
    writeln!(
        out,
        "::{word} title={}::{}",
        property(command),
        data(&[summary(report)])
    )?;
    for remark in report.policy.iter().take(MOST_REMARKS) {
        policy(remark, out)?;
    }
    if let Some(more) = report
        .policy
        .len()
        .checked_sub(MOST_REMARKS)
        .filter(|more| *more > 0)
    {
        let text = format!("{more} more entries of the policy had no effect; the other formats name each");
        writeln!(out, "::warning title=policy::{}", data(&[text]))?;
    }
    let shown = |finding: &&Finding| finding.level < Level::Cosmetic;
    for finding in report.open().filter(shown).take(MOST_FINDINGS) {
        annotate(report, finding, out)?;
    }
    let all = report.open().filter(shown).count();
    if let Some(more) = all.checked_sub(MOST_FINDINGS).filter(|more| *more > 0) {
        let text = format!(
            "{more} more findings: the summary of this run tells them, and a report of another format, such as `--report \
             html=drift.html`, everything"
        );
        writeln!(out, "::notice title={}::{}", property(command), data(&[text]))?;
    }
    Ok(())
}

fn policy(remark: &Remark, out: &mut dyn Write) -> io::Result<()> {
    let mut parts = remark.place.rsplitn(3, ':');
    let (column, line, file) = (parts.next(), parts.next(), parts.next());
    writeln!(
        out,
        "::warning file={},line={},col={},title=policy::{}",
        property(file.unwrap_or_default()),
        property(line.unwrap_or("1")),
        property(column.unwrap_or("1")),
        data(std::slice::from_ref(&remark.message))
    )
}

/// Writes that nothing was compared, and how to fix that.
pub(crate) fn unable(failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = vec![failure.to_string()];
    lines.extend(failure.lines().iter().cloned());
    lines.extend(failure.help().map(|hint| format!("help: {hint}")));
    writeln!(out, "::error title=could not check for drift::{}", data(&lines))
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
    // Annotations are shown in the base, the file in the repository. New parts of the revision have no line there.
    let (line, column) = finding.base_position.map_or((1, 1), |at| (at.line, at.column));
    writeln!(
        out,
        "::{command} file={},line={line},col={column},title={}::{}",
        property(
            &report
                .base
                .file_of(finding.base_at.as_deref().unwrap_or_default())
        ),
        property(&title),
        data(&lines)
    )
}

/// Maximum length of a line in an annotation, in characters.
const LONGEST: usize = 1_000;

/// Joins lines and escapes them for the runner:
/// <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>.
fn data(lines: &[String]) -> String {
    let short = lines.iter().map(|line| match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.clone(),
    });
    let short: Vec<String> = short.collect();
    untrusted::lines(short.iter().map(String::as_str))
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
