//! What a comparison looks at, and how it reads what documents leave open.

/// One operation, as a scope names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The method, in any case.
    pub method: String,
    /// The path template as in the base; the names of its parameters do not matter.
    pub path: String,
    /// What callers know it by; findings carry it.
    pub name: Option<String>,
}

/// Which operations are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Every operation, callback and webhook of both documents.
    #[default]
    All,
    /// These operations. An operation that the revision adds is reported too when it has the path of one of these,
    /// or lies below one (`{path}/…` or `{path}:…`) that holds no other of these.
    Operations(Vec<Operation>),
}

/// How OpenAPI 3.0's `nullable` is read where its own text leaves two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nullable {
    /// As most tools read it: `nullable: true` adds null, whatever stands beside it.
    #[default]
    Lenient,
    /// To the letter of 3.0.3: it needs a `type` beside it, and an `enum` must list null itself.
    Strict,
}

/// What to compare, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Which operations are compared.
    pub scope: Scope,
    /// How `nullable` is read.
    pub nullable: Nullable,
    /// Steps that one question about two schemas may take before it stays undecided; never a clock, so that the
    /// same documents give the same report on every machine.
    pub fuel: u64,
    /// For how many operations of each finding a whole message is built.
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
