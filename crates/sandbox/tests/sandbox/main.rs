//! The sandbox over real sockets, as its users meet it.

mod bank_story;
#[cfg(feature = "cli")]
mod binary;
mod caller;
mod control;
mod faults;
mod link_page;
mod load;
mod operations;
