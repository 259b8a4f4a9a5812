//! Generates the client from both documents, in the same way as the build script, and compares the public items.

use std::collections::HashMap;
use std::path::Path;

use openapi_document::Located;
use openapi_drift::Document;
use openapi_drift_cli::Loaded;
use openapi_drift_cli::report::ApiDiff;
use ratio_spec::{Operation, Pin, bundle};
use toml_edit::DocumentMut;

use super::generate::{self, Task};
use super::items::Items;
use super::{compare, unavailable, unchanged};
use crate::check_spec::document::shown;

/// Maximum size of both documents together, in bytes, because the generator takes so long for larger ones that it
/// reaches its limits.
const MOST_TEXT: usize = 8 << 20;

/// Compares the APIs that are generated from `pinned` and `staging`.
pub(crate) fn between(pinned: &Loaded, staging: &Loaded, pin: &Pin) -> ApiDiff {
    if pinned.origin.sha256 == staging.origin.sha256 {
        return unchanged();
    }
    let size = pinned.document.text().len() + staging.document.text().len();
    if size > MOST_TEXT {
        let (size, most) = (size.div_ceil(1 << 20), MOST_TEXT >> 20);
        return unavailable(format!(
            "it and the pin have {size} MiB together, and the generator gets at most {most} MiB"
        ));
    }
    let tasks = task(pinned, pin, false).and_then(|old| Ok([old, task(staging, pin, false)?]));
    match tasks
        .and_then(|tasks| generate::apart(&tasks))
        .map(<[Items; 2]>::try_from)
    {
        Ok(Ok([old, new])) => compare(old, new, pin),
        Ok(Err(_)) => unavailable("the generator gave another number of clients".to_owned()),
        Err(why) => unavailable(why),
    }
}

/// Returns the result of a thread, and passes on its panic.
pub(crate) fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Checks that the build script could generate a client from a document as the pinned one. It must then fulfil
/// everything that `pin.toml` requires, including the names of types.
///
/// # Errors
/// The reason why nothing can be generated.
pub(crate) fn builds(loaded: &Loaded, pin: &Pin) -> Result<(), String> {
    generate::apart(&[task(loaded, pin, true)?]).map(drop)
}

fn task(loaded: &Loaded, pin: &Pin, as_pin: bool) -> Result<Task, String> {
    let digest = as_pin.then_some(loaded.origin.sha256.as_str());
    Ok(Task {
        pin_origin: shown(Path::new(pin.origin())),
        pin: pin_for(&loaded.document, pin, digest)?,
        origin: loaded.origin.source.clone(),
        document: whole(loaded)?,
    })
}

/// The text of a document. Several files are combined into one.
fn whole(loaded: &Loaded) -> Result<String, String> {
    if !loaded.document.has_other_files() {
        return Ok(loaded.document.text().to_owned());
    }
    let whole = bundle(&loaded.document).map_err(|unresolved| {
        format!(
            "{}: the reference {:?} cannot be followed: {}",
            unresolved.at, unresolved.reference, unresolved.why
        )
    })?;
    Ok(whole.to_string())
}

/// The text of `pin.toml` with only the operations that the document has, at its own paths. A missing operation is
/// already a finding and a removed item, and must not prevent the generation of the others.
fn pin_for(document: &Document, pin: &Pin, digest: Option<&str>) -> Result<String, String> {
    let origin = shown(Path::new(pin.origin()));
    let mut table: DocumentMut = pin.text().parse().map_err(|error| format!("{origin}: {error}"))?;
    if let Some(digest) = digest {
        table["document"]["sha256"] = toml_edit::value(digest);
    }
    if let Some(operations) = table
        .get_mut("operation")
        .and_then(|item| item.as_array_of_tables_mut())
    {
        let known = Operations::of(document);
        operations.retain(|operation| known.path_of(operation).is_some());
        if operations.is_empty() {
            return Err("it has none of the operations that the client calls".to_owned());
        }
        for operation in operations.iter_mut() {
            let path = known.path_of(operation).map(str::to_owned);
            if let Some(path) = path {
                operation["path"] = toml_edit::value(path);
            }
        }
    }
    Ok(table.to_string())
}

/// The methods of OpenAPI, in the spelling of a path item.
const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];

/// The operations of a document, regardless of the names of path parameters.
pub(crate) struct Operations<'d>(HashMap<(String, String), &'d str>);

impl<'d> Operations<'d> {
    pub(crate) fn of(document: &'d Document) -> Self {
        let paths = Located::root(document).get("paths");
        let mut by_form = HashMap::new();
        for (path, item) in paths.iter().flat_map(Located::entries) {
            let target = item.target(document).and_then(Result::ok);
            let item = target.unwrap_or(item);
            for method in METHODS.iter().filter(|method| item.says(method).is_some()) {
                // If two templates have the same form, the first one counts.
                by_form
                    .entry(((*method).to_owned(), nameless(path)))
                    .or_insert(path);
            }
        }
        Self(by_form)
    }

    pub(crate) fn has(&self, operation: &Operation) -> bool {
        self.path(&operation.method, &operation.path).is_some()
    }

    /// The path of an entry of `pin.toml` in the document's spelling.
    fn path_of(&self, entry: &toml_edit::Table) -> Option<&'d str> {
        self.path(entry.get("method")?.as_str()?, entry.get("path")?.as_str()?)
    }

    fn path(&self, method: &str, path: &str) -> Option<&'d str> {
        self.0
            .get(&(method.to_ascii_lowercase(), nameless(path)))
            .copied()
    }
}

/// Removes the names of parameters from a path template.
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
