#![no_main]

fuzz::of_bytes!("drift_toml");
