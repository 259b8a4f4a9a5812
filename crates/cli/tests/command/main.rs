//! `openapi-drift` as people and CI meet it: a command with exit codes.

mod accepting;
mod formats;
mod inputs;
mod manners;
#[cfg(unix)]
mod places;
mod sizes;
mod support;
