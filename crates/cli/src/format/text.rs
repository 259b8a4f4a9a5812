//! The report for a terminal, in the layout of compiler messages.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use openapi_drift::Level;

use super::Detail;
use super::phrases::{
    MOST, NO_ITEM, RULES_PAGE, accept_command, changes_no_item, ended, first, message_line, met_by_up_to,
    place, plural, proof, replayed, summary, value_line,
};
use crate::accept;
use crate::excerpt::Tag;
use crate::printer::{BOLD, DIM, ERROR, GOOD, NOTE, WARNING};
use crate::report::{ApiDiff, Finding, Kind, Report, level_word};
use crate::untrusted::Untrusted;

const GUTTER: Style = AnsiColor::BrightBlue.on_default().bold();
const GONE: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();

/// Size in bytes up to which findings are shown in full in the usual detail. Later findings are shown on one line.
const FULL_UP_TO: usize = 36_000;
/// Size in bytes up to which findings are shown on one line.
const LINES_UP_TO: usize = 50_000;
/// Maximum size of the recap, in bytes.
const RECAP_UP_TO: usize = 20_000;
/// Maximum length of a title on its own line, in characters.
const LONGEST_TITLE: usize = 240;
/// Maximum length of a line from a document, in characters.
const LONGEST: usize = 1_000;

pub(super) fn write(report: &Report, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page {
        report,
        detail,
        text: Vec::new(),
    };
    if detail != Detail::Least {
        page.findings()?;
        page.rust()?;
        page.policy()?;
        page.origins()?;
    }
    page.recap()?;
    out.write_all(&page.text)
}

struct Page<'r> {
    report: &'r Report,
    detail: Detail,
    text: Vec<u8>,
}

