//! Several texts in one input.

/// The separator between two texts of an input: a line of three hyphens, as between two YAML documents.
pub const PARTING: &[u8] = b"\n---\n";

/// The texts of an input; without a separator it is a single text.
pub fn parts(bytes: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(PARTING.len()).position(|it| it == PARTING) {
        found.push(&rest[..at]);
        rest = &rest[at + PARTING.len()..];
    }
    found.push(rest);
    found
}
