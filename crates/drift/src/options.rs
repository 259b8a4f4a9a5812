//! The scope of a comparison, and its choices where OpenAPI is ambiguous.

/// One operation in a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The method, in any case.
    pub method: String,
    /// The path template of the base; the names of its parameters do not matter.
    pub path: String,
    /// The name by which callers know the operation; findings contain it.
    pub name: Option<String>,
}

/// The operations that are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Every operation, callback and webhook of both documents.
    #[default]
    All,
    /// These operations. An added operation is also reported if it has the same path as one of them. It is also
    /// reported below such a path (`{path}/…` or `{path}:…`), unless another of these operations is below it, too.
    Operations(Vec<Operation>),
}

/// The reading of OpenAPI 3.0's `nullable`, whose definition is ambiguous.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nullable {
    /// The reading of most tools: `nullable: true` adds null, regardless of the other keywords.
    #[default]
    Lenient,
    /// The literal reading of 3.0.3: `nullable` needs a `type` beside it, and an `enum` must list null itself.
    Strict,
}

/// The scope and the settings of a comparison.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The operations that are compared.
    pub scope: Scope,
    /// The reading of `nullable`.
    pub nullable: Nullable,
    /// Maximum number of steps for one question about two schemas before it stays undecided. This is not a time
    /// limit, so that the same documents give the same report on every machine.
    pub fuel: u64,
    /// Number of operations of each finding for which a whole message is built.
    pub messages: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scope: Scope::All,
            nullable: Nullable::Lenient,
            fuel: 50_000,
            messages: 1,
        }
    }
}
