#![no_main]

fuzz::of_bytes!("answers");
