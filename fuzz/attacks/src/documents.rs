//! Documents of one or several files: they are read within limits, or refused with a location.

use openapi_document::view::Operations;
use openapi_document::{Document, Kind, Limits, Loader, Node};

use crate::parts;

/// The names of the other files in an input, in the order of its parts.
const NAMES: [&str; 3] = ["a.json", "b.yaml", "c/d.json"];

struct Memory<'b>(Vec<&'b [u8]>);

impl Loader for Memory<'_> {
    fn load(&mut self, name: &str, limit: usize) -> Result<Vec<u8>, String> {
        assert!(
            !name.split('/').any(|step| matches!(step, "" | "." | "..")),
            "{name:?} leads elsewhere"
        );
        let index = NAMES
            .iter()
            .position(|it| *it == name)
            .ok_or("there is no such file")?;
        let bytes = self.0.get(index).ok_or("there is no such file")?;
        if bytes.len() > limit {
            return Err("it is too large".to_owned());
        }
        Ok(bytes.to_vec())
    }
}

pub(crate) fn documents(bytes: &[u8]) {
    let parts = parts(bytes);
    let limits = Limits {
        bytes: 1 << 16,
        depth: 100,
        files: 4,
    };
    let mut others = Memory(parts[1..].to_vec());
    let document = match Document::read_with(parts[0], "api.json", &limits, &mut others) {
        Ok(document) => document,
        Err(error) => {
            let _ = format!("{error} {error:?} {:?}", error.position());
            return;
        }
    };
    let mut left = 20_000_usize;
    walk(&document, document.root(), 0, &mut left);
    let _ = document.duplicate_keys();
    for operations in [
        Operations::of_paths(&document),
        Operations::of_webhooks(&document),
    ] {
        for operation in operations.list {
            let _ = (operation.label(), operation.parameters(&document).len());
            let _ = (
                operation.request_body(&document),
                operation.callbacks(&document).len(),
            );
            for response in operation.responses(&document).into_iter().flatten() {
                let _ = (response.headers(&document).len(), response.links(&document).len());
            }
            let _ = (operation.security(&document), operation.servers(&document));
        }
    }
    // A document that was read is JSON, and reads the same again.
    let text = serde_json::to_string(&document.root()).expect("a node is JSON");
    let again = Document::read_schema_within(
        text.as_bytes(),
        &Limits {
            bytes: 1 << 24,
            ..limits
        },
    );
    let again = again.unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(again.root().hash(), document.root().hash(), "{text}");
}

/// Visits the content of an input within bounds, because aliases repeat it.
fn walk(document: &Document, node: Node<'_>, depth: usize, left: &mut usize) {
    *left = left.saturating_sub(1);
    if *left == 0 || depth > 200 {
        return;
    }
    match node.kind() {
        Kind::Object(members) => {
            for (name, member) in members {
                if let Some(reference) = member.as_str().filter(|_| name.ends_with("ef")) {
                    match document.resolve(node, reference) {
                        Ok(found) => drop(found.location().to_string()),
                        Err(why) => assert!(
                            !why.is_empty(),
                            "{reference:?} is not resolved, and nobody says why"
                        ),
                    }
                }
                walk(document, member, depth + 1, left);
            }
        }
        Kind::Array(items) => items.for_each(|item| walk(document, item, depth + 1, left)),
        _ => drop(node.to_string()),
    }
}
