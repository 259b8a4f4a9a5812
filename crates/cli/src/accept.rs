//! Acceptances written down: the entry of a finding, as a reader pastes it or a command writes it.

use std::path::Path;

use anyhow::anyhow;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::exit::Failure;
use crate::files::{self, FolderLock};
use crate::policy::{accepted_on, places};
use crate::report::{Finding, Report};
use crate::untrusted::is_unsafe;

/// Days for which an acceptance is proposed.
const DAYS: i64 = 90;

/// Whether a finding is one that somebody has to accept or mend.
pub(crate) fn offered(report: &Report, finding: &Finding) -> bool {
    finding.accepted.is_none() && report.fail_on.hits(finding.level)
}

/// The last day that is proposed for an acceptance.
pub(crate) fn proposed_end(today: Date) -> Date {
    today.checked_add(DAYS.days()).unwrap_or(today)
}

/// The entry that accepts a finding, a line each; the reason is for its reader to fill in.
pub(crate) fn block(report: &Report, finding: &Finding) -> Vec<String> {
    let Some(entry) = Entry::of(finding, "…", proposed_end(report.today)) else {
        return Vec::new();
    };
    entry.lines()
}

/// An acceptance that is to be written.
struct Entry<'a> {
    rule: &'a str,
    at: &'a str,
    reason: &'a str,
    until: Date,
}

impl<'a> Entry<'a> {
    /// Nothing where the finding has no place.
    fn of(finding: &'a Finding, reason: &'a str, until: Date) -> Option<Self> {
        Some(Self {
            rule: &finding.rule,
            at: places(finding).next()?,
            reason,
            until,
        })
    }

    /// As `drift.toml` holds it, a line each.
    fn lines(&self) -> Vec<String> {
        vec![
            "[[accept]]".to_owned(),
            format!("rule    = {}", quoted(self.rule)),
            format!("at      = {}", quoted(self.at)),
            format!("reason  = {}", quoted(self.reason)),
            format!("expires = {}", self.until),
        ]
    }
}

/// A text as TOML's basic string, in which nothing is left that a terminal or a runner would obey: it is shown as it is,
/// and read as what it stands for.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            _ if is_unsafe(c) || c == '#' && before == '#' => {
                quoted.push_str(&format!("\\U{:08x}", u32::from(c)));
            }
            _ => quoted.push(c),
        }
        before = c;
    }
    quoted.push('"');
    quoted
}

/// Which findings are accepted.
#[derive(Clone, Debug)]
pub enum Choice {
    /// Those whose ids begin so; each must be one finding.
    Ids(Vec<String>),
    /// All that fail the build.
    All,
}

/// Writes an entry for each chosen finding to the end of the policy in one step, and returns how many there were. Runs at
/// the same time wait for each other, so that each keeps what the others wrote.
///
/// # Errors
/// When an id is that of no finding or of several, when the reason says nothing or the day is over, and when the file
/// cannot be read or written.
pub fn accept(
    policy: &Path,
    report: &Report,
    choice: &Choice,
    reason: &str,
    until: Date,
) -> Result<usize, Failure> {
    if reason.trim().is_empty() {
        let what = "the reason is empty; say why this drift is fine, for those who come after you";
        return Err(Failure::usage(anyhow!(what)));
    }
    if until < report.today {
        return Err(Failure::usage(anyhow!(
            "an acceptance until {until} has ended already"
        )));
    }
    let chosen: Vec<&Finding> = match choice {
        Choice::All => report.failing().collect(),
        Choice::Ids(ids) => {
            let mut chosen: Vec<&Finding> = Vec::new();
            for id in ids {
                let found = one(report, id)?;
                if !chosen.iter().any(|it| it.id == found.id) {
                    chosen.push(found);
                }
            }
            chosen
        }
    };
    let name = policy.display();
    // Where the policy is a link, what it leads to is the policy: it was read as one.
    let file = match policy.canonicalize() {
        Ok(file) => file,
        Err(error) if policy.is_symlink() => {
            return Err(Failure::usage(anyhow!(
                "{name} is a link that leads to no file: {error}"
            )));
        }
        Err(_) => policy.to_owned(),
    };
    let _alone = FolderLock::wait(&file)
        .map_err(|error| Failure::unable(anyhow!("{name} cannot be kept from other runs: {error}")))?;
    let mut text = match files::read_configuration(policy) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Failure::usage(anyhow!("{name}: {error}"))),
    };
    // Another run may have accepted some of them since the report was made.
    let mut accepted = accepted_on(&text, report.today)
        .map_err(|error| Failure::usage(anyhow!("{name}: {}", error.message())))?;
    let mut written = 0;
    for finding in chosen {
        let entry = Entry::of(finding, reason, until).ok_or_else(|| {
            Failure::usage(anyhow!(
                "{} has no place by which it could be accepted",
                finding.id
            ))
        })?;
        // Findings of one rule and place are accepted together.
        if !accepted.insert((entry.rule.to_owned(), entry.at.to_owned())) {
            continue;
        }
        written += 1;
        if !text.is_empty() {
            text.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
        }
        text.extend(entry.lines().iter().map(|line| format!("{line}\n")));
    }
    if written > 0 {
        files::write_atomically(&file, text.as_bytes())
            .map_err(|error| Failure::unable(anyhow!("{name} cannot be written: {error}")))?;
    }
    Ok(written)
}

/// The one open finding whose id begins so.
fn one<'r>(report: &'r Report, id: &str) -> Result<&'r Finding, Failure> {
    let mut found = report
        .findings
        .iter()
        .filter(|finding| finding.id.starts_with(id));
    match (found.next(), found.next()) {
        _ if id.is_empty() => Err(Failure::usage(anyhow!("an id is empty"))),
        (Some(finding), _) if finding.accepted.is_some() => {
            Err(Failure::usage(anyhow!("{id} is accepted already")))
        }
        (Some(finding), None) => Ok(finding),
        (Some(_), Some(_)) => Err(Failure::usage(anyhow!(
            "several findings have an id that begins with `{id}`"
        ))
        .hint("write more digits of it, as the report prints them")),
        (None, _) => Err(
            Failure::usage(anyhow!("no finding has the id `{id}`")).hint(format!(
                "ids are those of the very same comparison; `{}` prints them",
                report.words.command
            )),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn whatever_a_place_is_called_its_entry_is_one_line_that_reads_back() {
        for text in [
            "/paths/~1a",
            "a\r\n::error::x ##[y] ###",
            "\u{1b}[2J\u{202e}\u{fffe}\u{7f}",
            "\"\\ '' é 東京",
        ] {
            let line = format!("at = {}", quoted(text));
            assert!(
                !line.contains(crate::untrusted::is_unsafe) && !line.contains("##"),
                "{line}"
            );
            let read: toml::Table = line.parse().unwrap();
            assert_eq!(read["at"].as_str(), Some(text), "{line}");
        }
    }
}
