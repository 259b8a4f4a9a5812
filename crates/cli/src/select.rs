//! Selects the operations to compare, since a caller may use only ten of eight hundred.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::anyhow;
use openapi_document::view::{Operation, Operations, same_shape};
use openapi_document::{Document, Node};
use openapi_drift::Scope;
use ratio_spec::fetch::redacted;

use crate::exit::Failure;
use crate::files;

/// Which operations are compared; every one where nothing is said.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Operations")]
pub struct Selection {
    /// Compare this operation, such as 'GET /pets/{id}'; may be repeated
    #[arg(long = "operation", value_name = "OPERATION")]
    operations: Vec<Named>,
    /// Compare the operations that a file names: METHOD PATH on each line, or TOML with [[operation]] tables
    #[arg(long = "operations", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Compare the operations below a path, such as /v1/pets; may be repeated
    #[arg(long = "path-prefix", value_name = "PATH")]
    prefixes: Vec<String>,
    /// Compare the operations with this tag; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    tags: Vec<String>,
}

/// An operation by method and path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    method: String,
    path: String,
}

impl FromStr for Named {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (method, path) = text
            .trim()
            .split_once(char::is_whitespace)
            .ok_or("an operation is written METHOD PATH, such as 'GET /pets/{id}'")?;
        let path = path.trim();
        if !path.starts_with('/') {
            return Err("the path of an operation begins with /");
        }
        Ok(Self {
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
        })
    }
}

impl Named {
    fn is(&self, operation: &Operation<'_>) -> bool {
        self.method.eq_ignore_ascii_case(&operation.method) && same_shape(&self.path, &operation.path)
    }
}

impl Selection {
    /// Returns the selected operations of two documents.
    ///
    /// # Errors
    /// When the file cannot be read, or a selected operation is in neither document.
    pub fn scope(&self, base: &Document, revision: &Document) -> Result<Scope, Failure> {
        let mut named = self.operations.clone();
        named.extend(
            self.file
                .as_deref()
                .map(listed)
                .transpose()?
                .into_iter()
                .flatten(),
        );
        if named.is_empty() && self.prefixes.is_empty() && self.tags.is_empty() {
            return Ok(Scope::All);
        }
        let known = [Operations::of_paths(base), Operations::of_paths(revision)];
        let known: Vec<&Operation<'_>> = known.iter().flat_map(|it| &it.list).collect();
        self.refuse_unknown(&named, &known)?;
        let mut chosen: Vec<openapi_drift::Operation> = Vec::new();
        for operation in known {
            let is_chosen = named.iter().any(|it| it.is(operation))
                || self.prefixes.iter().any(|prefix| below(prefix, &operation.path))
                || tags(operation).any(|tag| self.tags.iter().any(|wanted| wanted == tag));
            let is_twin =
                |it: &openapi_drift::Operation| it.method == *operation.method && it.path == *operation.path;
            if is_chosen && !chosen.iter().any(is_twin) {
                chosen.push(openapi_drift::Operation {
                    method: operation.method.to_string(),
                    path: operation.path.to_string(),
                    name: operation.here.text("operationId").map(str::to_owned),
                });
            }
        }
        Ok(Scope::Operations(chosen))
    }

    /// Refuses a selection that matches no operation, because its author would believe that it is checked.
    fn refuse_unknown(&self, named: &[Named], known: &[&Operation<'_>]) -> Result<(), Failure> {
        let mut unknown: Vec<String> = Vec::new();
        for wanted in named
            .iter()
            .filter(|wanted| !known.iter().any(|it| wanted.is(it)))
        {
            let others: Vec<&str> = known
                .iter()
                .filter(|it| same_shape(&it.path, &wanted.path))
                .map(|it| &*it.method)
                .collect();
            let others = match others.first() {
                Some(method) => format!(" (the path has {method})"),
                None => String::new(),
            };
            unknown.push(format!("{} {}{others}", wanted.method, wanted.path));
        }
        let prefixes = self.prefixes.iter();
        let unmet = prefixes.filter(|prefix| !known.iter().any(|it| below(prefix, &it.path)));
        unknown.extend(
            unmet.map(|prefix| format!("--path-prefix {prefix} (it ends where a part of a path does)")),
        );
        let unmet = self
            .tags
            .iter()
            .filter(|tag| !known.iter().any(|it| tags(it).any(|own| own == *tag)));
        unknown.extend(unmet.map(|tag| format!("--tag {tag} (no operation has it, in this spelling)")));
        if unknown.is_empty() {
            return Ok(());
        }
        Err(Failure::usage(anyhow!("neither document has what was asked for"))
            .details(unknown)
            .hint(
                "write methods, paths and tags as the document does; names of path parameters do not matter",
            ))
    }
}

/// Whether a path equals the prefix or is below it: `/v1/pets` includes `/v1/pets/{id}` but not `/v1/petshop`.
fn below(prefix: &str, path: &str) -> bool {
    let prefix = prefix.trim_end_matches('/');
    path.strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
}

fn tags<'o>(operation: &'o Operation<'_>) -> impl Iterator<Item = &'o str> {
    let tags = operation.here.says("tags").into_iter();
    tags.flat_map(Node::items).filter_map(Node::as_str)
}

fn listed(path: &Path) -> Result<Vec<Named>, Failure> {
    let name = redacted(&path.display().to_string());
    let text = files::read_configuration(path).map_err(|error| Failure::usage(anyhow!("{name}: {error}")))?;
    let is_toml = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("toml"));
    let named = if is_toml { of_toml(&text) } else { of_lines(&text) };
    let named = named.map_err(|(line, error)| Failure::usage(anyhow!("{name}:{line}: {error}")))?;
    if named.is_empty() {
        return Err(Failure::usage(anyhow!("{name} names no operation")));
    }
    Ok(named)
}

