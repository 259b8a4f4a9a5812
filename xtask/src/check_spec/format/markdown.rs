//! The report as Markdown: for a pull request's comment, an issue, a step summary.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use openapi_drift::{Level, Side};

use super::phrases::{NO_ITEM, changes_no_item, met_by, plural, replayed, summary, value_line};
use crate::check_spec::excerpt::{Line, Tag};
use crate::check_spec::report::{Finding, Report, level_word};
use crate::untrusted::Untrusted;

/// GitHub refuses issues and comments above 65,536 characters: from here on findings are told by their title …
const FULL_UP_TO: usize = 40_000;
/// … and from here on as a number.
const TITLES_UP_TO: usize = 50_000;

/// Longest text that is taken over from a document, in characters.
const LONGEST: usize = 500;

pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    page(report, &mut text).map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

fn page(report: &Report, out: &mut String) -> fmt::Result {
    let what = if report.failed { "API drift" } else { "API check" };
    writeln!(out, "## {what}: {}\n", prose(&summary(report)))?;
    writeln!(out, "| | document | sha256 |\n|---|---|---|")?;
    for (name, origin) in [("pin", &report.pinned), ("staging", &report.staging)] {
        let digest = origin.sha256.get(..12).unwrap_or_default();
        writeln!(out, "| {name} | {} | {} |", cell(&origin.source), cell(digest))?;
    }
    for level in [Level::Breaking, Level::Risky, Level::Additive, Level::Cosmetic] {
        let open: Vec<_> = report.open().filter(|finding| finding.level == level).collect();
        if open.is_empty() {
            continue;
        }
        heading(
            out,
            &format!("{} ({})", capitalized(level_word(level)), open.len()),
        )?;
        for (index, finding) in open.iter().enumerate() {
            if level <= Level::Risky && out.len() < FULL_UP_TO {
                full(report, finding, out)?;
            } else if out.len() < TITLES_UP_TO {
                writeln!(out, "- {} ({})", prose(&finding.title), code(&finding.rule))?;
            } else {
                writeln!(out, "- and {} more, in the other formats", open.len() - index)?;
                break;
            }
        }
    }
    let accepted = report
        .findings
        .iter()
        .filter_map(|finding| Some((finding, finding.accepted.as_ref()?)));
    for (index, (finding, accepted)) in accepted.enumerate() {
        if index == 0 {
            heading(out, &format!("Accepted ({})", report.counts.accepted))?;
        }
        if out.len() > TITLES_UP_TO {
            writeln!(
                out,
                "- and {} more, in the other formats",
                report.counts.accepted - index
            )?;
            break;
        }
        let (title, reason) = (prose(&finding.title), prose(&accepted.reason));
        writeln!(out, "- {title}, until {}: {reason}", accepted.expires)?;
    }
    api_diff(report, out)?;
    if !report.policy.is_empty() {
        heading(out, "Policy entries without effect")?;
        for (index, remark) in report.policy.iter().enumerate() {
            if out.len() > TITLES_UP_TO {
                let more = report.policy.len() - index;
                return writeln!(out, "- and {more} more, in the other formats");
            }
            writeln!(out, "- {}: {}", code(&remark.place), prose(&remark.message))?;
        }
    }
    Ok(())
}

/// A heading, after one empty line.
fn heading(out: &mut String, text: &str) -> fmt::Result {
    let gap = if out.ends_with("\n\n") { "" } else { "\n" };
    writeln!(out, "{gap}### {text}\n")
}

fn full(report: &Report, finding: &Finding, out: &mut String) -> fmt::Result {
    writeln!(out, "#### {}\n", prose(&finding.title))?;
    writeln!(out, "Rule {}", code(&finding.rule))?;
    for (name, pointer) in [("pin", &finding.pinned_at), ("staging", &finding.staging_at)] {
        if let Some(pointer) = pointer {
            writeln!(out, "- {name}: {}", code(pointer))?;
        }
    }
    for line in met_by(finding) {
        writeln!(out, "- met by {}", code(&line))?;
    }
    if let Some(witness) = &finding.witness {
        let (yes, no) = match witness.accepted_by {
            Side::Base => ("the pin", "staging"),
            Side::Revision => ("staging", "the pin"),
        };
        let why = prose(&witness.because);
        writeln!(
            out,
            "- witness {}: {yes} allows it, {no} does not: {why}",
            code(&value_line(&witness.value))
        )?;
    }
    if let Some(reason) = &finding.undecided {
        writeln!(out, "- undecided: {}", prose(reason))?;
    }
    for calls in replayed(finding) {
        writeln!(
            out,
            "- replay: {} **{}**: {}",
            code(&calls.operations),
            calls.verb,
            prose(calls.detail)
        )?;
    }
    if let Some(because) = &finding.level_because {
        writeln!(out, "- {}: {}", level_word(finding.level), prose(because))?;
    }
    for item in &finding.rust {
        writeln!(out, "- Rust: {}", code(item))?;
    }
    if changes_no_item(report, finding) {
        writeln!(out, "- Rust: {NO_ITEM}")?;
    }
    writeln!(out, "- help: {}", prose(&finding.help))?;
    if !finding.excerpt.is_empty() {
        diff(&finding.excerpt, out)?;
    }
    writeln!(out)
}