impl Page<'_> {
    fn is_whole(&self) -> bool {
        self.detail == Detail::Most
    }

    fn most(&self) -> usize {
        if self.is_whole() { usize::MAX } else { MOST }
    }

    /// Writes breaking and risky findings in full, and the others on one line.
    fn findings(&mut self) -> io::Result<()> {
        let (mut lines, mut left_out) = (0, 0);
        for finding in &self.report.findings {
            let matters = finding.accepted.is_none() && finding.level <= Level::Risky;
            if self.is_whole() || matters && self.text.len() < FULL_UP_TO {
                self.full(finding)?;
            } else if finding.level == Level::Cosmetic && finding.level_because.is_none() {
                // A finding that a policy set to cosmetic is still shown.
            } else if self.text.len() < LINES_UP_TO {
                lines += 1;
                self.brief(finding)?;
            } else {
                left_out += 1;
            }
        }
        if left_out > 0 {
            writeln!(self.text, "{DIM}and {left_out} more{DIM:#}")?;
        }
        if lines > 0 || left_out > 0 {
            let hint = "what has one line, and every place, is shown in full by -v";
            writeln!(self.text, "{DIM}{hint}{DIM:#}\n")?;
        }
        Ok(())
    }

    fn headline(&mut self, finding: &Finding) -> io::Result<()> {
        let style = match finding.level {
            Level::Breaking => ERROR,
            Level::Risky => WARNING,
            Level::Additive => NOTE,
            Level::Cosmetic => DIM,
        };
        let accepted = if finding.accepted.is_some() {
            " (accepted)"
        } else {
            ""
        };
        writeln!(
            self.text,
            "{style}{}[{}]{style:#}{accepted}: {BOLD}{}{BOLD:#}",
            level_word(finding.level),
            one_line(&finding.rule),
            Untrusted::new(&finding.title).up_to(LONGEST_TITLE)
        )
    }

    /// Writes the headline, and the reason if the finding does not count.
    fn brief(&mut self, finding: &Finding) -> io::Result<()> {
        self.headline(finding)?;
        if let Some(accepted) = &finding.accepted {
            self.note(
                "accepted",
                &format!("until {}: {}", accepted.expires, accepted.reason),
            )?;
        }
        if let Some(because) = &finding.level_because {
            self.note(level_word(finding.level), because)?;
        }
        Ok(())
    }

    fn full(&mut self, finding: &Finding) -> io::Result<()> {
        let report = self.report;
        self.headline(finding)?;
        if let Some(pointer) = &finding.base_at {
            let place = place(&report.base, finding.base_position, pointer);
            writeln!(self.text, "  {GUTTER}-->{GUTTER:#} {}", one_line(&place))?;
        }
        if let Some(pointer) = &finding.revision_at {
            let arrow = if finding.base_at.is_some() { ":::" } else { "-->" };
            let place = place(&report.revision, finding.revision_position, pointer);
            writeln!(self.text, "  {GUTTER}{arrow}{GUTTER:#} {}", one_line(&place))?;
        }
        self.excerpt(finding)?;
        for line in met_by_up_to(finding, self.most()) {
            self.note("met by", &line)?;
        }
        if let Some(witness) = &finding.witness {
            self.note("witness", &value_line(&witness.value))?;
            if let Some(message) = message_line(witness) {
                self.note("message", &message)?;
            }
            self.note(
                "proof",
                &format!("{}: {}", proof(witness, &report.words), witness.because),
            )?;
        }
        if let Some(reason) = &finding.undecided {
            self.note("undecided", reason)?;
        }
        for also in first(finding.also.clone(), self.most()) {
            self.note("also", &also)?;
        }
        let calls = replayed(finding).iter().map(ToString::to_string).collect();
        for calls in first(calls, self.most()) {
            self.note("replay", &calls)?;
        }
        if let Some(because) = &finding.level_because {
            self.note(level_word(finding.level), because)?;
        }
        for item in first(finding.rust.clone(), self.most()) {
            self.note("rust", &item)?;
        }
        if changes_no_item(report, finding) {
            self.note("rust", NO_ITEM)?;
        }
        if let Some(accepted) = &finding.accepted {
            self.note(
                "accepted",
                &format!("until {}: {}", accepted.expires, accepted.reason),
            )?;
        }
        if let Some(ended) = ended(finding) {
            self.note("ended", &ended)?;
        }
        self.note("help", &finding.help)?;
        if accept::offered(report, finding) {
            let how = format!(
                "{}, or paste into {}:",
                accept_command(report, finding),
                report.words.policy
            );
            self.note("accept", &how)?;
            for line in accept::block(report, finding) {
                writeln!(self.text, "       {DIM}{}{DIM:#}", one_line(&line))?;
            }
        }
        writeln!(self.text)
    }

    fn excerpt(&mut self, finding: &Finding) -> io::Result<()> {
        if finding.excerpt.is_empty() {
            return Ok(());
        }
        writeln!(self.text, "   {GUTTER}|{GUTTER:#}")?;
        for line in &finding.excerpt {
            let (sign, style) = match line.tag {
                Tag::Base => ("-", GONE),
                Tag::Revision => ("+", NEW),
                Tag::Both => (" ", Style::new()),
                Tag::Cut => (" ", DIM),
            };
            let text = one_line(&line.text);
            writeln!(self.text, "   {GUTTER}|{GUTTER:#} {style}{sign} {text}{style:#}")?;
        }
        writeln!(self.text, "   {GUTTER}|{GUTTER:#}")
    }

    /// Writes a fact about a finding. On a terminal, the text is wrapped and aligned with its first word.
    fn note(&mut self, word: &str, text: &str) -> io::Result<()> {
        let text = one_line(text).to_string();
        let indent = "   = ".len() + word.len() + ": ".len();
        let text = match self.detail {
            Detail::Usual { width: Some(width) } if width > indent + 20 => {
                let options = textwrap::Options::new(width - indent).break_words(false);
                let wrapped = textwrap::wrap(&text, options);
                // Wrapping may move a word to the start of a line, where a CI runner could read it as a command.
                let wrapped: Vec<_> = wrapped.iter().map(|it| Untrusted::new(it).to_string()).collect();
                wrapped.join(&format!("\n{}", " ".repeat(indent)))
            }
            _ => text,
        };
        writeln!(self.text, "   {GUTTER}={GUTTER:#} {BOLD}{word}{BOLD:#}: {text}")
    }

    /// Writes the changed items of the Rust API.
    fn rust(&mut self) -> io::Result<()> {
        let Some(rust) = &self.report.rust else {
            return Ok(());
        };
        if let Some(why) = &rust.unavailable {
            return writeln!(
                self.text,
                "{WARNING}rust{WARNING:#}: no client can be built from {}'s document: {}\n",
                self.report.words.revision,
                one_line(why)
            );
        }
        if rust.changes.is_empty() {
            return Ok(());
        }
        let all = plural(rust.changes.len(), "item", "items");
        writeln!(
            self.text,
            "{BOLD}rust{BOLD:#}: re-pinning changes {all} of what callers can name"
        )?;
        self.changes(rust)?;
        writeln!(self.text)
    }

    fn changes(&mut self, rust: &ApiDiff) -> io::Result<()> {
        let whole = self.is_whole();
        let shown: Vec<_> = rust
            .changes
            .iter()
            .filter(|change| change.breaks || whole)
            .collect();
        for change in &shown {
            let (sign, style) = match change.kind {
                Kind::Removed => ("-", GONE),
                Kind::Changed => ("~", WARNING),
                Kind::Added => ("+", NEW),
            };
            let item = one_line(&change.item);
            match (&change.old, &change.new) {
                (Some(old), Some(new)) => {
                    writeln!(self.text, "   {style}{sign} {item}{style:#}")?;
                    writeln!(self.text, "       {DIM}it was {}{DIM:#}", one_line(old))?;
                    writeln!(self.text, "       {DIM}it is  {}{DIM:#}", one_line(new))?;
                }
                (Some(shape), None) | (None, Some(shape)) => {
                    let shape = one_line(shape);
                    writeln!(self.text, "   {style}{sign} {item}{style:#}{DIM}: {shape}{DIM:#}")?;
                }
                (None, None) => writeln!(self.text, "   {style}{sign} {item}{style:#}")?,
            }
            if let Some(ours) = &change.ours {
                writeln!(self.text, "       {DIM}ours to mend: {}{DIM:#}", one_line(ours))?;
            }
        }
        if shown.len() < rust.changes.len() {
            let unseen = rust.changes.len() - shown.len();
            writeln!(
                self.text,
                "   {DIM}and {unseen} that no source of yours can trip over; -v lists them{DIM:#}"
            )?;
        }
        Ok(())
    }

    fn policy(&mut self) -> io::Result<()> {
        let remarks = &self.report.policy;
        let shown = if self.is_whole() { remarks.len() } else { 20 };
        for remark in remarks.iter().take(shown) {
            let (place, message) = (one_line(&remark.place), one_line(&remark.message));
            writeln!(self.text, "{WARNING}policy{WARNING:#}: {place}: {message}")?;
        }
        if let Some(more) = remarks.len().checked_sub(shown).filter(|more| *more > 0) {
            writeln!(
                self.text,
                "{WARNING}policy{WARNING:#}: and {more} more entries; -v lists them"
            )?;
        }
        Ok(())
    }

    fn origins(&mut self) -> io::Result<()> {
        let words = self.report.words;
        for (name, origin) in [
            (words.base, &self.report.base),
            (words.revision, &self.report.revision),
        ] {
            let digest = origin.sha256.get(..12).unwrap_or_default();
            let source = one_line(&origin.source);
            writeln!(self.text, "{DIM}{name}: {source} (sha256 {digest}…){DIM:#}")?;
        }
        if !self.report.findings.is_empty() {
            writeln!(self.text, "{DIM}rules: {RULES_PAGE}{DIM:#}")?;
        }
        if self.report.failed {
            let command = self.report.words.command;
            writeln!(
                self.text,
                "{NOTE}help{NOTE:#}: `{command} --help` says what to do when the check fails\n"
            )?;
        }
        Ok(())
    }

    /// Writes one line per failing finding, and the summary. It is the whole output of `-q`, and the end of longer
    /// reports.
    fn recap(&mut self) -> io::Result<()> {
        let report = self.report;
        let began = self.text.len();
        let failing: Vec<&Finding> = report.failing().collect();
        for (index, finding) in failing.iter().enumerate() {
            if self.detail != Detail::Least && self.text.len() - began > RECAP_UP_TO {
                writeln!(
                    self.text,
                    "{DIM}and {} more; -q lists them{DIM:#}",
                    failing.len() - index
                )?;
                break;
            }
            self.headline(finding)?;
        }
        let breaks = report.verdict == Some(Level::Breaking);
        let (style, word) = match (report.failed, breaks) {
            (true, _) => (ERROR, "drift"),
            // A report with a breaking finding is never shown as ok, even if the build does not fail.
            (false, true) => (WARNING, "drift"),
            (false, false) => (GOOD, "ok"),
        };
        writeln!(self.text, "{style}{word}{style:#}: {}", summary(report))
    }
}

fn one_line(text: &str) -> Untrusted<'_> {
    Untrusted::new(text).up_to(LONGEST)
}
