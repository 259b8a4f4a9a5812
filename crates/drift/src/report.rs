//! The result of a comparison: a [`Report`] of [`Finding`]s, each with a [`Level`] and, if it can be proved, a
//! [`Witness`].

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The severity of a finding for a caller that was built from the base, most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A deployed client sends a request that the revision refuses, or receives a response that it cannot read.
    Breaking,
    /// Nothing is proved to fail, but callers may notice a difference.
    Risky,
    /// Something new that an old client never encounters.
    Additive,
    /// A change of prose, examples, order or names of components.
    Cosmetic,
}

/// The direction in which the values of a schema travel.
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

/// A whole message as it travels: a request, or a response if it has a status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// The method of the operation in capitals.
    pub method: String,
    /// The path and query of a request, as they are written; `None` if the request is addressed by a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The path template to which a response belongs, or the name of a webhook or callback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The status of a response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers in order, each with its text. Credentials are placeholders.
    pub headers: Vec<(String, String)>,
    /// The body, if it is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The bytes of any other body, as two hexadecimal digits each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_hex: Option<String>,
    /// Descriptions of required parts for which no value could be built. The finding is then not about these parts; for
    /// example, the operation itself is gone.
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
    /// The whole message as it travels. Every breaking finding has one. An independent judge accepted it under one
    /// document, and refused it under the other at the finding's place or read another value there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<Message>>,
}

/// One operation that a finding reaches.
///
/// Hundreds of operations in hundreds of findings may reach one shared component, so their common texts are shared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Touched {
    /// The method in capitals: `POST`.
    pub method: Arc<str>,
    /// The path template, as in the base where the base has the operation.
    pub path: Arc<str>,
    /// The name that the scope gives the operation, else its `operationId`.
    pub name: Option<Arc<str>>,
    /// The status as documented (`202`, `4XX`, `default`), if the drift is in a response.
    pub status: Option<Arc<str>>,
    /// The place of the drift in the message: a JSON pointer such as `/headers/ratio-client-secret` or
    /// `/body/wallets/*/network`, with `*` for any item or name. Empty for the operation itself.
    pub at: Arc<str>,
    /// A whole message of this operation that shows the drift: `{query, headers, body}` for a request,
    /// `{status, headers, body}` for a response. Only the first [`Options::messages`] operations have one.
    ///
    /// [`Options::messages`]: crate::Options::messages
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<Value>>,
}

impl Touched {
    /// Whether both refer to the same place in the messages of the same operation.
    pub(crate) fn is_at(&self, other: &Self) -> bool {
        self.place() == other.place()
    }

    /// The key that identifies a place in messages.
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
    /// The severity.
    pub level: Level,
    /// One sentence that names what changed.
    pub title: String,
    /// The direction of the affected values; `None` if no values are affected.
    pub direction: Option<Direction>,
    /// JSON pointer into the base, to the component at fault; `None` if it is new in the revision.
    #[serde(rename = "pinned_at")]
    pub base_at: Option<String>,
    /// JSON pointer into the revision; `None` if the revision no longer has it.
    #[serde(rename = "staging_at")]
    pub revision_at: Option<String>,
    /// Every operation that reaches the place, in document order of the paths.
    pub operations: Vec<Touched>,
    /// The proof, if there is one.
    pub witness: Option<Witness>,
    /// The reason why no verdict was reached, if so.
    pub undecided: Option<String>,
    /// Other changes with the same cause, one sentence each. In a report of many megabytes, also other findings of the
    /// same rule in the same operation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// The number of findings of each level.
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

/// The semver step of a client when it is built from the revision instead.
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

/// The number of questions about schemas, and of those without an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Questions {
    /// Distinct pairs of schemas for which a verdict was requested.
    pub asked: usize,
    /// Pairs without a verdict. A finding gives the reason for each.
    pub undecided: usize,
    /// Witnesses and messages that the independent check refused, whose verdict or finding was downgraded. A number
    /// other than zero is a defect of this crate.
    pub internal_faults: usize,
}

/// The result of comparing two documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The worst level found; `None` if there is no finding.
    pub verdict: Option<Level>,
    /// The semver step for a client that is built from the revision.
    pub semver: Step,
    /// Findings by level.
    pub counts: Counts,
    /// Statistics of the questions about schemas.
    pub questions: Questions,
    /// The findings, most severe first. The order is the same on every run.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Sorts and counts the findings.
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
