//! Repairs what the generator cannot handle in a document, with one named pass for each problem.
#![expect(
    clippy::unnecessary_wraps,
    reason = "every pass has one signature, so that they make a list"
)]

mod answers;
mod leaves;
mod operations;
pub(crate) mod schemas;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::names;
use crate::pin::Pin;
use crate::select::{is_method, prune, refuse_other_formats};
use crate::source::Source;
use crate::{Error, ErrorKind};

/// A document that is ready for the generator, with the results of the passes.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(crate) document: Value,
    pub(crate) origin: String,
    operations: Vec<PreparedOperation>,
    open_enums: Vec<OpenEnum>,
    pub(crate) domain_types: Vec<String>,
}

/// One operation of a [`Prepared`] document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedOperation {
    /// The name of its Rust method.
    pub name: String,
    /// Its method, in upper case.
    pub method: String,
    /// Its path template.
    pub path: String,
    /// The statuses that the document declares for it, in ascending order, without `default` and ranges.
    pub statuses: Vec<u16>,
}

/// An enum in responses, to which the vendor may add values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenEnum {
    /// The name of its Rust type.
    pub name: String,
    /// Its description, which may be empty.
    pub description: String,
    /// The values known at the pin, in the document's order.
    pub values: Vec<String>,
}

/// A named step of [`prepare`].
pub struct Pass {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// The problem that it solves.
    pub answers: &'static str,
    run: fn(&mut Draft<'_>) -> Result<(), Error>,
}

/// The passes, in the order in which they run.
pub const PASSES: &[Pass] = &[
    Pass {
        name: "name-operations",
        answers: "the vendor gives no operationId, which the generator needs",
        run: operations::name,
    },
    Pass {
        name: "drop-client-headers",
        answers: "headers that the client sets itself are declared as parameters of every operation",
        run: operations::drop_client_headers,
    },
    Pass {
        name: "empty-204",
        answers: "a body declared for a status that never has one fails on the real, empty answer",
        run: answers::empty_204,
    },
    Pass {
        name: "json-answers",
        answers: "the generator reads `application/json` alone, not its `+json` relatives",
        run: answers::json_media_types,
    },
    Pass {
        name: "one-answer-type",
        answers: "the generator panics when an operation has two success or two error types",
        run: answers::one_type,
    },
    Pass {
        name: "drop-titles",
        answers: "inline schemas of one title would become one type, whatever they hold",
        run: schemas::drop_titles,
    },
    Pass {
        name: "drop-generator-extensions",
        answers: "`x-dropshot-…` on an operation makes the generator write code that needs other crates",
        run: operations::drop_generator_extensions,
    },
    Pass {
        name: "unique-enum-values",
        answers: "a value that an `enum` lists twice would be a variant twice",
        run: schemas::unique_enum_values,
    },
    Pass {
        name: "enum-to-items",
        answers: "an `enum` on an array is meant for its items, and the generator refuses it",
        run: schemas::enum_to_items,
    },
    Pass {
        name: "loosen",
        answers: "formats and bounds turn into validation that fails a whole answer, and pull in dependencies",
        run: schemas::loosen,
    },
    Pass {
        name: "null-is-absent",
        answers: "a required property that may be null fails as `null`; as an optional one it does not",
        run: schemas::null_is_absent,
    },
    Pass {
        name: "open-enums",
        answers: "one new value of an enum would fail the whole answer",
        run: leaves::open_enums,
    },
    Pass {
        name: "domain-types",
        answers: "tokens and ids are plain strings, which can be mixed up and printed",
        run: leaves::domain_types,
    },
    Pass {
        name: "prune",
        answers: "a schema that nothing refers to any more would still be generated",
        run: |draft| prune(draft.source, &mut draft.document),
    },
];

/// The state on which the passes work.
struct Draft<'a> {
    source: &'a Source,
    pin: &'a Pin,
    document: Value,
    open_enums: Vec<OpenEnum>,
    domain_types: Vec<String>,
    /// The components that passes added, with the JSON pointers for which they stand.
    added: BTreeMap<String, String>,
}

/// Runs all [`PASSES`] on the output of [`select`](crate::select).
///
/// # Errors
/// When the document is not OpenAPI 3.0, or `pin.toml` gives a type to a property that the document does not have. Also
/// when two schemas, or two parameters of one operation, would have the same name in Rust; the error then has both
/// places.
///
/// ```
/// use ratio_spec::{Pin, Source, prepare, select};
///
/// let pin = Pin::read("../../spec/pin.toml")?;
/// let source = Source::read(pin.document())?;
/// let prepared = prepare(&source, select(&source, &pin)?, &pin)?;
/// assert_eq!(prepared.operations()[0].name, "request_bank_link");
/// assert!(prepared.open_enums().iter().any(|open| open.name == "LinkStatus"));
/// # Ok::<(), ratio_spec::Error>(())
/// ```
pub fn prepare(source: &Source, mut selected: Value, pin: &Pin) -> Result<Prepared, Error> {
    check_version(source)?;
    // The names must not depend on whether `serde_json` keeps or sorts the keys.
    selected.sort_all_objects();
    let operations = pin
        .operations()
        .iter()
        .map(|operation| declared(&selected, operation))
        .collect();
    let mut draft = Draft {
        source,
        pin,
        document: selected,
        open_enums: Vec::new(),
        domain_types: Vec::new(),
        added: BTreeMap::new(),
    };
    for pass in PASSES {
        (pass.run)(&mut draft)?;
    }
    names::check(&draft.document, &draft.added).map_err(|problem| problem.of(source.origin()))?;
    Ok(Prepared {
        document: draft.document,
        origin: source.origin().to_owned(),
        operations,
        open_enums: draft.open_enums,
        domain_types: draft.domain_types,
    })
}

