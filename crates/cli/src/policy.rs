//! `drift.toml`: the findings that a team has accepted, with the reason and the last day.
//!
//! Findings cannot be hidden in any other way. An acceptance that no longer has an effect is reported.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::path::Path;

use jiff::civil::Date;
use openapi_drift::Level;
use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::files;
use crate::report::{Accepted, Finding, Remark, RemarkKind, level_word};
use ratio_spec::fetch::redacted;

/// A team's decisions about drift.
#[derive(Debug, Default)]
pub struct Policy {
    file: String,
    accept: Vec<Acceptance>,
    levels: BTreeMap<String, (Level, Position)>,
}

#[derive(Debug)]
struct Acceptance {
    rule: String,
    at: String,
    reason: String,
    expires: Date,
    position: Position,
}

/// A position in the policy file, with line and column counted from one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Position {
    line: usize,
    column: usize,
}

/// Computes positions in a text, each starting from the previous one, since there are many entries and they are in
/// order.
struct Places<'t> {
    text: &'t str,
    offset: usize,
    at: Position,
}

impl<'t> Places<'t> {
    const START: Position = Position { line: 1, column: 1 };

    fn new(text: &'t str) -> Self {
        Self {
            text,
            offset: 0,
            at: Self::START,
        }
    }

    fn of(&mut self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        if offset < self.offset {
            (self.offset, self.at) = (0, Self::START);
        }
        for c in self.text[self.offset..offset].chars() {
            if c == '\n' {
                self.at.line += 1;
                self.at.column = 1;
            } else {
                self.at.column += 1;
            }
        }
        self.offset = offset;
        self.at
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The reason why a policy cannot be used: `file:line:column: problem; remedy`.
#[derive(Debug, PartialEq, Eq)]
pub struct PolicyError(String);

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PolicyError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    accept: Vec<Spanned<AcceptTable>>,
    #[serde(default)]
    levels: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptTable {
    rule: Spanned<String>,
    at: Spanned<String>,
    reason: Spanned<String>,
    expires: Spanned<toml::Value>,
}

impl Policy {
    /// Reads the policy; messages call it `file`. A file that does not exist accepts nothing.
    ///
    /// # Errors
    /// When the file cannot be read or is invalid. The message has line and column.
    pub fn read(path: &Path, file: &str, known_rules: &[&str]) -> Result<Self, PolicyError> {
        match files::read_configuration(path) {
            Ok(text) => Self::parse(file, &text, known_rules),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(PolicyError(format!("{}: {error}", redacted(file)))),
        }
    }

    /// Reads a policy that was named explicitly and must therefore exist.
    ///
    /// # Errors
    /// The errors of [`Policy::read`], and when the file does not exist.
    pub fn read_existing(path: &Path, file: &str, known_rules: &[&str]) -> Result<Self, PolicyError> {
        if path.exists() {
            Self::read(path, file, known_rules)
        } else {
            Err(PolicyError(format!(
                "{}: there is no such policy",
                redacted(file)
            )))
        }
    }

    /// Parses the text of a policy; messages call it `file`.
    ///
    /// # Errors
    /// When the text is invalid. The message has line and column.
    ///
    /// ```
    /// let error = openapi_drift_cli::Policy::parse("drift.toml", "accept = 1", &[]).unwrap_err();
    /// assert!(error.to_string().starts_with("drift.toml:1:10: "));
    /// ```
    pub fn parse(file: &str, text: &str, known_rules: &[&str]) -> Result<Self, PolicyError> {
        let refuse = |offset: usize, what: String| {
            PolicyError(format!("{file}:{}: {what}", Places::new(text).of(offset)))
        };
        let known = |rule: &Spanned<String>| {
            if known_rules.contains(&rule.get_ref().as_str()) {
                return Ok(());
            }
            let near = nearest(rule.get_ref(), known_rules)
                .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            Err(refuse(
                rule.span().start,
                format!("there is no rule `{}`{near}", rule.get_ref()),
            ))
        };
        let parsed: File = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            refuse(offset, error.message().replace('\n', " "))
        })?;

        let mut places = Places::new(text);
        let mut accept = Vec::with_capacity(parsed.accept.len());
        for entry in parsed.accept {
            let position = places.of(entry.span().start);
            let table = entry.into_inner();
            known(&table.rule)?;
            if !table.at.get_ref().is_empty() && !is_place(table.at.get_ref()) {
                let what = "`at` is a JSON pointer as the report prints it, beginning with `/`, or `file#` and a pointer";
                return Err(refuse(table.at.span().start, what.to_owned()));
            }
            if table.reason.get_ref().trim().is_empty() {
                let what = "`reason` is empty; say why this drift is fine, for those who come after you";
                return Err(refuse(table.reason.span().start, what.to_owned()));
            }
            let expires = civil(table.expires.get_ref()).ok_or_else(|| {
                refuse(
                    table.expires.span().start,
                    "`expires` is a day without quotes and without a time, such as 2027-01-31".to_owned(),
                )
            })?;
            accept.push(Acceptance {
                rule: table.rule.into_inner(),
                at: table.at.into_inner(),
                reason: table.reason.into_inner(),
                expires,
                position,
            });
        }

        let mut levels = BTreeMap::new();
        for (rule, level) in parsed.levels {
            known(&rule)?;
            let parsed = match level.get_ref().as_str() {
                "breaking" => Level::Breaking,
                "risky" => Level::Risky,
                "additive" => Level::Additive,
                "cosmetic" => Level::Cosmetic,
                other => {
                    let what =
                        format!("there is no level `{other}`; it is breaking, risky, additive or cosmetic");
                    return Err(refuse(level.span().start, what));
                }
            };
            let position = places.of(rule.span().start);
            levels.insert(rule.into_inner(), (parsed, position));
        }
        Ok(Self {
            file: file.to_owned(),
            accept,
            levels,
        })
    }

