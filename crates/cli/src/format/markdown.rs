//! The report as Markdown, for a pull request comment, an issue or a step summary.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use openapi_drift::Level;

use super::phrases::{
    MOST, NO_ITEM, accept_command, changes_no_item, ended, first, message_line, met_by, places, plural,
    proof, replayed, rule_page, summary, title_beside, value_line, who,
};
use crate::accept;
use crate::excerpt::{Line, Tag};
use crate::exit::Failure;
use crate::report::{Finding, Report, level_word};
use crate::untrusted::Untrusted;

/// Length up to which the table of breaking and risky findings is written. GitHub refuses issues and comments above
/// 65,536 characters.
const TABLE_UP_TO: usize = 36_000;
/// Length up to which details are written.
const DETAILS_UP_TO: usize = 44_000;
/// Length up to which lists are written.
const LISTS_UP_TO: usize = 48_000;

/// Maximum length of a text from a document, in characters.
const LONGEST: usize = 500;

/// Maximum length of a title in the table, in characters.
const LONGEST_TITLE: usize = 200;

pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    page(report, &mut text).map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

/// Writes that nothing was compared, and how to fix that.
pub(crate) fn unable(failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "## API drift: could not check\n\n{}\n",
        prose(&failure.to_string())
    )?;
    for line in failure.lines() {
        writeln!(out, "- {}", prose(line))?;
    }
    if let Some(hint) = failure.help() {
        writeln!(out, "\nHelp: {}", prose(hint))?;
    }
    writeln!(
        out,
        "\nNothing was compared, so nothing is known: this is no drift, and no all-clear."
    )
}

fn page(report: &Report, out: &mut String) -> fmt::Result {
    let what = if report.failed { "API drift" } else { "API check" };
    let summary = summary(report);
    let (counts, rest) = summary.split_once("; ").unwrap_or((&summary, ""));
    writeln!(out, "## {what}: {}\n", prose(counts))?;
    if !rest.is_empty() {
        writeln!(out, "{}\n", prose(&capitalized(rest)))?;
    }
    table(report, out)?;
    policy(report, out)?;
    details(report, out)?;
    briefly(report, out)?;
    api_diff(report, out)?;
    let words = &report.words;
    let origins = [(words.base, &report.base), (words.revision, &report.revision)];
    writeln!(out)?;
    for (name, origin) in origins {
        let digest = origin.sha256.get(..12).unwrap_or_default();
        writeln!(out, "- {name}: {}, sha256 {}", code(&origin.source), code(digest))?;
    }
    Ok(())
}

/// The breaking and risky findings.
fn matters(report: &Report) -> Vec<&Finding> {
    let open = report.open();
    open.filter(|finding| finding.level <= Level::Risky).collect()
}

/// Writes one row for each breaking or risky finding, with shorter titles if there are many.
fn table(report: &Report, out: &mut String) -> fmt::Result {
    let matters = matters(report);
    if matters.is_empty() {
        return writeln!(out, "Nothing breaking and nothing risky is open.");
    }
    let mut longest = LONGEST_TITLE;
    let rows = loop {
        let rows: String = matters.iter().map(|finding| row(finding, longest)).collect();
        if rows.len() <= TABLE_UP_TO || longest <= 40 {
            break rows;
        }
        longest -= 20;
    };
    writeln!(
        out,
        "| level | what changed | operations | mended by |\n|---|---|---|---|"
    )?;
    if rows.len() <= TABLE_UP_TO {
        out.push_str(&rows);
        return Ok(());
    }
    // If the rows still do not fit, write only the first ones, which are the worst.
    let mut shown = 0;
    for row in rows.lines() {
        if out.len() + row.len() > TABLE_UP_TO {
            break;
        }
        writeln!(out, "{row}")?;
        shown += 1;
    }
    writeln!(out, "\nand {} more, in the other formats", matters.len() - shown)
}

fn row(finding: &Finding, longest: usize) -> String {
    let who = who(finding);
    let title = title_beside(finding, who.as_deref());
    let operations = who.as_ref().map_or_else(String::new, |who| cell(&cut(who, 60)));
    format!(
        "| {} | {} | {operations} | {} |\n",
        level_word(finding.level),
        prose(&cut(title, longest)),
        finding.mended_by
    )
}

fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        // A cut must not separate a pair of backticks.
        Some((end, _)) if text[..end].matches('`').count() % 2 == 1 => format!("{}…`", &text[..end]),
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn policy(report: &Report, out: &mut String) -> fmt::Result {
    if report.policy.is_empty() {
        return Ok(());
    }
    heading(out, "Policy")?;
    for (index, remark) in report.policy.iter().enumerate() {
        if index >= 20 || out.len() > DETAILS_UP_TO {
            let more = report.policy.len() - index;
            return writeln!(out, "- and {more} more, in the other formats");
        }
        writeln!(out, "- {}: {}", code(&remark.place), prose(&remark.message))?;
    }
    Ok(())
}

/// Writes the details of breaking and risky findings, folded, as far as there is room.
fn details(report: &Report, out: &mut String) -> fmt::Result {
    let matters = matters(report);
    if matters.is_empty() {
        return Ok(());
    }
    heading(out, "Details")?;
    for (index, finding) in matters.iter().enumerate() {
        let mut text = String::new();
        full(report, finding, &mut text)?;
        if out.len() + text.len() > DETAILS_UP_TO {
            let more = matters.len() - index;
            return writeln!(out, "Details of {more} more are in the other formats.");
        }
        out.push_str(&text);
    }
    Ok(())
}

/// Writes one line for each additive, cosmetic or accepted finding.
fn briefly(report: &Report, out: &mut String) -> fmt::Result {
    for level in [Level::Additive, Level::Cosmetic] {
        let open: Vec<_> = report.open().filter(|finding| finding.level == level).collect();
        let lines = open.iter().map(|finding| {
            let because = finding.level_because.as_ref();
            let because = because.map_or_else(String::new, |it| format!("; {}", prose(it)));
            format!("{} ({}){because}", prose(&finding.title), code(&finding.rule))
        });
        let title = format!("{} ({})", capitalized(level_word(level)), open.len());
        list(out, &title, lines)?;
    }
    let accepted = report.findings.iter().filter_map(|finding| {
        let accepted = finding.accepted.as_ref()?;
        let (title, reason) = (prose(&finding.title), prose(&accepted.reason));
        Some(format!("{title}, until {}: {reason}", accepted.expires))
    });
    list(out, &format!("Accepted ({})", report.counts.accepted), accepted)
}

/// Writes a folded list, as far as there is room.
fn list(out: &mut String, title: &str, lines: impl Iterator<Item = String>) -> fmt::Result {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n<details><summary>{title}</summary>\n")?;
    for (index, line) in lines.iter().enumerate() {
        if out.len() + line.len() > LISTS_UP_TO {
            writeln!(out, "- and {} more, in the other formats", lines.len() - index)?;
            break;
        }
        writeln!(out, "- {line}")?;
    }
    writeln!(out, "\n</details>")
}

/// Writes a heading after one empty line.
fn heading(out: &mut String, text: &str) -> fmt::Result {
    let gap = if out.ends_with("\n\n") { "" } else { "\n" };
    writeln!(out, "{gap}### {text}\n")
}

fn full(report: &Report, finding: &Finding, out: &mut String) -> fmt::Result {
    let words = &report.words;
    let (level, title) = (level_word(finding.level), cut(&finding.title, LONGEST_TITLE));
    writeln!(
        out,
        "<details><summary><b>{level}</b>: {}</summary>\n",
        in_html(&title)
    )?;
    writeln!(out, "- help: {}", prose(&finding.help))?;
    let calls = replayed(finding);
    for calls in calls.iter().take(MOST) {
        let (operations, verb) = (code(&calls.operations), calls.verb);
        writeln!(out, "- replay: {operations} **{verb}**: {}", prose(calls.detail))?;
    }
    if let Some(more) = calls.len().checked_sub(MOST).filter(|more| *more > 0) {
        writeln!(out, "- replay: and {more} more")?;
    }
    writeln!(
        out,
        "- rule: [{}]({})",
        code(&finding.rule),
        rule_page(&finding.rule)
    )?;
    for (name, place) in places(report, finding) {
        writeln!(out, "- {name}: {}", code(&place))?;
    }
    for line in met_by(finding) {
        writeln!(out, "- met by {}", code(line))?;
    }
    if let Some(witness) = &finding.witness {
        let (value, proof) = (code(&value_line(&witness.value)), proof(witness, words));
        writeln!(out, "- witness {value}: {proof}: {}", prose(&witness.because))?;
        if let Some(message) = message_line(witness) {
            writeln!(out, "- message {}", code(&message))?;
        }
    }
    if let Some(reason) = &finding.undecided {
        writeln!(out, "- undecided: {}", prose(reason))?;
    }
    for also in first(finding.also.clone(), MOST) {
        writeln!(out, "- also: {}", prose(&also))?;
    }
    if let Some(because) = &finding.level_because {
        writeln!(out, "- {level}: {}", prose(because))?;
    }
    if let Some(ended) = ended(finding) {
        writeln!(out, "- {}", prose(&ended))?;
    }
    for item in first(finding.rust.clone(), MOST) {
        writeln!(out, "- Rust: {}", code(&item))?;
    }
    if changes_no_item(report, finding) {
        writeln!(out, "- Rust: {NO_ITEM}")?;
    }
    if !finding.excerpt.is_empty() {
        diff(&finding.excerpt, out)?;
    }
    if accept::offered(report, finding) {
        let (command, policy) = (code(&accept_command(report, finding)), code(words.policy));
        writeln!(out, "\nTo accept it: {command}, or add to {policy}:")?;
        fenced(
            "toml",
            accept::block(report, finding).iter().map(|line| flat(line)),
            out,
        )?;
    }
    writeln!(out, "\n</details>\n")
}

