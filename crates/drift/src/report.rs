//! The result of a comparison: a [`Report`] of [`Finding`]s, each with a [`Level`] and, where it can be proved, a [`Witness`].

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How much a finding matters to a caller that was built from the base, most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A deployed client sends a request that the revision refuses, or gets an answer it cannot read.
    Breaking,
    /// Nothing is proven to fail, yet callers may notice.
    Risky,
    /// Something new that an old client never meets.
    Additive,
    /// Prose, examples, ordering, names of components.
    Cosmetic,
}

/// Which way the values of a schema travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From caller to service: the revision must accept all that the base lets callers send.
    Request,
    /// From service to caller: the base must accept all that the revision may send.
    Response,
}

/// One of the two documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// The document the client was built from.
    #[serde(rename = "pin")]
    Base,
    /// The document the vendor serves now.
    #[serde(rename = "staging")]
    Revision,
}

impl Side {
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Base => Self::Revision,
            Self::Revision => Self::Base,
        }
    }
}

/// A whole message as it travels: a request, or an answer where it has a status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// The method of the operation in capitals.
    pub method: String,
    /// The path and query of a request, as they are written; nothing where it is addressed by a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The template of the path that an answer belongs to, or what a webhook or callback is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The status of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers in order, each with its text. Credentials are stand-ins.
    pub headers: Vec<(String, String)>,
    /// The body, where it is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The bytes of any other body, two hexadecimal digits each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_hex: Option<String>,
    /// The parts that have to be there and of which no value could be built, told in words. What is shown is then not of
    /// them: that the operation is gone, say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unbuilt: Vec<String>,
}

/// A concrete value that one document allows and the other refuses at the places a finding names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Witness {
    /// The value. For a schema it is an instance at `base_at` and `revision_at` of its finding; for everything
    /// else it is a message: `{method, path, query, headers, body}` or `{method, path, status, headers, body}`.
    pub value: Value,
    /// The document that allows it.
    pub accepted_by: Side,
    /// The document that refuses it.
    pub rejected_by: Side,
    /// Why it is refused, in one sentence.
    pub because: String,
    /// The whole message as it travels. Every breaking finding has one: an independent judge accepted it under the one
    /// document, and under the other refused it at the finding's place or read another value there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<Message>>,
}

/// One operation that a finding reaches.
///
/// A shared component is reached by hundreds of operations in hundreds of findings, so what they have in common is
/// shared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Touched {
    /// The method in capitals: `POST`.
    pub method: Arc<str>,
    /// The path template, as in the base where the base has the operation.
    pub path: Arc<str>,
    /// The name the scope gives the operation, else its `operationId`.
    pub name: Option<Arc<str>>,
    /// The status as documented (`202`, `4XX`, `default`) when the drift is in an answer.
    pub status: Option<Arc<str>>,
    /// Where in the message the drift is met: a JSON pointer such as `/headers/ratio-client-secret` or
    /// `/body/wallets/*/network`, with `*` for any item or name. Empty when it is the operation itself.
    pub at: Arc<str>,
    /// A whole message of this operation that shows the drift: `{query, headers, body}` of a request,
    /// `{status, headers, body}` of an answer. Only for the first [`Options::messages`] operations.
    ///
    /// [`Options::messages`]: crate::Options::messages
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<Value>>,
}

impl Touched {
    /// Whether both are the same place in the messages of the same operation.
    pub(crate) fn is_at(&self, other: &Self) -> bool {
        self.place() == other.place()
    }

    /// What tells places in messages apart.
    pub(crate) fn place(&self) -> (&str, &str, Option<&str>, &str) {
        (&self.path, &self.method, self.status.as_deref(), &self.at)
    }
}

