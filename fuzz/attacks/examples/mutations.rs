//! Writes seeded edits of a document to a folder, one file each, for tests of the command itself.

use std::path::Path;

use attacks::mutated_json;
use fastrand::Rng;
use serde_json::Value;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, base, other, folder, first, count] = arguments.as_slice() else {
        panic!("a document, another to copy from, a folder, the first seed and how many");
    };
    let read = |path: &String| -> Value {
        let text = std::fs::read_to_string(path).expect("the document can be read");
        serde_json::from_str(&text).expect("the document is JSON")
    };
    let (base, other) = (read(base), read(other));
    std::fs::create_dir_all(folder)?;
    let number = |text: &String| -> u64 { text.parse().expect("it is a number") };
    for seed in number(first)..number(first) + number(count) {
        let mutated = mutated_json(&base, &other, &mut Rng::with_seed(seed));
        let mut file = std::fs::File::create(Path::new(folder).join(format!("{seed}.json")))?;
        std::io::Write::write_all(&mut file, mutated.to_string().as_bytes())?;
    }
    Ok(())
}
