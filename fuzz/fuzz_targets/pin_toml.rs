#![no_main]

fuzz::of_bytes!("pin_toml");
