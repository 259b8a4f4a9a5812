#![no_main]

fuzz::of_bytes!("sdk_payloads");
