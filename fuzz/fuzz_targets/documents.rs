#![no_main]

fuzz::of_documents!("documents");
