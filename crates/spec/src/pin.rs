use std::collections::{BTreeMap, HashMap};
use std::fs::File as StdFile;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::names::is_keyword;
use crate::{Error, ErrorKind, Source};

/// The content of `pin.toml`: the document from which the client is built, and the operations that are called.
#[derive(Debug, Clone)]
pub struct Pin {
    origin: String,
    text: String,
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

/// Maximum size of `pin.toml`, in bytes. A path may lead to an endless device or pipe.
const LARGEST: u64 = 1_000_000;

/// An operation that the client calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its method, in upper case.
    pub method: String,
    /// Its path template as written in the document.
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
    source: Spanned<String>,
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
    /// When the file cannot be read or is invalid. The error has the line.
    ///
    /// ```
    /// let pin = ratio_spec::Pin::read("../../spec/pin.toml")?;
    /// assert_eq!(pin.operations().len(), 7);
    /// # Ok::<(), ratio_spec::Error>(())
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let origin = path.display().to_string();
        let text = read_text(path, &origin)?;
        let mut pin = Self::parse(&origin, &text)?;
        path.parent()
            .unwrap_or(Path::new(""))
            .clone_into(&mut pin.directory);
        Ok(pin)
    }

    /// Parses the text of a `pin.toml`. `origin` is its name in messages.
    ///
    /// # Errors
    /// When it is invalid. The error has the line.
    ///
    /// ```
    /// let error = ratio_spec::Pin::parse("pin.toml", "[document]\nfile = 1").unwrap_err();
    /// assert_eq!(error.place(), "pin.toml:2");
    /// ```
    pub fn parse(origin: &str, text: &str) -> Result<Self, Error> {
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let line = |offset: usize| ends.partition_point(|end| *end < offset) + 1;
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
        if !is_digest(digest.get_ref()) {
            return Err(refuse(
                digest.span().start,
                format!("`sha256` is {:?}, not 64 lower-case hex digits", digest.get_ref()),
                "run `cargo xtask pin-spec` to write it",
            ));
        }

        let source = file.document.source;
        if may_hold_secret(source.get_ref()) {
            return Err(refuse(
                source.span().start,
                "`source` carries credentials, a query or a fragment, which may be secrets and would be built into the \
                 crate"
                    .to_owned(),
                "leave them out, and name the whole address with `cargo xtask pin-spec --from`",
            ));
        }
        if file.operation.is_empty() {
            let offset = text.find("operation").unwrap_or(0);
            return Err(refuse(
                offset,
                "no operation is named, so that there is nothing to call or to watch".to_owned(),
                "name at least one under `[[operation]]`",
            ));
        }
        let mut operations: Vec<Operation> = Vec::with_capacity(file.operation.len());
        let (mut by_name, mut by_place) = (HashMap::new(), HashMap::new());
        for entry in file.operation {
            let offset = entry.span().start;
            let OperationTable { method, path, name } = entry.into_inner();
            let operation = Operation {
                method: method.to_ascii_uppercase(),
                path,
                name,
                line: line(offset),
            };
            if let Some(problem) = method_name_problem(&operation.name) {
                return Err(refuse(
                    offset,
                    format!("the name {:?} {problem}", operation.name),
                    "give the Rust method a snake_case name of its own",
                ));
            }
            let same_name = by_name.insert(operation.name.clone(), operation.line);
            let place = (operation.method.clone(), operation.path.clone());
            let same_place = by_place.insert(place, operation.line);
            if let Some(twin) = same_name.or(same_place) {
                return Err(refuse(
                    offset,
                    format!("the operation is named already on line {twin}"),
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
            text: text.to_owned(),
            directory: PathBuf::new(),
            file: file.document.file,
            source: source.into_inner(),
            retrieved: file.document.retrieved,
            sha256: digest.into_inner(),
            etag: file.document.etag,
            operations,
            domain_types: file.domain_types,
            enum_names: file.enum_names,
        })
    }

    /// Verifies that `source` is the pinned document, byte for byte.
    ///
    /// # Errors
    /// When its SHA-256 differs. The error names the command that pins a new document.
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

    /// The text of `pin.toml`. It is kept because a pipe can be read only once.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The path of the pinned document, next to `pin.toml`.
    pub fn document(&self) -> PathBuf {
        self.directory.join(&self.file)
    }

    /// The URL at which the vendor serves the document.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The time at which the pinned document was fetched, in RFC 3339.
    pub fn retrieved(&self) -> &str {
        &self.retrieved
    }

    /// The SHA-256 of the pinned document, 64 lower-case hex digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The `ETag` of the pinned document from the vendor's server, for a conditional request.
    pub fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// The operations that the client calls, in the order of the file.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The Rust types of leaves. A key is `Schema.property`, or the name of a path parameter.
    pub fn domain_types(&self) -> &BTreeMap<String, String> {
        &self.domain_types
    }

    /// The Rust names of open enums. A key is `Schema.property`. Other open enums are named after their place.
    pub fn enum_names(&self) -> &BTreeMap<String, String> {
        &self.enum_names
    }
}

fn read_text(path: &Path, origin: &str) -> Result<String, Error> {
    let refuse = |kind, problem: String, mend: &str| Error::new(kind, origin, problem, mend);
    let io = |error: std::io::Error| {
        refuse(
            ErrorKind::Io,
            error.to_string(),
            "check the path and its permissions",
        )
    };
    let mut bytes = Vec::new();
    let file = StdFile::open(path).map_err(io)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > LARGEST {
        return Err(refuse(
            ErrorKind::Limit,
            format!("it is larger than {LARGEST} bytes"),
            "check that the path leads to a pin.toml",
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        refuse(
            ErrorKind::Pin,
            format!("not UTF-8 text after byte {valid}"),
            "check that the path leads to a pin.toml",
        )
    })
}

/// Whether an address has parts that do not identify a place and are used to pass secrets.
fn may_hold_secret(address: &str) -> bool {
    let after_scheme = address.split_once(':').map_or(address, |(_, rest)| rest);
    let authority = after_scheme.trim_start_matches(['/', '\\']);
    let authority = authority.split(['/', '\\']).next().unwrap_or_default();
    authority.contains('@') || address.contains(['?', '#'])
}

fn is_digest(text: &str) -> bool {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 64 && text.bytes().all(hex)
}

/// Methods that the generated client always has, or calls on itself.
pub(crate) const CLIENT_METHODS: [&str; 9] = [
    "api_version",
    "baseurl",
    "client",
    "exec",
    "inner",
    "new",
    "new_with_client",
    "post",
    "pre",
];

/// The reason why a Rust method cannot have this name, if there is one.
fn method_name_problem(name: &str) -> Option<&'static str> {
    // The generator normalizes any other spelling, so `get_a`, `get__a` and `get_a_` would become the same method.
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.split('_').all(is_word) {
        return Some("is not a snake_case Rust name");
    }
    if is_keyword(name) {
        return Some("is a keyword of Rust");
    }
    CLIENT_METHODS
        .contains(&name)
        .then_some("is that of a method which every generated client has")
}

fn is_pascal_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric())
        && !is_keyword(name)
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
    fn an_operation_is_called_what_its_method_can_be_called() {
        for (name, says) in [
            ("async", "keyword"),
            ("self", "keyword"),
            ("gen", "keyword"),
            ("ping_", "snake_case"),
            ("get__ping", "snake_case"),
            ("_", "snake_case"),
            ("new", "every generated client"),
            ("exec", "every generated client"),
        ] {
            let error = refused(&format!(
                "{DOCUMENT}{}",
                PING.replace("\"ping\"", &format!("{name:?}"))
            ));
            assert_eq!(error.place(), "pin.toml:6");
            assert!(error.to_string().contains(says), "{error}");
        }
        refused(&format!(
            "{DOCUMENT}{PING}[domain-types]\n\"userId\" = \"Self\"\n"
        ));
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

    #[test]
    fn a_pin_without_operations_is_refused_with_its_line() {
        let error = refused(&format!("operation = []\n{DOCUMENT}"));
        assert_eq!(error.place(), "pin.toml:1");
        assert!(error.to_string().contains("no operation is named"), "{error}");
        refused(DOCUMENT);
    }

    #[test]
    fn a_source_that_may_hold_a_secret_is_refused_and_not_repeated() {
        for secret in [
            "https://me:hunter2@a.example",
            "https:me:hunter2@a.example",
            "https://hunter2@a.example/x",
            "https://a.example?token=hunter2",
            "https://a.example/#hunter2",
        ] {
            let error = refused(&format!(
                "{}{PING}",
                DOCUMENT.replace("https://a.example", secret)
            ));
            assert_eq!(error.place(), "pin.toml:3");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        let path = DOCUMENT.replace("https://a.example", "https://a.example/@v1/docs");
        Pin::parse("pin.toml", &format!("{path}{PING}")).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_pin_that_never_ends_is_given_up() {
        assert_eq!(Pin::read("/dev/zero").unwrap_err().kind(), ErrorKind::Limit);
    }
}
