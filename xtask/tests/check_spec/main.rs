//! `check-spec` as CI meets it: a command with exit codes, against servers that misbehave.

mod fetching;
mod formats;
mod policy;
mod replay;
mod support;
mod surface;
