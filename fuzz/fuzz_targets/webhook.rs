#![no_main]

fuzz::of_bytes!("webhook");
