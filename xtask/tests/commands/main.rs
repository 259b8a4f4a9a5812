//! End-to-end tests of `check-spec` and `pin-spec`: their output and exit codes, also against servers that misbehave.

mod api_diff;
mod fetching;
mod formats;
mod imports;
mod limits;
mod pinning;
mod policy;
mod replay;
mod secrets;
mod support;
mod untrusted;
mod workflow;
mod wrong_types;