fn diff(lines: &[Line], out: &mut String) -> fmt::Result {
    let fence = "`".repeat(
        lines
            .iter()
            .map(|line| longest_run(&line.text))
            .max()
            .unwrap_or(0)
            .max(2)
            + 1,
    );
    writeln!(out, "\n{fence}diff")?;
    for line in lines {
        let sign = match line.tag {
            Tag::Pinned => '-',
            Tag::Staging => '+',
            Tag::Both | Tag::Cut => ' ',
        };
        writeln!(out, "{sign} {}", flat(&line.text))?;
    }
    writeln!(out, "{fence}")
}

fn api_diff(report: &Report, out: &mut String) -> fmt::Result {
    let Some(rust) = &report.rust else { return Ok(()) };
    if let Some(why) = &rust.unavailable {
        heading(out, "Rust")?;
        return writeln!(
            out,
            "No client can be built from staging's document: {}",
            prose(why)
        );
    }
    if rust.changes.is_empty() {
        return Ok(());
    }
    let items = plural(rust.changes.len(), "item", "items");
    heading(out, &format!("Rust: re-pinning changes {items}"))?;
    for (index, change) in rust.changes.iter().enumerate() {
        if out.len() > TITLES_UP_TO {
            return writeln!(
                out,
                "- and {} more, in the other formats",
                rust.changes.len() - index
            );
        }
        let breaks = if change.breaks {
            ", may not compile any more"
        } else {
            ""
        };
        writeln!(out, "- {} {}{breaks}", code(&change.item), change.kind.as_str())?;
    }
    Ok(())
}

/// Text in which only what we put between backticks is formatted: links, images, mentions, formulas, HTML and headings
/// that a document smuggles in stay text.
pub(super) fn prose(text: &str) -> String {
    let flat = flat(text);
    let parts: Vec<&str> = flat.split('`').collect();
    // An odd one opens nothing.
    let paired = parts.len() % 2 == 1;
    let mut safe = String::new();
    for (index, part) in parts.iter().enumerate() {
        let is_code = |index: usize| paired && index % 2 == 1 && !parts[index].trim().is_empty();
        if is_code(index) {
            safe.push_str(&code(part));
            continue;
        }
        if index > 0 && !is_code(index - 1) {
            safe.push_str("\\`");
        }
        plain(part, &mut safe);
    }
    safe
}

/// Where GitHub would make a link or notify somebody, an invisible space keeps it from doing so: it does that to the
/// text, after escapes are read (<https://github.github.com/gfm/#autolinks-extension->).
const APART: char = '\u{200b}';

fn plain(text: &str, safe: &mut String) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        let begins = |word: &str| {
            rest.get(..word.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(word))
        };
        match c {
            '\\' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' | '$' => {
                safe.push('\\');
                safe.push(c);
            }
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            _ => safe.push(c),
        }
        let links = match c {
            '@' => true,
            ':' => begins("/"),
            'w' | 'W' => begins("ww."),
            '#' => rest.starts_with(|next: char| next.is_ascii_digit()),
            'G' | 'g' => begins("h-"),
            _ => false,
        };
        if links {
            safe.push(APART);
        }
    }
}

/// A code span that its content cannot end.
fn code(text: &str) -> String {
    let flat = flat(text);
    let fence = "`".repeat(longest_run(&flat) + 1);
    let pad = if flat.starts_with('`') || flat.ends_with('`') || flat.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{flat}{pad}{fence}")
}

/// A code span in a table, where a bar would end the cell.
fn cell(text: &str) -> String {
    code(&text.replace('|', "¦"))
}

fn flat(text: &str) -> String {
    Untrusted::new(text).up_to(LONGEST).to_string()
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + chars.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::{code, prose};

    #[test]
    fn what_a_document_says_stays_text() {
        assert_eq!(prose("the header `x-key` is new"), "the header `x-key` is new");
        assert_eq!(
            prose("<img src=x> ![a](http://b) @everyone"),
            "&lt;img src=x&gt; \\!\\[a\\]\\(http:\u{200b}//b\\) @\u{200b}everyone"
        );
        assert_eq!(prose("one ` backtick"), "one \\` backtick");
        assert_eq!(prose("# heading\n- list"), "\\# heading\\\\u\\{a\\}- list");
        assert_eq!(prose("time: now"), "time: now");
    }

    #[test]
    fn nothing_in_a_text_becomes_a_link() {
        for (text, shown) in [
            ("www.evil.example", "w\u{200b}ww.evil.example"),
            ("a ` WWW.evil.example", "a \\` W\u{200b}WW.evil.example"),
            ("`` www.evil.example", "\\`\\` w\u{200b}ww.evil.example"),
            ("ftp://evil.example", "ftp:\u{200b}//evil.example"),
            ("<https://evil.example>", "&lt;https:\u{200b}//evil.example&gt;"),
            ("mailto:a@evil.example", "mailto:a@\u{200b}evil.example"),
            ("fixes #1 and gh-2", "fixes \\#\u{200b}1 and g\u{200b}h-2"),
            ("$x$", "\\$x\\$"),
        ] {
            assert_eq!(prose(text), shown);
        }
    }

    #[test]
    fn a_code_span_outlasts_the_backticks_in_it() {
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`"), "`` ` ``");
    }
}