/// One drift with one root cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// Id of the rule, kebab-case; [`rules`](crate::rules) lists them.
    pub rule: String,
    /// How much it matters.
    pub level: Level,
    /// One sentence that names what changed.
    pub title: String,
    /// Which way the affected values travel; nothing where none do.
    pub direction: Option<Direction>,
    /// JSON pointer into the base, at the component at fault; nothing when it is new in the revision.
    #[serde(rename = "pinned_at")]
    pub base_at: Option<String>,
    /// JSON pointer into the revision; nothing when the revision no longer has it.
    #[serde(rename = "staging_at")]
    pub revision_at: Option<String>,
    /// Every operation that reaches the place, in document order of the paths.
    pub operations: Vec<Touched>,
    /// The proof, where there is one.
    pub witness: Option<Witness>,
    /// Why no verdict was reached, when none was.
    pub undecided: Option<String>,
    /// What else the same cause changes, a sentence each; where one rule finds thousands in one operation, also some of
    /// those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// How many findings there are of each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Counts {
    /// Findings of level [`Level::Breaking`].
    pub breaking: usize,
    /// Findings of level [`Level::Risky`].
    pub risky: usize,
    /// Findings of level [`Level::Additive`].
    pub additive: usize,
    /// Findings of level [`Level::Cosmetic`].
    pub cosmetic: usize,
}

/// The step that the version of a client takes when it is built from the revision instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Nothing changed.
    None,
    /// Only prose changed.
    Patch,
    /// Something was added, or callers may notice a change.
    Minor,
    /// Something breaks.
    Major,
}

/// How many questions about schemas were asked, and how they were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Questions {
    /// Distinct pairs of schemas on which a verdict was asked.
    pub asked: usize,
    /// Those without a verdict, each with its reason in a finding.
    pub undecided: usize,
    /// Witnesses and messages that the independent check refused; each verdict or finding was downgraded. Anything but
    /// zero is a defect here.
    pub internal_faults: usize,
}

/// What comparing two documents said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The worst level found; nothing when there is no finding.
    pub verdict: Option<Level>,
    /// The semver step that building from the revision calls for.
    pub semver: Step,
    /// Findings by level.
    pub counts: Counts,
    /// Questions about schemas.
    pub questions: Questions,
    /// Most severe first; the order is the same on every run.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Orders the findings and sums them up.
    pub(crate) fn new(mut findings: Vec<Finding>, questions: Questions) -> Self {
        order(&mut findings);
        let mut counts = Counts::default();
        for finding in &findings {
            match finding.level {
                Level::Breaking => counts.breaking += 1,
                Level::Risky => counts.risky += 1,
                Level::Additive => counts.additive += 1,
                Level::Cosmetic => counts.cosmetic += 1,
            }
        }
        let verdict = findings.iter().map(|f| f.level).min();
        let semver = match verdict {
            None => Step::None,
            Some(Level::Cosmetic) => Step::Patch,
            Some(Level::Additive | Level::Risky) => Step::Minor,
            Some(Level::Breaking) => Step::Major,
        };
        Self {
            verdict,
            semver,
            counts,
            questions,
            findings,
        }
    }

    /// Whether a finding is at `level` or worse.
    pub fn reaches(&self, level: Level) -> bool {
        self.verdict.is_some_and(|worst| worst <= level)
    }
}

/// Puts the most severe findings first, in the same order on every run.
pub(crate) fn order(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |f: &Finding| (f.level, f.operations.is_empty());
        key(a)
            .cmp(&key(b))
            .then_with(|| a.rule.cmp(&b.rule))
            .then_with(|| a.base_at.cmp(&b.base_at))
            .then_with(|| a.revision_at.cmp(&b.revision_at))
            .then_with(|| a.title.cmp(&b.title))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_json_of_a_report_calls_the_sides_pin_and_staging() {
        let finding = Finding {
            rule: "request-value-refused".to_owned(),
            level: Level::Breaking,
            title: "`Pet.name` no longer takes ``".to_owned(),
            direction: Some(Direction::Request),
            base_at: Some("/a".to_owned()),
            revision_at: Some("/b".to_owned()),
            operations: Vec::new(),
            witness: Some(Witness {
                value: json!(""),
                accepted_by: Side::Base,
                rejected_by: Side::Revision,
                because: "it is too short".to_owned(),
                message: None,
            }),
            undecided: None,
            also: Vec::new(),
        };
        let text = serde_json::to_value(&finding).unwrap();
        assert_eq!(
            (&text["pinned_at"], &text["staging_at"]),
            (&json!("/a"), &json!("/b"))
        );
        let witness = &text["witness"];
        assert_eq!(
            (&witness["accepted_by"], &witness["rejected_by"]),
            (&json!("pin"), &json!("staging"))
        );
        assert_eq!(serde_json::from_value::<Finding>(text).unwrap(), finding);
    }
}
