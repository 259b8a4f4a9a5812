//! The report as one self-contained page, which works without script, in dark mode, on a phone and in print.

use std::io::{self, Write};

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use openapi_drift::Level;

use super::phrases::{
    Called, MOST, NO_ITEM, Replayed, accept_command, called, changes_no_item, ended, first, message, met_by,
    plural, proof, replayed, rule_page, summary, who,
};
use crate::accept;
use crate::excerpt::{Line, Tag};
use crate::report::{Change, Finding, Origin, Position, Report, level_word, step_word};
use crate::untrusted::{self, Untrusted};

const STYLE: &str = include_str!("html.css");
const SCRIPT: &str = include_str!("html.js");

/// Size in bytes up to which findings are shown in full. Later findings are shown with only their advice and places.
const FULL_UP_TO: usize = 400_000;
/// Size in bytes up to which findings are shown at all.
const TITLES_UP_TO: usize = 740_000;
/// Maximum number of breaking and risky findings that are expanded from the start.
const MOST_OPEN: usize = 12;
/// Maximum length of a title, and of a witness, in characters.
const LONGEST_TITLE: usize = 400;
const LONGEST_WITNESS: usize = 4_000;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page(report).into_string().as_bytes())
}

fn page(report: &Report) -> Markup {
    let title = if report.failed {
        "API drift"
    } else {
        "No API drift that fails the build"
    };
    let operations = Operations::of(report);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // Forbid that text from a document runs or loads anything.
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 class=(if report.failed { "bad" } else { "good" }) { (title) }
                    p { (visible(&summary(report))) }
                    (contents(report))
                    dl class="origins" {
                        (origin(report.words.base, &report.base))
                        (origin(report.words.revision, &report.revision))
                    }
                }
                main {
                    (filters(report, &operations))
                    @if report.findings.is_empty() {
                        p { "The two documents mean the same." }
                    }
                    (findings(report, &operations))
                    (api_diff(report))
                    (policy(report))
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

/// The table of contents, with the number of entries in each part.
fn contents(report: &Report) -> Markup {
    let counts = report.counts;
    let tiles = [
        ("breaking", counts.breaking),
        ("risky", counts.risky),
        ("additive", counts.additive),
        ("cosmetic", counts.cosmetic),
        ("accepted", counts.accepted),
    ];
    let rust = report.rust.as_ref().map_or(0, |rust| rust.changes.len());
    html! {
        nav aria-label="Contents" {
            ul class="tiles" {
                @for (word, number) in tiles {
                    li class=(word) {
                        @if number > 0 { a href={ "#" (word) } { b { (number) } " " (word) } }
                        @else { span class="none" { b { "0" } " " (word) } }
                    }
                }
                @if rust > 0 { li { a href="#rust" { b { (rust) } " Rust " (if rust == 1 { "item" } else { "items" }) } } }
                @if !report.policy.is_empty() {
                    li { a href="#policy" { b { (report.policy.len()) } " on the policy" } }
                }
                li class="step" { b { (step_word(report.semver)) } " semver step" }
            }
        }
    }
}

fn origin(name: &str, origin: &Origin) -> Markup {
    html! {
        dt { (name) }
        dd {
            (visible(&origin.source)) " "
            code title={ "sha256 " (origin.sha256) } { (origin.sha256.get(..12).unwrap_or_default()) "…" }
        }
    }
}

/// The operations that findings name, in alphabetical order, with their numbers.
struct Operations<'r>(IndexMap<Called<'r>, usize, RandomState>);

impl<'r> Operations<'r> {
    fn of(report: &'r Report) -> Self {
        let touched = report.findings.iter().flat_map(|finding| &finding.operations);
        let mut numbers: IndexMap<_, _, _> = touched.map(|it| (called(it), 0)).collect();
        numbers.sort_by_cached_key(|called, _| called.to_string());
        for (index, number) in numbers.values_mut().enumerate() {
            *number = index;
        }
        Self(numbers)
    }

