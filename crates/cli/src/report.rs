//! The report of a comparison: the findings with their treatment, and whether they fail the build.

use std::sync::OnceLock;

use jiff::civil::Date;
use openapi_drift::{Direction, Level, Step, Touched, Witness};
use serde::Serialize;

use crate::excerpt::Line;
use crate::words::Words;

/// All data of a report.
#[derive(Debug)]
pub struct Report {
    /// The words for the documents and the command.
    pub words: Words,
    /// The document from which the callers were built.
    pub base: Origin,
    /// The document that is compared with it.
    pub revision: Origin,
    /// One word for the set of compared operations.
    pub scope: &'static str,
    /// The level from which findings fail the build.
    pub fail_on: FailOn,
    /// The day on which acceptances are judged.
    pub today: Date,
    /// Whether a finding that is not accepted is at or above `fail_on`.
    pub failed: bool,
    /// The worst level among the findings that are not accepted.
    pub verdict: Option<Level>,
    /// The semver step of the next release if it is built from the revision. Accepted findings count too.
    pub semver: Step,
    /// Number of operations of the base that were compared. If it is zero, nothing is known about drift.
    pub compared: usize,
    /// Number of findings by level.
    pub counts: Counts,
    /// The findings: the most severe first, accepted ones last.
    pub findings: Vec<Finding>,
    /// The changes in the generated Rust API if it is built from the revision, or `None` if they were not requested.
    pub rust: Option<ApiDiff>,
    /// Remarks on the policy.
    pub policy: Vec<Remark>,
}

/// The source and the digest of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// A path, an address without secrets, or another name.
    pub source: String,
    /// The SHA-256 of its bytes in hex; for a document of several files, a digest of the digests of all files.
    pub sha256: String,
}

impl Origin {
    /// The file of a place such as `/paths` or `pets.yaml#/Pet`: the document itself, or a file next to it.
    pub fn file_of(&self, place: &str) -> String {
        match place.split_once('#') {
            Some((file, _)) if !place.starts_with('/') => {
                let folder = self
                    .source
                    .rfind(['/', ':'])
                    .map_or("", |end| &self.source[..=end]);
                format!("{folder}{}", file.replace("%23", "#").replace("%25", "%"))
            }
            _ => self.source.clone(),
        }
    }
}

/// From which level on drift fails the build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// A deployed client fails
    #[default]
    Breaking,
    /// Callers may notice
    Risky,
    /// Something is new
    Additive,
    /// Report only
    Never,
}

impl FailOn {
    /// Whether a finding of `level` fails the build.
    pub fn hits(self, level: Level) -> bool {
        match self {
            Self::Breaking => level <= Level::Breaking,
            Self::Risky => level <= Level::Risky,
            Self::Additive => level <= Level::Additive,
            Self::Never => false,
        }
    }

    /// The name of the level on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Risky => "risky",
            Self::Additive => "additive",
            Self::Never => "never",
        }
    }
}

/// Number of findings by level, without accepted ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Open findings that are breaking.
    pub breaking: usize,
    /// Open findings that are risky.
    pub risky: usize,
    /// Open findings that are additive.
    pub additive: usize,
    /// Open findings that are cosmetic.
    pub cosmetic: usize,
    /// Accepted findings of any level.
    pub accepted: usize,
}

/// A change with a single root cause, and its treatment.
#[derive(Clone, Debug)]
pub struct Finding {
    /// An id of twelve hex digits, which is stable between runs as long as the rule and the places stay the same.
    pub id: String,
    /// The id of its rule.
    pub rule: String,
    /// The level after replay and policy.
    pub level: Level,
    /// The reason why `level` differs from the comparison's result: the replay, or an override in the policy.
    pub level_because: Option<String>,
    /// One sentence that names the change.
    pub title: String,
    /// The direction of the affected values, or `None` if no values are affected.
    pub direction: Option<Direction>,
    /// The operations that reach the place.
    pub operations: Vec<Touched>,
    /// The place in the base, or `None` if it is new in the revision.
    pub base_at: Option<String>,
    /// The place in the revision, or `None` if it was removed.
    pub revision_at: Option<String>,
    /// The position of `base_at` in its file.
    pub base_position: Option<Position>,
    /// The position of `revision_at` in its file.
    pub revision_position: Option<Position>,
    /// The proof, if there is one.
    pub witness: Option<Witness>,
    /// The reason why no verdict was reached, if so.
    pub undecided: Option<String>,
    /// Other effects of the same cause, one sentence each. If one rule finds thousands of drifts in one operation, also
    /// some of these.
    pub also: Vec<String>,
    /// The acceptance that keeps the finding from failing the build.
    pub accepted: Option<Accepted>,
    /// An expired acceptance of the finding.
    pub ended: Option<Accepted>,
    /// The behaviour of a client that met the finding.
    pub replay: Option<Replay>,
    /// The items of the generated Rust API that change, such as `types::Wallet::network removed`.
    pub rust: Vec<String>,
    /// Advice for the reader.
    pub help: String,
    /// The advice in two or three words, for a table: `a release`.
    pub mended_by: &'static str,
    /// A diff of the two places.
    pub excerpt: Vec<Line>,
    /// The operations in words, once a format has asked for them.
    pub(crate) met_by: OnceLock<Vec<String>>,
}