    /// Applies the policy on the day `today`. Returns remarks about entries that have no effect, or will soon have
    /// none.
    pub fn apply(&self, findings: &mut [Finding], today: Date) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for (rule, &(level, position)) in &self.levels {
            let mut used = false;
            for finding in findings.iter_mut().filter(|finding| &finding.rule == rule) {
                used = true;
                if finding.level != level {
                    let was = level_word(finding.level);
                    finding.level_because = Some(format!(
                        "{} says so at line {}; it was {was}",
                        self.file, position.line
                    ));
                    finding.level = level;
                }
            }
            if !used {
                remarks.push(self.remark(
                    RemarkKind::Unused,
                    position,
                    format!("no finding of rule `{rule}`"),
                ));
            }
        }
        let mut by_place: HashMap<(String, String), Vec<usize>> = HashMap::new();
        // The places at which findings of a rule can be accepted, as proposals for an entry that matches nothing.
        let mut by_rule: HashMap<String, Vec<String>> = HashMap::new();
        for (index, finding) in findings.iter().enumerate() {
            for place in places(finding) {
                let key = (finding.rule.clone(), place.to_owned());
                by_place.entry(key).or_default().push(index);
            }
            let known = by_rule.entry(finding.rule.clone()).or_default();
            known.extend(places(finding).next().map(str::to_owned));
        }
        for entry in &self.accept {
            let (rule, at) = (&entry.rule, &entry.at);
            let Some(matching) = by_place.get(&(rule.clone(), at.clone())) else {
                let elsewhere = by_rule.get(rule).map_or(&[][..], Vec::as_slice);
                let message = format!(
                    "no finding of rule `{rule}` at `{at}` any more: {}",
                    others(elsewhere)
                );
                remarks.push(self.remark(RemarkKind::Unused, entry.position, message));
                continue;
            };
            let accepted = Accepted {
                reason: entry.reason.clone(),
                expires: entry.expires.to_string(),
                place: format!("{}:{}", self.file, entry.position),
            };
            if entry.expires < today {
                let message = format!(
                    "the acceptance of `{rule}` at `{at}` ended on {}: mend the drift, or decide again",
                    entry.expires
                );
                remarks.push(self.remark(RemarkKind::Expired, entry.position, message));
                for &index in matching {
                    findings[index].ended.get_or_insert(accepted.clone());
                }
                continue;
            }
            let left = (entry.expires - today).get_days();
            if left <= ANNOUNCED {
                let days = match left {
                    0 => "today".to_owned(),
                    1 => "tomorrow".to_owned(),
                    days => format!("in {days} days"),
                };
                let message = format!(
                    "the acceptance of `{rule}` at `{at}` ends {days}, on {}: mend the drift before, or decide again",
                    entry.expires
                );
                remarks.push(self.remark(RemarkKind::Ending, entry.position, message));
            }
            for &index in matching {
                findings[index].accepted = Some(accepted.clone());
            }
        }
        // A finding that another entry still accepts has not expired.
        for finding in findings.iter_mut().filter(|finding| finding.accepted.is_some()) {
            finding.ended = None;
        }
        remarks
    }

    fn remark(&self, kind: RemarkKind, position: Position, message: String) -> Remark {
        Remark {
            kind,
            place: format!("{}:{position}", self.file),
            message,
        }
    }
}

