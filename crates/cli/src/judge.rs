//! Makes the report from two documents: compares them, adds the excerpts, and applies the policy. It uses neither the
//! clock nor the network.

use std::collections::HashMap;
use std::sync::OnceLock;

use jiff::civil::Date;
use openapi_document::view::{Operation, Operations, same_shape};
use openapi_drift::{Options, Scope, Step, compare};
use ratio_spec::sha256;

use crate::document::Loaded;
use crate::excerpt::{Line, Shown, entry, excerpt};
use crate::policy::Policy;
use crate::report::{ApiDiff, Counts, FailOn, Finding, Position, Report};
use crate::words::Words;

/// Settings for judging findings.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The words for the two documents in the report.
    pub words: Words,
    /// One word for the set of compared operations.
    pub scope: &'static str,
    /// The level from which findings fail the build.
    pub fail_on: FailOn,
    /// The day on which acceptances are judged.
    pub today: Date,
}

impl Settings {
    /// Makes the settings for a comparison of all operations.
    pub fn new(words: Words, fail_on: FailOn, today: Date) -> Self {
        Self {
            words,
            scope: "all",
            fail_on,
            today,
        }
    }
}

/// The result of comparing two documents.
#[derive(Clone, Debug)]
pub struct Found {
    /// The findings, the most severe first.
    pub findings: Vec<Finding>,
    /// Number of operations of the base that were compared.
    pub operations: usize,
}

/// Compares two documents. Each finding gets an id, its positions, and an excerpt of both places.
pub fn findings(base: &Loaded, revision: &Loaded, options: &Options) -> Found {
    let compared = compare(&base.document, &revision.document, options);
    let found = compared.findings.into_iter();
    let mut known = Excerpts::default();
    let mut findings: Vec<Finding> = found
        .map(|finding| judged(finding, base, revision, &mut known))
        .collect();
    identify(&mut findings);
    Found {
        findings,
        operations: compared_operations(base, options),
    }
}

/// Makes the report from the complete findings: applies the policy and determines the result.
pub fn judge(
    (base, revision): (&Loaded, &Loaded),
    found: Found,
    rust: Option<ApiDiff>,
    policy: &Policy,
    settings: &Settings,
) -> Report {
    let Found {
        mut findings,
        operations,
    } = found;
    let remarks = policy.apply(&mut findings, settings.today);
    let mut report = Report {
        words: settings.words,
        base: base.origin.clone(),
        revision: revision.origin.clone(),
        scope: settings.scope,
        fail_on: settings.fail_on,
        today: settings.today,
        failed: false,
        verdict: None,
        semver: Step::None,
        compared: operations,
        counts: Counts::default(),
        findings,
        rust,
        policy: remarks,
    };
    report.conclude();
    report
}

/// The number of operations of the base that are compared. Operations that only the revision has are not counted.
fn compared_operations(base: &Loaded, options: &Options) -> usize {
    let paths = Operations::of_paths(&base.document);
    match &options.scope {
        Scope::All => paths.list.len() + Operations::of_webhooks(&base.document).list.len(),
        Scope::Operations(chosen) => {
            let is_chosen = |operation: &&Operation<'_>| {
                chosen.iter().any(|it| {
                    it.method.eq_ignore_ascii_case(&operation.method) && same_shape(&it.path, &operation.path)
                })
            };
            paths.list.iter().filter(is_chosen).count()
        }
    }
}

/// A cache of excerpts by their two places, since many findings may have the same large place.
#[derive(Default)]
struct Excerpts(HashMap<(Option<String>, Option<String>, Shown), Vec<Line>>);

impl Excerpts {
    fn of(
        &mut self,
        (base, base_at): (&Loaded, Option<&str>),
        (revision, revision_at): (&Loaded, Option<&str>),
        shown: Shown,
    ) -> Vec<Line> {
        let key = (base_at.map(str::to_owned), revision_at.map(str::to_owned), shown);
        let lines = self.0.entry(key).or_insert_with(|| {
            let at = |loaded: &Loaded, at: Option<&str>| entry(&loaded.document, at?);
            excerpt(at(base, base_at), at(revision, revision_at), shown)
        });
        lines.clone()
    }
}

