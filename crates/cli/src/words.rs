//! The words that a command uses for the two documents and for its advice.

/// The words with which a report refers to the documents and commands.
///
/// The same report serves commands with different names for the two documents. The general command compares a base with
/// a revision. A repository that pins a document compares its pin with the served document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Words {
    /// The command, as the user types it.
    pub command: &'static str,
    /// The command that writes acceptances, up to the id of a finding.
    pub accept: &'static str,
    /// The document from which the callers were built.
    pub base: &'static str,
    /// The document that is compared with it.
    pub revision: &'static str,
    /// The prefix of JSON keys about the base. Keys about the revision begin with the value of `revision`.
    pub base_key: &'static str,
    /// The value of `schema` in the JSON: the name and version of the format.
    pub schema: &'static str,
    /// The policy file.
    pub policy: &'static str,
    /// The step that updates a client to the revision, worded for the middle of a sentence.
    pub mend: &'static str,
    /// The way to use a new feature of the API, worded as a clause.
    pub adopt: &'static str,
}

impl Words {
    /// The name of a document within a sentence: `the base`, but `staging` without an article.
    pub(crate) fn definite(name: &str) -> String {
        if name == Self::CHECK_SPEC.revision {
            name.to_owned()
        } else {
            format!("the {name}")
        }
    }

    /// The words of `openapi-drift`.
    pub const OPENAPI_DRIFT: Self = Self {
        command: "openapi-drift",
        accept: "openapi-drift accept BASE REVISION",
        base: "base",
        revision: "revision",
        base_key: "base",
        schema: "openapi-drift/2",
        policy: "drift.toml",
        mend: "build it from the revision, then mend what no longer fits",
        adopt: "a client built from the revision can use it",
    };

    /// The words of a repository that pins a document: `cargo xtask check-spec`.
    pub const CHECK_SPEC: Self = Self {
        command: "cargo xtask check-spec",
        accept: "cargo xtask accept",
        base: "pin",
        revision: "staging",
        base_key: "pinned",
        schema: "ratio-drift/2",
        policy: "spec/drift.toml",
        mend: "`cargo xtask pin-spec`, then mend what no longer compiles",
        adopt: "`cargo xtask pin-spec` makes it available to callers",
    };
}
