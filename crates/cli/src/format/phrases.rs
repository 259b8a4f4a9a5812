//! Phrases that several formats share.

use std::collections::HashSet;
use std::fmt::Write as _;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use openapi_drift::{Level, Side, Touched, Witness};
use serde_json::Value;

use crate::accept;
use crate::report::{FailOn, Finding, Origin, Outcome, Position, Report, level_word, step_word};
use crate::words::Words;

/// Maximum number of places, calls and items that formats for people show for one finding.
pub(crate) const MOST: usize = 3;

/// Maximum length of a value on one line, in characters.
const LONGEST_VALUE: usize = 300;

/// The address of the page that describes all rules.
pub(crate) const RULES_PAGE: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules.md");

/// The address of the description of a rule.
pub(crate) fn rule_page(id: &str) -> String {
    format!("{RULES_PAGE}#{id}")
}

/// Returns `4 breaking, 2 risky, 5 additive, 0 cosmetic; next release: major`, followed by the result for the build.
pub(crate) fn summary(report: &Report) -> String {
    let counts = report.counts;
    let mut text = format!(
        "{} breaking, {} risky, {} additive, {} cosmetic",
        counts.breaking, counts.risky, counts.additive, counts.cosmetic
    );
    if counts.accepted > 0 {
        let _ = write!(text, ", {} accepted", counts.accepted);
    }
    if report.base.sha256 == report.revision.sha256 && report.findings.is_empty() {
        let _ = write!(text, "; {}", same(report));
    } else {
        let _ = write!(
            text,
            "; semver step of the next release: {}",
            step_word(report.semver)
        );
    }
    match (report.failed, report.fail_on) {
        (true, level) => {
            let _ = write!(text, "; failed by --fail-on {}", level.as_str());
        }
        (false, FailOn::Never) => text.push_str("; nothing fails with --fail-on never"),
        (false, _) => {}
    }
    text
}

/// Returns a phrase which says that both documents have the same bytes.
pub(crate) fn same(report: &Report) -> String {
    match (report.words.base, report.words.revision) {
        ("pin", revision) => format!("{revision} serves the pinned document"),
        _ => "both are the very same document".to_owned(),
    }
}

/// Returns the first lines, and the number of omitted ones.
pub(crate) fn first(mut lines: Vec<String>, most: usize) -> Vec<String> {
    let more = and_more(lines.len(), most);
    lines.truncate(most);
    lines.extend(more);
    lines
}

/// The operations that meet a finding, in at most [`MOST`] lines with as many operations each. Several formats show them,
/// and a finding may have thousands.
pub(crate) fn met_by(finding: &Finding) -> &[String] {
    finding.met_by.get_or_init(|| met_by_up_to(finding, MOST))
}

/// Returns a phrase with the number of items that are omitted if at most `most` of `all` are shown.
pub(crate) fn and_more(all: usize, most: usize) -> Option<String> {
    let more = all.checked_sub(most).filter(|more| *more > 0)?;
    Some(format!("and {more} more"))
}

/// The operations that meet a finding: one line per place in their messages, at most `most` lines, and `most`
/// operations in each.
pub(crate) fn met_by_up_to(finding: &Finding, most: usize) -> Vec<String> {
    let mut places: IndexMap<&str, Vec<&Touched>, RandomState> = IndexMap::default();
    for operation in &finding.operations {
        places.entry(&*operation.at).or_default().push(operation);
    }
    let shown = places.iter().take(most);
    let mut lines: Vec<String> = shown.map(|(at, met)| met_at(at, met, most)).collect();
    lines.extend(and_more(places.len(), most));
    lines
}

/// The operations that meet a finding at one place, with their statuses there.
fn met_at(at: &str, met: &[&Touched], most: usize) -> String {
    type Statuses<'f> = Vec<&'f str>;
    let mut operations: IndexMap<Called<'_>, Statuses<'_>, RandomState> = IndexMap::default();
    for operation in met {
        let statuses = operations.entry(called(operation)).or_default();
        statuses.extend(operation.status.as_deref());
    }
    let with = |statuses: &[&str]| match statuses {
        [] => String::new(),
        some => format!(" (status {})", some.join(" ")),
    };
    let first = operations.first().map(|(_, statuses)| statuses);
    // If all operations have the same statuses, write them only once.
    let common = first.filter(|first| operations.values().all(|statuses| statuses == *first));
    let named = |(called, statuses): (&Called<'_>, &Statuses<'_>)| match common {
        Some(_) => called.to_string(),
        None => called.to_string() + &with(statuses),
    };
    let list: Vec<String> = operations.iter().take(most).map(named).collect();
    let more = match operations.len() - list.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let common = common.map_or(String::new(), |statuses| with(statuses));
    let at = if at.is_empty() {
        String::new()
    } else {
        format!(" at {at}")
    };
    format!("{}{more}{common}{at}", list.join(", "))
}

