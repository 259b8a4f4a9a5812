//! How a document is stored is nobody's business: no public signature names the tree of a JSON library.

use std::path::Path;

#[test]
fn no_public_item_speaks_of_the_value_of_serde_json() {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut read = 0;
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let told: Vec<&str> = lines.filter(|line| line.contains("serde_json::Value")).collect();
            assert!(told.is_empty(), "{}: {told:?}", path.display());
            read += 1;
        }
    }
    assert!(read > 20);
}
