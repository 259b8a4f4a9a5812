//! The report for a terminal, laid out like a compiler's messages.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use openapi_drift::{Level, Side};

use super::Detail;
use super::phrases::{NO_ITEM, changes_no_item, met_by, plural, replayed, summary, value_line};
use crate::check_spec::excerpt::Tag;
use crate::check_spec::report::{Finding, Report, level_word};
use crate::printer::{BOLD, DIM, ERROR, GOOD, NOTE, WARNING};
use crate::untrusted::Untrusted;

const GUTTER: Style = AnsiColor::BrightBlue.on_default().bold();
const GONE: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();

pub(super) fn write(report: &Report, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let mut in_brief = false;
    for finding in &report.findings {
        let fails = finding.accepted.is_none() && report.fail_on.hits(finding.level);
        match (detail, finding.level) {
            (Detail::Least, _) if !fails => {}
            (Detail::Least, _) => headline(finding, out)?,
            // What a policy calls cosmetic is still said.
            (Detail::Usual, Level::Cosmetic) if finding.level_because.is_none() => {}
            (Detail::Usual, level) if finding.accepted.is_some() || level >= Level::Additive => {
                in_brief = true;
                brief(finding, out)?;
            }
            _ => full(report, finding, out)?,
        }
    }
    if in_brief {
        writeln!(out)?;
    }
    if detail != Detail::Least {
        api_diff(report, detail, out)?;
        for remark in &report.policy {
            writeln!(
                out,
                "{WARNING}policy{WARNING:#}: {}: {}",
                one_line(&remark.place),
                one_line(&remark.message)
            )?;
        }
        let brief = report.counts.additive + report.counts.cosmetic + report.counts.accepted;
        if detail == Detail::Usual && brief > 0 {
            writeln!(
                out,
                "{DIM}what is additive, cosmetic or accepted is shown in full by -v{DIM:#}"
            )?;
        }
        for (name, origin) in [("pin", &report.pinned), ("staging", &report.staging)] {
            let digest = origin.sha256.get(..12).unwrap_or_default();
            writeln!(
                out,
                "{DIM}{name}: {} (sha256 {digest}…){DIM:#}",
                one_line(&origin.source)
            )?;
        }
    }
    let style = if report.failed { ERROR } else { GOOD };
    let word = if report.failed { "drift" } else { "ok" };
    writeln!(out, "{style}{word}{style:#}: {}", summary(report))?;
    if report.failed && detail != Detail::Least {
        writeln!(
            out,
            "{NOTE}help{NOTE:#}: `cargo xtask check-spec --help` says what to do when it is red"
        )?;
    }
    Ok(())
}

fn style_of(level: Level) -> Style {
    match level {
        Level::Breaking => ERROR,
        Level::Risky => WARNING,
        Level::Additive => NOTE,
        Level::Cosmetic => DIM,
    }
}

fn headline(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let style = style_of(finding.level);
    let accepted = if finding.accepted.is_some() {
        " (accepted)"
    } else {
        ""
    };
    writeln!(
        out,
        "{style}{}[{}]{style:#}{accepted}: {BOLD}{}{BOLD:#}",
        level_word(finding.level),
        one_line(&finding.rule),
        one_line(&finding.title)
    )
}

/// A headline, and why it does not count where that is so.
fn brief(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    headline(finding, out)?;
    if let Some(accepted) = &finding.accepted {
        let until = format!("until {}: {}", accepted.expires, accepted.reason);
        note(out, "accepted", &until)?;
    }
    if let Some(because) = &finding.level_because {
        note(out, level_word(finding.level), because)?;
    }
    Ok(())
}

