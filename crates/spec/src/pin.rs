use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::{Error, ErrorKind, Source};

/// What `pin.toml` says: which document the client is built from, and what of it is called.
#[derive(Debug, Clone)]
pub struct Pin {
    origin: String,
    directory: PathBuf,
    file: String,
    source: String,
    retrieved: String,
    sha256: String,
    etag: Option<String>,
    operations: Vec<Operation>,
    domain_types: BTreeMap<String, String>,
    enum_names: BTreeMap<String, String>,
}

/// One operation that the client calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its method, upper case.
    pub method: String,
    /// Its path template as the document writes it.
    pub path: String,
    /// The name of its Rust method.
    pub name: String,
    /// The line of `pin.toml` that names it.
    pub line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    document: DocumentTable,
    operation: Vec<Spanned<OperationTable>>,
    #[serde(default, rename = "domain-types")]
    domain_types: BTreeMap<String, String>,
    #[serde(default, rename = "enum-names")]
    enum_names: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentTable {
    file: String,
    source: String,
    retrieved: String,
    sha256: Spanned<String>,
    etag: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OperationTable {
    method: String,
    path: String,
    name: String,
}

impl Pin {
    /// Reads `pin.toml`.
    ///
    /// # Errors
    /// When the file cannot be read or says something that cannot be; the error names the line.
    ///
    /// ```
    /// let pin = ratio_spec::Pin::read("../../spec/pin.toml")?;
    /// assert_eq!(pin.operations().len(), 7);
    /// # Ok::<(), ratio_spec::Error>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let origin = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::new(
                ErrorKind::Io,
                &origin,
                error.to_string(),
                "check the path and its permissions",
            )
        })?;
        let mut pin = Self::parse(&origin, &text)?;
        path.parent()
            .unwrap_or(Path::new(""))
            .clone_into(&mut pin.directory);
        Ok(pin)
    }

    /// Parses the text of a `pin.toml` that came from `origin` (for messages).
    ///
    /// # Errors
    /// When it says something that cannot be; the error names the line.
    ///
    /// ```
    /// let error = ratio_spec::Pin::parse("pin.toml", "[document]\nfile = 1").unwrap_err();
    /// assert_eq!(error.place(), "pin.toml:2");
    /// ```
    pub fn parse(origin: &str, text: &str) -> Result<Self, Error> {
        let line = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
        let refuse = |offset: usize, problem: String, mend: &str| {
            Error::new(
                ErrorKind::Pin,
                format!("{origin}:{}", line(offset)),
                problem,
                mend,
            )
        };
        let file: File = toml::from_str(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            refuse(offset, error.message().replace('\n', " "), "mend this line")
        })?;

        let digest = file.document.sha256;
        let is_digest = |text: &str| {
            text.len() == 64
                && text
                    .bytes()
                    .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        };
        if !is_digest(digest.get_ref()) {
            return Err(refuse(
                digest.span().start,
                format!("`sha256` is {:?}, not 64 lower-case hex digits", digest.get_ref()),
                "run `cargo xtask pin-spec` to write it",
            ));
        }

        let mut operations: Vec<Operation> = Vec::with_capacity(file.operation.len());
        for entry in file.operation {
            let offset = entry.span().start;
            let OperationTable { method, path, name } = entry.into_inner();
            let operation = Operation {
                method: method.to_ascii_uppercase(),
                path,
                name,
                line: line(offset),
            };
            if !is_snake_case(&operation.name) {
                return Err(refuse(
                    offset,
                    format!("the name {:?} is not a snake_case Rust name", operation.name),
                    "give the Rust method a snake_case name",
                ));
            }
            if let Some(twin) = operations.iter().find(|other| {
                other.name == operation.name
                    || (other.method == operation.method && other.path == operation.path)
            }) {
                return Err(refuse(
                    offset,
                    format!("the operation is named already on line {}", twin.line),
                    "remove one of the two, or rename it",
                ));
            }
            operations.push(operation);
        }

        for (key, name) in file.domain_types.iter().chain(&file.enum_names) {
            if !is_pascal_case(name) {
                let offset = text
                    .find(&format!("\"{key}\""))
                    .or_else(|| text.find(key.as_str()))
                    .unwrap_or(0);
                return Err(refuse(
                    offset,
                    format!("{name:?} is not the PascalCase name of a Rust type"),
                    "name a type",
                ));
            }
        }

        Ok(Self {
            origin: origin.to_owned(),
            directory: PathBuf::new(),
            file: file.document.file,
            source: file.document.source,
            retrieved: file.document.retrieved,
            sha256: digest.into_inner(),
            etag: file.document.etag,
            operations,
            domain_types: file.domain_types,
            enum_names: file.enum_names,
        })
    }

    /// Says whether `source` is the pinned document, byte for byte.
    ///
    /// # Errors
    /// When its SHA-256 is another; the error names the command that mends it.
    ///
    /// ```
    /// use ratio_spec::{Pin, Source};
    ///
    /// let pin = Pin::read("../../spec/pin.toml")?;
    /// pin.verify(&Source::read(pin.document())?)?;
    /// let other = pin.verify(&Source::from_bytes("other.json", b"{}".to_vec())?).unwrap_err();
    /// assert!(other.to_string().contains("cargo xtask pin-spec"));
    /// # Ok::<(), ratio_spec::Error>(())
    /// ```
    pub fn verify(&self, source: &Source) -> Result<(), Error> {
        if source.sha256() == self.sha256 {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Digest,
            source.origin(),
            format!(
                "its sha256 is {}, but {} pins {}",
                source.sha256(),
                self.origin,
                self.sha256
            ),
            "restore the pinned document, or run `cargo xtask pin-spec` to pin this one",
        ))
    }

    /// The path of `pin.toml` itself, for messages.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The path of the pinned document, beside `pin.toml`.
    pub fn document(&self) -> PathBuf {
        self.directory.join(&self.file)
    }

    /// The URL the vendor serves the document at.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// When the pinned document was fetched, RFC 3339.
    pub fn retrieved(&self) -> &str {
        &self.retrieved
    }

    /// The SHA-256 of the pinned document, 64 lower-case hex digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The tag that the vendor's server gave the pinned document, to ask by whether it changed.
    pub fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// The operations that the client calls, in the file's order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The Rust type of a leaf: `Schema.property`, or a path parameter's name.
    pub fn domain_types(&self) -> &BTreeMap<String, String> {
        &self.domain_types
    }

    /// The Rust name of an open enum: `Schema.property`. Unnamed ones are called after their place.
    pub fn enum_names(&self) -> &BTreeMap<String, String> {
        &self.enum_names
    }
}

fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn is_pascal_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "[document]\nfile = \"a.json\"\nsource = \"https://a.example\"\nretrieved = \"2022-11-30T00:00:00Z\"\nsha256 = \"d8bda5bf6d985584c802883842a92bf39c86068bca1522357b532188c3c78c5b\"\n";
    const PING: &str = "[[operation]]\nmethod = \"get\"\npath = \"/ping\"\nname = \"ping\"\n";

    fn refused(text: &str) -> Error {
        let error = Pin::parse("pin.toml", text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Pin);
        error
    }

    #[test]
    fn an_operation_knows_its_line_and_its_method_is_upper_case() {
        let pin = Pin::parse("pin.toml", &format!("{DOCUMENT}{PING}")).unwrap();
        assert_eq!(pin.operations()[0].line, 6);
        assert_eq!(pin.operations()[0].method, "GET");
    }

    #[test]
    fn the_same_operation_twice_is_refused_with_both_lines() {
        let error = refused(&format!("{DOCUMENT}{PING}{PING}"));
        assert_eq!(error.place(), "pin.toml:10");
        assert!(error.to_string().contains("line 6"), "{error}");
    }

    #[test]
    fn a_digest_that_is_none_is_refused() {
        let error = refused(&format!("{}{PING}", DOCUMENT.replace("d8bd", "D8BD")));
        assert_eq!(error.place(), "pin.toml:5");
        assert!(error.to_string().contains("pin-spec"), "{error}");
    }

    #[test]
    fn a_misspelt_key_and_a_name_that_is_no_rust_name_are_refused() {
        assert_eq!(
            refused(&format!("{DOCUMENT}{}", PING.replace("path", "paht"))).kind(),
            ErrorKind::Pin
        );
        refused(&format!("{DOCUMENT}{}", PING.replace("\"ping\"", "\"Ping!\"")));
        let types = format!("{DOCUMENT}{PING}[domain-types]\n\"userId\" = \"user id\"\n");
        assert_eq!(refused(&types).place(), "pin.toml:11");
    }
}
