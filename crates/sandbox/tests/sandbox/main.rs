//! The sandbox over real sockets, as its users meet it.

mod bank_story;
mod caller;
mod control;
mod faults;
mod greed;
mod link_page;
mod load;
mod operations;
