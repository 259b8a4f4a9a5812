//! What `check-spec` says, format `ratio-drift/1`: the findings of the comparison, judged.

use openapi_drift::{Direction, Level, Step, Touched, Witness};
use serde::Serialize;

use super::api_diff::ApiDiff;

/// The name of the format; a change that a reader of the JSON could trip over changes it.
pub(crate) const SCHEMA: &str = "ratio-drift/1";

/// Everything that a report prints.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) schema: &'static str,
    pub(crate) pinned: Origin,
    pub(crate) staging: Origin,
    pub(crate) scope: Scope,
    pub(crate) fail_on: FailOn,
    /// Whether a finding that is not accepted is at or above `fail_on`.
    pub(crate) failed: bool,
    /// The worst level among the findings that are not accepted.
    pub(crate) verdict: Option<Level>,
    /// The step the next release takes, built from staging's document; accepted findings count too.
    pub(crate) semver: Step,
    pub(crate) counts: Counts,
    pub(crate) findings: Vec<Finding>,
    /// What building from staging's document does to callers' Rust source; nothing when it was not asked for.
    pub(crate) rust: Option<ApiDiff>,
    /// Acceptances and overrides of the policy that did nothing.
    pub(crate) policy: Vec<Remark>,
}

/// Where a document came from and which bytes it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Origin {
    pub(crate) source: String,
    pub(crate) sha256: String,
}

/// Which operations are watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// The operations that the client calls, as listed in pin.toml
    #[default]
    Bank,
    /// Every operation of both documents
    All,
}

/// From which level on drift fails the build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FailOn {
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
    pub(crate) fn hits(self, level: Level) -> bool {
        match self {
            Self::Breaking => level <= Level::Breaking,
            Self::Risky => level <= Level::Risky,
            Self::Additive => level <= Level::Additive,
            Self::Never => false,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
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
pub(crate) struct Counts {
    pub(crate) breaking: usize,
    pub(crate) risky: usize,
    pub(crate) additive: usize,
    pub(crate) cosmetic: usize,
    pub(crate) accepted: usize,
}

/// One drift with one root cause, and what became of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Finding {
    /// Twelve hex digits that stay the same from run to run while rule and places do.
    pub(crate) id: String,
    pub(crate) rule: String,
    pub(crate) level: Level,
    /// Why `level` is not the one the comparison gave: the replay, or an override of the policy.
    pub(crate) level_because: Option<String>,
    pub(crate) title: String,
    pub(crate) direction: Option<Direction>,
    pub(crate) operations: Vec<Touched>,
    pub(crate) pinned_at: Option<String>,
    pub(crate) staging_at: Option<String>,
    pub(crate) witness: Option<Witness>,
    pub(crate) undecided: Option<String>,
    pub(crate) accepted: Option<Accepted>,
    pub(crate) replay: Option<Replay>,
    /// Items of the generated Rust API that change with it, such as `types::Wallet::network removed`.
    pub(crate) rust: Vec<String>,
    /// What the reader can do about it.
    #[serde(rename = "mend")]
    pub(crate) help: String,
    /// The line of `pinned_at` in the pinned document, counted from one.
    pub(crate) pinned_line: Option<usize>,
    /// Both places side by side.
    #[serde(skip)]
    pub(crate) excerpt: Vec<super::excerpt::Line>,
}

impl Report {
    /// The file in which a finding's place in the pin stands: the pinned document, or one beside it.
    pub(crate) fn pinned_file(&self, finding: &Finding) -> String {
        let source = &self.pinned.source;
        let place = finding.pinned_at.as_deref().unwrap_or_default();
        match place.split_once('#') {
            Some((file, _)) if !place.starts_with('/') => {
                let folder = source.rfind('/').map_or("", |end| &source[..=end]);
                format!("{folder}{}", file.replace("%23", "#").replace("%25", "%"))
            }
            _ => source.clone(),
        }
    }
}

/// Why a finding does not fail the build, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Accepted {
    pub(crate) reason: String,
    /// The last day, `YYYY-MM-DD`.
    pub(crate) expires: String,
}

/// What happened when the client met a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Replay {
    /// The worst of the calls.
    pub(crate) outcome: Outcome,
    /// One for each operation, its worst.
    pub(crate) calls: Vec<Call>,
}

/// One call of the client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Call {
    /// The operation's Rust name.
    pub(crate) operation: String,
    pub(crate) outcome: Outcome,
    /// The client's error, the drift it noticed, or why there was nothing to call.
    pub(crate) detail: String,
}

/// How the client took it, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// The call failed.
    Fails,
    /// The call went well, and the client noticed the drift.
    Tolerates,
    /// The call went well, and nothing was noticed.
    Unaffected,
    /// There is nothing that the client could be made to send or read.
    NotReplayed,
}

/// An entry of the policy that had no effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Remark {
    pub(crate) kind: RemarkKind,
    /// `file:line:column` of the entry.
    pub(crate) place: String,
    pub(crate) message: String,
}

/// Why an entry had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RemarkKind {
    /// Nothing matches it.
    Unused,
    /// Its last day is over.
    Expired,
}

impl Report {
    /// Sums up the findings; called once they are final.
    pub(crate) fn conclude(&mut self) {
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
    pub(crate) fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.accepted.is_none())
    }
}

/// A client built from staging's document is another contract with its callers by as much as the
/// service is another contract with the client.
fn step(level: Level) -> Step {
    match level {
        Level::Breaking => Step::Major,
        Level::Risky | Level::Additive => Step::Minor,
        Level::Cosmetic => Step::Patch,
    }
}

/// The word for a level.
pub(crate) fn level_word(level: Level) -> &'static str {
    match level {
        Level::Breaking => "breaking",
        Level::Risky => "risky",
        Level::Additive => "additive",
        Level::Cosmetic => "cosmetic",
    }
}

/// The word for a semver step.
pub(crate) fn step_word(step: Step) -> &'static str {
    match step {
        Step::None => "none",
        Step::Patch => "patch",
        Step::Minor => "minor",
        Step::Major => "major",
    }
}