    /// The numbers of the operations that a finding affects, with ranges written as `3-7`.
    fn numbers(&self, finding: &Finding) -> String {
        let touched = finding.operations.iter();
        let mut numbers: Vec<usize> = touched
            .filter_map(|it| self.0.get(&called(it)).copied())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let runs = numbers.chunk_by(|a, b| a + 1 == *b).map(|run| match run {
            [one] => one.to_string(),
            [first, .., last] => format!("{first}-{last}"),
            [] => String::new(),
        });
        runs.collect::<Vec<_>>().join(" ")
    }
}

/// The filters are hidden until the script shows them. Without script, everything is visible.
fn filters(report: &Report, operations: &Operations<'_>) -> Markup {
    html! {
        form id="filters" hidden {
            label class="search" { span { "Search" } input type="search" name="text" placeholder="a word of a title, a path, a rule"; }
            label class="operation" {
                span { "Operation" }
                select name="operation" {
                    option value="" { "all" }
                    @for (called, number) in &operations.0 {
                        option value=(number) { (Untrusted::new(&called.to_string()).up_to(LONGEST_TITLE).to_string()) }
                    }
                }
            }
            fieldset {
                legend { "Levels" }
                @for level in [Level::Breaking, Level::Risky, Level::Additive, Level::Cosmetic] {
                    label { input type="checkbox" name="level" value=(level_word(level)) checked; " " (level_word(level)) }
                }
            }
            p class="all" {
                button type="button" name="open" { "Open all" } " "
                button type="button" name="close" { "Close all" } " "
                output name="shown" data-all=(report.findings.len()) {}
            }
        }
    }
}

/// The open findings by level, then the accepted ones.
fn findings(report: &Report, operations: &Operations<'_>) -> Markup {
    let counts = report.counts;
    let all_open = counts.breaking + counts.risky <= MOST_OPEN;
    let levels = [Level::Breaking, Level::Risky, Level::Additive, Level::Cosmetic];
    let of_level = |level: Level| report.open().filter(|it| it.level == level).collect::<Vec<_>>();
    let mut parts: Vec<(&str, Vec<&Finding>)> =
        levels.map(|level| (level_word(level), of_level(level))).into();
    parts.push((
        "accepted",
        report
            .findings
            .iter()
            .filter(|it| it.accepted.is_some())
            .collect(),
    ));
    let mut written = 0;
    let mut sections = Vec::new();
    for (word, findings) in parts {
        let number = findings.len();
        let mut articles = Vec::new();
        for finding in findings {
            if written > TITLES_UP_TO {
                break;
            }
            let open = all_open && finding.accepted.is_none() && finding.level <= Level::Risky;
            let article = if written < FULL_UP_TO {
                article(report, finding, operations, open)
            } else {
                in_short(report, finding, operations)
            };
            let article = article.into_string();
            written += article.len();
            articles.push(PreEscaped(article));
        }
        if number > 0 {
            let left_out = number - articles.len();
            sections.push(html! {
                section class="part" id=(word) {
                    h2 { (word) " (" (number) ")" }
                    @for it in &articles { (it) }
                    @if left_out > 0 { p { "and " (left_out) " more, in the JSON" } }
                }
            });
        }
    }
    html! {
        @for section in &sections { (section) }
    }
}

/// A finding in short form, if there is no room for the full form.
fn in_short(report: &Report, finding: &Finding, operations: &Operations<'_>) -> Markup {
    let level = level_word(finding.level);
    let id = &finding.id;
    html! {
        details class={ "finding " (level) } id=(id) data-level=(level) data-operations=(operations.numbers(finding)) {
            (headline(finding))
            p { (rule(finding)) " " a href={ "#" (id) } { "link" } ": " (prose(&finding.help)) }
            dl { (places(report, finding)) }
        }
    }
}

/// The name of the finding's rule, which leads to its description.
fn rule(finding: &Finding) -> Markup {
    html! {
        a href=(rule_page(&finding.rule)) { code { (visible(&finding.rule)) } }
    }
}

