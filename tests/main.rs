//! All tests of the client that may share a process, as one program that is linked once.

mod activity;
mod api;
mod fake;
mod faults;
mod ids;
mod linking;
mod money;
mod options;
mod plaid;
mod retry;
mod secrets;
mod support;
mod tolerance;
mod types;
mod waiting;
