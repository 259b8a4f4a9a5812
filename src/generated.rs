//! The code that the build script generates from the pinned document.
#![allow(
    clippy::all,
    clippy::pedantic,
    dead_code,
    irrefutable_let_patterns,
    missing_docs,
    unreachable_pub,
    unused_imports,
    reason = "the generator writes it"
)]

include!(concat!(env!("OUT_DIR"), "/generated.rs"));