fn headline(finding: &Finding) -> Markup {
    html! {
        summary {
            span class="level" { (level_word(finding.level)) }
            @if finding.accepted.is_some() { " " span class="level accepted" { "accepted" } }
            " " span class="title" { (prose(&Untrusted::new(&finding.title).up_to(LONGEST_TITLE).to_string())) }
            @if let Some(who) = who(finding).filter(|who| !finding.title.contains(who.as_str())) { " " span class="quiet" { (visible(&who)) } }
        }
    }
}

fn article(report: &Report, finding: &Finding, operations: &Operations<'_>, open: bool) -> Markup {
    let level = level_word(finding.level);
    html! {
        details class={ "finding " (level) } id=(finding.id) open[open] data-level=(level) data-operations=(operations.numbers(finding)) {
            (headline(finding))
            p class="rule" {
                (rule(finding)) " "
                a href={ "#" (finding.id) } { "link" }
                (copy(&format!("#{}", finding.id), "copy link"))
            }
            dl {
                dt { "help" } dd { (prose(&finding.help)) }
                (replays(finding))
                @if let Some(because) = &finding.level_because { dt { (level) } dd { (prose(because)) } }
                @if let Some(accepted) = &finding.accepted {
                    dt { "accepted" } dd { "until " (accepted.expires) ": " (visible(&accepted.reason)) }
                }
                @if let Some(ended) = ended(finding) { dt { "ended" } dd { (prose(&ended)) } }
                @for also in &finding.also { dt { "also" } dd { (prose(also)) } }
                @if let Some(reason) = &finding.undecided { dt { "undecided" } dd { (prose(reason)) } }
                (places(report, finding))
                dt { "met by" }
                dd { (lines(met_by(finding).iter().map(|line| html! { (visible(line)) }))) }
            }
            @if !finding.excerpt.is_empty() { (diff(&finding.excerpt)) }
            dl {
                @if let Some(witness) = &finding.witness {
                    dt { "witness" }
                    dd {
                        @let value = serde_json::to_string_pretty(&witness.value).unwrap_or_default();
                        pre { (untrusted::lines(shortened(&value).lines())) }
                        @let message = message(witness);
                        @if !message.is_empty() { pre { (untrusted::lines(shortened(&message.join("\n")).lines())) } }
                        (proof(witness, &report.words)) ": " (prose(&witness.because))
                    }
                }
                @if !finding.rust.is_empty() {
                    dt { "Rust" }
                    dd { (lines(first(finding.rust.clone(), MOST).iter().map(|item| html! { code { (visible(item)) } }))) }
                }
                @if changes_no_item(report, finding) { dt { "Rust" } dd { (NO_ITEM) } }
                (acceptance(report, finding))
            }
        }
    }
}

fn replays(finding: &Finding) -> Markup {
    let calls = replayed(finding);
    let more = calls.len().saturating_sub(MOST);
    html! {
        @if !calls.is_empty() {
            dt { "replay" }
            dd {
                (lines(calls.iter().take(MOST).map(replay)))
                @if more > 0 { div { "and " (more) " more" } }
            }
        }
    }
}

fn replay(calls: &Replayed<'_>) -> Markup {
    html! { code { (visible(&calls.operations)) } " " b { (calls.verb) } ": " (prose(calls.detail)) }
}

fn places(report: &Report, finding: &Finding) -> Markup {
    let words = &report.words;
    let place = |name: &str, origin: &Origin, pointer: &str, position: Option<Position>| {
        html! {
            dt { (name) }
            dd {
                code { (visible(pointer)) }
                @if let Some(Position { line, column }) = position {
                    " " span class="quiet" { (visible(&origin.file_of(pointer))) ":" (line) ":" (column) }
                }
            }
        }
    };
    html! {
        @if let Some(at) = &finding.base_at { (place(words.base, &report.base, at, finding.base_position)) }
        @if let Some(at) = &finding.revision_at { (place(words.revision, &report.revision, at, finding.revision_position)) }
    }
}

