//! The service as its customers and its operators meet it: in a browser, over sockets, killed and
//! started again. `SCREENSHOTS=1` takes pictures of each step a person sees.

mod as_a_person;
mod at_the_stand_in;
mod by_keyboard;
mod chromium;
mod host;
mod in_a_webview;
mod npm;
mod on_its_pages;
mod over_sockets;
mod replicas;
mod stage;
mod with_react;

/// Whether these stories are told on `PostgreSQL`; see `stories_on_postgres`.
const ON_POSTGRES: bool = false;
