//! Options: the operations to compare, and the reading of ambiguous documents.

/// An operation of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The method, in any case.
    pub method: String,
    /// The path template as in the base. The names of its parameters are ignored.
    pub path: String,
    /// The name by which callers know it, which findings repeat.
    pub name: Option<String>,
}

/// The operations to compare.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Every operation, callback and webhook of both documents.
    #[default]
    All,
    /// Only these operations. An operation that the revision adds is also reported if it has the path of one of these.
    /// The same holds if its path is below one of these (`{path}/…` or `{path}:…`) that has no other of these below it.
    Operations(Vec<Operation>),
}

/// The reading of OpenAPI 3.0's `nullable`, for which the specification allows two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nullable {
    /// The reading of most tools: `nullable: true` adds null, whatever keywords are beside it.
    #[default]
    Lenient,
    /// The letter of 3.0.3: `nullable` needs a `type` beside it, and an `enum` must list null itself.
    Strict,
}

/// Options of a comparison.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The operations to compare.
    pub scope: Scope,
    /// The reading of `nullable`.
    pub nullable: Nullable,
    /// Maximum number of steps for one question about two schemas. Beyond it, the question stays undecided. This is not
    /// a time limit, so the same documents give the same report on every machine.
    pub fuel: u64,
    /// The number of operations in each finding for which a whole message is built.
    pub messages: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scope: Scope::All,
            nullable: Nullable::Lenient,
            fuel: 200_000,
            messages: 1,
        }
    }
}