/// Whether a text has the form of a place in reports: a JSON pointer, or `file#pointer`.
fn is_place(text: &str) -> bool {
    let pointer = match text.split_once('#') {
        Some((file, pointer)) if !file.is_empty() && !file.starts_with('/') => pointer,
        _ => text,
    };
    pointer.is_empty() || pointer.starts_with('/')
}

/// Number of days before its last day from which the end of an acceptance is announced.
const ANNOUNCED: i32 = 14;

/// Maximum number of places that are proposed for an entry that matches nothing.
const MOST_PLACES: usize = 3;

/// Returns advice for an entry that matches nothing, given the places of the findings of its rule.
fn others(places: &[String]) -> String {
    if places.is_empty() {
        return "remove the entry".to_owned();
    }
    let shown: Vec<String> = places
        .iter()
        .take(MOST_PLACES)
        .map(|at| format!("`{at}`"))
        .collect();
    let more = match places.len().saturating_sub(MOST_PLACES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "remove the entry, or mean one of the rule's places now: {}{more}",
        shown.join(", ")
    )
}

/// The places at which a finding can be accepted. For a removed or added part, its own place counts, not the place of
/// its container in the other document. Otherwise, the acceptance would include everything else that is removed or
/// added there.
pub(crate) fn places(finding: &Finding) -> impl Iterator<Item = &str> {
    let (base, revision) = (finding.base_at.as_deref(), finding.revision_at.as_deref());
    let holds = |whole: Option<&str>, part: Option<&str>| {
        let below = whole.zip(part).and_then(|(whole, part)| part.strip_prefix(whole));
        below.is_some_and(|below| below.starts_with('/'))
    };
    let first = base.filter(|_| !holds(base, revision));
    let second = revision.filter(|_| !holds(revision, base) && revision != first);
    first.into_iter().chain(second)
}

/// Returns the rules and places that a policy's text accepts on a day.
///
/// # Errors
/// When the text is not a valid policy.
pub(crate) fn accepted_on(text: &str, today: Date) -> Result<HashSet<(String, String)>, toml::de::Error> {
    let file: File = toml::from_str(text)?;
    let entries = file.accept.into_iter().map(Spanned::into_inner);
    let held = entries.filter(|it| civil(it.expires.get_ref()).is_some_and(|expires| expires >= today));
    Ok(held
        .map(|it| (it.rule.into_inner(), it.at.into_inner()))
        .collect())
}

fn civil(value: &toml::Value) -> Option<Date> {
    let datetime: &Datetime = value.as_datetime()?;
    let (Some(date), None) = (datetime.date, datetime.time) else {
        return None;
    };
    Date::new(
        i16::try_from(date.year).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
    )
    .ok()
}

/// The known rule that was most likely meant by a misspelled one.
fn nearest<'r>(rule: &str, known: &[&'r str]) -> Option<&'r str> {
    const LEAST: f32 = 0.7;
    let likeness = |name: &str| similar::TextDiff::from_chars(rule, name).ratio();
    // Skip names of a very different length: they cannot be similar enough, and comparing a very long text takes
    // minutes.
    let may_be = |name: &str| {
        let (long, short) = (rule.len().max(name.len()), rule.len().min(name.len()));
        10 * 2 * short > 7 * (long + short)
    };
    known
        .iter()
        .filter(|name| may_be(name))
        .map(|name| (likeness(name), *name))
        .filter(|(likeness, _)| *likeness > LEAST)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::{Places, nearest};

    #[test]
    fn a_slip_finds_the_rule_that_was_meant_and_a_long_text_none() {
        let known = ["operation-removed", "prose-changed"];
        assert_eq!(nearest("operation-remove", &known), Some("operation-removed"));
        assert_eq!(
            nearest("operations-are-removed", &known),
            Some("operation-removed")
        );
        assert_eq!(nearest("something", &known), None);
        // Comparing this text letter by letter would take minutes.
        assert_eq!(nearest(&"operation-removed".repeat(100_000), &known), None);
    }

    #[test]
    fn a_place_is_told_from_the_one_before_or_anew() {
        let text = "a\nbé\n\nc";
        let mut places = Places::new(text);
        let mut at = |offset| places.of(offset).to_string();
        assert_eq!([at(0), at(2), at(5), at(7)], ["1:1", "2:1", "2:3", "4:1"]);
        assert_eq!([at(3), at(99)], ["2:2", "4:2"]);
    }
}
