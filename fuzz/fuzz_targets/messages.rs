#![no_main]

fuzz::of_documents!("messages");