/// What people call an operation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Called<'t> {
    /// Its Rust name.
    Name(&'t str),
    /// Its method and path, if it has no name.
    Address(&'t str, &'t str),
}

impl std::fmt::Display for Called<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(method, path) => write!(f, "{method} {path}"),
        }
    }
}

/// What people call an operation.
pub(crate) fn called(operation: &Touched) -> Called<'_> {
    let endpoint = &operation.endpoint;
    match &endpoint.name {
        Some(name) => Called::Name(name),
        None => Called::Address(&endpoint.method, &endpoint.path),
    }
}

/// The first operation that meets a finding, and the number of further ones.
pub(crate) fn who(finding: &Finding) -> Option<String> {
    let first = finding.operations.first()?;
    let others: HashSet<(&str, &str), RandomState> = finding
        .operations
        .iter()
        .map(|it| (&*it.endpoint.method, &*it.endpoint.path))
        .collect();
    Some(match others.len() - 1 {
        0 => called(first).to_string(),
        more => format!("{} and {more} more", called(first)),
    })
}

/// The title of a finding, without its operations if they are shown next to it.
pub(crate) fn title_beside<'f>(finding: &'f Finding, who: Option<&str>) -> &'f str {
    let rest = who.and_then(|who| finding.title.strip_prefix(who)?.strip_prefix(": "));
    rest.unwrap_or(&finding.title)
}

/// Calls of the client with the same outcome.
pub(crate) struct Replayed<'r> {
    pub(crate) operations: String,
    /// `fails`, or `fail` for several operations.
    pub(crate) verb: &'static str,
    pub(crate) detail: &'r str,
}

/// The outcomes of the client's calls, the worst first. Calls with the same outcome are combined.
pub(crate) fn replayed(finding: &Finding) -> Vec<Replayed<'_>> {
    let mut groups: Vec<(Outcome, &str, Vec<&str>)> = Vec::new();
    for call in finding.replay.iter().flat_map(|replay| &replay.calls) {
        let same =
            |group: &&mut (Outcome, &str, Vec<&str>)| group.0 == call.outcome && group.1 == call.detail;
        match groups.iter_mut().find(same) {
            Some(group) => group.2.push(&call.operation),
            None => groups.push((call.outcome, &call.detail, vec![&call.operation])),
        }
    }
    groups.sort_by_key(|group| group.0);
    groups
        .into_iter()
        .map(|(outcome, detail, operations)| Replayed {
            verb: match (outcome, operations.len()) {
                (Outcome::Fails, 1) => "fails",
                (Outcome::Fails, _) => "fail",
                (Outcome::Tolerates, 1) => "tolerates it",
                (Outcome::Tolerates, _) => "tolerate it",
                (Outcome::Unaffected, 1) => "is unaffected",
                (Outcome::Unaffected, _) => "are unaffected",
                (Outcome::NotReplayed, 1) => "was not replayed",
                (Outcome::NotReplayed, _) => "were not replayed",
            },
            operations: operations.join(", "),
            detail,
        })
        .collect()
}

impl std::fmt::Display for Replayed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.operations, self.verb, self.detail)
    }
}

/// The note for a breaking or risky finding that does not change any public item of the client.
pub(crate) const NO_ITEM: &str = "no public item changes with it";

pub(crate) fn changes_no_item(report: &Report, finding: &Finding) -> bool {
    let known = report
        .rust
        .as_ref()
        .is_some_and(|rust| rust.unavailable.is_none());
    known && finding.rust.is_empty() && finding.level <= Level::Risky
}

