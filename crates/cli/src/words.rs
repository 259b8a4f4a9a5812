//! The names that a command gives to the two documents, and to what its reader can do.

/// The names under which a report tells its reader what is meant.
///
/// One report serves commands whose readers know the two documents by different names: the checker that anybody installs
/// compares a base with a revision, a repository that holds a document compares its pin with what is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Words {
    /// The command, as its reader types it.
    pub command: &'static str,
    /// The command that writes acceptances, up to what follows the id of a finding.
    pub accept: &'static str,
    /// The document that callers were built from.
    pub base: &'static str,
    /// The document that may have drifted away from it.
    pub revision: &'static str,
    /// How keys of the JSON begin that are about the base; those of the revision begin with its name.
    pub base_key: &'static str,
    /// The value of `schema` in the JSON: the format's name and version.
    pub schema: &'static str,
    /// The file of accepted drift, where it is looked for.
    pub policy: &'static str,
    /// What brings a client up to the revision, as the middle of a sentence.
    pub mend: &'static str,
    /// How a client gets at what is new, as a clause of its own.
    pub adopt: &'static str,
}

impl Words {
    /// A document's name within a sentence: `the base`; `staging` is a name of its own.
    pub(crate) fn definite(name: &str) -> String {
        if name == Self::CHECK_SPEC.revision {
            name.to_owned()
        } else {
            format!("the {name}")
        }
    }

    /// Those of `openapi-drift`.
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

    /// Those of a repository that pins a document: `cargo xtask check-spec`.
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
