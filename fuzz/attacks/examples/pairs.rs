//! Copies the pairs of documents that test the engine's rules and readings to a folder, as seeds.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let target = std::env::args().nth(1).expect("the folder for the seeds");
    std::fs::create_dir_all(&target)?;
    for folder in ["rules", "readings"] {
        let pairs = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../crates/drift/tests")
            .join(folder);
        for entry in std::fs::read_dir(pairs)? {
            let entry = entry?;
            std::fs::copy(entry.path(), Path::new(&target).join(entry.file_name()))?;
        }
    }
    Ok(())
}
