//! `check-spec` and `pin-spec` as people and CI meet them: commands with exit codes, against servers that misbehave.

mod api_diff;
mod fetching;
mod formats;
mod limits;
mod pinning;
mod policy;
mod replay;
mod secrets;
mod support;
mod untrusted;
mod workflow;
mod wrong_types;
