//! The stories once more, with `PostgreSQL` behind the service: the server that `POSTGRES` names, in which each story
//! makes a database of its own.

#[path = "../stories/as_a_person.rs"]
mod as_a_person;
#[path = "../stories/at_the_stand_in.rs"]
mod at_the_stand_in;
#[path = "../stories/by_keyboard.rs"]
mod by_keyboard;
#[path = "../stories/chromium.rs"]
mod chromium;
#[path = "../stories/host.rs"]
mod host;
#[path = "../stories/in_a_webview.rs"]
mod in_a_webview;
#[path = "../stories/npm.rs"]
mod npm;
#[path = "../stories/on_its_pages.rs"]
mod on_its_pages;
#[path = "../stories/over_sockets.rs"]
mod over_sockets;
#[path = "../stories/replicas.rs"]
mod replicas;
#[path = "../stories/stage.rs"]
mod stage;
#[path = "../stories/with_react.rs"]
mod with_react;

/// Whether these stories are told on `PostgreSQL`.
const ON_POSTGRES: bool = true;
