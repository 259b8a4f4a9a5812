#![no_main]

fuzz::of_bytes!("fetch_headers");