fn full(report: &Report, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    headline(finding, out)?;
    if let Some(pointer) = &finding.pinned_at {
        let line = finding
            .pinned_line
            .map_or_else(String::new, |line| format!(":{line}"));
        let place = format!("{}{line} {pointer}", report.pinned_file(finding));
        writeln!(out, "  {GUTTER}-->{GUTTER:#} {}", one_line(&place))?;
    }
    if let Some(pointer) = &finding.staging_at {
        let arrow = if finding.pinned_at.is_some() { ":::" } else { "-->" };
        let place = format!("{} {pointer}", report.staging.source);
        writeln!(out, "  {GUTTER}{arrow}{GUTTER:#} {}", one_line(&place))?;
    }
    if !finding.excerpt.is_empty() {
        writeln!(out, "   {GUTTER}|{GUTTER:#}")?;
        for line in &finding.excerpt {
            let (sign, style) = match line.tag {
                Tag::Pinned => ("-", GONE),
                Tag::Staging => ("+", NEW),
                Tag::Both => (" ", Style::new()),
                Tag::Cut => (" ", DIM),
            };
            writeln!(
                out,
                "   {GUTTER}|{GUTTER:#} {style}{sign} {}{style:#}",
                one_line(&line.text)
            )?;
        }
        writeln!(out, "   {GUTTER}|{GUTTER:#}")?;
    }
    for line in met_by(finding) {
        note(out, "met by", &line)?;
    }
    if let Some(witness) = &finding.witness {
        note(out, "witness", &value_line(&witness.value))?;
        let (yes, no) = (side(witness.accepted_by), side(witness.rejected_by));
        note(
            out,
            "proof",
            &format!("{yes} allows it, {no} does not: {}", witness.because),
        )?;
    }
    if let Some(reason) = &finding.undecided {
        note(out, "undecided", reason)?;
    }
    for calls in replayed(finding) {
        note(out, "replay", &calls.to_string())?;
    }
    if let Some(because) = &finding.level_because {
        note(out, level_word(finding.level), because)?;
    }
    for item in &finding.rust {
        note(out, "rust", item)?;
    }
    if changes_no_item(report, finding) {
        note(out, "rust", NO_ITEM)?;
    }
    if let Some(accepted) = &finding.accepted {
        note(
            out,
            "accepted",
            &format!("until {}: {}", accepted.expires, accepted.reason),
        )?;
    }
    note(out, "help", &finding.help)?;
    writeln!(out)
}

fn note(out: &mut dyn Write, word: &str, text: &str) -> io::Result<()> {
    writeln!(
        out,
        "   {GUTTER}={GUTTER:#} {BOLD}{word}{BOLD:#}: {}",
        one_line(text)
    )
}

/// Items of the Rust API that change, those first that no finding names.
fn api_diff(report: &Report, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let Some(rust) = &report.rust else { return Ok(()) };
    if let Some(why) = &rust.unavailable {
        writeln!(
            out,
            "{WARNING}rust{WARNING:#}: no client can be built from staging's document: {}",
            one_line(why)
        )?;
        return writeln!(out);
    }
    let shown: Vec<_> = rust
        .changes
        .iter()
        .filter(|change| change.breaks || detail == Detail::Most)
        .collect();
    if !rust.changes.is_empty() {
        let all = plural(rust.changes.len(), "item", "items");
        writeln!(
            out,
            "{BOLD}rust{BOLD:#}: re-pinning changes {all} of what callers can name in ratio_bank"
        )?;
    }
    for change in &shown {
        let sign = match change.kind {
            super::Kind::Removed => "-",
            super::Kind::Changed => "~",
            super::Kind::Added => "+",
        };
        let item = one_line(&change.item);
        match (&change.old, &change.new) {
            (Some(old), Some(new)) => {
                writeln!(out, "   {sign} {item}")?;
                writeln!(out, "       {DIM}it was {}{DIM:#}", one_line(old))?;
                writeln!(out, "       {DIM}it is  {}{DIM:#}", one_line(new))?;
            }
            (Some(shape), None) | (None, Some(shape)) => {
                writeln!(out, "   {sign} {item}{DIM}: {}{DIM:#}", one_line(shape))?;
            }
            (None, None) => writeln!(out, "   {sign} {item}")?,
        }
    }
    if shown.len() < rust.changes.len() {
        let unseen = rust.changes.len() - shown.len();
        writeln!(
            out,
            "   {DIM}and {unseen} that no source of yours can trip over; -v lists them{DIM:#}"
        )?;
    }
    if rust.changes.is_empty() {
        Ok(())
    } else {
        writeln!(out)
    }
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Base => "the pin",
        Side::Revision => "staging",
    }
}

/// Longest line that is taken over from a document, in characters.
const LONGEST: usize = 1_000;

fn one_line(text: &str) -> Untrusted<'_> {
    Untrusted::new(text).up_to(LONGEST)
}