/// All facts about a finding, one per line, for formats that have one field for them.
pub(crate) fn facts(report: &Report, finding: &Finding) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(met_by(finding).iter().map(|line| format!("met by: {line}")));
    if let Some(witness) = &finding.witness {
        lines.push(format!(
            "witness: {}: {}",
            value_line(&witness.value),
            witness.because
        ));
        lines.extend(message_line(witness).map(|message| format!("message: {message}")));
    }
    lines.extend(
        finding
            .undecided
            .iter()
            .map(|reason| format!("undecided: {reason}")),
    );
    let calls = replayed(finding).iter().map(ToString::to_string).collect();
    lines.extend(first(calls, MOST).iter().map(|calls| format!("replay: {calls}")));
    if let Some(because) = &finding.level_because {
        lines.push(format!("{}: {because}", level_word(finding.level)));
    }
    lines.extend(ended(finding));
    lines.extend(
        first(finding.rust.clone(), MOST)
            .iter()
            .map(|item| format!("rust: {item}")),
    );
    if changes_no_item(report, finding) {
        lines.push(format!("rust: {NO_ITEM}"));
    }
    lines.push(format!("help: {}", finding.help));
    if accept::offered(report, finding) {
        lines.push(format!("accept: {}", accept_command(report, finding)));
    }
    lines
}

/// A note which says that an acceptance of the finding has expired.
pub(crate) fn ended(finding: &Finding) -> Option<String> {
    let ended = finding.ended.as_ref()?;
    Some(format!(
        "acceptance ended on {} ({}): {}",
        ended.expires, ended.place, ended.reason
    ))
}

/// The command that accepts a finding.
pub(crate) fn accept_command(report: &Report, finding: &Finding) -> String {
    format!(
        "{} {} --until {} --reason \"…\"",
        report.words.accept,
        finding.id,
        accept::proposed_end(report.today)
    )
}

/// The message of a witness in wire form: lines for its head, each header and its body.
pub(crate) fn message(witness: &Witness) -> Vec<String> {
    let Some(message) = &witness.message else {
        return Vec::new();
    };
    let where_to = message
        .target
        .as_deref()
        .or(message.name.as_deref())
        .unwrap_or_default();
    let status = message
        .status
        .map_or_else(String::new, |status| format!(", answered with {status}"));
    let mut lines = vec![format!("{} {where_to}{status}", message.method)];
    lines.extend(
        message
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}")),
    );
    lines.extend(message.body.clone());
    lines.extend(
        message
            .body_hex
            .as_ref()
            .map(|hex| format!("(bytes in hexadecimal digits) {hex}")),
    );
    if !message.unbuilt.is_empty() {
        lines.push(format!(
            "(no value could be built for {})",
            message.unbuilt.join(", ")
        ));
    }
    lines
}

/// The message of a witness on one line, cut if it is too long.
pub(crate) fn message_line(witness: &Witness) -> Option<String> {
    let lines = message(witness);
    (!lines.is_empty()).then(|| shortened(lines.join(" | ")))
}

/// A file and a place in it, such as `spec/api.json:12:3 /paths`.
pub(crate) fn place(origin: &Origin, position: Option<Position>, pointer: &str) -> String {
    let file = origin.file_of(pointer);
    match position {
        Some(Position { line, column }) => format!("{file}:{line}:{column} {pointer}"),
        None => format!("{file} {pointer}"),
    }
}

/// The places of a finding in both documents, each with the name of the document.
pub(crate) fn places(report: &Report, finding: &Finding) -> impl Iterator<Item = (&'static str, String)> {
    let base = (report.words.base, &report.base, finding.base_position);
    let revision = (report.words.revision, &report.revision, finding.revision_position);
    [(base, &finding.base_at), (revision, &finding.revision_at)]
        .into_iter()
        .filter_map(|((name, origin, position), at)| Some((name, place(origin, position, at.as_ref()?))))
}

/// States which document accepts a witness and which one rejects it.
pub(crate) fn proof(witness: &Witness, words: &Words) -> String {
    let side = |side: Side| match side {
        Side::Base => words.base,
        Side::Revision => words.revision,
    };
    format!(
        "{} allows it, {} does not",
        Words::definite(side(witness.accepted_by)),
        Words::definite(side(witness.rejected_by))
    )
}

/// A value on one line, cut if it is too long.
pub fn value_line(value: &Value) -> String {
    shortened(value.to_string())
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}… ({} bytes in all)", &text[..end], text.len()),
        None => text,
    }
}

pub(crate) fn plural(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