impl Prepared {
    /// The document for the generator.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Its operations, in the pin's order.
    pub fn operations(&self) -> &[PreparedOperation] {
        &self.operations
    }

    /// The path or URL of its origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The domain types to which its leaves refer.
    pub fn domain_types(&self) -> &[String] {
        &self.domain_types
    }

    /// Its open enums, sorted by name.
    pub fn open_enums(&self) -> &[OpenEnum] {
        &self.open_enums
    }
}

fn check_version(source: &Source) -> Result<(), Error> {
    refuse_other_formats(source)?;
    match source.root().text("openapi") {
        Some(version) if version != "3.0" && !version.starts_with("3.0.") => Err(Error::new(
            ErrorKind::NotOpenApi,
            source.place("/openapi"),
            format!("it is OpenAPI {version}; code is generated from OpenAPI 3.0 alone"),
            "pin a document of version 3.0, or convert this one",
        )),
        _ => Ok(()),
    }
}

fn declared(selected: &Value, operation: &crate::Operation) -> PreparedOperation {
    let responses =
        &selected["paths"][&operation.path][operation.method.to_ascii_lowercase().as_str()]["responses"];
    let mut statuses: Vec<u16> = responses
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(status, _)| status.parse().ok())
        .collect();
    statuses.sort_unstable();
    PreparedOperation {
        name: operation.name.clone(),
        method: operation.method.clone(),
        path: operation.path.clone(),
        statuses,
    }
}

impl Draft<'_> {
    /// Visits every operation of the document.
    fn each_operation(&mut self, mut visit: impl FnMut(&mut Value)) {
        for item in self.document["paths"]
            .as_object_mut()
            .into_iter()
            .flat_map(|paths| paths.values_mut())
        {
            for (key, operation) in item.as_object_mut().into_iter().flatten() {
                if is_method(key) {
                    visit(operation);
                }
            }
        }
    }

    /// Visits every schema of the document with its JSON pointer, inner schemas first, so that a visitor may replace
    /// the schema.
    fn each_schema(&mut self, mut visit: impl FnMut(&str, &mut Value)) {
        schemas::each(&mut self.document, &mut visit);
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// Runs one pass on the document, after the test's operations were selected.
    pub(crate) fn run(name: &str, document: &Value, pin: &str) -> Result<(Value, Vec<OpenEnum>), Error> {
        let source = Source::from_bytes("doc.json", document.to_string().into_bytes())?;
        let head = format!(
            "[document]\nfile = \"doc.json\"\nsource = \"https://d.example\"\nretrieved = \"now\"\nsha256 = \"{}\"\n",
            source.sha256()
        );
        let pin = Pin::parse("pin.toml", &format!("{head}{pin}"))?;
        let document = source.to_value();
        let mut draft = Draft {
            source: &source,
            pin: &pin,
            document,
            open_enums: vec![],
            domain_types: vec![],
            added: BTreeMap::new(),
        };
        let pass = PASSES
            .iter()
            .find(|pass| pass.name == name)
            .expect("a pass of that name");
        (pass.run)(&mut draft)?;
        Ok((draft.document, draft.open_enums))
    }

    pub(crate) const GET_A: &str = "[[operation]]\nmethod = \"GET\"\npath = \"/a\"\nname = \"read_a\"\n";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(document: &str) -> Error {
        let source = Source::from_bytes("doc.json", document.as_bytes().to_vec()).unwrap();
        let pin = Pin::read("../../spec/pin.toml").unwrap();
        prepare(&source, source.to_value(), &pin).unwrap_err()
    }

    #[test]
    fn other_kinds_of_documents_are_told_apart() {
        for (document, says) in [
            (r#"{"swagger": "2.0"}"#, "Swagger"),
            (r#"{"openapi": "3.1.0"}"#, "OpenAPI 3.1.0"),
            (r#"{"openapi": 3}"#, "not an OpenAPI document"),
            ("{}", "not an OpenAPI document"),
        ] {
            let error = prepared(document);
            assert_eq!(error.kind(), ErrorKind::NotOpenApi);
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn every_pass_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = PASSES.iter().map(|pass| pass.name).collect();
        assert_eq!(names.len(), PASSES.len());
    }
}
