//! A judged comparison: the findings, what became of each, and whether they fail the build.

use jiff::civil::Date;
use openapi_drift::{Direction, Level, Step, Touched, Witness};
use serde::Serialize;

use crate::excerpt::Line;
use crate::words::Words;

/// Everything that a report prints.
#[derive(Debug)]
pub struct Report {
    /// What the reader calls the documents and the command.
    pub words: Words,
    /// The document that callers were built from.
    pub base: Origin,
    /// The document that may have drifted away from it.
    pub revision: Origin,
    /// Which operations were compared, in a word.
    pub scope: &'static str,
    /// From which level on findings fail the build.
    pub fail_on: FailOn,
    /// The day on which acceptances are judged.
    pub today: Date,
    /// Whether a finding that is not accepted is at or above `fail_on`.
    pub failed: bool,
    /// The worst level among the findings that are not accepted.
    pub verdict: Option<Level>,
    /// The step the next release takes, built from the revision; accepted findings count too.
    pub semver: Step,
    /// How many operations of the base were compared; where there is none, nothing is known.
    pub compared: usize,
    /// Findings by level.
    pub counts: Counts,
    /// Most severe first, those that are accepted last.
    pub findings: Vec<Finding>,
    /// What building from the revision does to callers' Rust source; nothing when it was not asked for.
    pub rust: Option<ApiDiff>,
    /// What there is to say about the policy.
    pub policy: Vec<Remark>,
}

/// Where a document came from and which bytes it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// A path, an address without secrets, or another name.
    pub source: String,
    /// Hex SHA-256 of its bytes; of a document of several files, of the digests of all of them.
    pub sha256: String,
}

impl Origin {
    /// The file in which a place stands, `/paths` or `pets.yaml#/Pet`: the document, or one beside it.
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

    /// As the command line writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Breaking => "breaking",
            Self::Risky => "risky",
            Self::Additive => "additive",
            Self::Never => "never",
        }
    }
}

/// Findings by level, without those that are accepted.
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

/// One drift with one root cause, and what became of it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Twelve hex digits that stay the same from run to run while rule and places do.
    pub id: String,
    /// The id of its rule.
    pub rule: String,
    /// How much it matters, after replay and policy.
    pub level: Level,
    /// Why `level` is not the one the comparison gave: the replay, or an override of the policy.
    pub level_because: Option<String>,
    /// One sentence that names what changed.
    pub title: String,
    /// Which way the affected values travel; nothing where none do.
    pub direction: Option<Direction>,
    /// Every operation that reaches the place.
    pub operations: Vec<Touched>,
    /// JSON pointer into the base; nothing when it is new in the revision.
    pub base_at: Option<String>,
    /// JSON pointer into the revision; nothing when the revision no longer has it.
    pub revision_at: Option<String>,
    /// Where `base_at` stands in the file.
    pub base_position: Option<Position>,
    /// Where `revision_at` stands in the file.
    pub revision_position: Option<Position>,
    /// The proof, where there is one.
    pub witness: Option<Witness>,
    /// Why no verdict was reached, when none was.
    pub undecided: Option<String>,
    /// What else the same cause changes, a sentence each; where one rule finds thousands in one operation, also some of those.
    pub also: Vec<String>,
    /// Why it does not fail the build.
    pub accepted: Option<Accepted>,
    /// The acceptance of it that holds no more.
    pub ended: Option<Accepted>,
    /// What a client did when it met the finding.
    pub replay: Option<Replay>,
    /// Items of the generated Rust API that change with it, such as `types::Wallet::network removed`.
    pub rust: Vec<String>,
    /// What the reader can do about it.
    pub help: String,
    /// The same in two or three words, for a table: `a release`.
    pub mended_by: &'static str,
    /// Both places side by side.
    pub excerpt: Vec<Line>,
}

/// A place in a file.
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
    /// Why the drift is fine.
    pub reason: String,
    /// The last day on which it holds, `YYYY-MM-DD`.
    pub expires: String,
    /// `file:line:column` of the entry.
    pub place: String,
}

/// What happened when a client met a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// The worst of the calls.
    pub outcome: Outcome,
    /// One for each operation, its worst.
    pub calls: Vec<Call>,
}

/// One call of the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// What callers know the operation by.
    pub operation: String,
    /// How the client took it.
    pub outcome: Outcome,
    /// The client's error, the drift it noticed, or why there was nothing to call.
    pub detail: String,
}

/// How the client took it, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The call failed.
    Fails,
    /// The call went well, and the client noticed the drift.
    Tolerates,
    /// The call went well, and nothing was noticed.
    Unaffected,
    /// There is nothing that the client could be made to send or read.
    NotReplayed,
}

/// The generated API, built from both documents and compared.
#[derive(Debug, Serialize)]
pub struct ApiDiff {
    /// Public items that go, change or come.
    pub changes: Vec<Change>,
    /// Why the API of the revision is not known, when it is not.
    pub unavailable: Option<String>,
}

/// One public item that callers can name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its path as callers write it: `types::Wallet::network`.
    pub item: String,
    /// What happens to it.
    pub kind: Kind,
    /// What it was, where it was there.
    pub old: Option<String>,
    /// What it becomes, where it stays.
    pub new: Option<String>,
    /// Whether callers' source may no longer compile.
    pub breaks: bool,
    /// What in the client's own source has to be mended for it, which callers may never see.
    pub ours: Option<String>,
    /// Ids of the findings it follows from.
    pub findings: Vec<String>,
}

/// What happens to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
    /// It is new.
    Added,
}

impl Kind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Added => "added",
        }
    }
}

impl ApiDiff {
    /// The step that the source alone calls for.
    pub fn step(&self) -> Step {
        if self.unavailable.is_some() || self.changes.iter().any(|change| change.breaks) {
            // What cannot be built is as far from compatible as can be.
            Step::Major
        } else if self.changes.is_empty() {
            Step::None
        } else {
            Step::Minor
        }
    }
}

/// Something to say about an entry of the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What about it.
    pub kind: RemarkKind,
    /// `file:line:column` of the entry.
    pub place: String,
    /// One sentence.
    pub message: String,
}

/// What is to be said about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RemarkKind {
    /// Nothing matches it.
    Unused,
    /// Its last day is over.
    Expired,
    /// Its last day is near.
    Ending,
}

impl Report {
    /// Orders the findings and sums them up; called once they are final.
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

/// A client built from the revision is another contract with its callers by as much as the service is another contract
/// with the client.
fn step(level: Level) -> Step {
    match level {
        Level::Breaking => Step::Major,
        Level::Risky | Level::Additive => Step::Minor,
        Level::Cosmetic => Step::Patch,
    }
}

/// The word for a level.
pub fn level_word(level: Level) -> &'static str {
    match level {
        Level::Breaking => "breaking",
        Level::Risky => "risky",
        Level::Additive => "additive",
        Level::Cosmetic => "cosmetic",
    }
}

/// The word for a semver step.
pub fn step_word(step: Step) -> &'static str {
    match step {
        Step::None => "none",
        Step::Patch => "patch",
        Step::Minor => "minor",
        Step::Major => "major",
    }
}