/// The text that accepts the finding, to be copied.
fn acceptance(report: &Report, finding: &Finding) -> Markup {
    if !accept::offered(report, finding) {
        return html! {};
    }
    let block = accept::block(report, finding);
    let block = untrusted::lines(block.iter().map(String::as_str));
    let command = visible(&accept_command(report, finding));
    html! {
        dt { "accept" }
        dd {
            code { (command) } (copy(&command, "copy"))
            pre class="entry" { (block) }
            (copy(&block, "copy the entry"))
        }
    }
}

/// A button that only the script makes visible.
fn copy(text: &str, title: &str) -> Markup {
    html! { " " button type="button" class="copy" hidden data-copy=(text) { (title) } }
}

/// Renders each item on its own line.
fn lines(items: impl Iterator<Item = Markup>) -> Markup {
    html! { @for item in items { div { (item) } } }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST_WITNESS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn diff(lines: &[Line]) -> Markup {
    html! {
        pre class="diff" {
            @for line in lines {
                @let (class, sign) = match line.tag {
                    Tag::Base => ("gone", "- "),
                    Tag::Revision => ("new", "+ "),
                    Tag::Both => ("", "  "),
                    Tag::Cut => ("quiet", "  "),
                };
                span class=(class) { (sign) (visible(&shortened(&line.text))) } "\n"
            }
        }
    }
}

fn api_diff(report: &Report) -> Markup {
    let Some(rust) = &report.rust else { return html! {} };
    if rust.unavailable.is_none() && rust.changes.is_empty() {
        return html! {};
    }
    html! {
        section class="card" id="rust" {
            h2 { "Callers' Rust source" }
            @if let Some(why) = &rust.unavailable {
                p { "No client can be built from the document of " (report.words.revision) ": " (visible(why)) }
            } @else {
                p {
                    "Re-pinning changes " (plural(rust.changes.len(), "item", "items"))
                    " of what callers can name. Those marked " b { "breaks" }
                    " may keep callers' source from compiling."
                }
                ul class="items" {
                    @for change in &rust.changes {
                        li {
                            b class=(change.kind.as_str()) { (change.kind.as_str()) } " "
                            code { (visible(&change.item)) }
                            @if change.breaks { " " b { "breaks" } }
                            @for id in &change.findings { " " a href={ "#" (id) } { "why" } }
                            (shapes(change))
                            @if let Some(ours) = &change.ours { div { b { "ours to mend" } ": " (prose(ours)) } }
                        }
                    }
                }
            }
        }
    }
}

fn shapes(change: &Change) -> Markup {
    let shape = |shape: &str| html! { code class="quiet" { (visible(shape)) } };
    match (&change.old, &change.new) {
        (Some(old), Some(new)) => html! {
            div { span class="quiet" { "was " } (shape(old)) }
            div { span class="quiet" { "is " } (shape(new)) }
        },
        (Some(only), None) | (None, Some(only)) => html! { " " (shape(only)) },
        (None, None) => html! {},
    }
}

/// Maximum number of remarks on the policy.
const MOST_REMARKS: usize = 200;

fn policy(report: &Report) -> Markup {
    html! {
        @if !report.policy.is_empty() {
            section class="card" id="policy" {
                h2 { "Policy" }
                ul {
                    @for remark in report.policy.iter().take(MOST_REMARKS) {
                        li { code { (visible(&remark.place)) } ": " (prose(&remark.message)) }
                    }
                    @if report.policy.len() > MOST_REMARKS { li { "and " (report.policy.len() - MOST_REMARKS) " more, in the JSON" } }
                }
            }
        }
    }
}

fn visible(text: &str) -> String {
    Untrusted::new(text).to_string()
}

/// Renders text in which pairs of backticks mark code.
fn prose(text: &str) -> Markup {
    let text = visible(text);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (index, part) in parts.iter().enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