/// Parses `METHOD PATH` on each line, with comments after `#`. The error is the number of the invalid line and the
/// reason.
fn of_lines(text: &str) -> Result<Vec<Named>, (usize, String)> {
    let lines = text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.split('#').next().unwrap_or_default().trim();
        (!line.is_empty()).then_some((index + 1, line))
    });
    let named = lines.map(|(number, line)| line.parse().map_err(|error: &str| (number, error.to_owned())));
    named.collect()
}

/// Parses the `method` and `path` of each `[[operation]]`, and ignores the rest of the file.
fn of_toml(text: &str) -> Result<Vec<Named>, (usize, String)> {
    #[derive(serde::Deserialize)]
    struct File {
        #[serde(default)]
        operation: Vec<toml::Spanned<Entry>>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        method: String,
        path: String,
    }
    let line = |offset: usize| text[..offset.min(text.len())].matches('\n').count() + 1;
    let file: File = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        (line(offset), error.message().replace('\n', " "))
    })?;
    let named = file.operation.into_iter().map(|entry| {
        let start = entry.span().start;
        let Entry { method, path } = entry.into_inner();
        format!("{method} {path}")
            .parse()
            .map_err(|error: &str| (line(start), error.to_owned()))
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::{Named, below, of_lines, of_toml};

    #[test]
    fn a_file_of_operations_is_lines_or_toml() {
        let both = [
            of_lines("# used\nGET /pets\n\npost /pets # new\n"),
            of_toml(
                "[other]\nx = 1\n[[operation]]\nmethod = \"GET\"\npath = \"/pets\"\nname = \"list\"\n[[operation]]\nmethod = \"post\"\npath = \"/pets\"\n",
            ),
        ];
        for named in both {
            let named: Vec<String> = named
                .unwrap()
                .iter()
                .map(|it| format!("{} {}", it.method, it.path))
                .collect();
            assert_eq!(named, ["GET /pets", "POST /pets"]);
        }
        assert_eq!(of_lines("GET /a\nGET\n").unwrap_err().0, 2);
        let table = "[[operation]]\nmethod = \"GET\"\npath = \"/a\"\n";
        // The line number of an entry is computed only for an error, so a long file is parsed quickly.
        assert_eq!(of_toml(&table.repeat(100_000)).unwrap().len(), 100_000);
        let wrong = table.repeat(2) + &table.replace("/a", "a");
        assert_eq!(of_toml(&wrong).unwrap_err().0, 7);
        assert_eq!(
            of_toml("[[operation]]\nmethod = \"GET\"\npath = \"a\"\n")
                .unwrap_err()
                .0,
            1
        );
    }

    #[test]
    fn a_prefix_ends_where_a_step_of_the_path_does() {
        for (prefix, path, holds) in [
            ("/v1/pets", "/v1/pets", true),
            ("/v1/pets/", "/v1/pets/{id}", true),
            ("/v1/pets", "/v1/pets:search", true),
            ("/v1/pets", "/v1/petshop", false),
            ("/", "/v1/pets", true),
        ] {
            assert_eq!(below(prefix, path), holds, "{prefix} {path}");
        }
    }

    #[test]
    fn an_operation_is_a_method_and_a_path() {
        let named = |text: &str| {
            text.parse::<Named>()
                .map(|it| format!("{} {}", it.method, it.path))
        };
        assert_eq!(named("get  /pets").as_deref(), Ok("GET /pets"));
        assert!(named("/pets").is_err());
        assert!(named("GET pets").is_err());
    }
}
