//! The report as one self-contained page: readable without script, in the dark, on a phone and on paper.

use std::collections::BTreeSet;
use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};
use openapi_drift::{Level, Side};

use super::phrases::{NO_ITEM, Replayed, changes_no_item, label, met_by, plural, replayed, summary};
use crate::check_spec::api_diff::Change;
use crate::check_spec::excerpt::{Line, Tag};
use crate::check_spec::report::{Finding, Origin, Report, level_word, step_word};
use crate::untrusted::{self, Untrusted};

const STYLE: &str = include_str!("html.css");
const SCRIPT: &str = include_str!("html.js");

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(page(report).into_string().as_bytes())
}

fn page(report: &Report) -> Markup {
    let title = if report.failed {
        "API drift"
    } else {
        "No API drift that fails the build"
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // Nothing that a document says may run or load anything.
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 class=(if report.failed { "bad" } else { "good" }) { (title) }
                    p { (visible(&summary(report))) }
                    (tiles(report))
                    dl class="origins" {
                        (origin("pin", &report.pinned))
                        (origin("staging", &report.staging))
                    }
                }
                main {
                    (filters(report))
                    @if report.findings.is_empty() {
                        p { "The two documents mean the same." }
                    }
                    @for finding in &report.findings { (article(report, finding)) }
                    (api_diff(report))
                    (policy(report))
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn tiles(report: &Report) -> Markup {
    let counts = report.counts;
    let tiles = [
        ("breaking", counts.breaking),
        ("risky", counts.risky),
        ("additive", counts.additive),
        ("cosmetic", counts.cosmetic),
        ("accepted", counts.accepted),
    ];
    html! {
        ul class="tiles" {
            @for (word, number) in tiles {
                li class={ (word) @if number == 0 { " none" } } { b { (number) } " " (word) }
            }
            li class="step" { b { (step_word(report.semver)) } " semver step" }
        }
    }
}

fn origin(name: &str, origin: &Origin) -> Markup {
    html! {
        dt { (name) }
        dd { (visible(&origin.source)) " " code title="sha256" { (origin.sha256) } }
    }
}

/// Hidden until the script shows it: without script everything is in view anyway.
fn filters(report: &Report) -> Markup {
    let operations: BTreeSet<String> = report
        .findings
        .iter()
        .flat_map(|finding| finding.operations.iter().map(label))
        .collect();
    html! {
        form id="filters" hidden {
            fieldset {
                legend { "Show" }
                @for level in [Level::Breaking, Level::Risky, Level::Additive, Level::Cosmetic] {
                    label { input type="checkbox" name="level" value=(level_word(level)) checked; " " (level_word(level)) }
                }
                label {
                    "operation "
                    select name="operation" {
                        option value="" { "all" }
                        @for operation in &operations { option { (visible(operation)) } }
                    }
                }
                output name="shown" {}
            }
        }
    }
}

fn article(report: &Report, finding: &Finding) -> Markup {
    let level = level_word(finding.level);
    let operations: Vec<String> = finding.operations.iter().map(label).collect();
    html! {
        article id=(finding.id) class=(level) data-level=(level) data-operations=(untrusted::lines(operations.iter().map(String::as_str))) {
            h2 {
                span class="level" { (level) }
                @if finding.accepted.is_some() { " " span class="level accepted" { "accepted" } }
                " " (prose(&finding.title))
            }
            p class="rule" { a href={ "#" (finding.id) } { code { (visible(&finding.rule)) } } }
            dl {
                @if let Some(pointer) = &finding.pinned_at {
                    dt { "pin" }
                    dd {
                        code { (visible(pointer)) }
                        @if let Some(line) = finding.pinned_line { " " span class="quiet" { (visible(&report.pinned_file(finding))) ":" (line) } }
                    }
                }
                @if let Some(pointer) = &finding.staging_at { dt { "staging" } dd { code { (visible(pointer)) } } }
                dt { "met by" }
                dd { (lines(met_by(finding).iter().map(|line| html! { (visible(line)) }))) }
                @if let Some(witness) = &finding.witness {
                    dt { "witness" }
                    dd {
                        pre { (untrusted::lines(serde_json::to_string_pretty(&witness.value).unwrap_or_default().lines())) }
                        (proof(witness.accepted_by)) ": " (prose(&witness.because))
                    }
                }
                @if let Some(reason) = &finding.undecided { dt { "undecided" } dd { (prose(reason)) } }
                @let calls = replayed(finding);
                @if !calls.is_empty() {
                    dt { "replay" }
                    dd { (lines(calls.iter().map(replay))) }
                }
                @if let Some(because) = &finding.level_because { dt { (level) } dd { (prose(because)) } }
                @if !finding.rust.is_empty() {
                    dt { "Rust" }
                    dd { (lines(finding.rust.iter().map(|item| html! { code { (visible(item)) } }))) }
                }
                @if changes_no_item(report, finding) { dt { "Rust" } dd { (NO_ITEM) } }
                @if let Some(accepted) = &finding.accepted {
                    dt { "accepted" } dd { "until " (accepted.expires) ": " (visible(&accepted.reason)) }
                }
                dt { "help" } dd { (prose(&finding.help)) }
            }
            @if !finding.excerpt.is_empty() { (diff(&finding.excerpt)) }
        }
    }
}

fn replay(calls: &Replayed<'_>) -> Markup {
    html! { code { (visible(&calls.operations)) } " " b { (calls.verb) } ": " (prose(calls.detail)) }
}

/// One line beneath the other.
fn lines(items: impl Iterator<Item = Markup>) -> Markup {
    html! { @for item in items { div { (item) } } }
}

fn proof(accepted_by: Side) -> &'static str {
    match accepted_by {
        Side::Base => "The pin allows it, staging does not",
        Side::Revision => "Staging allows it, the pin does not",
    }
}

fn diff(lines: &[Line]) -> Markup {
    html! {
        pre class="diff" {
            @for line in lines {
                @let (class, sign) = match line.tag {
                    Tag::Pinned => ("gone", "- "),
                    Tag::Staging => ("new", "+ "),
                    Tag::Both => ("", "  "),
                    Tag::Cut => ("quiet", "  "),
                };
                span class=(class) { (sign) (visible(&line.text)) } "\n"
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
        section id="rust" {
            h2 { "Callers' Rust source" }
            @if let Some(why) = &rust.unavailable {
                p { "No client can be built from staging's document: " (visible(why)) }
            } @else {
                p {
                    "Re-pinning changes " (plural(rust.changes.len(), "item", "items"))
                    " of what callers can name in " code { "ratio_bank" } ". Those marked " b { "breaks" }
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

fn policy(report: &Report) -> Markup {
    html! {
        @if !report.policy.is_empty() {
            section {
                h2 { "Policy entries without effect" }
                ul { @for remark in &report.policy { li { code { (visible(&remark.place)) } ": " (prose(&remark.message)) } } }
            }
        }
    }
}

fn visible(text: &str) -> String {
    Untrusted::new(text).to_string()
}

/// Text in which a pair of backticks marks code.
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
