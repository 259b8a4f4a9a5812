//! The result of a comparison: a [`Report`] of [`Finding`]s. Each has a [`Level`], and a [`Witness`] if one can prove
//! it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The severity of a finding for a caller that was built from the base, most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A deployed client sends a request that the revision refuses, or receives a response that it cannot read.
    Breaking,
    /// No failure is proved, but callers may notice the change.
    Risky,
    /// An addition that an old client never encounters.
    Additive,
    /// Prose, examples, order, or names of components.
    Cosmetic,
}

/// The direction in which the values of a schema are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From caller to service: the revision must accept every value that the base allows callers to send.
    Request,
    /// From service to caller: the base must accept every value that the revision allows the service to send.
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

/// A whole HTTP message: a response if it has a status, otherwise a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// The method of the operation in capitals.
    pub method: String,
    /// The path and query of a request; `None` if it is identified by a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The path template of a response's operation, or the name of a webhook or callback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The status of a response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers in order, each with its value. Credentials are placeholders.
    pub headers: Vec<(String, String)>,
    /// The body, if it is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body in hexadecimal digits, if it is not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_hex: Option<String>,
    /// Descriptions of the required parts for which no value could be built. The drift that the message shows does
    /// not concern them; for example, the whole operation is gone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unbuilt: Vec<String>,
}

impl Message {
    /// The length of its texts, in bytes.
    pub(crate) fn length(&self) -> usize {
        let headers = self.headers.iter().flat_map(|(name, value)| [name, value]);
        let others = [&self.target, &self.name, &self.body, &self.body_hex];
        headers.chain(others.into_iter().flatten()).map(String::len).sum()
    }
}

/// A concrete value that one document accepts and the other refuses at the locations that a finding names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Witness {
    /// The value. For a schema, it is an instance at `base_at` and `revision_at` of its finding. Otherwise it is a
    /// message: `{method, path, query, headers, body}` or `{method, path, status, headers, body}`.
    pub value: Value,
    /// The document that accepts the value.
    pub accepted_by: Side,
    /// The document that refuses the value.
    pub rejected_by: Side,
    /// The reason for the refusal, in one sentence.
    pub because: String,
    /// The whole HTTP message. Every breaking finding has one, which an independent judge accepted under one document.
    /// Under the other document, the judge refused it at the finding's location, or read another value there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<Message>>,
}

/// What reports call an operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Endpoint {
    /// The method in capitals, such as `POST`.
    pub method: Arc<str>,
    /// The path template, taken from the base if the base has the operation.
    pub path: Arc<str>,
    /// The name of the operation in the scope, or else its `operationId`.
    pub name: Option<String>,
}

impl Endpoint {
    pub(crate) fn new(method: impl Into<Arc<str>>, path: impl Into<Arc<str>>, name: Option<String>) -> Self {
        Self {
            method: method.into(),
            path: path.into(),
            name,
        }
    }
}

/// One operation that is affected by a finding.
///
/// Hundreds of operations can reach a shared component in hundreds of findings, so what they have in common is shared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Touched {
    /// The operation.
    #[serde(flatten)]
    pub endpoint: Arc<Endpoint>,
    /// The documented status (`202`, `4XX`, `default`) if the drift is in a response.
    pub status: Option<Arc<str>>,
    /// The location of the drift in the message: a JSON Pointer such as `/headers/ratio-client-secret` or
    /// `/body/wallets/*/network`, with `*` for any item or name. Empty if the drift concerns the operation itself.
    pub at: Arc<str>,
    /// A whole message of this operation that shows the drift: `{query, headers, body}` for a request, or `{status,
    /// headers, body}` for a response. Present only for the first [`Options::messages`] operations.
    ///
    /// [`Options::messages`]: crate::Options::messages
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<Value>>,
}

impl Touched {
    /// An operation at a location in its requests, or the operation itself.
    pub(crate) fn new(endpoint: impl Into<Arc<Endpoint>>, at: impl Into<Arc<str>>) -> Self {
        Self {
            endpoint: endpoint.into(),
            status: None,
            at: at.into(),
            message: None,
        }
    }

    /// The body of `GET` on a path.
    #[cfg(test)]
    pub(crate) fn body_of(path: &str) -> Self {
        Self::new(Endpoint::new("GET", path, None), "/body")
    }

    /// Whether both are the same location in the messages of the same operation.
    pub(crate) fn is_at(&self, other: &Self) -> bool {
        self.place() == other.place()
    }

    /// The key that identifies a location in the messages of an operation.
    pub(crate) fn place(&self) -> (&str, &str, Option<&str>, &str) {
        (
            &self.endpoint.path,
            &self.endpoint.method,
            self.status.as_deref(),
            &self.at,
        )
    }
}

/// One drift with one root cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// The id of the rule in kebab-case; [`rules`](crate::rules) lists all of them.
    pub rule: String,
    /// The severity.
    pub level: Level,
    /// One sentence that names what changed.
    pub title: String,
    /// The direction in which the affected values are sent; `None` if there are no such values.
    pub direction: Option<Direction>,
    /// JSON Pointer into the base to the component at fault; `None` if it is new in the revision.
    #[serde(rename = "pinned_at")]
    pub base_at: Option<String>,
    /// JSON Pointer into the revision; `None` if the revision no longer has the component.
    #[serde(rename = "staging_at")]
    pub revision_at: Option<String>,
    /// Every operation that reaches the location, in document order of the paths. If all findings list a million, each
    /// lists at least its first hundred, and `also` says how many more there are.
    pub operations: Vec<Touched>,
    /// The proof, if there is one.
    pub witness: Option<Witness>,
    /// The reason why no verdict was reached, if so.
    pub undecided: Option<String>,
    /// Other changes with the same cause, one sentence each. If one rule finds thousands of drifts in one operation, also
    /// some of these. Also the number of places that `operations` does not list.
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

/// The semantic version step for a client that is rebuilt from the revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Nothing changed.
    None,
    /// Only prose changed.
    Patch,
    /// Something was added, or callers may notice a change.
    Minor,
    /// A breaking change.
    Major,
}

/// The number of questions about schemas, by their results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Questions {
    /// Distinct pairs of schemas for which a verdict was requested.
    pub asked: usize,
    /// Questions without a verdict, each with the reason in a finding.
    pub undecided: usize,
    /// Witnesses and messages that the independent judge refused; each verdict or finding was downgraded. Any value
    /// other than zero is a defect of the engine.
    pub internal_faults: usize,
}

/// The result of comparing two documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The most severe level; `None` without findings.
    pub verdict: Option<Level>,
    /// The semantic version step for a client that is rebuilt from the revision.
    pub semver: Step,
    /// The number of findings by level.
    pub counts: Counts,
    /// The number of questions about schemas.
    pub questions: Questions,
    /// The findings, most severe first, in a reproducible order.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Orders the findings and counts them.
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

    /// Whether a finding has this level or a more severe one.
    pub fn reaches(&self, level: Level) -> bool {
        self.verdict.is_some_and(|worst| worst <= level)
    }
}

/// Sorts the findings, most severe first, in a reproducible order.
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