/// Escapes text inside HTML, where Markdown is not interpreted. Our own pairs of backticks become code.
fn in_html(text: &str) -> String {
    let escaped = flat(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let parts: Vec<String> = escaped
        .split('`')
        .map(|part| {
            let mut safe = String::new();
            apart(part, &mut safe);
            safe
        })
        .collect();
    if parts.len().is_multiple_of(2) {
        return parts.join("`");
    }
    let marked = parts.iter().enumerate().map(|(index, part)| {
        if index % 2 == 1 {
            format!("<code>{part}</code>")
        } else {
            part.clone()
        }
    });
    marked.collect()
}

/// Copies a text, with an invisible space at each place where GitHub would create a link or a mention.
fn apart(text: &str, safe: &mut String) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        safe.push(c);
        if links(c, rest) {
            safe.push(APART);
        }
    }
}

/// Writes a code block whose fence is longer than any run of backticks in it.
fn fenced(language: &str, lines: impl Iterator<Item = String>, out: &mut String) -> fmt::Result {
    let lines: Vec<String> = lines.collect();
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    writeln!(out, "\n{fence}{language}\n{}\n{fence}", lines.join("\n"))
}

fn diff(lines: &[Line], out: &mut String) -> fmt::Result {
    let signed = lines.iter().map(|line| {
        let sign = match line.tag {
            Tag::Base => '-',
            Tag::Revision => '+',
            Tag::Both | Tag::Cut => ' ',
        };
        format!("{sign} {}", flat(&line.text))
    });
    fenced("diff", signed, out)
}

fn api_diff(report: &Report, out: &mut String) -> fmt::Result {
    let Some(rust) = &report.rust else { return Ok(()) };
    if let Some(why) = &rust.unavailable {
        heading(out, "Rust")?;
        return writeln!(
            out,
            "No client can be built from the document of {}: {}",
            report.words.revision,
            prose(why)
        );
    }
    let items = plural(rust.changes.len(), "item", "items");
    let lines = rust.changes.iter().map(|change| {
        let breaks = match (&change.ours, change.breaks) {
            (Some(ours), _) => format!(", ours to mend: {}", prose(ours)),
            (None, true) => ", may not compile any more".to_owned(),
            (None, false) => String::new(),
        };
        format!("{} {}{breaks}", code(&change.item), change.kind.as_str())
    });
    list(out, &format!("Rust: re-pinning changes {items}"), lines)
}

/// Formats text so that only our own pairs of backticks take effect. Links, images, mentions, formulas, HTML and
/// headings from a document stay plain text.
pub(crate) fn prose(text: &str) -> String {
    let flat = flat(text);
    let parts: Vec<&str> = flat.split('`').collect();
    // An unpaired backtick does not begin code.
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

/// A zero-width space that keeps GitHub from creating a link or a mention. Backslash escapes do not help, because
/// GitHub searches for links after it has read the escapes (<https://github.github.com/gfm/#autolinks-extension->).
const APART: char = '\u{200b}';

fn plain(text: &str, safe: &mut String) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
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
        if links(c, rest) {
            safe.push(APART);
        }
    }
}

/// Whether GitHub would create a link or a mention from a character and the text after it.
fn links(c: char, rest: &str) -> bool {
    let begins = |word: &str| {
        rest.get(..word.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(word))
    };
    match c {
        '@' => true,
        ':' => begins("/"),
        'w' | 'W' => begins("ww."),
        '#' => rest.starts_with(|next: char| next.is_ascii_digit()),
        'G' | 'g' => begins("h-"),
        _ => false,
    }
}

/// Formats a code span whose delimiter is longer than any run of backticks in it.
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

/// Formats a code span for a table, in which a bar would end the cell.
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
    fn texts_of_a_document_stay_text() {
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
    fn texts_never_become_links() {
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
