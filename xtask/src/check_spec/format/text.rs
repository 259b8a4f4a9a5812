//! The report for a terminal, laid out like a compiler's messages.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use openapi_drift::{Level, Side};

use super::Detail;
use super::words::{met_by, plural, summary, value_line};
use crate::check_spec::excerpt::Tag;
use crate::check_spec::report::{Finding, Report, level_word};
use crate::printer::{BOLD, DIM, ERROR, GOOD, NOTE, WARNING, escape};

const GUTTER: Style = AnsiColor::BrightBlue.on_default().bold();
const GONE: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();

pub(super) fn write(report: &Report, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        let fails = finding.accepted.is_none() && report.fail_on.hits(finding.level);
        match (detail, finding.level) {
            (Detail::Least, _) if !fails => {}
            (Detail::Least, _) => headline(finding, out)?,
            (Detail::Usual, Level::Cosmetic) => {}
            (Detail::Usual, Level::Additive) => brief(finding, out)?,
            (Detail::Usual, _) if finding.accepted.is_some() => brief(finding, out)?,
            _ => full(report, finding, out)?,
        }
    }
    if detail != Detail::Least {
        surface(report, detail, out)?;
        for remark in &report.policy {
            writeln!(
                out,
                "{WARNING}policy{WARNING:#}: {}: {}",
                escape(&remark.place),
                escape(&remark.message)
            )?;
        }
        if detail == Detail::Usual && report.counts.cosmetic > 0 {
            let number = plural(report.counts.cosmetic, "cosmetic finding", "cosmetic findings");
            writeln!(out, "{DIM}{number} not shown; -v shows everything{DIM:#}")?;
        }
    }
    let style = if report.failed { ERROR } else { GOOD };
    let word = if report.failed { "drift" } else { "ok" };
    writeln!(out, "{style}{word}{style:#}: {}", summary(report))
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
        escape(&finding.rule),
        one_line(&finding.title)
    )
}

/// A headline and who meets it.
fn brief(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    headline(finding, out)?;
    let place = finding
        .staging_at
        .as_deref()
        .or(finding.pinned_at.as_deref())
        .unwrap_or_default();
    writeln!(out, "  {GUTTER}-->{GUTTER:#} {}", one_line(place))?;
    if let Some(accepted) = &finding.accepted {
        note(
            out,
            "accepted",
            &format!("until {}: {}", accepted.expires, accepted.reason),
        )?;
    }
    writeln!(out)
}

fn full(report: &Report, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    headline(finding, out)?;
    if let Some(pointer) = &finding.pinned_at {
        let line = finding
            .pinned_line
            .map_or_else(String::new, |line| format!(":{line}"));
        let place = format!("{}{line} {pointer}", report.pinned.source);
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
    for call in finding.replay.iter().flat_map(|replay| &replay.calls) {
        note(
            out,
            "replay",
            &format!("{} {}: {}", call.operation, call.outcome.as_str(), call.detail),
        )?;
    }
    if let Some(because) = &finding.level_because {
        note(out, level_word(finding.level), because)?;
    }
    for item in &finding.rust {
        note(out, "rust", item)?;
    }
    if let Some(accepted) = &finding.accepted {
        note(
            out,
            "accepted",
            &format!("until {}: {}", accepted.expires, accepted.reason),
        )?;
    }
    note(out, "help", &finding.mend)?;
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
fn surface(report: &Report, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
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
            "{BOLD}rust{BOLD:#}: re-pinning changes {all} of the generated API"
        )?;
    }
    for change in &shown {
        let sign = match change.kind {
            super::Kind::Removed => "-",
            super::Kind::Changed => "~",
            super::Kind::Added => "+",
        };
        let shape = match (&change.old, &change.new) {
            (Some(old), Some(new)) => format!(": {old} -> {new}"),
            (Some(shape), None) | (None, Some(shape)) => format!(": {shape}"),
            (None, None) => String::new(),
        };
        writeln!(
            out,
            "   {sign} {}{DIM}{}{DIM:#}",
            one_line(&change.item),
            one_line(&shape)
        )?;
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
        Side::Pin => "the pin",
        Side::Staging => "staging",
    }
}

fn one_line(text: &str) -> String {
    escape(&text.replace('\n', " "))
}