fn judged(
    finding: openapi_drift::Finding,
    base: &Loaded,
    revision: &Loaded,
    known: &mut Excerpts,
) -> Finding {
    let position = |loaded: &Loaded, pointer: &Option<String>| {
        let location = loaded.document.location(pointer.as_deref()?)?;
        Some(Position {
            line: location.line,
            column: location.column,
        })
    };
    // A removed place is paired with its former container. An excerpt of these two would show one large change.
    let holds = |whole: &Option<String>, part: &Option<String>| {
        let below = part
            .as_deref()
            .and_then(|part| part.strip_prefix(whole.as_deref()?));
        below.is_some_and(|below| below.starts_with('/'))
    };
    let gone = holds(&finding.revision_at, &finding.base_at);
    let new = holds(&finding.base_at, &finding.revision_at);
    let shown = if finding.rule == "prose-changed" {
        Shown::Prose
    } else {
        Shown::Structure
    };
    let mut lines = known.of(
        (base, finding.base_at.as_deref().filter(|_| !new)),
        (revision, finding.revision_at.as_deref().filter(|_| !gone)),
        shown,
    );
    if lines.is_empty() {
        // If a property became required, the property itself is unchanged, so show the list `required` next to it.
        let beside = |at: &Option<String>| {
            let (object, _) = at.as_deref()?.rsplit_once("/properties/")?;
            Some(format!("{object}/required"))
        };
        let (base_at, revision_at) = (beside(&finding.base_at), beside(&finding.revision_at));
        lines = known.of(
            (base, base_at.as_deref()),
            (revision, revision_at.as_deref()),
            shown,
        );
    }
    Finding {
        id: String::new(),
        level: finding.level,
        level_because: None,
        base_position: position(base, &finding.base_at),
        revision_position: position(revision, &finding.revision_at),
        excerpt: lines,
        met_by: OnceLock::new(),
        help: String::new(),
        mended_by: "",
        rule: finding.rule,
        title: finding.title,
        direction: finding.direction,
        operations: finding.operations,
        base_at: finding.base_at,
        revision_at: finding.revision_at,
        witness: finding.witness,
        undecided: finding.undecided,
        also: finding.also,
        accepted: None,
        ended: None,
        replay: None,
        rust: Vec::new(),
    }
}

/// Maximum number of findings with the same key that are distinguished by separators; later ones are distinguished by a
/// number.
const MOST_ALIKE: usize = 16;

/// Gives each finding an id that is stable between runs. It is derived from the rule and the places, and if needed also
/// from the direction and the place in messages. Titles and limits are not part of it, since they may change.
fn identify(findings: &mut [Finding]) {
    let place = |at: &Option<String>| at.clone().unwrap_or_default();
    let key = |it: &Finding| [it.rule.clone(), place(&it.base_at), place(&it.revision_at)].join("\0");
    let mut known: HashMap<String, usize> = HashMap::new();
    for finding in &*findings {
        *known.entry(key(finding)).or_default() += 1;
    }
    let mut taken: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let mut key = key(finding);
        if known.get(&key).is_some_and(|number| *number > 1) {
            let met = finding.operations.first().map_or("", |it| &*it.at);
            key = format!("{key}\0{:?} {met}", finding.direction);
        }
        // Findings with the same key are distinguished by their order.
        let times = taken.entry(key.clone()).or_default();
        key.extend(std::iter::repeat_n('\0', (*times).min(MOST_ALIKE)));
        if *times > MOST_ALIKE {
            key.push_str(&times.to_string());
        }
        *times += 1;
        sha256(key.as_bytes())[..12].clone_into(&mut finding.id);
    }
}
