//! Generates the client from both documents, as the build script does, and compares what callers see.

use openapi_drift::Document;
use ratio_spec::{Operation, Pin};
use toml_edit::DocumentMut;

use super::ApiDiff;
use super::generate::{self, Task};
use crate::check_spec::document::{Loaded, shown};

/// What building from `staging` instead of `pinned` does to the generated API.
pub(crate) fn between(pinned: &Loaded, staging: &Loaded, pin: &Pin) -> ApiDiff {
    if pinned.origin.sha256 == staging.origin.sha256 {
        return ApiDiff::unchanged();
    }
    let built = |loaded: &Loaded| source_of(loaded, pin, false);
    let old = match built(pinned) {
        Ok(source) => source,
        Err(why) => return ApiDiff::unavailable(why),
    };
    match built(staging) {
        Ok(new) => {
            ApiDiff::compare(&old, &new, pin).unwrap_or_else(|error| ApiDiff::unavailable(error.to_string()))
        }
        Err(why) => ApiDiff::unavailable(why),
    }
}

/// The source that the build script would generate from a document; `as_pin` holds it to everything that
/// `pin.toml` says of the pinned one, names of types included.
///
/// # Errors
/// Why nothing can be generated from it.
pub(crate) fn source_of(loaded: &Loaded, pin: &Pin, as_pin: bool) -> Result<String, String> {
    let digest = as_pin.then_some(loaded.origin.sha256.as_str());
    let task = Task {
        pin_origin: shown(std::path::Path::new(pin.origin())),
        pin: pin_for(&loaded.document, pin, digest)?,
        origin: loaded.origin.source.clone(),
        document: String::from_utf8_lossy(&loaded.bytes).into_owned(),
    };
    generate::apart(&task)
}

/// The pin's operations as far as a document has them, at the paths it writes: an operation that is
/// gone is a finding and an item removed, and must not keep the rest from being built.
fn pin_for(document: &Document, pin: &Pin, digest: Option<&str>) -> Result<String, String> {
    let origin = shown(std::path::Path::new(pin.origin()));
    let text = std::fs::read_to_string(pin.origin()).map_err(|error| format!("{origin}: {error}"))?;
    let mut table: DocumentMut = text.parse().map_err(|error| format!("{origin}: {error}"))?;
    if let Some(digest) = digest {
        table["document"]["sha256"] = toml_edit::value(digest);
    }
    if let Some(operations) = table
        .get_mut("operation")
        .and_then(|item| item.as_array_of_tables_mut())
    {
        operations.retain(|operation| path_in(document, operation).is_some());
        if operations.is_empty() {
            return Err("it has none of the operations that the client calls".to_owned());
        }
        for operation in operations.iter_mut() {
            if let Some(path) = path_in(document, operation) {
                operation["path"] = toml_edit::value(path);
            }
        }
    }
    Ok(table.to_string())
}

/// Whether a document has an operation, whatever its parameters are called.
pub(crate) fn has(document: &Document, operation: &Operation) -> bool {
    written(document, &operation.method, &operation.path).is_some()
}

fn path_in(document: &Document, operation: &toml_edit::Table) -> Option<String> {
    written(
        document,
        operation.get("method")?.as_str()?,
        operation.get("path")?.as_str()?,
    )
}

/// How a document writes the path of an operation: the names of path parameters do not matter.
fn written(document: &Document, method: &str, path: &str) -> Option<String> {
    let (method, path) = (method.to_ascii_lowercase(), nameless(path));
    let paths = document.root().get("paths")?.as_object()?;
    let found = paths
        .iter()
        .find(|(key, item)| nameless(key) == path && item.get(&method).is_some());
    found.map(|(key, _)| key.clone())
}

/// A path template without the names of its parameters.
pub(crate) fn nameless(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => {
                inside = true;
                text.push_str("{}");
            }
            '}' => inside = false,
            _ if inside => {}
            _ => text.push(c),
        }
    }
    text
}
