//! Acceptances in text form: the entry for a finding, which a reader pastes into the policy or a command writes there.

use std::path::Path;

use anyhow::anyhow;
use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::exit::Failure;
use crate::files::{self, FolderLock};
use crate::policy::{accepted_on, places};
use crate::report::{Finding, Report};
use crate::untrusted::is_unsafe;

/// Number of days for which an acceptance is proposed.
const DAYS: i64 = 90;

/// Whether a finding still has to be accepted or fixed.
pub(crate) fn offered(report: &Report, finding: &Finding) -> bool {
    finding.accepted.is_none() && report.fail_on.hits(finding.level)
}

/// The last day that is proposed for an acceptance.
pub(crate) fn proposed_end(today: Date) -> Date {
    today.checked_add(DAYS.days()).unwrap_or(today)
}

/// The lines of the entry that accepts a finding. The reader fills in the reason.
pub(crate) fn block(report: &Report, finding: &Finding) -> Vec<String> {
    let Some(entry) = Entry::of(finding, "…", proposed_end(report.today)) else {
        return Vec::new();
    };
    entry.lines()
}

/// An acceptance that will be written.
struct Entry<'a> {
    rule: &'a str,
    at: &'a str,
    reason: &'a str,
    until: Date,
}

impl<'a> Entry<'a> {
    /// Makes the entry, or returns `None` if the finding has no place.
    fn of(finding: &'a Finding, reason: &'a str, until: Date) -> Option<Self> {
        Some(Self {
            rule: &finding.rule,
            at: places(finding).next()?,
            reason,
            until,
        })
    }

    /// The lines of the entry in `drift.toml`.
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

/// Quotes a text as a TOML basic string. Characters that a terminal or a CI runner would interpret are escaped, so that
/// the string is displayed safely and still has the same value.
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

/// The findings to accept.
#[derive(Clone, Debug)]
pub enum Choice {
    /// The findings whose ids begin with these texts. Each text must match exactly one finding.
    Ids(Vec<String>),
    /// All findings that fail the build.
    All,
}

/// Appends an entry for each chosen finding to the policy in one atomic write, and returns the number of entries.
/// Concurrent runs wait for each other, so that no entry is lost.
///
/// # Errors
/// When an id matches no finding or several, when the reason is empty or the day is in the past, and when the file
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
    // If the policy is a symbolic link, write to its target, which is the file that was read.
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
    // Another run may have accepted some of the findings since the report was made.
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
        // One entry accepts all findings of the same rule and place.
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

/// Returns the single open finding whose id begins with `id`.
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