/// A position in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    /// The line, counted from one.
    pub line: usize,
    /// The column in characters, counted from one.
    pub column: usize,
}

/// An acceptance that matches a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// The reason why the drift is acceptable.
    pub reason: String,
    /// The last day of the acceptance, `YYYY-MM-DD`.
    pub expires: String,
    /// `file:line:column` of the entry.
    pub place: String,
}

/// The behaviour of a client that met a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// The worst outcome of the calls.
    pub outcome: Outcome,
    /// The worst call of each operation.
    pub calls: Vec<Call>,
}

/// One call of the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The name by which callers know the operation.
    pub operation: String,
    /// The outcome of the call.
    pub outcome: Outcome,
    /// The client's error, the drift that it reported, or the reason why there was no call.
    pub detail: String,
}

/// The outcome of a call, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The call failed.
    Fails,
    /// The call succeeded, and the client reported the drift.
    Tolerates,
    /// The call succeeded, and the client reported nothing.
    Unaffected,
    /// The client cannot be made to send or read the affected values.
    NotReplayed,
}

/// A comparison of the generated APIs of both documents.
#[derive(Debug, Serialize)]
pub struct ApiDiff {
    /// Public items that are removed, changed or added.
    pub changes: Vec<Change>,
    /// The reason why the API of the revision is unknown, if it is.
    pub unavailable: Option<String>,
}

/// A change of one public item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The path of the item for callers: `types::Wallet::network`.
    pub item: String,
    /// The kind of change.
    pub kind: Kind,
    /// The old definition, if the item existed before.
    pub old: Option<String>,
    /// The new definition, if the item still exists.
    pub new: Option<String>,
    /// Whether the callers' source may no longer compile.
    pub breaks: bool,
    /// The necessary change in the client's own source, which callers may never see.
    pub ours: Option<String>,
    /// Ids of the findings that cause the change.
    pub findings: Vec<String>,
}

/// The kind of change of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It is removed.
    Removed,
    /// It is changed.
    Changed,
    /// It is added.
    Added,
}

impl Kind {
    /// The word for the kind of change.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Added => "added",
        }
    }
}

impl ApiDiff {
    /// The semver step that the changes of the source require.
    pub fn step(&self) -> Step {
        if self.unavailable.is_some() || self.changes.iter().any(|change| change.breaks) {
            // If the client cannot be built, assume the largest step.
            Step::Major
        } else if self.changes.is_empty() {
            Step::None
        } else {
            Step::Minor
        }
    }
}

/// A remark on an entry of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The kind of remark.
    pub kind: RemarkKind,
    /// `file:line:column` of the entry.
    pub place: String,
    /// The remark, in one sentence.
    pub message: String,
}

/// The kind of remark on an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RemarkKind {
    /// No finding matches it.
    Unused,
    /// Its last day is in the past.
    Expired,
    /// Its last day is near.
    Ending,
}

impl Report {
    /// Sorts and counts the findings. Call this when they are final.
    pub fn conclude(&mut self) {
        self.findings
            .sort_by_key(|finding| (finding.accepted.is_some(), finding.level));
        self.counts = Counts::default();
        for finding in &self.findings {
            let count = match (finding.accepted.is_some(), finding.level) {
                (true, _) => &mut self.counts.accepted,
                (_, Level::Breaking) => &mut self.counts.breaking,
                (_, Level::Risky) => &mut self.counts.risky,
                (_, Level::Additive) => &mut self.counts.additive,
                (_, Level::Cosmetic) => &mut self.counts.cosmetic,
            };
            *count += 1;
        }
        self.verdict = self.open().map(|finding| finding.level).min();
        self.failed = self.verdict.is_some_and(|level| self.fail_on.hits(level));
        let by_level = self
            .findings
            .iter()
            .map(|finding| step(finding.level))
            .max()
            .unwrap_or(Step::None);
        let by_source = self.rust.as_ref().map_or(Step::None, ApiDiff::step);
        self.semver = by_level.max(by_source);
    }

    /// The findings that are not accepted.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.accepted.is_none())
    }

    /// The findings that fail the build.
    pub fn failing(&self) -> impl Iterator<Item = &Finding> {
        self.open().filter(|finding| self.fail_on.hits(finding.level))
    }
}

/// Returns the semver step for a level. A change in the service's contract changes the contract of the generated client
/// with its callers to the same degree.
fn step(level: Level) -> Step {
    match level {
        Level::Breaking => Step::Major,
        Level::Risky | Level::Additive => Step::Minor,
        Level::Cosmetic => Step::Patch,
    }
}

/// The name of a level.
pub fn level_word(level: Level) -> &'static str {
    match level {
        Level::Breaking => "breaking",
        Level::Risky => "risky",
        Level::Additive => "additive",
        Level::Cosmetic => "cosmetic",
    }
}

/// The name of a semver step.
pub fn step_word(step: Step) -> &'static str {
    match step {
        Step::None => "none",
        Step::Patch => "patch",
        Step::Minor => "minor",
        Step::Major => "major",
    }
}
